/*
 * words.c - status words in words.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "unit.h"

#include "vicc/words.h"

static void
says_what_a_status_word_means(void **state)
{
    static const struct {
        uint16_t sw;
        const char *words;
    } cases[] = {
        {0x9000, ""},
        {0x6100, "256 bytes or more to fetch"},
        {0x6120, "32 bytes to fetch"},
        {0x63C0, "wrong, 0 tries left"},
        {0x63CF, "wrong, 15 tries left"},
        {0x63F0, "warning"},
        {0x6C00, "wrong Le, 256 bytes available"},
        {0x6C10, "wrong Le, 16 bytes available"},
        {0x6A82, "file not found"},
        {0x6FFF, ""},
        {0x1234, ""},
    };
    char text[64];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(words_of_sw(cases[i].sw, text, sizeof(text)),
                            cases[i].words);
}

UNIT_MAIN(cmocka_unit_test(says_what_a_status_word_means))
