/*
 * slot.c - tests of src/ifd without pcscd: opening and closing slots, hosts
 * that call differently than pcscd does, and calls at the wrong time.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "ifd/attr.h"
#include "slot_rig.h"

static const uint8_t select_mf[] = {0x00, 0xA4, 0x00, 0x00, 0x02, 0x3F, 0x00};

static void
default_protocol_of_an_atr(void **state)
{
    /* clang-format off */
    static const struct {
        uint8_t atr[8];
        size_t n;
        unsigned protocol;
    } cases[] = {
        {{0x3B, 0x00},                               2, 1}, /* no TD1: T=0 */
        {{0x3B, 0x80, 0x01, 0x81},                   4, 2},
        {{0x3B, 0x80, 0x80, 0x01, 0x01},             5, 1}, /* T=0 first */
        {{0x3B, 0xF0, 0x11, 0x00, 0x00, 0x81, 0x31}, 7, 2}, /* after TC1 */
        {{0x3B, 0x90, 0x11, 0x01},                   4, 2}, /* after TA1 */
        {{0x3B, 0x80},                               2, 1}, /* cut */
        {{0x3B},                                     1, 1},
    };
    /* clang-format on */
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(atr_default_protocol(cases[i].atr, cases[i].n),
                         cases[i].protocol);
}

static void
a_lun_is_opened_once(void **state)
{
    struct slot *s = rig_open("");

    (void)state;
    assert_int_equal(slot_open(0, 0, "tcp-listen:127.0.0.1:0"), -EBUSY);
    rig_close(s);
    s = rig_open(""); /* and again once it is closed */
    rig_close(s);
    assert_int_equal(slot_open(READERS_MAX, 0, "/dev/null:0"), -EINVAL);
    assert_int_equal(slot_open(0, SLOTS_MAX, "/dev/null:0"), -EINVAL);
    assert_null(slot_find(READERS_MAX, 0));
    assert_null(slot_find(7, 7));
}

/* pcscd opens the first slot, and may have no room for the others. */
static void
slots_that_are_never_opened(void **state)
{
    struct slot *s = rig_open(":slots=3");

    (void)state;
    assert_null(slot_find(0, 1));
    assert_int_equal(slot_open(0, 1, ""), 0); /* it is there already */
    assert_non_null(slot_find(0, 1));
    assert_null(slot_find(0, 2));
    slot_close(slot_find(0, 1));
    rig_close(s);
}

/* All or nothing: no slot is left open when a later one cannot be had. */
static void
a_slot_that_cannot_be_had(void **state)
{
    struct vpcd_listener *taken;
    char device[64];
    long port;

    (void)state;
    assert_int_equal(vpcd_listen("tcp-listen:127.0.0.1:0", &taken), 0);
    port = strtol(strrchr(vpcd_listener_address(taken), ':') + 1, NULL, 10);
    snprintf(device, sizeof(device), "/dev/null:%ld", port - 1);
    assert_true(slot_open(0, 0, device) < 0);
    assert_null(slot_find(0, 0));
    assert_null(slot_find(0, 1));
    vpcd_listener_free(&taken);
}

static void
paths_are_absolute(void **state)
{
    (void)state;
    assert_int_equal(slot_open(0, 0, "unix-listen:slot"), -EINVAL);
    assert_null(slot_find(0, 0));
}

/* A host that never waits: asking for presence moves things on. */
static void
a_host_that_polls(void **state)
{
    struct card_rig card = {.answer_n = 2};
    struct slot *s = rig_open("");

    (void)state;
    assert_false(slot_present(s));
    card_insert(&card);
    while (!slot_present(s))
        usleep(1000); /* this is what such a host does */
    assert_int_equal(slot_protocol(s), 1);
    card_remove(&card);
    while (slot_present(s))
        usleep(1000);
    assert_int_equal(slot_protocol(s), 0);
    rig_close(s);
}

/* The next card waits until the host has asked about the removal. */
static void
a_removal_is_told_before_the_next_card(void **state)
{
    struct card_rig first = {.answer_n = 2}, second = {.answer_n = 2};
    struct slot *s = rig_open("");

    (void)state;
    atomic_store(&s->evented, true);
    card_insert(&first);
    assert_int_equal(slot_wait(s, 5000), 0);
    assert_true(slot_present(s));
    card_insert(&second);
    card_remove(&first);
    assert_int_equal(slot_wait(s, 5000), 0);
    assert_false(slot_present(s));
    assert_false(slot_present(s));
    assert_int_equal(slot_wait(s, 5000), 0);
    assert_true(slot_present(s));
    rig_close(s);
    card_remove(&second);
}

static unsigned errors;

/* pcscd's, to which the driver logs if it is there. */
void log_msg(int priority, const char *format, ...);

void
log_msg(int priority, const char *format, ...)
{
    (void)format;
    errors += priority >= LEVEL_ERROR;
}

/* Who comes, says what is no ATR, and goes, fills no log at this level. */
static void
a_series_of_atrs_that_are_none(void **state)
{
    struct card_rig card = {.odd = true};
    struct slot *s = rig_open("");
    int i;

    (void)state;
    atomic_store(&s->evented, true);
    errors = 0;
    for (i = 0; i < 3; i++) {
        card_insert(&card);
        assert_int_equal(slot_wait(s, 5000), 0);
        assert_true(slot_present(s));
        card_remove(&card);
        assert_int_equal(slot_wait(s, 5000), 0);
        assert_false(slot_present(s));
    }
    rig_close(s);
    assert_int_equal(errors, 1);
}

static void
stop_is_latched(void **state)
{
    struct slot *s = rig_open("");

    (void)state;
    slot_stop(s);
    slot_stop(s);
    assert_int_equal(slot_wait(s, -1), 0); /* returns at once */
    assert_int_equal(slot_wait(s, 1), 0);  /* used up */
    rig_close(s);
}

static void
an_answer_that_does_not_fit(void **state)
{
    struct card_rig card = {.answer_n = 300};
    struct slot *s = rig_open("");
    uint8_t room[299];
    struct buf rsp = BUF(room);

    (void)state;
    atomic_store(&s->evented, true);
    card_insert(&card);
    slot_wait(s, 5000);
    assert_int_equal(slot_transmit(s, BYTES(select_mf), &rsp), -EMSGSIZE);
    assert_int_equal(rsp.n, 0);
    assert_false(slot_present(s));
    rig_close(s);
    card_remove(&card);
}

/* ---- the wrong time ---- */

struct call {
    struct slot *slot;
    int err;
};

static void *
transmit_main(void *arg)
{
    struct call *call = arg;
    uint8_t room[16];
    struct buf rsp = BUF(room);

    call->err = slot_transmit(call->slot, BYTES(select_mf), &rsp);
    return NULL;
}

static void *
wait_main(void *arg)
{
    struct call *call = arg;

    call->err = slot_wait(call->slot, -1);
    return NULL;
}

/* pcscd closes a slot by force when a command does not come back. */
static void
closing_ends_a_command_and_a_wait(void **state)
{
    struct card_rig card = {.hangs = true};
    struct slot *s = rig_open(":apdu=0");
    struct call transmit = {s, 0}, wait = {s, -1};
    pthread_t transmitting, waiting;
    uint8_t room[16];
    struct buf rsp = BUF(room);

    (void)state;
    atomic_store(&s->evented, true);
    card_insert(&card);
    slot_wait(s, 5000);
    pthread_create(&transmitting, NULL, transmit_main, &transmit);
    pthread_create(&waiting, NULL, wait_main, &wait);
    rig_close(s);
    pthread_join(transmitting, NULL);
    pthread_join(waiting, NULL);
    assert_int_equal(transmit.err, -ENOMEDIUM);
    assert_int_equal(wait.err, 0);
    /* Who still has the slot finds it closed. */
    assert_int_equal(slot_transmit(s, BYTES(select_mf), &rsp), -ENOMEDIUM);
    assert_int_equal(slot_power_on(s, SLOT_POWER_UP, &rsp), -ENOMEDIUM);
    assert_int_equal(slot_wait(s, -1), 0);
    slot_stop(s);
    slot_power_off(s);
    card_remove(&card);
}

static void
without_a_card(void **state)
{
    struct slot *s = rig_open("");
    uint8_t room[64];
    struct buf out = BUF(room);

    (void)state;
    assert_int_equal(slot_transmit(s, BYTES(select_mf), &out), -ENOMEDIUM);
    assert_int_equal(slot_transmit(s, bytes_of(select_mf, 1), &out), -EINVAL);
    assert_int_equal(slot_power_on(s, SLOT_POWER_RESET, &out), -ENOMEDIUM);
    slot_set_protocol(s, 2);
    assert_int_equal(slot_protocol(s), 0);
    assert_int_equal(attr_get(s, 0x90303, &out), -ENOMEDIUM);
    assert_int_equal(attr_get(s, 0x12345678, &out), -ENOENT);
    assert_int_equal(attr_get(s, 0x90304, &out), 0);
    rig_close(s);
}

UNIT_MAIN(cmocka_unit_test(default_protocol_of_an_atr),
          cmocka_unit_test(a_lun_is_opened_once),
          cmocka_unit_test(slots_that_are_never_opened),
          cmocka_unit_test(a_slot_that_cannot_be_had),
          cmocka_unit_test(paths_are_absolute),
          cmocka_unit_test(a_host_that_polls),
          cmocka_unit_test(a_removal_is_told_before_the_next_card),
          cmocka_unit_test(a_series_of_atrs_that_are_none),
          cmocka_unit_test(stop_is_latched),
          cmocka_unit_test(an_answer_that_does_not_fit),
          cmocka_unit_test(closing_ends_a_command_and_a_wait),
          cmocka_unit_test(without_a_card))
