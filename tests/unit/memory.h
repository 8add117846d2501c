/*
 * memory.h - a heap that runs out at will and shows what is given back to it.
 * The linker puts it before the C library's; see memory_dep in meson.build.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TESTS_MEMORY_H
#define TESTS_MEMORY_H

#include <vicc/bytes.h>

/* The n-th allocation from now on fails, once; 0: none does. */
void memory_fail_at(size_t n);

/* True if that allocation has come and failed. */
bool memory_has_failed(void);

/* Blocks allocated and not freed. */
size_t memory_blocks(void);

/*
 * `look` sees every block, all of it, before it is freed; NULL: nobody looks.
 * It must not allocate.
 */
void memory_on_free(void (*look)(struct bytes block));

/* Sees the blocks that are still there when it is asked. */
void memory_each(void (*look)(struct bytes block));

#endif
