/*
 * lookup.c - tests of src/ifd/lookup.c: name servers that answer, that know
 * nothing, and that say nothing.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ifd/lookup.h"
#include "ifd/slot.h"
#include "unit.h"

/* The name server: held back while locked. */
static pthread_mutex_t server = PTHREAD_MUTEX_INITIALIZER;
static atomic_int asked, answered;

int __real_getaddrinfo(const char *, const char *, const struct addrinfo *,
                       struct addrinfo **);
int __wrap_getaddrinfo(const char *, const char *, const struct addrinfo *,
                       struct addrinfo **);

int
__wrap_getaddrinfo(const char *host, const char *service,
                   const struct addrinfo *hints, struct addrinfo **list)
{
    struct addrinfo numeric = {.ai_socktype = SOCK_STREAM};
    int gai = EAI_NONAME;

    if (hints->ai_flags & AI_NUMERICHOST)
        return __real_getaddrinfo(host, service, hints, list);
    atomic_fetch_add(&asked, 1);
    pthread_mutex_lock(&server);
    if (strcmp(host, "known.example") == 0)
        gai = __real_getaddrinfo("127.0.0.1", NULL, &numeric, list);
    pthread_mutex_unlock(&server);
    atomic_fetch_add(&answered, 1);
    return gai;
}

static void
addresses_need_no_lookup(void **state)
{
    (void)state;
    assert_false(lookup_needed("127.0.0.1"));
    assert_false(lookup_needed("::1"));
    assert_false(lookup_needed("localhost"));
    assert_false(lookup_needed("any"));
    assert_true(lookup_needed("known.example"));
}

static int
look_up(const char *name, char *host, size_t room)
{
    struct pollfd p = {.events = POLLIN};
    struct lookup *l;
    int err;

    assert_int_equal(lookup_start(name, &l), 0);
    p.fd = lookup_fd(l);
    assert_int_equal(poll(&p, 1, 5000), 1);
    err = lookup_host(l, 0, host, room);
    if (err == 0)
        assert_int_equal(lookup_host(l, 1, host, room), -ENOENT);
    lookup_free(&l);
    assert_null(l);
    lookup_free(&l);
    return err;
}

static void
a_name_gives_addresses(void **state)
{
    char host[64] = "";

    (void)state;
    assert_int_equal(look_up("known.example", host, sizeof(host)), 0);
    assert_string_equal(host, "127.0.0.1");
    assert_int_equal(look_up("unknown.example", host, sizeof(host)), -ENXIO);
}

static void
a_slot_reaches_a_name(void **state)
{
    static const uint8_t atr[] = {0x3B, 0x00};
    struct vpcd_listener *listener;
    struct vpcd *card;
    struct slot *s;
    char device[64];

    (void)state;
    assert_int_equal(vpcd_listen("tcp-listen:127.0.0.1:0", &listener), 0);
    snprintf(device, sizeof(device), "known.example:%s",
             strrchr(vpcd_listener_address(listener), ':') + 1);
    assert_int_equal(slot_open(0, 0, device), 0);
    s = slot_find(0, 0);
    atomic_store(&s->evented, true);
    slot_wait(s, 500); /* it looks up, connects, and asks for the ATR */
    assert_int_equal(vpcd_accept(listener, 1000, &card), 0);
    assert_int_equal(vpcd_send(card, BYTES(atr), 1000), 0);
    slot_wait(s, 5000);
    assert_true(slot_present(s));
    slot_close(s);
    vpcd_free(&card);
    vpcd_listener_free(&listener);
}

/* A wait ends when it is told to, and so does the slot. */
static void
a_silent_name_server_holds_nobody(void **state)
{
    int before = atomic_load(&answered);
    struct slot *s;

    (void)state;
    pthread_mutex_lock(&server);
    assert_int_equal(slot_open(0, 0, "known.example:1"), 0);
    s = slot_find(0, 0);
    atomic_store(&s->evented, true);
    atomic_store(&asked, 0);
    while (atomic_load(&asked) == 0)
        assert_int_equal(slot_wait(s, 1), 0);
    slot_stop(s);
    assert_int_equal(slot_wait(s, -1), 0);
    slot_close(s);
    assert_int_equal(atomic_load(&answered), before);
    pthread_mutex_unlock(&server);
    while (atomic_load(&answered) == before) /* it has our memory until then */
        usleep(1000);
}

UNIT_MAIN(cmocka_unit_test(addresses_need_no_lookup),
          cmocka_unit_test(a_name_gives_addresses),
          cmocka_unit_test(a_slot_reaches_a_name),
          cmocka_unit_test(a_silent_name_server_holds_nobody))
