/*
 * script.c - fuzzes the reading of APDU scripts: a file from anybody, such as
 * the trace in a bug report. What is taken must survive being written and
 * read again, and what a trace would write of its commands is a script too.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdlib.h>

#include "fuzz.h"
#include "script/script.h"
#include "vicc/mask.h"

struct run {
    struct mask mask;
    struct script_line again;
    struct script_error error;
    struct buf text;
    struct buf bytes;
    uint8_t text_room[3 * SCRIPT_BYTES_MAX + 8];
    uint8_t bytes_room[SCRIPT_BYTES_MAX];
};

/* Reads what stands in r->text, from a block of the exact size. */
static void
read_again(struct run *r)
{
    uint8_t *copy = malloc(r->text.n);
    bool ok;

    assert(copy != NULL && !r->text.overrun);
    memcpy(copy, r->text.p, r->text.n);
    ok = script_parse(bytes_of(copy, r->text.n), 1, &r->again, &r->error);
    assert(ok);
    free(copy);
}

static void
check_written(struct run *r, const struct script_line *line)
{
    static const char *const marks[] = {
        [SCRIPT_COMMAND] = "> ",
        [SCRIPT_ANSWER] = "< ",
        [SCRIPT_ATR] = "! atr ",
    };

    buf_clear(&r->text);
    buf_put(&r->text, bytes_of(marks[line->what], strlen(marks[line->what])));
    script_put(&r->text, line);
    read_again(r);
    assert(r->again.what == line->what && r->again.n == line->n);
    assert(memcmp(r->again.pattern, line->pattern,
                  line->n * sizeof(line->pattern[0])) == 0);
}

/* Plain bytes match themselves, and nothing that is longer or shorter. */
static void
check_plain(struct run *r, const struct script_line *line)
{
    struct bytes bytes = buf_bytes(&r->bytes);

    assert(bytes.n == line->n && !r->bytes.overrun);
    assert(script_match(line, bytes));
    assert(!script_match(line, bytes_slice(bytes, 1, bytes.n)));
}

static void
check_masked(struct run *r)
{
    struct bytes bytes = buf_bytes(&r->bytes);
    struct mask_range hidden = mask_command(&r->mask, bytes);

    assert(hidden.from <= hidden.to && hidden.to <= bytes.n);
    buf_clear(&r->text);
    buf_put(&r->text, bytes_of("> ", 2));
    mask_put(&r->text, bytes, hidden);
    read_again(r);
    assert(r->again.what == SCRIPT_COMMAND && r->again.n == bytes.n);
    hidden = mask_response(&r->mask, bytes);
    assert(hidden.from <= hidden.to && hidden.to <= bytes.n);
}

static void
check_line(struct run *r, const struct script_line *line)
{
    bool masked;

    if (line->n == 0)
        return;
    check_written(r, line);
    buf_clear(&r->bytes);
    if (!script_plain(line, &r->bytes, &masked))
        return;
    check_plain(r, line);
    if (line->what == SCRIPT_COMMAND)
        check_masked(r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct run *r = calloc(1, sizeof(*r));
    struct script_reader *reader = NULL;
    const struct script_line *line;
    FILE *in = fmemopen((void *)(uintptr_t)data, size, "r");
    int got;

    if (r == NULL || in == NULL || script_reader_new(in, &reader) != 0)
        abort();
    r->text = BUF(r->text_room);
    r->bytes = BUF(r->bytes_room);
    if (size > 0 && data[0] == 'c')
        script_reader_casual(reader);
    if (size > 0 && data[0] == '#')
        script_reader_comments(reader);
    while ((got = script_next(reader, &line, &r->error)) != 0) {
        assert(got == 1 || got == -EINVAL);
        assert(got != 1 || line->what != SCRIPT_NOTHING ||
               line->comment.n != 0);
        if (got == 1)
            check_line(r, line);
        else
            assert(r->error.column >= 1 && r->error.text[0] != '\0');
    }
    script_reader_free(&reader);
    fclose(in);
    free(r);
    return 0;
}
