/*
 * status.h - the exit codes of vicc; vicc(1) lists them. `vicc exec` has its
 * own (125 to 127, and those of its command).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TOOLS_STATUS_H
#define TOOLS_STATUS_H

#include <errno.h>

enum status {
    STATUS_OK = 0,
    STATUS_MISMATCH = 1, /* the card answered otherwise than the script says */
    STATUS_USAGE = 2,    /* arguments or a script that cannot be used */
    STATUS_CARD = 3,     /* the card could not be made, or is gone */
    STATUS_LINK = 4,     /* the address of the reader cannot be used */
    STATUS_FILE = 5,     /* a file could not be read or written */
    STATUS_SYSTEM = 6,   /* memory, threads, descriptors */
    STATUS_IN_USE = 7,   /* another process runs a card from the image */
    STATUS_PASSPHRASE = 8, /* missing, or not that of the image */

    /* doctor: which part keeps a card from being seen */
    STATUS_DOCTOR_PCSCD = 10,
    STATUS_DOCTOR_DRIVER = 11,
    STATUS_DOCTOR_WIRE = 12,
    STATUS_DOCTOR_PERMISSION = 13,
    STATUS_DOCTOR_CARD = 14,
};

/* Of an address that could not be opened, for a negative errno. */
static inline int
status_of_address(int err)
{
    return err == -EMFILE || err == -ENFILE || err == -ENOMEM ? STATUS_SYSTEM
                                                              : STATUS_LINK;
}

#endif
