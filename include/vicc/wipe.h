/*
 * wipe.h - secrets: forgetting them, and comparing them in constant time.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_WIPE_H
#define VICC_WIPE_H

#include <vicc/bytes.h>
#include <vicc/names.h>

VICC_DECLS

/* Overwrites n bytes with zeros; the compiler may not leave it out. */
void wipe(void *p, size_t n);

/* Equal content and length; takes the same time wherever they differ. */
bool equal_ct(struct bytes a, struct bytes b);

VICC_DECLS_END

#endif
