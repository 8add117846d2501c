/*
 * fault_args.c - the options about what is to go wrong, and about control.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "options_internal.h"

static int
add(struct options *o, const char *text, bool is_file)
{
    if (o->faults == OPTIONS_FAULTS_MAX)
        return options_refuse(o, "more than %d --fault and --fault-script",
                              OPTIONS_FAULTS_MAX);
    o->fault[o->faults++] = (struct fault_choice){text, is_file};
    return 0;
}

int
fault_set_rule(struct options *o, const char *value)
{
    return add(o, value, false);
}

int
fault_set_script(struct options *o, const char *value)
{
    return add(o, value, true);
}

int
fault_set_ctl(struct options *o, const char *value)
{
    o->ctl = value;
    return 0;
}

int
fault_set_socket(struct options *o, const char *value)
{
    o->socket = value;
    return 0;
}
