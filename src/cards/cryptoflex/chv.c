/*
 * chv.c - CHVs (PINs) and DES keys of a Cryptoflex card: they lie in files of
 * certain identifiers, and whoever knows one gets a right.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/cos.h>
#include <vicc/crypto/cipher.h>
#include <vicc/wipe.h>

#include "cards/cryptoflex/cryptoflex.h"

#define DES_BLOCK 8
#define PROOF_SIZE 6 /* of EXTERNAL AUTHENTICATE: the first of a block */

/* A CHV file. */
enum {
    CHV_ACTIVE, /* 00: not */
    CHV_VALUE = 3,
    CHV_SIZE = 8,
    CHV_TRIES_MAX = 11,
    CHV_TRIES_LEFT,
    CODE_VALUE, /* that unblocks it */
    CODE_TRIES_MAX = 21,
    CODE_TRIES_LEFT,
    CHV_FILE_SIZE,
};

/* A file of DES keys: a byte of no use, and keys, each with two bytes in
 * front, its length and algorithm, and two behind. */
enum {
    KEYS_BEGIN = 1,
    KEY_VALUE = 2,
    KEY_TRIES_MAX = 0, /* behind the value */
    KEY_TRIES_LEFT,
    KEY_OVERHEAD = 4,
};

/* The content of a transparent file; empty of any other. */
static struct bytes
content_of(const struct file *file)
{
    struct look_file look;

    look_file(file, &look);
    return look.is_df || look.has_records ? bytes_of(NULL, 0) : look.content;
}

/* One of size 0 where the file is too short for any. */
struct cos_secret
cryptoflex_chv(struct file *file)
{
    const struct cos_secret secret = {file, CHV_VALUE, CHV_SIZE, CHV_TRIES_MAX,
                                      CHV_TRIES_LEFT};

    return content_of(file).n < CHV_FILE_SIZE ? (struct cos_secret){0} : secret;
}

struct cos_secret
cryptoflex_unblock_code(struct file *file)
{
    return (struct cos_secret){file, CODE_VALUE, CHV_SIZE, CODE_TRIES_MAX,
                               CODE_TRIES_LEFT};
}

bool
cryptoflex_key(struct file *file, unsigned number, struct cos_secret *secret)
{
    struct bytes content = content_of(file);
    size_t at = KEYS_BEGIN;
    size_t n = 0;

    for (; at < content.n; at += KEY_OVERHEAD + n) {
        n = content.p[at];
        if (!cipher_takes_key(CIPHER_DES, n) ||
            n + KEY_OVERHEAD > content.n - at)
            return false; /* 00: there are no more */
        if (number-- != 0)
            continue;
        *secret = (struct cos_secret){file, at + KEY_VALUE, n,
                                      at + KEY_VALUE + n + KEY_TRIES_MAX,
                                      at + KEY_VALUE + n + KEY_TRIES_LEFT};
        return true;
    }
    return false;
}

/* The number of tries is more than these cards tell, but 7816-4 does. */
static sw_t
answer(const struct card *card, sw_t sw)
{
    bool is_plain = strcmp(card_option(card, "wrong-pin"), "6300") == 0;

    return is_plain && (sw.code & 0xFFF0) == 0x63C0 ? SW_VERIFY_FAILED : sw;
}

/* What commands about CHV P2 begin with; `n` bytes of data. */
static sw_t
begin_chv(struct card *card, const struct capdu *c, size_t n,
          struct file **file)
{
    if (c->p1 != 0 || c->p2 < 1 || c->p2 > 2)
        return SW_OFFSET_OUTSIDE_EF;
    if (c->data.n != n || c->ne != 0)
        return SW_P3_SHOULD_BE(n);
    *file = cryptoflex_governing(cos_current_df(card, c),
                                 c->p2 == 1 ? FID_CHV1 : FID_CHV2);
    return *file == NULL ? SW_WRONG_FILE_STRUCTURE : SW_OK;
}

static sw_t
try_chv(struct card *card, const struct capdu *c, struct file *file)
{
    const struct cos_secret secret = cryptoflex_chv(file);
    struct rights *rights = card_data(card, &cryptoflex_card);
    struct look_file look;
    sw_t sw;

    look_file(file, &look);
    rights->chv_file[c->p2 - 1] = 0; /* whatever comes of it */
    sw = cos_secret_try(card, &secret, bytes_slice(c->data, 0, CHV_SIZE));
    if (sw_is(sw, SW_OK))
        rights->chv_file[c->p2 - 1] = look.number;
    return answer(card, sw);
}

sw_t
cryptoflex_verify_chv(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct file *file;
    sw_t sw = begin_chv(card, c, CHV_SIZE, &file);

    (void)rsp;
    return sw_is(sw, SW_OK) ? try_chv(card, c, file) : sw;
}

/* The old value, and the new one. */
sw_t
cryptoflex_change_chv(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct file *file;
    sw_t sw = begin_chv(card, c, (size_t)2 * CHV_SIZE, &file);

    (void)rsp;
    if (!sw_is(sw, SW_OK) || !sw_is(sw = try_chv(card, c, file), SW_OK))
        return sw;
    return sw_from_errno(cos_write(card, file, CHV_VALUE,
                                   bytes_slice(c->data, CHV_SIZE, CHV_SIZE)));
}

/* The unblocking code, and a new value. What was verified was the old one. */
sw_t
cryptoflex_unblock_chv(struct card *card, const struct capdu *c,
                       struct buf *rsp)
{
    static const uint8_t active = 0xFF;
    struct rights *rights = card_data(card, &cryptoflex_card);
    struct cos_secret code;
    struct file *file;
    struct bytes tries;
    sw_t sw = begin_chv(card, c, (size_t)2 * CHV_SIZE, &file);
    int err;

    (void)rsp;
    if (!sw_is(sw, SW_OK))
        return sw;
    code = cryptoflex_unblock_code(file);
    rights->chv_file[c->p2 - 1] = 0;
    sw = cos_secret_try(card, &code, bytes_slice(c->data, 0, CHV_SIZE));
    if (!sw_is(sw, SW_OK))
        return answer(card, sw);
    tries = bytes_slice(content_of(file), CHV_TRIES_MAX, 1);
    if ((err = cos_write(card, file, CHV_VALUE,
                         bytes_slice(c->data, CHV_SIZE, CHV_SIZE))) == 0 &&
        (err = cos_write(card, file, CHV_TRIES_LEFT, tries)) == 0)
        err = cos_write(card, file, CHV_ACTIVE, bytes_of(&active, 1));
    return sw_from_errno(err);
}

/* A key was proved to be known, or not. */
static sw_t
end_key(struct card *card, const struct cos_secret *secret, unsigned number,
        bool is_right)
{
    struct rights *rights = card_data(card, &cryptoflex_card);
    struct look_file look;
    sw_t sw = cos_secret_end(card, secret, is_right);

    if (!sw_is(sw, SW_OK))
        return answer(card, sw);
    look_file(secret->ef, &look);
    if (rights->key_file != look.number)
        rights->keys = 0;
    rights->key_file = look.number;
    rights->keys |= 1u << number;
    return sw;
}

/* The key of that number, and one try of it less. */
static sw_t
begin_key(struct card *card, const struct capdu *c, unsigned number, size_t n,
          struct cos_secret *secret)
{
    struct file *file =
        cryptoflex_governing(cos_current_df(card, c), FID_EXTERNAL_KEYS);
    struct rights *rights = card_data(card, &cryptoflex_card);

    if (file == NULL || number > 0x0F || !cryptoflex_key(file, number, secret))
        return SW_WRONG_FILE_STRUCTURE;
    if (n != secret->n && n != 0)
        return SW_P3_SHOULD_BE(secret->n);
    rights->keys &= ~(1u << number);
    return cos_secret_begin(card, secret);
}

static struct bytes
value_of(const struct cos_secret *secret)
{
    return bytes_slice(content_of(secret->ef), secret->value, secret->n);
}

sw_t
cryptoflex_verify_key(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct cos_secret key;
    sw_t sw;

    (void)rsp;
    if (c->p1 != 0)
        return SW_OFFSET_OUTSIDE_EF;
    if (c->data.n == 0)
        return SW_P3_SHOULD_BE(DES_BLOCK);
    sw = begin_key(card, c, c->p2, c->data.n, &key);
    if (!sw_is(sw, SW_OK))
        return sw;
    return end_key(card, &key, c->p2, equal_ct(c->data, value_of(&key)));
}

static bool
encrypt(const struct cos_secret *key, struct bytes block, struct buf *out)
{
    const struct cipher cipher = {
        CIPHER_DES, CIPHER_ECB, value_of(key), {NULL, 0}};

    return cipher_encrypt(&cipher, block, out) == 0;
}

/* The number of the key, and the beginning of the encrypted challenge. */
sw_t
cryptoflex_external_authenticate(struct card *card, const struct capdu *c,
                                 struct buf *rsp)
{
    uint8_t rooms[2][64];
    struct buf challenge = BUF(rooms[0]);
    struct buf proof = BUF(rooms[1]);
    struct cos_secret key;
    bool is_right;
    sw_t sw;

    (void)rsp;
    if (!sw_is(sw = cryptoflex_expect(c, 1 + PROOF_SIZE), SW_OK))
        return sw;
    cos_take_challenge(card, c, &challenge);
    if (challenge.n != DES_BLOCK)
        return SW_CONDITIONS_NOT_SATISFIED;
    if (!sw_is(sw = begin_key(card, c, c->data.p[0], 0, &key), SW_OK))
        return sw;
    is_right = encrypt(&key, buf_bytes(&challenge), &proof) &&
               equal_ct(bytes_slice(c->data, 1, PROOF_SIZE),
                        bytes_slice(buf_bytes(&proof), 0, PROOF_SIZE));
    wipe(rooms[1], sizeof(rooms[1]));
    return end_key(card, &key, c->data.p[0], is_right);
}

/* P1: b1 CHV1, b2 CHV2, b3 the AUT keys. */
sw_t
cryptoflex_logout(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct rights *rights = card_data(card, &cryptoflex_card);

    (void)rsp;
    if (c->p1 > 0x07 || c->p2 != 0)
        return SW_OFFSET_OUTSIDE_EF;
    if ((c->p1 & 0x01) != 0)
        rights->chv_file[0] = 0;
    if ((c->p1 & 0x02) != 0)
        rights->chv_file[1] = 0;
    if ((c->p1 & 0x04) != 0)
        rights->keys = 0;
    return SW_OK;
}

/* By a DES key; the one of RSA keys is in rsa.c. */
sw_t
cryptoflex_des(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct file *file =
        cryptoflex_governing(cos_current_df(card, c), FID_INTERNAL_KEYS);
    struct cos_secret key;

    if (file == NULL || !cryptoflex_key(file, c->p2, &key))
        return SW_WRONG_FILE_STRUCTURE;
    return encrypt(&key, c->data, rsp) ? SW_OK : SW_UNKNOWN;
}
