/*
 * rsa.h - RSA, RFC 8017, and signatures by ISO/IEC 9796-2. OpenSSL blinds what
 * it does with a private key.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_CRYPTO_RSA_H
#define VICC_CRYPTO_RSA_H

#include <vicc/crypto/digest.h>
#include <vicc/crypto/pkey.h>
#include <vicc/names.h>

VICC_DECLS

enum rsa_padding {
    RSA_PAD_RAW,   /* as many bytes as the modulus, less than it */
    RSA_PAD_PKCS1, /* v1.5 */
    RSA_PAD_PSS,   /* signatures; MGF1 and salt with the digest */
    RSA_PAD_OAEP,  /* encryption; MGF1 with the digest, no label */
    RSA_PAD_9796,  /* signatures: ISO/IEC 9796-2 scheme 1, with its trailers */
};

/*
 * All return 0; -EINVAL if `in` does not suit the padding or the key, or, when
 * decrypting, is not what it should be; -ENOBUFS; or -EIO.
 *
 * What is signed: RAW the block; PKCS1 a digest of `alg`, or with DIGEST_NONE
 * whatever fits; PSS a digest of `alg`; 9796 the message itself.
 */
int rsa_sign(const struct pkey *key, enum rsa_padding padding,
             enum digest_alg alg, struct bytes in, struct buf *out);

/* `in` as above; true if `signature` is one of it. */
bool rsa_verify(const struct pkey *key, enum rsa_padding padding,
                enum digest_alg alg, struct bytes in, struct bytes signature);

/* RAW, PKCS1 or OAEP. */
int rsa_encrypt(const struct pkey *key, enum rsa_padding padding,
                enum digest_alg alg, struct bytes in, struct buf *out);
int rsa_decrypt(const struct pkey *key, enum rsa_padding padding,
                enum digest_alg alg, struct bytes in, struct buf *out);

VICC_DECLS_END

#endif
