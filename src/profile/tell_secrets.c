/*
 * tell_secrets.c - the parts of a profile that are about secrets: PINs, keys,
 * security environments, and access conditions.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <ctype.h>
#include <stdarg.h>

#include "profile/private.h"

void
tell_line(const struct teller *t, const char *format, ...)
{
    va_list args;

    fprintf(t->out, "%*s", t->indent, "");
    va_start(args, format);
    vfprintf(t->out, format, args);
    va_end(args);
}

void
tell_hex_line(const struct teller *t, const char *name, struct bytes bytes)
{
    tell_line(t, "%s%s", name, bytes.n == 0 ? "\"\"" : "");
    tell_hex(t->out, bytes);
    fprintf(t->out, "\n");
}

static bool
is_plain(struct bytes text)
{
    size_t i;

    for (i = 0; i < text.n; i++)
        if (!isprint(text.p[i]))
            return false;
    return true;
}

void
tell_secret(const struct teller *t, const char *name, struct bytes value,
            bool may_be_text)
{
    if (!t->telling->secrets) {
        tell_line(t, "%s{left-out: true}\n", name);
    } else if (may_be_text && is_plain(value)) {
        tell_line(t, "%s", name);
        tell_quoted(t->out, value);
        fprintf(t->out, "\n");
    } else if (may_be_text) {
        tell_line(t, "%s{hex: ", name);
        tell_hex(t->out, value);
        fprintf(t->out, "}\n");
    } else {
        tell_hex_line(t, name, value);
    }
}

/* The rules in words, if these make the same attributes. */
static bool
is_exact(const struct access_words *words, struct bytes attributes)
{
    struct access_rule rule[7];
    uint8_t room[PROFILE_FCP_MAX];
    struct buf again = BUF(room);
    const char *why;
    size_t i;

    for (i = 0; i < words->count; i++)
        rule[i] =
            (struct access_rule){words->rule[i].modes, words->rule[i].words};
    return words->count != 0 && access_put(rule, words->count, &again, &why) &&
           bytes_equal(buf_bytes(&again), attributes);
}

void
tell_access(struct teller *t, struct bytes fcp, enum access_of of)
{
    uint8_t room[PROFILE_FCP_MAX];
    struct buf raw = BUF(room);
    struct bytes attributes;
    struct access_words words;
    unsigned bit;
    size_t i;

    access_collect(fcp, &raw);
    attributes = buf_bytes(&raw);
    if (attributes.n == 0)
        return;
    if (!access_tell(fcp, &words) || !is_exact(&words, attributes)) {
        tell_hex_line(t, "access: ", attributes);
        return;
    }
    tell_line(t, "access:\n");
    for (i = 0; i < words.count; i++)
        for (bit = 0; bit < 7; bit++)
            if ((words.rule[i].modes & 1u << bit) != 0)
                tell_line(t, "  %s: %s\n", access_name(bit, of),
                          words.rule[i].words);
}

static void
put_pin(struct teller *t, const struct cos_pin *pin)
{
    tell_line(t, "- reference: %u\n", (unsigned)pin->p2);
    t->indent += INDENT;
    if (pin->value.n != 0)
        tell_secret(t, "value: ", pin->value, true);
    tell_line(t, "tries: %u\n", (unsigned)pin->tries);
    if (pin->tries_used != 0)
        tell_line(t, "tries-left: %u\n",
                  (unsigned)(pin->tries - pin->tries_used));
    tell_line(t, "min: %u\n", (unsigned)pin->min);
    tell_line(t, "max: %u\n", (unsigned)pin->max);
    tell_line(t, "encoding: %s\n", pin_encodings[pin->encoding]);
    if ((pin->flags & COS_PIN_IS_PADDED) != 0)
        tell_line(t, "padding: %02X\n", pin->padding);
    if ((pin->flags & COS_PIN_MAY_DISABLE) != 0)
        tell_line(t, "may-disable: true\n");
    if ((pin->flags & COS_PIN_MAY_REPLACE) != 0)
        tell_line(t, "may-replace: true\n");
    if ((pin->flags & COS_PIN_COUNTS_ALL) != 0)
        tell_line(t, "counts-all: true\n");
    if (pin->state != COS_PIN_ACTIVE)
        tell_line(t, "state: %s\n", pin_states[pin->state]);
    if (pin->uses != 0) {
        tell_line(t, "uses: %u\n", (unsigned)pin->uses);
        tell_line(t, "uses-left: %u\n", (unsigned)(pin->uses - pin->uses_used));
    }
    if (pin->puk != 0)
        tell_line(t, "puk: %u\n", (unsigned)pin->puk);
    t->indent -= INDENT;
}

void
tell_pins(struct teller *t, const struct file *df)
{
    struct cos_pin pin;
    size_t i;

    if (!look_pin(t->card, df, 0, &pin)) {
        if (df == NULL)
            tell_line(t, "pins: []\n");
        return;
    }
    tell_line(t, "pins:\n");
    t->indent += INDENT;
    for (i = 0; look_pin(t->card, df, i, &pin); i++)
        put_pin(t, &pin);
    t->indent -= INDENT;
}

static void
put_usage(const struct teller *t, uint16_t usage)
{
    const char *comma = "";
    size_t bit;

    tell_line(t, "usage: [");
    for (bit = 0; key_usages[bit] != NULL; bit++)
        if ((usage & 1u << bit) != 0) {
            fprintf(t->out, "%s%s", comma, key_usages[bit]);
            comma = ", ";
        }
    fprintf(t->out, "]\n");
}

static void
put_key(struct teller *t, const struct cos_key *key)
{
    if (key->reference.n == 1)
        tell_line(t, "- reference: %u\n", (unsigned)key->reference.p[0]);
    else
        tell_hex_line(t, "- name: ", key->reference);
    t->indent += INDENT;
    tell_line(t, "type: %s\n", key_type_name((uint8_t)key->type));
    put_usage(t, key->usage);
    if (key->tries != 0) {
        tell_line(t, "tries: %u\n", (unsigned)key->tries);
        tell_line(t, "tries-left: %u\n",
                  (unsigned)(key->tries - key->tries_used));
    }
    tell_access(t, key->attributes, OF_KEY);
    if (key->own.n != 0)
        tell_hex_line(t, "own: ", key->own);
    if (key->value.n != 0)
        tell_secret(t, "value: ", key->value, false);
    t->indent -= INDENT;
}

void
tell_keys(struct teller *t, const struct file *df)
{
    struct bytes templates;
    struct look_key look;
    uint8_t number;
    size_t i;

    for (i = 0; look_key(t->card, df, i, &look); i++) {
        if (i == 0)
            tell_line(t, "keys:\n");
        t->indent += INDENT;
        put_key(t, &look.key);
        t->indent -= INDENT;
    }
    for (i = 0; look_environment(t->card, df, i, &number, &templates); i++) {
        if (i == 0)
            tell_line(t, "environments:\n");
        t->indent += INDENT;
        tell_line(t, "- number: %u\n", (unsigned)number);
        tell_hex_line(t, "  templates: ", templates);
        t->indent -= INDENT;
    }
}
