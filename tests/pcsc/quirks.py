#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Cards of other people: each habit that their programs have, alone, behind
the driver. cards.py says which program has it."""

import socket
import statistics
import time

import cards
from cards import ATR, GET_ATR, OFF, ON, RESET, Listening, numbered_atr
from harness import World, entry, equal, main, path, raises, test, world
from pcsc import NOT_TRANSACTED, REMOVED_CARD, UNPOWER
import pcsc

READER = "Test 00 00"
SELECT = bytes.fromhex("00A40000023F00")


class Tcp(World):
    """A reader on TCP, at a port that the kernel chose: the driver inherits
    the listener. Nagle and delayed acknowledgements exist only here."""

    def __init__(self, options=""):
        listener = socket.create_server(("127.0.0.1", 0))
        self.address = listener.getsockname()
        super().__init__(entry("Test", f"fd:10{options}"),
                         fds={10: listener})
        listener.close()
        self.connect()


def use(w, where, make, **attributes):
    """Inserts such a card, sends it a few commands, resets it, and again."""
    card = make(where, **attributes)
    watch = w.context.watch(READER)
    watch.present()
    handle = w.context.connect(READER)
    for _ in range(3):
        equal(handle.transmit(SELECT), b"\x90\x00", "response")
    handle.reconnect(pcsc.RESET)
    equal(handle.atr(), card.atr, "ATR")
    equal(handle.transmit(SELECT), b"\x90\x00", "response after reset")
    handle.reconnect(UNPOWER)
    equal(handle.transmit(SELECT), b"\x90\x00", "response after power-up")
    assert card.broken is None, card.broken
    return card, handle


@test
def length_and_body_in_two_writes():
    with Tcp() as w:
        _, handle = use(w, w.address, cards.TwoWrites)
        took = []
        for _ in range(21):
            began = time.monotonic()
            handle.transmit(SELECT)
            took.append(time.monotonic() - began)
        # Linux never delays an acknowledgement for less.
        assert statistics.median(took) < 0.04, "acknowledged too late"


@test
def length_and_body_in_two_writes_on_a_unix_socket():
    with world(f"unix-listen:{path('s')}") as w:
        use(w, path("s"), cards.TwoWrites)


@test
def every_byte_by_itself():
    with Tcp() as w:
        use(w, w.address, cards.ByteByByte)


@test
def one_read_a_part():
    with Tcp() as w:
        _, handle = use(w, w.address, cards.OneReadPerPart)
        equal(handle.transmit(bytes(261)), b"\x90\x00")
        equal(handle.transmit(bytes(4000)), b"\x90\x00")


@test
def one_read_a_frame():
    # It takes ON and Get ATR in one read too, and would lose the second:
    # such cards ignore power, and answer Get ATR alone.
    class Card(cards.OneReadPerFrame, cards.IgnoresPower):
        def run(self):
            self.sock = Split(self.sock)
            super().run()

    class Split:
        """What arrived together, a frame at a time."""
        def __init__(self, sock):
            self.sock, self.rest = sock, b""

        def recv(self, n):
            data = self.rest or self.sock.recv(n)
            length = 2 + int.from_bytes(data[:2], "big")
            self.rest = data[length:]
            return data[:length]

        def __getattr__(self, name):
            return getattr(self.sock, name)

    with Tcp() as w:
        use(w, w.address, Card)


@test
def strict_about_codes_and_lengths():
    with Tcp() as w:
        card, handle = use(w, w.address, cards.Strict)
        for command in (b"", b"\x00", b"\x01", b"\x02", b"\x04", b"\x08"):
            raises(NOT_TRANSACTED, handle.transmit, command)
        equal(handle.transmit(b"\x00\x01"), b"\x90\x00", "two bytes")
        equal(handle.transmit(b"\x00\x01\x02"), b"\x90\x00", "three bytes")
        assert card.broken is None, card.broken


@test
def three_seconds_of_sleep_after_connecting():
    with world(f"unix-listen:{path('s')}") as w:
        card, _ = use(w, path("s"), cards.Sleepy)
        equal(card.seen[0], GET_ATR, "first frame")
        equal(w.context.watch(READER).events, 1, "events")


@test
def atr_unasked_after_power_on_and_reset():
    with world(f"unix-listen:{path('s')}") as w:
        _, handle = use(w, path("s"), cards.EagerAtr)
        for _ in range(20):
            handle.reconnect(pcsc.RESET)
            equal(handle.atr(), ATR, "ATR")
            equal(handle.transmit(SELECT), b"\x90\x00")
        equal(w.context.watch(READER).events, 1, "events")


@test
def atr_unasked_comes_late():
    class Late(cards.EagerAtr):
        """The second ATR leaves only when the next command is there."""
        debt = False

        def control(self, code):
            cards.Card.control(self, code)
            self.debt = code in (ON, RESET)

        def answer(self, command):
            if self.debt:
                self.debt = False
                self.write(self.atr)
            return super().answer(command)

    with world(f"unix-listen:{path('s')}") as w:
        use(w, path("s"), Late)


@test
def an_answer_may_look_like_the_atr():
    class Mirror(cards.Card):
        def answer(self, command):
            return self.atr

    with world(f"unix-listen:{path('s')}") as w:
        Mirror(path("s"))
        w.context.watch(READER).present()
        handle = w.context.connect(READER)
        equal(handle.transmit(SELECT), ATR)
        equal(handle.transmit(SELECT), ATR)


@test
def no_atr_before_power_on():
    with world(f"unix-listen:{path('s')}") as w:
        card, _ = use(w, path("s"), cards.NoAtrBeforePower)
        equal(card.seen[:3], [GET_ATR, ON, GET_ATR], "frames")


@test
def an_empty_atr_means_removed():
    with world(f"unix-listen:{path('s')}") as w:
        card, handle = use(w, path("s"), cards.Pulled)
        card.inside = False
        try:
            handle.reconnect(pcsc.RESET)
            raise AssertionError("a pulled card was reset")
        except pcsc.Error:
            pass
        watch = w.context.watch(READER)
        watch.empty()
        card.ejected()
        outside = cards.Pulled(path("s"), inside=False)
        outside.ejected()
        equal(outside.seen, [GET_ATR, ON, GET_ATR], "frames")
        w.context.watch(READER).counted(2)
        use(w, path("s"), cards.Pulled)


@test
def an_empty_answer_means_removed():
    with world(f"unix-listen:{path('s')}") as w:
        card, handle = use(w, path("s"), cards.Answers, raw=b"\x00\x02\x90\x00")
        card.raw = b"\x00\x00"
        raises(pcsc.NO_SMARTCARD, handle.transmit, SELECT)
        w.context.watch(READER).counted(2)
        card.ejected()
        raises(REMOVED_CARD, handle.transmit, SELECT)
        use(w, path("s"), cards.Card)


@test
def ignores_power_and_reset():
    with world(f"unix-listen:{path('s')}") as w:
        use(w, path("s"), cards.IgnoresPower)


@test
def leaves_when_switched_off():
    with world(f"unix-listen:{path('s')}") as w:
        card = cards.LeavesAtOff(path("s"))
        watch = w.context.watch(READER)
        watch.present()
        card.got(OFF)  # 5 s
        watch.empty()
        use(w, path("s"), cards.Card)


@test
def answers_every_command_twice():
    class Twice(cards.Echo):
        def handle(self, payload):
            super().handle(payload)
            if len(payload) > 1:
                super().handle(payload)
                with self.news:
                    self.done = payload
                    self.news.notify_all()
        done = b""

    with world(f"unix-listen:{path('s')}") as w:
        card = Twice(path("s"))
        w.context.watch(READER).present()
        handle = w.context.connect(READER)
        for n in range(20):
            command = bytes([0, 0xB0, 0, n, 0])
            equal(handle.transmit(command), command + b"\x90\x00")
            card.wait(lambda c=command: card.done == c, "second answer")
        w.log("unasked")
        equal(w.logged("unasked"), 1, "lines about it")


@test
def reconnects_at_once():
    class Restless(cards.Card):
        """A new tag on the phone: connected again before we see the end."""

        def leave(self):
            successor = Restless(path("s"), atr=numbered_atr(2))
            super().leave()
            return successor

    with world(f"unix-listen:{path('s')}") as w:
        first, handle = use(w, path("s"), Restless)
        first.leave()
        watch = w.context.watch(READER)
        while watch.atr != numbered_atr(2):
            assert watch.change(10), "successor not seen"
        raises(REMOVED_CARD, handle.transmit, SELECT)
        equal(w.context.connect(READER).transmit(SELECT), b"\x90\x00")


@test
def accepts_and_closes():
    """A tunnel with nobody behind it, then with a card (adb, ssh)."""
    tunnel = Listening(cards.Card)
    where = f"tcp:127.0.0.1:{tunnel.address[1]}"
    with world(where, args=("--info",)) as w:
        for _ in range(4):
            tunnel.sock.settimeout(10)
            tunnel.sock.accept()[0].close()
        watch = w.context.watch(READER)
        equal(watch.events, 0, "events of closed connections")
        card = tunnel.card()
        watch.present()
        equal(w.context.connect(READER).transmit(SELECT), b"\x90\x00")
        w.log("no card from")
        equal(w.logged("no card from"), 1, "lines about it")
        card.leave()
        watch.empty()


@test
def lets_us_in_and_throws_us_out():
    """A listening card whose program crashes each time it is used."""
    class Crashes(cards.Card):
        def control(self, code):
            self.sock.shutdown(socket.SHUT_RDWR)

    listener = Listening(Crashes)
    with world(f"tcp:127.0.0.1:{listener.address[1]}"):
        began = time.monotonic()
        for _ in range(5):
            listener.card().ejected()
        # 0.1, 0.2, 0.4 and 0.8 s between them, not a busy loop
        assert time.monotonic() - began > 1.2, "came back too often"


@test
def one_connection_then_gone():
    """simrs-vpcd: listens, serves one reader, ends, and is started again."""
    listener = Listening(cards.EagerAtr)
    with world(f"tcp:127.0.0.1:{listener.address[1]}") as w:
        card = listener.card()
        listener.close()
        watch = w.context.watch(READER)
        watch.present()
        equal(w.context.connect(READER).transmit(SELECT), b"\x90\x00")
        card.leave()
        watch.empty()
        w.log("Connection refused")
        again = Listening(cards.EagerAtr, address=listener.address)
        again.card()
        watch.present()
        equal(w.context.connect(READER).transmit(SELECT), b"\x90\x00")


main()
