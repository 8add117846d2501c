/*
 * env.c - what this process lends to its cards: random bytes, and the files
 * that options name.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "vicc/env.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vicc/wipe.h>

#define FIRST_ROOM ((size_t)16 << 10) /* bytes, twice as many when full */

/* By system calls: what is read may be a key, of which no copy stays. */
static int
grow(struct buf *out)
{
    size_t cap = out->cap == 0 ? FIRST_ROOM : 2 * out->cap;
    uint8_t *p = out->cap >= CARD_FILE_MAX ? NULL : malloc(cap);

    if (p == NULL)
        return out->cap >= CARD_FILE_MAX ? -EFBIG : -ENOMEM;
    if (out->n != 0)
        memcpy(p, out->p, out->n);
    if (out->p != NULL)
        wipe(out->p, out->cap);
    free(out->p);
    out->p = p;
    out->cap = cap;
    return 0;
}

static int
read_all(int fd, struct buf *out)
{
    ssize_t got = 1;
    int err;

    while (got != 0) {
        if (out->n == out->cap && (err = grow(out)) != 0)
            return err;
        got = read(fd, out->p + out->n, out->cap - out->n);
        if (got < 0 && errno != EINTR)
            return -errno;
        out->n += got > 0 ? (size_t)got : 0;
    }
    return 0;
}

static int
read_file(void *ctx, const char *path, struct buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    int err;

    (void)ctx;
    if (fd < 0)
        return -errno;
    *out = (struct buf){0};
    err = read_all(fd, out);
    close(fd);
    return err;
}

static int
write_all(int fd, struct bytes content)
{
    ssize_t put;

    while (content.n != 0) {
        put = write(fd, content.p, content.n);
        if (put < 0 && errno != EINTR)
            return -errno;
        if (put > 0)
            content =
                bytes_slice(content, (size_t)put, content.n - (size_t)put);
    }
    return 0;
}

/* A pipe or a terminal has nothing in it that could be lost. */
static int
make_empty(int fd, const char *path, bool (*may_replace)(struct bytes present))
{
    struct buf present = {0};
    struct stat st;
    bool may;

    if (fstat(fd, &st) != 0)
        return -errno;
    if (!S_ISREG(st.st_mode) || st.st_size == 0)
        return 0;
    may = read_file(NULL, path, &present) == 0 &&
          may_replace(buf_bytes(&present));
    if (present.p != NULL)
        wipe(present.p, present.cap);
    free(present.p);
    if (!may)
        return -EEXIST;
    return ftruncate(fd, 0) == 0 ? 0 : -errno;
}

static int
write_file(void *ctx, const char *path, struct bytes content,
           bool (*may_replace)(struct bytes present))
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
    int err;

    (void)ctx;
    if (fd < 0)
        return -errno;
    if ((err = make_empty(fd, path, may_replace)) == 0)
        err = write_all(fd, content);
    return close(fd) != 0 && err == 0 ? -errno : err;
}

static int
fill_random(void *ctx, uint8_t *p, size_t n)
{
    (void)ctx;
    while (n != 0) {
        ssize_t got = getrandom(p, n, 0);

        if (got < 0 && errno != EINTR)
            return -errno;
        p += got > 0 ? got : 0;
        n -= got > 0 ? (size_t)got : 0;
    }
    return 0;
}

static const struct card_files files = {read_file, write_file, NULL};

const struct card_env host_env = {.random = fill_random, .files = &files};
