/*
 * rival.c - who else is connected where we are not spoken to. The kernel
 * lists TCP connections in /proc/net/tcp and tcp6; one that its listener has
 * not accepted yet has inode 0, so that the others hold the slots.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "vicc/rival.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "vpcd/holder.h"

static bool
end_equal(const struct holder_end *a, const struct holder_end *b)
{
    return a->port == b->port && memcmp(&a->addr, &b->addr, 16) == 0;
}

/* The name of a socket; false if it is not TCP. */
static bool
end_of_socket(int fd, int (*name_of)(int, struct sockaddr *, socklen_t *),
              struct holder_end *end)
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
        holder_map(name.in.sin_addr, &end->addr);
        end->port = ntohs(name.in.sin_port);
        return true;
    }
    end->addr = name.in6.sin6_addr;
    end->port = ntohs(name.in6.sin6_port);
    return name.any.sa_family == AF_INET6;
}

struct search {
    const struct holder_end *local;
    const struct holder_end *remote;
    bool is; /* the remote end is this one, or anything but this one */
    bool ok;
    struct holder_socket found;
};

static bool
hear_socket(void *ctx, const struct holder_socket *s)
{
    struct search *search = ctx;

    search->ok = s->state == HOLDER_ESTABLISHED && s->inode != 0 &&
                 end_equal(&s->local, search->local) &&
                 end_equal(&s->remote, search->remote) == search->is;
    if (search->ok)
        search->found = *s;
    return !search->ok;
}

static bool
find_connection(const struct holder_end *local, const struct holder_end *remote,
                bool is, struct holder_socket *found)
{
    struct search search = {.local = local, .remote = remote, .is = is};

    holder_sockets(hear_socket, &search);
    *found = search.found;
    return search.ok;
}

static void
name_end(const struct holder_end *end, char *text, size_t room)
{
    char addr[INET6_ADDRSTRLEN];

    holder_address(end, addr);
    snprintf(text, room, IN6_IS_ADDR_V4MAPPED(&end->addr) ? "%s:%u" : "[%s]:%u",
             addr, end->port);
}

enum rival
rival_find(int fd, char *text, size_t room)
{
    struct holder_end reader, we;
    struct holder_socket accepted, other;

    text[0] = '\0';
    if (!end_of_socket(fd, getpeername, &reader) ||
        !end_of_socket(fd, getsockname, &we))
        return RIVAL_UNKNOWN;
    if (find_connection(&reader, &we, true, &accepted)) {
        holder_process(accepted.inode, text, room);
        return RIVAL_NONE;
    }
    if (!find_connection(&reader, &we, false, &accepted))
        return RIVAL_UNKNOWN;
    if (!find_connection(&accepted.remote, &reader, true, &other) ||
        !holder_process(other.inode, text, room))
        name_end(&accepted.remote, text, room);
    return RIVAL_OTHER;
}

void
rival_command(int fd, char *text, size_t room)
{
    struct holder_end reader;
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
