/*
 * new.c - vicc new and vicc copy: card images.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdio.h>

#include <vicc/types.h>

#include "image.h"
#include "own_files.h"
#include "profile/profile.h"
#include "status.h"
#include "verbs.h"
#include "vicc/env.h"

static int
make_by_type(const struct card_choice *choice, struct card **out)
{
    const struct card_type *type = card_type_find(choice->name);
    struct card_error error;
    int err;

    if (type->raw != NULL) {
        fprintf(stderr,
                "vicc: a card of type %s is not made of files, so no image "
                "can hold it; run it by vicc run -t %s\n",
                type->name, type->name);
        return STATUS_USAGE;
    }
    err = card_new(type, &host_env, choice->setting, choice->settings, out,
                   &error);
    if (err == 0)
        return STATUS_OK;
    fprintf(stderr, "vicc: card %s: %s\n", choice->name,
            err == -EINVAL ? error.text : strerror(-err));
    return err == -EINVAL ? STATUS_USAGE : STATUS_CARD;
}

static int
refuse_profile(int err, const struct profile_error *error)
{
    fprintf(stderr, "vicc: %s\n", error->text);
    return err == -EINVAL   ? STATUS_USAGE
           : err == -ENOMEM ? STATUS_SYSTEM
                            : STATUS_FILE;
}

/* The profile names the type; -t may only say the same. */
static int
make_by_profile(const struct options *options, struct profile *profile,
                struct card **out)
{
    const struct card_choice *choice = &options->card[0];
    const char *type = profile_type(profile)->name;
    struct profile_error error;
    int err;

    if (options->syntax == CARDS_TYPE && strcmp(choice->name, type) != 0) {
        fprintf(stderr, "vicc: %s is the profile of a card of type %s\n",
                options->profile, type);
        return STATUS_USAGE;
    }
    err = profile_make(profile, &host_env, choice->setting, choice->settings,
                       out, &error);
    return err == 0 ? STATUS_OK : refuse_profile(err, &error);
}

static int
new_run(struct options *options)
{
    struct profile *profile = NULL;
    struct profile_error error;
    struct card *card = NULL;
    int err, status;

    if (options->cards != 1) {
        fprintf(stderr, "vicc: an image holds one card, not several\n");
        return STATUS_USAGE;
    }
    if (options->profile != NULL &&
        (err = profile_read(options->profile, &profile, &error)) != 0)
        return refuse_profile(err, &error);
    status = profile != NULL ? make_by_profile(options, profile, &card)
                             : make_by_type(&options->card[0], &card);
    if (status == STATUS_OK)
        status = image_make(options->operand[0], card, options, false);
    card_free(&card);
    profile_free(&profile); /* of whose seed the card had its random bytes */
    return status;
}

static int
copy_card(struct card *card, struct options *options, bool sealed)
{
    const char *to = options->operand[1];
    int err = card_renew(card);

    if (err == -ENOTSUP)
        fprintf(stderr,
                "vicc: %s: the card has no serial number to tell it from the "
                "other\n",
                to);
    else if (err != 0) {
        fprintf(stderr, "vicc: %s: no new serial number: %s\n", to,
                strerror(-err));
        return STATUS_CARD;
    }
    return image_make(to, card, options, sealed);
}

static int
copy_run(struct options *options)
{
    const char *from = options->operand[0];
    struct store *store = NULL;
    struct card *card = NULL;
    bool sealed;
    int status;

    if (is_same_file(from, options->operand[1])) {
        fprintf(stderr, "vicc: %s and %s are the same file\n", from,
                options->operand[1]);
        return STATUS_USAGE;
    }
    if ((status = image_open(from, STORE_READ, &store)) != STATUS_OK)
        return status;
    sealed = store_is_locked(store);
    status = image_load(store, from, options, NULL, 0, &card);
    store_close(&store); /* the copy needs nothing more of it */
    if (status == STATUS_OK)
        status = copy_card(card, options, sealed);
    card_free(&card);
    return status;
}

const struct verb verb_new = {
    .name = "new",
    .usage = "[-t TYPE] [-o NAME=VALUE]... [--profile FILE] IMAGE",
    .help = "Makes a card image: a file that cards run from, and that keeps "
            "what changes on them",
    .groups = OPTIONS_TYPE | OPTIONS_NEW | OPTIONS_PASSPHRASE | OPTIONS_MAKE,
    .operands_min = 1,
    .operands_max = 1,
    .usage_status = STATUS_USAGE,
    .run = new_run,
};

const struct verb verb_copy = {
    .name = "copy",
    .usage = "IMAGE NEW",
    .help = "Makes another card of an image, with all that is on it and a "
            "serial number of its own",
    .groups = OPTIONS_PASSPHRASE | OPTIONS_FORCE,
    .operands_min = 2,
    .operands_max = 2,
    .usage_status = STATUS_USAGE,
    .run = copy_run,
};
