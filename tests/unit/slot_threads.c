/*
 * slot_threads.c - every call on one slot at once, while cards come and go:
 * nothing hangs, and what a thread checker knows is wrong is not there.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "slot_rig.h"

#define CARDS 60

static atomic_bool done;
static atomic_uint right, wrong; /* responses */

static void *
host_waits(void *arg)
{
    while (!atomic_load(&done)) {
        slot_present(arg);
        slot_wait(arg, 5);
    }
    return NULL;
}

static void *
host_transmits(void *arg)
{
    static const uint8_t command[] = {0x00, 0xB0, 0x00, 0x00, 0x00};
    uint8_t room[300];
    struct buf rsp = BUF(room);

    while (!atomic_load(&done))
        if (slot_transmit(arg, BYTES(command), &rsp) == 0)
            atomic_fetch_add(rsp.n == 258 ? &right : &wrong, 1);
    return NULL;
}

static void *
host_powers(void *arg)
{
    uint8_t room[VPCD_ATR_MAX];
    struct buf atr = BUF(room);
    unsigned n = 0;

    while (!atomic_load(&done)) {
        slot_power_on(arg, n++ % 2 ? SLOT_POWER_UP : SLOT_POWER_RESET, &atr);
        slot_power_off(arg);
        usleep(200); /* else nobody else gets at the card */
    }
    return NULL;
}

static void *
host_asks(void *arg)
{
    uint8_t room[VPCD_ATR_MAX];
    struct buf atr = BUF(room);

    while (!atomic_load(&done)) {
        buf_clear(&atr);
        slot_put_atr(arg, &atr);
        slot_set_protocol(arg, 1 + slot_protocol(arg) % 2);
        slot_powered(arg);
        slot_stop(arg);
        usleep(50);
    }
    return NULL;
}

static void
all_at_once(void **state)
{
    static void *(*const hosts[])(void *) = {host_waits, host_transmits,
                                             host_powers, host_asks};
    struct card_rig card = {.answer_n = 258};
    struct slot *s = rig_open(":probe=1");
    pthread_t threads[4];
    unsigned before;
    int i, ms;

    (void)state;
    atomic_store(&s->evented, true);
    for (i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, hosts[i], s), 0);
    for (i = 0; i < CARDS; i++) {
        card_insert(&card);
        before = atomic_load(&right);
        for (ms = 0; ms < 200 && atomic_load(&right) < before + 5; ms++)
            usleep(1000);
        card_remove(&card);
    }
    rig_close(s); /* while the others go on */
    atomic_store(&done, true);
    for (i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&wrong), 0);
    assert_true(atomic_load(&right) > 0);
}

UNIT_MAIN(cmocka_unit_test(all_at_once))
