/*
 * dir.c - the world's directory.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "world/dir.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "world/error.h"

#define TEMPLATE "/vicc-XXXXXX"

/* Room for the longest name that goes into it, and some for the caller's. */
#define DIR_PARENT_MAX (WORLD_DIR_MAX - sizeof(TEMPLATE) - 16)

bool
dir_is_plain(const char *path)
{
    return strspn(path, DIR_PLAIN) == strlen(path);
}

/* May the directory go here? /run is what namespaces replace. */
static bool
is_usable(const char *parent)
{
    char real[PATH_MAX];

    return parent != NULL && parent[0] == '/' &&
           strlen(parent) <= DIR_PARENT_MAX && dir_is_plain(parent) &&
           realpath(parent, real) != NULL && strcmp(real, "/run") != 0 &&
           strncmp(real, "/run/", 5) != 0;
}

int
dir_make(char path[WORLD_DIR_MAX], struct world_error *error)
{
    const char *parents[] = {getenv("TMPDIR"), "/tmp", "/var/tmp", "/dev/shm"};
    int err = ENOENT;
    size_t i;

    for (i = 0; i < sizeof(parents) / sizeof(parents[0]); i++) {
        if (!is_usable(parents[i]))
            continue;
        snprintf(path, WORLD_DIR_MAX, "%s" TEMPLATE, parents[i]);
        if (mkdtemp(path) != NULL)
            return 0;
        err = errno;
    }
    path[0] = '\0';
    return world_fail(error, -err,
                      "No directory could be made in TMPDIR, /tmp, /var/tmp "
                      "or /dev/shm: %s.\nSet TMPDIR to a writable directory "
                      "with a short path.",
                      strerror(err));
}

static int
remove_one(const char *path, const struct stat *st, int what, struct FTW *ftw)
{
    (void)st;
    (void)what;
    (void)ftw;
    remove(path);
    return 0; /* the rest goes all the same */
}

void
dir_remove(const char *path)
{
    if (path[0] != '\0')
        nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}
