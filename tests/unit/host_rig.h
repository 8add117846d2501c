/*
 * host_rig.h - a host at work in a test: a stub card that counts, an observer
 * that remembers, and a reader that writes raw bytes. Included by the tests
 * of the host only; it stands in for cos/card.c.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TESTS_HOST_RIG_H
#define TESTS_HOST_RIG_H

#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <vicc/hex.h>

#include "unit.h"
#include "vicc/host.h"

#define LONG_MS 20000 /* nothing that is expected takes so long */

/* ---- the card: echoes a command, INS B0 answers P1-P2 bytes ---- */

struct card {
    atomic_uint power[3]; /* by enum card_power */
    atomic_uint commands;
    atomic_int power_err;
    atomic_int transmit_err;
    atomic_uint wait_ms;
};

static const uint8_t rig_atr[] = {0x3B, 0x80, 0x01};

int
card_power(struct card *card, enum card_power power)
{
    card->power[power]++;
    return card->power_err;
}

struct bytes
card_atr(const struct card *card)
{
    (void)card;
    return BYTES(rig_atr);
}

int
card_transmit(struct card *card, struct bytes command, struct buf *response)
{
    size_t i, n = command.n < 4 ? 0 : (size_t)command.p[2] << 8 | command.p[3];

    card->commands++;
    if (card->transmit_err != 0)
        return card->transmit_err;
    if (command.n >= 4 && command.p[1] == 0xB0) {
        for (i = 0; i < n && i < CARD_RESPONSE_MAX - 2; i++)
            buf_put_u8(response, (uint8_t)i);
    } else {
        buf_put(response, bytes_slice(command, 0, CARD_RESPONSE_MAX - 2));
    }
    buf_put_u16(response, 0x9000);
    assert_false(response->overrun);
    return 0;
}

unsigned
card_wait_ms(const struct card *card)
{
    return card->wait_ms;
}

const char *
card_command_name(const struct card *card, struct bytes command)
{
    (void)card;
    (void)command;
    return "ECHO";
}

/* ---- the rig ---- */

struct rig {
    struct card card;
    struct host *host;
    struct host_observer observer;
    pthread_t thread;
    int result;
    char dir[32];
    char path[64];

    pthread_mutex_t lock;
    pthread_cond_t changed;
    char events[4096]; /* "waiting connected power1 ...", under lock */
    int waiting_err;
    bool silent_listening;
};

static inline void
rig_event(struct rig *rig, const char *name)
{
    size_t n;

    pthread_mutex_lock(&rig->lock);
    n = strlen(rig->events);
    snprintf(rig->events + n, sizeof(rig->events) - n, "%s%s",
             n == 0 ? "" : " ", name);
    pthread_cond_broadcast(&rig->changed);
    pthread_mutex_unlock(&rig->lock);
}

static inline void
rig_waiting(void *ctx, const char *address, int err)
{
    struct rig *rig = ctx;

    assert_non_null(address);
    rig->waiting_err = err;
    rig_event(rig, "waiting");
}

static inline void
rig_connected(void *ctx, const char *address)
{
    assert_non_null(address);
    rig_event(ctx, "connected");
}

static inline void
rig_silent(void *ctx, const char *address, int fd, bool listening)
{
    struct rig *rig = ctx;

    assert_non_null(address);
    assert_true(fd >= 0);
    rig->silent_listening = listening;
    rig_event(rig, "silent");
}

static inline void
rig_disconnected(void *ctx, const char *address, int err)
{
    assert_non_null(address);
    assert_true(err <= 0);
    rig_event(ctx, "disconnected");
}

static inline void
rig_power(void *ctx, enum card_power power)
{
    static const char *const names[] = {"off", "on", "reset"};

    rig_event(ctx, names[power]);
}

static inline void
rig_seen_atr(void *ctx, struct bytes atr)
{
    assert_int_equal(atr.n, sizeof(rig_atr));
    rig_event(ctx, "atr");
}

static inline void
rig_command(void *ctx, struct bytes command)
{
    (void)command;
    rig_event(ctx, "command");
}

static inline void
rig_response(void *ctx, struct bytes response)
{
    (void)response;
    rig_event(ctx, "response");
}

static inline struct timespec
rig_deadline(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_sec += LONG_MS / 1000;
    return t;
}

/* Waits until all that has happened, from the start, ends with `last`. */
static inline void
rig_expect_end(struct rig *rig, const char *last)
{
    struct timespec deadline = rig_deadline();
    size_t n = strlen(last), have;

    pthread_mutex_lock(&rig->lock);
    while (have = strlen(rig->events),
           have < n || strcmp(rig->events + have - n, last) != 0)
        if (pthread_cond_timedwait(&rig->changed, &rig->lock, &deadline) != 0)
            fail_msg("%s: not at the end of: %s", last, rig->events);
    pthread_mutex_unlock(&rig->lock);
}

static inline void *
rig_run(void *arg)
{
    struct rig *rig = arg;

    rig->result = host_run(rig->host);
    return NULL;
}

static inline void
rig_init(struct rig *rig)
{
    memset(rig, 0, sizeof(*rig));
    pthread_mutex_init(&rig->lock, NULL);
    pthread_cond_init(&rig->changed, NULL);
    strcpy(rig->dir, "/tmp/vicc-host-XXXXXX");
    assert_non_null(mkdtemp(rig->dir));
    snprintf(rig->path, sizeof(rig->path), "%s/s", rig->dir);
    rig->observer = (struct host_observer){
        .waiting = rig_waiting,
        .connected = rig_connected,
        .silent = rig_silent,
        .disconnected = rig_disconnected,
        .power = rig_power,
        .atr = rig_seen_atr,
        .command = rig_command,
        .response = rig_response,
        .ctx = rig,
    };
}

/* On a thread of the stack that host.h promises to do with. */
static inline void
rig_start(struct rig *rig, const char *address)
{
    pthread_attr_t attr;

    assert_int_equal(
        host_new(&rig->card, address, 0, &rig->observer, &rig->host), 0);
    assert_int_equal(host_bind(rig->host), 0);
    pthread_attr_init(&attr);
    assert_int_equal(pthread_attr_setstacksize(&attr, HOST_STACK), 0);
    assert_int_equal(pthread_create(&rig->thread, &attr, rig_run, rig), 0);
    pthread_attr_destroy(&attr);
}

static inline void
rig_listen(struct rig *rig)
{
    char address[96];

    snprintf(address, sizeof(address), "unix-listen:%s", rig->path);
    rig_start(rig, address);
}

static inline int
listen_at(const char *path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    memcpy(name.sun_path, path, strlen(path) + 1);
    assert_int_equal(bind(fd, (const struct sockaddr *)&name, sizeof(name)), 0);
    assert_int_equal(listen(fd, 8), 0);
    return fd;
}

static inline void
rig_connect(struct rig *rig)
{
    char address[96];

    snprintf(address, sizeof(address), "unix:%s", rig->path);
    rig_start(rig, address);
}

/* The thread must end by itself, or by a host_stop() before. */
static inline void
rig_join(struct rig *rig)
{
    struct timespec deadline = rig_deadline();

    assert_int_equal(pthread_timedjoin_np(rig->thread, NULL, &deadline), 0);
    host_free(&rig->host);
    assert_null(rig->host);
    unlink(rig->path);
    assert_int_equal(rmdir(rig->dir), 0);
    pthread_cond_destroy(&rig->changed);
    pthread_mutex_destroy(&rig->lock);
    assert_int_equal(rig->result, 0);
}

static inline void
rig_stop(struct rig *rig)
{
    host_stop(rig->host);
    rig_join(rig);
}

/* ---- the reader ---- */

/* A host on one end of a socket pair; returns the reader's end. */
static inline int
rig_pair(struct rig *rig)
{
    char address[16];
    int fds[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    snprintf(address, sizeof(address), "fd:%d", fds[0]);
    rig_start(rig, address);
    return fds[1];
}

static inline int
reader_connect(struct rig *rig)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    memcpy(name.sun_path, rig->path, strlen(rig->path) + 1);
    assert_int_equal(connect(fd, (const struct sockaddr *)&name, sizeof(name)),
                     0);
    return fd;
}

static inline int
reader_connect_tcp(struct rig *rig)
{
    struct sockaddr_in name = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    name.sin_port =
        htons((uint16_t)atoi(strrchr(host_address(rig->host), ':') + 1));
    assert_int_equal(connect(fd, (const struct sockaddr *)&name, sizeof(name)),
                     0);
    return fd;
}

static inline void
reader_put(int fd, const void *p, size_t n)
{
    assert_int_equal(send(fd, p, n, MSG_NOSIGNAL), (ssize_t)n);
}

static inline void
reader_put_hex(int fd, const char *hex)
{
    uint8_t room[256];
    struct buf out = BUF(room);

    assert_true(hex_parse(hex, strlen(hex), &out));
    reader_put(fd, room, out.n);
}

/* Has the card read all that was sent to it? Only Unix sockets tell. */
static inline void
reader_settle(int fd)
{
    int left = 1;

    while (left != 0) {
        assert_int_equal(ioctl(fd, TIOCOUTQ, &left), 0);
        sched_yield();
    }
}

/* All `n` bytes, with one recv if the card sent them in one write. */
static inline void
reader_get(int fd, uint8_t *p, size_t n)
{
    struct pollfd pfd = {fd, POLLIN, 0};
    size_t have = 0;
    ssize_t got;

    while (have < n) {
        assert_int_equal(poll(&pfd, 1, LONG_MS), 1);
        got = recv(fd, p + have, n - have, 0);
        assert_true(got > 0);
        have += (size_t)got;
    }
}

static inline void
reader_expect_hex(int fd, const char *hex)
{
    uint8_t room[256], got[256];
    struct buf out = BUF(room);

    assert_true(hex_parse(hex, strlen(hex), &out));
    reader_get(fd, got, out.n);
    assert_memory_equal(got, room, out.n);
}

/* Whether something, or the end, has arrived already. */
static inline bool
reader_has(int fd)
{
    struct pollfd pfd = {fd, POLLIN, 0};

    return poll(&pfd, 1, 0) != 0;
}

static inline void
reader_expect_end(int fd)
{
    struct pollfd pfd = {fd, POLLIN, 0};
    uint8_t room[4096];
    ssize_t got;

    do {
        assert_int_equal(poll(&pfd, 1, LONG_MS), 1);
        got = recv(fd, room, sizeof(room), 0);
    } while (got > 0);
    close(fd);
}

/* Get ATR, and its answer: whatever was before, the card is in step. */
static inline void
reader_check(int fd)
{
    reader_put_hex(fd, "0001 04");
    reader_expect_hex(fd, "0003 3B8001");
}

static inline size_t
count_fds(void)
{
    DIR *dir = opendir("/proc/self/fd");
    size_t n = 0;

    while (readdir(dir) != NULL)
        n++;
    closedir(dir);
    return n;
}

#endif
