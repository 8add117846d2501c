/*
 * addr.c - tests of src/vpcd/addr.c and addr_parse.c: texts that are
 * addresses, and texts that are none and why.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "vpcd/addr.h"
#include "vpcd/spin.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit.h"

#define PATH_98                                                                \
    "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"  \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define PATH_105 PATH_98 "bcdefgh"
#define PATH_107 PATH_105 "12"

/* What a text comes out as when it is written again; slots= only if not 1. */
/* clang-format off */
static const struct {
    const char *text, *format;
} good[] = {
    /* the classic forms, with two slots unless told otherwise */
    {NULL,                         "tcp-listen:127.0.0.1:35963:slots=2"},
    {"",                           "tcp-listen:127.0.0.1:35963:slots=2"},
    {"\"\"",                       "tcp-listen:127.0.0.1:35963:slots=2"},
    {"/dev/null",                  "tcp-listen:127.0.0.1:35963:slots=2"},
    {"\"/dev/null\"",              "tcp-listen:127.0.0.1:35963:slots=2"},
    {"/dev/null:0x8C7B",           "tcp-listen:127.0.0.1:35963:slots=2"},
    {"/dev/null:0x8c7b",           "tcp-listen:127.0.0.1:35963:slots=2"},
    {"/dev/null:35963",            "tcp-listen:127.0.0.1:35963:slots=2"},
    {"/dev/null:0106173",          "tcp-listen:127.0.0.1:35963:slots=2"},
    {"/dev/null:0",                "tcp-listen:127.0.0.1:0:slots=2"},
    {"/dev/null:65534",            "tcp-listen:127.0.0.1:65534:slots=2"},
    {"/dev/null:65535:slots=1",    "tcp-listen:127.0.0.1:65535"},
    {"/dev/null:slots=4",          "tcp-listen:127.0.0.1:35963:slots=4"},
    {"/dev/null:1:slots=0x10",     "tcp-listen:127.0.0.1:1:slots=16"},
    {"/dev/null:1:bind=any",       "tcp-listen:any:1:slots=2"},
    {"/dev/null:1:bind=*",         "tcp-listen:any:1:slots=2"},
    {"/dev/null:1:bind=loopback",  "tcp-listen:127.0.0.1:1:slots=2"},
    {"/dev/null:1:bind=localhost", "tcp-listen:localhost:1:slots=2"},
    {"/dev/null:1:bind=0.0.0.0",   "tcp-listen:0.0.0.0:1:slots=2"},
    {"/dev/null:1:bind=[::1]",     "tcp-listen:[::1]:1:slots=2"},
    {"/dev/null:1:apdu=0:hs=3:bind=10.1.2.3:probe=1",
     "tcp-listen:10.1.2.3:1:slots=2:hs=3:apdu=0:probe=1"},
    {"localhost:35963",            "tcp:localhost:35963:slots=2"},
    {"192.168.0.7:0x8C7B",         "tcp:192.168.0.7:35963:slots=2"},
    {"my-host.example:1:slots=1",  "tcp:my-host.example:1"},
    {"\"[fe80::1%eth0]:7\"",       "tcp:[fe80::1%eth0]:7:slots=2"},
    {"[::1]:35963",                "tcp:[::1]:35963:slots=2"},
    {"any:5",                      "tcp:any:5:slots=2"}, /* a host's name */
    /* transports */
    {"tcp:localhost:1",            "tcp:localhost:1"},
    {"tcp:localhost",              "tcp:localhost:35963"},
    {"tcp:[::1]",                  "tcp:[::1]:35963"},
    {"tcp:a_b:2:slots=3",          "tcp:a_b:2:slots=3"},
    {"tcp:localhost:apdu=5",       "tcp:localhost:35963:apdu=5"},
    {"tcp-listen:127.0.0.1:0",     "tcp-listen:127.0.0.1:0"},
    {"tcp-listen:any:9",           "tcp-listen:any:9"},
    {"tcp-listen:*",               "tcp-listen:any:35963"},
    {"tcp-listen:loopback:9",      "tcp-listen:127.0.0.1:9"},
    {"tcp-listen:localhost:9",     "tcp-listen:localhost:9"},
    {"tcp-listen:[::]:9",          "tcp-listen:[::]:9"},
    {"\"tcp-listen:[::1]:9\"",     "tcp-listen:[::1]:9"},
    {"unix:/run/x/slot",           "unix:/run/x/slot"},
    {"unix-listen:/a b/c",         "unix-listen:/a b/c"},
    {"unix-listen:/run/x/slot:slots=4:apdu=60",
     "unix-listen:/run/x/slot:slots=4:apdu=60"},
    {"unix:" PATH_107,             "unix:" PATH_107},
    {"unix-listen:" PATH_105 ":slots=10",
     "unix-listen:" PATH_105 ":slots=10"},
    {"fd:3",                       "fd:3"},
    {"fd:0x10:hs=1:slots=1",       "fd:16:hs=1"},
    /* options */
    {"unix:/x:spin=0:probe=1", "unix:/x:probe=1:spin=0"},
    {"fd:3:apdu=86400:probe=86400:hs=3600",
     "fd:3:hs=3600:apdu=86400:probe=86400"},
    {"fd:3:hs=2:hs=3",             "fd:3:hs=3"},
    {"fd:3:pinpad=/usr/bin/pinentry", "fd:3:pinpad=/usr/bin/pinentry"},
    {"fd:3:pinpad=a=b",            "fd:3:pinpad=a=b"},
    {"fd:3:colour=red:size=",      "fd:3"},
};

/* Part of the reason that a person is given. */
static const struct {
    const char *text, *reason;
} bad[] = {
    {"/dev/null:",                 "\"\" is not a port number"},
    {"/dev/null:x",                "\"x\" is not a port number from 0 to"},
    {"/dev/null:-1",               "\"-1\" is not a port number"},
    {"/dev/null:+1",               "\"+1\" is not a port number"},
    {"/dev/null: 1",               "\" 1\" is not a port number"},
    {"/dev/null:1 ",               "\"1 \" is not a port number"},
    {"/dev/null:08",               "\"08\" is not a port number"},
    {"/dev/null:0x",               "\"0x\" is not a port number"},
    {"/dev/null:65536",            "\"65536\" is not a port number"},
    {"/dev/null:4294967297",       "is not a port number"},
    {"/dev/null:99999999999999999999999", "is not a port number"},
    {"/dev/null:65535",            "2 slots do not fit"},
    {"/dev/null:65500:slots=37",   "37 slots do not fit"},
    {"/dev/null:1:bind=",          "a host is missing"},
    {"/dev/null:1:bind=some.host", "is not a place to listen"},
    {"/dev/null:1:bind=::1",       "a host is missing; IPv6 stands in"},
    {"/dev/null2",                 "is not an address"},
    {"/dev/ttyS0",                 "is not an address"},
    {"/dev/ttyS0:1",               "is not a host"},
    {"localhost",                  "is not an address"},
    {"localhost:",                 "\"\" is not a port number from 1 to"},
    {"localhost:0",                "\"0\" is not a port number from 1 to"},
    {"localhost:slots=1",          "is not a port number"},
    {":35963",                     "a host is missing"},
    {"::1:35963",                  "a host is missing"},
    {"fe80::1:35963",              "\"\" is not a port number"},
    {"[::1:35963",                 "is not an address"},
    {"[::1]x:35963",               "\"[::1]x\" is not a host"},
    {"[localhost]:35963",          "\"[localhost]\" is not a host"},
    {"[]:35963",                   "\"[]\" is not a host"},
    {"[1:2]:35963",                "is not a host name or address"},
    {"10.0.0.256:1",               "is not a host name or address"},
    {"1.2.3:1",                    "is not a host name or address"},
    {"a b:1",                      "is not a host name or address"},
    {"user@host:1",                "is not a host name or address"},
    {"-h:1",                       "is not a host name or address"},
    {"http://host:1",              "\"//host\" is not a port number"},
    {"tcp",                        "is not an address"},
    {"tcp:",                       "a host is missing"},
    {"tcp:35963",                  "is not a host name or address"},
    {"tcp::35963",                 "a host is missing"},
    {"tcp:*:1",                    "is not a host name or address"},
    {"tcp:h:0",                    "is not a port number from 1 to"},
    {"tcp:h:1:2",                  "\"2\" is not an option"},
    {"tcp:h:1:",                   "\"\" is not an option"},
    {"tcp:h:1:=2",                 "\"=2\" is not an option"},
    {"tcp:h:1:slots",              "\"slots\" is not an option"},
    {"tcp:h:1:bind=any",           "bind= belongs to /dev/null:PORT"},
    {"tcp-listen:1:bind=any",      "is not a place to listen"},
    {"tcp-listen:some.host:1",     "is not a place to listen"},
    {"tcp-listen:35963",           "is not a place to listen"},
    {"tcp-listen:1:65536",         "is not a place to listen"},
    {"tcp-listen:any:65536",       "is not a port number from 0 to"},
    {"tcp-listen:any:65535:slots=2", "2 slots do not fit"},
    {"unix:",                      "the path of the socket is missing"},
    {"unix-listen::slots=1",       "the path of the socket is missing"},
    {"unix:" PATH_107 "3",         "the path is longer than 107 bytes"},
    {"unix:" PATH_105 "1:slots=11", "11 slots make the path too long"},
    {"unix:/a\tb",                 "control character"},
    {"unix:/a\n",                  "control character"},
    {"unix:/a:b",                  "\"b\" is not an option"},
    {"fd:",                        "number of a descriptor"},
    {"fd:x",                       "number of a descriptor"},
    {"fd:-1",                      "number of a descriptor"},
    {"fd:2147483648",              "number of a descriptor"},
    {"fd:3:slots=2",               "fd: is one slot"},
    {"fd:3:slots=0",               "slots=0 is not a number from 1 to 255"},
    {"fd:3:slots=",                "slots= is not a number"},
    {"fd:3:slots=256",             "slots=256 is not a number from 1 to 255"},
    {"fd:3:hs=0",                  "hs=0 is not a number from 1 to 3600"},
    {"fd:3:hs=1.5",                "hs=1.5 is not a number"},
    {"fd:3:apdu=86401",            "apdu=86401 is not a number from 0 to"},
    {"fd:3:spin=1001",              "spin=1001 is not a number"},
    {"fd:3:probe=-1",              "probe=-1 is not a number"},
    {"fd:3:pinpad=",               "pinpad= needs a program"},
    {"fd:3:Slots",                 "\"Slots\" is not an option"},
    {"tls:host:1",                 "has no tls:"},
    {"tls-listen:any:1",           "has no tls:"},
    {"\"tcp:h:1",                  "is not a host"},
    {"\"",                         "is not an address"},
    {"'tcp:h:1'",                  "is not a host"},
};
/* clang-format on */

static void
good_ones(void **state)
{
    char text[ADDR_TEXT_MAX];
    struct vpcd_addr addr, back;
    struct addr_error error;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        error.text[0] = '\0';
        if (!addr_parse(good[i].text, &addr, &error))
            fail_msg("%s: %s", good[i].text, error.text);
        addr_format(&addr, text, sizeof(text));
        assert_string_equal(text, good[i].format);
        assert_true(addr_parse(text, &back, NULL));
        assert_string_equal(addr_format(&back, text, sizeof(text)),
                            good[i].format);
    }
}

static void
bad_ones(void **state)
{
    struct vpcd_addr addr;
    struct addr_error error;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        memset(&error, 0, sizeof(error));
        if (addr_parse(bad[i].text, &addr, &error))
            fail_msg("%s: taken", bad[i].text);
        if (strstr(error.text, bad[i].reason) == NULL)
            fail_msg("%s: %s", bad[i].text, error.text);
        assert_false(addr_parse(bad[i].text, &addr, NULL));
    }
}

static void
very_long_ones(void **state)
{
    static const char *const heads[] = {
        "",   "tcp:",         "unix:",           "fd:",
        "[",  "tcp-listen:[", "tcp:h:",          "tcp:h:1:",
        "h:", "/dev/null:",   "/dev/null:bind=", "fd:3:pinpad="};
    static char text[100000];
    struct vpcd_addr addr;
    struct addr_error error;
    size_t i, n, head;

    (void)state;
    for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
        for (n = 100; n < sizeof(text); n = n < 1200 ? n + 1 : n * 3) {
            head = strlen(heads[i]);
            memcpy(text, heads[i], head);
            memset(text + head, '1', n - head);
            text[n] = '\0';
            memset(&error, 0, sizeof(error));
            if (!addr_parse(text, &addr, &error))
                assert_true(error.text[0] != '\0');
            else
                assert_true(n < 300); /* a path, or a program's name */
        }
}

static void
defaults_and_what_was_given(void **state)
{
    struct vpcd_addr a;

    (void)state;
    assert_true(addr_parse("unix:/x", &a, NULL));
    assert_int_equal(a.given, 0);
    assert_int_equal(a.slots, 1);
    assert_int_equal(a.hs_s, 10);
    assert_int_equal(a.apdu_s, 300);
    assert_int_equal(a.probe_s, 0);
    assert_int_equal(a.spin_us, SPIN_US);
    assert_string_equal(a.pinpad, "");
    assert_true(addr_parse("/dev/null:hs=7:bind=any:apdu=0", &a, NULL));
    assert_int_equal(a.given, ADDR_HS | ADDR_BIND | ADDR_APDU);
    assert_int_equal(a.hs_s, 7);
    assert_int_equal(a.apdu_s, 0);
    assert_true(addr_parse("fd:1:slots=1:probe=2:pinpad=p", &a, NULL));
    assert_int_equal(a.given, ADDR_SLOTS | ADDR_PROBE | ADDR_PINPAD);
    assert_int_equal(a.fd, 1);
}

static void
unknown_keys_are_named(void **state)
{
    struct vpcd_addr a;

    (void)state;
    assert_true(addr_parse("unix:/x:colour=red:slots=2:size=", &a, NULL));
    assert_string_equal(a.ignored, "colour size");
    assert_int_equal(a.slots, 2);
    assert_true(addr_parse("unix:/x:Slots=2", &a, NULL));
    assert_string_equal(a.ignored, "Slots");
    assert_true(addr_parse("unix:/x", &a, NULL));
    assert_string_equal(a.ignored, "");
}

static void
host_and_port(void **state)
{
    char text[ADDR_TEXT_MAX];
    struct vpcd_addr a;
    struct addr_error error;

    (void)state;
    assert_true(addr_tcp(false, "localhost", 35963, &a, &error));
    assert_string_equal(addr_format(&a, text, sizeof(text)),
                        "tcp:localhost:35963");
    assert_true(addr_tcp(true, NULL, 0, &a, &error));
    assert_string_equal(addr_format(&a, text, sizeof(text)),
                        "tcp-listen:127.0.0.1:0");
    assert_true(addr_tcp(true, "", 65535, &a, &error));
    assert_true(addr_tcp(false, "::1", 1, &a, &error));
    assert_string_equal(addr_format(&a, text, sizeof(text)), "tcp:[::1]:1");
    assert_true(addr_tcp(false, "[::1]", 1, &a, &error));
    assert_string_equal(a.host, "::1");
    assert_false(addr_tcp(false, "localhost", 0, &a, &error));
    assert_non_null(strstr(error.text, "0 is not a port number from 1"));
    assert_false(addr_tcp(true, "localhost", 65536, &a, NULL));
    assert_false(addr_tcp(false, "a b", 1, &a, &error));
}

/* clang-format off */
static const struct {
    const char *text;
    unsigned n;
    const char *slot; /* NULL: there is none */
} slots[] = {
    {"/dev/null:100:slots=3",     0,   "tcp-listen:127.0.0.1:100"},
    {"/dev/null:100:slots=3",     2,   "tcp-listen:127.0.0.1:102"},
    {"/dev/null:0",               1,   "tcp-listen:127.0.0.1:0"},
    {"h:65530",                   5,   "tcp:h:65535"},
    {"h:65530",                   6,   NULL},
    {"unix:/x:slots=2",           0,   "unix:/x"},
    {"unix:/x",                   1,   "unix:/x.1"},
    {"unix-listen:/x",            12,  "unix-listen:/x.12"},
    {"unix:" PATH_105,            9,   "unix:" PATH_105 ".9"},
    {"unix:" PATH_105,            10,  NULL},
    {"unix:/x",                   255, "unix:/x.255"},
    {"unix:/x",                   65535, "unix:/x.65535"},
    {"unix:/x",                   65536, NULL},
    {"unix:/x",                   4294967295, NULL},
    {"h:1",                       4294967295, NULL},
    {"fd:3",                      0,   "fd:3"},
    {"fd:3",                      1,   NULL},
};
/* clang-format on */

static void
slot_addresses(void **state)
{
    char text[ADDR_TEXT_MAX];
    struct vpcd_addr a, slot;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
        assert_true(addr_parse(slots[i].text, &a, NULL));
        if (addr_for_slot(&a, slots[i].n, &slot) != (slots[i].slot != NULL))
            fail_msg("%s, slot %u", slots[i].text, slots[i].n);
        if (slots[i].slot != NULL)
            assert_string_equal(addr_format(&slot, text, sizeof(text)),
                                slots[i].slot);
    }
}

static void
names_leave_options_out(void **state)
{
    char text[ADDR_TEXT_MAX], few[8];
    struct vpcd_addr a;

    (void)state;
    assert_true(addr_parse("/dev/null:1:hs=5:slots=9", &a, NULL));
    assert_string_equal(addr_name(&a, text, sizeof(text)),
                        "tcp-listen:127.0.0.1:1");
    assert_string_equal(addr_name(&a, few, sizeof(few)), "tcp-lis");
    assert_string_equal(addr_format(&a, few, sizeof(few)), "tcp-lis");
}

static void
listening_or_connecting(void **state)
{
    struct vpcd_addr a;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    (void)state;
    assert_true(addr_parse("/dev/null", &a, NULL));
    assert_int_equal(addr_listens(&a), 1);
    assert_true(addr_parse("unix:/x", &a, NULL));
    assert_int_equal(addr_listens(&a), 0);
    assert_true(addr_parse("fd:0", &a, NULL));
    a.fd = fd;
    assert_int_equal(addr_listens(&a), 0);
    assert_int_equal(listen(fd, 1), -1); /* not bound */
    close(fd);
    assert_int_equal(addr_listens(&a), -EBADF);
}

UNIT_MAIN(cmocka_unit_test(good_ones), cmocka_unit_test(bad_ones),
          cmocka_unit_test(very_long_ones),
          cmocka_unit_test(defaults_and_what_was_given),
          cmocka_unit_test(unknown_keys_are_named),
          cmocka_unit_test(host_and_port), cmocka_unit_test(slot_addresses),
          cmocka_unit_test(names_leave_options_out),
          cmocka_unit_test(listening_or_connecting))
