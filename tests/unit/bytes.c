/*
 * bytes.c - tests of include/vicc/bytes.h: nothing outside of a view is read,
 * nothing outside of a buffer written.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/bytes.h>

#include "unit.h"

static const uint8_t digits[] = {0, 1, 2, 3, 4, 5, 6, 7};
static const struct bytes nothing = {NULL, 0};

static void
slices_are_cut(void **state)
{
    static const struct {
        size_t from, n, at, count;
    } cases[] = {
        {0, 8, 0, 8}, {0, 0, 0, 0}, {0, 9, 0, 8}, {0, SIZE_MAX, 0, 8},
        {3, 2, 3, 2}, {3, 5, 3, 5}, {3, 6, 3, 5}, {3, SIZE_MAX, 3, 5},
        {8, 0, 8, 0}, {8, 1, 8, 0}, {9, 1, 8, 0}, {SIZE_MAX, SIZE_MAX, 8, 0},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bytes b = bytes_slice(BYTES(digits), cases[i].from, cases[i].n);

        assert_ptr_equal(b.p, digits + cases[i].at);
        assert_int_equal(b.n, cases[i].count);
    }
    assert_null(bytes_slice(nothing, 0, 1).p);
    assert_null(bytes_slice(nothing, 5, 5).p);
    assert_int_equal(bytes_slice(nothing, 5, 5).n, 0);
}

static void
equal_by_content(void **state)
{
    static const uint8_t same[] = {0, 1, 2, 3, 4, 5, 6, 7};
    struct bytes all = BYTES(digits);

    (void)state;
    assert_true(bytes_equal(all, BYTES(same)));
    assert_false(bytes_equal(all, bytes_slice(BYTES(same), 0, 7)));
    assert_false(bytes_equal(bytes_slice(all, 1, 7), bytes_of(same, 7)));
    assert_true(bytes_equal(nothing, bytes_slice(all, 8, 0)));
    assert_true(bytes_equal(nothing, nothing));
    assert_false(bytes_equal(nothing, all));
}

static void
taking_takes_all_or_nothing(void **state)
{
    struct bytes in = BYTES(digits);
    struct bytes out;
    uint8_t u8;
    uint16_t u16;

    (void)state;
    assert_false(bytes_take(&in, 9, &out));
    assert_int_equal(in.n, 8);
    assert_true(bytes_take(&in, 0, &out));
    assert_int_equal(out.n, 0);
    assert_true(bytes_take(&in, 3, &out));
    assert_ptr_equal(out.p, digits);
    assert_int_equal(out.n, 3);
    assert_true(bytes_take_u16(&in, &u16));
    assert_int_equal(u16, 0x0304);
    assert_true(bytes_take_u8(&in, &u8));
    assert_int_equal(u8, 5);
    assert_true(bytes_take_u8(&in, &u8));
    assert_false(bytes_take_u16(&in, &u16));
    assert_int_equal(in.n, 1);
    assert_true(bytes_take_u8(&in, &u8));
    assert_int_equal(u8, 7);
    assert_false(bytes_take_u8(&in, &u8));
    assert_true(bytes_take(&in, 0, &out));
    in = nothing;
    assert_true(bytes_take(&in, 0, &out));
    assert_false(bytes_take(&in, 1, &out));
}

static void
numbers_are_big_endian(void **state)
{
    static const uint8_t ones[] = {0xFF, 0xFE, 0xFD, 0xFC, 0xFB};
    static const uint32_t values[] = {0, 0xFF, 0xFFFE, 0xFFFEFD, 0xFFFEFDFC};
    uint32_t value = 7;
    uint16_t u16 = 7;
    size_t n;

    (void)state;
    for (n = 1; n <= 4; n++) {
        assert_true(bytes_uint(bytes_of(ones, n), &value));
        assert_int_equal(value, values[n]);
        assert_int_equal(bytes_u16(bytes_of(ones, n), &u16), n == 2);
    }
    assert_int_equal(u16, 0xFFFE);
    value = 7;
    assert_false(bytes_uint(nothing, &value));
    assert_false(bytes_uint(bytes_of(ones, 5), &value));
    assert_false(bytes_u16(nothing, &u16));
    assert_int_equal(value, 7);
    assert_int_equal(u16, 0xFFFE);
}

static void
put_many(struct buf *b)
{
    buf_put(b, nothing);
    buf_put_u8(b, 0xA0);
    buf_put_u16(b, 0xA1A2);
    buf_put(b, bytes_of("\xA3\xA4\xA5", 3));
    buf_put_u8(b, 0xA6);
}

/* At each size: what is written was put, in order, and overrun sticks. */
static void
overrun_sticks(void **state)
{
    static const uint8_t all[] = {0xA0, 0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6};
    static const size_t written[] = {0, 1, 1, 3, 3, 3, 6, 7, 7};
    size_t cap;

    (void)state;
    for (cap = 0; cap <= 8; cap++) {
        struct buf b = {malloc(cap), 0, cap, false};

        put_many(&b);
        assert_int_equal(b.overrun, cap < sizeof(all));
        assert_int_equal(b.n, written[cap]);
        assert_true(bytes_equal(buf_bytes(&b), bytes_of(all, b.n)));
        assert_int_equal(buf_room(&b), cap < 7 ? 0 : cap - 7);
        buf_clear(&b);
        assert_int_equal(buf_room(&b), cap);
        assert_false(b.overrun);
        free(b.p);
    }
}

static void
reserve_gives_the_place(void **state)
{
    uint8_t room[4];
    struct buf b = BUF(room);
    struct buf none = {NULL, 0, 0, false};

    (void)state;
    assert_ptr_equal(buf_reserve(&b, 1), room);
    assert_ptr_equal(buf_reserve(&b, 0), room + 1);
    assert_ptr_equal(buf_reserve(&b, 3), room + 1);
    assert_ptr_equal(buf_reserve(&b, 0), room + 4);
    assert_false(b.overrun);
    assert_null(buf_reserve(&b, SIZE_MAX));
    assert_true(b.overrun);
    assert_int_equal(b.n, 4);
    buf_put(&none, nothing);
    assert_false(none.overrun);
    buf_put_u8(&none, 0);
    assert_true(none.overrun);
}

UNIT_MAIN(cmocka_unit_test(slices_are_cut), cmocka_unit_test(equal_by_content),
          cmocka_unit_test(taking_takes_all_or_nothing),
          cmocka_unit_test(numbers_are_big_endian),
          cmocka_unit_test(overrun_sticks),
          cmocka_unit_test(reserve_gives_the_place))
