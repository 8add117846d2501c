/*
 * mac.c - retail MAC, CMAC, HMAC.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/crypto/mac.h>

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>

#include <vicc/crypto/cipher.h>
#include <vicc/wipe.h>

#include "crypto/native.h"

#define DES_BLOCK 8
#define DES_KEY 8
#define RETAIL_KEY 16

/*
 * CBC with the first key over all blocks but the last, then triple DES with
 * both keys over that one: the same as algorithm 3 says, in two steps.
 */
static int
chain_blocks(struct bytes key, struct bytes padded, uint8_t *work,
             struct buf *out)
{
    size_t head_n = padded.n - DES_BLOCK;
    const struct cipher single = {CIPHER_DES, CIPHER_CBC,
                                  bytes_slice(key, 0, DES_KEY),
                                  bytes_of(NULL, 0)};
    struct cipher last = {CIPHER_DES, CIPHER_CBC, key, bytes_of(NULL, 0)};
    struct buf chained = {work, 0, head_n, false};
    int err = cipher_encrypt(&single, bytes_slice(padded, 0, head_n), &chained);

    if (err != 0)
        return err;
    if (head_n != 0)
        last.iv =
            bytes_slice(buf_bytes(&chained), head_n - DES_BLOCK, DES_BLOCK);
    return cipher_encrypt(&last, bytes_slice(padded, head_n, DES_BLOCK), out);
}

int
mac_retail(struct bytes key, enum mac_padding padding, struct bytes in,
           struct buf *out)
{
    size_t room = in.n + DES_BLOCK;
    struct buf padded = {NULL, 0, room, false};
    uint8_t *work;
    int err = -ENOMEM;

    if (key.n != RETAIL_KEY ||
        (padding == MAC_PAD_NONE && (in.n == 0 || in.n % DES_BLOCK != 0)))
        return -EINVAL;
    padded.p = malloc(room);
    work = malloc(room);
    if (padded.p != NULL && work != NULL) {
        buf_put(&padded, in);
        if (padding == MAC_PAD_80)
            cipher_pad(&padded, 0, DES_BLOCK);
        err = chain_blocks(key, buf_bytes(&padded), work, out);
        wipe(padded.p, room);
        wipe(work, padded.n);
    }
    free(padded.p);
    free(work);
    return err;
}

static int
run(const char *name, const OSSL_PARAM *params, struct bytes key,
    struct bytes in, size_t n, struct buf *out)
{
    EVP_MAC *mac = EVP_MAC_fetch(NULL, name, NULL);
    EVP_MAC_CTX *ctx = mac == NULL ? NULL : EVP_MAC_CTX_new(mac);
    uint8_t *p = buf_reserve(out, n);
    size_t written;
    bool ok;

    ok = ctx != NULL && p != NULL &&
         EVP_MAC_init(ctx, key.p, key.n, params) == 1 &&
         EVP_MAC_update(ctx, in.p, in.n) == 1 &&
         EVP_MAC_final(ctx, p, &written, n) == 1;
    EVP_MAC_CTX_free(ctx); /* wipes the key */
    EVP_MAC_free(mac);
    if (!ok && p != NULL)
        out->n -= n;
    return ok ? 0 : p == NULL ? -ENOBUFS : -EIO;
}

int
mac_cmac(struct bytes key, struct bytes in, struct buf *out)
{
    const char *name = key.n == 16   ? "AES-128-CBC"
                       : key.n == 24 ? "AES-192-CBC"
                                     : "AES-256-CBC";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, (char *)name,
                                         0),
        OSSL_PARAM_construct_end(),
    };

    if (!cipher_takes_key(CIPHER_AES, key.n))
        return -EINVAL;
    return run("CMAC", params, key, in, MAC_CMAC_SIZE, out);
}

int
mac_hmac(enum digest_alg alg, struct bytes key, struct bytes in,
         struct buf *out)
{
    const char *name;
    OSSL_PARAM params[2];

    if (alg == DIGEST_NONE || key.n == 0)
        return -EINVAL;
    name = EVP_MD_get0_name(native_digest(alg));
    params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
                                                 (char *)name, 0);
    params[1] = OSSL_PARAM_construct_end();
    return run("HMAC", params, key, in, digest_size(alg), out);
}
