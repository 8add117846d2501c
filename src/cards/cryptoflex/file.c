/*
 * file.c - the file commands of a Cryptoflex card, where they are not those of
 * ISO/IEC 7816-4.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/cos.h>
#include <vicc/tlv.h>

#include "cards/cryptoflex/cryptoflex.h"

#define FILE_COST 16 /* bytes that a file takes besides its content */
#define SFI_BIT 0x80 /* of P1, in the standard alone */

/* The data of CREATE FILE. */
enum {
    NEW_SIZE = 2,
    NEW_FID = 4,
    NEW_TYPE = 6,
    NEW_FLAGS, /* and three bytes of conditions */
    NEW_STATUS = 11,
    NEW_KEYS = 13,
    NEW_RECORD = 16,
    NEW_MIN = NEW_RECORD,
    NEW_MAX,
};

/* Bits of the file descriptor byte besides the type, 7816-4:2013 7.4.5. */
#define INTERNAL 0x08
#define SHAREABLE 0x40
#define STATUS_VALID 0x01
#define LIFE_INVALIDATED 0x04
#define LIFE_VALID 0x05

sw_t
cryptoflex_expect(const struct capdu *c, size_t n)
{
    if (c->p1 != 0 || c->p2 != 0)
        return SW_OFFSET_OUTSIDE_EF; /* wrong parameters, on these cards */
    return c->data.n == n ? SW_OK : SW_P3_SHOULD_BE(n);
}

static uint16_t
size_of(const struct file *file)
{
    uint16_t size = 0;

    if (!bytes_u16(cos_parameter(file, 0x80), &size))
        bytes_u16(cos_parameter(file, 0x81), &size); /* of a DF */
    return size;
}

long
cryptoflex_room(const struct file *df)
{
    long room = size_of(df);
    const struct file *file;
    size_t i;

    for (i = 0; (file = look_child(df, i)) != NULL; i++)
        room -= size_of(file) + FILE_COST;
    return room;
}

static uint8_t
tries_left(const struct cos_secret *secret)
{
    struct look_file look;

    look_file(secret->ef, &look);
    return 0x80 | look.content.p[secret->tries_left];
}

/* How often a CHV and its unblocking code may still be tried; 00: no CHV. */
static void
put_tries(struct file *file, struct buf *rsp)
{
    struct cos_secret chv, code;

    if (file == NULL) {
        buf_put_u16(rsp, 0);
        return;
    }
    chv = cryptoflex_chv(file);
    code = cryptoflex_unblock_code(file);
    buf_put_u8(rsp, tries_left(&chv));
    buf_put_u8(rsp, tries_left(&code));
}

static void
put_df(const struct file *df, struct buf *rsp)
{
    struct file *chv1 = cryptoflex_governing(df, FID_CHV1);
    struct file *chv2 = cryptoflex_governing(df, FID_CHV2);
    uint8_t dfs = 0, efs = 0;
    const struct file *file;
    struct look_file look;
    size_t i;

    for (i = 0; (file = look_child(df, i)) != NULL; i++) {
        look_file(file, &look);
        look.is_df ? dfs++ : efs++;
    }
    buf_put_u8(rsp, chv2 == NULL ? 7 : 9); /* bytes behind this one */
    buf_put_u8(rsp, 0);
    buf_put_u8(rsp, dfs);
    buf_put_u8(rsp, efs);
    buf_put_u8(rsp, (uint8_t)(2 * (chv1 != NULL) + 2 * (chv2 != NULL)));
    buf_put_u8(rsp, 0);
    put_tries(chv1, rsp);
    if (chv2 != NULL)
        put_tries(chv2, rsp);
}

/* Real cards give EFs one byte too many for the number in front. */
static void
put_ef(const struct look_file *look, struct buf *rsp)
{
    buf_put_u8(rsp, 1);
    buf_put_u8(rsp, 0);
    buf_put_u8(rsp,
               look->type == TYPE_VARIABLE ? 0 : (uint8_t)look->record_max);
}

static void
put_response(const struct file *file, struct buf *rsp)
{
    struct bytes header = cos_parameter(file, 0x85);
    struct look_file look;
    long room;

    look_file(file, &look);
    room = look.is_df ? cryptoflex_room(file) : size_of(file);
    buf_put_u16(rsp, 0);
    buf_put_u16(rsp, room < 0 ? 0 : (uint16_t)room);
    buf_put_u16(rsp, look.fid);
    buf_put_u8(rsp, look.type);
    buf_put(rsp, bytes_slice(header, 0, HEADER_KEYS));
    buf_put_u8(rsp, look.life_cycle == LIFE_VALID ? STATUS_VALID : 0);
    if (look.is_df)
        put_df(file, rsp);
    else
        put_ef(&look, rsp);
}

/* One identifier: the MF, a child of the current DF, that DF, its parent. */
sw_t
cryptoflex_select(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct rights *rights = card_data(card, &cryptoflex_card);
    struct file *file;
    uint16_t fid;

    if (c->p1 != 0 || c->p2 != 0)
        return SW_WRONG_P1_P2; /* not 6B00: programs ask for names like that */
    if (!bytes_u16(c->data, &fid))
        return SW_P3_SHOULD_BE(2);
    if ((file = cos_find(card, c, fid)) == NULL)
        return SW_FILE_NOT_FOUND;
    cos_make_current(card, c, file);
    rights->listed = 0;
    put_response(file, rsp);
    return SW_OK;
}

/* How long the records of a new file are; 0: it has none, or of any length. */
static uint8_t
record_size(struct bytes data)
{
    uint8_t type = data.p[NEW_TYPE];

    return data.n == NEW_MAX && (type == TYPE_FIXED || type == TYPE_CYCLIC)
               ? data.p[NEW_RECORD]
               : 0;
}

/*
 * PINs and keys: files of the card's own use, which are kept and shown as such.
 * On these cards nobody sees that.
 */
static bool
is_secret(struct bytes data)
{
    static const uint16_t fids[] = {FID_CHV1, FID_INTERNAL_KEYS,
                                    FID_EXTERNAL_KEYS, FID_PRIVATE_KEYS,
                                    FID_CHV2};
    uint16_t fid = 0;
    size_t i = 0;

    bytes_u16(bytes_slice(data, NEW_FID, 2), &fid);
    while (i < sizeof(fids) / sizeof(fids[0]) && fids[i] != fid)
        i++;
    return i < sizeof(fids) / sizeof(fids[0]) && data.p[NEW_TYPE] != TYPE_DF;
}

/* What ISO/IEC 7816-4 says of a file, from what the command says. */
static void
put_parameters(struct bytes data, struct buf *fcp)
{
    uint8_t type = data.p[NEW_TYPE];
    const uint8_t descriptor[] = {
        (uint8_t)(type | SHAREABLE | (is_secret(data) ? INTERNAL : 0)), 0, 0,
        record_size(data)};
    size_t header;

    tlv_put(fcp, type == TYPE_DF ? 0x81 : 0x80, bytes_slice(data, NEW_SIZE, 2));
    tlv_put(fcp, 0x82,
            bytes_slice(BYTES(descriptor), 0,
                        type == TYPE_FIXED || type == TYPE_CYCLIC ? 4 : 1));
    tlv_put(fcp, 0x83, bytes_slice(data, NEW_FID, 2));
    if (type != TYPE_DF)
        tlv_put(fcp, 0x88, bytes_of(NULL, 0)); /* no short identifier */
    tlv_put_u8(fcp, 0x8A,
               data.p[NEW_STATUS] == 0 ? LIFE_INVALIDATED : LIFE_VALID);
    header = tlv_open(fcp, 0x85);
    buf_put(fcp, bytes_slice(data, NEW_FLAGS, HEADER_KEYS));
    buf_put(fcp, bytes_slice(data, NEW_KEYS, HEADER_SIZE - HEADER_KEYS));
    tlv_close(fcp, header);
}

/* P2 says how many records a new file begins with. */
static sw_t
add_records(struct card *card, const struct capdu *c)
{
    static const uint8_t zeros[UINT8_MAX];
    struct file *ef = cos_current_ef(card, c);
    struct bytes record = bytes_of(zeros, record_size(c->data));
    sw_t sw = SW_OK;
    unsigned i;

    if (c->p2 == 0)
        return SW_OK;
    if (record.n == 0)
        return SW_WRONG_DATA;
    for (i = 0; i < c->p2 && sw_is(sw, SW_OK); i++)
        sw = cos_append(card, c, record);
    cos_make_current(card, c, ef);
    return sw;
}

/* P1: 00 clears the content, FF leaves it, and here it is clear either way. */
sw_t
cryptoflex_create(struct card *card, const struct capdu *c, struct buf *rsp)
{
    static const uint8_t types[] = {TYPE_TRANSPARENT, TYPE_FIXED, TYPE_VARIABLE,
                                    TYPE_CYCLIC, TYPE_DF};
    struct file *parent = cos_current_df(card, c);
    uint8_t room[40];
    struct buf fcp = BUF(room);
    sw_t sw;

    (void)rsp;
    if (c->p1 != 0x00 && c->p1 != 0xFF)
        return SW_OFFSET_OUTSIDE_EF;
    if (c->data.n != NEW_MIN && c->data.n != NEW_MAX)
        return SW_P3_SHOULD_BE(NEW_MIN);
    if (memchr(types, c->data.p[NEW_TYPE], sizeof(types)) == NULL)
        return SW_WRONG_DATA;
    put_parameters(c->data, &fcp);
    sw = cos_create(card, c, buf_bytes(&fcp));
    if (sw_is(sw, SW_OK) && parent != NULL && cryptoflex_room(parent) < 0)
        return SW_NOT_ENOUGH_MEMORY; /* which undoes it */
    if (sw_is(sw, SW_OK))
        sw = add_records(card, c);
    return sw_is(sw, SW_FILE_EXISTS) ? SW_WRONG_DATA : sw;
}

/* A file in the current DF, with all that is in it. */
sw_t
cryptoflex_delete(struct card *card, const struct capdu *c, struct buf *rsp)
{
    uint16_t fid = 0;
    sw_t sw = cryptoflex_expect(c, sizeof(fid));

    if (!sw_is(sw, SW_OK))
        return sw;
    bytes_u16(c->data, &fid);
    if (cos_child(cos_current_df(card, c), fid) == NULL)
        return SW_FILE_NOT_FOUND;
    return cos_delete_file(card, c, rsp);
}

/* One child at a time, as they were made; after the last the first again. */
sw_t
cryptoflex_dir_next(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct file *df = cos_current_df(card, c);
    struct rights *rights = card_data(card, &cryptoflex_card);
    const struct file *next;
    struct look_file look;
    sw_t sw;

    if (c->p1 != 0 || c->p2 != 0)
        return SW_OFFSET_OUTSIDE_EF;
    if (c->data.n != 0 || c->ne != 4)
        return SW_CORRECT_LE(4u);
    if (df == NULL)
        return SW_FILE_NOT_FOUND;
    if (!sw_is(sw = cryptoflex_check(card, df, PLACE_READ), SW_OK))
        return sw;
    next = look_next(df, rights->listed);
    rights->listed = 0;
    if (next == NULL)
        return SW_FILE_NOT_FOUND;
    look_file(next, &look);
    rights->listed = look.number;
    buf_put_u16(rsp, size_of(next));
    buf_put_u16(rsp, look.fid);
    return SW_OK;
}

/* P1-P2 are an offset and nothing else. */
sw_t
cryptoflex_read_binary(struct card *card, const struct capdu *c,
                       struct buf *rsp)
{
    if ((c->p1 & SFI_BIT) != 0)
        return SW_OFFSET_OUTSIDE_EF;
    return cos_read_binary(card, c, rsp);
}

sw_t
cryptoflex_update_binary(struct card *card, const struct capdu *c,
                         struct buf *rsp)
{
    sw_t sw = SW_OFFSET_OUTSIDE_EF;

    if ((c->p1 & SFI_BIT) == 0)
        sw = cos_update_binary(card, c, rsp);
    return sw_is(sw, SW_NOT_ENOUGH_MEMORY) ? SW_OFFSET_OUTSIDE_EF : sw;
}
