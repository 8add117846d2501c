/*
 * reader.c - a stream of script lines, in an order that makes sense.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdlib.h>

#include <vicc/hex.h>
#include <vicc/wipe.h>

#include "script/script.h"

struct script_reader {
    FILE *in;
    unsigned number; /* of the line last read */
    bool casual;     /* bare digits are a command */
    bool comments;   /* lines that are only a comment count too */
    bool answerable; /* the line before was a command */
    struct script_line line;
    uint8_t text[SCRIPT_TEXT_MAX];
};

int
script_reader_new(FILE *in, struct script_reader **out)
{
    struct script_reader *r = calloc(1, sizeof(*r));

    *out = r;
    if (r == NULL)
        return -ENOMEM;
    r->in = in;
    return 0;
}

void
script_reader_casual(struct script_reader *reader)
{
    reader->casual = true;
}

void
script_reader_comments(struct script_reader *reader)
{
    reader->comments = true;
}

void
script_reader_free(struct script_reader **reader)
{
    if (*reader != NULL)
        wipe(*reader, sizeof(**reader));
    free(*reader);
    *reader = NULL;
}

static int
refuse(struct script_reader *r, const char *why, struct script_error *error)
{
    error->line = r->number;
    error->column = 1;
    snprintf(error->text, sizeof(error->text), "%s", why);
    return -EINVAL;
}

/*
 * One line of text, without its newline. Returns 1, 0 at the end of the
 * stream, -EMSGSIZE after skipping a line that is too long, or -EIO.
 */
static int
read_text(struct script_reader *r, struct bytes *text)
{
    size_t n = 0;
    int c;

    while ((c = getc_unlocked(r->in)) != EOF && c != '\n') {
        if (n < SCRIPT_TEXT_MAX)
            r->text[n] = (uint8_t)c;
        n += n <= SCRIPT_TEXT_MAX;
    }
    if (ferror(r->in))
        return -EIO;
    if (c == EOF && n == 0)
        return 0;
    r->number++;
    *text = bytes_of(r->text, n);
    return n > SCRIPT_TEXT_MAX ? -EMSGSIZE : 1;
}

/* Editors of some systems begin a file with U+FEFF. */
static void
skip_mark(struct script_reader *r, struct bytes *text)
{
    if (r->number == 1 && text->n >= 3 &&
        memcmp(text->p, "\xEF\xBB\xBF", 3) == 0)
        *text = bytes_slice(*text, 3, text->n);
}

/* At a terminal, 00A40000 is > 00A40000. */
static void
add_mark(struct script_reader *r, struct bytes *text)
{
    if (!r->casual || text->n == 0 || text->n >= SCRIPT_TEXT_MAX ||
        hex_digit((char)text->p[0]) < 0)
        return;
    memmove(r->text + 1, text->p, text->n);
    r->text[0] = '>';
    *text = bytes_of(r->text, text->n + 1);
}

static int
check_order(struct script_reader *r, struct script_error *error)
{
    bool answerable = r->answerable;

    r->answerable = r->line.what == SCRIPT_COMMAND;
    if (r->line.what != SCRIPT_ANSWER || answerable)
        return 1;
    return refuse(r, "an answer without a command before it", error);
}

int
script_next(struct script_reader *reader, const struct script_line **line,
            struct script_error *error)
{
    struct bytes text;
    int got;

    *line = &reader->line;
    while ((got = read_text(reader, &text)) == 1) {
        skip_mark(reader, &text);
        add_mark(reader, &text);
        if (!script_parse(text, reader->number, &reader->line, error))
            return -EINVAL;
        if (reader->line.what != SCRIPT_NOTHING)
            return check_order(reader, error);
        if (reader->comments && reader->line.comment.n != 0)
            return 1;
    }
    if (got == -EMSGSIZE)
        return refuse(reader, "the line is longer than any message", error);
    return got;
}
