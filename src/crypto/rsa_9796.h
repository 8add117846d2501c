/*
 * rsa_9796.h - the block that a signature by ISO/IEC 9796-2 scheme 1 holds.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef CRYPTO_RSA_9796_H
#define CRYPTO_RSA_9796_H

#include <vicc/crypto/digest.h>

/*
 * Appends the block of `n` bytes for a message: its beginning, as much as can
 * be recovered, its digest, and the trailer. DIGEST_NONE is SHA-1 with the
 * trailer BC; others say which they are. 0, -EINVAL or -ENOBUFS.
 */
int rsa_9796_put(enum digest_alg alg, struct bytes message, size_t n,
                 struct buf *out);

#endif
