/*
 * tlv.c - tests of src/iso7816/tlv.c: each form of tag and length, cut at
 * each byte, and built into each size of buffer.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/tlv.h>

#include <vicc/hex.h>

#include "exact.h"
#include "unit.h"

static const size_t lengths[] = {0,      1,      0x7E,   0x7F,    0x80,
                                 0x81,   0xFE,   0xFF,   0x100,   0x101,
                                 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x10001};

/* The bytes that `text` spells, in a heap block of their size. */
static struct bytes
exact_hex(const char *text)
{
    uint8_t room[256];
    struct buf out = BUF(room);

    assert_true(hex_parse(text, strlen(text), &out) && !out.overrun);
    return exact(buf_bytes(&out));
}

static const struct {
    const char *text;
    bool good;
    uint32_t tag;
    size_t left; /* bytes behind it */
} tags[] = {
    {"00", true, 0x00, 0},
    {"1E", true, 0x1E, 0},
    {"62 00", true, 0x62, 1},
    {"FE", true, 0xFE, 0},
    {"1F1F", true, 0x1F1F, 0},
    {"5F2E", true, 0x5F2E, 0},
    {"7F49 81", true, 0x7F49, 1},
    {"FF7F", true, 0xFF7F, 0},
    {"9F8101", true, 0x9F8101, 0},
    {"BFFF7F 00", true, 0xBFFF7F, 1},
    {"", false, 0, 0},
    {"1F", false, 0, 1},
    {"7F", false, 0, 1},
    {"5FAE", false, 0, 2},
    {"5F8181", false, 0, 3},
    {"5F818101", false, 0, 4}, /* 7816-4: at most three bytes */
    {"FFFFFFFF7F", false, 0, 5},
};

static void
tags_alone(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(tags); i++) {
        struct bytes all = exact_hex(tags[i].text);
        struct bytes in = all;
        uint32_t tag = 0;

        assert_int_equal(tlv_take_tag(&in, &tag), tags[i].good);
        assert_int_equal(tag, tags[i].tag);
        assert_int_equal(in.n, tags[i].left);
        release(all);
    }
}

static const struct {
    const char *text;
    bool good;
    size_t length;
    size_t left;
} length_fields[] = {
    {"00", true, 0, 0},
    {"7F FF", true, 0x7F, 1},
    {"8100", true, 0, 0}, /* longer than needed, yet clear */
    {"8180", true, 0x80, 0},
    {"81FF 00", true, 0xFF, 1},
    {"820000", true, 0, 0},
    {"820100", true, 0x100, 0},
    {"82FFFF", true, 0xFFFF, 0},
    {"83010000", true, 0x10000, 0},
    {"83FFFFFF", true, 0xFFFFFF, 0},
    {"8400000001", true, 1, 0},
    {"84FFFFFFFF", true, 0xFFFFFFFF, 0},
    {"", false, 0, 0},
    {"80", false, 0, 1}, /* the indefinite form */
    {"80 0000", false, 0, 3},
    {"81", false, 0, 1},
    {"8201", false, 0, 2},
    {"830100", false, 0, 3},
    {"84000000", false, 0, 4},
    {"850000000001", false, 0, 6},
    {"880000000000000001", false, 0, 9},
    {"FF 01", false, 0, 2},
};

static void
lengths_alone(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(length_fields); i++) {
        struct bytes all = exact_hex(length_fields[i].text);
        struct bytes in = all;
        size_t length = 0;

        assert_int_equal(tlv_take_length(&in, &length), length_fields[i].good);
        assert_int_equal(length, length_fields[i].length);
        assert_int_equal(in.n, length_fields[i].left);
        release(all);
    }
}

/* Any other length than the whole one is malformed, and `in` keeps it. */
static void
cut_everywhere(struct bytes whole, bool (*next)(struct bytes *, struct tlv *))
{
    struct bytes in;
    struct tlv t;
    size_t n, step = whole.n > 0x1000 ? whole.n / 61 : 1;

    for (n = 0; n < whole.n; n += n < 8 || n + step >= whole.n ? 1 : step) {
        struct bytes cut = exact(bytes_slice(whole, 0, n));

        in = cut;
        assert_false(next(&in, &t));
        assert_ptr_equal(in.p, cut.p);
        assert_int_equal(in.n, n);
        release(cut);
    }
}

/* One object of each length, behind it another byte. */
static void
there_and_back(void **state)
{
    static const uint32_t some[] = {0x5A, 0x62, 0x5F2E, 0x7F49, 0x9F8101};
    static uint8_t value[0x10001], room[sizeof(value) + 16];
    size_t i, k;

    (void)state;
    memset(value, 0x5F, sizeof(value));
    for (i = 0; i < COUNT(some); i++)
        for (k = 0; k < COUNT(lengths); k++) {
            struct buf out = BUF(room);
            struct bytes in, whole;
            struct tlv t;

            tlv_put(&out, some[i], bytes_of(value, lengths[k]));
            whole = exact(buf_bytes(&out));
            cut_everywhere(whole, tlv_next);
            release(whole);
            buf_put_u8(&out, 0x99);
            assert_false(out.overrun);
            in = buf_bytes(&out);
            assert_true(tlv_next(&in, &t));
            assert_int_equal(in.n, 1);
            assert_int_equal(t.tag, some[i]);
            assert_int_equal(t.whole.n, out.n - 1);
            assert_ptr_equal(t.whole.p, room);
            assert_true(bytes_equal(t.value, bytes_of(value, lengths[k])));
            assert_false(tlv_next(&in, &t)); /* 99 without a length */
            assert_int_equal(in.n, 1);
        }
}

static void
shortest_length_fields(void **state)
{
    static const char *const fields[] = {
        "00",     "01",     "7E",     "7F",       "8180",
        "8181",   "81FE",   "81FF",   "820100",   "820101",
        "827FFF", "828000", "82FFFF", "83010000", "83010001"};
    uint8_t room[8];
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(lengths); i++) {
        struct buf out = BUF(room);
        struct bytes field = exact_hex(fields[i]);

        tlv_put_length(&out, lengths[i]);
        assert_true(bytes_equal(buf_bytes(&out), field));
        release(field);
    }
}

static void
build(struct buf *out)
{
    size_t outer = tlv_open(out, 0x6F);
    size_t middle = tlv_open(out, 0x7F49);
    size_t inner;

    tlv_put_u8(out, 0x82, 0x38);
    tlv_put_u16(out, 0x83, 0x3F00);
    tlv_close(out, middle);
    inner = tlv_open(out, 0xA5);
    tlv_close(out, inner);
    tlv_put(out, 0x5F2E, bytes_of("abc", 3));
    tlv_close(out, outer);
}

static void
overrun_at_each_size(void **state)
{
    struct bytes all = exact_hex("6F 12 7F4907 820138 83023F00 A500"
                                 "5F2E03616263");
    size_t cap;

    (void)state;
    for (cap = 0; cap < all.n + 2; cap++) {
        struct buf out = {malloc(cap), 0, cap, false};

        build(&out);
        assert_int_equal(out.overrun, cap < all.n);
        if (!out.overrun)
            assert_true(bytes_equal(buf_bytes(&out), all));
        free(out.p);
    }
    assert_true(tlv_is_valid(all));
    release(all);
}

/* Three levels around contents of each length; lengths move what is inside. */
static void
nested_builder(void **state)
{
    static uint8_t content[0x10001], room[sizeof(content) + 32];
    struct bytes in;
    struct tlv t;
    size_t i, k, open[3];

    (void)state;
    for (k = 0; k < sizeof(content); k++)
        content[k] = (uint8_t)(k % 251);
    for (i = 0; i < COUNT(lengths); i++) {
        struct buf out = BUF(room);

        buf_put_u8(&out, 0x77); /* what stood there before stays */
        for (k = 0; k < 3; k++)
            open[k] = tlv_open(&out, 0x7F61 + (uint32_t)k);
        buf_put(&out, bytes_of(content, lengths[i]));
        for (k = 3; k-- > 0;)
            tlv_close(&out, open[k]);
        assert_false(out.overrun);
        assert_int_equal(room[0], 0x77);
        in = bytes_slice(buf_bytes(&out), 1, out.n);
        for (k = 0; k < 3; k++) {
            assert_true(tlv_next(&in, &t));
            assert_int_equal(in.n, 0);
            assert_int_equal(t.tag, 0x7F61 + k);
            in = t.value;
        }
        assert_true(bytes_equal(in, bytes_of(content, lengths[i])));
    }
}

static void
finding(void **state)
{
    struct bytes all = exact_hex("8001AA 6203830155 8001BB 830199 8A");
    struct bytes good = bytes_slice(all, 0, all.n - 1);
    struct tlv t;

    (void)state;
    assert_true(tlv_find(all, 0x80, &t));
    assert_int_equal(t.value.p[0], 0xAA);
    assert_true(tlv_find(all, 0x83, &t)); /* on this level, not inside 62 */
    assert_int_equal(t.value.p[0], 0x99);
    assert_false(tlv_find(all, 0x8A, &t));
    assert_false(tlv_find(all, 0x84, &t));
    assert_false(tlv_find(bytes_of(NULL, 0), 0x80, &t));
    assert_true(tlv_is_valid(good));
    assert_false(tlv_is_valid(all));
    assert_true(tlv_is_valid(bytes_of(NULL, 0)));
    release(all);
}

static void
constructed(void **state)
{
    (void)state;
    assert_true(tlv_is_constructed(0x62));
    assert_true(tlv_is_constructed(0x7F49));
    assert_true(tlv_is_constructed(0xBF8101));
    assert_false(tlv_is_constructed(0x82));
    assert_false(tlv_is_constructed(0x5F2E));
    assert_false(tlv_is_constructed(0x9FE101));
    assert_false(tlv_is_constructed(0x00));
}

static const struct {
    const char *text;
    bool good;
    size_t n;
} simple[] = {
    {"0100", true, 0},      {"FE00", true, 0},
    {"01 01 AA", true, 1},  {"01 FF 0000", true, 0},
    {"0000", false, 0},     {"FF00", false, 0},
    {"00", false, 0},       {"", false, 0},
    {"01", false, 0},       {"0101", false, 0},
    {"01FF", false, 0},     {"01FF00", false, 0},
    {"01FF0001", false, 0}, {"01 FF 0001 AA", true, 1},
};

static void
simple_forms(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(simple); i++) {
        struct bytes all = exact_hex(simple[i].text);
        struct bytes in = all;
        struct tlv t;

        assert_int_equal(simple_tlv_next(&in, &t), simple[i].good);
        assert_int_equal(in.n, simple[i].good ? 0 : all.n);
        if (simple[i].good) {
            assert_int_equal(t.tag, all.p[0]);
            assert_int_equal(t.value.n, simple[i].n);
            assert_true(bytes_equal(t.whole, all));
        }
        release(all);
    }
}

static void
simple_lengths(void **state)
{
    static uint8_t room[4 + 0xFFFF];
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(lengths) && lengths[i] <= 0xFFFF; i++) {
        struct buf out = BUF(room);
        struct bytes whole, in;
        struct tlv t;

        buf_put_u8(&out, 0x81);
        if (lengths[i] < 0xFF) {
            buf_put_u8(&out, (uint8_t)lengths[i]);
        } else {
            buf_put_u8(&out, 0xFF);
            buf_put_u16(&out, (uint16_t)lengths[i]);
        }
        memset(buf_reserve(&out, lengths[i]), 0xFF, lengths[i]);
        whole = exact(buf_bytes(&out));
        cut_everywhere(whole, simple_tlv_next);
        in = whole;
        assert_true(simple_tlv_next(&in, &t));
        assert_int_equal(in.n, 0);
        assert_int_equal(t.value.n, lengths[i]);
        assert_int_equal(t.tag, 0x81);
        release(whole);
    }
}

UNIT_MAIN(cmocka_unit_test(tags_alone), cmocka_unit_test(lengths_alone),
          cmocka_unit_test(there_and_back),
          cmocka_unit_test(shortest_length_fields),
          cmocka_unit_test(overrun_at_each_size),
          cmocka_unit_test(nested_builder), cmocka_unit_test(finding),
          cmocka_unit_test(constructed), cmocka_unit_test(simple_forms),
          cmocka_unit_test(simple_lengths))
