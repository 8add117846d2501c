/*
 * wipe.c - secrets: forgetting them, and comparing them in constant time.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/wipe.h>

void
wipe(void *p, size_t n)
{
    if (n != 0)
        explicit_bzero(p, n);
}

bool
equal_ct(struct bytes a, struct bytes b)
{
    volatile uint8_t differs = 0;
    size_t i;

    if (a.n != b.n)
        return false;
    for (i = 0; i < a.n; i++)
        differs |= (uint8_t)(a.p[i] ^ b.p[i]);
    return differs == 0;
}
