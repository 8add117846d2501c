/*
 * guardian.c - owns directory and pcscd. The caller need not do anything for
 * their end: the end of its control socket is enough.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "world/guardian.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "world/conf.h"
#include "world/daemon.h"
#include "world/dir.h"
#include "world/error.h"
#include "world/proc.h"
#include "world/ready.h"

/* pcscd 1.9.9 ends in 1 ms after SIGTERM, but not with a hung driver. */
#define PCSCD_GRACE_MS 1000

/* Who notices the end of pcscd first is chance: wait for the better news. */
#define BETTER_NEWS_MS 200

struct guardian {
    struct world_plan *plan;
    int children; /* proc_watch_children() */
    pid_t pcscd;
    pid_t watcher; /* the ready barrier */
};

static void
tell(const struct guardian *g, enum world_note_kind kind, int status)
{
    const struct world_note note = {.kind = kind, .status = status};

    /* A caller that is gone is noticed where we wait. */
    send(g->plan->control, &note, sizeof(note), MSG_NOSIGNAL);
}

static int
start_watcher(struct guardian *g, struct world_error *error)
{
    const pid_t self = getpid();

    g->watcher = fork();
    if (g->watcher == 0) {
        proc_die_with_parent(self);
        proc_signals_default();
        _exit(-ready_watch(g->plan)); /* any errno fits */
    }
    if (g->watcher > 0)
        return 0;
    return world_fail(error, -errno, "fork: %s", strerror(errno));
}

static int
build(struct guardian *g)
{
    struct world_plan *plan = g->plan;
    struct world_error *error = &plan->shared->error;
    const unsigned *max = &plan->pcscd.readers_max;
    int err;

    if ((err = pcscd_find(plan->options->pcscd, &plan->pcscd, error)) != 0 ||
        (err = pcscd_probe(&plan->pcscd, error)) != 0)
        return err;
    if (*max != 0 && plan->options->slot_count > *max)
        return world_fail(error, -EINVAL,
                          "%zu readers are wanted, %s has room for %u "
                          "(pcsc-lite 2.5 for any number).",
                          plan->options->slot_count, plan->pcscd.path, *max);
    if ((err = dir_make(plan->shared->dir, error)) != 0 ||
        (err = conf_write(plan, error)) != 0 ||
        (err = daemon_listen(plan, error)) != 0 ||
        (err = daemon_start(plan, &g->pcscd, error)) != 0)
        return err;
    return start_watcher(g, error);
}

/* 0, or -errno with which the ready barrier has failed just now. */
static int
reap_watcher(struct guardian *g)
{
    int status;

    if (g->watcher <= 0 || waitpid(g->watcher, &status, WNOHANG) <= 0)
        return 0;
    g->watcher = 0;
    if (WIFEXITED(status))
        return -WEXITSTATUS(status);
    return world_fail(&g->plan->shared->error, -EPIPE,
                      "The client library has crashed.");
}

static void
reap(struct guardian *g)
{
    struct pollfd p = {.fd = g->children, .events = POLLIN};
    int err, status;

    proc_drain(g->children);
    if ((err = reap_watcher(g)) != 0)
        poll(&p, 1, BETTER_NEWS_MS);
    if (g->pcscd > 0 && waitpid(g->pcscd, &status, WNOHANG) > 0) {
        g->pcscd = 0;
        g->plan->shared->ended = status; /* for who hears no notes any more */
        tell(g, NOTE_ENDED, status);
    }
    if (err != 0)
        tell(g, NOTE_FAILED, err);
}

/* Until the caller closes its end, or is no more. */
static void
watch(struct guardian *g)
{
    struct pollfd p[] = {
        {.fd = g->plan->control, .events = POLLIN},
        {.fd = g->children, .events = POLLIN},
    };

    while (poll(p, 2, -1) >= 0 || errno == EINTR) {
        if (p[0].revents != 0)
            return; /* the caller never writes */
        if (p[1].revents != 0)
            reap(g);
    }
}

static void
become_guardian(struct guardian *g)
{
    setsid(); /* no signal from the terminal, none to a group */
    prctl(PR_SET_CHILD_SUBREAPER, 1); /* also of what a driver has started */
    umask(077);
    proc_standard_streams(-1, -1, -1);
    proc_close_others(g->plan->control, g->plan->log);
    /* Nothing of ours may have pcscd's number; both others are above. */
    open("/dev/null", O_RDWR | O_CLOEXEC);
    g->children = proc_watch_children();
}

_Noreturn void
guardian_main(struct world_plan *plan)
{
    struct guardian g = {.plan = plan};
    int err;

    become_guardian(&g);
    err = g.children < 0 ? g.children : build(&g);
    proc_conceal(); /* not before: pcscd's user namespace needs /proc */
    if (err != 0)
        tell(&g, NOTE_FAILED, err);
    err = chdir("/"); /* keeps no file system busy */
    watch(&g);
    if (g.pcscd > 0)
        plan->shared->ended =
            proc_end_child(g.pcscd, g.children, PCSCD_GRACE_MS);
    proc_end_descendants(g.children, PCSCD_GRACE_MS);
    dir_remove(plan->shared->dir);
    _exit(0);
}
