# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""A card at the other end of a pipe to `vicc apdu`."""

import subprocess

from tap import VICC, equal


def tlv(tag, *values):
    """A data object in its shortest form."""
    value = b"".join(values)
    n = len(value)
    length = (bytes([n]) if n < 0x80 else
              bytes([0x80 + (n.bit_length() + 7) // 8]) +
              n.to_bytes((n.bit_length() + 7) // 8, "big"))
    return tag.to_bytes((tag.bit_length() + 7) // 8, "big") + length + value


def untlv(data):
    """The objects in `data`, by tag."""
    found = {}
    while data:
        n = 1
        if data[0] & 0x1F == 0x1F:
            n += 1
            while data[n - 1] & 0x80:
                n += 1
        tag, length, at = data[:n].hex().upper(), data[n], n + 1
        if length & 0x80:
            size = length & 0x7F
            length, at = int.from_bytes(data[at:at + size], "big"), at + size
        found[tag] = data[at:at + length]
        data = data[at + length:]
    return found


class Card:
    def __init__(self, place, *args):
        self.process = subprocess.Popen(
            [VICC, "apdu", "--secrets", *args], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        place.own(self)

    def transmit(self, command):
        """One APDU as it is; data and SW1-SW2 of its answer."""
        self.process.stdin.write(f"> {command.hex()}\n")
        self.process.stdin.flush()
        self.process.stdout.readline()
        answer = self.process.stdout.readline()
        got = bytes.fromhex(answer[1:].split("#")[0])
        return got[:-2], got[-2:].hex().upper()

    def send(self, header, data=b"", expected="9000"):
        """A short command without Le, chained and fetched as need be; the
        data of its answer. `expected` None: whatever the status word."""
        header = bytes.fromhex(header)
        parts = [data[i:i + 255] for i in range(0, len(data), 255)] or [b""]
        for i, part in enumerate(parts):
            cla = header[0] | (0x10 if i + 1 < len(parts) else 0)
            length = bytes([len(part)]) if part else b""
            out, sw = self.transmit(bytes([cla]) + header[1:] + length + part)
            if sw != "9000":
                break
        while sw.startswith("61"):
            more, sw = self.transmit(bytes.fromhex("00C00000" + sw[2:]))
            out += more
        if expected is not None:
            equal(sw, expected, header.hex())
        return out

    def power(self):
        self.process.stdin.write("! reset\n")
        self.process.stdin.flush()
        self.process.stdout.readline()  # ! reset
        self.process.stdout.readline()  # ! atr

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(20)
