#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Lengths at their limits, and every kind of nonsense from the card's side:
each ends in a clear code, and the next card works."""

import random
import socket
import struct
import threading
import time

import cards
from cards import ATR, GET_ATR, ON, Card, Answers, frame, numbered_atr
from harness import equal, main, path, raises, test, world
from pcsc import (INSUFFICIENT_BUFFER, NO_SMARTCARD, NOT_TRANSACTED,
                  REMOVED_CARD)

READER = "Test 00 00"
SELECT = bytes.fromhex("00A40000023F00")


def inserted(w, make=Card, **attributes):
    """The card and a handle to it."""
    card = make(path("s"), **attributes)
    w.context.watch(READER).present()
    return card, w.context.connect(READER)


def works(w):
    """Another card comes after whatever happened, and works."""
    card = Card(path("s"), atr=numbered_atr(99))
    watch = w.context.watch(READER)
    while watch.atr != numbered_atr(99):
        assert watch.change(10), "the next card was not seen"
    equal(w.context.connect(READER).transmit(SELECT), b"\x90\x00")
    card.leave()
    watch.empty()


# --- lengths -----------------------------------------------------------------

class Data(Card):
    """As many bytes as the command's last four say, SW1-SW2 among them."""

    def answer(self, command):
        n = struct.unpack(">I", command[-4:])[0]
        return bytes(i % 251 for i in range(n - 2)) + b"\x90\x00"


@test
def responses_up_to_65535_bytes():
    with world(f"unix-listen:{path('s')}") as w:
        card, handle = inserted(w, Data)
        for n in (2, 3, 127, 128, 256, 258, 259, 32767, 32768, 65534, 65535):
            command = b"\x00\xB0\x00\x00" + struct.pack(">I", n)
            equal(handle.transmit(command), card.answer(command), f"{n} bytes")


@test
def commands_up_to_65535_bytes():
    with world(f"unix-listen:{path('s')}") as w:
        card, handle = inserted(w)
        for n in (2, 3, 4, 5, 260, 261, 32768, 65534, 65535):
            command = bytes(i % 249 for i in range(n))
            equal(handle.transmit(command), b"\x90\x00", f"{n} bytes")
            equal(card.seen[-1], command, f"{n} bytes at the card")


@test
def longer_commands_are_refused():
    with world(f"unix-listen:{path('s')}") as w:
        card, handle = inserted(w)
        for n in (65536, 65537, 65548):
            raises(NOT_TRANSACTED, handle.transmit, bytes(n))
        equal(handle.transmit(SELECT), b"\x90\x00", "the next command")
        equal(len(card.seen), 4, "frames at the card")
        w.log("65548 bytes refused")


@test
def commands_that_would_be_control_codes_are_refused():
    with world(f"unix-listen:{path('s')}") as w:
        card, handle = inserted(w)
        for command in (b"", b"\x00", b"\x01", b"\x02", b"\x04"):
            raises(NOT_TRANSACTED, handle.transmit, command)
        equal(handle.transmit(SELECT), b"\x90\x00", "the next command")
        equal(card.seen, [GET_ATR, ON, GET_ATR, SELECT], "frames")


@test
def a_response_longer_than_the_program_wants():
    with world(f"unix-listen:{path('s')}") as w:
        _, handle = inserted(w, Data)
        command = b"\x00\xB0\x00\x00" + struct.pack(">I", 300)
        equal(handle.transmit_code(command, room=258)[0], INSUFFICIENT_BUFFER)
        equal(len(handle.transmit(command, room=300)), 300, "bytes")


@test
def a_response_of_one_byte_is_an_error_and_the_card_stays():
    with world(f"unix-listen:{path('s')}") as w:
        card, handle = inserted(w, Answers, raw=frame(b"\x90"))
        raises(NOT_TRANSACTED, handle.transmit, SELECT)
        card.raw = frame(b"\x90\x00")
        equal(handle.transmit(SELECT), b"\x90\x00")
        equal(w.context.watch(READER).events, 1, "events")


@test
def any_cut_of_a_response():
    class Cut(Card):
        cuts = ()

        def write(self, payload):
            data, last = frame(payload), 0
            for cut in (*self.cuts, len(data)):
                self.sock.sendall(data[last:cut])
                last = cut

    listener = socket.create_server(("127.0.0.1", 0))
    with world("fd:10", fds={10: listener}) as w:
        card = Cut(listener.getsockname())
        w.context.watch(READER).present()
        handle = w.context.connect(READER)
        for cuts in ((1,), (2,), (3,), (1, 2), (1, 3), (2, 3), (1, 2, 3)):
            card.cuts = cuts
            equal(handle.transmit(SELECT), b"\x90\x00", f"cut at {cuts}")


# --- nonsense ----------------------------------------------------------------

@test
def an_atr_of_33_bytes():
    # TA1..TD4 as far as they go, then 15 historical bytes
    atr = bytes.fromhex("3BFF" + "11000080" + "1100001F" * 2) + bytes(15)
    atr += bytes(33 - len(atr))
    with world(f"unix-listen:{path('s')}") as w:
        Card(path("s"), atr=atr)
        equal(w.context.watch(READER).present(), atr, "ATR")


@test
def an_atr_of_34_bytes_is_no_card():
    with world(f"unix-listen:{path('s')}") as w:
        card = Card(path("s"), atr=b"\x3B" + bytes(33))
        card.ejected()
        equal(w.context.watch(READER).events, 0, "events")
        works(w)


@test
def an_atr_that_grows_at_reset_is_removal():
    with world(f"unix-listen:{path('s')}") as w:
        card, handle = inserted(w)
        card.atr = b"\x3B" + bytes(33)
        try:
            handle.reconnect(1)
            raise AssertionError("no error")
        except Exception as error:  # pylint: disable=broad-except
            assert hasattr(error, "code"), error
        card.ejected()
        works(w)


@test
def an_atr_that_is_none_is_told():
    with world(f"unix-listen:{path('s')}") as w:
        Card(path("s"), atr=bytes.fromhex("4F4B"))
        watch = w.context.watch(READER)
        watch.present()
        w.log("starts with 4F")


@test
def another_protocol_is_no_card():
    with world(f"unix-listen:{path('s')}") as w:
        client = socket.socket(socket.AF_UNIX)
        client.connect(path("s"))
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        equal(client.recv(3), b"\x00\x01\x04", "what the reader said")
        equal(client.recv(3), b"", "end")
        began = time.monotonic()
        works(w)
        assert time.monotonic() - began > 0.4, "no pause after it"


class Raw(Answers):
    """Answers with raw bytes, and then closes."""

    def answer(self, command):
        super().answer(command)
        self.sock.shutdown(socket.SHUT_RDWR)


@test
def a_card_that_closes_amid_its_answer():
    answer = frame(b"\xAA\xBB\xCC\x90\x00")
    with world(f"unix-listen:{path('s')}") as w:
        for cut in range(len(answer)):
            _, handle = inserted(w, Raw, raw=answer[:cut])
            raises(NO_SMARTCARD, handle.transmit, SELECT)
            w.context.watch(READER).empty()
        works(w)


@test
def a_card_that_closes_after_its_answer():
    with world(f"unix-listen:{path('s')}") as w:
        for _ in range(50):
            _, handle = inserted(w, Raw, raw=frame(b"\x90\x00"))
            equal(handle.transmit(SELECT), b"\x90\x00", "last answer")
            w.context.watch(READER).empty()
        works(w)


@test
def a_card_that_closes_at_each_step():
    class Closes(Card):
        at = 0

        def handle(self, payload):
            if len(self.seen) > self.at:
                self.sock.shutdown(socket.SHUT_RDWR)
            else:
                super().handle(payload)

    with world(f"unix-listen:{path('s')}") as w:
        for at in range(3):  # Get ATR, ON, Get ATR
            Closes(path("s"), at=at).ejected()
        w.context.watch(READER).empty()
        works(w)


@test
def the_beginning_of_a_frame_that_nobody_asked_for():
    for late in (b"\x00", b"\x00\x05", b"\x00\x05\x01"):
        with world(f"unix-listen:{path('s')}") as w:
            card, handle = inserted(w)
            card.sock.sendall(late)
            raises(NO_SMARTCARD, handle.transmit, SELECT)
            card.ejected()
            w.log("stayed incomplete")
            works(w)


@test
def whole_frames_that_nobody_asked_for():
    with world(f"unix-listen:{path('s')}") as w:
        card, handle = inserted(w)
        for late in (b"", ATR, b"\x90\x00", bytes(5000), bytes(65535)):
            card.write(late)
            equal(handle.transmit(SELECT), b"\x90\x00", f"after {len(late)}")
            card.write(late)
            handle.reconnect(1)
            equal(handle.atr(), ATR, "ATR")
        equal(w.context.watch(READER).events, 1, "events")


@test
def a_late_answer_is_never_taken_for_the_next():
    """No answer within the time for one: the stream is out of step."""
    class Slow(cards.Echo):
        late = None

        def answer(self, command):
            self.late = command
            return None

    with world(f"unix-listen:{path('s')}:apdu=1") as w:
        card, handle = inserted(w, Slow)
        raises(NOT_TRANSACTED, handle.transmit, SELECT)
        w.context.watch(READER).counted(2)
        card.ejected()
        raises(REMOVED_CARD, handle.transmit, SELECT)
        works(w)


@test
def a_babbling_card():
    """Sends without end, whatever is asked: no call may hang."""
    with world(f"unix-listen:{path('s')}") as w:
        card, handle = inserted(w)

        def babble():
            try:
                while True:
                    card.sock.sendall(frame(bytes(1000)) * 60)
            except OSError:
                pass
        threading.Thread(target=babble, daemon=True).start()
        for _ in range(100):
            code, _ = handle.transmit_code(SELECT)
            assert code in (0, NO_SMARTCARD, REMOVED_CARD), f"{code:08X}"
        card.leave()
        w.context.watch(READER).empty()
        works(w)


@test
def garbage():
    dice = random.Random(7816)
    with world(f"unix-listen:{path('s')}:hs=1", args=()) as w:
        for _ in range(6):  # each costs the slot half a second
            client = socket.socket(socket.AF_UNIX)
            client.connect(path("s"))
            client.sendall(dice.randbytes(dice.randrange(40)))
            client.shutdown(socket.SHUT_WR)
        for _ in range(200):
            card = Card(path("s"))
            watch = w.context.watch(READER)
            watch.present()
            handle = w.context.connect(READER)
            card.answer = lambda c, k=card: k.sock.sendall(
                dice.randbytes(dice.randrange(40))) or k.sock.shutdown(
                    socket.SHUT_WR)
            handle.transmit_code(SELECT)
            handle.disconnect()
            card.leave()
            watch.empty()
        works(w)


main()
