/*
 * handler-test.c - tests of src/cards/handler-test: all lengths of all cases,
 * which scripts cannot write down, and the waiting.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdio.h>

#include <vicc/types.h>

#include "exact.h"
#include "exchange.h"
#include "unit.h"

#define DATA_MAX (CARD_RESPONSE_MAX - 2)

static const size_t lengths[] = {1,      2,      0x7F,   0x80,   0xFF,
                                 0x100,  0x101,  0x7FFF, 0x8000, 0xFFFC,
                                 0xFFFD, 0xFFFE, 0xFFFF};

static uint8_t room[CARD_COMMAND_MAX + 16];

static uint16_t
sw_of(struct bytes rsp)
{
    return (uint16_t)(rsp.p[rsp.n - 2] << 8 | rsp.p[rsp.n - 1]);
}

/* Appends the command of P1-P2 = n, with nc data bytes and ne. */
static struct bytes
command(uint8_t ins, size_t n, size_t nc, size_t ne)
{
    struct buf out = BUF(room);
    char header[9];

    snprintf(header, sizeof(header), "80%02X%04zX", ins, n);
    put_command(&out, header, nc, 0xFF, ne);
    assert_false(out.overrun);
    return buf_bytes(&out);
}

static void
assert_counting(struct bytes data, size_t from)
{
    size_t i;

    for (i = 0; i < data.n; i++)
        assert_int_equal(data.p[i], (from + i) & 0xFF);
}

/* What a response of n counting bytes to a command with ne must be. */
static void
assert_answer(struct card *card, struct bytes rsp, size_t n, size_t ne)
{
    size_t at = 0;

    if (n > DATA_MAX) {
        assert_int_equal(sw_of(rsp), 0x6700);
        return;
    }
    if (ne != 0 && n != ne && n <= 0xFF) {
        assert_int_equal(sw_of(rsp), 0x6C00 | n);
        return;
    }
    while (sw_of(rsp) >> 8 == 0x61) {
        size_t left = n - at - (rsp.n - 2);

        assert_counting(bytes_slice(rsp, 0, rsp.n - 2), at);
        at += rsp.n - 2;
        assert_int_equal(sw_of(rsp) & 0xFF, left > 0xFF ? 0 : left);
        rsp = transmit_hex(card, "80C0000000");
    }
    assert_int_equal(sw_of(rsp), 0x9000);
    assert_counting(bytes_slice(rsp, 0, rsp.n - 2), at);
    assert_int_equal(at + rsp.n - 2, n);
}

static void
case_2(void **state)
{
    static const size_t nes[] = {1,      2,      0x7F,   0x80,   0xFF,
                                 0x100,  0x101,  0x7FFF, 0x8000, 0xFFFC,
                                 0xFFFD, 0xFFFE, 0xFFFF, 0x10000};
    struct card *card = fresh_card(&handler_test_card, "");
    size_t i, k;

    (void)state;
    for (i = 0; i < COUNT(lengths); i++)
        for (k = 0; k < COUNT(nes); k++)
            assert_answer(card,
                          transmit(card, command(0x34, lengths[i], 0, nes[k])),
                          lengths[i], nes[k]);
    card_free(&card);
}

static void
case_3(void **state)
{
    struct card *card = fresh_card(&handler_test_card, "");
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(lengths) && lengths[i] <= CARD_COMMAND_MAX - 7; i++) {
        assert_int_equal(sw_of(transmit(card, command(0x32, 0, lengths[i], 0))),
                         0x9000);
        if (lengths[i] > 0xFF)
            assert_int_equal(
                sw_of(transmit(card, command(0x12, 0x0180, lengths[i], 0))),
                0x9000);
    }
    assert_int_equal(sw_of(transmit(card, command(0x12, 0x0181, 256, 0))),
                     0x6A86);
    assert_int_equal(sw_of(transmit(card, command(0x12, 0x0080, 256, 0))),
                     0x6A86);
    card_free(&card);
}

/* With Le an APDU; without a TPDU, or by option an APDU all the same. */
static void
case_4(void **state)
{
    static const size_t nes[] = {0, 1, 0xFF, 0x100, 0x101, 0xFFFD, 0x10000};
    static const char *const modes[] = {"", "case4=tpdu", "case4=apdu"};
    size_t i, k, m;

    (void)state;
    for (m = 0; m < COUNT(modes); m++)
        for (i = 0; i < COUNT(lengths); i++)
            for (k = 0; k < COUNT(nes); k++) {
                struct card *card = fresh_card(&handler_test_card, modes[m]);
                struct bytes rsp =
                    transmit(card, command(0x36, lengths[i],
                                           lengths[i] % 251 + 1, nes[k]));

                if (nes[k] == 0 && lengths[i] <= DATA_MAX)
                    assert_int_equal(rsp.n, m == 2 ? lengths[i] + 2 : 2);
                assert_answer(card, rsp, lengths[i], nes[k]);
                assert_int_equal(transmit_sw(card, "80C0000001"), 0x6985);
                card_free(&card);
            }
}

static void
extended_case_2(void **state)
{
    struct card *card = fresh_card(&handler_test_card, "");
    size_t i, k;

    (void)state;
    for (i = 0; i < COUNT(lengths); i++) {
        uint8_t apdu[] = {0x80,
                          0x00,
                          0x04,
                          0x5A,
                          0x00,
                          (uint8_t)(lengths[i] >> 8),
                          (uint8_t)lengths[i]};
        struct bytes rsp = transmit(card, BYTES(apdu));

        if (lengths[i] > DATA_MAX) {
            assert_int_equal(sw_of(rsp), 0x6700);
            continue;
        }
        assert_int_equal(rsp.n, lengths[i] + 2);
        assert_int_equal(sw_of(rsp), 0x9000);
        for (k = 0; k < lengths[i]; k++)
            assert_int_equal(rsp.p[k], 0x5A);
    }
    assert_int_equal(transmit_sw(card, "8000055A000001"), 0x6A86);
    card_free(&card);
}

/* Asks its host to hold one answer back, and no other. */
static void
waiting(void **state)
{
    static const unsigned tenths[] = {0, 1, 2, 0x7F, 0xFF};
    struct card *card = fresh_card(&handler_test_card, "");
    char text[16];
    size_t i;

    (void)state;
    assert_int_equal(card_wait_ms(card), 0);
    for (i = 0; i < COUNT(tenths); i++) {
        snprintf(text, sizeof(text), "803800%02X", tenths[i]);
        assert_int_equal(transmit_sw(card, text), 0x9000);
        assert_int_equal(card_wait_ms(card), tenths[i] * 100);
        if (i % 2 == 0) {
            assert_int_equal(transmit_sw(card, "80300000"), 0x9000);
            assert_int_equal(card_wait_ms(card), 0);
        }
    }
    assert_int_equal(transmit_sw(card, "8038000301AA"), 0x6700);
    assert_int_equal(card_wait_ms(card), 0);
    assert_int_equal(transmit_sw(card, "80380003"), 0x9000);
    card_power(card, CARD_RESET);
    assert_int_equal(card_wait_ms(card), 0);
    card_free(&card);
}

UNIT_MAIN(cmocka_unit_test(case_2), cmocka_unit_test(case_3),
          cmocka_unit_test(case_4), cmocka_unit_test(extended_case_2),
          cmocka_unit_test(waiting))
