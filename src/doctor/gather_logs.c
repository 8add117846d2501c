/*
 * gather_logs.c - what logs say of pcscd. A log that we may not read, or
 * that is not there, says nothing.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor/gather.h"

#define TAIL_BYTES (1 << 20) /* what has happened lately */
#define KEPT_BYTES 16384     /* the last lines of it */

/* Appends a line, and drops from the front what is too much. */
static void
keep(char *kept, const char *line)
{
    size_t n = strlen(kept), more = strlen(line), drop;

    while (n + more >= KEPT_BYTES && n > 0) {
        drop = strcspn(kept, "\n") + 1;
        memmove(kept, kept + drop, n - drop + 1);
        n -= drop;
    }
    if (more < KEPT_BYTES)
        memcpy(kept + n, line, more + 1);
}

static bool
is_wanted(const char *line)
{
    return strstr(line, "pcscd") != NULL || strstr(line, "libifdvpcd") != NULL;
}

static void
add_stream(FILE *f, const char *source, struct record *out)
{
    char *kept = calloc(1, KEPT_BYTES), line[2048];

    while (kept != NULL && fgets(line, sizeof(line), f) != NULL)
        if (is_wanted(line) && strchr(line, '\n') != NULL)
            keep(kept, line);
    if (kept != NULL && kept[0] != '\0')
        record_add_of(out, "log", source, kept);
    free(kept);
}

static void
add_file(const char *path, struct record *out)
{
    FILE *f = fopen(path, "re");
    struct stat st;

    if (f == NULL)
        return;
    if (fstat(fileno(f), &st) == 0 && S_ISREG(st.st_mode)) {
        if (st.st_size > TAIL_BYTES)
            fseek(f, -TAIL_BYTES, SEEK_END);
        add_stream(f, path, out);
    }
    fclose(f);
}

/* The journal has no form that is read without its own program. */
static void
add_journal(struct record *out)
{
    FILE *f;

    if (access("/run/systemd/journal", F_OK) != 0)
        return;
    f = popen("timeout 5 journalctl --quiet --boot --no-pager --lines=2000 "
              "_COMM=pcscd + UNIT=pcscd.service + _TRANSPORT=audit "
              "+ _TRANSPORT=kernel 2>/dev/null </dev/null",
              "re");
    if (f == NULL)
        return;
    add_stream(f, "journal", out);
    pclose(f);
}

void
gather_logs(struct record *out)
{
    static const char *const files[] = {"/var/log/audit/audit.log",
                                        "/var/log/syslog", "/var/log/messages",
                                        "/var/log/kern.log"};
    char enforce[4] = "";
    FILE *f = fopen("/sys/fs/selinux/enforce", "re");
    size_t i;

    if (f != NULL) {
        if (fgets(enforce, sizeof(enforce), f) != NULL)
            record_add(out, "selinux", enforce);
        fclose(f);
    }
    add_journal(out);
    for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        add_file(files[i], out);
}
