/*
 * algorithm.c - what cryptographic mechanism references do with a key pair.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/algorithm.h"

#include <errno.h>

#include <vicc/crypto/ec.h>
#include <vicc/crypto/ed.h>
#include <vicc/crypto/rsa.h>

#include "cos/internal.h"

bool
algorithm_parse(struct bytes reference, struct algorithm *algorithm)
{
    static const enum digest_alg digests[] = {
        DIGEST_NONE,   DIGEST_SHA1,   DIGEST_NONE,   DIGEST_SHA224,
        DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512,
    };
    uint8_t value = reference.n == 1 ? reference.p[0] : 0;
    size_t digest = value >> 4;

    if (reference.n > 1 || (value & 0x0F) >= SCHEMES ||
        digest >= sizeof(digests) / sizeof(digests[0]) ||
        (digest != 0 && digests[digest] == DIGEST_NONE))
        return false;
    algorithm->scheme = (enum scheme)(value & 0x0F);
    algorithm->digest = digests[digest];
    return true;
}

static sw_t
sw_of(int err)
{
    return err == -EINVAL ? SW_WRONG_DATA : sw_from_errno(err);
}

/* The padding of RSA that a scheme means, or false. */
static bool
rsa_padding_of(enum scheme scheme, bool is_signature, enum rsa_padding *padding)
{
    switch (scheme) {
    case SCHEME_OF_KEY:
    case SCHEME_PKCS1:
        *padding = RSA_PAD_PKCS1;
        return true;
    case SCHEME_RAW:
        *padding = RSA_PAD_RAW;
        return true;
    case SCHEME_PSS:
        *padding = RSA_PAD_PSS;
        return is_signature;
    case SCHEME_9796:
        *padding = RSA_PAD_9796;
        return is_signature;
    case SCHEME_OAEP:
        *padding = RSA_PAD_OAEP;
        return !is_signature;
    default:
        return false;
    }
}

/* The scheme is one of the key's own kind; that of RSA sets `padding`. */
static bool
suits(const struct pkey *pkey, enum scheme scheme, bool is_signature,
      enum rsa_padding *padding)
{
    *padding = RSA_PAD_PKCS1; /* which no other key looks at */
    switch (pkey_spec(pkey).kind) {
    case PKEY_RSA:
        return rsa_padding_of(scheme, is_signature, padding);
    case PKEY_EC:
        return scheme == SCHEME_OF_KEY ||
               scheme == (is_signature ? SCHEME_ECDSA : SCHEME_ECDH);
    case PKEY_ED25519:
        return is_signature &&
               (scheme == SCHEME_OF_KEY || scheme == SCHEME_EDDSA);
    case PKEY_X25519:
        break;
    }
    return !is_signature && (scheme == SCHEME_OF_KEY || scheme == SCHEME_ECDH);
}

bool
algorithm_signs_message(const struct pkey *pkey,
                        const struct algorithm *algorithm)
{
    return pkey_spec(pkey).kind == PKEY_ED25519 ||
           algorithm->scheme == SCHEME_9796;
}

sw_t
algorithm_sign(const struct pkey *pkey, const struct algorithm *algorithm,
               struct bytes in, struct buf *out)
{
    enum digest_alg digest = algorithm->digest;
    enum rsa_padding padding;

    if (!suits(pkey, algorithm->scheme, true, &padding) ||
        !pkey_is_private(pkey))
        return SW_CONDITIONS_NOT_SATISFIED;
    switch (pkey_spec(pkey).kind) {
    case PKEY_RSA:
        return sw_of(rsa_sign(pkey, padding, digest, in, out));
    case PKEY_ED25519:
        return sw_of(ed_sign(pkey, in, out));
    case PKEY_EC:
    case PKEY_X25519:
        break;
    }
    if (in.n > DIGEST_MAX ||
        (digest != DIGEST_NONE && in.n != digest_size(digest)))
        return SW_WRONG_DATA;
    return sw_of(ec_sign(pkey, in, out));
}

bool
algorithm_verify(const struct pkey *pkey, const struct algorithm *algorithm,
                 struct bytes in, struct bytes signature)
{
    enum digest_alg digest = algorithm->digest;
    enum rsa_padding padding;

    if (!suits(pkey, algorithm->scheme, true, &padding))
        return false;
    switch (pkey_spec(pkey).kind) {
    case PKEY_RSA:
        return rsa_verify(pkey, padding, digest, in, signature);
    case PKEY_ED25519:
        return ed_verify(pkey, in, signature);
    case PKEY_EC:
    case PKEY_X25519:
        break;
    }
    return (digest == DIGEST_NONE || in.n == digest_size(digest)) &&
           ec_verify(pkey, in, signature);
}

sw_t
algorithm_seal(const struct pkey *pkey, const struct algorithm *algorithm,
               struct bytes in, struct buf *out)
{
    enum rsa_padding padding;

    if (pkey_spec(pkey).kind != PKEY_RSA ||
        !suits(pkey, algorithm->scheme, false, &padding))
        return SW_CONDITIONS_NOT_SATISFIED;
    return sw_of(rsa_encrypt(pkey, padding, algorithm->digest, in, out));
}

/* Of a curve: `in` is the other side's point, the result what is agreed. */
sw_t
algorithm_open(const struct pkey *pkey, const struct algorithm *algorithm,
               struct bytes in, struct buf *out)
{
    enum rsa_padding padding;

    if (!suits(pkey, algorithm->scheme, false, &padding) ||
        !pkey_is_private(pkey))
        return SW_CONDITIONS_NOT_SATISFIED;
    return sw_of(pkey_spec(pkey).kind == PKEY_RSA
                     ? rsa_decrypt(pkey, padding, algorithm->digest, in, out)
                     : ec_agree(pkey, in, out));
}
