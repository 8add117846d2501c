/*
 * client.h - the client library of pcsc-lite, loaded by hand: the process
 * that opens a world may want it for itself, or not have it at all.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef WORLD_CLIENT_H
#define WORLD_CLIENT_H

#include <winscard.h>

struct world_error;

struct client {
    __typeof__(&SCardEstablishContext) establish;
    __typeof__(&SCardListReaders) list_readers;
    __typeof__(&SCardGetStatusChange) get_status_change;
    __typeof__(&pcsc_stringify_error) text;
    SCARDCONTEXT context; /* the caller's to establish */
};

/*
 * Loads it. It reads PCSCLITE_CSOCK_NAME once, and its calls can wait for
 * ever: use it in a process of its own. Returns 0 or -ENOENT with error
 * filled.
 */
int client_load(struct client *client, struct world_error *error);

#endif
