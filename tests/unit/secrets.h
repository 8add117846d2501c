/*
 * secrets.h - does a card leave secret bytes in memory that it gives back? It
 * goes with memory.h, and a test links secrets_dep.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TESTS_SECRETS_H
#define TESTS_SECRETS_H

#include "exchange.h"

#define SECRET_SIZE 6 /* bytes of each, which stand nowhere by chance */

struct secrets {
    const uint8_t (*bytes)[SECRET_SIZE];
    size_t count;  /* to 32 */
    unsigned kept; /* bit n: number n is on the card in the end */
};

/*
 * Runs `list` on the card that `make` makes, then frees it: no block that was
 * freed on the way holds any of the secrets.
 */
void check_secrets(struct card *(*make)(void), const struct exchange *list,
                   size_t count, const struct secrets *secrets);

#endif
