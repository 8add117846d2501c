/*
 * plan.c - names that follow from the options of a world.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "world/plan.h"

#include <stdio.h>

const char *
plan_name(const struct world_options *options)
{
    return options->name == NULL ? "Virtual PCD" : options->name;
}

void
plan_reader(const struct world_options *options, size_t i,
            char name[WORLD_READER_MAX])
{
    /* pcscd appends the number of the reader and of the slot, in hex. */
    snprintf(name, WORLD_READER_MAX, "%s %02X 00", plan_name(options),
             (unsigned)i & 0xFF);
}

bool
plan_is_own(const struct world_options *options, size_t i)
{
    return options->conf == NULL && i < options->slot_count &&
           options->slots[i] == NULL;
}
