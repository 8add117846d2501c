/*
 * model_card.c - the model of a whole card: channels, the PIN, data objects,
 * and which command is which.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <string.h>

#include "model.h"

void
model_put(struct model_answer *a, const uint8_t *p, size_t n)
{
    memcpy(a->byte + a->n, p, n);
    a->n += n;
}

/* ---- data objects: the primitive ones that the test uses ---- */

static int
holder(const struct model *m, const struct model_channel *on)
{
    return on->ef != NONE && m->file[on->ef].type == BER_TLV ? on->ef : on->df;
}

static unsigned
may_use(const struct model *m, const struct model_channel *on, unsigned mode)
{
    int file = holder(m, on);

    return m->file[file].type == DF ? model_alive(m, file, mode)
                                    : model_access(m, on, file, mode);
}

static struct model_object *
find_object(struct model_file *f, unsigned tag)
{
    size_t i;

    for (i = 0; i < f->objects; i++)
        if (f->object[i].tag == tag)
            return &f->object[i];
    return NULL;
}

unsigned
model_get_data(struct model *m, const struct model_command *c,
               struct model_answer *a)
{
    struct model_object *object =
        find_object(&m->file[holder(m, c->on)], c->p1 << 8 | c->p2);
    unsigned sw = may_use(m, c->on, MODE_READ);

    if (sw != 0x9000)
        return sw;
    if (object == NULL)
        return 0x6A88;
    model_put(a, object->value.byte, object->value.n);
    return sw;
}

/* Without data it deletes. */
unsigned
model_put_data(struct model *m, const struct model_command *c,
               struct model_answer *a)
{
    struct model_file *f = &m->file[holder(m, c->on)];
    struct model_object *object = find_object(f, c->p1 << 8 | c->p2);
    unsigned sw = may_use(m, c->on, MODE_UPDATE);

    (void)a;
    if (sw != 0x9000)
        return sw;
    if (c->n == 0 && object == NULL)
        return 0x6A88;
    if (c->n == 0) {
        *object = f->object[--f->objects];
        return sw;
    }
    if (object == NULL) {
        object = &f->object[f->objects++];
        object->tag = c->p1 << 8 | c->p2;
    }
    object->value.n = c->n;
    memcpy(object->value.byte, c->data, c->n);
    return sw;
}

/* ---- PIN and channels ---- */

static unsigned
tries_left(const struct model *m)
{
    return m->tries == 0 ? 0x6983 : 0x63C0 | m->tries;
}

static unsigned
verify(struct model *m, const struct model_command *c, struct model_answer *a)
{
    (void)a;
    if (c->p1 == 0xFF) {
        c->on->verified = false;
        return 0x9000;
    }
    if (c->n == 0)
        return c->on->verified ? 0x9000 : tries_left(m);
    c->on->verified = false;
    if (m->tries == 0)
        return 0x6983;
    m->tries--;
    if (memcmp(c->data, MODEL_PIN, strlen(MODEL_PIN)) != 0)
        return tries_left(m);
    m->tries = MODEL_TRIES;
    c->on->verified = true;
    return 0x9000;
}

static void
begin_channel(struct model_channel *channel, bool open)
{
    *channel = (struct model_channel){.open = open, .df = MF, .ef = NONE};
}

/* P2 01, or 00 to close the channel of the command. */
static unsigned
manage_channel(struct model *m, const struct model_command *c,
               struct model_answer *a)
{
    struct model_channel *channel = c->p2 == 0 ? c->on : &m->channel[c->p2];
    bool opens = c->p1 == 0x00;

    (void)a;
    if (channel == &m->channel[0])
        return 0x6A86;
    if (channel->open == opens)
        return 0x6881;
    begin_channel(channel, opens);
    return 0x9000;
}

void
model_reset(struct model *m)
{
    begin_channel(&m->channel[0], true);
    begin_channel(&m->channel[1], false);
}

void
model_init(struct model *m)
{
    memset(m, 0, sizeof(*m));
    m->file[MF] = (struct model_file){.there = true,
                                      .parent = NONE,
                                      .fid = 0x3F00,
                                      .type = DF,
                                      .life = 0x05,
                                      .shareable = true};
    m->tries = MODEL_TRIES;
    model_reset(m);
}

static const struct {
    unsigned ins;
    model_run_fn *run;
} commands[] = {
    {0x04, model_life},
    {0x0C, model_erase_record},
    {0x0E, model_erase_binary},
    {0x20, verify},
    {0x44, model_life},
    {0x70, manage_channel},
    {0xA0, model_search_binary},
    {0xA2, model_search_record},
    {0xA4, model_select},
    {0xB0, model_read_binary},
    {0xB1, model_read_binary_odd},
    {0xB2, model_read_record},
    {0xCA, model_get_data},
    {0xD0, model_change_binary},
    {0xD2, model_change_record},
    {0xD6, model_change_binary},
    {0xD7, model_update_binary_odd},
    {0xDA, model_put_data},
    {0xDC, model_change_record},
    {0xE0, model_create},
    {0xE2, model_append_record},
    {0xE4, model_delete},
    {0xE6, model_terminate},
    {0xE8, model_terminate},
};

static void
parse(struct model *m, const uint8_t *p, size_t n, struct model_command *c)
{
    *c = (struct model_command){
        .on = &m->channel[p[0] & 1], .ins = p[1], .p1 = p[2], .p2 = p[3]};
    if (n > 5) {
        c->data = p + 5;
        c->n = p[4];
    }
    if (n == 5 || n > 5 + c->n) {
        c->ne_open = p[n - 1] == 0;
        c->ne = c->ne_open ? 256 : p[n - 1];
    }
}

/* A failure takes back everything, but not what VERIFY counted. */
void
model_run(struct model *m, const uint8_t *command, size_t n,
          struct model_answer *answer)
{
    static struct model before;
    struct model_command c;
    size_t i = 0;

    parse(m, command, n, &c);
    *answer = (struct model_answer){.sw = 0x6881};
    if (!c.on->open)
        return;
    before = *m;
    while (commands[i].ins != c.ins)
        i++;
    answer->sw = commands[i].run(m, &c, answer);
    if (answer->sw == 0x9000 || answer->sw >> 8 == 0x62 ||
        answer->sw >> 8 == 0x63 || c.ins == 0x20)
        return;
    *m = before;
    answer->n = 0;
}
