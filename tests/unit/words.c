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
        assert_string_equal(words_of_sw(cases[i].sw, false, text, sizeof(text)),
                            cases[i].words);
}

/* VERIFY without data asks for the tries, so that none was wrong. */
static void
a_question_is_not_wrong(void **state)
{
    static const uint8_t asks[] = {0x00, 0x20, 0x00, 0x80},
                         tries[] = {0x00, 0x20, 0x00, 0x80, 0x01, 0x31},
                         none[] = {0x00, 0x20, 0x00, 0x80, 0x02, 0x31};
    char text[64];

    (void)state;
    assert_true(words_asked(BYTES(asks)));
    assert_false(words_asked(BYTES(tries)));
    assert_false(words_asked(BYTES(none)));
    assert_string_equal(words_of_sw(0x63C3, true, text, sizeof(text)),
                        "3 tries left");
    assert_string_equal(words_of_sw(0x6982, true, text, sizeof(text)),
                        "security status not satisfied");
}

UNIT_MAIN(cmocka_unit_test(says_what_a_status_word_means),
          cmocka_unit_test(a_question_is_not_wrong))
