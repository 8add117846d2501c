/*
 * explain.c - what an error in opening an address means, for people.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <sys/stat.h>

#include "vpcd/addr.h"

/* What the file system says of it; false if that is no reason. */
static bool
explain_path(const char *path, int err, char *what, size_t room)
{
    char copy[ADDR_PATH_MAX];
    const char *above;
    struct stat st;

    snprintf(copy, sizeof(copy), "%s", path);
    above = dirname(copy);
    if (err == -ENOENT && stat(above, &st) != 0 && errno == ENOENT) {
        snprintf(what, room, "there is no directory %s", above);
        return true;
    }
    if ((err != -EADDRINUSE && err != -ECONNREFUSED) || stat(path, &st) != 0 ||
        S_ISSOCK(st.st_mode))
        return false;
    snprintf(what, room, "it is a %s, and no socket",
             S_ISDIR(st.st_mode) ? "directory" : "file");
    return true;
}

static void
explain_in_use(const struct vpcd_addr *addr, char *what, size_t room)
{
    char holder[128];

    if (addr->kind == ADDR_UNIX)
        snprintf(what, room, "another process listens there");
    else if (addr_holder(addr, holder, sizeof(holder)))
        snprintf(what, room, "the port is in use by %s", holder);
    else
        snprintf(what, room,
                 "the port is in use; which process has it only root may see");
}

/* clang-format off */
static const struct {
    int err;
    const char *text;
} reasons[] = {
    {ECONNREFUSED,  "nobody listens there"},
    {ENOENT,        "there is no such socket"},
    {ETIMEDOUT,     "no answer in time"},
    {EAGAIN,        "busy: too many wait there already, or the name server "
                    "does not answer"},
    {ENXIO,         "the host is not known"},
    {EADDRNOTAVAIL, "this machine has no such address"},
    {EBADF,         "there is no such open descriptor"},
    {ENOTSOCK,      "that is not a socket"},
    {EPROTOTYPE,    "that is not a stream socket"},
    {ECONNRESET,    "the other end has closed the connection"},
};
/* clang-format on */

static void
explain_errno(const struct vpcd_addr *addr, int err, char *what, size_t room)
{
    const char *text = strerrordesc_np(-err);
    size_t i;

    if (err == -EINVAL)
        text = addr_listens(addr) > 0 ? "that address is for listening"
                                      : "that address is for connecting";
    for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (err == -reasons[i].err)
            text = reasons[i].text;
    snprintf(what, room, "%s", text != NULL ? text : "it failed");
}

const char *
addr_explain(const struct vpcd_addr *addr, int err, char *text, size_t room)
{
    char name[ADDR_TEXT_MAX], what[ADDR_REASON_MAX];

    bool told = addr->kind == ADDR_UNIX &&
                explain_path(addr->path, err, what, sizeof(what));

    addr_name(addr, name, sizeof(name));
    if (!told && err == -EADDRINUSE)
        explain_in_use(addr, what, sizeof(what));
    else if (!told)
        explain_errno(addr, err, what, sizeof(what));
    snprintf(text, room, "%s: %s", name, what);
    return text;
}

const char *
vpcd_explain(const char *address, int err, char *text, size_t room)
{
    struct vpcd_addr addr;
    struct addr_error error;

    if (addr_parse(address, &addr, &error))
        return addr_explain(&addr, err, text, room);
    snprintf(text, room, "%s", error.text);
    return text;
}
