/*
 * exchange.h - a fresh card, and commands that it must answer as a table
 * says.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TESTS_EXCHANGE_H
#define TESTS_EXCHANGE_H

#include <vicc/card.h>

struct exchange {
    const char *name;
    const char *command;  /* hexadecimal digits; NULL: a warm reset */
    const char *expected; /* likewise; xx: any byte, ...: all up to SW1-SW2 */
};

/*
 * A card of `type`, powered, with options "NAME=VALUE,NAME=VALUE" or "". Its
 * random bytes count 00 01 02 ... from the making of the card.
 */
struct card *fresh_card(const struct card_type *type, const char *options);

/* Makes the card's random source fail, or work again. */
void random_fails(bool fails);

/* One response, borrowed until the next call; what every response must be. */
struct bytes transmit(struct card *card, struct bytes command);

/* Frees what the last call kept; without, it is freed by the next. */
void forget_transmitted(void);

/* The same for hexadecimal digits. */
struct bytes transmit_hex(struct card *card, const char *command);

/* Only SW1-SW2 of the response. */
uint16_t transmit_sw(struct card *card, const char *command);

/* Likewise, with no allocation but the card's own. */
uint16_t transmit_alone(struct card *card, const char *command);

/* Fails, naming the exchange, at the first response that is not expected. */
void run_exchanges(struct card *card, const struct exchange *list,
                   size_t count);
#define RUN(card, list) run_exchanges(card, list, COUNT(list))

/* All of a list on a fresh card that is gone again afterwards. */
#define RUN_FRESH(type, options, list)                                         \
    run_fresh(type, options, list, COUNT(list))
void run_fresh(const struct card_type *type, const char *options,
               const struct exchange *list, size_t count);

/*
 * Appends a command: header as hexadecimal digits, nc data bytes that count
 * from `first`, and ne; short fields if they can hold both.
 */
void put_command(struct buf *out, const char *header, size_t nc, uint8_t first,
                 size_t ne);

#endif
