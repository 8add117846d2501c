/*
 * walk.c - goes through a trace and takes each exchange apart.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdlib.h>

#include <vicc/sw.h>
#include <vicc/types.h>
#include <vicc/wipe.h>

#include "decode/private.h"
#include "vicc/mask.h"

#define COMMENT_MAX 4096 /* characters of one that are told */
#define OWN_NAME_MAX 40  /* of a command, by a comment */

/* A message: its elements, hidden ones as such, and their bytes. */
struct message {
    unsigned line; /* 0: there is none */
    size_t n;
    uint16_t pattern[SCRIPT_BYTES_MAX];
    uint8_t bytes[SCRIPT_BYTES_MAX];
};

struct walk {
    const struct form *form; /* NULL: only read */
    struct out out;
    const struct card_type *type;
    bool begun; /* a line was there that says something */
    struct mask mask;
    struct decode_count *count;
    struct message command; /* that waits for its answer */
    struct bytes name;      /* of it */
    uint8_t name_room[OWN_NAME_MAX];
    struct message answer;
    unsigned comment_line; /* 0: none waits */
    size_t comment_n;
    uint8_t comment[COMMENT_MAX];
};

static void
take_message(struct message *m, const struct script_line *line)
{
    size_t i;

    m->line = line->number;
    m->n = line->n;
    memcpy(m->pattern, line->pattern, line->n * sizeof(line->pattern[0]));
    for (i = 0; i < line->n; i++)
        m->bytes[i] = line->pattern[i] > 0xFF ? 0 : (uint8_t)line->pattern[i];
}

static void
hide(struct message *m, struct mask_range range)
{
    size_t i;

    for (i = range.from; i < range.to; i++) {
        if (m->pattern[i] <= 0xFF)
            m->pattern[i] = SCRIPT_MASKED;
        m->bytes[i] = 0;
    }
}

static struct part
part_of(const struct message *m, size_t from, size_t n)
{
    struct part part = {
        .pattern = m->pattern + from,
        .bytes = bytes_slice(bytes_of(m->bytes, m->n), from, n),
        .plain = true,
    };
    size_t i;

    for (i = 0; i < part.bytes.n; i++)
        part.plain = part.plain && part.pattern[i] <= 0xFF;
    return part;
}

/* ---- comments ---- */

static struct bytes
trim(struct bytes text)
{
    while (text.n != 0 && text.p[0] == ' ')
        text = bytes_slice(text, 1, text.n);
    while (text.n != 0 && strchr(" \t\r", (char)text.p[text.n - 1]) != NULL)
        text.n--;
    return text;
}

static void
tell_comment(struct walk *w)
{
    if (w->comment_line != 0 && w->form != NULL && w->form->comment != NULL)
        w->form->comment(&w->out, w->comment_line,
                         bytes_of(w->comment, w->comment_n));
    w->comment_line = 0;
}

/* The first line of a trace may say of which type the card was. */
static void
note_type(struct walk *w, struct bytes text)
{
    static const char mark[] = "card ";
    const size_t n = sizeof(mark) - 1;
    char name[32];

    if (text.n <= n || text.n - n >= sizeof(name) ||
        memcmp(text.p, mark, n) != 0)
        return;
    memcpy(name, text.p + n, text.n - n);
    name[text.n - n] = '\0';
    w->type = card_type_find(name);
}

static void
take_comment(struct walk *w, const struct script_line *line)
{
    struct bytes text = trim(line->comment);

    if (text.n == 0)
        return;
    if (!w->begun)
        note_type(w, text);
    tell_comment(w);
    w->comment_line = line->number;
    w->comment_n = text.n < COMMENT_MAX ? text.n : COMMENT_MAX;
    memcpy(w->comment, text.p, w->comment_n);
}

/* ---- exchanges ---- */

/*
 * A trace has the name of each command as a comment before it, by the card
 * that it was made of: that is no news, unless no table of ours has it.
 */
static void
find_name(struct walk *w)
{
    static const char unknown[] = "unknown command";
    const struct message *m = &w->command;
    struct bytes comment =
        bytes_of(w->comment, w->comment_line == 0 ? 0 : w->comment_n);
    const char *name = NULL;
    struct capdu c;

    if (m->n < CAPDU_HEADER || !part_of(m, 0, CAPDU_HEADER).plain)
        name = "malformed command";
    else {
        capdu_parse(bytes_of(m->bytes, m->n), &c); /* the header is enough */
        name = command_name(w->type, &c);
    }
    w->name = bytes_of(name, name == NULL ? 0 : strlen(name));
    if (name == NULL && comment.n != 0 && comment.n <= OWN_NAME_MAX) {
        memcpy(w->name_room, comment.p, comment.n);
        w->name = bytes_of(w->name_room, comment.n);
    }
    if (w->name.n == 0)
        w->name = bytes_of(unknown, strlen(unknown));
    if (bytes_equal(comment, w->name) ||
        bytes_equal(comment, bytes_of(unknown, strlen(unknown))))
        w->comment_line = 0;
    tell_comment(w);
}

static void
take_apart_command(struct walk *w, struct exchange *e)
{
    const struct message *m = &w->command;

    e->line = m->line;
    e->command = part_of(m, 0, m->n);
    e->has_header = m->n >= CAPDU_HEADER && part_of(m, 0, CAPDU_HEADER).plain;
    e->fits = e->has_header && capdu_parse(e->command.bytes, &e->c);
    e->name = w->name;
    if (!e->fits)
        e->c.ne = 0;
    else if (e->c.data.n != 0)
        e->data = part_of(m, (size_t)(e->c.data.p - m->bytes), e->c.data.n);
}

static void
take_apart_answer(struct walk *w, struct exchange *e)
{
    const struct message *m = &w->answer;

    e->is_error = true;
    if (m->line == 0)
        return;
    e->answer_line = m->line;
    e->answer = part_of(m, 0, m->n);
    if (m->n < 2 || !part_of(m, m->n - 2, 2).plain)
        return;
    e->has_sw = bytes_u16(bytes_slice(e->answer.bytes, m->n - 2, 2), &e->sw);
    e->response = part_of(m, 0, m->n - 2);
    e->is_error = !sw_is_completed(SW(e->sw));
}

/* What waits, with its answer if it has one. */
static void
tell_exchange(struct walk *w)
{
    struct exchange e = {0};

    if (w->command.line == 0)
        return;
    take_apart_command(w, &e);
    take_apart_answer(w, &e);
    w->count->commands++;
    if (w->form != NULL)
        w->form->exchange(&w->out, &e);
    w->command.line = w->answer.line = 0;
}

static void
take_command(struct walk *w, const struct script_line *line)
{
    take_message(&w->command, line);
    find_name(w);
    hide(&w->command,
         mask_command(&w->mask, bytes_of(w->command.bytes, line->n)));
}

static void
take_answer(struct walk *w, const struct script_line *line)
{
    take_message(&w->answer, line);
    hide(&w->answer,
         mask_response(&w->mask, bytes_of(w->answer.bytes, line->n)));
    tell_exchange(w);
}

static void
take_power(struct walk *w, const struct script_line *line)
{
    w->mask.chained = false;
    w->mask.answer_secret = false;
    w->count->power_ups += line->what != SCRIPT_POWER_OFF;
    tell_comment(w);
    if (w->form != NULL)
        w->form->power(&w->out, line->number, line->what);
}

static void
take_atr(struct walk *w, const struct script_line *line)
{
    struct part atr;

    tell_comment(w);
    take_message(&w->answer, line);
    atr = part_of(&w->answer, 0, line->n);
    if (w->form != NULL)
        w->form->atr(&w->out, line->number, &atr);
    w->answer.line = 0;
}

static void
take_line(struct walk *w, const struct script_line *line)
{
    if (line->what != SCRIPT_NOTHING && line->what != SCRIPT_ANSWER)
        tell_exchange(w);
    if (line->what == SCRIPT_COMMAND)
        take_command(w, line);
    else if (line->what == SCRIPT_ANSWER)
        take_answer(w, line);
    else if (line->what == SCRIPT_ATR)
        take_atr(w, line);
    else if (line->what != SCRIPT_NOTHING)
        take_power(w, line);
    take_comment(w, line);
    w->begun = true;
}

/* ---- all of it ---- */

static int
walk_through(struct walk *w, struct script_reader *reader,
             struct script_error *error)
{
    const struct script_line *line;
    int got;

    while ((got = script_next(reader, &line, error)) == 1)
        take_line(w, line);
    tell_exchange(w);
    tell_comment(w);
    return got;
}

static const struct form *
find_form(enum decode_form form)
{
    return form == DECODE_TEXT   ? &text_form
           : form == DECODE_JSON ? &json_form
           : form == DECODE_HTML ? &html_form
                                 : NULL;
}

int
decode_trace(FILE *in, enum decode_form form,
             const struct decode_settings *settings, struct decode_count *count,
             struct script_error *error)
{
    struct walk *w = calloc(1, sizeof(*w));
    struct script_reader *reader = NULL;
    int err = w == NULL ? -ENOMEM : script_reader_new(in, &reader);

    *count = (struct decode_count){0};
    if (err == 0) {
        script_reader_comments(reader);
        w->form = find_form(form);
        w->mask.reveal = settings->secrets;
        w->count = count;
        if (w->form != NULL)
            w->out = (struct out){.file = settings->out, .kind = w->form->kind};
        if (w->form != NULL && w->form->begin != NULL)
            w->form->begin(&w->out, settings);
        err = walk_through(w, reader, error);
        if (w->form != NULL && w->form->end != NULL && err != -EIO)
            w->form->end(&w->out, count, err == -EINVAL ? error : NULL);
    }
    script_reader_free(&reader);
    if (w != NULL)
        wipe(w, sizeof(*w));
    free(w);
    return err;
}
