/*
 * image_args.c - the part of a command line that is about card images.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <limits.h>

#include "options_internal.h"

int
image_set_discard(struct options *o, const char *value)
{
    (void)value;
    o->discard = true;
    return 0;
}

int
image_set_passphrase_file(struct options *o, const char *value)
{
    o->passphrase_file = value;
    return 0;
}

int
image_set_passphrase_fd(struct options *o, const char *value)
{
    unsigned long fd;

    if (!options_number(value, 0, INT_MAX, &fd))
        return options_refuse(o, "--passphrase-fd %s: give a number", value);
    o->passphrase_fd = (int)fd;
    return 0;
}

int
image_set_passphrase(struct options *o, const char *value)
{
    (void)value;
    o->passphrase_asked = true;
    return 0;
}

int
image_set_force(struct options *o, const char *value)
{
    (void)value;
    o->force = true;
    return 0;
}

int
image_set_profile(struct options *o, const char *value)
{
    o->profile = value;
    return 0;
}

int
image_set_as_profile(struct options *o, const char *value)
{
    (void)value;
    o->as_profile = true;
    return 0;
}

int
image_set_as_json(struct options *o, const char *value)
{
    (void)value;
    o->as_json = true;
    return 0;
}

int
image_set_check(struct options *o, const char *value)
{
    (void)value;
    o->check = true;
    return 0;
}

int
image_set_html(struct options *o, const char *value)
{
    o->html = value;
    return 0;
}
