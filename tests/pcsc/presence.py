#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Cards come and go, and programs see each of it."""

import os
import socket
import time

from cards import (ATR, GET_ATR, OFF, ON, Card, DiesAtCommand, MuteAfterOn,
                   NoAtr, numbered_atr)
from harness import (World, entry, equal, main, path, raises, test, until,
                     world)
from pcsc import REMOVED_CARD, STATE_MUTE, STATE_PRESENT
import pcsc

READER = "Test 00 00"


def wait_atr(watch, atr):
    """Until a card with this ATR is in, whatever came before."""
    while not (watch.state & STATE_PRESENT and watch.atr == atr):
        assert watch.change(10), f"no card with ATR {atr.hex()}"


@test
def insertion_and_removal_are_seen():
    with world(f"unix-listen:{path('s')}") as w:
        watch = w.context.watch(READER)
        watch.empty()
        card = Card(path("s"))
        equal(watch.present(), ATR, "ATR")
        card.leave()
        watch.empty()
        watch.counted(2)


@test
def twenty_swaps_are_forty_events():
    with world(f"unix-listen:{path('s')}") as w:
        watch = w.context.watch(READER)
        card = Card(path("s"), atr=numbered_atr(0))
        wait_atr(watch, numbered_atr(0))
        first = watch.events
        for n in range(1, 21):
            card.leave()
            card = Card(path("s"), atr=numbered_atr(n))
            wait_atr(watch, numbered_atr(n))
        watch.counted(first + 40)
        card.leave()


@test
def swap_during_an_apdu_is_removal_and_insertion():
    with world(f"unix-listen:{path('s')}") as w:
        watch = w.context.watch(READER)
        DiesAtCommand(path("s"), atr=numbered_atr(1))
        watch.present()
        handle = w.context.connect(READER)
        second = Card(path("s"), atr=numbered_atr(2))
        raises(pcsc.NO_SMARTCARD, handle.transmit, "00A40000023F00")
        wait_atr(watch, numbered_atr(2))
        watch.counted(3)
        raises(REMOVED_CARD, handle.transmit, "00A40000023F00")
        equal([p for p in second.seen if len(p) > 1], [], "APDUs")
        fresh = w.context.connect(READER)
        equal(fresh.atr(), numbered_atr(2), "ATR")
        equal(fresh.transmit("00A40000023F00"), b"\x90\x00")
        assert second.seen.index(ON) < len(second.seen) - 1, "not powered"


@test
def removal_between_apdus_ends_the_handle():
    with world(f"unix-listen:{path('s')}") as w:
        watch = w.context.watch(READER)
        card = Card(path("s"))
        watch.present()
        handle = w.context.connect(READER)
        card.leave()
        watch.counted(2)
        raises(REMOVED_CARD, handle.transmit, "00A40000023F00")
        handle.disconnect()
        raises(pcsc.NO_SMARTCARD, w.context.connect, READER)


@test
def cards_wait_for_their_turn():
    with world(f"unix-listen:{path('s')}") as w:
        watch = w.context.watch(READER)
        cards = [Card(path("s"), atr=numbered_atr(n)) for n in range(6)]
        wait_atr(watch, numbered_atr(0))
        for late in cards[1:]:
            equal(late.seen, [], "frames to a card that waits")
        cards[1].leave()  # gives up while it waits: nobody notices
        cards[2].leave()
        cards[0].leave()
        wait_atr(watch, numbered_atr(3))
        cards[3].leave()
        wait_atr(watch, numbered_atr(4))
        cards[4].leave()
        wait_atr(watch, numbered_atr(5))
        watch.counted(7)


@test
def reconnecting_at_once_is_never_lost():
    with world(f"unix-listen:{path('s')}") as w:
        watch = w.context.watch(READER)
        for n in range(100):
            Card(path("s"), atr=numbered_atr(n)).leave()
        card = Card(path("s"), atr=numbered_atr(1000))
        wait_atr(watch, numbered_atr(1000))
        card.leave()
        watch.empty()


@test
def a_crowd_that_gives_up_is_no_busy_loop():
    with world(f"unix-listen:{path('s')}") as w:
        began = time.monotonic()
        for _ in range(40):
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(path("s"))
        Card(path("s"))
        w.context.watch(READER).present()
        # eight at once, then one every 20 ms
        assert time.monotonic() - began > 0.4, "no limit"


def resident_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f
                    if line.startswith("VmRSS"))


@test(deadline=60)
def a_thousand_insertions_leave_nothing_behind():
    with world(f"unix-listen:{path('s')}") as w:
        watch = w.context.watch(READER)

        def insert_and_remove(n):
            card = Card(path("s"), atr=numbered_atr(n))
            wait_atr(watch, numbered_atr(n))
            if n % 10 == 0:
                handle = w.context.connect(READER)
                equal(handle.transmit("00A4000000"), b"\x90\x00")
                handle.disconnect()
            card.leave()
            watch.empty()

        def descriptors():
            return len(os.listdir(f"/proc/{w.pid}/fd"))

        for n in range(100):
            insert_and_remove(n)
        before, resident = descriptors(), resident_kib(w.pid)
        for n in range(1000):
            insert_and_remove(n)
        watch.counted(2200)
        # The last connection is closed when the slot waits for the next.
        until(lambda: descriptors() <= before, "no more descriptors")
        grown = resident_kib(w.pid) - resident
        if "VICC_PCSCD_PRELOAD" not in os.environ:
            assert grown < 512, f"{grown} KiB more memory"


@test
def a_silent_client_at_start_delays_no_program():
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path("s"))
    listener.listen(8)
    silent = socket.socket(socket.AF_UNIX)
    silent.connect(path("s"))  # before pcscd starts
    with World(entry("Test", "fd:10:hs=1"), fds={10: listener}) as w:
        equal(w.connect().readers(), [READER])
        watch = w.context.watch(READER)
        watch.empty()
        Card(path("s"))
        watch.present()  # the silent one lost its turn
        equal(silent.recv(99), b"\x00\x01\x04", "sent to the silent one")
        equal(silent.recv(99), b"", "end of the silent one")


@test
def a_silent_client_costs_its_own_slot_only():
    with world(f"unix-listen:{path('s')}:slots=2:hs=6") as w:
        silent = socket.socket(socket.AF_UNIX)
        silent.connect(path("s"))
        behind = Card(path("s"))
        Card(path("s") + ".1")
        other = w.context.watch("Test 00 01")
        other.present(timeout=5)
        handle = w.context.connect("Test 00 01")
        equal(handle.transmit("00A4000000"), b"\x90\x00")
        equal(behind.seen, [], "frames to the card behind the silent one")
        w.context.watch(READER).present()
        w.log("silent")
        equal(w.logged("silent"), 1, "lines about it")


@test(deadline=40)
def a_mute_card_then_a_good_one():
    with world(f"unix-listen:{path('s')}:hs=1") as w:
        watch = w.context.watch(READER)
        never = NoAtr(path("s"))
        never.ejected()
        equal(watch.events, 0, "events of a card without an ATR")
        mute = MuteAfterOn(path("s"))
        mute.got(ON)
        good = Card(path("s"), atr=numbered_atr(7))
        mute.ejected(timeout=15)  # 10 s for an ATR
        wait_atr(watch, numbered_atr(7))
        assert not watch.state & STATE_MUTE
        equal(w.context.connect(READER).transmit("00A4000000"), b"\x90\x00")
        equal(good.seen.count(GET_ATR), 2, "Get ATR")


@test
def probing_notices_a_card_that_was_pulled():
    from cards import Pulled  # pylint: disable=import-outside-toplevel
    with world(f"unix-listen:{path('s')}:probe=1") as w:
        watch = w.context.watch(READER)
        card = Pulled(path("s"))
        watch.present()
        card.got(GET_ATR, times=3)  # handshake, power-up, probe
        watch.counted(1)
        handle = w.context.connect(READER)
        equal(handle.transmit("00A4000000"), b"\x90\x00")
        card.inside = False
        watch.counted(2)
        card.ejected()
        raises(REMOVED_CARD, handle.transmit, "00A4000000")


@test
def probing_notices_another_card():
    with world(f"unix-listen:{path('s')}:probe=1") as w:
        watch = w.context.watch(READER)
        card = Card(path("s"))
        watch.present()
        card.atr = numbered_atr(2)
        watch.empty()
        card.ejected()


@test
def without_probe_a_card_sees_no_traffic():
    with world(f"unix-listen:{path('s')}") as w:
        watch = w.context.watch(READER)
        card = Card(path("s"))
        watch.present()
        equal(card.seen, [GET_ATR, ON, GET_ATR], "frames")
        card.got(OFF)  # pcscd switches an unused card off after 5 s
        equal(card.seen, [GET_ATR, ON, GET_ATR, OFF], "frames")


main()
