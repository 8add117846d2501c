/*
 * guardian.h - the process that owns a world and outlives its caller by as
 * much as it takes to end it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef WORLD_GUARDIAN_H
#define WORLD_GUARDIAN_H

#include "world/plan.h"

/*
 * The whole life of the guardian, in a process of its own: makes what the
 * plan says, tells of it by notes, and ends it all when the other end of
 * the control socket is closed, be it by a SIGKILL.
 */
_Noreturn void guardian_main(struct world_plan *plan);

#endif
