/*
 * rig.c - the process of a case: gets ready, then does a round whenever it is
 * told to.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

static void
answer(int fd, const struct reply *reply)
{
    if (send(fd, reply, sizeof(*reply), MSG_NOSIGNAL) < 0)
        _exit(1);
}

static void
serve(int fd, const struct bench *bench, const struct bench_case *c)
{
    static struct reply reply;
    struct reader *reader = NULL;
    struct wire *wire = NULL;
    char go;

    reply.err =
        c->wire
            ? wire_open(bench, c, &wire, reply.text, sizeof(reply.text))
            : reader_open(bench, c, &reader, reply.text, sizeof(reply.text));
    answer(fd, &reply);
    while (reply.err == 0 && recv(fd, &go, 1, 0) == 1) {
        memset(&reply, 0, sizeof(reply));
        if (c->wire)
            wire_round(wire, bench, &reply);
        else
            reader_round(reader, bench, &reply);
        answer(fd, &reply);
    }
    reader_close(&reader);
    wire_close(&wire);
}

static int
await_reply(const struct rig *rig, struct reply *reply)
{
    ssize_t n = recv(rig->fd, reply, sizeof(*reply), 0);

    if (n != (ssize_t)sizeof(*reply)) {
        fprintf(stderr, "vicc-bench: a case's process has ended\n");
        return -1;
    }
    if (reply->err != 0) {
        fprintf(stderr, "vicc-bench: %s\n",
                reply->text[0] != '\0' ? reply->text : strerror(-reply->err));
        return -1;
    }
    return 0;
}

int
rig_start(const struct bench *bench, const struct bench_case *c,
          struct rig *out)
{
    struct reply reply;
    pid_t parent = getpid();
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0 ||
        (out->pid = fork()) < 0) {
        perror("vicc-bench");
        return -1;
    }
    if (out->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent)
            _exit(1);
        close(pair[0]);
        serve(pair[1], bench, c);
        _exit(0);
    }
    close(pair[1]);
    out->fd = pair[0];
    return await_reply(out, &reply);
}

int
rig_round(struct rig *rig, struct reply *reply)
{
    if (send(rig->fd, "", 1, MSG_NOSIGNAL) != 1)
        return -1;
    return await_reply(rig, reply);
}

void
rig_stop(struct rig *rig)
{
    if (rig->pid <= 0)
        return;
    close(rig->fd);
    waitpid(rig->pid, NULL, 0);
    rig->pid = 0;
}
