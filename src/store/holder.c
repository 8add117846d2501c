/*
 * holder.c - who has locked an image.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "store/private.h"

/* The bytes that SQLite locks, https://www.sqlite.org/fileformat.html 1.4. */
#define LOCK_START 0x40000000
#define LOCK_SIZE 512

/* A process may call itself anything: no control characters in our words. */
static void
read_comm(pid_t pid, char *comm, size_t room)
{
    char path[64];
    FILE *f;
    char *p;

    snprintf(path, sizeof(path), "/proc/%ld/comm", (long)pid);
    snprintf(comm, room, "a program");
    if ((f = fopen(path, "re")) == NULL)
        return;
    if (fgets(comm, (int)room, f) != NULL)
        comm[strcspn(comm, "\n")] = '\0';
    for (p = comm; *p != '\0'; p++)
        if (iscntrl((unsigned char)*p))
            *p = '?';
    fclose(f);
}

bool
store_holder(const char *path, char *text, size_t room)
{
    struct flock lock = {.l_type = F_WRLCK,
                         .l_whence = SEEK_SET,
                         .l_start = LOCK_START,
                         .l_len = LOCK_SIZE};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    char comm[64];
    bool found;

    if (fd < 0)
        return false;
    found = fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    close(fd);
    if (!found)
        return false;
    if (lock.l_pid <= 0) { /* in another container, say */
        snprintf(text, room, "a process that cannot be seen from here");
        return true;
    }
    read_comm(lock.l_pid, comm, sizeof(comm));
    snprintf(text, room, "%s (process %ld)", comm, (long)lock.l_pid);
    return true;
}
