/*
 * cmd_binary.c - READ and UPDATE BINARY, ISO/IEC 7816-4:2013 11.3.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/cos.h"
#include "cos/internal.h"

/* A place in a transparent EF, as P1-P2 name it. */
struct place {
    struct file *ef;
    size_t offset;
    struct bytes from_there; /* the content from the offset on */
};

/* 11.3.1: P1 b8 set, a short EF identifier and an offset of one byte. */
static sw_t
choose_ef(struct channel *channel, const struct capdu *c, struct place *place)
{
    if ((c->p1 & 0x80) == 0) {
        place->ef = channel->now.ef;
        place->offset = (size_t)c->p1 << 8 | c->p2;
        return place->ef == NULL ? SW_NO_CURRENT_EF : SW_OK;
    }
    if ((c->p1 & 0x60) != 0)
        return SW_WRONG_P1_P2;
    place->offset = c->p2;
    if (channel->now.df != NULL)
        place->ef = fs_by_sfi(channel->now.df, c->p1 & 0x1F);
    if (place->ef == NULL)
        return SW_FILE_NOT_FOUND;
    channel->now.ef = place->ef; /* it becomes the current EF */
    channel->now.record = 0;
    return SW_OK;
}

static sw_t
find_place(struct card *card, const struct capdu *c, enum access_mode mode,
           struct place *place)
{
    struct channel *channel = channel_of(card, c);
    struct bytes content;
    sw_t sw;

    *place = (struct place){0};
    if (!sw_is(sw = choose_ef(channel, c, place), SW_OK))
        return sw;
    if (place->ef->type != FILE_TRANSPARENT)
        return SW_WRONG_FILE_STRUCTURE;
    sw = access_check(card, channel, place->ef, mode);
    if (!sw_is(sw, SW_OK))
        return sw;
    content = file_content(place->ef);
    if (place->offset > content.n ||
        (place->offset == content.n && content.n != 0))
        return SW_OFFSET_OUTSIDE_EF;
    place->from_there = bytes_slice(content, place->offset, content.n);
    return SW_OK;
}

sw_t
cos_read_binary(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct place place;
    struct bytes wanted;
    sw_t sw;

    if (c->data.n != 0 || c->ne == 0)
        return SW_WRONG_LENGTH;
    if (!sw_is(sw = find_place(card, c, ACCESS_READ, &place), SW_OK))
        return sw;
    wanted = bytes_slice(place.from_there, 0, c->ne);
    wanted = bytes_slice(wanted, 0, buf_room(rsp));
    buf_put(rsp, wanted);
    /* Le of zeros asks for all there is, so that its end is no surprise. */
    return wanted.n < c->ne && !c->ne_open ? SW_END_OF_FILE : SW_OK;
}

sw_t
cos_update_binary(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct place place;
    sw_t sw;

    (void)rsp;
    if (c->data.n == 0)
        return SW_WRONG_LENGTH;
    if (!sw_is(sw = find_place(card, c, ACCESS_UPDATE, &place), SW_OK))
        return sw;
    if (c->data.n > place.from_there.n)
        return SW_NOT_ENOUGH_MEMORY;
    return sw_from_errno(file_write(card, place.ef, place.offset, c->data));
}
