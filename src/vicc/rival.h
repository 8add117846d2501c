/*
 * rival.h - who else is connected where we are not spoken to.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_RIVAL_H
#define VICC_RIVAL_H

#include <stddef.h>

enum rival {
    RIVAL_UNKNOWN, /* not TCP, nobody, or /proc does not tell */
    RIVAL_OTHER,   /* somebody else's connection was accepted */
    RIVAL_NONE,    /* ours was */
};

/*
 * Finds whose connection the other end of the TCP connection `fd` has
 * accepted. For RIVAL_OTHER `text` says who that is: "virt_cacard (process
 * 4242)", or an address "192.0.2.7:40312" if the process is on another
 * machine, or hidden from us. For RIVAL_NONE it is the process at the other
 * end, as far as it can be seen. Otherwise it is "".
 */
enum rival rival_find(int fd, char *text, size_t room);

/*
 * The command that shows it to somebody with more rights: "ss -tnp ...", or
 * "ss -xp ..." for a Unix socket.
 */
void rival_command(int fd, char *text, size_t room);

#endif
