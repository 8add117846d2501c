/*
 * say.h - lines on standard error, from threads that must not wait: those of
 * cards.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_SAY_H
#define VICC_SAY_H

#include <stddef.h>

/*
 * Writes a line, with its end and not longer than a page, at once, so that
 * lines of threads never mix. A pipe that nobody empties must not stop a card:
 * the first line waits a second for it, the next ones are counted; `program`
 * says how many, when there is room again.
 */
void say_line(const char *program, const char *line, size_t n);

/* "PROGRAM: LABEL: TEXT" with its end; label may be NULL. */
void say_text(const char *program, const char *label, const char *text);

#endif
