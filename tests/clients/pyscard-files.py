#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""A program as its users write them with pyscard: makes files on the card in
the first reader, writes and reads them.

    pyscard-files.py PROTOCOL...    T0, T1: those that are fine with it"""

import sys

from smartcard.System import readers
from smartcard.scard import SCARD_PROTOCOL_T0, SCARD_PROTOCOL_T1

PROTOCOLS = {"T0": SCARD_PROTOCOL_T0, "T1": SCARD_PROTOCOL_T1}


class Card:
    def __init__(self, protocols):
        self.connection = readers()[0].createConnection()
        self.connection.connect(sum(PROTOCOLS[name] for name in protocols))

    def send(self, command, expected=0x9000):
        """The response data; fetches what waits, repeats a wrong Le."""
        command = list(bytes.fromhex(command))
        data, sw1, sw2 = self.connection.transmit(command)
        if sw1 == 0x6C:
            data, sw1, sw2 = self.connection.transmit(command[:-1] + [sw2])
        while sw1 == 0x61:
            more, sw1, sw2 = self.connection.transmit([0, 0xC0, 0, 0, sw2])
            data += more
        assert sw1 << 8 | sw2 == expected, (
            f"{bytes(command).hex()}: {sw1:02X}{sw2:02X}, not {expected:04X}")
        return bytes(data)


def equal(got, wanted):
    assert got == wanted, f"{got!r} instead of {wanted!r}"


def use_transparent(card):
    card.send("00E00000 0D 620B 80020020 820141 83022001")
    card.send("00A40000 02 2001")
    equal(card.send("00A40204 02 2001 00"), bytes.fromhex(
        "620E 80020020 820141 83022001 8A0105"))
    card.send("00D60000 05 48656C6C6F")
    equal(card.send("00B0000005"), b"Hello")
    equal(card.send("00B00000 00"), b"Hello" + bytes(27))
    equal(card.send("00B10000 03 540103 04"), b"\x53\x02lo")
    card.send("00B00021 00", 0x6B00)


def use_records(card):
    card.send("00E00000 11 620F 80020040 82054400001006 83022002")
    for number, text in enumerate([b"one", b"two", b"three"], 1):
        card.send(f"00E20000 {len(text):02X} {text.hex()}")
        equal(card.send(f"00B2{number:02X}0400"), text)
    card.send("00DC0204 04 464F5552")
    equal(card.send("00B2010500"), b"oneFOURthree")
    equal(card.send("00A20104 01 65 00"), b"\x01\x03")
    card.send("00B2040400", 0x6A83)


def main():
    card = Card(sys.argv[1:])
    card.send("00A40000 02 1000")
    use_transparent(card)
    use_records(card)
    for fid in "2001", "2002":
        card.send(f"00E40000 02 {fid}")
        card.send(f"00A4000C 02 {fid}", 0x6A82)
    print("all files done")


main()
