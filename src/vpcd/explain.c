/*
 * explain.c - what an error in opening an address means, for people.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdio.h>

#include "vpcd/addr.h"

static void
explain_in_use(const struct vpcd_addr *addr, const char *name, char *text,
               size_t room)
{
    char holder[128];

    if (addr->kind == ADDR_UNIX)
        snprintf(text, room, "%s: another process listens there", name);
    else if (addr_holder(addr, holder, sizeof(holder)))
        snprintf(text, room, "%s: the port is in use by %s", name, holder);
    else
        snprintf(text, room,
                 "%s: the port is in use; which process has it only root may "
                 "see",
                 name);
}

/* clang-format off */
static const struct {
    int err;
    const char *text;
} reasons[] = {
    {ECONNREFUSED,  "nobody listens there"},
    {ENOENT,        "there is no such socket, or not its directory"},
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

const char *
addr_explain(const struct vpcd_addr *addr, int err, char *text, size_t room)
{
    char name[ADDR_TEXT_MAX];
    const char *what;
    size_t i;

    addr_name(addr, name, sizeof(name));
    if (err == -EADDRINUSE) {
        explain_in_use(addr, name, text, room);
        return text;
    }
    if (err == -EINVAL) {
        snprintf(text, room, "%s: that address is for %s", name,
                 addr_listens(addr) > 0 ? "listening" : "connecting");
        return text;
    }
    for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (err == -reasons[i].err) {
            snprintf(text, room, "%s: %s", name, reasons[i].text);
            return text;
        }
    what = strerrordesc_np(-err);
    snprintf(text, room, "%s: %s", name, what != NULL ? what : "it failed");
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
