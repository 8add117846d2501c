/*
 * option_file.c - files that options name, read and written by the host.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <vicc/wipe.h>

#include "cos/internal.h"

/* The file that the option names; NULL with `err` 0 if it names none. */
static const char *
find_path(const struct card *card, const char *name, int *err,
          struct card_error *error)
{
    const char *path = card_option(card, name);

    *err = 0;
    if (path == NULL || card->env->files != NULL)
        return path;
    snprintf(error->text, sizeof(error->text),
             "option %.40s names a file, and this program has none for cards",
             name);
    *err = -EINVAL;
    return NULL;
}

static int
refuse(const char *name, const char *path, int err, struct card_error *error)
{
    if (err == 0 || err == -ENOMEM || err == -EEXIST)
        return err;
    snprintf(error->text, sizeof(error->text), "option %.40s: %.150s: %s", name,
             path, strerror(-err));
    return -EINVAL;
}

int
card_option_read(const struct card *card, const char *name, struct buf *out,
                 struct card_error *error)
{
    int err;
    const char *path = find_path(card, name, &err, error);

    *out = (struct buf){0};
    if (path != NULL)
        err = refuse(name, path,
                     card->env->files->read(card->env->files->ctx, path, out),
                     error);
    return err;
}

void
card_option_clear(struct buf *content)
{
    if (content->p != NULL)
        wipe(content->p, content->cap);
    free(content->p);
    *content = (struct buf){0};
}

int
card_option_write(const struct card *card, const char *name,
                  struct bytes content,
                  bool (*may_replace)(struct bytes present),
                  struct card_error *error)
{
    int err;
    const char *path = find_path(card, name, &err, error);

    if (path != NULL)
        err = refuse(name, path,
                     card->env->files->write(card->env->files->ctx, path,
                                             content, may_replace),
                     error);
    return err;
}
