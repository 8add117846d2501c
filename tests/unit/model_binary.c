/*
 * model_binary.c - the model of transparent EFs.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <string.h>

#include "model.h"

/* Bytes in a data unit: a power of two of quartets, at least one byte. */
static size_t
unit_of(const struct model *m, int ef)
{
    unsigned power = model_coding(m, ef) & 0x0F;

    return power <= 1 ? 1 : (size_t)1 << (power - 1);
}

static unsigned
check(struct model *m, const struct model_command *c, int ef, unsigned mode)
{
    if (m->file[ef].type != TRANSPARENT)
        return 0x6981;
    return model_access(m, c->on, ef, mode);
}

/* A data unit that is there; of an empty file the first. */
static unsigned
seek(const struct model *m, int ef, size_t units, size_t *at)
{
    size_t size = m->file[ef].size;

    *at = units * unit_of(m, ef);
    return *at < size || (*at == 0 && size == 0) ? 0x9000 : 0x6B00;
}

/* Even INS: the EF, and the place that P1-P2 say. */
static unsigned
open_even(struct model *m, const struct model_command *c, unsigned mode,
          int *ef, size_t *at)
{
    bool short_id = (c->p1 & 0x80) != 0;
    unsigned sw;

    if (short_id && (c->p1 & 0x60) != 0)
        return 0x6A86;
    sw = model_choose_sfi(m, c->on, short_id ? c->p1 & 0x1F : 0, ef);
    if (sw == 0x9000)
        sw = check(m, c, *ef, mode);
    if (sw == 0x9000)
        sw = seek(m, *ef, short_id ? c->p2 : c->p1 << 8 | c->p2, at);
    return sw;
}

unsigned
model_read_binary(struct model *m, const struct model_command *c,
                  struct model_answer *a)
{
    size_t at, left;
    int ef;
    unsigned sw;

    if (c->n != 0 || c->ne == 0)
        return 0x6700;
    if ((sw = open_even(m, c, MODE_READ, &ef, &at)) != 0x9000)
        return sw;
    left = m->file[ef].size - at;
    model_put(a, m->file[ef].content + at, left < c->ne ? left : c->ne);
    return left < c->ne && !c->ne_open ? 0x6282 : 0x9000;
}

static unsigned
update(struct model *m, int ef, size_t at, const uint8_t *p, size_t n)
{
    if (n > m->file[ef].size - at)
        return 0x6A84;
    memcpy(m->file[ef].content + at, p, n);
    return 0x9000;
}

static unsigned
write(struct model *m, int ef, size_t at, const uint8_t *p, size_t n)
{
    uint8_t *old = m->file[ef].content + at;
    unsigned how = model_coding(m, ef) & 0x60;
    size_t i;

    if (n > m->file[ef].size - at)
        return 0x6A84;
    for (i = 0; i < n && how == 0x00; i++)
        if (old[i] != model_erased(m, ef))
            return 0x6985;
    for (i = 0; i < n; i++)
        old[i] = how == 0x40   ? old[i] | p[i]
                 : how == 0x60 ? old[i] & p[i]
                               : p[i];
    return 0x9000;
}

unsigned
model_change_binary(struct model *m, const struct model_command *c,
                    struct model_answer *a)
{
    bool is_write = c->ins == 0xD0;
    size_t at;
    int ef;
    unsigned sw;

    (void)a;
    if (c->n == 0)
        return 0x6700;
    sw = open_even(m, c, is_write ? MODE_WRITE : MODE_UPDATE, &ef, &at);
    if (sw != 0x9000)
        return sw;
    return is_write ? write(m, ef, at, c->data, c->n)
                    : update(m, ef, at, c->data, c->n);
}

/* The data field, of at most one byte here, is the first unit to stay. */
unsigned
model_erase_binary(struct model *m, const struct model_command *c,
                   struct model_answer *a)
{
    size_t at, end;
    int ef;
    unsigned sw = open_even(m, c, MODE_UPDATE, &ef, &at);

    (void)a;
    if (sw != 0x9000)
        return sw;
    end = m->file[ef].size;
    if (c->n != 0)
        end = c->data[0] * unit_of(m, ef);
    if (end > m->file[ef].size)
        return 0x6B00;
    if (c->n != 0 && end <= at)
        return 0x6A80;
    memset(m->file[ef].content + at, (int)model_erased(m, ef), end - at);
    return 0x9000;
}

/* The data field is DO 54 with one byte. */
unsigned
model_read_binary_odd(struct model *m, const struct model_command *c,
                      struct model_answer *a)
{
    size_t at, n;
    int ef;
    unsigned sw = model_choose_odd(m, c->on, c->p1 << 8 | c->p2, &ef);

    if (sw == 0x9000)
        sw = check(m, c, ef, MODE_READ);
    if (sw == 0x9000)
        sw = seek(m, ef, c->data[2], &at);
    if (sw != 0x9000)
        return sw;
    n = m->file[ef].size - at;
    if (n > 0x7F)
        model_put(a, (uint8_t[]){0x53, 0x81, (uint8_t)n}, 3);
    else
        model_put(a, (uint8_t[]){0x53, (uint8_t)n}, 2);
    model_put(a, m->file[ef].content + at, n);
    return 0x9000;
}

/* DO 54 with one byte, then DO 53; perhaps both twice. */
unsigned
model_update_binary_odd(struct model *m, const struct model_command *c,
                        struct model_answer *a)
{
    size_t at, i;
    int ef;
    unsigned sw = model_choose_odd(m, c->on, c->p1 << 8 | c->p2, &ef);

    (void)a;
    if (sw == 0x9000)
        sw = check(m, c, ef, MODE_UPDATE);
    for (i = 0; i < c->n && sw == 0x9000; i += 5u + c->data[i + 4]) {
        sw = seek(m, ef, c->data[i + 2], &at);
        if (sw == 0x9000)
            sw = update(m, ef, at, c->data + i + 5, c->data[i + 4]);
    }
    return sw;
}

/* For a string; the answer is the number of a data unit. */
unsigned
model_search_binary(struct model *m, const struct model_command *c,
                    struct model_answer *a)
{
    const struct model_file *f;
    size_t at, unit;
    int ef;
    unsigned sw = open_even(m, c, MODE_READ, &ef, &at);
    uint8_t found;

    if (sw != 0x9000)
        return sw;
    f = &m->file[ef];
    unit = unit_of(m, ef);
    for (; at + c->n <= f->size; at += unit)
        if (memcmp(f->content + at, c->data, c->n) == 0) {
            found = (uint8_t)(at / unit);
            model_put(a, &found, 1);
            return 0x9000;
        }
    return 0x6282;
}
