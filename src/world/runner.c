/*
 * runner.c - starts the command and sees to its end.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "world/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "world/private.h"
#include "world/proc.h"

/* For what the command leaves behind, between SIGTERM and SIGKILL. */
#define LEFTOVERS_GRACE_MS 500

struct runner {
    const struct runner_job *job;
    int children; /* proc_watch_children() */
    pid_t command;
};

static void
tell(const struct runner *r, enum runner_note_kind kind, int value)
{
    const struct runner_note note = {.kind = kind, .value = value};

    send(r->job->control, &note, sizeof(note), MSG_NOSIGNAL);
}

static void
set_environment(const struct world *world)
{
    char name[32];
    size_t i;

    setenv("PCSCLITE_CSOCK_NAME", world_socket(world), 1);
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDNAMES");
    for (i = 0; i < world->options.slot_count; i++) {
        const char *address = world_slot(world, i);

        snprintf(name, sizeof(name), "VICC_SLOT_%zu", i);
        if (address != NULL)
            setenv(name, address, 1);
    }
}

/* Never returns; why it could not become the command goes into the pipe. */
_Noreturn static void
become_command(const struct runner_job *job, int pipe, pid_t parent)
{
    int err;

    proc_die_with_parent(parent);
    /* Back to where the terminal's signals go. */
    setpgid(0, job->group);
    set_environment(job->world);
    if (job->ignores_children)
        signal(SIGCHLD, SIG_IGN);
    sigprocmask(SIG_SETMASK, &job->mask, NULL);
    execvp(job->argv[0], job->argv);
    err = errno;
    if (write(pipe, &err, sizeof(err)) < 0)
        _exit(126);
    _exit(127);
}

static bool
start(struct runner *r)
{
    const pid_t self = getpid();
    int fds[2], err = 0;

    if (pipe2(fds, O_CLOEXEC) == 0) {
        r->command = fork();
        if (r->command == 0)
            become_command(r->job, fds[1], self);
        err = r->command < 0 ? errno : 0;
        close(fds[1]);
        if (r->command > 0 && read(fds[0], &err, sizeof(err)) > 0)
            waitpid(r->command, NULL, 0);
        close(fds[0]);
    } else {
        err = errno;
    }
    tell(r, err == 0 ? RUNNER_STARTED : RUNNER_FAILED, err);
    return err == 0;
}

/* True once the command has ended; others are only reaped. */
static bool
reap(struct runner *r)
{
    bool ended = false;
    int status;
    pid_t pid;

    proc_drain(r->children);
    while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED | WCONTINUED)) > 0) {
        if (pid != r->command)
            continue;
        if (WIFSTOPPED(status)) {
            tell(r, RUNNER_STOPPED, WSTOPSIG(status));
        } else if (WIFCONTINUED(status)) {
            kill(r->job->caller, SIGCONT); /* it had stopped as well */
        } else {
            tell(r, RUNNER_ENDED, status);
            ended = true;
        }
    }
    return ended;
}

/* A signal for the command; false if the caller is gone. */
static bool
pass_on(const struct runner *r)
{
    int sig;

    if (recv(r->job->control, &sig, sizeof(sig), 0) != sizeof(sig))
        return false;
    kill(r->command, sig);
    return true;
}

static void
watch(struct runner *r)
{
    struct pollfd p[] = {
        {.fd = r->job->control, .events = POLLIN},
        {.fd = r->children, .events = POLLIN},
    };

    for (;;) {
        if (poll(p, 2, -1) < 0 && errno != EINTR)
            return;
        if (p[1].revents != 0 && reap(r))
            return;
        if (p[0].revents != 0 && !pass_on(r))
            return;
    }
}

_Noreturn void
runner_main(const struct runner_job *job)
{
    struct runner r = {.job = job};
    bool started;

    setpgid(0, 0);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    r.children = proc_watch_children();
    started = r.children >= 0 && start(&r);
    /* From now on the command's streams are the command's alone. */
    proc_standard_streams(-1, -1, -1);
    proc_close_others(job->control, r.children);
    proc_conceal();
    if (started)
        watch(&r);
    proc_end_descendants(r.children, LEFTOVERS_GRACE_MS);
    _exit(0);
}
