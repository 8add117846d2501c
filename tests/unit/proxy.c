/*
 * proxy.c - a proxy between raw bytes on both sides: nothing is added or
 * lost, either end takes the other with it, and a card can be out of the
 * reader without being gone.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "host_rig.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "vicc/proxy.h"
#include "vpcd/addr.h"

struct between {
    struct rig rig; /* for its directory and events */
    struct proxy *proxy;
    struct fault *fault;
    pthread_t thread;
    int result;
    int listener; /* the reader's, if the proxy connects to it */
    int card, reader;
};

static void *
run(void *arg)
{
    struct between *b = arg;

    b->result = proxy_run(b->proxy);
    return NULL;
}

static void
begin_at(struct between *b, const char *card, const char *reader)
{
    const char *address;
    struct proxy_settings settings = {.card = card, .reader = reader};

    assert_int_equal(fault_new(&b->fault), 0);
    settings.fault = b->fault;
    settings.see = &b->rig.observer;
    assert_int_equal(proxy_new(&settings, &b->proxy), 0);
    assert_int_equal(proxy_bind(b->proxy, &address), 0);
    assert_int_equal(pthread_create(&b->thread, NULL, run, b), 0);
}

/* The card comes to the proxy, which goes to the reader. */
static void
begin(struct between *b)
{
    char card[96], reader[96];

    memset(b, 0, sizeof(*b));
    rig_init(&b->rig);
    b->listener = listen_at(b->rig.path);
    snprintf(card, sizeof(card), "unix-listen:%s.card", b->rig.path);
    snprintf(reader, sizeof(reader), "unix:%s", b->rig.path);
    begin_at(b, card, reader);
}

static int
connect_to(const char *address)
{
    struct vpcd *conn;
    int fd;

    assert_int_equal(vpcd_connect(address, LONG_MS, &conn), 0);
    fd = dup(vpcd_fd(conn));
    /* vpcd_free() would end the stream; the few bytes leak in no test. */
    close(vpcd_fd(conn));
    free(conn);
    return fd;
}

static void
bring_card(struct between *b)
{
    b->card = connect_to(proxy_card_address(b->proxy));
}

static void
meet_reader(struct between *b)
{
    b->reader = accept(b->listener, NULL, NULL);
    assert_true(b->reader >= 0);
}

static void
end(struct between *b)
{
    struct timespec deadline = rig_deadline();

    proxy_stop(b->proxy);
    assert_int_equal(pthread_timedjoin_np(b->thread, NULL, &deadline), 0);
    assert_int_equal(b->result, 0);
    proxy_free(&b->proxy);
    fault_free(&b->fault);
    if (b->listener > 0)
        close(b->listener);
    unlink(b->rig.path);
    assert_int_equal(rmdir(b->rig.dir), 0);
}

static void
joined(struct between *b)
{
    begin(b);
    bring_card(b);
    meet_reader(b);
}

static void
closed(struct between *b)
{
    close(b->card);
    close(b->reader);
    end(b);
}

/* What one end says in pieces of `cut` bytes arrives at the other. */
static void
carry(int from, int to, const uint8_t *p, size_t n, size_t cut)
{
    uint8_t *got = malloc(n);
    size_t at;

    for (at = 0; at < n; at += cut)
        reader_put(from, p + at, at + cut > n ? n - at : cut);
    reader_get(to, got, n);
    assert_memory_equal(got, p, n);
    free(got);
}

static void
every_byte_as_it_came(void **state)
{
    static const size_t lengths[] = {0, 1, 2, 5, 255, 256, 4096, 65535};
    static uint8_t frame[2 + 65535];
    static const size_t cuts[] = {1, 2, 3, 1000, sizeof(frame)};
    struct between b;
    size_t i, k, n;

    (void)state;
    joined(&b);
    for (n = 0; n < sizeof(frame); n++)
        frame[n] = (uint8_t)(n * 7 + 0x77); /* no control code in front */
    for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
        for (k = lengths[i] > 5000 ? 3 : 0; k < 5; k++) {
            frame[0] = (uint8_t)(lengths[i] >> 8);
            frame[1] = (uint8_t)lengths[i];
            carry(b.reader, b.card, frame, lengths[i] + 2, cuts[k]);
            carry(b.card, b.reader, frame, lengths[i] + 2, cuts[k]);
        }
    closed(&b);
}

/* Some cards answer ON and RESET with their ATR. */
static void
answers_that_nobody_asked_for(void **state)
{
    struct between b;

    (void)state;
    joined(&b);
    reader_put_hex(b.reader, "0001 01  0001 04");
    reader_expect_hex(b.card, "0001 01  0001 04");
    reader_put_hex(b.card, "0003 3B8001  0003 3B8001");
    reader_expect_hex(b.reader, "0003 3B8001  0003 3B8001");
    reader_put_hex(b.reader, "0002 1122  0002 3344");
    reader_expect_hex(b.card, "0002 1122");
    reader_put_hex(b.card, "0000");
    reader_expect_hex(b.card, "0002 3344");
    reader_put_hex(b.card, "0002 9000");
    reader_expect_hex(b.reader, "0000  0002 9000");
    closed(&b);
    assert_string_equal(b.rig.events, "connected on atr command command "
                                      "response disconnected");
}

static void
either_end_takes_the_other(void **state)
{
    struct between b;
    int i;

    (void)state;
    joined(&b);
    for (i = 0; i < 3; i++) {
        reader_put_hex(b.reader, "0002 1122");
        reader_expect_hex(b.card, "0002 1122"); /* and no answer to it */
        if (i % 2 == 0)
            close(b.reader), reader_expect_end(b.card);
        else
            close(b.card), reader_expect_end(b.reader);
        bring_card(&b);
        meet_reader(&b);
    }
    closed(&b);
}

/* Out of the reader, a card has no power; its own connection stays. */
static void
out_and_in_again(void **state)
{
    struct between b;

    (void)state;
    joined(&b);
    reader_put_hex(b.reader, "0001 01");
    reader_expect_hex(b.card, "0001 01");
    assert_int_equal(proxy_state(b.proxy), PROXY_JOINED);
    proxy_set_present(b.proxy, false);
    reader_expect_end(b.reader);
    reader_expect_hex(b.card, "0001 00");
    assert_false(proxy_is_present(b.proxy));
    assert_int_equal(proxy_state(b.proxy), PROXY_NO_READER);
    reader_put_hex(b.card, "0002 AABB"); /* to nobody */
    reader_settle(b.card);
    proxy_set_present(b.proxy, true);
    meet_reader(&b);
    reader_put_hex(b.reader, "0002 1122");
    reader_expect_hex(b.card, "0002 1122");
    reader_put_hex(b.card, "0002 9000");
    reader_expect_hex(b.reader, "0002 9000");
    closed(&b);
}

/* The answer to a command before it is not that to a command after it. */
static void
out_amid_a_command(void **state)
{
    struct between b;

    (void)state;
    joined(&b);
    reader_put_hex(b.reader, "0002 1122");
    reader_expect_hex(b.card, "0002 1122");
    proxy_set_present(b.proxy, false);
    reader_expect_end(b.reader);
    reader_expect_hex(b.card, "0001 00");
    proxy_set_present(b.proxy, true);
    reader_put_hex(b.card, "0002 6F00");
    meet_reader(&b);
    reader_put_hex(b.reader, "0001 04");
    reader_expect_hex(b.card, "0001 04");
    reader_put_hex(b.card, "0002 3B00");
    reader_expect_hex(b.reader, "0002 3B00");
    closed(&b);
}

/* By a rule, and by itself back again; a card may go meanwhile. */
static void
out_by_a_rule(void **state)
{
    static const char text[] = "on 1122 #1-2 remove 1";
    struct fault_rule rule;
    struct fault_error error;
    struct between b;

    (void)state;
    joined(&b);
    assert_int_equal(
        fault_rule_parse(bytes_of(text, sizeof(text) - 1), 1, &rule, &error),
        1);
    assert_int_equal(fault_add(b.fault, &rule), 0);
    reader_put_hex(b.reader, "0002 1122");
    reader_expect_end(b.reader);
    reader_expect_hex(b.card, "0001 00");
    meet_reader(&b);
    reader_put_hex(b.reader, "0002 1122");
    reader_expect_end(b.reader);
    reader_expect_hex(b.card, "0001 00");
    close(b.card);
    bring_card(&b);
    for (;;) { /* perhaps one for the card that has left */
        char c;

        meet_reader(&b);
        reader_put_hex(b.reader, "0002 1122");
        if (recv(b.card, &c, 1, MSG_PEEK | MSG_WAITALL) == 1)
            break;
    }
    reader_expect_hex(b.card, "0002 1122");
    closed(&b);
}

/* The reader comes to us too, and not before the card has. */
static void
readers_without_a_card_are_turned_away(void **state)
{
    struct between b = {0};

    (void)state;
    rig_init(&b.rig);
    begin_at(&b, "tcp-listen:127.0.0.1:0", "tcp-listen:127.0.0.1:0");
    assert_int_equal(proxy_state(b.proxy), PROXY_NO_CARD);
    b.reader = connect_to(proxy_reader_address(b.proxy));
    reader_expect_end(b.reader);
    bring_card(&b);
    rig_expect_end(&b.rig, "waiting"); /* for a reader */
    b.reader = connect_to(proxy_reader_address(b.proxy));
    reader_put_hex(b.reader, "0002 1122");
    reader_expect_hex(b.card, "0002 1122");
    proxy_set_present(b.proxy, false);
    reader_expect_end(b.reader);
    b.reader = connect_to(proxy_reader_address(b.proxy));
    reader_expect_end(b.reader);
    b.reader = -1;
    close(b.card);
    end(&b);
}

/* Both wait to be reached, and are not there yet. */
static void
goes_to_both(void **state)
{
    struct between b = {0};
    char card[96], reader[96], place[80];
    int cards;

    (void)state;
    rig_init(&b.rig);
    snprintf(place, sizeof(place), "%s.card", b.rig.path);
    snprintf(card, sizeof(card), "unix:%s", place);
    snprintf(reader, sizeof(reader), "unix:%s", b.rig.path);
    begin_at(&b, card, reader);
    cards = listen_at(place);
    b.card = accept(cards, NULL, NULL);
    rig_expect_end(&b.rig, "waiting");
    b.listener = listen_at(b.rig.path);
    meet_reader(&b);
    reader_put_hex(b.reader, "0001 04");
    reader_expect_hex(b.card, "0001 04");
    close(cards);
    unlink(place);
    closed(&b);
}

static atomic_bool readers_are_mute;

/* The library's, but for connects to the reader, which is not at a ".card". */
int
connect(int fd, const struct sockaddr *address, socklen_t n)
{
    const struct sockaddr_un *un = (const void *)address;

    if (!readers_are_mute || strstr(un->sun_path, ".card") != NULL)
        return (int)syscall(SYS_connect, fd, address, n);
    errno = ETIMEDOUT;
    return -1;
}

/* As any other reason why it is not there. */
static void
a_reader_that_does_not_answer_is_told(void **state)
{
    struct between b;

    (void)state;
    readers_are_mute = true;
    begin(&b);
    bring_card(&b);
    rig_expect_end(&b.rig, "waiting");
    assert_int_equal(b.rig.waiting_err, -ETIMEDOUT);
    readers_are_mute = false;
    meet_reader(&b);
    closed(&b);
}

static void
stops_anywhere(void **state)
{
    struct between b;

    (void)state;
    begin(&b); /* without a card */
    end(&b);
    begin(&b);
    bring_card(&b);
    meet_reader(&b);
    reader_put_hex(b.reader, "0002 1122");
    reader_expect_hex(b.card, "0002 1122"); /* which it does not answer */
    closed(&b);
    begin(&b);
    proxy_set_present(b.proxy, false);
    end(&b);
}

static void
addresses_are_checked(void **state)
{
    struct proxy_settings settings = {.card = "tcp:", .reader = "unix:/tmp/x"};
    struct proxy *proxy;
    const char *address;

    (void)state;
    assert_int_equal(proxy_new(&settings, &proxy), -EINVAL);
    settings.card = "unix-listen:/nonexistent/card";
    assert_int_equal(proxy_new(&settings, &proxy), 0);
    assert_int_equal(proxy_bind(proxy, &address), -ENOENT);
    assert_string_equal(address, "unix-listen:/nonexistent/card");
    proxy_free(&proxy);
    proxy_free(&proxy);
}

UNIT_MAIN(cmocka_unit_test(every_byte_as_it_came),
          cmocka_unit_test(answers_that_nobody_asked_for),
          cmocka_unit_test(either_end_takes_the_other),
          cmocka_unit_test(out_and_in_again),
          cmocka_unit_test(out_amid_a_command), cmocka_unit_test(out_by_a_rule),
          cmocka_unit_test(readers_without_a_card_are_turned_away),
          cmocka_unit_test(goes_to_both),
          cmocka_unit_test(a_reader_that_does_not_answer_is_told),
          cmocka_unit_test(stops_anywhere),
          cmocka_unit_test(addresses_are_checked))
