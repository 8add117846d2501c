/*
 * dir.h - the world's directory: short, private, and in characters that
 * reader.conf takes without quotes.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef WORLD_DIR_H
#define WORLD_DIR_H

#include <stdbool.h>

#include "world/plan.h"

/*
 * Makes a 0700 directory in TMPDIR, or where that cannot be used in /tmp,
 * /var/tmp or /dev/shm. Returns 0 or -errno with error filled.
 */
int dir_make(char path[WORLD_DIR_MAX], struct world_error *error);

/* Removes it and all it holds, following no link; accepts "". */
void dir_remove(const char *path);

/*
 * What LIBPATH and DEVICENAME take unquoted, without the colon, which in an
 * address ends the path: pcscd's scanner, reader.conf(5).
 */
#define DIR_PLAIN                                                              \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789=/-._@"

/* Nothing but those? */
bool dir_is_plain(const char *path);

#endif
