# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Small readers for the tests: the wire in Python, and the manners of the
readers that other people have written.
"""

import socket
import struct

OFF, ON, RESET, GET_ATR = b"\0", b"\1", b"\2", b"\4"


def frame(payload):
    return struct.pack(">H", len(payload)) + payload


class Reader:
    """One that does everything right, over a connected socket."""

    def __init__(self, sock):
        self.sock = sock
        sock.settimeout(20)
        if sock.family == socket.AF_INET:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def write(self, payload):
        self.sock.sendall(frame(payload))

    def exactly(self, n):
        data = b""
        while len(data) < n:
            more = self.sock.recv(n - len(data))
            if not more:
                raise EOFError(f"the card closed, {len(data)} of {n} bytes")
            data += more
        return data

    def read(self):
        (n,) = struct.unpack(">H", self.exactly(2))
        return self.exactly(n)

    def ask(self, payload):
        self.write(payload)
        return self.read()

    def atr(self):
        return self.ask(GET_ATR)

    def power(self, code):
        self.write(code)
        return self.atr()

    def apdu(self, digits):
        return self.ask(bytes.fromhex(digits)).hex().upper()

    def ended(self):
        """Whether the card closes without a further word."""
        try:
            return self.sock.recv(1) == b""
        except ConnectionResetError:
            return True

    def close(self):
        self.sock.close()


class TwoWrites(Reader):
    """ACardEmulator: length and body apart, on the wire one by one."""

    def write(self, payload):
        self.sock.sendall(struct.pack(">H", len(payload)))
        self.sock.sendall(payload)


class ByteByByte(Reader):
    def write(self, payload):
        for byte in frame(payload):
            self.sock.sendall(bytes([byte]))


class OneReadPerPart(Reader):
    """Takes what one recv gives for the length, and for the body."""

    def exactly(self, n):
        data = self.sock.recv(n)
        if len(data) != n:
            raise EOFError(f"one read gave {len(data)} of {n} bytes")
        return data


class OneReadPerFrame(Reader):
    """Takes length and body with one read: the card must write them so."""

    def read(self):
        data = self.sock.recv(65537)
        (n,) = struct.unpack(">H", data[:2])
        if len(data) != n + 2:
            raise EOFError(f"one read gave {len(data)} of {n + 2} bytes")
        return data[2:]


class Slot:
    """A listening reader: cards come to it, on TCP or at a path."""

    def __init__(self, path=None, backlog=8, port=0):
        if path is None:
            self.sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.sock.bind(("127.0.0.1", port))
            self.port = self.sock.getsockname()[1]
        else:
            self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.sock.bind(str(path))
        self.sock.listen(backlog)
        self.sock.settimeout(20)

    def card(self, manner=Reader):
        return manner(self.sock.accept()[0])

    def close(self):
        self.sock.close()


def connect(line, manner=Reader):
    """A reader that connects to the card whose address a line ends with."""
    kind, _, rest = line.split()[-1].partition(":")
    if kind == "unix":
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.connect(rest)
    else:
        host, _, port = rest.rpartition(":")
        sock = socket.create_connection((host.strip("[]"), int(port)))
    return manner(sock)
