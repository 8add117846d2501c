/*
 * aead.h - AES-256-GCM, NIST SP 800-38D: bytes that nobody without the key
 * can read, or change unnoticed.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_CRYPTO_AEAD_H
#define VICC_CRYPTO_AEAD_H

#include <vicc/bytes.h>
#include <vicc/names.h>

VICC_DECLS

#define AEAD_KEY_SIZE 32
#define AEAD_NONCE_SIZE 12
#define AEAD_TAG_SIZE 16
#define AEAD_OVERHEAD (AEAD_NONCE_SIZE + AEAD_TAG_SIZE)

/*
 * Appends a random nonce, `plain` encrypted and the tag over it and `aad`:
 * AEAD_OVERHEAD bytes more than it has. Returns 0, -ENOBUFS, or -EIO when
 * the library fails.
 */
int aead_seal(const uint8_t key[AEAD_KEY_SIZE], struct bytes aad,
              struct bytes plain, struct buf *out);

/* Appends what was sealed; false, with nothing appended, if anything differs.
 */
bool aead_open(const uint8_t key[AEAD_KEY_SIZE], struct bytes aad,
               struct bytes sealed, struct buf *out);

VICC_DECLS_END

#endif
