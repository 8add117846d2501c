/*
 * objects.c - tests of src/cos/objects.c through PUT and GET DATA: lengths
 * at their limits, inside templates too, and random changes, after each of
 * which everything must still be well-formed.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/objects.h"

#include <stdio.h>

#include <vicc/types.h>

#include "exact.h"
#include "exchange.h"
#include "unit.h"

#define OPERATIONS 20000

static uint8_t command_room[CARD_COMMAND_MAX];

static uint16_t
sw_of(struct bytes response)
{
    return (uint16_t)(response.p[response.n - 2] << 8 |
                      response.p[response.n - 1]);
}

static uint16_t
put(struct card *card, const char *header, size_t nc, uint8_t first)
{
    struct buf command = BUF(command_room);

    put_command(&command, header, nc, first, 0);
    return sw_of(transmit(card, buf_bytes(&command)));
}

static struct bytes
get(struct card *card, const char *header)
{
    struct buf command = BUF(command_room);

    put_command(&command, header, 0, 0, 0x10000);
    return transmit(card, buf_bytes(&command));
}

static void
assert_counts(struct bytes value, uint8_t first)
{
    size_t i;

    for (i = 0; i < value.n; i++)
        assert_int_equal(value.p[i], (uint8_t)(first + i));
}

static void
reads_back(struct card *card, const char *header, size_t n, uint8_t first)
{
    struct bytes response = get(card, header);

    assert_int_equal(sw_of(response), 0x9000);
    assert_int_equal(response.n, n + 2);
    assert_counts(bytes_slice(response, 0, n), first);
}

static void
every_length(void **state)
{
    static const size_t lengths[] = {1,      0x7F,   0x80,   0xFF,  0x100,
                                     0x7FFF, 0x8000, 0xFFF0, 0xFFF8};
    struct card *card = fresh_card(&iso7816_card, "");
    struct bytes all;
    struct tlv t;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(lengths); i++) {
        assert_int_equal(put(card, "00DA005E", lengths[i], (uint8_t)i), 0x9000);
        reads_back(card, "00CA005E", lengths[i], (uint8_t)i);
        all = object_bytes(card->mf->object, OBJECT_BODY);
        assert_true(tlv_next(&all, &t) && all.n == 0);
        assert_int_equal(t.whole.n,
                         1 + tlv_length_size(lengths[i]) + lengths[i]);
    }
    for (; i-- > 0;) { /* and down again */
        assert_int_equal(put(card, "00DA005E", lengths[i], (uint8_t)i), 0x9000);
        reads_back(card, "00CA005E", lengths[i], (uint8_t)i);
    }
    card_free(&card);
}

/* What only an extended header list can get, because it does not fit. */
static void
too_long_for_an_answer(void **state)
{
    struct card *card = fresh_card(&iso7816_card, "");
    struct bytes response;

    (void)state;
    assert_int_equal(put(card, "00DA005E", CARD_COMMAND_MAX - 7, 0), 0x9000);
    reads_back(card, "00CA005E", CARD_COMMAND_MAX - 7, 0);
    assert_int_equal(put(card, "00DA005F", 1, 0), 0x6A86);
    assert_int_equal(put(card, "00DA00C1", 0x100, 0), 0x9000);
    assert_int_equal(sw_of(get(card, "00CA00FF")), 0x6985);
    response = transmit_hex(card, "00CB3FFF 000006 4D045E02C101 0000");
    assert_int_equal(response.n, 4 + 3 + 2);
    assert_memory_equal(response.p, "\x5E\x02\x00\x01\xC1\x01\x00\x90", 8);
    card_free(&card);
}

/* Four templates inside each other, and a value that makes all of them grow. */
static void
lengths_around(void **state)
{
    static const size_t lengths[] = {1,    0x77, 0x78,  0x7B,   0x7F, 0x80,
                                     0xF8, 0xFF, 0x100, 0xFFEC, 0x10, 0x100};
    struct card *card = fresh_card(&iso7816_card, "");
    struct bytes level;
    struct tlv t;
    size_t i, depth;

    (void)state;
    assert_int_equal(
        transmit_sw(card, "00DB3FFF 0E E009 E107 E205 E303 C10100 5E01AA"),
        0x9000);
    for (depth = 0; depth < 4; depth++)
        assert_int_equal(
            sw_of(get(card, (const char *[]){"00CA00E0", "00CA00E1", "00CA00E2",
                                             "00CA00E3"}[depth])),
            0x9000);
    for (i = 0; i < COUNT(lengths); i++) {
        assert_int_equal(put(card, "00DA00C1", lengths[i], 5), 0x9000);
        reads_back(card, "00CA00C1", lengths[i], 5);
        level = object_bytes(card->mf->object, OBJECT_BODY);
        for (depth = 0; depth < 4; depth++) {
            assert_true(tlv_next(&level, &t));
            assert_int_equal(t.tag, 0xE0 + depth);
            assert_int_equal(level.n, depth == 0 ? 3 : 0);
            level = t.value;
        }
        assert_true(tlv_next(&level, &t) && level.n == 0);
        assert_int_equal(t.value.n, lengths[i]);
    }
    card_free(&card);
}

static uint32_t
next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 16;
}

/* Any command on any tag, with values that are objects themselves. */
static void
stays_well_formed(void **state)
{
    static const char *const headers[] = {"00DA%02X%02X", "00D8%02X%02X",
                                          "00DE%02X%02X", "00EE%02X%02X",
                                          "00CA%02X%02X", "00CC%02X%02X"};
    static const uint16_t tags[] = {0x5E,   0xC1, 0x5F50, 0xE0,
                                    0x7F21, 0x65, 0x73};
    struct card *card = fresh_card(&iso7816_card, "");
    size_t i, done = 0;
    uint32_t seed = 3;

    (void)state;
    for (i = 0; i < OPERATIONS; i++) {
        const uint16_t tag = tags[next_random(&seed) % COUNT(tags)];
        const size_t which = next_random(&seed) % COUNT(headers);
        struct buf command = BUF(command_room);
        char header[16];
        size_t n;

        snprintf(header, sizeof(header), headers[which], tag >> 8, tag & 0xFF);
        if (next_random(&seed) % 50 == 0)
            transmit_sw(card, "00A4000C023F00");
        n = which < 3 ? next_random(&seed) % 300 : 0;
        if (tlv_is_constructed(tag) && n != 0)
            n = 3;
        put_command(&command, header, n, 0xC1, which < 4 ? 0 : 0x10000);
        if (n == 3) /* C1 01 C3 */
            command.p[6] = 0x01;
        done += sw_of(transmit(card, buf_bytes(&command))) == 0x9000;
        assert_true(
            tlv_is_valid_deep(object_bytes(card->mf->object, OBJECT_BODY)));
    }
    assert_true(done > OPERATIONS / 4);
    card_free(&card);
}

UNIT_MAIN(cmocka_unit_test(every_length),
          cmocka_unit_test(too_long_for_an_answer),
          cmocka_unit_test(lengths_around), cmocka_unit_test(stays_well_formed))
