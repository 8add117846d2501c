/*
 * open.c - connecting, and taking over sockets that are connected.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

#include "vpcd/addr.h"
#include "vpcd/conn.h"
#include "vpcd/deadline.h"

/* A peer that is gone is noticed after 10 + 3 * 5 = 25 s, busy or idle. */
#define KEEP_IDLE_S 10
#define KEEP_INTERVAL_S 5
#define KEEP_PROBES 3
#define USER_TIMEOUT_MS 25000

/* ---- a connected socket becomes a connection ---- */

static void
tune_tcp(int fd)
{
    static const struct {
        int level, name, value;
    } options[] = {
        {IPPROTO_TCP, TCP_NODELAY, 1},
        {SOL_SOCKET, SO_KEEPALIVE, 1},
        {IPPROTO_TCP, TCP_KEEPIDLE, KEEP_IDLE_S},
        {IPPROTO_TCP, TCP_KEEPINTVL, KEEP_INTERVAL_S},
        {IPPROTO_TCP, TCP_KEEPCNT, KEEP_PROBES},
        {IPPROTO_TCP, TCP_USER_TIMEOUT, USER_TIMEOUT_MS},
    };
    size_t i;

    /* All are improvements: without one of them the wire works as well. */
    for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        setsockopt(fd, options[i].level, options[i].name, &options[i].value,
                   sizeof(options[i].value));
}

static int
set_blocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags < 0 || ((flags & O_NONBLOCK) != 0 &&
                      fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) != 0))
        return -errno;
    return 0;
}

static void
name_peer(struct vpcd *conn, const struct target *peer)
{
    struct ucred who;
    socklen_t n = sizeof(who);

    if (conn->tcp)
        target_name(peer, conn->peer, sizeof(conn->peer));
    else if (getsockopt(conn->fd, SOL_SOCKET, SO_PEERCRED, &who, &n) == 0)
        snprintf(conn->peer, sizeof(conn->peer), "uid %u pid %d",
                 (unsigned)who.uid, (int)who.pid);
}

/*
 * Makes conn->fd, which is connected, ready for messages: blocking, socket
 * options, name of the peer. Returns 0 or -errno.
 */
static int
make_ready(struct vpcd *conn)
{
    struct target peer = {.n = sizeof(peer.addr)};

    if (getpeername(conn->fd, (struct sockaddr *)&peer.addr, &peer.n) != 0)
        return errno == ENOTCONN ? -ECONNRESET : -errno; /* gone already */
    conn->tcp =
        peer.addr.ss_family == AF_INET || peer.addr.ss_family == AF_INET6;
    if (conn->tcp)
        tune_tcp(conn->fd);
    name_peer(conn, &peer);
    return set_blocking(conn->fd);
}

static int
check_stream(int fd)
{
    int type = 0;
    socklen_t n = sizeof(type);

    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) != 0)
        return -errno;
    return type == SOCK_STREAM ? 0 : -EPROTOTYPE;
}

int
vpcd_adopt(int fd, struct vpcd **out)
{
    int err;

    *out = NULL;
    if ((err = check_stream(fd)) != 0 || (err = conn_new(out)) != 0)
        return err;
    (*out)->fd = fd;
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
        err = -errno;
    if (err != 0 || (err = make_ready(*out)) != 0) {
        (*out)->fd = -1; /* still the caller's */
        vpcd_free(out);
    }
    return err;
}

/*
 * The descriptor stays open beside our copy, so that its number can not come
 * to mean something else while a configuration still names it. Once the peer
 * has gone it is used up.
 */
static int
connect_fd(int inherited, struct vpcd **out)
{
    char c;
    int err, fd = fcntl(inherited, F_DUPFD_CLOEXEC, 3);

    if (fd < 0)
        return -errno;
    if ((err = vpcd_adopt(fd, out)) != 0) {
        close(fd);
        return err;
    }
    if (fcntl(inherited, F_SETFD, FD_CLOEXEC) != 0)
        err = -errno;
    else if (recv(fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
        err = -ECONNRESET;
    if (err != 0)
        vpcd_free(out);
    return err;
}

/* ---- connecting ---- */

/*
 * Someone who keeps connecting to a free port of the ephemeral range is once
 * given that port for his own end: TCP then connects him to himself, and the
 * port is taken when the listener comes.
 */
static bool
is_self(int fd)
{
    struct target a = {.n = sizeof(a.addr)}, b = {.n = sizeof(b.addr)};

    return getsockname(fd, (struct sockaddr *)&a.addr, &a.n) == 0 &&
           getpeername(fd, (struct sockaddr *)&b.addr, &b.n) == 0 &&
           a.n == b.n && memcmp(&a.addr, &b.addr, a.n) == 0;
}

static int
established(struct vpcd *conn)
{
    int err;

    if ((err = make_ready(conn)) != 0)
        return err;
    /* Before connect(), or at another target, shutdown() ends nothing. */
    if (atomic_load(&conn->ended))
        return -ECONNRESET;
    if (conn->tcp && is_self(conn->fd))
        return -ECONNREFUSED;
    free(conn->connecting);
    conn->connecting = NULL;
    return 0;
}

/* A new socket under the number that conn has, if it has one already. */
static int
fresh_socket(struct vpcd *conn, int family)
{
    int err, fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -errno;
    if (conn->fd < 0) {
        conn->fd = fd;
        return 0;
    }
    err = dup3(fd, conn->fd, O_CLOEXEC) < 0 ? -errno : 0;
    close(fd);
    return err;
}

/* Tries targets until one connects or is under way; err is the last one's. */
static int
try_targets(struct vpcd *conn, int err)
{
    struct connecting *c = conn->connecting;

    while (c->next < c->count) {
        const struct target *t = &c->targets[c->next++];

        if ((err = fresh_socket(conn, t->addr.ss_family)) != 0)
            continue;
        if (atomic_load(&conn->ended))
            return -ECONNRESET;
        if (connect(conn->fd, (const struct sockaddr *)&t->addr, t->n) == 0)
            err = established(conn);
        else
            err = -errno;
        if (err == 0 || err == -EINPROGRESS)
            return err;
    }
    return err;
}

static int
connect_targets(const struct target *targets, size_t count, struct vpcd **out)
{
    struct vpcd *conn;
    int err;

    if ((err = conn_new(&conn)) != 0)
        return err;
    if ((conn->connecting = calloc(1, sizeof(*conn->connecting))) == NULL) {
        vpcd_free(&conn);
        return -ENOMEM;
    }
    memcpy(conn->connecting->targets, targets, count * sizeof(*targets));
    conn->connecting->count = count;
    err = try_targets(conn, -ENXIO);
    if (err != 0 && err != -EINPROGRESS)
        vpcd_free(&conn);
    *out = conn;
    return err;
}

/* What became of the connect whose socket has woken. */
static int
outcome(struct vpcd *conn)
{
    int err = 0;
    socklen_t n = sizeof(err);

    if (getsockopt(conn->fd, SOL_SOCKET, SO_ERROR, &err, &n) != 0)
        return -errno;
    return err == 0 ? established(conn) : -err;
}

int
vpcd_connect_finish(struct vpcd *conn, int timeout_ms)
{
    struct deadline d = deadline_in(timeout_ms);
    int err;

    while (conn->connecting != NULL) {
        err = deadline_wait(conn->fd, POLLOUT, -1, d);
        if (err == -ETIMEDOUT)
            return -EINPROGRESS;
        if (err == 0 && (err = outcome(conn)) != 0)
            err = try_targets(conn, err);
        if (err != 0 && err != -EINPROGRESS)
            return err;
    }
    return 0;
}

static int
start(const struct vpcd_addr *addr, struct vpcd **out)
{
    struct target targets[CONN_TARGETS_MAX];
    size_t count;
    int err;

    if (addr->kind == ADDR_FD)
        return connect_fd(addr->fd, out);
    if (addr->listen)
        return -EINVAL;
    if ((err = target_find(addr, targets, CONN_TARGETS_MAX, &count)) != 0)
        return err;
    return connect_targets(targets, count, out);
}

int
addr_connect_start(const struct vpcd_addr *addr, struct vpcd **out)
{
    int err;

    *out = NULL;
    err = start(addr, out);
    if (*out != NULL)
        spin_init(&(*out)->spin, addr->spin_us);
    return err;
}

/*
 * A Unix socket whose backlog is full has nothing to poll for: only a
 * blocking connect() waits until it is taken.
 */
static int
connect_unix(const struct target *t, int timeout_ms, struct vpcd **out)
{
    struct timeval limit = {timeout_ms / 1000, timeout_ms % 1000 * 1000};
    int err = 0, fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -errno;
    if (timeout_ms > 0)
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    while (connect(fd, (const struct sockaddr *)&t->addr, t->n) != 0)
        if (errno != EINTR) {
            err = errno == EAGAIN ? -ETIMEDOUT : -errno;
            break;
        }
    if (err != 0 || (err = vpcd_adopt(fd, out)) != 0)
        close(fd);
    return err;
}

int
addr_connect(const struct vpcd_addr *addr, int timeout_ms, struct vpcd **out)
{
    struct target t;
    size_t count;
    int err;

    *out = NULL;
    if (addr->kind == ADDR_UNIX && !addr->listen && timeout_ms != 0) {
        if ((err = target_find(addr, &t, 1, &count)) != 0)
            return err;
        if ((err = connect_unix(&t, timeout_ms, out)) == 0)
            spin_init(&(*out)->spin, addr->spin_us);
        return err;
    }
    err = addr_connect_start(addr, out);
    if (err == -EINPROGRESS)
        err = vpcd_connect_finish(*out, timeout_ms);
    if (err != 0)
        vpcd_free(out);
    return err == -EINPROGRESS ? -ETIMEDOUT : err;
}

int
vpcd_connect_start(const char *address, struct vpcd **out)
{
    struct vpcd_addr addr;

    *out = NULL;
    return addr_parse(address, &addr, NULL) ? addr_connect_start(&addr, out)
                                            : -EINVAL;
}

int
vpcd_connect(const char *address, int timeout_ms, struct vpcd **out)
{
    struct vpcd_addr addr;

    *out = NULL;
    return addr_parse(address, &addr, NULL)
               ? addr_connect(&addr, timeout_ms, out)
               : -EINVAL;
}
