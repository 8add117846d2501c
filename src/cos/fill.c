/*
 * fill.c - what a fresh card's files hold: data objects and records.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdlib.h>

#include <vicc/look.h>
#include <vicc/wipe.h>

#include "cos/environment.h"
#include "cos/internal.h"
#include "cos/record.h"

static struct file *
find_file(struct card *card, struct bytes path)
{
    return card->mf == NULL ? NULL : fs_by_path(card->mf, path);
}

/* The rollback of a card that does not come about undoes what is refused. */
static int
set_body(struct card *card, struct file *file, struct bytes body)
{
    size_t n = file_content(file).n;
    int err;

    if (body.n > n && !card_has_room(card, body.n - n))
        return -ENOSPC;
    err = object_replace(&card->state, file->object, OBJECT_BODY, body);
    return err != 0 || file_content_is_valid(file) ? err : -EINVAL;
}

int
cos_set_objects(struct card *card, struct bytes path, struct bytes objects)
{
    struct file *file = find_file(card, path);

    if (file == NULL)
        return -ENOENT;
    return file_holds_objects(file) ? set_body(card, file, objects) : -EINVAL;
}

int
cos_add_environment(struct card *card, struct bytes path, uint8_t number,
                    struct bytes templates)
{
    const struct file *df = find_file(card, path);
    struct object *object;
    struct bytes there;
    const char *why;
    size_t i;
    uint8_t n;
    int err;

    if (df == NULL || !file_is_df(df) || number == 0)
        return -EINVAL;
    for (i = 0; look_environment(card, df, i, &n, &there); i++)
        if (n == number)
            return -EEXIST;
    if (!card_has_room(card, templates.n))
        return -ENOSPC;
    if ((err = object_add(&card->state, OBJECT_ENVIRONMENT, df->object->id,
                          &object)) != 0 ||
        (err = object_replace(&card->state, object, OBJECT_HEAD,
                              bytes_of(&number, 1))) != 0 ||
        (err = object_replace(&card->state, object, OBJECT_BODY, templates)) !=
            0)
        return err;
    err = environment_adopt(card, object, &why);
    return err == -EBADMSG ? -EINVAL : err;
}

/* As a command would find it, or as ERASE RECORD has left it. */
static int
check_record(const struct file *ef, struct bytes record)
{
    int err = record_check(ef, record);

    return err == -EINVAL && record_is_erased(ef, record) ? 0 : err;
}

/* In the order of record.c: in a cyclic EF the first one stands last. */
static void
put_records(const struct file *ef, const struct bytes *record, size_t count,
            struct buf *body)
{
    size_t i;

    for (i = 0; i < count; i++) {
        if (!file_has_fixed_records(ef))
            buf_put_u16(body, (uint16_t)record[i].n);
        buf_put(body, record[file_is_cyclic(ef) ? count - 1 - i : i]);
    }
}

static int
set_records(struct card *card, struct file *ef, const struct bytes *record,
            size_t count, size_t size)
{
    struct buf body = {malloc(size + 1), 0, size, false};
    int err;

    if (body.p == NULL)
        return -ENOMEM;
    put_records(ef, record, count, &body);
    err = set_body(card, ef, buf_bytes(&body));
    wipe(body.p, body.n);
    free(body.p);
    return err;
}

int
cos_set_records(struct card *card, struct bytes path,
                const struct bytes *record, size_t count)
{
    struct file *ef = find_file(card, path);
    struct bytes all[RECORDS_MAX];
    size_t i, size = 0;
    int err;

    if (ef == NULL)
        return -ENOENT;
    if (!file_has_records(ef))
        return -EINVAL;
    if (count > RECORDS_MAX)
        return -ENOSPC;
    for (i = 0; i < count || record_find(ef, i + 1, &all[i]); i++) {
        if (i < count)
            all[i] = record[i];
        if ((err = check_record(ef, all[i])) != 0)
            return err;
        size += 2 + all[i].n;
    }
    return set_records(card, ef, all, i, size);
}
