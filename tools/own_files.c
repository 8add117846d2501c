/*
 * own_files.c - what a program writes must not go over what it reads.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "own_files.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <vicc/type.h>
#include <vicc/types.h>

#include "status.h"
#include "store/store.h"

bool
is_same_file(const char *a, const char *b)
{
    struct stat of_a, of_b;

    return stat(a, &of_a) == 0 && stat(b, &of_b) == 0 &&
           of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}

char *
trace_name(const struct options *options, size_t i, bool several)
{
    char *name = NULL;

    if (options->trace == NULL ||
        asprintf(&name, several ? "%s.%zu" : "%s", options->trace, i) < 0)
        return NULL;
    return name;
}

/* Without links, also of a file that is still to be made; to be freed. */
static char *
resolve(const char *path)
{
    char *whole = realpath(path, NULL), *copy, *folder, *name = NULL;

    if (whole != NULL || (copy = strdup(path)) == NULL)
        return whole;
    folder = realpath(dirname(copy), NULL);
    free(copy);
    copy = strdup(path);
    if (folder != NULL && copy != NULL &&
        asprintf(&name, "%s/%s", folder, basename(copy)) < 0)
        name = NULL;
    free(copy);
    free(folder);
    return name;
}

/* Where SQLite keeps, or will keep, what is not in the image yet. */
static bool
is_beside(const char *image, const char *path)
{
    char *of_image = resolve(image), *of_path = resolve(path);
    size_t n = of_image == NULL ? 0 : strlen(of_image);
    bool is =
        of_image != NULL && of_path != NULL &&
        strncmp(of_path, of_image, n) == 0 &&
        (strcmp(of_path + n, "-wal") == 0 || strcmp(of_path + n, "-shm") == 0 ||
         strcmp(of_path + n, "-journal") == 0);

    free(of_image);
    free(of_path);
    return is;
}

/* The option of a card that names the file; NULL: none. */
static const char *
find_option(const struct card_choice *choice, const char *path)
{
    const struct card_type *type = card_type_find(choice->name);
    const struct card_option *option;
    size_t i;

    for (i = 0; i < choice->settings && type != NULL; i++) {
        option = card_option_find(type, choice->setting[i].name);
        if (option != NULL &&
            (option->kind == OPTION_FILE || option->kind == OPTION_OUTPUT) &&
            is_same_file(choice->setting[i].value, path))
            return choice->setting[i].name;
    }
    return NULL;
}

static int
refuse(const char *path, const char *what, const char *name)
{
    fprintf(stderr, "vicc: --trace %s: the trace would overwrite %s%s\n", path,
            what, name);
    return STATUS_USAGE;
}

static int
check(const struct options *options, const char *path)
{
    const struct card_choice *choice = options->card;
    const char *option;
    size_t i;

    for (; choice < options->card + options->cards; choice++) {
        if (choice->is_image && is_same_file(choice->name, path))
            return refuse(path, "the image", "");
        if (choice->is_image && is_beside(choice->name, path))
            return refuse(path, "what belongs to the image ", choice->name);
        if ((option = find_option(choice, path)) != NULL)
            return refuse(path, "the file of option ", option);
    }
    for (i = 0; i < options->faults; i++)
        if (options->fault[i].is_file &&
            is_same_file(options->fault[i].text, path))
            return refuse(path, "the script of faults", "");
    if (options->passphrase_file != NULL &&
        is_same_file(options->passphrase_file, path))
        return refuse(path, "the file of the passphrase", "");
    return store_is_image(path) ? refuse(path, "a card image", "") : STATUS_OK;
}

int
trace_check(const struct options *options, size_t slots)
{
    size_t i;
    int status = STATUS_OK;

    for (i = 0; i < slots && options->trace != NULL && status == STATUS_OK;
         i++) {
        char *name = trace_name(options, i, slots > 1);

        if (name != NULL)
            status = check(options, name);
        free(name);
    }
    return status;
}
