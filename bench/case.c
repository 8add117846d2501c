/*
 * case.c - "DRIVER+CARD+LINK" taken apart.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdio.h>
#include <unistd.h>

#include "bench.h"
#include "world/world.h"

#define DEBIAN_DRIVER "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
#define NULL_DRIVER "libnull-ifd.so"

static bool
refuse(const struct bench_case *c, const char *why)
{
    fprintf(stderr, "vicc-bench: %s: %s\n", c->name, why);
    return false;
}

/* A file beside this program. */
static void
beside(const char *file, char *path, size_t room)
{
    char program[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);

    program[n < 0 ? 0 : n] = '\0';
    *strrchr(program, '/') = '\0';
    snprintf(path, room, "%s/%s", program, file);
}

static bool
parse_driver(const char *text, struct bench_case *out)
{
    const char *path = text;

    out->wire = strcmp(text, "wire") == 0;
    out->raw = strcmp(text, "raw") == 0;
    out->null = out->raw || strcmp(text, "null") == 0;
    out->classic = strcmp(text, "debian") == 0;
    if (out->wire)
        return true;
    if (strcmp(text, "vicc") == 0)
        path = world_driver();
    else if (out->classic)
        path = DEBIAN_DRIVER;
    if (out->null)
        beside(NULL_DRIVER, out->driver, sizeof(out->driver));
    else if (path != NULL)
        snprintf(out->driver, sizeof(out->driver), "%s", path);
    return access(out->driver, R_OK) == 0 ||
           refuse(out, "there is no such driver");
}

/* The last plus sign, so that a command between may have some. */
static bool
parse_rest(char *rest, struct bench_case *out)
{
    char *link = strrchr(rest, '+');

    if (link == NULL)
        return refuse(out, "is not DRIVER+CARD+LINK");
    *link++ = '\0';
    if (strcmp(link, "unix") == 0)
        out->link = LINK_UNIX;
    else if (strcmp(link, "tcp") != 0)
        return refuse(out, "the link is neither tcp nor unix");
    snprintf(out->card, sizeof(out->card), "%s", rest);
    return true;
}

bool
case_parse(const char *text, struct bench_case *out)
{
    char driver[CASE_NAME_MAX], *rest;

    memset(out, 0, sizeof(*out));
    snprintf(out->name, sizeof(out->name), "%s", text);
    snprintf(driver, sizeof(driver), "%s", text);
    if ((rest = strchr(driver, '+')) != NULL)
        *rest++ = '\0';
    if (!parse_driver(driver, out))
        return false;
    if (out->null)
        return rest == NULL || refuse(out, "the card is inside");
    if (rest == NULL)
        return refuse(out, "is not DRIVER+CARD+LINK");
    if (!parse_rest(rest, out))
        return false;
    if (out->link == LINK_UNIX &&
        (out->classic || strcmp(out->card, "debian") == 0))
        return refuse(out, "knows only tcp");
    return true;
}
