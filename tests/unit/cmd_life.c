/*
 * cmd_life.c - tests of src/cos/cmd_life.c and cmd_file.c where a script
 * cannot look: memory that runs out, and what belongs to a DF besides its
 * files.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/hex.h>

#include "cos/internal.h"
#include "memory.h"
#include "one_card.h"
#include "unit.h"

#define FAILURES_MAX 1000

/* Every file once more, as a number that changes when any of them does. */
static unsigned
print_of_tree(void)
{
    const struct object *object;
    unsigned sum = 1;
    size_t i;

    for (object = card->state.objects; object != NULL; object = object->next) {
        struct bytes head = object_bytes(object, OBJECT_HEAD);
        struct bytes body = object_bytes(object, OBJECT_BODY);

        sum = sum * 31 + object->id;
        for (i = 0; i < head.n; i++)
            sum = sum * 31 + head.p[i];
        for (i = 0; i < body.n; i++)
            sum = sum * 31 + body.p[i];
    }
    return sum;
}

static const char *const several =
    "00E00000 2D 6207 820178 83025000 620A 820178 83025100 8401A0"
    "620B 80020010 820141 83025101 6209 820104 83025102 8800";

/* With no allocation but the card's own. */
static uint16_t
transmit_failing(struct bytes command, size_t n)
{
    static uint8_t room[CARD_RESPONSE_MAX];
    struct buf response = BUF(room);

    memory_fail_at(n);
    assert_int_equal(card_transmit(card, command, &response), 0);
    memory_fail_at(0);
    return (uint16_t)(response.p[response.n - 2] << 8 |
                      response.p[response.n - 1]);
}

/* When memory runs out, at whichever allocation, nothing has changed. */
static void
until_it_works(const char *command)
{
    unsigned before = print_of_tree();
    struct selection now = card->channel[0]->now;
    size_t files = card->files;
    uint8_t room[128];
    struct buf bytes = BUF(room);
    uint16_t sw = 0;
    size_t n;

    assert_true(hex_parse(command, strlen(command), &bytes));
    for (n = 1; n < FAILURES_MAX && sw != 0x9000; n++) {
        sw = transmit_failing(buf_bytes(&bytes), n);
        if (sw == 0x9000)
            break;
        assert_int_equal(sw, 0x6581);
        assert_int_equal(print_of_tree(), before);
        assert_int_equal(card->files, files);
        assert_ptr_equal(card->channel[0]->now.df, now.df);
        assert_ptr_equal(card->channel[0]->now.ef, now.ef);
    }
    assert_int_equal(sw, 0x9000);
    assert_int_not_equal(print_of_tree(), before);
}

static void
out_of_memory(void **state)
{
    (void)state;
    until_it_works(several);
    assert_int_equal(send("00A4080C 06 500051005101", 0), 0x9000);
    until_it_works("00040000");
    until_it_works("00440000");
    assert_int_equal(send("00A4000C", 0), 0x9000);
    until_it_works("00E40000 02 5000");
    until_it_works("00E60000 02 1000");
    until_it_works("00E40000 02 3F00");
    assert_null(card->mf);
    until_it_works("00E00000 09 6207 820178 83023F00");
    until_it_works("00FE0000");
}

/* A PIN that is local to a DF goes with it, and comes back with it. */
static void
local_pin(void **state)
{
    static const uint8_t value[] = {1, 2, 3, 4};
    const struct cos_pin pin = {.p2 = 0x82, .value = BYTES(value), .tries = 3};
    struct channel *channel = card->channel[0];

    (void)state;
    assert_int_equal(transmit_sw(card, several), 0x9000);
    assert_int_equal(send("00A4080C 04 50005100", 0), 0x9000);
    assert_int_equal(reference_add(card, channel->now.df, &pin), 0);
    assert_int_equal(state_commit(&card->state), 0);
    assert_int_equal(send("00200082", 0), 0x63C3);
    assert_int_equal(fs_delete(card, channel->now.df->parent), 0);
    state_rollback(&card->state);
    assert_int_equal(send("00200082", 0), 0x63C3);
    assert_int_equal(send("00A4000C", 0), 0x9000);
    assert_int_equal(send("00E40000 02 5000", 0), 0x9000);
    assert_int_equal(send("00200082", 0), 0x6A88);
    assert_int_equal(send("00200001", 0), 0x63C3);
    assert_non_null(card->references);
    assert_null(card->references->next);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

UNIT_MAIN(TEST(out_of_memory), TEST(local_pin))
