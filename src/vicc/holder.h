/*
 * holder.h - who else is connected where we are not spoken to.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_HOLDER_H
#define VICC_HOLDER_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Finds who holds a connection that the other end of the TCP connection `fd`
 * has accepted, on this machine: "virt_cacard (process 4242)", or the far
 * end's address "192.0.2.7:40312" if the process is on another machine, or
 * hidden from us. False, with text "", if there is none, or /proc does not
 * tell.
 */
bool holder_find(int fd, char *text, size_t room);

/*
 * The command that shows it to somebody with more rights: "ss -tnp ...", or
 * "ss -xp ..." for a Unix socket.
 */
void holder_command(int fd, char *text, size_t room);

#endif
