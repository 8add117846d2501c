/*
 * script.c - script lines: what is taken, what is refused and where, and
 * which answers a pattern allows.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdio.h>

#include <vicc/hex.h>

#include "script/script.h"
#include "unit.h"

static struct script_line line;
static struct script_error error;

/* From a heap block of the exact size, so that a sanitizer sees overruns. */
static bool
parse(const char *text)
{
    size_t n = strlen(text);
    char *copy = malloc(n == 0 ? 1 : n);
    bool ok;

    memcpy(copy, text, n);
    ok = script_parse(bytes_of(copy, n), 7, &line, &error);
    free(copy);
    return ok;
}

static void
takes_every_line(void **state)
{
    static const struct {
        const char *text;
        enum script_what what;
        size_t n;
    } good[] = {
        {"", SCRIPT_NOTHING, 0},
        {"   \t\r", SCRIPT_NOTHING, 0},
        {"# anything > 00 \xFF\x01", SCRIPT_NOTHING, 0},
        {">00a40000", SCRIPT_COMMAND, 4},
        {"  > 00 A4\t04 00 02 3F00 # SELECT", SCRIPT_COMMAND, 7},
        {"> 00200080 02 ****", SCRIPT_COMMAND, 7},
        {"< 9000\r", SCRIPT_ANSWER, 2},
        {"< ... 9000", SCRIPT_ANSWER, 3},
        {"< xxXX ** 61xx#", SCRIPT_ANSWER, 5},
        {"! atr 3B95...", SCRIPT_ATR, 3},
        {"!reset", SCRIPT_RESET, 0},
        {"! reset#", SCRIPT_RESET, 0},
        {"!  power   on", SCRIPT_POWER_ON, 0},
        {"! power off  # now", SCRIPT_POWER_OFF, 0},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        if (!parse(good[i].text))
            fail_msg("%s: %s", good[i].text, error.text);
        assert_int_equal(line.what, good[i].what);
        assert_int_equal(line.n, good[i].n);
        assert_int_equal(line.number, 7);
    }
}

static void
says_what_is_wrong_and_where(void **state)
{
    static const struct {
        const char *text;
        size_t column;
        const char *says;
    } bad[] = {
        {"00A40000", 1, "begins with"},
        {"  select", 3, "begins with"},
        {">", 2, "no bytes"},
        {"> # nothing", 3, "no bytes"},
        {"<", 2, "no bytes"},
        {"> 00 A", 6, "half a byte"},
        {"> 0 0A", 3, "half a byte"},
        {"> 00AG", 5, "half a byte"},
        {"> 00G0", 5, "not a hexadecimal digit"},
        {"> 00 9x", 6, "xx for any byte"},
        {"< x0", 3, "xx for any byte"},
        {"< *", 3, "two stars"},
        {"< 90..", 5, "three dots"},
        {"> 00A4 xx", 8, "must be spelled out"},
        {"> 00A4...", 7, "must be spelled out"},
        {"! power", 3, "no such directive"},
        {"! power up", 3, "no such directive"},
        {"! resett", 3, "no such directive"},
        {"! atr", 6, "no bytes"},
        {"! atr3B", 3, "no such directive"},
        {"! reset 00", 9, "ends before this"},
        {"!", 2, "no such directive"},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (parse(bad[i].text))
            fail_msg("taken: %s", bad[i].text);
        if (error.column != bad[i].column ||
            strstr(error.text, bad[i].says) == NULL)
            fail_msg("%s: column %zu, %s", bad[i].text, error.column,
                     error.text);
        assert_int_equal(error.line, 7);
    }
}

static void
a_nul_is_not_the_end(void **state)
{
    (void)state;
    assert_false(script_parse(bytes_of("! reset\0x", 9), 1, &line, &error));
    assert_false(script_parse(bytes_of("> 00\0A4", 7), 1, &line, &error));
    assert_int_equal(error.column, 5);
    assert_false(script_parse(bytes_of("\0", 1), 1, &line, &error));
}

static void
takes_65535_bytes_and_no_more(void **state)
{
    size_t n = 2 + 2 * (size_t)SCRIPT_BYTES_MAX + 2;
    char *text = malloc(n);

    (void)state;
    memset(text, 'A', n);
    text[0] = '>';
    text[1] = ' ';
    assert_true(script_parse(bytes_of(text, n - 2), 1, &line, &error));
    assert_int_equal(line.n, SCRIPT_BYTES_MAX);
    assert_false(script_parse(bytes_of(text, n), 1, &line, &error));
    assert_int_equal(error.column, n - 1);
    assert_non_null(strstr(error.text, "65535"));
    free(text);
}

static bool
matches(const char *pattern, const char *hex)
{
    uint8_t room[64];
    struct buf actual = BUF(room);
    char text[128];

    snprintf(text, sizeof(text), "< %s", pattern);
    assert_true(parse(text));
    assert_true(hex_parse(hex, strlen(hex), &actual));
    return script_match(&line, buf_bytes(&actual));
}

static void
patterns_allow_what_they_say(void **state)
{
    (void)state;
    assert_true(matches("9000", "9000"));
    assert_false(matches("9000", "9001"));
    assert_false(matches("9000", "90"));
    assert_false(matches("9000", "900000"));
    assert_false(matches("9000", ""));
    assert_true(matches("xxxx9000", "01029000"));
    assert_false(matches("xxxx9000", "019000"));
    assert_true(matches("**9000", "019000"));
    assert_true(matches("...9000", "9000"));
    assert_true(matches("...9000", "9000900001029000"));
    assert_false(matches("...9000", "90009001"));
    assert_true(matches("3B...", "3B"));
    assert_true(matches("3B...", "3B9500"));
    assert_true(matches("...", ""));
    assert_true(matches("......", "00"));
    assert_true(matches("01...02...03", "0102020303"));
    assert_false(matches("01...02...03", "01030203FF"));
    assert_true(matches("...xx02...", "010203"));
    assert_false(matches("...xx02", "02"));
    assert_true(matches("01xx...xx04", "01020304"));
    assert_false(matches("01xx...xx04", "010204"));
}

static void
plain_bytes_only(void **state)
{
    uint8_t room[8];
    struct buf out = BUF(room);
    bool masked = false;

    (void)state;
    assert_true(parse("> 00A40000"));
    assert_true(script_plain(&line, &out, &masked));
    assert_memory_equal(room, "\x00\xA4\x00\x00", 4);
    buf_clear(&out);
    assert_true(parse("> 0020****"));
    assert_false(script_plain(&line, &out, &masked));
    assert_true(masked);
    assert_true(parse("< 00xx**"));
    assert_false(script_plain(&line, &out, &masked));
    assert_false(masked);
}

static void
is_written_as_it_is_read(void **state)
{
    uint8_t room[32];
    struct buf out = BUF(room);

    (void)state;
    assert_true(parse("<  0a XX ** ...9000"));
    script_put(&out, &line);
    assert_int_equal(out.n, 13);
    assert_memory_equal(room, "0Axx**...9000", 13);
}

/* ---- streams ---- */

static struct script_reader *
reader_of(const char *text, size_t n, FILE **in)
{
    struct script_reader *reader = NULL;

    *in = fmemopen((void *)(uintptr_t)text, n, "r");
    assert_non_null(*in);
    assert_int_equal(script_reader_new(*in, &reader), 0);
    return reader;
}

static void
lines_are_counted(void **state)
{
    static const char text[] = "\xEF\xBB\xBF# mark\r\n\n> 00A40000\r\n"
                               "# in between\n< 9000\n! reset";
    const struct script_line *l;
    struct script_reader *r;
    FILE *in;

    (void)state;
    r = reader_of(text, sizeof(text) - 1, &in);
    assert_int_equal(script_next(r, &l, &error), 1);
    assert_int_equal(l->number, 3);
    assert_int_equal(script_next(r, &l, &error), 1);
    assert_int_equal(l->number, 5);
    assert_int_equal(script_next(r, &l, &error), 1);
    assert_int_equal(l->what, SCRIPT_RESET);
    assert_int_equal(script_next(r, &l, &error), 0);
    assert_int_equal(script_next(r, &l, &error), 0);
    script_reader_free(&r);
    script_reader_free(&r);
    fclose(in);
}

static void
an_answer_needs_its_command(void **state)
{
    static const char text[] = "< 9000\n> 00A40000\n< 9000\n< 9000\n"
                               "> 00A40000\n! reset\n< 9000\n> 00\n";
    static const int expected[] = {-EINVAL, 1, 1, -EINVAL, 1, 1, -EINVAL, 1, 0};
    const struct script_line *l;
    struct script_reader *r;
    FILE *in;
    size_t i;

    (void)state;
    r = reader_of(text, sizeof(text) - 1, &in);
    for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        assert_int_equal(script_next(r, &l, &error), expected[i]);
    script_reader_free(&r);
    fclose(in);
}

static void
an_endless_line_is_refused(void **state)
{
    size_t n = SCRIPT_TEXT_MAX + 2;
    char *text = malloc(n + 10);
    const struct script_line *l;
    struct script_reader *r;
    FILE *in;

    (void)state;
    memset(text, ' ', n);
    memcpy(text + n, "\n! reset\n", 9);
    r = reader_of(text, n + 9, &in);
    assert_int_equal(script_next(r, &l, &error), -EINVAL);
    assert_int_equal(error.line, 1);
    assert_int_equal(script_next(r, &l, &error), 1);
    assert_int_equal(l->what, SCRIPT_RESET);
    assert_int_equal(l->number, 2);
    script_reader_free(&r);
    fclose(in);
    free(text);
}

static void
a_terminal_may_leave_the_mark_out(void **state)
{
    static const char text[] = "00A40000\n> 00\n zz\n";
    const struct script_line *l;
    struct script_reader *r;
    FILE *in;

    (void)state;
    r = reader_of(text, sizeof(text) - 1, &in);
    script_reader_casual(r);
    assert_int_equal(script_next(r, &l, &error), 1);
    assert_int_equal(l->what, SCRIPT_COMMAND);
    assert_int_equal(l->n, 4);
    assert_int_equal(script_next(r, &l, &error), 1);
    assert_int_equal(script_next(r, &l, &error), -EINVAL);
    script_reader_free(&r);
    fclose(in);
}

UNIT_MAIN(cmocka_unit_test(takes_every_line),
          cmocka_unit_test(says_what_is_wrong_and_where),
          cmocka_unit_test(a_nul_is_not_the_end),
          cmocka_unit_test(takes_65535_bytes_and_no_more),
          cmocka_unit_test(patterns_allow_what_they_say),
          cmocka_unit_test(plain_bytes_only),
          cmocka_unit_test(is_written_as_it_is_read),
          cmocka_unit_test(lines_are_counted),
          cmocka_unit_test(an_answer_needs_its_command),
          cmocka_unit_test(an_endless_line_is_refused),
          cmocka_unit_test(a_terminal_may_leave_the_mark_out))
