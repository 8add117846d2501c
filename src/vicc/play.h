/*
 * play.h - runs an APDU script against a card, without a reader between.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_PLAY_H
#define VICC_PLAY_H

#include "script/script.h"
#include "vicc/contact.h"

enum play_result {
    PLAY_OK,
    PLAY_MISMATCH, /* the card said something else: play_actual() */
    PLAY_MASKED,   /* the line hides bytes, so it cannot be run */
    PLAY_GONE,     /* the card is not there any more */
};

struct play;

/*
 * Powers the card. Borrows card and observer (may be NULL) until play_free().
 * Returns 0, -ENOMEM, or -ENODEV.
 */
int play_new(struct card *card, const struct host_observer *observer,
             struct play **out);

/* Puts a middleman before the card; borrowed until play_free(). */
void play_set_mitm(struct play *play, struct mitm *mitm);

/* Carries out, or checks, one line of a script. */
enum play_result play_line(struct play *play, const struct script_line *line);

/*
 * The last command and its response, and what the last check looked at
 * (that response, or the ATR); borrowed until the next play_line().
 */
struct bytes play_command(const struct play *play);
struct bytes play_response(const struct play *play);
struct bytes play_actual(const struct play *play);

/* Accepts NULL; switches the card off. */
void play_free(struct play **play);

#endif
