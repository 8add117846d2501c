/*
 * ec.h - ECDSA and key agreement over elliptic curves.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_CRYPTO_EC_H
#define VICC_CRYPTO_EC_H

#include <vicc/crypto/pkey.h>
#include <vicc/names.h>

VICC_DECLS

/*
 * ECDSA, FIPS 186-4, over a digest of any length; appends r and s, each as
 * long as a coordinate. 0, -EINVAL for a wrong key or no digest, -ENOBUFS, or
 * -EIO.
 */
int ec_sign(const struct pkey *key, struct bytes digest, struct buf *out);
bool ec_verify(const struct pkey *key, struct bytes digest,
               struct bytes signature);

/*
 * Diffie-Hellman with the other side's public key, as it stands in
 * pkey_parts.point: appends the coordinate X, or what X25519 gives. -EINVAL if
 * that is no point of the curve.
 */
int ec_agree(const struct pkey *key, struct bytes point, struct buf *out);

VICC_DECLS_END

#endif
