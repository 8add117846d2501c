/*
 * show.c - vicc show: what is on the card of an image, or in a trace.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "image.h"
#include "profile/profile.h"
#include "show_trace.h"
#include "status.h"
#include "verbs.h"

static int
check_options(const struct options *options)
{
    if (options->html != NULL) {
        fprintf(stderr,
                "vicc: %s is a card image; --html makes a page of a "
                "trace. vicc show --json, or --profile, tells of an "
                "image\n",
                options->operand[0]);
        return STATUS_USAGE;
    }
    if (options->secrets && !options->as_profile) {
        fprintf(stderr, "vicc: --secrets goes with --profile; nothing else "
                        "that show tells has secrets in it\n");
        return STATUS_USAGE;
    }
    return STATUS_OK;
}

static int
tell(const struct card *card, const struct options *options)
{
    const struct telling telling = {stdout, options->operand[0],
                                    options->secrets};
    int err = options->as_json      ? tell_json(card, &telling)
              : options->as_profile ? tell_profile(card, &telling)
                                    : tell_tree(card, &telling);

    if (err == 0 && (fflush(stdout) != 0 || ferror(stdout)))
        err = -errno;
    if (err == 0)
        return STATUS_OK;
    fprintf(stderr, "vicc: %s: %s\n", options->operand[0],
            err == -E2BIG ? "its files are too deep in each other for a "
                            "profile"
                          : strerror(-err));
    return err == -ENOMEM ? STATUS_SYSTEM : STATUS_FILE;
}

/* Loading is the check of what the objects say. */
static int
check(struct store *store)
{
    struct store_error error;
    int err = store_check(store, &error);

    return err == 0 ? STATUS_OK : image_refuse(err, &error);
}

static int
show_image(struct options *options)
{
    const char *path = options->operand[0];
    struct store *store = NULL;
    struct card *card = NULL;
    int status = check_options(options);

    if (status != STATUS_OK ||
        (status = image_open(path, STORE_READ, &store)) != STATUS_OK)
        return status;
    if (options->check)
        status = check(store);
    if (status == STATUS_OK)
        status = image_load(store, path, options, NULL, 0, &card);
    store_close(&store); /* the card needs nothing more of it */
    if (status == STATUS_OK && options->check)
        printf("%s: sound\n", path);
    else if (status == STATUS_OK)
        status = tell(card, options);
    card_free(&card);
    return status;
}

static int
show_run(struct options *options)
{
    const char *path = options->operand[0];

    if (options->as_json + options->as_profile + options->check +
            (options->html != NULL) >
        1) {
        fprintf(stderr, "vicc: one of --json, --profile, --html and --check "
                        "at a time\n");
        return STATUS_USAGE;
    }
    if (access(path, F_OK) != 0) {
        fprintf(stderr, "vicc: %s: %s\n", path, strerror(errno));
        return STATUS_FILE;
    }
    switch (show_kind(path)) {
    case SHOW_TRACE:
        return show_trace(options);
    case SHOW_NEITHER:
        return show_neither(path);
    default:
        return show_image(options);
    }
}

const struct verb verb_show = {
    .name = "show",
    .usage = "[--json|--profile|--html FILE|--check] [--secrets] "
             "IMAGE|TRACE",
    .help = "Shows what is on the card of an image: files, access conditions, "
            "PINs and their counters; or what passed in a trace, in words",
    .groups = OPTIONS_SHOW | OPTIONS_PASSPHRASE,
    .operands_min = 1,
    .operands_max = 1,
    .usage_status = STATUS_USAGE,
    .run = show_run,
};
