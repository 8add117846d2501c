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
#include "vpcd/holder.h"

#define COMM_MAX 64

/*
 * "sl: local:PORT remote:PORT st tx:rx tr:when retr uid timeout inode", all
 * but uid and inode in hexadecimal.
 */
static bool
parse_line(const char *line, struct holder_socket *s)
{
    return sscanf(line,
                  "%*d: %32[0-9A-F]:%x %*32[0-9A-F]:%x %x %*x:%*x %*x:%*x %*x "
                  "%u %*d %lu",
                  s->local, &s->port, &s->remote, &s->state, &s->uid,
                  &s->inode) == 6;
}

void
holder_sockets(bool (*hear)(void *ctx, const struct holder_socket *s),
               void *ctx)
{
    static const char *const paths[] = {"/proc/self/net/tcp",
                                        "/proc/self/net/tcp6"};
    struct holder_socket s;
    char line[512];
    bool more = true;
    int six;

    for (six = 0; six < 2 && more; six++) {
        FILE *f = fopen(paths[six], "re");

        while (f != NULL && more && fgets(line, sizeof(line), f) != NULL) {
            s.six = six;
            if (parse_line(line, &s))
                more = hear(ctx, &s);
        }
        if (f != NULL)
            fclose(f);
    }
}

/* Whether a process has the socket open; dir is its /proc/PID/fd. */
static bool
has_socket(DIR *d, unsigned long inode)
{
    char wanted[40], link[40];
    struct dirent *e;
    bool found = false;
    ssize_t n;

    snprintf(wanted, sizeof(wanted), "socket:[%lu]", inode);
    while (!found && (e = readdir(d)) != NULL) {
        n = readlinkat(dirfd(d), e->d_name, link, sizeof(link) - 1);
        link[n < 0 ? 0 : n] = '\0';
        found = strcmp(link, wanted) == 0;
    }
    return found;
}

int
holder_has(unsigned long pid, unsigned long inode)
{
    char path[64];
    bool found;
    DIR *d;

    snprintf(path, sizeof(path), "/proc/%lu/fd", pid);
    if ((d = opendir(path)) == NULL)
        return -1;
    found = has_socket(d, inode);
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

bool
holder_process(unsigned long inode, char *text, size_t room)
{
    DIR *proc = opendir("/proc");
    char comm[COMM_MAX];
    struct dirent *e;
    bool found = false;

    if (proc == NULL)
        return false;
    while (!found && (e = readdir(proc)) != NULL) {
        if (!isdigit((unsigned char)e->d_name[0]))
            continue;
        if ((found = holder_has(strtoul(e->d_name, NULL, 10), inode) == 1)) {
            read_comm(e->d_name, comm, sizeof(comm));
            snprintf(text, room, "%s (process %.20s)", comm, e->d_name);
        }
    }
    closedir(proc);
    return found;
}

struct search {
    unsigned port;
    struct holder_socket found; /* inode 0: none */
};

/*
 * A listener stands in the way of everything, a connection only when nobody
 * listens.
 */
static bool
hear_socket(void *ctx, const struct holder_socket *s)
{
    struct search *search = ctx;
    bool listens = s->state == HOLDER_LISTEN;

    if (s->port == search->port && s->inode != 0 &&
        (listens || search->found.inode == 0))
        search->found = *s;
    return search->found.state != HOLDER_LISTEN;
}

bool
addr_holder(const struct vpcd_addr *addr, char *text, size_t room)
{
    struct search search = {.port = addr->port};

    text[0] = '\0';
    if (addr->kind != ADDR_TCP || addr->port == 0)
        return false;
    holder_sockets(hear_socket, &search);
    if (search.found.inode == 0)
        return false;
    if (!holder_process(search.found.inode, text, room))
        snprintf(text, room, "a process of user %u", search.found.uid);
    return true;
}
