/*
 * holder.c - who has locked an image.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/process.h"
#include "store/private.h"

/* The bytes that SQLite locks, https://www.sqlite.org/fileformat.html 1.4. */
#define LOCK_START 0x40000000
#define LOCK_SIZE 512

bool
store_holder(const char *path, char *text, size_t room)
{
    struct flock lock = {.l_type = F_WRLCK,
                         .l_whence = SEEK_SET,
                         .l_start = LOCK_START,
                         .l_len = LOCK_SIZE};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    bool found;

    if (fd < 0)
        return false;
    found = fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    close(fd);
    if (!found)
        return false;
    if (lock.l_pid <= 0) /* in another container, say */
        snprintf(text, room, "a process that cannot be seen from here");
    else
        process_name(lock.l_pid, text, room);
    return true;
}
