/*
 * exact.h - input in a heap block of exactly its size, so that valgrind and
 * AddressSanitizer notice whoever reads on.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TESTS_EXACT_H
#define TESTS_EXACT_H

#include <stdlib.h>

#include <vicc/bytes.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A copy of `b`; the caller releases it. */
static inline struct bytes
exact(struct bytes b)
{
    uint8_t *p = malloc(b.n);

    if (b.n != 0)
        memcpy(p, b.p, b.n);
    return bytes_of(p, b.n);
}

static inline void
release(struct bytes b)
{
    free((void *)b.p);
}

#endif
