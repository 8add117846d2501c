#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""The card in a trace: what it answers in each mode, and what it says when it
is asked for something else. With real clients: tests/clients/replay.py."""

import re

from reader import connect, ON, RESET
from tap import equal, has, main, test

TRACE = """# card iso7816
! power on
! atr 3B021234
> 00A4000C021000          # line 4
< 9000
> 00B0000004
< 01010101 9000
> 00A4000C022000
< 9000
> 00B0000004
< 02020202 9000
> 0020000104********      # 12
< 63C2
> 0020000104********
< 9000
> 00A40000023F00
< 6108
> 00C0000008
< 6F0683023F008200 9000
> 00CA006E00              # 20
< 6A88
! power off
! reset
! atr 3B0156
> 00A4000C021000          # 25
< 6283
> 00B0000004
< 6982
"""


def card(place, trace, mode="strict"):
    return ("-t", "replay", "-o", f"trace={place.file('t.apdu', trace)}",
            "-o", f"mode={mode}")


def play(place, script, trace=TRACE, mode="strict"):
    """(status, what is said about the trace) of a script that passes."""
    status, out, said = place.run("apdu", *card(place, trace, mode),
                                  place.file("script", script))
    assert " answers something else" not in said, said
    assert " has another ATR" not in said, said
    return status, re.sub(r"vicc: \S*script: .*\n", "", said).replace(
        f"{place.path}/", "")


def unmasked(text):
    return text.replace("********", "31323334")


@test
def its_own_trace(place):
    for mode in "strict", "assert", "tolerant":
        equal(play(place, unmasked(TRACE), mode=mode), (0, ""))


@test
def strict_is_strict(place):
    first = "> 00A4000C021000\n< 9000\n"
    for script, line, why, after in (
            ("> 00A4000C022000\n< 6F00\n> 00A4000C021000\n< 6F00\n", "4",
             "another command came than the trace has here",
             "  expected  00A4000C021000  SELECT\n"
             "  got       00A4000C022000  SELECT\n"),
            (first + "> 00B000000400\n< 6F00\n", "6", "another command",
             "  got       00B000000400  READ BINARY\n"),
            (first + "! reset\n> 00A4000C021000\n< 6F00\n", "6",
             "the card was reset, and the trace goes on without",
             "  expected  00B0000004  READ BINARY\n"),
            (unmasked(TRACE[:TRACE.index("! power off")]) +
             "> 00A4000C021000\n< 6F00\n", "25",
             "a command came before the reset", "  expected  00A4000C021000"),
            (unmasked(TRACE) + "! reset\n> 00B0000004\n< 6F00\n", "end",
             "another command came when the trace was over",
             "  got       00B0000004  READ BINARY\n"),
            (first, "6", "the trace goes on here, but nothing came any more",
             "  expected  00B0000004  READ BINARY\n")):
        status, said = play(place, script, mode="assert")
        equal(status, 1, said)
        has(said, f"vicc: t.apdu:{line}: {why}", after)
        equal(said.count("vicc: "), 1, said)
        ends_early = why.startswith("the trace goes on")
        equal(play(place, script), (0, "" if ends_early else said))


@test
def resets_of_the_readers_own(place):
    script = unmasked(TRACE).replace(
        "! power on\n", "! reset\n! power off\n! power on\n! reset\n").replace(
        "! power off\n! reset\n! atr 3B01", "! reset\n! reset\n! atr 3B01")
    for mode in "assert", "tolerant":
        equal(play(place, script + "! reset\n! reset\n", mode=mode), (0, ""))


@test
def tolerant_is_tolerant(place):
    """A file that is selected again reads as it did, at whatever place."""
    script = """> 00A4000C022000
< 9000
> 00B0000004
< 02020202 9000
> 00A4000C021000
< 6283
! reset
> 00A4000C021000
< 6283
> 00B0000004
< 6982
> 00A4000C022000
< 9000
> 00B0000004
< 02020202 9000
> 00B0000004
< 02020202 9000
> 002000010435353535
< 63C2
> 002000010435353535
< 9000
> 002000010435353535
< 9000
"""
    equal(play(place, script, mode="tolerant"), (0, ""))
    again = TRACE[:TRACE.index("! power off")]
    equal(play(place, "> 00A4000C021000\n< 9000\n> 00B0000004\n"
               "< 010101019000\n! reset\n" * 3, again, "tolerant"), (0, ""))


@test
def tolerant_with_what_it_does_not_have(place):
    script = """> 00A4000C029999
< 6A82
> 00B0000099
< 6B00
> 00CA005E00
< 6A88
> 002000020431323334
< 6985
> 00C0000008
< 6985
> 00A40000023F00
< 6108
> 00C0000005
< 6C08
> 00C0000008
< 6F0683023F008200 9000
> 00C0000008
< 6985
> 00B2010400
< 6D00
> 80CA006E00
< 6E00
> 00
< 6700
"""
    status, said = play(place, script, mode="tolerant")
    equal((status, said), (
        0, "vicc: t.apdu:4: another command came than the trace has here\n"
        "  expected  00A4000C021000  SELECT\n"
        "  got       00A4000C029999  SELECT\n"
        "  and 9 more that the trace does not have\n"))


@test
def answers_that_are_left_open(place):
    trace = "> 0084000008\n< xxxxxxxxxxxxxxxx 9000\n> 002A808600\n" \
            "< ****9000\n> 00CA004F00\n< 01 ... 02 9000\n> 00B0000000\n"
    script = place.file("script", "> 0084000008\n> 002A808600\n< 00009000\n"
                        "> 00CA004F00\n< 01029000\n> 00B0000000\n< 6F00\n")
    seen = set()
    for _ in range(3):
        status, out, said = place.run("apdu", *card(place, trace), script)
        equal(status, 0, said)
        seen.add(re.search(r"< ([0-9A-F]{16})9000", out)[1])
    assert len(seen) > 1, seen


@test
def secrets_are_hidden_in_what_it_says(place):
    trace = "> 002000010431323334\n< 9000\n"
    script = place.file("script", "> 002000010435353535\n< 6F00\n")
    for more, expected, got in (((), "********", "********"),
                                (("--secrets",), "31323334", "35353535")):
        status, _, said = place.run("apdu", *card(place, trace, "assert"),
                                    *more, script)
        equal(status, 1)
        has(said, f"expected  0020000104{expected}  VERIFY\n",
            f"got       0020000104{got}  VERIFY\n")


@test
def through_a_reader(place):
    program = place.program("--listen", place.path / "s",
                            *card(place, TRACE, "assert"))
    reader = place.own(connect(program.expect("waiting for a reader")))
    reader.power(ON)
    equal(reader.atr(), bytes.fromhex("3B021234"))
    equal(reader.apdu("00A4000C021000"), "9000")
    equal(reader.apdu("00B0000004"), "010101019000")
    reader.power(RESET)
    equal(reader.apdu("00B0000004"), "6F00")
    equal(program.end(), 1)
    has(program.rest(), "t.apdu:8: the card was reset")


@test
def the_atr(place):
    status, out, said = place.run("apdu", *card(place, "> 00B0000000\n"),
                                  text="! reset\n")
    equal((status, out), (0, "! reset\n! atr 3B80800101\n"), said)
    status, out, said = place.run(
        "apdu", *card(place, ""), "-o", "atr=3B00", text="! reset\n")
    equal((status, out), (0, "! reset\n! atr 3B00\n"), said)


@test
def what_is_no_trace_to_be(place):
    for trace, words in (("> 00A4\n< 90 0\n", "t.apdu:2:6: half a byte"),
                         ("! atr 3B...\n", "t.apdu:1:1: a card needs all"),
                         ("! atr " + "00" * 34, "t.apdu:1:1: a card needs all"),
                         ("< 9000\n", "t.apdu:1:1: an answer without"),
                         ("> xx\n", "t.apdu:1:3: a command must be")):
        status, _, said = place.run("apdu", *card(place, trace), "/dev/null")
        equal(status, 2, said)
        has(said, words)
    for args, words in ((("-t", "replay"), "say which trace"),
                        (("-t", "replay", "-o", "trace=none"), "No such file"),
                        (card(place, TRACE, "lazy"), "takes one of strict")):
        status, _, said = place.run("apdu", *args, "/dev/null")
        equal(status, 2, said)
        has(said, words)


@test
def a_long_trace(place):
    """In order and at once, and, what takes longest, what it does not have."""
    part = "> 00A4000C023F00\n< 9000\n> 00B0000010\n< 9000\n" \
           "> 00D60000020102\n< 9000\n> 0020000104********\n< 9000\n"
    script = place.file("script", unmasked(part) * 5000)
    for mode in "assert", "tolerant":
        status, _, said = place.run("apdu", *card(place, part * 5000, mode),
                                    script)
        equal(status, 0, said)
    script = place.file("script", "> 00B0000099\n" * 1000)
    status, _, said = place.run("apdu", *card(place, part * 5000, "tolerant"),
                                script)
    equal(status, 0)
    has(said, "and 999 more that the trace does not have")


main()
