/*
 * run.c - runs a command in a world and follows what happens to it: the
 * caller's side of runner.c.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "world/error.h"
#include "world/private.h"
#include "world/proc.h"
#include "world/runner.h"

struct run {
    struct world *world;
    struct world_error *error;
    int control; /* towards the runner */
    bool started;
    int status; /* exit code for the caller; -1: not known yet */
};

/* How a shell says it. */
static int
exit_code(int wait_status)
{
    return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status)
                                    : WEXITSTATUS(wait_status);
}

static void
send_signal(const struct run *run, int sig)
{
    send(run->control, &sig, sizeof(sig), MSG_NOSIGNAL);
}

static void
follow_stop(const struct run *run, int sig)
{
    if (sig != SIGTSTP || !proc_is_orphaned())
        raise(SIGSTOP);
    /* Somebody has continued us, and perhaps only us. */
    send_signal(run, SIGCONT);
}

/*
 * If the runner ends with a signal of ours still unread, Linux says so once,
 * as an error, before it gives us what the runner has said.
 */
static bool
take_note(const struct run *run, struct runner_note *note)
{
    ssize_t n;

    do
        n = recv(run->control, note, sizeof(*note), 0);
    while (n < 0 && (errno == ECONNRESET || errno == EINTR));
    return n == sizeof(*note);
}

/* One note of the runner; false at its end. */
static bool
hear_runner(struct run *run)
{
    struct runner_note note;

    if (!take_note(run, &note))
        return false;
    switch (note.kind) {
    case RUNNER_STARTED:
        run->started = true;
        break;
    case RUNNER_FAILED:
        world_fail(run->error, -note.value, "%s", strerror(note.value));
        run->status = note.value == ENOENT ? 127 : 126;
        break;
    case RUNNER_STOPPED:
        follow_stop(run, note.value);
        break;
    case RUNNER_ENDED:
        run->status = exit_code(note.value);
        break;
    }
    return true;
}

/* What the terminal sends, it has sent to the command itself as well. */
static void
hear_signal(const struct run *run)
{
    int code, sig = world_take_signal(run->world, &code);

    if (sig != 0 && sig != SIGTSTP && !(code == SI_KERNEL && run->started))
        send_signal(run, sig);
}

/* False if the guardian has nothing more to say. */
static bool
hear_guardian(const struct run *run)
{
    struct world_note note;

    if (world_take_note(run->world, &note) != 0) {
        world_say(run->world, "the guardian of the world was killed");
        return false;
    }
    if (note.kind == NOTE_ENDED)
        world_say_ended(run->world, note.status);
    return true;
}

static void
watch(struct run *run)
{
    struct pollfd p[] = {
        {.fd = run->control, .events = POLLIN},
        {.fd = run->world->signals, .events = POLLIN}, /* ignored if -1 */
        {.fd = run->world->control, .events = POLLIN},
    };

    for (;;) {
        if (poll(p, 3, -1) < 0 && errno != EINTR)
            return;
        if (p[1].revents != 0)
            hear_signal(run);
        if (p[2].revents != 0 && !hear_guardian(run))
            p[2].fd = -1;
        if (p[0].revents != 0 && !hear_runner(run))
            return;
    }
}

static int
fork_runner(struct run *run, char *const argv[], pid_t *pid)
{
    struct runner_job job = {.argv = argv,
                             .world = run->world,
                             .caller = getpid(),
                             .group = getpgrp()};
    struct sigaction children;
    int pair[2];

    if (run->world->signals >= 0)
        job.mask = run->world->before;
    else
        sigprocmask(SIG_SETMASK, NULL, &job.mask);
    sigaction(SIGCHLD, NULL, &children);
    job.ignores_children = children.sa_handler == SIG_IGN;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return -errno;
    run->control = pair[0];
    job.control = pair[1];
    *pid = fork();
    if (*pid == 0) {
        close(pair[0]);
        close(run->world->control); /* its end must be that of the caller */
        runner_main(&job);
    }
    close(pair[1]);
    return *pid < 0 ? -errno : 0;
}

int
world_run(struct world *world, char *const argv[], int *status,
          struct world_error *error)
{
    struct run run = {
        .world = world, .error = error, .control = -1, .status = -1};
    pid_t pid = -1;
    int err;

    memset(error, 0, sizeof(*error));
    if ((err = fork_runner(&run, argv, &pid)) == 0) {
        watch(&run);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            ;
        if (run.status < 0)
            err =
                world_fail(error, -EPIPE,
                           "The process that watches %s was killed.", argv[0]);
    } else {
        world_fail(error, err, "Starting %s: %s", argv[0], strerror(-err));
    }
    if (run.control >= 0)
        close(run.control);
    *status = run.status;
    return err;
}
