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

/* Fills p with n random bytes; 0, or -EIO when the library has none. */
int random_fill(uint8_t *p, size_t n);

#endif
