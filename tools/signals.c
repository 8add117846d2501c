/*
 * signals.c - the signals that end a program which serves.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "signals.h"

#include <errno.h>
#include <stddef.h>
#include <sys/signalfd.h>

static sigset_t held;

int
signals_end(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action;
    size_t i;
    int fd;

    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&held);
    for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        if (sigaction(signals[i], NULL, &action) == 0 &&
            action.sa_handler != SIG_IGN)
            sigaddset(&held, signals[i]);
    pthread_sigmask(SIG_BLOCK, &held, NULL);
    fd = signalfd(-1, &held, SFD_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

void
signals_release(void)
{
    pthread_sigmask(SIG_UNBLOCK, &held, NULL);
}
