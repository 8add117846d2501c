/*
 * fuzz.h - what each target has: its function, assertions whatever the build,
 * and random bytes for its cards.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

#undef NDEBUG /* the assertions are the test */
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Of a card_env: counts on from the uint8_t that is its ctx. */
static inline int
count_up(void *ctx, uint8_t *p, size_t n)
{
    uint8_t *next = ctx;

    while (n-- > 0)
        *p++ = (*next)++;
    return 0;
}

#endif
