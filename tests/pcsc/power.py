#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Power, reset and protocol: what programs ask for and the card gets."""

from cards import (ATR, ATR_T0, ATR_T1, GET_ATR, OFF, ON, RESET, Card,
                   LeavesAtReset, numbered_atr)
from harness import equal, main, path, raises, test, world
from pcsc import (LEAVE, PROTO_MISMATCH, RESET_CARD, SHARE_SHARED, T0, T1,
                  UNPOWER, UNPOWERED_CARD, UNRESPONSIVE_CARD)
import pcsc

READER = "Test 00 00"
INSERTED = [GET_ATR, ON, GET_ATR]


def inserted(w, make=Card, **attributes):
    card = make(path("s"), **attributes)
    w.context.watch(READER).present()
    return card


@test
def connecting_to_a_powered_card_sends_nothing():
    with world(f"unix-listen:{path('s')}") as w:
        card = inserted(w)
        handle = w.context.connect(READER)
        equal(handle.transmit("00A4000000"), b"\x90\x00")
        equal(card.seen, INSERTED + [bytes.fromhex("00A4000000")], "frames")
        handle.disconnect(LEAVE)


@test
def reset_gives_the_new_atr():
    with world(f"unix-listen:{path('s')}") as w:
        card = inserted(w)
        handle = w.context.connect(READER)
        card.atr = numbered_atr(5)
        handle.reconnect(pcsc.RESET)
        equal(card.seen, INSERTED + [RESET, GET_ATR], "frames")
        equal(handle.atr(), numbered_atr(5), "ATR")


@test
def unpower_is_off_and_on():
    with world(f"unix-listen:{path('s')}") as w:
        card = inserted(w)
        handle = w.context.connect(READER)
        handle.reconnect(UNPOWER)
        equal(card.seen, INSERTED + [OFF, ON, GET_ATR], "frames")


@test
def disconnecting_with_reset_resets():
    with world(f"unix-listen:{path('s')}") as w:
        card = inserted(w)
        w.context.connect(READER).disconnect(pcsc.RESET)
        card.got(RESET)
        w.context.connect(READER).disconnect(UNPOWER)
        card.got(OFF)


@test
def other_handles_learn_of_a_reset():
    with world(f"unix-listen:{path('s')}") as w:
        card = inserted(w)
        one = w.context.connect(READER)
        other = w.context.connect(READER)
        one.begin()
        one.end(pcsc.RESET)
        card.got(RESET)
        raises(RESET_CARD, other.transmit, "00A4000000")
        other.reconnect(LEAVE)
        equal(other.transmit("00A4000000"), b"\x90\x00")


@test
def a_card_that_leaves_at_reset_is_removed():
    with world(f"unix-listen:{path('s')}") as w:
        inserted(w, LeavesAtReset)
        handle = w.context.connect(READER)
        try:
            handle.reconnect(pcsc.RESET)
            raise AssertionError("no error")
        except pcsc.Error as error:
            assert error.code in (UNRESPONSIVE_CARD, pcsc.NO_SMARTCARD,
                                  pcsc.REMOVED_CARD, UNPOWERED_CARD), error
        w.context.watch(READER).empty()
        inserted(w)
        equal(w.context.connect(READER).transmit("00A4000000"), b"\x90\x00")


@test
def an_unused_card_is_switched_off_and_on_again():
    with world(f"unix-listen:{path('s')}") as w:
        card = inserted(w)
        card.got(OFF)  # after 5 s
        handle = w.context.connect(READER)
        equal(card.seen, INSERTED + [OFF, ON, GET_ATR], "frames")
        equal(handle.transmit("00A4000000"), b"\x90\x00")


def protocol(atr, wanted):
    """What a program gets when it wants these protocols of this card."""
    with world(f"unix-listen:{path('s')}") as w:
        inserted(w, atr=atr)
        handle = w.context.connect(READER, SHARE_SHARED, wanted)
        equal(handle.transmit("00A4000000"), b"\x90\x00")
        current = handle.attribute(0x80201)
        equal(int.from_bytes(current, "little"), handle.protocol,
              "attribute CURRENT_PROTOCOL_TYPE")
        return handle.protocol


@test
def a_t0_card_speaks_t0():
    equal(protocol(ATR_T0, T0 | T1), T0)


@test
def a_t1_card_speaks_t1():
    equal(protocol(ATR_T1, T0 | T1), T1)


@test
def a_card_of_both_speaks_what_is_wanted():
    equal(protocol(ATR, T0), T0)


@test
def t1_is_not_to_be_had_from_a_t0_card():
    raises(PROTO_MISMATCH, protocol, ATR_T0, T1)


@test
def the_program_keeps_its_recv_pci():
    with world(f"unix-listen:{path('s')}") as w:
        inserted(w)
        handle = w.context.connect(READER)
        pci = pcsc.IoRequest(2, 16)
        equal(handle.transmit("00A4000000", recv_pci=pci), b"\x90\x00")
        equal((pci.protocol, pci.length), (2, 16), "RecvPci")


main()
