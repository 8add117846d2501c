/*
 * vector.h - test vectors as hexadecimal digits.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TESTS_VECTOR_H
#define TESTS_VECTOR_H

#include <stdlib.h>

#include <vicc/hex.h>

#include "unit.h"

/* The bytes that `text` spells, one of the last 32 asked for. */
static inline struct bytes
hex(const char *text)
{
    static uint8_t rooms[32][4096];
    static size_t next;
    struct buf b = BUF(rooms[next++ % 32]);

    assert_true(hex_parse(text, strlen(text), &b) && !b.overrun);
    return buf_bytes(&b);
}

/* Fails unless they are equal, showing both. */
static inline void
assert_bytes(struct bytes actual, struct bytes expected)
{
    assert_int_equal(actual.n, expected.n);
    if (expected.n != 0)
        assert_memory_equal(actual.p, expected.p, expected.n);
}

#endif
