/*
 * ready.h - the ready barrier: watches the world through the client library
 * until it can be used.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef WORLD_READY_H
#define WORLD_READY_H

#include "world/plan.h"

/*
 * In a process of its own, since the client library can wait for ever and
 * reads PCSCLITE_CSOCK_NAME once: says NOTE_SERVING and NOTE_READY on the
 * plan's control socket. Returns 0 or -errno with shared->error filled.
 */
int ready_watch(const struct world_plan *plan);

#endif
