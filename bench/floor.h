/*
 * floor.h - the answer of the floors: the null driver and the echo card.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef FLOOR_H
#define FLOOR_H

#include <stddef.h>
#include <stdint.h>

#define FLOOR_DATA_MAX 65533 /* with SW1-SW2, what the wire carries */

/*
 * 9000, after as many bytes as READ BINARY asks for by its Le, whatever they
 * are. Returns the length; `out` has room for that.
 */
static inline size_t
floor_answer(const uint8_t *apdu, size_t n, uint8_t *out)
{
    size_t le = 0;

    if (n == 5 && apdu[1] == 0xB0)
        le = apdu[4] == 0 ? 256 : apdu[4];
    else if (n == 7 && apdu[1] == 0xB0)
        le = (size_t)(apdu[5] << 8 | apdu[6]);
    if (n == 7 && apdu[1] == 0xB0 && (le == 0 || le > FLOOR_DATA_MAX))
        le = FLOOR_DATA_MAX;
    out[le] = 0x90;
    out[le + 1] = 0x00;
    return le + 2;
}

#endif
