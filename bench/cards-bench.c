/*
 * cards-bench.c - many iso7816 cards in one process, each with its host on a
 * thread and a connection of its own: whether all answer, how long that takes,
 * what they occupy.
 *
 *     cards-bench [COUNT]
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <err.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vicc/card.h>
#include <vicc/types.h>

#include "bench.h"
#include "vicc/host.h"

#define COUNT_MAX 20000
#define STACK (256 * 1024) /* room, not memory */
#define DESCRIPTORS 3      /* of a card: both ends, and one to stop it */

static int
count_up(void *ctx, uint8_t *p, size_t n)
{
    static uint8_t next;

    (void)ctx;
    while (n-- > 0)
        *p++ = next++;
    return 0;
}

static void *
serve(void *arg)
{
    host_run(arg);
    return NULL;
}

/* The answer is 9000, or the program ends. */
static void
ask(int fd)
{
    /* power on, and SELECT of the master file */
    static const uint8_t out[] = {0,    1, 1,    0, 7,    0x00,
                                  0xA4, 0, 0x0C, 2, 0x3F, 0};
    uint8_t in[4];

    if (write(fd, out, sizeof(out)) != (ssize_t)sizeof(out) ||
        recv(fd, in, sizeof(in), MSG_WAITALL) != (ssize_t)sizeof(in) ||
        memcmp(in, "\0\2\x90\0", sizeof(in)) != 0)
        errx(1, "a card does not answer 9000");
}

/* Returns the reader's end. */
static int
start_card(const pthread_attr_t *attr)
{
    static const struct card_env env = {.random = count_up};
    struct card_error error;
    struct card *card;
    struct host *host;
    pthread_t thread;
    char address[16];
    int fds[2];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
        err(1, "socketpair");
    snprintf(address, sizeof(address), "fd:%d", fds[1]);
    if (card_new(&iso7816_card, &env, NULL, 0, &card, &error) != 0)
        errx(1, "no card: %s", error.text);
    if (host_new(card, address, 0, NULL, &host) != 0 ||
        pthread_create(&thread, attr, serve, host) != 0)
        errx(1, "no host");
    ask(fds[0]);
    close(fds[1]); /* the host has a copy */
    return fds[0];
}

static unsigned long
resident_kib(void)
{
    FILE *f = fopen("/proc/self/statm", "r");
    unsigned long size, resident = 0;

    if (f == NULL || fscanf(f, "%lu %lu", &size, &resident) != 2)
        err(1, "/proc/self/statm");
    fclose(f);
    return resident * (unsigned long)sysconf(_SC_PAGESIZE) / 1024;
}

int
main(int argc, char **argv)
{
    static int fds[COUNT_MAX];
    unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 10000, i;
    struct rlimit files = {DESCRIPTORS * COUNT_MAX + 64,
                           DESCRIPTORS * COUNT_MAX + 64};
    pthread_attr_t attr;
    uint64_t begun = now_ns(), started, before, *took;

    if (count == 0 || count > COUNT_MAX ||
        (took = calloc(count, sizeof(*took))) == NULL)
        errx(2, "usage: cards-bench [COUNT]");
    setrlimit(RLIMIT_NOFILE, &files);
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 ||
        files.rlim_cur < DESCRIPTORS * count + 64)
        errx(1, "%lu cards need more than the %lu descriptors allowed here",
             count, (unsigned long)files.rlim_cur);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK);
    for (i = 0; i < count; i++)
        fds[i] = start_card(&attr);
    started = now_ns();
    for (i = 0; i < count; i++) {
        before = now_ns();
        ask(fds[i]);
        took[i] = now_ns() - before;
    }
    printf("%6lu cards answer; started in %.2f s, then an APDU of each %.1f us "
           "(p50); %lu KiB resident, %.1f a card\n",
           count, (double)(started - begun) / 1e9,
           (double)samples_median(took, (unsigned)count) / 1e3, resident_kib(),
           (double)resident_kib() / (double)count);
    return 0; /* the hosts end with the process */
}
