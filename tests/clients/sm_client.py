# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""One side of secure messaging, ISO/IEC 7816-4, over python3-cryptography:
suites, and a client that protects commands and checks answers. Nothing of the
card's own code takes part."""

import hashlib

from cryptography.hazmat.primitives import cmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from harness import equal

PROTECTED, HEADER = 0x08, 0x0C  # of CLA: as it is, and with its header covered


def pad(data, block):
    return data + b"\x80" + bytes(-(len(data) + 1) % block)


def unpad(data):
    text = data.rstrip(b"\0")
    assert text.endswith(b"\x80"), f"no padding: {data.hex()}"
    return text[:-1]


def tlv(tag, value):
    n = len(value)
    length = (bytes([n]) if n < 0x80 else b"\x81" + bytes([n]) if n < 0x100
              else b"\x82" + n.to_bytes(2, "big"))
    return bytes([tag]) + length + value


def objects(field):
    """Tag, value and whole of each data object."""
    while field:
        n, at = field[1], 2
        if n > 0x80:
            at = 2 + n - 0x80
            n = int.from_bytes(field[2:at], "big")
        assert at + n <= len(field), f"cut short: {field.hex()}"
        yield field[0], field[at:at + n], field[:at + n]
        field = field[at + n:]


class TripleDes:
    block = 8

    def __init__(self, enc, mac):
        self.enc, self.mac_key = enc, mac

    def _run(self, key, mode, data, decrypts=False):
        cipher = Cipher(algorithms.TripleDES(key), mode)
        run = cipher.decryptor() if decrypts else cipher.encryptor()
        return run.update(data) + run.finalize()

    def encrypt(self, data):
        return self._run(self.enc, modes.CBC(bytes(8)), data)

    def decrypt(self, data):
        return self._run(self.enc, modes.CBC(bytes(8)), data, True)

    def mac(self, text):
        """ISO/IEC 9797-1 algorithm 3, block by block as it is defined."""
        one, two = self.mac_key[:8], self.mac_key[8:]
        h = bytes(8)
        for i in range(0, len(text), 8):
            block = bytes(a ^ b for a, b in zip(h, text[i:i + 8]))
            h = self._run(one * 3, modes.ECB(), block)
        h = self._run(two * 3, modes.ECB(), h, True)
        return self._run(one * 3, modes.ECB(), h)


class Aes:
    block = 16

    def __init__(self, enc, mac):
        self.enc, self.mac_key = enc, mac

    def _cipher(self):
        return Cipher(algorithms.AES(self.enc), modes.CBC(self.iv()))

    def iv(self):
        return bytes(16)

    def encrypt(self, data):
        run = self._cipher().encryptor()
        return run.update(data) + run.finalize()

    def decrypt(self, data):
        run = self._cipher().decryptor()
        return run.update(data) + run.finalize()

    def mac(self, text):
        code = cmac.CMAC(algorithms.AES(self.mac_key))
        code.update(text)
        return code.finalize()[:8]


class Counted:
    """Adds a send sequence counter to a suite."""

    def __init__(self, suite, enc, mac, counter):
        super().__init__(enc, mac)
        self.plain_suite, self.counter = suite, counter

    def count(self):
        self.counter = (self.counter + 1) % (1 << 8 * self.block)

    def ssc(self):
        return self.counter.to_bytes(self.block, "big")

    def iv(self):
        run = Cipher(algorithms.AES(self.enc), modes.ECB()).encryptor()
        return run.update(self.ssc()) + run.finalize()

    def mac(self, text):
        return super().mac(self.ssc() + text)


class CountedDes(Counted, TripleDes):
    pass


class CountedAes(Counted, Aes):
    pass


def covered(suite, header, field):
    """What a MAC is over: the header, if it is, and each run of objects with
    an odd tag or of another class, all with padding."""
    text = pad(header, suite.block) if header else b""
    run = b""
    for tag, _, whole in list(objects(field)) + [(0, b"", b"")]:
        if whole and (tag & 0xC0 != 0x80 or tag & 1):
            run += whole
        elif run:
            text += pad(run, suite.block)
            run = b""
    return text


def signed(header, field):
    """What a signature is over: the same, without padding; the value of 9A."""
    return header + b"".join(
        value if tag in (0x9A, 0x9B) else whole
        for tag, value, whole in objects(field)
        if tag in (0x9A, 0x9B) or tag & 0xC0 != 0x80 or tag & 1)


class Client:
    """Protects commands and checks what comes back.

    signs(text) makes a signature for commands in place of a MAC, and
    verifies(signature, text) checks one of an answer; `answers` is the suite
    that deciphers answers, if that is another one."""

    def __init__(self, card, suite, sm=HEADER):
        self.card, self.suite, self.sm = card, suite, sm
        self.signs = self.verifies = self.answers = None

    def plain(self, command, expected="9000"):
        got = self.card.transmit(bytes.fromhex(command)).hex().upper()
        equal(got, expected.replace(" ", ""), command)

    def value(self, tag, data):
        if tag in (0x86, 0x87):
            return tlv(tag, b"\x01" + self.suite.encrypt(
                pad(data, self.suite.block)))
        if tag in (0x84, 0x85):
            return tlv(tag, self.suite.encrypt(pad(data, self.suite.block)))
        return tlv(tag, data)

    def proof(self, header, field):
        header = header if self.sm == HEADER else b""
        if self.signs:
            return tlv(0x9E, self.signs(signed(header, field)))
        return tlv(0x8E, self.suite.mac(covered(self.suite, header, field)))

    def field(self, header, data, tag, ne, others=b""):
        field = others
        if data:
            field += self.value(tag, data)
        if ne is not None:
            field += tlv(0x97, b"\0" if ne == 256 else b"\0\0" if ne == 65536
                         else bytes([ne]) if ne < 256
                         else ne.to_bytes(2, "big"))
        return field + self.proof(header, field)

    def command(self, header, data=b"", ne=None, tag=None, others=b""):
        header = bytes.fromhex(header)
        header = bytes([header[0] | self.sm]) + header[1:]
        tag = tag or (0x85 if header[1] & 1 else 0x87)
        field = self.field(header, data, tag, ne, others)
        if len(field) < 256 and (ne or 0) <= 200:
            return header + bytes([len(field)]) + field + b"\0"
        return header + b"\0" + len(field).to_bytes(2, "big") + field + b"\0\0"

    def send(self, header, data=b"", ne=None, tag=None, others=b"",
             expected="9000", form=None, tags=None):
        """Response data, out of the one object that they must come in."""
        if isinstance(self.suite, Counted):
            self.suite.count()
        return self.open(self.card.transmit(
            self.command(header, data, ne, tag, others)), header, expected,
            form, tags)

    def refused(self, expected, header, *args, **more):
        """The command is answered so, in plain."""
        equal(self.card.transmit(self.command(header, *args, **more)).hex()
              .upper(), expected, f"refusal of {header}")

    def open(self, answer, header, expected, form=None, tags=None):
        """`tags` are the objects that the answer has; usually the data, if
        any, status and MAC."""
        while answer[-2] == 0x61 and answer[-2:] != bytes.fromhex(expected):
            answer = answer[:-2] + self.card.transmit(
                bytes.fromhex("00C00000") + answer[-1:])
        equal(answer[-2:].hex().upper(), expected, f"status of {header}")
        if isinstance(self.suite, Counted):
            self.suite.count()
        found = list(objects(answer[:-2]))
        data = [] if len(found) == 2 else [
            form or (0x85 if bytes.fromhex(header)[1] & 1 else 0x87)]
        equal([f"{tag:02X}" for tag, _, _ in found],
              [f"{tag:02X}" for tag in tags or data + [0x99, 0x8E]],
              "objects of the answer")
        field, plain = b"", b""
        for tag, value, one in found:
            if tag == 0x99:
                equal(value.hex().upper(), expected, "status inside")
            elif tag == 0x8E:
                equal(value, self.suite.mac(covered(self.suite, b"", field)),
                      "MAC of the answer")
            elif tag == 0x9E:
                self.verifies(value, signed(b"", field))
            elif tag in (0x90, 0x91):
                equal(value, hashlib.sha256(field).digest(), "hash-code")
            elif tag in (0x81, 0x85, 0x87, 0xB3):
                plain = self.opened(tag, value)
            field += one
        return plain

    def opened(self, tag, value):
        if tag == 0x87:
            equal(value[:1], b"\1", "padding indicator")
            value = value[1:]
        suite = self.answers or self.suite
        return unpad(suite.decrypt(value)) if tag in (0x85, 0x87) else value
