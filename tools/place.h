/*
 * place.h - where a card goes: the reader of a host, or, for vicc apdu, just
 * this program. Passes on when a relayed card leaves and returns.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TOOLS_PLACE_H
#define TOOLS_PLACE_H

#include <pthread.h>

#include <vicc/card.h>

#include "vicc/host.h"

struct place {
    struct card_place place;
    struct host *host; /* NULL: none */
    const char *label; /* in front of what is said of the card, or NULL */
    pthread_mutex_t lock;
    pthread_cond_t change;
    bool absent;
};

/*
 * Begins the card's own doings (card_begin()), in the place, which stays until
 * the card is freed. host, if there is one, has its address already. Returns 0
 * or the exit code, having said why.
 */
int place_begin(struct place *place, struct card *card, struct host *host,
                const char *label);

/* Until the card is there. */
void place_wait(struct place *place);

#endif
