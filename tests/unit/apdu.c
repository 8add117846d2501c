/*
 * apdu.c - tests of src/iso7816/apdu.c: the seven cases at their limits, and
 * every body that is none of them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/apdu.h>

#include "exact.h"
#include "unit.h"

#define APDU_MAX (4 + 3 + 65535 + 2)

static void
put_length(struct buf *out, size_t n, bool extended)
{
    if (extended)
        buf_put_u16(out, (uint16_t)n);
    else
        buf_put_u8(out, (uint8_t)n);
}

/* ISO/IEC 7816-3:2006 12.1.3, the other way round: Nc and Ne to bytes. */
static void
put_apdu(struct buf *out, size_t nc, size_t ne, bool extended)
{
    size_t i;

    buf_put(out, bytes_of("\x00\xB0\x12\x34", 4));
    if (extended && (nc != 0 || ne != 0))
        buf_put_u8(out, 0);
    if (nc != 0)
        put_length(out, nc, extended);
    for (i = 0; i < nc; i++)
        buf_put_u8(out, (uint8_t)(i * 5 + 1));
    if (ne != 0)
        put_length(out, ne, extended);
}

static void
assert_parsed(struct bytes apdu, size_t nc, size_t ne, bool extended)
{
    size_t most = extended ? 65536 : 256;
    struct capdu c;
    size_t i;

    assert_true(capdu_parse(apdu, &c));
    assert_int_equal(c.ins, 0xB0);
    assert_int_equal(c.p1, 0x12);
    assert_int_equal(c.p2, 0x34);
    assert_int_equal(c.data.n, nc);
    assert_int_equal(c.ne, ne);
    assert_int_equal(c.ne_open, ne == most);
    assert_int_equal(c.extended, extended);
    for (i = 0; i < nc; i++)
        assert_int_equal(c.data.p[i], (uint8_t)(i * 5 + 1));
    if (nc != 0)
        assert_ptr_equal(c.data.p, apdu.p + (extended ? 7 : 5));
}

static void
seven_cases(void **state)
{
    static const size_t ncs[] = {0, 1, 2, 0x7F, 0x80, 0xFF, 0x100, 0xFFFF};
    static const size_t nes[] = {0,    1,     2,      0x7F,   0x80,
                                 0xFF, 0x100, 0x7FFF, 0xFFFF, 0x10000};
    uint8_t *room = malloc(APDU_MAX);
    size_t i, k;

    (void)state;
    for (i = 0; i < COUNT(ncs); i++)
        for (k = 0; k < COUNT(nes); k++) {
            struct buf apdu = {room, 0, APDU_MAX, false};

            if (ncs[i] <= 0xFF && nes[k] <= 0x100) {
                put_apdu(&apdu, ncs[i], nes[k], false);
                struct bytes in = exact(buf_bytes(&apdu));
                assert_parsed(in, ncs[i], nes[k], false);
                release(in);
            }
            if (ncs[i] == 0 && nes[k] == 0)
                continue;
            buf_clear(&apdu);
            put_apdu(&apdu, ncs[i], nes[k], true);
            struct bytes in = exact(buf_bytes(&apdu));
            assert_parsed(in, ncs[i], nes[k], true);
            release(in);
        }
    free(room);
}

/* The decoding of ISO/IEC 7816-3:2006 12.1.3 as it stands there. */
static bool
is_a_case(struct bytes body)
{
    size_t n = body.n;
    size_t l;

    if (n <= 1)
        return true; /* 1, 2S */
    if (body.p[0] != 0)
        return n == body.p[0] + 1u || n == body.p[0] + 2u; /* 3S, 4S */
    if (n < 3)
        return false;
    l = (size_t)body.p[1] << 8 | body.p[2];
    if (n == 3)
        return true;                             /* 2E */
    return l != 0 && (n == l + 3 || n == l + 5); /* 3E, 4E */
}

static void
check_body(const uint8_t *apdu, size_t n)
{
    struct bytes in = exact(bytes_of(apdu, n));
    struct capdu c;

    assert_int_equal(capdu_parse(in, &c),
                     n >= 4 && is_a_case(bytes_slice(in, 4, n)));
    if (n >= 4)
        assert_int_equal(c.ins, 0xB0);
    release(in);
}

/* All values of the first and second length byte, at each length nearby. */
static void
lengths_that_do_not_fit(void **state)
{
    static uint8_t apdu[4 + 70000] = {0x00, 0xB0, 0x00, 0x00};
    size_t n, l;

    (void)state;
    for (l = 0; l < 256; l++)
        for (n = 0; n < 4 + 262; n++) {
            apdu[4] = (uint8_t)l;
            check_body(apdu, n);
        }
    apdu[4] = 0;
    for (l = 0; l < 0x10000; l += l < 0x210 || l > 0xFFF0 ? 1 : 0x71) {
        apdu[5] = (uint8_t)(l >> 8);
        apdu[6] = (uint8_t)l;
        for (n = l > 4 ? l - 4 : 0; n < l + 7; n++)
            check_body(apdu, 4 + n);
        for (n = 0; n < 8; n++)
            check_body(apdu, 4 + n);
    }
}

static void
headers_cut(void **state)
{
    static const uint8_t header[] = {0x8C, 0xB0, 0x12, 0x34};
    struct capdu c;
    size_t n;

    (void)state;
    for (n = 0; n < 4; n++) {
        struct bytes in = exact(bytes_of(header, n));

        assert_false(capdu_parse(in, &c));
        assert_int_equal(c.raw_cla | c.ins | c.p1 | c.p2, 0);
        release(in);
    }
    assert_false(capdu_parse(bytes_of(NULL, 0), &c));
    assert_true(capdu_parse(BYTES(header), &c));
    assert_int_equal(c.raw_cla, 0x8C);
    assert_int_equal(c.p2, 0x34);
    assert_int_equal(c.ne, 0);
    assert_false(c.extended);
}

/* Header fields are there although the lengths are not. */
static void
header_of_a_malformed_one(void **state)
{
    static const uint8_t apdu[] = {0x13, 0xA4, 0x04, 0x0C, 0x03, 0x01, 0x02};
    struct capdu c;

    (void)state;
    assert_false(capdu_parse(BYTES(apdu), &c));
    assert_int_equal(c.cla, 0x00);
    assert_int_equal(c.raw_cla, 0x13);
    assert_int_equal(c.ins, 0xA4);
    assert_int_equal(c.p1, 0x04);
    assert_int_equal(c.p2, 0x0C);
    assert_int_equal(c.channel, 3);
    assert_true(c.chained);
}

/* ISO/IEC 7816-4:2013 5.4.1, tables 2 and 3, bit by bit. */
static void
every_class(void **state)
{
    uint8_t apdu[4] = {0};
    struct capdu c;
    unsigned cla;

    (void)state;
    for (cla = 0; cla < 0x100; cla++) {
        bool first = cla < 0x20;
        bool further = cla >= 0x40 && cla < 0x80;

        apdu[0] = (uint8_t)cla;
        assert_true(capdu_parse(BYTES(apdu), &c));
        assert_int_equal(c.raw_cla, cla);
        assert_int_equal(capdu_is_interindustry(&c), first || further);
        assert_int_equal(c.cla, first || further ? 0 : cla);
        assert_int_equal(c.chained, (first || further) && (cla & 0x10) != 0);
        assert_int_equal(c.channel, first     ? cla % 4
                                    : further ? 4 + cla % 16
                                              : 0);
        assert_int_equal(c.sm, first     ? cla / 4 % 4
                               : further ? (cla & 0x20 ? SM_STANDARD : SM_NONE)
                                         : SM_NONE);
    }
}

UNIT_MAIN(cmocka_unit_test(seven_cases),
          cmocka_unit_test(lengths_that_do_not_fit),
          cmocka_unit_test(headers_cut),
          cmocka_unit_test(header_of_a_malformed_one),
          cmocka_unit_test(every_class))
