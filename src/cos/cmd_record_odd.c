/*
 * cmd_record_odd.c - READ and UPDATE RECORD with odd INS: a part of one
 * record, in data objects. ISO/IEC 7816-4:2005 7.3.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/cos.h>

#include "cos/binary.h"
#include "cos/record_ref.h"

/* What is in the record from the offset on. */
static sw_t
seek(const struct record_ref *ref, uint32_t offset, struct bytes *rest)
{
    if (!record_find(ref->ef, ref->number, rest))
        return SW_RECORD_NOT_FOUND;
    if (offset >= rest->n)
        return SW_OFFSET_OUTSIDE_EF;
    *rest = bytes_slice(*rest, offset, rest->n);
    return SW_OK;
}

sw_t
cos_read_record_odd(struct card *card, const struct capdu *c, struct buf *rsp)
{
    unsigned form = RECORD_FORM(c->p2);
    struct bytes in = c->data;
    struct bytes rest;
    struct record_ref ref;
    uint32_t offset;
    sw_t sw;

    if (in.n == 0)
        return SW_WRONG_LENGTH;
    if (form > RECORD_NUMBER)
        return SW_WRONG_P1_P2;
    if (!sw_is(sw = binary_take_offset(&in, &offset), SW_OK))
        return sw;
    if (in.n != 0)
        return SW_WRONG_DATA;
    if (!sw_is(sw = record_ref_open(card, c, ACCESS_READ, &ref), SW_OK) ||
        !sw_is(sw = record_ref_find(channel_of(card, c), c->p1, form, &ref),
               SW_OK) ||
        !sw_is(sw = seek(&ref, offset, &rest), SW_OK))
        return sw;
    return binary_put_string(c, rest, rsp);
}

/* P2 b3 to b1: 1xx, record number P1; what to do with the old bytes. */
static const enum record_operation operations[] = {RECORD_SET, RECORD_AND,
                                                   RECORD_OR, RECORD_XOR};

sw_t
cos_update_record_odd(struct card *card, const struct capdu *c, struct buf *rsp)
{
    unsigned form = RECORD_FORM(c->p2);
    struct bytes in = c->data;
    struct bytes string;
    struct bytes rest;
    struct record_ref ref;
    uint32_t offset;
    sw_t sw;

    (void)rsp;
    if (in.n == 0)
        return SW_WRONG_LENGTH;
    if (form < RECORD_NUMBER)
        return SW_WRONG_P1_P2;
    if (!sw_is(sw = binary_take_offset(&in, &offset), SW_OK) ||
        !sw_is(sw = binary_take_string(&in, &string), SW_OK))
        return sw;
    if (in.n != 0)
        return SW_WRONG_DATA;
    if (!sw_is(sw = record_ref_open(card, c, ACCESS_UPDATE, &ref), SW_OK) ||
        !sw_is(sw = record_ref_find(channel_of(card, c), c->p1, RECORD_NUMBER,
                                    &ref),
               SW_OK) ||
        !sw_is(sw = seek(&ref, offset, &rest), SW_OK))
        return sw;
    if (string.n > rest.n)
        return SW_NOT_ENOUGH_MEMORY;
    return record_sw(record_combine(card, ref.ef, ref.number, offset, string,
                                    operations[form - RECORD_NUMBER]));
}
