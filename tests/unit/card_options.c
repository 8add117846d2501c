/*
 * card_options.c - tests of src/cos/options.c: what a setting may be, and
 * that no message repeats what was secret.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdio.h>

#include <vicc/types.h>

#include "cos/internal.h"
#include "cos/options.h"
#include "exact.h"
#include "exchange.h"
#include "unit.h"

static const struct card_option base_options[] = {
    {.name = "number",
     .kind = OPTION_NUMBER,
     .fallback = "7",
     .help = "a number",
     .choices = "1-15"},
    {.name = "any", .kind = OPTION_NUMBER, .help = "any number"},
    {.name = "choice",
     .kind = OPTION_CHOICE,
     .fallback = "both",
     .help = "one of a few",
     .choices = "both|t0|t1"},
    {.name = "hex", .kind = OPTION_HEX, .help = "bytes", .choices = "1-4"},
    {.name = "free", .kind = OPTION_HEX, .fallback = "", .help = "bytes, any"},
    {.name = "text",
     .kind = OPTION_TEXT,
     .help = "characters",
     .choices = "2-5"},
    {.name = "secret",
     .kind = OPTION_SECRET,
     .fallback = "12345",
     .help = "a PIN",
     .choices = "4-8"},
    {0},
};

static const struct card_option derived_options[] = {
    {.name = "number",
     .kind = OPTION_NUMBER,
     .fallback = "20",
     .help = "another range",
     .choices = "16-31"},
    {.name = "own", .kind = OPTION_TEXT, .help = "of the type"},
    {0},
};

static const struct card_type base_type = {.name = "base",
                                           .options = base_options};
static const struct card_type derived_type = {
    .name = "derived", .base = &base_type, .options = derived_options};

/* clang-format off */
static const struct {
    const char *name;
    const char *value;
    bool good;
} settings[] = {
    {"number", "1", true},
    {"number", "15", true},
    {"number", "007", true},
    {"number", "0", false},
    {"number", "16", false},
    {"number", "", false},
    {"number", "-1", false},
    {"number", "+1", false},
    {"number", " 1", false},
    {"number", "1 ", false},
    {"number", "1x", false},
    {"number", "0x1", false},
    {"number", "1.0", false},
    {"number", "4294967297", false},
    {"number", "18446744073709551617", false},
    {"number", "99999999999999999999999999", false},
    {"any", "0", true},
    {"any", "4294967295", true},
    {"any", "4294967296", false},
    {"choice", "both", true},
    {"choice", "t0", true},
    {"choice", "t1", true},
    {"choice", "t", false},
    {"choice", "t2", false},
    {"choice", "t00", false},
    {"choice", "T0", false},
    {"choice", "oth", false},
    {"choice", "", false},
    {"choice", "|", false},
    {"choice", "t0|t1", false},
    {"choice", "both|t0|t1", false},
    {"choice", "both|", false},
    {"choice", "|t1", false},
    {"hex", "00", true},
    {"hex", "00aAfF", true},
    {"hex", "00 01 02 03", true},
    {"hex", "", false},
    {"hex", " ", false},
    {"hex", "0", false},
    {"hex", "000", false},
    {"hex", "0g", false},
    {"hex", "0001020304", false},
    {"hex", "0x00", false},
    {"free", "", true},
    {"free", "0001020304", true},
    {"text", "ab", true},
    {"text", "abcde", true},
    {"text", "a", false},
    {"text", "", false},
    {"text", "abcdef", false},
    {"secret", "9876", true},
    {"secret", "98765432", true},
    {"secret", "987", false},
    {"secret", "987654321", false},
};
/* clang-format on */

static void
good_and_bad_values(void **state)
{
    struct card_error error;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(settings); i++) {
        struct card_setting s = {settings[i].name, settings[i].value};
        struct options options = {0};
        int err = options_set(&options, &base_type, &s, 1, &error);

        if (err != (settings[i].good ? 0 : -EINVAL))
            fail_msg("%s=%s gives %d", s.name, s.value, err);
        options_clear(&options);
        assert_int_equal(options.count, 0);
        assert_null(options.values);
    }
}

/* The message names the option and what it takes, never what was given. */
static void
a_message_to_act_on(void **state)
{
    struct card_error error;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(settings); i++) {
        struct card_setting s = {settings[i].name, settings[i].value};
        struct options options = {0};

        memset(&error, 0x55, sizeof(error));
        if (options_set(&options, &base_type, &s, 1, &error) == -EINVAL) {
            assert_non_null(memchr(error.text, '\0', sizeof(error.text)));
            assert_non_null(strstr(error.text, s.name));
            if (strlen(s.value) > 2 && strcmp(s.name, "choice") != 0)
                assert_null(strstr(error.text, s.value));
        }
        options_clear(&options);
    }
}

static const char *
value_of(const struct options *options, const char *name)
{
    size_t i;

    for (i = 0; i < options->count; i++)
        if (strcmp(options->values[i].option->name, name) == 0)
            return options->values[i].value;
    fail_msg("no option %s", name);
    return NULL;
}

static void
defaults_and_repeated_settings(void **state)
{
    static const struct card_setting given[] = {
        {"secret", "11111"}, {"choice", "t1"}, {"secret", "222222"}};
    struct options options = {0};
    struct card_error error;

    (void)state;
    assert_int_equal(options_set(&options, &base_type, given, 3, &error), 0);
    assert_int_equal(options.count, 7);
    assert_string_equal(value_of(&options, "number"), "7");
    assert_null(value_of(&options, "any"));
    assert_string_equal(value_of(&options, "choice"), "t1");
    assert_null(value_of(&options, "hex"));
    assert_string_equal(value_of(&options, "free"), "");
    assert_string_equal(value_of(&options, "secret"), "222222");
    options_clear(&options);
}

static void
a_type_hides_the_option_of_its_base(void **state)
{
    static const struct card_setting of_base = {"number", "7"};
    static const struct card_setting of_both[] = {{"number", "16"},
                                                  {"secret", "abcd"}};
    struct options options = {0};
    struct card_error error;

    (void)state;
    assert_int_equal(options_set(&options, &derived_type, of_both, 2, &error),
                     0);
    assert_int_equal(options.count, 8);
    assert_string_equal(value_of(&options, "number"), "16");
    assert_string_equal(value_of(&options, "secret"), "abcd");
    options_clear(&options);
    assert_int_equal(options_set(&options, &derived_type, &of_base, 1, &error),
                     -EINVAL);
    options_clear(&options);
}

/* What is no ATR is refused with the reason, whichever type it is for. */
static void
answers_to_reset(void **state)
{
    const struct card_setting cut = {"atr", "3B"}, good = {"atr", "3B 00"};
    struct card_error error;
    struct options options = {0};
    size_t i;

    (void)state;
    for (i = 0; card_type_at(i) != NULL; i++) {
        if (card_option_find(card_type_at(i), "atr") == NULL)
            continue;
        assert_int_equal(
            options_set(&options, card_type_at(i), &cut, 1, &error), -EINVAL);
        assert_string_equal(error.text,
                            "option atr: 3B is cut off: T0 is missing");
        options_clear(&options);
        assert_int_equal(
            options_set(&options, card_type_at(i), &good, 1, &error), 0);
        options_clear(&options);
    }
}

/* OPTION_NONE: the base has it, the type does not. */
static void
a_type_takes_away_an_option_of_its_base(void **state)
{
    static const struct card_option none[] = {
        {.name = "number", .kind = OPTION_NONE}, {0}};
    const struct card_type type = {
        .name = "less", .base = &base_type, .options = none};
    static const struct card_setting given = {"number", "7"};
    struct options options = {0};
    struct card_error error;

    (void)state;
    assert_int_equal(options_set(&options, &type, &given, 1, &error), -EINVAL);
    assert_null(strstr(error.text, "are: number"));
    assert_non_null(strstr(error.text, "secret"));
    options_clear(&options);
    assert_int_equal(options_set(&options, &type, NULL, 0, &error), 0);
    assert_null(value_of(&options, "number"));
    options_clear(&options);
    assert_null(card_option_find(&type, "number"));
    assert_non_null(card_option_find(&base_type, "number"));
}

static void
unknown_names(void **state)
{
    static const char *const names[] = {"", "Number", "numbe", "numbers", "x"};
    char lengthy[600];
    struct options options = {0};
    struct card_error error;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(names); i++) {
        struct card_setting s = {names[i], "1"};

        assert_int_equal(options_set(&options, &base_type, &s, 1, &error),
                         -EINVAL);
        assert_non_null(strstr(error.text, "number"));
        assert_non_null(strstr(error.text, "secret"));
        options_clear(&options);
    }
    memset(lengthy, 'n', sizeof(lengthy));
    lengthy[sizeof(lengthy) - 1] = '\0';
    memset(&error, 0x55, sizeof(error));
    assert_int_equal(options_set(&options, &base_type,
                                 &(struct card_setting){lengthy, "1"}, 1,
                                 &error),
                     -EINVAL);
    assert_non_null(memchr(error.text, '\0', sizeof(error.text)));
    assert_non_null(strstr(error.text, "number"));
    options_clear(&options);
}

/* So many options that their names do not fit into the message. */
static void
too_many_for_the_message(void **state)
{
    static struct card_option many[65];
    static char names[64][24];
    struct card_type type = {.name = "many", .options = many};
    struct options options = {0};
    struct card_error error;
    size_t i;

    (void)state;
    for (i = 0; i < 64; i++) {
        snprintf(names[i], sizeof(names[i]), "option-number-%zu", i);
        many[i].name = names[i];
    }
    memset(&error, 0x55, sizeof(error));
    assert_int_equal(options_set(&options, &type,
                                 &(struct card_setting){"x", ""}, 1, &error),
                     -EINVAL);
    assert_non_null(memchr(error.text, '\0', sizeof(error.text)));
    options_clear(&options);
}

static const struct card_option each_options[] = {
    {.name = "pin", .kind = OPTION_TEXT, .help = "there is one"},
    {.name = "SLOT.number",
     .kind = OPTION_NUMBER,
     .help = "there are several",
     .choices = "1-9"},
    {.name = "SLOT.in", .kind = OPTION_FILE, .help = "read"},
    {.name = "SLOT.out", .kind = OPTION_OUTPUT, .help = "written"},
    {0},
};

static const struct card_type each_type = {
    .name = "each", .options = each_options, .each = "9a|9c|f9"};

static void
one_for_each(void **state)
{
    static const char *const unknown[] = {
        "SLOT.number", "9b.number", "9.number",  ".number",
        "9a.other",    "9a.",       "9a",        "9a|9c.number",
        "9a.number.x", "number",    "pin.number"};
    static const struct card_setting given[] = {{"9c.number", "3"},
                                                {"pin", "x"},
                                                {"f9.number", "4"},
                                                {"9c.number", "5"}};
    struct options options = {0};
    struct card_error error;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(unknown); i++) {
        struct card_setting s = {unknown[i], "1"};

        assert_int_equal(options_set(&options, &each_type, &s, 1, &error),
                         -EINVAL);
        assert_non_null(strstr(error.text, "SLOT.number"));
        options_clear(&options);
    }
    assert_int_equal(options_set(&options, &each_type,
                                 &(struct card_setting){"9a.number", "10"}, 1,
                                 &error),
                     -EINVAL);
    assert_string_equal(error.text, "option 9a.number takes a number in 1-9");
    options_clear(&options);
    assert_int_equal(options_set(&options, &each_type, given, 4, &error), 0);
    assert_int_equal(options.count, 6);
    assert_string_equal(options.values[4].name, "9c.number");
    assert_string_equal(options.values[4].value, "5");
    assert_string_equal(options.values[5].value, "4");
    options_clear(&options);
    assert_ptr_equal(card_option_find(&each_type, "f9.in"), &each_options[2]);
    assert_null(card_option_find(&each_type, "SLOT.in"));
}

static void
as_a_card_asks(void **state)
{
    struct card *card = fresh_card(
        &iso7816_card, "tries=12,serial=01 02fF,pin=00000,protocol=t1");
    uint8_t room[16], few[2];
    struct buf out = BUF(room), small = BUF(few);

    (void)state;
    assert_int_equal(card_option_number(card, "tries"), 12);
    assert_int_equal(card_option_number(card, "atr"), 0);
    assert_string_equal(card_option(card, "protocol"), "t1");
    assert_null(card_option(card, "atr"));
    assert_null(card_option(card, "unknown"));
    assert_true(card_option_is_given(card, "protocol"));
    assert_false(card_option_is_given(card, "puk-tries"));
    assert_false(card_option_is_given(card, "atr"));
    assert_false(card_option_is_given(card, "unknown"));
    assert_false(card_option_hex(card, "atr", &out));
    assert_true(card_option_hex(card, "serial", &out));
    assert_true(bytes_equal(buf_bytes(&out), bytes_of("\1\2\xFF", 3)));
    assert_false(card_option_hex(card, "serial", &small));
    card_free(&card);
}

/* Each built-in type is one that could be loaded as well. */
static void
built_in_types_can_be(void **state)
{
    struct card_error error;
    size_t i;

    (void)state;
    for (i = 0; card_type_at(i) != NULL; i++)
        assert_true(card_type_check(card_type_at(i), &error));
    assert_true(i > 2);
}

UNIT_MAIN(cmocka_unit_test(good_and_bad_values),
          cmocka_unit_test(answers_to_reset),
          cmocka_unit_test(a_message_to_act_on),
          cmocka_unit_test(defaults_and_repeated_settings),
          cmocka_unit_test(a_type_hides_the_option_of_its_base),
          cmocka_unit_test(a_type_takes_away_an_option_of_its_base),
          cmocka_unit_test(unknown_names),
          cmocka_unit_test(too_many_for_the_message),
          cmocka_unit_test(one_for_each), cmocka_unit_test(as_a_card_asks),
          cmocka_unit_test(built_in_types_can_be))
