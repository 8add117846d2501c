/*
 * cipher.c - triple DES and AES.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/crypto/cipher.h>

#include <errno.h>
#include <limits.h>
#include <openssl/evp.h>

#include <vicc/wipe.h>

#define DES_KEY 8
#define DES_KEYS (3 * DES_KEY)

size_t
cipher_block(enum cipher_alg alg)
{
    return alg == CIPHER_DES ? 8 : 16;
}

bool
cipher_takes_key(enum cipher_alg alg, size_t n)
{
    return n == 16 || n == 24 || n == (alg == CIPHER_DES ? 8 : 32);
}

static const EVP_CIPHER *
find(const struct cipher *cipher)
{
    bool is_cbc = cipher->mode == CIPHER_CBC;

    if (cipher->alg == CIPHER_DES)
        return is_cbc ? EVP_des_ede3_cbc() : EVP_des_ede3_ecb();
    switch (cipher->key.n) {
    case 16:
        return is_cbc ? EVP_aes_128_cbc() : EVP_aes_128_ecb();
    case 24:
        return is_cbc ? EVP_aes_192_cbc() : EVP_aes_192_ecb();
    default:
        return is_cbc ? EVP_aes_256_cbc() : EVP_aes_256_ecb();
    }
}

/*
 * DES always has three keys: two are K1 K2 K1, and three equal ones are
 * single DES.
 */
static void
spread_key(const struct cipher *cipher, struct buf *key)
{
    buf_put(key, cipher->key);
    if (cipher->alg != CIPHER_DES)
        return;
    while (key->n < DES_KEYS)
        buf_put(key, bytes_slice(cipher->key, 0, DES_KEY));
}

static bool
is_usable(const struct cipher *cipher, struct bytes in)
{
    size_t block = cipher_block(cipher->alg);
    bool has_iv = cipher->iv.n == block && cipher->mode == CIPHER_CBC;

    return cipher_takes_key(cipher->alg, cipher->key.n) && in.n % block == 0 &&
           in.n <= INT_MAX && (has_iv || cipher->iv.n == 0);
}

static bool
run(EVP_CIPHER_CTX *ctx, const struct cipher *cipher, bool encrypts,
    struct bytes in, uint8_t *p)
{
    static const uint8_t zeros[CIPHER_BLOCK_MAX];
    uint8_t key_room[CIPHER_KEY_MAX];
    struct buf key = BUF(key_room);
    const uint8_t *iv = cipher->iv.n == 0 ? zeros : cipher->iv.p;
    int n;
    bool ok;

    spread_key(cipher, &key);
    ok = ctx != NULL &&
         EVP_CipherInit_ex(ctx, find(cipher), NULL, key.p, iv, encrypts) == 1 &&
         EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
         EVP_CipherUpdate(ctx, p, &n, in.p, (int)in.n) == 1;
    wipe(key_room, sizeof(key_room));
    return ok;
}

static int
transform(const struct cipher *cipher, bool encrypts, struct bytes in,
          struct buf *out)
{
    EVP_CIPHER_CTX *ctx;
    uint8_t *p;
    bool ok;

    if (!is_usable(cipher, in))
        return -EINVAL;
    if ((p = buf_reserve(out, in.n)) == NULL)
        return -ENOBUFS;
    if (in.n == 0)
        return 0;
    ctx = EVP_CIPHER_CTX_new();
    ok = run(ctx, cipher, encrypts, in, p);
    EVP_CIPHER_CTX_free(ctx); /* wipes the key */
    if (!ok) {
        wipe(p, in.n);
        out->n -= in.n;
    }
    return ok ? 0 : -EIO;
}

int
cipher_encrypt(const struct cipher *cipher, struct bytes in, struct buf *out)
{
    return transform(cipher, true, in, out);
}

int
cipher_decrypt(const struct cipher *cipher, struct bytes in, struct buf *out)
{
    return transform(cipher, false, in, out);
}

void
cipher_pad(struct buf *b, size_t from, size_t block)
{
    buf_put_u8(b, 0x80);
    while (!b->overrun && (b->n - from) % block != 0)
        buf_put_u8(b, 0x00);
}

bool
cipher_unpad(struct bytes padded, size_t block, struct bytes *plain)
{
    size_t seen = 0; /* all ones once something other than 00 came by */
    size_t n = 0;
    size_t good = 0;
    size_t i;

    if (padded.n == 0 || padded.n % block != 0)
        return false;
    for (i = 1; i <= block; i++) {
        size_t byte = padded.p[padded.n - i];
        size_t is_zero = (size_t)0 - ((byte - 1) >> (sizeof(size_t) * 8 - 1));
        size_t is_mark =
            (size_t)0 - (((byte ^ 0x80) - 1) >> (sizeof(size_t) * 8 - 1));
        size_t first = ~seen & ~is_zero;

        n |= first & (padded.n - i);
        good |= first & is_mark;
        seen |= ~is_zero;
    }
    *plain = bytes_slice(padded, 0, n);
    return good != 0;
}
