/*
 * rule.h - what is to go wrong and when, one line a rule, vicc-fault(5):
 *
 *     on 00A4... #3 sw 6F00        on reset remove        after 10 mute
 *
 * This part only reads and writes the lines; fault.h acts by them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef FAULT_RULE_H
#define FAULT_RULE_H

#include <limits.h>

#include <vicc/bytes.h>

#define FAULT_PATTERN_MAX 520 /* elements; a short command has 261 bytes */
#define FAULT_ANSWER_MAX 520  /* bytes */
#define FAULT_LINE_MAX 4096   /* characters in one line */
#define FAULT_TEXT_MAX 4096   /* for fault_rule_put() */
#define FAULT_SLOT_MAX 65535  /* as many cards as one address has */
#define FAULT_EVERY UINT_MAX  /* without end; every slot; for good */

/* What a reader asks of a card. */
enum fault_event {
    FAULT_ON_COMMAND,
    FAULT_ON_ATR,
    FAULT_ON_POWER,
    FAULT_ON_RESET,
    FAULT_ON_OFF,
};

enum fault_act {
    FAULT_ANSWER,   /* these bytes instead of the card's */
    FAULT_DELAY,    /* `ms` before it goes on; adds up with other rules */
    FAULT_MUTE,     /* no word until power or reset; after `ms` a sign of it */
    FAULT_TRUNCATE, /* only `number` bytes of the answer, or so many less */
    FAULT_CUT,      /* the stream ends after `number` bytes of the frame */
    FAULT_LENGTH,   /* the frame's length says `number`, or so many more */
    FAULT_FLIP,     /* bit `bit` of byte `number`, or so many from the end */
    FAULT_REMOVE,   /* the card is taken out; back after `ms` */
    FAULT_RESET,    /* the card is reset, which the reader does not know of */
};

struct fault_rule {
    unsigned slot; /* FAULT_EVERY: all of them */
    enum fault_event event;
    unsigned first, last; /* which matches it is for, from 1 */
    enum fault_act act;
    bool late;     /* once the card has done its work */
    bool relative; /* `number` counts from the end, or from what is right */
    bool as_sw;    /* the answer was written as a status word */
    unsigned bit;
    long number;
    unsigned ms; /* FAULT_EVERY: not given */
    bool any;    /* every command, so no pattern */
    size_t pattern_n;
    size_t answer_n;
    uint16_t pattern[FAULT_PATTERN_MAX]; /* script.h */
    uint8_t answer[FAULT_ANSWER_MAX];
};

struct fault_error {
    unsigned line;
    size_t column; /* from 1 */
    char text[200];
};

/*
 * Takes one line apart, without its newline; `line` is only passed on.
 * Returns 1, 0 if it says nothing (empty, a comment), or -EINVAL with `error`
 * filled.
 */
int fault_rule_parse(struct bytes text, unsigned line, struct fault_rule *rule,
                     struct fault_error *error);

/* The rule as text, without newline, that parses to an equal one. */
void fault_rule_put(struct buf *out, const struct fault_rule *rule);

/* Is the rule's event this one, a command being `message`? */
bool fault_rule_matches(const struct fault_rule *rule, enum fault_event event,
                        struct bytes message);

#endif
