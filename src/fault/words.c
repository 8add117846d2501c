/*
 * words.c - the words of the rule language, and rules as text.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "fault/words.h"

#include <stdarg.h>
#include <stdio.h>

#include <vicc/hex.h>

#include "script/script.h"

const struct fault_word fault_event_words[] = {
    {"atr", FAULT_ON_ATR},
    {"power", FAULT_ON_POWER},
    {"reset", FAULT_ON_RESET},
    {"off", FAULT_ON_OFF},
    {NULL, 0},
};

const struct fault_word fault_act_words[] = {
    {"answer", FAULT_ANSWER},
    {"sw", FAULT_ANSWER},
    {"delay", FAULT_DELAY},
    {"mute", FAULT_MUTE},
    {"truncate", FAULT_TRUNCATE},
    {"cut", FAULT_CUT},
    {"length", FAULT_LENGTH},
    {"flip", FAULT_FLIP},
    {"remove", FAULT_REMOVE},
    {"reset", FAULT_RESET},
    {NULL, 0},
};

int
fault_word_find(const struct fault_word *words, struct bytes word)
{
    for (; words->word != NULL; words++)
        if (bytes_equal(word, bytes_of(words->word, strlen(words->word))))
            return words->value;
    return -1;
}

static const char *
word_of(const struct fault_word *words, int value)
{
    while (words->value != value)
        words++;
    return words->word;
}

static void __attribute__((format(printf, 2, 3)))
put(struct buf *out, const char *format, ...)
{
    char text[64];
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    buf_put(out, bytes_of(text, (size_t)n));
}

static void
put_when(struct buf *out, const struct fault_rule *rule)
{
    if (rule->slot != FAULT_EVERY)
        put(out, "%u: ", rule->slot);
    put(out, "on ");
    if (rule->any)
        put(out, "any");
    else if (rule->event != FAULT_ON_COMMAND)
        put(out, "%s", word_of(fault_event_words, (int)rule->event));
    else
        script_pattern_put(out, rule->pattern, rule->pattern_n);
    if (rule->first == rule->last)
        put(out, " #%u", rule->first);
    else if (rule->last != FAULT_EVERY)
        put(out, " #%u-%u", rule->first, rule->last);
    else if (rule->first != 1)
        put(out, " #%u+", rule->first);
}

static void
put_values(struct buf *out, const struct fault_rule *rule)
{
    switch (rule->act) {
    case FAULT_ANSWER:
        put(out, " ");
        hex_put(out, bytes_of(rule->answer, rule->answer_n));
        break;
    case FAULT_DELAY:
    case FAULT_MUTE:
    case FAULT_REMOVE:
        if (rule->ms != FAULT_EVERY)
            put(out, " %u", rule->ms);
        break;
    case FAULT_TRUNCATE:
    case FAULT_CUT:
    case FAULT_LENGTH:
    case FAULT_FLIP:
        put(out,
            !rule->relative    ? " %ld"
            : rule->number < 0 ? " %ld"
                               : " +%ld",
            rule->number);
        if (rule->bit != 0)
            put(out, ".%u", rule->bit);
        break;
    case FAULT_RESET:
        break;
    }
}

void
fault_rule_put(struct buf *out, const struct fault_rule *rule)
{
    put_when(out, rule);
    put(out, rule->late ? " late %s" : " %s",
        rule->as_sw ? "sw" : word_of(fault_act_words, (int)rule->act));
    put_values(out, rule);
}
