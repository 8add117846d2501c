/*
 * shim.h - what a world tells the library that it preloads into pcscd.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef WORLD_SHIM_H
#define WORLD_SHIM_H

#define SHIM_FILE "vicc-pcscd-shim.so"

/* Environment: paths in FROM are looked for in TO; DRIVERS cannot be listed. */
#define SHIM_FROM "VICC_SHIM_FROM"
#define SHIM_TO "VICC_SHIM_TO"
#define SHIM_DRIVERS "VICC_SHIM_DRIVERS"

/* Where that library is; borrowed; NULL if it is nowhere. */
const char *world_shim(void);

#endif
