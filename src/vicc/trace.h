/*
 * trace.h - writes what passes between reader and card as a script,
 * vicc-script(5): a line at a time, each whole in the file before the next
 * step is taken.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_TRACE_H
#define VICC_TRACE_H

#include <vicc/card.h>

#include "vicc/mask.h"

struct trace;

/* Makes or empties the file, readable by its owner only. 0 or -errno. */
int trace_new(const char *path, struct trace **out);

/*
 * Each returns 0, or the -errno of the first line that could not be written,
 * after which the trace has ended.
 */
int trace_comment(struct trace *trace, const char *text);
int trace_power(struct trace *trace, enum card_power power);
int trace_atr(struct trace *trace, struct bytes atr);
int trace_command(struct trace *trace, const char *name, struct bytes command,
                  struct mask_range hidden);
int trace_response(struct trace *trace, struct bytes response,
                   struct mask_range hidden);

/* Accepts NULL. */
void trace_free(struct trace **trace);

#endif
