/*
 * environment.c - the current security environment of a channel.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/environment.h"

#include <errno.h>

#include <vicc/tlv.h>

#include "cos/environment_store.h"
#include "cos/internal.h"

#define TAG_USAGE 0x95

void
environment_clear(struct environment *environment)
{
    buf_wipe_free(&environment->templates);
    *environment = (struct environment){.number = 1, .once = environment->once};
}

void
environment_forget(struct channel *channel)
{
    channel->environment.is_current = false;
}

struct environment *
environment_of(struct card *card, struct channel *channel)
{
    struct environment *now = &channel->environment;
    uint32_t df_id = channel->now.df == NULL ? 0 : channel->now.df->object->id;

    if (now->is_current && now->df_id == df_id)
        return now;
    if (!sw_is(environment_restore(card, channel, 1), SW_OK)) {
        environment_clear(now);
        now->is_current = true;
        now->df_id = df_id;
    }
    return now;
}

/* The roles that a template plays. */
static uint8_t
roles_of(struct bytes objects)
{
    struct tlv t;

    return tlv_find(objects, TAG_USAGE, &t) && t.value.n == 1 ? t.value.p[0]
                                                              : 0xFF;
}

static bool
find(struct bytes templates, uint8_t tag, uint8_t role, struct bytes *objects)
{
    struct tlv t;

    while (tlv_next(&templates, &t))
        if ((t.tag | 1U) == (tag | 1U) && (roles_of(t.value) & role) != 0) {
            *objects = t.value;
            return true;
        }
    return false;
}

bool
environment_find(const struct environment *environment, enum crt_tag tag,
                 enum crt_role role, struct bytes *objects)
{
    return find(buf_bytes(&environment->templates), (uint8_t)tag, (uint8_t)role,
                objects);
}

bool
environment_find_once(const struct environment *environment, enum crt_tag tag,
                      enum crt_role role, struct bytes *objects)
{
    return tag != CRT_CHECKSUM && tag != CRT_CONFIDENTIALITY &&
           find(environment->once, (uint8_t)tag, (uint8_t)role, objects);
}

bool
environment_object(const struct environment *environment, enum crt_tag tag,
                   enum crt_role role, uint32_t object, struct bytes *value)
{
    struct bytes objects;
    struct tlv t;

    if ((!environment_find_once(environment, tag, role, &objects) ||
         !tlv_find(objects, object, &t)) &&
        (!environment_find(environment, tag, role, &objects) ||
         !tlv_find(objects, object, &t)))
        return false;
    *value = t.value;
    return true;
}

/* The objects of `old` whose tag is not among `objects`, then those. */
static void
put_merged(struct bytes old, struct bytes objects, uint8_t roles,
           struct buf *out)
{
    struct bytes added = objects;
    struct tlv t, same;

    tlv_put_u8(out, TAG_USAGE, roles);
    while (tlv_next(&old, &t))
        if (t.tag != TAG_USAGE && !tlv_find(objects, t.tag, &same))
            buf_put(out, t.whole);
    while (tlv_next(&added, &t))
        if (t.tag != TAG_USAGE)
            buf_put(out, t.whole);
}

/* Copies a template, without the roles that a new one takes over. */
static void
put_others(const struct tlv *old, uint8_t tag, uint8_t roles, struct buf *out)
{
    uint8_t left = roles_of(old->value);
    size_t open;

    if (old->tag != tag || (left & roles) == 0) {
        buf_put(out, old->whole);
        return;
    }
    left &= (uint8_t)~roles;
    if (left == 0)
        return;
    open = tlv_open(out, old->tag);
    put_merged(old->value, bytes_of(NULL, 0), left, out);
    tlv_close(out, open);
}

/* Each role has its own template, since they may differ later on. */
sw_t
environment_set(struct environment *environment, uint8_t tag, uint8_t roles,
                struct bytes objects)
{
    uint8_t room[ENVIRONMENT_MAX];
    struct buf out = BUF(room);
    struct bytes templates = buf_bytes(&environment->templates);
    struct bytes old = templates;
    struct buf kept = {0};
    struct bytes before;
    unsigned role;
    size_t open;
    struct tlv t;

    if (!tlv_is_valid(objects))
        return SW_WRONG_DATA;
    while (tlv_next(&old, &t))
        put_others(&t, tag, roles, &out);
    for (role = 0x80; role != 0; role >>= 1) {
        if ((roles & role) == 0)
            continue;
        if (!find(templates, tag, (uint8_t)role, &before))
            before = bytes_of(NULL, 0);
        open = tlv_open(&out, tag);
        put_merged(before, objects, (uint8_t)role, &out);
        tlv_close(&out, open);
    }
    if (out.overrun)
        return SW_NOT_ENOUGH_MEMORY;
    if (buf_grow_put(&kept, buf_bytes(&out), ENVIRONMENT_MAX) != 0)
        return SW_MEMORY_FAILURE;
    buf_wipe_free(&environment->templates);
    environment->templates = kept;
    return SW_OK;
}

sw_t
environment_restore(struct card *card, struct channel *channel, uint8_t number)
{
    struct environment *now = &channel->environment;
    struct buf kept = {0};
    struct bytes templates;
    int err;

    if (!environment_stored(card, channel->now.df, number, &templates))
        return SW_REFERENCE_NOT_FOUND;
    if ((err = buf_grow_put(&kept, templates, ENVIRONMENT_MAX)) != 0)
        return err == -EMSGSIZE ? SW_NOT_ENOUGH_MEMORY : sw_from_errno(err);
    environment_clear(now);
    now->number = number;
    now->is_current = true;
    now->df_id = channel->now.df == NULL ? 0 : channel->now.df->object->id;
    now->templates = kept;
    return SW_OK;
}

bool
environment_names(struct card *card, const struct file *df, uint8_t number,
                  uint8_t usage, struct bytes *reference)
{
    struct bytes templates, objects;
    struct tlv t;

    if (!environment_stored(card, df, number, &templates) ||
        !find(templates, CRT_AUTHENTICATION, usage, &objects) ||
        !tlv_find(objects, 0x83, &t) || t.value.n == 0)
        return false;
    *reference = t.value;
    return true;
}
