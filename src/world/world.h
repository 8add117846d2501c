/*
 * world.h - a private PC/SC world: the real pcscd, unprivileged, on a socket
 * in a directory of its own, with this project's driver (or any other) as
 * its only readers. A guardian process owns all of it and ends it when the
 * world is closed or this process is gone, however that came about.
 * Sources: pcscd(8), reader.conf(5), sd_listen_fds(3), and experiments with
 * pcsc-lite 1.9.9 and 2.3.3.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef WORLD_WORLD_H
#define WORLD_WORLD_H

#include <stdbool.h>
#include <stddef.h>

struct world;

/*
 * The ways to satisfy pcscd's wish for its directory /run/pcscd, which a
 * plain user cannot make and where root would hit the system's pcscd.
 */
enum world_way {
    WORLD_DIRECT = 1, /* it is there and not ours to write: nothing to do */
    WORLD_MOUNT = 2,  /* mount namespace (needs privilege) */
    WORLD_USER = 4,   /* user and mount namespace */
    WORLD_SHIM = 8,   /* a preloaded library turns its paths elsewhere */
    WORLD_ANY = 0,    /* each that makes sense, in this order */
};

/* Why something failed, in words for the user. */
struct world_error {
    char text[1024];
    char log[4096]; /* the end of what pcscd said; often empty */
    int signal;     /* with -EINTR: the held signal that came */
};

/* Everything may be left zero. */
struct world_options {
    /* Reader name, FRIENDLYNAME; NULL: "Virtual PCD". */
    const char *name;

    /*
     * One reader with one slot for each entry: its DEVICENAME (vpcd(7)), in
     * which @DIR@ stands for the directory, for someone else's card; or NULL
     * for a Unix socket in the directory, to which a card connects at
     * world_slot() and for which world_wait() waits.
     */
    const char *const *slots;
    size_t slot_count;

    /*
     * Instead of name and slots the whole reader.conf(5), in which @DIR@
     * stands for the directory and @DRIVER@ for the LIBPATH.
     */
    const char *conf;

    const char *driver; /* the .so for LIBPATH; NULL: world_driver() */
    const char *pcscd;  /* program to run; NULL: the one in PATH or sbin */
    unsigned ways;      /* of enum world_way, or WORLD_ANY */
    int timeout_ms;     /* until world_wait() is done; 0: 10 s; -1: for ever */
    bool debug;         /* pcscd logs all it does */

    /*
     * Holds back SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2 and
     * SIGTSTP until world_release_signals() or world_close(): world_run()
     * passes them on as they deserve, the other functions give up with
     * -EINTR.
     */
    bool hold_signals;

    /* Said in world_run() or world_close(): pcscd was dead before its time. */
    void (*notice)(void *ctx, const char *text); /* may be NULL */
    void *ctx;
};

/*
 * Makes a world and returns when its pcscd serves clients, all readers made.
 * Call it before the process has threads, since it forks. Options are
 * borrowed until world_close(). Returns 0, or with error filled
 *   -ENOENT     no pcscd, driver or client library
 *   -ENOTSUP    this pcscd cannot serve a private world
 *   -EINVAL     a name or address that reader.conf cannot hold; too many
 *   -ETIMEDOUT  pcscd does not answer
 *   -EPIPE      pcscd ended, or the guardian was killed
 *   -EINTR      a held signal came
 *   or what the system said.
 */
int world_open(const struct world_options *options, struct world **out,
               struct world_error *error);

/* The directory, 0700; borrowed until world_close(). */
const char *world_directory(const struct world *world);

/* What PCSCLITE_CSOCK_NAME must be; borrowed until world_close(). */
const char *world_socket(const struct world *world);

/* The PC/SC name of reader `i`, from 0; NULL beyond, or with `conf`. */
const char *world_reader(const struct world *world, size_t i);

/*
 * Where the card of slot `i` connects, "unix:DIR/slot0"; NULL beyond, with
 * `conf`, or if the slot is for someone else's card.
 */
const char *world_slot(const struct world *world, size_t i);

/* Which way was taken. */
enum world_way world_way(const struct world *world);

/*
 * Waits until the client library sees a card that answers in each slot of
 * our own. Returns 0, -ETIMEDOUT (error says which slot has what), -EPIPE,
 * -EINTR.
 */
int world_wait(struct world *world, struct world_error *error);

/*
 * Runs argv, found in PATH, with PCSCLITE_CSOCK_NAME and VICC_SLOT_0, 1 ...
 * in its environment, in this process group and with this process' standard
 * streams, and waits for its end; then ends what it has left behind.
 * Stopping and going on are followed.
 *
 * status  gets 126 not runnable, 127 not found (then error says why),
 *         128+n killed by signal n, otherwise the program's own
 * Returns 0, or -errno if it could not be started or watched.
 */
int world_run(struct world *world, char *const argv[], int *status,
              struct world_error *error);

/*
 * Holds no signals back any more: they do what they would have done. Before
 * the caller waits for something that world_close() does not end. Accepts
 * NULL.
 */
void world_release_signals(struct world *world);

/* Ends pcscd and removes the directory; accepts NULL. */
void world_close(struct world **world);

/*
 * This project's driver: $VICC_DRIVER, in the build tree around this
 * program, or installed. Borrowed; NULL if there is none.
 */
const char *world_driver(void);

/* Is the file this project's driver, not another's of the same name? */
bool world_driver_is_ours(const char *path);

#endif
