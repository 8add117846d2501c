/*
 * contact.h - a card on its contacts: powered or not, and watched. The host
 * drives it from the wire, play.h from a script.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_CONTACT_H
#define VICC_CONTACT_H

#include "vicc/host.h"

struct contact {
    struct card *card;
    struct mitm *mitm; /* between us and the card; NULL: nobody */
    const struct host_observer *see;
    bool powered;
    bool atr_due; /* the observer has not been told since power-up */
    bool unseen;  /* the observer is told by somebody else */
};

/* Borrows both; observer may be NULL. The card is not powered. */
void contact_init(struct contact *contact, struct card *card,
                  const struct host_observer *observer);

/* 0 or -ENODEV. A reset of a card without power powers it. */
int contact_power(struct contact *contact, enum card_power power);

/* The ATR, with or without power; borrowed until the next call. */
struct bytes contact_atr(struct contact *contact);

/*
 * Runs one command, powering the card first if nobody has; the response
 * replaces what `response` held, and is empty if a middleman has dropped it.
 * 0 or -ENODEV.
 */
int contact_transmit(struct contact *contact, struct bytes command,
                     struct buf *response);

/*
 * Hears one message of the wire, vpcd(7): power, Get ATR or a command. The
 * answer, empty where the wire has none, replaces what `answer` held. 0 or
 * -ENODEV.
 */
int contact_hear(struct contact *contact, struct bytes message,
                 struct buf *answer);

#endif
