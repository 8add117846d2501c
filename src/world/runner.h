/*
 * runner.h - the parent of the command that runs in a world. It stands in a
 * process group of its own, so that a signal to the caller's whole group
 * misses it; it adopts whatever the command leaves behind, and ends all of
 * it when the command ends or the caller is gone.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef WORLD_RUNNER_H
#define WORLD_RUNNER_H

#include <signal.h>
#include <sys/types.h>

#include "world/plan.h"

enum runner_note_kind {
    RUNNER_STARTED, /* the command is executing */
    RUNNER_FAILED,  /* it could not be: value is errno */
    RUNNER_STOPPED, /* by signal `value` */
    RUNNER_ENDED,   /* value as from waitpid() */
};

/* From the runner; in the other direction a signal number, as an int. */
struct runner_note {
    enum runner_note_kind kind;
    int value;
};

struct runner_job {
    char *const *argv;
    const struct world *world;
    int control;           /* our end towards the caller */
    pid_t caller;          /* whose process group the command joins */
    pid_t group;           /* that group */
    sigset_t mask;         /* the command's signal mask */
    bool ignores_children; /* the caller did, so the command does */
};

/* The whole life of the runner, in a process of its own. */
_Noreturn void runner_main(const struct runner_job *job);

#endif
