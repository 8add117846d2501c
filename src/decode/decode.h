/*
 * decode.h - a trace in words: its commands by their names, what P1-P2 and
 * the class byte ask for, data objects as a tree, status words. For people as
 * text or as a page for a browser, for programs as JSON.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef DECODE_DECODE_H
#define DECODE_DECODE_H

#include <stdio.h>

#include "script/script.h"

enum decode_form {
    DECODE_TEXT,
    DECODE_JSON, /* RFC 8259; names stay what they are, others may be added */
    DECODE_HTML, /* one page that needs nothing else */
    DECODE_NONE, /* reads it to its end */
};

struct decode_settings {
    FILE *out;        /* NULL with DECODE_NONE */
    const char *name; /* of the trace, for its title */
    bool secrets;     /* hide nothing that the trace holds */
};

/* What was there. */
struct decode_count {
    unsigned long commands;
    unsigned long power_ups;
};

/*
 * Reads a trace and writes it as it goes; `in` need not be seekable. Memory
 * does not grow with the trace. Returns 0; -EINVAL with `error` for a line that
 * is none of the format, then what came before it is written and the form is
 * closed; -EIO if the trace cannot be read, or -ENOMEM. Whether all could be
 * written is for the caller to ask of settings->out.
 */
int decode_trace(FILE *in, enum decode_form form,
                 const struct decode_settings *settings,
                 struct decode_count *count, struct script_error *error);

#endif
