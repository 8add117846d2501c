/*
 * error.h - failures in words.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef WORLD_ERROR_H
#define WORLD_ERROR_H

struct world_error;

/* Fills error->text, which may be read from the arguments; returns err. */
int world_fail(struct world_error *error, int err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* "killed by signal 9 (Killed)" or "ended with status 1". */
void world_status_text(int wait_status, char *text, unsigned long size);

#endif
