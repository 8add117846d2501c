# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""A PIV card, NIST SP 800-73-4, and what its tests send to it."""

import os

from cryptography.hazmat.primitives.asymmetric import (
    ec, ed25519, rsa, x25519)
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import (
    Encoding, NoEncryption, PrivateFormat)

from card import Card, tlv, untlv
from tap import equal

RSA = {0x06: 1024, 0x07: 2048, 0x05: 3072, 0x16: 4096}
CURVES = {0x11: ec.SECP256R1(), 0x14: ec.SECP384R1()}
FACTORY = bytes(range(1, 9)) * 3
PIN = b"123456\xff\xff"
WRONG = b"\xff" * 8
DIGEST = bytes(range(32))

# Slots of each PIN policy, and 9C that has "always".
NEVER, ONCE, ALWAYS = 0x9E, 0x9A, 0x9C


def piv(place, *options):
    return Card(place, "-t", "piv", "-o", "keys=none", *options)


def encipher(algorithm, key, block, undo=False):
    cipher = Cipher((algorithms.TripleDES if algorithm == 0x03 else
                     algorithms.AES)(key), modes.ECB())
    run = cipher.decryptor() if undo else cipher.encryptor()
    return run.update(block) + run.finalize()


def authenticate(card, key=FACTORY, algorithm=0x03):
    """Mutually; NIST SP 800-73-4 part 2, A.1."""
    header = f"0087{algorithm:02X}9B"
    n = 8 if algorithm == 0x03 else 16
    witness = untlv(untlv(card.send(header, tlv(0x7C, tlv(0x80))))["7C"])["80"]
    equal(len(witness), n)
    challenge = os.urandom(n)
    answer = card.send(header, tlv(
        0x7C, tlv(0x80, encipher(algorithm, key, witness, undo=True)),
        tlv(0x81, challenge)))
    equal(answer, tlv(0x7C, tlv(0x82, encipher(algorithm, key, challenge))))


def generate(card, slot, algorithm, *more):
    answer = card.send(f"004700{slot:02X}", tlv(
        0xAC, tlv(0x80, bytes([algorithm])), *more))
    return public_key(algorithm, untlv(answer)["7F49"])


def public_key(algorithm, objects):
    parts = untlv(objects)
    if algorithm in RSA:
        key = rsa.RSAPublicNumbers(int.from_bytes(parts["82"], "big"),
                                   int.from_bytes(parts["81"], "big"))
        equal(key.n.bit_length(), RSA[algorithm])
        return key.public_key()
    if algorithm in CURVES:
        return ec.EllipticCurvePublicKey.from_encoded_point(
            CURVES[algorithm], parts["86"])
    kind = ed25519.Ed25519PublicKey if algorithm == 0xE0 else \
        x25519.X25519PublicKey
    return kind.from_public_bytes(parts["86"])


def use(card, slot, algorithm, tag, value, expected="9000", last=False):
    asked = [tlv(0x82), tlv(tag, value)]
    answer = card.send(f"0087{algorithm:02X}{slot:02X}",
                       tlv(0x7C, *(asked[::-1] if last else asked)), expected)
    return untlv(untlv(answer)["7C"])["82"] if answer else b""


def imported(key):
    """The data of IMPORT KEY."""
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = key.private_numbers()
        size = key.key_size // 16
        return b"".join(tlv(i, n.to_bytes(size, "big")) for i, n in enumerate(
            (numbers.p, numbers.q, numbers.dmp1, numbers.dmq1, numbers.iqmp),
            1))
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return tlv(0x06, key.private_numbers().private_value.to_bytes(
            key.key_size // 8, "big"))
    return tlv(0x07 if isinstance(key, ed25519.Ed25519PrivateKey) else 0x08,
               key.private_bytes(Encoding.Raw, PrivateFormat.Raw,
                                 NoEncryption()))


def ready(place, *options):
    """A card with management key and PIN proved."""
    card = piv(place, *options)
    authenticate(card)
    card.send("00200080", PIN)
    return card


def external(card, key, algorithm, expected="9000"):
    """The other side alone; NIST SP 800-73-4 part 2, A.2."""
    header = f"0087{algorithm:02X}9B"
    answer = card.send(header, tlv(0x7C, tlv(0x81)))
    challenge = untlv(untlv(answer)["7C"])["81"]
    proof = tlv(0x7C, tlv(0x82, encipher(algorithm, key, challenge)))
    equal(card.send(header, proof, expected), b"")
    return proof


def get(tag):
    return "00CB3FFF", tlv(0x5C, bytes.fromhex(tag))


def put(tag, content=b"new"):
    return "00DB3FFF", tlv(0x5C, bytes.fromhex(tag)) + tlv(0x53, content)


def sign(slot):
    return f"008711{slot:02X}", tlv(0x7C, tlv(0x82), tlv(0x81, DIGEST))


def new(place, *args):
    """The image that image() opens."""
    status, _, said = place.run("new", "-t", "piv", "-o", "keys=none", *args,
                                place.path / "image")
    equal(status, 0, said)


def image(place, *args):
    return Card(place, "-f", place.path / "image", *args)
