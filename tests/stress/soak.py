#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""For long: as many commands as one likes, and pcscd killed as often. Memory
and descriptors stay as they are, and cards return by themselves.

    VICC_SOAK    commands, 20000 when not given
    VICC_KILLS   deaths of pcscd, 20 when not given"""

import contextlib
import os
import signal
import subprocess
import time

from harness import World, entry, equal, main, note, path, test, until
from peers import descriptors, memory_kib
import pcsc

COMMANDS = int(os.environ.get("VICC_SOAK", "20000"))
KILLS = int(os.environ.get("VICC_KILLS", "20"))
GROWTH_KIB = 1024
CARDS = 2
SERIAL = "c0ffee07"


@contextlib.contextmanager
def vicc(*args):
    with subprocess.Popen([os.environ["VICC"], "run", *args,
                           "--connect", f"unix:{path('s')}"],
                          stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
    equal(process.returncode, 0, "status of vicc")


def use_all(readers, count):
    """`count` commands in all, a program a reader."""
    programs = [subprocess.Popen([os.environ["VICC_SOAKER"], name,
                                  str(count // len(readers))])
                for name in readers]
    for program in programs:
        equal(program.wait(), 0, "status of a program")


@test(deadline=60 + COMMANDS // 500)
def commands_without_end():
    conf = entry("Test", f"unix-listen:{path('s')}:slots={CARDS}")
    with World(conf, args=()) as w, vicc("--count", str(CARDS)) as cards:
        context = w.connect()
        readers = context.readers()
        for name in readers:
            context.watch(name).present()
        use_all(readers, COMMANDS // 10)  # by then all are warm
        pids = w.pid, cards.pid
        before = [(descriptors(pid), memory_kib(pid)) for pid in pids]
        began = time.monotonic()
        use_all(readers, COMMANDS)
        took = time.monotonic() - began
        after = [(descriptors(pid), memory_kib(pid)) for pid in pids]
        note(f"{COMMANDS} commands in {took:.0f} s; descriptors and KiB of "
             f"pcscd and vicc: {before} before, {after} after")
        for pid, (fds, kib), (_, kib_after) in zip(pids, before, after):
            until(lambda pid=pid, fds=fds: descriptors(pid) <= fds,
                  "no more descriptors")  # pcscd closes them in its own time
            if "VICC_PCSCD_PRELOAD" not in os.environ:
                assert kib_after - kib < GROWTH_KIB, "more memory"


@test(deadline=60 + KILLS * 5)
def pcscd_dies_again_and_again():
    conf = entry("Test", f"unix-listen:{path('s')}")
    slowest, before = 0, None
    with vicc("--card", f"iso7816,serial={SERIAL}") as cards:
        for number in range(KILLS):
            w = World(conf, args=())
            context = w.connect()
            began = time.monotonic()
            context.watch("Test 00 00").present()
            slowest = max(slowest, time.monotonic() - began)
            answer = context.connect("Test 00 00").transmit("00B0820000")
            equal(answer, bytes.fromhex(f"5a04{SERIAL}9000"), "serial number")
            if number == KILLS // 4:
                before = descriptors(cards.pid), memory_kib(cards.pid)
            w.kill(signal.SIGKILL)
            equal(w.exited()[0], -signal.SIGKILL, "status of pcscd")
            pcsc.call("SCardReleaseContext", context.handle)
        after = descriptors(cards.pid), memory_kib(cards.pid)
        note(f"{KILLS} deaths, the card back within {slowest:.2f} s each time; "
             f"descriptors and KiB of vicc: {before} before, {after} after")
        assert after[0] <= before[0], "more descriptors"
        assert after[1] - before[1] < GROWTH_KIB, "more memory"


if __name__ == "__main__":
    main()
