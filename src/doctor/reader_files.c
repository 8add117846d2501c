/*
 * reader_files.c - the folder that pcscd reads.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor/reader_conf.h"

#define TEXT_MAX 65536 /* nobody configures so many readers by hand */

/* Cuts what is longer, and ends at a NUL. */
static bool
read_text(const char *path, char *text)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    size_t n = 0;
    ssize_t got = 0;

    if (fd < 0)
        return false;
    while (n < TEXT_MAX - 1 &&
           ((got = read(fd, text + n, TEXT_MAX - 1 - n)) > 0 ||
            (got < 0 && errno == EINTR)))
        n += got > 0 ? (size_t)got : 0;
    text[n] = '\0';
    close(fd);
    return got >= 0;
}

static void
hear_file(const char *path, reader_conf_file *hear, void *ctx)
{
    char *text = malloc(TEXT_MAX);

    hear(ctx, path, text != NULL && read_text(path, text) ? text : NULL);
    free(text);
}

int
reader_conf_files(const char *dir, reader_conf_file *hear, void *ctx)
{
    struct dirent **names;
    char path[PATH_MAX];
    struct stat st;
    int i, count = scandir(dir, &names, NULL, alphasort), files = 0;

    if (count < 0)
        return -errno;
    for (i = 0; i < count; i++) {
        int n = snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);

        if (reader_conf_is_read(names[i]->d_name) && n < PATH_MAX &&
            lstat(path, &st) == 0 && S_ISREG(st.st_mode)) {
            hear_file(path, hear, ctx);
            files++;
        }
        free(names[i]);
    }
    free(names);
    return files;
}
