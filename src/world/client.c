/*
 * client.c - see client.h.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "world/client.h"

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>

#include "world/error.h"

#define LIBRARY "libpcsclite.so.1"

int
client_load(struct client *c, struct world_error *error)
{
    void *library = dlopen(LIBRARY, RTLD_NOW);

    if (library == NULL)
        return world_fail(error, -ENOENT,
                          "The PC/SC client library: %s.\nInstall it: apt-get "
                          "install libpcsclite1 (Debian).",
                          dlerror());
    c->establish = dlsym(library, "SCardEstablishContext");
    c->list_readers = dlsym(library, "SCardListReaders");
    c->get_status_change = dlsym(library, "SCardGetStatusChange");
    c->text = dlsym(library, "pcsc_stringify_error");
    if (c->establish && c->list_readers && c->get_status_change && c->text)
        return 0;
    return world_fail(error, -ENOENT, "%s is not that of pcsc-lite.", LIBRARY);
}
