#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""OpenSC's programs, unmodified, with our cards in a private world."""

from harness import equal, has, main, path, test
from world import world


def explorer(*lines, card=("-t", "iso7816"), status=0):
    return world(*card, run=["opensc-explorer", "-c", "default"],
                 stdin="\n".join(lines) + "\n", status=status)


@test
def opensc_tool_prints_the_atr():
    has(world("-t", "iso7816", "-o", "atr=3B021450",
              run=["opensc-tool", "--atr"]), "3b:02:14:50")


@test
def opensc_tool_lists_both_cards():
    text = world("--card", "iso7816", "--card", "handler-test",
                 run=["opensc-tool", "--list-readers"])
    has(text, "0    Yes             Virtual PCD 00 00",
        "1    Yes             Virtual PCD 01 00")


@test
def opensc_tool_sends_apdus():
    text = world("-t", "iso7816", run=[
        "opensc-tool", "-s", "00A4040406F07669636301", "-s", "00B0810000"])
    has(text, "Received (SW1=0x90, SW2=0x00)", "Hello, card worl")


@test
def explorer_walks_and_looks():
    has(explorer("cd 1000", "info", "info 1001", "cat 1001"),
        "Dedicated File  ID 1000", "DF name:                 \\xF0vicc\\x01",
        "EF structure:            Transparent", "File size:               18 bytes",
        "Hello, card worl")


@test
def explorer_gets_and_puts():
    content = bytes(range(200))
    with open(path("new"), "wb") as f:
        f.write(content)
    explorer("cd 1000", f"get 1001 {path('hello')}",
             f"put 1002 {path('new')}", f"get 1002 {path('back')}")
    with open(path("hello"), "rb") as f:
        equal(f.read(), b"Hello, card world\n", "EF 1001")
    with open(path("back"), "rb") as f:
        equal(f.read(), content + bytes(56), "EF 1002")


@test
def explorer_verifies_before_it_reads():
    has(explorer("cd 1000", "cat 1003"), "Read failed")
    has(explorer("cd 1000", "verify CHV1 31:32:33:35", status=255),
        "Incorrect code, 2 tries left.")
    has(explorer("cd 1000", "verify CHV1 31:32:33:34", "cat 1003"),
        "Code correct.", "000000F0: 00 00")


@test
def explorer_under_each_protocol():
    for protocol in "t0", "t1", "both":
        has(explorer("cd 1000", "cat 1001",
                     card=("-t", "iso7816", "-o", f"protocol={protocol}")),
            "Hello, card worl")


main()
