/*
 * value.c - values of data objects in words. ISO/IEC 7816-4:2013 7.4, 9.3.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdarg.h>

#include <vicc/atr.h>

#include "decode/private.h"
#include "vicc/words.h"

/* Appends to a text of MEANING_MAX; what does not fit is left out. */
static void __attribute__((format(printf, 2, 3)))
add(char *text, const char *format, ...)
{
    size_t n = strlen(text);
    va_list args;

    va_start(args, format);
    vsnprintf(text + n, MEANING_MAX - n, format, args);
    va_end(args);
}

static void
add_hex(char *text, struct bytes b)
{
    size_t i;

    for (i = 0; i < b.n && i < 32; i++)
        add(text, "%02X", b.p[i]);
    if (b.n > 32)
        add(text, "...");
}

/* Where bytes may be text, they are if all of them are letters we know. */
static bool
is_text(struct bytes b)
{
    size_t i;

    for (i = 0; i < b.n; i++)
        if (b.p[i] < 0x20 || b.p[i] > 0x7E)
            return false;
    return b.n != 0;
}

/* In quotes, and cut between two characters of UTF-8. */
static void
add_text(char *text, struct bytes b)
{
    size_t n = b.n < 100 ? b.n : 100;

    while (n < b.n && n > 0 && (b.p[n] & 0xC0) == 0x80)
        n--;
    add(text, "\"%.*s\"%s", (int)n, (const char *)b.p, n < b.n ? "..." : "");
}

static void
add_name(char *text, struct bytes b)
{
    size_t prefix = 0;

    /* An AID: five bytes of a registered provider, then often letters. */
    if (b.n > 5 && (b.p[0] & 0xF0) == 0xA0 && !is_text(b))
        prefix = 5;
    if (is_text(bytes_slice(b, prefix, b.n)))
        add_text(text, bytes_slice(b, prefix, b.n));
}

static void
add_fid(char *text, struct bytes b)
{
    uint16_t fid = 0;

    bytes_u16(b, &fid);
    add(text, "%s",
        fid == 0x3F00   ? "MF"
        : fid == 0x2F00 ? "EF.DIR"
        : fid == 0x2F01 ? "EF.ATR/INFO"
        : fid == 0x3FFF ? "current DF"
                        : "");
}

static void
add_path(char *text, struct bytes b)
{
    size_t i;

    if (b.n == 2)
        add_fid(text, b);
    for (i = 0; b.n > 2 && b.n % 2 == 0 && i < b.n && i < 32; i += 2)
        add(text, "%s%02X%02X", i == 0 ? "" : "/", b.p[i], b.p[i + 1]);
}

/* 7816-4:2013 table 14 */
static void
add_descriptor(char *text, struct bytes b)
{
    static const char *const structures[] = {
        "no structure told",        "transparent",
        "linear, fixed records",    "linear, fixed records of TLV",
        "linear, variable records", "linear, variable records of TLV",
        "cyclic, fixed records",    "cyclic, fixed records of TLV",
    };
    uint32_t number;

    if (b.n == 0 || (b.p[0] & 0x80) != 0)
        return;
    if ((b.p[0] & 0x3F) == 0x38)
        add(text, "DF");
    else if ((b.p[0] & 0x3F) == 0x39)
        add(text, "EF of BER-TLV objects");
    else if ((b.p[0] & 0x3F) == 0x3A)
        add(text, "EF of SIMPLE-TLV objects");
    else
        add(text, "%s EF, %s",
            (b.p[0] & 0x38) == 0x00   ? "working"
            : (b.p[0] & 0x38) == 0x08 ? "internal"
                                      : "proprietary",
            structures[b.p[0] & 0x07]);
    add(text, "%s", (b.p[0] & 0x40) != 0 ? ", shareable" : "");
    if (b.n >= 3 && bytes_uint(bytes_slice(b, 2, b.n == 3 ? 1 : 2), &number))
        add(text, ", up to %u bytes a record", (unsigned)number);
    if (b.n > 4 && bytes_uint(bytes_slice(b, 4, b.n), &number))
        add(text, ", %u records", (unsigned)number);
}

/* 7816-4:2013 table 15 */
static void
add_life(char *text, struct bytes b)
{
    if (b.n != 1)
        return;
    add(text, "%s",
        b.p[0] == 0x00            ? "not told"
        : b.p[0] == 0x01          ? "creation"
        : b.p[0] == 0x03          ? "initialisation"
        : (b.p[0] & 0xFD) == 0x05 ? "activated"
        : (b.p[0] & 0xFD) == 0x04 ? "deactivated"
        : (b.p[0] & 0xFC) == 0x0C ? "terminated"
        : b.p[0] >= 0x10          ? "proprietary"
                                  : "reserved");
}

static void
add_condition(char *text, uint8_t sc)
{
    const char *between = (sc & 0x80) != 0 ? " and " : " or ";
    const char *before = "";
    static const struct {
        uint8_t bit;
        const char *words;
    } means[] = {{0x40, "secure messaging"},
                 {0x20, "external authentication"},
                 {0x10, "user authentication"}};
    size_t i;

    if (sc == 0x00 || sc == 0xFF) {
        add(text, sc == 0x00 ? "always" : "never");
        return;
    }
    for (i = 0; i < 3; i++)
        if ((sc & means[i].bit) != 0) {
            add(text, "%s%s", before, means[i].words);
            before = between;
        }
    if ((sc & 0x0F) != 0 && (sc & 0x0F) != 0x0F)
        add(text, " (environment %u)", sc & 0x0F);
}

bool
value_is_of_df(struct bytes objects)
{
    struct tlv descriptor;

    return tlv_find(objects, 0x82, &descriptor) && descriptor.value.n != 0 &&
           (descriptor.value.p[0] & 0x3F) == 0x38;
}

/* 7816-4:2013 9.3.3: access modes from b7 on, then a condition for each. */
static void
add_compact(char *text, struct bytes b, bool of_df)
{
    static const char *const df[] = {"delete child", "create EF", "create DF",
                                     "deactivate",   "activate",  "terminate",
                                     "delete"};
    static const char *const ef[] = {"read",       "update",   "write",
                                     "deactivate", "activate", "terminate",
                                     "delete"};
    const char *const *modes = of_df ? df : ef;
    uint8_t am, sc;
    int bit;

    if (!bytes_take_u8(&b, &am) || (am & 0x80) != 0)
        return;
    for (bit = 6; bit >= 0; bit--)
        if ((am & 1 << bit) != 0 && bytes_take_u8(&b, &sc)) {
            add(text, "%s%s: ", text[0] == '\0' ? "" : "; ", modes[bit]);
            add_condition(text, sc);
        }
}

/* X.690 8.19 */
static void
add_oid(char *text, struct bytes b)
{
    unsigned long arc = 0;
    bool first = true;
    uint8_t byte;

    while (bytes_take_u8(&b, &byte)) {
        arc = arc << 7 | (byte & 0x7F);
        if ((byte & 0x80) != 0)
            continue;
        if (first)
            add(text, "%lu.%lu", arc < 80 ? arc / 40 : 2,
                arc < 80 ? arc % 40 : arc - 80);
        else
            add(text, ".%lu", arc);
        first = false;
        arc = 0;
    }
}

static void
add_number(char *text, struct bytes b)
{
    uint32_t number;

    if (bytes_uint(b, &number))
        add(text, "%u", (unsigned)number);
}

static void
add_sw(char *text, struct bytes b)
{
    uint16_t sw;
    char words[64];

    if (bytes_u16(b, &sw))
        add(text, "%s", words_of_sw(sw, false, words, sizeof(words)));
}

/* The names of those that have one. */
static void
add_tags(char *text, struct bytes b)
{
    const struct tag_meaning *meaning;
    uint32_t tag;

    while (tlv_take_tag(&b, &tag)) {
        meaning = tag_find(IN_ANYTHING, tag);
        if (meaning != NULL)
            add(text, "%s%s", text[0] == '\0' ? "" : ", ", meaning->name);
    }
}

static void
add_sfi(char *text, struct bytes b)
{
    if (b.n == 1)
        add(text, "%u", b.p[0] >> 3);
}

/* clang-format off */
/* NULL for the formats that want more than the bytes, or nothing. */
static void (*const adders[VALUE_NESTED + 1])(char *text, struct bytes b) = {
    [VALUE_TEXT]       = add_text,
    [VALUE_NUMBER]     = add_number,
    [VALUE_FID]        = add_fid,
    [VALUE_PATH]       = add_path,
    [VALUE_NAME]       = add_name,
    [VALUE_DESCRIPTOR] = add_descriptor,
    [VALUE_LIFE]       = add_life,
    [VALUE_SFI]        = add_sfi,
    [VALUE_OID]        = add_oid,
    [VALUE_SW]         = add_sw,
    [VALUE_TAGS]       = add_tags,
};
/* clang-format on */

const char *
value_words(const struct tag_meaning *meaning, struct bytes value, bool of_df,
            char text[MEANING_MAX])
{
    enum value_format format = meaning == NULL ? VALUE_HEX : meaning->format;

    text[0] = '\0';
    if (format == VALUE_COMPACT)
        add_compact(text, value, of_df);
    else if (adders[format] != NULL)
        adders[format](text, value);
    return text;
}

/* SELECT, ACTIVATE FILE and the like say in P1 what their data are. */
const char *
value_of_field(const struct exchange *e, char text[MEANING_MAX])
{
    struct bytes b = e->data.bytes;

    text[0] = '\0';
    if (!e->data.plain || e->c.ins != 0xA4 || b.n == 0)
        return text;
    if (e->c.p1 == 0x04)
        add_name(text, b);
    else if (e->c.p1 <= 0x03)
        add_fid(text, b);
    else if (e->c.p1 == 0x08 || e->c.p1 == 0x09)
        add_path(text, b);
    return text;
}

const char *
value_of_atr(struct bytes atr, char text[MEANING_MAX])
{
    struct atr a;
    const char *before = "";
    unsigned t;

    text[0] = '\0';
    if (!atr_parse(atr, &a)) {
        add(text, "malformed");
        return text;
    }
    for (t = 0; t < 15; t++)
        if ((a.protocols & 1u << t) != 0) {
            add(text, "%sT=%u", before, t);
            before = ", ";
        }
    if (a.historical.n == 0)
        return text;
    add(text, "; historical bytes ");
    add_hex(text, a.historical);
    if (is_text(a.historical)) {
        add(text, " ");
        add_text(text, a.historical);
    }
    return text;
}
