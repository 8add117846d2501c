/*
 * ec.c - ECDSA and key agreement.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/crypto/ec.h>

#include <errno.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include <vicc/wipe.h>

#include "crypto/native.h"

#define DER_MAX 160 /* bytes of a signature with P-521: 139 */

/* From the DER that OpenSSL makes to r and s side by side. */
static bool
spread(const uint8_t *der, size_t der_n, uint8_t *p, size_t n)
{
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)der_n);
    bool ok = sig != NULL &&
              BN_bn2binpad(ECDSA_SIG_get0_r(sig), p, (int)n) == (int)n &&
              BN_bn2binpad(ECDSA_SIG_get0_s(sig), p + n, (int)n) == (int)n;

    ECDSA_SIG_free(sig);
    return ok;
}

int
ec_sign(const struct pkey *key, struct bytes digest, struct buf *out)
{
    size_t n = pkey_size(key);
    uint8_t der[DER_MAX];
    size_t der_n = sizeof(der);
    EVP_PKEY_CTX *ctx;
    uint8_t *p;
    bool ok;

    if (pkey_spec(key).kind != PKEY_EC || !pkey_is_private(key) ||
        digest.n == 0)
        return -EINVAL;
    if ((p = buf_reserve(out, 2 * n)) == NULL)
        return -ENOBUFS;
    ctx = EVP_PKEY_CTX_new_from_pkey(NULL, native_pkey(key), NULL);
    ok = ctx != NULL && EVP_PKEY_sign_init(ctx) == 1 &&
         EVP_PKEY_sign(ctx, der, &der_n, digest.p, digest.n) == 1 &&
         spread(der, der_n, p, n);
    EVP_PKEY_CTX_free(ctx);
    return ok ? 0 : -EIO;
}

static size_t
gather(struct bytes signature, unsigned char **der)
{
    size_t n = signature.n / 2;
    ECDSA_SIG *sig = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(signature.p, (int)n, NULL);
    BIGNUM *s = BN_bin2bn(signature.p + n, (int)n, NULL);
    int der_n = 0;

    if (sig != NULL && ECDSA_SIG_set0(sig, r, s) == 1) { /* it owns them now */
        der_n = i2d_ECDSA_SIG(sig, der);
    } else {
        BN_free(r);
        BN_free(s);
    }
    ECDSA_SIG_free(sig);
    return der_n > 0 ? (size_t)der_n : 0;
}

bool
ec_verify(const struct pkey *key, struct bytes digest, struct bytes signature)
{
    unsigned char *der = NULL;
    EVP_PKEY_CTX *ctx;
    size_t n;
    bool ok;

    if (pkey_spec(key).kind != PKEY_EC || signature.n != 2 * pkey_size(key) ||
        digest.n == 0 || (n = gather(signature, &der)) == 0)
        return false;
    ctx = EVP_PKEY_CTX_new_from_pkey(NULL, native_pkey(key), NULL);
    ok = ctx != NULL && EVP_PKEY_verify_init(ctx) == 1 &&
         EVP_PKEY_verify(ctx, der, n, digest.p, digest.n) == 1;
    EVP_PKEY_CTX_free(ctx);
    OPENSSL_free(der);
    return ok;
}

int
ec_agree(const struct pkey *key, struct bytes point, struct buf *out)
{
    const struct pkey_spec spec = pkey_spec(key);
    const struct pkey_parts parts = {.point = point};
    uint8_t secret[PKEY_FIELD_MAX];
    size_t n = sizeof(secret);
    struct pkey *other;
    EVP_PKEY_CTX *ctx;
    bool ok;

    if ((spec.kind != PKEY_EC && spec.kind != PKEY_X25519) ||
        !pkey_is_private(key) || !pkey_of_parts(&spec, &parts, &other))
        return -EINVAL;
    ctx = EVP_PKEY_CTX_new_from_pkey(NULL, native_pkey(key), NULL);
    ok = ctx != NULL && EVP_PKEY_derive_init(ctx) == 1 &&
         EVP_PKEY_derive_set_peer(ctx, native_pkey(other)) == 1 &&
         EVP_PKEY_derive(ctx, secret, &n) == 1;
    if (ok)
        buf_put(out, bytes_of(secret, n));
    EVP_PKEY_CTX_free(ctx);
    pkey_free(&other);
    wipe(secret, sizeof(secret));
    /* What fails here is a point of small order, RFC 7748 6.1. */
    return !ok ? -EINVAL : out->overrun ? -ENOBUFS : 0;
}
