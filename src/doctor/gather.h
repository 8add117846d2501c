/*
 * gather.h - looks at this machine and records what a check may want to know.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef DOCTOR_GATHER_H
#define DOCTOR_GATHER_H

#include "doctor/record.h"

struct gather_options {
    const char *config; /* folder of readers; NULL: the one that pcscd uses */
    const char *link;   /* where the card is to go, in the form of vpcd(7) */
    bool link_given;    /* and not only by default */
};

/*
 * Takes some seconds at most. What cannot be seen is left out of the record;
 * nothing is changed, except that a pcscd that sleeps behind its socket is
 * woken as by any PC/SC program. Items, in the order of the record:
 *
 *   user            the user's number
 *   pcscd           "path PATH", then what `PATH -v` says; or why it is not
 *                   there
 *   unit PATH       a systemd unit of pcscd or its socket, word for word
 *   process PID     of a pcscd: lines "uid N", "cmdline ...", "serves yes",
 *                   "no" or "unknown": has it our socket open?
 *   socket PATH     lines "absent", "denied", "listening", "mode 0666",
 *                   "asleep": nobody but the system is behind it
 *   pcsc            what world_look() says
 *   conf DIR        lines "absent" or "files N"
 *   file PATH       the text of a file of readers
 *   unreadable PATH one that we may not read
 *   library PATH    of such a file: "missing", "unreadable", "ours" or "other"
 *   device PATH     "missing": a DEVICENAME that pcscd looks for in vain
 *   driver          where this project's driver is, or nothing
 *   package NAME    "installed": a package of another project's programs
 *   port N          a line for each TCP socket there: its address, then
 *                   "listens" or "connected", then who has it
 *   unix PATH       lines "missing", "listening", "connected N"
 *   front NAME      VICC_SLOT_n of a world: where a card goes, or waits
 *   link ADDRESS    "local", or what came of connecting; "by default"
 *   log SOURCE      lines of logs in which pcscd occurs
 *   selinux         "1" if it enforces its policy
 */
void gather(const struct gather_options *options, struct record *out);

/* Parts of it, in files of their own. */
void gather_pcscd(struct record *out); /* pcscd, unit, process, socket, pcsc */
void gather_conf(const char *dir, struct record *out); /* conf to package */
void gather_port(unsigned port, struct record *out);
void gather_unix(const char *wanted, struct record *out);
void gather_logs(struct record *out);

#endif
