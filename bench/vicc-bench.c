/*
 * vicc-bench.c - how long an APDU, or a card's coming and going, takes: cases
 * of driver, card and link, compared in one run with rounds in turn.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench.h"

#define CASES_MAX 24
#define RATIOS_MAX 24
#define ROUNDS_MAX 1000
#define APDU_MAX 4096

/* SELECT the master file, without answer data */
static const uint8_t select_mf[] = {0x00, 0xA4, 0x00, 0x0C, 0x02, 0x3F, 0x00};

/* A/B, which has to be at most `bar` (0: no bar). */
struct ratio {
    size_t a, b;
    double bar;
};

struct run {
    struct bench bench;
    struct bench_case cases[CASES_MAX];
    struct rig rigs[CASES_MAX];
    size_t count;
    struct ratio ratios[RATIOS_MAX];
    size_t ratio_count;
    /* of each case and round: p50 and so on */
    struct sample_stats stats[2][CASES_MAX][ROUNDS_MAX];
};

/* clang-format off */
static const char *const standard_cases[] = {
    "null",
    "raw",
    "vicc+echo+tcp",
    "vicc+vicc+tcp",
    "vicc+echo+unix",
    "vicc+vicc+unix",
    "vicc+plain+tcp",
    "vicc+plain+unix",
    "wire+echo+tcp",
    "wire+vicc+tcp",
};
/* clang-format on */

static const char *const standard_ratios[] = {
    "vicc+vicc+tcp/vicc+echo+tcp<=1.05",
    "vicc+vicc+unix/vicc+echo+unix<=1.05",
    "vicc+echo+tcp/null<=1.35",
    "vicc+echo+unix/null<=1.2",
    "vicc+plain+tcp/null",
    "vicc+plain+unix/null",
    "raw/null",
};

static const char *const standard_events[] = {
    "vicc+echo+tcp",
    "vicc+echo+unix",
};

static const char usage[] =
    "usage: vicc-bench [OPTION]... [DRIVER+CARD+LINK]...\n"
    "  DRIVER  vicc, debian, a driver's path, wire (no PC/SC); or, without\n"
    "          card and link, null or raw\n"
    "  CARD    echo, plain, vicc, debian, or a command with $HOST $PORT "
    "$ADDRESS\n"
    "  LINK    tcp or unix\n"
    "  -r N    rounds (7)\n"
    "  -n N    APDUs in a round (10000)\n"
    "  -t N    seconds after which a round ends in any case (5)\n"
    "  -e N    measure N insertions and removals in a round instead\n"
    "  -a HEX  the APDU, which is to be answered with 9000 (00A4000C023F00)\n"
    "  -s HEX  an APDU that each card gets before all others; repeatable\n"
    "  -q A/B[<=X]  print the quotient of two cases' medians; exit with 1\n"
    "          if it is above X\n"
    "  -c PATH our card's program\n";

/* ---- the command line ---- */

static bool
add_case(struct run *run, const char *text)
{
    if (run->count == CASES_MAX || !case_parse(text, &run->cases[run->count]))
        return false;
    run->count++;
    return true;
}

static bool
find_case(const struct run *run, const char *name, size_t n, size_t *out)
{
    for (*out = 0; *out < run->count; ++*out)
        if (strlen(run->cases[*out].name) == n &&
            memcmp(run->cases[*out].name, name, n) == 0)
            return true;
    fprintf(stderr, "vicc-bench: no case %.*s\n", (int)n, name);
    return false;
}

/* A slash may be in a path, so each is tried as the one in the middle. */
static bool
add_ratio(struct run *run, const char *text)
{
    const char *bar = strstr(text, "<="), *slash;
    struct ratio *r = &run->ratios[run->ratio_count];
    size_t end = bar == NULL ? strlen(text) : (size_t)(bar - text), at;

    if (run->ratio_count == RATIOS_MAX || (slash = strchr(text, '/')) == NULL)
        return false;
    at = (size_t)(slash - text);
    r->bar = bar == NULL ? 0 : atof(bar + 2);
    if (!find_case(run, text, at, &r->a) ||
        !find_case(run, slash + 1, end - at - 1, &r->b))
        return false;
    run->ratio_count++;
    return true;
}

static bool
parse_hex(const char *text, struct bytes *out)
{
    static uint8_t room[(1 + FIRST_MAX) * APDU_MAX], *next = room;
    size_t n = strlen(text) / 2, i;
    unsigned byte;

    if (n < 2 || n > APDU_MAX || next + n > room + sizeof(room))
        return false;
    for (i = 0; i < n; i++) {
        if (sscanf(text + 2 * i, "%2x", &byte) != 1)
            return false;
        next[i] = (uint8_t)byte;
    }
    *out = bytes_of(next, n);
    next += n;
    return true;
}

static bool
parse_count(const char *text, unsigned max, unsigned *out)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);

    *out = (unsigned)n;
    return *end == '\0' && n > 0 && n <= max;
}

static bool
parse_options(struct run *run, int argc, char **argv, const char **ratios,
              size_t *ratio_count)
{
    struct bench *b = &run->bench;
    bool ok = true;
    int o;

    while (ok && (o = getopt(argc, argv, "r:n:t:e:a:s:q:c:h")) != -1) {
        if (o == 'r')
            ok = parse_count(optarg, ROUNDS_MAX, &b->rounds);
        else if (o == 'n')
            ok = parse_count(optarg, 10000000, &b->count);
        else if (o == 't')
            ok = parse_count(optarg, 3600, &b->limit_s);
        else if (o == 'e')
            ok = parse_count(optarg, 100000, &b->events);
        else if (o == 'a')
            ok = parse_hex(optarg, &b->apdu);
        else if (o == 's' && b->first_count < FIRST_MAX)
            ok = parse_hex(optarg, &b->first[b->first_count++]);
        else if (o == 'c')
            b->vicc = optarg;
        else if (o == 'q' && *ratio_count < RATIOS_MAX)
            ratios[(*ratio_count)++] = optarg;
        else
            ok = false;
    }
    return ok;
}

static bool
add_all(struct run *run, const char *const *cases, size_t case_count,
        const char *const *ratios, size_t ratio_count)
{
    size_t i;

    for (i = 0; i < case_count; i++)
        if (!add_case(run, cases[i]))
            return false;
    for (i = 0; i < ratio_count; i++)
        if (!add_ratio(run, ratios[i]))
            return false;
    return true;
}

#define ALL(array) array, sizeof(array) / sizeof(array[0])

static bool
parse_arguments(struct run *run, int argc, char **argv)
{
    const char *ratios[RATIOS_MAX];
    size_t ratio_count = 0;

    if (!parse_options(run, argc, argv, ratios, &ratio_count)) {
        fputs(usage, stderr);
        return false;
    }
    if (optind < argc)
        return add_all(run, (const char *const *)argv + optind,
                       (size_t)(argc - optind), ratios, ratio_count);
    if (run->bench.events != 0)
        return add_all(run, ALL(standard_events), ratios, ratio_count);
    return add_all(run, ALL(standard_cases), ALL(standard_ratios));
}

/* ---- running ---- */

static int
run_rounds(struct run *run)
{
    struct reply reply;
    unsigned round;
    size_t i, c;

    for (i = 0; i < run->count; i++)
        if (rig_start(&run->bench, &run->cases[i], &run->rigs[i]) != 0) {
            fprintf(stderr, "vicc-bench: %s: not ready\n", run->cases[i].name);
            return -1;
        }
    for (i = 0; run->bench.events == 0 && i < run->count; i++)
        if (rig_round(&run->rigs[i], &reply) != 0) /* to warm up */
            return -1;
    for (round = 0; round < run->bench.rounds; round++)
        for (i = 0; i < run->count; i++) {
            c = (i + round) % run->count; /* nobody is always the first */
            if (rig_round(&run->rigs[c], &reply) != 0)
                return -1;
            run->stats[0][c][round] = reply.stats[0];
            run->stats[1][c][round] = reply.stats[1];
        }
    return 0;
}

/* ---- the table ---- */

/* The median of all rounds, of one member of struct sample_stats. */
static double
median_us(const struct run *run, int kind, size_t c, size_t member)
{
    uint64_t values[ROUNDS_MAX];
    unsigned i;

    for (i = 0; i < run->bench.rounds; i++)
        memcpy(&values[i], (const char *)&run->stats[kind][c][i] + member,
               sizeof(values[i]));
    return (double)samples_median(values, run->bench.rounds) / 1000;
}

#define MEDIAN(run, kind, c, member)                                           \
    median_us(run, kind, c, offsetof(struct sample_stats, member))

static void
print_table(const struct run *run, int kind, const char *title)
{
    size_t c;

    printf("%-28s %9s %9s %9s %9s\n", title, "p50 us", "p95 us", "p99 us",
           "max us");
    for (c = 0; c < run->count; c++) {
        printf("%-28s %9.1f %9.1f %9.1f %9.1f", run->cases[c].name,
               MEDIAN(run, kind, c, p50), MEDIAN(run, kind, c, p95),
               MEDIAN(run, kind, c, p99), MEDIAN(run, kind, c, max));
        if (run->bench.events == 0)
            printf(" %9.0f per s", run->stats[kind][c][0].count * 1e6 /
                                       MEDIAN(run, kind, c, total));
        printf("\n");
    }
}

static int
print_ratios(const struct run *run)
{
    int status = 0;
    size_t i;

    for (i = 0; i < run->ratio_count; i++) {
        const struct ratio *r = &run->ratios[i];
        double q = MEDIAN(run, 0, r->a, p50) / MEDIAN(run, 0, r->b, p50);
        bool missed = r->bar > 0 && q > r->bar;

        printf("%s / %s = %.3f", run->cases[r->a].name, run->cases[r->b].name,
               q);
        if (r->bar > 0)
            printf("  (bar %.2f: %s)", r->bar, missed ? "missed" : "met");
        printf("\n");
        status |= missed;
    }
    return status;
}

static int
report(const struct run *run)
{
    printf("medians of %u rounds of %u\n", run->bench.rounds,
           run->bench.events != 0 ? run->bench.events : run->bench.count);
    if (run->bench.events != 0) {
        print_table(run, 0, "insertion");
        print_table(run, 1, "removal");
    } else {
        print_table(run, 0, "APDU");
    }
    return print_ratios(run);
}

/* Beside us in the build tree. */
static const char *
find_vicc(void)
{
    static char path[PATH_MAX + 32];
    char program[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);

    program[n < 0 ? 0 : n] = '\0';
    *strrchr(program, '/') = '\0';
    snprintf(path, sizeof(path), "%s/../tools/vicc", program);
    return path;
}

int
main(int argc, char **argv)
{
    static struct run run; /* too large for the stack */
    size_t i;
    int status = 2;

    run.bench = (struct bench){.rounds = 7,
                               .count = 10000,
                               .limit_s = 5,
                               .apdu = BYTES(select_mf),
                               .vicc = find_vicc()};
    if (!parse_arguments(&run, argc, argv))
        return 2;
    if (run_rounds(&run) == 0)
        status = report(&run);
    for (i = run.count; i-- > 0;) /* each holds those before it open */
        rig_stop(&run.rigs[i]);
    return status;
}
