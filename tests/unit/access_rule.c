/*
 * access_rule.c - tests of src/cos/access_rule.c and access_expanded.c:
 * attributes of random bytes, which must grant nothing that they do not name
 * and be refused or understood as a whole, at every cut.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/access_rule.h"

#include <vicc/types.h>

#include "exact.h"
#include "exchange.h"
#include "unit.h"

#define ROUNDS 200000
#define LENGTH_MAX 40

static uint32_t seed = 1;

static uint8_t
random_byte(void)
{
    seed = seed * 1664525 + 1013904223;
    return (uint8_t)(seed >> 24);
}

/* Mostly bytes that mean something. */
static uint8_t
likely_byte(void)
{
    static const uint8_t likely[] = {
        0x00, 0x01, 0x02, 0x03, 0x04, 0x10, 0x20, 0x40, 0x80, 0xFF, 0x83,
        0x84, 0x86, 0x87, 0x8B, 0x8C, 0x8E, 0x90, 0x95, 0x97, 0x9E, 0xA0,
        0xA1, 0xA4, 0xA7, 0xAB, 0xAF, 0xB4, 0x5C, 0x5E, 0x05, 0x06,
    };

    return random_byte() < 0xE0 ? likely[random_byte() % sizeof(likely)]
                                : random_byte();
}

/* Whatever the bytes are, the answers agree with each other. */
static void
agree(const struct access_request *request, struct bytes attributes)
{
    bool is_valid = access_attributes_are_valid(attributes);
    enum verdict verdict = access_weigh(request, attributes);
    enum verdict object = access_weigh_object(request, attributes, 0x5E);

    if (is_valid) {
        assert_int_not_equal(verdict, VERDICT_MALFORMED);
        assert_int_not_equal(object, VERDICT_MALFORMED);
    }
    if (verdict == VERDICT_MALFORMED)
        assert_false(access_is_granted(verdict) || is_valid);
}

static void
random_attributes(void **state)
{
    struct card *card = fresh_card(&iso7816_card, "");
    const struct access_request request = {card, card->channel[0], card->mf,
                                           ACCESS_UPDATE};
    uint8_t room[LENGTH_MAX];
    struct bytes in;
    size_t round, i, n;

    (void)state;
    for (round = 0; round < ROUNDS; round++) {
        n = random_byte() % (LENGTH_MAX + 1);
        for (i = 0; i < n; i++)
            room[i] = likely_byte();
        in = exact(bytes_of(room, n));
        agree(&request, in);
        access_weigh_expanded(&request, in);
        release(in);
    }
    card_free(&card);
}

static const struct {
    const char *what;
    uint8_t bytes[LENGTH_MAX];
    size_t n;
} whole[] = {
    {"compact", {0x8C, 3, 3, 0, 0}, 5},
    {"channel", {0x8E, 1, 0}, 3},
    {"reference", {0x8B, 3, 0x2F, 0x06, 1}, 5},
    {"proprietary", {0x86, 7, 0, 0, 0, 0, 0, 0, 0}, 9},
    {"expanded",
     {0xAB, 17, 0x80, 1, 2, 0xAF, 12, 0xA4, 6, 0x83, 1, 1, 0x95, 1, 0x08, 0xA0,
      2, 0x90, 0},
     19},
    {"objects", {0xA0, 7, 0x8C, 2, 2, 0, 0x5C, 1, 0x5E}, 9},
};

/* Valid as a whole, and nowhere else. */
static void
cut_everywhere(void **state)
{
    struct card *card = fresh_card(&iso7816_card, "");
    const struct access_request request = {card, card->channel[0], card->mf,
                                           ACCESS_UPDATE};
    struct bytes in;
    size_t i, n;

    (void)state;
    for (i = 0; i < COUNT(whole); i++)
        for (n = 1; n <= whole[i].n; n++) {
            in = exact(bytes_of(whole[i].bytes, n));
            agree(&request, in);
            if (access_attributes_are_valid(in) != (n == whole[i].n))
                fail_msg("%s, %zu bytes", whole[i].what, n);
            release(in);
        }
    card_free(&card);
}

/* What no attribute names is refused, bit by bit. */
static void
each_bit_alone(void **state)
{
    struct card *card = fresh_card(&iso7816_card, "");
    struct access_request request = {card, card->channel[0], card->mf,
                                     ACCESS_READ};
    unsigned mode, modes;

    (void)state;
    for (modes = 1; modes < 0x80; modes++)
        for (mode = 1; mode < 0x80; mode <<= 1) {
            uint8_t compact[] = {0x8C, 0, (uint8_t)modes, 0, 0, 0, 0, 0, 0, 0};
            uint8_t expanded[] = {0xAB, 5, 0x80, 1, (uint8_t)modes, 0x90, 0};
            size_t count = (size_t)__builtin_popcount(modes);
            enum verdict wanted =
                (mode & modes) != 0 ? VERDICT_YES : VERDICT_NO;

            compact[1] = (uint8_t)(1 + count);
            request.mode = (enum access_mode)mode;
            assert_int_equal(
                access_weigh(&request, bytes_of(compact, 3 + count)), wanted);
            assert_int_equal(access_weigh(&request, BYTES(expanded)), wanted);
        }
    assert_int_equal(access_weigh(&request, bytes_of(NULL, 0)), VERDICT_NONE);
    card_free(&card);
}

UNIT_MAIN(cmocka_unit_test(random_attributes), cmocka_unit_test(cut_everywhere),
          cmocka_unit_test(each_bit_alone))
