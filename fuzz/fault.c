/*
 * fault.c - fuzzes the rules of faults, which come from a script file or, at
 * run time, through the control socket. A rule that is taken must survive
 * being written and read again.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdlib.h>

#include "fault/rule.h"
#include "fuzz.h"

static void
check_written(const struct fault_rule *rule)
{
    static struct fault_rule again;
    struct fault_error error;
    uint8_t room[FAULT_TEXT_MAX];
    struct buf text = BUF(room);
    uint8_t *copy;

    fault_rule_put(&text, rule);
    assert(!text.overrun);
    assert((copy = malloc(text.n)) != NULL);
    memcpy(copy, text.p, text.n);
    assert(fault_rule_parse(bytes_of(copy, text.n), 1, &again, &error) == 1);
    assert(memcmp(rule, &again, sizeof(again)) == 0);
    free(copy);
}

/* Each line is a rule; it is matched with the line before it. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct fault_rule rule;
    struct bytes left = {data, size}, line, before = {data, 0};
    struct fault_error error = {0};

    while (left.n != 0) {
        const uint8_t *end = memchr(left.p, '\n', left.n);
        size_t n = end != NULL ? (size_t)(end - left.p) : left.n;
        int got;

        line = bytes_slice(left, 0, n);
        left = bytes_slice(left, n + 1, left.n);
        got = fault_rule_parse(line, 1, &rule, &error);
        if (got == 1) {
            check_written(&rule);
            fault_rule_matches(&rule, FAULT_ON_COMMAND, before);
        } else {
            assert(got == 0 || error.column >= 1);
            assert(got == 0 || error.column <= line.n + 1);
            assert(got == 0 || error.text[0] != '\0');
        }
        before = line;
    }
    return 0;
}
