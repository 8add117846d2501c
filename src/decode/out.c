/*
 * out.c - text out of a trace, made harmless for where it goes.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "decode/out.h"

#include <stdarg.h>

#include <vicc/hex.h>

#include "script/script.h"

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

void
out_raw(struct out *out, const char *text)
{
    fputs(text, out->file);
}

/*
 * The length of the character that `in` begins with, RFC 3629; 0 if it is
 * malformed.
 */
static size_t
take_character(struct bytes in, uint32_t *character)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t first = in.p[0];
    size_t n = first < 0x80   ? 1
               : first < 0xC2 ? 0
               : first < 0xE0 ? 2
               : first < 0xF0 ? 3
               : first < 0xF5 ? 4
                              : 0;
    size_t i;

    if (n == 0 || n > in.n)
        return 0;
    *character = n == 1 ? first : first & (0xFFu >> (n + 1));
    for (i = 1; i < n; i++) {
        if ((in.p[i] & 0xC0) != 0x80)
            return 0;
        *character = *character << 6 | (in.p[i] & 0x3F);
    }
    return *character < least[n] || *character > 0x10FFFF ? 0 : n;
}

/* Controls, surrogates, and what turns the direction of text around. */
static bool
is_harmful(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C ||
           (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069) || (c >= 0xD800 && c <= 0xDFFF) ||
           c == 0xFEFF || c == 0xFFFE || c == 0xFFFF;
}

/* How the character is written there; NULL: as it is. */
static const char *
escape(enum out_kind kind, uint32_t c)
{
    if (kind == OUT_HTML)
        return c == '<'    ? "&lt;"
               : c == '>'  ? "&gt;"
               : c == '&'  ? "&amp;"
               : c == '"'  ? "&quot;"
               : c == '\'' ? "&#39;"
                           : NULL;
    if (kind == OUT_JSON)
        return c == '"' ? "\\\"" : c == '\\' ? "\\\\" : NULL;
    return NULL;
}

void
out_text(struct out *out, struct bytes text)
{
    while (text.n != 0) {
        uint32_t c = 0;
        size_t n = take_character(text, &c);
        const char *escaped;

        if (c == '\t')
            c = ' ';
        escaped = n == 0 || is_harmful(c) ? REPLACEMENT : escape(out->kind, c);
        if (escaped != NULL)
            fputs(escaped, out->file);
        else if (n == 1)
            putc_unlocked((int)c, out->file);
        else
            fwrite(text.p, 1, n, out->file);
        text = bytes_slice(text, n == 0 ? 1 : n, text.n);
    }
}

void
out_say(struct out *out, const char *format, ...)
{
    char text[401];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    out_text(out, bytes_of(text, strlen(text)));
}

void
out_pattern(struct out *out, const uint16_t *pattern, size_t n)
{
    uint8_t room[3 * 64];
    size_t i, some;

    for (i = 0; i < n; i += some) {
        struct buf text = BUF(room);

        some = n - i < 64 ? n - i : 64;
        script_pattern_put(&text, pattern + i, some);
        fwrite(text.p, 1, text.n, out->file);
    }
}

void
out_hex(struct out *out, struct bytes bytes)
{
    uint8_t room[2 * 64];

    while (bytes.n != 0) {
        struct buf text = BUF(room);

        hex_put(&text, bytes_slice(bytes, 0, 64));
        fwrite(text.p, 1, text.n, out->file);
        bytes = bytes_slice(bytes, 64, bytes.n);
    }
}
