/*
 * cmd_search_binary.c - SEARCH BINARY. ISO/IEC 7816-4:2005 7.2.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <string.h>

#include <vicc/cos.h>
#include <vicc/tlv.h>

#include "cos/binary.h"

#define NOT_FOUND SIZE_MAX

/* A match begins with a data unit; offsets in the EF count from its start. */
static size_t
find_string(struct bytes content, size_t from, size_t unit, struct bytes string)
{
    const uint8_t *hit;
    size_t at;

    for (; from < content.n; from = at + 1) {
        hit = memmem(content.p + from, content.n - from, string.p, string.n);
        if (hit == NULL)
            break;
        at = (size_t)(hit - content.p);
        if (at % unit == 0)
            return at;
    }
    return NOT_FOUND;
}

/* The first data unit that is erased. */
static size_t
find_erased(struct bytes content, size_t from, size_t unit, uint8_t erased)
{
    size_t run = 0; /* erased bytes up to here in this data unit */
    size_t at;

    for (at = from; at < content.n; at++) {
        if (at % unit == 0)
            run = 0;
        run += content.p[at] == erased;
        if (run == unit)
            return at + 1 - unit;
    }
    return NOT_FOUND;
}

/* Without a string, what is looked for is an erased data unit. */
static size_t
find_unit(const struct place *place, size_t unit, struct bytes string)
{
    struct bytes content = file_content(place->ef);

    return string.n == 0 ? find_erased(content, place->offset, unit,
                                       file_erased_byte(place->ef))
                         : find_string(content, place->offset, unit, string);
}

/* In as few bytes as it takes. */
static struct bytes
encode_offset(size_t offset, uint8_t room[4])
{
    size_t n = 0;
    size_t i;

    do
        n++;
    while (n < 4 && offset >> (8 * n) != 0);
    for (i = 0; i < n; i++)
        room[i] = (uint8_t)(offset >> (8 * (n - 1 - i)));
    return bytes_of(room, n);
}

static sw_t
search(const struct place *place, const struct capdu *c, struct bytes string,
       struct buf *rsp)
{
    /* one unit past the end is SIZE_MAX: then only offset 0 is one */
    size_t unit = (size_t)binary_bytes(place->ef, 1);
    size_t at = find_unit(place, unit, string);
    uint8_t room[4];
    struct bytes offset;

    if (at == NOT_FOUND)
        return SW_SEARCH_WITHOUT_RESULT;
    offset = encode_offset(at / unit, room);
    if (c->data.n == 0 && c->ne == 0)
        return SW_OK; /* nothing asks for the offset */
    if ((c->ins & 1) == 0)
        buf_put(rsp, offset);
    else
        tlv_put(rsp, 0x54, offset);
    return SW_OK;
}

sw_t
cos_search_binary(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct place place;
    sw_t sw = binary_find(card, c, ACCESS_READ, &place);

    return sw_is(sw, SW_OK) ? search(&place, c, c->data, rsp) : sw;
}

/* The data field is an offset, and the string unless it is absent. */
sw_t
cos_search_binary_odd(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct bytes string = {NULL, 0};
    struct bytes in = c->data;
    struct place place;
    uint32_t offset;
    sw_t sw;

    if (in.n == 0)
        return SW_WRONG_LENGTH;
    if (!sw_is(sw = binary_take_offset(&in, &offset), SW_OK) ||
        (in.n != 0 && !sw_is(sw = binary_take_string(&in, &string), SW_OK)))
        return sw;
    if (in.n != 0)
        return SW_WRONG_DATA;
    if (!sw_is(sw = binary_find_odd(card, c, ACCESS_READ, &place), SW_OK) ||
        !sw_is(sw = binary_seek(&place, offset), SW_OK))
        return sw;
    return search(&place, c, string, rsp);
}
