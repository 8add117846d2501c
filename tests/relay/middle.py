#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Middlemen as real clients meet them; tests/tools/mitm.py has the rest."""

import pathlib
import shlex
import subprocess
import sys

from harness import equal, main, path, test
from rig import VICC

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples/mitm"
RENAME = (f"{sys.executable} {shlex.quote(str(EXAMPLES / 'rename.py'))} "
          "6A82 6A88")
ASK = ("opensc-tool", "-s", "00A40000021234")


def world(*args):
    done = subprocess.run([VICC, "exec", *args], capture_output=True,
                          text=True, check=False, stdin=subprocess.DEVNULL)
    equal(done.returncode, 0, done.stderr)
    return done.stdout


@test
def a_client_sees_what_is_left():
    assert "SW1=0x6A, SW2=0x82" in world("--", *ASK)
    assert "SW1=0x6A, SW2=0x88" in world("--mitm", RENAME, "--", *ASK)


@test
def a_relayed_card_has_one_as_well():
    out = world("--", VICC, "exec", "-t", "relay", "--mitm", RENAME, "--trace",
                path("trace"), "--", *ASK)
    assert "SW1=0x6A, SW2=0x88" in out, out
    with open(path("trace"), encoding="ascii") as trace:
        assert "< 6A88" in trace.read(), "the trace has what the reader got"


@test
def each_card_has_its_own():
    log = path("log-of-each")
    world("--card", "iso7816", "--mitm",
          f"echo one >> {log}; exec cat", "--count", "2", "--card", "iso7816",
          "--", "true")
    with open(log, encoding="ascii") as text:
        equal(text.read(), "one\none\n")


@test
def a_middleman_that_crashes_leaves_an_error_and_a_world():
    done = subprocess.run(
        [VICC, "exec", "--mitm", "read line; kill -SEGV $$", "--", *ASK],
        capture_output=True, text=True, check=False)
    assert "was killed by signal 11" in done.stderr, done.stderr
    assert "SW1=0x6F, SW2=0x00" in done.stdout, done.stdout + done.stderr


main()
