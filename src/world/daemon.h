/*
 * daemon.h - starts the pcscd of a world.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef WORLD_DAEMON_H
#define WORLD_DAEMON_H

#include "world/plan.h"

/* Where pcscd takes its socket from; free until daemon_start(). */
#define DAEMON_LISTEN_FD 3 /* SD_LISTEN_FDS_START */

/* Binds DIR/pcscd.comm. Returns 0 or -errno with error filled. */
int daemon_listen(struct world_plan *plan, struct world_error *error);

/*
 * Starts pcscd in the first way that works and closes our copy of its
 * socket: kept open, clients would hang once pcscd is dead. Returns 0 or
 * -errno with error filled.
 */
int daemon_start(struct world_plan *plan, pid_t *pid,
                 struct world_error *error);

#endif
