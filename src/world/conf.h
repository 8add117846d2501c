/*
 * conf.h - the reader.conf(5) of a world.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef WORLD_CONF_H
#define WORLD_CONF_H

#include "world/plan.h"

/*
 * Can reader.conf hold what the options ask for? Returns 0 or -EINVAL with
 * error filled.
 */
int conf_check(const struct world_options *options, struct world_error *error);

/*
 * Finds a LIBPATH for the driver, through a link in the directory when its
 * own path has characters that reader.conf does not take, and writes
 * DIR/conf/readers. Returns 0 or -errno with error filled.
 */
int conf_write(struct world_plan *plan, struct world_error *error);

#endif
