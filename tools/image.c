/*
 * image.c - card images for the verbs.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "image.h"

#include <errno.h>
#include <stdio.h>

#include <vicc/types.h>

#include "passphrase.h"
#include "status.h"
#include "vicc/env.h"

/* The exit code for -errno of store.h. */
static int
status_of(int err)
{
    switch (err) {
    case 0:
        return STATUS_OK;
    case -EBUSY:
        return STATUS_IN_USE;
    case -ENOKEY:
    case -EKEYREJECTED:
        return STATUS_PASSPHRASE;
    case -EINVAL:
        return STATUS_USAGE;
    case -ENOMEM:
        return STATUS_SYSTEM;
    default:
        return STATUS_FILE;
    }
}

int
image_refuse(int err, const struct store_error *error)
{
    fprintf(stderr, "vicc: %s\n", error->text);
    return status_of(err);
}

int
image_open(const char *path, enum store_use use, struct store **out)
{
    struct store_error error;
    int err = store_open(path, use, out, &error);

    if (err != -ENOENT)
        return err == 0 ? STATUS_OK : image_refuse(err, &error);
    fprintf(stderr, "vicc: %s; vicc new makes one\n", error.text);
    return STATUS_FILE;
}

static int
unlock(struct store *store, const char *path, struct options *options)
{
    struct store_error error;
    int err, status = passphrase_get(options, path, false);

    if (status != STATUS_OK)
        return status;
    err = store_unlock(store, buf_bytes(&options->passphrase), &error);
    return err == 0 ? STATUS_OK : image_refuse(err, &error);
}

static int
say_not_loaded(struct store *store, const char *path, int err,
               const struct card_error *why)
{
    struct store_error error;

    if (why->text[0] == '\0') {
        store_explain(store, err, &error);
        return image_refuse(err, &error);
    }
    fprintf(stderr, "vicc: %s: %s%s\n", path,
            err == -EBADMSG ? "the image is damaged: " : "", why->text);
    return status_of(err);
}

int
image_load(struct store *store, const char *path, struct options *options,
           const struct card_setting *settings, size_t count, struct card **out)
{
    const struct card_type *type = card_type_find(store_type(store));
    struct card_setting all[2 * OPTIONS_SETTINGS_MAX];
    struct card_source source = store_source(store);
    struct card_error why;
    size_t kept;
    const struct card_setting *own = store_settings(store, &kept);
    int err, status;

    if (type == NULL || kept > OPTIONS_SETTINGS_MAX) {
        fprintf(stderr,
                "vicc: %s: a card of type %s, which this vicc does not have; "
                "--load FILE.so adds one\n",
                path, store_type(store));
        return STATUS_CARD;
    }
    if (store_is_locked(store) &&
        (status = unlock(store, path, options)) != STATUS_OK)
        return status;
    memcpy(all, own, kept * sizeof(own[0]));
    if (count != 0)
        memcpy(all + kept, settings, count * sizeof(settings[0]));
    err = card_load(type, &host_env, all, kept + count, &source, out, &why);
    return err == 0 ? STATUS_OK : say_not_loaded(store, path, err, &why);
}

int
image_make(const char *path, struct card *card, struct options *options,
           bool sealed)
{
    struct store_making making = {.force = options->force};
    struct store_error error;
    int err, status;

    if (sealed || passphrase_is_wanted(options)) {
        if ((status = passphrase_get(options, path, true)) != STATUS_OK)
            return status;
        making.passphrase = buf_bytes(&options->passphrase);
    }
    err = store_make(path, card, &making, &error);
    return err == 0 ? STATUS_OK : image_refuse(err, &error);
}
