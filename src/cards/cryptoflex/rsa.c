/*
 * rsa.c - RSA keys of a Cryptoflex card: generated, and used, always without
 * padding. All numbers are little-endian.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>

#include <vicc/cos.h>
#include <vicc/crypto/rsa.h>
#include <vicc/wipe.h>

#include "cards/cryptoflex/cryptoflex.h"

#define DES_BLOCK 8
#define EXPONENT_SIZE 4
#define BITS_MAX 2048
#define MODULUS_MAX (BITS_MAX / 8)

/* A block of a key file: its length, the number of the key, and the key. */
#define BLOCK_HEADER 3
#define BLOCK_MAX (BLOCK_HEADER + 5 * MODULUS_MAX / 2 + EXPONENT_SIZE)

static bool
is_size(size_t bits)
{
    return bits == 512 || bits == 768 || bits == 1024 || bits == BITS_MAX;
}

/* Each of `count` numbers of the same size by itself. */
static void
put_each_reversed(struct buf *out, struct bytes in, size_t count)
{
    size_t n = in.n / count;

    for (; in.n != 0 && n != 0; in = bytes_slice(in, n, in.n))
        buf_put_reversed(out, bytes_slice(in, 0, n));
}

/* A place in a key file. */
struct block {
    size_t at;
    struct bytes whole; /* empty: here is the end */
};

static bool
is_end(struct bytes list)
{
    uint16_t n;

    return !bytes_u16(bytes_slice(list, 0, 2), &n) || n < BLOCK_HEADER ||
           n > list.n;
}

/*
 * The block of that number, or the end of the list: 0000, that of the file,
 * or a length that leads beyond it.
 */
static bool
find_block(struct bytes content, uint8_t number, struct block *block)
{
    struct bytes rest = content;

    for (; !is_end(rest); rest = bytes_slice(rest, block->whole.n, rest.n)) {
        block->at = content.n - rest.n;
        block->whole = bytes_slice(rest, 0, (size_t)rest.p[0] << 8 | rest.p[1]);
        if (rest.p[2] == number)
            return true;
    }
    *block = (struct block){content.n - rest.n, bytes_of(NULL, 0)};
    return false;
}

/* The transparent file of that identifier in the current DF. */
static struct file *
find_keys(struct card *card, const struct capdu *c, uint16_t fid,
          struct look_file *look)
{
    struct file *file = cos_child(cos_current_df(card, c), fid);

    if (file == NULL)
        return NULL;
    look_file(file, look);
    return look->is_df || look->has_records ? NULL : file;
}

static int
parse_key(struct bytes block, size_t modulus, struct pkey **key)
{
    struct bytes numbers = bytes_slice(block, BLOCK_HEADER, block.n);
    uint8_t room[5 * MODULUS_MAX / 2];
    struct buf crt = BUF(room);
    bool ok;

    if (numbers.n != 5 * modulus / 2)
        return -EMSGSIZE;
    put_each_reversed(&crt, numbers, PKEY_CRT_NUMBERS);
    ok = pkey_of_crt(buf_bytes(&crt), key);
    wipe(room, sizeof(room));
    return ok ? 0 : -EINVAL;
}

/* What to sign or to decrypt is a number less than the modulus. */
static sw_t
compute(const struct pkey *key, struct bytes in, struct buf *rsp)
{
    uint8_t rooms[2][MODULUS_MAX];
    struct buf number = BUF(rooms[0]);
    struct buf result = BUF(rooms[1]);
    int err;

    buf_put_reversed(&number, in);
    err = rsa_sign(key, RSA_PAD_RAW, DIGEST_NONE, buf_bytes(&number), &result);
    if (err == 0)
        buf_put_reversed(rsp, buf_bytes(&result));
    wipe(rooms, sizeof(rooms));
    return err == -EINVAL ? SW_WRONG_DATA : sw_from_errno(err);
}

static sw_t
use_rsa(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct pkey *key = NULL;
    struct look_file look;
    struct block block;
    sw_t sw;
    int err;

    if (!cryptoflex_has_chv1(card, cos_current_df(card, c)))
        return SW_SECURITY_NOT_SATISFIED;
    if (find_keys(card, c, FID_PRIVATE_KEYS, &look) == NULL)
        return SW_WRONG_FILE_STRUCTURE;
    if (c->p2 == UINT8_MAX ||
        !find_block(look.content, (uint8_t)(c->p2 + 1), &block))
        return SW_REFERENCE_NOT_FOUND;
    err = parse_key(block.whole, c->data.n, &key);
    sw = err == -EMSGSIZE ? SW_WRONG_LENGTH
         : err != 0       ? SW_REFERENCE_DATA_UNUSABLE /* no key at all */
                          : compute(key, c->data, rsp);
    pkey_free(&key);
    return sw;
}

/*
 * By DES with a block of 8 bytes, by RSA with as many as the modulus has. In
 * class C0 one command is long enough for up to 1024 bits; 2048 come in two,
 * by classes 10 and 00.
 */
sw_t
cryptoflex_internal_authenticate(struct card *card, const struct capdu *c,
                                 struct buf *rsp)
{
    bool is_chained = c->cla == 0x00;

    if (c->p1 != 0)
        return SW_OFFSET_OUTSIDE_EF;
    if (c->data.n == DES_BLOCK && !is_chained)
        return cryptoflex_des(card, c, rsp);
    if (!is_size(c->data.n * 8) || is_chained != (c->data.n == MODULUS_MAX))
        return SW_WRONG_LENGTH;
    return use_rsa(card, c, rsp);
}

/*
 * Puts a block in the place of the one of its number, or behind the others;
 * one of another length only where nothing follows.
 */
static sw_t
store_block(struct card *card, struct file *file, struct bytes whole)
{
    static const uint8_t end[2] = {0};
    struct look_file look;
    struct block block;
    struct bytes behind;
    size_t n;
    int err;

    look_file(file, &look);
    find_block(look.content, whole.p[2], &block);
    n = block.whole.n;
    behind = bytes_slice(look.content, block.at + n, look.content.n);
    if (whole.n > look.content.n - block.at ||
        (n != 0 && n != whole.n && !is_end(behind)))
        return SW_NOT_ENOUGH_MEMORY;
    err = cos_write(card, file, block.at, whole);
    behind = bytes_slice(look.content, block.at + whole.n, look.content.n);
    if (err == 0 && n != whole.n)
        err = cos_write(card, file, block.at + whole.n,
                        bytes_slice(BYTES(end), 0, behind.n));
    return sw_from_errno(err);
}

int
cryptoflex_put_private(const struct pkey *key, uint8_t number, struct buf *out)
{
    uint8_t room[5 * MODULUS_MAX / 2];
    struct buf crt = BUF(room);
    int err = pkey_put_crt(key, &crt);

    buf_put_u16(out, (uint16_t)(BLOCK_HEADER + crt.n));
    buf_put_u8(out, number);
    put_each_reversed(out, buf_bytes(&crt), PKEY_CRT_NUMBERS);
    wipe(room, sizeof(room));
    return err;
}

/* The exponent, zeros behind it. */
static int
put_exponent(const struct pkey *key, struct buf *out)
{
    uint8_t room[EXPONENT_SIZE] = {0};
    struct buf exponent = BUF(room);
    int err = pkey_put_exponent(key, &exponent);

    buf_put_reversed(out, buf_bytes(&exponent));
    memset(buf_reserve(out, sizeof(room) - exponent.n), 0,
           sizeof(room) - exponent.n);
    return err;
}

/* J0 and H, which help in computing modulo n, are zeros; nothing reads them. */
int
cryptoflex_put_public(const struct pkey *key, uint8_t number, struct buf *out)
{
    uint8_t room[MODULUS_MAX];
    struct buf modulus = BUF(room);
    size_t helpers = pkey_size(key) / 2 + pkey_size(key);
    int err = pkey_put_modulus(key, &modulus);

    buf_put_u16(out,
                (uint16_t)(BLOCK_HEADER + modulus.n + helpers + EXPONENT_SIZE));
    buf_put_u8(out, number);
    buf_put_reversed(out, buf_bytes(&modulus));
    memset(buf_reserve(out, helpers), 0, helpers);
    return err != 0 ? err : put_exponent(key, out);
}

bool
cryptoflex_takes_key(const struct pkey *key)
{
    uint8_t room[EXPONENT_SIZE];
    struct buf exponent = BUF(room);
    struct pkey_spec spec = pkey_spec(key);

    return spec.kind == PKEY_RSA && is_size(spec.bits) &&
           pkey_put_exponent(key, &exponent) == 0;
}

static sw_t
store_key(struct card *card, const struct capdu *c, struct file *files[2],
          const struct pkey *key)
{
    uint8_t number = (uint8_t)(c->p1 + 1);
    uint8_t rooms[2][BLOCK_MAX];
    struct buf private = BUF(rooms[0]);
    struct buf public = BUF(rooms[1]);
    int err = cryptoflex_put_private(key, number, &private);
    sw_t sw;

    if (err == 0)
        err = cryptoflex_put_public(key, number, &public);
    if (sw_is(sw = sw_from_errno(err), SW_OK))
        sw = store_block(card, files[0], buf_bytes(&private));
    if (sw_is(sw, SW_OK))
        sw = store_block(card, files[1], buf_bytes(&public));
    wipe(rooms, sizeof(rooms));
    return sw;
}

/* The exponent in the data, 0 if it is none. */
static uint32_t
take_exponent(struct bytes data)
{
    uint32_t e = (uint32_t)data.p[0] | (uint32_t)data.p[1] << 8 |
                 (uint32_t)data.p[2] << 16 | (uint32_t)data.p[3] << 24;

    return e < 3 || e % 2 == 0 ? 0 : e;
}

/*
 * P1: which key; P2: bytes of its modulus; data: the exponent. It replaces the
 * key of that number in both files, whose own conditions do not count.
 */
sw_t
cryptoflex_generate_key(struct card *card, const struct capdu *c,
                        struct buf *rsp)
{
    unsigned bytes = c->p2 == 0 ? MODULUS_MAX : c->p2;
    struct pkey_spec spec = {PKEY_RSA, CURVE_NONE, bytes * 8, 0};
    struct file *files[2];
    struct look_file look;
    struct pkey *key = NULL;
    sw_t sw;
    int err;

    (void)rsp;
    if (c->p1 == UINT8_MAX || !is_size(spec.bits))
        return SW_OFFSET_OUTSIDE_EF;
    if (c->data.n != EXPONENT_SIZE)
        return SW_P3_SHOULD_BE(EXPONENT_SIZE);
    spec.exponent = take_exponent(c->data);
    if (!cryptoflex_has_chv1(card, cos_current_df(card, c)) ||
        spec.exponent == 0)
        return SW_SECURITY_NOT_SATISFIED;
    files[0] = find_keys(card, c, FID_PRIVATE_KEYS, &look);
    files[1] = find_keys(card, c, FID_PUBLIC_KEYS, &look);
    if (files[0] == NULL || files[1] == NULL)
        return SW_FILE_NOT_FOUND;
    err = card_generate(card, &spec, &key);
    sw = err == 0 ? store_key(card, c, files, key) : sw_from_errno(err);
    pkey_free(&key);
    return sw;
}
