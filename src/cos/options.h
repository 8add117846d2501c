/*
 * options.h - the values of a card type's options, checked once.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COS_OPTIONS_H
#define COS_OPTIONS_H

#include <vicc/type.h>

/* One option of the type or a base of it, and what it is set to. */
struct option_value {
    const struct card_option *option;
    const char *name; /* the option's, or `own` */
    char *own;        /* "9a.key", of one that is there for several things */
    char *value;      /* NULL: neither given nor a default */
    bool is_given;
};

struct options {
    struct option_value *values;
    size_t count;
};

/*
 * Takes what is given and the defaults of the rest. Returns 0, -ENOMEM, or
 * -EINVAL with `error` saying which setting cannot be, and what can.
 */
int options_set(struct options *options, const struct card_type *type,
                const struct card_setting *settings, size_t count,
                struct card_error *error);

/*
 * Refuses a setting that counts only when a card is made; returns 0 or
 * -EINVAL with `error`.
 */
int options_check_loaded(const struct options *options,
                         const struct card_setting *settings, size_t count,
                         struct card_error *error);

void options_clear(struct options *options);

#endif
