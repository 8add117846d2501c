/*
 * pcscd.c - what `pcscd -v` says, in the words of several versions.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "world/pcscd.h"

#include <string.h>

#include "unit/unit.h"

/* Debian 12 */
static const char v199[] =
    "pcsc-lite version 1.9.9.\n"
    "Copyright (C) 1999-2002 by David Corcoran <corcoran@musclecard.com>.\n"
    "Enabled features: Linux x86_64-pc-linux-gnu libsystemd serial usb libudev "
    "usbdropdir=/usr/lib/pcsc/drivers ipcdir=/run/pcscd filter "
    "configdir=/etc/reader.conf.d\n"
    "MAX_READERNAME: 128, PCSCLITE_MAX_READERS_CONTEXTS: 16\n";

/* 2.3.3, built by meson */
static const char v233[] =
    "pcsc-lite version 2.3.3.\n"
    "Enabled features: Linux x86_64 systemd serial usb libudev polkit "
    "usbdropdir=/usr/local/lib/pcsc/drivers ipcdir=/var/run/pcsc filter "
    "configdir=/etc/reader.conf.d\n"
    "MAX_READERNAME: 128, PCSCLITE_MAX_READERS_CONTEXTS: 16\n";

static void
version_1_9_9(void **state)
{
    struct pcscd p = {0};

    (void)state;
    assert_true(pcscd_parse(v199, &p));
    assert_int_equal(p.version, 10909);
    assert_int_equal(p.readers_max, 16);
    assert_true(p.serial && p.systemd);
    assert_false(p.polkit);
    assert_string_equal(p.ipcdir, "/run/pcscd");
    assert_string_equal(p.dropdir, "/usr/lib/pcsc/drivers");
    assert_false(pcscd_polkit_off(&p));
}

static void
version_2_3_3(void **state)
{
    struct pcscd p = {0};

    (void)state;
    assert_true(pcscd_parse(v233, &p));
    assert_int_equal(p.version, 20303);
    assert_true(p.serial && p.systemd && p.polkit);
    assert_string_equal(p.ipcdir, "/var/run/pcsc");
    assert_true(pcscd_polkit_off(&p));
}

static void
version_2_5_has_no_limit(void **state)
{
    struct pcscd p = {0};

    (void)state;
    assert_true(pcscd_parse("pcsc-lite version 2.5.1.\nEnabled features: Linux "
                            "serial systemd\nMAX_READERNAME: 128\n",
                            &p));
    assert_int_equal(p.readers_max, 0);
}

/* A word inside another is not a feature. */
static void
words_are_whole(void **state)
{
    struct pcscd p = {0};

    (void)state;
    assert_true(pcscd_parse("version 1.9.0\nEnabled features: Linux noserial "
                            "serial2 usb-systemd xpolkit\n",
                            &p));
    assert_false(p.serial || p.systemd || p.polkit);
    assert_string_equal(p.ipcdir, "/run/pcscd");
    assert_string_equal(p.dropdir, "");
}

static void
old_polkit_stays(void **state)
{
    struct pcscd p = {0};

    (void)state;
    assert_true(pcscd_parse("version 1.9.9\nEnabled features: polkit\n", &p));
    assert_true(p.polkit);
    assert_false(pcscd_polkit_off(&p));
}

static void
something_else(void **state)
{
    struct pcscd p = {0};

    (void)state;
    assert_false(pcscd_parse("", &p));
    assert_false(pcscd_parse("usage: pcscd", &p));
    assert_false(pcscd_parse("version one\nEnabled features: serial\n", &p));
    assert_false(pcscd_parse("pcsc-lite version 1.9.9.\n", &p));
}

UNIT_MAIN(cmocka_unit_test(version_1_9_9), cmocka_unit_test(version_2_3_3),
          cmocka_unit_test(version_2_5_has_no_limit),
          cmocka_unit_test(words_are_whole), cmocka_unit_test(old_polkit_stays),
          cmocka_unit_test(something_else))
