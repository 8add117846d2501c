/*
 * hex.c - bytes as hexadecimal digits and back.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/hex.h>

int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

static bool
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool
hex_parse(const char *text, size_t n, struct buf *out)
{
    size_t i = 0;

    while (i < n) {
        if (is_space(text[i])) {
            i++;
            continue;
        }
        if (n - i < 2 || hex_digit(text[i]) < 0 || hex_digit(text[i + 1]) < 0)
            return false;
        buf_put_u8(out,
                   (uint8_t)(hex_digit(text[i]) << 4 | hex_digit(text[i + 1])));
        i += 2;
    }
    return true;
}

void
hex_put(struct buf *out, struct bytes in)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t i;

    for (i = 0; i < in.n; i++) {
        buf_put_u8(out, (uint8_t)digits[in.p[i] >> 4]);
        buf_put_u8(out, (uint8_t)digits[in.p[i] & 0x0F]);
    }
}
