/*
 * record.c - see record.h.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "doctor/record.h"

#include <stdlib.h>
#include <string.h>

#define INDENT "    "
#define NAME_MAX_BYTES 512

static char *
copy_clean(const char *text, size_t n, bool is_name)
{
    char *copy = malloc(n + 1);
    size_t i;

    for (i = 0; copy != NULL && i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        bool ends = c == '\r' && (i + 1 == n || text[i + 1] == '\n');
        bool fine =
            c >= ' ' ? c != 0x7F : !is_name && (c == '\n' || c == '\t' || ends);

        copy[i] = fine ? (char)c : '?';
    }
    if (copy != NULL)
        copy[n] = '\0';
    return copy;
}

/* An item of that name with an empty text. */
static struct record_item *
add_item(struct record *r, const char *name, size_t n)
{
    struct record_item *items = NULL, *item;

    if (r->count < RECORD_ITEMS_MAX)
        items = realloc(r->items, (r->count + 1) * sizeof(*items));
    if (items == NULL) {
        r->failed = true;
        return NULL;
    }
    r->items = items;
    item = &items[r->count];
    item->name = copy_clean(name, n, true);
    item->text = strdup("");
    if (item->name == NULL || item->text == NULL) {
        free(item->name);
        free(item->text);
        r->failed = true;
        return NULL;
    }
    r->count++;
    return item;
}

void
record_add(struct record *r, const char *name, const char *text)
{
    struct record_item *item = add_item(r, name, strlen(name));
    char *copy = copy_clean(text, strlen(text), false);

    if (item == NULL || copy == NULL) {
        free(copy);
        r->failed = true;
        return;
    }
    free(item->text);
    item->text = copy;
}

void
record_add_of(struct record *r, const char *kind, const char *detail,
              const char *text)
{
    char name[NAME_MAX_BYTES];

    snprintf(name, sizeof(name), "%s %s", kind, detail);
    record_add(r, name, text);
}

const char *
record_text(const struct record *r, const char *name)
{
    size_t i;

    for (i = 0; i < r->count; i++)
        if (strcmp(r->items[i].name, name) == 0)
            return r->items[i].text;
    return NULL;
}

bool
record_next(const struct record *r, const char *kind, size_t *at,
            const char **detail, const char **text)
{
    const size_t n = strlen(kind);

    for (; *at < r->count; ++*at) {
        const struct record_item *item = &r->items[*at];

        if (strncmp(item->name, kind, n) == 0 && item->name[n] == ' ') {
            *detail = item->name + n + 1;
            *text = item->text;
            ++*at;
            return true;
        }
    }
    return false;
}

void
record_write(const struct record *r, FILE *out)
{
    size_t i, n;

    for (i = 0; i < r->count; i++) {
        const char *text = r->items[i].text;

        fprintf(out, "[%s]\n", r->items[i].name);
        for (; *text != '\0'; text += n + (text[n] == '\n')) {
            n = strcspn(text, "\n");
            fprintf(out, INDENT "%.*s\n", (int)n, text);
        }
    }
}

/* The length of the line at p, without its newline. */
static size_t
line_length(const char *p, const char *end)
{
    const char *stop = memchr(p, '\n', (size_t)(end - p));

    return (size_t)((stop != NULL ? stop : end) - p);
}

static const char *
next_line(const char *p, const char *end)
{
    p += line_length(p, end);
    return p < end ? p + 1 : p;
}

static bool
is_indented(const char *p, const char *end)
{
    return (size_t)(end - p) >= strlen(INDENT) &&
           memcmp(p, INDENT, strlen(INDENT)) == 0;
}

/* The text below a name; *p is moved behind it, and *lines counted. */
static char *
take_body(const char **p, const char *end, unsigned *lines)
{
    const char *stop = *p;
    char *raw, *clean;
    size_t n = 0;

    while (is_indented(stop, end))
        stop = next_line(stop, end);
    if ((raw = malloc((size_t)(stop - *p) + 2)) == NULL)
        return NULL;
    for (; *p < stop; *p = next_line(*p, end), ++*lines) {
        size_t take = line_length(*p, end) - strlen(INDENT);

        memcpy(raw + n, *p + strlen(INDENT), take);
        n += take;
        raw[n++] = '\n';
    }
    clean = copy_clean(raw, n, false);
    free(raw);
    return clean;
}

unsigned
record_parse(struct record *r, const char *text, size_t size)
{
    const char *p = text, *end = text + size;
    struct record_item *item;
    unsigned line = 1;
    char *body;

    if (size > RECORD_BYTES_MAX)
        r->failed = true;
    while (p < end && !r->failed) {
        size_t n = line_length(p, end);

        if (n < 3 || n >= NAME_MAX_BYTES || p[0] != '[' || p[n - 1] != ']')
            return line;
        item = add_item(r, p + 1, n - 2);
        p = next_line(p, end);
        line++;
        if (item == NULL || (body = take_body(&p, end, &line)) == NULL) {
            r->failed = true;
            return 0;
        }
        free(item->text);
        item->text = body;
    }
    return 0;
}

void
record_clear(struct record *r)
{
    size_t i;

    for (i = 0; i < r->count; i++) {
        free(r->items[i].name);
        free(r->items[i].text);
    }
    free(r->items);
    memset(r, 0, sizeof(*r));
}
