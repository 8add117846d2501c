/*
 * gather_pcscd.c - the daemon: its program, its processes, its socket, and
 * what it answers.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor/gather.h"
#include "vpcd/holder.h"
#include "world/error.h"
#include "world/look.h"
#include "world/pcscd.h"
#include "world/world.h"

#define SOCKET_PATH "/run/pcscd/pcscd.comm"
#define LOOK_MS 6000 /* longer than any driver takes to open its readers */

static const char *
socket_path(void)
{
    const char *named = getenv("PCSCLITE_CSOCK_NAME"); /* pcscd(8) */

    return named != NULL && named[0] != '\0' ? named : SOCKET_PATH;
}

/* A small file as text; false if it cannot be read. NULs become blanks. */
static bool
read_small(const char *path, char *text, size_t room)
{
    FILE *f = fopen(path, "re");
    size_t n, i;

    if (f == NULL)
        return false;
    n = fread(text, 1, room - 1, f);
    fclose(f);
    while (n > 0 && text[n - 1] == '\0')
        n--;
    for (i = 0; i < n; i++)
        if (text[i] == '\0')
            text[i] = ' ';
    text[n] = '\0';
    return true;
}

static void
add_program(struct record *out)
{
    struct world_error error;
    struct pcscd pcscd = {0};
    char said[4096] = "", text[4096 + PATH_MAX];

    if (pcscd_find(NULL, &pcscd, &error) != 0) {
        record_add(out, "pcscd", "missing\n");
        return;
    }
    pcscd_version(pcscd.path, said, sizeof(said));
    snprintf(text, sizeof(text), "path %s\n%s", pcscd.path, said);
    record_add(out, "pcscd", text);
}

static void
add_units(struct record *out)
{
    static const char *const names[] = {"pcscd.service", "pcscd.socket"};
    static const char *const folders[] = {
        "/etc/systemd/system", "/run/systemd/system",
        "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
        "/lib/systemd/system"}; /* systemd.unit(5): the first one counts */
    char path[128], text[8192];
    size_t i, j;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        for (j = 0; j < sizeof(folders) / sizeof(folders[0]); j++) {
            snprintf(path, sizeof(path), "%s/%s", folders[j], names[i]);
            if (read_small(path, text, sizeof(text))) {
                record_add_of(out, "unit", path, text);
                break;
            }
        }
}

/* The inode of a listening Unix socket, 0 if none is bound there. */
static unsigned long
listening_inode(const char *wanted)
{
    FILE *f = fopen("/proc/self/net/unix", "re");
    unsigned long inode, found = 0;
    unsigned flags;
    char line[512];
    int at;

    if (f == NULL)
        return 0;
    while (found == 0 && fgets(line, sizeof(line), f) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        at = 0;
        if (sscanf(line, "%*x: %*x %*x %x %*x %*x %lu %n", &flags, &inode,
                   &at) == 2 &&
            at > 0 && strcmp(line + at, wanted) == 0 &&
            (flags & 0x10000)) /* __SO_ACCEPTCON of Linux */
            found = inode;
    }
    fclose(f);
    return found;
}

/* Returns whether it may be the one behind our socket. */
static bool
add_process(const char *pid, unsigned long inode, struct record *out)
{
    char path[64], comm[64], cmdline[2048], text[2304];
    struct stat st;
    int has;

    snprintf(path, sizeof(path), "/proc/%.20s/comm", pid);
    if (!read_small(path, comm, sizeof(comm)) || strcmp(comm, "pcscd\n") != 0)
        return false;
    snprintf(path, sizeof(path), "/proc/%.20s/cmdline", pid);
    if (stat(path, &st) != 0 || !read_small(path, cmdline, sizeof(cmdline)) ||
        cmdline[0] == '\0') /* a zombie has none */
        return false;
    if (inode != 0)
        has = holder_has(strtoul(pid, NULL, 10), inode);
    else /* of another network namespace, perhaps */
        has = access(socket_path(), F_OK) == 0 ? -1 : 0;
    /* One with readers of its own belongs to a private world. */
    if (has < 0 && (strstr(cmdline, " -c ") != NULL ||
                    strstr(cmdline, " --config") != NULL))
        has = 0;
    snprintf(text, sizeof(text), "uid %u\ncmdline %s\nserves %s\n",
             (unsigned)st.st_uid, cmdline,
             has < 0   ? "unknown"
             : has > 0 ? "yes"
                       : "no");
    if (out != NULL)
        record_add_of(out, "process", pid, text);
    return has != 0;
}

/* Is there one that may serve? With `out`, all are recorded. */
static bool
find_processes(unsigned long inode, struct record *out)
{
    DIR *proc = opendir("/proc");
    struct dirent *e;
    bool found = false;

    if (proc == NULL)
        return false;
    while ((e = readdir(proc)) != NULL)
        if (isdigit((unsigned char)e->d_name[0]))
            found |= add_process(e->d_name, inode, out);
    closedir(proc);
    return found;
}

/* Before anybody is woken. */
static void
add_socket(struct record *out)
{
    const char *path = socket_path();
    unsigned long inode = listening_inode(path);
    bool asleep = inode != 0 && !find_processes(inode, NULL);
    char text[128];
    struct stat st;

    if (stat(path, &st) != 0)
        snprintf(text, sizeof(text), "%s\n",
                 errno == EACCES ? "denied" : "absent");
    else
        snprintf(text, sizeof(text), "mode %04o\nuid %u\ngid %u\n%s%s%s",
                 st.st_mode & 07777u, (unsigned)st.st_uid, (unsigned)st.st_gid,
                 access(path, W_OK) == 0 ? "" : "denied\n",
                 inode != 0 ? "listening\n" : "", asleep ? "asleep\n" : "");
    record_add_of(out, "socket", path, text);
}

void
gather_pcscd(struct record *out)
{
    char text[32768];

    add_program(out);
    add_units(out);
    add_socket(out);
    if (world_look(LOOK_MS, text, sizeof(text)) == 0)
        record_add(out, "pcsc", text);
    find_processes(listening_inode(socket_path()), out);
}
