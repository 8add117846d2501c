/*
 * listen.c - listening, and taking connections.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vpcd/addr.h"
#include "vpcd/conn.h"
#include "vpcd/deadline.h"
#include "vpcd/target.h"

/* Cards queue for an occupied slot; with none a second one would hang. */
#define BACKLOG 16

struct vpcd_listener {
    int fd;
    int wake; /* eventfd: vpcd_listener_shutdown() was called */
    bool unix_socket;
    unsigned spin_us; /* of each connection */
    char address[ADDR_TEXT_MAX];
    uint16_t any_port;        /* it has every address of this machine; 0: one */
    char path[ADDR_PATH_MAX]; /* our socket file; "" none */
    dev_t dev;                /* and its identity */
    ino_t ino;
};

/* ---- sockets ---- */

/* What has to be said before bind(). 0, or -1 and errno. */
static int
prepare_socket(int fd, int family, bool dual)
{
    int one = 1, only = !dual;

    if (family == AF_UNIX) /* bind() makes the file with it */
        return fchmod(fd, S_IRUSR | S_IWUSR);
    if (family == AF_INET6 &&
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only)) != 0)
        return -1;
    /* Not hindered by our own old connections in TIME_WAIT. */
    return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
}

static int
listen_socket(const struct target *t, bool dual, int *out)
{
    int err = 0;
    int fd = socket(t->addr.ss_family,
                    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -errno;
    if (prepare_socket(fd, t->addr.ss_family, dual) != 0 ||
        bind(fd, (const struct sockaddr *)&t->addr, t->n) != 0 ||
        listen(fd, BACKLOG) != 0) {
        err = -errno;
        close(fd);
        fd = -1;
    }
    *out = fd;
    return err;
}

/* Whether a socket file is left over from a process that has ended. */
static bool
is_stale(const struct target *t, const char *path)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct stat st;
    bool stale = false;

    if (fd < 0)
        return false;
    if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode) &&
        connect(fd, (const struct sockaddr *)&t->addr, t->n) != 0)
        stale = errno == ECONNREFUSED;
    close(fd);
    return stale;
}

static int
listen_unix(struct vpcd_listener *l, const struct vpcd_addr *addr,
            const struct target *t)
{
    struct stat st;
    int err = listen_socket(t, false, &l->fd);

    if (err == -EADDRINUSE && is_stale(t, addr->path) &&
        (unlink(addr->path) == 0 || errno == ENOENT))
        err = listen_socket(t, false, &l->fd);
    if (err != 0)
        return err;
    l->unix_socket = true;
    if (stat(addr->path, &st) == 0) {
        memcpy(l->path, addr->path, sizeof(l->path));
        l->dev = st.st_dev;
        l->ino = st.st_ino;
    }
    return 0;
}

static int
listen_tcp(struct vpcd_listener *l, const struct vpcd_addr *addr,
           const struct target *targets, size_t count)
{
    bool dual = strcmp(addr->host, "any") == 0;
    size_t i;
    int err = -ENXIO;

    for (i = 0; i < count; i++) {
        err = listen_socket(&targets[i], dual, &l->fd);
        /* Only a missing protocol is worth trying the other one. */
        if (err != -EAFNOSUPPORT && err != -EADDRNOTAVAIL)
            break;
    }
    return err;
}

/* A copy of an inherited socket, for the reason that connect_fd() has. */
static int
listen_fd(struct vpcd_listener *l, int inherited)
{
    int family = AF_UNSPEC, flags;
    socklen_t n = sizeof(family);

    if ((l->fd = fcntl(inherited, F_DUPFD_CLOEXEC, 3)) < 0)
        return -errno;
    /* Another process may take the connection that poll() has shown. */
    if (fcntl(inherited, F_SETFD, FD_CLOEXEC) != 0 ||
        (flags = fcntl(l->fd, F_GETFL)) < 0 ||
        fcntl(l->fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
        getsockopt(l->fd, SOL_SOCKET, SO_DOMAIN, &family, &n) != 0)
        return -errno;
    l->unix_socket = family == AF_UNIX;
    return 0;
}

/* Are all addresses of the machine meant, however they were written? */
static bool
is_any(const struct target *t)
{
    struct sockaddr_in in;
    struct sockaddr_in6 in6;

    memcpy(&in, &t->addr, sizeof(in));
    memcpy(&in6, &t->addr, sizeof(in6));
    return t->addr.ss_family == AF_INET
               ? in.sin_addr.s_addr == INADDR_ANY
               : IN6_IS_ADDR_UNSPECIFIED(&in6.sin6_addr);
}

/* What another process writes to reach this listener. */
static int
find_address(struct vpcd_listener *l, const struct vpcd_addr *addr)
{
    struct target t = {.n = sizeof(t.addr)};
    struct vpcd_addr reach = *addr;
    bool four;

    reach.listen = false;
    if (addr->kind == ADDR_TCP) {
        if (getsockname(l->fd, (struct sockaddr *)&t.addr, &t.n) != 0)
            return -errno;
        reach.port = target_port(&t);
        four = t.addr.ss_family == AF_INET || strcmp(addr->host, "any") == 0;
        if (is_any(&t)) {
            l->any_port = reach.port;
            snprintf(reach.host, sizeof(reach.host), "%s",
                     four ? "127.0.0.1" : "::1");
        }
    }
    addr_name(&reach, l->address, sizeof(l->address));
    return 0;
}

static int
open_listener(struct vpcd_listener *l, const struct vpcd_addr *addr)
{
    struct target targets[2];
    size_t count;
    int err;

    if ((l->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0)
        return -errno;
    if (addr->kind == ADDR_FD)
        err = listen_fd(l, addr->fd);
    else if ((err = target_find(addr, targets, 2, &count)) != 0)
        return err;
    else if (addr->kind == ADDR_UNIX)
        err = listen_unix(l, addr, targets);
    else
        err = listen_tcp(l, addr, targets, count);
    return err != 0 ? err : find_address(l, addr);
}

int
addr_listen(const struct vpcd_addr *addr, struct vpcd_listener **out)
{
    struct vpcd_listener *l;
    int listens = addr_listens(addr), err;

    *out = NULL;
    if (listens <= 0)
        return listens < 0 ? listens : -EINVAL;
    if ((l = calloc(1, sizeof(*l))) == NULL)
        return -ENOMEM;
    l->fd = l->wake = -1;
    l->spin_us = addr->spin_us;
    if ((err = open_listener(l, addr)) != 0)
        vpcd_listener_free(&l);
    *out = l;
    return err;
}

int
vpcd_listen(const char *address, struct vpcd_listener **out)
{
    struct vpcd_addr addr;

    *out = NULL;
    return addr_parse(address, &addr, NULL) ? addr_listen(&addr, out) : -EINVAL;
}

/* ---- connections ---- */

/* Whether accept() failed because of one connection, as accept(2) lists. */
static bool
is_passing(int err)
{
    switch (err) {
    case EAGAIN:
    case EINTR:
    case ECONNABORTED:
    case ENETDOWN:
    case EPROTO:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case EOPNOTSUPP:
    case ENETUNREACH:
        return true;
    default:
        return false;
    }
}

/* There is no other authentication: only ourselves and root may come in. */
static bool
may_enter(int fd)
{
    struct ucred who;
    socklen_t n = sizeof(who);

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) == 0 &&
           (who.uid == 0 || who.uid == geteuid());
}

static int
enter(struct vpcd_listener *l, int fd, struct vpcd **out)
{
    int err;

    if (l->unix_socket && !may_enter(fd))
        err = -EPERM;
    else
        err = vpcd_adopt(fd, out);
    if (err != 0)
        close(fd);
    else
        spin_init(&(*out)->spin, l->spin_us);
    return err;
}

int
vpcd_accept(struct vpcd_listener *l, int timeout_ms, struct vpcd **out)
{
    struct deadline d = deadline_in(timeout_ms);
    int fd, err;

    *out = NULL;
    for (;;) {
        if ((err = deadline_wait(l->fd, POLLIN, l->wake, d)) != 0)
            return err;
        fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0 && !is_passing(errno))
            return -errno;
        /* One that came and went leaves the next its turn. */
        if (fd >= 0 && (err = enter(l, fd, out)) != -ECONNRESET)
            return err;
    }
}

int
vpcd_listener_fd(const struct vpcd_listener *l)
{
    return l->fd;
}

const char *
vpcd_listener_address(const struct vpcd_listener *l)
{
    return l->address;
}

const char *
listener_place(const struct vpcd_listener *l, bool of_card, char *text,
               size_t room)
{
    const unsigned port = l->any_port;

    if (port == 0)
        snprintf(text, room, "%s", l->address);
    else
        snprintf(text, room,
                 "any address of this machine, port %u (see vpcd-config%s -P "
                 "%u)",
                 port, of_card ? " --vicc" : "", port);
    return text;
}

void
vpcd_listener_shutdown(struct vpcd_listener *l)
{
    eventfd_write(l->wake, 1);
}

void
vpcd_listener_free(struct vpcd_listener **listener)
{
    struct vpcd_listener *l = *listener;
    struct stat st;

    if (l == NULL)
        return;
    /* Somebody else's socket may have taken the place of ours. */
    if (l->path[0] != '\0' && lstat(l->path, &st) == 0 && st.st_dev == l->dev &&
        st.st_ino == l->ino)
        unlink(l->path);
    if (l->fd >= 0)
        close(l->fd);
    if (l->wake >= 0)
        close(l->wake);
    free(l);
    *listener = NULL;
}
