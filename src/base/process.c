/*
 * process.c - a process by its name, from proc(5).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "base/process.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

void
process_name(long pid, char *text, size_t room)
{
    char path[64], comm[64] = "a program", *p;
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%ld/comm", pid);
    if ((f = fopen(path, "re")) != NULL) {
        if (fgets(comm, sizeof(comm), f) != NULL)
            comm[strcspn(comm, "\n")] = '\0';
        fclose(f);
    }
    for (p = comm; *p != '\0'; p++)
        if (iscntrl((unsigned char)*p))
            *p = '?'; /* a process may call itself anything */
    snprintf(text, room, "%s (process %ld)", comm, pid);
}
