/*
 * tape.c - a trace in memory.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cards/replay/tape.h"

#include <errno.h>
#include <stdlib.h>

#include <vicc/wipe.h>

#define INS_SELECT 0xA4

struct parse {
    struct tape *tape;
    bool due; /* the next line belongs to a new session */
};

void
tape_clear(struct tape *tape)
{
    if (tape->room != NULL)
        wipe(tape->room, tape->room_size * sizeof(tape->room[0]));
    free(tape->room);
    free(tape->exchange);
    free(tape->session);
    free(tape->order);
    free(tape->open);
    *tape = (struct tape){0};
}

/* Two characters or more make an element, and one line or more all else. */
static int
make_room(struct tape *tape, struct bytes text)
{
    size_t lines = 2, i;

    for (i = 0; i < text.n; i++)
        lines += text.p[i] == '\n';
    tape->room_size = text.n / 2 + 1;
    tape->room = calloc(tape->room_size, sizeof(tape->room[0]));
    tape->exchange = calloc(lines, sizeof(tape->exchange[0]));
    tape->session = calloc(lines, sizeof(tape->session[0]));
    tape->order = calloc(lines, sizeof(tape->order[0]));
    tape->open = calloc(lines, sizeof(tape->open[0]));
    tape->sessions = 1;
    if (tape->session != NULL)
        tape->session[0].line = 1;
    return tape->room == NULL || tape->exchange == NULL ||
                   tape->session == NULL || tape->order == NULL ||
                   tape->open == NULL
               ? -ENOMEM
               : 0;
}

static struct tape_pattern
keep(struct tape *tape, const struct script_line *line)
{
    struct tape_pattern pattern = {tape->room + tape->room_used, line->n};

    memcpy(tape->room + tape->room_used, line->pattern,
           line->n * sizeof(line->pattern[0]));
    tape->room_used += line->n;
    return pattern;
}

static struct tape_session *
session_for(struct parse *p, unsigned line)
{
    struct tape *tape = p->tape;

    if (p->due) {
        tape->session[tape->sessions].first = tape->exchanges;
        tape->session[tape->sessions++].line = line;
    }
    p->due = false;
    return &tape->session[tape->sessions - 1];
}

static void
take_command(struct parse *p, const struct script_line *line)
{
    struct tape *tape = p->tape;
    struct tape_exchange *e = &tape->exchange[tape->exchanges];
    size_t i;

    session_for(p, line->number);
    e->line = line->number;
    e->session = tape->sessions - 1;
    e->command = keep(tape, line);
    for (i = 0; i < line->n; i++)
        e->is_open = e->is_open || line->pattern[i] > 0xFF;
    if (e->is_open)
        tape->open[tape->opens++] = tape->exchanges;
    else
        tape->order[tape->plain++] = tape->exchanges;
    tape->exchanges++;
}

static int
refuse_atr(const struct script_line *line, struct script_error *error)
{
    error->line = line->number;
    error->column = 1;
    snprintf(error->text, sizeof(error->text),
             "a card needs all bytes of its ATR, 33 at most");
    return -EINVAL;
}

static int
take_atr(struct parse *p, const struct script_line *line,
         struct script_error *error)
{
    struct tape_session *session = session_for(p, line->number);
    struct buf atr = BUF(session->atr);
    bool masked;

    if (!script_plain(line, &atr, &masked) || atr.overrun)
        return refuse_atr(line, error);
    session->atr_n = atr.n;
    return 0;
}

static int
take_line(struct parse *p, const struct script_line *line,
          struct script_error *error)
{
    struct tape *tape = p->tape;

    switch (line->what) {
    case SCRIPT_COMMAND:
        take_command(p, line);
        return 0;
    case SCRIPT_ANSWER:
        tape->exchange[tape->exchanges - 1].answer = keep(tape, line);
        return 0;
    case SCRIPT_ATR:
        return take_atr(p, line, error);
    default:
        /* Powered up twice with nothing between is powered up once. */
        p->due =
            p->due || tape->session[tape->sessions - 1].first < tape->exchanges;
        return 0;
    }
}

/* ---- finding ---- */

static int
compare_commands(struct tape_pattern a, struct tape_pattern b)
{
    size_t i;

    for (i = 0; i < a.n && i < b.n; i++)
        if (a.p[i] != b.p[i])
            return a.p[i] < b.p[i] ? -1 : 1;
    return (a.n > b.n) - (a.n < b.n);
}

static int
compare(const void *a, const void *b, void *ctx)
{
    const struct tape *tape = ctx;
    size_t i = *(const size_t *)a, k = *(const size_t *)b;
    int order =
        compare_commands(tape->exchange[i].command, tape->exchange[k].command);

    return order != 0 ? order : (i > k) - (i < k);
}

/* SELECT, and SW1 says that it has done it. */
static bool
selects(const struct tape_exchange *e)
{
    uint16_t sw1 = e->answer.n < 2 ? 0 : e->answer.p[e->answer.n - 2];

    return e->command.n >= 4 && e->command.p[1] == INS_SELECT &&
           (sw1 == 0x90 || sw1 == 0x61 || sw1 == 0x62);
}

/*
 * Every exchange knows which SELECT came before it in its session: by the
 * place of the first exchange in the trace with the same command. That is
 * all that a trace tells of what is selected, and mostly enough.
 */
static void
find_contexts(struct tape *tape, size_t *first)
{
    size_t i, session = SIZE_MAX, context = TAPE_NO_CONTEXT;

    for (i = 0; i < tape->exchanges; i++)
        first[i] = i;
    for (i = 1; i < tape->plain; i++)
        if (compare_commands(tape->exchange[tape->order[i]].command,
                             tape->exchange[tape->order[i - 1]].command) == 0)
            first[tape->order[i]] = first[tape->order[i - 1]];
    for (i = 0; i < tape->exchanges; i++) {
        struct tape_exchange *e = &tape->exchange[i];

        if (e->session != session)
            context = TAPE_NO_CONTEXT;
        session = e->session;
        e->context = context;
        if (selects(e))
            context = first[i];
        e->context_after = context;
    }
}

static int
make_index(struct tape *tape)
{
    size_t *first = calloc(tape->exchanges + 1, sizeof(*first));

    if (first == NULL)
        return -ENOMEM;
    qsort_r(tape->order, tape->plain, sizeof(tape->order[0]), compare, tape);
    find_contexts(tape, first);
    free(first);
    return 0;
}

static int
read_lines(struct parse *p, struct script_reader *reader,
           struct script_error *error)
{
    const struct script_line *line;
    int got;

    while ((got = script_next(reader, &line, error)) == 1)
        if ((got = take_line(p, line, error)) != 0)
            return got;
    return got;
}

int
tape_parse(struct bytes text, struct tape *tape, struct script_error *error)
{
    struct parse p = {.tape = tape};
    struct script_reader *reader = NULL;
    FILE *in = fmemopen((void *)(uintptr_t)text.p, text.n, "r");
    int err = in == NULL ? -ENOMEM : script_reader_new(in, &reader);

    *tape = (struct tape){0};
    if (err == 0 && (err = make_room(tape, text)) == 0 &&
        (err = read_lines(&p, reader, error)) == 0)
        err = make_index(tape);
    script_reader_free(&reader);
    if (in != NULL)
        fclose(in);
    if (err != 0)
        tape_clear(tape);
    return err;
}

bool
tape_matches(const struct tape_exchange *e, struct bytes command)
{
    return script_pattern_match(e->command.p, e->command.n, command);
}

/* As compare_commands(), of bytes that came. */
static int
compare_bytes(struct tape_pattern a, struct bytes b)
{
    size_t i;

    for (i = 0; i < a.n && i < b.n; i++)
        if (a.p[i] != b.p[i])
            return a.p[i] < b.p[i] ? -1 : 1;
    return (a.n > b.n) - (a.n < b.n);
}

/* How many of the plain exchanges stand before this command and place. */
static size_t
place_in_order(const struct tape *tape, struct bytes command, size_t from)
{
    size_t low = 0, high = tape->plain;

    while (low < high) {
        size_t middle = low + (high - low) / 2, i = tape->order[middle];
        int order = compare_bytes(tape->exchange[i].command, command);

        if (order < 0 || (order == 0 && i < from))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t
place_in_open(const struct tape *tape, size_t from)
{
    size_t low = 0, high = tape->opens;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (tape->open[middle] < from)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool
fits(const struct tape *tape, size_t i, struct bytes command, size_t context)
{
    const struct tape_exchange *e = &tape->exchange[i];

    return (context == TAPE_ANY_CONTEXT || e->context == context) &&
           tape_matches(e, command);
}

static bool
is_same(const struct tape *tape, size_t at, struct bytes command)
{
    return at < tape->plain &&
           compare_bytes(tape->exchange[tape->order[at]].command, command) == 0;
}

size_t
tape_next(const struct tape *tape, struct bytes command, size_t from,
          size_t context)
{
    size_t found = SIZE_MAX, at = place_in_order(tape, command, from);

    for (; is_same(tape, at, command) && found == SIZE_MAX; at++)
        if (fits(tape, tape->order[at], command, context))
            found = tape->order[at];
    for (at = place_in_open(tape, from);
         at < tape->opens && tape->open[at] < found; at++)
        if (fits(tape, tape->open[at], command, context))
            return tape->open[at];
    return found;
}

size_t
tape_previous(const struct tape *tape, struct bytes command, size_t from,
              size_t context)
{
    size_t found = SIZE_MAX, at = place_in_order(tape, command, from);

    for (; at-- > 0 && is_same(tape, at, command) && found == SIZE_MAX;)
        if (fits(tape, tape->order[at], command, context))
            found = tape->order[at];
    for (at = place_in_open(tape, from); at-- > 0;) {
        if (found != SIZE_MAX && tape->open[at] < found)
            break;
        if (fits(tape, tape->open[at], command, context))
            return tape->open[at];
    }
    return found;
}
