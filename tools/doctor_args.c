/*
 * doctor_args.c - the part of a command line that is about vicc doctor.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "options_internal.h"

int
doctor_set_config(struct options *o, const char *value)
{
    o->config = value;
    return 0;
}

int
doctor_set_json(struct options *o, const char *value)
{
    (void)value;
    o->as_json = true;
    return 0;
}

int
doctor_set_save(struct options *o, const char *value)
{
    o->save = value;
    return 0;
}

int
doctor_set_from(struct options *o, const char *value)
{
    o->from = value;
    return 0;
}
