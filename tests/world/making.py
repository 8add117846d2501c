#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Making a world: readers and names, where it lies, and what is said when it
cannot be made."""

import os
import shutil
import subprocess

from side import (INWORLD, LOOK, Nobody, Skip, adopt, copies, environment, equal,
                  expect, find_pcscd, finish, gone, isolated, need_namespaces,
                  path, run, start, temporary)
from harness import main, test

CARD = "Virtual PCD 00 00: card\n"


# --- readers ---

@test
def several_cards():
    for count in (1, 3, 16):
        expect(0, "".join(f"Virtual PCD {i:02X} 00: card\n"
                          for i in range(count)), "-c", str(count), LOOK)


@test
def no_cards_at_all():
    expect(0, "", LOOK)


@test
def more_cards_than_pcscd_has_room_for():
    version = subprocess.run(["/usr/sbin/pcscd", "-v"], capture_output=True,
                             text=True, check=False).stdout
    if "CONTEXTS: 16" in version:
        err = expect(125, "", "-c", "17", LOOK)
        assert "17 readers" in err and "room for 16" in err, err


@test
def names():
    for name in ("My reader", "x", "ü (test) [1], #2; 'q' 100%", "0123456789",
                 "n" * 121):
        expect(0, f"{name} 00 00: card\n", "-n", name, "-c", "1", LOOK)


@test
def names_that_cannot_be():
    for name in ("", 'a"b', "a\nb", "n" * 122):
        err = expect(125, "", "-n", name, "-c", "1", LOOK)
        assert "name" in err, err


@test
def a_slot_for_somebody_else():
    """It is not waited for; its address may need quotes."""
    where = path("else")
    expect(0, "Virtual PCD 00 00: card\nVirtual PCD 01 00: empty\nthere\n",
           "-c", "1", "-s", f"unix-listen:{where}", "--", "sh", "-c",
           f"{LOOK}; test -S {where} && echo there")
    expect(0, "Virtual PCD 00 00: empty\n", "-s", "tcp-listen:[::1]:0", LOOK)


@test
def a_slot_whose_address_is_taken():
    """The driver refuses it; which reader, and why, is said."""
    err = expect(125, "", "-s", "tcp-listen:192.0.2.1:4000", LOOK)
    assert "Virtual PCD 00 00" in err and "192.0.2.1" in err, err


@test
def slots_that_cannot_be():
    for address in ("", 'a"b', "a\nb"):
        err = expect(125, "", "-s", address, LOOK)
        assert "address" in err, err


@test
def a_configuration_of_the_callers():
    conf = path("conf")
    with open(conf, "w", encoding="ascii") as f:
        f.write('FRIENDLYNAME "Mine"\nDEVICENAME unix-listen:@DIR@/s:slots=2\n'
                "CHANNELID 7\nLIBPATH @DRIVER@\n")
    expect(0, "Mine 00 00: empty\nMine 00 01: empty\n", "-f", conf, LOOK)


@test
def worlds_in_worlds():
    expect(0, "inner 00 00: card\nouter 00 00: card\n", "-n", "outer", "-c",
           "1", "--", "sh", "-c",
           f'"{INWORLD}" -n inner -c 1 "{LOOK}"; "{LOOK}"')


@test(deadline=60)
def twenty_at_once():
    processes = [start("-n", f"World {i}", "-c", "2", "--", LOOK)
                 for i in range(20)]
    for i, process in enumerate(processes):
        equal(finish(process), (0, f"World {i} 00 00: card\n"
                                   f"World {i} 01 00: card\n", ""))
    gone()


# --- places ---

@test
def a_checkout_anywhere():
    """Spaces, letters that reader.conf does not take, longer than sun_path."""
    for name in ("with spaces", "b" * 200, 'ü,"q"%+~', "one:two"):
        files = copies(path(name))
        for way in (None, "shim"):
            expect(0, CARD, "-c", "1", files["VICC_LOOK"],
                   program=[files["VICC_INWORLD"]],
                   env=environment(VICC_WORLD_WAY=way, **files))


@test
def a_driver_with_any_name():
    odd = path("my driver,1.so")
    shutil.copy(os.environ["VICC_DRIVER"], odd)
    expect(0, CARD, "-d", odd, "-c", "1", LOOK)


def directory_with(**env):
    status, out, err = run("-c", "1", "--", "sh", "-c",
                           'echo "$PCSCLITE_CSOCK_NAME"',
                           env=environment(**env))
    equal((status, err), (0, ""))
    return out.removesuffix("/pcscd.comm\n")


@test
def without_tmpdir():
    where = directory_with(TMPDIR=None)
    equal(os.path.dirname(where), "/tmp")
    assert not os.path.exists(where)


@test
def where_tmpdir_cannot_be_used():
    """Not writable, not there, not absolute, too long, odd letters."""
    odd = path("a b")
    long = path("l" * 90)
    os.mkdir(odd)
    os.mkdir(long)
    for where in ("/proc", "/nonexistent", "relative", "", long, odd, "/run",
                  "/run/lock"):
        got = directory_with(TMPDIR=where)
        equal(os.path.dirname(got), "/tmp", where)
        assert not os.path.exists(got)


@test
def read_only_tmpdir_of_a_user():
    user = Nobody()
    closed = path("closed")
    os.mkdir(closed, 0o555)
    out = run("-c", "1", "--", "sh", "-c", 'echo "$PCSCLITE_CSOCK_NAME"',
              program=user.command(),
              env={**user.env(), "TMPDIR": closed})[1]
    assert out.startswith("/tmp/"), out


@test
def no_place_at_all():
    need_namespaces()
    script = "".join(f"mount --bind {where} {where}\n"
                     f"mount -o remount,bind,ro {where}\n"
                     for where in ("/tmp", "/var/tmp", "/dev/shm"))
    status, _, err = run(
        "-c", "1", "true", env={**environment(), "TMPDIR": "/nonexistent"},
        program=isolated(script, INWORLD))
    equal(status, 125)
    assert "Set TMPDIR" in err, err


@test
def the_directory_is_private():
    out = run("-c", "1", "--", "sh", "-c",
              'stat -c %a "${PCSCLITE_CSOCK_NAME%/*}"')[1]
    equal(out, "700\n")


# --- failures ---

def fake(name, script):
    """A pcscd of our own, which knows what the real one says of itself."""
    program = path(name)
    with open(program, "w", encoding="ascii") as f:
        f.write("#!/bin/sh\n" + script)
    os.chmod(program, 0o755)
    return program


REAL_FEATURES = '[ "$1" = -v ] && exec /usr/sbin/pcscd -v\n'


def fails(text, *args, **options):
    err = expect(125, "", *args, **options)
    assert text in err, f"no {text!r} in {err!r}"
    return err


@test
def no_pcscd():
    err = fails("no-such-pcscd is not there", "-p", "no-such-pcscd", "-c", "1",
                "true")
    assert "apt-get install pcscd" in err, err
    fails("is not there", "-p", "/no/such/pcscd", "-c", "1", "true")


@test
def a_pcscd_without_socket_activation():
    fails("without systemd socket activation", "-p",
          fake("a", "echo 'version 1.9.9'; echo 'Enabled features: serial'"),
          "-c", "1", "true")


@test
def a_pcscd_without_serial_readers():
    fails("without serial readers", "-p",
          fake("a", "echo 'version 1.9.9'; "
               "echo 'Enabled features: libsystemd'"), "-c", "1", "true")


@test
def not_a_pcscd():
    fails("does not answer like pcscd", "-p", fake("a", "echo hello"), "-c",
          "1", "true")
    fails("does not answer like pcscd", "-p", fake("b", "cat /dev/zero"),
          "-c", "1", "true")


@test
def a_pcscd_that_does_not_say_its_version():
    fails("does not answer like pcscd", "-p", fake("a", "sleep 1000"), "-c",
          "1", "true")


@test
def a_pcscd_that_ends():
    """Its last words are shown."""
    err = fails("pcscd was ended with status 3", "-p",
                fake("a", REAL_FEATURES + "echo my last words; exit 3"), "-c",
                "1", "true")
    assert "my last words" in err, err
    fails("killed by signal 9", "-p",
          fake("b", REAL_FEATURES + "kill -9 $$"), "-c", "1", "true")


@test
def a_pcscd_that_does_not_answer():
    fails("did not answer its first client", "-t", "300", "-p",
          fake("a", REAL_FEATURES + "exec sleep 1000"), "-c", "1", "true")


@test
def a_pcscd_that_cannot_run():
    program = fake("a", REAL_FEATURES)
    with open(program, "w", encoding="ascii") as f:
        f.write("#!/no/such/interpreter\n")
    fails("does not answer like pcscd", "-p", program, "-c", "1", "true")


def arguments_for(features):
    conf = fake("p", f'if [ "$1" = -v ]; then echo "{features}"; '
                     'else echo "arguments: $*"; exit 1; fi')
    return fails("arguments: ", "-p", conf, "-c", "1", "true")


@test
def polkit_is_switched_off_from_2_0_on():
    features = "Enabled features: serial {} polkit"
    for version, systemd, off in (("1.9.9", "libsystemd", False),
                                  ("2.0.0", "libsystemd", True),
                                  ("2.3.3", "systemd", True)):
        err = arguments_for(f"version {version}\n"
                            + features.format(systemd))
        equal("--disable-polkit" in err, off, version)
    assert "--disable-polkit" not in arguments_for(
        "version 2.3.3\nEnabled features: serial systemd")


@test
def no_driver():
    for driver in ("/no/such/driver.so", temporary()):
        status, _, err = run("-d", driver, "-c", "1", "true")
        equal(status, 125)
        assert "driver" in err or "Virtual PCD 00 00" in err, err


@test
def the_driver_of_another_project():
    """Of the same name, in the same place: not ours."""
    theirs = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
    if not os.path.exists(theirs):
        raise Skip("no such driver here")
    with open(theirs, "rb") as f:
        if b"unix-listen:" in f.read():
            raise Skip("ours is installed")
    alone = path("alone")
    shutil.copy(INWORLD, alone)
    fails("This project's reader driver", "-c", "1", "true", program=(alone,),
          env=environment(VICC_DRIVER=None))


@test
def not_a_driver():
    """pcscd says why it does not load it."""
    other = path("other.so")
    with open(other, "w", encoding="ascii") as f:
        f.write("not a library\n")
    fails('could not make the reader "Virtual PCD 00 00"', "-d", other, "-c",
          "1", "true")


@test
def a_card_that_never_comes():
    err = fails("Virtual PCD 01 00: no card", "-t", "3000", "-c", "1", "-e",
                "1", "true")
    assert "Virtual PCD 00 00" not in err, err


@test
def a_command_waits_for_its_cards():
    """Nothing runs before the barrier."""
    adopt()
    process = start("-t", "60000", "-e", "1", "--", "echo", "ran")
    find_pcscd(process.pid)
    process.kill()
    equal(process.communicate(timeout=10)[0], "")
    gone()


@test
def no_client_library():
    """It is loaded when it is needed, and missed in words."""
    need_namespaces()
    script = """for f in /usr/lib/*/libpcsclite.so.1; do
mount --bind /dev/null "$f"; done"""
    status, _, err = run("-c", "1", "true", program=isolated(script, INWORLD))
    equal(status, 125)
    assert "libpcsclite" in err, err


@test
def the_log_is_shown_when_wanted():
    """pcscd's whole log can be had, and is not mixed with the command's."""
    process = start("-v", "-t", "3000", "-e", "1", "true")
    status, out, err = finish(process)
    equal((status, out), (125, ""))
    assert "pcscdaemon.c" in err, err


if __name__ == "__main__":
    main()
