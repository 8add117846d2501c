/*
 * type_check.c - whether a card type can be: its tables are complete, its
 * options have defaults that they would take.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdio.h>

#include "cos/options.h"

#define BASES_MAX 16
#define NAME_MAX_CHARS 32

static bool
refuse(struct card_error *error, const char *format, const char *name)
{
    snprintf(error->text, sizeof(error->text), format, name);
    return false;
}

/* What --type, images and file names can carry. */
static bool
is_name(const char *name)
{
    size_t n = name == NULL ? 0 : strlen(name);

    return n > 0 && n <= NAME_MAX_CHARS &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz"
                        "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == n;
}

static bool
check_default(const struct card_type *type, const struct card_option *option,
              struct card_error *error)
{
    const struct card_setting setting = {option->name, option->fallback};
    struct options options = {0};
    int err = option->fallback == NULL
                  ? 0
                  : options_set(&options, type, &setting, 1, error);

    options_clear(&options);
    return err == 0;
}

static bool
check_option(const struct card_type *type, const struct card_option *option,
             struct card_error *error)
{
    if (option->kind == OPTION_NONE)
        return true;
    if (option->help == NULL || option->help[0] == '\0')
        return refuse(error, "its option %.60s has no help", option->name);
    if (strchr(option->name, '.') != NULL &&
        (type->each == NULL || option->fallback != NULL))
        return refuse(error,
                      "its option %.60s is there for each of none, or has a "
                      "default",
                      option->name);
    if (option->kind == OPTION_CHOICE && option->fallback == NULL &&
        strchr(option->name, '.') == NULL)
        return refuse(error, "its option %.60s has choices and no default",
                      option->name);
    return check_default(type, option, error);
}

static bool
check_tables(const struct card_type *type, struct card_error *error)
{
    const struct command *command;
    const struct card_option *option;

    for (command = type->commands; command != NULL && command->run != NULL;
         command++)
        if (command->name == NULL)
            return refuse(error, "a command of %.40s has no name", type->name);
    for (option = type->options; option != NULL && option->name != NULL;
         option++)
        if (!check_option(type, option, error))
            return false;
    return true;
}

static bool
check_raw(const struct card_type *type, struct card_error *error)
{
    if (type->raw->power == NULL || type->raw->transmit == NULL)
        return refuse(error, "raw card %.40s has no power or no transmit",
                      type->name);
    if (type->base != NULL || type->commands != NULL || type->create != NULL)
        return refuse(error,
                      "%.40s is a raw card and has a base, commands or create",
                      type->name);
    return true;
}

bool
card_type_check(const struct card_type *type, struct card_error *error)
{
    const struct card_type *t = type;
    bool starts = false;
    size_t depth;

    if (type == NULL || !is_name(type->name))
        return refuse(error, "its name is not 1 to 32 %s",
                      "letters, digits, '-' and '_'");
    if (type->help == NULL || type->help[0] == '\0')
        return refuse(error, "card type %.40s has no help", type->name);
    if (type->raw != NULL && !check_raw(type, error))
        return false;
    for (depth = 0; t != NULL && depth < BASES_MAX; depth++, t = t->base) {
        starts = starts || t->start != NULL;
        if (!check_tables(t, error))
            return false;
    }
    if (t != NULL)
        return refuse(error, "card type %.40s has bases without end",
                      type->name);
    if (!starts && type->raw == NULL)
        return refuse(error,
                      "neither card type %.40s nor a base of it has start, "
                      "which sets the ATR",
                      type->name);
    return true;
}
