/*
 * tell_json.c - a card as JSON, RFC 8259, for programs to read. It never
 * holds a secret. Names stay what they are; others may be added.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "profile/private.h"

static struct bytes
text_of(const char *text)
{
    return bytes_of(text, strlen(text));
}

static void
put_hex(FILE *out, const char *name, struct bytes bytes)
{
    fprintf(out, "\"%s\": \"", name);
    tell_hex(out, bytes);
    fprintf(out, "\"");
}

static void
put_settings(FILE *out, const struct card *card)
{
    struct card_setting setting;
    const char *comma = "";
    size_t i = 0;

    fprintf(out, "\"options\": {");
    while (tell_setting(card, &i, &setting)) {
        fprintf(out, "%s", comma);
        tell_quoted(out, text_of(setting.name));
        fprintf(out, ": ");
        tell_quoted(out, text_of(setting.value));
        comma = ", ";
    }
    fprintf(out, "}");
}

static void
put_pins(FILE *out, const struct card *card, const struct file *df)
{
    struct cos_pin pin;
    size_t i;

    fprintf(out, "\"pins\": [");
    for (i = 0; look_pin(card, df, i, &pin); i++)
        fprintf(out,
                "%s{\"reference\": %u, \"tries\": %u, \"tries_left\": %u, "
                "\"min\": %u, \"max\": %u, \"encoding\": \"%s\", "
                "\"state\": \"%s\", \"uses\": %u, \"uses_left\": %u, "
                "\"puk\": %u}",
                i == 0 ? "" : ", ", (unsigned)pin.p2, (unsigned)pin.tries,
                (unsigned)(pin.tries - pin.tries_used), (unsigned)pin.min,
                (unsigned)pin.max, pin_encodings[pin.encoding],
                pin_states[pin.state], (unsigned)pin.uses,
                (unsigned)(pin.uses - pin.uses_used), (unsigned)pin.puk);
    fprintf(out, "]");
}

static void
put_keys(FILE *out, const struct card *card, const struct file *df)
{
    struct look_key look;
    size_t i, bit;

    fprintf(out, "\"keys\": [");
    for (i = 0; look_key(card, df, i, &look); i++) {
        const char *comma = "";

        fprintf(out, "%s{", i == 0 ? "" : ", ");
        put_hex(out, "reference", look.key.reference);
        fprintf(out,
                ", \"type\": \"%s\", \"bits\": %u, \"empty\": %s, "
                "\"tries\": %u, \"tries_left\": %u, \"usage\": [",
                key_type_name((uint8_t)look.key.type), (unsigned)look.bits,
                look.key.value.n == 0 ? "true" : "false",
                (unsigned)look.key.tries,
                (unsigned)(look.key.tries - look.key.tries_used));
        for (bit = 0; key_usages[bit] != NULL; bit++)
            if ((look.key.usage & 1u << bit) != 0) {
                fprintf(out, "%s\"%s\"", comma, key_usages[bit]);
                comma = ", ";
            }
        fprintf(out, "]}");
    }
    fprintf(out, "]");
}

/* null for attributes that have no words. */
static void
put_access(FILE *out, const struct look_file *file)
{
    struct access_words words;
    const char *comma = "";
    unsigned bit;
    size_t i;

    if (!access_tell(file->fcp, &words)) {
        fprintf(out, "\"access\": null");
        return;
    }
    fprintf(out, "\"access\": {");
    for (i = 0; i < words.count; i++)
        for (bit = 0; bit < 7; bit++)
            if ((words.rule[i].modes & 1u << bit) != 0) {
                fprintf(out, "%s\"%s\": \"%s\"", comma,
                        access_name(bit, file->is_df), words.rule[i].words);
                comma = ", ";
            }
    fprintf(out, "}");
}

static void
put_file(FILE *out, const struct look_file *file)
{
    uint8_t room[PROFILE_FCP_MAX];
    struct buf attributes = BUF(room);

    access_collect(file->fcp, &attributes);
    fprintf(out,
            "{\"fid\": \"%04X\", \"type\": \"%s\", \"life_cycle\": \"%s\", "
            "\"size\": %zu, \"sfi\": %u, \"shareable\": %s, "
            "\"internal\": %s, ",
            file->fid, type_name(file->type), life_cycle_name(file->life_cycle),
            file->size, (unsigned)file->sfi,
            file->is_shareable ? "true" : "false",
            file->is_internal ? "true" : "false");
    if (file->has_records)
        fprintf(out, "\"records\": %zu, \"record_size\": %u, ", file->records,
                (unsigned)file->record_max);
    if (file->df_name.n != 0) {
        put_hex(out, "name", file->df_name);
        fprintf(out, ", ");
    }
    put_access(out, file);
    fprintf(out, ", ");
    put_hex(out, "attributes", buf_bytes(&attributes));
    fprintf(out, ", ");
    put_hex(out, "fcp", file->fcp);
}

/* `files` of a DF is open until a file comes that is not in it. */
static void
put_files(FILE *out, const struct card *card, const struct listing *all)
{
    struct look_file file;
    size_t i, open = 0;
    bool is_first = true;

    fprintf(out, "\"files\": [");
    for (i = 0; i < all->count; i++) {
        for (; open > all->depth[i]; open--, is_first = false)
            fprintf(out, "]}");
        look_file(all->file[i], &file);
        fprintf(out, "%s\n", is_first ? "" : ",");
        put_file(out, &file);
        is_first = false;
        if (!file.is_df) {
            fprintf(out, "}");
            continue;
        }
        fprintf(out, ", ");
        put_pins(out, card, all->file[i]);
        fprintf(out, ", ");
        put_keys(out, card, all->file[i]);
        fprintf(out, ", \"files\": [");
        open++;
        is_first = true;
    }
    for (; open > 0; open--)
        fprintf(out, "]}");
    fprintf(out, "]");
}

int
tell_json(const struct card *card, const struct telling *telling)
{
    FILE *out = telling->out;
    struct listing all;
    int err = listing_make(card, &all);

    if (err == 0) {
        fprintf(out, "{\"type\": ");
        tell_quoted(out, text_of(card_type_name(card)));
        fprintf(out, ", ");
        put_hex(out, "atr", card_atr(card));
        fprintf(out, ", ");
        put_settings(out, card);
        fprintf(out, ", ");
        put_pins(out, card, NULL);
        fprintf(out, ", ");
        put_keys(out, card, NULL);
        fprintf(out, ", ");
        put_files(out, card, &all);
        fprintf(out, "}\n");
    }
    listing_clear(&all);
    return err;
}
