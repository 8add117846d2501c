/*
 * record.h - facts of a machine as texts with names: what its files say and
 * what its programs answer, word for word. `vicc doctor --save` writes them,
 * --from reads them again, and every check looks at nothing else. A name
 * stands in brackets on its own line, its text below with four blanks before
 * each line.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef DOCTOR_RECORD_H
#define DOCTOR_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define RECORD_ITEMS_MAX 4096
#define RECORD_BYTES_MAX (4u << 20) /* of a record that is read */

struct record_item {
    char *name;
    char *text;
};

struct record {
    struct record_item *items;
    size_t count;
    bool failed; /* memory or room ran out: it is not complete */
};

/*
 * Appends a copy of both, control characters replaced by '?' except
 * for those that end lines, and tabs in the text.
 */
void record_add(struct record *record, const char *name, const char *text);

/* The same with a name "KIND DETAIL". */
void record_add_of(struct record *record, const char *kind, const char *detail,
                   const char *text);

/* The text of that name, borrowed; NULL if there is none. */
const char *record_text(const struct record *record, const char *name);

/*
 * Goes through the names "KIND DETAIL" from *at = 0 on: the next DETAIL with
 * its text, both borrowed; false at the end.
 */
bool record_next(const struct record *record, const char *kind, size_t *at,
                 const char **detail, const char **text);

/* Writes all of it; errors are those of `out`. */
void record_write(const struct record *record, FILE *out);

/*
 * Appends what a text of that form says. Returns 0, or the number of the
 * first line, from 1, that is not of it.
 */
unsigned record_parse(struct record *record, const char *text, size_t size);

void record_clear(struct record *record);

#endif
