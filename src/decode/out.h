/*
 * out.h - text out of a trace, which anybody may have written, made harmless
 * for where it goes: a terminal, a page, a JSON string. What is neither UTF-8
 * nor visible becomes U+FFFD in all of them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef DECODE_OUT_H
#define DECODE_OUT_H

#include <stdio.h>

#include <vicc/bytes.h>

enum out_kind {
    OUT_TERMINAL,
    OUT_HTML,
    OUT_JSON,
};

struct out {
    FILE *file;
    enum out_kind kind;
    unsigned long told; /* events so far, for the form to count */
    bool open;          /* a part of the form is, likewise */
};

/* Our own words and markup, as they are. */
void out_raw(struct out *out, const char *text);

/* Somebody else's words. */
void out_text(struct out *out, struct bytes text);

/* Formats up to 400 characters, which then are somebody else's words. */
void out_say(struct out *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Elements of a pattern, as vicc-script(5) writes them. */
void out_pattern(struct out *out, const uint16_t *pattern, size_t n);

/* The same of plain bytes. */
void out_hex(struct out *out, struct bytes bytes);

#endif
