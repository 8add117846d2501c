/*
 * plan.h - what the parts of a world know of each other. The plan is made
 * before the guardian is forked and finished by it; what the guardian has to
 * tell comes back as notes on a socket and as text in shared memory.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef WORLD_PLAN_H
#define WORLD_PLAN_H

#include <limits.h>
#include <sys/types.h>

#include "world/pcscd.h"
#include "world/world.h"

/* A socket path holds 107 bytes: unix(7). */
#define WORLD_SOCKET_MAX 108
#define WORLD_DIR_MAX (WORLD_SOCKET_MAX - sizeof("/conf/readers"))

/* PC/SC names hold 127 bytes, " XX YY" among them (pcsc-lite's 128). */
#define WORLD_NAME_MAX 121
#define WORLD_READER_MAX (WORLD_NAME_MAX + sizeof(" 00 00"))

/* Written by the guardian and its children, read by the caller. */
struct world_shared {
    struct world_error error; /* complete before NOTE_FAILED */
    char dir[WORLD_DIR_MAX];  /* complete before NOTE_SERVING */
    enum world_way way;       /* likewise */
    char waiting[512];        /* what the ready barrier is waiting for */
    int ended;                /* pcscd's status, if we had not ended it */
};

enum world_note_kind {
    NOTE_SERVING, /* pcscd answers, all readers are there */
    NOTE_READY,   /* and so are the cards */
    NOTE_FAILED,  /* shared->error says why; status is -errno */
    NOTE_ENDED,   /* pcscd has ended; status as from waitpid() */
};

struct world_note {
    enum world_note_kind kind;
    int status;
};

struct world_plan {
    const struct world_options *options;
    struct world_shared *shared;
    struct pcscd pcscd;
    char driver[PATH_MAX]; /* LIBPATH, in the characters that it can hold */
    int log;               /* what pcscd says; a file in memory */
    int listener;          /* pcscd's socket */
    int control;           /* our end towards the caller */
};

/* FRIENDLYNAME of all readers. */
const char *plan_name(const struct world_options *options);

/* The PC/SC name of reader `i` into `name`. */
void plan_reader(const struct world_options *options, size_t i,
                 char name[WORLD_READER_MAX]);

/* Is slot `i` one of our own, with a card to wait for? */
bool plan_is_own(const struct world_options *options, size_t i);

#endif
