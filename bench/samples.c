/*
 * samples.c - moments and their distribution.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdlib.h>
#include <time.h>

#include "bench.h"

uint64_t
now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static int
compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

/* The smallest value that at least `percent` of all do not exceed. */
static uint64_t
percentile(const uint64_t *sorted, unsigned count, unsigned percent)
{
    return sorted[((uint64_t)count * percent + 99) / 100 - 1];
}

struct sample_stats
samples_stats(uint64_t *samples, unsigned count)
{
    struct sample_stats s = {.count = count};
    unsigned i;

    if (count == 0)
        return s;
    qsort(samples, count, sizeof(*samples), compare);
    for (i = 0; i < count; i++)
        s.total += samples[i];
    s.p50 = percentile(samples, count, 50);
    s.p95 = percentile(samples, count, 95);
    s.p99 = percentile(samples, count, 99);
    s.max = samples[count - 1];
    return s;
}

uint64_t
samples_median(uint64_t *values, unsigned count)
{
    qsort(values, count, sizeof(*values), compare);
    return count % 2 == 1 ? values[count / 2]
                          : (values[count / 2 - 1] + values[count / 2]) / 2;
}
