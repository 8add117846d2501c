/*
 * fault.c - what each rule does to the bytes that a reader gets, with a host
 * as the one that is disturbed.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "host_rig.h"

#include <stdlib.h>

struct disturbed {
    struct rig rig;
    struct fault *fault;
    int listener;
    int fd; /* the reader's end */
};

static void
add(struct disturbed *d, const char *text)
{
    struct fault_rule rule;
    struct fault_error error;

    assert_int_equal(
        fault_rule_parse(bytes_of(text, strlen(text)), 1, &rule, &error), 1);
    assert_int_equal(fault_add(d->fault, &rule), 0);
}

static void
meet(struct disturbed *d)
{
    d->fd = accept(d->listener, NULL, NULL);
    assert_true(d->fd >= 0);
}

static void
begin(struct disturbed *d, const char *rule)
{
    char address[96];

    rig_init(&d->rig);
    assert_int_equal(fault_new(&d->fault), 0);
    if (rule != NULL)
        add(d, rule);
    d->listener = listen_at(d->rig.path);
    snprintf(address, sizeof(address), "unix:%s", d->rig.path);
    assert_int_equal(
        host_new(&d->rig.card, address, 0, &d->rig.observer, &d->rig.host), 0);
    host_set_fault(d->rig.host, d->fault);
    assert_int_equal(pthread_create(&d->rig.thread, NULL, rig_run, &d->rig), 0);
    meet(d);
}

static void
end(struct disturbed *d)
{
    rig_stop(&d->rig);
    close(d->fd);
    close(d->listener);
    fault_free(&d->fault);
}

/* Sends a frame, and expects these bytes as they are on the wire. */
static void
trade(struct disturbed *d, const char *message, const char *answer)
{
    reader_put_hex(d->fd, message);
    reader_expect_hex(d->fd, answer);
}

#define COMMAND "0004 00EC0000"
#define ANSWER "0006 00EC0000 9000"

static void
nothing_without_rules(void **state)
{
    struct disturbed d;

    (void)state;
    begin(&d, NULL);
    assert_true(fault_is_idle(d.fault));
    trade(&d, COMMAND, ANSWER);
    add(&d, "on 00A4... mute");
    assert_false(fault_is_idle(d.fault));
    trade(&d, COMMAND, ANSWER);
    trade(&d, "0001 04", "0003 3B8001");
    reader_put_hex(d.fd, "0001 77  0000");
    trade(&d, COMMAND, ANSWER);
    end(&d);
}

static void
counts_matches(void **state)
{
    struct fault_rule rule;
    struct fault_count count;
    struct disturbed d;

    (void)state;
    begin(&d, "on 00EC... #2-3 sw 6F00");
    trade(&d, COMMAND, ANSWER);
    trade(&d, COMMAND, "0002 6F00");
    trade(&d, "0004 00ED0000", "0006 00ED0000 9000");
    trade(&d, COMMAND, "0002 6F00");
    trade(&d, COMMAND, ANSWER);
    assert_int_equal(d.rig.card.commands, 3);
    assert_true(fault_rule_at(d.fault, 0, &rule, &count));
    assert_int_equal(count.matched, 4);
    assert_int_equal(count.fired, 2);
    assert_false(fault_rule_at(d.fault, 1, &rule, &count));
    fault_clear(d.fault);
    assert_true(fault_is_idle(d.fault));
    end(&d);
}

/* The first of several acts; the others have counted all the same. */
static void
the_first_rule_acts(void **state)
{
    struct disturbed d;

    (void)state;
    begin(&d, "on any #1 sw 6F01");
    add(&d, "on any #1-2 sw 6F02");
    add(&d, "on any delay 1");
    trade(&d, COMMAND, "0002 6F01");
    trade(&d, COMMAND, "0002 6F02");
    trade(&d, COMMAND, ANSWER);
    end(&d);
}

static void
answers_are_changed(void **state)
{
    static const struct {
        const char *rule, *answer;
        unsigned commands; /* that the card has seen */
    } rules[] = {
        {"on any sw 6F00", "0002 6F00", 0},
        {"on any late sw 6581", "0002 6581", 1},
        {"on any answer 010203", "0003 010203", 0},
        {"on any truncate 3", "0003 00EC00", 1},
        {"on any truncate -2", "0004 00EC0000", 1},
        {"on any truncate 99", ANSWER, 1},
        {"on any truncate -99", "0000", 1},
        {"on any length 7", "0007 00EC0000 9000", 1},
        {"on any length +1", "0007 00EC0000 9000", 1},
        {"on any length -1", "0005 00EC0000 9000", 1},
        {"on any length -99", "0000 00EC0000 9000", 1},
        {"on any flip 0", "0006 01EC0000 9000", 1},
        {"on any flip -1.7", "0006 00EC0000 9080", 1},
        {"on any flip 6", ANSWER, 1},
        {"on any flip -7", ANSWER, 1},
        {"on any delay 1", ANSWER, 1},
        {"on any late delay 1", ANSWER, 1},
        {"on any mute 1", "0001 00", 0},
        {"on any #1 mute 1", "0001 00", 0},
        {"on any late mute 1", "0001 00", 1},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        struct disturbed d;

        begin(&d, rules[i].rule);
        trade(&d, COMMAND, rules[i].answer);
        assert_int_equal(d.rig.card.commands, rules[i].commands);
        end(&d);
    }
}

static void
atrs_are_changed(void **state)
{
    struct disturbed d;

    (void)state;
    begin(&d, "on atr #1 answer 3B00");
    add(&d, "on atr #2 truncate 1");
    add(&d, "on atr #3 mute");
    trade(&d, "0001 04", "0002 3B00");
    trade(&d, "0001 04", "0001 3B");
    reader_put_hex(d.fd, "0001 04  0001 01");
    trade(&d, "0001 04", "0003 3B8001");
    end(&d);
}

/* Mute for commands and Get ATR, until it gets power. */
static void
mute_until_power(void **state)
{
    static const char *const cures[] = {"0001 01", "0001 02", "0001 00"};
    size_t i;

    (void)state;
    for (i = 0; i < 3; i++) {
        struct disturbed d;

        begin(&d, "on 00EC... #1 mute");
        reader_put_hex(d.fd, COMMAND "0001 04" COMMAND);
        reader_settle(d.fd);
        reader_put_hex(d.fd, cures[i]);
        trade(&d, "0001 04", "0003 3B8001");
        trade(&d, COMMAND, ANSWER);
        assert_int_equal(d.rig.card.commands, 1);
        fault_mute(d.fault, FAULT_EVERY);
        assert_true(fault_is_mute(d.fault));
        fault_clear(d.fault);
        trade(&d, COMMAND, ANSWER);
        end(&d);
    }
}

/* A reset that kills: what comes after it is not answered. */
static void
mute_after_a_reset(void **state)
{
    struct disturbed d;

    (void)state;
    begin(&d, "on reset mute");
    reader_put_hex(d.fd, "0001 02  0001 04  0001 01");
    trade(&d, "0001 04", "0003 3B8001");
    end(&d);
}

static void
leaves_and_is_back_by_itself(void **state)
{
    static const char *const rules[] = {
        "on any #1 remove 1", "on any #1 late remove 0", "on atr #1 remove 0"};
    size_t i;

    (void)state;
    for (i = 0; i < 3; i++) {
        struct disturbed d;

        begin(&d, rules[i]);
        reader_put_hex(d.fd, i == 2 ? "0001 04" : COMMAND);
        reader_expect_end(d.fd);
        meet(&d);
        trade(&d, "0001 04", "0003 3B8001");
        trade(&d, COMMAND, ANSWER);
        assert_int_equal(d.rig.card.commands, i == 1 ? 2 : 1);
        end(&d);
    }
}

static void
leaves_until_it_is_put_in(void **state)
{
    struct disturbed d;

    (void)state;
    begin(&d, "on any #1 remove");
    reader_put_hex(d.fd, COMMAND);
    reader_expect_end(d.fd);
    assert_false(host_is_present(d.rig.host));
    host_set_present(d.rig.host, true);
    meet(&d);
    assert_true(host_is_present(d.rig.host));
    trade(&d, COMMAND, ANSWER);
    end(&d);
}

static void
frames_are_cut(void **state)
{
    static const char *const parts[] = {"", "00", "0006", "0006 00",
                                        "0006 00EC0000 90"};
    static const unsigned lengths[] = {0, 1, 2, 3, 7};
    size_t i;

    (void)state;
    for (i = 0; i < 5; i++) {
        struct disturbed d;
        char rule[32];

        snprintf(rule, sizeof(rule), "on any #1 cut %u", lengths[i]);
        begin(&d, rule);
        trade(&d, COMMAND, parts[i]);
        reader_expect_end(d.fd);
        meet(&d);
        trade(&d, COMMAND, ANSWER);
        end(&d);
    }
}

static void
resets_behind_the_readers_back(void **state)
{
    struct disturbed d;

    (void)state;
    begin(&d, "on 00EC... #1 reset");
    add(&d, "on 00EC... #2 late reset");
    reader_put_hex(d.fd, "0001 01");
    trade(&d, COMMAND, ANSWER);
    assert_int_equal(d.rig.card.power[CARD_RESET], 1);
    trade(&d, COMMAND, ANSWER);
    assert_int_equal(d.rig.card.power[CARD_RESET], 2);
    fault_reset(d.fault);
    trade(&d, "0001 04", "0003 3B8001");
    assert_int_equal(d.rig.card.power[CARD_RESET], 2);
    trade(&d, COMMAND, ANSWER);
    assert_int_equal(d.rig.card.power[CARD_RESET], 3);
    /* The observer sees what the reader does. */
    assert_string_equal(d.rig.events, "connected on command response command "
                                      "response atr command response");
    end(&d);
}

/* A reader that goes, or a stop, ends a delay. */
static void
delays_end_with_the_conversation(void **state)
{
    struct disturbed d;

    (void)state;
    begin(&d, "on any #1-2 delay 1000s");
    reader_put_hex(d.fd, COMMAND);
    close(d.fd);
    meet(&d);
    reader_put_hex(d.fd, COMMAND);
    reader_settle(d.fd);
    end(&d);
}

static void
there_is_room_for_so_many(void **state)
{
    struct disturbed d;
    struct fault_rule rule = {.any = true};
    int i;

    (void)state;
    begin(&d, NULL);
    for (i = 0; i < FAULT_RULES_MAX; i++)
        assert_int_equal(fault_add(d.fault, &rule), 0);
    assert_int_equal(fault_add(d.fault, &rule), -ENOSPC);
    assert_int_equal(fault_rules(d.fault), FAULT_RULES_MAX);
    end(&d);
}

UNIT_MAIN(cmocka_unit_test(nothing_without_rules),
          cmocka_unit_test(counts_matches),
          cmocka_unit_test(the_first_rule_acts),
          cmocka_unit_test(answers_are_changed),
          cmocka_unit_test(atrs_are_changed),
          cmocka_unit_test(mute_until_power),
          cmocka_unit_test(mute_after_a_reset),
          cmocka_unit_test(leaves_and_is_back_by_itself),
          cmocka_unit_test(leaves_until_it_is_put_in),
          cmocka_unit_test(frames_are_cut),
          cmocka_unit_test(resets_behind_the_readers_back),
          cmocka_unit_test(delays_end_with_the_conversation),
          cmocka_unit_test(there_is_room_for_so_many))
