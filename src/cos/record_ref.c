/*
 * record_ref.c - which EF and which of its records a command means.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/record_ref.h"

#include <errno.h>

#include "cos/ef.h"

sw_t
record_sw(int err)
{
    return err == -EMSGSIZE ? SW_WRONG_LENGTH
           : err == -EINVAL ? SW_NC_INCONSISTENT_WITH_TLV
                            : sw_from_errno(err);
}

sw_t
record_ref_open(struct card *card, const struct capdu *c, enum access_mode mode,
                struct record_ref *ref)
{
    struct channel *channel = channel_of(card, c);
    uint8_t sfi = c->p2 >> 3; /* 00000 is the current EF, 11111 reserved */
    sw_t sw;

    *ref = (struct record_ref){0};
    if (c->p1 == 0xFF || sfi > SFI_MAX) /* reserved number or identifier */
        return SW_WRONG_P1_P2;
    if (!sw_is(sw = ef_choose_sfi(card, channel, sfi, &ref->ef), SW_OK))
        return sw;
    if (!file_has_records(ref->ef))
        return SW_WRONG_FILE_STRUCTURE;
    return access_check(card, channel, ref->ef, mode);
}

/* 7816-4:1995 annex C: without a current record, next is first. */
size_t
record_ref_start(const struct channel *channel, const struct file *ef,
                 unsigned form)
{
    size_t current = channel->now.record;

    switch (form) {
    case RECORD_FIRST:
        return 1;
    case RECORD_NEXT:
        return current + 1;
    case RECORD_PREVIOUS:
        return current == 0 ? record_count(ef) : current - 1;
    default:
        return record_count(ef);
    }
}

static size_t
find_occurrence(const struct channel *channel, uint8_t identifier,
                unsigned form, const struct file *ef)
{
    size_t number = record_ref_start(channel, ef, form);
    struct bytes record;

    for (; record_find(ef, number, &record);
         number += record_form_is_backward(form) ? (size_t)-1 : 1)
        if (record_has_identifier(ef, record, identifier))
            return number;
    return 0;
}

sw_t
record_ref_find(struct channel *channel, uint8_t p1, unsigned form,
                struct record_ref *ref)
{
    struct bytes record;

    if (form <= RECORD_PREVIOUS)
        ref->number = find_occurrence(channel, p1, form, ref->ef);
    else
        ref->number = p1 == 0 ? channel->now.record : p1;
    if (!record_find(ref->ef, ref->number, &record))
        return SW_RECORD_NOT_FOUND;
    ref->to = ref->number;
    if (form == RECORD_TO_LAST)
        ref->to = record_count(ref->ef);
    else if (form == RECORD_FROM_LAST)
        ref->number = record_count(ref->ef);
    else if (form <= RECORD_PREVIOUS)
        channel->now.record = ref->number;
    return SW_OK;
}
