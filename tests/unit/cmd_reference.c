/*
 * cmd_reference.c - tests of src/cos/cmd_reference.c and reference_value.c:
 * what a PIN may be told to be, and what follows from that.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdio.h>

#include <vicc/types.h>

#include "cos/internal.h"
#include "exact.h"
#include "exchange.h"
#include "unit.h"

static const uint8_t value[] = {0x31, 0x32, 0x33, 0x34};
static const uint8_t code[] = {0x38, 0x37};

/* A card with that PIN besides PIN 1, and the code 84 in DF 1000. */
static struct card *
card_with(const struct cos_pin *pin)
{
    static const uint8_t df[] = {0x10, 0x00};
    const struct cos_pin puk = {.p2 = 0x84,
                                .path = BYTES(df),
                                .value = BYTES(code),
                                .tries = 3,
                                .uses = 2};
    struct card *card = fresh_card(&iso7816_card, "");

    assert_int_equal(cos_add_pin(card, &puk), 0);
    assert_int_equal(cos_add_pin(card, pin), 0);
    assert_int_equal(state_commit(&card->state), 0);
    return card;
}

#define RUN_WITH(pin, list)                                                    \
    do {                                                                       \
        struct card *card_ = card_with(pin);                                   \
        RUN(card_, list);                                                      \
        card_free(&card_);                                                     \
    } while (0)

static const struct exchange transport[] = {
    {"not usable", "0020000204 31323334", "6984"},
    {"nor its state", "00200002", "6984"},
    {"nor to be disabled", "0026000204 31323334", "6984"},
    {"what was never verified is taken back", "0020FF02", "9000"},
    {"wrong", "0024000208 31323335 35363738", "63C1"},
    {"no new value alone", "0024010204 35363738", "6982"},
    {"changed", "0024000208 31323334 35363738", "9000"},
    {"usable", "0020000204 35363738", "9000"},
};

static const struct exchange no_value[] = {
    {"not usable", "0020000204 31323334", "6984"},
    {"nothing to change", "0024000208 31323334 35363738", "6985"},
    {"nothing to unblock", "002C0302", "6985"},
    {"the first value", "0024010204 35363738", "9000"},
    {"not verified", "00200002", "63C2"},
    {"usable", "0020000204 35363738", "9000"},
    {"may not be replaced", "0024010204 31323334", "6982"},
    {"may not be disabled", "0026010204", "6985"},
};

static const struct exchange terminated[] = {
    {"verify", "0020000204 31323334", "6984"},
    {"its state", "00200002", "6984"},
    {"change", "0024000208 31323334 35363738", "6984"},
    {"disable", "0026000204 31323334", "6984"},
    {"enable", "0028000204 31323334", "6984"},
    {"unblock", "002C0302", "6984"},
    {"P2 00 is ambiguous", "00200000", "6A88"},
};

static void
states(void **state)
{
    struct cos_pin pin = {
        .p2 = 2, .value = BYTES(value), .tries = 2, .state = COS_PIN_INITIAL};

    (void)state;
    RUN_WITH(&pin, transport);
    pin.value.n = 0;
    RUN_WITH(&pin, no_value);
    pin.value = BYTES(value);
    pin.state = COS_PIN_TERMINATED;
    RUN_WITH(&pin, terminated);
}

static const struct exchange local[] = {
    {"not from the MF", "00200082", "6A88"},
    {"in its DF", "00A4010C 02 1000", "9000"},
    {"wrong", "0020008204 31323335", "6983"},
    {"unblocked by the DF's code", "002C008206 3837 35363738", "9000"},
    {"right", "0020008204 35363738", "9000"},
    {"wrong", "0020008204 31323335", "6983"},
    {"the code's last use", "002C018202 3837", "9000"},
    {"used up", "002C018202 3837", "6984"},
    {"also to verify", "0020008402 3837", "6984"},
    {"a new code", "0024008404 3837 3131", "9000"},
    {"is used", "002C018202 3131", "9000"},
    {"verified, its last use", "0020008402 3131", "9000"},
    {"what is verified stays so", "002C0282 02 3131", "9000"},
    {"the new value", "0020008202 3131", "9000"},
    {"used up", "002C018202 3131", "6984"},
};

static void
local_with_code(void **state)
{
    static const uint8_t df[] = {0x10, 0x00};
    const struct cos_pin pin = {.p2 = 0x82,
                                .path = BYTES(df),
                                .value = BYTES(value),
                                .tries = 1,
                                .puk = 0x84};

    (void)state;
    RUN_WITH(&pin, local);
}

static const struct exchange leaving[] = {
    {"a global one", "0020000104 31323334", "9000"},
    {"its DF", "00A4010C 02 1000", "9000"},
    {"right", "0020008204 31323334", "9000"},
    {"an EF in it", "00A4020C 02 1002", "9000"},
    {"stays", "00200082", "9000"},
    {"a DF in it, made", "00E0000009 6207 820138 83022100", "9000"},
    {"stays", "00200082", "9000"},
    {"back to it", "00A4030C", "9000"},
    {"stays", "00200082", "9000"},
    {"there is no such file", "00A4000C 02 4711", "6A82"},
    {"stays", "00200082", "9000"},
    {"the MF", "00A4000C", "9000"},
    {"back to it", "00A4010C 02 1000", "9000"},
    {"lost", "00200082", "63C3"},
    {"not the global one", "00200001", "9000"},
    {"right", "0020008204 31323334", "9000"},
    {"another channel", "00700001", "9000"},
    {"that only passes by", "01A4000C 02 1000", "9000"},
    {"and leaves", "01A4000C", "9000"},
    {"stays", "00200082", "9000"},
    {"an EF elsewhere, by its path", "00A4080C 02 2F00", "9000"},
    {"back to it", "00A4080C 02 1000", "9000"},
    {"lost", "00200082", "63C3"},
};

/* The security status of a DF is that of a channel which is in it. */
static void
lost_when_left(void **state)
{
    static const uint8_t df[] = {0x10, 0x00};
    const struct cos_pin pin = {
        .p2 = 0x82, .path = BYTES(df), .value = BYTES(value), .tries = 3};

    (void)state;
    RUN_WITH(&pin, leaving);
}

static const struct exchange uses[] = {
    {"once", "0020000204 31323334", "9000"},
    {"wrong ones are no use", "0020000204 31323335", "63C1"},
    {"twice", "0020000204 31323334", "9000"},
    {"what is verified stays so", "0024010204 36363636", "9000"},
    {"once", "0020000204 36363636", "9000"},
    {"twice", "0020000204 36363636", "9000"},
    {"no more", "0020000204 36363636", "6984"},
    {"a new value", "0024000208 36363636 31323334", "9000"},
    {"works again", "0020000204 31323334", "9000"},
};

static void
use_limit(void **state)
{
    const struct cos_pin pin = {.p2 = 2,
                                .value = BYTES(value),
                                .tries = 2,
                                .uses = 2,
                                .flags = COS_PIN_MAY_REPLACE};

    (void)state;
    RUN_WITH(&pin, uses);
}

static const struct {
    enum cos_pin_encoding encoding;
    uint8_t min, max;
    int padding; /* -1: none */
    const char *value;
    const char *change; /* to the next value, one more of its length */
    const char *expected;
} encodings[] = {
    {COS_PIN_DIGITS, 4, 8, -1, "1234", "3536373839", "9000"},
    {COS_PIN_DIGITS, 4, 8, -1, "1234", "35363A38", "6A80"},
    {COS_PIN_DIGITS, 4, 8, -1, "1234", "35362F38", "6A80"},
    {COS_PIN_DIGITS, 4, 8, -1, "1234", "353637", "6A80"},
    {COS_PIN_DIGITS, 4, 8, -1, "1234", "353637383930313233", "6A80"},
    {COS_PIN_DIGITS, 4, 8, 0xFF, "1234\xFF\xFF\xFF\xFF", "3536373839FFFFFF",
     "9000"},
    {COS_PIN_DIGITS, 4, 8, 0xFF, "1234\xFF\xFF\xFF\xFF", "3536373839303132",
     "9000"},
    {COS_PIN_DIGITS, 4, 8, 0xFF, "1234\xFF\xFF\xFF\xFF", "353637FFFFFFFFFF",
     "6A80"},
    {COS_PIN_DIGITS, 4, 8, 0xFF, "1234\xFF\xFF\xFF\xFF", "35363738FF39FFFF",
     "6A80"},
    {COS_PIN_DIGITS, 4, 8, 0xFF, "1234\xFF\xFF\xFF\xFF", "3536373839", "6A80"},
    {COS_PIN_BCD, 2, 4, -1, "\x12\x34", "12345F", "9000"},
    {COS_PIN_BCD, 2, 4, -1, "\x12\x34", "123456", "9000"},
    {COS_PIN_BCD, 2, 4, -1, "\x12\x34", "12345A", "6A80"},
    {COS_PIN_BCD, 2, 4, -1, "\x12\x34", "12F456", "6A80"},
    {COS_PIN_BCD, 2, 4, -1, "\x12\x34", "1234FF", "6A80"},
    {COS_PIN_UTF8, 2, 9, -1, "\xC3\xA4", "C3A4E282ACF09F9880", "9000"},
    {COS_PIN_UTF8, 2, 9, -1, "\xC3\xA4", "C1A4", "6A80"},
    {COS_PIN_UTF8, 2, 9, -1, "\xC3\xA4", "E08080", "6A80"},
    {COS_PIN_UTF8, 2, 9, -1, "\xC3\xA4", "EDA080", "6A80"},
    {COS_PIN_UTF8, 2, 9, -1, "\xC3\xA4", "F4908080", "6A80"},
    {COS_PIN_UTF8, 2, 9, -1, "\xC3\xA4", "F8888080", "6A80"},
    {COS_PIN_UTF8, 2, 9, -1, "\xC3\xA4", "80C3", "6A80"},
    {COS_PIN_UTF8, 2, 9, -1, "\xC3\xA4", "31E282", "6A80"},
    {COS_PIN_BLOCK_2, 8, 8, -1, "\x24\x12\x34\xFF\xFF\xFF\xFF\xFF",
     "2512345FFFFFFFFF", "9000"},
    {COS_PIN_BLOCK_2, 8, 8, -1, "\x24\x12\x34\xFF\xFF\xFF\xFF\xFF",
     "2C123456789012FF", "9000"},
    {COS_PIN_BLOCK_2, 8, 8, -1, "\x24\x12\x34\xFF\xFF\xFF\xFF\xFF",
     "2D1234567890123F", "6A80"},
    {COS_PIN_BLOCK_2, 8, 8, -1, "\x24\x12\x34\xFF\xFF\xFF\xFF\xFF",
     "23123FFFFFFFFFFF", "6A80"},
    {COS_PIN_BLOCK_2, 8, 8, -1, "\x24\x12\x34\xFF\xFF\xFF\xFF\xFF",
     "2412345FFFFFFFFF", "6A80"},
    {COS_PIN_BLOCK_2, 8, 8, -1, "\x24\x12\x34\xFF\xFF\xFF\xFF\xFF",
     "241234FFFFFFFF", "6A80"},
    {COS_PIN_BLOCK_2, 8, 8, -1, "\x24\x12\x34\xFF\xFF\xFF\xFF\xFF",
     "341234FFFFFFFFFF", "6A80"},
};

/* The old value is right; the new one may be one, or may not. */
static void
what_can_be_a_value(void **state)
{
    size_t i, j;

    (void)state;
    for (i = 0; i < COUNT(encodings); i++) {
        const char *old = encodings[i].value;
        char command[80];
        size_t n =
            (size_t)snprintf(command, sizeof(command), "00240002%02zX",
                             strlen(old) + strlen(encodings[i].change) / 2);
        const struct exchange change = {encodings[i].change, command,
                                        encodings[i].expected};
        const struct cos_pin pin = {
            .p2 = 2,
            .value = bytes_of(old, strlen(old)),
            .tries = 1,
            .min = encodings[i].min,
            .max = encodings[i].max,
            .encoding = encodings[i].encoding,
            .flags = encodings[i].padding < 0 ? 0 : COS_PIN_IS_PADDED,
            .padding = (uint8_t)encodings[i].padding};
        struct card *card = card_with(&pin);

        for (j = 0; j < strlen(old); j++)
            n += (size_t)snprintf(command + n, sizeof(command) - n, "%02X",
                                  (uint8_t)old[j]);
        strcat(command, encodings[i].change);
        run_exchanges(card, &change, 1);
        assert_int_equal(transmit_sw(card, "00200002") & 0xFFFE,
                         strcmp(encodings[i].expected, "9000") == 0 ? 0x9000
                                                                    : 0x63C0);
        card_free(&card);
    }
}

static void
what_can_be_no_pin(void **state)
{
    static const uint8_t path[] = {0x10, 0x00}, ef[] = {0x2F, 0x00};
    const struct cos_pin bad[] = {
        {.p2 = 0x22, .value = BYTES(value), .tries = 3},
        {.p2 = 0x02, .tries = 3}, /* no value */
        {.p2 = 0x02, .value = BYTES(value)},
        {.p2 = 0x02, .value = BYTES(value), .tries = 16},
        {.p2 = 0x02, .value = BYTES(value), .tries = 3, .min = 5},
        {.p2 = 0x02, .value = BYTES(value), .tries = 3, .max = 3},
        {.p2 = 0x02, .value = BYTES(value), .tries = 3, .max = 65},
        {.p2 = 0x02, .value = BYTES(value), .tries = 3, .flags = 0x10},
        {.p2 = 0x02, .value = BYTES(value), .tries = 3, .puk = 0x20},
        {.p2 = 0x02,
         .value = BYTES(value),
         .tries = 3,
         .encoding = COS_PIN_ENCODINGS},
        {.p2 = 0x02,
         .value = BYTES(value),
         .tries = 3,
         .state = COS_PIN_STATES},
        {.p2 = 0x02, .path = BYTES(path), .value = BYTES(value), .tries = 3},
        {.p2 = 0x82, .path = BYTES(ef), .value = BYTES(value), .tries = 3},
        {.p2 = 0x02,
         .value = BYTES(value),
         .tries = 3,
         .flags = COS_PIN_IS_PADDED},
    };
    struct card *card = fresh_card(&iso7816_card, "");
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(bad); i++) {
        assert_int_equal(cos_add_pin(card, &bad[i]), -EINVAL);
        assert_int_equal(card->state.log.n, 0);
    }
    card_free(&card);
}

/* Heads once ended behind the longest value: five bytes. */
static void
short_head(void **state)
{
    const struct cos_pin pin = {.p2 = 2, .value = BYTES(value), .tries = 2};
    struct card *card = card_with(&pin);
    struct reference *reference = reference_find(card, card->channel[0], 2);

    (void)state;
    assert_int_equal(object_resize(&card->state, reference->object, OBJECT_HEAD,
                                   REFERENCE_MAX + 1, 0),
                     0);
    assert_int_equal(state_commit(&card->state), 0);
    assert_int_equal(transmit_sw(card, "0020000204 31323335"), 0x63C1);
    assert_int_equal(transmit_sw(card, "0020000204 31323334"), 0x9000);
    assert_int_equal(transmit_sw(card, "0026000204 31323334"), 0x6985);
    assert_int_equal(object_bytes(reference->object, OBJECT_HEAD).n, 5);
    assert_int_equal(reference_set_byte(card, reference, REFERENCE_FLAGS,
                                        COS_PIN_MAY_DISABLE),
                     0);
    assert_int_equal(state_commit(&card->state), 0);
    assert_int_equal(transmit_sw(card, "0026000204 31323334"), 0x9000);
    card_free(&card);
}

UNIT_MAIN(cmocka_unit_test(states), cmocka_unit_test(local_with_code),
          cmocka_unit_test(lost_when_left), cmocka_unit_test(use_limit),
          cmocka_unit_test(what_can_be_a_value),
          cmocka_unit_test(what_can_be_no_pin), cmocka_unit_test(short_head))
