/*
 * log.h - the driver's log: pcscd's own when it is there, stderr elsewhere.
 * Never on the way of an APDU, and never the contents of one.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef IFD_LOG_H
#define IFD_LOG_H

/* As PCSC_LOG_* of pcscd's debuglog.h. */
enum log_level {
    LEVEL_DEBUG,
    LEVEL_INFO,
    LEVEL_ERROR,
};

/* One line, without a newline at its end; longer than 1 KiB it is cut. */
void ifd_log(enum log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
