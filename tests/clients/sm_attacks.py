# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""What sm.py does as somebody between host and card, without a key: sends
again what was seen, as it was or changed, and fetches what is left."""

from harness import equal
from sm_client import Client, HEADER, PROTECTED, tlv

KEYS = "002231B4 03 83011F", "002231B8 03 83011E"


def keys(client):
    for command in KEYS:
        client.plain(command)


def create(client, identifier, rules):
    """An EF of 32 bytes, which is current then."""
    rules = tlv(0xAB, bytes.fromhex(rules))
    fcp = tlv(0x62, bytes.fromhex(
        f"80020020 820101 8302{identifier} 8A0105") + rules)
    client.plain("00E00000" + f"{len(fcp):02X}" + fcp.hex())


def cryptogram_of(client, tag=0x87):
    return client.value(tag, b"1234")


def bare(header, field):
    """A command with that SM field, as anybody can send it."""
    return header + f"{len(field):02X}" + field.hex() + "00"


def unproved(client):
    """The card deciphers for nobody who does not prove to have the other key,
    and only what the proof is of."""
    client.plain("00A4080C 04 10001002")
    keys(client)
    seen = cryptogram_of(client)
    for field in (seen, cryptogram_of(client, 0x85), tlv(0xB1, seen),
                  tlv(0x83, client.suite.encrypt(
                      b"\x81\x01\x55\x80" + bytes(client.suite.block - 4))),
                  seen + bytes.fromhex("BA029900"), tlv(0x86, seen[2:])):
        client.plain(bare("08D60000", field), "6987")
    client.sm = PROTECTED  # the proof of another command is as good
    client.refused("6987", "00D60000", b"1234")
    client.refused("6988", "00D60000", b"1234", tag=0x86,
                   others=bytes.fromhex("890400D60000"))
    client.send("00D60004", b"1234", others=bytes.fromhex("890400D60004"))
    client.sm = HEADER
    client.refused("6988", "00D60000", b"1234", tag=0x84)
    client.refused("6988", "00D60000", b"1234", others=tlv(0x80, b"12"))
    client.plain("00B00000 08", "00000000 31323334 9000")


def uncovered(client):
    """A proof counts only if all of the command is in it."""
    keys(client)
    create(client, "4445", "800102 B40383011F 800101 9000")
    good = {"header": "00D60000", "data": b"GOOD", "tag": 0x81}
    for other in "80044556494C", "B2015A", "960104", "BA029900", "940101", \
            "B403 83011F", "B803 83011E", "A403 83011E", "B004 81025555":
        client.sm = HEADER
        genuine = client.command(**good)
        field = bytes.fromhex(other) + genuine[5:-1]
        answer = client.card.transmit(
            genuine[:4] + bytes([len(field)]) + field + b"\0")
        assert answer[-2:].hex() == "6982", f"{other}: {answer.hex()}"
        client.sm = PROTECTED
        client.send(**good, expected="6982")  # it may be of another command
        client.plain("00B00000 04", "00000000 9000")
    client.send(**good, others=bytes.fromhex("890400D60000"))
    client.sm = HEADER
    client.send("00D60004", b"GOOD", tag=0x81)
    client.plain("00B00000 08", "474F4F44474F4F44 9000")


def nothing_to_hide(client):
    """Without data and without proof nothing is enciphered: all that a rule
    for confidentiality, or any protection, would go by is the wish for it."""
    keys(client)
    for number, rules in ("4445", "800102 B800"), ("4446", "800102 B400"):
        create(client, number, rules + " 800101 9000")
        client.plain("080E0000 02 9700 00", "99026982 6982")
        client.send("000E0000")
        client.plain("00A4000C 02 3F00")
        keys(client)
    client.plain("00E00000 12 6210 80020020 820101 83024447 8C03034040")
    client.plain("080E0000 02 9700 00", "99026982 6982")
    client.plain("08B00000 03 970101 00", "99026982 6982")
    client.send("000E0000")
    client.send("00B00000", ne=1)


def parts(client):
    """What is proved of the last part of a chain says nothing of the others."""
    client.plain("00DB3FFF 27 4D25 B406 830104 950130 AC03 800102 7F4802 9210"
                 " 5F4810" + bytes(range(16)).hex())
    keys(client)
    create(client, "4445", "800102 B40383011F 800101 9000")
    client.sm = PROTECTED
    header = bytes.fromhex("890400D60000")
    client.plain(bare("18D60000", tlv(0x80, b"EVIL")), "99029000 9000")
    client.send("00D60000", b"GOOD", tag=0x81, others=header,
                expected="6982")
    client.sm = HEADER
    other = Client(client.card, type(client.suite)(
        client.suite.enc, bytes(range(16))))

    def send_by_other(header, status):
        answer = client.card.transmit(other.command(
            header, b"EVIL", tag=0x81, others=bytes.fromhex("B503 830104")))
        equal(answer[-2:].hex(), status, "a part by another key")

    send_by_other("10D60000", "9000")
    client.send("00D60000", b"GOOD", tag=0x81, expected="6988")
    client.send("10D60000", b"GOOD", tag=0x81)
    send_by_other("00D60000", "6988")
    client.plain("00B00000 08", "0000000000000000 9000")
    client.send("10D60000", b"GOOD", tag=0x81)
    client.send("00D60000", b"NESS", tag=0x81)
    client.plain("00B00000 08", "474F4F444E455353 9000")
    client.plain("00A4000C 02 3F00")
    keys(client)
    create(client, "4446", "800102 B800 800101 9000")
    for tags, status in ((0x81, None), "6982"), ((None, 0x81), "6982"), \
            ((None, None), "9000"):
        client.send("10D60000", b"1", tag=tags[0])
        client.send("00D60000", b"2", tag=tags[1], expected=status,
                    form=0x81 if tags[1] else None)
    client.plain("00B00000 02", "3132 9000")


def rest(client):
    """What is left of an enciphered answer is for who has proved as much."""
    keys(client)
    rules = tlv(0xAB, bytes.fromhex("800102 9000 800101 B800"))
    client.plain("00E00000 1C 621A 80020040 820139 83024447 8A0105"
                 + rules.hex())
    client.plain("00DA0081 10" + b"TOP SECRET DATA!".hex())
    client.plain("00CA0081 00", "6982")
    equal(client.send("00CA0081", ne=1, expected="610F"), b"T", "host")
    client.plain("08C00000 07 BA028100 970120 00", "6982")
    client.plain("08C00000 03 970120 00", "99026982 6982")
    client.send("00C00000", ne=15, others=bytes.fromhex("BB04 8100 8E00"),
                tags=[0x99, 0x8E], expected="6982")
    equal(client.send("00C00000", ne=15), b"OP SECRET DATA!", "host")
