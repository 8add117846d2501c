/*
 * tape.h - a trace in memory, vicc-script(5): its exchanges in order, cut
 * into sessions, and found by their commands.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef REPLAY_TAPE_H
#define REPLAY_TAPE_H

#include <vicc/atr.h>

#include "script/script.h"

/* A command or an answer; in a command only hidden bytes are not bytes. */
struct tape_pattern {
    const uint16_t *p; /* elements as in struct script_line, borrowed */
    size_t n;
};

struct tape_exchange {
    unsigned line; /* of the command */
    bool is_open;  /* hidden bytes in the command let several match it */
    struct tape_pattern command;
    struct tape_pattern answer; /* empty: the trace has none */
    size_t session;
    size_t context; /* equal where the same SELECT came last; see tape.c */
    size_t context_after; /* as it left it */
};

#define TAPE_ANY_CONTEXT SIZE_MAX
#define TAPE_NO_CONTEXT (SIZE_MAX - 1) /* nothing selected since the reset */

/* What lies between two resets; only the last one may have no exchange. */
struct tape_session {
    size_t first; /* of its exchanges */
    unsigned line;
    uint8_t atr[ATR_MAX];
    size_t atr_n; /* 0: as the session before, if there is one */
};

struct tape {
    struct tape_exchange *exchange;
    size_t exchanges;
    struct tape_session *session; /* at least one */
    size_t sessions;
    size_t *order;       /* plain exchanges by command, then place */
    size_t *open;        /* the others by place */
    size_t plain, opens; /* how many of them */
    uint16_t *room;      /* all elements */
    size_t room_used, room_size;
};

/*
 * Returns 0; -EINVAL with `error` filled if the text is no trace that a card
 * can be made of; or -ENOMEM. The text is not needed afterwards.
 */
int tape_parse(struct bytes text, struct tape *tape,
               struct script_error *error);

/* Wipes; accepts one that is all zeros, and leaves it so. */
void tape_clear(struct tape *tape);

bool tape_matches(const struct tape_exchange *e, struct bytes command);

/*
 * The first exchange from place `from` on that this command matches, or the
 * last one before it; SIZE_MAX if there is none. context: only exchanges
 * that came in that one.
 */
size_t tape_next(const struct tape *tape, struct bytes command, size_t from,
                 size_t context);
size_t tape_previous(const struct tape *tape, struct bytes command, size_t from,
                     size_t context);

#endif
