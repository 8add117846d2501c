/*
 * rule.c - reads and writes the rules by which things go wrong.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "fault/rule.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "fault/words.h"
#include "script/script.h"

#define NUMBER_MAX 65535     /* as long as a message can be */
#define COUNT_MAX 1000000000 /* matches */
#define MS_MAX 86400000      /* a day */

/* A place in a line; the word there, and where it begins. */
struct cursor {
    struct bytes text;
    size_t at;
    struct bytes word; /* empty at the end of the line */
    size_t start;
    struct fault_error *error;
};

static int __attribute__((format(printf, 3, 4)))
refuse(const struct cursor *c, size_t at, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(c->error->text, sizeof(c->error->text), format, args);
    va_end(args);
    c->error->column = at + 1;
    return -EINVAL;
}

static bool
is_space(uint8_t ch)
{
    return ch == ' ' || ch == '\t' || ch == '\r';
}

static bool
is_digit(uint8_t ch)
{
    return ch >= '0' && ch <= '9';
}

/* Goes to the next word; a # that does not count begins a comment. */
static void
next(struct cursor *c)
{
    const struct bytes t = c->text;
    size_t end = c->at;

    while (end < t.n && is_space(t.p[end]))
        end++;
    c->start = end;
    while (end < t.n && !is_space(t.p[end]))
        end++;
    c->at = end;
    c->word = bytes_slice(t, c->start, end - c->start);
    if (c->word.n != 0 && c->word.p[0] == '#' &&
        (c->word.n == 1 || !is_digit(c->word.p[1]))) {
        c->word.n = 0;
        c->at = t.n;
    }
}

static bool
is(const struct cursor *c, const char *word)
{
    return bytes_equal(c->word, bytes_of(word, strlen(word)));
}

static bool
take(struct cursor *c, const char *word)
{
    bool found = is(c, word);

    if (found)
        next(c);
    return found;
}

/* How a word is shown to its writer: only what a terminal can take. */
static const char *
shown(const struct cursor *c, char text[32])
{
    size_t i;

    for (i = 0; i < c->word.n && i < 31; i++)
        text[i] = c->word.p[i] > ' ' && c->word.p[i] < 0x7F ? (char)c->word.p[i]
                                                            : '?';
    text[i] = '\0';
    return text;
}

/* Decimal digits at the beginning of `text`; false if there are none. */
static bool
take_digits(struct bytes *text, unsigned long most, unsigned long *value)
{
    bool any = false;

    for (*value = 0; text->n != 0 && is_digit(text->p[0]); any = true) {
        *value = *value * 10 + (unsigned long)(text->p[0] - '0');
        if (*value > most)
            return false;
        *text = bytes_slice(*text, 1, text->n);
    }
    return any;
}

/* ---- when ---- */

/* "1:" */
static int
parse_slot(struct cursor *c, struct fault_rule *rule)
{
    struct bytes word = c->word;
    unsigned long slot;

    if (word.n == 0 || !is_digit(word.p[0]))
        return 0;
    if (!take_digits(&word, FAULT_SLOT_MAX, &slot) ||
        !bytes_equal(word, bytes_of(":", 1)))
        return refuse(c, c->start,
                      "a rule for one slot begins with its number and a "
                      "colon, as 1: does");
    rule->slot = (unsigned)slot;
    next(c);
    return 0;
}

/* Can this word only be bytes of a pattern? No word of the language is. */
static bool
is_pattern(struct bytes word)
{
    size_t i;

    for (i = 0; i < word.n; i++)
        if (memchr("0123456789abcdefABCDEFxX.*", word.p[i], 26) == NULL)
            return false;
    return word.n != 0;
}

static int
parse_pattern(struct cursor *c, struct fault_rule *rule)
{
    const char *why;
    uint16_t element;

    for (; is_pattern(c->word); next(c)) {
        struct bytes rest = c->word;

        while (rest.n != 0) {
            size_t at = c->start + c->word.n - rest.n;

            if (!script_take_element(&rest, &element, &why))
                return refuse(c, at, "%s", why);
            if (rule->pattern_n == FAULT_PATTERN_MAX)
                return refuse(c, at, "more than %d bytes; say ... for the rest",
                              FAULT_PATTERN_MAX);
            rule->pattern[rule->pattern_n++] = element;
        }
    }
    return 0;
}

static int
parse_event(struct cursor *c, struct fault_rule *rule)
{
    char text[32];
    int event;

    if (is_pattern(c->word))
        return parse_pattern(c, rule);
    rule->any = take(c, "any");
    if (rule->any)
        return 0;
    if ((event = fault_word_find(fault_event_words, c->word)) < 0)
        return refuse(c, c->start,
                      "'%s' is nothing to wait for; there are any, atr, "
                      "power, reset, off, and the bytes of a command such as "
                      "00A4...",
                      shown(c, text));
    rule->event = (enum fault_event)event;
    next(c);
    return 0;
}

/* "#3", "#3+", "#3-5" */
static int
parse_count(struct cursor *c, struct fault_rule *rule)
{
    struct bytes word = c->word;
    unsigned long first, last;
    bool ok;

    if (word.n == 0 || word.p[0] != '#')
        return 0;
    word = bytes_slice(word, 1, word.n);
    ok = take_digits(&word, COUNT_MAX, &first) && first != 0;
    last = first;
    if (ok && word.n == 1 && word.p[0] == '+') {
        last = FAULT_EVERY;
    } else if (ok && word.n != 0) {
        ok = word.p[0] == '-';
        word = bytes_slice(word, 1, word.n);
        ok = ok && take_digits(&word, COUNT_MAX, &last) && word.n == 0 &&
             last >= first;
    }
    if (!ok)
        return refuse(c, c->start,
                      "which matches: #3 is the third, #3+ the third and all "
                      "after it, #3-5 three of them");
    rule->first = (unsigned)first;
    rule->last = (unsigned)last;
    next(c);
    return 0;
}

/* "after 10": the command after so many. */
static int
parse_after(struct cursor *c, struct fault_rule *rule)
{
    struct bytes word = c->word;
    unsigned long count;

    if (!take_digits(&word, COUNT_MAX - 1, &count) || word.n != 0)
        return refuse(c, c->start, "after how many commands?");
    rule->any = true;
    rule->first = rule->last = (unsigned)count + 1;
    next(c);
    return 0;
}

static int
parse_when(struct cursor *c, struct fault_rule *rule)
{
    char text[32];
    int err;

    if (take(c, "after"))
        return parse_after(c, rule);
    if (!take(c, "on"))
        return refuse(c, c->start,
                      "a rule begins with on or after, not with '%s'",
                      shown(c, text));
    if ((err = parse_event(c, rule)) != 0)
        return err;
    return parse_count(c, rule);
}

/* ---- what ---- */

/* "500", "500ms", "2s" */
static int
parse_time(struct cursor *c, struct fault_rule *rule)
{
    struct bytes word = c->word;
    unsigned long ms, unit;

    if (!take_digits(&word, MS_MAX, &ms))
        return refuse(c, c->start, "how long, in milliseconds, or as 2s?");
    unit = bytes_equal(word, bytes_of("s", 1)) ? 1000 : 1;
    if ((unit == 1 && word.n != 0 && !bytes_equal(word, bytes_of("ms", 2))) ||
        ms > MS_MAX / unit)
        return refuse(c, c->start,
                      "a time is milliseconds, or seconds as 2s, a day at "
                      "most");
    rule->ms = (unsigned)(ms * unit);
    next(c);
    return 0;
}

/* The same if it is there. */
static int
parse_time_maybe(struct cursor *c, struct fault_rule *rule)
{
    return c->word.n == 0 ? 0 : parse_time(c, rule);
}

/* "12", "-2"; with `plus` also "+2" */
static int
parse_number(struct cursor *c, struct fault_rule *rule, bool plus)
{
    struct bytes word = c->word;
    unsigned long number = 0;
    bool minus = word.n != 0 && word.p[0] == '-';

    rule->relative = minus || (plus && word.n != 0 && word.p[0] == '+');
    if (rule->relative)
        word = bytes_slice(word, 1, word.n);
    if (!take_digits(&word, NUMBER_MAX, &number))
        return refuse(c, c->start, "a number is missing here, up to %d",
                      NUMBER_MAX);
    rule->number = minus ? -(long)number : (long)number;
    if (rule->act == FAULT_FLIP && word.n == 2 && word.p[0] == '.' &&
        word.p[1] >= '0' && word.p[1] <= '7') {
        rule->bit = (unsigned)(word.p[1] - '0');
        word.n = 0;
    }
    if (word.n != 0)
        return refuse(c, c->start + c->word.n - word.n,
                      rule->act == FAULT_FLIP
                          ? "a bit is a dot and a digit from 0 to 7"
                          : "the number ends before this");
    if (rule->act == FAULT_CUT && minus)
        return refuse(c, c->start, "cut counts from the start of the frame");
    if (minus && number == 0)
        return refuse(c, c->start, "the last one is -1");
    next(c);
    return 0;
}

/* Bytes without gaps; a status word is two of them. */
static int
parse_answer(struct cursor *c, struct fault_rule *rule)
{
    const size_t start = c->start;
    const char *why = "";
    uint16_t element;

    for (; c->word.n != 0; next(c)) {
        struct bytes rest = c->word;

        while (rest.n != 0) {
            size_t at = c->start + c->word.n - rest.n;

            if (!script_take_element(&rest, &element, &why))
                return refuse(c, at, "%s", why);
            if (element > 0xFF)
                return refuse(c, at, "an answer must be spelled out");
            if (rule->answer_n == FAULT_ANSWER_MAX)
                return refuse(c, at, "more than %d bytes", FAULT_ANSWER_MAX);
            rule->answer[rule->answer_n++] = (uint8_t)element;
        }
    }
    if (rule->as_sw && rule->answer_n != 2)
        return refuse(c, start, "a status word has four digits");
    if (rule->answer_n == 0)
        return refuse(c, start, "which bytes?");
    return 0;
}

static int
parse_values(struct cursor *c, struct fault_rule *rule)
{
    switch (rule->act) {
    case FAULT_ANSWER:
        return parse_answer(c, rule);
    case FAULT_DELAY:
        return parse_time(c, rule);
    case FAULT_MUTE:
    case FAULT_REMOVE:
        return parse_time_maybe(c, rule);
    case FAULT_TRUNCATE:
    case FAULT_CUT:
    case FAULT_FLIP:
        return parse_number(c, rule, false);
    case FAULT_LENGTH:
        return parse_number(c, rule, true);
    case FAULT_RESET:
        break;
    }
    return 0;
}

/* What cannot be, of words that are right by themselves. */
static const char *
conflict(const struct fault_rule *rule)
{
    bool changes = rule->act == FAULT_TRUNCATE || rule->act == FAULT_CUT ||
                   rule->act == FAULT_LENGTH || rule->act == FAULT_FLIP;
    bool asked = rule->event == FAULT_ON_COMMAND || rule->event == FAULT_ON_ATR;

    if (rule->late && changes)
        return "this is about the card's answer anyway, without late";
    if (!asked && (changes || rule->act == FAULT_ANSWER))
        return "a card does not answer this; on atr is the answer after it";
    if (!asked && rule->act == FAULT_RESET)
        return "that changes the power already";
    if (rule->event == FAULT_ON_ATR && rule->as_sw)
        return "an ATR has no status word; say answer, and its bytes";
    return NULL;
}

static int
parse_what(struct cursor *c, struct fault_rule *rule)
{
    const char *wrong;
    char text[32];
    size_t start;
    int act;

    rule->late = take(c, "late");
    start = c->start;
    if (c->word.n == 0)
        return refuse(c, start, "and what is to happen then?");
    if ((act = fault_word_find(fault_act_words, c->word)) < 0)
        return refuse(c, start,
                      "'%s' is nothing that can happen; there are sw, answer, "
                      "delay, mute, truncate, cut, length, flip, remove and "
                      "reset",
                      shown(c, text));
    rule->act = (enum fault_act)act;
    rule->as_sw = is(c, "sw");
    if ((wrong = conflict(rule)) != NULL)
        return refuse(c, start, "%s", wrong);
    next(c);
    return parse_values(c, rule);
}

int
fault_rule_parse(struct bytes text, unsigned line, struct fault_rule *rule,
                 struct fault_error *error)
{
    struct cursor c = {.text = text, .error = error};
    int err;

    memset(rule, 0, sizeof(*rule));
    rule->slot = rule->last = rule->ms = FAULT_EVERY;
    rule->first = 1;
    error->line = line;
    if (text.n > FAULT_LINE_MAX)
        return refuse(&c, FAULT_LINE_MAX, "the line is too long");
    next(&c);
    if (c.word.n == 0)
        return 0;
    if ((err = parse_slot(&c, rule)) != 0 ||
        (err = parse_when(&c, rule)) != 0 || (err = parse_what(&c, rule)) != 0)
        return err;
    return c.word.n == 0 ? 1 : refuse(&c, c.start, "the rule ends before this");
}

bool
fault_rule_matches(const struct fault_rule *rule, enum fault_event event,
                   struct bytes message)
{
    return rule->event == event &&
           (event != FAULT_ON_COMMAND || rule->any ||
            script_pattern_match(rule->pattern, rule->pattern_n, message));
}
