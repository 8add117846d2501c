#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Secure messaging, ISO/IEC 7816-4, through a real pcscd, with sm_client.py as
the other side.

Each test starts a private world around this file, which then talks to the
card: sm.py inside NAME."""

import hashlib
import os
import subprocess
import sys

from harness import equal, main, test
import pcsc
import sm_attacks
import sm_objects
from sm_client import (
    Aes, Client, CountedAes, CountedDes, HEADER, PROTECTED, TripleDes, pad,
    tlv)

ENC, MAC = bytes(range(0x40, 0x60)), bytes(range(0x80, 0xA0))


def connect():
    with_card = pcsc.Context()
    return with_card.connect(with_card.readers()[0])


def set_keys(client, which="B4B8"):
    """The security environment for both directions."""
    if "B4" in which:
        client.plain("002231B4 03 83011F")
    if "B8" in which:
        client.plain("002231B8 03 83011E")


def whole(client):
    """Select, read, update, with access that wants secure messaging."""
    client.plain("00A4080C 04 10001001")
    set_keys(client)
    equal(client.send("00B00000", ne=18), b"Hello, card world\n", "EF 1001")
    client.send("00A4020C", bytes.fromhex("2F00"), expected="6A82")
    client.send("00A4000C", bytes.fromhex("3F00"))
    set_keys(client)  # another DF, another environment
    client.send("00E00000", bytes.fromhex(
        "6213 80020200 820101 83024444 8A0105 8C03034040"))
    client.plain("00B00000 01", "6982")
    client.plain("00D60000 01 55", "6982")
    content = bytes(i % 251 for i in range(400))
    client.send("00D60000", content)
    equal(client.send("00B00000", ne=400), content, "a long answer")
    equal(client.send("00B00000", ne=65536), content + bytes(112), "all")
    equal(client.send("00B00000", ne=200), content[:200], "half an answer")
    equal(client.send("00B10000", bytes.fromhex("540108"), ne=8),
          bytes.fromhex("5306") + content[8:14], "odd INS")
    client.send("00200001", b"1235", expected="63C2")
    client.send("00200001", b"1234")
    client.send("00FC0000", expected="6D00")


def forms(client):
    """Plain values, other objects, what the environment does not ask."""
    client.plain("00A4080C 04 10001001")
    set_keys(client, "B4")
    equal(client.send("00B00000", ne=5, form=0x81), b"Hello", "in plain")
    client.send("00A4020C", bytes.fromhex("1002"), tag=0x81)
    client.send("00D60000", b"abc", tag=0x81)
    equal(client.send("00B10000", bytes.fromhex("540101"), ne=4, tag=0xB3,
                      form=0xB3), b"\x53\x02bc", "BER-TLV")
    equal(client.send("00B00000", ne=3, form=0x81,
                      others=bytes.fromhex("B503 83011F")), b"abc",
          "key named in the command")
    equal(client.send("00B00000", ne=3, others=bytes.fromhex(
        "B903 83011E BA04 8700 8E00"), tags=[0x87, 0x8E]), b"abc",
          "answer descriptor")
    client.sm = PROTECTED
    equal(client.send("00B00000", ne=3, form=0x81), b"abc", "no header")
    equal(client.send("00B00000", ne=3, form=0x81, others=bytes.fromhex(
        "890400B00000")), b"abc", "header in the field")
    client.sm = HEADER
    # any number of objects, and without a cryptogram covered or not
    client.send("00D60000", b"xy", tag=0x81, others=bytes.fromhex(
        "B903 83011E") + tlv(0x81, b"12") + client.value(0x87, b"34")
        + tlv(0x81, b"56"))
    client.plain("00B00000 08", "3132333435367879 9000")
    client.send("00D60000", b"56", tag=0x81,
                others=tlv(0x80, b"12") + tlv(0x80, b"34"))
    client.plain("00B00000 08", "3132333435367879 9000")


def conditions(client):
    """An EF whose rules want a checksum by key 1F to read and encryption by
    key 1E to update."""
    set_keys(client)
    client.plain("00E00000 22 6220 80020010 820101 83024445 8A0105"
                 "AB10 800101 B403 83011F 800102 B803 83011E")
    client.plain("00B00000 01", "6982")
    client.plain("00D60000 01 55", "6982")
    client.send("00D60000", b"a", tag=0x81, expected="6982")
    client.send("00D60000", b"a")
    equal(client.send("00B00000", ne=1), b"a", "enciphered")
    equal(client.send("00B00000", ne=1, form=0x81, others=bytes.fromhex(
        "BB04 8100 8E00"), tags=[0x81, 0x8E]), b"a", "in plain, with a checksum")


    # without a key to encipher with, an answer that has no data is no secret
    client.plain("00A4000C 02 3F00")
    set_keys(client, "B4")
    client.plain("00E00000 17 6215 80020010 820101 83024446 8A0105"
                 "AB05 800101 B800")
    client.send("00B00000", ne=1, form=0x81, expected="6982")
    client.send("00B00000", ne=1, others=bytes.fromhex("BB02 8E00"),
                tags=[0x99, 0x8E], expected="6982")
    set_keys(client, "B8")
    equal(client.send("00B00000", ne=1), b"\0", "enciphered")


def wrong(client):
    """A MAC that is not right is answered in plain, and changes nothing."""
    client.plain("00A4080C 04 10001002")
    set_keys(client)
    good = client.command("00D60000", b"abc")
    for i in range(len(good) - 1):  # Le is no part of it
        for bit in 0x01, 0x80:
            bad = good[:i] + bytes([good[i] ^ bit]) + good[i + 1:]
            answer = client.card.transmit(bad).hex()
            expected = {0: ("6881", "6e00"), 4: ("6700",)}.get(
                i, ("6987", "6988"))
            assert answer in expected, f"{bad.hex()}: {answer}"
    client.plain("00B00000 03", "000000 9000")
    client.send("00D60000", b"abc")
    client.plain("00B00000 03", "616263 9000")


def chained(client):
    """Each command of a chain is protected, and each answer."""
    client.plain("00A4080C 04 10001002")
    set_keys(client)
    content = bytes(range(200))
    for i in range(0, 200, 80):
        more = 0x10 if i + 80 < 200 else 0x00
        client.send(f"{more:02X}D60000", content[i:i + 80])
    equal(client.send("00B00000", ne=200), content, "what was chained")
    client.send("10D60000", b"12")
    client.plain("00D60000 01 33", "6883")  # not as the chain began


def waiting(client):
    """GET RESPONSE, plain for the rest of a protected answer, protected for
    the rest of response data."""
    client.plain("00A4080C 04 10001001")
    set_keys(client)
    fcp = client.card.transmit(bytes.fromhex("00A40004 02 1001 00"))[:-2]
    rest = len(fcp) - 4
    for ears in "protected", "plain":
        equal(client.send("00A40004", bytes.fromhex("1001"), ne=4,
                          expected=f"61{rest:02X}"), fcp[:4], "the beginning")
        if ears == "plain":
            client.plain("00C00000 00", "6985")
        equal(client.send("00C00000", ne=rest), fcp[4:], "the end")
        client.send("00C00000", ne=1, expected="6985")


def channels(client):
    """A further channel: another class, and no keys until it is told."""
    set_keys(client)
    client.plain("0070000500", "6700")
    client.plain("00700005")
    client.card.transmit(bytes.fromhex("41A4080C0410001001"))
    client.sm = PROTECTED  # such a class says no more
    field = client.field(b"", b"", 0x87, 5)
    command = bytes.fromhex("61B00000") + bytes([len(field)]) + field + b"\0"
    equal(client.card.transmit(command).hex(), "6882", "without keys")
    client.plain("412231B4 03 83011F")
    client.plain("412231B8 03 83011E")
    equal(client.open(client.card.transmit(command), "41B00000", "9000"),
          b"Hello", "with keys")


def derive(seed, number, n):
    digest = hashlib.sha256 if n > 16 else hashlib.sha1
    return digest(seed + number.to_bytes(4, "big")).digest()[:n]


def pad_for_des(suite, data):
    """CMAC has a padding of its own."""
    return pad(data, 8) if suite.block == 8 else data


def authenticate(client, enc="1E", mac="1F"):
    """MUTUAL AUTHENTICATE in the shape of Doc 9303-11 4.3.3, after which the
    client speaks with the keys agreed on."""
    long_term = getattr(client.suite, "plain_suite", client.suite)
    client.suite = long_term
    client.plain("002281A4 03 8301" + enc)
    client.plain("002281B4 03 8301" + mac)
    theirs = client.card.transmit(bytes.fromhex("0084000008"))[:8]
    ours, half = os.urandom(8), os.urandom(16)
    token = long_term.encrypt(ours + theirs + half)
    token += long_term.mac(pad_for_des(long_term, token))
    answer = client.card.transmit(bytes.fromhex("00820000") + bytes(
        [len(token)]) + token + b"\0")
    if len(answer) == 2 and answer[0] == 0x61:
        answer = client.card.transmit(bytes.fromhex("00C00000") + answer[-1:])
    equal(answer[-2:].hex(), "9000", "MUTUAL AUTHENTICATE")
    equal(long_term.mac(pad_for_des(long_term, answer[:32])), answer[32:40],
          "MAC of the answer")
    opened = long_term.decrypt(answer[:32])
    equal(opened[:16], theirs + ours, "nonces")
    seed = bytes(a ^ b for a, b in zip(half, opened[16:]))
    n = len(long_term.enc)
    keys = derive(seed, 1, n), derive(seed, 2, n)
    client.suite = CountedDes(long_term, *keys, int.from_bytes(
        theirs[4:] + ours[4:], "big")) if long_term.block == 8 \
        else CountedAes(long_term, *keys, 0)


def session(client):
    """Authenticate, select, read, update; and how it ends."""
    client.plain("00A4080C 04 10001002")
    authenticate(client)
    client.send("00A4020C", bytes.fromhex("1001"))
    equal(client.send("00B00000", ne=18), b"Hello, card world\n", "EF 1001")
    client.send("00A4020C", bytes.fromhex("1002"))
    client.send("00D60000", b"in a session")
    client.send("10D60010", b"in a ")
    client.send("00D60010", b"chain")
    equal(client.send("00B00000", ne=26),
          b"in a session\0\0\0\0in a chain", "EF 1002")
    equal(client.send("00B10000", bytes.fromhex("540105"), ne=9),
          bytes.fromhex("5307") + b"session", "odd INS")
    client.send("00A4020C", bytes.fromhex("2FFF"), expected="6A82")
    client.send("00200001", b"1234")
    client.send("00200001")
    client.plain("00200001", "63C3")  # a plain one ends it, the PIN as well
    suite = client.suite
    suite.count()
    equal(client.card.transmit(client.command("00B00000", ne=4)).hex(),
          "6882", "after the end")
    for fault in "replayed", "reordered", "cut":
        authenticate(client)
        client.suite.count()
        first = client.command("00B00000", ne=12)
        if fault == "reordered":
            client.suite.count()
            client.suite.count()
            later = client.command("00B00001", ne=12)
            equal(client.card.transmit(later).hex(), "6988", fault)
        elif fault == "cut":
            cut = bytes([first[4] - 1])
            equal(client.card.transmit(first[:4] + cut + first[5:-2] + b"\0")
                  .hex(), "6988", fault)
        else:
            equal(client.open(client.card.transmit(first), "00B00000", "9000"),
                  b"in a session", "before")
            equal(client.card.transmit(first).hex(), "6988", fault)
        equal(client.card.transmit(first).hex(), "6882", "after " + fault)


def put_local(client, reference, value):
    """A key of the current DF, to authenticate with."""
    client.plain(f"00DB3FFF 29 4D27 A403 8301{reference:02X} B403"
                 f" 8301{reference:02X} AC03 800102 7F4802 9210 5F4810"
                 + value.hex())


def local(client):
    """A session by a key of a DF ends when that is left, with all that was
    proved; the answer to the command that leaves it is still protected."""
    client.plain("00A4000C 02 1000")
    put_local(client, 0x81, client.suite.enc)
    put_local(client, 0x82, client.suite.mac_key)
    for enc, mac in ("81", "82"), ("1E", "82"), ("81", "1F"):
        client.plain("00A4000C 02 1000")
        authenticate(client, enc, mac)
        client.send("00200001", b"1234")
        client.send("00A4020C", bytes.fromhex("1001"))
        client.send("00A4000C", bytes.fromhex("2FFF"), expected="6A82")
        client.send("00200001")
        client.send("00A4000C", bytes.fromhex("3F00"))
        client.suite.count()
        equal(client.card.transmit(client.command("00200001")).hex(), "6882",
              "the session is over")
        client.plain("00200001", "63C3")
    client.plain("00A4000C 02 1000")
    authenticate(client)  # by keys of the card
    client.send("00A4000C", bytes.fromhex("3F00"))
    client.send("00200001", expected="63C3")


def put_files(client, df, value):
    """A DF with key 81, and EFs whose rules want any protection, and a
    checksum by that key, to be activated and deactivated."""
    client.plain("00A4000C 02 3F00")
    client.plain(f"00E00000 09 6207 820178 8302{df}00")
    client.plain("00DB3FFF 27 4D25 B406 830181 950130 AC03 800102 7F4802 9210"
                 " 5F4810" + value.hex())
    client.plain(f"00E00000 11 620F 800104 820141 8302{df}01 8C03 18 40 40")
    client.plain(f"00E00000 16 6214 800104 820141 8302{df}02"
                 "AB08 800118 B403 830181")


def elsewhere(client):
    """Keys of a DF prove nothing to the rules of another, whatever their
    number; those of the card do."""

    def deactivate(path, expected):
        client.send("00040800", bytes.fromhex(path), tag=0x81, expected=expected)
        if expected == "9000":
            client.send("00440800", bytes.fromhex(path), tag=0x81)

    put_files(client, "40", bytes(16))
    put_files(client, "50", client.suite.mac_key)
    client.plain("00A4000C 02 5000")
    client.plain("002231B4 03 830181")
    for path, expected in (("50005001", "9000"), ("50005002", "9000"),
                           ("40004001", "6982"), ("40004002", "6982")):
        deactivate(path, expected)
    set_keys(client, "B4")
    deactivate("40004001", "9000")
    deactivate("40004002", "6982")
    put_local(client, 0x83, client.suite.enc)
    put_local(client, 0x84, client.suite.mac_key)
    for enc, mac, expected in ("83", "84", "6982"), ("1E", "1F", "9000"):
        authenticate(client, enc, mac)
        for path, answer in ("50005001", "9000"), ("40004001", expected):
            client.send("00040800", bytes.fromhex(path), expected=answer)
            if answer == "9000":
                client.send("00440800", bytes.fromhex(path))


INSIDE = {f.__name__: f
          for f in (session, whole, forms, conditions, wrong, chained, waiting,
                    channels, local, elsewhere, sm_objects.described, sm_objects.environments,
                    sm_objects.for_a_command, sm_objects.signed_commands,
                    sm_objects.certified, sm_attacks.unproved,
                    sm_attacks.uncovered, sm_attacks.nothing_to_hide,
                    sm_attacks.parts, sm_attacks.rest)}
SUITES = {"3des": (TripleDes, 16), "aes128": (Aes, 16), "aes192": (Aes, 24),
          "aes256": (Aes, 32)}


def world(name, suite, protocol="both"):
    _, n = SUITES[suite]
    done = subprocess.run(
        [os.environ["VICC"], "exec", "-t", "iso7816", "-o",
         f"sm-keys={(ENC[:n] + MAC[:n]).hex()}", "-o",
         f"sm-suite={suite.rstrip('0123456789') if 'aes' in suite else suite}",
         "-o", f"protocol={protocol}", "--", sys.executable, __file__,
         "inside", name, suite],
        capture_output=True, text=True, timeout=25, check=False)
    equal(done.returncode, 0, f"{name}, {suite}, {protocol}:\n"
          + done.stdout + done.stderr)


@test
def a_session_with_triple_des():
    for protocol in "t0", "t1":
        world("session", "3des", protocol)


@test
def a_session_with_aes():
    for suite, protocol in ("aes128", "t0"), ("aes192", "t1"), ("aes256", "t1"):
        world("session", suite, protocol)


@test
def the_keys_of_the_card():
    for suite in "3des", "aes128", "aes192", "aes256":
        world("whole", suite)


@test
def under_each_protocol():
    for protocol in "t0", "t1":
        world("forms", "aes128", protocol)


@test
def every_form():
    for suite in "3des", "aes256":
        world("forms", suite)


@test
def access_conditions():
    world("conditions", "aes128")
    world("elsewhere", "aes128")


@test
def every_bit_counts():
    for suite in "3des", "aes128":
        world("wrong", suite)


@test
def chains():
    world("chained", "3des")
    world("chained", "3des", "t0")
    world("chained", "aes128", "t1")


@test
def descriptors_and_templates():
    for name in "described", "environments", "for_a_command":
        world(name, "aes128")
    world("described", "3des", "t0")


@test
def a_session_of_a_df():
    world("local", "aes128")


@test
def signatures():
    for name in "signed_commands", "certified":
        world(name, "aes128")


@test
def without_a_key():
    for suite in "3des", "aes128":
        world("unproved", suite)
        world("uncovered", suite)
    for name in "nothing_to_hide", "parts", "rest":
        world(name, "aes128")


@test
def get_response():
    world("waiting", "aes128")


@test
def a_further_channel():
    world("channels", "3des")


if sys.argv[1:2] == ["inside"]:
    kind, size = SUITES[sys.argv[3]]
    INSIDE[sys.argv[2]](Client(connect(), kind(ENC[:size], MAC[:size])))
else:
    main()
