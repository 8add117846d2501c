/*
 * create.c - tests of src/cos/create.c: what a card type can and cannot put
 * into a fresh card, and the bytes that it saves later.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>

#include <vicc/hex.h>

#include "cos/internal.h"
#include "exact.h"
#include "one_card.h"
#include "unit.h"

/* The bytes that `text` spells, good for a few calls. */
static struct bytes
hex(const char *text)
{
    static uint8_t rooms[4][64];
    static unsigned next;
    struct buf out = {rooms[next++ % 4], 0, 64, false};

    assert_true(hex_parse(text, strlen(text), &out) && !out.overrun);
    return buf_bytes(&out);
}

static const struct {
    const char *path;
    const char *fcp;
    int err;
} files[] = {
    {"", "800101 820101 83023001", 0},
    {"1000", "800101 820101 83023001", 0},
    {"", "820138 83023000", 0},
    {"3000", "800101 820101 83023001", 0},
    {"3000", "800101 820101 83023001", -EEXIST}, /* it is there */
    {"", "820138 83023F00", -EINVAL},            /* another MF */
    {"", "820101", -EINVAL},
    {"", "8004FFFFFFFF 820101 83023002", -ENOSPC},
    {"1234", "800101 820101 83023001", -ENOENT},
    {"10", "800101 820101 83023001", -ENOENT},
    {"1001", "800101 820101 83023001", -ENOENT},
    {"2F00", "800101 820101 83023001", -ENOENT}, /* nothing is in an EF */
    {"10001001", "820138 83023003", -ENOENT},
};

static void
adding_files(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(files); i++) {
        int err = cos_add_file(card, hex(files[i].path), hex(files[i].fcp));

        if (err != files[i].err)
            fail_msg("%s in %s gives %d", files[i].fcp, files[i].path, err);
        if (err != 0)
            state_rollback(&card->state);
        else
            assert_int_equal(state_commit(&card->state), 0);
    }
    assert_int_equal(transmit_sw(card, "00A4080C0430003001"), 0x9000);
    assert_int_equal(transmit_sw(card, "00A4080C0410003001"), 0x9000);
}

static void
setting_content(void **state)
{
    struct bytes rsp;

    (void)state;
    assert_int_equal(cos_set_content(card, hex("10001001"), hex("616263")), 0);
    assert_int_equal(cos_set_content(card, hex("10001001"), hex("")), 0);
    assert_int_equal(cos_set_content(card, hex("1000"), hex("61")), -EINVAL);
    assert_int_equal(cos_set_content(card, hex(""), hex("61")), -EINVAL);
    assert_int_equal(cos_set_content(card, hex("1001"), hex("61")), -ENOENT);
    assert_int_equal(
        cos_set_content(card, hex("10001001"),
                        hex("00000000000000000000000000000000000000")),
        -EINVAL); /* a byte too many */
    assert_int_equal(state_commit(&card->state), 0);
    assert_int_equal(transmit_sw(card, "00A4080C0410001001"), 0x9000);
    rsp = transmit_hex(card, "00B0000005");
    assert_memory_equal(rsp.p, "abclo\x90\x00", 7);
}

static void
assert_saved(uint16_t number, const char *text)
{
    struct bytes value = bytes_of(NULL, 0);

    assert_int_equal(cos_saved(card, number, &value), text != NULL);
    if (text != NULL)
        assert_true(bytes_equal(value, hex(text)));
}

/* Each number has a value of its own, of any length, or none. */
static void
saving(void **state)
{
    (void)state;
    assert_saved(0, NULL);
    assert_int_equal(cos_save(card, 0, hex("")), 0);
    assert_int_equal(cos_save(card, 0xFFFF, hex("A1A2")), 0);
    assert_int_equal(cos_save(card, 0x0100, hex("B1")), 0);
    assert_int_equal(state_commit(&card->state), 0);
    assert_saved(0, "");
    assert_saved(0xFFFF, "A1A2");
    assert_saved(0x0100, "B1");
    assert_saved(0x0001, NULL);
    assert_int_equal(cos_save(card, 0xFFFF, hex("C1C2C3C4C5")), 0);
    assert_int_equal(cos_save(card, 0x0100, hex("")), 0);
    assert_int_equal(cos_save(card, 0x0001, hex("D1")), 0);
    assert_saved(0xFFFF, "C1C2C3C4C5");
    assert_saved(0x0100, "");
    state_rollback(&card->state);
    assert_saved(0xFFFF, "A1A2");
    assert_saved(0x0100, "B1");
    assert_saved(0x0001, NULL);
    card_power(card, CARD_RESET);
    assert_saved(0xFFFF, "A1A2");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

UNIT_MAIN(TEST(adding_files), TEST(setting_content), TEST(saving))
