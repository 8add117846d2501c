/*
 * cmd_binary_odd.c - READ, WRITE, UPDATE and ERASE BINARY with an odd INS,
 * and COMPARE: P1-P2 is a file, offset and data are data objects, so that
 * the offset may be larger than 32,767. ISO/IEC 7816-4:2013 11.2.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/cos.h>

#include "cos/binary.h"

#define SW_COMPARED_UNEQUAL SW(0x6340)

/* 11.2.3 */
sw_t
cos_read_binary_odd(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct bytes in = c->data;
    struct place place;
    uint32_t offset;
    sw_t sw;

    if (in.n == 0)
        return SW_WRONG_LENGTH;
    if (!sw_is(sw = binary_take_offset(&in, &offset), SW_OK))
        return sw;
    if (in.n != 0)
        return SW_WRONG_DATA;
    if (!sw_is(sw = binary_find_odd(card, c, ACCESS_READ, &place), SW_OK) ||
        !sw_is(sw = binary_seek(&place, offset), SW_OK))
        return sw;
    return binary_put_string(c, place.from_there, rsp);
}

/*
 * Pairs of an offset and a string, as many as there are: all of them are
 * done, or none, because an error undoes the command.
 */
static sw_t
for_each_string(struct card *card, const struct capdu *c, enum access_mode mode,
                sw_t (*apply)(struct card *, const struct place *,
                              struct bytes))
{
    struct bytes in = c->data;
    struct bytes string;
    struct place place;
    uint32_t offset;
    sw_t sw;

    if (in.n == 0)
        return SW_WRONG_LENGTH;
    if (!sw_is(sw = binary_find_odd(card, c, mode, &place), SW_OK))
        return sw;
    do {
        if (!sw_is(sw = binary_take_offset(&in, &offset), SW_OK) ||
            !sw_is(sw = binary_take_string(&in, &string), SW_OK) ||
            !sw_is(sw = binary_seek(&place, offset), SW_OK) ||
            !sw_is(sw = apply(card, &place, string), SW_OK))
            return sw;
    } while (in.n != 0);
    return SW_OK;
}

/* 11.2.4 */
sw_t
cos_write_binary_odd(struct card *card, const struct capdu *c, struct buf *rsp)
{
    (void)rsp;
    return for_each_string(card, c, ACCESS_WRITE, binary_write);
}

/* 11.2.5 */
sw_t
cos_update_binary_odd(struct card *card, const struct capdu *c, struct buf *rsp)
{
    (void)rsp;
    return for_each_string(card, c, ACCESS_UPDATE, binary_update);
}

/* 11.2.7. No offset: all; one: from there on; two: up to the second. */
sw_t
cos_erase_binary_odd(struct card *card, const struct capdu *c, struct buf *rsp)
{
    uint32_t offsets[2] = {0, 0};
    struct bytes in = c->data;
    struct place place;
    uint64_t end;
    size_t count;
    sw_t sw;

    (void)rsp;
    if (!sw_is(sw = binary_find_odd(card, c, ACCESS_UPDATE, &place), SW_OK))
        return sw;
    for (count = 0; in.n != 0; count++)
        if (count == 2)
            return SW_WRONG_DATA;
        else if (!sw_is(sw = binary_take_offset(&in, &offsets[count]), SW_OK))
            return sw;
    if (!sw_is(sw = binary_seek(&place, offsets[0]), SW_OK))
        return sw;
    end = count == 2 ? binary_bytes(place.ef, offsets[1])
                     : place.offset + place.from_there.n;
    if (end == UINT64_MAX)
        return SW_OFFSET_OUTSIDE_EF;
    if (count == 2 && end <= place.offset)
        return SW_WRONG_DATA;
    return binary_erase(card, &place, (size_t)end - place.offset);
}

static sw_t
compare(struct card *card, const struct place *place, struct bytes string)
{
    (void)card;
    return bytes_equal(bytes_slice(place->from_there, 0, string.n), string)
               ? SW_OK
               : SW_COMPARED_UNEQUAL;
}

/* 11.6.1. The coding of its data field could not be checked. */
sw_t
cos_compare(struct card *card, const struct capdu *c, struct buf *rsp)
{
    (void)rsp;
    return for_each_string(card, c, ACCESS_READ, compare);
}
