/*
 * vpcd_config.h - the options of vpcd-config: one table, from which they are
 * read, told by --help, and completed in shells.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TOOLS_VPCD_CONFIG_H
#define TOOLS_VPCD_CONFIG_H

struct config_option {
    char letter;       /* 0: none */
    const char *name;  /* behind two dashes; NULL ends the table */
    const char *value; /* as the help calls it; NULL: takes none */
    const char *help;
};

extern const struct config_option config_options[];

#endif
