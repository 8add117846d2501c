/*
 * binary.c - places in transparent EFs, and what is done there.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/binary.h"

#include <vicc/tlv.h>

#include "cos/ef.h"

#define CHUNK 512 /* bytes that are combined or erased at a time */

/* Data coding byte, b7 b6: what WRITE does to bits already there. */
enum write_function {
    WRITE_FUNCTION = 0x60,
    WRITE_ONCE = 0x00,
    WRITE_PROPRIETARY = 0x20,
    WRITE_OR = 0x40,
    WRITE_AND = 0x60,
};

uint64_t
binary_bytes(const struct file *ef, uint32_t offset)
{
    unsigned power = file_coding(ef) & 0x0F; /* of two, in quartets */
    uint64_t bytes = (uint64_t)offset << (power <= 1 ? 0 : power - 1);

    return bytes > file_content(ef).n ? UINT64_MAX : bytes;
}

sw_t
binary_seek(struct place *place, uint32_t offset)
{
    struct bytes content = file_content(place->ef);
    uint64_t bytes = binary_bytes(place->ef, offset);

    if (bytes == UINT64_MAX || (bytes == content.n && content.n != 0))
        return SW_OFFSET_OUTSIDE_EF;
    place->offset = (size_t)bytes;
    place->from_there = bytes_slice(content, place->offset, content.n);
    return SW_OK;
}

static sw_t
check_ef(struct card *card, const struct channel *channel,
         const struct file *ef, enum access_mode mode)
{
    if (ef->type != FILE_TRANSPARENT)
        return SW_WRONG_FILE_STRUCTURE;
    return access_check(card, channel, ef, mode);
}

/* P1 b8 set: a short EF identifier, and an offset of one byte. */
sw_t
binary_find(struct card *card, const struct capdu *c, enum access_mode mode,
            struct place *place)
{
    struct channel *channel = channel_of(card, c);
    bool has_sfi = (c->p1 & 0x80) != 0;
    uint32_t offset = has_sfi ? c->p2 : (uint32_t)c->p1 << 8 | c->p2;
    sw_t sw;

    *place = (struct place){.ef = channel->now.ef};
    if (has_sfi && (c->p1 & 0x60) != 0)
        return SW_WRONG_P1_P2;
    sw = has_sfi ? ef_choose_sfi(card, channel, c->p1 & 0x1F, &place->ef)
                 : ef_choose_current(channel, &place->ef);
    if (!sw_is(sw, SW_OK) ||
        !sw_is(sw = check_ef(card, channel, place->ef, mode), SW_OK))
        return sw;
    return binary_seek(place, offset);
}

sw_t
binary_find_odd(struct card *card, const struct capdu *c, enum access_mode mode,
                struct place *place)
{
    struct channel *channel = channel_of(card, c);
    sw_t sw;

    *place = (struct place){0};
    sw = ef_choose(card, channel, (uint16_t)(c->p1 << 8 | c->p2), &place->ef);
    if (!sw_is(sw, SW_OK))
        return sw;
    return check_ef(card, channel, place->ef, mode);
}

static sw_t
take_object(struct bytes *in, struct tlv *t)
{
    if (tlv_next(in, t))
        return SW_OK;
    return in->n == 0 ? SW_WRONG_DATA : SW_NC_INCONSISTENT_WITH_TLV;
}

sw_t
binary_take_offset(struct bytes *in, uint32_t *offset)
{
    struct tlv t;
    sw_t sw = take_object(in, &t);

    if (!sw_is(sw, SW_OK))
        return sw;
    return t.tag == 0x54 && bytes_uint(t.value, offset) ? SW_OK : SW_WRONG_DATA;
}

sw_t
binary_take_string(struct bytes *in, struct bytes *string)
{
    struct tlv t;
    sw_t sw = take_object(in, &t);

    if (!sw_is(sw, SW_OK))
        return sw;
    *string = t.value;
    return t.tag == 0x53 || t.tag == 0x73 ? SW_OK : SW_WRONG_DATA;
}

/* The longest value that fits into `room` bytes with its tag and length. */
static size_t
fitting(size_t room)
{
    size_t n = room;

    while (n != 0 && 1 + tlv_length_size(n) + n > room)
        n--;
    return n;
}

sw_t
binary_put_string(const struct capdu *c, struct bytes from_there,
                  struct buf *rsp)
{
    size_t room = c->ne != 0 && c->ne < buf_room(rsp) ? c->ne : buf_room(rsp);

    if (room < 2)
        return SW_WRONG_LENGTH;
    tlv_put(rsp, 0x53, bytes_slice(from_there, 0, fitting(room)));
    return rsp->n < c->ne && !c->ne_open && from_there.n < fitting(room)
               ? SW_END_OF_FILE
               : SW_OK;
}

sw_t
binary_update(struct card *card, const struct place *place, struct bytes string)
{
    if (string.n > place->from_there.n)
        return SW_NOT_ENOUGH_MEMORY;
    return sw_from_errno(file_write(card, place->ef, place->offset, string));
}

/* How bits that are there and bits that come make new ones. */
static uint8_t
combine(uint8_t coding, uint8_t old, uint8_t new)
{
    switch ((enum write_function)(coding & WRITE_FUNCTION)) {
    case WRITE_OR:
        return old | new;
    case WRITE_AND:
        return old & new;
    default:
        return new;
    }
}

static bool
is_erased(const struct file *ef, struct bytes bytes)
{
    size_t i = 0;

    while (i < bytes.n && bytes.p[i] == file_erased_byte(ef))
        i++;
    return i == bytes.n;
}

sw_t
binary_write(struct card *card, const struct place *place, struct bytes string)
{
    struct bytes old = bytes_slice(place->from_there, 0, string.n);
    uint8_t coding = file_coding(place->ef);
    size_t at = place->offset;
    uint8_t new[CHUNK];
    struct bytes piece;
    int err = 0;

    if (string.n > old.n)
        return SW_NOT_ENOUGH_MEMORY;
    if ((coding & WRITE_FUNCTION) == WRITE_ONCE && !is_erased(place->ef, old))
        return SW_CONDITIONS_NOT_SATISFIED;
    for (; string.n != 0 && err == 0; at += piece.n) {
        size_t i;

        piece = bytes_slice(string, 0, CHUNK);
        string = bytes_slice(string, piece.n, string.n);
        old = bytes_slice(file_content(place->ef), at, piece.n);
        for (i = 0; i < piece.n; i++)
            new[i] = combine(coding, old.p[i], piece.p[i]);
        err = file_write(card, place->ef, at, bytes_of(new, piece.n));
    }
    return sw_from_errno(err);
}

sw_t
binary_erase(struct card *card, const struct place *place, size_t n)
{
    size_t at = place->offset;
    uint8_t erased[CHUNK];
    int err = 0;

    memset(erased, file_erased_byte(place->ef), sizeof(erased));
    while (n != 0 && err == 0) {
        size_t now = n < CHUNK ? n : CHUNK;

        err = file_write(card, place->ef, at, bytes_of(erased, now));
        at += now;
        n -= now;
    }
    return sw_from_errno(err);
}
