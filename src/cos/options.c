/*
 * options.c - the values of a card type's options, checked once.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/options.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <vicc/atr.h>
#include <vicc/hex.h>
#include <vicc/wipe.h>

#include "cos/internal.h"
#include "cos/keep.h"

#define HEX_MAX 1024 /* bytes in an OPTION_HEX value */

static struct option_value *
find_value(const struct options *options, const char *name)
{
    size_t i;

    for (i = 0; i < options->count; i++)
        if (strcmp(options->values[i].name, name) == 0)
            return &options->values[i];
    return NULL;
}

static bool
is_in_range(unsigned long n, const char *range)
{
    unsigned long low = 0;
    unsigned long high = UINT32_MAX;

    if (range != NULL && sscanf(range, "%lu-%lu", &low, &high) == 1)
        high = low;
    return n >= low && n <= high;
}

static bool
is_number_in(const char *value, const char *range)
{
    unsigned long n;
    char *end;

    if (!isdigit((unsigned char)value[0]))
        return false;
    errno = 0;
    n = strtoul(value, &end, 10);
    return *end == '\0' && errno == 0 && is_in_range(n, range);
}

/* True if `value` is one of "a|b|c". */
static bool
is_choice_of(const char *value, const char *choices)
{
    size_t n = strlen(value);

    if (strchr(value, '|') != NULL)
        return false; /* "a|b" is no choice */
    while (choices != NULL) {
        if (strncmp(choices, value, n) == 0 &&
            (choices[n] == '|' || choices[n] == '\0'))
            return true;
        choices = strchr(choices, '|');
        choices = choices == NULL ? NULL : choices + 1;
    }
    return false;
}

static bool
is_hex_in(const char *value, const char *range)
{
    uint8_t room[HEX_MAX];
    struct buf bytes = BUF(room);

    return hex_parse(value, strlen(value), &bytes) && !bytes.overrun &&
           is_in_range(bytes.n, range);
}

static bool
is_usable(const struct card_option *option, const char *value)
{
    switch (option->kind) {
    case OPTION_NUMBER:
        return is_number_in(value, option->choices);
    case OPTION_CHOICE:
        return is_choice_of(value, option->choices);
    case OPTION_HEX:
    case OPTION_ATR:
        return is_hex_in(value, option->choices);
    case OPTION_TEXT:
    case OPTION_SECRET:
    case OPTION_NONE:
        break;
    case OPTION_FILE:
    case OPTION_OUTPUT:
        return value[0] != '\0';
    }
    return is_in_range(strlen(value), option->choices);
}

/* Never the value: it may be a secret. */
static int
refuse_value(const struct option_value *value, struct card_error *error)
{
    static const char *const takes[] = {
        [OPTION_TEXT] = "a text of so many characters:",
        [OPTION_NUMBER] = "a number in",
        [OPTION_HEX] = "hexadecimal digits, two a byte, of so many bytes:",
        [OPTION_CHOICE] = "one of",
        [OPTION_SECRET] = "a text of so many characters:",
        [OPTION_FILE] = "the name of a file,",
        [OPTION_OUTPUT] = "the name of a file,",
        [OPTION_ATR] = "hexadecimal digits, two a byte, of so many bytes:",
    };
    const struct card_option *option = value->option;
    const char *range = option->choices == NULL ? "any" : option->choices;

    if (option->kind == OPTION_TEXT && option->fallback != NULL)
        snprintf(error->text, sizeof(error->text),
                 "option %s takes a text such as %s, of so many characters: %s",
                 value->name, option->fallback, range);
    else
        snprintf(error->text, sizeof(error->text), "option %s takes %s %s",
                 value->name, takes[option->kind], range);
    return -EINVAL;
}

/* Readers show no card whose ATR is none. */
static int
check_atr(const struct option_value *value, const char *digits,
          struct card_error *error)
{
    uint8_t room[HEX_MAX];
    struct buf atr = BUF(room);
    const char *why;

    if (value->option->kind != OPTION_ATR)
        return 0;
    hex_parse(digits, strlen(digits), &atr); /* as is_usable() has */
    if ((why = atr_explain(buf_bytes(&atr))) == NULL)
        return 0;
    snprintf(error->text, sizeof(error->text), "option %s: %.100s %s",
             value->name, digits, why);
    return -EINVAL;
}

static int
refuse_name(const struct options *options, const char *name,
            struct card_error *error)
{
    size_t room = sizeof(error->text);
    size_t used = (size_t)snprintf(error->text, room,
                                   "no option %.40s; there are:", name);
    size_t i;

    for (i = 0; i < options->count && used < room; i++) {
        if (options->values[i].option->kind == OPTION_NONE)
            continue;
        used += (size_t)snprintf(error->text + used, room - used, " %s",
                                 options->values[i].name);
    }
    return -EINVAL;
}

static int
assign(struct option_value *value, const char *text)
{
    char *copy = strdup(text);

    if (copy == NULL)
        return -ENOMEM;
    if (value->value != NULL)
        wipe(value->value, strlen(value->value));
    free(value->value);
    value->value = copy;
    return 0;
}

/* Makes room for another option; NULL without memory. */
static struct option_value *
add_value(struct options *options, const struct card_option *option)
{
    struct option_value *values =
        realloc(options->values, (options->count + 1) * sizeof(*values));

    if (values == NULL)
        return NULL;
    options->values = values;
    values += options->count++;
    *values = (struct option_value){.option = option, .name = option->name};
    return values;
}

/* A type's option of the same name hides that of its base. */
static int
collect(struct options *options, const struct card_type *type)
{
    const struct card_option *option;
    struct option_value *value;
    int err;

    for (; type != NULL; type = type->base)
        for (option = type->options; option != NULL && option->name != NULL;
             option++) {
            if (find_value(options, option->name) != NULL)
                continue;
            if ((value = add_value(options, option)) == NULL)
                return -ENOMEM;
            if (option->fallback != NULL &&
                (err = assign(value, option->fallback)) != 0)
                return err;
        }
    return 0;
}

/* The option itself; or "9a.key", which is one of "SLOT.key". */
static bool
is_called(const struct card_type *type, const struct card_option *option,
          const char *name)
{
    const char *each = strchr(option->name, '.');
    const char *point = strchr(name, '.');
    char which[16];

    if (each == NULL)
        return strcmp(option->name, name) == 0;
    if (point == NULL || (size_t)(point - name) >= sizeof(which) ||
        strcmp(point, each) != 0)
        return false;
    memcpy(which, name, (size_t)(point - name));
    which[point - name] = '\0';
    return is_choice_of(which, type->each);
}

const struct card_option *
card_option_find(const struct card_type *type, const char *name)
{
    const struct card_option *option;

    for (; type != NULL; type = type->base)
        for (option = type->options; option != NULL && option->name != NULL;
             option++)
            if (is_called(type, option, name))
                return option->kind == OPTION_NONE ? NULL : option;
    return NULL;
}

/* The value of that name; of one of several things, made when first named. */
static int
find_or_add(struct options *options, const struct card_type *type,
            const char *name, struct option_value **out)
{
    const struct card_option *option = card_option_find(type, name);
    struct option_value *value = find_value(options, name);

    *out = NULL;
    if (option == NULL)
        return 0;
    if (value == NULL) {
        if ((value = add_value(options, option)) == NULL ||
            (value->own = strdup(name)) == NULL)
            return -ENOMEM;
        value->name = value->own;
    }
    *out = value;
    return 0;
}

int
options_set(struct options *options, const struct card_type *type,
            const struct card_setting *settings, size_t count,
            struct card_error *error)
{
    struct option_value *value;
    size_t i;
    int err;

    if ((err = collect(options, type)) != 0)
        return err;
    for (i = 0; i < count; i++) {
        if ((err = find_or_add(options, type, settings[i].name, &value)) != 0)
            return err;
        if (value == NULL)
            return refuse_name(options, settings[i].name, error);
        if (!is_usable(value->option, settings[i].value))
            return refuse_value(value, error);
        if ((err = check_atr(value, settings[i].value, error)) != 0)
            return err;
        if ((err = assign(value, settings[i].value)) != 0)
            return err;
        value->is_given = true;
    }
    return 0;
}

int
options_check_loaded(const struct options *options,
                     const struct card_setting *settings, size_t count,
                     struct card_error *error)
{
    size_t i;

    for (i = 0; i < count; i++)
        if (find_value(options, settings[i].name)->option->fresh_only) {
            snprintf(error->text, sizeof(error->text),
                     "option %.40s counts when a card is made, and this one "
                     "is made already",
                     settings[i].name);
            return -EINVAL;
        }
    return 0;
}

void
options_clear(struct options *options)
{
    size_t i;

    for (i = 0; i < options->count; i++) {
        free(options->values[i].own);
        if (options->values[i].value == NULL)
            continue;
        wipe(options->values[i].value, strlen(options->values[i].value));
        free(options->values[i].value);
    }
    free(options->values);
    *options = (struct options){0};
}

const char *
card_option(const struct card *card, const char *name)
{
    const struct option_value *value = find_value(&card->options, name);

    return value == NULL ? NULL : value->value;
}

bool
card_option_is_given(const struct card *card, const char *name)
{
    const struct option_value *value = find_value(&card->options, name);

    return value != NULL && value->is_given;
}

bool
card_setting_kept(const struct card *card, size_t i,
                  struct card_setting *setting)
{
    const struct option_value *value = card->options.values;
    const struct option_value *end = value + card->options.count;

    for (; value < end; value++)
        if (value->value != NULL && !value->option->fresh_only &&
            value->option->kind != OPTION_SECRET && i-- == 0) {
            *setting = (struct card_setting){value->name, value->value};
            return true;
        }
    return false;
}

unsigned long
card_option_number(const struct card *card, const char *name)
{
    const char *value = card_option(card, name);

    return value == NULL ? 0 : strtoul(value, NULL, 10);
}

bool
card_option_hex(const struct card *card, const char *name, struct buf *out)
{
    const char *value = card_option(card, name);

    return value != NULL && hex_parse(value, strlen(value), out) &&
           !out->overrun;
}
