/*
 * ctl.c - the control socket: the thread that serves it, and the client.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "vicc/ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "vpcd/addr.h"
#include "vpcd/deadline.h"

#define PATIENCE_MS 5000 /* for a line to come, or an answer to be read */
#define PAUSE_MS 100     /* when the system has no descriptor to give */
#define STACK (256 * 1024)

struct ctl {
    struct vpcd_listener *listener;
    ctl_handler *handle;
    void *ctx;
    pthread_t thread;
    bool started;
    int wake[2]; /* a pipe: readable once it is over */
    uint8_t request[CTL_REQUEST_MAX + 1];
    uint8_t answer[CTL_ANSWER_MAX];
};

/* ---- lines, for both ends ---- */

/* Reads up to a line end, which is left off; wake -1: there is none. */
static int
read_line(int fd, int wake, int timeout_ms, struct buf *line)
{
    struct deadline d = deadline_in(timeout_ms);
    int err = 0;

    buf_clear(line);
    while (err == 0) {
        size_t room = line->cap - line->n;
        ssize_t n;

        if (room == 0)
            return -EMSGSIZE;
        if ((err = deadline_wait(fd, POLLIN, wake, d)) != 0)
            return err;
        n = recv(fd, line->p + line->n, room, MSG_DONTWAIT);
        if (n == 0)
            return -EPROTO; /* it ended amid a line */
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return -errno;
        line->n += n < 0 ? 0 : (size_t)n;
        if (line->n != 0 && line->p[line->n - 1] == '\n') {
            line->n--;
            return 0;
        }
    }
    return err;
}

static int
write_line(int fd, int wake, int timeout_ms, struct bytes line)
{
    static const uint8_t end[] = {'\n'};
    struct deadline d = deadline_in(timeout_ms);
    struct bytes parts[] = {line, BYTES(end)};
    size_t i;
    int err;

    for (i = 0; i < 2; i++) {
        while (parts[i].n != 0) {
            ssize_t n =
                send(fd, parts[i].p, parts[i].n, MSG_NOSIGNAL | MSG_DONTWAIT);

            if (n >= 0)
                parts[i] = bytes_slice(parts[i], (size_t)n, parts[i].n);
            else if (errno != EAGAIN && errno != EINTR)
                return -errno;
            else if ((err = deadline_wait(fd, POLLOUT, wake, d)) != 0)
                return err;
        }
    }
    return 0;
}

/* ---- the server ---- */

/* One client, one line. Who breaks the rules gets no answer. */
static void
serve(struct ctl *c, int fd)
{
    struct buf request = BUF(c->request), answer = BUF(c->answer);

    if (read_line(fd, c->wake[0], PATIENCE_MS, &request) != 0 ||
        memchr(request.p, '\n', request.n) != NULL)
        return;
    c->handle(c->ctx, buf_bytes(&request), &answer);
    write_line(fd, c->wake[0], PATIENCE_MS, buf_bytes(&answer));
}

static void *
run(void *arg)
{
    struct ctl *c = arg;
    struct vpcd *conn;
    int err;

    while ((err = vpcd_accept(c->listener, -1, &conn)) != -ESHUTDOWN) {
        if (err == 0) {
            serve(c, vpcd_fd(conn)); /* no message of the wire comes here */
            vpcd_free(&conn);
        } else if (err != -EPERM) {
            poll(&(struct pollfd){c->wake[0], POLLIN, 0}, 1, PAUSE_MS);
        }
    }
    return NULL;
}

static int
listen_at(struct ctl *c, const char *path)
{
    struct vpcd_addr addr = {.kind = ADDR_UNIX, .listen = true, .slots = 1};
    int err;

    if (strlen(path) >= sizeof(addr.path))
        return -ENAMETOOLONG;
    memcpy(addr.path, path, strlen(path) + 1);
    if ((err = addr_listen(&addr, &c->listener)) != 0)
        return err;
    /* Others would be turned away all the same. */
    return chmod(path, 0600) != 0 ? -errno : 0;
}

int
ctl_new(const char *path, ctl_handler *handle, void *ctx, struct ctl **out)
{
    struct ctl *c = calloc(1, sizeof(*c));
    int err = 0;

    *out = NULL;
    if (c == NULL)
        return -ENOMEM;
    c->handle = handle;
    c->ctx = ctx;
    c->wake[0] = c->wake[1] = -1;
    if (pipe2(c->wake, O_CLOEXEC) != 0)
        err = -errno;
    if (err != 0 || (err = listen_at(c, path)) != 0)
        ctl_free(&c);
    *out = c;
    return err;
}

int
ctl_serve(struct ctl *c)
{
    pthread_attr_t attr;
    int err;

    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK);
    err = -pthread_create(&c->thread, &attr, run, c);
    pthread_attr_destroy(&attr);
    c->started = err == 0;
    return err;
}

void
ctl_free(struct ctl **ctl)
{
    struct ctl *c = *ctl;

    if (c == NULL)
        return;
    if (c->started) {
        vpcd_listener_shutdown(c->listener);
        close(c->wake[1]); /* its other end is readable from now on */
        c->wake[1] = -1;
        pthread_join(c->thread, NULL);
    }
    vpcd_listener_free(&c->listener);
    if (c->wake[0] >= 0)
        close(c->wake[0]);
    if (c->wake[1] >= 0)
        close(c->wake[1]);
    free(c);
    *ctl = NULL;
}

/* ---- the client ---- */

int
ctl_ask(const char *path, const char *line, struct buf *answer)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd, err = 0;

    if (strlen(path) >= sizeof(name.sun_path))
        return -ENAMETOOLONG;
    memcpy(name.sun_path, path, strlen(path) + 1);
    if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
        return -errno;
    if (connect(fd, (const struct sockaddr *)&name, sizeof(name)) != 0)
        err = -errno;
    if (err == 0)
        err = write_line(fd, -1, -1, bytes_of(line, strlen(line)));
    if (err == 0)
        err = read_line(fd, -1, -1, answer);
    close(fd);
    return err;
}
