/*
 * transmit.c - tests of src/cos/transmit.c, dispatch.c and get_response.c:
 * every class byte, malformed commands, and what waits for GET RESPONSE.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdio.h>

#include <vicc/types.h>

#include "exact.h"
#include "exchange.h"
#include "unit.h"

/* ISO/IEC 7816-4:2013 5.4.1: what SELECT of the MF answers, by class. */
static uint16_t
expected_of_class(unsigned cla)
{
    bool first = cla < 0x20;

    if ((cla >= 0x20 && cla < 0x40) || cla >= 0x80)
        return 0x6E00;
    if (!first || (cla & 0x03) != 0)
        return 0x6881; /* only the basic channel is open */
    return (cla & 0x0C) != 0 ? 0x6882 : 0x9000;
}

static void
every_class(void **state)
{
    struct card *card = fresh_card(&iso7816_card, "");
    char command[16];
    unsigned cla;

    (void)state;
    for (cla = 0; cla < 0x100; cla++) {
        snprintf(command, sizeof(command), "%02XA4000C", cla);
        if (transmit_sw(card, command) != expected_of_class(cla))
            fail_msg("class %02X", cla);
        card_power(card, CARD_RESET); /* ends a chain that it may be */
    }
    card_free(&card);
}

/* The class is looked at before the instruction. */
static void
every_instruction(void **state)
{
    struct card *card = fresh_card(&iso7816_card, "");
    char command[16];
    unsigned ins, known = 0;
    uint16_t sw;

    (void)state;
    for (ins = 0; ins < 0x100; ins++) {
        snprintf(command, sizeof(command), "00%02XEEEE", ins);
        sw = transmit_sw(card, command);
        known += sw != 0x6D00;
        if ((ins & 0xF0) == 0x60 || (ins & 0xF0) == 0x90)
            assert_int_equal(sw, 0x6D00); /* 7816-3: never an instruction */
        snprintf(command, sizeof(command), "80%02XEEEE", ins);
        assert_int_equal(transmit_sw(card, command), 0x6E00);
        snprintf(command, sizeof(command), "01%02XEEEE", ins);
        assert_int_equal(transmit_sw(card, command), 0x6881);
        card_power(card, CARD_RESET);
    }
    assert_true(known >= 6);
    card_free(&card);
}

static const struct exchange malformed[] = {
    {"nothing", "", "6700"},
    {"one byte", "00", "6700"},
    {"three bytes", "00A400", "6700"},
    {"data cut", "00A4000002 3F", "6700"},
    {"data and more", "00A4000002 3F00 00 00", "6700"},
    {"Lc 00", "00A4000000 00", "6700"},
    {"extended, Lc 0000", "00A4000000 0000 00", "6700"},
    {"extended, Lc cut", "00A4000000 00", "6700"},
    {"extended, data cut", "00A4000000 0002 3F", "6700"},
    {"extended, one byte of Le", "00A4000000 0002 3F00 00", "6700"},
    {"extended, three bytes of Le", "00A4000000 0002 3F00 000000", "6700"},
    {"unknown class and wrong length", "80A4000002 3F", "6700"},
    {"all is well again", "00A4000C02 3F00", "9000"},
};

static void
malformed_commands(void **state)
{
    (void)state;
    RUN_FRESH(&iso7816_card, "", malformed);
    RUN_FRESH(&iso7816_card, "protocol=t0", malformed);
}

#define FCP_2F01 "800113 820141 83022F01 8801E8 8A0105"

/* Both protocols: with Le as T=1 has it, without as T=0. */
static const struct exchange keeping[] = {
    {"nothing waits", "00C0000010", "6985"},
    {"FCP without Le", "00A40004022F01", "6112"},
    {"P1", "00C0010012", "6A86"},
    {"P2", "00C0000112", "6A86"},
    {"no Le", "00C00000", "6700"},
    {"data", "00C000000101", "6700"},
    {"all of it", "00C0000012", "6210" FCP_2F01 "9000"},
    {"no more", "00C0000001", "6985"},
    {"FCP without Le", "00A40004022F01", "6112"},
    {"a byte", "00C0000001", "62 6111"},
    {"a byte", "00C0000001", "10 6110"},
    {"more than there is", "00C0000000", FCP_2F01 "9000"},
    {"FCP with a short Le", "00A40004022F0104", "62108001 610E"},
    {"the rest", "00C000000E", "13 820141 83022F01 8801E8 8A0105 9000"},
    {"FCP without Le", "00A40004022F01", "6112"},
    {"another command", "0084000001", "xx 9000"},
    {"no more", "00C0000012", "6985"},
    {"FCP without Le", "00A40004022F01", "6112"},
    {"another that fails", "00B0000000000000", "6700"},
    {"FCP without Le", "00A40004022F01", "6112"},
    {"a reset", NULL, NULL},
    {"no more", "00C0000012", "6985"},
    {"extended GET RESPONSE", "00A40004022F01", "6112"},
    {"all of it", "00C0000000 0000", "6210" FCP_2F01 "9000"},
    {"case 1, nothing to send", "00A4000C", "9000"},
    {"case 1 with something", "00A40004", "61xx"},
};

/* T=0: case 4 always 61xx, case 2 with another Le 6Cxx; 7816-3:2006 12.2. */
static const struct exchange by_t0[] = {
    {"case 4", "00A40004022F0100", "6112"},
    {"Le too long", "00C0000013", "6C12"},
    {"as told", "00C0000012", "6210" FCP_2F01 "9000"},
    {"case 3", "00A40004022F01", "6112"},
    {"some", "00C0000002", "6210 6110"},
    {"Le too long", "00C0000012", "6C10"},
    {"Le 00", "00C0000000", FCP_2F01 "9000"},
    {"case 2, Le 00", "00B0000000", "6C13"},
    {"case 2, Le too long", "00B0000014", "6C13"},
    {"as told", "00B0000013",
     "4301F8 4703F781FF 7F6608 0202FFFF 0202FFFF 9000"},
    {"case 2, Le short enough", "00B0000003", "4301F8 9000"},
    {"case 2, error", "00B0001301", "6B00"},
    {"case 3, no data to send", "00A4000C022F01", "9000"},
    {"case 4, no data to send", "00A4000C022F0100", "9000"},
    {"challenge", "0084000000", "...9000"},
    {"challenge", "0084000008", "xxxxxxxxxxxxxxxx 9000"},
};

/* T=1: no Le, no data; nothing is kept but what did not fit Le. */
static const struct exchange by_t1[] = {
    {"case 4", "00A40004022F0100", "6210" FCP_2F01 "9000"},
    {"case 4, exact", "00A40004022F0112", "6210" FCP_2F01 "9000"},
    {"case 4, longer", "00A40004022F0140", "6210" FCP_2F01 "9000"},
    {"case 3", "00A40004022F01", "9000"},
    {"nothing waits", "00C0000012", "6985"},
    {"case 4, shorter", "00A40004022F0102", "6210 6110"},
    {"the rest", "00C0000010", FCP_2F01 "9000"},
    {"end of file", "00B0000014",
     "4301F8 4703F781FF 7F6608 0202FFFF 0202FFFF 6282"},
    {"all there is", "00B0000000",
     "4301F8 4703F781FF 7F6608 0202FFFF 0202FFFF 9000"},
    {"extended", "00B00000000000",
     "4301F8 4703F781FF 7F6608 0202FFFF 0202FFFF 9000"},
};

static void
protocols(void **state)
{
    (void)state;
    RUN_FRESH(&iso7816_card, "", keeping);
    RUN_FRESH(&iso7816_card, "protocol=both", keeping);
    RUN_FRESH(&iso7816_card, "protocol=t0", by_t0);
    RUN_FRESH(&iso7816_card, "protocol=t1", by_t1);
}

/* What waits belongs to a channel. */
static const struct exchange channels[] = {
    {"open", "0070000001", "01 9000"},
    {"FCP on 0", "00A40004022F01", "6112"},
    {"nothing waits on 1", "01C0000012", "6985"},
    {"FCI on 1", "01A40000022F01", "6112"},
    {"0", "00C0000001", "62 6111"},
    {"1", "01C0000001", "6F 6111"},
    {"a command on 1", "01A4000C", "9000"},
    {"nothing waits on 1", "01C0000011", "6985"},
    {"0", "00C0000001", "10 6110"},
    {"1 closes itself", "01708000", "9000"},
    {"0", "00C0000010", FCP_2F01 "9000"},
    {"1 is closed", "01C0000001", "6881"},
};

static void
channels_keep_apart(void **state)
{
    (void)state;
    RUN_FRESH(&iso7816_card, "", channels);
}

/* Parts of `piece` bytes until there are `total`, one byte in the last one. */
static uint16_t
send_chain(struct card *card, size_t total, size_t piece)
{
    static uint8_t room[CARD_COMMAND_MAX];
    struct buf command = BUF(room);
    struct bytes rsp = bytes_of(NULL, 0);
    size_t left = total, n;

    for (; left > 0; left -= n) {
        n = left == 1 ? 1 : left - 1 < piece ? left - 1 : piece;
        buf_clear(&command);
        put_command(&command, left == 1 ? "00D60000" : "10D60000", n, 0x30, 0);
        rsp = transmit(card, buf_bytes(&command));
        if (rsp.p[0] != 0x90)
            break;
    }
    return (uint16_t)(rsp.p[0] << 8 | rsp.p[1]);
}

/* All data together are at most what one command could carry. */
static void
long_chains(void **state)
{
    static const struct {
        size_t total, piece;
        uint16_t sw;
    } chains[] = {
        {2, 1, 0x9000},           {0x100, 1, 0x9000},
        {0x101, 0xFF, 0x6A84},    {0x7FFF, 0xFF, 0x6A84},
        {0xFFFF, 0xFF, 0x6A84},   {0x10000, 0xFF, 0x6700},
        {0xFFFF, 0xFFF8, 0x6A84}, {0x20000, 0xFFF8, 0x6700},
    };
    struct card *card = fresh_card(&iso7816_card, "");
    size_t i;

    (void)state;
    assert_int_equal(transmit_sw(card, "00A4080C0410001002"), 0x9000);
    for (i = 0; i < COUNT(chains); i++) {
        if (send_chain(card, chains[i].total, chains[i].piece) != chains[i].sw)
            fail_msg("%zu bytes in parts of %zu", chains[i].total,
                     chains[i].piece);
        assert_int_equal(transmit_sw(card, "00D6000001AA"), 0x9000);
    }
    card_free(&card);
}

static const struct {
    const struct card_type *type;
    const char *command;
    const char *name;
} names[] = {
    {&iso7816_card, "00A40400", "SELECT"},
    {&iso7816_card, "01B00000", "READ BINARY"},
    {&iso7816_card, "7FB00000", "READ BINARY"},
    {&iso7816_card, "00D6000002", "UPDATE BINARY"}, /* malformed */
    {&iso7816_card, "0020", "malformed command"},
    {&iso7816_card, "", "malformed command"},
    {&iso7816_card, "00FF0000", "unknown command"},
    {&iso7816_card, "80A40000", "unknown command"},
    {&handler_test_card, "80C00000", "GET RESPONSE"},
    {&handler_test_card, "00C00000", "unknown command"},
};

static void
names_of_commands(void **state)
{
    uint8_t room[8];
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(names); i++) {
        struct card *card = fresh_card(names[i].type, "");
        struct buf command = BUF(room);
        struct bytes in;

        put_command(&command, names[i].command, 0, 0, 0);
        in = exact(buf_bytes(&command));
        assert_string_equal(card_command_name(card, in), names[i].name);
        release(in);
        card_free(&card);
    }
}

/* The response goes behind what the buffer holds, in all the room there is. */
static void
appends_to_the_response(void **state)
{
    struct card *card = fresh_card(&iso7816_card, "");
    uint8_t room[6] = {1, 2, 3, 4, 5, 6};
    struct buf rsp = {room, 4, sizeof(room), false};

    (void)state;
    assert_int_equal(card_transmit(card, bytes_of("\x00\xA4\x00\x0C", 4), &rsp),
                     0);
    assert_int_equal(rsp.n, 6);
    assert_memory_equal(room, "\1\2\3\4\x90\x00", 6);
    card_free(&card);
}

/* Of its own class bytes, and not one command in them. */
static void
own_classes_without_commands(void **state)
{
    static const struct card_type type = {
        .name = "own", .base = &iso7816_card, .has_own_classes = true};
    static const struct exchange refused[] = {
        {"SELECT", "00A40000", "6E00"},
        {"another class", "F0A40000", "6E00"},
    };

    (void)state;
    RUN_FRESH(&type, "", refused);
}

UNIT_MAIN(cmocka_unit_test(every_class), cmocka_unit_test(every_instruction),
          cmocka_unit_test(malformed_commands), cmocka_unit_test(protocols),
          cmocka_unit_test(channels_keep_apart), cmocka_unit_test(long_chains),
          cmocka_unit_test(names_of_commands),
          cmocka_unit_test(appends_to_the_response),
          cmocka_unit_test(own_classes_without_commands))
