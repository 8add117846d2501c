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

/* dpkg's own list; other packagers keep none as text. */
static void
add_package(const char *name, struct record *out)
{
    FILE *f = fopen("/var/lib/dpkg/status", "re");
    bool inside = false;
    char line[1024];

    if (f == NULL)
        return;
    while (fgets(line, sizeof(line), f) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "Package: ", 9) == 0)
            inside = strcmp(line + 9, name) == 0;
        else if (inside && strcmp(line, "Status: install ok installed") == 0)
            record_add_of(out, "package", name, "installed\n");
    }
    fclose(f);
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
