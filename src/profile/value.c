/*
 * value.c - the entries of a profile as numbers, words and bytes.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdlib.h>

#include <vicc/hex.h>

#include "profile/private.h"

static bool
is_among(const struct node *key, const char *const names[])
{
    for (; *names != NULL; names++)
        if (node_is(key, *names))
            return true;
    return false;
}

/* "a, b, c" */
static const char *
join(const char *const words[], char *text, size_t room)
{
    size_t n = 0;
    size_t i;

    text[0] = '\0';
    for (i = 0; words[i] != NULL && n < room; i++)
        n += (size_t)snprintf(text + n, room - n, "%s%s", i == 0 ? "" : ", ",
                              words[i]);
    return text;
}

int
take_map(struct profile *p, const struct node *at, const char *const names[])
{
    const struct node *entry;
    char all[256];

    if (at->kind != NODE_MAP)
        return refuse(p, at, "entries are to stand here: %s",
                      join(names, all, sizeof(all)));
    for (entry = at->first; entry != NULL; entry = entry->next)
        if (!is_among(entry->key, names))
            return refuse(p, entry->key, "there is no entry '%.40s' here; %s",
                          entry->key->text, join(names, all, sizeof(all)));
    return 0;
}

int
take_list(struct profile *p, const struct node *at)
{
    return at == NULL || at->kind == NODE_LIST
               ? 0
               : refuse(p, at, "a list is to stand here");
}

int
take_word(struct profile *p, const struct node *at, const char **word)
{
    if (at == NULL)
        return 0;
    if (at->kind != NODE_TEXT || memchr(at->text, '\0', at->n) != NULL)
        return refuse(p, at, "a word is to stand here");
    *word = at->text;
    return 0;
}

int
take_number(struct profile *p, const struct node *at, unsigned long low,
            unsigned long high, unsigned long *number)
{
    const char *text = "";
    char *end;
    int base;

    if (at == NULL)
        return 0;
    if (take_word(p, at, &text) == 0 && hex_digit(text[0]) >= 0 &&
        hex_digit(text[0]) < 10) {
        base = text[0] == '0' && (text[1] | 0x20) == 'x' ? 16 : 10;
        errno = 0;
        *number = strtoul(text, &end, base);
        if (errno == 0 && *end == '\0' && *number >= low && *number <= high)
            return 0;
    }
    return refuse(p, at, "a number from %lu to %lu is to stand here", low,
                  high);
}

int
take_u8(struct profile *p, const struct node *at, unsigned long low,
        unsigned long high, uint8_t *number)
{
    unsigned long n = *number;
    int err = take_number(p, at, low, high, &n);

    *number = (uint8_t)n;
    return err;
}

int
take_choice(struct profile *p, const struct node *at, const char *const words[],
            size_t *choice)
{
    char all[256];
    size_t i;

    if (at == NULL)
        return 0;
    for (i = 0; words[i] != NULL; i++)
        if (node_is(at, words[i])) {
            *choice = i;
            return 0;
        }
    return refuse(p, at, "one of these is to stand here: %s",
                  join(words, all, sizeof(all)));
}

int
take_bool(struct profile *p, const struct node *at, bool *value)
{
    static const char *const words[] = {"false", "true", NULL};
    size_t choice = *value;
    int err = take_choice(p, at, words, &choice);

    *value = choice == 1;
    return err;
}

int
take_hex(struct profile *p, const struct node *at, size_t min, size_t max,
         struct buf *out)
{
    size_t before = out->n;

    if (at == NULL)
        return 0;
    if (at->kind != NODE_TEXT || !hex_parse(at->text, at->n, out))
        return refuse(p, at, "hexadecimal digits are to stand here");
    if (out->overrun || out->n - before < min || out->n - before > max)
        return refuse(p, at, "%zu to %zu bytes are to stand here", min, max);
    return 0;
}
