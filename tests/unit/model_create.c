/*
 * model_create.c - the model of CREATE FILE, for templates as the test writes
 * them: each data object at most once, lengths below 80.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <string.h>

#include "model.h"

static unsigned
number(const uint8_t *p, size_t n)
{
    unsigned value = 0;

    while (n-- > 0)
        value = value << 8 | *p++;
    return value;
}

/* DO 82 */
static void
set_descriptor(struct model_file *f, const uint8_t *p, size_t n)
{
    f->shareable = (p[0] & 0x40) != 0;
    f->type = p[0] & 0x3F;
    f->coding = n > 1 ? p[1] : 0;
    f->record_size = n > 3 ? number(p + 2, 2) : 0;
    f->record_limit = n > 4 ? number(p + 4, n - 4) : 0;
}

static void
set_parameter(struct model_file *f, unsigned tag, const uint8_t *p, size_t n)
{
    switch (tag) {
    case 0x80:
        f->capacity = number(p, n);
        f->capacity_given = true;
        break;
    case 0x82:
        set_descriptor(f, p, n);
        break;
    case 0x83:
        f->fid = number(p, n);
        break;
    case 0x88:
        f->sfi_given = true;
        f->sfi = n == 0 ? 0 : p[0] >> 3;
        break;
    case 0x8A:
        f->life = p[0];
        break;
    case 0x8C:
        f->guarded = true;
        break;
    default:
        break;
    }
}

static void
make_content(struct model *m, int place)
{
    struct model_file *f = &m->file[place];
    unsigned erased = model_erased(m, place);
    size_t i;

    if (f->type == TRANSPARENT)
        f->size = f->capacity;
    memset(f->content, (int)erased, sizeof(f->content));
    if (!model_has_records(f) || model_is_variable(f))
        return;
    if (!f->capacity_given)
        f->capacity = f->record_size * f->record_limit;
    for (i = 0; i < f->record_limit; i++) {
        f->record[i].n = f->record_size;
        memset(f->record[i].byte, (int)erased, MODEL_RECORD);
    }
    f->records = f->record_limit;
}

static bool
is_possible(const struct model_file *f)
{
    if (f->life >= 0x0C || f->fid == 0x3F00 || f->fid == 0x3FFF ||
        f->fid == 0xFFFF || f->fid == 0)
        return false;
    return !model_has_records(f) || model_is_variable(f) ||
           !f->capacity_given ||
           f->capacity >= f->record_size * f->record_limit;
}

static unsigned
parse(const struct model_command *c, struct model_file *f)
{
    size_t at;

    *f = (struct model_file){.there = true, .parent = c->on->df, .life = 0x05};
    for (at = 2; at < c->n; at += 2 + c->data[at + 1])
        set_parameter(f, c->data[at], c->data + at + 2, c->data[at + 1]);
    if (!f->sfi_given && f->type != DF && (f->fid & 0x1F) != 0x1F)
        f->sfi = f->fid & 0x1F;
    return is_possible(f) ? 0x9000 : 0x6A80;
}

unsigned
model_create(struct model *m, const struct model_command *c,
             struct model_answer *a)
{
    struct model_file f;
    unsigned sw = parse(c, &f);
    int place = 0;

    (void)a;
    if (sw == 0x9000)
        sw = model_access(m, c->on, c->on->df,
                          f.type == DF ? MODE_CREATE_DF : MODE_CREATE_EF);
    if (sw == 0x9000 && model_child(m, c->on->df, f.fid) != NONE)
        sw = 0x6A89;
    if (sw != 0x9000)
        return sw;
    while (m->file[place].there)
        place++; /* the test sees to it that one is free */
    m->file[place] = f;
    make_content(m, place);
    c->on->record = 0;
    c->on->ef = f.type == DF ? NONE : place;
    if (f.type == DF)
        c->on->df = place;
    return sw;
}
