/*
 * algorithm_symmetric.c - what cryptographic mechanism references do with a
 * symmetric key.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>

#include <vicc/crypto/mac.h>

#include "cos/algorithm.h"
#include "cos/key.h"

static bool
find_cipher(const struct key *key, const struct algorithm *algorithm,
            struct bytes iv, struct cipher *cipher)
{
    cipher->key = key_value(key);
    cipher->mode = algorithm->scheme == SCHEME_RAW ? CIPHER_ECB : CIPHER_CBC;
    cipher->iv = cipher->mode == CIPHER_ECB ? bytes_of(NULL, 0) : iv;
    return key_is_symmetric(key_info(key).type, &cipher->alg) &&
           (algorithm->scheme == SCHEME_OF_KEY ||
            algorithm->scheme == SCHEME_RAW ||
            algorithm->scheme == SCHEME_CBC ||
            algorithm->scheme == SCHEME_CBC_PADDED);
}

static sw_t
sw_of(int err)
{
    return err == -EINVAL ? SW_WRONG_DATA : sw_from_errno(err);
}

/* In place, since the padded text stands nowhere else. */
sw_t
algorithm_encipher(const struct key *key, const struct algorithm *algorithm,
                   struct bytes iv, struct bytes in, struct buf *out)
{
    struct cipher cipher;
    struct buf place;
    size_t at = out->n;

    if (!find_cipher(key, algorithm, iv, &cipher))
        return SW_CONDITIONS_NOT_SATISFIED;
    buf_put(out, in);
    if (algorithm->scheme == SCHEME_CBC_PADDED)
        cipher_pad(out, at, cipher_block(cipher.alg));
    if (out->overrun)
        return SW_WRONG_LENGTH;
    place = (struct buf){out->p + at, 0, out->n - at, false};
    return sw_of(cipher_encrypt(&cipher, bytes_of(place.p, place.cap), &place));
}

sw_t
algorithm_decipher(const struct key *key, const struct algorithm *algorithm,
                   struct bytes iv, struct bytes in, struct buf *out)
{
    struct cipher cipher;
    struct bytes plain;
    size_t at = out->n;
    int err;

    if (!find_cipher(key, algorithm, iv, &cipher))
        return SW_CONDITIONS_NOT_SATISFIED;
    if ((err = cipher_decrypt(&cipher, in, out)) != 0)
        return sw_of(err);
    if (algorithm->scheme != SCHEME_CBC_PADDED)
        return SW_OK;
    if (!cipher_unpad(bytes_of(out->p + at, out->n - at),
                      cipher_block(cipher.alg), &plain))
        return SW_WRONG_DATA;
    out->n = at + plain.n;
    return SW_OK;
}

static sw_t
hmac(const struct key *key, const struct algorithm *algorithm, struct bytes in,
     struct buf *out)
{
    if (algorithm->scheme != SCHEME_OF_KEY && algorithm->scheme != SCHEME_HMAC)
        return SW_CONDITIONS_NOT_SATISFIED;
    return sw_of(mac_hmac(algorithm->digest == DIGEST_NONE ? DIGEST_SHA256
                                                           : algorithm->digest,
                          key_value(key), in, out));
}

sw_t
algorithm_mac(const struct key *key, const struct algorithm *algorithm,
              struct bytes in, struct buf *out)
{
    struct bytes value = key_value(key);
    enum cipher_alg alg;

    if (key_info(key).type == COS_KEY_HMAC)
        return hmac(key, algorithm, in, out);
    if (!key_is_symmetric(key_info(key).type, &alg) ||
        (algorithm->scheme != SCHEME_OF_KEY &&
         algorithm->scheme !=
             (alg == CIPHER_DES ? SCHEME_RETAIL : SCHEME_CMAC)) ||
        (alg == CIPHER_DES && value.n != 16))
        return SW_CONDITIONS_NOT_SATISFIED;
    return sw_of(alg == CIPHER_DES ? mac_retail(value, MAC_PAD_80, in, out)
                                   : mac_cmac(value, in, out));
}
