/*
 * host_slow.c - the host's patience: three seconds until it says that nobody
 * speaks, ten more until a mute reader makes way for the next one, pauses.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "host_rig.h"

/* A slot that another card has: the connection waits in the backlog. */
static int
backlog_at(struct rig *rig)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    char address[96];

    memcpy(name.sun_path, rig->path, strlen(rig->path) + 1);
    assert_int_equal(bind(fd, (const struct sockaddr *)&name, sizeof(name)), 0);
    assert_int_equal(listen(fd, 8), 0);
    snprintf(address, sizeof(address), "unix:%s", rig->path);
    rig_start(rig, address);
    return fd;
}

/* Once, even if the slot's reader drops us from its backlog meanwhile. */
static void
says_once_that_nobody_speaks(void **state)
{
    struct pollfd pfd;
    struct rig rig;
    int listener, fd;

    (void)state;
    rig_init(&rig);
    listener = backlog_at(&rig);
    rig_expect_end(&rig, "silent");
    assert_false(rig.silent_listening);
    close(accept(listener, NULL, NULL));
    fd = accept(listener, NULL, NULL);
    pfd = (struct pollfd){fd, POLLIN, 0};
    assert_int_equal(poll(&pfd, 1, 3200), 0); /* would be said after 3 s */
    reader_check(fd);
    rig_stop(&rig);
    reader_expect_end(fd);
    close(listener);
    assert_string_equal(rig.events, "silent waiting connected disconnected");
}

/* After a reader that spoke, the next one is looked for at once again. */
static void
a_restarted_reader_is_found_soon(void **state)
{
    struct pollfd pfd;
    struct rig rig;
    int fd, i;

    (void)state;
    rig_init(&rig);
    pfd = (struct pollfd){backlog_at(&rig), POLLIN, 0};
    for (i = 0; i < 4; i++)
        close(accept(pfd.fd, NULL, NULL));
    fd = accept(pfd.fd, NULL, NULL); /* after a pause of 0.8 s */
    reader_check(fd);
    close(fd);
    assert_int_equal(poll(&pfd, 1, 1500), 1); /* 0.1 s, and not 1.6 s */
    rig_stop(&rig);
    close(pfd.fd);
}

static void
a_mute_reader_makes_way(void **state)
{
    struct rig rig;
    int mute, other;

    (void)state;
    rig_init(&rig);
    rig_listen(&rig);
    mute = reader_connect(&rig);
    rig_expect_end(&rig, "silent");
    assert_true(rig.silent_listening);
    other = reader_connect(&rig);
    reader_check(other); /* within 10 s, else the check gives up at 20 */
    reader_expect_end(mute);
    close(other);
    rig_stop(&rig);
}

UNIT_MAIN(cmocka_unit_test(says_once_that_nobody_speaks),
          cmocka_unit_test(a_restarted_reader_is_found_soon),
          cmocka_unit_test(a_mute_reader_makes_way))
