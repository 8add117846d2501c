/*
 * replay.c - main() for a fuzz target in the ordinary test run: gives it each
 * file of the folders and each file named on the command line. TAP on stdout.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "fuzz.h"

#define PATH_ROOM 4096

static unsigned count;

/* A block of the exact size, so that a sanitizer sees every step too far. */
static int
replay_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    struct stat st = {0};
    uint8_t *data = NULL;
    int ok = f != NULL && fstat(fileno(f), &st) == 0;

    if (ok) {
        data = malloc((size_t)st.st_size);
        ok = (data != NULL || st.st_size == 0) &&
             fread(data, 1, (size_t)st.st_size, f) == (size_t)st.st_size;
    }
    if (ok)
        LLVMFuzzerTestOneInput(data, (size_t)st.st_size);
    printf("%s %u - %s\n", ok ? "ok" : "not ok", ++count, path);
    fflush(stdout);
    free(data);
    if (f != NULL)
        fclose(f);
    return ok ? 0 : 1;
}

static int
replay_folder(const char *path)
{
    char file[PATH_ROOM];
    struct dirent **list;
    int i, n = scandir(path, &list, NULL, alphasort), failed = 0;

    if (n < 0)
        return replay_file(path);
    for (i = 0; i < n; i++) {
        snprintf(file, sizeof(file), "%s/%s", path, list[i]->d_name);
        if (list[i]->d_name[0] != '.')
            failed |= replay_file(file);
        free(list[i]);
    }
    free(list);
    return failed;
}

int
main(int argc, char **argv)
{
    int i, failed = 0;

    for (i = 1; i < argc; i++)
        failed |= replay_folder(argv[i]);
    printf("1..%u\n", count);
    return failed != 0 || count == 0;
}
