#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""A stalled card hurts nobody, an idle one costs nothing, and pcscd ends
when it is told to."""

import glob
import signal
import socket
import threading
import time

import cards
from cards import OFF, ON, Card, Hung, Listening
from harness import World, entry, equal, main, path, raises, test, world
from pcsc import NOT_TRANSACTED, REMOVED_CARD
import pcsc

SELECT = "00A40000023F00"
ZERO, ONE = "Test 00 00", "Test 00 01"


class Transmit(threading.Thread):
    """One command in a thread of its own, with a context of its own."""

    def __init__(self, reader):
        super().__init__(daemon=True)
        self.code, self.response = None, None
        context = pcsc.Context()
        context.watch(reader).present()
        self.handle = context.connect(reader)
        self.start()

    def run(self):
        self.code, self.response = self.handle.transmit_code(
            bytes.fromhex(SELECT))


def hung(w, reader, where):
    """A card in the middle of a command that it will never answer."""
    card = Hung(where)
    w.context.watch(reader).present()
    transmit = Transmit(reader)
    card.got(bytes.fromhex(SELECT))
    return card, transmit


@test
def a_hung_card_blocks_no_other_slot():
    with world(f"unix-listen:{path('s')}:slots=2") as w:
        stuck, transmit = hung(w, ZERO, path("s"))
        watch = w.context.watch(ONE)
        for _ in range(20):
            card = Card(path("s") + ".1")
            watch.present()
            handle = w.context.connect(ONE)
            equal(handle.transmit(SELECT), b"\x90\x00")
            handle.disconnect(pcsc.RESET)
            card.leave()
            watch.empty()
        assert transmit.is_alive(), "the command came back"
        stuck.leave()
        transmit.join()
        equal(transmit.code, pcsc.NO_SMARTCARD, "code")


@test
def a_hung_card_blocks_no_other_reader():
    with World(entry("One", f"unix-listen:{path('s0')}", 1) +
               entry("Two", f"unix-listen:{path('s1')}", 2)) as w:
        w.connect()
        stuck, _ = hung(w, "One 00 00", path("s0"))
        Card(path("s1"))
        w.context.watch("Two 01 00").present()
        handle = w.context.connect("Two 01 00")
        equal(handle.transmit(SELECT), b"\x90\x00")
        stuck.leave()


@test
def a_hung_card_is_ejected_after_its_time():
    with world(f"unix-listen:{path('s')}:apdu=1") as w:
        stuck, transmit = hung(w, ZERO, path("s"))
        transmit.join(5)
        equal(transmit.code, NOT_TRANSACTED, "code")
        w.context.watch(ZERO).counted(2)
        stuck.ejected()
        raises(REMOVED_CARD, transmit.handle.transmit, SELECT)
        w.log("did not answer in time")


@test
def a_stalled_answer_is_ejected():
    """The first bytes of an answer came, and then no more."""
    with world(f"unix-listen:{path('s')}:apdu=2") as w:
        card = cards.Answers(path("s"), raw=b"\x00\x10\x01")
        w.context.watch(ZERO).present()
        raises(NOT_TRANSACTED, w.context.connect(ZERO).transmit, SELECT)
        card.ejected()


@test
def a_card_that_does_not_read_blocks_no_other_slot():
    class Deaf(Card):
        """Stops reading when the first command comes."""

        def read(self):
            if len(self.seen) >= 3:
                threading.Event().wait()
            return super().read()

    with world(f"unix-listen:{path('s')}:slots=2:apdu=1") as w:
        Deaf(path("s"))
        Card(path("s") + ".1")
        w.context.watch(ZERO).present()
        w.context.watch(ONE).present()
        handle = w.context.connect(ZERO)
        code, _ = handle.transmit_code(bytes(65535))
        equal(code, NOT_TRANSACTED, "code")
        equal(w.context.connect(ONE).transmit(SELECT), b"\x90\x00")
        w.context.watch(ZERO).empty()


# --- idle --------------------------------------------------------------------

def switches(pid):
    """Voluntary context switches of all threads: each is a wake-up."""
    total = 0
    for status in glob.glob(f"/proc/{pid}/task/*/status"):
        with open(status, encoding="ascii") as f:
            total += next(int(line.split()[1]) for line in f
                          if line.startswith("voluntary"))
    return total


@test(deadline=40)
def an_idle_reader_wakes_nobody():
    """With a card in one slot and none in the other, for 10 s."""
    with world(f"unix-listen:{path('s')}:slots=2") as w:
        card = Card(path("s"))
        watch = w.context.watch(ZERO)
        watch.present()
        card.got(OFF)  # pcscd's power-down after 5 s
        time.sleep(0.2)  # for pcscd to go to sleep; nothing announces it
        before, frames = switches(w.pid), len(card.seen)
        time.sleep(10)  # what is measured is that nothing happens
        equal(switches(w.pid) - before, 0, "wake-ups")
        equal(len(card.seen) - frames, 0, "frames")
        watch.present()


@test
def a_client_that_knocks_does_not_wake_a_taken_slot():
    with world(f"unix-listen:{path('s')}") as w:
        card = Card(path("s"))
        w.context.watch(ZERO).present()
        began = time.monotonic()
        for _ in range(5):
            knock = socket.socket(socket.AF_UNIX)
            knock.connect(path("s"))
        # An early return of the poll function would switch it off at once.
        card.got(OFF)
        assert time.monotonic() - began > 4, "switched off early"


# --- the end -----------------------------------------------------------------

@test
def sigterm_with_a_hung_card():
    w = world(f"unix-listen:{path('s')}")
    _, transmit = hung(w, ZERO, path("s"))
    w.kill(signal.SIGTERM)
    equal(w.exited()[0], 0, "pcscd's status")
    transmit.join(5)
    assert transmit.code not in (None, 0), "the command came back"


@test
def sigint_with_an_idle_card():
    w = world(f"unix-listen:{path('s')}:slots=2")
    card = Card(path("s"))
    w.context.watch(ZERO).present()
    w.interrupt()
    card.ejected()
    equal(card.seen[-1], OFF, "last frame")
    equal([name for name in glob.glob(path("s") + "*")], [], "socket files")


@test
def sigint_with_a_silent_client():
    w = world(f"unix-listen:{path('s')}")
    silent = socket.socket(socket.AF_UNIX)
    silent.connect(path("s"))
    equal(silent.recv(3), b"\x00\x01\x04", "what the reader said")
    w.interrupt()


@test
def sigint_while_reaching_out():
    # 192.0.2.0/24 is for documentation: nobody answers (RFC 5737)
    refused = Listening(Card)
    refused.close()
    w = World(entry("One", "tcp:192.0.2.1:35963", 1) +
              entry("Two", f"tcp:127.0.0.1:{refused.address[1]}", 2))
    w.connect()
    w.log("no card from")
    w.interrupt()


@test
def sigint_with_a_hung_card():
    w = world(f"unix-listen:{path('s')}:apdu=0")
    hung(w, ZERO, path("s"))
    w.interrupt()


@test
def sigint_with_a_card_mute_at_power_on():
    """pcscd waits for its own call, which ends after the 10 s for an ATR."""
    w = world(f"unix-listen:{path('s')}")
    mute = cards.MuteAfterOn(path("s"))
    mute.got(ON)
    w.interrupt(timeout=20)


main()
