/*
 * listen.c - tests of src/vpcd/listen.c and holder.c: places to listen, who
 * may come in, and who has the port.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "link.h"

/* ---- TCP ---- */

/* Loopback unless told otherwise: no port is open to others by accident. */
static void
tcp_default_is_loopback(void **state)
{
    struct sockaddr_in in;
    socklen_t n = sizeof(in);

    (void)state;
    assert_int_equal(vpcd_listen("/dev/null:0", &listener), 0);
    assert_int_equal(getsockname(vpcd_listener_fd(listener), (void *)&in, &n),
                     0);
    assert_int_equal(in.sin_family, AF_INET);
    assert_int_equal(ntohl(in.sin_addr.s_addr), INADDR_LOOPBACK);
}

static void
tcp_port_in_use(void **state)
{
    struct vpcd_listener *second;
    char me[64], reason[256], address[128];

    (void)state;
    prctl(PR_SET_NAME, "holder\tof it"); /* a process may be called anything */
    assert_int_equal(vpcd_listen("tcp-listen:127.0.0.1:0", &listener), 0);
    snprintf(address, sizeof(address), "tcp-listen:%s",
             vpcd_listener_address(listener) + 4);
    assert_int_equal(vpcd_listen(address, &second), -EADDRINUSE);
    assert_null(second);
    snprintf(me, sizeof(me), "(process %d)", (int)getpid());
    vpcd_explain(address, -EADDRINUSE, reason, sizeof(reason));
    assert_non_null(strstr(reason, me));
    assert_non_null(strstr(reason, "in use by holder?of it (process "));
}

/* An outgoing connection of somebody else may sit on the port as well. */
static void
tcp_port_in_use_by_a_connection(void **state)
{
    struct vpcd_addr addr;
    char reason[256];

    (void)state;
    prctl(PR_SET_NAME, "holder");
    round_trip("tcp-listen:127.0.0.1:0");
    assert_true(addr_parse(vpcd_peer(server), &addr, NULL));
    addr.listen = true;
    assert_true(addr_holder(&addr, reason, sizeof(reason)));
    assert_non_null(strstr(reason, "holder (process "));
    addr.port = 0;
    assert_false(addr_holder(&addr, reason, sizeof(reason)));
    assert_string_equal(reason, "");
}

/* The listener is rebound at once although old connections linger. */
static void
tcp_listen_again(void **state)
{
    char address[128];
    int i;

    (void)state;
    round_trip("tcp-listen:127.0.0.1:0");
    snprintf(address, sizeof(address), "tcp-listen:%s",
             vpcd_listener_address(listener) + 4);
    for (i = 0; i < 5; i++) {
        vpcd_free(&server); /* closes first, so its end is in TIME_WAIT */
        vpcd_free(&client);
        vpcd_listener_free(&listener);
        round_trip(address);
    }
}

static void
nobody_comes(void **state)
{
    int64_t begin = now_ms();

    (void)state;
    assert_int_equal(vpcd_listen("tcp-listen:127.0.0.1:0", &listener), 0);
    assert_int_equal(vpcd_accept(listener, 0, &server), -ETIMEDOUT);
    assert_int_equal(vpcd_accept(listener, SHORT_MS, &server), -ETIMEDOUT);
    assert_null(server);
    assert_in_range(now_ms() - begin, SHORT_MS - 1, LONG_MS / 2);
}

static void *
end_listener(void *arg)
{
    (void)arg;
    vpcd_listener_shutdown(listener);
    return NULL;
}

static void
shutdown_ends_accept(void **state)
{
    pthread_t thread;
    int i;

    (void)state;
    for (i = 0; i < 100; i++) {
        assert_int_equal(vpcd_listen("tcp-listen:127.0.0.1:0", &listener), 0);
        pthread_create(&thread, NULL, end_listener, NULL);
        assert_int_equal(vpcd_accept(listener, -1, &server), -ESHUTDOWN);
        pthread_join(thread, NULL);
        assert_int_equal(vpcd_accept(listener, -1, &server), -ESHUTDOWN);
        vpcd_listener_free(&listener);
    }
}

/* One who left before his turn does not cost the next one his. */
static void
left_before_accept(void **state)
{
    struct linger at_once = {1, 0};

    (void)state;
    assert_int_equal(vpcd_listen("tcp-listen:127.0.0.1:0", &listener), 0);
    assert_int_equal(
        vpcd_connect(vpcd_listener_address(listener), LONG_MS, &client), 0);
    setsockopt(vpcd_fd(client), SOL_SOCKET, SO_LINGER, &at_once,
               sizeof(at_once)); /* close() sends RST */
    vpcd_free(&client);
    assert_int_equal(
        vpcd_connect(vpcd_listener_address(listener), LONG_MS, &client), 0);
    assert_int_equal(vpcd_accept(listener, LONG_MS, &server), 0);
    assert_pair();
}

/* ---- Unix and inherited sockets ---- */

static void
unix_slots(void **state)
{
    struct vpcd_addr addr, slot;

    (void)state;
    assert_true(addr_parse(in_dir("unix-listen:", "s"), &addr, NULL));
    assert_true(addr_for_slot(&addr, 1, &slot));
    assert_int_equal(addr_listen(&slot, &listener), 0);
    assert_int_equal(access(in_dir("", "s.1"), F_OK), 0);
}

static void
leave_stale_socket(const char *path)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
    assert_int_equal(bind(fd, (void *)&un, sizeof(un)), 0);
    close(fd);
}

static void
unix_stale_socket(void **state)
{
    (void)state;
    leave_stale_socket(in_dir("", "s"));
    assert_int_equal(vpcd_connect(in_dir("unix:", "s"), LONG_MS, &client),
                     -ECONNREFUSED);
    round_trip(in_dir("unix-listen:", "s"));
}

static void
unix_path_in_use(void **state)
{
    struct vpcd_listener *second;
    char reason[256];

    (void)state;
    assert_int_equal(vpcd_listen(in_dir("unix-listen:", "s"), &listener), 0);
    assert_int_equal(vpcd_listen(text, &second), -EADDRINUSE);
    vpcd_explain(text, -EADDRINUSE, reason, sizeof(reason));
    assert_non_null(strstr(reason, "another process listens there"));
    assert_int_equal(access(in_dir("", "s"), F_OK), 0);
}

/* A busy listener, whose queue is full, is not a dead one. */
static void
unix_path_with_a_queue(void **state)
{
    struct vpcd_listener *second;
    struct vpcd *queued;

    (void)state;
    assert_int_equal(vpcd_listen(in_dir("unix-listen:", "s"), &listener), 0);
    assert_int_equal(listen(vpcd_listener_fd(listener), 0), 0);
    assert_int_equal(vpcd_connect(in_dir("unix:", "s"), LONG_MS, &queued), 0);
    assert_int_equal(vpcd_connect_start(in_dir("unix:", "s"), &client),
                     -EAGAIN);
    assert_int_equal(vpcd_listen(in_dir("unix-listen:", "s"), &second),
                     -EADDRINUSE);
    vpcd_free(&queued);
}

/* Neither a file nor a link to a dead socket is ours to remove. */
static void
unix_other_files_stay(void **state)
{
    char file[128], target[100];

    (void)state;
    snprintf(file, sizeof(file), "%s", in_dir("", "s"));
    snprintf(target, sizeof(target), "%s", in_dir("", "t"));
    close(open(file, O_CREAT | O_WRONLY, 0600));
    assert_int_equal(vpcd_listen(in_dir("unix-listen:", "s"), &listener),
                     -EADDRINUSE);
    assert_int_equal(unlink(file), 0);
    leave_stale_socket(target);
    assert_int_equal(symlink(target, file), 0);
    assert_int_equal(vpcd_listen(in_dir("unix-listen:", "s"), &listener),
                     -EADDRINUSE);
    assert_int_equal(unlink(file), 0);
    assert_int_equal(unlink(target), 0);
}

static void
unix_successor_keeps_its_file(void **state)
{
    struct vpcd_listener *first;

    (void)state;
    assert_int_equal(vpcd_listen(in_dir("unix-listen:", "s"), &first), 0);
    assert_int_equal(unlink(in_dir("", "s")), 0);
    assert_int_equal(vpcd_listen(in_dir("unix-listen:", "s"), &listener), 0);
    vpcd_listener_free(&first);
    assert_int_equal(access(in_dir("", "s"), F_OK), 0);
}

static void
unix_foreign_user_is_turned_away(void **state)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    int status, fd;
    pid_t child;

    (void)state;
    if (geteuid() != 0)
        skip(); /* only root can become somebody else */
    assert_int_equal(vpcd_listen(in_dir("unix-listen:", "s"), &listener), 0);
    snprintf(un.sun_path, sizeof(un.sun_path), "%s", in_dir("", "s"));
    assert_int_equal(chmod(dir, 0755), 0);
    assert_int_equal(chmod(un.sun_path, 0666), 0);
    if ((child = fork()) == 0) {
        fd = socket(AF_UNIX, SOCK_STREAM, 0);
        _exit(setuid(65534) != 0 || connect(fd, (void *)&un, sizeof(un)) != 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(vpcd_accept(listener, LONG_MS, &server), -EPERM);
    assert_null(server);
    assert_int_equal(vpcd_connect(in_dir("unix:", "s"), LONG_MS, &client), 0);
    assert_int_equal(vpcd_accept(listener, LONG_MS, &server), 0);
    assert_pair();
}

static void
inherited_listener(void **state)
{
    char address[32];
    struct vpcd_listener *original;

    (void)state;
    assert_int_equal(vpcd_listen(in_dir("unix-listen:", "s"), &original), 0);
    snprintf(address, sizeof(address), "fd:%d", vpcd_listener_fd(original));
    assert_int_equal(vpcd_listen(address, &listener), 0);
    assert_string_equal(vpcd_listener_address(listener), address);
    assert_int_equal(vpcd_connect(in_dir("unix:", "s"), LONG_MS, &client), 0);
    assert_int_equal(vpcd_accept(listener, LONG_MS, &server), 0);
    assert_pair();
    vpcd_listener_free(&original);
}

UNIT_MAIN(TEST(tcp_default_is_loopback), TEST(tcp_port_in_use),
          TEST(tcp_port_in_use_by_a_connection), TEST(tcp_listen_again),
          TEST(nobody_comes), TEST(shutdown_ends_accept),
          TEST(left_before_accept), TEST(unix_slots), TEST(unix_stale_socket),
          TEST(unix_path_in_use), TEST(unix_path_with_a_queue),
          TEST(unix_other_files_stay), TEST(unix_successor_keeps_its_file),
          TEST(unix_foreign_user_is_turned_away), TEST(inherited_listener))
