/*
 * middleman.h - a middleman between a reader and a card: a program of anybody's
 * that is told each APDU as a line, and says in a line what shall become of
 * it. vicc-relay(7) has the lines.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_MIDDLEMAN_H
#define VICC_MIDDLEMAN_H

#include <vicc/card.h>
#include <vicc/mitm.h>

/* "> " or "< ", the digits, and the end of the line. */
#define MITM_LINE_MAX (2 + 3 * CARD_RESPONSE_MAX + 1)

/*
 * Reads a line without its end, said about a command (`is_command`) or a
 * response: "> BYTES" and "< BYTES" replace what `apdu` held, "! drop" empties
 * it. False, with apdu empty, for anything else.
 */
bool mitm_parse(const char *text, size_t n, bool is_command, struct buf *apdu,
                enum vicc_mitm *verdict);

/* Writes such a line, with its end. */
void mitm_put(struct buf *line, bool is_command, struct bytes apdu);

struct mitm;

struct mitm_settings {
    char *const *argv; /* of the program, looked for in PATH */
    const char *name;  /* for messages */
    int timeout_ms;    /* for each line */
    /* Told once, when it has failed; one line without its end. */
    void (*failed)(void *ctx, const char *why);
    void *ctx;
};

/*
 * Starts the program. Borrows the settings' strings and ctx until
 * mitm_free(). Returns 0 or -errno.
 */
int mitm_new(const struct mitm_settings *settings, struct mitm **out);

/*
 * Asks what becomes of a command, or of a response, and puts it into `apdu`,
 * replacing what that held; the two may not overlap. False if the middleman
 * has failed, now or before; `failed` has been told why.
 */
bool mitm_ask(struct mitm *mitm, bool is_command, struct bytes in,
              struct buf *apdu, enum vicc_mitm *verdict);

/* Room for one APDU, of the caller's. */
struct buf *mitm_room(struct mitm *mitm);

/* Ends the program, by the end of its input, else by force. Accepts NULL. */
void mitm_free(struct mitm **mitm);

#endif
