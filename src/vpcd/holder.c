/*
 * holder.c - who holds a TCP port: proc(5) tells which socket, and which
 * process has it open.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/process.h"
#include "vpcd/addr.h"
#include "vpcd/holder.h"

void
holder_map(struct in_addr ipv4, struct in6_addr *addr)
{
    memset(addr, 0, sizeof(*addr));
    memset(addr->s6_addr + 10, 0xFF, 2);
    memcpy(addr->s6_addr + 12, &ipv4, 4);
}

void
holder_address(const struct holder_end *end, char text[INET6_ADDRSTRLEN])
{
    const uint8_t *addr = end->addr.s6_addr;
    const char *done =
        IN6_IS_ADDR_V4MAPPED(&end->addr)
            ? inet_ntop(AF_INET, addr + 12, text, INET6_ADDRSTRLEN)
            : inet_ntop(AF_INET6, addr, text, INET6_ADDRSTRLEN);

    if (done == NULL)
        text[0] = '\0';
}

/* "0100007F": words of 32 bits, as numbers in the machine's order. */
static bool
parse_address(const char *text, struct in6_addr *addr)
{
    uint32_t words[4];
    size_t i, n = strlen(text) / 8;

    if (n != 1 && n != 4)
        return false;
    for (i = 0; i < n; i++)
        if (sscanf(text + 8 * i, "%8" SCNx32, &words[i]) != 1)
            return false;
    if (n == 4)
        memcpy(addr, words, sizeof(words));
    else
        holder_map((struct in_addr){words[0]}, addr);
    return true;
}

/*
 * "sl: local:PORT remote:PORT st tx:rx tr:when retr uid timeout inode", all
 * but uid and inode in hexadecimal.
 */
static bool
parse_line(const char *line, struct holder_socket *s)
{
    char local[33], remote[33];

    return sscanf(line,
                  "%*d: %32[0-9A-F]:%x %32[0-9A-F]:%x %x %*x:%*x %*x:%*x %*x "
                  "%u %*d %lu",
                  local, &s->local.port, remote, &s->remote.port, &s->state,
                  &s->uid, &s->inode) == 7 &&
           parse_address(local, &s->local.addr) &&
           parse_address(remote, &s->remote.addr);
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
    size_t i;

    for (i = 0; i < 2 && more; i++) {
        FILE *f = fopen(paths[i], "re");

        while (f != NULL && more && fgets(line, sizeof(line), f) != NULL)
            if (parse_line(line, &s))
                more = hear(ctx, &s);
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

bool
holder_process(unsigned long inode, char *text, size_t room)
{
    DIR *proc = opendir("/proc");
    struct dirent *e;
    bool found = false;
    unsigned long pid;

    if (proc == NULL)
        return false;
    while (!found && (e = readdir(proc)) != NULL) {
        pid = strtoul(e->d_name, NULL, 10);
        if (pid != 0 && (found = holder_has(pid, inode) == 1))
            process_name((long)pid, text, room);
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

    if (s->local.port == search->port && s->inode != 0 &&
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
