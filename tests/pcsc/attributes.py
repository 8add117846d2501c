#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""What a reader tells about itself: attributes of PC/SC part 3, features
and properties of part 10."""

import struct

from cards import ATR, ATR_T0, ATR_T1, Card
from harness import equal, main, path, raises, test, world
from pcsc import (GET_FEATURE_REQUEST, INSUFFICIENT_BUFFER, NOT_TRANSACTED,
                  SHARE_DIRECT, UNSUPPORTED_FEATURE)
import pcsc

READER = "Test 00 00"
TLV_PROPERTIES, PIN_PROPERTIES = 0x12, 0x0A


def number(value):
    return struct.pack("=I", value)


def text(value):
    return value.encode() + b"\0"


@test
def attributes_with_a_card():
    device = f"unix-listen:{path('s')}"
    with world(device) as w:
        Card(path("s"), atr=ATR_T0)
        w.context.watch(READER).present()
        handle = w.context.connect(READER)
        for tag, expected in ((0x10100, text("vicc")),
                              (0x10101, text("Virtual PCD")),
                              (0x10103, text(device)),
                              (0x20110, number(0x00F00000)),
                              (0x30120, number(3)),
                              (0x40131, number(1)),
                              (0x60150, number(0)),
                              (0x7A007, number(65535)),
                              (0x80201, number(1)),
                              (0x90300, b"\x02"),
                              (0x90301, b"\x01"),
                              (0x90303, ATR_T0),
                              (0x90304, b"\x01"),
                              (0x7FFF0001, number(0)),
                              (0x7FFF0003, text(READER)),
                              (0x7FFF0004, text(READER))):
            equal(handle.attribute(tag), expected, f"attribute {tag:X}")
        version = struct.unpack("=I", handle.attribute(0x10102))[0]
        assert version > 0, "no version"


@test
def attributes_without_a_card():
    with world(f"unix-listen:{path('s')}") as w:
        handle = w.context.connect(READER, SHARE_DIRECT, 0)
        equal(handle.attribute(0x10101), text("Virtual PCD"))
        equal(handle.attribute(0x90300), b"\x00", "presence")
        equal(handle.attribute(0x90301), b"\x00", "contacts")
        for tag in (0x90303, 0x80201):  # of a card, and there is none
            equal(handle.attribute_code(tag)[0], NOT_TRANSACTED, f"{tag:X}")


@test
def attributes_follow_the_card():
    with world(f"unix-listen:{path('s')}") as w:
        watch = w.context.watch(READER)
        handle = w.context.connect(READER, SHARE_DIRECT, 0)
        card = Card(path("s"))
        watch.present()
        equal(handle.attribute(0x90303), ATR, "ATR")
        card.leave()
        watch.counted(2)
        raises(pcsc.REMOVED_CARD, handle.attribute, 0x90303)
        handle = w.context.connect(READER, SHARE_DIRECT, 0)
        equal(handle.attribute_code(0x90303)[0], NOT_TRANSACTED, "ATR")
        equal(handle.attribute(0x90300), b"\x00", "presence")


@test
def the_protocol_that_the_atr_offers_first():
    with world(f"unix-listen:{path('s')}") as w:
        watch = w.context.watch(READER)
        for atr, protocol in ((ATR_T0, 1), (ATR_T1, 2), (ATR, 1)):
            card = Card(path("s"), atr=atr)
            watch.present()
            handle = w.context.connect(READER, SHARE_DIRECT, 0)
            equal(handle.attribute(0x80201), number(protocol), atr.hex())
            card.leave()
            watch.empty()


@test
def unknown_and_too_long():
    with world(f"unix-listen:{path('s')}") as w:
        handle = w.context.connect(READER, SHARE_DIRECT, 0)
        for tag in (0x0FB0, 0x0FB1, 0x0FB4, 0x10104, 0xDEADBEEF):
            equal(handle.attribute_code(tag)[0], UNSUPPORTED_FEATURE,
                  f"{tag:X}")
        equal(handle.attribute_code(0x10101, room=3)[0], INSUFFICIENT_BUFFER)


@test
def serial_numbers_and_channels_tell_slots_apart():
    with world("tcp-listen:127.0.0.1:0:slots=1") as w:
        handle = w.context.connect(READER, SHARE_DIRECT, 0)
        equal(handle.attribute(0x20110), number(0x00F00000), "channel")
    with world(f"unix-listen:{path('s')}:slots=2") as w:
        serials = {w.context.connect(f"Test 00 0{n}", SHARE_DIRECT,
                                     0).attribute(0x10103) for n in (0, 1)}
        equal(len(serials), 2, "serial numbers")


@test
def nothing_can_be_set():
    with world(f"unix-listen:{path('s')}") as w:
        handle = w.context.connect(READER, SHARE_DIRECT, 0)
        code = pcsc.call("SCardSetAttrib", handle.handle,
                         pcsc.c_ulong(0x10100), b"x", pcsc.c_ulong(1))
        assert code != 0, "attribute set"


def features(handle, code=GET_FEATURE_REQUEST):
    """{tag: control code} of the feature query."""
    answer, found = handle.control(code), {}
    equal(len(answer) % 6, 0, "length of the feature list")
    for i in range(0, len(answer), 6):
        tag, length, control = struct.unpack(">BBI", answer[i:i + 6])
        equal(length, 4, "length of a feature")
        found[tag] = control
    return found


@test
def features_without_a_pin_pad():
    with world(f"unix-listen:{path('s')}") as w:
        handle = w.context.connect(READER, SHARE_DIRECT, 0)
        found = features(handle)
        equal(sorted(found), [PIN_PROPERTIES, TLV_PROPERTIES], "features")
        equal(features(handle, 0x00313520), found, "the Windows code")
        equal(handle.control(found[PIN_PROPERTIES]),
              b"\x00\x00\x02\x00", "IFD_PIN_PROPERTIES")


def properties(handle):
    data, found = handle.control(features(handle)[TLV_PROPERTIES]), {}
    while data:
        found[data[0]] = data[2:2 + data[1]]
        equal(len(found[data[0]]), data[1], "length of a property")
        data = data[2 + data[1]:]
    return found


@test
def tlv_properties():
    with world(f"unix-listen:{path('s')}") as w:
        Card(path("s"))
        w.context.watch(READER).present()
        found = properties(w.context.connect(READER))
        assert found.pop(8).startswith(b"vicc "), "sFirmwareID"
        equal(found, {1: b"\0\0", 3: b"\0", 9: b"\0",
                      10: struct.pack("<I", 65526)}, "properties")


@test
def other_controls_are_unsupported():
    with world(f"unix-listen:{path('s')}") as w:
        handle = w.context.connect(READER, SHARE_DIRECT, 0)
        for control in (0, 1, 0x42330006, 0x42330007, 0x42000001):
            equal(handle.control_code(control)[0], UNSUPPORTED_FEATURE,
                  f"{control:X}")
        equal(handle.control_code(GET_FEATURE_REQUEST, room=5)[0],
              INSUFFICIENT_BUFFER)
        raises(UNSUPPORTED_FEATURE, handle.control, 7, bytes(65548))


main()
