#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""PIV cards in images, copies and profiles: what they keep, what is shown of
it, and options that no card can have."""

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

from card import Card, tlv, untlv
from pivcard import (ALWAYS, DIGEST, FACTORY, NEVER, WRONG, authenticate,
                     generate, get, image, new, put, sign)
from tap import equal, has, main, test


@test
def images_keep_everything(place):
    new(place, "-o", "version=5.2.1")
    card = image(place)
    authenticate(card)
    public = generate(card, NEVER, 0x11, b"\xAB\1\3")
    card.send(*put("5FC105", bytes(20000)))
    card.send("00FFFFFF", b"\x0A\x9b\x18" + bytes(24))
    card.send("00200080", WRONG, "63C2")
    card.close()
    card = image(place)
    card.send("00200080", expected="63C2")
    equal(card.send("00FD0000"), b"\5\2\1")
    equal(card.send(*get("5FC105")), tlv(0x53, bytes(20000)))
    told = untlv(card.send("00F7009E"))
    equal((told["02"], told["03"]), (b"\1\3", b"\1"))
    signature = untlv(untlv(card.send(*sign(NEVER)))["7C"])["82"]
    public.verify(signature, DIGEST, ec.ECDSA(Prehashed(SHA256())))
    authenticate(card, bytes(24), 0x0A)


@test
def a_copy_is_another_card_with_the_same_keys(place):
    new(place)
    card = image(place)
    authenticate(card)
    generate(card, NEVER, 0x11)
    card.close()
    place.run("copy", place.path / "image", place.path / "copy")
    one, other = image(place), Card(place, "-f", place.path / "copy")
    equal(*(card.send("00F7009E") for card in (one, other)))
    for command in ("00F80000", b""), get("5FC102"), get("5FC107"):
        assert one.send(*command) != other.send(*command)


@test
def a_profile_makes_it_again(place):
    new(place)
    card = image(place)
    authenticate(card)
    generate(card, 0xF9, 0x11)
    generate(card, ALWAYS, 0x11, b"\xAA\1\2\xAB\1\3")
    card.send("00200080", WRONG, "63C2")
    card.close()
    _, text, _ = place.run("show", "--profile", "--secrets",
                           place.path / "image")
    status, _, said = place.run("new", "--profile",
                                place.file("profile", text),
                                place.path / "again")
    equal(status, 0, said)
    one, other = image(place), Card(place, "-f", place.path / "again")
    for command in (("00F700F9", b""), ("00F7009C", b""), ("00F7009B", b""),
                    ("00F70080", b""), ("00F80000", b""), get("5FC102"),
                    ("00200080", WRONG)):
        equal(*(card.send(*command, None) for card in (one, other)))


@test
def show_says_what_is_there(place):
    new(place)
    card = image(place)
    authenticate(card)
    generate(card, ALWAYS, 0x11, b"\xAB\1\3")
    card.send("00FE119A", tlv(0x06, b"\1" * 32) + b"\xAA\1\1\xAB\1\2")
    card.send("00FFFFFE", b"\3\x9b\x18" + FACTORY)
    card.send(*put("5FFF00", bytes(300)))
    card.close()
    _, said, _ = place.run("show", place.path / "image")
    has(said, "key 9C p256, 256 bits; sign decipher internal agree; "
        "PIN always, touch cached, generated\n",
        "agree; PIN never, touch always, imported\n",
        "key 9B des, 192 bits; internal external; touch always\n",
        "object 5FC102, CHUID, 59 bytes\n",
        "object 5FFF00, administration data, 300 bytes\n")


@test
def a_profile_without_files_makes_no_piv_card(place):
    profile = place.file("profile", "type: piv\nfiles: []\n")
    status, _, said = place.run("new", "--profile", profile,
                                place.path / "image")
    equal(status, 0, said)
    card = image(place)
    card.send("00A40400", bytes.fromhex("A000000308"), "6A82")
    card.send("00FD0000", expected="6D00")
    card.close()
    equal(place.run("copy", place.path / "image", place.path / "copy")[0], 3)


@test
def options_that_cannot_be(place):
    for option, why in (
            ("version=5.4", "option version"),
            ("version=5.4.3x", "takes three numbers"),
            ("version=5.4.256", "takes three numbers"),
            ("version=-1.2.3", "takes three numbers"),
            ("mgm=" + "00" * 16, "a key of 16 bytes for aes128"),
            ("mgm=" + "00" * 33, "option mgm"),
            ("pin=12345", "option pin"), ("pin=123456789", "option pin"),
            ("puk=12345", "option puk"), ("retries=0", "option retries"),
            ("retries=16", "option retries"), ("chuid=00", "option chuid"),
            ("puk-retries=16", "option puk-retries"),
            ("serial=4294967296", "option serial"),
            ("mgm-algorithm=des", "option mgm-algorithm"),
            ("contactless=maybe", "option contactless"),
            ("atr=" + "3B" * 34, "option atr"), ("memory=7", "option memory")):
        status, _, said = place.run("apdu", "-t", "piv", "-o", option)
        equal(status, 2, option)
        has(said, why)


main()
