/*
 * proc.c - what a forked child owes.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "world/proc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* After SIGKILL: how long for what a debugger or a disk may hold up. */
#define KILLED_MS 2000

/* A child may fork while its siblings are being listed: look again. */
#define LOOK_AGAIN_MS 10

void
proc_die_with_parent(pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(127); /* it was gone before */
}

void
proc_conceal(void)
{
    prctl(PR_SET_DUMPABLE, 0);
}

bool
proc_is_orphaned(void)
{
    const pid_t parent = getppid();

    return getsid(parent) != getsid(0) || getpgid(parent) == getpgrp();
}

void
proc_standard_streams(int in, int out, int err)
{
    const int wanted[3] = {in, out, err};
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int i;

    for (i = 0; i < 3; i++)
        dup2(wanted[i] < 0 ? null : wanted[i], i);
}

void
proc_close_others(int keep1, int keep2)
{
    DIR *dir = opendir("/proc/self/fd");
    struct dirent *entry;
    int fd;

    if (dir == NULL) { /* no /proc: those that are likely */
        for (fd = 3; fd < 1024; fd++)
            if (fd != keep1 && fd != keep2)
                close(fd);
        return;
    }
    while ((entry = readdir(dir)) != NULL) {
        fd = atoi(entry->d_name);
        if (fd > 2 && fd != keep1 && fd != keep2 && fd != dirfd(dir))
            close(fd);
    }
    closedir(dir);
}

void
proc_signals_default(void)
{
    sigset_t none;
    int sig;

    for (sig = 1; sig < NSIG; sig++)
        signal(sig, SIG_DFL); /* fails for those that cannot be changed */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

int
proc_watch_children(void)
{
    sigset_t all, child;
    int fd;

    signal(SIGCHLD, SIG_DFL); /* ignored, it would hide their status */
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    fd = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

void
proc_drain(int fd)
{
    struct signalfd_siginfo info;

    while (read(fd, &info, sizeof(info)) > 0)
        ;
}

int64_t
proc_now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Until the child closes its end, or the time is over. */
static void
take_text(int in, int timeout_ms, char *text, size_t room)
{
    const int64_t end = proc_now_ms() + timeout_ms;
    struct pollfd p = {.fd = in, .events = POLLIN};
    size_t n = 0;
    int64_t left;

    while (n < room - 1 && (left = end - proc_now_ms()) > 0) {
        ssize_t got = poll(&p, 1, (int)left);

        if (got > 0)
            got = read(in, text + n, room - 1 - n);
        if (got == 0 || (got < 0 && errno != EINTR))
            break;
        n += got > 0 ? (size_t)got : 0;
    }
    text[n] = '\0';
}

int
proc_ask(void (*answer)(const void *ctx, int out), const void *ctx,
         int timeout_ms, char *text, size_t room)
{
    const pid_t self = getpid();
    int fds[2];
    pid_t pid;

    if (pipe2(fds, O_CLOEXEC) < 0)
        return -errno;
    pid = fork();
    if (pid == 0) {
        proc_die_with_parent(self);
        setsid(); /* to be ended with all that it may start */
        proc_signals_default();
        answer(ctx, fds[1]);
    }
    close(fds[1]);
    if (pid > 0) {
        take_text(fds[0], timeout_ms, text, room);
        kill(-pid, SIGKILL); /* it may have hung; what it said counts */
        kill(pid, SIGKILL);  /* with no session of its own yet */
        waitpid(pid, NULL, 0);
    }
    close(fds[0]);
    return pid < 0 ? -errno : 0;
}

/* The parent of a process, the fourth word of proc(5) stat; 0 if gone. */
static pid_t
parent_of(pid_t pid)
{
    char path[32], stat[256] = "";
    const char *name_end; /* the name may hold parentheses itself */
    int parent = 0;
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    if ((f = fopen(path, "re")) == NULL)
        return 0;
    if (fgets(stat, sizeof(stat), f) != NULL &&
        (name_end = strrchr(stat, ')')) != NULL)
        sscanf(name_end, ") %*c %d", &parent);
    fclose(f);
    return parent;
}

/* A /proc of another PID namespace has other numbers: nothing to act upon. */
static bool
is_our_proc(void)
{
    char self[16] = "";

    return readlink("/proc/self", self, sizeof(self) - 1) > 0 &&
           atoi(self) == getpid();
}

static void
signal_children(int sig)
{
    DIR *dir = is_our_proc() ? opendir("/proc") : NULL;
    struct dirent *entry;

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        pid_t pid = atoi(entry->d_name);

        if (pid <= 0 || parent_of(pid) != getpid())
            continue;
        kill(pid, sig);
        kill(pid, SIGCONT); /* a stopped one would not notice */
    }
    if (dir != NULL)
        closedir(dir);
}

static void
wait_for_child(int children, int timeout_ms)
{
    struct pollfd p = {.fd = children, .events = POLLIN};

    if (poll(&p, 1, timeout_ms) > 0)
        proc_drain(children);
}

int
proc_end_child(pid_t pid, int children, int grace_ms)
{
    const int64_t start = proc_now_ms();
    int64_t left = grace_ms;
    int status = 0;

    kill(pid, SIGTERM);
    kill(pid, SIGCONT);
    while (left > 0 && waitpid(pid, &status, WNOHANG) == 0) {
        wait_for_child(children, (int)left);
        left = grace_ms - (proc_now_ms() - start);
    }
    if (left <= 0) {
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        return 0;
    }
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM ? 0 : status;
}

void
proc_end_descendants(int children, int grace_ms)
{
    const int64_t start = proc_now_ms();
    int64_t left;

    for (;;) {
        pid_t pid;

        while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
            ;
        left = grace_ms - (proc_now_ms() - start);
        if (pid < 0 || left < -KILLED_MS)
            return;
        signal_children(left > 0 ? SIGTERM : SIGKILL);
        wait_for_child(children, left > 0 ? (int)left : LOOK_AGAIN_MS);
    }
}
