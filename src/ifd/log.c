/*
 * log.c - see log.h.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "ifd/log.h"

#include <stdarg.h>
#include <stdio.h>

#include <debuglog.h>

/* pcscd exports this to its drivers; unit tests and other hosts have none. */
#pragma weak log_msg

_Static_assert((int)LEVEL_DEBUG == (int)PCSC_LOG_DEBUG &&
                   (int)LEVEL_INFO == (int)PCSC_LOG_INFO &&
                   (int)LEVEL_ERROR == (int)PCSC_LOG_ERROR,
               "levels are handed through");

void
ifd_log(enum log_level level, const char *format, ...)
{
    char line[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    if (log_msg != NULL)
        log_msg((int)level, "%s", line);
    else if (level >= LEVEL_ERROR)
        fprintf(stderr, "%s\n", line);
}
