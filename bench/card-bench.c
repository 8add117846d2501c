/*
 * card-bench.c - measures the iso7816 card alone, no wire and no PC/SC: SELECT
 * among few and many files, memory of further cards, a card with 64 MiB of
 * files, and how often a byte is copied on its way from file to answer.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <err.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <vicc/card.h>
#include <vicc/tlv.h>
#include <vicc/types.h>

#include "count_up.h"
#include "vicc/host.h"

#define ROUNDS 51
#define READS 2000 /* in a round */
#define FEW 10
#define MANY 10000
#define CARDS 1000
#define LARGE ((size_t)64 << 20)
#define CHUNK 65000 /* bytes of a large file in one command */

static uint8_t response_room[CARD_RESPONSE_MAX];
static uint8_t command_room[CARD_COMMAND_MAX];
static uint32_t seed = 1;

/* Of this thread alone, unless another one does the work. */
static uint64_t
now_ns(bool alone)
{
    struct timespec t;

    clock_gettime(alone ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static struct card *
new_card(void)
{
    static const struct card_env env = {.random = count_up};
    struct card_error error;
    struct card *card;

    if (card_new(&iso7816_card, &env, NULL, 0, &card, &error) != 0)
        errx(1, "no card: %s", error.text);
    card_power(card, CARD_ON);
    return card;
}

/* The response data; everything but 9000 ends the program. */
static struct bytes
run(struct card *card, const struct buf *command)
{
    struct buf rsp = BUF(response_room);

    if (card_transmit(card, buf_bytes(command), &rsp) != 0 || rsp.n < 2 ||
        rsp.p[rsp.n - 2] != 0x90 || rsp.p[rsp.n - 1] != 0x00)
        errx(1, "INS %02X answers %02X%02X", command->p[1], rsp.p[rsp.n - 2],
             rsp.p[rsp.n - 1]);
    return bytes_of(rsp.p, rsp.n - 2);
}

static struct buf
begin_command(uint8_t ins, uint16_t p1p2)
{
    struct buf command = BUF(command_room);

    buf_put_u8(&command, 0x00);
    buf_put_u8(&command, ins);
    buf_put_u16(&command, p1p2);
    return command;
}

/* A transparent EF without a short identifier; it becomes current. */
static void
create_file(struct card *card, uint16_t fid, uint32_t size)
{
    struct buf command = begin_command(0xE0, 0);

    buf_put_u8(&command, 17);
    buf_put_u16(&command, 0x620F);
    buf_put_u16(&command, 0x8004);
    buf_put_u16(&command, (uint16_t)(size >> 16));
    buf_put_u16(&command, (uint16_t)size);
    buf_put(&command, bytes_of("\x82\x01\x41\x83\x02", 5));
    buf_put_u16(&command, fid);
    buf_put_u16(&command, 0x8800);
    run(card, &command);
}

static struct buf
select_command(uint16_t fid, uint8_t p2)
{
    struct buf command = begin_command(0xA4, p2);

    buf_put_u8(&command, 2);
    buf_put_u16(&command, fid);
    if (p2 == 0)
        buf_put_u8(&command, 0); /* Le */
    return command;
}

static void
select_file(struct card *card, uint16_t fid, uint8_t p2)
{
    struct buf command = select_command(fid, p2);

    run(card, &command);
}

/* Of several rounds: what other programs did to the others is not ours. */
static uint64_t
best(const uint64_t *times, size_t count)
{
    uint64_t least = times[0];
    size_t i;

    for (i = 1; i < count; i++)
        if (times[i] < least)
            least = times[i];
    return least;
}

/* ---- SELECT among many ---- */

static struct card *
card_with_files(unsigned count)
{
    struct card *card = new_card();
    unsigned i;

    select_file(card, 0x1000, 0x0C);
    for (i = 0; i < count; i++)
        create_file(card, (uint16_t)(0x4000 + i), 16);
    return card;
}

/* One way to ask. */
struct asked {
    struct card *card;
    int fd;          /* the reader's end; -1: the card is called directly */
    unsigned among;  /* FIDs that are asked for, from 4000 on */
    unsigned repeat; /* SELECTs in a round */
    uint8_t p2;
};

/* One message there and one back; the answer is in response_room. */
static void
ask_over_socket(int fd, const struct buf *command)
{
    uint8_t out[16] = {(uint8_t)(command->n >> 8), (uint8_t)command->n};
    size_t n = 0;
    ssize_t got;

    memcpy(out + 2, command->p, command->n);
    if (write(fd, out, command->n + 2) < 0)
        err(1, "socket");
    do {
        got = read(fd, response_room + n, sizeof(response_room) - n);
        if (got <= 0)
            err(1, "socket");
        n += (size_t)got;
    } while (n < 2 ||
             n < 2 + (size_t)(response_room[0] << 8 | response_room[1]));
    if (response_room[n - 2] != 0x90)
        errx(1, "SELECT over the socket answers %02X..", response_room[n - 2]);
}

static uint64_t
time_selects(const struct asked *asked)
{
    uint64_t start = now_ns(asked->fd < 0);
    unsigned i;

    for (i = 0; i < asked->repeat; i++) {
        struct buf command;

        seed = seed * 1103515245 + 12345;
        command = select_command(
            (uint16_t)(0x4000 + (seed >> 8) % asked->among), asked->p2);
        if (asked->fd < 0)
            run(asked->card, &command);
        else
            ask_over_socket(asked->fd, &command);
    }
    return now_ns(asked->fd < 0) - start;
}

static void
compare_selects(const char *what, const struct asked *few,
                const struct asked *many)
{
    uint64_t times[2][ROUNDS];
    double a, b;
    int i;

    for (i = 0; i < ROUNDS; i++) {
        times[0][i] = time_selects(few);
        times[1][i] = time_selects(many);
    }
    a = (double)best(times[0], ROUNDS) / few->repeat;
    b = (double)best(times[1], ROUNDS) / many->repeat;
    printf("SELECT P2 %02X, %s: %.0f ns of %d files, %.0f ns of %d, "
           "ratio %.2f (bar 1.20)\n",
           few->p2, what, a, FEW, b, MANY, b / a);
}

static void *
serve(void *arg)
{
    host_run(arg);
    return NULL;
}

/* A thread is the card's host from now on; returns the reader's end. */
static int
put_behind_socket(struct card *card, struct host **host, pthread_t *thread)
{
    char address[16];
    int fds[2];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
        err(1, "socketpair");
    snprintf(address, sizeof(address), "fd:%d", fds[1]);
    if (host_new(card, address, 0, NULL, host) != 0 ||
        pthread_create(thread, NULL, serve, *host) != 0)
        errx(1, "no host");
    if (write(fds[0], "\0\1\1", 3) != 3) /* power on, which has no answer */
        err(1, "socket");
    return fds[0];
}

static void
bench_select_over_socket(struct card *few, struct card *many)
{
    struct host *hosts[2];
    pthread_t threads[2];
    struct buf df;
    struct asked a = {few, -1, FEW, 1000, 0x00};
    struct asked b = {many, -1, MANY, 1000, 0x00};
    int i;

    a.fd = put_behind_socket(few, &hosts[0], &threads[0]);
    b.fd = put_behind_socket(many, &hosts[1], &threads[1]);
    df = select_command(0x1000, 0x0C);
    ask_over_socket(a.fd, &df);
    ask_over_socket(b.fd, &df);
    compare_selects("over a socket, any", &a, &b);
    close(a.fd);
    close(b.fd);
    for (i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        host_free(&hosts[i]);
    }
}

static void
bench_select(void)
{
    struct card *few = card_with_files(FEW);
    struct card *many = card_with_files(MANY);
    struct asked a = {few, -1, FEW, 10000, 0x00};
    struct asked b = {many, -1, FEW, 10000, 0x00};

    compare_selects("the same ten", &a, &b);
    b.among = MANY;
    compare_selects("any", &a, &b);
    a.p2 = b.p2 = 0x0C;
    compare_selects("any", &a, &b);
    bench_select_over_socket(few, many);
    card_free(&few);
    card_free(&many);
}

/* ---- memory of further cards ---- */

static size_t
resident_bytes(void)
{
    FILE *f = fopen("/proc/self/statm", "r");
    unsigned long size, resident = 0;

    if (f == NULL || fscanf(f, "%lu %lu", &size, &resident) != 2)
        err(1, "/proc/self/statm");
    fclose(f);
    return resident * (size_t)sysconf(_SC_PAGESIZE);
}

static void
bench_memory(void)
{
    static struct card *cards[CARDS];
    struct card *first = new_card();
    size_t before, after;
    size_t i;

    select_file(first, 0x1000, 0x00); /* what the first command touches */
    before = resident_bytes();
    for (i = 0; i < CARDS; i++) {
        cards[i] = new_card();
        select_file(cards[i], 0x1000, 0x00);
    }
    after = resident_bytes();
    printf("memory: %.1f KiB for each of %d further cards (bar 64)\n",
           (double)(after - before) / 1024 / CARDS, CARDS);
    for (i = 0; i < CARDS; i++)
        card_free(&cards[i]);
    card_free(&first);
}

/* ---- 64 MiB of files ---- */

static uint8_t
content_at(size_t offset)
{
    return (uint8_t)(offset ^ offset >> 8 ^ offset >> 16);
}

/* DO 54 with four bytes */
static void
put_offset(struct buf *command, size_t offset)
{
    buf_put_u16(command, 0x5404);
    buf_put_u16(command, (uint16_t)(offset >> 16));
    buf_put_u16(command, (uint16_t)offset);
}

static void
fill_chunk(struct card *card, size_t offset, size_t n)
{
    struct buf command = begin_command(0xD7, 0);
    size_t i;

    buf_put_u8(&command, 0);
    buf_put_u16(&command, (uint16_t)(6 + 1 + tlv_length_size(n) + n));
    put_offset(&command, offset);
    tlv_put_tag(&command, 0x53);
    tlv_put_length(&command, n);
    for (i = 0; i < n; i++)
        buf_put_u8(&command, content_at(offset + i));
    run(card, &command);
}

static void
check_chunk(struct card *card, size_t offset, size_t n)
{
    struct buf command = begin_command(0xB1, 0);
    size_t whole = 1 + tlv_length_size(n) + n;
    struct bytes data;
    struct tlv t;
    size_t i;

    buf_put_u8(&command, 0);
    buf_put_u16(&command, 6);
    put_offset(&command, offset);
    buf_put_u16(&command, (uint16_t)whole);
    data = run(card, &command);
    if (!tlv_next(&data, &t) || t.tag != 0x53 || t.value.n != n)
        errx(1, "no %zu bytes at %zu", n, offset);
    for (i = 0; i < n; i++)
        if (t.value.p[i] != content_at(offset + i))
            errx(1, "another byte at %zu", offset + i);
}

/* Does it to all chunks, and says how long that took. */
static double
for_each_chunk(struct card *card, size_t size,
               void (*act)(struct card *card, size_t offset, size_t n))
{
    uint64_t start = now_ns(true);
    size_t offset;

    for (offset = 0; offset < size; offset += CHUNK)
        act(card, offset, size - offset < CHUNK ? size - offset : CHUNK);
    return (double)(now_ns(true) - start) / 1e6;
}

static void
bench_large(void)
{
    struct card *card = new_card();
    uint64_t start = now_ns(true);
    double created, filled, read;

    create_file(card, 0x4000, LARGE);
    created = (double)(now_ns(true) - start) / 1e6;
    filled = for_each_chunk(card, LARGE, fill_chunk);
    read = for_each_chunk(card, LARGE, check_chunk);
    printf("a file of 64 MiB: created in %.0f ms, filled in %.0f ms, read and "
           "compared in %.0f ms\n",
           created, filled, read);
    card_free(&card);
}

/* ---- copies ---- */

static uint64_t
time_reads(struct card *card)
{
    struct buf command = begin_command(0xB0, 0);
    uint64_t start;
    int i;

    buf_put(&command, bytes_of("\0\0\0", 3)); /* Le: all */
    start = now_ns(true);
    for (i = 0; i < READS; i++)
        run(card, &command);
    return now_ns(true) - start;
}

static uint64_t
time_copies(size_t n)
{
    uint64_t start = now_ns(true);
    int i;

    for (i = 0; i < READS; i++) {
        memcpy(response_room, command_room, n);
        __asm__ volatile("" : : "r"(response_room) : "memory");
    }
    return now_ns(true) - start;
}

static void
bench_copies(void)
{
    struct card *card = new_card();
    uint64_t times[2][ROUNDS];
    double a, b;
    int i;

    create_file(card, 0x4000, UINT16_MAX);
    for (i = 0; i < ROUNDS; i++) {
        times[0][i] = time_reads(card);
        times[1][i] = time_copies(CARD_RESPONSE_MAX - 2);
    }
    a = (double)best(times[0], ROUNDS) / READS;
    b = (double)best(times[1], ROUNDS) / READS;
    printf("READ BINARY of 65,533 bytes: %.0f ns, one memcpy() of as many: "
           "%.0f ns, %.2f copies\n",
           a, b, a / b);
    card_free(&card);
}

static const struct {
    const char *name;
    void (*bench)(void);
} benches[] = {
    {"memory", bench_memory}, /* first, in a process that freed nothing yet */
    {"select", bench_select},
    {"large", bench_large},
    {"copies", bench_copies},
};

int
main(int argc, char **argv)
{
    bool known = false;
    size_t i;

    for (i = 0; i < sizeof(benches) / sizeof(benches[0]); i++)
        if (argc < 2 || strcmp(argv[1], benches[i].name) == 0) {
            benches[i].bench();
            known = true;
        }
    if (!known || argc > 2)
        errx(2, "usage: card-bench [memory|select|large|copies]");
    return 0;
}
