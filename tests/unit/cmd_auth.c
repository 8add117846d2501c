/*
 * cmd_auth.c - tests of src/cos/cmd_auth.c: VERIFY, its retry counter, which
 * no cut of power saves, and GET CHALLENGE.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdio.h>

#include <vicc/types.h>

#include "cos/internal.h"
#include "exact.h"
#include "exchange.h"
#include "power_cut.h"
#include "unit.h"

#define RIGHT "0020000104 31323334"
#define WRONG "0020000104 31323335"
#define QUERY "00200001"
#define CHANGE_RIGHT "0024000108 31323334 35363738"
#define CHANGE_WRONG "0024000108 31323335 35363738"
#define DISABLE_RIGHT "0026000104 31323334"
#define DISABLE_WRONG "0026000104 31323335"

static const struct exchange counting[] = {
    {"how are things", QUERY, "63C3"},
    {"wrong", WRONG, "63C2"},
    {"counted", QUERY, "63C2"},
    {"right", RIGHT, "9000"},
    {"known now", QUERY, "9000"},
    {"again right", RIGHT, "9000"},
    {"wrong, counted from the start", WRONG, "63C2"},
    {"not known any more", QUERY, "63C2"},
    {"too short", "0020000103 313233", "63C1"},
    {"right", RIGHT, "9000"},
    {"longer", "0020000105 3132333435", "63C2"},
    {"wrong", WRONG, "63C1"},
    {"a reset", NULL, NULL},
    {"does not give tries back", QUERY, "63C1"},
    {"wrong, the last one", WRONG, "6983"},
    {"blocked", QUERY, "6983"},
    {"blocked for the right one", RIGHT, "6983"},
    {"a reset", NULL, NULL},
    {"blocked for ever", RIGHT, "6983"},
};

static const struct exchange one_try[] = {
    {"one try", QUERY, "63C1"},
    {"the right one", RIGHT, "9000"},
    {"the wrong one", WRONG, "6983"},
    {"too late", RIGHT, "6983"},
};

static const struct exchange fifteen_tries[] = {
    {"fifteen", QUERY, "63CF"}, {"wrong", WRONG, "63CE"},
    {"right", RIGHT, "9000"},   {"status back", "0020FF01", "9000"},
    {"fifteen", QUERY, "63CF"},
};

static void
tries(void **state)
{
    (void)state;
    RUN_FRESH(&iso7816_card, "", counting);
    RUN_FRESH(&iso7816_card, "tries=1", one_try);
    RUN_FRESH(&iso7816_card, "tries=15", fifteen_tries);
}

static const struct exchange parameters[] = {
    {"P1 01", "0020010104 31323334", "6A86"},
    {"P1 FE", "0020FE01", "6A86"},
    {"P2 b6", "0020002104 31323334", "6A86"},
    {"P2 b7", "0020004104 31323334", "6A86"},
    {"P2 FF", "002000FF04 31323334", "6A86"},
    {"P2 00 is the only one", "00200000", "63C3"},
    {"no such PIN", "0020000204 31323334", "6A88"},
    {"no such PIN to ask for", "00200002", "6A88"},
    {"no local PIN", "0020008104 31323334", "6A88"},
    {"no such PIN to take back", "0020FF02", "6A88"},
    {"none of it counted", QUERY, "63C3"},
    {"right", RIGHT, "9000"},
    {"P1 FF with data", "0020FF0104 31323334", "6700"},
    {"still known", QUERY, "9000"},
    {"taken back", "0020FF01", "9000"},
    {"not known", QUERY, "63C3"},
    {"taken back again", "0020FF01", "9000"},
    {"extended, right", "0020000100 0004 31323334", "9000"},
    {"case 1 with a fifth byte", "0020000100", "9000"},
    {"Lc without data", "0020000104", "xxxx"},
};

static void
verify_parameters(void **state)
{
    (void)state;
    RUN_FRESH(&iso7816_card, "", parameters);
}

/* EF 1003 may be read and updated with PIN 1, and only then. */
static const struct exchange protects[] = {
    {"select", "00A4080C 04 10001003", "9000"},
    {"read", "00B0000001", "6982"},
    {"update", "00D6000001 55", "6982"},
    {"wrong", WRONG, "63C2"},
    {"read", "00B0000001", "6982"},
    {"right", RIGHT, "9000"},
    {"update", "00D6000001 55", "9000"},
    {"read", "00B0000001", "55 9000"},
    {"taken back", "0020FF01", "9000"},
    {"read", "00B0000001", "6982"},
    {"right", RIGHT, "9000"},
    {"wrong", WRONG, "63C2"},
    {"read", "00B0000001", "6982"},
    {"right", RIGHT, "9000"},
    {"no PIN at all",
     "0020000141 3132333431323334313233343132333431323334"
     "3132333431323334313233343132333431323334313233343132"
     "3334313233343132333431323334313233343132",
     "6A80"},
    {"not counted, but not known", QUERY, "63C3"},
    {"right", RIGHT, "9000"},
    {"a reset", NULL, NULL},
    {"not known", QUERY, "63C3"},
    {"select", "00A4080C 04 10001003", "9000"},
    {"read", "00B0000001", "6982"},
};

static void
what_it_protects(void **state)
{
    (void)state;
    RUN_FRESH(&iso7816_card, "", protects);
}

/* Values of one and of 64 bytes, the least and the most. */
static void
extreme_values(void **state)
{
    static const struct exchange one[] = {
        {"wrong", "0020000101 30", "63C2"},
        {"right", "0020000101 31", "9000"},
    };
    char options[80] = "pin=", command[160] = "0020000140";
    struct exchange most = {"64 bytes", command, "9000"};
    int i;

    (void)state;
    RUN_FRESH(&iso7816_card, "pin=1", one);
    for (i = 0; i < 64; i++) {
        strcat(options, "7");
        strcat(command, "37");
    }
    run_fresh(&iso7816_card, options, &most, 1);
    strcpy(command + strlen(command) - 2, "38");
    most.expected = "63C2";
    run_fresh(&iso7816_card, options, &most, 1);
}

static void
counted_before_compared(void **state)
{
    struct card *card = fresh_card(&iso7816_card, "");

    (void)state;
    assert_int_equal(transmit_cut(card, WRONG, 0, 0, false), 0x63C2);
    assert_string_equal(events, "CEC");
    assert_int_equal(transmit_cut(card, RIGHT, 0, 0, false), 0x9000);
    assert_string_equal(events, "CECC"); /* the last has nothing to keep */
    card_free(&card);
}

/* Memory of the test is lost when the power is: so is that of this process. */
static void
no_cut_saves_a_try(void **state)
{
    static const struct {
        const char *command;
        char event;
        int number;
        const char *before; /* what had happened then */
        uint16_t left;
    } cuts[] = {
        {WRONG, 'C', 1, "", 0x63C3}, /* nothing was compared */
        {WRONG, 'E', 1, "C", 0x63C2},
        {WRONG, 'C', 2, "CE", 0x63C2},
        {RIGHT, 'C', 1, "", 0x63C3},
        {RIGHT, 'E', 1, "C", 0x63C2},
        {RIGHT, 'C', 2, "CE", 0x63C2},
        {CHANGE_WRONG, 'C', 1, "", 0x63C3},
        {CHANGE_WRONG, 'E', 1, "C", 0x63C2},
        {CHANGE_WRONG, 'C', 2, "CE", 0x63C2},
        {CHANGE_RIGHT, 'E', 1, "C", 0x63C2},
        {CHANGE_RIGHT, 'C', 2, "CE", 0x63C2},
        {DISABLE_WRONG, 'E', 1, "C", 0x63C2},
        {DISABLE_RIGHT, 'C', 2, "CE", 0x63C2},
    };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(cuts); i++) {
        struct card *card = fresh_card(&iso7816_card, "");

        transmit_cut(card, cuts[i].command, cuts[i].event, cuts[i].number,
                     false);
        assert_string_equal(events, cuts[i].before);
        assert_int_equal(transmit_sw(card, QUERY), cuts[i].left);
        card_free(&card);
    }
}

/* Nor one of the resetting code's. */
static void
no_cut_saves_a_try_of_the_code(void **state)
{
    static const char wrong[] = "002C010103 313233";
    static const char right[] = "002C010103 333231";
    static const struct {
        const char *command;
        char event;
        int number;
        uint16_t left;
    } cuts[] = {
        {wrong, 'C', 1, 0x63C4}, {wrong, 'E', 1, 0x63C3},
        {wrong, 'C', 2, 0x63C3}, {right, 'E', 1, 0x63C3},
        {right, 'C', 2, 0x63C3},
    };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(cuts); i++) {
        struct card *card = fresh_card(&iso7816_card, "puk=321,puk-tries=4");

        assert_int_equal(transmit_sw(card, WRONG), 0x63C2);
        transmit_cut(card, cuts[i].command, cuts[i].event, cuts[i].number,
                     false);
        assert_int_equal(transmit_sw(card, "00200011"), cuts[i].left);
        assert_int_equal(transmit_sw(card, QUERY), 0x63C2);
        assert_int_equal(transmit_sw(card, right), 0x9000);
        assert_int_equal(transmit_sw(card, "00200011"), 0x63C4);
        assert_int_equal(transmit_sw(card, QUERY), 0x63C3);
        card_free(&card);
    }
}

/* A count that cannot be kept is not worth a comparison. */
static void
no_commit_no_comparison(void **state)
{
    struct card *card = fresh_card(&iso7816_card, "");
    uint16_t sw;

    (void)state;
    sw = transmit_cut(card, RIGHT, 'C', 1, true);
    assert_true(sw == 0x6F00 || sw == 0x6581);
    assert_null(strchr(events, 'E'));
    assert_int_equal(transmit_sw(card, QUERY), 0x63C3);
    sw = transmit_cut(card, RIGHT, 'C', 2, true);
    assert_true(sw == 0x6F00 || sw == 0x6581);
    assert_int_equal(card->state.log.n, 0);             /* it was rolled back */
    assert_int_equal(transmit_sw(card, QUERY), 0x63C2); /* and nobody known */
    card_free(&card);
}

/* So many commands that fail later, none of which gives a try back. */
static void
other_errors_do_not_give_back(void **state)
{
    static const char *const others[] = {
        "00200001FF",     "0020000141", "00FF0000",
        "20200001",       "00B00000FF", "00D6FFFF0101",
        "00A40000021234", "00C0000010", "0020FF0101 00"};
    struct card *card = fresh_card(&iso7816_card, "");
    size_t i;

    (void)state;
    assert_int_equal(transmit_sw(card, WRONG), 0x63C2);
    for (i = 0; i < COUNT(others); i++) {
        assert_true(transmit_sw(card, others[i]) != 0x9000);
        assert_int_equal(transmit_sw(card, QUERY), 0x63C2);
    }
    card_free(&card);
}

static const struct exchange challenges[] = {
    {"eight", "0084000008", "0001020304050607 9000"},
    {"another eight", "0084000008", "08090A0B0C0D0E0F 9000"},
    {"one", "0084000001", "10 9000"},
    {"extended, two", "00840000000002", "1112 9000"},
    {"no Le", "00840000", "6700"},
    {"data", "00840000010008", "6700"},
    {"P1", "0084010008", "6A86"},
    {"P2", "0084000108", "6A86"},
};

static void
challenge(void **state)
{
    static const struct {
        const char *command;
        size_t n;
    } lengths[] = {
        {"0084000001", 1},          {"008400007F", 0x7F},
        {"0084000080", 0x80},       {"00840000FF", 0xFF},
        {"0084000000", 0x100},      {"00840000000100", 0x100},
        {"00840000007FFF", 0x7FFF}, {"00840000008000", 0x8000},
        {"0084000000FFFD", 0xFFFD}, {"0084000000FFFE", 0xFFFD},
        {"0084000000FFFF", 0xFFFD}, {"00840000000000", 0xFFFD},
    };
    struct card *card;
    struct bytes rsp;
    size_t i;

    (void)state;
    RUN_FRESH(&iso7816_card, "serial=01", challenges);
    for (i = 0; i < COUNT(lengths); i++) {
        card = fresh_card(&iso7816_card, "serial=01");
        rsp = transmit_hex(card, lengths[i].command);
        assert_int_equal(rsp.n, lengths[i].n + 2);
        assert_int_equal(rsp.p[lengths[i].n - 1], (lengths[i].n - 1) & 0xFF);
        assert_int_equal(rsp.p[lengths[i].n], 0x90);
        random_fails(true);
        rsp = transmit_hex(card, lengths[i].command);
        assert_int_equal(rsp.n, 2);
        assert_int_equal(rsp.p[0], 0x6F);
        card_free(&card);
    }
}

UNIT_MAIN(cmocka_unit_test(tries), cmocka_unit_test(verify_parameters),
          cmocka_unit_test(what_it_protects), cmocka_unit_test(extreme_values),
          cmocka_unit_test(counted_before_compared),
          cmocka_unit_test(no_cut_saves_a_try),
          cmocka_unit_test(no_cut_saves_a_try_of_the_code),
          cmocka_unit_test(no_commit_no_comparison),
          cmocka_unit_test(other_errors_do_not_give_back),
          cmocka_unit_test(challenge))
