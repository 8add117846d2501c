/*
 * replay.h - what a card that replays a trace has seen.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef REPLAY_REPLAY_H
#define REPLAY_REPLAY_H

#include <vicc/type.h>

/* How what came differs from the trace. */
enum replay_difference {
    REPLAY_SAME,
    REPLAY_COMMAND,  /* another command than in the trace */
    REPLAY_MORE,     /* a command behind the end of the trace */
    REPLAY_POWER,    /* a reset where the trace has a command */
    REPLAY_NO_POWER, /* a command where the trace has a reset */
    REPLAY_LESS,     /* the trace goes on, but nothing came any more */
};

/* The first difference; borrowed until the card is used again. */
struct replay_report {
    const char *path; /* of the trace */
    enum replay_difference difference;
    bool is_failure; /* the mode is assert */
    unsigned line;   /* in the trace, where it goes on; 0: at its end */
    const uint16_t *expected; /* the command there, as in struct script_line */
    size_t expected_n;
    struct bytes got;      /* the command that came, if one did */
    unsigned long unknown; /* tolerant: commands that the trace has not */
};

/*
 * Asks a card that nobody will use any more. False, with nothing filled, if
 * it is of another type.
 */
bool replay_report(const struct card *card, struct replay_report *report);

#endif
