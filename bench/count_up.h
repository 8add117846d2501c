/*
 * count_up.h - the random bytes of cards that are measured: the same in each
 * run, and no time.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COUNT_UP_H
#define COUNT_UP_H

#include <stddef.h>
#include <stdint.h>

static inline int
count_up(void *ctx, uint8_t *p, size_t n)
{
    static uint8_t next;

    (void)ctx;
    while (n-- > 0)
        *p++ = next++;
    return 0;
}

#endif
