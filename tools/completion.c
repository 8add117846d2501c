/*
 * completion.c - vicc completion: a script that completes command lines.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "completion.h"

#include <stdio.h>

#include <vicc/types.h>

#include "status.h"
#include "verbs.h"

enum completion_kind
completion_of_value(const char *value)
{
    static const struct {
        const char *value; /* what it begins with */
        enum completion_kind kind;
    } kinds[] = {
        {"TYPE", COMPLETE_TYPES},           {"NAME=VALUE", COMPLETE_SETTINGS},
        {"CARD", COMPLETE_CARDS},           {"FILE", COMPLETE_FILES},
        {"IMAGE", COMPLETE_FILES},          {"SCRIPT", COMPLETE_FILES},
        {"DIR", COMPLETE_FOLDERS},          {"HOST", COMPLETE_HOSTS},
        {"INTERFACE", COMPLETE_INTERFACES}, {"ADDRESS", COMPLETE_ADDRESSES},
    };
    size_t i;

    for (i = 0; value != NULL && i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strncmp(value, kinds[i].value, strlen(kinds[i].value)) == 0)
            return kinds[i].kind;
    return COMPLETE_NOTHING;
}

enum completion_kind
completion_of_operand(const struct verb *verb)
{
    if (verb->operands_last)
        return COMPLETE_COMMANDS;
    if (verb->operands_max == 0)
        return COMPLETE_NOTHING;
    if (strcmp(verb->usage, "[TYPE]") == 0)
        return COMPLETE_TYPES;
    return verb == &verb_completion ? COMPLETE_SHELLS : COMPLETE_FILES;
}

bool
completion_has(const struct verb *verb, const struct option_rule *rule)
{
    return rule->help != NULL &&
           (rule->groups & (verb->groups | OPTIONS_ALL)) != 0;
}

/* Has a type nearer than `end` an option of that name? */
static bool
is_hidden(const struct card_type *type, const struct card_type *end,
          const char *name)
{
    const struct card_option *o;

    for (; type != end; type = type->base)
        for (o = type->options; o != NULL && o->name != NULL; o++)
            if (strcmp(o->name, name) == 0)
                return true;
    return false;
}

const struct card_option *
completion_option(const struct card_type *type, size_t i)
{
    const struct card_type *t;
    const struct card_option *o;

    for (t = type; t != NULL; t = t->base)
        for (o = t->options; o != NULL && o->name != NULL; o++)
            if (o->help != NULL && !is_hidden(type, t, o->name) && i-- == 0)
                return o;
    return NULL;
}

bool
completion_setting(const struct card_type *type, const struct card_option *o,
                   size_t i, char *name, size_t room)
{
    const char *point = strchr(o->name, '.');
    const char *each = type->each;

    if (point == NULL)
        return i == 0 && snprintf(name, room, "%s", o->name) < (int)room;
    for (; i > 0 && each != NULL; i--)
        each = strchr(each + 1, '|');
    if (each == NULL)
        return false;
    each += *each == '|';
    return snprintf(name, room, "%.*s%s", (int)strcspn(each, "|"), each,
                    point) < (int)room;
}

static int
completion_run(struct options *options)
{
    const char *shell = options->operand[0];

    if (strcmp(shell, "bash") == 0) {
        completion_bash(verbs);
        return STATUS_OK;
    }
    if (strcmp(shell, "zsh") == 0) {
        completion_zsh(verbs);
        return STATUS_OK;
    }
    fprintf(stderr,
            "vicc: there is no completion for '%s', only for bash and "
            "zsh\n",
            shell);
    return STATUS_USAGE;
}

const struct verb verb_completion = {
    .name = "completion",
    .usage = "bash|zsh",
    .help = "Prints a script by which that shell completes command lines of "
            "vicc and vpcd-config",
    .operands_min = 1,
    .operands_max = 1,
    .usage_status = STATUS_USAGE,
    .run = completion_run,
};
