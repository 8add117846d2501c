#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Each way to give pcscd a /run/pcscd, as root and as an ordinary user, and
that the system's own is never touched."""

import os

from side import (INWORLD, LOOK, Nobody, environment, equal, expect, find,
                  finish, gone, isolated, need_namespaces, need_root, path,
                  run, start, way)
from harness import main, test

CARD = "Virtual PCD 00 00: card\n"

# What the system's daemon has there; 4242 is nobody's process.
SYSTEM = """mount -t tmpfs tmpfs /run
mkdir /run/pcscd
echo 4242 > /run/pcscd/pcscd.pid
"""

# No namespace can be made below this one: as in a container.
CONFINED = """mount -t tmpfs tmpfs /run
echo 0 > /proc/sys/user/max_user_namespaces
echo 0 > /proc/sys/user/max_mnt_namespaces
"""


def confined():
    return ["unshare", "-Urm", "sh", "-ec", CONFINED + 'exec "$@"', "sh",
            INWORLD]


def ours(name, *args):
    err = expect(0, CARD, "-w", "-c", "1", *args, "--", LOOK,
                 env=environment(VICC_WORLD_WAY=name))
    equal(way(err), name)


@test
def mount_namespace_as_root():
    need_root()
    ours("mount")


@test
def user_namespace():
    need_namespaces()
    ours("user")


@test
def shim():
    ours("shim")


@test
def root_takes_a_mount_namespace_first():
    need_root()
    err = expect(0, CARD, "-w", "-c", "1", "--", LOOK)
    equal(way(err), "mount")


@test
def a_user_takes_a_user_namespace():
    need_namespaces()
    user = Nobody()
    err = expect(0, CARD, "-w", "-c", "1", "--", user.look,
                 program=user.command(), env=user.env())
    equal(way(err), "user" if not os.path.isdir("/run/pcscd") else "direct")


@test
def a_user_with_the_shim():
    user = Nobody()
    err = expect(0, CARD, "-w", "-c", "1", "--", user.look,
                 program=user.command(),
                 env=user.env(VICC_WORLD_WAY="shim"))
    equal(way(err), "shim")


@test
def a_user_where_the_directory_is_there():
    need_root()
    user = Nobody()
    err = expect(0, CARD, "-w", "-c", "1", "--", user.look,
                 program=isolated(SYSTEM, *user.command()), env=user.env())
    equal(way(err), "direct")


@test
def not_direct_where_the_directory_is_ours_to_write():
    need_root()
    user = Nobody()
    err = expect(0, CARD, "-w", "-c", "1", "--", user.look,
                 program=isolated(SYSTEM + "chmod 777 /run/pcscd",
                                  *user.command()), env=user.env())
    assert way(err) != "direct", err


@test
def the_shim_where_nothing_else_works():
    need_namespaces()
    err = expect(0, CARD, "-w", "-c", "1", "--", LOOK, program=confined())
    equal(way(err), "shim")


@test
def says_which_ways_failed():
    need_namespaces()
    status, _, err = run("-c", "1", "true", program=confined(),
                         env=environment(VICC_WORLD_SHIM="/nonexistent"))
    equal(status, 125)
    for word in ("/run/pcscd", "mount: unshare:", "user: unshare:",
                 "shim: /nonexistent"):
        assert word in err, err


def system_is_untouched(name):
    """The pid file of the system's daemon, before, while and after."""
    check = "cd /run/pcscd; cat pcscd.pid; ls -i; stat -c %a,%Y ."
    script = SYSTEM + f"({check}) > {path('before')}"
    after = (f'"$@"; ({check}) > {path("after")}\n'
             f'cmp {path("before")} {path("after")}; set --')
    expect(0, CARD + "4242\n", "-c", "1", "--", "sh", "-c",
           f"{LOOK}; cat /run/pcscd/pcscd.pid",
           program=["unshare", "-m" if os.geteuid() == 0 else "-Urm", "sh",
                    "-ec", script + "\n" + after, "sh", INWORLD],
           env=environment(VICC_WORLD_WAY=name))


@test
def system_files_as_root_in_a_mount_namespace():
    need_root()
    system_is_untouched("mount")


@test
def system_files_as_root_in_a_user_namespace():
    need_root()
    need_namespaces()
    system_is_untouched("user")


@test
def system_files_as_root_with_the_shim():
    need_namespaces()
    system_is_untouched("shim")


@test
def direct_is_refused_as_root():
    need_namespaces()
    status, _, err = run("-c", "1", "true",
                         program=isolated(SYSTEM, INWORLD),
                         env=environment(VICC_WORLD_WAY="direct"))
    equal(status, 125)
    assert "none was allowed" in err, err


@test
def mounts_stay_in_the_world():
    """Also where mounts are shared, as systemd makes them."""
    need_namespaces()
    for name in ("mount", "user"):
        expect(0, CARD + "0\n", "-c", "1", "--", "sh", "-c",
               f"{LOOK}; grep -c '^vicc ' /proc/mounts || true",
               program=isolated("mount --make-rshared /", INWORLD),
               env=environment(VICC_WORLD_WAY=name))


@test
def a_driver_in_what_a_namespace_hides():
    """Below /run, which pcscd in its namespace cannot see."""
    need_namespaces()
    script = """mount -t tmpfs tmpfs /run
cp "$VICC_DRIVER" /run/driver.so
export VICC_DRIVER=/run/driver.so"""
    err = expect(0, CARD, "-w", "-c", "1", "--", LOOK,
                 program=isolated(script, INWORLD))
    equal(way(err), "shim")


@test
def a_slot_in_what_a_namespace_hides():
    need_namespaces()
    err = expect(0, "Virtual PCD 00 00: empty\nsocket\n", "-w", "-s",
                 "unix-listen:/run/slot", "--", "sh", "-c",
                 f"{LOOK}; test -S /run/slot && echo socket",
                 program=isolated("mount -t tmpfs tmpfs /run", INWORLD))
    equal(way(err), "shim")


@test
def the_shim_keeps_to_pcscd():
    """Its pid file is in the world's directory; the command sees neither."""
    process = start("-c", "1", "--", "sh", "-c",
                    'ls "${PCSCLITE_CSOCK_NAME%/*}/run"; '
                    'env | grep -c -e VICC_SHIM -e "LD_PRELOAD.*shim"; read x',
                    env=environment(VICC_WORLD_WAY="shim"), stdin=-1)
    equal(process.stdout.readline(), "pcscd.pid\n")
    equal(process.stdout.readline(), "0\n")
    equal(finish(process)[0], 1)
    gone()


@test
def real_readers_stay_out():
    """What tells pcscd so; readers to plug in are rare where tests run."""
    process = start("-n", "Virtual PCD 9", "-c", "1", "--", "sh", "-c",
                    "echo there; read x", stdin=-1)
    equal(process.stdout.readline(), "there\n")
    with open(f"/proc/{find(process.pid, 'pcscd')}/environ", "rb") as f:
        env = dict(v.split(b"=", 1) for v in f.read().split(b"\0") if v)
    equal(env[b"PCSCLITE_HP_DROPDIR"], b"/nonexistent")
    ignored = env[b"PCSCLITE_FILTER_IGNORE_READER_NAMES"].decode().split(":")
    equal("".join(c for c in "0129AVPvirtualzZ" if c in ignored), "012AvzZ")
    finish(process)
    gone()


if __name__ == "__main__":
    main()
