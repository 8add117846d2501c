/*
 * control_private.h - a slot, and how it is told of.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TOOLS_CONTROL_PRIVATE_H
#define TOOLS_CONTROL_PRIVATE_H

#include "control.h"

struct control_slot {
    struct fault *fault;
    struct host *host;   /* one of ours, or NULL */
    struct proxy *proxy; /* then this */
    const char *what;    /* the card, if it is ours */
    const char *reader;  /* its PC/SC name; NULL: not known */
};

/* Appends to an answer; 511 characters at most. */
void control_say(struct buf *answer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* One line for people, and one JSON object. */
void control_put_status(struct buf *out, size_t number,
                        const struct control_slot *slot);
void control_put_json(struct buf *out, size_t number,
                      const struct control_slot *slot);

#endif
