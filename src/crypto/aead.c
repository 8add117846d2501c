/*
 * aead.c - AES-256-GCM.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/crypto/aead.h>

#include <errno.h>
#include <limits.h>
#include <openssl/evp.h>

#include "crypto/random.h"

/* One step over `in`; `out` NULL: it is authenticated, not encrypted. */
static bool
update(EVP_CIPHER_CTX *ctx, uint8_t *out, struct bytes in)
{
    int n;

    return in.n == 0 || (in.n <= INT_MAX &&
                         EVP_CipherUpdate(ctx, out, &n, in.p, (int)in.n) == 1);
}

static bool
encrypt(EVP_CIPHER_CTX *ctx, const uint8_t *key, struct bytes aad,
        struct bytes plain, uint8_t *p)
{
    uint8_t *text = p + AEAD_NONCE_SIZE;
    uint8_t *tag = text + plain.n;
    int n;

    return ctx != NULL &&
           EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, p) == 1 &&
           update(ctx, NULL, aad) && update(ctx, text, plain) &&
           EVP_EncryptFinal_ex(ctx, tag, &n) == 1 &&
           EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, AEAD_TAG_SIZE, tag) ==
               1;
}

int
aead_seal(const uint8_t key[AEAD_KEY_SIZE], struct bytes aad,
          struct bytes plain, struct buf *out)
{
    EVP_CIPHER_CTX *ctx;
    uint8_t *p = buf_reserve(out, plain.n + AEAD_OVERHEAD);
    int err;

    if (p == NULL)
        return -ENOBUFS;
    if ((err = random_fill(p, AEAD_NONCE_SIZE)) != 0)
        return err;
    ctx = EVP_CIPHER_CTX_new();
    if (!encrypt(ctx, key, aad, plain, p))
        err = -EIO;
    EVP_CIPHER_CTX_free(ctx);
    return err;
}

static bool
decrypt(EVP_CIPHER_CTX *ctx, const uint8_t *key, struct bytes aad,
        struct bytes sealed, uint8_t *p)
{
    struct bytes text =
        bytes_slice(sealed, AEAD_NONCE_SIZE, sealed.n - AEAD_OVERHEAD);
    uint8_t tag[AEAD_TAG_SIZE];
    uint8_t none[1];
    int n;

    memcpy(tag, text.p + text.n, sizeof(tag));
    return ctx != NULL &&
           EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, sealed.p) ==
               1 &&
           update(ctx, NULL, aad) && update(ctx, p, text) &&
           EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, AEAD_TAG_SIZE, tag) ==
               1 &&
           EVP_DecryptFinal_ex(ctx, none, &n) == 1;
}

bool
aead_open(const uint8_t key[AEAD_KEY_SIZE], struct bytes aad,
          struct bytes sealed, struct buf *out)
{
    EVP_CIPHER_CTX *ctx;
    size_t before = out->n;
    uint8_t *p;
    bool ok;

    if (sealed.n < AEAD_OVERHEAD ||
        (p = buf_reserve(out, sealed.n - AEAD_OVERHEAD)) == NULL)
        return false;
    ctx = EVP_CIPHER_CTX_new();
    ok = decrypt(ctx, key, aad, sealed, p);
    EVP_CIPHER_CTX_free(ctx);
    if (!ok) /* nobody may use what is not authentic */
        out->n = before;
    return ok;
}
