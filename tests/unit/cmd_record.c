/*
 * cmd_record.c - tests of src/cos/cmd_record.c and its kin that a script
 * cannot spell: long records, full EFs, and each protocol. The clauses are in
 * tests/scripts/iso7816.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/hex.h>
#include <vicc/tlv.h>
#include <vicc/types.h>

#include "exact.h"
#include "exchange.h"
#include "unit.h"

#define NC_MAX (CARD_COMMAND_MAX - 7) /* data bytes of one extended case 3 */
#define NE_MAX 65536
#define NR_MAX (CARD_RESPONSE_MAX - 2)

enum {
    LINEAR_FIXED = 0x02,
    LINEAR_VARIABLE = 0x04,
    CYCLIC = 0x06,
    WRITE_AND = 0x80, /* with one of these; it becomes the data coding byte */
};

static const uint8_t structures[] = {LINEAR_FIXED, LINEAR_VARIABLE, CYCLIC};
static const size_t lengths[] = {1,     2,     0x7F,   0x80,   0xFF,  0x100,
                                 0x101, 0x1FF, 0x7FFF, 0x8000, NC_MAX};

static uint8_t room[CARD_COMMAND_MAX + 1];

/* One command with nc bytes counting from `first`; SW1-SW2, data in *rsp. */
static uint16_t
run(struct card *card, const char *header, size_t nc, uint8_t first, size_t ne,
    struct bytes *rsp)
{
    struct buf command = BUF(room);
    struct bytes all;
    uint16_t sw = 0;

    put_command(&command, header, nc, first, ne);
    assert_false(command.overrun);
    all = transmit(card, buf_bytes(&command));
    assert_true(bytes_u16(bytes_slice(all, all.n - 2, 2), &sw));
    if (rsp != NULL)
        *rsp = bytes_slice(all, 0, all.n - 2);
    return sw;
}

/* An EF that becomes current, whose records have at most `length` bytes. */
static void
create(struct card *card, uint8_t structure, size_t length, uint32_t capacity)
{
    const uint8_t size[] = {(uint8_t)(capacity >> 24),
                            (uint8_t)(capacity >> 16), (uint8_t)(capacity >> 8),
                            (uint8_t)capacity};
    const uint8_t descriptor[] = {
        (uint8_t)(structure & ~WRITE_AND),
        (uint8_t)(structure & WRITE_AND ? 0x61 : 0x01),
        (uint8_t)(length >> 8),
        (uint8_t)length,
    };
    struct buf command = BUF(room);
    struct bytes rsp;
    size_t open;

    buf_put(&command, bytes_of("\x00\xE0\x00\x00\x15", 5));
    open = tlv_open(&command, 0x62);
    tlv_put(&command, 0x80, BYTES(size));
    tlv_put(&command, 0x82, BYTES(descriptor));
    tlv_put_u16(&command, 0x83, 0x2001);
    tlv_put_u8(&command, 0x88, 0xA8);
    tlv_close(&command, open);
    assert_int_equal(command.n, 5 + 0x15);
    rsp = transmit(card, buf_bytes(&command));
    assert_int_equal(rsp.n, 2);
    assert_int_equal(rsp.p[0], 0x90);
}

static void
counts_from(struct bytes data, uint8_t first)
{
    size_t i;

    for (i = 0; i < data.n; i++)
        assert_int_equal(data.p[i], (uint8_t)(first + i));
}

static void
whole_records(struct card *card, uint8_t structure, size_t n)
{
    bool is_cyclic = structure == CYCLIC;
    struct bytes rsp;

    create(card, structure, n, (uint32_t)(2 * n));
    assert_int_equal(run(card, "00E20000", n, 1, 0, NULL), 0x9000);
    assert_int_equal(run(card, "00E20000", n, 2, 0, NULL), 0x9000);
    assert_int_equal(run(card, "00B20104", 0, 0, NE_MAX, &rsp), 0x9000);
    assert_int_equal(rsp.n, n);
    counts_from(rsp, is_cyclic ? 2 : 1);
    assert_int_equal(run(card, "00DC0204", n, 7, 0, NULL), 0x9000);
    assert_int_equal(run(card, "00B20204", 0, 0, NE_MAX, &rsp), 0x9000);
    assert_int_equal(rsp.n, n);
    counts_from(rsp, 7);
    /* both, as far as they fit into one response */
    assert_int_equal(run(card, "00B20105", 0, 0, NE_MAX, &rsp), 0x9000);
    assert_int_equal(rsp.n, 2 * n < NR_MAX ? 2 * n : NR_MAX);
    assert_int_equal(run(card, "00E20000", n, 9, 0, NULL),
                     is_cyclic ? 0x9000 : 0x6A84);
}

static void
every_length(void **state)
{
    size_t i, j;

    (void)state;
    for (i = 0; i < COUNT(structures); i++)
        for (j = 0; j < COUNT(lengths); j++) {
            struct card *card = fresh_card(&iso7816_card, "");

            whole_records(card, structures[i], lengths[j]);
            card_free(&card);
        }
}

/* One byte more than a record has, or less, is refused where it is fixed. */
static void
other_lengths(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(lengths) - 1; i++) {
        struct card *card = fresh_card(&iso7816_card, "");
        size_t n = lengths[i];

        create(card, LINEAR_FIXED, n, (uint32_t)(2 * n));
        assert_int_equal(run(card, "00E20000", n + 1, 0, 0, NULL), 0x6700);
        assert_int_equal(run(card, "00E20000", n - 1, 0, 0, NULL), 0x6700);
        assert_int_equal(run(card, "00E20000", n, 0, 0, NULL), 0x9000);
        assert_int_equal(run(card, "00DC0104", n + 1, 0, 0, NULL), 0x6700);
        assert_int_equal(run(card, "00DC0104", n - 1, 0, 0, NULL), 0x6700);
        assert_int_equal(run(card, "00D20104", n + 1, 0, 0, NULL), 0x6700);
        card_free(&card);
    }
}

/* Reads part of record 1 by its offset and compares; returns how much. */
static size_t
read_part(struct card *card, size_t offset, size_t ne)
{
    const uint8_t digits[] = {(uint8_t)(offset >> 8), (uint8_t)offset};
    struct buf command = BUF(room);
    struct bytes rsp;
    struct tlv t;

    buf_put(&command, bytes_of("\x00\xB3\x01\x04\x00\x00\x04\x54\x02", 9));
    buf_put(&command, BYTES(digits));
    buf_put_u16(&command, (uint16_t)ne);
    rsp = transmit(card, buf_bytes(&command));
    assert_int_equal(rsp.p[rsp.n - 2], 0x90);
    rsp.n -= 2;
    assert_true(rsp.n <= ne || ne == 0);
    assert_true(tlv_next(&rsp, &t) && rsp.n == 0);
    assert_int_equal(t.tag, 0x53);
    counts_from(t.value, (uint8_t)(1 + offset));
    return t.value.n;
}

/* The longest record needs a chain, and two commands to read. */
static void
longest_record(void **state)
{
    struct card *card = fresh_card(&iso7816_card, "");
    struct bytes rsp;

    (void)state;
    create(card, LINEAR_FIXED, 0xFFFF, 0xFFFF);
    assert_int_equal(run(card, "10E20000", 0x8000, 1, 0, NULL), 0x9000);
    assert_int_equal(run(card, "00E20000", 0x7FFF, 1, 0, NULL), 0x9000);
    assert_int_equal(run(card, "00B20104", 0, 0, NE_MAX, &rsp), 0x9000);
    assert_int_equal(rsp.n, NR_MAX);
    counts_from(rsp, 1);
    assert_int_equal(read_part(card, 0, 0), NR_MAX - 4);
    assert_int_equal(read_part(card, 0xFFFE, 0), 1);
    assert_int_equal(read_part(card, 0xFF00, 0), 0xFF);
    /* what fits into Ne, where the length field grows */
    assert_int_equal(read_part(card, 0, 2), 0);
    assert_int_equal(read_part(card, 0, 0x81), 0x7F);
    assert_int_equal(read_part(card, 0, 0x82), 0x7F);
    assert_int_equal(read_part(card, 0, 0x83), 0x80);
    assert_int_equal(read_part(card, 0, 0x102), 0xFF);
    assert_int_equal(read_part(card, 0, 0x103), 0xFF);
    assert_int_equal(read_part(card, 0, 0x104), 0x100);
    card_free(&card);
}

/* WRITE and ERASE change a record piece by piece: here AND, bit by bit. */
static void
long_changes(void **state)
{
    struct card *card = fresh_card(&iso7816_card, "");
    struct bytes rsp;
    size_t i;

    (void)state;
    create(card, LINEAR_FIXED | WRITE_AND, 0x301, 0x602);
    assert_int_equal(run(card, "00E20000", 0x301, 1, 0, NULL), 0x9000);
    assert_int_equal(run(card, "00D20104", 0x301, 4, 0, NULL), 0x9000);
    assert_int_equal(run(card, "00B20104", 0, 0, NE_MAX, &rsp), 0x9000);
    assert_int_equal(rsp.n, 0x301);
    for (i = 0; i < rsp.n; i++)
        assert_int_equal(rsp.p[i], (uint8_t)(1 + i) & (uint8_t)(4 + i));
    assert_int_equal(run(card, "00E20000", 0x301, 1, 0, NULL), 0x9000);
    assert_int_equal(run(card, "000C0104", 0, 0, 0, NULL), 0x9000);
    assert_int_equal(run(card, "00B20104", 0, 0, NE_MAX, &rsp), 0x9000);
    for (i = 0; i < rsp.n; i++)
        assert_int_equal(rsp.p[i], 0xFF);
    assert_int_equal(run(card, "00B20204", 0, 0, NE_MAX, &rsp), 0x9000);
    counts_from(rsp, 1);
    card_free(&card);
}

/* Le 00 of one byte asks for 256 at most. */
static void
short_le(void **state)
{
    struct card *card = fresh_card(&iso7816_card, "");
    struct bytes rsp;

    (void)state;
    create(card, LINEAR_VARIABLE, 0x200, 0x400);
    assert_int_equal(run(card, "00E20000", 0x101, 1, 0, NULL), 0x9000);
    rsp = transmit_hex(card, "00B2010400");
    assert_int_equal(rsp.n, 0x100 + 2);
    counts_from(bytes_slice(rsp, 0, 0x100), 1);
    assert_int_equal(rsp.p[0x100], 0x90);
    card_free(&card);
}

/* Numbers end at 254: FF is reserved. */
static void
most_records(void **state)
{
    size_t i, j;

    (void)state;
    for (i = 0; i < COUNT(structures); i++) {
        struct card *card = fresh_card(&iso7816_card, "");
        bool is_cyclic = structures[i] == CYCLIC;
        struct bytes rsp;

        create(card, structures[i], 1, 0x400);
        for (j = 1; j <= 254; j++)
            assert_int_equal(run(card, "00E20000", 1, (uint8_t)j, 0, NULL),
                             0x9000);
        assert_int_equal(run(card, "00E20000", 1, 0xFF, 0, NULL),
                         is_cyclic ? 0x9000 : 0x6A84);
        assert_int_equal(run(card, "00B2FE04", 0, 0, 1, &rsp), 0x9000);
        assert_int_equal(rsp.p[0], is_cyclic ? 2 : 254);
        assert_int_equal(run(card, "00A20104", 1, 0xFE, 0x100, &rsp), 0x9000);
        assert_int_equal(rsp.n, 1);
        assert_int_equal(rsp.p[0], is_cyclic ? 2 : 254);
        card_free(&card);
    }
}

#define THREE "00E0000010 620E 82050200000303 83022001 8801A8"

static const struct exchange t0_script[] = {
    {"three records of three bytes", THREE, "9000"},
    {"exact Le", "00B2010403", "000000 9000"},
    {"part of a record", "00B2010402", "0000 9000"},
    {"Le too long", "00B2010404", "6C03"},
    {"all", "00B2010500", "6C09"},
    {"odd INS", "00B30104 03 540101", "6104"},
    {"fetched", "00C0000004", "53020000 9000"},
    {"found", "00A20104 01 00", "6103"},
    {"fetched", "00C0000003", "010203 9000"},
    {"not found", "00A20104 01 11", "6282"},
};

static const struct exchange t1_script[] = {
    {"three records of three bytes", THREE, "9000"},
    {"Le too long", "00B2010404", "000000 6282"},
    {"odd INS", "00B30104 03 540101 00", "53020000 9000"},
    {"odd INS without Le", "00B30104 03 540101", "9000"},
    {"found", "00A20104 01 00 00", "010203 9000"},
    {"found, without Le", "00A20204 01 00", "9000"},
    {"the first of them is current", "00B2000404", "000000 6282"},
    {"nothing waits", "00C0000003", "6985"},
};

static void
protocols(void **state)
{
    (void)state;
    RUN_FRESH(&iso7816_card, "protocol=t0", t0_script);
    RUN_FRESH(&iso7816_card, "protocol=t1", t1_script);
}

UNIT_MAIN(cmocka_unit_test(every_length), cmocka_unit_test(other_lengths),
          cmocka_unit_test(longest_record), cmocka_unit_test(long_changes),
          cmocka_unit_test(short_le), cmocka_unit_test(most_records),
          cmocka_unit_test(protocols))
