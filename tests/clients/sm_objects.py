# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""What sm.py does with the other data objects of secure messaging: response
descriptors, templates for one command, hash-codes, signatures and
certificates, with keys of python3-cryptography."""

import datetime
import hashlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from harness import equal
from sm_client import tlv

KEYS = "002231B4 03 83011F", "002231B8 03 83011E"
SHA256 = hashes.SHA256()
HALF = 32


def keys(client):
    for command in KEYS:
        client.plain(command)


def file_1001(client):
    client.plain("00A4080C 04 10001001")
    keys(client)


def file_1002(client):
    client.plain("00A4080C 04 10001002")
    keys(client)


def described(client):
    """The answer is what the descriptor says, in that order."""
    file_1001(client)
    for descriptor, tags, data in (
            ("8700 9900 8E00", [0x87, 0x99, 0x8E], b"Hello"),
            ("8E00", [0x99, 0x8E], b""),  # nothing to cover, so the status
            ("9900", [0x99], b""),
            ("9900 8100", [0x99, 0x81], b"Hello"),
            ("8700", [0x87], b"Hello"),
            ("", [], b""),
            ("B403 83011F 8700 8E00", [0xB4, 0x87, 0x8E], b"Hello"),
            ("AA03 800140 8100 9100 9900 8E00",
             [0xAA, 0x81, 0x91, 0x99, 0x8E], b"Hello")):
        value = bytes.fromhex(descriptor)
        got = client.send("00B00000", ne=5, others=tlv(0xBA, value),
                          tags=tags) if tags else bare(client, value)
        equal(got, data, descriptor)
    for descriptor in ("8E00 9900", "8100 8700", "9000", "9E00", "C000",
                       "9C00", "8201 00", "B405 8301 1F 91", "B402 9100",
                       "99", "AA03 800100 9000", "9900" * 80):
        client.refused("6988", "00B00000", ne=5,
                       others=tlv(0xBA, bytes.fromhex(descriptor)))
    client.refused("6A88", "00B00000", ne=5, others=bytes.fromhex(
        "BA07 B403 830105 8E00"))
    client.send("00B00000", ne=5)


def bare(client, descriptor):
    """Of an answer without objects nothing is left but the status word."""
    answer = client.card.transmit(client.command(
        "00B00000", ne=5, others=tlv(0xBA, descriptor)))
    equal(answer.hex(), "9000", "an empty answer")
    return b""


def environments(client):
    """DO 94 names another environment, stored under a number."""
    file_1001(client)
    client.plain("0022F205")
    client.plain("0022F301", "6A88")
    client.plain("00A4000C 02 3F00")
    client.plain("00A4080C 04 10001001")
    client.refused("6882", "00B00000", ne=5)
    for tag in "94", "95":
        equal(client.send("00B00000", ne=5, others=bytes.fromhex(
            tag + "0105")), b"Hello", "by its number")
    client.refused("6A88", "00B00000", ne=5, others=bytes.fromhex("940106"))
    client.refused("6882", "00B00000", ne=5, others=bytes.fromhex("940101"))
    # a condition that names the environment counts that of the command
    client.plain("00A4000C 02 1000")
    client.plain("00E00000 18 6216 80020010 820101 83024446 8A0105 8C03034545"
                 " 8801F0")
    client.plain("00A4080C 04 10004446")
    client.plain("00B00000 01", "6982")
    equal(client.send("00B00000", ne=1, others=bytes.fromhex("950105")), b"\0",
          "the environment that the rule names")
    client.send("00B00000", ne=1, others=bytes.fromhex("940105"),
                expected="6982")  # anybody may have put that in
    keys(client)
    client.send("00B00000", ne=1, expected="6982")


def for_a_command(client):
    """Templates in a command are its own; the next one goes by the environment
    again. So it is with templates for the answer."""
    client.plain("00DB3FFF 24 4D22 A403 830103 AC03 800102 7F4802 9210 5F4810"
                 + client.suite.enc.hex())
    file_1001(client)
    block = bytes(range(16))
    key = bytes.fromhex("A506 830103 80010A")
    client.send("00880000", block, ne=16, expected="6985")
    made = client.send("00880000", block, ne=16, others=key)
    equal(made, client.suite.encrypt(block), "by the key of A4")
    equal(client.send("00880000", block, ne=16, others=tlv(
        0xA5, bytes.fromhex("830103 80010A 8710") + block)),
          client.suite.encrypt(bytes(16)), "from an initial block")
    client.send("00880000", block, ne=16, expected="6985")
    client.send("00880000", block, ne=16, others=bytes.fromhex("A503 830107"),
                expected="6A88")
    client.refused("6988", "00880000", block, ne=16,
                   others=bytes.fromhex("A503 830507"))
    # inside another field it would be found by nobody
    client.refused("6988", "00880000", block, ne=16,
                   others=bytes.fromhex("B105 A403 83011E"))
    before = bytes.fromhex("AB03 800140 8102 1001")
    digest = hashlib.sha256(before).digest()
    client.send("00A4020C", others=before + tlv(0x91, digest))
    client.refused("6988", "00A4020C", others=before + tlv(0x91, bytes(32)))
    client.refused("6988", "00A4020C", others=tlv(0x91, bytes(32)))
    other_keys(client)
    for other in "9301 00", "9D01 00", "9B01 00", "A100", "AD00", "BC00":
        client.refused("6988", "00B00000", ne=5, others=bytes.fromhex(other))


def other_keys(client):
    """For the answer, by the descriptor, and by the environment."""
    key = bytes(range(16))
    client.plain("00DB3FFF 27 4D25 B806 830104 950130 AC03 800102 7F4802 9210"
                 " 5F4810" + key.hex())
    client.plain("00A4080C 04 10001001")
    keys(client)
    client.answers = type(client.suite)(key, client.suite.mac_key)
    equal(client.send("00B00000", ne=5, others=bytes.fromhex(
        "BA0B B803 830104 8700 9900 8E00"), tags=[0xB8, 0x87, 0x99, 0x8E]),
          b"Hello", "deciphered by another key")
    client.plain("002221B8 03 830104")
    equal(client.send("00B00000", ne=5), b"Hello", "and by the environment's")
    client.answers = None
    keys(client)


def raw(signature):
    r, s = utils.decode_dss_signature(signature)
    return r.to_bytes(HALF, "big") + s.to_bytes(HALF, "big")


def der(signature):
    return utils.encode_dss_signature(
        int.from_bytes(signature[:HALF], "big"),
        int.from_bytes(signature[HALF:], "big"))


def point(key):
    return key.public_key().public_bytes(Encoding.X962,
                                         PublicFormat.UncompressedPoint)


def put_public(client, reference, key, roles):
    value = tlv(0x86, point(key))
    data = bytes.fromhex(f"B606 8301{reference:02X} 9501{roles:02X}"
                         " AC03 800121") + b"\x7F\x49" + bytes(
                             [len(value)]) + value
    data = tlv(0x4D, data)
    client.plain("00DB3FFF" + f"{len(data):02X}" + data.hex())


def signer(key):
    return lambda text: raw(key.sign(text, ec.ECDSA(SHA256)))


def signed_commands(client):
    """Commands with a signature for a MAC, and answers signed by the card."""
    ours = ec.generate_private_key(ec.SECP256R1())
    put_public(client, 5, ours, 0x30)
    answer = client.card.transmit(bytes.fromhex(
        "00478000 0D B606 840106 950130 AC03 800121 00"))
    equal(answer[-2:].hex(), "9000", "a key of the card's own")
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(
        ec.SECP256R1(), answer[5:-2])
    client.verifies = lambda signature, text: theirs.verify(
        der(signature), text, ec.ECDSA(SHA256))
    client.plain("00A4080C 04 10001001")
    client.signs = signer(ours)
    client.refused("6882", "00B00000", ne=5)
    client.plain("002211B6 06 830105 800144")
    client.plain("002221B6 06 840106 800144")
    plain = {"form": 0x81, "tags": [0x81, 0x99]}
    equal(client.send("00B00000", ne=5, **plain), b"Hello", "signed")
    described = bytes.fromhex("BB06 8100 9900 9E00")
    equal(client.send("00B00000", ne=5, others=described,
                      tags=[0x81, 0x99, 0x9E]), b"Hello", "both are")
    client.send("00A4020C", b"\x2F\xFF", tag=0x81, expected="6A82",
                others=bytes.fromhex("BB02 9E00"), tags=[0x99, 0x9E])
    client.send("00B00000", ne=5, others=bytes.fromhex("9A04 01020304"),
                **plain)
    client.refused("6988", "00B00000", ne=5,
                   others=bytes.fromhex("9D0101"))
    wrong_ones(client, ours, plain)
    with_a_condition(client)
    unsignable(client)


def wrong_ones(client, ours, plain):
    good = client.command("00B00000", ne=5)
    for at in 3, 7, 20, len(good) - 2:
        bad = good[:at] + bytes([good[at] ^ 1]) + good[at + 1:]
        equal(client.card.transmit(bad).hex(), "6988", f"byte {at}")
    client.signs = lambda text: b""
    client.refused("6988", "00B00000", ne=5)
    client.signs = signer(ec.generate_private_key(ec.SECP256R1()))
    client.refused("6988", "00B00000", ne=5)
    client.signs = signer(ours)
    for template, status in (("B703 830107", "6A88"), ("B703 83011E", "6985"),
                             ("B706 830105 8001FF", "6A81"),
                             ("B706 830106 800144", "6988")):
        client.refused(status, "00B00000", ne=5,
                       others=bytes.fromhex(template))
    # a session's or the environment's MAC is one proof, a signature another
    keys(client)
    signs, client.signs = client.signs, None
    client.send("00B00000", ne=5)
    client.refused("6988", "00B00000", ne=5, others=tlv(0x9E, bytes(64)))
    client.signs = signs
    client.send("00B00000", ne=5, tags=[0x87, 0x99])


def with_a_condition(client):
    """An EF that only a signed command may change."""
    client.plain("00A4000C 02 1000")
    client.plain("00E00000 1D 621B 80020010 820101 83024447 8A0105"
                 "AB08 800102 B603 830105 8801E8")
    client.plain("00A4080C 04 10004447")
    client.plain("002211B6 06 830105 800144")
    keys(client)
    client.plain("00D60000 01 55", "6982")
    signs, client.signs = client.signs, None
    client.send("00D60000", b"a", expected="6982")
    client.signs = signs
    client.send("00D60000", b"a", tags=[0x99])
    for other in "9A03810162", "9B03810162", "960101":
        client.send("00D60000", b"a", tag=0x81, tags=[0x99], expected="6982",
                    others=bytes.fromhex(other))


def unsignable(client):
    """An answer that the card's key cannot sign: the command does not run, and
    one whose answer it can is signed after it."""
    status = bytes.fromhex("BB04 9900 9E00")
    file_1002(client)
    client.signs = None
    for template in ("840106 800143", "840106 800145", "840106 800104",
                     "840106 800100", "840106"):
        value = bytes.fromhex(template)
        template = f"{len(value):02X}" + value.hex()
        client.plain("002221B6" + template)
        client.refused("6988", "00D60000", b"GONE?", others=status)
        client.plain("00B00000 05", "0000000000 9000")
    client.plain("002221B6 06 840106 800144")
    client.refused("6988", "00D60000", b"GONE?",
                   others=status + tlv(0x9D, b"\1"))
    client.plain("00B00000 05", "0000000000 9000")
    client.send("00D60000", b"there", others=status, tags=[0x99, 0x9E])
    client.plain("00B00000 05", "7468657265 9000")


def certificate(subject, issuer, days=1):
    now = datetime.datetime.utcnow()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a name")])
    return x509.CertificateBuilder().subject_name(name).issuer_name(
        name).public_key(subject.public_key()).serial_number(7).not_valid_before(
            now).not_valid_after(now + datetime.timedelta(days=days)).sign(
                issuer, SHA256).public_bytes(Encoding.DER)


def certified(client):
    """The key of a signature comes with it, in a certificate that the card's
    anchor is good for."""
    anchor, holder = (ec.generate_private_key(ec.SECP256R1())
                      for _ in range(2))
    put_public(client, 5, anchor, 0x80)
    client.plain("00A4080C 04 10001001")
    client.plain("002281B6 06 830105 800144")
    name = hashlib.sha1(point(holder)).digest()
    template = tlv(0xB7, bytes.fromhex("950110") + tlv(0x83, name)
                   + bytes.fromhex("800144"))
    client.signs = signer(holder)
    client.refused("6A88", "00B00000", ne=5, others=template)
    good = certificate(holder, anchor)
    equal(client.send("00B00000", ne=5, others=template + tlv(0x93, good),
                      tags=[0x81, 0x99]), b"Hello", "with the certificate")
    equal(client.send("00B00000", ne=5, others=template, tags=[0x81, 0x99]),
          b"Hello", "the key is known now")
    for bad in (certificate(holder, holder), b"", good[:-1], good + b"\0"):
        client.refused("6988", "00B00000", ne=5,
                       others=template + tlv(0x93, bad))
    keys(client)
    client.signs = None
    client.send("00B00000", ne=5, others=tlv(0x93, good))
    client.refused("6988", "00B00000", ne=5,
                   others=tlv(0x93, certificate(holder, holder)))
