# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Small cards for the tests: one that does everything right, and one class
for each habit of the programs that are known to speak the protocol."""

import socket
import struct
import threading

OFF, ON, RESET, GET_ATR = b"\x00", b"\x01", b"\x02", b"\x04"

ATR = bytes.fromhex("3B80800101")   # T=0 and T=1
ATR_T0 = bytes.fromhex("3B021122")  # T=0 only
ATR_T1 = bytes.fromhex("3B800181")  # T=1 only


def numbered_atr(number):
    """T=0 and T=1 and two historical bytes that tell cards apart."""
    body = bytes([0x82, 0x80, 0x01, number >> 8 & 0xFF, number & 0xFF])
    check = 0
    for byte in body:
        check ^= byte
    return b"\x3B" + body + bytes([check])


def frame(payload):
    return struct.pack(">H", len(payload)) + payload


def dial(where):
    """Connects to a path, a (host, port) or returns a socket as it is."""
    if isinstance(where, socket.socket):
        return where
    if isinstance(where, str):
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(where)
        return sock
    return socket.create_connection(where)


class Card(threading.Thread):
    """Answers 9000 to everything, or whatever `answer` is overridden with.

    Starts by itself. `seen` lists the payloads that came from the reader."""

    atr = ATR
    nodelay = True

    def __init__(self, where, **attributes):
        super().__init__(daemon=True)
        for name, value in attributes.items():
            setattr(self, name, value)
        self.seen, self.closed = [], False
        self.broken = None  # why this card could not go on
        self.news = threading.Condition()
        self.powered = False
        self.sock = dial(where)
        if self.nodelay and self.sock.family != socket.AF_UNIX:
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.start()

    # what a quirk overrides

    def greet(self):
        """Once, before the first frame is read."""

    def answer(self, command):
        """The response, or None for none at all."""
        return b"\x90\x00"

    def current_atr(self):
        return self.atr

    def control(self, code):
        self.powered = {OFF: False, ON: True, RESET: True}.get(
            code, self.powered)

    def handle(self, payload):
        if payload == GET_ATR:
            self.write(self.current_atr())
        elif len(payload) == 1:
            self.control(payload)
        else:
            response = self.answer(payload)
            if response is not None:
                self.write(response)

    def write(self, payload):
        self.sock.sendall(frame(payload))

    def read(self):
        """One payload; None at the end."""
        header = self.exactly(2)
        return header and self.exactly(struct.unpack(">H", header)[0])

    # the machinery

    def exactly(self, n):
        data = b""
        while len(data) < n:
            part = self.sock.recv(n - len(data))
            if not part:
                return None
            data += part
        return data

    def run(self):
        try:
            self.greet()
            while (payload := self.read()) is not None:
                with self.news:
                    self.seen.append(payload)
                    self.news.notify_all()
                self.handle(payload)
        except OSError:
            pass
        finally:
            self.sock.close()
            with self.news:
                self.closed = True
                self.news.notify_all()

    def leave(self):
        """Out of the reader, whatever is going on."""
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # already gone
        self.join()

    def wait(self, condition, what, timeout=10):
        with self.news:
            assert self.news.wait_for(condition, timeout), \
                f"{what} not within {timeout} s; seen: " \
                f"{[p[:8].hex() for p in self.seen]}"

    def got(self, payload, times=1, timeout=10):
        """Waits until the reader has sent this so many times."""
        self.wait(lambda: self.seen.count(payload) >= times,
                  f"{times} of {payload[:8].hex()}", timeout)

    def ejected(self, timeout=10):
        """Waits until the reader has closed the connection."""
        self.wait(lambda: self.closed, "end of the connection", timeout)


class Listening:
    """The card's side of reversed mode: a listener that makes cards of the
    readers that connect."""

    def __init__(self, make, family=socket.AF_INET, address=("127.0.0.1", 0)):
        self.make = make
        self.sock = socket.socket(family)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind(address)
        self.sock.listen(8)
        self.address = self.sock.getsockname()

    def card(self, timeout=10):
        """The card for the next reader that connects."""
        self.sock.settimeout(timeout)
        connection, _ = self.sock.accept()
        connection.settimeout(None)
        return self.make(connection)

    def close(self):
        self.sock.close()


# --- habits: docs/reader.md names who has them --------------------------------

class TwoWrites(Card):
    """Length and body in two writes, Nagle on (simrs-vpcd, pico-keys)."""
    nodelay = False

    def write(self, payload):
        self.sock.sendall(struct.pack(">H", len(payload)))
        self.sock.sendall(payload)


class ByteByByte(Card):
    """Every byte a packet of its own: any cut there can be."""

    def write(self, payload):
        for byte in frame(payload):
            self.sock.sendall(bytes([byte]))


class OneReadPerPart(Card):
    """One read for the length, one for the body, no loop (vicc in Python,
    JCardEngine, softsim): what does not come at once is lost."""

    def exactly(self, n):
        data = self.sock.recv(n)
        if data and len(data) != n:
            self.broken = f"got {len(data)} of {n} bytes in one read"
        return data or None


class OneReadPerFrame(OneReadPerPart):
    """Length and body in one read, no loop (pico-keys emulation)."""

    def read(self):
        data = self.sock.recv(2 + 65535)
        if not data:
            return None
        length = struct.unpack(">H", data[:2])[0]
        self.rest = data[2 + length:]  # ON and Get ATR may come together
        if len(data) < 2 + length:
            self.broken = f"got {len(data)} of {2 + length} bytes in one read"
        return data[2:2 + length]

    rest = b""


class Strict(Card):
    """Leaves at an empty frame or an unknown code (vpicc-rs, pcsc-relay,
    remote-reader)."""

    def handle(self, payload):
        if len(payload) == 0 or (len(payload) == 1 and payload not in
                                 (OFF, ON, RESET, GET_ATR)):
            self.broken = f"frame {payload.hex()}"
            self.sock.close()
            return
        super().handle(payload)


class Sleepy(Card):
    """Says nothing for three seconds after connecting (jCardSim)."""
    sleep_s = 3

    def greet(self):
        threading.Event().wait(self.sleep_s)


class EagerAtr(Card):
    """Sends the ATR unasked after power-on and reset as well; has none
    before power-on (simrs-vpcd)."""

    def control(self, code):
        super().control(code)
        if code in (ON, RESET):
            self.write(self.atr)

    def current_atr(self):
        return self.atr if self.powered else b""


class NoAtrBeforePower(Card):
    """An empty ATR until it is powered."""

    def current_atr(self):
        return self.atr if self.powered else b""


class Pulled(Card):
    """An empty ATR means that the card is not there (virt_cacard, relays)."""
    inside = True

    def current_atr(self):
        return self.atr if self.inside else b""


class NoAtr(Card):
    """Mute to Get ATR."""

    def handle(self, payload):
        if payload != GET_ATR:
            super().handle(payload)


class MuteAfterOn(Card):
    """Had an ATR at first, but none once it is powered."""

    def handle(self, payload):
        if payload != GET_ATR or not self.powered:
            super().handle(payload)


class IgnoresPower(Card):
    """OFF, ON and RESET do nothing (pcsc-relay, virt_cacard, pico-keys)."""

    def control(self, code):
        pass


class LeavesAtOff(Card):
    """Ends the session when it is switched off (remote-reader, mPOS)."""

    def control(self, code):
        super().control(code)
        if code == OFF:
            self.sock.shutdown(socket.SHUT_RDWR)


class LeavesAtReset(Card):
    """Ends the session when it is reset."""

    def control(self, code):
        super().control(code)
        if code == RESET:
            self.sock.shutdown(socket.SHUT_RDWR)


class Answers(Card):
    """Sends these raw bytes to a command, whatever it was."""
    raw = b""

    def answer(self, command):
        self.sock.sendall(self.raw)


class DiesAtCommand(Card):
    def answer(self, command):
        self.sock.shutdown(socket.SHUT_RDWR)


class Hung(Card):
    """Takes commands and never answers."""

    def answer(self, command):
        return None


class AnswersTwice(Card):
    def answer(self, command):
        self.write(b"\x90\x00")
        return b"\x6F\x00"  # nobody asked for this one


class Echo(Card):
    """The command as response data, so that a mixed-up answer shows."""

    def answer(self, command):
        return command + b"\x90\x00"
