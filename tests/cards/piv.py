#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""PIV, NIST SP 800-73-4: what the card computes with its keys, others verify,
decipher and agree upon, for every algorithm that it has."""

import datetime
import hashlib
import os

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import (
    ec, ed25519, padding, rsa, utils, x25519)
from cryptography.hazmat.primitives.serialization import (
    Encoding, PublicFormat)

from cryptography.x509.oid import NameOID

from card import tlv, untlv
from pivcard import (
    CURVES, FACTORY, RSA, authenticate, encipher, external, generate, imported,
    piv, public_key, ready, use)
from tap import equal, main, test

MESSAGE = b"what is signed"


def pad_pkcs1(digest, size):
    info = bytes.fromhex("3031300D060960864801650304020105000420") + digest
    return b"\0\1" + b"\xff" * (size - 3 - len(info)) + b"\0" + info


def check_rsa(card, slot, algorithm, public):
    size = RSA[algorithm] // 8
    digest = hashlib.sha256(MESSAGE).digest()
    public.verify(use(card, slot, algorithm, 0x81, pad_pkcs1(digest, size)),
                  MESSAGE, padding.PKCS1v15(), hashes.SHA256())
    secret = os.urandom(32)
    for how in (padding.PKCS1v15(), padding.OAEP(
            padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)):
        block = use(card, slot, algorithm, 0x81, public.encrypt(secret, how),
                    last=True)
        equal(len(block), size)
        equal(block[0], 0)
    for wrong in b"\0" * (size - 1), b"\0" * (size + 1), b"\xff" * size:
        use(card, slot, algorithm, 0x81, wrong, "6A80")
    use(card, slot, algorithm, 0x85, b"\4" + bytes(64), "6A80")


def check_ec(card, slot, algorithm, public):
    curve = CURVES[algorithm]
    size = curve.key_size // 8
    for hashed in hashes.SHA1(), hashes.SHA256(), hashes.SHA384(), \
            hashes.SHA512():
        digest = hashlib.new(hashed.name, MESSAGE).digest()
        public.verify(use(card, slot, algorithm, 0x81, digest), digest,
                      ec.ECDSA(utils.Prehashed(hashed)))
    other = ec.generate_private_key(curve)
    point = other.public_key().public_bytes(Encoding.X962,
                                            PublicFormat.UncompressedPoint)
    agreed = use(card, slot, algorithm, 0x85, point)
    equal(len(agreed), size)
    equal(agreed, other.exchange(ec.ECDH(), public))
    for wrong in point[:-1], b"\4" + bytes(2 * size), bytes(1), \
            point[:-1] + bytes([point[-1] ^ 1]):
        use(card, slot, algorithm, 0x85, wrong, "6A80")


def check_ed25519(card, slot, public):
    public.verify(use(card, slot, 0xE0, 0x81, MESSAGE), MESSAGE)
    use(card, slot, 0xE0, 0x85, bytes(32), "6A80")


def check_x25519(card, slot, public):
    other = x25519.X25519PrivateKey.generate()
    point = other.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    equal(use(card, slot, 0xE1, 0x85, point), other.exchange(public))
    use(card, slot, 0xE1, 0x85, bytes(32), "6A80")  # of small order
    use(card, slot, 0xE1, 0x85, point[:-1], "6A80")
    use(card, slot, 0xE1, 0x81, MESSAGE, "6A80")


def check(card, slot, algorithm, public):
    if algorithm in RSA:
        check_rsa(card, slot, algorithm, public)
    elif algorithm in CURVES:
        check_ec(card, slot, algorithm, public)
    elif algorithm == 0xE0:
        check_ed25519(card, slot, public)
    else:
        check_x25519(card, slot, public)
    metadata = untlv(card.send(f"00F700{slot:02X}"))
    equal(metadata["01"], bytes([algorithm]))
    equal(public_key(algorithm, metadata["04"]).public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo), public.public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


@test
def keys_that_the_card_generates(place):
    card = ready(place)
    for slot, algorithm in ((0x9A, 0x06), (0x9D, 0x07), (0x82, 0x11),
                            (0x95, 0x14), (0x8A, 0xE0), (0x9E, 0xE1)):
        check(card, slot, algorithm, generate(card, slot, algorithm))
        equal(untlv(card.send(f"00F700{slot:02X}"))["03"], b"\1")


@test
def keys_that_come_from_elsewhere(place):
    card = ready(place)
    for slot, algorithm in ((0x9A, 0x06), (0x9D, 0x07), (0x83, 0x05),
                            (0x94, 0x16), (0x82, 0x11), (0x95, 0x14),
                            (0x8A, 0xE0), (0x9E, 0xE1)):
        key = (rsa.generate_private_key(65537, RSA[algorithm])
               if algorithm in RSA else
               ec.generate_private_key(CURVES[algorithm])
               if algorithm in CURVES else
               ed25519.Ed25519PrivateKey.generate() if algorithm == 0xE0 else
               x25519.X25519PrivateKey.generate())
        card.send(f"00FE{algorithm:02X}{slot:02X}", imported(key))
        equal(untlv(card.send(f"00F700{slot:02X}"))["03"], b"\2")
        check(card, slot, algorithm, key.public_key())


@test
def a_large_key_that_the_card_generates(place):
    card = ready(place)
    check(card, 0x9A, 0x05, generate(card, 0x9A, 0x05))


@test
def primes_in_either_order(place):
    card = ready(place)
    numbers = rsa.generate_private_key(65537, 1024).private_numbers()
    p, q = sorted((numbers.p, numbers.q))
    for p, q in (p, q), (q, p):
        parts = [p, q, pow(65537, -1, p - 1), pow(65537, -1, q - 1),
                 pow(q, -1, p)]
        data = [tlv(i, n.to_bytes(64, "big")) for i, n in enumerate(parts, 1)]
        card.send("00FE069A", b"".join(data))
        check(card, 0x9A, 0x06, numbers.public_numbers.public_key())


@test
def numbers_that_are_no_key(place):
    card = ready(place)
    numbers = rsa.generate_private_key(3, 1024).private_numbers()
    parts = [numbers.p, numbers.q, numbers.dmp1, numbers.dmq1, numbers.iqmp]
    data = [tlv(i, n.to_bytes(64, "big")) for i, n in enumerate(parts, 1)]
    card.send("00FE069A", b"".join(data), "6A80")  # another exponent
    key = rsa.generate_private_key(65537, 1024)
    numbers = key.private_numbers()
    parts = [numbers.p, numbers.q, numbers.dmp1, numbers.dmq1, numbers.iqmp]
    good = [tlv(i, n.to_bytes(64, "big")) for i, n in enumerate(parts, 1)]
    for i in range(5):
        wrong = list(good)
        wrong[i] = tlv(i + 1, (parts[i] ^ 2).to_bytes(64, "big"))
        card.send("00FE069A", b"".join(wrong), "6A80")
        del wrong[i]
        card.send("00FE069A", b"".join(wrong), "6A80")
        wrong[i:i] = [tlv(i + 1, b"\0" + parts[i].to_bytes(64, "big"))]
        card.send("00FE069A", b"".join(wrong), "6A80")
        card.send("00FE069A", b"".join(good + good[i:i + 1]), "6A80")
    card.send("00FE079A", b"".join(good), "6A80")  # 2048 bits
    card.send("00FE069A", b"".join(good) + tlv(0x06, bytes(32)), "6A80")
    card.send("00FE069A", b"".join(good) + b"\x09\1\0", "6A80")
    card.send("00FE069A", b"".join(good) + b"\xAA", "6A80")
    card.send("00FE119A", tlv(0x06, bytes(32)), "6A80")
    card.send("00FE119A", tlv(0x06, b"\xff" * 32), "6A80")
    card.send("00FE119A", tlv(0x06, b"\1" * 31), "6A80")
    card.send("00FEE09A", tlv(0x08, b"\1" * 32), "6A80")
    card.send("00F7009A", expected="6A88")  # nothing came of all that
    card.send("00FE069A", b"".join(good))
    check(card, 0x9A, 0x06, key.public_key())


def authority(key):
    """A certificate for slot F9, as its object is put."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Maker")])
    made = x509.CertificateBuilder(
        name, name, key.public_key(), 1, datetime.datetime(2020, 1, 1),
        datetime.datetime(2040, 1, 1), [x509.Extension(
            x509.BasicConstraints.oid, True,
            x509.BasicConstraints(True, 0))]).sign(key, hashes.SHA256())
    return made, tlv(0x53, tlv(0x70, made.public_bytes(Encoding.DER)),
                     bytes.fromhex("710100FE00"))


@test
def attestation(place):
    card = ready(place, "-o", "serial=3000000000", "-o", "version=5.6.7")
    maker = ec.generate_private_key(ec.SECP384R1())
    certificate, container = authority(maker)
    public = generate(card, 0x9A, 0x11, b"\xAA\1\3\xAB\1\2")
    card.send("00F99A00", expected="6A88")  # nothing in F9
    card.send("00FE14F9", imported(maker))
    card.send("00F99A00", expected="6A88")  # no certificate
    tag = bytes.fromhex("5C035FFF01")
    card.send("00DB3FFF", tag + container.replace(b"\x71\1\0", b"\x71\1\1"))
    card.send("00F99A00", expected="6A88")  # a compressed one
    card.send("00DB3FFF", tag + container)
    for slot, algorithm, policy in ((0x9A, 0x11, b"\3\2"),
                                    (0x82, 0x07, b"\2\1"),
                                    (0x9E, 0xE1, b"\1\1")):
        if slot != 0x9A:
            public = generate(card, slot, algorithm)
        made = x509.load_der_x509_certificate(card.send(f"00F9{slot:02X}00"))
        maker.public_key().verify(
            made.signature, made.tbs_certificate_bytes,
            ec.ECDSA(made.signature_hash_algorithm))
        equal(made.issuer, certificate.subject)
        equal(made.not_valid_after, certificate.not_valid_after)
        equal(*(key.public_bytes(Encoding.DER,
                                 PublicFormat.SubjectPublicKeyInfo)
                for key in (made.public_key(), public)))
        says = {e.oid.dotted_string: e.value.value for e in made.extensions
                if e.oid.dotted_string.startswith("1.3.6.1.4.1.41482.3")}
        equal(says, {"1.3.6.1.4.1.41482.3.3": b"\5\6\7",
                     "1.3.6.1.4.1.41482.3.7": bytes.fromhex("020500B2D05E00"),
                     "1.3.6.1.4.1.41482.3.8": policy,
                     "1.3.6.1.4.1.41482.3.9": b"\1"})
    other = ec.generate_private_key(ec.SECP256R1())
    card.send("00FE119A", imported(other))
    card.send("00F99A00", expected="6A80")  # not generated
    card.send("00F99C00", expected="6A88")  # empty
    card.send("00F9F900", expected="6A88")
    card.send("00F99B00", expected="6A88")
    card.send("00F98200", b"\0", "6700")
    card.send("00F98201", expected="6A86")


@test
def management_keys_of_every_kind(place):
    for name, algorithm, size in (("3des", 0x03, 24), ("aes128", 0x08, 16),
                                  ("aes192", 0x0A, 24), ("aes256", 0x0C, 32)):
        factory = (bytes(range(1, 9)) * 4)[:size]
        card = piv(place, "-o", f"mgm-algorithm={name}")
        equal(untlv(card.send("00F7009B")), {
            "01": bytes([algorithm]), "02": b"\0\1", "05": b"\1"})
        authenticate(card, factory, algorithm)
        card.send("0047009A", b"\xAC\3\x80\1\x11")
        # another value, which counts at once, and after a reset
        value = os.urandom(size)
        card.send("00FFFFFE", bytes([algorithm, 0x9B, size]) + value)
        equal(untlv(card.send("00F7009B")), {
            "01": bytes([algorithm]), "02": b"\0\2", "05": b"\0"})
        generate(card, 0x9A, 0x11)
        card.power()
        card.send("0047009A", b"\xAC\3\x80\1\x11", "6982")
        external(card, factory, algorithm, "6982")
        card.send("0047009A", b"\xAC\3\x80\1\x11", "6982")
        proof = external(card, value, algorithm)
        generate(card, 0x9A, 0x11)
        card.send(f"0087{algorithm:02X}9B", proof, "6982")
        card.send("0047009A", b"\xAC\3\x80\1\x11", "6982")


@test
def from_one_kind_of_management_key_to_another(place):
    card = ready(place)
    value = os.urandom(32)
    card.send("00FFFFFF", b"\x0C\x9B\x20" + value)
    card.send("0087039B", tlv(0x7C, tlv(0x80)), "6A80")
    card.send("0087009B", tlv(0x7C, tlv(0x80)), "6A80")
    random = card.send("0087009B", tlv(0x7C, tlv(0x81)))
    equal(len(untlv(untlv(random)["7C"])["81"]), 16)
    authenticate(card, value, 0x0C)
    card.send("00FFFFFF", b"\x00\x9B\x18" + FACTORY)
    authenticate(card)
    authenticate(card, FACTORY, 0x03)
    # bits of parity are not looked at
    authenticate(card, bytes(b ^ 1 for b in FACTORY))


@test
def a_proof_is_good_for_one_answer(place):
    card = piv(place)

    def witness():
        answer = card.send("0087039B", tlv(0x7C, tlv(0x80)))
        return encipher(3, FACTORY, untlv(untlv(answer)["7C"])["80"], True)

    def answer(value, expected, challenge=bytes(8)):
        return card.send("0087039B", tlv(0x7C, tlv(0x80, value),
                                         tlv(0x81, challenge)), expected)

    value = witness()
    answer(bytes(8), "6982")
    answer(value, "6982")
    value = witness()
    answer(value, "6A80", bytes(7))
    answer(value, "6982")
    value = witness()
    answer(value[:7], "6982")
    value = witness()
    card.send("0087039B", tlv(0x7C, tlv(0x81)))  # something else in between
    answer(value, "6982")
    value = witness()
    card.power()
    answer(value, "6982")
    value = witness()
    card.send("00A40400", bytes.fromhex("A000000527471117"))
    card.send("00A40400", bytes.fromhex("A000000308"))
    answer(value, "6982")
    # Neither is the card's own answer an answer to the card.
    challenge = untlv(untlv(card.send(
        "0087039B", tlv(0x7C, tlv(0x81))))["7C"])["81"]
    card.send("0087039B", tlv(0x7C, tlv(0x81, challenge), tlv(0x82)), "6A80")
    answer(witness(), "9000")
    answer(bytes(8), "6982")
    card.send("0047009A", b"\xAC\3\x80\1\x11", "6982")  # not any more


main()
