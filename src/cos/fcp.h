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
 * template, and *size with the bytes of content to allocate. False if an
 * object is malformed, contradicts another, or a needed one is missing.
 */
bool fcp_parse(struct bytes fcp, struct file *file, size_t *size);

#endif
