/*
 * holder.c - who else is connected where we are not spoken to. The kernel
 * lists TCP connections in /proc/net/tcp and tcp6; one that its listener has
 * not accepted yet has inode 0, so that the others hold the slots.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "vicc/holder.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define TCP_STATE_ESTABLISHED 1

/* One end of a connection: an address, IPv4 as ::ffff:a.b.c.d, and port. */
struct end {
    struct in6_addr addr;
    unsigned port;
};

/* One line of /proc/net/tcp or tcp6. */
struct tcp_line {
    struct end local;
    struct end remote;
    unsigned long inode;
};

static void
end_of_ipv4(struct in_addr ipv4, unsigned port, struct end *end)
{
    memset(end, 0, sizeof(*end));
    memset(end->addr.s6_addr + 10, 0xFF, 2);
    memcpy(end->addr.s6_addr + 12, &ipv4, 4);
    end->port = port;
}

static bool
end_equal(const struct end *a, const struct end *b)
{
    return a->port == b->port && memcmp(&a->addr, &b->addr, 16) == 0;
}

/* The name of a socket; false if it is not TCP. */
static bool
end_of_socket(int fd, int (*name_of)(int, struct sockaddr *, socklen_t *),
              struct end *end)
{
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
    } name;
    socklen_t n = sizeof(name);

    memset(&name, 0, sizeof(name));
    if (name_of(fd, &name.any, &n) != 0)
        return false;
    if (name.any.sa_family == AF_INET) {
        end_of_ipv4(name.in.sin_addr, ntohs(name.in.sin_port), end);
        return true;
    }
    end->addr = name.in6.sin6_addr;
    end->port = ntohs(name.in6.sin6_port);
    return name.any.sa_family == AF_INET6;
}

/* "0100007F:8C7B": words of 32 bits as the machine keeps them in memory. */
static bool
parse_end(const char *text, struct end *end)
{
    const char *colon = strchr(text, ':');
    unsigned words[4];
    size_t i, n = colon == NULL ? 0 : (size_t)(colon - text) / 8;
    struct in_addr ipv4;

    if ((n != 1 && n != 4) || sscanf(colon, ":%4X", &end->port) != 1)
        return false;
    for (i = 0; i < n; i++)
        if (sscanf(text + 8 * i, "%8X", &words[i]) != 1)
            return false;
    if (n == 4)
        memcpy(&end->addr, words, 16);
    memcpy(&ipv4, words, 4);
    if (n == 1)
        end_of_ipv4(ipv4, end->port, end);
    return true;
}

/* The next established connection of the list; false at its end. */
static bool
next_connection(FILE *list, struct tcp_line *line)
{
    char text[512], local[64], remote[64];
    unsigned state;

    while (fgets(text, sizeof(text), list) != NULL)
        if (sscanf(text, "%*s %63s %63s %X %*s %*s %*s %*s %*s %lu", local,
                   remote, &state, &line->inode) == 4 &&
            state == TCP_STATE_ESTABLISHED && parse_end(local, &line->local) &&
            parse_end(remote, &line->remote))
            return true;
    return false;
}

/*
 * Finds a connection that somebody has open, whose local end is `local` and
 * whose remote end is `remote`, or (not) anything but that.
 */
static bool
find_connection(const struct end *local, const struct end *remote, bool is,
                struct tcp_line *found)
{
    static const char *const lists[] = {"/proc/net/tcp", "/proc/net/tcp6"};
    bool ok = false;
    size_t i;

    for (i = 0; i < 2 && !ok; i++) {
        FILE *list = fopen(lists[i], "re");

        while (list != NULL && !ok && next_connection(list, found))
            ok = found->inode != 0 && end_equal(&found->local, local) &&
                 end_equal(&found->remote, remote) == is;
        if (list != NULL)
            fclose(list);
    }
    return ok;
}

/* Does process `pid` have the socket open? */
static bool
has_socket(const char *pid, const char *socket)
{
    char path[600], target[64];
    struct dirent *e;
    bool found = false;
    DIR *dir;

    snprintf(path, sizeof(path), "/proc/%s/fd", pid);
    if ((dir = opendir(path)) == NULL)
        return false; /* another user's */
    while (!found && (e = readdir(dir)) != NULL) {
        ssize_t n =
            readlinkat(dirfd(dir), e->d_name, target, sizeof(target) - 1);

        target[n < 0 ? 0 : n] = '\0';
        found = strcmp(target, socket) == 0;
    }
    closedir(dir);
    return found;
}

/* "virt_cacard (process 4242)"; false if the name cannot be read. */
static bool
name_process(const char *pid, char *text, size_t room)
{
    char path[600], name[64] = "", *p;
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%s/comm", pid);
    if ((f = fopen(path, "re")) == NULL)
        return false;
    if (fgets(name, sizeof(name), f) != NULL)
        name[strcspn(name, "\n")] = '\0';
    fclose(f);
    for (p = name; *p != '\0'; p++)
        if (iscntrl((unsigned char)*p))
            *p = '?'; /* a process may call itself anything */
    snprintf(text, room, "%s (process %s)", name, pid);
    return true;
}

static bool
find_process(unsigned long inode, char *text, size_t room)
{
    DIR *dir = opendir("/proc");
    char socket[64];
    struct dirent *e;
    bool found = false;

    snprintf(socket, sizeof(socket), "socket:[%lu]", inode);
    while (dir != NULL && !found && (e = readdir(dir)) != NULL)
        found = isdigit((unsigned char)e->d_name[0]) &&
                has_socket(e->d_name, socket) &&
                name_process(e->d_name, text, room);
    if (dir != NULL)
        closedir(dir);
    return found;
}

static void
name_end(const struct end *end, char *text, size_t room)
{
    char addr[INET6_ADDRSTRLEN] = "";
    bool ipv4 = IN6_IS_ADDR_V4MAPPED(&end->addr);

    if (ipv4)
        inet_ntop(AF_INET, end->addr.s6_addr + 12, addr, sizeof(addr));
    else
        inet_ntop(AF_INET6, &end->addr, addr, sizeof(addr));
    snprintf(text, room, ipv4 ? "%s:%u" : "[%s]:%u", addr, end->port);
}

enum holder
holder_find(int fd, char *text, size_t room)
{
    struct end reader, we;
    struct tcp_line accepted, other;

    text[0] = '\0';
    if (!end_of_socket(fd, getpeername, &reader) ||
        !end_of_socket(fd, getsockname, &we))
        return HOLDER_UNKNOWN;
    if (find_connection(&reader, &we, true, &accepted)) {
        find_process(accepted.inode, text, room);
        return HOLDER_US;
    }
    if (!find_connection(&reader, &we, false, &accepted))
        return HOLDER_UNKNOWN;
    if (!find_connection(&accepted.remote, &reader, true, &other) ||
        !find_process(other.inode, text, room))
        name_end(&accepted.remote, text, room);
    return HOLDER_OTHER;
}

void
holder_command(int fd, char *text, size_t room)
{
    struct end reader;
    struct sockaddr_un name = {0};
    socklen_t n = sizeof(name);

    if (end_of_socket(fd, getpeername, &reader))
        snprintf(text, room, "ss -tnp '( sport = :%u or dport = :%u )'",
                 reader.port, reader.port);
    else if (getpeername(fd, (struct sockaddr *)&name, &n) == 0 &&
             name.sun_family == AF_UNIX && name.sun_path[0] != '\0')
        snprintf(text, room, "ss -xp | grep %.108s", name.sun_path);
    else
        snprintf(text, room, "ss -xp");
}
