/*
 * scrypt.c - a key from a passphrase.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "crypto/scrypt.h"

#include <errno.h>
#include <openssl/evp.h>

/* Besides the large block there are some small ones. */
#define MEMORY_OVERHEAD (1u << 20)

int
scrypt_derive(struct bytes passphrase, struct bytes salt,
              struct scrypt_cost cost, uint8_t *key, size_t key_n)
{
    uint64_t memory = 128 * cost.n * cost.r + MEMORY_OVERHEAD;

    return EVP_PBE_scrypt((const char *)passphrase.p, passphrase.n, salt.p,
                          salt.n, cost.n, cost.r, cost.p, memory, key,
                          key_n) == 1
               ? 0
               : -EIO;
}
