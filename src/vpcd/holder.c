/*
 * holder.c - who holds a TCP port: proc(5) tells which socket, and which
 * process has it open.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "vpcd/addr.h"

#define STATE_LISTEN 0x0A /* include/net/tcp_states.h of Linux */
#define COMM_MAX 64

struct socket_line {
    unsigned long inode;
    unsigned uid;
    bool listens;
};

/*
 * "sl: local:PORT remote:PORT st tx:rx tr:when retr uid timeout inode", all
 * but uid and inode in hexadecimal. Our own listeners stand in the way of
 * everything, others' connections only when nobody listens.
 */
static bool
parse_line(const char *line, uint16_t port, struct socket_line *out)
{
    unsigned local, state, uid;
    unsigned long inode;

    if (sscanf(line,
               "%*d: %*64[0-9A-F]:%x %*64[0-9A-F]:%*x %x %*x:%*x %*x:%*x %*x "
               "%u %*d %lu",
               &local, &state, &uid, &inode) != 4 ||
        local != port || inode == 0)
        return false;
    *out = (struct socket_line){inode, uid, state == STATE_LISTEN};
    return true;
}

static void
find_socket(const char *path, uint16_t port, struct socket_line *found)
{
    FILE *f = fopen(path, "re");
    struct socket_line s;
    char line[512];

    if (f == NULL)
        return;
    while (!found->listens && fgets(line, sizeof(line), f) != NULL)
        if (parse_line(line, port, &s) && (s.listens || found->inode == 0))
            *found = s;
    fclose(f);
}

/* Whether a process has the socket open; dir is its /proc/PID/fd. */
static bool
has_socket(const char *dir, unsigned long inode)
{
    char wanted[40], link[40];
    struct dirent *e;
    DIR *d = opendir(dir);
    bool found = false;
    ssize_t n;

    if (d == NULL)
        return false;
    snprintf(wanted, sizeof(wanted), "socket:[%lu]", inode);
    while (!found && (e = readdir(d)) != NULL) {
        n = readlinkat(dirfd(d), e->d_name, link, sizeof(link) - 1);
        link[n < 0 ? 0 : n] = '\0';
        found = strcmp(link, wanted) == 0;
    }
    closedir(d);
    return found;
}

/* A process may call itself anything: no control characters in our log. */
static void
read_comm(const char *pid, char *comm, size_t room)
{
    char path[64];
    FILE *f;
    char *p;

    snprintf(path, sizeof(path), "/proc/%.20s/comm", pid);
    comm[0] = '\0';
    if ((f = fopen(path, "re")) == NULL)
        return;
    if (fgets(comm, (int)room, f) != NULL)
        comm[strcspn(comm, "\n")] = '\0';
    for (p = comm; *p != '\0'; p++)
        if (iscntrl((unsigned char)*p))
            *p = '?';
    fclose(f);
}

static bool
find_process(unsigned long inode, char *text, size_t room)
{
    DIR *proc = opendir("/proc");
    char path[64], comm[COMM_MAX];
    struct dirent *e;
    bool found = false;

    if (proc == NULL)
        return false;
    while (!found && (e = readdir(proc)) != NULL) {
        if (!isdigit((unsigned char)e->d_name[0]))
            continue;
        snprintf(path, sizeof(path), "/proc/%.20s/fd", e->d_name);
        if ((found = has_socket(path, inode))) {
            read_comm(e->d_name, comm, sizeof(comm));
            snprintf(text, room, "%s (process %.20s)", comm, e->d_name);
        }
    }
    closedir(proc);
    return found;
}

bool
addr_holder(const struct vpcd_addr *addr, char *text, size_t room)
{
    struct socket_line s = {0};

    text[0] = '\0';
    if (addr->kind != ADDR_TCP || addr->port == 0)
        return false;
    find_socket("/proc/self/net/tcp", addr->port, &s);
    if (!s.listens)
        find_socket("/proc/self/net/tcp6", addr->port, &s);
    if (s.inode == 0)
        return false;
    if (!find_process(s.inode, text, room))
        snprintf(text, room, "a process of user %u", s.uid);
    return true;
}
