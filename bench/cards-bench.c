/*
 * cards-bench.c - many iso7816 cards in one process, each with its host on a
 * thread and a connection of its own: whether all answer, how long that takes,
 * what they occupy. Their readers are in another process, this one: each side
 * has one descriptor a card.
 *
 *     cards-bench [COUNT]
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <err.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vicc/card.h>
#include <vicc/types.h>
#include <vpcd.h>

#include "bench.h"
#include "count_up.h"
#include "vicc/host.h"

#define COUNT_MAX 30000
#define ANSWER_MS 30000
#define DESCRIPTORS 64 /* beside the connections */

/* ---- the process of the cards ---- */

static void *
serve(void *arg)
{
    host_run(arg);
    return NULL;
}

static void
start_card(const char *address, const pthread_attr_t *attr)
{
    static const struct card_env env = {.random = count_up};
    struct card_error error;
    struct card *card;
    struct host *host;
    pthread_t thread;

    if (card_new(&iso7816_card, &env, NULL, 0, &card, &error) != 0)
        errx(1, "no card: %s", error.text);
    if (host_new(card, address, 0, NULL, &host) != 0 ||
        pthread_create(&thread, attr, serve, host) != 0)
        errx(1, "no host");
}

/* A card for each byte; the hosts end with the process. */
static void
be_cards(const char *address, int wanted)
{
    pthread_attr_t attr;
    char c;

    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, HOST_STACK);
    while (read(wanted, &c, 1) == 1)
        start_card(address, &attr);
    _exit(0);
}

/* ---- the process of the readers ---- */

struct cards {
    pid_t pid;
    int more; /* a byte makes one */
    struct vpcd_listener *listener;
    char dir[32];
};

static void
begin(struct cards *cards)
{
    char address[64];
    int fds[2];

    strcpy(cards->dir, "/tmp/cards-bench-XXXXXX");
    if (mkdtemp(cards->dir) == NULL)
        err(1, "%s", cards->dir);
    snprintf(address, sizeof(address), "unix-listen:%s/reader", cards->dir);
    if (vpcd_listen(address, &cards->listener) != 0 ||
        socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0 ||
        (cards->pid = fork()) < 0)
        err(1, "no reader");
    cards->more = fds[0];
    if (cards->pid != 0) {
        close(fds[1]);
        return;
    }
    close(fds[0]);
    be_cards(vpcd_listener_address(cards->listener), fds[1]);
}

static void
end(struct cards *cards)
{
    close(cards->more);
    waitpid(cards->pid, NULL, 0);
    vpcd_listener_free(&cards->listener);
    rmdir(cards->dir);
}

/* SELECT of the master file. Is the answer 9000? */
static bool
answers(struct vpcd *card)
{
    static const uint8_t select[] = {0x00, 0xA4, 0, 0x0C, 2, 0x3F, 0};
    uint8_t room[16];
    struct buf in = BUF(room);

    return vpcd_send(card, (struct bytes){select, sizeof(select)}, ANSWER_MS) ==
               0 &&
           vpcd_recv(card, &in, ANSWER_MS) == 0 && in.n == 2 &&
           memcmp(in.p, "\x90", 2) == 0;
}

/* One more card, powered; NULL if there is none. */
static struct vpcd *
take_card(const struct cards *cards)
{
    struct vpcd *card = NULL;

    if (write(cards->more, "", 1) != 1 ||
        vpcd_accept(cards->listener, ANSWER_MS, &card) != 0 ||
        vpcd_send_ctrl(card, VPCD_ON, ANSWER_MS) != 0 || !answers(card))
        vpcd_free(&card);
    return card;
}

static unsigned long
resident_kib(pid_t pid)
{
    char path[64];
    FILE *f;
    unsigned long size, resident = 0;

    snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
    if ((f = fopen(path, "r")) == NULL ||
        fscanf(f, "%lu %lu", &size, &resident) != 2)
        err(1, "%s", path);
    fclose(f);
    return resident * (unsigned long)sysconf(_SC_PAGESIZE) / 1024;
}

/* Returns how many cards answer. */
static unsigned long
measure(const struct cards *cards, unsigned long count)
{
    static struct vpcd *card[COUNT_MAX];
    static uint64_t took[COUNT_MAX];
    uint64_t begun = now_ns(), started, before;
    unsigned long i, resident;

    for (i = 0; i < count; i++)
        if ((card[i] = take_card(cards)) == NULL)
            return i;
    started = now_ns();
    for (i = 0; i < count; i++) {
        before = now_ns();
        if (!answers(card[i]))
            return i;
        took[i] = now_ns() - before;
    }
    resident = resident_kib(cards->pid);
    printf("%6lu cards answer; started in %.2f s, then an APDU of each %.1f us "
           "(p50); %lu KiB resident, %.1f a card\n",
           count, (double)(started - begun) / 1e9,
           (double)samples_median(took, (unsigned)count) / 1e3, resident,
           (double)resident / (double)count);
    return count;
}

int
main(int argc, char **argv)
{
    unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 10000, got;
    struct cards cards;
    struct rlimit files;

    if (count == 0 || count > COUNT_MAX)
        errx(2, "usage: cards-bench [COUNT], up to %d", COUNT_MAX);
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        err(1, "getrlimit");
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_max < count + DESCRIPTORS)
        errx(1, "%lu cards need more than the %lu descriptors allowed here",
             count, (unsigned long)files.rlim_max);
    signal(SIGPIPE, SIG_IGN);
    begin(&cards);
    got = measure(&cards, count);
    end(&cards);
    if (got < count)
        errx(1, "card %lu does not answer 9000", got);
    return 0;
}
