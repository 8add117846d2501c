/*
 * native.h - what the files of this folder show each other of OpenSSL.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef CRYPTO_NATIVE_H
#define CRYPTO_NATIVE_H

#include <openssl/evp.h>

#include <vicc/crypto/digest.h>
#include <vicc/crypto/pkey.h>

/* NULL for DIGEST_NONE. */
const EVP_MD *native_digest(enum digest_alg alg);

/* OpenSSL's name for a curve; NULL for CURVE_NONE. */
const char *native_curve(enum pkey_curve curve);

/* Borrowed. */
EVP_PKEY *native_pkey(const struct pkey *key);

/* pkey_parts.c: unchecked, of p, q and e if `is_private`, else of n and e. */
EVP_PKEY *native_rsa_of_parts(const struct pkey_spec *spec,
                              const struct pkey_parts *parts, bool is_private);

/* Of pkey_of_parts(), unchecked; NULL if they make no key. */
EVP_PKEY *native_of_parts(const struct pkey_spec *spec,
                          const struct pkey_parts *parts);

/*
 * pkey_der.c: one key, private or public, and nothing behind it; NULL if it is
 * not, or no memory.
 */
EVP_PKEY *native_private(struct bytes der);
EVP_PKEY *native_public(struct bytes der);

/* One certificate and nothing behind it; NULL if it is not, or no memory. */
X509 *native_cert(struct bytes der);

/*
 * Makes a key of `evp` and owns it whatever comes of it; false, with *out
 * NULL, if it is NULL or of no kind that is known here.
 */
bool native_adopt(EVP_PKEY *evp, bool is_private, struct pkey **out);

#endif
