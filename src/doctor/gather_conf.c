/*
 * gather_conf.c - the files of readers, and the drivers that they name.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor/gather.h"
#include "doctor/reader_conf.h"
#include "world/world.h"

static void
add_library(const char *path, struct record *out)
{
    char name[READER_CONF_VALUE_MAX + 16];

    snprintf(name, sizeof(name), "library %s", path);
    if (record_text(out, name) == NULL)
        record_add(out, name,
                   access(path, F_OK) != 0      ? "missing\n"
                   : access(path, R_OK) != 0    ? "unreadable\n"
                   : world_driver_is_ours(path) ? "ours\n"
                                                : "other\n");
}

static void
hear_entry(void *ctx, const struct reader_entry *entry,
           enum reader_conf_fault fault, unsigned line, const char *wrong)
{
    (void)fault;
    (void)line;
    (void)wrong;
    if (entry == NULL)
        return;
    add_library(entry->library, ctx);
    if (strchr(entry->device, ':') == NULL && entry->device[0] == '/' &&
        access(entry->device, F_OK) != 0)
        record_add_of(ctx, "device", entry->device, "missing\n");
}

static void
hear_file(void *ctx, const char *path, const char *text)
{
    record_add_of(ctx, text != NULL ? "file" : "unreadable", path,
                  text != NULL ? text : "");
    if (text != NULL)
        reader_conf_parse(path, text, hear_entry, ctx);
}

/* Debian's packages; `name` is ours, and needs no quoting. */
static void
add_package(const char *name, struct record *out)
{
    char command[160], state[32] = "";
    FILE *f;

    if (access("/usr/bin/dpkg-query", X_OK) != 0)
        return;
    snprintf(command, sizeof(command),
             "timeout 5 dpkg-query -W -f '${db:Status-Status}' %s "
             "2>/dev/null </dev/null",
             name);
    if ((f = popen(command, "re")) == NULL)
        return;
    if (fgets(state, sizeof(state), f) != NULL &&
        strcmp(state, "installed") == 0)
        record_add_of(out, "package", name, "installed\n");
    pclose(f);
}

void
gather_conf(const char *dir, struct record *out)
{
    char text[64] = "absent\n";
    const char *driver = world_driver();
    int files;

    files = reader_conf_files(dir, hear_file, out);
    if (files >= 0)
        snprintf(text, sizeof(text), "files %d\n", files);
    record_add_of(out, "conf", dir, text);
    record_add(out, "driver", driver != NULL ? driver : "");
    add_package("vsmartcard-vpcd", out);
    add_package("vsmartcard-vpicc", out);
}
