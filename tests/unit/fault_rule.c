/*
 * fault_rule.c - rules as text: what is one, what it says, and where a line
 * that is none goes wrong.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdlib.h>

#include <vicc/hex.h>

#include "fault/rule.h"
#include "unit.h"

/* From a heap block of the exact size, so that an overrun shows. */
static int
parse(const char *text, struct fault_rule *rule, struct fault_error *error)
{
    size_t n = strlen(text);
    char *copy = malloc(n);
    int got;

    assert_true(n == 0 || copy != NULL);
    if (n != 0)
        memcpy(copy, text, n);
    got = fault_rule_parse(bytes_of(copy, n), 7, rule, error);
    free(copy);
    return got;
}

static void
rules_are_written_as_they_were_read(void **state)
{
    static const struct {
        const char *text, *again; /* NULL: the same */
    } lines[] = {
        {"on any mute", NULL},
        {"on 00A4... #3 sw 6F00", "on 00A4... #3 sw 6F00"},
        {"on 00 a4 xx ** ... #3+ sw 6f00", "on 00A4xx**... #3+ sw 6F00"},
        {"on 00B0... #2-4 answer 01 02 9000",
         "on 00B0... #2-4 answer 01029000"},
        {"on any #2-2 mute", "on any #2 mute"},
        {"on any #1+ mute", "on any mute"},
        {"after 10 mute", "on any #11 mute"},
        {"after 0 mute", "on any #1 mute"},
        {"on any mute 2s", "on any mute 2000"},
        {"on any delay 250ms", "on any delay 250"},
        {"on any late delay 250", NULL},
        {"on any truncate 0", NULL},
        {"on any truncate -2", NULL},
        {"on any cut 1", NULL},
        {"on any length 7", NULL},
        {"on any length +5", NULL},
        {"on any length -5", NULL},
        {"on any length +0", NULL},
        {"on any flip 3", NULL},
        {"on any flip -1.7", NULL},
        {"on any flip 0.0", "on any flip 0"},
        {"on any remove", NULL},
        {"on any late remove 100", NULL},
        {"on any reset", NULL},
        {"on any late reset", NULL},
        {"on any late sw 6581", NULL},
        {"on atr answer 3B00", NULL},
        {"on atr truncate 3", NULL},
        {"on power mute", NULL},
        {"on reset remove", NULL},
        {"on off delay 1", NULL},
        {"12: on any mute # why not", "12: on any mute"},
        {"65535: on any mute", "65535: on any mute"},
        {"  on\tany  mute \r", "on any mute"},
    };
    uint8_t room[FAULT_TEXT_MAX];
    struct fault_rule rule;
    struct fault_error error;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        const char *wanted = lines[i].again ? lines[i].again : lines[i].text;
        struct buf out = BUF(room);

        if (parse(lines[i].text, &rule, &error) != 1)
            fail_msg("%s: column %zu: %s", lines[i].text, error.column,
                     error.text);
        fault_rule_put(&out, &rule);
        buf_put_u8(&out, 0);
        assert_string_equal((const char *)room, wanted);
    }
}

static void
lines_that_say_nothing(void **state)
{
    static const char *const lines[] = {"", " ", "\r", "# on any mute", "  #"};
    struct fault_rule rule;
    struct fault_error error;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        assert_int_equal(parse(lines[i], &rule, &error), 0);
}

static void
errors_name_their_place(void **state)
{
    static const struct {
        const char *text;
        size_t column;
        const char *why;
    } lines[] = {
        {"mute", 1, "begins with on or after, not with 'mute'"},
        {"1 on any mute", 1, "a colon"},
        {"65536: on any mute", 1, "a colon"},
        {"on", 3, "nothing to wait for"},
        {"on sunday mute", 4, "'sunday' is nothing to wait for"},
        {"on 00A mute", 6, "two digits make one"},
        {"on 00A4.. mute", 8, "three dots"},
        {"on 00 0x mute", 7, "half a byte cannot be left open"},
        {"on any #0 mute", 8, "#3 is the third"},
        {"on any #3-2 mute", 8, "#3 is the third"},
        {"on any #3x mute", 8, "#3 is the third"},
        {"on any #99999999999 mute", 8, "#3 is the third"},
        {"after mute", 7, "how many commands"},
        {"after 1000000000 mute", 7, "how many commands"},
        {"on any", 7, "what is to happen"},
        {"on any # mute", 8, "what is to happen"},
        {"on any explode", 8, "'explode' is nothing that can happen"},
        {"on any expl\x1B[1mode", 8, "'expl?[1mode' is nothing"},
        {"on any sw 90", 11, "four digits"},
        {"on any sw 9x00", 11, "half a byte"},
        {"on any sw xx00", 11, "spelled out"},
        {"on any answer", 14, "which bytes"},
        {"on any delay", 13, "how long"},
        {"on any delay 2h", 14, "milliseconds"},
        {"on any delay 86401s", 14, "a day"},
        {"on any mute now", 13, "how long"},
        {"on any truncate", 16, "a number is missing"},
        {"on any truncate 65536", 17, "a number is missing"},
        {"on any truncate 1.1", 18, "ends before this"},
        {"on any cut -1", 12, "from the start"},
        {"on any flip 1.8", 14, "0 to 7"},
        {"on any flip -0", 13, "the last one is -1"},
        {"on any reset now", 14, "ends before this"},
        {"on any late cut 3", 13, "without late"},
        {"on reset sw 6F00", 10, "does not answer"},
        {"on reset reset", 10, "power already"},
        {"on atr sw 6F00", 8, "no status word"},
    };
    struct fault_rule rule;
    struct fault_error error;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        assert_int_equal(parse(lines[i].text, &rule, &error), -EINVAL);
        if (strstr(error.text, lines[i].why) == NULL ||
            error.column != lines[i].column)
            fail_msg("%s: %zu: %s", lines[i].text, error.column, error.text);
        assert_int_equal(error.line, 7);
    }
}

static void
lengths_have_an_end(void **state)
{
    static char text[FAULT_LINE_MAX + 2];
    struct fault_rule rule;
    struct fault_error error;

    (void)state;
    memset(text, ' ', FAULT_LINE_MAX);
    assert_int_equal(parse(text, &rule, &error), 0);
    text[FAULT_LINE_MAX] = ' ';
    assert_int_equal(parse(text, &rule, &error), -EINVAL);
    strcpy(text, "on ");
    memset(text + 3, '0', 2 * FAULT_PATTERN_MAX);
    strcpy(text + 3 + 2 * FAULT_PATTERN_MAX, " mute");
    assert_int_equal(parse(text, &rule, &error), 1);
    memcpy(text + 3 + 2 * FAULT_PATTERN_MAX, "00 mute", 8);
    assert_int_equal(parse(text, &rule, &error), -EINVAL);
    assert_int_equal(error.column, 4 + 2 * FAULT_PATTERN_MAX);
    strcpy(text, "on any answer ");
    memset(text + 14, '0', 2 * FAULT_ANSWER_MAX);
    text[14 + 2 * FAULT_ANSWER_MAX] = '\0';
    assert_int_equal(parse(text, &rule, &error), 1);
    strcat(text, "00");
    assert_int_equal(parse(text, &rule, &error), -EINVAL);
}

static void
patterns_match_commands(void **state)
{
    static const uint8_t select[] = {0x00, 0xA4, 0x04, 0x00};
    struct fault_rule rule;
    struct fault_error error;

    (void)state;
    assert_int_equal(parse("on 00A4xx... mute", &rule, &error), 1);
    assert_true(fault_rule_matches(&rule, FAULT_ON_COMMAND, BYTES(select)));
    assert_false(fault_rule_matches(&rule, FAULT_ON_COMMAND,
                                    bytes_slice(BYTES(select), 1, 3)));
    assert_false(fault_rule_matches(&rule, FAULT_ON_ATR, BYTES(select)));
    assert_int_equal(parse("on atr mute", &rule, &error), 1);
    assert_true(fault_rule_matches(&rule, FAULT_ON_ATR, BYTES(select)));
    assert_false(fault_rule_matches(&rule, FAULT_ON_COMMAND, BYTES(select)));
}

UNIT_MAIN(cmocka_unit_test(rules_are_written_as_they_were_read),
          cmocka_unit_test(lines_that_say_nothing),
          cmocka_unit_test(errors_name_their_place),
          cmocka_unit_test(lengths_have_an_end),
          cmocka_unit_test(patterns_match_commands))
