#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""A recorded session of a real client, again with the card in the trace: the
same client says the same, and what it does otherwise is told with the line."""

import os
import re

from harness import equal, main, path, test
from flex import PIN, PUK, has, program

VICC = os.environ["VICC"]
SESSION = """ls
cd 1000
info 1001
cat 1001
verify CHV1 31:32:33:34
cat 1003
cd ..
cat 2F00
"""
EXPLORER = ("sh", "-c", "opensc-explorer -c default <\"$0\"")


def explore(card, lines=SESSION, **more):
    """What opensc-explorer says to these lines, and vicc of it."""
    with open(path("lines"), "w", encoding="ascii") as f:
        f.write(lines + "quit\n")
    return program(VICC, "exec", *card, "--", *EXPLORER, path("lines"),
                   env={"OPENSC_DRIVER": "default"}, **more)


def replay(trace, mode):
    return ("-t", "replay", "-o", f"trace={trace}", "-o", f"mode={mode}")


def record():
    said = explore(("--trace", path("trace"), "-t", "iso7816"))
    has(said, "Hello, card worl", "61 13 4F 06")
    return said


def read(name):
    with open(path(name), encoding="ascii") as f:
        return f.read()


def write(name, text):
    with open(path(name), "w", encoding="ascii") as f:
        f.write(text)
    return path(name)


@test
def a_session_of_opensc_explorer():
    said = record()
    for mode in "strict", "assert", "tolerant":
        equal(explore(replay(path("trace"), mode)), said, mode)


@test
def another_order():
    """Nothing is asked that the trace does not have, but otherwise."""
    record()
    other = "cat 2F00\ncd 1000\ncat 1001\ncat 1001\ninfo 1001\ncat 1001\n"
    said = explore(replay(path("trace"), "tolerant"), other)
    equal(said.count("Hello, card worl"), 3)
    assert "vicc: " not in said, said
    said = explore(replay(path("trace"), "assert"), other, status=1)
    line = read("trace").split("\n").index("> 00A4080002100000") + 1
    has(said, f"vicc: {path('trace')}:{line}: another command came than the "
        "trace has here\n  expected  00A4080002100000  SELECT\n"
        "  got       00A40800022F0000  SELECT\n")


@test
def a_changed_answer():
    """The file is said to be one byte longer than it was."""
    record()
    text = read("trace")
    trace = write("changed", text.replace("800112", "800113"))
    said = explore(replay(trace, "assert"), status=1)
    line = text.split("\n").index("> 00B0000012") + 1
    has(said, f"vicc: {trace}:{line}: another command came than the trace "
        "has here\n  expected  00B0000012  READ BINARY\n"
        "  got       00B0000013  READ BINARY\n")
    has(explore(replay(trace, "strict"), status=1), f"{trace}:{line}: another")
    # The card of the trace itself, by vicc apdu: the answer that is wrong.
    line = text.split("\n").index(
        "< 6F10800112820141830210018801088A01059000") + 1
    plain = write("plain", re.sub(r"(> 0020000104)\*{8}", r"\g<1>31323334",
                                  read("changed")))
    said = program(VICC, "apdu", "-t", "iso7816", plain, status=1)
    has(said, f"plain:{line}: the card answers something else")


@test
def a_session_that_ends_early():
    record()
    said = explore(replay(path("trace"), "assert"), "ls\n", status=1)
    has(said, "the trace goes on here, but nothing came any more\n"
        "  expected  00A4")


LIFE = f"""set -e
pkcs15-init -T -C --no-so-pin
pkcs15-init -T -P -a 01 -l user01 --pin {PIN} --puk {PUK}
pkcs15-init -T -G rsa/512 -a 01 -i 45 -l only -u sign,decrypt --pin {PIN}
pkcs15-tool --dump
"""


@test(deadline=120)
def the_life_of_a_cryptoflex_card():
    """Made, a PIN stored, a key generated, looked at. Only the time that
    pkcs15-init notes on the card differs: it is starred."""
    life = write("life", LIFE)

    def live(*card):
        return program(VICC, "exec", *card, "--", "sh", life)

    said = live("--trace", path("trace"), "-t", "cryptoflex")
    has(said, "Private RSA Key [only]", "PIN [user01]")
    assert PIN.encode().hex() not in read("trace")
    starred, times = re.subn(r"(?m)^(> .*180F)(?:3\d){14}5A",
                             r"\1" + "**" * 15, read("trace"))
    assert times > 0
    trace = write("starred", starred)
    for mode in "assert", "tolerant":
        equal(live(*replay(trace, mode)), said, mode)


main()
