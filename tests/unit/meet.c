/*
 * meet.c - tests of whether two addresses are the two ends of one connection.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "unit.h"
#include "vpcd/addr.h"

/* Each pair is tried both ways round. */
static bool
meet(const char *a, const char *b)
{
    struct vpcd_addr x, y;

    assert_true(addr_parse(a, &x, NULL));
    assert_true(addr_parse(b, &y, NULL));
    assert_int_equal(addr_meet(&x, &y), addr_meet(&y, &x));
    return addr_meet(&x, &y);
}

static void
tcp(void **state)
{
    static const char any[] = "tcp-listen:any:35963";

    (void)state;
    assert_true(meet("tcp-listen:127.0.0.1:5000", "tcp:127.0.0.1:5000"));
    assert_true(meet("tcp-listen:127.0.0.1:5000", "tcp:localhost:5000"));
    assert_true(meet("tcp-listen:localhost:5000", "tcp:127.0.0.1:5000"));
    assert_true(meet("/dev/null:0x8C7B", "tcp:localhost:35963"));
    assert_true(meet(any, "tcp:localhost:35963"));
    assert_true(meet(any, "tcp:127.1.2.3:35963"));
    assert_false(meet(any, "tcp:localhost:35964"));
    assert_false(meet(any, "tcp:192.0.2.1:35963")); /* of nobody, RFC 5737 */
    assert_false(meet("tcp-listen:127.0.0.1:5000", "tcp:127.0.0.2:5000"));
    assert_false(meet("tcp-listen:127.0.0.1:5000", "tcp-listen:any:5000"));
    assert_false(meet("tcp:127.0.0.1:5000", "tcp:127.0.0.1:5000"));
    assert_false(meet("tcp-listen:127.0.0.1:0", "unix:/tmp/5000"));
}

static void
sockets(void **state)
{
    char dir[] = "/tmp/vicc-meet-XXXXXX", file[64], name[64], a[80], b[80];

    (void)state;
    assert_true(meet("unix-listen:/nowhere/x", "unix:/nowhere/x"));
    assert_false(meet("unix-listen:/nowhere/x", "unix:/nowhere/y"));
    assert_false(meet("unix:/nowhere/x", "unix:/nowhere/x"));
    assert_false(meet("fd:3", "fd:3"));

    assert_non_null(mkdtemp(dir));
    snprintf(file, sizeof(file), "%s/file", dir);
    snprintf(name, sizeof(name), "%s/name", dir);
    snprintf(a, sizeof(a), "unix-listen:%s", file);
    snprintf(b, sizeof(b), "unix:%s", name);
    assert_int_equal(symlink(file, name), 0);
    assert_false(meet(a, b)); /* there is nothing yet */
    assert_int_equal(close(creat(file, 0600)), 0);
    assert_true(meet(a, b));
    unlink(file);
    unlink(name);
    rmdir(dir);
}

UNIT_MAIN(cmocka_unit_test(tcp), cmocka_unit_test(sockets))
