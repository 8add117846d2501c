/*
 * pcscd.h - the daemon's program: where it is and what it can do.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef WORLD_PCSCD_H
#define WORLD_PCSCD_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct world_error;

struct pcscd {
    char path[PATH_MAX];
    unsigned version;     /* 1.9.9 is 10909 */
    unsigned readers_max; /* 0: no limit known */
    bool serial;          /* reads reader.conf */
    bool systemd;         /* takes a socket from its parent */
    bool polkit;
    char ipcdir[64];  /* "/run/pcscd" */
    char dropdir[64]; /* where the USB drivers are; may be empty */
};

/*
 * Finds the program: `given`, a path or a name, or "pcscd"; names in PATH,
 * then where daemons live. Returns 0 or -ENOENT with error filled.
 */
int pcscd_find(const char *given, struct pcscd *pcscd,
               struct world_error *error);

/* What `PATH -v` says, as far as it says it in time. Returns 0 or -errno. */
int pcscd_version(const char *path, char *text, size_t size);

/* Reads what `pcscd -v` says; false if it is not pcscd's. */
bool pcscd_parse(const char *text, struct pcscd *pcscd);

/*
 * Asks the program what it can do. Returns 0, -ENOTSUP with error filled if
 * it is not fit for a private world, or -errno.
 */
int pcscd_probe(struct pcscd *pcscd, struct world_error *error);

/* Does this version know --disable-polkit, and need it? */
bool pcscd_polkit_off(const struct pcscd *pcscd);

#endif
