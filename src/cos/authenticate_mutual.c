/*
 * authenticate_mutual.c - MUTUAL AUTHENTICATE with symmetric keys, by ISO/IEC
 * 11770-2 mechanism 6 in the shape of ICAO Doc 9303-11 4.3.3: either side
 * enciphers both nonces and its half of a key, and adds a MAC. From both
 * halves come the keys of secure messaging. With AES, the nonces have 8 bytes,
 * the halves 16, the counter and the MAC are those of Doc 9303-11 9.8.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>

#include <vicc/crypto/mac.h>
#include <vicc/wipe.h>

#include "cos/authenticate.h"

#define NONCE 8
#define HALF 16 /* of the key seed */
#define TOKEN (2 * NONCE + HALF)
#define MAC_SIZE 8

enum { FOR_CIPHER = 1, FOR_MAC = 2 };

static int
put_mac(const struct key *key, struct bytes in, struct buf *out)
{
    uint8_t room[DIGEST_MAX];
    struct buf mac = BUF(room);
    const struct algorithm own = {SCHEME_OF_KEY, DIGEST_NONE};
    sw_t sw = algorithm_mac(key, &own, in, &mac);

    buf_put(out, bytes_slice(buf_bytes(&mac), 0, MAC_SIZE));
    return sw_is(sw, SW_OK) ? 0 : -EINVAL;
}

/* Doc 9303-11 9.7.1: SHA-1, or SHA-256 for AES keys of more than 128 bits. */
static int
derive(struct bytes seed, uint8_t counter, size_t n, uint8_t key[SM_KEY_MAX])
{
    uint8_t in_room[HALF + 4];
    uint8_t out_room[DIGEST_MAX];
    struct buf in = BUF(in_room);
    struct buf out = BUF(out_room);
    int err;

    if (n > SM_KEY_MAX)
        return -EINVAL;
    buf_put(&in, seed);
    buf_put_u16(&in, 0);
    buf_put_u16(&in, counter);
    err =
        digest_put(n > 16 ? DIGEST_SHA256 : DIGEST_SHA1, buf_bytes(&in), &out);
    if (err == 0 && n > out.n)
        err = -EINVAL;
    if (err == 0)
        memcpy(key, out.p, n);
    wipe(in_room, sizeof(in_room));
    wipe(out_room, sizeof(out_room));
    return err;
}

/* The counter begins with the halves of both nonces that come last. */
static sw_t
install(const struct operation *op, const struct capdu *c,
        const struct key *mac_key, struct bytes own, struct bytes other)
{
    struct key_info info = key_info(op->key);
    struct sm_session session = {.flags = SM_ICAO,
                                 .df = file_inner(op->key->df, mac_key->df)};
    uint8_t seed[HALF];
    size_t i;
    int err;

    for (i = 0; i < HALF; i++)
        seed[i] = own.p[2 * NONCE + i] ^ other.p[2 * NONCE + i];
    session.suite = info.type == COS_KEY_AES ? SM_AES : SM_DES;
    session.enc_n = session.mac_n =
        session.suite == SM_DES ? 16 : key_value(op->key).n;
    memcpy(session.ssc, own.p + NONCE / 2, NONCE / 2);
    memcpy(session.ssc + NONCE / 2, other.p + NONCE / 2, NONCE / 2);
    if (session.suite == SM_AES)
        memset(session.ssc, 0, sizeof(session.ssc));
    if ((err = derive(BYTES(seed), FOR_CIPHER, session.enc_n, session.enc)) ==
            0 &&
        (err = derive(BYTES(seed), FOR_MAC, session.mac_n, session.mac)) == 0)
        err = cos_install_sm(op->card, c, &session);
    wipe(&session, sizeof(session));
    wipe(seed, sizeof(seed));
    return sw_from_errno(err);
}

/* E(own nonce, other's nonce, own half), and the MAC of that. */
static sw_t
put_answer(const struct operation *op, const struct key *mac_key,
           struct bytes token, struct buf *rsp)
{
    size_t at = rsp->n;
    sw_t sw = algorithm_encipher(op->key, &op->algorithm, op->iv, token, rsp);

    if (!sw_is(sw, SW_OK))
        return sw;
    return put_mac(mac_key, bytes_of(rsp->p + at, rsp->n - at), rsp) == 0
               ? SW_OK
               : SW_CONDITIONS_NOT_SATISFIED;
}

/* The MAC is right, and the nonce inside is the one of the last challenge. */
static bool
open_token(const struct operation *op, const struct key *mac_key,
           struct bytes challenge, struct bytes in, struct buf *token)
{
    uint8_t room[MAC_SIZE];
    struct buf mac = BUF(room);

    return put_mac(mac_key, bytes_slice(in, 0, TOKEN), &mac) == 0 &&
           equal_ct(buf_bytes(&mac), bytes_slice(in, TOKEN, MAC_SIZE)) &&
           sw_is(algorithm_decipher(op->key, &op->algorithm, op->iv,
                                    bytes_slice(in, 0, TOKEN), token),
                 SW_OK) &&
           equal_ct(bytes_slice(buf_bytes(token), NONCE, NONCE), challenge);
}

/* The key of the checksum template, if that is set; else the same. */
static sw_t
find_mac_key(const struct operation *op, struct key **key)
{
    struct bytes reference;

    *key = op->key;
    if (!environment_object(&op->channel->environment, CRT_CHECKSUM,
                            ROLE_VERIFY, 0x83, &reference))
        return SW_OK;
    *key = key_find(op->card, op->channel, reference);
    return *key == NULL ? SW_REFERENCE_NOT_FOUND
                        : key_check_use(op->card, op->channel, *key,
                                        COS_KEY_CHECK | COS_KEY_EXTERNAL);
}

/* Ours: the nonces change places, and the half is a new one. */
static sw_t
answer(const struct operation *op, const struct capdu *c,
       const struct key *mac_key, struct bytes other, struct buf *rsp)
{
    uint8_t room[TOKEN];
    struct buf own = BUF(room);
    sw_t sw;

    buf_put(&own, bytes_slice(other, NONCE, NONCE));
    buf_put(&own, bytes_slice(other, 0, NONCE));
    sw = sw_from_errno(card_random(op->card, buf_reserve(&own, HALF), HALF));
    if (sw_is(sw, SW_OK))
        sw = put_answer(op, mac_key, buf_bytes(&own), rsp);
    if (sw_is(sw, SW_OK))
        sw = install(op, c, mac_key, buf_bytes(&own), other);
    wipe(room, sizeof(room));
    return sw;
}

sw_t
authenticate_mutually(struct operation *op, const struct capdu *c,
                      struct buf *rsp)
{
    struct crypto_state *state = &op->channel->crypto;
    uint8_t rooms[2][TOKEN];
    struct buf challenge = BUF(rooms[0]);
    struct buf other = BUF(rooms[1]);
    struct key *mac_key;
    sw_t sw;

    if (op->key == NULL || op->pkey != NULL)
        return SW_CONDITIONS_NOT_SATISFIED;
    if (c->data.n != TOKEN + MAC_SIZE)
        return SW_WRONG_LENGTH;
    if (!sw_is(sw = find_mac_key(op, &mac_key), SW_OK))
        return sw;
    if (state->challenge_n == NONCE)
        buf_put(&challenge, bytes_of(state->challenge, NONCE));
    sw = authenticate_begin(op, buf_bytes(&challenge));
    crypto_state_challenge(state, bytes_of(NULL, 0));
    if (!sw_is(sw, SW_OK))
        return sw;
    sw = authenticate_end(
        op, open_token(op, mac_key, buf_bytes(&challenge), c->data, &other));
    if (sw_is(sw, SW_OK))
        sw = answer(op, c, mac_key, buf_bytes(&other), rsp);
    wipe(rooms, sizeof(rooms));
    return sw;
}
