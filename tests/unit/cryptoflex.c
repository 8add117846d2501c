/*
 * cryptoflex.c - tests of src/cards/cryptoflex that scripts cannot make: power
 * that goes and memory that runs out at the worst moment, what is right as an
 * answer to a challenge, and that no secret is left in memory given back.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdio.h>

#include <vicc/cos.h>
#include <vicc/crypto/cipher.h>
#include <vicc/hex.h>
#include <vicc/types.h>

#include "cos/internal.h"
#include "exact.h"
#include "exchange.h"
#include "memory.h"
#include "power_cut.h"
#include "secrets.h"
#include "vector.h"

#define KEY "2C15E526E93E8A19"
#define PIN "3132333435363738"
#define CODE "3837363534333231"
#define OTHER "3939393939393939"
#define NO_PIN "3000000000000000"
#define SECRET_P                                                               \
    "55555E8FAF68092EC946568B0AD8C4B297C59250136F1E00000B741F4400EDC7"
#define SECRETS                                                                \
    SECRET_P                                                                   \
    "BFB80AC0334F0907C5AC7964FBEEBF0E3EE2E759F0449A5DED9B3C6B08D1F8C2"         \
    "B85EBCD47BDFB944DAC6C2E18F71FCE9063B4B6CFF329552314D7EFF9AFD3D77"         \
    "6DC8B814C744EFC37DBAE90B1D3C14215403D8A6B1DB34ECE6986F85C2A97EB6"         \
    "15066836467C393CC8B4F2C902058FD1A87AE8190C0076602609D8A7365DF143"
#define SIXTEEN "5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A"

static const struct exchange beginning[] = {
    {"the right to make files", "F02A0001 08" KEY, "9000"},
    {"a CHV", "F0E00000 10 FFFF 0017 0000 01 FF 00F0FF 01 03 000000", "9000"},
    {"its value", "C0D60000 17 FFFFFF" PIN "0303" CODE "0A0A", "9000"},
    {"a file", "F0E00000 10 FFFF 0001 1000 01 FF 100000 01 03 000000", "9000"},
};

/* The secret, right; and a wrong one, which tells how many tries are left. */
static const struct {
    const char *right;
    const char *wrong;
    unsigned tries;
} trials[] = {
    {"C0200001 08" PIN, "C0200001 08" NO_PIN, 3},
    {"F0240001 10" PIN OTHER, "F0240001 10" NO_PIN PIN, 3},
    {"F02C0001 10" CODE OTHER, "F02C0001 10" NO_PIN PIN, 10},
    {"F02A0001 08" KEY, "F02A0001 08" NO_PIN, 3},
};

static struct card *
ready_card(void)
{
    struct card *card = fresh_card(&cryptoflex_card, "");

    RUN(card, beginning);
    return card;
}

static void
assert_tries(struct card *card, size_t i, unsigned left)
{
    assert_int_equal(transmit_sw(card, trials[i].wrong), 0x63C0 | (left - 1));
}

static void
counted_before_compared(void **state)
{
    struct card *card;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(trials); i++) {
        card = ready_card(); /* the power goes before the comparison */
        transmit_cut(card, trials[i].right, 'E', 1, false);
        assert_string_equal(events, "C");
        assert_tries(card, i, trials[i].tries - 1);
        card_free(&card);

        card = ready_card(); /* behind it, but before the tries are back */
        transmit_cut(card, trials[i].right, 'C', 2, false);
        assert_string_equal(events, "CE");
        assert_tries(card, i, trials[i].tries - 1);
        card_free(&card);

        card = ready_card(); /* a try that cannot be counted is none */
        assert_int_equal(transmit_cut(card, trials[i].right, 'C', 1, true),
                         0x6F00);
        assert_string_equal(events, "");
        assert_tries(card, i, trials[i].tries);
        card_free(&card);
    }
}

/* Whom the card does not tell that it worked, it does not trust. */
static void
no_right_without_its_counter(void **state)
{
    struct card *card = ready_card();

    (void)state;
    assert_int_equal(transmit_cut(card, trials[0].right, 'C', 2, true), 0x6F00);
    assert_int_equal(transmit_sw(card, "C0B0000001"), 0x6982);
    assert_int_equal(transmit_sw(card, "F022070000"), 0x9000);
    assert_int_equal(transmit_cut(card, trials[3].right, 'C', 2, true), 0x6F00);
    assert_int_equal(transmit_sw(card, "F0E40000 02 1000"), 0x6982);
    card_free(&card);
}

/* The first six bytes of the challenge that key 1 has encrypted. */
static void
external_authentication(void **state)
{
    struct card *card = fresh_card(&cryptoflex_card, "serial=01020304");
    struct cipher cipher = {CIPHER_DES, CIPHER_ECB, hex(KEY), {NULL, 0}};
    uint8_t rooms[2][8];
    struct buf challenge = BUF(rooms[0]), proof = BUF(rooms[1]);
    char command[64] = "", *p = command;
    size_t i;

    (void)state;
    buf_put(&challenge, bytes_slice(transmit_hex(card, "C084000008"), 0, 8));
    assert_int_equal(cipher_encrypt(&cipher, buf_bytes(&challenge), &proof), 0);
    p += sprintf(p, "C08200000701");
    for (i = 0; i < 6; i++)
        p += sprintf(p, "%02X", proof.p[i]);
    assert_int_equal(transmit_sw(card, "F0E40000 02 0002"), 0x6982);
    assert_int_equal(transmit_sw(card, command), 0x9000);
    assert_int_equal(transmit_sw(card, command), 0x6985);
    assert_int_equal(transmit_sw(card, "F0E40000 02 0002"), 0x9000);
    card_free(&card);
}

static const struct exchange life[] = {
    {"right", "C0200001 08" PIN, "9000"},
    {"wrong", "C0200001 08" NO_PIN, "63C2"},
    {"changed", "F0240001 10" PIN OTHER, "9000"},
    {"unblocked", "F02C0001 10" CODE PIN, "9000"},
    {"verified", "C0200001 08" PIN, "9000"},
    {"a key file", "F0E00000 10 FFFF 00A6 0012 01 FF 00F0FF 01 03 000000",
     "9000"},
    {"a key", "C0D60000 A3 00A301" SECRETS, "9000"},
    {"read", "C0B00003 20", SECRET_P "9000"},
    {"a decryption",
     "C0880000 40" SIXTEEN SIXTEEN SIXTEEN "5A5A5A5A5A5A5A5A5A5A5A5A5A5A0100",
     "6140"},
    {"DES keys", "F0E00000 10 FFFF 0010 0001 01 FF 00F0FF 01 03 000000",
     "9000"},
    {"one", "C0D60000 0D FF 08 00" KEY "0303", "9000"},
    {"its work", "C0880000 08 0000000000000000", "6108"},
    {"all of it goes", "F0E40000 02 0012", "9000"},
    {"and comes", "F0E00000 10 FFFF 00AA 0012 01 FF 00F0FF 01 03 000000",
     "9000"},
    {"with a sister", "F0E00000 10 FFFF 00AA 1012 01 FF 00F0FF 01 03 000000",
     "9000"},
    {"for a key that it makes", "F0460040 04 01000100", "9000"},
};

static void
nothing_secret_is_given_back(void **state)
{
    static const uint8_t bytes[][SECRET_SIZE] = {
        {0x31, 0x32, 0x33, 0x34, 0x35, 0x36},
        {0x38, 0x37, 0x36, 0x35, 0x34, 0x33},
        {0x2C, 0x15, 0xE5, 0x26, 0xE9, 0x3E},
        /* of the key that went */
        {0x55, 0x55, 0x5E, 0x8F, 0xAF, 0x68},
        {0x68, 0xAF, 0x8F, 0x5E, 0x55, 0x55}, /* big-endian: the end of p */
        {0xC7, 0xED, 0x00, 0x44, 0x1F, 0x74},
    };
    const struct secrets secrets = {bytes, COUNT(bytes), 0x07};

    (void)state;
    check_secrets(ready_card, life, COUNT(life), &secrets);
}

/* Each allocation of a command fails once, until none is left to fail. */
static void
memory_that_runs_out(void **state)
{
    struct card *card = ready_card();
    size_t i, n;
    uint16_t sw;

    (void)state;
    for (i = 0; i < COUNT(life); i++)
        for (n = 1;; n++) {
            memory_fail_at(n);
            sw = transmit_alone(card, life[i].command);
            if (!memory_has_failed()) {
                memory_fail_at(0);
                assert_in_range(sw >> 8, 0x61, 0x90);
                break;
            }
            if (sw >> 8 != 0x65 && sw >> 8 != 0x6F && sw >> 8 != 0x69)
                fail_msg("%s, allocation %zu: %04X", life[i].name, n, sw);
            transmit_sw(card, "C0200001 08" PIN); /* it may have been that */
        }
    card_free(&card);
}

static int
make_odd_files(struct card *card, void *ctx, struct card_error *error)
{
    static const struct cos_fresh files[] = {
        {"", "820138 83023F00", ""}, /* no DO 80, no DO 85 */
        {"", "82050600012C01 83021000 8507FF000000000000", ""},
        {"", "8001FF 820139 83020000 8507FF000000000000", ""},
        {"", "820104 83020011 850100", ""},
        {"", "80020004 820138 83025000 8507FF000000000000", ""},
    };
    size_t i;

    (void)error;
    for (i = 0; i < (ctx == NULL ? 0 : COUNT(files)); i++)
        assert_int_equal(cos_add_fresh(card, &files[i]), 0);
    return 0;
}

/*
 * What a profile or an image may hold and no Cryptoflex card has made: no MF,
 * or files with other control parameters. Every command, anywhere.
 */
static void
odd_cards(void **state)
{
    static const struct card_env env = {0};
    static const uint16_t fids[] = {0x3F00, 0x1000, 0x0000, 0x0011, 0x5000};
    static const char *const data[] = {
        "", "00", "02 0000", "03 000001", "04 01000100", "08 0000000000000000"};
    struct card_maker makers[] = {{make_odd_files, NULL},
                                  {make_odd_files, makers}};
    const struct command *command;
    struct card_error error;
    struct card *card;
    char text[64];
    size_t i, f, d;

    (void)state;
    for (i = 0; i < COUNT(makers); i++) {
        assert_int_equal(card_make(&cryptoflex_card, &env, NULL, 0, &makers[i],
                                   &card, &error),
                         0);
        card_power(card, CARD_ON);
        for (f = 0; f < COUNT(fids); f++)
            for (command = cryptoflex_card.commands; command->run != NULL;
                 command++)
                for (d = 0; d < COUNT(data); d++) {
                    if (command->ins == 0x84)
                        continue; /* this card has no random numbers */
                    sprintf(text, "C0A40000 02 %04X", fids[f]);
                    transmit_sw(card, text);
                    sprintf(text, "%02X%02X0000 %s", command->cla, command->ins,
                            data[d]);
                    assert_int_not_equal(transmit_sw(card, text), 0);
                }
        card_free(&card);
    }
}

static int
count_up(void *ctx, uint8_t *p, size_t n)
{
    uint8_t *next = ctx;

    while (n-- > 0)
        *p++ = (*next)++;
    return 0;
}

/* What only a card with pkcs15=yes has is not forgotten on others. */
static void
options_that_have_no_effect(void **state)
{
    static const struct card_setting given[] = {
        {"pin", "4321"},    {"puk", "1234"},      {"tries", "5"},
        {"puk-tries", "5"}, {"key", "x"},         {"cert", "x"},
        {"p12", "x"},       {"password", "x"},    {"password-file", "x"},
        {"name", "x"},      {"key-size", "1024"}, {"pin", "1234"},
    };
    uint8_t next = 0;
    const struct card_env env = {.random = count_up, .ctx = &next};
    struct card_error error;
    struct card *card;
    char words[80];
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(given); i++) {
        assert_int_equal(
            card_new(&cryptoflex_card, &env, &given[i], 1, &card, &error),
            -EINVAL);
        snprintf(words, sizeof(words),
                 "option %s is for a card with pkcs15=yes", given[i].name);
        assert_string_equal(error.text, words);
    }
}

UNIT_MAIN(cmocka_unit_test(odd_cards),
          cmocka_unit_test(options_that_have_no_effect),
          cmocka_unit_test(counted_before_compared),
          cmocka_unit_test(no_right_without_its_counter),
          cmocka_unit_test(external_authentication),
          cmocka_unit_test(nothing_secret_is_given_back),
          cmocka_unit_test(memory_that_runs_out))
