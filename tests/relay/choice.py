#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Which reader a relay takes its card from, and which it refuses."""

import os
import subprocess

import harness
from harness import equal, main, path, test
from rig import VICC, Relay


def readers(*names):
    return harness.World("".join(harness.entry(
        name, f"unix-listen:{path('slot-' + name.split()[0])}")
        for name in names), sock="a")


def ended(*args, verb="run", status, words, sock="a"):
    got, said = Relay(*args, verb=verb, sock=sock).ended()
    equal(got, status, said)
    for part in words if isinstance(words, tuple) else (words,):
        assert part in said, said


def takes(reader, *args):
    """It waits for a card in that reader."""
    relay = Relay(*args)
    relay.expect(f"no card in {reader}; waiting for one")
    equal(relay.end()[0], 0)


@test
def by_name_number_and_part():
    with readers("One", "Other", "Sum One"):
        takes("One 00 00", "--reader", "One 00 00")
        takes("Other 01 00", "--reader", "Other 01 00")
        takes("One 00 00", "--reader", "0")
        takes("Sum One 02 00", "--reader", "2")
        takes("Other 01 00", "--reader", "oth")
        takes("Sum One 02 00", "--reader=m on")
        takes("Other 01 00", "-o", "reader=other")


@test
def none_and_several_are_refused():
    with readers("One", "Other", "Sum One"):
        ended("--reader", "one", status=2, words=(
            "--reader one means several readers",
            "\n  0: One 00 00\n  2: Sum One 02 00\n"))
        ended(status=2, words=("there are several readers",
                               "  1: Other 01 00"))
        ended("--reader", " ", status=2, words="  1: Other 01 00")
        for name in "3", "x", "99999999999999999999":
            ended("--reader", name, status=3, words=(
                f"no reader '{name}'", "  1: Other 01 00"))
        ended("--reader", "x", verb="apdu", status=3, words="no reader 'x'")


@test
def the_only_reader_needs_no_choice():
    with readers("One"):
        takes("One 00 00")


@test
def no_reader_at_all():
    with harness.World("", sock="a"):
        ended(status=3, words="there is no PC/SC reader")
        ended("--reader", "0", status=3, words="there is no PC/SC reader")


@test
def no_daemon():
    ended(status=3, words=("no PC/SC service", path("nowhere")),
          sock="nowhere")
    done = subprocess.run(
        [VICC, "exec", "-t", "relay", "--", "true"], capture_output=True,
        text=True, check=False,
        env={**os.environ, "PCSCLITE_CSOCK_NAME": path("nowhere")})
    equal(done.returncode, 125, done.stderr)
    assert "no PC/SC service" in done.stderr, done.stderr
    assert ".." not in done.stderr, "two full stops: " + done.stderr


@test
def wrong_options():
    with readers("One"):
        ended("--share", "both", status=2, words="exclusive")
        ended("-o", "protocol=t2", status=2, words="protocol")
        ended("-o", "readers=1", status=2, words="reader")
        ended("--reader", "", status=2, words="reader")


@test
def never_to_itself():
    with readers("One", "Other"):
        own = path("slot-One")
        words = "would be relayed to itself"
        got, said = Relay("--reader", "One", to=own).ended()
        equal(got, 2, said)
        assert words in said, said
        os.symlink(own, path("alias"))
        got, said = Relay("--reader", "0", to=path("alias")).ended()
        equal(got, 2, said)
        relay = Relay("--reader", "Other", to=own)
        relay.expect("no card in Other 01 00")
        equal(relay.end()[0], 0)


@test
def nor_when_the_reader_changes():
    """The name stays, and what is behind it becomes our own slot."""
    world = readers("One")
    relay = Relay("--reader", "One", to=path("own"))
    relay.expect("no card in One 00 00")
    world.stop()
    relay.expect("is gone; waiting for it")
    with harness.World(harness.entry("One", f"unix-listen:{path('own')}"),
                       sock="a"):
        relay.expect("has become the reader that the card goes into")
        equal(relay.end()[0], 0)


@test
def it_has_no_image():
    done = subprocess.run([VICC, "new", "-t", "relay", path("image")],
                          capture_output=True, text=True, check=False)
    equal(done.returncode, 2, done.stderr)
    assert "no image" in done.stderr, done.stderr
    assert not os.path.exists(path("image"))


main()
