/*
 * transmit_commit.c - tests of src/cos/transmit.c: commands whose changes
 * cannot be kept, as on a full disk, and what must not be left of them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>

#include <vicc/application.h>
#include <vicc/types.h>

#include "cos/internal.h"
#include "cos/key.h"
#include "exact.h"
#include "exchange.h"
#include "unit.h"

#define SELECT_MF "00A4000C023F00"
#define CREATE_4444 "00E0000010 620E8002002082010183024444 8A0105"
#define GENERATE "004780000A B603840101 AC03800121"
#define READ_PUBLIC "0047810005 B603840101 00"
#define VERIFY "0020000104 31323334"
#define QUERY "00200001"
#define CHANGE "0024000108 31323334 35363738"
#define DISABLE "0026000104 31323334"

static int works_for; /* so many transactions; then the disk is full */

static int
begin(void *ctx)
{
    (void)ctx;
    return works_for-- > 0 ? 0 : -ENOSPC;
}

static int
take(void *ctx, const struct object *object)
{
    (void)ctx;
    (void)object;
    return 0;
}

static int
commit(void *ctx)
{
    (void)ctx;
    return 0;
}

static void
rollback(void *ctx)
{
    (void)ctx;
}

static struct card *
kept_card(const struct card_type *type)
{
    static const struct keeper keeper = {begin,  take,     take,
                                         commit, rollback, NULL};
    struct card *card = fresh_card(type, "");

    card->state.keeper = &keeper;
    works_for = 1000;
    assert_int_equal(transmit_sw(card, SELECT_MF), 0x9000);
    return card;
}

static uint16_t
transmit_full(struct card *card, const char *command, int works)
{
    uint16_t sw;

    works_for = works;
    sw = transmit_sw(card, command);
    works_for = 1000;
    return sw;
}

/* A new file is the current one, and gone when it cannot be kept. */
static void
no_file_stays_selected(void **state)
{
    struct card *card = kept_card(&iso7816_card);

    (void)state;
    assert_int_equal(transmit_full(card, CREATE_4444, 0), 0x6581);
    assert_null(card->channel[0]->now.ef);
    assert_ptr_equal(card->channel[0]->now.df, card->mf);
    assert_int_equal(transmit_sw(card, "00B0000004"), 0x6986);
    assert_int_equal(transmit_sw(card, CREATE_4444), 0x9000);
    assert_int_equal(transmit_sw(card, "00B0000004"), 0x9000);
    card_free(&card);
}

static void
no_file_is_left(void **state)
{
    struct card *card = kept_card(&iso7816_card);

    (void)state;
    assert_int_equal(transmit_sw(card, CREATE_4444), 0x9000);
    assert_int_equal(transmit_full(card, "00E40000", 0), 0x6581);
    assert_int_equal(transmit_sw(card, "00B0000004"), 0x9000);
    assert_int_equal(transmit_sw(card, "00E40000"), 0x9000);
    assert_int_equal(transmit_sw(card, "00B0000004"), 0x6986);
    card_free(&card);
}

/* The public key of a pair that never came to be. */
static void
no_response_waits(void **state)
{
    struct card *card = kept_card(&iso7816_card);

    (void)state;
    assert_int_equal(transmit_full(card, GENERATE "01", 0), 0x6581);
    assert_int_equal(transmit_sw(card, "00C0000000"), 0x6985);
    assert_int_equal(transmit_sw(card, READ_PUBLIC), 0x6A88);
    card_free(&card);
}

/*
 * The value is compared with the second transaction and the new one kept with
 * the third. Who was known before still is, by the value that still counts.
 */
static void
nobody_gets_known(void **state)
{
    static const char *const commands[] = {CHANGE, DISABLE};
    struct card *card = kept_card(&iso7816_card);
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(commands); i++) {
        assert_int_equal(transmit_sw(card, "0020FF01"), 0x9000);
        assert_int_equal(transmit_full(card, commands[i], 2), 0x6581);
        assert_int_equal(transmit_sw(card, QUERY), 0x63C3);
        assert_int_equal(transmit_sw(card, VERIFY), 0x9000);
    }
    assert_int_equal(transmit_full(card, CREATE_4444, 0), 0x6581);
    assert_int_equal(transmit_sw(card, QUERY), 0x9000);
    card_free(&card);
}

/* Saves a number, as a counter of its own, and trusts whoever it is. */
static sw_t
trusting(struct card *card, const struct capdu *c, struct buf *rsp)
{
    static const struct sm_session session = {
        .suite = SM_AES, .enc_n = 16, .mac_n = 16, .flags = SM_ICAO};
    static const uint8_t one = 1;

    (void)rsp;
    application_pin_trust(card, c, 1, true);
    application_key_trust(card, c, bytes_of(&one, 1), true);
    if (cos_install_sm(card, c, &session) != 0)
        return SW_UNKNOWN;
    return sw_from_errno(cos_save(card, 7, c->data));
}

static void
no_trust_and_no_session(void **state)
{
    static const struct command commands[] = {
        {"TRUSTING", 0x00, 0x02, trusting}, {0}};
    static const struct card_type type = {
        .name = "trusting", .base = &iso7816_card, .commands = commands};
    struct card *card = kept_card(&type);

    (void)state;
    assert_int_equal(transmit_sw(card, GENERATE "00"), 0x9000);
    assert_int_equal(transmit_full(card, "0002000001 AA", 0), 0x6581);
    assert_null(card->channel[0]->sm);
    assert_int_equal(card->references->verified, 0);
    assert_int_equal(card->keys->proved, 0);
    assert_int_equal(transmit_full(card, "0002000001 AA", 1), 0x9000);
    assert_non_null(card->channel[0]->sm);
    assert_int_equal(card->references->verified, 1);
    assert_int_equal(card->keys->proved, 1);
    card_free(&card);
}

UNIT_MAIN(cmocka_unit_test(no_file_stays_selected),
          cmocka_unit_test(no_file_is_left),
          cmocka_unit_test(no_response_waits),
          cmocka_unit_test(nobody_gets_known),
          cmocka_unit_test(no_trust_and_no_session))
