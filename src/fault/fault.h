/*
 * fault.h - disturbs the conversation of one reader and one card by rules
 * (rule.h). It stands where the messages of the reader come in, and needs to
 * be told only how the card is asked. Rules may change while it works, from
 * any thread; the messages are those of one thread.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef FAULT_FAULT_H
#define FAULT_FAULT_H

#include <vpcd.h>

#include "fault/rule.h"

#define FAULT_RULES_MAX 64

struct fault;

/* Returns 0 or -ENOMEM. */
int fault_new(struct fault **out);

/* Accepts NULL. */
void fault_free(struct fault **fault);

/* Adds a copy behind the others: 0, -ENOMEM, or -ENOSPC if there are many. */
int fault_add(struct fault *fault, const struct fault_rule *rule);

/* Forgets all rules; a mute card speaks again. */
void fault_clear(struct fault *fault);

/*
 * From now on the card says nothing, until power or reset. A reader waits for
 * it as long as it likes; or, unless `ms` is FAULT_EVERY, so long, and then
 * takes the transmission as failed.
 */
void fault_mute(struct fault *fault, unsigned ms);

/* Resets the card before its next command, which the reader does not see. */
void fault_reset(struct fault *fault);

/* What a rule has done so far. */
struct fault_count {
    unsigned long matched;
    unsigned long fired;
};

bool fault_is_mute(struct fault *fault);

/* The number of rules, and rule `i` with its counts; false if there is none. */
size_t fault_rules(struct fault *fault);
bool fault_rule_at(struct fault *fault, size_t i, struct fault_rule *rule,
                   struct fault_count *count);

/*
 * Says each time what is done, as a rule; on the thread of the messages.
 * NULL for nobody; to be set before that thread runs.
 */
void fault_watch(struct fault *fault, void (*say)(void *ctx, const char *rule),
                 void *ctx);

/* True while there is nothing to do: messages need not go through it. */
bool fault_is_idle(const struct fault *fault);

/* A reader has met the card anew: it has power to come, so it is not mute. */
void fault_begin(struct fault *fault);

/* How a message gets to the card and back; all are called by fault_pass(). */
struct fault_port {
    struct vpcd *reader;
    /*
     * Hands `message` to the card, and its answer, empty if none is to come,
     * replaces what `answer` held. 0 or -errno.
     */
    int (*ask)(void *ctx, struct bytes message, struct buf *answer);
    /* 0 after `ms`, or -errno if the conversation has ended before. */
    int (*wait)(void *ctx, unsigned ms);
    /* The card is out of its reader, until `ms` are over or somebody acts. */
    void (*leave)(void *ctx, unsigned ms);
    /* The answer that the reader gets next; may be NULL. */
    void (*answered)(void *ctx, struct bytes answer);
    void *ctx;
};

/*
 * Passes one message of the reader on, and what comes back to the reader,
 * with all that the rules want to happen. Returns 0; -ECANCELED when leave()
 * was called, and the conversation with the reader is to end; or what one of
 * the functions returned.
 */
int fault_pass(struct fault *fault, const struct fault_port *port,
               struct bytes message, struct buf *answer);

#endif
