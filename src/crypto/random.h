/*
 * random.h - random bytes for keys, nonces and salts.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef CRYPTO_RANDOM_H
#define CRYPTO_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Where random bytes come from; fill() returns 0 or -errno. */
struct random_source {
    int (*fill)(void *ctx, uint8_t *p, size_t n);
    void *ctx;
};

/* That of the library. */
extern const struct random_source random_library;

/* Fills p with n random bytes; 0, or -EIO when the library has none. */
int random_fill(uint8_t *p, size_t n);

#endif
