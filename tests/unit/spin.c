/*
 * spin.c - tests of src/vpcd/spin.c, and of receiving while it is on.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <sched.h>

#include "pair.h"
#include "vpcd/deadline.h"

#define MANY 10000

/* As on a machine with several CPUs. */
static struct spin
new_spin(unsigned us)
{
    struct spin s;

    spin_init(&s, us);
    s.us = us;
    return s;
}

/* As with a CPU of one's own, however busy this machine is. */
static bool
begin(struct spin *s)
{
    bool is = spin_begin(s);

    s->begun_ns = INT64_MAX;
    return is;
}

/* How many of MANY messages are tried for, `of` of ten of which come. */
static unsigned
tries(unsigned of)
{
    struct spin s = new_spin(SPIN_US);
    unsigned i, n = 0, dice = 1;

    for (i = 0; i < MANY; i++) {
        dice = dice * 1103515245 + 12345;
        if (!begin(&s))
            continue;
        n++;
        spin_end(&s, dice / 65536 % 10 < of);
    }
    return n;
}

static void
the_majority_decides(void **state)
{
    (void)state;
    assert_in_range(tries(10), MANY - 100, MANY);
    assert_in_range(tries(8), MANY / 2, MANY);
    assert_in_range(tries(2), 1, MANY / 50);
    assert_in_range(tries(0), 1, MANY / 200);
}

static void
late_is_in_vain(void **state)
{
    struct spin s = new_spin(SPIN_US);
    unsigned n = 0;

    (void)state;
    while (!begin(&s))
        ;
    s.begun_ns = deadline_now_ns() - 10000000;
    assert_false(spin_again(&s));
    spin_end(&s, true);
    while (!begin(&s))
        n++;
    assert_in_range(n, 200, MANY); /* a busy machine gets few tries */
}

static void
a_few_messages_are_slept_for(void **state)
{
    struct spin s = new_spin(SPIN_US);
    unsigned i;

    (void)state;
    for (i = 0; i < 10; i++)
        assert_false(spin_begin(&s));
}

static void
not_at_all(void **state)
{
    struct spin s = new_spin(0);
    unsigned i;

    (void)state;
    for (i = 0; i < MANY; i++)
        assert_false(spin_begin(&s));
}

static void
not_with_one_cpu(void **state)
{
    cpu_set_t all, one;
    struct spin s;
    size_t cpu = 0;

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
    while (!CPU_ISSET(cpu, &all))
        cpu++;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
    spin_init(&s, SPIN_US);
    assert_int_equal(s.us, 0);
    assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
    spin_init(&s, SPIN_US);
    assert_int_equal(s.us, CPU_COUNT(&all) > 1 ? SPIN_US : 0);
}

/* ---- receiving ---- */

static void
what_is_there_is_taken(void **state)
{
    struct buf msg = BUF(room);

    (void)state;
    conn->spin = (struct spin){.us = 1000000, .gap = 1};
    peer_writes(wire(5).p, 7);
    expect(&msg, 5, LONG_MS);
    assert_int_equal(cut_recv.calls, 1);
    assert_int_equal(conn->spin.gap, 0);
}

static void
silence_puts_to_sleep(void **state)
{
    struct buf msg = BUF(room);

    (void)state;
    conn->spin = (struct spin){.us = SPIN_US};
    expect_error(-ETIMEDOUT, SHORT_MS);
    assert_in_range(conn->spin.gap, 1, 255);
    cut_recv.calls = 0;
    expect_error(-ETIMEDOUT, SHORT_MS);
    assert_int_equal(cut_recv.calls, 1); /* this time at once */
    peer_writes(wire(5).p, 7);
    expect(&msg, 5, LONG_MS);
}

static void
a_hang_up_ends_it(void **state)
{
    (void)state;
    conn->spin = (struct spin){.us = SPIN_US_MAX};
    hang_up();
    expect_error(-ECONNRESET, LONG_MS);
}

static void
an_interruption_does_not(void **state)
{
    struct buf msg = BUF(room);

    (void)state;
    conn->spin = (struct spin){.us = SPIN_US_MAX};
    cut_recv.eintr = 2;
    peer_writes(wire(5).p, 7);
    expect(&msg, 5, LONG_MS);
}

UNIT_MAIN(cmocka_unit_test(the_majority_decides),
          cmocka_unit_test(late_is_in_vain),
          cmocka_unit_test(a_few_messages_are_slept_for),
          cmocka_unit_test(not_at_all), cmocka_unit_test(not_with_one_cpu),
          TEST(what_is_there_is_taken), TEST(silence_puts_to_sleep),
          TEST(a_hang_up_ends_it), TEST(an_interruption_does_not))
