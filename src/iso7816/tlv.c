/*
 * tlv.c - BER-TLV and SIMPLE-TLV data objects, ISO/IEC 7816-4:2013 5.2.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/tlv.h>

bool
tlv_take_tag(struct bytes *in, uint32_t *tag)
{
    struct bytes rest = *in;
    uint32_t value;
    uint8_t byte;
    int more = 2; /* 5.2.2.1: one, two or three bytes */

    if (!bytes_take_u8(&rest, &byte))
        return false;
    value = byte;
    if ((byte & 0x1F) == 0x1F) {
        do {
            if (more-- == 0 || !bytes_take_u8(&rest, &byte))
                return false;
            value = value << 8 | byte;
        } while ((byte & 0x80) != 0);
    }
    *tag = value;
    *in = rest;
    return true;
}

bool
tlv_take_length(struct bytes *in, size_t *length)
{
    struct bytes rest = *in;
    struct bytes digits;
    uint32_t value;
    uint8_t first;

    if (!bytes_take_u8(&rest, &first))
        return false;
    value = first;
    if (first >= 0x80) /* 80, the indefinite form, has no digits */
        if (!bytes_take(&rest, first & 0x7F, &digits) ||
            !bytes_uint(digits, &value))
            return false;
    *length = value;
    *in = rest;
    return true;
}

static struct bytes
bytes_until(struct bytes all, struct bytes rest)
{
    return bytes_slice(all, 0, all.n - rest.n);
}

bool
tlv_next(struct bytes *in, struct tlv *t)
{
    struct bytes rest = *in;
    size_t length;

    if (!tlv_take_tag(&rest, &t->tag) || !tlv_take_length(&rest, &length) ||
        !bytes_take(&rest, length, &t->value))
        return false;
    t->whole = bytes_until(*in, rest);
    *in = rest;
    return true;
}

bool
simple_tlv_next(struct bytes *in, struct tlv *t)
{
    struct bytes rest = *in;
    uint8_t tag;
    uint8_t short_length;
    uint16_t length;

    if (!bytes_take_u8(&rest, &tag) || tag == 0x00 || tag == 0xFF ||
        !bytes_take_u8(&rest, &short_length))
        return false;
    length = short_length;
    if (short_length == 0xFF && !bytes_take_u16(&rest, &length))
        return false;
    if (!bytes_take(&rest, length, &t->value))
        return false;
    t->tag = tag;
    t->whole = bytes_until(*in, rest);
    *in = rest;
    return true;
}

bool
tlv_find(struct bytes in, uint32_t tag, struct tlv *t)
{
    while (tlv_next(&in, t))
        if (t->tag == tag)
            return true;
    return false;
}

bool
tlv_is_valid(struct bytes in)
{
    struct tlv t;

    while (tlv_next(&in, &t))
        ;
    return in.n == 0;
}

bool
tlv_is_valid_deep(struct bytes in)
{
    struct bytes level[TLV_DEPTH] = {in};
    size_t depth = 1;
    struct tlv t;

    while (depth != 0) {
        if (level[depth - 1].n == 0) {
            depth--;
            continue;
        }
        if (!tlv_next(&level[depth - 1], &t))
            return false;
        if (!tlv_is_constructed(t.tag))
            continue;
        if (depth == TLV_DEPTH)
            return false;
        level[depth++] = t.value;
    }
    return true;
}

bool
tlv_is_constructed(uint32_t tag)
{
    while (tag > 0xFF)
        tag >>= 8;
    return (tag & 0x20) != 0;
}

void
tlv_put_tag(struct buf *out, uint32_t tag)
{
    if (tag > 0xFFFF)
        buf_put_u8(out, (uint8_t)(tag >> 16));
    if (tag > 0xFF)
        buf_put_u8(out, (uint8_t)(tag >> 8));
    buf_put_u8(out, (uint8_t)tag);
}

size_t
tlv_length_size(size_t length)
{
    size_t n = 1;

    if (length >= 0x80)
        for (; length != 0; length >>= 8)
            n++;
    return n;
}

void
tlv_put_length(struct buf *out, size_t length)
{
    uint8_t digits = 0;
    size_t rest;

    if (length < 0x80) {
        buf_put_u8(out, (uint8_t)length);
        return;
    }
    for (rest = length; rest != 0; rest >>= 8)
        digits++;
    buf_put_u8(out, 0x80 | digits);
    while (digits-- > 0)
        buf_put_u8(out, (uint8_t)(length >> (8 * digits)));
}

void
tlv_put(struct buf *out, uint32_t tag, struct bytes value)
{
    tlv_put_tag(out, tag);
    tlv_put_length(out, value.n);
    buf_put(out, value);
}

void
tlv_put_u8(struct buf *out, uint32_t tag, uint8_t value)
{
    tlv_put(out, tag, bytes_of(&value, 1));
}

void
tlv_put_u16(struct buf *out, uint32_t tag, uint16_t value)
{
    uint8_t be[2] = {(uint8_t)(value >> 8), (uint8_t)value};

    tlv_put(out, tag, BYTES(be));
}

size_t
tlv_open(struct buf *out, uint32_t tag)
{
    tlv_put_tag(out, tag);
    return out->n;
}

void
tlv_close(struct buf *out, size_t open)
{
    uint8_t room[5]; /* 84 and four digits */
    struct buf length = BUF(room);
    size_t n = out->n - open;

    tlv_put_length(&length, n);
    if (buf_reserve(out, length.n) == NULL)
        return;
    memmove(out->p + open + length.n, out->p + open, n);
    memcpy(out->p + open, room, length.n);
}
