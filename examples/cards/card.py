#!/usr/bin/python3
# A whole card without any library: python3 card.py [HOST PORT]
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
import socket
import struct
import sys

ATR = bytes.fromhex("3B80800101")  # T=0 and T=1, no historical bytes


def answer(command):
    if command[:4] == bytes.fromhex("00A40400"):  # SELECT by name
        return bytes.fromhex("9000")
    if command[:2] == bytes.fromhex("8010"):  # a command of our own
        return b"Hello, reader" + bytes.fromhex("9000")
    return bytes.fromhex("6D00")  # INS not supported


host, port = sys.argv[1:3] if len(sys.argv) > 2 else ("localhost", 0x8C7B)
reader = socket.create_connection((host, int(port)))
wire = reader.makefile("rb")
while head := wire.read(2):
    message = wire.read(struct.unpack(">H", head)[0])
    if message in (b"\0", b"\1", b"\2"):  # power off, power on, reset
        continue
    reply = ATR if message == b"\4" else answer(message)
    reader.sendall(struct.pack(">H", len(reply)) + reply)
