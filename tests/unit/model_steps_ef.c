/*
 * model_steps_ef.c - random commands to transparent EFs and to EFs of records.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "model_steps.h"

static void
put_le(struct buf *out)
{
    buf_put_u8(out, (uint8_t)(one_in(2) ? 0 : 1 + model_below(60)));
}

static unsigned
some_sfi(void)
{
    return one_in(10) ? some_fid() & 0x1F : one_in(40) ? 31 : 0;
}

/* ---- transparent EFs ---- */

static unsigned
some_offset(void)
{
    const struct model_file *ef = current_ef();
    size_t most = ef == NULL || ef->size == 0 ? 4 : ef->size + 3;

    if (one_in(3)) /* about the end */
        return (unsigned)most - 1 -
               model_below((unsigned)(most < 9 ? most : 9));
    return one_in(4) ? 0 : model_below((unsigned)most);
}

static void
put_binary_header(struct buf *out, unsigned ins)
{
    unsigned sfi = some_sfi();

    if (sfi != 0 || one_in(20))
        put_header(out, ins, 0x80 | sfi | (one_in(40) ? 0x20 : 0),
                   some_offset() & 0xFF);
    else
        put_header(out, ins, 0, some_offset());
}

void
read_binary(struct buf *out)
{
    put_binary_header(out, 0xB0);
    if (!one_in(40))
        put_le(out);
}

void
change_binary(struct buf *out)
{
    put_binary_header(out, one_in(2) ? 0xD0 : 0xD6);
    put_some_data(out, model_below(12));
}

void
erase_binary(struct buf *out)
{
    put_binary_header(out, 0x0E);
    if (one_in(2)) {
        buf_put_u8(out, 1);
        buf_put_u8(out, (uint8_t)some_offset());
    }
}

void
search_binary(struct buf *out)
{
    put_binary_header(out, 0xA0);
    put_some_data(out, 1 + model_below(3));
    buf_put_u8(out, 0);
}

static void
put_odd_header(struct buf *out, unsigned ins)
{
    unsigned p1p2 = one_in(4) ? some_fid() : some_sfi();

    put_header(out, ins, p1p2 >> 8, p1p2 & 0xFF);
}

void
read_binary_odd(struct buf *out)
{
    put_odd_header(out, 0xB1);
    buf_put(out, bytes_of("\3\x54\1", 3));
    buf_put_u8(out, (uint8_t)some_offset());
    buf_put_u8(out, 0);
}

void
update_binary_odd(struct buf *out)
{
    uint8_t room[64];
    struct buf data = BUF(room);
    unsigned n;

    do {
        n = model_below(10);
        buf_put_u16(&data, 0x5401);
        buf_put_u8(&data, (uint8_t)some_offset());
        buf_put_u8(&data, 0x53);
        buf_put_u8(&data, (uint8_t)n);
        put_some(&data, n);
    } while (data.n < 30 && one_in(3));
    put_odd_header(out, 0xD7);
    buf_put_u8(out, (uint8_t)data.n);
    buf_put(out, buf_bytes(&data));
}

/* ---- records ---- */

static unsigned
some_number(void)
{
    const struct model_file *ef = current_ef();

    if (one_in(100))
        return 0xFF;
    return model_below(ef == NULL ? 4 : (unsigned)ef->records + 2);
}

static void
put_record_header(struct buf *out, unsigned ins, unsigned form)
{
    unsigned p1 = form > 3 ? some_number() : one_in(3) ? 1 + model_below(3) : 0;

    put_header(out, ins, p1, some_sfi() << 3 | form);
}

void
read_record(struct buf *out)
{
    put_record_header(out, 0xB2, model_below(8));
    if (!one_in(40))
        put_le(out);
}

/* Lc and data of a record that mostly suits the current EF. */
static void
put_record(struct buf *out)
{
    const struct model_file *ef = current_ef();
    size_t n = 1 + model_below(MODEL_RECORD - 1);

    if (ef != NULL && model_has_records(ef) && !one_in(10) &&
        (!model_is_variable(ef) || n > ef->record_size))
        n = ef->record_size;
    buf_put_u8(out, (uint8_t)n);
    if (ef != NULL && (ef->type & OF_TLV) != 0 && n >= 2 && !one_in(10)) {
        buf_put_u8(out, (uint8_t)(1 + model_below(3)));
        buf_put_u8(out, (uint8_t)(n - 2));
        n -= 2;
    }
    put_some(out, n);
}

void
change_record(struct buf *out)
{
    unsigned form = one_in(3) ? model_below(4) : one_in(40) ? 6 : 4;
    unsigned p1 = form > 3 ? some_number() : one_in(40);

    put_header(out, one_in(2) ? 0xD2 : 0xDC, p1, some_sfi() << 3 | form);
    put_record(out);
}

void
append_record(struct buf *out)
{
    put_header(out, 0xE2, one_in(40), some_sfi() << 3 | one_in(40));
    put_record(out);
}

void
erase_record(struct buf *out)
{
    put_record_header(out, 0x0C,
                      one_in(20)  ? model_below(8)
                      : one_in(4) ? 5
                                  : 4);
}

void
search_record(struct buf *out)
{
    unsigned form = model_below(7);
    unsigned n = 1 + model_below(3);

    put_record_header(out, 0xA2, form);
    buf_put_u8(out, (uint8_t)(form == 6 ? n + 2 : n));
    if (form == 6) {
        bool by_value = one_in(2);

        buf_put_u8(out, (uint8_t)(4 + model_below(4) + (by_value ? 8 : 0)));
        buf_put_u8(out, by_value ? some_byte() : (uint8_t)model_below(9));
    }
    put_some(out, n);
    buf_put_u8(out, 0);
}
