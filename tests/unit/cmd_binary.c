/*
 * cmd_binary.c - tests of READ and UPDATE BINARY with an even INS: every
 * size, offset and length at its limits against an array of bytes.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdio.h>

#include <vicc/tlv.h>
#include <vicc/types.h>

#include "cos/internal.h"
#include "exact.h"
#include "exchange.h"
#include "unit.h"

#define RESPONSE_DATA_MAX (CARD_RESPONSE_MAX - 2)

static const size_t sizes[] = {0,      1,      2,      0x7F,   0x80,
                               0xFF,   0x100,  0x7FFF, 0x8000, 0xFFFD,
                               0xFFFE, 0xFFFF, 0x10000};
static const size_t lengths[] = {1,      2,      0x7F,   0x80,   0xFF,
                                 0x100,  0x7FFF, 0x8000, 0xFFFC, 0xFFFD,
                                 0xFFFE, 0xFFFF, 0x10000};

static uint8_t
pattern(size_t i)
{
    return (uint8_t)(i * 7 + (i >> 8) + 1);
}

static int
add_ef(struct card *card, size_t i)
{
    static uint8_t content[0x10000];
    uint8_t room[32], path[2] = {0x10, (uint8_t)i};
    struct buf fcp = BUF(room);
    size_t k;
    int err;

    for (k = 0; k < sizes[i]; k++)
        content[k] = pattern(k);
    tlv_put(&fcp, 0x80,
            bytes_of((uint8_t[]){(uint8_t)(sizes[i] >> 16),
                                 (uint8_t)(sizes[i] >> 8), (uint8_t)sizes[i]},
                     3));
    tlv_put_u8(&fcp, 0x82, 0x01);
    tlv_put(&fcp, 0x83, BYTES(path));
    tlv_put_u8(&fcp, 0x88, (uint8_t)((i + 1) << 3));
    if ((err = cos_add_file(card, bytes_of(NULL, 0), buf_bytes(&fcp))) != 0)
        return err;
    return cos_set_content(card, BYTES(path), bytes_of(content, sizes[i]));
}

/* EF 10 i has sizes[i] bytes and short identifier i + 1. */
static int
create_sizes(struct card *card, struct card_error *error)
{
    static const char *const mf = "\x82\x01\x38\x83\x02\x3F\x00";
    static const char *const df = "\x82\x01\x38\x83\x02\x20\x00";
    static const uint8_t linear[] = {0x82, 0x05, 0x02, 0x01, 0x00, 0x04, 0x02,
                                     0x83, 0x02, 0x30, 0x00, 0x88, 0x01, 0xA0};
    size_t i;
    int err;

    (void)error;
    if ((err = cos_add_file(card, bytes_of(NULL, 0), bytes_of(mf, 7))) != 0 ||
        (err = cos_add_file(card, bytes_of(NULL, 0), bytes_of(df, 7))) != 0 ||
        (err = cos_add_file(card, bytes_of(NULL, 0), BYTES(linear))) != 0)
        return err;
    for (i = 0; i < COUNT(sizes); i++)
        if ((err = add_ef(card, i)) != 0)
            return err;
    return card_set_atr(card, bytes_of("\x3B\x00", 2)) ? 0 : -EINVAL;
}

static const struct card_type sizes_card = {
    .name = "sizes", .base = &iso7816_card, .create = create_sizes};

static struct card *card;

static int
setup(void **state)
{
    (void)state;
    card = fresh_card(&sizes_card, "");
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    card_free(&card);
    return 0;
}

static void
select_size(size_t i)
{
    uint8_t command[] = {0x00, 0xA4, 0x00, 0x0C, 0x02, 0x10, (uint8_t)i};

    assert_int_equal(transmit(card, BYTES(command)).p[0], 0x90);
}

static uint16_t
sw_of(struct bytes rsp)
{
    return (uint16_t)(rsp.p[rsp.n - 2] << 8 | rsp.p[rsp.n - 1]);
}

/* `p1p2` for READ BINARY of `ne` bytes at `offset` of an EF of `size`. */
static void
check_read(uint16_t p1p2, size_t size, size_t offset, size_t ne, bool extended)
{
    size_t rest = size - offset, n = ne < rest ? ne : rest, i;
    bool open = ne == (extended ? 0x10000u : 0x100u);
    uint8_t room[16];
    struct buf command = BUF(room);
    struct bytes rsp;
    uint16_t sw;

    buf_put_u16(&command, 0x00B0);
    buf_put_u16(&command, p1p2);
    if (extended)
        buf_put_u8(&command, 0);
    if (extended)
        buf_put_u16(&command, (uint16_t)ne);
    else
        buf_put_u8(&command, (uint8_t)ne);
    sw = n < ne && !open ? 0x6282 : 0x9000; /* the end came before Le */
    if (n > RESPONSE_DATA_MAX) {
        n = RESPONSE_DATA_MAX; /* no end of the file, but of the response */
        sw = 0x9000;
    }
    if (offset > size || (offset == size && size != 0)) {
        n = 0;
        sw = 0x6B00;
    }
    rsp = transmit(card, buf_bytes(&command));
    if (sw_of(rsp) != sw || rsp.n != n + 2)
        fail_msg("P1-P2 %04X of %zu bytes, Ne %zu: %04X, %zu bytes, not %04X",
                 p1p2, size, ne, sw_of(rsp), rsp.n - 2, sw);
    for (i = 0; i < n; i++)
        assert_int_equal(rsp.p[i], pattern(offset + i));
}

static void
read_all_lengths(uint16_t p1p2, size_t size, size_t offset)
{
    size_t i;

    for (i = 0; i < COUNT(lengths); i++) {
        if (lengths[i] <= 0x100)
            check_read(p1p2, size, offset, lengths[i], false);
        check_read(p1p2, size, offset, lengths[i], true);
    }
}

static void
reading(void **state)
{
    size_t i, k;

    (void)state;
    for (i = 0; i < COUNT(sizes); i++) {
        const size_t offsets[] = {0,
                                  1,
                                  0x7F,
                                  0x100,
                                  sizes[i] == 0 ? 0 : sizes[i] - 1,
                                  sizes[i],
                                  sizes[i] + 1,
                                  0x7FFF};

        select_size(i);
        for (k = 0; k < COUNT(offsets); k++)
            if (offsets[k] <= 0x7FFF)
                read_all_lengths((uint16_t)offsets[k], sizes[i], offsets[k]);
    }
}

static void
reading_by_short_identifier(void **state)
{
    size_t i, offset;

    (void)state;
    for (i = 0; i < COUNT(sizes); i++)
        for (offset = 0; offset < 0x100; offset += offset < 2 ? 1 : 0x7F)
            read_all_lengths((uint16_t)((0x81 + i) << 8 | offset), sizes[i],
                             offset);
}

/*
 * Updates `nc` bytes and sees that they, and no others, changed; false if
 * none did.
 */
static bool
check_update(size_t at, size_t offset, size_t nc)
{
    static uint8_t room[0x10010];
    size_t size = sizes[at], i;
    struct buf command = BUF(room);
    struct bytes content;
    char header[9];
    uint16_t sw = 0x9000;

    snprintf(header, sizeof(header), "00D6%04zX", offset);
    put_command(&command, header, nc, 0x80, 0);
    if (command.n > CARD_COMMAND_MAX)
        return false;
    if (offset > size || (offset == size && size != 0))
        sw = 0x6B00;
    else if (nc > size - offset)
        sw = 0x6A84;
    assert_int_equal(sw_of(transmit(card, buf_bytes(&command))), sw);
    content = file_content(card->channel[0]->now.ef);
    assert_int_equal(content.n, size);
    for (i = 0; i < size; i++) {
        bool is_new = sw == 0x9000 && i >= offset && i - offset < nc;

        assert_int_equal(content.p[i],
                         is_new ? (uint8_t)(0x80 + i - offset) : pattern(i));
    }
    return sw == 0x9000;
}

static void
updating(void **state)
{
    size_t i, k, o;

    for (i = 0; i < COUNT(sizes); i++) {
        const size_t offsets[] = {0, 1, sizes[i] / 2, sizes[i], 0x7FFF};

        for (k = 0; k < COUNT(lengths); k++)
            for (o = 0; o < COUNT(offsets); o++) {
                if (offsets[o] > 0x7FFF || lengths[k] > 0xFFFF)
                    continue;
                select_size(i);
                if (!check_update(i, offsets[o], lengths[k]))
                    continue;
                teardown(state);
                setup(state);
            }
    }
}

static const struct exchange errors[] = {
    {"no current EF", "00B0000001", "6986"},
    {"no current EF", "00D6000001 00", "6986"},
    {"no EF of that short identifier", "00B0920001", "6A82"},
    {"short identifier 31", "00B09F0001", "6A82"},
    {"no EF of that short identifier", "00D6920001 00", "6A82"},
    {"RFU bits of P1", "00B0A10001", "6A86"},
    {"RFU bits of P1", "00B0C10001", "6A86"},
    {"RFU bits of P1", "00D6E10001 00", "6A86"},
    {"no Le", "00B00000", "6700"},
    {"data", "00B000000100", "6700"},
    {"data and Le", "00B00000010000", "6700"},
    {"no data", "00D60000", "6700"},
    {"Le alone", "00D6000000", "6700"},
    {"records", "00B0940001", "6981"},
    {"records", "00D6940001 00", "6981"},
    {"still no current EF", "00B0000001", "6986"},
    {"a DF", "00A4000C022000", "9000"},
    {"no current EF", "00B0000001", "6986"},
    {"nothing in that DF", "00B0810000", "6A82"},
};

static void
error_words(void **state)
{
    (void)state;
    RUN(card, errors);
}

/* 11.2.1: a short identifier that was used with success makes an EF current;
 * 00000 stands for the current one. */
static const struct exchange current_ef[] = {
    {"by short identifier", "00B0820001", "01 9000"},
    {"current now", "00B0000000", "01 9000"},
    {"another", "00B0830100", "08 9000"},
    {"current now", "00B0000002", "0108 9000"},
    {"00000 is the current one", "00B0800101", "08 9000"},
    {"behind its end", "00B0820101", "6B00"},
    {"the same is current", "00B0000002", "0108 9000"},
    {"nothing there", "00B09F0101", "6A82"},
    {"records", "00B0940001", "6981"},
    {"the same is current", "00B0000002", "0108 9000"},
    {"update by short identifier", "00D6820001 55", "9000"},
    {"current now", "00B0000000", "55 9000"},
    {"00000 is the current one", "00D6800001 66", "9000"},
    {"changed", "00B0000000", "66 9000"},
    {"too much", "00D6830003 777777", "6A84"},
    {"the other is current", "00B0000000", "66 9000"},
    {"not changed", "00B0830000", "0108 9000"},
};

static void
what_is_current(void **state)
{
    (void)state;
    RUN(card, current_ef);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

UNIT_MAIN(TEST(reading), TEST(reading_by_short_identifier), TEST(updating),
          TEST(error_words), TEST(what_is_current))
