/*
 * one_card.h - the card of a file of tests, an ISO 7816 one made afresh for
 * each of them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TESTS_ONE_CARD_H
#define TESTS_ONE_CARD_H

#include <stdio.h>

#include <vicc/types.h>

#include "exchange.h"

static struct card *card;

static inline int
setup(void **state)
{
    (void)state;
    card = fresh_card(&iso7816_card, "");
    return 0;
}

static inline int
teardown(void **state)
{
    (void)state;
    card_free(&card);
    return 0;
}

/* SW1-SW2 of a command with a number in it. */
static inline uint16_t
send(const char *format, unsigned value)
{
    char command[128];

    snprintf(command, sizeof(command), format, value);
    return transmit_sw(card, command);
}

#endif
