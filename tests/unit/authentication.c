/*
 * authentication.c - tests of src/cos/authentication.c: whose PIN, key or
 * environment it is that a rule means, when the command came from elsewhere.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/types.h>

#include "cos/internal.h"
#include "exact.h"
#include "exchange.h"
#include "vector.h"

/* PIN 81, in expanded format; with DEACTIVATE FILE alone; key 81. */
#define WANTS_PIN "AB0B 80017F A406 830181 950108"
#define WANTS_PIN_TO_DEACTIVATE "AB10 800108 A406 830181 950108 800177 9000"
#define WANTS_KEY "AB0B 80017F A406 830181 950180"

/*
 * DF 4000 with 4100 and 4200 in it, and 5000 beside it, with EFs and rules.
 * All but 4100 have a PIN 81, and each another.
 */
static const struct exchange files[] = {
    {"DF 4000", "00E0000009 6207 820178 83024000", "9000"},
    {"an EF, PIN", "00E0000019 6217 800104 820141 83024001" WANTS_PIN, "9000"},
    {"an EF, key", "00E0000019 6217 800104 820141 83024002" WANTS_KEY, "9000"},
    {"an EF, any user", "00E000000F 620D 800104 820141 83024003 8E0104",
     "9000"},
    {"an EF, by environment 3",
     "00E0000016 6214 800104 820141 83024004 8C08 7F 13131313131313", "9000"},
    {"rules for it and others", "00E000000F 620D 82044441000A 83026F06 8A0105",
     "9000"},
    {"never", "00E20000 05 80017F 9700", "9000"},
    {"always", "00E20000 05 80017F 9000", "9000"},
    {"an EF, by what is current",
     "00E0000014 6212 800104 820141 83024005 8B06 6F06 0101 0202", "9000"},
    {"DF 4100 in it", "00E000001B 6219 820178 83024100" WANTS_PIN_TO_DEACTIVATE,
     "9000"},
    {"an EF", "00E0000019 6217 800104 820141 83024101" WANTS_PIN, "9000"},
    {"back", "00A4000C 02 4000", "9000"},
    {"DF 4200 in it", "00E000001B 6219 820178 83024200" WANTS_PIN_TO_DEACTIVATE,
     "9000"},
    {"an EF", "00E0000019 6217 800104 820141 83024201" WANTS_PIN, "9000"},
    {"the MF", "00A4000C", "9000"},
    {"DF 5000", "00E000000D 620B 820178 83025000 8D025003", "9000"},
    {"its environments", "00E000000C 620A 82044441001E 83025003", "9000"},
    {"number 3", "00E200000D 7B0B 800103 A406 830181 950108", "9000"},
};

static struct card *
card_with_pins(void)
{
    static const struct {
        const char *path;
        const char *value;
    } pins[] = {{"4000", "1111"}, {"40004200", "2222"}, {"5000", "5555"}};
    struct card *card = fresh_card(&iso7816_card, "");
    size_t i;

    RUN(card, files);
    for (i = 0; i < COUNT(pins); i++) {
        const struct cos_pin pin = {.p2 = 0x81,
                                    .path = hex(pins[i].path),
                                    .value = hex(pins[i].value),
                                    .tries = 3};

        assert_int_equal(cos_add_pin(card, &pin), 0);
    }
    assert_int_equal(state_commit(&card->state), 0);
    return card;
}

#define RUN_WITH_PINS(list)                                                    \
    do {                                                                       \
        struct card *card_ = card_with_pins();                                 \
        RUN(card_, list);                                                      \
        card_free(&card_);                                                     \
    } while (0)

static const struct exchange from_beside[] = {
    {"in DF 5000", "00A4000C 02 5000", "9000"},
    {"its PIN", "0020008102 5555", "9000"},
    {"is not that of 4000", "00040800 04 40004001", "6982"},
    {"nor for anything else", "00440800 04 40004001", "6982"},
    {"nor", "00E80800 04 40004001", "6982"},
    {"nor", "00E40800 04 40004001", "6982"},
    {"nor of what is in it", "00040800 04 40004100", "6982"},
    {"nor", "00040800 06 400041004101", "6982"},
    {"nor any user of it", "00040800 04 40004003", "6982"},
    {"a PIN of the card is", "0020000104 31323334", "9000"},
    {"so", "00040800 04 40004003", "9000"},
    {"but not that PIN", "00040800 04 40004001", "6982"},
};

static const struct exchange from_above[] = {
    {"in DF 4000", "00A4000C 02 4000", "9000"},
    {"its PIN", "0020008102 1111", "9000"},
    {"counts there", "00040800 04 40004001", "9000"},
    {"and by an identifier", "00440000 02 4001", "9000"},
    {"for any user", "00040800 04 40004003", "9000"},
    {"for a DF without one", "00040800 04 40004100", "9000"},
    {"active again", "00440800 04 40004100", "9000"},
    {"and in it", "00040800 06 400041004101", "9000"},
    {"not for a DF with its own", "00040800 04 40004200", "6982"},
    {"nor in it", "00040800 06 400042004201", "6982"},
};

static const struct exchange from_below[] = {
    {"in DF 4200", "00A4080C 04 40004200", "9000"},
    {"its PIN", "0020008102 2222", "9000"},
    {"counts for the DF itself", "00040000 02 4200", "9000"},
    {"active again", "00440000 02 4200", "9000"},
    {"and in it", "00040000 02 4201", "9000"},
    {"active again", "00440000 02 4201", "9000"},
    {"not above", "00040800 04 40004001", "6982"},
    {"nor beside", "00040800 06 400041004101", "6982"},
    {"nor for any user above", "00040800 04 40004003", "6982"},
    {"in DF 4000", "00A4000C 02 4000", "9000"},
    {"its PIN", "0020008102 1111", "9000"},
    {"in DF 4200", "00A4080C 04 40004200", "9000"},
    {"still counts above", "00040800 04 40004001", "9000"},
    {"and not here", "00040000 02 4201", "6982"},
};

static void
a_pin_is_that_of_the_file_s_df(void **state)
{
    (void)state;
    RUN_WITH_PINS(from_beside);
    RUN_WITH_PINS(from_above);
    RUN_WITH_PINS(from_below);
}

/* The challenge is known here: 08 09 ... 17; the key is 00 01 ... 0F. */
static const struct exchange keys[] = {
    {"in DF 4000", "00A4000C 02 4000", "9000"},
    {"its key",
     "00DB3FFF24 4D22 A403830181 AC03800102 7F48029210 5F4810"
     "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
     "9000"},
    {"in DF 5000", "00A4000C 02 5000", "9000"},
    {"its key",
     "00DB3FFF24 4D22 A403830181 AC03800102 7F48029210 5F4810"
     "000102030405060708090A0B0C0D0E0F",
     "9000"},
    {"a challenge", "0084000010", "08090A0B0C0D0E0F1011121314151617 9000"},
    {"proved", "0082008110 8184696ADF67F8AD1C1C658E4C62B891", "9000"},
    {"not for the other DF", "00040800 04 40004002", "6982"},
    {"a file beside it", "00E0000019 6217 800104 820141 83025001" WANTS_KEY,
     "9000"},
    {"is open", "00040800 04 50005001", "9000"},
};

/* A key's own rule means the DF of the key. */
static const struct exchange use_of_a_key[] = {
    {"in DF 4000", "00A4000C 02 4000", "9000"},
    {"a key, with the PIN",
     "00DB3FFF31 4D2F A403830182 AC03800102 AB0B800101A406830181950108"
     "7F48029210 5F4810 000102030405060708090A0B0C0D0E0F",
     "9000"},
    {"not used", "0088008210 00112233445566778899AABBCCDDEEFF 00", "6982"},
    {"in DF 4200", "00A4000C 02 4200", "9000"},
    {"its PIN", "0020008102 2222", "9000"},
    {"is another", "0088008210 00112233445566778899AABBCCDDEEFF 00", "6982"},
    {"in DF 4000", "00A4000C 02 4000", "9000"},
    {"its PIN", "0020008102 1111", "9000"},
    {"in DF 4200", "00A4000C 02 4200", "9000"},
    {"used", "0088008210 00112233445566778899AABBCCDDEEFF 00", "...9000"},
};

static void
a_key_is_that_of_the_file_s_df(void **state)
{
    (void)state;
    RUN_WITH_PINS(keys);
    RUN_WITH_PINS(use_of_a_key);
}

static const struct exchange environments[] = {
    {"in DF 5000", "00A4000C 02 5000", "9000"},
    {"a number 2", "0022F202", "9000"},
    {"is current", "0022F302", "9000"},
    {"and the PIN of number 3", "0020008102 5555", "9000"},
    {"another's number 3", "00040800 04 40004004", "6982"},
    {"another's number 2", "00040800 04 40004005", "6982"},
    {"the MF", "00A4000C", "9000"},
    {"its number 2", "0022F202", "9000"},
    {"in DF 4100", "00A4080C 04 40004100", "9000"},
    {"it is current", "0022F302", "9000"},
    {"and so in DF 4000", "00040800 04 40004005", "9000"},
};

static void
an_environment_is_that_of_the_file_s_df(void **state)
{
    (void)state;
    RUN_WITH_PINS(environments);
}

UNIT_MAIN(cmocka_unit_test(a_pin_is_that_of_the_file_s_df),
          cmocka_unit_test(a_key_is_that_of_the_file_s_df),
          cmocka_unit_test(an_environment_is_that_of_the_file_s_df))
