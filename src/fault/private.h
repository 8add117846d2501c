/*
 * private.h - what the parts of a fault share: its rules, and which of them
 * are due for a message.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef FAULT_PRIVATE_H
#define FAULT_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "fault/fault.h"

struct fault_entry {
    struct fault_rule rule;
    struct fault_count count;
};

struct fault {
    atomic_bool busy; /* anything below: the way past is one look at this */
    pthread_mutex_t lock;
    struct fault_entry *rule[FAULT_RULES_MAX];
    size_t n;
    bool mute;
    unsigned patience_ms; /* of the reader with a mute card */
    bool reset_due;

    void (*say)(void *ctx, const char *rule);
    void *say_ctx;
};

/* What the rules say about one message. */
struct fault_verdict {
    bool mute;            /* it is not even heard */
    unsigned patience_ms; /* and this is how long the reader waits */
    bool reset;           /* the card is to be reset before it */
    unsigned delay_ms[2]; /* before it, and [1] before the answer */
    bool acts;            /* and then this one: */
    struct fault_rule rule;
};

void fault_judge(struct fault *fault, enum fault_event event,
                 struct bytes message, struct fault_verdict *verdict);

#endif
