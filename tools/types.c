/*
 * types.c - vicc types: the card types, or the options of one.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdio.h>

#include <vicc/types.h>

#include "status.h"
#include "verbs.h"

static int
types_run(struct options *options)
{
    const char *name = options->operand[0];
    const struct card_type *type;
    struct card_error error;
    size_t i;

    if (name == NULL) {
        for (i = 0; (type = card_type_at(i)) != NULL; i++)
            printf("%-16s %s\n", type->name, type->help);
        return STATUS_OK;
    }
    snprintf(error.text, sizeof(error.text),
             "there is no card type '%.60s'; vicc types lists them", name);
    if (strchr(name, '/') != NULL)
        card_type_load(name, &type, &error);
    else
        type = card_type_find(name);
    if (type == NULL) {
        fprintf(stderr, "vicc: %s\n", error.text);
        return STATUS_USAGE;
    }
    options_help_type(type);
    return STATUS_OK;
}

const struct verb verb_types = {
    .name = "types",
    .usage = "[TYPE]",
    .help = "Lists the card types, or the options of one with their defaults",
    .operands_max = 1,
    .usage_status = STATUS_USAGE,
    .run = types_run,
};
