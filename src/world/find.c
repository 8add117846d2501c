/*
 * find.c - where the driver and the preloaded library are: in the build tree
 * that this program runs from, or installed.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "world/shim.h"
#include "world/world.h"

/*
 * build/tools/vicc finds build/src. The file must belong to whom the program
 * belongs, or to root: a vicc in /tmp/x must not load what a stranger has
 * put into /tmp/src.
 */
static bool
find_in_build(const char *file, char path[PATH_MAX])
{
    char program[PATH_MAX], found[PATH_MAX];
    struct stat own, st;
    ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);

    if (n <= 0)
        return false;
    program[n] = '\0';
    *strrchr(program, '/') = '\0';
    return snprintf(found, sizeof(found), "%s/../src/%s", program, file) <
               (int)sizeof(found) &&
           realpath(found, path) != NULL && stat("/proc/self/exe", &own) == 0 &&
           stat(path, &st) == 0 && (st.st_uid == own.st_uid || st.st_uid == 0);
}

/*
 * Other packages install a driver of the same name in the same place, which
 * takes our addresses for host names: only ours has this word in it.
 */
bool
world_driver_is_ours(const char *path)
{
    static const char word[] = "unix-listen:";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st = {0};
    void *p = MAP_FAILED;
    bool found;

    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (fd >= 0)
        close(fd);
    if (p == MAP_FAILED)
        return false;
    found = memmem(p, (size_t)st.st_size, word, strlen(word)) != NULL;
    munmap(p, (size_t)st.st_size);
    return found;
}

const char *
world_driver(void)
{
    static char path[PATH_MAX];
    const char *named = getenv("VICC_DRIVER");

    if (named != NULL && named[0] != '\0')
        return named;
    if (find_in_build("ifd/libifdvpcd.so", path))
        return path;
    return world_driver_is_ours(WORLD_DRIVER) ? WORLD_DRIVER : NULL;
}

const char *
world_shim(void)
{
    static char path[PATH_MAX];
    const char *named = getenv("VICC_WORLD_SHIM");

    if (named != NULL && named[0] != '\0')
        return named;
    if (find_in_build("world/" SHIM_FILE, path))
        return path;
    return access(WORLD_SHIM_INSTALLED, R_OK) == 0 ? WORLD_SHIM_INSTALLED
                                                   : NULL;
}
