/*
 * piv.c - tests of src/cards/piv and src/cos/application.c that scripts cannot
 * make: no secret byte is left in memory that was given back, and a command
 * that runs out of memory or random bytes changes nothing.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>

#include <vicc/application.h>
#include <vicc/hex.h>
#include <vicc/types.h>

#include "cos/internal.h"
#include "exact.h"
#include "exchange.h"
#include "memory.h"
#include "secrets.h"
#include "vector.h"

/* The witness of the factory's management key is known here: 22 23 ... 29. */
#define WITNESS "0087039B 04 7C028000"
#define PROOF "0087039B 16 7C14 80082223242526272829 81080000000000000000"
#define SCALAR                                                                 \
    "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721"
#define ADMIN_KEY "5A69788796A5B4C3D2E1F00112233445"
#define PIN "3938373635343332"
#define IMPORT "00FE119A 22 0620" SCALAR

static const struct exchange life[] = {
    {"a witness", WITNESS, "7C0A8008xxxxxxxxxxxxxxxx 9000"},
    {"proved", PROOF, "7C0A8208xxxxxxxxxxxxxxxx 9000"},
    {"a private key", IMPORT, "9000"},
    {"over it, in a chain", "10FE119A 12 0620C9AFA9D845BA75166B5C215767B1D693",
     "9000"},
    {"the rest", "00FE119A 10 4E50C3DB36E89B127B8A622B120F6721", "9000"},
    {"a bad one", "00FE149A 22 0620" SCALAR, "6A80"},
    {"a management key", "00FFFFFF 13 089B10" ADMIN_KEY, "9000"},
    {"a PIN", "00240080 10 313233343536FFFF" PIN, "9000"},
    {"a wrong one", "00200080 08 313233343536FFFF", "63C2"},
    {"the right one", "00200080 08" PIN, "9000"},
    {"agreed upon",
     "0087119A 47 7C45 8200 8541 04"
     "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
     "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299",
     "...9000"},
    {"a witness by the new key", "0087089B 04 7C028000", "...9000"},
    {"printed information, with a management key as some keep it",
     "00DB3FFF 1B 5C035FC109 5314 8812 8910" ADMIN_KEY, "9000"},
    {"read", "00CB3FFF 05 5C035FC109", "5314 8812 8910" ADMIN_KEY "9000"},
    {"in two parts", "00CB3FFF 05 5C035FC109 0A", "...610C"},
};

static struct card *
factory_card(void)
{
    return fresh_card(&piv_card, "keys=none");
}

static void
nothing_secret_is_given_back(void **state)
{
    static const uint8_t bytes[][SECRET_SIZE] = {
        {0x5A, 0x69, 0x78, 0x87, 0x96, 0xA5}, /* ADMIN_KEY */
        {0xC9, 0xAF, 0xA9, 0xD8, 0x45, 0xBA}, /* SCALAR */
        {0x39, 0x38, 0x37, 0x36, 0x35, 0x34}, /* PIN */
        {0x22, 0x23, 0x24, 0x25, 0x26, 0x27}, /* the witness, which went */
    };
    const struct secrets secrets = {bytes, COUNT(bytes), 0x07};

    (void)state;
    check_secrets(factory_card, life, COUNT(life), &secrets);
}

/* With the management key proved. */
static struct card *
ready_card(void)
{
    struct card *card = factory_card();

    assert_int_equal(transmit_sw(card, WITNESS), 0x9000);
    assert_int_equal(transmit_sw(card, PROOF), 0x9000);
    return card;
}

static bool
is_done(uint16_t sw)
{
    return sw == 0x9000 || sw >> 8 == 0x61;
}

/* Each allocation of a command fails once, until none is left to fail. */
static void
memory_that_runs_out(void **state)
{
    static const char *const commands[] = {
        "0047009A 05 AC03800111",
        IMPORT,
        "00DB3FFF 0A 5C035FC105 5303 010203",
        "00FFFFFF 13 089B10" ADMIN_KEY,
        "00240080 10 313233343536FFFF" PIN,
        "002C0080 10 3132333435363738" PIN,
        "00CB3FFF 05 5C035FC102 04",
        "00CB3FFF 05 5C035FC102",
        "10DB3FFF 0A 5C035FC105 5303 010203",
        "00A40400 08 A000000527471117",
    };
    size_t i, n;
    uint16_t sw;

    (void)state;
    for (i = 0; i < COUNT(commands); i++)
        for (n = 1;; n++) {
            struct card *card = ready_card();
            size_t size = card->state.size;

            memory_fail_at(n);
            sw = transmit_alone(card, commands[i]);
            if (!memory_has_failed()) {
                memory_fail_at(0);
                assert_true(is_done(sw));
                card_free(&card);
                break;
            }
            /* a key that does not come about looks like a wrong one */
            assert_true(sw == 0x6581 ||
                        (sw == 0x6A80 && strcmp(commands[i], IMPORT) == 0));
            assert_int_equal(card->state.size, size);
            assert_int_equal(card->state.log.n, 0);
            /* and then it goes as if nothing had been */
            assert_true(is_done(transmit_alone(card, commands[i])));
            card_free(&card);
        }
}

static void
no_random_bytes(void **state)
{
    static const struct exchange failing[] = {
        {"a witness", WITNESS, "6F00"},
        {"a challenge", "0087009B 04 7C028100", "6F00"},
        {"an answer to none", PROOF, "6982"},
        {"a key", "0047009A 05 AC03800111", "6982"},
    };
    struct card *card = ready_card();

    (void)state;
    random_fails(true);
    RUN(card, failing);
    random_fails(false);
    card_free(&card);
}

static void
commands_have_the_names_of_their_application(void **state)
{
    struct card *card = factory_card();

    (void)state;
    assert_string_equal(card_command_name(card, hex("00FD0000")),
                        "GET VERSION");
    assert_string_equal(card_command_name(card, hex("001D0000")),
                        "unknown command");
    assert_int_equal(transmit_sw(card, "00A4040C 08 A000000527471117"), 0x9000);
    assert_string_equal(card_command_name(card, hex("001D0000")),
                        "READ CONFIGURATION");
    assert_string_equal(card_command_name(card, hex("00FD0000")),
                        "unknown command");
    assert_string_equal(card_command_name(card, hex("00A40000")), "SELECT");
    card_free(&card);
}

/* What is asked for outside of any command is the first application's. */
static void
without_a_command(void **state)
{
    struct card *card = factory_card();
    struct bytes admin = hex("9B"), none = hex("9A"), value;
    struct application_key key;
    struct application_pin pin;
    uint8_t tag = 0x01;
    const struct cos_key bad = {.reference = bytes_of(&tag, 1),
                                .type = COS_KEY_AES,
                                .value = bytes_of(&tag, 1)};

    (void)state;
    transmit_sw(card, "00A4040C 08 A000000527471117");
    assert_true(application_pin(card, NULL, 0x80, &pin));
    assert_int_equal(pin.tries_left, 3);
    assert_false(application_pin(card, NULL, 0x82, &pin));
    assert_false(application_pin_fits(card, NULL, 0x82, hex("31")));
    application_pin_trust(card, NULL, 0x82, true);
    assert_int_equal(application_pin_reset(card, NULL, 0x82, hex("31"), 3),
                     -EINVAL);
    value = hex("313233343536FFFF");
    assert_int_equal(application_pin_reset(card, NULL, 0x80, value, 0),
                     -EINVAL);
    assert_int_equal(application_pin_reset(card, NULL, 0x80, value, 16),
                     -EINVAL);
    assert_int_equal(application_pin_reset(card, NULL, 0x80, hex("31"), 3),
                     -EINVAL);
    assert_int_equal(application_pin_set_tries(card, NULL, 0x80, 4), -EINVAL);
    assert_int_equal(application_pin_set_tries(card, NULL, 0x82, 1), -EINVAL);
    assert_true(application_key(card, NULL, admin, &key));
    assert_int_equal(key.bits, 192);
    assert_false(application_key(card, NULL, none, &key));
    assert_null(application_pkey(card, NULL, none));
    application_key_trust(card, NULL, none, true);
    assert_int_equal(application_delete_key(card, NULL, none), 0);
    assert_int_equal(application_put_key(card, NULL, &bad, NULL), -EINVAL);
    assert_true(application_object(card, NULL, 0x7E, &value));
    assert_false(application_object(card, NULL, 0x7F61, &value));
    assert_int_equal(application_delete_object(card, NULL, 0x7F61), 0);
    card_free(&card);
}

UNIT_MAIN(cmocka_unit_test(nothing_secret_is_given_back),
          cmocka_unit_test(memory_that_runs_out),
          cmocka_unit_test(no_random_bytes),
          cmocka_unit_test(commands_have_the_names_of_their_application),
          cmocka_unit_test(without_a_command))
