/*
 * say.c - lines on standard error.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "vicc/say.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define STALL_MS 1000

/* Of all threads, or two of them would see the same last room in the pipe. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned lost; /* lines that nobody took; under lock */

static void
write_line(const char *line, size_t n)
{
    while (write(STDERR_FILENO, line, n) < 0 && errno == EINTR)
        ;
}

/* poll() tells of room for a page. */
static bool
has_room(int timeout_ms)
{
    struct pollfd out = {STDERR_FILENO, POLLOUT, 0};

    int n;

    while ((n = poll(&out, 1, timeout_ms)) < 0 && errno == EINTR)
        ;
    return n != 0;
}

static void
put_line(const char *program, const char *line, size_t n)
{
    char text[64];

    if (lost != 0 && has_room(0)) {
        int k = snprintf(text, sizeof(text), "%.32s: %u lines are lost\n",
                         program, lost);

        lost = 0;
        write_line(text, (size_t)k);
    }
    if (has_room(lost != 0 ? 0 : STALL_MS))
        write_line(line, n);
    else
        lost++;
}

void
say_line(const char *program, const char *line, size_t n)
{
    pthread_mutex_lock(&lock);
    put_line(program, line, n);
    pthread_mutex_unlock(&lock);
}

void
say_text(const char *program, const char *label, const char *text)
{
    char line[2048];
    size_t n;

    snprintf(line, sizeof(line) - 1, "%s: %s%s%s", program,
             label != NULL ? label : "", label != NULL ? ": " : "", text);
    n = strlen(line);
    line[n++] = '\n';
    say_line(program, line, n);
}
