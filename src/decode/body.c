/*
 * body.c - an exchange in lines of text: what the command asks for, and the
 * data of both sides as trees.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "decode/private.h"

#define LINE_BYTES 32
#define LABEL "    %-8s"
#define INDENT 12

static void
indent(struct out *out, unsigned depth)
{
    fprintf(out->file, "%*s", (int)(INDENT + 3 * depth), "");
}

/* Digits, so many bytes a line; the first line is begun already. */
static void
put_digits(struct out *out, const struct part *part, unsigned depth)
{
    size_t i;

    for (i = 0; i < part->bytes.n || i == 0; i += LINE_BYTES) {
        size_t left = part->bytes.n - i;

        if (i != 0)
            indent(out, depth);
        out_pattern(out, part->pattern + i,
                    left < LINE_BYTES ? left : LINE_BYTES);
        out_raw(out, "\n");
    }
}

/* The value of an object: behind its name if it is short. */
static void
put_value(struct out *out, struct bytes value, const char *words,
          unsigned depth)
{
    bool is_long = value.n > LINE_BYTES;

    if (is_long)
        fprintf(out->file, ", %zu bytes", value.n);
    else if (value.n != 0) {
        out_raw(out, ": ");
        out_hex(out, value);
    }
    if (words[0] != '\0')
        out_raw(out, " = ");
    out_text(out, bytes_of(words, strlen(words)));
    out_raw(out, "\n");
    while (is_long && value.n != 0) {
        indent(out, depth);
        out_hex(out, bytes_slice(value, 0, LINE_BYTES));
        out_raw(out, "\n");
        value = bytes_slice(value, LINE_BYTES, value.n);
    }
}

static void put_objects(struct out *out, struct bytes objects,
                        enum tag_context context, unsigned depth);

static void
put_object(struct out *out, const struct tlv *t, bool of_df,
           enum tag_context context, unsigned depth)
{
    const struct tag_meaning *meaning = tag_find(context, t->tag);
    enum tag_context inside;
    char words[MEANING_MAX];

    indent(out, depth);
    fprintf(out->file, "%02X %s", (unsigned)t->tag,
            meaning != NULL ? meaning->name : "(no name)");
    if (depth < TLV_DEPTH && tag_is_nested(t, meaning, &inside)) {
        fprintf(out->file, ", %zu bytes\n", t->value.n);
        put_objects(out, t->value, inside, depth + 1);
        return;
    }
    value_words(meaning, t->value, of_df, words);
    put_value(out, t->value, words, depth + 1);
}

static void
put_objects(struct out *out, struct bytes objects, enum tag_context context,
            unsigned depth)
{
    bool of_df = value_is_of_df(objects);
    struct tlv t;

    while (tlv_next(&objects, &t))
        put_object(out, &t, of_df, context, depth);
}

static void
put_field(struct out *out, const char *label, const struct exchange *e,
          const struct part *part)
{
    enum tag_context context = tag_context_of(&e->c);
    struct bytes objects;
    char words[MEANING_MAX] = "";

    fprintf(out->file, LABEL, label);
    put_digits(out, part, 0);
    if (part == &e->data)
        value_of_field(e, words);
    if (words[0] != '\0') {
        indent(out, 0);
        out_raw(out, "= ");
        out_text(out, bytes_of(words, strlen(words)));
        out_raw(out, "\n");
    }
    if (field_objects(e, part, &objects))
        put_objects(out, objects, context, 0);
}

static void
put_words(struct out *out, const char *label, const char *words)
{
    if (words[0] == '\0')
        return;
    fprintf(out->file, LABEL, label);
    out_text(out, bytes_of(words, strlen(words)));
    out_raw(out, "\n");
}

void
body_put(struct out *out, const struct exchange *e)
{
    char words[MEANING_MAX];

    if (!e->fits) {
        fprintf(out->file, LABEL, "bytes");
        put_digits(out, &e->command, 0);
        put_words(out, "", "the length fields do not fit the length");
    }
    if (e->has_header) {
        put_words(out, "class", command_class(&e->c, words));
        put_words(out, "P1-P2", command_p1p2(&e->c, words));
    }
    if (e->data.bytes.n != 0)
        put_field(out, "data", e, &e->data);
    if (e->c.ne != 0) {
        snprintf(words, sizeof(words), "up to %u bytes", (unsigned)e->c.ne);
        put_words(out, "expects", words);
    }
    if (e->answer_line != 0 && !e->has_sw)
        put_field(out, "answer", e, &e->answer);
    else if (e->response.bytes.n != 0)
        put_field(out, "answer", e, &e->response);
}

const char *
power_words(enum script_what what)
{
    return what == SCRIPT_RESET      ? "reset"
           : what == SCRIPT_POWER_ON ? "power on"
                                     : "power off";
}
