/*
 * mask.c - which bytes of an exchange are secret.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "vicc/mask.h"

#include <vicc/apdu.h>
#include <vicc/hex.h>
#include <vicc/sw.h>
#include <vicc/tlv.h>

/* What a command carries that nobody should see. */
enum secret {
    SECRET_DATA = 1,   /* its data field */
    SECRET_ANSWER = 2, /* the data of its answer */
};

struct secret_command {
    uint8_t ins;
    uint8_t p1_from, p1_to;
    uint8_t p2_from, p2_to;
    uint32_t tag; /* 4D: the data begin with that; else: that stands in 5C */
    uint8_t secret;
};

#define ANY 0
#define HEADER_LIST 0x4D
#define TAG_LIST 0x5C

/*
 * By INS, whatever the class: cards with a class of their own keep the
 * standard's numbers, and hiding too much costs less than showing a PIN.
 * ISO/IEC 7816-4:2013 11.5, 7816-8:2016, NIST SP 800-73-4 Part 2, OpenPGP
 * card 3.4.1, Cryptoflex. The first line that fits counts.
 */
/* clang-format off */
static const struct secret_command secret_commands[] = {
    {0x20, 0x00, 0xFF, 0x00, 0xFF, ANY, SECRET_DATA},   /* VERIFY */
    {0x21, 0x00, 0xFF, 0x00, 0xFF, ANY, SECRET_DATA},
    {0x24, 0x00, 0xFF, 0x00, 0xFF, ANY, SECRET_DATA},   /* CHANGE REF. DATA */
    {0x25, 0x00, 0xFF, 0x00, 0xFF, ANY, SECRET_DATA},
    {0x26, 0x00, 0xFF, 0x00, 0xFF, ANY, SECRET_DATA},   /* DISABLE VERIF. */
    {0x28, 0x00, 0xFF, 0x00, 0xFF, ANY, SECRET_DATA},   /* ENABLE VERIF. */
    {0x2A, 0x00, 0x00, 0x00, 0x0F, ANY, SECRET_DATA},   /* VERIFY KEY */
    {0x2A, 0x80, 0x80, 0x00, 0xFF, ANY, SECRET_ANSWER}, /* PSO: DECIPHER */
    {0x2A, 0x00, 0xFF, 0x80, 0x80, ANY, SECRET_DATA},   /* PSO: ENCIPHER */
    {0x2B, 0x80, 0x80, 0x00, 0xFF, ANY, SECRET_ANSWER},
    {0x2B, 0x00, 0xFF, 0x80, 0x80, ANY, SECRET_DATA},
    {0x2C, 0x00, 0xFF, 0x00, 0xFF, ANY, SECRET_DATA},   /* RESET RETRY C. */
    {0x2D, 0x00, 0xFF, 0x00, 0xFF, ANY, SECRET_DATA},
    {0x86, 0x00, 0xFF, 0x00, 0x1F, ANY, SECRET_ANSWER}, /* key agreement */
    {0x86, 0x00, 0xFF, 0x81, 0x9F, ANY, SECRET_ANSWER},
    {0x87, 0x00, 0xFF, 0x00, 0x1F, ANY, SECRET_ANSWER},
    {0x87, 0x00, 0xFF, 0x82, 0x95, ANY, SECRET_ANSWER}, /* PIV: decipher */
    {0x87, 0x00, 0xFF, 0x9D, 0x9D, ANY, SECRET_ANSWER},
    {0xC2, 0x00, 0xFF, 0x00, 0xFF, ANY, SECRET_DATA},   /* ENVELOPE: any */
    {0xC3, 0x00, 0xFF, 0x00, 0xFF, ANY, SECRET_DATA},   /* of the others */
    {0xD8, 0x00, 0xFF, 0x00, 0xFF, ANY, SECRET_DATA},   /* PUT KEY */
    {0xDA, 0x00, 0x00, 0xD1, 0xD3, ANY, SECRET_DATA},   /* OpenPGP: keys */
    {0xDA, 0x00, 0x00, 0xD5, 0xD5, ANY, SECRET_DATA},   /* and reset code */
    {0xDA, 0x00, 0x00, 0xF4, 0xF4, ANY, SECRET_DATA},
    {0xDB, 0x3F, 0x3F, 0xFF, 0xFF, HEADER_LIST, SECRET_DATA}, /* private key */
    /* PIV: printed information, where some keep the 9B key */
    {0xCB, 0x3F, 0x3F, 0xFF, 0xFF, 0x5FC109, SECRET_ANSWER},
    {0xDB, 0x3F, 0x3F, 0xFF, 0xFF, 0x5FC109, SECRET_DATA},
    {0xFE, 0x00, 0xFF, 0x00, 0xFF, ANY, SECRET_DATA},   /* PIV: import key */
    {0xFF, 0x00, 0xFF, 0x00, 0xFF, ANY, SECRET_DATA},   /* PIV: 9B key */
};
/* clang-format on */

#define INS_GET_RESPONSE 0xC0

/* The beginning of a chain that cannot be read yet may name anything. */
static bool
may_name(const struct capdu *c, uint32_t tag)
{
    struct bytes data = c->data;
    uint32_t one;
    struct tlv t;

    if (data.n != 0 && data.p[0] == HEADER_LIST)
        return tag == HEADER_LIST;
    if (!tlv_next(&data, &t))
        return c->chained || c->data.n == 0;
    while (t.tag == TAG_LIST && t.value.n != 0)
        if (!tlv_take_tag(&t.value, &one) || one == tag)
            return true;
    return false;
}

static bool
fits(const struct secret_command *s, const struct capdu *c)
{
    return s->ins == c->ins && s->p1_from <= c->p1 && c->p1 <= s->p1_to &&
           s->p2_from <= c->p2 && c->p2 <= s->p2_to &&
           (s->tag == ANY || may_name(c, s->tag));
}

/*
 * A Cryptoflex card has its PINs and keys in files, which are written like
 * any other: CHV 1 and 2, the external and internal DES keys, RSA keys.
 */
static bool
is_secret_file(uint16_t fid)
{
    return fid == 0x0000 || fid == 0x0100 || fid == 0x0001 || fid == 0x0011 ||
           fid == 0x0012;
}

/*
 * Classes C0 and F0: SELECT and CREATE FILE make a file the current one, if
 * they succeed; without an answer it can be either.
 */
static void
follow_file(struct mask *mask, const struct capdu *c)
{
    uint16_t fid;

    if (mask->chooses)
        mask->secret_file = mask->secret_file || mask->secret_next;
    mask->chooses =
        (c->cla == 0xC0 || c->cla == 0xF0) &&
        ((c->ins == 0xA4 && bytes_u16(c->data, &fid)) ||
         (c->ins == 0xE0 && bytes_u16(bytes_slice(c->data, 4, 2), &fid)));
    mask->secret_next = mask->chooses && is_secret_file(fid);
}

static uint8_t
find_secret(const struct mask *mask, const struct capdu *c)
{
    size_t i;

    if (mask->chained && c->ins == mask->ins)
        return mask->secret;
    if (mask->secret_file && (c->cla == 0xC0 || c->cla == 0xF0))
        if (c->ins == 0xB0 || c->ins == 0xD0 || c->ins == 0xD6)
            return c->ins == 0xB0 ? SECRET_ANSWER : SECRET_DATA;
    /* It signs and decrypts by one command, of 2048 bits in a chain. */
    if (c->ins == 0x88 && (c->cla == 0xC0 || c->chained))
        return SECRET_ANSWER;
    for (i = 0; i < sizeof(secret_commands) / sizeof(secret_commands[0]); i++)
        if (fits(&secret_commands[i], c))
            return secret_commands[i].secret;
    return 0;
}

/*
 * The data field. Where there is none, or the lengths do not fit, all that
 * follows the header but a lone Le, since a PIN may stand where its length
 * belongs.
 */
static struct bytes
data_field(struct bytes command, struct capdu *c)
{
    if (capdu_parse(command, c) && c->data.n != 0)
        return c->data;
    return bytes_slice(command, CAPDU_HEADER,
                       command.n == CAPDU_HEADER + 1 ? 0 : command.n);
}

struct mask_range
mask_command(struct mask *mask, struct bytes command)
{
    const struct mask_range none = {0, 0};
    struct capdu c;
    struct bytes data;
    size_t from;

    if (mask->reveal || command.n < CAPDU_HEADER)
        return none;
    data = data_field(command, &c);
    if (c.ins == INS_GET_RESPONSE)
        return none; /* goes on with the answer of the command before */
    follow_file(mask, &c);
    mask->secret = find_secret(mask, &c);
    mask->chained = c.chained;
    mask->ins = c.ins;
    mask->answer_secret = (mask->secret & SECRET_ANSWER) != 0;
    if (data.n == 0 || !(mask->secret & SECRET_DATA))
        return none;
    from = (size_t)(data.p - command.p);
    return (struct mask_range){from, from + data.n};
}

/* SW1-SW2 says that the command has done its work. */
static bool
is_done(struct bytes response)
{
    uint16_t sw;

    return response.n >= 2 &&
           bytes_u16(bytes_slice(response, response.n - 2, 2), &sw) &&
           sw_is_completed(SW(sw));
}

/* All but SW1-SW2. */
struct mask_range
mask_response(struct mask *mask, struct bytes response)
{
    if (mask->chooses && is_done(response))
        mask->secret_file = mask->secret_next;
    mask->chooses = false;
    if (mask->reveal || !mask->answer_secret || response.n <= 2)
        return (struct mask_range){0, 0};
    return (struct mask_range){0, response.n - 2};
}

void
mask_put(struct buf *out, struct bytes in, struct mask_range hidden)
{
    size_t i;

    hex_put(out, bytes_slice(in, 0, hidden.from));
    for (i = hidden.from; i < hidden.to; i++)
        buf_put(out, bytes_of("**", 2));
    hex_put(out, bytes_slice(in, hidden.to, in.n));
}
