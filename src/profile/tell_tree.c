/*
 * tell_tree.c - a card as a tree for people to read.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/tlv.h>
#include <vicc/types.h>

#include "cos/keep.h"
#include "profile/private.h"

#define INDENT_MAX 40 /* columns */
#define WORDS_MAX 80  /* of a card type on one key */

void
tell_hex(FILE *out, struct bytes bytes)
{
    size_t i;

    for (i = 0; i < bytes.n; i++)
        fprintf(out, "%02X", bytes.p[i]);
}

void
tell_quoted(FILE *out, struct bytes text)
{
    size_t i;

    putc('"', out);
    for (i = 0; i < text.n; i++)
        if (text.p[i] == '"' || text.p[i] == '\\')
            fprintf(out, "\\%c", text.p[i]);
        else if (text.p[i] < 0x20 || text.p[i] >= 0x7F)
            fprintf(out, "\\u%04x", text.p[i]);
        else
            putc(text.p[i], out);
    putc('"', out);
}

bool
tell_setting(const struct card *card, size_t *i, struct card_setting *setting)
{
    const struct card_type *type = card_type_find(card_type_name(card));
    const struct card_option *option;

    while (card_setting_kept(card, (*i)++, setting)) {
        option = card_option_find(type, setting->name);
        if (option == NULL || option->kind != OPTION_SECRET)
            return true;
    }
    return false;
}

static void
put_modes(FILE *out, uint8_t modes, enum access_of of)
{
    const char *comma = "";
    unsigned bit;

    for (bit = 0; bit < 7; bit++)
        if ((modes & 1u << bit) != 0) {
            fprintf(out, "%s%s", comma, access_name(bit, of));
            comma = ", ";
        }
}

static void
put_access(FILE *out, struct bytes attributes, enum access_of of)
{
    uint8_t room[PROFILE_FCP_MAX];
    struct buf raw = BUF(room);
    struct access_words words;
    size_t i;

    access_collect(attributes, &raw);
    if (raw.n == 0) {
        fprintf(out, "; free");
        return;
    }
    if (!access_tell(attributes, &words)) {
        fprintf(out, "; access by ");
        tell_hex(out, buf_bytes(&raw));
        return;
    }
    for (i = 0; i < words.count; i++) {
        fprintf(out, "; ");
        put_modes(out, words.rule[i].modes, of);
        fprintf(out, ": %s", words.rule[i].words);
    }
    fprintf(out, "%s", words.count == 0 ? "; never" : "; else never");
}

static void
put_file(FILE *out, const struct look_file *file, size_t depth)
{
    int indent = depth > (INDENT_MAX - 2) / 2 ? INDENT_MAX : 2 + 2 * (int)depth;

    fprintf(out, "%*s%04X %s", indent, "", file->fid, type_name(file->type));
    if (file->df_name.n != 0) {
        fprintf(out, " ");
        tell_hex(out, file->df_name);
    }
    if (file->has_records)
        fprintf(out, ", %zu records of %s%u bytes", file->records,
                file->type == 4 || file->type == 5 ? "up to " : "",
                (unsigned)file->record_max);
    if (!file->is_df || file->size != 0)
        fprintf(out, ", %zu bytes%s", file->size,
                file->is_df ? " of data objects" : "");
    if (file->sfi != 0)
        fprintf(out, ", SFI %u", (unsigned)file->sfi);
    if (file->is_internal)
        fprintf(out, ", internal");
    if (!file->is_shareable)
        fprintf(out, ", not shareable");
    if (file->life_cycle != 0x05)
        fprintf(out, ", %s", life_cycle_name(file->life_cycle));
    put_access(out, file->fcp, file->is_df ? OF_DF : OF_EF);
    fprintf(out, "\n");
}

static void
put_pins(FILE *out, const struct card *card, const struct file *df,
         size_t depth)
{
    int indent = depth > (INDENT_MAX - 2) / 2 ? INDENT_MAX : 2 + 2 * (int)depth;
    struct cos_pin pin;
    size_t i;

    for (i = 0; look_pin(card, df, i, &pin); i++) {
        fprintf(out, "%*sPIN %u, %u of %u tries left, %u to %u bytes, %s",
                indent, "", (unsigned)pin.p2,
                (unsigned)(pin.tries - pin.tries_used), (unsigned)pin.tries,
                (unsigned)pin.min, (unsigned)pin.max,
                pin_encodings[pin.encoding]);
        if (pin.state != COS_PIN_ACTIVE)
            fprintf(out, ", %s", pin_states[pin.state]);
        if (pin.uses != 0)
            fprintf(out, ", %u of %u uses left",
                    (unsigned)(pin.uses - pin.uses_used), (unsigned)pin.uses);
        if (pin.puk != 0)
            fprintf(out, ", unblocked by PIN %u", (unsigned)pin.puk);
        fprintf(out, "\n");
    }
}

static void
put_keys(FILE *out, const struct card *card, const struct file *df,
         size_t depth)
{
    int indent = depth > (INDENT_MAX - 2) / 2 ? INDENT_MAX : 2 + 2 * (int)depth;
    struct look_key look;
    struct bytes templates;
    uint8_t number;
    uint8_t room[WORDS_MAX];
    struct buf words = BUF(room);
    size_t i, bit;

    for (i = 0; look_key(card, df, i, &look); i++) {
        fprintf(out, "%*skey ", indent, "");
        tell_hex(out, look.key.reference);
        fprintf(out, " %s, %u bits%s;", key_type_name((uint8_t)look.key.type),
                (unsigned)look.bits, look.key.value.n == 0 ? ", empty" : "");
        for (bit = 0; key_usages[bit] != NULL; bit++)
            if ((look.key.usage & 1u << bit) != 0)
                fprintf(out, " %s", key_usages[bit]);
        if (look.key.tries != 0)
            fprintf(out, ", %u of %u tries left",
                    (unsigned)(look.key.tries - look.key.tries_used),
                    (unsigned)look.key.tries);
        buf_clear(&words);
        look_key_words(card, &look.key, &words);
        if (words.n != 0)
            fprintf(out, "; %.*s", (int)words.n, (const char *)words.p);
        if (words.n == 0 || look.key.attributes.n != 0)
            put_access(out, look.key.attributes, OF_KEY);
        fprintf(out, "\n");
    }
    for (i = 0; look_environment(card, df, i, &number, &templates); i++)
        fprintf(out, "%*ssecurity environment %u, %zu bytes\n", indent, "",
                (unsigned)number, templates.n);
}

/* Those that the card's type has a name for. */
static void
put_objects(FILE *out, const struct card *card, struct bytes objects,
            size_t depth)
{
    int indent = depth > (INDENT_MAX - 2) / 2 ? INDENT_MAX : 2 + 2 * (int)depth;
    const char *name;
    struct tlv t;

    while (tlv_next(&objects, &t))
        if ((name = look_object_name(card, t.tag)) != NULL)
            fprintf(out, "%*sobject %lX, %s, %zu bytes\n", indent, "",
                    (unsigned long)t.tag, name, t.value.n);
}

int
tell_tree(const struct card *card, const struct telling *telling)
{
    FILE *out = telling->out;
    struct card_setting setting;
    struct listing all;
    struct look_file file;
    size_t i = 0;
    int err = listing_make(card, &all);

    fprintf(out, "%s: a card of type %s\n", telling->name,
            card_type_name(card));
    while (tell_setting(card, &i, &setting))
        fprintf(out, "  option %s %s\n", setting.name, setting.value);
    put_pins(out, card, NULL, 0);
    put_keys(out, card, NULL, 0);
    for (i = 0; i < all.count && err == 0; i++) {
        look_file(all.file[i], &file);
        put_file(out, &file, all.depth[i]);
        if (file.is_df) {
            put_pins(out, card, all.file[i], all.depth[i] + 1);
            put_keys(out, card, all.file[i], all.depth[i] + 1);
            put_objects(out, card, file.content, all.depth[i] + 1);
        }
    }
    listing_clear(&all);
    return err;
}
