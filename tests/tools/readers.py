#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Other people's readers at our card: one that connects out and one that is
connected to, each with its manners (vpcd(7) names them)."""

import select
import socket
import struct

from reader import (GET_ATR, OFF, ON, RESET, ByteByByte, OneReadPerFrame,
                    OneReadPerPart, Reader, Slot, TwoWrites, connect, frame)
from tap import equal, main, test

ATR = "3BD6180080B1806D1F038051006110309E"
CARD = ("-t", "handler-test")


def waiting_card(place, *args):
    """A card that listens on a free port; returns how to come to it."""
    program = place.program("--listen", "tcp:127.0.0.1:0", *CARD, *args)
    line = program.expect("waiting for a reader to connect to")
    return lambda manner=Reader: place.own(connect(line, manner))


def session(reader):
    """What any reader does once it has a card."""
    equal(reader.power(ON).hex().upper(), ATR)
    equal(reader.apdu("80300000"), "9000")
    equal(reader.apdu("80340005 05"), "00010203049000")
    equal(reader.power(RESET).hex().upper(), ATR)
    data = "00" * 255
    equal(reader.apdu("80320000 FF" + data), "9000")


@test
def classic_driver_polls_for_presence(place):
    """Debian's driver: Get ATR before everything, and every 0.4 s."""
    slot = place.own(Slot())
    place.program("-P", slot.port, *CARD)
    reader = place.own(slot.card(OneReadPerPart))
    for _ in range(3):
        equal(reader.atr().hex().upper(), ATR)
    session(reader)
    for _ in range(20):
        reader.atr()
    reader.write(OFF)
    equal(reader.atr().hex().upper(), ATR)
    session(reader)


@test
def ours_sends_power_and_question_in_one_write(place):
    slot = place.own(Slot(place.path / "s"))
    place.program("--connect", f"unix:{place.path}/s", *CARD)
    reader = place.own(slot.card())
    equal(reader.atr().hex().upper(), ATR)
    reader.sock.sendall(frame(ON) + frame(GET_ATR))
    equal(reader.read().hex().upper(), ATR)
    reader.sock.sendall(frame(RESET) + frame(GET_ATR))
    equal(reader.read().hex().upper(), ATR)
    session(reader)


@test
def phone_says_on_first_and_never_asks_for_the_atr(place):
    """ACardEmulator: ON when a field comes, then commands, in two writes."""
    come = waiting_card(place)
    for _ in range(2):
        reader = come(TwoWrites)
        reader.write(ON)
        equal(reader.apdu("80300000"), "9000")
        reader.write(OFF)
        reader.write(ON)
        equal(reader.apdu("80340001 01"), "009000")
        reader.write(OFF)
        reader.close()


@test
def phone_begins_with_a_command(place):
    reader = waiting_card(place)(TwoWrites)
    equal(reader.apdu("00A4040006A00000001850"), "9000")
    reader.write(OFF)
    equal(reader.apdu("80340001 01"), "009000")


@test
def relay_polls_until_a_card_answers(place):
    """pcsc-relay as a reader: Get ATR once a second, then ON."""
    reader = waiting_card(place)()
    for _ in range(3):
        equal(reader.atr().hex().upper(), ATR)
    session(reader)


@test
def one_read_a_frame_suffices(place):
    come = waiting_card(place)
    session(come(OneReadPerFrame))


@test
def one_read_a_part_suffices(place):
    come = waiting_card(place)
    session(come(OneReadPerPart))


@test
def length_and_body_in_two_writes(place):
    session(waiting_card(place)(TwoWrites))


@test
def byte_by_byte(place):
    session(waiting_card(place)(ByteByByte))


@test
def delayed_acknowledgement_costs_nothing(place):
    """A reader that sets no TCP_NODELAY and writes twice, many times."""
    reader = waiting_card(place)(TwoWrites)
    reader.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0)
    for _ in range(50):
        equal(reader.apdu("80300000"), "9000")


@test
def other_numbering_is_ignored(place):
    """Forks with reset as 3, a code 8 of their own, or empty frames."""
    reader = waiting_card(place)()
    for stray in (b"", b"\3", b"\x08", b"\xff", b""):
        reader.write(stray)
    session(reader)


@test
def codes_of_a_test_suite(place):
    """TTCN-3 VPCD_Types: 0, 1, 2 and 4 in any order."""
    reader = waiting_card(place)()
    for codes in (OFF + OFF, RESET, ON + ON, OFF + RESET, RESET + OFF):
        for code in codes:
            reader.write(bytes([code]))
        equal(reader.atr().hex().upper(), ATR)
    session(reader)


@test
def long_messages_both_ways(place):
    reader = waiting_card(place)()
    data = bytes(65526)
    equal(reader.ask(bytes.fromhex("80120180 00FFF6") + data).hex(), "9000")
    equal(len(reader.ask(bytes.fromhex("80000455 00FFFD"))), 65535)


@test
def second_reader_waits_its_turn(place):
    come = waiting_card(place)
    first = come()
    session(first)
    second = come()
    second.write(GET_ATR)
    session(first)
    equal(select.select([second.sock], [], [], 0)[0], [], "before its turn")
    first.close()
    equal(second.read().hex().upper(), ATR)


@test
def reader_that_resets_the_connection(place):
    come = waiting_card(place)
    for part in (b"", b"\0", b"\0\1", frame(ON), frame(ON) + b"\0\5\x80",
                 frame(GET_ATR), frame(b"\x80\x30\0\0")):
        reader = come()
        reader.sock.sendall(part)
        reader.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                               struct.pack("ii", 1, 0))
        reader.close()
    session(come())


@test
def time_request_is_kept_and_cut_short(place):
    """INS 38 asks for 25.5 s; its reader leaves, the next one is served."""
    come = waiting_card(place, "-v")
    reader = come()
    reader.power(ON)
    equal(reader.apdu("80380001"), "9000")
    reader.write(bytes.fromhex("803800FF"))
    reader.close()
    session(come())


main()
