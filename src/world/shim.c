/*
 * shim.c - preloaded into pcscd where it may neither have its own directory
 * /run/pcscd nor a namespace with one: file names in it are turned to the
 * world's directory, and the folder of USB drivers is not there.
 *
 * pcscd 1.9.9 to 2.5 name them in mkdir, chmod, open, remove and opendir
 * only (and in one stat, whose answer means nothing with a socket handed
 * over). open64 is for builds with large files.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
/* Both open and open64 are defined here, so neither may stand for the other. */
#undef _FILE_OFFSET_BITS

#include "world/shim.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The system's own function of that name, with that type. */
#define NEXT(f) ((__typeof__(&(f)))dlsym(RTLD_NEXT, #f))

#define EXPORT __attribute__((visibility("default")))

static char from[PATH_MAX], to[PATH_MAX], drivers[PATH_MAX];

static void
take(const char *name, char value[PATH_MAX])
{
    const char *given = getenv(name);

    snprintf(value, PATH_MAX, "%s", given == NULL ? "" : given);
    unsetenv(name);
}

/* Programs that pcscd starts are none of our business. */
__attribute__((constructor)) static void
shim_start(void)
{
    take(SHIM_FROM, from);
    take(SHIM_TO, to);
    take(SHIM_DRIVERS, drivers);
    unsetenv("LD_PRELOAD");
}

/* `path`, or in `room` what stands for it. */
static const char *
turned(const char *path, char room[PATH_MAX])
{
    size_t n = strlen(from);

    if (n == 0 || strncmp(path, from, n) != 0 ||
        (path[n] != '/' && path[n] != '\0') ||
        snprintf(room, PATH_MAX, "%s%s", to, path + n) >= PATH_MAX)
        return path;
    return room;
}

EXPORT int
mkdir(const char *path, mode_t mode)
{
    char room[PATH_MAX];

    return NEXT(mkdir)(turned(path, room), mode);
}

EXPORT int
chmod(const char *path, mode_t mode)
{
    char room[PATH_MAX];

    return NEXT(chmod)(turned(path, room), mode);
}

EXPORT int
remove(const char *path)
{
    char room[PATH_MAX];

    return NEXT(remove)(turned(path, room));
}

EXPORT int
unlink(const char *path)
{
    char room[PATH_MAX];

    return NEXT(unlink)(turned(path, room));
}

/* open(2): there is a mode when a file may be created. */
static mode_t
mode_of(int flags, va_list args)
{
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
}

EXPORT int
open(const char *path, int flags, ...)
{
    char room[PATH_MAX];
    va_list args;
    mode_t mode;

    va_start(args, flags);
    mode = mode_of(flags, args);
    va_end(args);
    return NEXT(open)(turned(path, room), flags, mode);
}

EXPORT int
open64(const char *path, int flags, ...)
{
    char room[PATH_MAX];
    va_list args;
    mode_t mode;

    va_start(args, flags);
    mode = mode_of(flags, args);
    va_end(args);
    return NEXT(open64)(turned(path, room), flags, mode);
}

EXPORT DIR *
opendir(const char *path)
{
    if (drivers[0] != '\0' && strcmp(path, drivers) == 0) {
        errno = ENOENT;
        return NULL;
    }
    return NEXT(opendir)(path);
}
