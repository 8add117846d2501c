/*
 * model_files.c - the model of files: SELECT, CREATE, DELETE, life cycles.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <string.h>

#include "model.h"

static bool
is_df(const struct model *m, int file)
{
    return m->file[file].type == DF;
}

bool
model_within(const struct model *m, int file, int df)
{
    while (file != NONE && file != df)
        file = m->file[file].parent;
    return file != NONE;
}

int
model_child(const struct model *m, int df, unsigned fid)
{
    int i;

    for (i = 0; i < MODEL_FILES; i++)
        if (m->file[i].there && m->file[i].parent == df &&
            m->file[i].fid == fid)
            return i;
    return NONE;
}

unsigned
model_coding(const struct model *m, int file)
{
    while (m->file[file].coding == 0 && m->file[file].parent != NONE)
        file = m->file[file].parent;
    return m->file[file].coding;
}

unsigned
model_erased(const struct model *m, int file)
{
    return (model_coding(m, file) & 0x60) == 0x60 ? 0xFF : 0x00;
}

/* Creation and initialisation count: there nothing is forbidden. */
static bool
is_active(const struct model_file *f)
{
    return f->life < 0x04 || f->life == 0x05 || f->life == 0x07;
}

unsigned
model_alive(const struct model *m, int file, unsigned mode)
{
    const struct model_file *f = &m->file[file];
    int df;

    for (df = f->parent; df != NONE; df = m->file[df].parent)
        if (!is_active(&m->file[df]))
            return 0x6985;
    if (is_active(f))
        return 0x9000;
    if (f->life >= 0x0C)
        return mode == MODE_DELETE ? 0x9000 : 0x6985;
    return mode == MODE_ACTIVATE || mode == MODE_TERMINATE ||
                   mode == MODE_DELETE
               ? 0x9000
               : 0x6985;
}

unsigned
model_access(const struct model *m, const struct model_channel *on, int file,
             unsigned mode)
{
    const struct model_file *f = &m->file[file];

    if (model_alive(m, file, mode) != 0x9000)
        return 0x6985;
    if (!f->guarded || f->life < 0x04)
        return 0x9000;
    return (mode & 0x03) != 0 && on->verified ? 0x9000 : 0x6982;
}

/* Another channel has its DF or EF at or below the file. */
static bool
is_elsewhere(const struct model *m, const struct model_channel *own, int file)
{
    int i;

    for (i = 0; i < MODEL_CHANNELS; i++)
        if (&m->channel[i] != own && m->channel[i].open &&
            (model_within(m, m->channel[i].df, file) ||
             model_within(m, m->channel[i].ef, file)))
            return true;
    return false;
}

/* Something at or above the file belongs to the other channel. */
static bool
is_taken(const struct model *m, const struct model_channel *own, int file)
{
    for (; file != MF; file = m->file[file].parent)
        if (!m->file[file].shareable && is_elsewhere(m, own, file))
            return true;
    return false;
}

static void
make_current(const struct model *m, struct model_channel *on, int file)
{
    on->df = is_df(m, file) ? file : m->file[file].parent;
    on->ef = is_df(m, file) ? NONE : file;
    on->record = 0;
}

static unsigned
choose(struct model *m, struct model_channel *on, int ef)
{
    if (ef == NONE)
        return 0x6A82;
    if (is_taken(m, on, ef))
        return 0x6985;
    make_current(m, on, ef);
    return 0x9000;
}

/* DO 88 wins, then the lowest file identifier. */
static int
find_sfi(const struct model *m, int df, unsigned sfi)
{
    int best = NONE;
    int i;

    for (i = 0; i < MODEL_FILES; i++) {
        const struct model_file *f = &m->file[i];

        if (!f->there || f->parent != df || f->type == DF || f->sfi != sfi)
            continue;
        if (best == NONE || (f->sfi_given && !m->file[best].sfi_given) ||
            (f->sfi_given == m->file[best].sfi_given &&
             f->fid < m->file[best].fid))
            best = i;
    }
    return best;
}

unsigned
model_choose_sfi(struct model *m, struct model_channel *on, unsigned sfi,
                 int *ef)
{
    *ef = on->ef;
    if (sfi == 0)
        return on->ef == NONE ? 0x6986 : 0x9000;
    *ef = find_sfi(m, on->df, sfi);
    return choose(m, on, *ef);
}

unsigned
model_choose_odd(struct model *m, struct model_channel *on, unsigned p1p2,
                 int *ef)
{
    if (p1p2 <= 30)
        return model_choose_sfi(m, on, p1p2, ef);
    *ef = model_child(m, on->df, p1p2);
    if (*ef != NONE && is_df(m, *ef))
        return 0x6981;
    return choose(m, on, *ef);
}

static int
follow(const struct model *m, int file, const uint8_t *path, size_t n)
{
    size_t i;

    for (i = 0; i < n; i += 2) {
        if (file == NONE || !is_df(m, file))
            return NONE;
        file = model_child(m, file, (unsigned)(path[i] << 8 | path[i + 1]));
    }
    return file;
}

/* A child, the DF itself, its parent, or a DF beside it, in this order. */
static int
find_fid(const struct model *m, int df, unsigned fid)
{
    int file = fid == 0x3F00 ? MF : model_child(m, df, fid);
    int parent = m->file[df].parent;

    if (file != NONE)
        return file;
    if (m->file[df].fid == fid)
        return df;
    if (parent == NONE)
        return NONE;
    if (m->file[parent].fid == fid)
        return parent;
    file = model_child(m, parent, fid);
    return file != NONE && is_df(m, file) ? file : NONE;
}

static unsigned
locate_path(const struct model *m, const struct model_command *c, int *file)
{
    int from = c->p1 == 0x08 ? MF : c->on->df;
    unsigned start = c->p1 == 0x08 ? 0x3F00 : 0x3FFF;
    size_t skip = 0;

    if (c->n < 2 || c->n % 2 != 0)
        return 0x6700;
    if (c->n > 2 && (unsigned)(c->data[0] << 8 | c->data[1]) == start)
        skip = 2;
    *file = follow(m, from, c->data + skip, c->n - skip);
    return *file == NONE ? 0x6A82 : 0x9000;
}

static unsigned
find_file(const struct model *m, const struct model_command *c, int *file)
{
    unsigned fid = c->n == 2 ? (unsigned)(c->data[0] << 8 | c->data[1]) : 0;

    *file = NONE;
    if (c->p1 == 0x08 || c->p1 == 0x09)
        return locate_path(m, c, file);
    if (c->p1 == 0x03) {
        if (c->n != 0)
            return 0x6700;
        *file = m->file[c->on->df].parent;
    } else if (c->p1 == 0x00 && c->n == 0) {
        *file = MF;
    } else if (c->n != 2) {
        return 0x6700;
    } else if (c->p1 == 0x00) {
        *file = find_fid(m, c->on->df, fid);
    } else {
        *file = model_child(m, c->on->df, fid);
        if (*file != NONE && is_df(m, *file) != (c->p1 == 0x01))
            *file = NONE;
    }
    return *file == NONE ? 0x6A82 : 0x9000;
}

unsigned
model_locate(const struct model *m, const struct model_command *c, int *file)
{
    unsigned sw = find_file(m, c, file);

    return sw == 0x9000 && is_taken(m, c->on, *file) ? 0x6985 : sw;
}

unsigned
model_select(struct model *m, const struct model_command *c,
             struct model_answer *a)
{
    int file;
    unsigned sw = model_locate(m, c, &file);

    (void)a;
    if (sw != 0x9000)
        return sw;
    make_current(m, c->on, file);
    return m->file[file].life >= 0x0C   ? 0x6285
           : m->file[file].life == 0x04 ? 0x6283
                                        : 0x9000;
}

/* ---- DELETE and the life cycle ---- */

/* P1-P2 0000 without data: what is current. */
static unsigned
target(const struct model *m, const struct model_command *c, int *file)
{
    if (c->p1 != 0 || c->p2 != 0 || c->n != 0)
        return model_locate(m, c, file);
    *file = c->on->ef != NONE ? c->on->ef : c->on->df;
    return 0x9000;
}

unsigned
model_delete(struct model *m, const struct model_command *c,
             struct model_answer *a)
{
    int file, i;
    unsigned sw = target(m, c, &file);

    (void)a;
    if (sw == 0x9000)
        sw = model_access(m, c->on, file, MODE_DELETE);
    if (sw == 0x9000)
        sw = model_access(m, c->on, m->file[file].parent, MODE_DELETE_CHILD);
    if (sw == 0x9000 && is_elsewhere(m, c->on, file))
        sw = 0x6985;
    if (sw != 0x9000)
        return sw;
    if (model_within(m, c->on->df, file))
        make_current(m, c->on, m->file[file].parent);
    else if (c->on->ef == file)
        make_current(m, c->on, c->on->df);
    for (i = 0; i < MODEL_FILES; i++)
        if (i != file && m->file[i].there && model_within(m, i, file))
            m->file[i].there = false;
    m->file[file].there = false;
    return sw;
}

static unsigned
change_life(struct model *m, const struct model_command *c, int file,
            unsigned mode)
{
    unsigned sw = model_access(m, c->on, file, mode);
    struct model_file *f = &m->file[file];

    if (sw != 0x9000)
        return sw;
    if (mode == MODE_ACTIVATE     ? f->life >= 0x05
        : mode == MODE_DEACTIVATE ? f->life != 0x05
                                  : f->life >= 0x0C)
        return 0x6985;
    f->life = mode == MODE_ACTIVATE     ? 0x05
              : mode == MODE_DEACTIVATE ? 0x04
                                        : 0x0C;
    return sw;
}

unsigned
model_life(struct model *m, const struct model_command *c,
           struct model_answer *a)
{
    int file;
    unsigned sw = target(m, c, &file);

    (void)a;
    if (sw != 0x9000)
        return sw;
    return change_life(m, c, file,
                       c->ins == 0x44 ? MODE_ACTIVATE : MODE_DEACTIVATE);
}

unsigned
model_terminate(struct model *m, const struct model_command *c,
                struct model_answer *a)
{
    bool wants_df = c->ins == 0xE6;
    int file = wants_df ? c->on->df : c->on->ef;
    unsigned sw;

    (void)a;
    if (c->p1 != 0 || c->p2 != 0 || c->n != 0) {
        if ((sw = model_locate(m, c, &file)) != 0x9000)
            return sw;
        if (is_df(m, file) != wants_df)
            return 0x6981;
    }
    if (file == NONE)
        return 0x6986;
    return change_life(m, c, file, MODE_TERMINATE);
}
