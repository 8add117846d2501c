/*
 * snapshot.c - vicc snapshot, restore and snapshots: former states of a card
 * inside its image.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdio.h>

#include "image.h"
#include "status.h"
#include "verbs.h"

static int
snapshot_run(struct options *options)
{
    struct store *store = NULL;
    struct store_error error;
    int err, status = image_open(options->operand[0], STORE_RUN, &store);

    if (status != STATUS_OK)
        return status;
    err = store_snapshot(store, options->operand[1], options->force, &error);
    store_close(&store);
    return err == 0 ? STATUS_OK : image_refuse(err, &error);
}

static int
restore_run(struct options *options)
{
    struct store *store = NULL;
    struct store_error error;
    int err, status = image_open(options->operand[0], STORE_RUN, &store);

    if (status != STATUS_OK)
        return status;
    err = store_restore(store, options->operand[1], &error);
    store_close(&store);
    return err == 0 ? STATUS_OK : image_refuse(err, &error);
}

static void
print_snapshot(void *ctx, const char *name, const char *made, size_t objects)
{
    (void)ctx;
    printf("%s  %6zu objects  %s\n", made, objects, name);
}

static int
snapshots_run(struct options *options)
{
    struct store *store = NULL;
    struct store_error error;
    int err, status = image_open(options->operand[0], STORE_READ, &store);

    if (status != STATUS_OK)
        return status;
    err = store_snapshots(store, print_snapshot, NULL, &error);
    store_close(&store);
    return err == 0 ? STATUS_OK : image_refuse(err, &error);
}

const struct verb verb_snapshot = {
    .name = "snapshot",
    .usage = "IMAGE NAME",
    .help = "Keeps the present state of a card, under a name, in its image",
    .groups = OPTIONS_FORCE,
    .operands_min = 2,
    .operands_max = 2,
    .usage_status = STATUS_USAGE,
    .run = snapshot_run,
};

const struct verb verb_restore = {
    .name = "restore",
    .usage = "IMAGE NAME",
    .help = "Makes a card what it was at a snapshot, tries of its PINs "
            "included",
    .operands_min = 2,
    .operands_max = 2,
    .usage_status = STATUS_USAGE,
    .run = restore_run,
};

const struct verb verb_snapshots = {
    .name = "snapshots",
    .usage = "IMAGE",
    .help = "Lists the snapshots in an image",
    .operands_min = 1,
    .operands_max = 1,
    .usage_status = STATUS_USAGE,
    .run = snapshots_run,
};
