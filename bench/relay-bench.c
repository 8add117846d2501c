/*
 * relay-bench.c - what a relayed card costs beside the same card directly, and
 * a middleman beside none: worlds of their own around this program, which
 * sends APDUs in each and tells the median.
 *
 *     relay-bench [VICC [COUNT]]
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <winscard.h>

#include "bench.h"

enum how { DIRECT, RELAYED, MIDDLEMAN, CASES };

#define ROUNDS 5
#define COUNT_MAX 1000000

static const uint8_t select_mf[] = {0x00, 0xA4, 0x00, 0x0C, 0x02, 0x3F, 0x00};

/* One APDU in nanoseconds; 0 if it failed. */
static uint64_t
exchange(SCARDHANDLE card, DWORD protocol)
{
    uint8_t response[258];
    DWORD n = sizeof(response);
    uint64_t from = now_ns();
    LONG rv = SCardTransmit(
        card, protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1,
        select_mf, sizeof(select_mf), NULL, response, &n);

    return rv == SCARD_S_SUCCESS && n == 2 && response[0] == 0x90
               ? now_ns() - from
               : 0;
}

/* Inside a world: the median of so many APDUs, on standard output. */
static int
measure(unsigned count)
{
    uint64_t *samples = calloc(count, sizeof(*samples));
    char reader[256];
    SCARDCONTEXT context;
    SCARDHANDLE card;
    DWORD protocol, n = sizeof(reader);
    unsigned i;

    if (samples == NULL ||
        SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) ||
        SCardListReaders(context, NULL, reader, &n) ||
        SCardConnect(context, reader, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY,
                     &card, &protocol))
        return 1;
    for (i = 0; i < count; i++)
        if ((samples[i] = exchange(card, protocol)) == 0)
            return 1;
    printf("%lu\n", (unsigned long)samples_stats(samples, count).p50);
    free(samples);
    return 0;
}

/* What stands between our world and the program in it. */
static const char *
between(enum how how, const char *vicc, char *text, size_t room)
{
    text[0] = '\0';
    if (how == RELAYED)
        snprintf(text, room, "-- '%s' exec -t relay", vicc);
    return how == MIDDLEMAN ? "--mitm 'exec cat'" : text;
}

static uint64_t
run(enum how how, const char *vicc, const char *self, unsigned count)
{
    char more[PATH_MAX + 64], command[4 * PATH_MAX];
    unsigned long ns = 0;
    FILE *in;

    snprintf(command, sizeof(command),
             "exec '%s' exec -t iso7816 %s -- '%s' - %u", vicc,
             between(how, vicc, more, sizeof(more)), self, count);
    in = popen(command, "r");
    if (in == NULL || fscanf(in, "%lu", &ns) != 1)
        ns = 0;
    if (in == NULL || pclose(in) != 0 || ns == 0) {
        fprintf(stderr, "relay-bench: failed: %s\n", command);
        exit(1);
    }
    return ns;
}

int
main(int argc, char **argv)
{
    static const char *const name[CASES] = {"direct", "relayed", "middleman"};
    uint64_t values[CASES][ROUNDS], median;
    const char *vicc = argc > 1 ? argv[1] : "build/run/tools/vicc";
    unsigned count = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 5000;
    double direct = 0;
    size_t i, round;

    if (count == 0 || count > COUNT_MAX)
        return 2;
    if (argc > 1 && strcmp(argv[1], "-") == 0)
        return measure(count);
    for (round = 0; round < ROUNDS; round++)
        for (i = 0; i < CASES; i++)
            values[i][round] = run((enum how)i, vicc, argv[0], count);
    for (i = 0; i < CASES; i++) {
        median = samples_median(values[i], ROUNDS);
        if (i == DIRECT)
            direct = (double)median;
        printf("%-10s %7.1f us  %.2f\n", name[i], (double)median / 1000,
               (double)median / direct);
    }
    return 0;
}
