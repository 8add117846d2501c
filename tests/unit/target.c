/*
 * target.c - tests of src/vpcd/target.c: which socket addresses an address
 * stands for. The linker's --wrap puts a name server of our own in the place
 * of the system's.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "vpcd/target.h"

#include <errno.h>
#include <netdb.h>
#include <sys/un.h>

#include "unit.h"

int __real_getaddrinfo(const char *node, const char *service,
                       const struct addrinfo *hints, struct addrinfo **out);
int __wrap_getaddrinfo(const char *node, const char *service,
                       const struct addrinfo *hints, struct addrinfo **out);

static unsigned asked; /* names that were looked up */

int
__wrap_getaddrinfo(const char *node, const char *service,
                   const struct addrinfo *hints, struct addrinfo **out)
{
    struct addrinfo numeric = *hints;

    if ((hints->ai_flags & AI_NUMERICHOST) != 0)
        return __real_getaddrinfo(node, service, hints, out);
    asked++;
    if (strcmp(node, "known.example") == 0) {
        numeric.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
        return __real_getaddrinfo("192.0.2.7", service, &numeric, out);
    }
    errno = EMFILE;
    return strcmp(node, "later.example") == 0    ? EAI_AGAIN
           : strcmp(node, "broken.example") == 0 ? EAI_SYSTEM
           : strcmp(node, "large.example") == 0  ? EAI_MEMORY
                                                 : EAI_NONAME;
}

/* clang-format off */
static const struct {
    const char *address;
    size_t max;
    int err;
    unsigned asked;
    const char *first, *second; /* NULL: there is none */
} table[] = {
    {"tcp:192.0.2.1:5",      8, 0,       0, "192.0.2.1:5",      NULL},
    {"tcp:[2001:db8::1]:5",  8, 0,       0, "[2001:db8::1]:5",  NULL},
    {"tcp:[::ffff:c000:201]:5", 8, 0,    0, "192.0.2.1:5",      NULL},
    {"tcp:localhost:5",      8, 0,       0, "127.0.0.1:5",      "[::1]:5"},
    {"tcp:localhost:5",      1, 0,       0, "127.0.0.1:5",      NULL},
    {"tcp-listen:any:0",     2, 0,       0, "[::]:0",           "0.0.0.0:0"},
    {"tcp-listen:0.0.0.0:5", 2, 0,       0, "0.0.0.0:5",        NULL},
    {"/dev/null:5",          2, 0,       0, "127.0.0.1:5",      NULL},
    {"known.example:5",      8, 0,       1, "192.0.2.7:5",      NULL},
    {"unknown.example:5",    8, -ENXIO,  1, NULL,               NULL},
    {"later.example:5",      8, -EAGAIN, 1, NULL,               NULL},
    {"broken.example:5",     8, -EMFILE, 1, NULL,               NULL},
    {"large.example:5",      8, -ENOMEM, 1, NULL,               NULL},
    {"unix:/x",              8, 0,       0, "",                 NULL},
    {"fd:3",                 8, -EINVAL, 0, NULL,               NULL},
};
/* clang-format on */

static void
assert_name(const struct target *t, const char *name, uint16_t port)
{
    char text[80];

    target_name(t, text, sizeof(text));
    assert_string_equal(text, name);
    assert_int_equal(target_port(t), port);
}

static void
finding(void **state)
{
    struct target t[8];
    struct vpcd_addr addr;
    size_t i, count;
    uint16_t port;

    (void)state;
    for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        assert_true(addr_parse(table[i].address, &addr, NULL));
        port = addr.kind == ADDR_TCP ? addr.port : 0;
        asked = 0;
        assert_int_equal(target_find(&addr, t, table[i].max, &count),
                         table[i].err);
        assert_int_equal(asked, table[i].asked);
        assert_int_equal(count,
                         (table[i].first != NULL) + (table[i].second != NULL));
        if (count > 0)
            assert_name(&t[0], table[i].first, port);
        if (count > 1)
            assert_name(&t[1], table[i].second, port);
    }
}

/* Listening never waits for a name server, even if a name came this far. */
static void
listening_asks_nobody(void **state)
{
    struct vpcd_addr addr;
    struct target t[2];
    size_t count;

    (void)state;
    assert_true(addr_parse("tcp:known.example:5", &addr, NULL));
    addr.listen = true;
    asked = 0;
    assert_int_equal(target_find(&addr, t, 2, &count), -ENXIO);
    assert_int_equal(asked, 0);
}

static void
unix_path(void **state)
{
    struct vpcd_addr addr;
    struct sockaddr_un un;
    struct target t;
    size_t count;

    (void)state;
    assert_true(addr_parse("unix-listen:/some/path", &addr, NULL));
    assert_int_equal(target_find(&addr, &t, 1, &count), 0);
    memcpy(&un, &t.addr, sizeof(un));
    assert_int_equal(un.sun_family, AF_UNIX);
    assert_string_equal(un.sun_path, "/some/path");
    assert_int_equal(t.n, offsetof(struct sockaddr_un, sun_path) +
                              sizeof("/some/path"));
}

UNIT_MAIN(cmocka_unit_test(finding), cmocka_unit_test(listening_asks_nobody),
          cmocka_unit_test(unix_path))
