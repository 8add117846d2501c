/*
 * middleman_line.c - the lines between vicc and a middleman.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/hex.h>

#include "vicc/middleman.h"

#define RESPONSE_MIN 2 /* SW1-SW2 */

static bool
is_drop(const char *text, size_t n)
{
    static const char drop[] = "! drop";

    return n == sizeof(drop) - 1 && memcmp(text, drop, n) == 0;
}

bool
mitm_parse(const char *text, size_t n, bool is_command, struct buf *apdu,
           enum vicc_mitm *verdict)
{
    size_t min = 1;

    buf_clear(apdu);
    *verdict = VICC_MITM_DROP;
    if (n > 0 && text[n - 1] == '\r')
        n--;
    if (is_drop(text, n))
        return true;
    if (n == 0 || (text[0] != '<' && (text[0] != '>' || !is_command)))
        return false;
    *verdict = VICC_MITM_PASS;
    if (text[0] == '<') {
        min = RESPONSE_MIN;
        if (is_command)
            *verdict = VICC_MITM_ANSWER;
    }
    if (hex_parse(text + 1, n - 1, apdu) && !apdu->overrun && apdu->n >= min)
        return true;
    buf_clear(apdu);
    return false;
}

void
mitm_put(struct buf *line, bool is_command, struct bytes apdu)
{
    buf_put(line, bytes_of(is_command ? "> " : "< ", 2));
    hex_put(line, apdu);
    buf_put_u8(line, '\n');
}
