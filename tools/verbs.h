/*
 * verbs.h - the verbs of vicc, a file each.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TOOLS_VERBS_H
#define TOOLS_VERBS_H

#include "options.h"

extern const struct verb verb_run;
extern const struct verb verb_exec;
extern const struct verb verb_apdu;
extern const struct verb verb_new;
extern const struct verb verb_show;
extern const struct verb verb_copy;
extern const struct verb verb_snapshot;
extern const struct verb verb_restore;
extern const struct verb verb_snapshots;
extern const struct verb verb_types;
extern const struct verb verb_doctor;
extern const struct verb verb_completion;
extern const struct verb verb_fault;
extern const struct verb verb_ctl;
extern const struct verb verb_mitm;

/* All of them, as help lists them; ends with NULL. */
extern const struct verb *const verbs[];

#endif
