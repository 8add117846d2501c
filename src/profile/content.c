/*
 * content.c - bytes in a profile: as digits, as text, from a file, at random.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vicc/hex.h>
#include <vicc/tlv.h>
#include <vicc/type.h>
#include <vicc/wipe.h>

#include "profile/private.h"

#define FILES_MAX ((size_t)64 << 20) /* bytes of all @FILEs of a profile */
#define RANDOM_MAX 65536
#define SERIAL_TAG 0x5A

static bool
make_room(struct buf *out, size_t n)
{
    *out = (struct buf){malloc(n + 1), 0, n, false};
    return out->p != NULL;
}

void
value_clear(struct buf *value)
{
    if (value->p != NULL)
        wipe(value->p, value->cap);
    free(value->p);
    *value = (struct buf){0};
}

static int
take_text(const struct node *at, struct buf *out)
{
    if (!make_room(out, at->n))
        return -ENOMEM;
    buf_put(out, bytes_of(at->text, at->n));
    return 0;
}

static int
take_digits(struct profile *p, const struct node *at, struct buf *out)
{
    if (!make_room(out, at->n / 2))
        return -ENOMEM;
    return take_hex(p, at, 0, SIZE_MAX, out);
}

static int
read_all(int fd, size_t n, struct buf *out)
{
    ssize_t got = 1;

    while (out->n < n && got > 0) {
        got = read(fd, out->p + out->n, n - out->n);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            out->n += (size_t)got;
    }
    return got < 0 ? -errno : 0;
}

/* An ordinary file, so that neither a pipe nor a device holds us up. */
static int
read_open_file(struct profile *p, const struct node *at, int fd,
               struct buf *out)
{
    struct stat st;
    int err;

    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return refuse(p, at, "it is not a file");
    if ((uint64_t)st.st_size > FILES_MAX - p->files_size)
        return refuse(p, at, "the files together have more than %zu bytes",
                      FILES_MAX);
    p->files_size += (size_t)st.st_size;
    if (!make_room(out, (size_t)st.st_size))
        return -ENOMEM;
    err = read_all(fd, (size_t)st.st_size, out);
    return err == 0 ? 0 : refuse(p, at, "%s", strerror(-err));
}

int
find_file(const struct profile *p, const char *name, char **path)
{
    const char *slash = strrchr(p->path, '/');
    int folder =
        slash == NULL || name[0] == '/' ? 0 : (int)(slash - p->path + 1);

    if (asprintf(path, "%.*s%s", folder, p->path, name) >= 0)
        return 0;
    *path = NULL;
    return -ENOMEM;
}

static int
take_file(struct profile *p, const struct node *at, const char *name,
          struct buf *out)
{
    char *path = NULL;
    int fd, err;

    if ((err = find_file(p, name, &path)) != 0)
        return err;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        err = refuse(p, at, "%.200s: %s", path, strerror(errno));
    else
        err = read_open_file(p, at, fd, out);
    if (fd >= 0)
        close(fd);
    free(path);
    return err;
}

static int
take_random(struct profile *p, struct card *card, const struct node *at,
            struct buf *out)
{
    unsigned long n = 0;
    int err = take_number(p, at, 1, RANDOM_MAX, &n);

    if (err != 0)
        return err;
    if (!make_room(out, n))
        return -ENOMEM;
    return card_random(card, buf_reserve(out, n), n);
}

/* DO 5A with so many random bytes, which a copy of the card gets anew. */
static int
take_serial(struct profile *p, struct card *card, const struct node *at,
            struct buf *out)
{
    uint8_t serial[16];
    unsigned long n = 0;
    int err = take_number(p, at, 1, sizeof(serial), &n);

    if (err != 0 || (err = card_random(card, serial, n)) != 0)
        return err;
    if (!make_room(out, n + 2))
        return -ENOMEM;
    tlv_put(out, SERIAL_TAG, bytes_of(serial, n));
    return 0;
}

static int
take_made(struct profile *p, struct card *card, const struct node *at,
          struct buf *out)
{
    static const char *const names[] = {"hex",    "text",   "file",
                                        "random", "serial", NULL};
    const struct node *how;
    const char *name = NULL;
    int err;

    if (node_find(at, "left-out") != NULL)
        return refuse(p, at,
                      "a secret was left out here; vicc show --profile "
                      "--secrets tells it");
    if ((err = take_map(p, at, names)) != 0)
        return err;
    how = at->first;
    if (at->count != 1)
        return refuse(p, at, "one of hex, text, file, random, serial");
    if (node_is(how->key, "random"))
        return take_random(p, card, how, out);
    if (node_is(how->key, "serial"))
        return take_serial(p, card, how, out);
    if ((err = how->kind == NODE_TEXT ? 0 : take_word(p, how, &name)) != 0)
        return err;
    if (node_is(how->key, "text"))
        return take_text(how, out);
    if (node_is(how->key, "hex"))
        return take_digits(p, how, out);
    return (err = take_word(p, how, &name)) != 0 ? err
                                                 : take_file(p, how, name, out);
}

int
take_value(struct profile *p, struct card *card, const struct node *at,
           bool is_text, struct buf *out)
{
    const char *name = NULL;
    int err;

    *out = (struct buf){0};
    if (at->kind == NODE_MAP)
        return take_made(p, card, at, out);
    if (at->kind == NODE_LIST)
        return refuse(p, at, "a value is to stand here, not a list");
    if (is_text)
        return take_text(at, out);
    if (at->text[0] != '@')
        return take_digits(p, at, out);
    return (err = take_word(p, at, &name)) != 0
               ? err
               : take_file(p, at, name + 1, out);
}
