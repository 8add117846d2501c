/*
 * mac.h - message authentication codes.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_CRYPTO_MAC_H
#define VICC_CRYPTO_MAC_H

#include <vicc/bytes.h>
#include <vicc/crypto/digest.h>
#include <vicc/names.h>

VICC_DECLS

#define MAC_RETAIL_SIZE 8
#define MAC_CMAC_SIZE 16

enum mac_padding {
    MAC_PAD_NONE, /* the message is whole blocks, at least one */
    MAC_PAD_80,   /* ISO/IEC 9797-1 padding method 2 */
};

/*
 * All append the whole code and return 0; -EINVAL if the key or the message
 * has a wrong length; -ENOBUFS, -ENOMEM; or -EIO when the library fails.
 */

/* ISO/IEC 9797-1 algorithm 3 with DES and a key of 16 bytes: 8 bytes. */
int mac_retail(struct bytes key, enum mac_padding padding, struct bytes in,
               struct buf *out);

/* CMAC with AES, NIST SP 800-38B, by a key of 16, 24 or 32 bytes: 16 bytes. */
int mac_cmac(struct bytes key, struct bytes in, struct buf *out);

/* HMAC, RFC 2104: as long as the digest. */
int mac_hmac(enum digest_alg alg, struct bytes key, struct bytes in,
             struct buf *out);

VICC_DECLS_END

#endif
