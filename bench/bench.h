/*
 * bench.h - a benchmark is a list of cases: a driver, a card and a link
 * between them, set up in a process of its own, that is asked for rounds.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef BENCH_H
#define BENCH_H

#include <limits.h>
#include <stdint.h>
#include <sys/types.h>

#include <vicc/bytes.h>

#define CASE_NAME_MAX 512
#define ADDRESS_MAX 160
#define FIRST_MAX 8

/* What to measure, from the command line. */
struct bench {
    unsigned rounds;
    unsigned count;   /* APDUs in a round, unless */
    unsigned limit_s; /* it would take longer than that */
    unsigned events;  /* insertions and removals; 0: APDUs are measured */
    struct bytes first[FIRST_MAX]; /* sent once, before all others */
    size_t first_count;
    struct bytes apdu;
    const char *vicc; /* our card's program */
};

enum link {
    LINK_TCP,
    LINK_UNIX,
};

/* "DRIVER+CARD+LINK", taken apart. */
struct bench_case {
    char name[CASE_NAME_MAX];
    char driver[2 * PATH_MAX]; /* "wire", or the path of a driver */
    char card[CASE_NAME_MAX]; /* "echo", "plain", "vicc", "debian", a command */
    enum link link;
    bool wire, null, raw; /* null and raw have their card inside */
    bool classic;         /* a driver that knows only /dev/null:PORT */
};

/* Of one round, in nanoseconds. */
struct sample_stats {
    uint64_t p50, p95, p99, max, total;
    unsigned count;
};

/* What a case's process answers; stats[1] is removals. */
struct reply {
    int err;
    struct sample_stats stats[2];
    char text[1024]; /* with err: what went wrong */
};

/* ---- case.c: the text ---- */

/* False if it is no case; says so on stderr. */
bool case_parse(const char *text, struct bench_case *out);

/* ---- rig.c: the process of a case ---- */

struct rig {
    pid_t pid;
    int fd; /* of bench and case, in turn */
};

/*
 * Forks the process, which gets ready. Returns 0, or -1 with the reason said
 * on stderr.
 */
int rig_start(const struct bench *bench, const struct bench_case *c,
              struct rig *out);

/* One round; blocks until it is over. Returns 0 or -1, said on stderr. */
int rig_round(struct rig *rig, struct reply *reply);

void rig_stop(struct rig *rig);

/* ---- samples.c ---- */

uint64_t now_ns(void);

/* Sorts the samples. */
struct sample_stats samples_stats(uint64_t *samples, unsigned count);

/* The median; sorts the values. */
uint64_t samples_median(uint64_t *values, unsigned count);

/* ---- card.c ---- */

/*
 * Starts the card as a child that connects to `address` (tcp:HOST:PORT or
 * unix:PATH). Returns its process id, or -errno.
 */
pid_t card_start(const struct bench *bench, const struct bench_case *c,
                 const char *address);

void card_stop(pid_t pid);

/* Fills `address` with a free TCP port, the next one free too. */
int card_free_port(char address[ADDRESS_MAX]);

/* ---- reader.c: a case through PC/SC ---- */

struct reader;

/* These return 0, or -errno with text filled. */
int reader_open(const struct bench *bench, const struct bench_case *c,
                struct reader **out, char *text, size_t room);
int reader_round(struct reader *reader, const struct bench *bench,
                 struct reply *reply);
void reader_close(struct reader **reader);

/* ---- wire.c: a case without PC/SC, this process being the reader ---- */

struct wire;

/* As those of reader.c. */
int wire_open(const struct bench *bench, const struct bench_case *c,
              struct wire **out, char *text, size_t room);
int wire_round(struct wire *wire, const struct bench *bench,
               struct reply *reply);
void wire_close(struct wire **wire);

/* ---- events.c: a thread that is a card which comes and goes ---- */

struct visitor;

int visitor_new(const char *address, struct visitor **out);

/* After `pause_ms` it connects or goes, and notes the moment before. */
void visitor_come(struct visitor *visitor, unsigned pause_ms);
void visitor_go(struct visitor *visitor, unsigned pause_ms);

/* When that was; waits until it has been. */
uint64_t visitor_moment(struct visitor *visitor);

void visitor_free(struct visitor **visitor);

#endif
