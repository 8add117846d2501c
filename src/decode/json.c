/*
 * json.c - a trace as JSON, RFC 8259, for programs to read: an object with
 * an array of events, each on a line of its own.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "decode/private.h"
#include "vicc/words.h"

static void
put_string(struct out *out, const char *before, const char *name,
           struct bytes text)
{
    fprintf(out->file, "%s\"%s\": \"", before, name);
    out_text(out, text);
    out_raw(out, "\"");
}

static void
put_words(struct out *out, const char *before, const char *name,
          const char *text)
{
    put_string(out, before, name, bytes_of(text, strlen(text)));
}

static void
put_part(struct out *out, const char *name, const struct part *part)
{
    fprintf(out->file, ", \"%s\": \"", name);
    out_pattern(out, part->pattern, part->bytes.n);
    out_raw(out, "\"");
}

static void
begin_event(struct out *out, const char *event, unsigned line)
{
    fprintf(out->file, "%s\n  {\"event\": \"%s\", \"line\": %u",
            out->told++ == 0 ? "" : ",", event, line);
}

static void
json_begin(struct out *out, const struct decode_settings *settings)
{
    out_raw(out, "{\"trace\": 1");
    put_words(out, ", ", "file", settings->name);
    fprintf(out->file, ", \"secrets\": %s, \"events\": [",
            settings->secrets ? "true" : "false");
}

static void
json_power(struct out *out, unsigned line, enum script_what what)
{
    begin_event(out, power_words(what), line);
    out_raw(out, "}");
}

static void
json_atr(struct out *out, unsigned line, const struct part *atr)
{
    char words[MEANING_MAX];

    begin_event(out, "atr", line);
    put_part(out, "atr", atr);
    if (atr->plain)
        put_words(out, ", ", "words", value_of_atr(atr->bytes, words));
    out_raw(out, "}");
}

static void
json_comment(struct out *out, unsigned line, struct bytes text)
{
    begin_event(out, "comment", line);
    put_string(out, ", ", "text", text);
    out_raw(out, "}");
}

static void
put_objects(struct out *out, struct bytes objects, enum tag_context context,
            unsigned depth)
{
    bool of_df = value_is_of_df(objects);
    enum tag_context inside;
    const char *comma = "";
    char words[MEANING_MAX];
    struct tlv t;

    out_raw(out, "[");
    while (tlv_next(&objects, &t)) {
        const struct tag_meaning *meaning = tag_find(context, t.tag);

        fprintf(out->file, "%s{\"tag\": \"%02X\", \"value\": \"", comma,
                (unsigned)t.tag);
        out_hex(out, t.value);
        out_raw(out, "\"");
        if (meaning != NULL)
            put_words(out, ", ", "name", meaning->name);
        value_words(meaning, t.value, of_df, words);
        if (words[0] != '\0')
            put_words(out, ", ", "words", words);
        if (depth < TLV_DEPTH && tag_is_nested(&t, meaning, &inside)) {
            out_raw(out, ", \"objects\": ");
            put_objects(out, t.value, inside, depth + 1);
        }
        out_raw(out, "}");
        comma = ", ";
    }
    out_raw(out, "]");
}

static void
put_field(struct out *out, const char *name, const char *objects_name,
          const struct exchange *e, const struct part *part)
{
    enum tag_context context = tag_context_of(&e->c);
    struct bytes objects;

    put_part(out, name, part);
    if (field_objects(e, part, &objects)) {
        fprintf(out->file, ", \"%s\": ", objects_name);
        put_objects(out, objects, context, 0);
    }
}

static void
put_header(struct out *out, const struct exchange *e)
{
    char words[MEANING_MAX];

    fprintf(out->file,
            ", \"cla\": \"%02X\", \"ins\": \"%02X\", \"p1\": \"%02X\", "
            "\"p2\": \"%02X\", \"ne\": %u",
            e->c.raw_cla, e->c.ins, e->c.p1, e->c.p2, (unsigned)e->c.ne);
    put_words(out, ", ", "class_words", command_class(&e->c, words));
    put_words(out, ", ", "p1p2_words", command_p1p2(&e->c, words));
    fprintf(out->file,
            ", \"channel\": %u, \"sm\": %u, \"chained\": %s, \"fits\": %s",
            e->c.channel, e->c.sm, e->c.chained ? "true" : "false",
            e->fits ? "true" : "false");
}

static void
json_exchange(struct out *out, const struct exchange *e)
{
    char words[64] = "", meaning[MEANING_MAX];

    begin_event(out, "command", e->line);
    put_string(out, ", ", "name", e->name);
    put_part(out, "command", &e->command);
    if (e->has_header)
        put_header(out, e);
    if (e->data.bytes.n != 0) {
        put_field(out, "data", "data_objects", e, &e->data);
        if (value_of_field(e, meaning)[0] != '\0')
            put_words(out, ", ", "data_words", meaning);
    }
    if (e->answer_line != 0) {
        fprintf(out->file, ", \"answer_line\": %u", e->answer_line);
        put_part(out, "answer", &e->answer);
    }
    if (e->has_sw) {
        put_field(out, "response", "response_objects", e, &e->response);
        fprintf(out->file, ", \"sw\": \"%04X\"", e->sw);
        put_words(out, ", ", "sw_words",
                  words_of_sw(e->sw, words_asked(e->command.bytes), words,
                              sizeof(words)));
    }
    fprintf(out->file, ", \"error\": %s}", e->is_error ? "true" : "false");
}

static void
json_end(struct out *out, const struct decode_count *count,
         const struct script_error *error)
{
    fprintf(out->file, "\n], \"commands\": %lu, \"power_ups\": %lu",
            count->commands, count->power_ups);
    if (error != NULL) {
        fprintf(out->file, ", \"error\": {\"line\": %u, \"column\": %zu",
                error->line, error->column);
        put_words(out, ", ", "text", error->text);
        out_raw(out, "}");
    }
    out_raw(out, "}\n");
}

const struct form json_form = {
    .kind = OUT_JSON,
    .begin = json_begin,
    .power = json_power,
    .atr = json_atr,
    .comment = json_comment,
    .exchange = json_exchange,
    .end = json_end,
};
