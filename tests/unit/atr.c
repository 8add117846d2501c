/*
 * atr.c - tests of src/iso7816/atr.c: answers to reset of cards in use, the
 * rules of TD and TCK, and every way to cut one.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/atr.h>

#include <stdio.h>

#include <vicc/hex.h>

#include "exact.h"
#include "unit.h"

static struct bytes
exact_hex(const char *text)
{
    uint8_t room[64];
    struct buf out = BUF(room);

    assert_true(hex_parse(text, strlen(text), &out) && !out.overrun);
    return exact(buf_bytes(&out));
}

/* `historical` counts bytes. */
static const struct {
    const char *what;
    const char *text;
    uint16_t protocols;
    uint8_t first;
    bool has_tck;
    size_t historical;
} good[] = {
    {"nothing but TS and T0", "3B00", ATR_T0, 0, false, 0},
    {"inverse convention", "3F00", ATR_T0, 0, false, 0},
    {"TA1 to TC1, no TD1", "3B70110000", ATR_T0, 0, false, 0},
    {"TD1 says T=0", "3B8000", ATR_T0, 0, false, 0},
    {"TD1 says T=1", "3B800181", ATR_T1, 1, true, 0},
    {"T=0 and T=1", "3B80800101", ATR_T0 | ATR_T1, 0, true, 0},
    {"T=0, then T=1 twice", "3B80 80 81 31 FE45 0B", ATR_T0 | ATR_T1, 0, true,
     0},
    {"T=0, global T=15", "3B80 80 1F C7 D8", ATR_T0, 0, true, 0},
    {"T=1, global T=15", "3B80 81 1F 03 1D", ATR_T1, 1, true, 0},
    {"T=0, T=1, T=15", "3B80 80 81 1F C7 59", ATR_T0 | ATR_T1, 0, true, 0},
    {"T=14", "3B800E8E", 1 << 14, 14, true, 0},
    {"15 historical bytes", "3B0F000102030405060708090A0B0C0D0E", ATR_T0, 0,
     false, 15},
    {"33 bytes",
     "3BFF 000000F0 000000F1 00000071 000000"
     "000102030405060708090A0B0C0D0E 80",
     ATR_T0 | ATR_T1, 0, true, 15},
    {"reader tester", "3BD6180080B1806D1F038051006110309E", ATR_T0 | ATR_T1, 0,
     true, 6},
    {"Cryptoflex", "3B95154020680102 0000", ATR_T0, 0, false, 5},
    {"FINEID", "3B7F9600008031B865B0850300EF1200F6829000", ATR_T0, 0, false,
     15},
    {"chip with TC2", "3BB994004014474733533334533420", ATR_T0, 0, false, 9},
    {"YubiKey 4", "3BF81300008131FE15597562696B657934D4", ATR_T1, 1, true, 8},
    {"YubiKey 5", "3BFD1300008131FE158073C021C057597562694B657940", ATR_T1, 1,
     true, 13},
    {"OpenPGP 3", "3BDA18FF81B1FE751F030031F573C001600090001C", ATR_T1, 1, true,
     10},
    {"PC/SC part 3", "3B8F8001804F0CA000000306030001000000006A",
     ATR_T0 | ATR_T1, 0, true, 15},
    {"nPA", "3B8A80018031F873F741E082900075", ATR_T0 | ATR_T1, 0, true, 10},
};

static const struct {
    const char *what;
    const char *text;
    const char *why;
} bad[] = {
    {"nothing", "", "is cut off: TS is missing"},
    {"TS alone", "3B", "is cut off: T0 is missing"},
    {"TS wrong", "3C00", "has a TS that is neither 3B nor 3F"},
    {"TS of an inverse reader", "0300", "has a TS that is neither 3B nor 3F"},
    {"TD1 missing", "3B80", "is cut off: interface bytes are missing"},
    {"historical byte missing", "3B0214",
     "is cut off: historical bytes are missing"},
    {"TCK where only T=0 is named", "3B0000",
     "has bytes left over: with T=0 alone there is no TCK"},
    {"TCK where TD1 names T=0", "3B800080",
     "has bytes left over: with T=0 alone there is no TCK"},
    {"TCK missing", "3B8001", "is cut off: TCK is missing"},
    {"TCK wrong", "3B800180",
     "has a wrong TCK, which is the exclusive-or of T0 and all behind it"},
    {"TCK of a reader tester wrong", "3BD6180080B1806D1F038051006110309F",
     "has a wrong TCK, which is the exclusive-or of T0 and all behind it"},
    {"byte behind TCK", "3B80018100", "has bytes left over behind TCK"},
    {"endless TDs",
     "3B80808080808080808080808080808080808080808080808080808080808080"
     "80",
     "is cut off: interface bytes are missing"},
    {"34 bytes",
     "3BFF 000000F0 000000F1 000000F1 00000001"
     "000102030405060708090A0B0C0D0E 01",
     "has more than 33 bytes"},
};

static void
good_ones(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(good); i++) {
        struct bytes in = exact_hex(good[i].text);
        struct atr atr;

        if (!atr_parse(in, &atr))
            fail_msg("refused: %s", good[i].what);
        assert_null(atr_explain(in));
        if (atr.protocols != good[i].protocols ||
            atr.first_protocol != good[i].first ||
            atr.has_tck != good[i].has_tck ||
            atr.historical.n != good[i].historical)
            fail_msg("%s: protocols %04X, first %u, TCK %d, %zu bytes",
                     good[i].what, atr.protocols, atr.first_protocol,
                     atr.has_tck, atr.historical.n);
        if (atr.historical.n != 0) /* in front of TCK, if any */
            assert_ptr_equal(atr.historical.p + atr.historical.n + atr.has_tck,
                             in.p + in.n);
        release(in);
    }
}

static void
bad_ones(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(bad); i++) {
        struct bytes in = exact_hex(bad[i].text);
        struct atr atr;

        if (atr_parse(in, &atr))
            fail_msg("taken: %s", bad[i].what);
        assert_string_equal(atr_explain(in), bad[i].why);
        release(in);
    }
}

/*
 * A beginning of an ATR is none; where it could be one by its form, the
 * historical bytes or TCK are missing.
 */
static void
cut_everywhere(void **state)
{
    struct atr atr;
    size_t i, n;

    (void)state;
    for (i = 0; i < COUNT(good); i++) {
        struct bytes all = exact_hex(good[i].text);

        for (n = 0; n < all.n; n++) {
            struct bytes cut = exact(bytes_slice(all, 0, n));

            assert_false(atr_parse(cut, &atr));
            release(cut);
        }
        release(all);
    }
}

/* TCK covers all from T0 on: no other single byte goes unnoticed. */
static void
every_bit_counts(void **state)
{
    struct bytes all =
        exact_hex("3BFD1300008131FE158073C021C057597562694B657940");
    uint8_t changed[ATR_MAX];
    struct atr atr;
    size_t i;
    int bit;

    (void)state;
    for (i = 0; i < all.n; i++)
        for (bit = 1; bit < 0x100; bit <<= 1) {
            memcpy(changed, all.p, all.n);
            changed[i] ^= (uint8_t)bit;
            if (i == 0 && changed[0] == 0x3F)
                continue; /* the other convention */
            assert_false(atr_parse(bytes_of(changed, all.n), &atr));
        }
    release(all);
}

static void
built_ones(void **state)
{
    static const uint8_t bytes[16] = "historical byte";
    static const unsigned protocols[] = {ATR_T0, ATR_T1, ATR_T0 | ATR_T1};
    uint8_t room[ATR_MAX];
    struct atr atr;
    size_t i, n;

    (void)state;
    for (i = 0; i < COUNT(protocols); i++)
        for (n = 0; n <= ATR_HISTORICAL; n++) {
            struct buf out = BUF(room);

            atr_put(&out, protocols[i], bytes_of(bytes, n));
            assert_false(out.overrun);
            assert_true(atr_parse(buf_bytes(&out), &atr));
            assert_int_equal(atr.protocols, protocols[i]);
            assert_int_equal(atr.first_protocol, protocols[i] == ATR_T1);
            assert_true(bytes_equal(atr.historical, bytes_of(bytes, n)));
        }
}

static void
building_runs_out_of_room(void **state)
{
    static const uint8_t bytes[16] = "historical byte";
    size_t cap;

    (void)state;
    for (cap = 0; cap <= 9; cap++) {
        struct buf out = {malloc(cap), 0, cap, false};

        atr_put(&out, ATR_T0 | ATR_T1, bytes_of(bytes, 3));
        assert_int_equal(out.overrun, cap < 8);
        buf_clear(&out);
        atr_put(&out, ATR_T0, BYTES(bytes)); /* 16 of them */
        assert_true(out.overrun);
        free(out.p);
    }
}

/* What stands in the buffer already is no part of the ATR or of its TCK. */
static void
built_behind_something(void **state)
{
    uint8_t room[2 * ATR_MAX];
    struct buf out = BUF(room);
    struct atr atr;

    (void)state;
    buf_put_u16(&out, 0x1234);
    atr_put(&out, ATR_T1, bytes_of("ab", 2));
    assert_true(atr_parse(bytes_slice(buf_bytes(&out), 2, out.n), &atr));
}

/* Digits with those of the status in place of xx. */
static void
put_status(struct buf *out, const char *digits, const char *status)
{
    char text[80];
    const char *place = strstr(digits, "xx");

    snprintf(text, sizeof(text), "%s", digits);
    if (place != NULL)
        memcpy(text + (place - digits), status, 2);
    assert_true(hex_parse(text, strlen(text), out));
}

static const struct {
    const char *what;
    const char *historical; /* LCS as xx */
    bool has_status;
} statuses[] = {
    {"no historical bytes", "", false},
    {"category 00", "00 xx9000", true},
    {"category 00, more before", "00 31E0 xx9000", true},
    {"category 00, too short", "00 9000", false},
    {"category 10, DIR data reference", "10 81 05", false},
    {"category 80 alone", "80", false},
    {"LCS", "80 81xx", true},
    {"LCS and status word", "80 73C00140 83xx9000", true},
    {"status word alone", "80 829000", false},
    {"cut in the object", "80 83", false},
    {"an object cut before it", "80 7301 81", false},
    {"in front of others", "80 81xx 31E0", true},
};

/* The status changes, the check byte follows, and nothing else does. */
static void
life_cycle_status(void **state)
{
    unsigned protocols;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(statuses); i++)
        for (protocols = ATR_T0; protocols <= (ATR_T0 | ATR_T1); protocols++) {
            uint8_t rooms[4][ATR_MAX];
            struct buf before = BUF(rooms[0]), after = BUF(rooms[1]);
            struct buf old = BUF(rooms[2]), new = BUF(rooms[3]);
            struct atr atr;

            put_status(&old, statuses[i].historical, "05");
            put_status(&new, statuses[i].historical, "0C");
            atr_put(&before, protocols, buf_bytes(&old));
            atr_put(&after, protocols, buf_bytes(&new));
            if (atr_set_life_cycle(&before, 0x0C) != statuses[i].has_status)
                fail_msg("%s", statuses[i].what);
            assert_true(bytes_equal(buf_bytes(&before), buf_bytes(&after)));
            assert_true(atr_parse(buf_bytes(&before), &atr));
        }
}

UNIT_MAIN(cmocka_unit_test(good_ones), cmocka_unit_test(bad_ones),
          cmocka_unit_test(cut_everywhere), cmocka_unit_test(every_bit_counts),
          cmocka_unit_test(built_ones),
          cmocka_unit_test(building_runs_out_of_room),
          cmocka_unit_test(built_behind_something),
          cmocka_unit_test(life_cycle_status))
