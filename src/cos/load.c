/*
 * load.c - a card from what was kept of it. Nothing that is read is trusted:
 * it passes the parsers that commands pass, or the whole card is refused.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "cos/environment.h"
#include "cos/internal.h"
#include "cos/keep.h"
#include "cos/key.h"

#define REFERENCES_MAX 1024 /* each is compared with all others */

struct loader {
    struct card *card;
    struct card_error *error;
    struct object **objects; /* all so far, by id */
    size_t count;
    size_t room;
    size_t references;
    size_t named;                        /* DFs that have a name */
    uint8_t saved[(UINT16_MAX + 1) / 8]; /* numbers of OBJECT_PRIVATE, bits */
};

static const char *
kind_name(uint32_t kind)
{
    static const char *const names[] = {
        [OBJECT_FILE] = "a file",
        [OBJECT_REFERENCE] = "a PIN",
        [OBJECT_PRIVATE] = "of the card's own",
        [OBJECT_KEY] = "a key",
        [OBJECT_ENVIRONMENT] = "a security environment",
    };

    return kind < sizeof(names) / sizeof(names[0]) ? names[kind]
                                                   : "of no known kind";
}

static int
refuse(struct loader *l, const struct card_object *in, const char *why)
{
    snprintf(l->error->text, sizeof(l->error->text), "object %lu (%s): %s",
             (unsigned long)in->id, kind_name(in->kind), why);
    return -EBADMSG;
}

static int
remember(struct loader *l, struct object *object)
{
    size_t room = l->room < 64 ? 64 : l->room * 2;
    struct object **objects = l->objects;

    if (l->count == l->room) {
        objects = realloc(objects, room * sizeof(*objects));
        if (objects == NULL)
            return -ENOMEM;
        l->objects = objects;
        l->room = room;
    }
    l->objects[l->count++] = object;
    return 0;
}

/* The DF of that id, or NULL. */
static struct file *
find_df(const struct loader *l, uint32_t id)
{
    size_t low = 0;
    size_t high = l->count;
    const struct object *object;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (l->objects[middle]->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == l->count || (object = l->objects[low])->id != id ||
        object->kind != OBJECT_FILE || !file_is_df(object->owner))
        return NULL;
    return object->owner;
}

/* As cos_save() makes them: a number of two bytes, once on a card. */
static int
adopt_private(struct loader *l, const struct object *object, const char **why)
{
    uint8_t bit;
    uint16_t n;

    *why = "its number is none";
    if (object->parent != 0 ||
        !bytes_u16(object_bytes(object, OBJECT_HEAD), &n))
        return -EBADMSG;
    bit = (uint8_t)(1U << n % 8);
    *why = "there are two of its number";
    if ((l->saved[n / 8] & bit) != 0)
        return -EBADMSG;
    l->saved[n / 8] |= bit;
    return 0;
}

static int
adopt(struct loader *l, struct object *object, struct file *parent,
      const char **why)
{
    int err = 0;

    switch (object->kind) {
    case OBJECT_FILE:
        if ((err = fs_adopt(l->card, parent, object, why)) == 0)
            l->named += ((struct file *)object->owner)->df_name.n != 0;
        return err;
    case OBJECT_REFERENCE:
        if (++l->references <= REFERENCES_MAX)
            return reference_adopt(l->card, parent, object, why);
        *why = "there are too many of them";
        return -EBADMSG;
    case OBJECT_KEY:
        return key_adopt(l->card, parent, object, why);
    case OBJECT_ENVIRONMENT:
        return environment_adopt(l->card, object, why);
    case OBJECT_PRIVATE:
        return adopt_private(l, object, why);
    }
    return 0;
}

static int
load_object(struct loader *l, const struct card_object *in)
{
    struct state *state = &l->card->state;
    struct file *parent = NULL;
    struct object *object;
    const char *why;
    int err;

    if (in->kind > OBJECT_ENVIRONMENT)
        return refuse(l, in, "this version does not know it");
    if (in->parent != 0 && (parent = find_df(l, in->parent)) == NULL)
        return refuse(l, in, "the DF that it belongs to is not there");
    err = state_load(state, in->id, in->parent, (enum object_kind)in->kind,
                     &object);
    if (err == -EEXIST)
        return refuse(l, in, "its number is out of order");
    if (err != 0 ||
        (err = state_load_part(state, object, OBJECT_HEAD, in->head)) != 0 ||
        (err = state_load_part(state, object, OBJECT_BODY, in->body)) != 0 ||
        (err = remember(l, object)) != 0)
        return err;
    err = adopt(l, object, parent, &why);
    return err == -EBADMSG ? refuse(l, in, why) : err;
}

static int
compare_names(const void *a, const void *b)
{
    struct bytes x = (*(struct file *const *)a)->df_name;
    struct bytes y = (*(struct file *const *)b)->df_name;
    int order = memcmp(x.p, y.p, x.n < y.n ? x.n : y.n);

    return order != 0 ? order : (x.n > y.n) - (x.n < y.n);
}

/* Sorted, since an image may have very many. */
static int
check_names(struct loader *l)
{
    struct file **dfs = calloc(l->named + 1, sizeof(struct file *));
    struct file *df = l->card->dfs;
    size_t n = 0, i;
    int err = 0;

    if (dfs == NULL)
        return -ENOMEM;
    for (; df != NULL; df = df->next_df)
        if (df->df_name.n != 0)
            dfs[n++] = df;
    qsort(dfs, n, sizeof(struct file *), compare_names);
    for (i = 1; i < n && err == 0; i++)
        if (bytes_equal(dfs[i - 1]->df_name, dfs[i]->df_name)) {
            const struct card_object in = {.id = dfs[i]->object->id,
                                           .kind = OBJECT_FILE};

            err = refuse(l, &in, "another DF has the same name");
        }
    free(dfs);
    return err;
}

int
load_objects(struct card *card, const struct card_source *source,
             struct card_error *error)
{
    struct loader l = {.card = card, .error = error};
    struct card_object in;
    int got, err = 0;

    while ((got = source->next(source->ctx, &in)) > 0 &&
           (err = load_object(&l, &in)) == 0)
        continue;
    if (got < 0)
        err = got;
    if (err == 0)
        err = check_names(&l);
    if (card->state.last_id < source->last_id)
        card->state.last_id = source->last_id;
    free(l.objects);
    return err;
}
