/*
 * way.h - the ways to run pcscd without the system's /run/pcscd, and without
 * the system's USB readers.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef WORLD_WAY_H
#define WORLD_WAY_H

#include "world/plan.h"

/* The first word for it in messages. */
const char *way_name(enum world_way way);

/*
 * The ways to try, from WORLD_DIRECT up: those asked for in `ways` (or in
 * $VICC_WORLD_WAY, for tests), otherwise all that make sense here. Never
 * WORLD_DIRECT when the daemon could then write the system's pid file.
 */
unsigned way_choose(unsigned ways, const struct pcscd *pcscd);

/* Why a way could not be taken, as it comes through a pipe. */
struct way_failure {
    int err; /* -errno */
    char what[96];
};

/*
 * In the child that shall become pcscd: changes its namespaces or its
 * environment. Returns 0, or -errno with `failure` filled; then the child
 * is of no further use.
 */
int way_enter(enum world_way way, const struct world_plan *plan,
              struct way_failure *failure);

#endif
