#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""PIV: who may do what, in every state of PIN, PUK and management key, over
contacts and without; data objects; and what a reset of the card takes away."""

import os

from card import tlv, untlv
from pivcard import (ALWAYS, FACTORY, NEVER, ONCE, PIN, WRONG, authenticate,
                     generate, get, image, new, put, ready, sign, use)
from tap import equal, main, test

PUK = b"12345678"
P256 = b"\xAC\3\x80\1\x11"


def prepare(card):
    """Keys of each policy, and objects of each access rule."""
    authenticate(card)
    for slot in NEVER, ONCE, ALWAYS, 0x82:
        generate(card, slot, 0x11)
    for tag in "5FC109", "5FC105", "5FC101":
        card.send(*put(tag))
    card.close()


def block(card, header, data):
    for _ in range(3):
        card.send(header, data, None)


STATES = {
    "fresh": lambda card: None,
    "pin": lambda card: card.send("00200080", PIN),
    "pin, forgotten": lambda card: (card.send("00200080", PIN),
                                    card.send("0020FF80")),
    "pin, then wrong": lambda card: (card.send("00200080", PIN),
                                     card.send("00200080", WRONG, "63C2")),
    "pin, then left": lambda card: (
        card.send("00200080", PIN),
        card.send("00A40400", bytes.fromhex("A000000527471117")),
        card.send("00A40400", bytes.fromhex("A000000308"))),
    "pin blocked": lambda card: block(card, "00200080", WRONG),
    "puk blocked": lambda card: block(card, "002C0080", WRONG + PIN),
    "admin": authenticate,
    "admin, then left": lambda card: (
        authenticate(card),
        card.send("00A40400", bytes.fromhex("A000000527471117")),
        card.send("00A40400", bytes.fromhex("A000000308"))),
    "admin, then wrong": lambda card: (
        authenticate(card),
        card.send("0087039B", tlv(0x7C, tlv(0x82, bytes(8))), "6982")),
    "admin and pin": lambda card: (authenticate(card),
                                   card.send("00200080", PIN)),
    "pin, selected again": lambda card: (
        card.send("00200080", PIN),
        card.send("00A40400", bytes.fromhex("A000000308"))),
    "pin, another card sought": lambda card: (
        card.send("00200080", PIN),
        card.send("00A40400", bytes.fromhex("D27600012401"), "6A82")),
    "pin, reset": lambda card: (card.send("00200080", PIN), card.power()),
    "admin, reset": lambda card: (authenticate(card), card.power()),
}

KNOWN = {"pin", "admin and pin", "pin, selected again",
         "pin, another card sought"}
ADMIN = {"admin", "admin and pin"}
BOTH = KNOWN & ADMIN


def allowed(states):
    return lambda state: "9000" if state in states else "6982"


def by_pin(left):
    return lambda state: left.get(state, "63C3" if state not in KNOWN
                                  else "9000")


# What is done, and what is answered in which state. Those that ask change
# nothing for those that come after them; the others get a card each.
ASKS = {
    "the PIN's status": (("00200080", b""), by_pin(
        {"pin blocked": "6983", "pin, then wrong": "63C2"})),
    "free object": (get("5FC105"), lambda state: "9000"),
    "object of the PIN": (get("5FC109"), allowed(KNOWN)),
    "absent object of the PIN": (get("5FC103"), lambda state: (
        "6A82" if state in KNOWN else "6982")),
    "key without PIN": (sign(NEVER), lambda state: "9000"),
    "key with PIN": (sign(ONCE), allowed(KNOWN)),
    "retired key": (sign(0x82), allowed(KNOWN)),
    "reset": (("00FB0000", b""), lambda state: "6985"),
    "metadata": (("00F7009A", b""), lambda state: "9000"),
    "serial": (("00F80000", b""), lambda state: "9000"),
}
CHANGES = {
    "key with PIN each time": (sign(ALWAYS), allowed(KNOWN)),
    "put": (put("5FC106"), allowed(ADMIN)),
    "delete": (put("5FC105", b""), allowed(ADMIN)),
    "generate": (("0047009D", P256), allowed(ADMIN)),
    "import": (("00FE119D", tlv(0x06, b"\1" * 32)), allowed(ADMIN)),
    "management key": (("00FFFFFF", b"\3\x9b\x18" + FACTORY), allowed(ADMIN)),
    "retries": (("00FA0505", b""), allowed(BOTH)),
    "change": (("00240080", PIN + PIN), lambda state: (
        "6983" if state == "pin blocked" else "9000")),
    "change the PUK": (("00240081", PUK + PUK), lambda state: (
        "6983" if state == "puk blocked" else "9000")),
    "unblock": (("002C0080", PUK + PIN), lambda state: (
        "6983" if state == "puk blocked" else "9000")),
}


def check_rule(card, state, name, rule):
    command, expected = rule
    try:
        card.send(*command, expected(state))
    except AssertionError as error:
        raise AssertionError(f"{state}: {name}: {error}") from None


@test(deadline=120)
def each_rule_in_each_state(place):
    new(place)
    prepare(image(place))
    for state, enter in STATES.items():
        card = image(place, "--discard")
        enter(card)
        for name, rule in ASKS.items():
            check_rule(card, state, name, rule)
        card.close()
        for name, rule in CHANGES.items():
            card = image(place, "--discard")
            enter(card)
            check_rule(card, state, name, rule)
            card.close()


@test
def without_contacts(place):
    new(place)
    card = image(place)
    prepare(card)
    card = image(place)
    authenticate(card)
    generate(card, 0x9D, 0x11, tlv(0xAA, b"\1"))  # never asks for the PIN
    card.close()
    card = image(place, "-o", "contactless=yes")
    for slot in ONCE, ALWAYS, 0x9D, 0x82:
        card.send(*sign(slot), "6982")
    card.send(*sign(NEVER))
    card.send(*get("5FC101"))
    for tag in "5FC105", "5FC109", "5FFF00":
        card.send(*get(tag), "6982")
    card.send("0087039B", tlv(0x7C, tlv(0x80)), "6982")
    card.send("00200080", PIN, "6982")
    equal(untlv(card.send("00F70080"))["06"], b"\3\3")


@test
def a_pin_for_each_use(place):
    card = ready(place)
    public = generate(card, ALWAYS, 0x11)
    card.send("00200080", PIN)
    card.send(*sign(ALWAYS))
    card.send(*sign(ALWAYS), "6982")
    card.send("00200080")  # it is still verified
    generate(card, ONCE, 0x11)
    card.send(*sign(ONCE))
    card.send("00200080", PIN)
    card.send(*sign(ONCE))
    card.send(*sign(ALWAYS), "6982")
    for between in (("00200080", b""), get("5FC102"), ("00F70080", b""),
                    ("00A40400", bytes.fromhex("A000000308"))):
        card.send("00200080", PIN)
        card.send(*between)
        card.send(*sign(ALWAYS))
    for between in (("0087009B", tlv(0x7C, tlv(0x81))), ("0020FF80", b"")):
        card.send("00200080", PIN)
        card.send(*between)
        card.send(*sign(ALWAYS), "6982")
    card.send("00200080", PIN)
    card.send("0087119C", tlv(0x7C), "6A80")  # a use that fails is one
    card.send(*sign(ALWAYS), "6982")
    card.send("00200080", PIN)
    card.send("00200080", WRONG, "63C2")
    card.send(*sign(ALWAYS), "6982")
    card.send("00240080", PIN + PIN)  # as good as VERIFY
    card.send(*sign(ALWAYS))
    card.send("00200080", PIN)
    card.send("002C0080", PUK + PIN)
    card.send(*sign(ALWAYS))
    card.send("00200080", PIN)
    card.send("002C0080", WRONG + PIN, "63C2")
    card.send(*sign(ALWAYS), "6982")
    # a chain, and an answer in parts, are one use
    generate(card, ALWAYS, 0x07)
    card.send("00200080", PIN)
    equal(len(use(card, ALWAYS, 0x07, 0x81, b"\0" + b"\1" * 255)), 256)
    assert public


@test
def policies_are_kept(place):
    card = ready(place)
    for slot, default in ((0x9A, 2), (0x9C, 3), (0x9D, 2), (0x9E, 1),
                          (0x82, 2), (0x95, 2), (0xF9, 1)):
        for pin in None, 0, 1, 2, 3:
            for touch in None, 0, 1, 2, 3:
                asked = [tlv(tag, bytes([value])) for tag, value in
                         ((0xAA, pin), (0xAB, touch)) if value is not None]
                generate(card, slot, 0x11, *asked)
                told = untlv(card.send(f"00F700{slot:02X}"))
                equal(told["02"], bytes([pin or default, touch or 1]))
                equal(told["03"], b"\1")
    card.send("00FE119A", tlv(0x06, b"\1" * 32) + b"\xAA\1\1\xAB\1\3")
    equal(untlv(card.send("00F7009A"))["02"], b"\1\3")
    card.send("0020FF80")
    card.send(*sign(0x9A))


def malformed(card, header, good, *wrong):
    for data in wrong:
        card.send(header, data, "6A80")
    card.send(header, good)


@test
def malformed_requests(place):
    card = ready(place)
    malformed(card, "0047009A", P256, b"", b"\xAC", b"\xAC\0",
              b"\xAC\2\x80\0", b"\xAC\3\x80\1\x12", b"\xAC\3\x80\1\3",
              b"\xAC\3\x80\1\xFF", b"\xAC\4\x80\2\x11\x11",
              b"\xAB\3\x80\1\x11", P256 + b"\0",
              b"\xAC\6\x80\1\x11\x80\1\x11", b"\xAC\3\xAA\1\1",
              b"\xAC\6\x80\1\x11\xAA\1\4", b"\xAC\6\x80\1\x11\xAB\1\4",
              b"\xAC\5\x80\1\x11\xAA\0", b"\xAC\7\x80\1\x11\xAA\2\1\1",
              b"\xAC\6\x80\1\x11\xAC\1\1", b"\xAC\4\x80\1\x11\x80",
              b"\xAC\6\x80\1\x11\x81\1\3",  # an exponent of a curve
              b"\xAC\6\x80\1\6\x81\1\4", b"\xAC\5\x80\1\6\x81\0",
              b"\xAC\x0A\x80\1\6\x81\5\1\0\0\0\1")
    malformed(card, "00FFFFFF", b"\3\x9b\x18" + FACTORY, b"", b"\3",
              b"\3\x9b", b"\3\x9b\x18", b"\3\x9b\x18" + FACTORY[1:],
              b"\3\x9b\x18" + FACTORY + b"\0", b"\3\x9a\x18" + FACTORY,
              b"\3\x9b\x10" + FACTORY[:16], b"\x08\x9b\x18" + FACTORY,
              b"\x0C\x9b\x18" + FACTORY, b"\x11\x9b\x18" + FACTORY,
              b"\3\x9b\x08" + FACTORY[:8])
    malformed(card, *put("5FC106"), b"", b"\x5C", b"\x5C\0\x53\1\0",
              b"\x5C\3\x5F\xC1\6", b"\x5C\3\x5F\xC1\6\x54\1\0",
              b"\x5C\3\x5F\xC1\6\x53\2\0", b"\x53\1\0\x5C\3\x5F\xC1\6",
              b"\x5C\3\x5F\xC1\6\x53\1\0\0", b"\x5C\2\x7F\x61\x53\1\0",
              b"\x5C\1\x7E\x53\1\0", b"\x7F\x61\2\x80\1",
              b"\x7F\x61\0\0", b"\x5C\3\x5F\xC1\6\x53\x85\1\1\1\1\1")
    card.send("00DB3FFF", b"\x5C\3\x5F\xC1\4\x53\1\0", "6A82")
    card.send("00DB3FFF", b"\x5C\1\x70\x53\1\0", "6A82")
    card.send("00DB3FFF", b"\x7E\0", "6A81")
    card.send("00DB3FFF", b"\x7E\3\x4F\1\0", "6A81")


@test
def objects_of_any_size(place):
    card = ready(place)
    for tag in ("5FC101", "5FC102", "5FC103", "5FC105", "5FC106", "5FC107",
                "5FC108", "5FC109", "5FC10A", "5FC10B", "5FC10C", "5FC10D",
                "5FC120", "5FC121", "5FC122", "5FC123", "5FFF00", "5FFF01",
                "5FFF10", "5FFF7F"):
        for size in 1, 127, 128, 3063, 255, 12710, 256, 16384, 40000, 3:
            content = os.urandom(size)
            card.send(*put(tag, content))
            equal(card.send(*get(tag)), tlv(0x53, content))
            wanted = bytes.fromhex("5C03" + tag)
            out, sw = card.transmit(bytes.fromhex("00CB3FFF05") + wanted)
            left = len(tlv(0x53, content)) - 256
            equal((len(out), sw), (256 + min(left, 0), "9000" if left <= 0 else
                                   f"61{left:02X}" if left < 256 else "6100"))
            whole = bytes.fromhex("00CB3FFF000005") + wanted
            for le in b"", b"\0\0":
                out, sw = card.transmit(whole + le)
                equal((out, sw), (tlv(0x53, content), "9000"))
        card.send(*put(tag, b""))
        card.send(*get(tag), "6A82")
        card.send(*put(tag, b""))  # nothing to delete is no error
    group = tlv(0x7F61, tlv(0x02, b"\0"))
    card.send("00DB3FFF", group)
    equal(card.send(*get("7F61")), group)
    card.send("00DB3FFF", tlv(0x7F61))
    card.send(*get("7F61"), "6A82")


@test
def a_long_command_in_one_piece(place):
    card = ready(place)
    content = os.urandom(60000)
    header, data = put("5FC108", content)
    sent = bytes.fromhex(header) + b"\0" + len(data).to_bytes(2, "big") + data
    equal(card.transmit(sent), (b"", "9000"))
    equal(card.send(*get("5FC108")), tlv(0x53, content))


@test
def a_card_that_is_full(place):
    card = ready(place, "-o", "memory=8")
    card.send(*put("5FC105", bytes(4000)))
    card.send(*put("5FC10A", bytes(5000)), "6A84")
    card.send(*put("5FC105", bytes(8000)), "6A84")
    equal(card.send(*get("5FC105")), tlv(0x53, bytes(4000)))
    card.send(*get("5FC10A"), "6A82")
    for slot in range(0x82, 0x96):
        card.send(f"004700{slot:02X}", b"\xAC\3\x80\1\6", None)
    card.send("00470095", b"\xAC\3\x80\1\6", "6A84")
    card.send("00F70095", expected="6A88")
    card.send(*put("5FC105", b""))
    generate(card, 0x95, 0x06)


@test
def tries_are_set(place):
    card = ready(place)
    card.send("00240080", PIN + b"654321\xff\xff")
    card.send("00240081", PUK + b"87654321")
    card.send("00FA0F01")
    equal(untlv(card.send("00F70080")),
          {"01": b"\xff", "05": b"\1", "06": b"\x0F\x0F"})
    equal(untlv(card.send("00F70081")),
          {"01": b"\xff", "05": b"\1", "06": b"\1\1"})
    card.send("00200080", expected="63CF")  # and nobody knows it yet
    card.send("00FA0303", expected="6982")
    card.send("00200080", PIN)
    for _ in range(14):
        card.send("00200080", WRONG, None)
    card.send("00200080", expected="63C1")
    card.send("00200080", WRONG, "6983")
    card.send("002C0080", WRONG + PIN, "6983")
    card.send("00FB0000")
    equal(untlv(card.send("00F70080"))["06"], b"\3\3")


@test
def a_reset_leaves_what_is_the_makers(place):
    card = ready(place, "-o", "mgm-algorithm=3des")
    for slot in [0x9A, 0x9C, 0x9D, 0x9E, 0xF9, *range(0x82, 0x96)]:
        generate(card, slot, 0x11)
    tags = ["5FC101", "5FC106", "5FC10C", "5FC120", "5FFF00", "5FFF7F"]
    for tag in [*tags, "5FFF01", "5FC109", "5FC121"]:
        card.send(*put(tag))
    card.send("00FFFFFE", b"\x0C\x9b\x20" + bytes(32))
    serial, ccc = card.send("00F80000"), card.send(*get("5FC107"))
    block(card, "00200080", WRONG)
    block(card, "002C0080", WRONG + PIN)
    card.send("00FB0000")
    card.send("0047009A", P256, "6982")
    for slot in [0x9A, 0x9C, 0x9D, 0x9E, *range(0x82, 0x96)]:
        card.send(f"00F700{slot:02X}", expected="6A88")
    for tag in tags:
        card.send(*get(tag), "6A82")
    equal(card.send(*get("5FFF01")), tlv(0x53, b"new"))
    equal(untlv(card.send("00F700F9"))["03"], b"\1")
    equal(card.send("00F80000"), serial)
    assert card.send(*get("5FC107")) != ccc
    card.send("00200080", PIN)
    for tag in "5FC109", "5FC121":
        card.send(*get(tag), "6A82")
    authenticate(card)
    generate(card, 0x9A, 0x11)


main()
