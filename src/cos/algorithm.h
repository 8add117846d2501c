/*
 * algorithm.h - cryptographic mechanism references, DO 80 of a control
 * reference template, and what they do with a key. The upper half names a
 * digest, the lower half a scheme; 0 in either half leaves it to the key.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COS_ALGORITHM_H
#define COS_ALGORITHM_H

#include <vicc/crypto/digest.h>
#include <vicc/crypto/pkey.h>
#include <vicc/sw.h>

struct key;

enum scheme {
    SCHEME_OF_KEY, /* RSA: PKCS1; EC: ECDSA or ECDH; DES, AES: CBC, MAC */
    SCHEME_RAW,    /* RSA; DES and AES: ECB */
    SCHEME_PKCS1,
    SCHEME_9796,
    SCHEME_ECDSA,
    SCHEME_PSS,
    SCHEME_EDDSA,
    SCHEME_OAEP,
    SCHEME_ECDH,
    SCHEME_RETAIL,
    SCHEME_CBC,
    SCHEME_CBC_PADDED, /* 80 00 ... */
    SCHEME_CMAC,
    SCHEME_HMAC, /* without a digest it is of SHA-256 */
    SCHEMES,
};

struct algorithm {
    enum scheme scheme;
    enum digest_alg digest;
};

/* The value of DO 80; empty is 00. */
bool algorithm_parse(struct bytes reference, struct algorithm *algorithm);

/*
 * All append to `out` and return 9000; 6985 if the key is not for that scheme;
 * 6A80 if `in` does not suit it; or 6F00, 6581.
 */

/*
 * Signs a digest, or for RAW a block, for PKCS1 without digest what is to be
 * padded, for 9796 and EDDSA a message.
 */
sw_t algorithm_sign(const struct pkey *pkey, const struct algorithm *algorithm,
                    struct bytes in, struct buf *out);
bool algorithm_verify(const struct pkey *pkey,
                      const struct algorithm *algorithm, struct bytes in,
                      struct bytes signature);

/* It signs a message, so there is no digest to be made first. */
bool algorithm_signs_message(const struct pkey *pkey,
                             const struct algorithm *algorithm);

/* With a public or private key. */
sw_t algorithm_seal(const struct pkey *pkey, const struct algorithm *algorithm,
                    struct bytes in, struct buf *out);
sw_t algorithm_open(const struct pkey *pkey, const struct algorithm *algorithm,
                    struct bytes in, struct buf *out);

/* With a symmetric key; `iv` may be empty. */
sw_t algorithm_encipher(const struct key *key,
                        const struct algorithm *algorithm, struct bytes iv,
                        struct bytes in, struct buf *out);
sw_t algorithm_decipher(const struct key *key,
                        const struct algorithm *algorithm, struct bytes iv,
                        struct bytes in, struct buf *out);
sw_t algorithm_mac(const struct key *key, const struct algorithm *algorithm,
                   struct bytes in, struct buf *out);

#endif
