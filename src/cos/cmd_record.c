/*
 * cmd_record.c - READ, WRITE, UPDATE, APPEND and ERASE RECORD(S) with whole
 * records. ISO/IEC 7816-4:2005 7.3.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/cos.h>

#include "cos/record_ref.h"

/* How WRITE changes what is there: the data coding byte, b7 b6. */
enum write_behaviour {
    WRITE_ONCE = 0x00,
    WRITE_PROPRIETARY = 0x20, /* here, as UPDATE does */
    WRITE_OR = 0x40,
    WRITE_AND = 0x60,
};

/*
 * One record, or all up to the last, as much of them as Ne has room for: a
 * part of the last one is no error, but an explicit Le that asks for more
 * than there is gets a warning.
 */
sw_t
cos_read_record(struct card *card, const struct capdu *c, struct buf *rsp)
{
    size_t left = c->ne < buf_room(rsp) ? c->ne : buf_room(rsp);
    unsigned form = RECORD_FORM(c->p2);
    struct record_ref ref;
    struct bytes record;
    sw_t sw;

    if (c->data.n != 0 || c->ne == 0)
        return SW_WRONG_LENGTH;
    if (form > RECORD_FROM_LAST)
        return SW_WRONG_P1_P2;
    if (!sw_is(sw = record_ref_open(card, c, ACCESS_READ, &ref), SW_OK) ||
        !sw_is(sw = record_ref_find(channel_of(card, c), c->p1, form, &ref),
               SW_OK))
        return sw;
    for (; left != 0 && record_find(ref.ef, ref.number, &record);
         ref.number += form == RECORD_FROM_LAST ? (size_t)-1 : 1) {
        record = bytes_slice(record, 0, left);
        buf_put(rsp, record);
        left -= record.n;
        if (ref.number == ref.to)
            break;
    }
    return rsp->n < c->ne && !c->ne_open ? SW_END_OF_FILE : SW_OK;
}

/* The records of a cyclic EF moved on by one; so does what is current. */
static void
move_current_records(struct card *card, const struct file *ef)
{
    struct channel *channel;
    size_t i;

    for (i = 0; i < CHANNELS; i++) {
        channel = card->channel[i];
        if (channel == NULL || channel->now.ef != ef ||
            channel->now.record == 0)
            continue;
        if (++channel->now.record > record_count(ef))
            channel->now.record = 0; /* it was the oldest, and is gone */
    }
}

/* The new record is current: the last one, in a cyclic EF the first. */
sw_t
cos_append(struct card *card, const struct capdu *c, struct bytes record)
{
    struct channel *channel = channel_of(card, c);
    struct file *ef = channel->now.ef;
    int err = record_append(card, ef, record);

    if (err != 0)
        return record_sw(err);
    if (file_is_cyclic(ef))
        move_current_records(card, ef);
    channel->now.record = file_is_cyclic(ef) ? 1 : record_count(ef);
    return SW_OK;
}

sw_t
cos_append_record(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct record_ref ref;
    sw_t sw;

    (void)rsp;
    if (c->data.n == 0)
        return SW_WRONG_LENGTH;
    if (c->p1 != 0 || RECORD_FORM(c->p2) != 0)
        return SW_WRONG_P1_P2;
    if (!sw_is(sw = record_ref_open(card, c, ACCESS_WRITE, &ref), SW_OK))
        return sw;
    return cos_append(card, c, c->data);
}

/*
 * What WRITE and UPDATE share: `change` is done to the record that P1 and P2
 * reference, but "previous" in a cyclic EF is APPEND RECORD.
 */
static sw_t
change_record(struct card *card, const struct capdu *c, enum access_mode mode,
              sw_t (*change)(struct card *card, struct file *ef, size_t number,
                             struct bytes data))
{
    struct channel *channel = channel_of(card, c);
    unsigned form = RECORD_FORM(c->p2);
    struct record_ref ref;
    sw_t sw;

    if (c->data.n == 0)
        return SW_WRONG_LENGTH;
    if (form > RECORD_NUMBER || (form != RECORD_NUMBER && c->p1 != 0))
        return SW_WRONG_P1_P2;
    if (!sw_is(sw = record_ref_open(card, c, mode, &ref), SW_OK))
        return sw;
    if (form == RECORD_PREVIOUS && file_is_cyclic(ref.ef))
        return cos_append(card, c, c->data);
    if (!sw_is(sw = record_ref_find(channel, c->p1, form, &ref), SW_OK))
        return sw;
    return change(card, ref.ef, ref.number, c->data);
}

static sw_t
replace(struct card *card, struct file *ef, size_t number, struct bytes data)
{
    return record_sw(record_replace(card, ef, number, data));
}

sw_t
cos_update_record(struct card *card, const struct capdu *c, struct buf *rsp)
{
    (void)rsp;
    return change_record(card, c, ACCESS_UPDATE, replace);
}

/* On an erased record all behaviours come to the same. */
static sw_t
write_over(struct card *card, struct file *ef, size_t number, struct bytes data)
{
    unsigned behaviour = file_coding(ef) & WRITE_AND;
    struct bytes old = {NULL, 0};

    record_find(ef, number, &old);
    if (behaviour == WRITE_PROPRIETARY || record_is_erased(ef, old))
        return replace(card, ef, number, data);
    if (data.n != old.n)
        return SW_WRONG_LENGTH;
    if (behaviour == WRITE_ONCE)
        return SW_CONDITIONS_NOT_SATISFIED;
    return record_sw(
        record_combine(card, ef, number, 0, data,
                       behaviour == WRITE_AND ? RECORD_AND : RECORD_OR));
}

sw_t
cos_write_record(struct card *card, const struct capdu *c, struct buf *rsp)
{
    (void)rsp;
    return change_record(card, c, ACCESS_WRITE, write_over);
}

/* P2: 100 record P1 alone, 101 it and all behind it. */
sw_t
cos_erase_record(struct card *card, const struct capdu *c, struct buf *rsp)
{
    unsigned form = RECORD_FORM(c->p2);
    struct record_ref ref;
    int err = 0;
    sw_t sw;

    (void)rsp;
    if (c->data.n != 0 || c->ne != 0)
        return SW_WRONG_LENGTH;
    if (form != RECORD_NUMBER && form != RECORD_TO_LAST)
        return SW_WRONG_P1_P2;
    if (!sw_is(sw = record_ref_open(card, c, ACCESS_UPDATE, &ref), SW_OK) ||
        !sw_is(sw = record_ref_find(channel_of(card, c), c->p1, form, &ref),
               SW_OK))
        return sw;
    for (; ref.number <= ref.to && err == 0; ref.number++)
        err = record_erase(card, ref.ef, ref.number);
    return sw_from_errno(err);
}
