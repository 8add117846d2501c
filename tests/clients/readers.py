#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Our cards in the reader driver of the vsmartcard project, as Debian packages
it (vsmartcard-vpcd), inside a real pcscd."""

import contextlib
import os
import signal
import socket
import subprocess

from harness import Skip, World, entry, equal, main, path, test
import pcsc
from pcsc import RESET, SHARE_SHARED

PEER = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so.0.8"
READER = "Peer 00 00"
SELECT_AND_READ = [
    ("00A4040C06F07669636301", "9000"),
    ("00B0810000", b"Hello, card world\n".hex() + "9000"),
]


def free_port():
    """A port that was free a moment ago, and the one behind it, which the
    driver takes as well; it cannot be given a socket."""
    while True:
        with socket.socket() as one, socket.socket() as two:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
            with contextlib.suppress(OSError, OverflowError):
                two.bind(("127.0.0.1", port + 1))
                return port


@contextlib.contextmanager
def vicc(*args):
    """Our card host, ended as a service manager would end it."""
    with subprocess.Popen([os.environ["VICC"], "run", "-t", "iso7816", *args],
                          stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            text = process.stderr.read()
    equal(process.returncode, 0, f"status of vicc, which said:\n{text}")


def until_said(process, word):
    for line in process.stderr:
        if word in line:
            return
    raise AssertionError(f"vicc ended without {word!r}")


def peer_world(device):
    if not os.path.exists(PEER):
        raise Skip("package vsmartcard-vpcd is not installed")
    return World(entry("Peer", device, lib=PEER))


def talk(world):
    handle = world.connect().connect(READER, SHARE_SHARED)
    for command, expected in SELECT_AND_READ:
        equal(handle.transmit(bytes.fromhex(command)).hex(), expected, command)
    return handle


@test
def our_card_connects_to_it():
    port = free_port()
    with peer_world(f"/dev/null:{port}") as world:
        watch = world.connect().watch(READER)
        with vicc("-H", "127.0.0.1", "-P", str(port)):
            watch.present()
            handle = talk(world)
            equal(handle.transmit(bytes.fromhex("002000010431323335")).hex(),
                  "63c2", "a wrong PIN")
            handle.reconnect(RESET)
            equal(handle.transmit(bytes.fromhex("00200001")).hex(), "63c2",
                  "tries left after a reset")
        watch.empty()


@test(deadline=60)
def our_card_comes_back_when_its_pcscd_does():
    port = free_port()
    with vicc("-P", str(port)):
        for _ in range(3):
            with peer_world(f"/dev/null:{port}") as world:
                world.connect().watch(READER).present()
                talk(world)


@contextlib.contextmanager
def fault(*args):
    """vicc fault, and the address for the card."""
    with subprocess.Popen([os.environ["VICC"], "fault",
                           "tcp-listen:127.0.0.1:0", *args],
                          stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process.stderr.readline().split()[-1]
        finally:
            process.send_signal(signal.SIGTERM)
            text = process.stderr.read()
    equal(process.returncode, 0, f"status of vicc fault, which said:\n{text}")


@test
def a_proxy_between_it_and_our_card():
    port = free_port()
    with peer_world(f"/dev/null:{port}") as world, \
            fault("--connect", f"tcp:127.0.0.1:{port}", "--ctl", path("ctl"),
                  "--fault", "on 00B0... #2 sw 6F42") as address:
        watch = world.connect().watch(READER)
        with vicc("--connect", address):
            watch.present()
            handle = talk(world)
            equal(handle.transmit(bytes.fromhex("00B0810000")).hex(), "6f42")
            equal(talk(world).transmit(bytes.fromhex("00B0810001")).hex(),
                  "489000")
            for verb, wait in ("remove", watch.empty), ("insert", watch.present):
                subprocess.run([os.environ["VICC"], "ctl", "--socket",
                                path("ctl"), verb], check=True)
                wait()
            talk(world)
        watch.empty()


def reader(port):
    """A reader of ten lines: what the card answers to Get ATR."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
        wire.sendall(b"\0\1\4")
        answer = wire.makefile("rb")
        return answer.read(int.from_bytes(answer.read(2), "big"))


@test
def it_connects_to_our_card():
    """That driver aborts its pcscd soon after it has connected out (a select()
    on a descriptor that it never set); our card must outlive that, and serve
    whoever comes next."""
    port = free_port()
    with vicc("-R", "-P", str(port), "-v") as card:
        until_said(card, "waiting")
        with contextlib.suppress(pcsc.Error), \
                peer_world(f"127.0.0.1:{port}") as world:
            until_said(card, "in the reader")
            world.connect().watch(READER).present()
            talk(world)
        equal(reader(port)[:1], b"\x3b", "ATR's first byte for the next reader")


main()
