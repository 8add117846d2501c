/*
 * fcp.h - file control parameters, ISO/IEC 7816-4:2013 7.4.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COS_FCP_H
#define COS_FCP_H

#include <vicc/bytes.h>

#include "cos/fs.h"

/*
 * Fills the fields of `file` that come from the data objects of an FCP
 * template. False if an object is malformed, contradicts another, or a needed
 * one is missing.
 */
bool fcp_parse(struct bytes fcp, struct file *file);

/* Bytes of content that a new file begins with. */
size_t fcp_initial_size(const struct file *file);

/*
 * Copies the data objects to `out`, in the order given, with DO 8A added if
 * it is missing.
 */
void fcp_put_complete(struct bytes fcp, struct buf *out);

/*
 * The data objects with the sizes (DO 80, DO 81) and the number of records
 * (DO 82) that the file has now. DO 80 counts data alone, DO 81 also what the
 * card keeps with them to tell records apart.
 */
void fcp_put_current(const struct file *file, struct buf *out);

#endif
