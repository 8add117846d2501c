/*
 * memory.c - a heap that runs out at will and shows what is given back to it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "memory.h"

#include <assert.h>
#include <malloc.h>
#include <stdlib.h>

#define BLOCKS_MAX 4096

void *__real_malloc(size_t n);
void __real_free(void *p);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t count, size_t n);
void *__wrap_realloc(void *old, size_t n);
void __wrap_free(void *p);
char *__wrap_strdup(const char *s);

static size_t countdown;
static bool has_failed;
static size_t blocks;
static void *block[BLOCKS_MAX];
static void (*on_free)(struct bytes block);

void
memory_fail_at(size_t n)
{
    countdown = n;
    has_failed = false;
}

bool
memory_has_failed(void)
{
    return has_failed;
}

size_t
memory_blocks(void)
{
    return blocks;
}

void
memory_on_free(void (*look)(struct bytes block))
{
    on_free = look;
}

static struct bytes
all_of(void *p)
{
    return bytes_of(p, malloc_usable_size(p));
}

void
memory_each(void (*look)(struct bytes block))
{
    size_t i;

    for (i = 0; i < blocks; i++)
        look(all_of(block[i]));
}

/* What nobody has written yet must not look like anything known. */
void *
__wrap_malloc(size_t n)
{
    void *p;

    if (countdown != 0 && --countdown == 0) {
        has_failed = true;
        return NULL;
    }
    p = __real_malloc(n);
    assert(p != NULL && blocks < BLOCKS_MAX);
    memset(p, 0x11, malloc_usable_size(p));
    block[blocks++] = p;
    return p;
}

void *
__wrap_calloc(size_t count, size_t n)
{
    void *p;

    assert(n == 0 || count <= SIZE_MAX / n);
    if ((p = __wrap_malloc(count * n)) != NULL)
        memset(p, 0, count * n);
    return p;
}

/* Always moves, as any realloc() may. */
void *
__wrap_realloc(void *old, size_t n)
{
    void *p = __wrap_malloc(n);
    size_t kept;

    if (p == NULL || old == NULL)
        return p;
    kept = malloc_usable_size(old);
    memcpy(p, old, kept < n ? kept : n);
    __wrap_free(old);
    return p;
}

/* A block that the C library allocated by itself is not among ours. */
void
__wrap_free(void *p)
{
    size_t i = 0;

    if (p == NULL)
        return;
    if (on_free != NULL)
        on_free(all_of(p));
    while (i < blocks && block[i] != p)
        i++;
    if (i < blocks)
        block[i] = block[--blocks];
    __real_free(p);
}

char *
__wrap_strdup(const char *s)
{
    size_t n = strlen(s) + 1;
    char *p = __wrap_malloc(n);

    if (p != NULL)
        memcpy(p, s, n);
    return p;
}
