/*
 * process.h - a process by its name, for people.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include <stddef.h>

/* "pcscd (process 42)"; "a program (process 42)" if its name is hidden. */
void process_name(long pid, char *text, size_t room);

#endif
