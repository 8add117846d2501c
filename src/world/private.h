/*
 * private.h - the caller's side of a world, shared by world.c and run.c.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef WORLD_PRIVATE_H
#define WORLD_PRIVATE_H

#include <signal.h>
#include <stdint.h>

#include "world/plan.h"

struct world_slot {
    char reader[WORLD_READER_MAX];
    char address[WORLD_DIR_MAX + 32]; /* "unix:DIR/slot0" */
};

struct world {
    struct world_options options;
    struct world_shared *shared; /* with the guardian */
    struct world_slot *slots;    /* as many as the options have */
    pid_t guardian;
    int control;      /* towards the guardian; its end ends the world */
    int log;          /* what pcscd has said so far */
    int signals;      /* signalfd of the held ones, or -1 */
    sigset_t before;  /* the mask without them */
    int64_t deadline; /* of the ready wait, by proc_now_ms(); -1: none */
    bool has_ended;   /* pcscd, with the status below */
    int ended;
    char socket[WORLD_SOCKET_MAX];
};

/* Takes a note from the guardian; -EPIPE if it is gone. */
int world_take_note(struct world *world, struct world_note *note);

/* Tells the caller why nothing works any more. */
void world_say(const struct world *world, const char *what);

/* The same of pcscd, with its status as from waitpid(). */
void world_say_ended(const struct world *world, int status);

/* The held signal that has come, and who sent it (si_code); 0 if none. */
int world_take_signal(const struct world *world, int *code);

#endif
