/*
 * daemon.c - starts pcscd as systemd would: its socket is descriptor 3,
 * LISTEN_FDS and LISTEN_PID say so (sd_listen_fds(3)).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "world/daemon.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "world/error.h"
#include "world/proc.h"
#include "world/way.h"

int
daemon_listen(struct world_plan *plan, struct world_error *error)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int err;

    /* A file, because the client library calls stat() on it. */
    snprintf(un.sun_path, sizeof(un.sun_path), "%s/pcscd.comm",
             plan->shared->dir);
    if (fd < 0 || bind(fd, (struct sockaddr *)&un, sizeof(un)) < 0 ||
        listen(fd, SOMAXCONN) < 0) {
        err = -errno;
        return world_fail(error, err, "%s: %s", un.sun_path, strerror(-err));
    }
    plan->listener = fd;
    return 0;
}

/* Which letters and digits do the readers' names have? */
static void
note_letters(const struct world_options *options, bool used[256])
{
    const char *line = options->conf, *name = plan_name(options);

    if (line == NULL)
        for (; *name != '\0'; name++)
            used[(unsigned char)*name] = true;
    while (line != NULL && *line != '\0') {
        const char *end = strchrnul(line, '\n');
        const char *key = line + strspn(line, " \t");

        if (strncmp(key, "FRIENDLYNAME", strlen("FRIENDLYNAME")) == 0)
            for (key += strlen("FRIENDLYNAME"); key < end; key++)
                used[(unsigned char)*key] = true;
        line = *end == '\0' ? end : end + 1;
    }
}

/*
 * Real USB readers stay out of the world: 2.x does not look for them; 1.9
 * drops those whose name has a letter or digit that none of ours has.
 */
static void
ignore_usb_readers(const struct world_options *options)
{
    bool used[256] = {false};
    char list[256] = "", *p = list;
    int c;

    note_letters(options, used);
    for (c = '0'; c <= 'z'; c++)
        if (isalnum(c) && !used[c])
            p += sprintf(p, p == list ? "%c" : ":%c", c);
    setenv("PCSCLITE_HP_DROPDIR", "/nonexistent", 1);
    unsetenv("PCSCLITE_FILTER_EXTEND_READER_NAMES");
    unsetenv("PCSCLITE_FILTER_IGNORE_READER_NAMES");
    if (list[0] != '\0')
        setenv("PCSCLITE_FILTER_IGNORE_READER_NAMES", list, 1);
}

static void
set_environment(const struct world_options *options)
{
    char pid[16];

    snprintf(pid, sizeof(pid), "%d", (int)getpid());
    setenv("LISTEN_FDS", "1", 1);
    setenv("LISTEN_PID", pid, 1);
    unsetenv("LISTEN_FDNAMES");
    unsetenv("NOTIFY_SOCKET");
    ignore_usb_readers(options);
}

static void
exec_pcscd(const struct world_plan *plan)
{
    char conf[WORLD_SOCKET_MAX];
    const char *argv[7] = {"pcscd", "--foreground", "--config", conf};
    int n = 4;

    snprintf(conf, sizeof(conf), "%s/conf", plan->shared->dir);
    if (pcscd_polkit_off(&plan->pcscd))
        argv[n++] = "--disable-polkit";
    if (plan->options->debug)
        argv[n++] = "--debug";
    execv(plan->pcscd.path, (char *const *)argv);
}

/* Never returns; why it could not become pcscd goes into the pipe. */
_Noreturn static void
become_pcscd(enum world_way way, const struct world_plan *plan, int pipe,
             pid_t parent)
{
    struct way_failure failure = {0};

    if (way_enter(way, plan, &failure) == 0) {
        proc_die_with_parent(parent);
        setsid(); /* no ^C from the terminal */
        set_environment(plan->options);
        proc_standard_streams(-1, plan->log, plan->log);
        proc_signals_default();
        /* The guardian keeps that number free. */
        if (dup2(plan->listener, DAEMON_LISTEN_FD) >= 0)
            exec_pcscd(plan);
        failure.err = -errno;
        snprintf(failure.what, sizeof(failure.what), "exec");
    }
    if (write(pipe, &failure, sizeof(failure)) < 0)
        _exit(126);
    _exit(127);
}

/* True if the child became pcscd; otherwise `failure` says why not. */
static bool
try_way(enum world_way way, const struct world_plan *plan, pid_t *pid,
        struct way_failure *failure)
{
    const pid_t self = getpid();
    ssize_t n = sizeof(*failure);
    int fds[2];

    *failure = (struct way_failure){.err = -EAGAIN, .what = "fork"};
    if (pipe2(fds, O_CLOEXEC) < 0)
        return false;
    *pid = fork();
    if (*pid == 0)
        become_pcscd(way, plan, fds[1], self);
    close(fds[1]);
    if (*pid > 0 && (n = read(fds[0], failure, sizeof(*failure))) > 0)
        waitpid(*pid, NULL, 0);
    close(fds[0]);
    return *pid > 0 && n == 0; /* closed by exec */
}

int
daemon_start(struct world_plan *plan, pid_t *pid, struct world_error *error)
{
    const unsigned ways = way_choose(plan->options->ways, &plan->pcscd);
    struct way_failure failure;
    char tried[sizeof(error->text) / 2] = "";
    unsigned way;
    size_t n;

    for (way = WORLD_DIRECT; way <= WORLD_SHIM; way <<= 1) {
        if (!(ways & way))
            continue;
        if (try_way(way, plan, pid, &failure)) {
            plan->shared->way = way;
            close(plan->listener);
            return 0;
        }
        n = strlen(tried);
        snprintf(tried + n, sizeof(tried) - n, "\n  %s: %s: %s", way_name(way),
                 failure.what, strerror(-failure.err));
    }
    *pid = 0;
    return world_fail(error, -EPERM,
                      "pcscd wants the directory %s, and there is no way to "
                      "give it one of its own:%s\nCreate %s, or run as a plain "
                      "user where user namespaces are allowed.",
                      plan->pcscd.ipcdir,
                      tried[0] ? tried : " none was allowed",
                      plan->pcscd.ipcdir);
}
