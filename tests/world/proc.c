/*
 * proc.c - the end of children, and asking one that may hang. Nobody is given
 * less than an hour, so that a wait that should be over is seen for ever.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "world/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit/unit.h"

#define HOUR_MS 3600000

/* Runs it in a process of its own, which blocks signals and ends children. */
static void
expect_good(bool (*work)(void))
{
    const pid_t self = getpid();
    pid_t pid = fork();
    int status;

    assert_true(pid >= 0);
    if (pid == 0) {
        proc_die_with_parent(self);
        prctl(PR_SET_CHILD_SUBREAPER, 1);
        _exit(work() ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static bool
is_alone(void)
{
    return waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD;
}

/* Would stay, but for what a test that fails leaves behind. */
_Noreturn static void
stay(bool stopped)
{
    setsid();
    proc_signals_default();
    alarm(60);
    if (stopped) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        raise(SIGSTOP);
    }
    for (;;)
        pause();
}

/* A child that is there, or is stopped already. */
static pid_t
fork_one(bool stopped)
{
    pid_t pid = fork();

    if (pid == 0)
        stay(stopped);
    if (stopped)
        waitpid(pid, NULL, WUNTRACED);
    return pid;
}

static bool
end_one(bool stopped)
{
    int children = proc_watch_children();
    pid_t pid = fork_one(stopped);

    return children >= 0 && pid > 0 &&
           proc_end_child(pid, children, HOUR_MS) == 0 && is_alone();
}

static bool
end_running(void)
{
    return end_one(false);
}

static bool
end_stopped(void)
{
    return end_one(true);
}

/* Children, and one whose parent has gone. */
static bool
end_many(void)
{
    int children = proc_watch_children();
    pid_t middle;

    if (children < 0 || fork_one(false) < 0 || fork_one(true) < 0 ||
        (middle = fork()) < 0)
        return false;
    if (middle == 0)
        _exit(fork_one(false) > 0 ? 0 : 1);
    proc_end_descendants(children, HOUR_MS);
    return is_alone();
}

static void
who_heeds_sigterm_is_not_waited_for(void **state)
{
    (void)state;
    expect_good(end_running);
    expect_good(end_many);
}

static void
who_is_stopped_is_continued(void **state)
{
    (void)state;
    expect_good(end_stopped);
}

/* ---- asking ---- */

_Noreturn static void
say(const void *ctx, int out)
{
    const char *text = ctx;

    _exit(write(out, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : 1);
}

/* A child and a grandchild hold `*ctx` open, and nothing else. */
_Noreturn static void
hang(const void *ctx, int out)
{
    const int *held = ctx;

    if (write(out, "half", 4) != 4 || write(*held, "x", 1) != 1)
        _exit(1);
    fork();
    close(out);
    for (;;)
        pause();
}

static void
an_answer_is_cut_to_its_room(void **state)
{
    char text[8] = "?";

    (void)state;
    assert_int_equal(proc_ask(say, "", HOUR_MS, text, sizeof(text)), 0);
    assert_string_equal(text, "");
    assert_int_equal(proc_ask(say, "seven c", HOUR_MS, text, sizeof(text)), 0);
    assert_string_equal(text, "seven c");
    assert_int_equal(proc_ask(say, "eight ch", HOUR_MS, text, sizeof(text)), 0);
    assert_string_equal(text, "eight c");
    assert_true(is_alone());
}

static void
who_hangs_is_ended_with_its_children(void **state)
{
    char text[8], c;
    int fds[2];

    (void)state;
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    assert_int_equal(proc_ask(hang, &fds[1], HOUR_MS, text, sizeof(text)), 0);
    assert_string_equal(text, "half");
    assert_true(is_alone());
    close(fds[1]);
    assert_int_equal(read(fds[0], &c, 1), 1);
    assert_int_equal(read(fds[0], &c, 1), 0); /* nobody holds it any more */
    close(fds[0]);
}

/* It never says anything, nor closes its end. */
_Noreturn static void
be_silent(const void *ctx, int out)
{
    (void)ctx;
    (void)out;
    for (;;)
        pause();
}

static void
who_is_silent_is_asked_no_longer(void **state)
{
    char text[8] = "?";

    (void)state;
    assert_int_equal(proc_ask(be_silent, NULL, 1, text, sizeof(text)), 0);
    assert_string_equal(text, "");
    assert_true(is_alone());
}

UNIT_MAIN(cmocka_unit_test(who_heeds_sigterm_is_not_waited_for),
          cmocka_unit_test(who_is_stopped_is_continued),
          cmocka_unit_test(an_answer_is_cut_to_its_room),
          cmocka_unit_test(who_hangs_is_ended_with_its_children),
          cmocka_unit_test(who_is_silent_is_asked_no_longer))
