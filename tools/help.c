/*
 * help.c - --help, printed from the tables that arguments are read by.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdio.h>

#include <vicc/types.h>

#include "options_internal.h"

#define HELP_COLUMN 26
#define HELP_WIDTH 79
#define IMAGE_GROUPS (OPTIONS_PASSPHRASE | OPTIONS_MAKE | OPTIONS_FORCE)

/* Prints words from column `margin` on, where we are, wrapped. */
static void
put_words(const char *words, size_t margin)
{
    size_t at = margin, n;

    for (; *words != '\0'; words += strspn(words, " ")) {
        n = strcspn(words, " ");
        if (at > margin && at + 1 + n > HELP_WIDTH) {
            printf("\n%*s", (int)margin, "");
            at = margin;
        } else if (at > margin) {
            putchar(' ');
            at++;
        }
        printf("%.*s", (int)n, words);
        at += n;
        words += n;
    }
    putchar('\n');
}

/* `left` to the left, `words` to the right of it. */
static void
put_entry(const char *left, const char *words)
{
    int n = printf("  %s", left);

    if (n + 2 > HELP_COLUMN)
        n = printf("\n") - 1;
    printf("%*s", HELP_COLUMN - n, "");
    put_words(words, HELP_COLUMN);
}

static void
put_group(const char *heading, unsigned groups)
{
    const struct option_rule *r;
    char left[80];

    printf("\n%s\n", heading);
    for (r = option_rules; r->name != NULL; r++) {
        if ((r->groups & groups) == 0 || r->help == NULL)
            continue;
        snprintf(left, sizeof(left), "%c%c%s--%s%s%s",
                 r->letter != 0 ? '-' : ' ', r->letter != 0 ? r->letter : ' ',
                 r->letter != 0 ? ", " : "  ", r->name,
                 r->value != NULL ? " " : "", r->value != NULL ? r->value : "");
        put_entry(left, r->help);
    }
}

/* "protocol=both|t0|t1", "tries=NUMBER" */
static void
name_option(const struct card_option *option, char *text, size_t room)
{
    static const char *const kinds[] = {
        [OPTION_TEXT] = "TEXT",   [OPTION_NUMBER] = "NUMBER",
        [OPTION_HEX] = "HEX",     [OPTION_CHOICE] = "",
        [OPTION_SECRET] = "TEXT", [OPTION_FILE] = "FILE",
        [OPTION_OUTPUT] = "FILE", [OPTION_ATR] = "HEX",
    };

    snprintf(text, room, "%s=%s", option->name,
             option->kind == OPTION_CHOICE ? option->choices
                                           : kinds[option->kind]);
}

/* " (1-16 bytes; default 0102)": the range, and what it is without. */
static void
name_range(const struct card_option *option, char *text, size_t room)
{
    static const char *const units[] = {
        [OPTION_TEXT] = " characters",
        [OPTION_NUMBER] = "",
        [OPTION_HEX] = " bytes",
        [OPTION_CHOICE] = "",
        [OPTION_SECRET] = " characters",
        [OPTION_FILE] = "",
        [OPTION_OUTPUT] = "",
        [OPTION_ATR] = " bytes",
    };
    bool range = option->choices != NULL && option->kind != OPTION_CHOICE;
    bool fallback = option->fallback != NULL;

    if (!range && !fallback) {
        text[0] = '\0';
        return;
    }
    snprintf(text, room, " (%s%s%s%s%s)", range ? option->choices : "",
             range ? units[option->kind] : "", range && fallback ? "; " : "",
             fallback ? "default " : "", fallback ? option->fallback : "");
}

static void
put_type_option(const struct card_option *option)
{
    char left[160], range[200], words[512];

    name_option(option, left, sizeof(left));
    name_range(option, range, sizeof(range));
    snprintf(words, sizeof(words), "%s%s", option->help, range);
    put_entry(left, words);
}

/* Does `type`, or a base before `end`, have an option of that name? */
static bool
is_hidden(const struct card_type *type, const struct card_type *end,
          const char *name)
{
    const struct card_option *option;

    for (; type != end; type = type->base)
        for (option = type->options; option != NULL && option->name != NULL;
             option++)
            if (strcmp(option->name, name) == 0)
                return true;
    return false;
}

/* "SLOT is one of 9a 9c", for options that are called SLOT.key. */
static void
put_each(const struct card_type *type)
{
    const struct card_option *option = type->options;
    char text[256];
    char *bar;

    if (type->each == NULL)
        return;
    while (strchr(option->name, '.') == NULL)
        option++;
    snprintf(text, sizeof(text), "%.*s is one of %s",
             (int)strcspn(option->name, "."), option->name, type->each);
    while ((bar = strchr(text, '|')) != NULL)
        *bar = ' ';
    putchar('\n');
    put_words(text, 0);
}

void
options_help_type(const struct card_type *type)
{
    const struct card_type *t;
    const struct card_option *option;

    printf("%s: %s\n\nOptions, each as -o NAME=VALUE:\n", type->name,
           type->help);
    for (t = type; t != NULL; t = t->base)
        for (option = t->options; option != NULL && option->name != NULL;
             option++)
            if (option->kind != OPTION_NONE &&
                !is_hidden(type, t, option->name))
                put_type_option(option);
    for (t = type; t != NULL; t = t->base)
        put_each(t);
}

/* The cards were not checked for completeness: what was asked for so far. */
static void
put_card_types(const struct options *options)
{
    size_t i;

    for (i = 0; i < options->cards; i++) {
        if (options->card[i].is_image)
            continue;
        printf("\n");
        options_help_type(card_type_find(options->card[i].name));
    }
}

void
options_help(const struct options *options, const struct verb *verb)
{
    printf("Usage: vicc %s %s\n", verb->name, verb->usage);
    put_words(verb->help, 0);
    if (verb->groups & OPTIONS_CARD)
        put_group("CARD", OPTIONS_CARD);
    else if (verb->groups & OPTIONS_TYPE)
        put_group("CARD", OPTIONS_TYPE | (verb->groups & OPTIONS_NEW));
    if (verb->groups & OPTIONS_SHOW)
        put_group("SHOWING", OPTIONS_SHOW);
    if (verb->groups & IMAGE_GROUPS && (verb->groups & OPTIONS_CARD) == 0)
        put_group("IMAGE", verb->groups & IMAGE_GROUPS);
    if (verb->groups & OPTIONS_LINK)
        put_group("LINK", OPTIONS_LINK);
    if (verb->groups & OPTIONS_EXEC)
        put_group("WORLD", OPTIONS_EXEC);
    if (verb->groups & OPTIONS_DOCTOR)
        put_group("LOOKING", OPTIONS_DOCTOR);
    if (verb->groups & (OPTIONS_FAULT | OPTIONS_OFFER))
        put_group("FAULTS", verb->groups & (OPTIONS_FAULT | OPTIONS_OFFER));
    if (verb->groups & OPTIONS_CTL)
        put_group("CONTROL", OPTIONS_CTL);
    if (verb->groups & OPTIONS_WATCH)
        put_group("WATCHING", OPTIONS_WATCH);
    put_group("OTHERS", OPTIONS_ALL);
    put_card_types(options);
}

void
options_help_verbs(const struct verb *const *verbs)
{
    char left[160];

    printf("\nVERBS, each with --help; without one, run\n");
    for (; *verbs != NULL; verbs++) {
        snprintf(left, sizeof(left), "%s %s", (*verbs)->name, (*verbs)->usage);
        put_entry(left, (*verbs)->help);
    }
}
