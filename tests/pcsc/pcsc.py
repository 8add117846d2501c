# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""The PC/SC client library by ctypes: every length and structure as the
caller passes it, nothing hidden, and no lock held while a call blocks."""

import ctypes
import time
from ctypes import (Structure, byref, c_char_p, c_long, c_ubyte,
                    c_ulong, c_void_p)

# SCardEstablishContext, SCardConnect, SCardDisconnect
SHARE_EXCLUSIVE, SHARE_SHARED, SHARE_DIRECT = 1, 2, 3
T0, T1, RAW = 1, 2, 4
LEAVE, RESET, UNPOWER, EJECT = 0, 1, 2, 3

# SCardGetStatusChange
STATE_CHANGED = 0x0002
STATE_EMPTY = 0x0010
STATE_PRESENT = 0x0020
STATE_INUSE = 0x0100
STATE_MUTE = 0x0200

INSUFFICIENT_BUFFER = 0x80100008
TIMEOUT = 0x8010000A
PROTO_MISMATCH = 0x8010000F
NOT_TRANSACTED = 0x80100016
NO_SMARTCARD = 0x8010000C
NO_SERVICE = 0x8010001D
UNSUPPORTED_FEATURE = 0x8010001F
UNRESPONSIVE_CARD = 0x80100066
UNPOWERED_CARD = 0x80100067
RESET_CARD = 0x80100068
REMOVED_CARD = 0x80100069

# What pcscd can carry at most: MAX_BUFFER_SIZE_EXTENDED of pcsclite.h.
BUFFER_MAX = 65548

GET_FEATURE_REQUEST = 0x42000000 + 3400


class Error(Exception):
    def __init__(self, call, code):
        super().__init__(f"{call}: {code:08X}")
        self.code = code


class ReaderState(Structure):
    _fields_ = [("reader", c_char_p), ("user", c_void_p),
                ("current", c_ulong), ("event", c_ulong),
                ("atr_len", c_ulong), ("atr", c_ubyte * 33)]


class IoRequest(Structure):
    _fields_ = [("protocol", c_ulong), ("length", c_ulong)]


_lib = None


def call(name, *args):
    """Calls one function of the library; its code as unsigned 32 bits."""
    global _lib
    if _lib is None:  # the library reads PCSCLITE_CSOCK_NAME only once
        _lib = ctypes.CDLL("libpcsclite.so.1")
    function = getattr(_lib, name)
    function.restype = c_long
    return function(*args) & 0xFFFFFFFF


def must(name, *args):
    code = call(name, *args)
    if code != 0:
        raise Error(name, code)


class Context:
    def __init__(self):
        self.handle = c_long()
        must("SCardEstablishContext", c_ulong(2), None, None,
             byref(self.handle))

    def release(self):
        must("SCardReleaseContext", self.handle)

    def readers(self):
        room = c_ulong()
        code = call("SCardListReaders", self.handle, None, None, byref(room))
        if code == 0x8010002E:  # SCARD_E_NO_READERS_AVAILABLE
            return []
        if code != 0:
            raise Error("SCardListReaders", code)
        names = ctypes.create_string_buffer(room.value)
        must("SCardListReaders", self.handle, None, names, byref(room))
        return [n.decode() for n in names.raw[:room.value].split(b"\0") if n]

    def connect(self, reader, share=SHARE_SHARED, protocols=T0 | T1):
        return Handle(self, reader, share, protocols)

    def watch(self, reader):
        return Watch(self, reader)


class Handle:
    """What SCardConnect gives."""

    def __init__(self, context, reader, share, protocols):
        self.handle = c_long()
        protocol = c_ulong()
        must("SCardConnect", context.handle, reader.encode(), c_ulong(share),
             c_ulong(protocols), byref(self.handle), byref(protocol))
        self.protocol = protocol.value

    def transmit_code(self, command, room=BUFFER_MAX, recv_pci=None,
                      send_protocol=None):
        """Code and response of one SCardTransmit."""
        pci = IoRequest(send_protocol or self.protocol, 16)
        response = ctypes.create_string_buffer(room)
        length = c_ulong(room)
        code = call("SCardTransmit", self.handle, byref(pci), bytes(command),
                    c_ulong(len(command)),
                    byref(recv_pci) if recv_pci is not None else None,
                    response, byref(length))
        return code, response.raw[:length.value] if code == 0 else b""

    def transmit(self, command, **options):
        if isinstance(command, str):
            command = bytes.fromhex(command)
        code, response = self.transmit_code(command, **options)
        if code != 0:
            raise Error("SCardTransmit", code)
        return response

    def control_code(self, control, data=b"", room=BUFFER_MAX):
        response = ctypes.create_string_buffer(room)
        length = c_ulong()
        code = call("SCardControl", self.handle, c_ulong(control), bytes(data),
                    c_ulong(len(data)), response, c_ulong(room), byref(length))
        return code, response.raw[:length.value]

    def control(self, control, data=b"", room=BUFFER_MAX):
        code, response = self.control_code(control, data, room)
        if code != 0:
            raise Error("SCardControl", code)
        return response

    def attribute_code(self, attribute, room=264):
        value = ctypes.create_string_buffer(max(room, 1))
        length = c_ulong(room)
        code = call("SCardGetAttrib", self.handle, c_ulong(attribute), value,
                    byref(length))
        return code, value.raw[:length.value]

    def attribute(self, attribute):
        code, value = self.attribute_code(attribute)
        if code != 0:
            raise Error(f"SCardGetAttrib {attribute:X}", code)
        return value

    def atr(self):
        """The ATR that SCardStatus tells."""
        name = ctypes.create_string_buffer(256)
        name_len, state = c_ulong(256), c_ulong()
        protocol, atr_len = c_ulong(), c_ulong(33)
        atr = ctypes.create_string_buffer(33)
        must("SCardStatus", self.handle, name, byref(name_len), byref(state),
             byref(protocol), atr, byref(atr_len))
        return atr.raw[:atr_len.value]

    def reconnect(self, initialization, share=SHARE_SHARED,
                  protocols=T0 | T1):
        protocol = c_ulong()
        must("SCardReconnect", self.handle, c_ulong(share),
             c_ulong(protocols), c_ulong(initialization), byref(protocol))
        self.protocol = protocol.value

    def begin(self):
        must("SCardBeginTransaction", self.handle)

    def end(self, disposition=LEAVE):
        must("SCardEndTransaction", self.handle, c_ulong(disposition))

    def disconnect(self, disposition=LEAVE):
        must("SCardDisconnect", self.handle, c_ulong(disposition))


class Watch:
    """Follows one reader; knows the last state that it reported."""

    def __init__(self, context, reader):
        self.context = context
        self.reader = reader
        self.state = 0
        self.atr = b""
        self.change(0)

    def change(self, timeout):
        """Waits for one change; False if there was none in `timeout` s."""
        entry = ReaderState(self.reader.encode(), None, self.state, 0, 0)
        code = call("SCardGetStatusChange", self.context.handle,
                    c_ulong(int(timeout * 1000)), byref(entry), c_ulong(1))
        if code == TIMEOUT:
            return False
        if code != 0:
            raise Error("SCardGetStatusChange", code)
        self.state = entry.event & ~STATE_CHANGED
        self.atr = bytes(entry.atr[:entry.atr_len])
        return True

    @property
    def events(self):
        """pcscd's count of insertions and removals, modulo 65536."""
        return self.state >> 16

    def until(self, wanted, timeout=10):
        """Waits until all bits of `wanted` are set; returns the ATR."""
        end = time.monotonic() + timeout
        while self.state & wanted != wanted:
            left = end - time.monotonic()
            if left <= 0 or not self.change(left):
                raise AssertionError(f"{self.reader}: state {self.state:08X} "
                                     f"after {timeout} s, not {wanted:X}")
        return self.atr

    def counted(self, events):
        """Waits until pcscd has counted so many events, and not more; by
        then it has also told the handles of a removal."""
        while self.events < events:
            assert self.change(10), f"{self.events} events, not {events}"
        assert self.events == events, f"{self.events} events, not {events}"

    def present(self, timeout=10):
        return self.until(STATE_PRESENT, timeout)

    def empty(self, timeout=10):
        return self.until(STATE_EMPTY, timeout)
