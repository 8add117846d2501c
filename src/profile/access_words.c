/*
 * access_words.c - security attributes in the words of a profile.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdarg.h>

#include <vicc/tlv.h>

#include "profile/private.h"

#define LEVELS 6
#define MODES 7

struct text {
    char *p;
    size_t n;
    size_t room;
};

static bool put(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool
put(struct text *text, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(text->p + text->n, text->room - text->n, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= text->room - text->n)
        return false;
    text->n += (size_t)n;
    return true;
}

static bool tell_condition(struct text *text, const struct tlv *t, int level);

static bool
tell_reference(struct text *text, struct bytes crt)
{
    struct tlv number, usage;

    if (!tlv_next(&crt, &number) || !tlv_next(&crt, &usage) || crt.n != 0 ||
        number.tag != 0x83 || number.value.n != 1 || usage.tag != 0x95 ||
        usage.value.n != 1)
        return false;
    if (usage.value.p[0] != 0x08 && usage.value.p[0] != 0x80)
        return false;
    return put(text, "%s %u", usage.value.p[0] == 0x08 ? "pin" : "key",
               (unsigned)number.value.p[0]);
}

static bool
tell_joined(struct text *text, struct bytes factors, const char *joint,
            int level)
{
    struct tlv t;
    size_t count = 0;

    if (level != 0 && !put(text, "("))
        return false;
    while (tlv_next(&factors, &t))
        if ((count++ != 0 && !put(text, " %s ", joint)) ||
            !tell_condition(text, &t, level + 1))
            return false;
    return factors.n == 0 && count >= 2 && (level == 0 || put(text, ")"));
}

static bool
tell_condition(struct text *text, const struct tlv *t, int level)
{
    struct bytes inside = t->value;
    struct tlv factor;

    if (level == LEVELS)
        return false;
    switch (t->tag) {
    case 0x90:
        return t->value.n == 0 && put(text, "always");
    case 0x97:
        return t->value.n == 0 && put(text, "never");
    case 0xA4:
        return tell_reference(text, t->value);
    case 0xAF:
        return tell_joined(text, t->value, "and", level);
    case 0xA0:
        return tell_joined(text, t->value, "or", level);
    case 0xA7:
        return tlv_next(&inside, &factor) && inside.n == 0 &&
               put(text, "not ") && tell_condition(text, &factor, level + 1);
    default:
        return false;
    }
}

static struct text
open_rule(struct access_words *out, uint8_t modes)
{
    out->rule[out->count].modes = modes;
    return (struct text){out->rule[out->count++].words, 0, ACCESS_WORDS_MAX};
}

static bool
tell_byte(struct access_words *out, uint8_t mode, uint8_t byte)
{
    struct text text = open_rule(out, mode);

    if (byte == 0x00 || byte == 0xFF)
        return put(&text, byte == 0x00 ? "always" : "never");
    return byte > 0x10 && byte < 0x1F && put(&text, "pin %u", byte & 0x0Fu);
}

/* One access mode byte, with conditions that have words. */
static bool
tell_compact(struct bytes value, struct access_words *out)
{
    uint8_t modes, byte;
    int bit;

    if (!bytes_take_u8(&value, &modes) || (modes & 0x80) != 0)
        return false;
    for (bit = MODES - 1; bit >= 0; bit--)
        if ((modes & 1 << bit) != 0 &&
            (!bytes_take_u8(&value, &byte) ||
             !tell_byte(out, (uint8_t)(1 << bit), byte)))
            return false;
    return value.n == 0;
}

/* Pairs of an access mode byte and one condition, no mode twice. */
static bool
tell_expanded(struct bytes value, struct access_words *out)
{
    struct tlv mode, condition;
    struct text text;
    uint8_t seen = 0;

    while (value.n != 0) {
        if (!tlv_next(&value, &mode) || !tlv_next(&value, &condition) ||
            mode.tag != 0x80 || mode.value.n != 1 ||
            (mode.value.p[0] & (0x80 | seen)) != 0 || mode.value.p[0] == 0 ||
            out->count == MODES)
            return false;
        seen |= mode.value.p[0];
        text = open_rule(out, mode.value.p[0]);
        if (!tell_condition(&text, &condition, 0))
            return false;
    }
    return true;
}

/* 85: of card types that have rules of their own. */
bool
access_is_attribute(uint32_t tag)
{
    return tag == 0x85 || tag == 0x86 || tag == 0x8B || tag == 0x8C ||
           tag == 0x8E || tag == 0xA0 || tag == 0xA1 || tag == 0xAB;
}

void
access_collect(struct bytes fcp, struct buf *out)
{
    struct tlv t;

    while (tlv_next(&fcp, &t))
        if (access_is_attribute(t.tag))
            buf_put(out, t.whole);
}

bool
access_tell(struct bytes fcp, struct access_words *out)
{
    bool found = false;
    struct tlv t;

    out->count = 0;
    while (tlv_next(&fcp, &t)) {
        if (!access_is_attribute(t.tag))
            continue;
        if (found || (t.tag != 0x8C && t.tag != 0xAB) ||
            !(t.tag == 0x8C ? tell_compact(t.value, out)
                            : tell_expanded(t.value, out)))
            return false;
        found = true;
    }
    return true;
}
