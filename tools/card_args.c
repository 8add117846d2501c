/*
 * card_args.c - the CARD part of a command line.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <vicc/types.h>

#include "options_internal.h"
#include "vpcd/addr.h"

#define DEFAULT_TYPE "iso7816"

/* "iso7816, handler-test" */
static const char *
list_types(char *text, size_t room)
{
    size_t i, n = 0;

    text[0] = '\0';
    for (i = 0; card_type_at(i) != NULL && n < room; i++)
        n += (size_t)snprintf(text + n, room - n, "%s%s", i == 0 ? "" : ", ",
                              card_type_at(i)->name);
    return text;
}

/* A path, and not that of an image: NAME.so. */
static bool
is_shared_object(const char *name)
{
    size_t n = strlen(name);

    return strchr(name, '/') != NULL && n > 3 &&
           strcmp(name + n - 3, ".so") == 0;
}

static int
load_type(struct options *o, const char *path, const struct card_type **type)
{
    struct card_error error;

    return card_type_load(path, type, &error) == 0
               ? 0
               : options_refuse(o, "%s", error.text);
}

/* A file is told from a type by its slash. */
static int
refuse_type(struct options *o, const char *name)
{
    size_t n = strlen(name);
    bool so = n > 3 && strcmp(name + n - 3, ".so") == 0;
    char types[256], hint[160] = "";

    if (so || (o->syntax == CARDS_CARD && access(name, F_OK) == 0))
        snprintf(hint, sizeof(hint), " (for the file write ./%.128s)", name);
    else if (access(name, F_OK) == 0)
        snprintf(hint, sizeof(hint), " (for the image write -f %.128s)", name);
    return options_refuse(o, "there is no card type '%s'%s; there are %s", name,
                          hint, list_types(types, sizeof(types)));
}

/* Makes *name the name of a type that exists. */
static int
check_type(struct options *o, const char **name)
{
    const struct card_type *type = card_type_find(*name);

    if (strchr(*name, '/') != NULL) {
        int err = load_type(o, *name, &type);

        if (err != 0)
            return err;
    } else if (type == NULL) {
        return refuse_type(o, *name);
    }
    *name = type->name;
    return 0;
}

int
card_set_load(struct options *o, const char *value)
{
    const struct card_type *type;

    return load_type(o, value, &type);
}

/* --card on the one hand, -t and -o on the other. */
static int
check_syntax(struct options *o, enum card_syntax syntax)
{
    if (o->syntax == CARDS_DEFAULT)
        return options_refuse(
            o, "-o and --count belong behind the card that they are for");
    if (o->syntax != CARDS_NONE && o->syntax != syntax)
        return options_refuse(
            o, "--card and -t or -f do not mix; write --card "
               "TYPE,NAME=VALUE for every card, or -t TYPE -o NAME=VALUE");
    o->syntax = syntax;
    return 0;
}

static int
add_card(struct options *o, const char *name, bool is_image)
{
    struct card_choice *choice;

    if (o->cards == OPTIONS_CARDS_MAX)
        return options_refuse(
            o, "more than %d cards; --count makes more of one of them",
            OPTIONS_CARDS_MAX);
    choice = &o->card[o->cards++];
    *choice = (struct card_choice){name, is_image, .count = 1};
    return 0;
}

int
card_set_type(struct options *o, const char *value)
{
    int err;

    if ((err = check_syntax(o, CARDS_TYPE)) != 0 ||
        (err = check_type(o, &value)) != 0)
        return err;
    return add_card(o, value, false);
}

int
card_set_file(struct options *o, const char *value)
{
    int err = check_syntax(o, CARDS_TYPE);

    return err != 0 ? err : add_card(o, value, true);
}

/* The card that -o and --count are for: the last one, or the default. */
static int
last_card(struct options *o, struct card_choice **choice)
{
    int err;

    if (o->syntax == CARDS_NONE) {
        if ((err = add_card(o, DEFAULT_TYPE, false)) != 0)
            return err;
        o->syntax = CARDS_DEFAULT;
    }
    *choice = &o->card[o->cards - 1];
    return 0;
}

/* Takes over `text`, NAME=VALUE, for that card. */
static int
add_setting(struct options *o, struct card_choice *choice, char *text)
{
    char *equals = strchr(text, '=');
    size_t i;

    if (equals == NULL || equals == text)
        return options_refuse(o, "'%s' is not NAME=VALUE", text);
    *equals = '\0';
    for (i = 0; i < choice->settings; i++)
        if (strcmp(choice->setting[i].name, text) == 0)
            return options_refuse(o, "option %s of card %s is given twice",
                                  text, choice->name);
    if (choice->settings == OPTIONS_SETTINGS_MAX)
        return options_refuse(o, "more than %d options for one card",
                              OPTIONS_SETTINGS_MAX);
    choice->setting[choice->settings++] =
        (struct card_setting){text, equals + 1};
    return 0;
}

int
card_set_option(struct options *o, const char *value)
{
    struct card_choice *choice;
    char *text;
    int err;

    if (o->syntax == CARDS_CARD)
        return check_syntax(o, CARDS_TYPE);
    if ((err = last_card(o, &choice)) != 0)
        return err;
    if ((text = options_own(o, value)) == NULL)
        return -ENOMEM;
    return add_setting(o, choice, text);
}

/* --NAME VALUE, short for -o NAME=VALUE of a relay. */
static int
set_of_relay(struct options *o, const char *name, const char *value)
{
    char *text;
    int err;

    if (o->syntax != CARDS_TYPE ||
        strcmp(o->card[o->cards - 1].name, "relay") != 0)
        return options_refuse(o, "--%s belongs behind -t relay", name);
    if (asprintf(&text, "%s=%s", name, value) < 0)
        return -ENOMEM;
    err = card_set_option(o, text);
    free(text);
    return err;
}

int
card_set_reader(struct options *o, const char *value)
{
    return set_of_relay(o, "reader", value);
}

int
card_set_share(struct options *o, const char *value)
{
    return set_of_relay(o, "share", value);
}

int
card_set_mitm(struct options *o, const char *value)
{
    struct card_choice *choice;
    int err = last_card(o, &choice);

    if (err != 0)
        return err;
    if (value[0] == '\0')
        return options_refuse(o, "--mitm needs a shared object or a command");
    if (choice->mitm != NULL)
        return options_refuse(o, "card %s has two middlemen", choice->name);
    choice->mitm = value;
    return 0;
}

int
card_set_mitm_timeout(struct options *o, const char *value)
{
    unsigned long s;

    if (!options_number(value, 1, 86400, &s))
        return options_refuse(o, "--mitm-timeout %s: give seconds, 1 to 86400",
                              value);
    o->mitm_timeout_s = (unsigned)s;
    return 0;
}

int
card_set_count(struct options *o, const char *value)
{
    struct card_choice *choice;
    unsigned long count;
    int err;

    if (!options_number(value, 1, ADDR_CARDS_MAX, &count))
        return options_refuse(o, "--count %s: give a number from 1 to %d",
                              value, ADDR_CARDS_MAX);
    if ((err = last_card(o, &choice)) != 0)
        return err;
    if (choice->is_image && count != 1)
        return options_refuse(o,
                              "--count: the image %s is one card; vicc copy "
                              "makes others of it",
                              choice->name);
    choice->count = (unsigned)count;
    return 0;
}

/*
 * Ends `text` at its first comma that has no backslash before it, and takes
 * those backslashes out. Returns what follows the comma, or NULL.
 */
static char *
split_comma(char *text)
{
    char *to = text;

    for (; *text != '\0' && *text != ','; text++) {
        if (text[0] == '\\' && text[1] == ',')
            text++;
        *to++ = *text;
    }
    text = *text == ',' ? text + 1 : NULL;
    *to = '\0';
    return text;
}

int
card_set_card(struct options *o, const char *value)
{
    char *text, *next;
    const char *name;
    bool is_image;
    int err;

    if ((err = check_syntax(o, CARDS_CARD)) != 0)
        return err;
    if ((text = options_own(o, value)) == NULL)
        return -ENOMEM;
    next = split_comma(text);
    name = text;
    is_image = strchr(text, '/') != NULL && !is_shared_object(text);
    if ((!is_image && (err = check_type(o, &name)) != 0) ||
        (err = add_card(o, name, is_image)) != 0)
        return err;
    while ((text = next) != NULL) {
        next = split_comma(text);
        if ((err = add_setting(o, &o->card[o->cards - 1], text)) != 0)
            return err;
    }
    return 0;
}

int
card_finish(struct options *o)
{
    if (o->cards == 0)
        return add_card(o, DEFAULT_TYPE, false);
    if (options_count(o) > ADDR_CARDS_MAX)
        return options_refuse(o, "more than %d cards", ADDR_CARDS_MAX);
    return 0;
}
