/*
 * card.c - cards as processes: those that do nothing, and programs.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vpcd.h>

#include "bench.h"
#include "floor.h"

#define START_MS 10000
#define PORT_FIRST 20000 /* below what Linux uses for connections */
#define PORT_LAST 30000

/* Whether in[n] ends with a message; some readers send the length by itself. */
static bool
is_whole(const uint8_t *in, size_t n)
{
    size_t at = 0;

    while (n - at >= 2 && n - at - 2 >= (size_t)(in[at] << 8 | in[at + 1]))
        at += 2 + (size_t)(in[at] << 8 | in[at + 1]);
    return at == n;
}

/* The floor for any card: libvpcd, and nothing else. */
static void
echo(struct vpcd *conn)
{
    static const uint8_t atr[] = {0x3B, 0x80, 0x80, 0x01, 0x01};
    static uint8_t in[VPCD_MESSAGE_MAX], out[VPCD_MESSAGE_MAX];
    struct buf message = BUF(in);
    struct bytes answer;

    while (vpcd_recv(conn, &message, -1) == 0) {
        if (message.n == 1 && in[0] != VPCD_GET_ATR)
            continue;
        answer = message.n == 1
                     ? bytes_of(atr, sizeof(atr))
                     : bytes_of(out, floor_answer(in, message.n, out));
        if (vpcd_send(conn, answer, START_MS) != 0)
            return;
    }
}

/* One read() and one write(), asleep between them. */
static void
plain(int fd)
{
    static const uint8_t atr[] = {0, 5, 0x3B, 0x80, 0x80, 0x01, 0x01};
    static const uint8_t ok[] = {0, 2, 0x90, 0x00};
    uint8_t in[3 * 65537];
    size_t n = 0, length;
    const uint8_t *out;
    ssize_t got;

    while ((got = read(fd, in + n, sizeof(in) - n)) > 0) {
        n += (size_t)got;
        if (!is_whole(in, n))
            continue;
        /* A control code comes by itself, or Get ATR after ON. */
        out = n % 3 != 0 || in[1] != 1 ? ok : atr;
        length = out == ok ? sizeof(ok) : sizeof(atr);
        got = out == atr && in[n - 1] != VPCD_GET_ATR ? 0
                                                      : write(fd, out, length);
        n = 0;
        if (got < 0)
            break;
    }
}

static int
run_built_in(const char *name, const char *address)
{
    int64_t end = (int64_t)now_ns() + START_MS * (int64_t)1000000;
    struct vpcd *conn;

    while (vpcd_connect(address, START_MS, &conn) != 0) {
        if ((int64_t)now_ns() > end)
            return 1;
        poll(NULL, 0, 5); /* the reader may not be there yet */
    }
    if (strcmp(name, "echo") == 0)
        echo(conn);
    else
        plain(vpcd_fd(conn));
    return 0;
}

/* HOST and PORT (or PATH) and ADDRESS are in the environment of a command. */
static void
put_environment(const char *address)
{
    const char *colon = strrchr(address, ':');

    setenv("ADDRESS", address, 1);
    setenv("PORT", colon + 1, 1);
    setenv("HOST", "127.0.0.1", 1);
}

static int
run_program(const struct bench *bench, const struct bench_case *c,
            const char *address)
{
    put_environment(address);
    if (getenv("VICC_BENCH_VERBOSE") == NULL &&
        (freopen("/dev/null", "w", stdout) == NULL ||
         freopen("/dev/null", "w", stderr) == NULL))
        return 127;
    if (strcmp(c->card, "vicc") == 0)
        execl(bench->vicc, "vicc", "-t", "iso7816", "--connect", address,
              (char *)NULL);
    else if (strcmp(c->card, "debian") == 0)
        execl("/usr/bin/vicc", "vicc", "-t", "iso7816", "-H", getenv("HOST"),
              "-P", getenv("PORT"), (char *)NULL);
    else
        execl("/bin/sh", "sh", "-c", c->card, (char *)NULL);
    return 127;
}

static bool
is_built_in(const char *name)
{
    return strcmp(name, "echo") == 0 || strcmp(name, "plain") == 0;
}

pid_t
card_start(const struct bench *bench, const struct bench_case *c,
           const char *address)
{
    pid_t pid = fork();

    if (pid < 0)
        return -errno;
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        setpgid(0, 0);
        _exit(is_built_in(c->card) ? run_built_in(c->card, address)
                                   : run_program(bench, c, address));
    }
    setpgid(pid, pid);
    return pid;
}

/* The whole group: a command may be a shell with children. */
void
card_stop(pid_t pid)
{
    if (pid <= 0)
        return;
    kill(-pid, SIGTERM);
    waitpid(pid, NULL, 0);
}

static bool
is_free(unsigned port)
{
    struct sockaddr_in in = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is = fd >= 0 && bind(fd, (void *)&in, sizeof(in)) == 0;

    if (fd >= 0)
        close(fd);
    return is;
}

/* Drivers of the classic form can not let the system choose. */
int
card_free_port(char address[ADDRESS_MAX])
{
    unsigned port, from = (unsigned)getpid() * 7 % 9000;

    for (port = PORT_FIRST + from; port < PORT_LAST; port += 2)
        if (is_free(port) && is_free(port + 1)) {
            snprintf(address, ADDRESS_MAX, "tcp:127.0.0.1:%u", port);
            return 0;
        }
    return -EADDRINUSE;
}
