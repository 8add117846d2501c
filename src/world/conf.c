/*
 * conf.c - writes a reader.conf(5) that pcscd 1.9.9 to 2.5 read alike.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "world/conf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "world/dir.h"
#include "world/error.h"

/* Has a character that ends or breaks a quoted value: pcscd's scanner. */
static bool
is_unquotable(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < ' ' || *text == '"' || *text == 0x7F)
            return true;
    return false;
}

static bool
is_bare(const char *text)
{
    return strspn(text, DIR_PLAIN ":\\") == strlen(text);
}

static int
check_name(const char *name, struct world_error *error)
{
    if (name[0] == '\0' || strlen(name) > WORLD_NAME_MAX)
        return world_fail(error, -EINVAL,
                          "A reader's name has 1 to %d bytes, \"%.40s%s\" has "
                          "%zu.",
                          WORLD_NAME_MAX, name, name[0] ? "..." : "",
                          strlen(name));
    if (is_unquotable(name))
        return world_fail(error, -EINVAL,
                          "A reader's name cannot hold a double quote or a "
                          "control character: reader.conf(5).");
    return 0;
}

int
conf_check(const struct world_options *options, struct world_error *error)
{
    size_t i;
    int err;

    if (options->conf != NULL)
        return 0;
    if (options->name != NULL && (err = check_name(options->name, error)) != 0)
        return err;
    for (i = 0; i < options->slot_count; i++)
        if (options->slots[i] != NULL &&
            (options->slots[i][0] == '\0' || is_unquotable(options->slots[i])))
            return world_fail(error, -EINVAL,
                              "\"%s\" cannot be the address of a slot: it is "
                              "empty, or has a double quote or a control "
                              "character.",
                              options->slots[i]);
    return 0;
}

/*
 * The folder is linked rather than the file, so that a library that the
 * driver finds by its own place ($ORIGIN) is still found.
 */
static int
link_driver(struct world_plan *plan, const char *real)
{
    const char *dir = plan->shared->dir;
    const char *base = strrchr(real, '/') + 1;
    char folder[PATH_MAX], link[WORLD_SOCKET_MAX];
    int n;

    snprintf(folder, sizeof(folder), "%.*s", (int)(base - real), real);
    if (dir_is_plain(base)) {
        snprintf(link, sizeof(link), "%s/driver", dir);
        n = snprintf(plan->driver, sizeof(plan->driver), "%s/%s", link, base);
        return n >= PATH_MAX           ? -ENAMETOOLONG
               : symlink(folder, link) ? -errno
                                       : 0;
    }
    snprintf(plan->driver, sizeof(plan->driver), "%s/driver.so", dir);
    return symlink(real, plan->driver) ? -errno : 0;
}

static int
find_driver(struct world_plan *plan, struct world_error *error)
{
    const char *given = plan->options->driver;
    char real[PATH_MAX];
    int err = 0;

    if (given == NULL && (given = world_driver()) == NULL)
        return world_fail(error, -ENOENT,
                          "This project's reader driver is neither in the "
                          "build tree around this program nor %s.\nInstall "
                          "it, or name it in VICC_DRIVER.",
                          WORLD_DRIVER);
    if (realpath(given, real) == NULL || access(real, R_OK) < 0)
        return world_fail(error, -errno, "The reader driver %s: %s", given,
                          strerror(errno));
    if (dir_is_plain(real))
        snprintf(plan->driver, sizeof(plan->driver), "%s", real);
    else if ((err = link_driver(plan, real)) != 0)
        world_fail(error, err, "Linking the reader driver %s into %s: %s",
                   given, plan->shared->dir, strerror(-err));
    return err;
}

/* The caller's own text, with the place holders filled in. */
static void
put_text(FILE *f, const struct world_plan *plan, const char *p)
{
    while (*p != '\0') {
        if (strncmp(p, "@DIR@", 5) == 0) {
            fputs(plan->shared->dir, f);
            p += 5;
        } else if (strncmp(p, "@DRIVER@", 8) == 0) {
            fputs(plan->driver, f);
            p += 8;
        } else {
            fputc(*p++, f);
        }
    }
}

/*
 * An entry is complete once it has a name, a library and a device, and takes
 * no further line: CHANNELID stands before LIBPATH. It differs, because a
 * failing entry takes others of its name and channel with it.
 */
static void
put_entry(FILE *f, const struct world_plan *plan, size_t i)
{
    const char *device = plan->options->slots[i];

    fprintf(f, "FRIENDLYNAME \"%s\"\n", plan_name(plan->options));
    if (device == NULL) {
        fprintf(f, "DEVICENAME unix-listen:%s/slot%zu\n", plan->shared->dir, i);
    } else {
        const char *quote = is_bare(device) ? "" : "\"";

        fprintf(f, "DEVICENAME %s", quote);
        put_text(f, plan, device);
        fprintf(f, "%s\n", quote);
    }
    fprintf(f, "CHANNELID %zu\nLIBPATH %s\n\n", i, plan->driver);
}

/* A folder of its own, because pcscd reads every file there is. */
static FILE *
open_conf(const struct world_plan *plan)
{
    char path[WORLD_SOCKET_MAX];

    snprintf(path, sizeof(path), "%s/conf", plan->shared->dir);
    if (mkdir(path, 0700) < 0)
        return NULL;
    snprintf(path, sizeof(path), "%s/conf/readers", plan->shared->dir);
    return fopen(path, "we");
}

int
conf_write(struct world_plan *plan, struct world_error *error)
{
    const struct world_options *options = plan->options;
    int err = find_driver(plan, error);
    FILE *f = NULL;
    bool bad;
    size_t i;

    if (err != 0)
        return err;
    if ((f = open_conf(plan)) == NULL)
        return world_fail(error, -errno, "%s/conf: %s", plan->shared->dir,
                          strerror(errno));
    if (options->conf != NULL)
        put_text(f, plan, options->conf);
    else
        for (i = 0; i < options->slot_count; i++)
            put_entry(f, plan, i);
    bad = ferror(f) != 0;
    if (fclose(f) != 0 || bad)
        return world_fail(error, -EIO, "%s/conf/readers could not be written.",
                          plan->shared->dir);
    return 0;
}
