/*
 * text.c - a trace as text for people.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "decode/private.h"
#include "vicc/words.h"

static void
text_power(struct out *out, unsigned line, enum script_what what)
{
    fprintf(out->file, "\n%u: %s\n", line, power_words(what));
}

static void
text_atr(struct out *out, unsigned line, const struct part *atr)
{
    char words[MEANING_MAX];

    fprintf(out->file, "%u: ATR ", line);
    out_pattern(out, atr->pattern, atr->bytes.n);
    if (atr->plain)
        out_say(out, "  %s", value_of_atr(atr->bytes, words));
    out_raw(out, "\n");
}

static void
text_comment(struct out *out, unsigned line, struct bytes text)
{
    fprintf(out->file, "%u: # ", line);
    out_text(out, text);
    out_raw(out, "\n");
}

static void
text_exchange(struct out *out, const struct exchange *e)
{
    char words[64] = "";

    fprintf(out->file, "%u: ", e->line);
    out_text(out, e->name);
    out_raw(out, " ");
    out_pattern(out, e->command.pattern,
                e->command.bytes.n < CAPDU_HEADER ? e->command.bytes.n
                                                  : CAPDU_HEADER);
    if (e->has_sw)
        fprintf(out->file, " -> %04X%s%s", e->sw,
                words_of_sw(e->sw, words_asked(e->command.bytes), words,
                            sizeof(words))[0] != '\0'
                    ? " "
                    : "",
                words);
    else
        out_raw(out,
                e->answer_line == 0 ? " -> no answer" : " -> no status word");
    out_raw(out, "\n");
    body_put(out, e);
}

static void
text_end(struct out *out, const struct decode_count *count,
         const struct script_error *error)
{
    (void)count;
    if (error != NULL)
        fprintf(out->file, "\nunreadable from line %u on\n", error->line);
}

const struct form text_form = {
    .kind = OUT_TERMINAL,
    .power = text_power,
    .atr = text_atr,
    .comment = text_comment,
    .exchange = text_exchange,
    .end = text_end,
};
