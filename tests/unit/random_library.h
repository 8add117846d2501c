/*
 * random_library.h - the random bytes of the library, as keys are made of.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TESTS_RANDOM_LIBRARY_H
#define TESTS_RANDOM_LIBRARY_H

#include <vicc/crypto/pkey.h>

#include "crypto/random.h"

static inline int
random_library_fill(void *ctx, uint8_t *p, size_t n)
{
    (void)ctx;
    return random_fill(p, n);
}

static const struct random_source random_library = {random_library_fill, NULL};

#endif
