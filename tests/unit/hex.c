/*
 * hex.c - tests of src/base/hex.c and wipe.c.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/hex.h>

#include <ctype.h>

#include <vicc/wipe.h>

#include "unit.h"

static void
digits_and_nothing_else(void **state)
{
    int c;

    (void)state;
    for (c = -128; c < 256; c++) {
        int value = hex_digit((char)c);
        unsigned char u = (unsigned char)(char)c;

        if (u >= 0x80 || !isxdigit(u))
            assert_int_equal(value, -1);
        else
            assert_int_equal(value,
                             isdigit(u) ? u - '0' : toupper(u) - 'A' + 10);
    }
}

static const struct {
    const char *text;
    const char *bytes; /* of n */
    size_t n;
    bool good;
} texts[] = {
    {"", "", 0, true},
    {" \t\r\n", "", 0, true},
    {"00", "\0", 1, true},
    {"0123456789abcdefABCDEF", "\x01\x23\x45\x67\x89\xAB\xCD\xEF\xAB\xCD\xEF",
     11, true},
    {" 01 02\n03\t04\r\n", "\1\2\3\4", 4, true},
    {"0", "", 0, false},
    {"010", "\1", 1, false},
    {"0 1", "", 0, false},
    {"01 0 2", "\1", 1, false},
    {"01g0", "\1", 1, false},
    {"010g", "\1", 1, false},
    {"0x01", "", 0, false},
    {"01,02", "\1", 1, false},
    {"01\v02", "\1", 1, false},
    {"+1", "", 0, false},
    {"-1", "", 0, false},
    {"\xC3\xA9", "", 0, false},
};

static void
reads_text(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        size_t n = strlen(texts[i].text);
        char *text = malloc(n);
        uint8_t room[16];
        struct buf out = BUF(room);

        memcpy(text, texts[i].text, n);
        assert_int_equal(hex_parse(text, n, &out), texts[i].good);
        assert_int_equal(out.n, texts[i].n);
        assert_memory_equal(out.p, texts[i].bytes, out.n);
        free(text);
    }
}

static void
a_nul_is_no_space(void **state)
{
    uint8_t room[4];
    struct buf out = BUF(room);

    (void)state;
    assert_false(hex_parse("01\0002", 5, &out));
    assert_int_equal(out.n, 1);
}

static void
room_runs_out_as_overrun(void **state)
{
    uint8_t room[2];
    struct buf out = BUF(room);

    (void)state;
    assert_true(hex_parse("010203", 6, &out));
    assert_true(out.overrun);
    assert_int_equal(out.n, 2);
}

static void
all_bytes_there_and_back(void **state)
{
    uint8_t all[256], back[256], text[512], few[3];
    struct buf out = BUF(text), again = BUF(back), small = BUF(few);
    size_t i;

    (void)state;
    for (i = 0; i < 256; i++)
        all[i] = (uint8_t)i;
    hex_put(&out, BYTES(all));
    assert_int_equal(out.n, 512);
    assert_memory_equal(out.p + 2 * 0xA9, "A9AAABACADAEAFB0", 16);
    assert_true(hex_parse((const char *)out.p, out.n, &again));
    assert_memory_equal(back, all, 256);
    hex_put(&small, bytes_of(all, 2));
    assert_true(small.overrun);
}

static void
wiping(void **state)
{
    uint8_t secret[8];

    (void)state;
    memset(secret, 0x55, sizeof(secret));
    wipe(secret + 1, 6);
    assert_memory_equal(secret, "\x55\0\0\0\0\0\0\x55", 8);
    wipe(secret, 0);
    assert_int_equal(secret[0], 0x55);
    wipe(NULL, 0);
}

static void
comparing(void **state)
{
    uint8_t a[64], b[64];
    size_t i;
    int bit;

    (void)state;
    memset(a, 0xA5, sizeof(a));
    memset(b, 0xA5, sizeof(b));
    assert_true(equal_ct(BYTES(a), BYTES(b)));
    assert_true(equal_ct(bytes_of(NULL, 0), bytes_of(NULL, 0)));
    assert_false(equal_ct(BYTES(a), bytes_of(b, 63)));
    assert_false(equal_ct(bytes_of(NULL, 0), BYTES(b)));
    for (i = 0; i < sizeof(b); i++)
        for (bit = 1; bit < 0x100; bit <<= 1) {
            b[i] ^= (uint8_t)bit;
            assert_false(equal_ct(BYTES(a), BYTES(b)));
            b[i] ^= (uint8_t)bit;
        }
}

UNIT_MAIN(cmocka_unit_test(digits_and_nothing_else),
          cmocka_unit_test(reads_text), cmocka_unit_test(a_nul_is_no_space),
          cmocka_unit_test(room_runs_out_as_overrun),
          cmocka_unit_test(all_bytes_there_and_back), cmocka_unit_test(wiping),
          cmocka_unit_test(comparing))
