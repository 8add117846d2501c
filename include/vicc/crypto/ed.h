/*
 * ed.h - signatures by Ed25519, RFC 8032.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_CRYPTO_ED_H
#define VICC_CRYPTO_ED_H

#include <vicc/crypto/pkey.h>
#include <vicc/names.h>

VICC_DECLS

#define ED_SIGNATURE_SIZE 64

/* Appends the signature of a message; 0, -EINVAL, -ENOBUFS or -EIO. */
int ed_sign(const struct pkey *key, struct bytes message, struct buf *out);
bool ed_verify(const struct pkey *key, struct bytes message,
               struct bytes signature);

VICC_DECLS_END

#endif
