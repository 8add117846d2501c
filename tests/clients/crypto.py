#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Keys and cryptographic commands, ISO/IEC 7816-4 and 7816-8, with
python3-cryptography as the other side, through a real pcscd: what the card
signs, others verify, and the other way round.

Each test starts a private world around this file, which then talks to the
card: crypto.py inside NAME."""

import datetime
import hashlib
import hmac
import os
import subprocess
import sys

from cryptography import x509
from cryptography.hazmat.primitives import cmac, hashes
from cryptography.hazmat.primitives.asymmetric import (
    ec, ed25519, padding, rsa, utils, x25519)
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import (
    Encoding, PublicFormat)

from harness import equal, main, test
import pcsc

HASHES = {0x10: hashes.SHA1(), 0x30: hashes.SHA224(), 0x40: hashes.SHA256(),
          0x50: hashes.SHA384(), 0x60: hashes.SHA512()}
CURVES = {0x21: ec.SECP256R1(), 0x22: ec.SECP384R1(), 0x23: ec.SECP521R1(),
          0x24: ec.BrainpoolP256R1(), 0x25: ec.BrainpoolP384R1(),
          0x26: ec.BrainpoolP512R1(), 0x27: ec.SECP256K1()}
MESSAGE = bytes(range(200))


def length(n):
    return (bytes([n]) if n < 0x80 else b"\x81" + bytes([n]) if n < 0x100
            else b"\x82" + n.to_bytes(2, "big"))


def tlv(tag, *values):
    value = b"".join(values)
    return number(tag) + length(len(value)) + value


def number(value, size=None):
    return value.to_bytes(size or (value.bit_length() + 7) // 8, "big")


class Card:
    def __init__(self):
        context = pcsc.Context()
        self.card = context.connect(context.readers()[0])

    def send(self, header, data=b"", expected="9000", answers=True):
        """An extended command; the data of its answer."""
        command = bytes.fromhex(header) + b"\0"
        if data:
            command += len(data).to_bytes(2, "big") + data
        if answers:
            command += b"\0\0"
        answer = self.card.transmit(command)
        equal(answer[-2:].hex().upper(), expected, f"status of {header}")
        return answer[:-2]

    def put(self, kind, reference, crts, *values, mechanism=b""):
        """A private or secret key, of its tags and values."""
        lists = b"".join(bytes([tag]) + length(len(value))
                         for tag, value in values)
        self.send("00DB3FFF", tlv(0x4D, *(tlv(tag, tlv(
            0x83, reference)) for tag in crts), tlv(0xAC, tlv(
                0x80, bytes([kind])), mechanism), tlv(0x7F48, lists), tlv(
                    0x5F48, *(value for _, value in values))), answers=False)

    def put_public(self, kind, reference, crts, *objects):
        self.send("00DB3FFF", tlv(0x4D, *(tlv(tag, tlv(
            0x83, reference)) for tag in crts), tlv(0xAC, tlv(
                0x80, bytes([kind]))), tlv(0x7F49, *objects)), answers=False)

    def generate(self, kind, reference, crt=0xB6, bits=None):
        return self.send("00478000", tlv(crt, tlv(0x84, reference)) + tlv(
            0xAC, tlv(0x80, bytes([kind])),
            tlv(0x81, number(bits, 2)) if bits else b""))

    def use(self, crt, reference, algorithm=0, roles=0xC0):
        self.send(f"0022{roles | 1:02X}{crt:02X}", tlv(0x83, reference) + tlv(
            0x84, reference) + tlv(0x80, bytes([algorithm])), answers=False)


def digest(algorithm, data):
    return hashlib.new(HASHES[algorithm & 0xF0].name, data).digest()


def objects(data):
    """Tag and value of each object, on one level."""
    found = {}
    while data:
        at = 2 if data[0] & 0x1F == 0x1F else 1
        tag = int.from_bytes(data[:at], "big")
        n, at = data[at], at + 1
        if n > 0x80:
            n, at = int.from_bytes(data[at:at + n - 0x80], "big"), at + n - 0x80
        found[tag] = data[at:at + n]
        data = data[at + n:]
    return found


def rsa_public(answer):
    key = objects(objects(answer)[0x7F49])
    return rsa.RSAPublicNumbers(*(int.from_bytes(key[tag], "big")
                                  for tag in (0x82, 0x81))).public_key()


def pss(algorithm):
    h = HASHES[algorithm & 0xF0]
    return padding.PSS(padding.MGF1(h), h.digest_size)


def rsa_signatures(card):
    """Of a key of the card's own, and of one that was brought."""
    made = rsa_public(card.generate(0x10, b"\1", bits=2048))
    brought = rsa.generate_private_key(3, 1024)
    numbers = brought.private_numbers()
    card.put(0x10, b"\2", [0xB6, 0xA4], (0x91, b"\3"),
             (0x92, number(numbers.p)), (0x93, number(numbers.q)))
    for reference, public in ((b"\1", made), (b"\2", brought.public_key())):
        for half, h in HASHES.items():
            for scheme in 2, 5:
                if scheme == 5 and public.key_size < 16 * h.digest_size + 16:
                    continue
                way = padding.PKCS1v15() if scheme == 2 else pss(half)
                card.use(0xB6, reference, half | scheme)
                got = card.send("002A9E9A", digest(half, MESSAGE))
                public.verify(got, MESSAGE, way, h)
                card.send("002A9080", MESSAGE)
                public.verify(card.send("002A9E9A"), MESSAGE, way, h)
                card.send("002A00A8", tlv(0x9A, digest(half, MESSAGE)) + tlv(
                    0x9E, got), answers=False)
                if reference == b"\2":
                    card.send("002A00A8", tlv(0x9A, digest(
                        half, MESSAGE)) + tlv(0x9E, brought.sign(
                            MESSAGE, way, h)), answers=False)
    card.use(0xA4, b"\2", 0x42)
    brought.public_key().verify(card.send("00880000", b"challenge"),
                                b"challenge", padding.PKCS1v15(),
                                hashes.SHA256())


def rsa_raw(card):
    """Blocks as they are; 9796-2 by opening the block by hand."""
    key = rsa.generate_private_key(65537, 1024)
    numbers = key.private_numbers()
    n, e = numbers.public_numbers.n, numbers.public_numbers.e
    card.put(0x10, b"\1", [0xB6, 0xB8], (0x91, number(e)),
             (0x92, number(numbers.p)), (0x93, number(numbers.q)))
    block = b"\0" + bytes(range(127))
    card.use(0xB6, b"\1", 0x01)
    equal(card.send("002A9E9A", block),
          number(pow(int.from_bytes(block, "big"), numbers.d, n), 128), "raw")
    card.send("002A9E9A", number(n), "6A80")
    card.use(0xB6, b"\1", 0x03)
    for size in 8, 106, 107, 200:
        opened = number(pow(int.from_bytes(card.send(
            "002A9E9A", MESSAGE[:size]), "big"), e, n), 128)
        part = MESSAGE[:min(size, 106)]
        equal(opened[-1:], b"\xBC", "trailer")
        equal(opened[-21:-1], hashlib.sha1(MESSAGE[:size]).digest(), "hash")
        equal(opened[-21 - len(part):-21], part, "what can be recovered")
        equal(opened[:1], b"\x6A" if size > 106 else b"\x4A"
              if size == 106 else b"\x4B", "header")
    card.use(0xB6, b"\1", 0x43)
    opened = number(pow(int.from_bytes(card.send(
        "002A9E9A", MESSAGE), "big"), e, n), 128)
    equal(opened[-34:], hashlib.sha256(MESSAGE).digest() + b"\x34\xCC", "9796")


def rsa_ciphers(card):
    public = rsa_public(card.generate(0x10, b"\1", 0xB8, 1024))
    ways = {0x00: padding.PKCS1v15(), 0x02: padding.PKCS1v15()}
    for half in 0x10, 0x40:
        ways[half | 7] = padding.OAEP(padding.MGF1(HASHES[half]),
                                      HASHES[half], None)
    for algorithm, way in ways.items():
        card.use(0xB8, b"\1", algorithm)
        sealed = public.encrypt(b"for the card", way)
        equal(card.send("002A8086", b"\0" + sealed), b"for the card", "86")
        equal(card.send("002A8084", sealed), b"for the card", "84")
        again = card.send("002A8680", b"back")
        equal(card.send("002A8086", again), b"back", "there and back")
        card.send("002A8084", sealed[:-1] + bytes([sealed[-1] ^ 1]), "6A80")
        card.send("002A8084", sealed[:-1], "6A80")


def signature(got):
    half = len(got) // 2
    return utils.encode_dss_signature(int.from_bytes(got[:half], "big"),
                                      int.from_bytes(got[half:], "big"))


def ec_keys(card):
    """Every curve: signed, verified, agreed; made by either side."""
    for kind, curve in CURVES.items():
        point = objects(objects(card.generate(kind, b"\1"))[0x7F49])[0x86]
        public = ec.EllipticCurvePublicKey.from_encoded_point(curve, point)
        for half, h in HASHES.items():
            card.use(0xB6, b"\1", half | 4)
            public.verify(signature(card.send("002A9E9A", digest(
                half, MESSAGE))), MESSAGE, ec.ECDSA(h))
        own = ec.generate_private_key(curve)
        size = (curve.key_size + 7) // 8
        card.put(kind, b"\2", [0xA6, 0xB6],
                 (0x92, number(own.private_numbers().private_value, size)))
        other = ec.generate_private_key(curve)
        encoded = other.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint)
        equal(card.send("00860002", tlv(0x7C, tlv(0x85, encoded), tlv(0x82))),
              tlv(0x7C, tlv(0x82, other.exchange(
                  ec.ECDH(), own.public_key()))), f"ECDH {curve.name}")
        r, s = utils.decode_dss_signature(own.sign(
            MESSAGE, ec.ECDSA(hashes.SHA256())))
        card.use(0xB6, b"\2", 0x44)
        card.send("002A00A8", tlv(0x9A, digest(0x40, MESSAGE)) + tlv(
            0x9E, number(r, size), number(s, size)), answers=False)
        card.send("002A00A8", tlv(0x9A, digest(0x40, MESSAGE)) + tlv(
            0x9E, number(s, size), number(r, size)), "6300", False)


def edwards_keys(card):
    point = objects(objects(card.generate(0x30, b"\1"))[0x7F49])[0x86]
    card.use(0xB6, b"\1")
    ed25519.Ed25519PublicKey.from_public_bytes(point).verify(
        card.send("002A9E9A", MESSAGE), MESSAGE)
    point = objects(objects(card.generate(0x31, b"\2", 0xA6))[0x7F49])[0x86]
    other = x25519.X25519PrivateKey.generate()
    equal(card.send("00860002", tlv(0x7C, tlv(0x85, other.public_key(
        ).public_bytes(Encoding.Raw, PublicFormat.Raw)), tlv(0x82))),
        tlv(0x7C, tlv(0x82, other.exchange(
            x25519.X25519PublicKey.from_public_bytes(point)))), "X25519")


def aes(key, data, decrypts=False):
    cipher = Cipher(algorithms.AES(key), modes.CBC(bytes(16)))
    run = cipher.decryptor() if decrypts else cipher.encryptor()
    return run.update(data) + run.finalize()


def authentication(card):
    """The other side proves keys of either kind, and a file asks for it."""
    key = bytes(range(32))
    card.put(0x02, b"\1", [0xA4], (0x92, key), mechanism=tlv(0x90, b"\3"))
    card.send("00E00000", tlv(0x62, bytes.fromhex(
        "80020010 820101 83024444 8A0105 8C0201A0")), answers=False)
    card.send("00B00000", expected="6982")
    for _ in range(5):
        challenge = card.card.transmit(bytes.fromhex("0084000010"))[:-2]
        card.send("00820001", bytes(16), "63C2", False)
        card.send("00820001", aes(key, challenge), "6985", False)
        challenge = card.card.transmit(bytes.fromhex("0084000010"))[:-2]
        card.send("00820001", aes(key, challenge), answers=False)
    equal(len(card.send("00B00000")), 16, "a file that wants key 1")
    own = ec.generate_private_key(ec.SECP256R1())
    card.put_public(0x21, b"\2", [0xA4], tlv(0x86, own.public_key(
        ).public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)))
    challenge = card.card.transmit(bytes.fromhex("0084000008"))[:-2]
    r, s = utils.decode_dss_signature(own.sign(
        challenge, ec.ECDSA(hashes.SHA256())))
    card.send("00824402", number(r, 32) + number(s, 32), answers=False)
    # GENERAL AUTHENTICATE: a challenge of the card, then a witness
    got = card.send("00860001", tlv(0x7C, tlv(0x81)))
    card.send("00860001", tlv(0x7C, tlv(0x82, aes(key, got[4:]))),
              answers=False)
    got = card.send("00860001", tlv(0x7C, tlv(0x80)))
    equal(card.send("00860001", tlv(0x7C, tlv(0x80, aes(
        key, got[4:], True)), tlv(0x81, bytes(16)), tlv(0x82))),
        tlv(0x7C, tlv(0x82, aes(key, bytes(16)))), "mutual")


def mac(key, data):
    code = cmac.CMAC(algorithms.AES(key))
    code.update(data)
    return code.finalize()[:8]


def keyed_hashes(card):
    """HMAC as a checksum and as a proof, with keys shorter and longer than a
    block."""
    for size in 1, 20, 64, 128, 200, 256:
        key = os.urandom(size)
        card.put(0x03, b"\1", [0xB4, 0xA4], (0x92, key))
        for half, h in HASHES.items():
            made = hmac.digest(key, MESSAGE, h.name)
            card.use(0xB4, b"\1", half | 0x0D)
            equal(card.send("002A8E80", MESSAGE), made, h.name)
            card.send("002A00A2", tlv(0x80, MESSAGE) + tlv(0x8E, made),
                      answers=False)
            card.send("002A00A2", tlv(0x80, MESSAGE[1:]) + tlv(0x8E, made),
                      answers=False, expected="6300")
            equal(card.send(f"0088{half | 0x0D:02X}01", MESSAGE), made, "proof")
        challenge = card.card.transmit(bytes.fromhex("0084000010"))[:-2]
        card.send("00824D01", hmac.digest(key, challenge, "sha256"),
                  answers=False)


def mutual(card):
    """MUTUAL AUTHENTICATE, then the keys that it left in use."""
    key = bytes(range(16))
    card.put(0x02, b"\1", [0xA4], (0x92, key), mechanism=tlv(0x90, b"\3"))
    challenge = card.card.transmit(bytes.fromhex("0084000008"))[:-2]
    own, half = os.urandom(8), os.urandom(16)
    token = aes(key, own + challenge + half)
    answer = card.card.transmit(bytes.fromhex("0082000128") + token + mac(
        key, token) + b"\0")
    equal(answer[-2:].hex(), "9000", "MUTUAL AUTHENTICATE")
    equal(answer[32:40], mac(key, answer[:32]), "MAC of the card")
    opened = aes(key, answer[:32], True)
    equal(opened[:16], challenge + own, "both nonces")
    seed = bytes(a ^ b for a, b in zip(half, opened[16:]))
    session = hashlib.sha1(seed + bytes.fromhex("00000002")).digest()[:16]
    count = number(1, 16)
    header = bytes.fromhex("0C840000") + b"\x80" + bytes(11)
    field = bytes.fromhex("970108")
    covered = count + header + field + b"\x80" + bytes(12)
    answer = card.card.transmit(bytes.fromhex("0C8400000D") + field + tlv(
        0x8E, mac(session, covered)) + b"\0")
    equal(answer[-2:].hex(), "9000", "GET CHALLENGE under the session")


def name(text):
    return x509.Name([x509.NameAttribute(
        x509.oid.NameOID.COMMON_NAME, text)])


def certificate(subject, public, issuer, key, is_ca):
    now = datetime.datetime(2026, 1, 1)
    return x509.CertificateBuilder().subject_name(name(subject)).issuer_name(
        name(issuer)).public_key(public).serial_number(7).not_valid_before(
            now).not_valid_after(now + datetime.timedelta(9)).add_extension(
                x509.BasicConstraints(is_ca, None), True).sign(
                    key, hashes.SHA256()).public_bytes(Encoding.DER)


def key_id(key):
    return hashlib.sha1(key.public_key().public_bytes(
        Encoding.X962, PublicFormat.UncompressedPoint)).digest()


def point(key):
    return tlv(0x86, key.public_key().public_bytes(
        Encoding.X962, PublicFormat.UncompressedPoint))


def signed(key, data):
    size = (key.curve.key_size + 7) // 8
    r, s = utils.decode_dss_signature(key.sign(
        data, ec.ECDSA(hashes.SHA256())))
    return number(r, size) + number(s, size)


def certificates(card):
    """An anchor vouches for an authority, that for a holder, that for none."""
    root, middle, leaf = (ec.generate_private_key(ec.SECP256R1())
                          for _ in range(3))
    card.put_public(0x21, b"\1", [0xB6], point(root))
    chain = [certificate("middle", middle.public_key(), "root", root, True),
             certificate("leaf", leaf.public_key(), "middle", middle, False)]
    card.use(0xB6, b"\1", 0x44, 0x80)
    card.send("002A0092", chain[1], "6300", False)
    card.send("002A0092", chain[0], answers=False)
    card.use(0xB6, key_id(middle), 0x44, 0x80)
    card.send("002A0092", chain[1], answers=False)
    card.use(0xB6, key_id(leaf), 0x44, 0x80)
    card.send("002A0092", chain[1], "6985", False)
    card.send("002A00A8", tlv(0x9A, digest(0x40, MESSAGE)) + tlv(
        0x9E, signed(leaf, MESSAGE)), answers=False)
    card.use(0xB6, b"\9", 0x44, 0x80)
    card.send("002A0092", chain[0], "6A88", False)


def verifiable(holder, key, issuer, signer, role):
    body = tlv(0x7F4E, tlv(0x5F29, b"\0"), tlv(0x42, issuer), tlv(
        0x7F49, tlv(0x06, bytes.fromhex("04007F00070202020203")), point(key)),
        tlv(0x5F20, holder), tlv(0x7F4C, tlv(0x06, bytes.fromhex(
            "04007F000703010202")), tlv(0x53, bytes([role, 0, 0, 0, 0]))),
        tlv(0x5F25, bytes(6)), tlv(0x5F24, bytes(6)))
    return body + tlv(0x5F37, signed(signer, body))


def verifiable_certificates(card):
    """As terminals show them: anchor, document verifier, terminal."""
    anchor, verifier, terminal = (
        ec.generate_private_key(ec.BrainpoolP256R1()) for _ in range(3))
    card.put_public(0x24, b"DECVCA00001", [0xB6], point(anchor))
    first = verifiable(b"DEDV00001", verifier, b"DECVCA00001", anchor, 0x80)
    second = verifiable(b"DETERM00001", terminal, b"DEDV00001", verifier, 0)
    card.use(0xB6, b"DECVCA00001", 0x44, 0x80)
    card.send("002A00BE", second, "6300", False)
    card.send("002A00BE", first[:-1] + bytes([first[-1] ^ 1]), "6300", False)
    card.send("002A00BE", first[:-1], "6A80", False)
    card.send("002A00BE", first, answers=False)
    card.use(0xB6, b"DEDV00001", 0, 0x80)  # its key says its algorithm
    card.send("002A0092", tlv(0x7F21, second), answers=False)
    card.send("002281A4", tlv(0x83, b"DETERM00001") + tlv(0x80, b"\0"),
              answers=False)
    challenge = card.card.transmit(bytes.fromhex("0084000008"))[:-2]
    card.send("00820000", signed(terminal, challenge), answers=False)
    card.send("00820000", signed(terminal, challenge), "6985", False)
    card.card.transmit(bytes.fromhex("0084000008"))
    card.send("00820000", signed(terminal, challenge), "6300", False)


INSIDE = {f.__name__: f for f in (
    rsa_signatures, rsa_raw, rsa_ciphers, ec_keys, edwards_keys,
    authentication, keyed_hashes, mutual, certificates, verifiable_certificates)}


def world(what):
    done = subprocess.run(
        [os.environ["VICC"], "exec", "-t", "iso7816", "--", sys.executable,
         __file__, "inside", what],
        capture_output=True, text=True, timeout=60, check=False)
    equal(done.returncode, 0, done.stdout + done.stderr)


def wrap(what):
    def run():
        world(what)
    run.__name__ = what
    return run


if sys.argv[1:2] == ["inside"]:
    INSIDE[sys.argv[2]](Card())
else:
    for each in INSIDE:
        test(deadline=70)(wrap(each))
    main()
