/*
 * completion.h - what the scripts for bash and zsh are made of: the tables of
 * verbs, options and card types.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TOOLS_COMPLETION_H
#define TOOLS_COMPLETION_H

#include "options_internal.h"

/* What may stand for a value or an operand. */
enum completion_kind {
    COMPLETE_NOTHING,
    COMPLETE_TYPES,
    COMPLETE_SETTINGS, /* NAME=VALUE of the card type before it */
    COMPLETE_CARDS,    /* types and files */
    COMPLETE_FILES,
    COMPLETE_FOLDERS,
    COMPLETE_HOSTS,
    COMPLETE_INTERFACES,
    COMPLETE_ADDRESSES,
    COMPLETE_COMMANDS,
    COMPLETE_SHELLS,
};

/* By what help calls the value; NULL: there is none. */
enum completion_kind completion_of_value(const char *value);
enum completion_kind completion_of_operand(const struct verb *verb);

/* Does the verb take the option, and does help tell of it? */
bool completion_has(const struct verb *verb, const struct option_rule *rule);

/*
 * The i-th option of a type and its bases that help tells of, each name once;
 * NULL at the end.
 */
const struct card_option *completion_option(const struct card_type *type,
                                            size_t i);

/*
 * The i-th name that it goes by: its own, or of "SLOT.key" one for each, as
 * "9a.key". False at the end.
 */
bool completion_setting(const struct card_type *type,
                        const struct card_option *option, size_t i, char *name,
                        size_t room);

/* Both print to standard output; verbs end with NULL. */
void completion_bash(const struct verb *const *verbs);
void completion_zsh(const struct verb *const *verbs);

#endif
