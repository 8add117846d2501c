/*
 * cmd_binary.c - READ, WRITE, UPDATE and ERASE BINARY with an even INS:
 * the offset is in P1-P2. ISO/IEC 7816-4:2013 11.2.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/cos.h>

#include "cos/binary.h"

/* 11.2.3 */
sw_t
cos_read_binary(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct place place;
    struct bytes wanted;
    sw_t sw;

    if (c->data.n != 0 || c->ne == 0)
        return SW_WRONG_LENGTH;
    if (!sw_is(sw = binary_find(card, c, ACCESS_READ, &place), SW_OK))
        return sw;
    wanted = bytes_slice(place.from_there, 0, c->ne);
    wanted = bytes_slice(wanted, 0, buf_room(rsp));
    buf_put(rsp, wanted);
    if (wanted.n < place.from_there.n || wanted.n == c->ne)
        return SW_OK; /* perhaps fewer than asked for, but the end is not near
                       */
    /* Le of zeros asks for all there is, so that its end is no surprise. */
    return c->ne_open ? SW_OK : SW_END_OF_FILE;
}

static sw_t
change(struct card *card, const struct capdu *c, enum access_mode mode,
       sw_t (*apply)(struct card *, const struct place *, struct bytes))
{
    struct place place;
    sw_t sw;

    if (c->data.n == 0)
        return SW_WRONG_LENGTH;
    if (!sw_is(sw = binary_find(card, c, mode, &place), SW_OK))
        return sw;
    return apply(card, &place, c->data);
}

/* 11.2.4 */
sw_t
cos_write_binary(struct card *card, const struct capdu *c, struct buf *rsp)
{
    (void)rsp;
    return change(card, c, ACCESS_WRITE, binary_write);
}

/* 11.2.5 */
sw_t
cos_update_binary(struct card *card, const struct capdu *c, struct buf *rsp)
{
    (void)rsp;
    return change(card, c, ACCESS_UPDATE, binary_update);
}

/* 11.2.7. The data field, if any, is the first data unit not to erase. */
sw_t
cos_erase_binary(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct place place;
    uint32_t offset;
    uint64_t end;
    sw_t sw;

    (void)rsp;
    if (c->data.n > sizeof(offset))
        return SW_WRONG_LENGTH;
    if (!sw_is(sw = binary_find(card, c, ACCESS_UPDATE, &place), SW_OK))
        return sw;
    end = place.offset + place.from_there.n;
    if (bytes_uint(c->data, &offset))
        end = binary_bytes(place.ef, offset);
    if (end == UINT64_MAX)
        return SW_OFFSET_OUTSIDE_EF;
    if (c->data.n != 0 && end <= place.offset)
        return SW_WRONG_DATA;
    return binary_erase(card, &place, (size_t)end - place.offset);
}
