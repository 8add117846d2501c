/*
 * ed.c - signatures by Ed25519.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/crypto/ed.h>

#include <errno.h>
#include <openssl/evp.h>

#include "crypto/native.h"

int
ed_sign(const struct pkey *key, struct bytes message, struct buf *out)
{
    size_t n = ED_SIGNATURE_SIZE;
    EVP_MD_CTX *ctx;
    uint8_t *p;
    bool ok;

    if (pkey_spec(key).kind != PKEY_ED25519 || !pkey_is_private(key))
        return -EINVAL;
    if ((p = buf_reserve(out, n)) == NULL)
        return -ENOBUFS;
    ctx = EVP_MD_CTX_new();
    ok = ctx != NULL &&
         EVP_DigestSignInit(ctx, NULL, NULL, NULL, native_pkey(key)) == 1 &&
         EVP_DigestSign(ctx, p, &n, message.p, message.n) == 1;
    EVP_MD_CTX_free(ctx);
    return ok ? 0 : -EIO;
}

bool
ed_verify(const struct pkey *key, struct bytes message, struct bytes signature)
{
    EVP_MD_CTX *ctx;
    bool ok;

    if (pkey_spec(key).kind != PKEY_ED25519 || signature.n != ED_SIGNATURE_SIZE)
        return false;
    ctx = EVP_MD_CTX_new();
    ok = ctx != NULL &&
         EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, native_pkey(key)) == 1 &&
         EVP_DigestVerify(ctx, signature.p, signature.n, message.p,
                          message.n) == 1;
    EVP_MD_CTX_free(ctx);
    return ok;
}
