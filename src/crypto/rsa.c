/*
 * rsa.c - RSA.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/crypto/rsa.h>

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <vicc/wipe.h>

#include "crypto/native.h"
#include "crypto/rsa_9796.h"

static int
native_padding(enum rsa_padding padding)
{
    switch (padding) {
    case RSA_PAD_PKCS1:
        return RSA_PKCS1_PADDING;
    case RSA_PAD_PSS:
        return RSA_PKCS1_PSS_PADDING;
    case RSA_PAD_OAEP:
        return RSA_PKCS1_OAEP_PADDING;
    case RSA_PAD_RAW:
    case RSA_PAD_9796:
        break;
    }
    return RSA_NO_PADDING;
}

static bool
set_signature(EVP_PKEY_CTX *ctx, enum rsa_padding padding, enum digest_alg alg)
{
    if (EVP_PKEY_CTX_set_rsa_padding(ctx, native_padding(padding)) != 1)
        return false;
    if (padding != RSA_PAD_PSS && padding != RSA_PAD_PKCS1)
        return true;
    if (alg == DIGEST_NONE)
        return padding == RSA_PAD_PKCS1;
    return EVP_PKEY_CTX_set_signature_md(ctx, native_digest(alg)) == 1 &&
           (padding != RSA_PAD_PSS ||
            EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1);
}

/* RFC 8017 9.2: at least eight bytes of padding among 11. */
static bool
is_signable(const struct pkey *key, enum rsa_padding padding,
            enum digest_alg alg, struct bytes in)
{
    size_t n = pkey_size(key);

    if (pkey_spec(key).kind != PKEY_RSA)
        return false;
    switch (padding) {
    case RSA_PAD_RAW:
        return in.n == n;
    case RSA_PAD_PKCS1:
        return alg == DIGEST_NONE ? in.n != 0 && in.n + 11 <= n
                                  : in.n == digest_size(alg);
    case RSA_PAD_PSS:
        return alg != DIGEST_NONE && in.n == digest_size(alg) &&
               2 * in.n + 2 <= n;
    case RSA_PAD_OAEP:
    case RSA_PAD_9796:
        break;
    }
    return false;
}

static int
sign(const struct pkey *key, enum rsa_padding padding, enum digest_alg alg,
     struct bytes in, struct buf *out)
{
    size_t n = pkey_size(key);
    uint8_t *p = buf_reserve(out, n);
    EVP_PKEY_CTX *ctx;
    bool ok;

    if (p == NULL)
        return -ENOBUFS;
    ctx = EVP_PKEY_CTX_new_from_pkey(NULL, native_pkey(key), NULL);
    ok = ctx != NULL && EVP_PKEY_sign_init(ctx) == 1 &&
         set_signature(ctx, padding, alg) &&
         EVP_PKEY_sign(ctx, p, &n, in.p, in.n) == 1;
    EVP_PKEY_CTX_free(ctx);
    if (!ok)
        out->n -= pkey_size(key);
    /* Of a block that suits in length only its value can be wrong. */
    return ok ? 0 : padding == RSA_PAD_RAW ? -EINVAL : -EIO;
}

int
rsa_sign(const struct pkey *key, enum rsa_padding padding, enum digest_alg alg,
         struct bytes in, struct buf *out)
{
    uint8_t room[RSA_BITS_MAX / 8];
    struct buf block = BUF(room);
    int err;

    if (padding == RSA_PAD_9796 && pkey_spec(key).kind == PKEY_RSA) {
        if ((err = rsa_9796_put(alg, in, pkey_size(key), &block)) != 0)
            return err;
        padding = RSA_PAD_RAW;
        in = buf_bytes(&block);
    }
    if (!pkey_is_private(key) || !is_signable(key, padding, alg, in))
        return -EINVAL;
    return sign(key, padding, alg, in, out);
}

/* The block that a signature opens to must be the one of this message. */
static bool
verify_block(const struct pkey *key, struct bytes block, struct bytes signature)
{
    uint8_t room[RSA_BITS_MAX / 8];
    struct buf opened = BUF(room);

    return rsa_encrypt(key, RSA_PAD_RAW, DIGEST_NONE, signature, &opened) ==
               0 &&
           equal_ct(buf_bytes(&opened), block);
}

bool
rsa_verify(const struct pkey *key, enum rsa_padding padding,
           enum digest_alg alg, struct bytes in, struct bytes signature)
{
    uint8_t room[RSA_BITS_MAX / 8];
    struct buf block = BUF(room);
    EVP_PKEY_CTX *ctx;
    bool ok;

    if (pkey_spec(key).kind != PKEY_RSA || signature.n != pkey_size(key))
        return false;
    if (padding == RSA_PAD_9796)
        return rsa_9796_put(alg, in, pkey_size(key), &block) == 0 &&
               verify_block(key, buf_bytes(&block), signature);
    if (!is_signable(key, padding, alg, in))
        return false;
    if (padding == RSA_PAD_RAW)
        return verify_block(key, in, signature);
    ctx = EVP_PKEY_CTX_new_from_pkey(NULL, native_pkey(key), NULL);
    ok = ctx != NULL && EVP_PKEY_verify_init(ctx) == 1 &&
         set_signature(ctx, padding, alg) &&
         EVP_PKEY_verify(ctx, signature.p, signature.n, in.p, in.n) == 1;
    EVP_PKEY_CTX_free(ctx);
    return ok;
}

static bool
set_encryption(EVP_PKEY_CTX *ctx, enum rsa_padding padding, enum digest_alg alg)
{
    const EVP_MD *md = native_digest(alg == DIGEST_NONE ? DIGEST_SHA1 : alg);

    return EVP_PKEY_CTX_set_rsa_padding(ctx, native_padding(padding)) == 1 &&
           (padding != RSA_PAD_OAEP ||
            (EVP_PKEY_CTX_set_rsa_oaep_md(ctx, md) == 1 &&
             EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, md) == 1));
}

static bool
is_for_encryption(const struct pkey *key, enum rsa_padding padding)
{
    return pkey_spec(key).kind == PKEY_RSA && padding != RSA_PAD_PSS &&
           padding != RSA_PAD_9796;
}

int
rsa_encrypt(const struct pkey *key, enum rsa_padding padding,
            enum digest_alg alg, struct bytes in, struct buf *out)
{
    size_t n = pkey_size(key);
    EVP_PKEY_CTX *ctx;
    uint8_t *p;
    bool ok;

    if (!is_for_encryption(key, padding) ||
        (padding == RSA_PAD_RAW && in.n != n))
        return -EINVAL;
    if ((p = buf_reserve(out, n)) == NULL)
        return -ENOBUFS;
    ctx = EVP_PKEY_CTX_new_from_pkey(NULL, native_pkey(key), NULL);
    ok = ctx != NULL && EVP_PKEY_encrypt_init(ctx) == 1 &&
         set_encryption(ctx, padding, alg) &&
         EVP_PKEY_encrypt(ctx, p, &n, in.p, in.n) == 1;
    EVP_PKEY_CTX_free(ctx);
    if (!ok)
        out->n -= pkey_size(key);
    return ok ? 0 : -EINVAL;
}

int
rsa_decrypt(const struct pkey *key, enum rsa_padding padding,
            enum digest_alg alg, struct bytes in, struct buf *out)
{
    uint8_t room[RSA_BITS_MAX / 8];
    size_t n = sizeof(room);
    EVP_PKEY_CTX *ctx;
    bool ok;

    if (!is_for_encryption(key, padding) || !pkey_is_private(key) ||
        in.n != pkey_size(key))
        return -EINVAL;
    ctx = EVP_PKEY_CTX_new_from_pkey(NULL, native_pkey(key), NULL);
    ok = ctx != NULL && EVP_PKEY_decrypt_init(ctx) == 1 &&
         set_encryption(ctx, padding, alg) &&
         EVP_PKEY_decrypt(ctx, room, &n, in.p, in.n) == 1;
    EVP_PKEY_CTX_free(ctx);
    if (ok)
        buf_put(out, bytes_of(room, n));
    wipe(room, sizeof(room));
    return !ok ? -EINVAL : out->overrun ? -ENOBUFS : 0;
}
