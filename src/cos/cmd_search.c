/*
 * cmd_search.c - SEARCH RECORD. ISO/IEC 7816-4:2005 7.3.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <string.h>

#include <vicc/cos.h>

#include "cos/record_ref.h"

/*
 * P2 b3 to b1, behind the forms up to RECORD_PREVIOUS, which have the
 * identifier in P1; in an enhanced search b3 to b1 of its first byte.
 */
enum search_form {
    FORWARD = 4,  /* from number P1 on; 00: the current record */
    BACKWARD = 5, /* from number P1 back */
    ENHANCED = 6, /* in P2 */
    FORWARD_FROM_NEXT = 6,
    PROPRIETARY = 7, /* in P2 */
    BACKWARD_FROM_PREVIOUS = 7,
};

/* First byte of an enhanced search: what the second one is. */
#define INDICATION_IS_VALUE 0x08
#define INDICATION_RESERVED 0xF0
#define INDICATION_SIZE 2

struct search {
    unsigned form;
    size_t offset;    /* where in a record the search begins, */
    bool after_value; /* or behind the first occurrence of */
    uint8_t value;
    struct bytes string;
};

static sw_t
parse_search(const struct capdu *c, struct search *s)
{
    *s = (struct search){.form = RECORD_FORM(c->p2), .string = c->data};
    if (s->form == PROPRIETARY)
        return SW_FUNCTION_NOT_SUPPORTED;
    if (s->form != ENHANCED)
        return s->string.n == 0 ? SW_WRONG_LENGTH : SW_OK;
    if (c->data.n <= INDICATION_SIZE)
        return SW_WRONG_LENGTH;
    if ((c->data.p[0] & INDICATION_RESERVED) != 0)
        return SW_WRONG_DATA;
    s->form = RECORD_FORM(c->data.p[0]);
    s->after_value = (c->data.p[0] & INDICATION_IS_VALUE) != 0;
    s->value = c->data.p[1];
    s->offset = s->after_value ? 0 : c->data.p[1];
    s->string = bytes_slice(c->data, INDICATION_SIZE, c->data.n);
    return SW_OK;
}

/* The string may stand anywhere behind where the search begins. */
static bool
is_in(const struct search *s, struct bytes record)
{
    size_t offset = s->offset;
    const uint8_t *value;

    if (record.n == 0)
        return false;
    if (s->after_value) {
        value = memchr(record.p, s->value, record.n);
        if (value == NULL)
            return false;
        offset = (size_t)(value - record.p) + 1;
    }
    record = bytes_slice(record, offset, record.n);
    return record.n >= s->string.n &&
           memmem(record.p, record.n, s->string.p, s->string.n) != NULL;
}

/*
 * The record to begin with, or 6A83 when P1 numbers none. From the next and
 * from the previous one are the forms of the same name, with b3 set.
 */
static sw_t
begin(const struct search *s, const struct channel *channel, uint8_t p1,
      struct record_ref *ref)
{
    struct bytes record;

    if (s->form != FORWARD && s->form != BACKWARD) {
        ref->number = record_ref_start(channel, ref->ef, s->form & 0x03);
        return SW_OK;
    }
    ref->number = p1 == 0 ? channel->now.record : p1;
    return record_find(ref->ef, ref->number, &record) ? SW_OK
                                                      : SW_RECORD_NOT_FOUND;
}

/* Appends the numbers of the records found; the first becomes current. */
static sw_t
search_on(const struct search *s, struct channel *channel, uint8_t identifier,
          struct record_ref *ref, struct buf *rsp)
{
    size_t found = 0;
    struct bytes record;

    for (; record_find(ref->ef, ref->number, &record);
         ref->number += record_form_is_backward(s->form) ? (size_t)-1 : 1) {
        if (!record_has_identifier(ref->ef, record, identifier) ||
            !is_in(s, record))
            continue;
        buf_put_u8(rsp, (uint8_t)ref->number);
        if (found++ == 0)
            channel->now.record = ref->number;
    }
    return found == 0 ? SW_SEARCH_WITHOUT_RESULT : SW_OK;
}

sw_t
cos_search_record(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct channel *channel = channel_of(card, c);
    struct record_ref ref;
    struct search s;
    sw_t sw;

    if (!sw_is(sw = parse_search(c, &s), SW_OK) ||
        !sw_is(sw = record_ref_open(card, c, ACCESS_READ, &ref), SW_OK))
        return sw;
    if (file_has_fixed_records(ref.ef) && s.string.n > ref.ef->record_max)
        return SW_WRONG_LENGTH;
    if (!sw_is(sw = begin(&s, channel, c->p1, &ref), SW_OK))
        return sw;
    return search_on(&s, channel, s.form < FORWARD ? c->p1 : 0, &ref, rsp);
}
