/*
 * words.c - status words in words, ISO/IEC 7816-4:2013 table 6.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "vicc/words.h"

#include <stdio.h>

#include <vicc/apdu.h>

/* Where the lower bits count something, `after` follows the number. */
static const struct {
    uint16_t mask;
    uint16_t sw;
    const char *words;
    const char *after;
} meanings[] = {
    /* clang-format off */
    {0xFFFF, 0x9000, "", NULL},
    {0xFFFF, 0x6100, "256 bytes or more to fetch", NULL},
    {0xFF00, 0x6100, "", " bytes to fetch"},
    {0xFFFF, 0x6281, "part of the data may be corrupted", NULL},
    {0xFFFF, 0x6282, "end of file", NULL},
    {0xFFFF, 0x6283, "file deactivated", NULL},
    {0xFFFF, 0x6285, "file terminated", NULL},
    {0xFF00, 0x6200, "warning", NULL},
    {0xFFF0, 0x63C0, "wrong, ", " tries left"},
    {0xFF00, 0x6300, "warning", NULL},
    {0xFFFF, 0x6581, "memory failure", NULL},
    {0xFFFF, 0x6700, "wrong length", NULL},
    {0xFFFF, 0x6881, "logical channel not supported", NULL},
    {0xFFFF, 0x6882, "secure messaging not supported", NULL},
    {0xFFFF, 0x6883, "last command of the chain expected", NULL},
    {0xFFFF, 0x6884, "command chaining not supported", NULL},
    {0xFFFF, 0x6981, "wrong file structure", NULL},
    {0xFFFF, 0x6982, "security status not satisfied", NULL},
    {0xFFFF, 0x6983, "authentication method blocked", NULL},
    {0xFFFF, 0x6984, "reference data unusable", NULL},
    {0xFFFF, 0x6985, "conditions of use not satisfied", NULL},
    {0xFFFF, 0x6986, "no current EF", NULL},
    {0xFFFF, 0x6987, "secure messaging objects missing", NULL},
    {0xFFFF, 0x6988, "secure messaging objects incorrect", NULL},
    {0xFFFF, 0x6A80, "wrong data", NULL},
    {0xFFFF, 0x6A81, "function not supported", NULL},
    {0xFFFF, 0x6A82, "file not found", NULL},
    {0xFFFF, 0x6A83, "record not found", NULL},
    {0xFFFF, 0x6A84, "not enough memory in the file", NULL},
    {0xFFFF, 0x6A85, "Nc inconsistent with TLV structure", NULL},
    {0xFFFF, 0x6A86, "wrong P1-P2", NULL},
    {0xFFFF, 0x6A87, "Nc inconsistent with P1-P2", NULL},
    {0xFFFF, 0x6A88, "referenced data not found", NULL},
    {0xFFFF, 0x6A89, "file already exists", NULL},
    {0xFFFF, 0x6A8A, "DF name already exists", NULL},
    {0xFFFF, 0x6B00, "wrong P1-P2: offset outside the EF", NULL},
    {0xFF00, 0x6C00, "wrong Le, ", " bytes available"},
    {0xFFFF, 0x6D00, "INS not supported", NULL},
    {0xFFFF, 0x6E00, "CLA not supported", NULL},
    {0xFFFF, 0x6F00, "no precise diagnosis", NULL},
    /* clang-format on */
};

bool
words_asked(struct bytes command)
{
    struct capdu c;

    return capdu_parse(command, &c) && c.data.n == 0;
}

const char *
words_of_sw(uint16_t sw, bool asked, char *text, size_t room)
{
    size_t i;

    text[0] = '\0';
    if (asked && (sw & 0xFFF0) == 0x63C0) {
        snprintf(text, room, "%u tries left", sw & 0xFu);
        return text;
    }
    for (i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
        unsigned count = sw & ~(unsigned)meanings[i].mask;

        if ((sw & meanings[i].mask) != meanings[i].sw)
            continue;
        if (meanings[i].after == NULL)
            snprintf(text, room, "%s", meanings[i].words);
        else
            snprintf(text, room, "%s%u%s", meanings[i].words,
                     sw == 0x6C00 ? 256 : count, meanings[i].after);
        break;
    }
    return text;
}
