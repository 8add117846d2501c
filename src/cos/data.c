/*
 * data.c - what the commands that handle data objects share.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/data.h"

#include "cos/ef.h"

/*
 * P1-P2 of an even INS, as ranges up to `last`. 0000 is for dumping files
 * and for byte strings that the card originates, 01xx for tests and
 * proprietary use: the card has neither.
 */
enum meaning {
    NOT_SUPPORTED,
    RESERVED,
    BER_1,
    BER_ALL,
    SIMPLE,
    SIMPLE_ALL,
    BER_2
};

static const struct {
    uint16_t last;
    enum meaning meaning;
} meanings[] = {
    {0x0000, NOT_SUPPORTED}, {0x003F, RESERVED},      {0x00FE, BER_1},
    {0x00FF, BER_ALL},       {0x01FF, NOT_SUPPORTED}, {0x0200, RESERVED},
    {0x02FE, SIMPLE},        {0x02FF, SIMPLE_ALL},    {0x3FFF, RESERVED},
    {0xFFFF, BER_2},
};

static bool
is_one_tag(uint16_t p1p2)
{
    uint8_t bytes[2] = {(uint8_t)(p1p2 >> 8), (uint8_t)p1p2};
    struct bytes in = p1p2 < 0x100 ? bytes_of(bytes + 1, 1) : BYTES(bytes);
    uint32_t tag;

    return tlv_take_tag(&in, &tag) && in.n == 0;
}

static sw_t
parse_p1p2(uint16_t p1p2, uint32_t *tag, bool *is_simple)
{
    enum meaning meaning;
    size_t i = 0;

    while (p1p2 > meanings[i].last)
        i++;
    meaning = meanings[i].meaning;
    *is_simple = meaning == SIMPLE || meaning == SIMPLE_ALL;
    *tag = meaning == SIMPLE                             ? p1p2 & 0xFF
           : meaning == BER_ALL || meaning == SIMPLE_ALL ? TAG_ALL
                                                         : p1p2;
    if (meaning == NOT_SUPPORTED)
        return SW_FUNCTION_NOT_SUPPORTED;
    if (meaning == RESERVED ||
        ((meaning == BER_1 || meaning == BER_2) && !is_one_tag(p1p2)))
        return SW_WRONG_P1_P2;
    return SW_OK;
}

sw_t
data_open(struct card *card, const struct capdu *c, struct data *d)
{
    struct channel *channel = channel_of(card, c);
    struct file *file = channel->now.ef;
    bool is_simple;
    sw_t sw;

    *d = (struct data){.card = card, .channel = channel, .in = c->data};
    sw = parse_p1p2((uint16_t)(c->p1 << 8 | c->p2), &d->tag, &is_simple);
    if (!sw_is(sw, SW_OK))
        return sw;
    if (file == NULL || !file_holds_objects(file))
        file = channel->now.df;
    if (file == NULL)
        return SW_REFERENCE_NOT_FOUND;
    if (holds_simple_tlv(file) != is_simple)
        return SW_WRONG_FILE_STRUCTURE;
    object_path_open(&d->path, file, &channel->now);
    return SW_OK;
}

sw_t
data_open_odd(struct card *card, const struct capdu *c, struct data *d)
{
    struct channel *channel = channel_of(card, c);
    uint16_t p1p2 = (uint16_t)(c->p1 << 8 | c->p2);
    struct bytes rest = c->data;
    struct file *file = NULL;
    struct tlv t;
    sw_t sw;

    *d = (struct data){.card = card, .channel = channel, .in = c->data};
    if (p1p2 == 0 && tlv_next(&rest, &t) && t.tag == 0x51) {
        d->in = rest;
        sw = file_choose_by_reference(card, channel, t.value, &file);
    } else {
        sw = file_choose(card, channel, p1p2, &file);
    }
    if (!sw_is(sw, SW_OK))
        return sw;
    if (!file_holds_objects(file) || holds_simple_tlv(file))
        return SW_WRONG_FILE_STRUCTURE;
    object_path_open(&d->path, file, &channel->now);
    object_path_flatten(&d->path);
    return SW_OK;
}

sw_t
data_check_path(const struct data *d, enum access_mode mode)
{
    sw_t sw = SW_OK;
    size_t i;

    for (i = 0; i < d->path.depth && sw_is(sw, SW_OK); i++)
        sw = access_check_object(d->card, d->channel, d->path.file,
                                 d->path.place[i].step.tag, mode);
    return sw;
}

sw_t
data_check_inside(const struct data *d, const struct tlv *t,
                  enum access_mode mode)
{
    return holds_simple_tlv(d->path.file) || !tlv_is_constructed(t->tag)
               ? SW_OK
               : access_check_inside(d->card, d->channel, d->path.file,
                                     t->value, mode);
}

sw_t
data_check_whole(const struct data *d, enum access_mode mode)
{
    sw_t sw = data_check_path(d, mode);
    struct tlv t = {.value = object_value(&d->path)};

    if (!sw_is(sw, SW_OK) || d->path.depth == 0)
        return sw;
    t.tag = d->path.place[d->path.depth - 1].step.tag;
    return data_check_inside(d, &t, mode);
}

sw_t
data_put_all(struct data *d, struct bytes in, struct buf *rsp)
{
    bool is_simple = holds_simple_tlv(d->path.file);
    struct tlv t;
    sw_t sw;

    /* What holds for the file as a whole, such as its life cycle. */
    sw = access_check_object(d->card, d->channel, d->path.file, TAG_ALL,
                             ACCESS_GET_DATA);
    if (!sw_is(sw, SW_OK))
        return sw;
    while (object_next(&in, is_simple, &t)) {
        sw = access_check_object(d->card, d->channel, d->path.file, t.tag,
                                 ACCESS_GET_DATA);
        if (sw_is(sw, SW_OK) &&
            sw_is(data_check_inside(d, &t, ACCESS_GET_DATA), SW_OK))
            buf_put(rsp, t.whole);
    }
    return SW_OK;
}
