/*
 * scrypt.h - a key from a passphrase, RFC 7914: slow and large on purpose, so
 * that guessing passphrases is.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef CRYPTO_SCRYPT_H
#define CRYPTO_SCRYPT_H

#include <vicc/bytes.h>

/* It takes 128 * r * n bytes of memory. */
struct scrypt_cost {
    uint64_t n; /* a power of two */
    uint32_t r;
    uint32_t p;
};

/* Fills `key` from its beginning; 0, or -EIO when the library refuses. */
int scrypt_derive(struct bytes passphrase, struct bytes salt,
                  struct scrypt_cost cost, uint8_t *key, size_t key_n);

#endif
