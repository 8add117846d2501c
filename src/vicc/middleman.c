/*
 * middleman.c - the process of a middleman: started, asked with a deadline, and
 * ended. It is a separate one even for a shared object, so that whatever
 * happens in there, the card goes on.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "vicc/middleman.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vicc/wipe.h>

#include "vpcd/deadline.h"

#define END_MS 1000 /* for a middleman to end by itself */

struct mitm {
    struct mitm_settings settings;
    pid_t pid;
    int pid_fd;
    int fd; /* its standard input and output */
    bool failed;
    struct buf apdu;
    struct buf line; /* what we say, then what it says */
    uint8_t apdu_room[CARD_COMMAND_MAX];
    uint8_t line_room[MITM_LINE_MAX];
};

/* ---- the process ---- */

static int
set_attributes(posix_spawnattr_t *attr)
{
    sigset_t none, all;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(attr, &none);
    posix_spawnattr_setsigdefault(attr, &all);
    posix_spawnattr_setpgroup(attr, 0); /* a terminal's ^C is not for it */
    return -posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK |
                                               POSIX_SPAWN_SETSIGDEF |
                                               POSIX_SPAWN_SETPGROUP);
}

static int
spawn(struct mitm *m, int theirs)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    int err;

    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attr);
    posix_spawn_file_actions_adddup2(&actions, theirs, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, theirs, STDOUT_FILENO);
    /* The wire, or a passphrase: what we have inherited is not for it. */
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    if ((err = set_attributes(&attr)) == 0)
        err = -posix_spawnp(&m->pid, m->settings.argv[0], &actions, &attr,
                            m->settings.argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attr);
    if (err == 0 && (m->pid_fd = (int)syscall(SYS_pidfd_open, m->pid, 0)) < 0) {
        err = -errno;
        kill(-m->pid, SIGKILL);
        waitpid(m->pid, NULL, 0);
    }
    return err;
}

static int
start(struct mitm *m)
{
    int pair[2], err;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return -errno;
    err = spawn(m, pair[1]);
    close(pair[1]);
    if (err != 0)
        close(pair[0]);
    else
        m->fd = pair[0];
    return err;
}

int
mitm_new(const struct mitm_settings *settings, struct mitm **out)
{
    struct mitm *m = calloc(1, sizeof(*m));
    int err;

    *out = NULL;
    if (m == NULL)
        return -ENOMEM;
    m->settings = *settings;
    m->apdu = BUF(m->apdu_room);
    m->line = BUF(m->line_room);
    if ((err = start(m)) != 0) {
        free(m);
        return err;
    }
    *out = m;
    return 0;
}

struct buf *
mitm_room(struct mitm *mitm)
{
    return &mitm->apdu;
}

static bool
has_ended(const struct mitm *m, int timeout_ms)
{
    return deadline_wait(m->pid_fd, POLLIN, -1, deadline_in(timeout_ms)) == 0;
}

/* Its whole group: a shell, and what that runs. Returns the wait status. */
static int
end(struct mitm *m, int patience_ms)
{
    int status = 0;

    shutdown(m->fd, SHUT_RDWR);
    if (!has_ended(m, patience_ms)) {
        kill(-m->pid, SIGTERM);
        has_ended(m, patience_ms);
    }
    kill(-m->pid, SIGKILL); /* what it has left behind */
    while (waitpid(m->pid, &status, 0) < 0 && errno == EINTR)
        ;
    close(m->pid_fd);
    close(m->fd);
    m->pid = 0;
    return status;
}

void
mitm_free(struct mitm **mitm)
{
    struct mitm *m = *mitm;

    if (m == NULL)
        return;
    if (m->pid != 0)
        end(m, END_MS);
    wipe(m, sizeof(*m)); /* APDUs may hold secrets */
    free(m);
    *mitm = NULL;
}

/* ---- asking ---- */

static bool
fail(struct mitm *m, const char *why)
{
    char text[512];

    snprintf(text, sizeof(text),
             "the middleman '%s' %s; commands are answered 6F00 from now on",
             m->settings.name, why);
    m->failed = true;
    m->settings.failed(m->settings.ctx, text);
    return false;
}

/* It has closed its output: because it has ended, as a rule. */
static bool
fail_ended(struct mitm *m)
{
    char why[128];
    int status;

    if (!has_ended(m, END_MS))
        return fail(m, "has closed its standard output");
    status = end(m, 0);
    if (WIFSIGNALED(status))
        snprintf(why, sizeof(why), "was killed by signal %d (%s)",
                 WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        snprintf(why, sizeof(why), "has ended with status %d",
                 WEXITSTATUS(status));
    return fail(m, why);
}

static bool
fail_late(struct mitm *m)
{
    char why[128];

    end(m, 0);
    snprintf(why, sizeof(why),
             "has not answered within %g s (does it flush each line?)",
             m->settings.timeout_ms / 1000.0);
    return fail(m, why);
}

/* After a call that returned n and wanted to wait: true to go on. */
static bool
may_go_on(struct mitm *m, ssize_t n, short events, struct deadline d)
{
    if (n > 0)
        return true;
    if (n == 0 || (errno != EAGAIN && errno != EINTR))
        return fail_ended(m);
    if (errno == EAGAIN && deadline_wait(m->fd, events, -1, d) == -ETIMEDOUT)
        return fail_late(m);
    return true;
}

static bool
say(struct mitm *m, struct bytes rest, struct deadline d)
{
    while (rest.n > 0) {
        ssize_t n = send(m->fd, rest.p, rest.n, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (!may_go_on(m, n, POLLOUT, d))
            return false;
        if (n > 0)
            rest = bytes_slice(rest, (size_t)n, rest.n);
    }
    return true;
}

/* One line into m->line, with its end. */
static bool
hear(struct mitm *m, struct deadline d)
{
    buf_clear(&m->line);
    while (m->line.n == 0 || m->line.p[m->line.n - 1] != '\n') {
        ssize_t n;

        if (buf_room(&m->line) == 0)
            return fail(m, "has said a line that is too long");
        n = recv(m->fd, m->line.p + m->line.n, buf_room(&m->line),
                 MSG_DONTWAIT);
        if (!may_go_on(m, n, POLLIN, d))
            return false;
        if (n > 0)
            m->line.n += (size_t)n;
    }
    if (memchr(m->line.p, '\n', m->line.n - 1) != NULL)
        return fail(m, "has said more than one line at once");
    return true;
}

/* A line that waits already would be taken for the answer. */
static bool
has_spoken(const struct mitm *m)
{
    uint8_t byte;

    return recv(m->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

bool
mitm_ask(struct mitm *mitm, bool is_command, struct bytes in, struct buf *apdu,
         enum vicc_mitm *verdict)
{
    struct deadline d = deadline_in(mitm->settings.timeout_ms);
    bool understood;

    if (mitm->failed)
        return false;
    if (has_spoken(mitm))
        return fail(mitm, "has said a line that nobody has asked for");
    buf_clear(&mitm->line);
    mitm_put(&mitm->line, is_command, in);
    if (!say(mitm, buf_bytes(&mitm->line), d) || !hear(mitm, d))
        return false;
    understood = mitm_parse((const char *)mitm->line.p, mitm->line.n - 1,
                            is_command, apdu, verdict);
    wipe(mitm->line.p, mitm->line.n);
    return understood ||
           fail(mitm, "has said a line that is neither '> BYTES' nor '< BYTES' "
                      "nor '! drop', or not in its place");
}
