/*
 * record.c - the record commands of a Cryptoflex card, where they are not
 * those of ISO/IEC 7816-4: SEEK, INCREASE and DECREASE are those of GSM 11.11
 * 9.2.7 and 9.2.8.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/cos.h>

#include "cards/cryptoflex/cryptoflex.h"

#define INS_DECREASE 0x30
#define VALUE_SIZE 3                /* bytes that INCREASE adds */
#define SW_LIMIT_REACHED SW(0x9850) /* GSM 11.11 9.4.5 */

enum { FIRST, LAST, NEXT, PREVIOUS, ABSOLUTE };

/* P2 is how P1 is meant; only a number has one. There are no identifiers. */
static bool
is_reference(const struct capdu *c)
{
    return c->p2 <= ABSOLUTE && (c->p2 == ABSOLUTE || c->p1 == 0);
}

sw_t
cryptoflex_read_record(struct card *card, const struct capdu *c,
                       struct buf *rsp)
{
    return is_reference(c) ? cos_read_record(card, c, rsp)
                           : SW_OFFSET_OUTSIDE_EF;
}

sw_t
cryptoflex_update_record(struct card *card, const struct capdu *c,
                         struct buf *rsp)
{
    return is_reference(c) ? cos_update_record(card, c, rsp)
                           : SW_OFFSET_OUTSIDE_EF;
}

/* The current EF, if it has records and the place is open. */
static sw_t
open_records(struct card *card, const struct capdu *c, enum place place,
             struct look_file *look)
{
    const struct file *ef = cos_current_ef(card, c);

    if (ef == NULL)
        return SW_NO_CURRENT_EF;
    look_file(ef, look);
    return look->has_records ? cryptoflex_check(card, ef, place)
                             : SW_WRONG_FILE_STRUCTURE;
}

/* The record has the pattern, from byte P1 on. */
sw_t
cryptoflex_seek(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct look_file look;
    struct bytes record;
    size_t number;
    sw_t sw;

    (void)rsp;
    if (c->p2 != FIRST && c->p2 != NEXT)
        return SW_OFFSET_OUTSIDE_EF;
    if (c->data.n == 0)
        return SW_WRONG_LENGTH;
    if (!sw_is(sw = open_records(card, c, PLACE_READ, &look), SW_OK))
        return sw;
    number = c->p2 == FIRST ? 1 : cos_current_record(card, c) + 1;
    for (; look_record(cos_current_ef(card, c), number, &record); number++) {
        if (!bytes_equal(bytes_slice(record, c->p1, c->data.n), c->data))
            continue;
        cos_make_record_current(card, c, number);
        return SW_OK;
    }
    return SW_RECORD_NOT_FOUND;
}

/* Big-endian numbers, `n` bytes to `sum`; false if it takes more. */
static bool
add(struct bytes record, struct bytes value, bool minus, uint8_t *sum)
{
    int carry = 0;
    size_t i;

    for (; value.n > record.n; value = bytes_slice(value, 1, value.n))
        if (value.p[0] != 0)
            return false;
    for (i = 1; i <= record.n; i++) {
        int digit = i <= value.n ? value.p[value.n - i] : 0;

        digit = record.p[record.n - i] + (minus ? -digit : digit) + carry;
        sum[record.n - i] = (uint8_t)digit;
        carry = digit < 0 ? -1 : digit >> 8;
    }
    return carry == 0;
}

/*
 * The newest record and the value make the next one. The answer is that, and
 * the value.
 */
sw_t
cryptoflex_count(struct card *card, const struct capdu *c, struct buf *rsp)
{
    bool minus = c->ins == INS_DECREASE;
    const struct file *ef = cos_current_ef(card, c);
    uint8_t flag = minus ? FLAG_MAY_DECREASE : FLAG_MAY_INCREASE;
    struct look_file look;
    struct bytes record;
    uint8_t sum[UINT8_MAX];
    sw_t sw;

    if (!sw_is(sw = cryptoflex_expect(c, VALUE_SIZE), SW_OK))
        return sw;
    sw = open_records(card, c, minus ? PLACE_UPDATE : PLACE_INCREASE, &look);
    if (!sw_is(sw, SW_OK))
        return sw;
    if (look.type != TYPE_CYCLIC || look.record_max > sizeof(sum))
        return SW_WRONG_FILE_STRUCTURE;
    if ((cos_parameter(ef, 0x85).p[HEADER_FLAGS] & flag) == 0)
        return SW_CONDITIONS_NOT_SATISFIED;
    if (!look_record(ef, 1, &record))
        return SW_RECORD_NOT_FOUND;
    if (!add(record, c->data, minus, sum))
        return SW_LIMIT_REACHED;
    buf_put(rsp, bytes_of(sum, record.n));
    buf_put(rsp, c->data);
    return cos_append(card, c, bytes_of(sum, record.n));
}
