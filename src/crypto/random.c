/*
 * random.c - random bytes for keys, nonces and salts.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "crypto/random.h"

#include <errno.h>
#include <limits.h>
#include <openssl/rand.h>

int
random_fill(uint8_t *p, size_t n)
{
    return n <= INT_MAX && RAND_bytes(p, (int)n) == 1 ? 0 : -EIO;
}
