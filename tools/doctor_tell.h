/*
 * doctor_tell.h - what vicc doctor found, for people and for programs.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TOOLS_DOCTOR_TELL_H
#define TOOLS_DOCTOR_TELL_H

#include "doctor/findings.h"

/* Both write to standard output. */
void doctor_tell_text(const struct facts *facts,
                      const struct findings *findings);
void doctor_tell_json(const struct facts *facts,
                      const struct findings *findings);

#endif
