/*
 * cipher.h - block ciphers: triple DES and AES, in whole blocks, without any
 * padding. Source: NIST SP 800-67, FIPS 197, SP 800-38A.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_CRYPTO_CIPHER_H
#define VICC_CRYPTO_CIPHER_H

#include <vicc/bytes.h>
#include <vicc/names.h>

VICC_DECLS

#define CIPHER_BLOCK_MAX 16
#define CIPHER_KEY_MAX 32

enum cipher_alg {
    CIPHER_DES, /* keys of 8 (single), 16 or 24 bytes; parity is not looked at
                 */
    CIPHER_AES, /* keys of 16, 24 or 32 bytes */
};

enum cipher_mode {
    CIPHER_ECB,
    CIPHER_CBC,
};

/* How to run one; all is borrowed. */
struct cipher {
    enum cipher_alg alg;
    enum cipher_mode mode;
    struct bytes key;
    struct bytes iv; /* CBC: one block, or empty for zeros; ECB: empty */
};

/* Bytes of a block: 8 or 16. */
size_t cipher_block(enum cipher_alg alg);

/* A key of that many bytes can be used. */
bool cipher_takes_key(enum cipher_alg alg, size_t n);

/*
 * Append as many bytes as `in` has, which may stand where they are appended.
 * Return 0; -EINVAL if `in`, key or IV has a wrong length; -ENOBUFS; or -EIO
 * when the library fails.
 */
int cipher_encrypt(const struct cipher *cipher, struct bytes in,
                   struct buf *out);
int cipher_decrypt(const struct cipher *cipher, struct bytes in,
                   struct buf *out);

/* ISO/IEC 9797-1 padding method 2: 80, and 00 up to a whole block. */
void cipher_pad(struct buf *b, size_t from, size_t block);

/*
 * What stands before such a padding; false if there is none. Takes the same
 * time wherever in the last block the padding begins.
 */
bool cipher_unpad(struct bytes padded, size_t block, struct bytes *plain);

VICC_DECLS_END

#endif
