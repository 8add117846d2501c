/*
 * model_records.c - the model of records.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <string.h>

#include "model.h"

enum { FIRST, LAST, NEXT, PREVIOUS, BY_NUMBER, TO_LAST, FROM_LAST };

/* The EF of records that P2 names; P1 FF means nothing. */
static unsigned
open_ef(struct model *m, const struct model_command *c, unsigned mode, int *ef)
{
    unsigned sw;

    if (c->p1 == 0xFF || c->p2 >> 3 == 31)
        return 0x6A86;
    if ((sw = model_choose_sfi(m, c->on, c->p2 >> 3, ef)) != 0x9000)
        return sw;
    if (!model_has_records(&m->file[*ef]))
        return 0x6981;
    return model_access(m, c->on, *ef, mode);
}

static bool
has_identifier(const struct model_file *f, size_t number, unsigned id)
{
    const struct model_bytes *r = &f->record[number - 1];

    if (id == 0)
        return true;
    return (f->type & OF_TLV) != 0 && r->n != 0 && r->byte[0] == id;
}

/* Where looking begins, and which way: to +1 or -1. */
static size_t
start(const struct model_file *f, const struct model_channel *on, unsigned form,
      int *step)
{
    *step = form == FIRST || form == NEXT ? 1 : -1;
    if (form == FIRST || (form == NEXT && on->record == 0))
        return 1;
    if (form == LAST || (form == PREVIOUS && on->record == 0))
        return f->records;
    return on->record + (size_t)*step;
}

/* The record that P1 and the form mean; the forms of identifiers move. */
static unsigned
find(const struct model_file *f, const struct model_command *c, unsigned form,
     size_t *number)
{
    int step;

    if (form >= BY_NUMBER) {
        *number = c->p1 == 0 ? c->on->record : c->p1;
        return *number >= 1 && *number <= f->records ? 0x9000 : 0x6A83;
    }
    *number = start(f, c->on, form, &step);
    while (*number >= 1 && *number <= f->records) {
        if (has_identifier(f, *number, c->p1)) {
            c->on->record = *number;
            return 0x9000;
        }
        *number += (size_t)step;
    }
    return 0x6A83;
}

unsigned
model_read_record(struct model *m, const struct model_command *c,
                  struct model_answer *a)
{
    unsigned form = c->p2 & 0x07;
    const struct model_file *f;
    size_t number, k, n;
    int ef;
    unsigned sw;

    if (c->n != 0 || c->ne == 0)
        return 0x6700;
    if (form > FROM_LAST)
        return 0x6A86;
    if ((sw = open_ef(m, c, MODE_READ, &ef)) != 0x9000)
        return sw;
    f = &m->file[ef];
    if ((sw = find(f, c, form, &number)) != 0x9000)
        return sw;
    if (form == FROM_LAST)
        for (k = f->records; k >= number; k--)
            model_put(a, f->record[k - 1].byte, f->record[k - 1].n);
    else
        for (k = number; k <= (form == TO_LAST ? f->records : number); k++)
            model_put(a, f->record[k - 1].byte, f->record[k - 1].n);
    n = a->n;
    if (n > c->ne)
        a->n = c->ne;
    return n < c->ne && !c->ne_open ? 0x6282 : 0x9000;
}

/* One SIMPLE-TLV data object; in a fixed record, perhaps padded. */
static bool
is_tlv(const struct model_file *f, const uint8_t *p, size_t n)
{
    size_t whole;

    if (n < 2 || p[0] == 0x00 || p[0] == 0xFF || (p[1] == 0xFF && n < 4))
        return false;
    whole = p[1] == 0xFF ? 4u + ((size_t)p[2] << 8 | p[3]) : (size_t)2 + p[1];
    return model_is_variable(f) ? n == whole : n >= whole;
}

static unsigned
check_new(const struct model_file *f, const uint8_t *p, size_t n)
{
    if (model_is_variable(f) ? n > f->record_size : n != f->record_size)
        return 0x6700;
    if ((f->type & OF_TLV) != 0 && !is_tlv(f, p, n))
        return 0x6A85;
    return 0x9000;
}

static size_t
total(const struct model_file *f)
{
    size_t i, n = 0;

    for (i = 0; i < f->records; i++)
        n += f->record[i].n;
    return n;
}

static void
set(struct model_bytes *record, const uint8_t *p, size_t n)
{
    record->n = n;
    memcpy(record->byte, p, n);
}

/* What is current on a cyclic EF moves on with its record. */
static void
move_current(struct model *m, int ef)
{
    int i;

    for (i = 0; i < MODEL_CHANNELS; i++)
        if (m->channel[i].ef == ef && m->channel[i].record != 0 &&
            ++m->channel[i].record > m->file[ef].records)
            m->channel[i].record = 0;
}

static unsigned
append(struct model *m, const struct model_command *c, int ef)
{
    struct model_file *f = &m->file[ef];
    unsigned sw = check_new(f, c->data, c->n);
    bool is_full = (f->record_limit != 0 && f->records >= f->record_limit) ||
                   total(f) + c->n > f->capacity;

    if (sw != 0x9000)
        return sw;
    if (is_full && (!model_is_cyclic(f) || f->records == 0))
        return 0x6A84;
    if (!is_full)
        f->records++;
    if (model_is_cyclic(f)) {
        memmove(&f->record[1], &f->record[0],
                (f->records - 1) * sizeof(f->record[0]));
        set(&f->record[0], c->data, c->n);
        move_current(m, ef);
    } else {
        set(&f->record[f->records - 1], c->data, c->n);
    }
    c->on->record = model_is_cyclic(f) ? 1 : f->records;
    return sw;
}

unsigned
model_append_record(struct model *m, const struct model_command *c,
                    struct model_answer *a)
{
    int ef;
    unsigned sw;

    (void)a;
    if (c->n == 0)
        return 0x6700;
    if (c->p1 != 0 || (c->p2 & 0x07) != 0)
        return 0x6A86;
    sw = open_ef(m, c, MODE_WRITE, &ef);
    return sw == 0x9000 ? append(m, c, ef) : sw;
}

static unsigned
replace(struct model_file *f, size_t number, const uint8_t *p, size_t n)
{
    struct model_bytes *record = &f->record[number - 1];
    unsigned sw = check_new(f, p, n);

    if (sw == 0x9000 && total(f) - record->n + n > f->capacity)
        sw = 0x6A84;
    if (sw == 0x9000)
        set(record, p, n);
    return sw;
}

static unsigned
write(struct model *m, int ef, size_t number, const uint8_t *p, size_t n)
{
    struct model_file *f = &m->file[ef];
    struct model_bytes *record = &f->record[number - 1];
    unsigned how = model_coding(m, ef) & 0x60;
    bool is_erased = true;
    size_t i;

    for (i = 0; i < record->n; i++)
        is_erased = is_erased && record->byte[i] == model_erased(m, ef);
    if (is_erased || how == 0x20)
        return replace(f, number, p, n);
    if (n != record->n)
        return 0x6700;
    if (how == 0x00)
        return 0x6985;
    for (i = 0; i < n; i++)
        record->byte[i] =
            how == 0x40 ? record->byte[i] | p[i] : record->byte[i] & p[i];
    return check_new(f, record->byte, n);
}

/* WRITE and UPDATE RECORD */
unsigned
model_change_record(struct model *m, const struct model_command *c,
                    struct model_answer *a)
{
    bool is_write = c->ins == 0xD2;
    unsigned form = c->p2 & 0x07;
    size_t number;
    int ef;
    unsigned sw;

    (void)a;
    if (c->n == 0)
        return 0x6700;
    if (form > BY_NUMBER || (form != BY_NUMBER && c->p1 != 0))
        return 0x6A86;
    sw = open_ef(m, c, is_write ? MODE_WRITE : MODE_UPDATE, &ef);
    if (sw != 0x9000)
        return sw;
    if (form == PREVIOUS && model_is_cyclic(&m->file[ef]))
        return append(m, c, ef);
    if ((sw = find(&m->file[ef], c, form, &number)) != 0x9000)
        return sw;
    return is_write ? write(m, ef, number, c->data, c->n)
                    : replace(&m->file[ef], number, c->data, c->n);
}

unsigned
model_erase_record(struct model *m, const struct model_command *c,
                   struct model_answer *a)
{
    unsigned form = c->p2 & 0x07;
    struct model_file *f;
    size_t number, k;
    int ef;
    unsigned sw;

    (void)a;
    if (c->n != 0 || c->ne != 0)
        return 0x6700;
    if (form != BY_NUMBER && form != TO_LAST)
        return 0x6A86;
    if ((sw = open_ef(m, c, MODE_UPDATE, &ef)) != 0x9000)
        return sw;
    f = &m->file[ef];
    if ((sw = find(f, c, form, &number)) != 0x9000)
        return sw;
    for (k = number; k <= (form == TO_LAST ? f->records : number); k++)
        memset(f->record[k - 1].byte, (int)model_erased(m, ef),
               f->record[k - 1].n);
    return sw;
}

static bool
contains(const struct model_bytes *record, size_t from, const uint8_t *p,
         size_t n)
{
    for (; from + n <= record->n; from++)
        if (memcmp(record->byte + from, p, n) == 0)
            return true;
    return false;
}

/* Enhanced: the first byte says what the second is, an offset or a value. */
static bool
matches(const struct model_command *c, const struct model_bytes *record)
{
    size_t from = 0;

    if ((c->p2 & 0x07) < 6)
        return contains(record, 0, c->data, c->n);
    if ((c->data[0] & 0x08) == 0) {
        from = c->data[1];
    } else {
        while (from < record->n && record->byte[from] != c->data[1])
            from++;
        from++;
    }
    return contains(record, from, c->data + 2, c->n - 2);
}

/* Simple searches by identifier or number, and enhanced ones (1xx). */
unsigned
model_search_record(struct model *m, const struct model_command *c,
                    struct model_answer *a)
{
    bool enhanced = (c->p2 & 0x07) == 6;
    unsigned form = enhanced ? c->data[0] & 0x07 : c->p2 & 0x07;
    const struct model_file *f;
    size_t number;
    uint8_t found;
    int ef, step;
    unsigned sw;

    if ((sw = open_ef(m, c, MODE_READ, &ef)) != 0x9000)
        return sw;
    f = &m->file[ef];
    if (!model_is_variable(f) && c->n - (enhanced ? 2 : 0) > f->record_size)
        return 0x6700;
    if (form == 4 || form == 5) {
        if ((sw = find(f, c, BY_NUMBER, &number)) != 0x9000)
            return sw;
        step = form == 4 ? 1 : -1;
    } else {
        number = start(f, c->on, form & 0x03, &step);
    }
    for (; number >= 1 && number <= f->records; number += (size_t)step)
        if ((form >= 4 || has_identifier(f, number, c->p1)) &&
            matches(c, &f->record[number - 1])) {
            found = (uint8_t)number;
            model_put(a, &found, 1);
        }
    if (a->n == 0)
        return 0x6282;
    c->on->record = a->byte[0];
    return sw;
}
