/*
 * types.c - vicc types: the card types, or the options of one.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdio.h>

#include "cards/types.h"
#include "status.h"
#include "verbs.h"

static int
types_run(struct options *options)
{
    const char *name = options->operand[0];
    const struct card_type *type;
    size_t i;

    if (name == NULL) {
        for (i = 0; card_types[i] != NULL; i++)
            printf("%-16s %s\n", card_types[i]->name, card_types[i]->help);
        return STATUS_OK;
    }
    if ((type = card_type_find(name)) == NULL) {
        fprintf(stderr,
                "vicc: there is no card type '%s'; vicc types lists them\n",
                name);
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
