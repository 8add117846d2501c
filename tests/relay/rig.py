# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Two worlds and a relay between them: the card is in reader A of the one,
the test is a client of the other, and sees the card in reader B.

    card ⇄ reader A, pcscd A ⇄ vicc -t relay ⇄ reader B, pcscd B ⇄ test
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading

import harness
from harness import path

VICC = os.environ["VICC"]
A, B = "Real 00 00", "Virtual 00 00"
SHARING_VIOLATION = 0x8010000B


class Relay:
    """A vicc in world A, whose link leads to slot `to`."""

    def __init__(self, *args, to=None, verb="run", sock="a"):
        link = ("--connect", f"unix:{to or path('b')}") if verb == "run" else ()
        self.process = subprocess.Popen(
            [VICC, verb, "-t", "relay", *args, *link], stdin=subprocess.PIPE,
            stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
            env={**os.environ, "PCSCLITE_CSOCK_NAME": path(sock)})
        self.said, self.heard = "", 0
        self.news = threading.Condition()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        """Always, or it would stand still one day."""
        for line in self.process.stderr:
            with self.news:
                self.said += line.decode()
                self.news.notify_all()

    def expect(self, text, timeout=10):
        """Waits until it has said that, anew."""
        with self.news:
            assert self.news.wait_for(
                lambda: self.said.find(text, self.heard) >= 0, timeout), \
                f"not said within {timeout} s: {text}"
            self.heard = self.said.index(text, self.heard) + len(text)

    def forget(self):
        """What it has said until now is not expected any more."""
        with self.news:
            self.heard = len(self.said)

    def expect_all(self, *texts, timeout=10):
        """Waits until it has said each of them anew, in any order."""
        with self.news:
            assert self.news.wait_for(
                lambda: all(self.said.find(text, self.heard) >= 0
                            for text in texts),
                timeout), f"not said within {timeout} s: {texts}"

    def ended(self, timeout=10):
        """Waits for its end: exit status, and what it said."""
        self.process.stdin.close()
        self.process.wait(timeout)
        self.reader.join()
        self.process.stderr.close()
        return self.process.returncode, self.said

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        return self.ended()


def counts(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        status = dict(line.split(":", 1) for line in f)
    return (len(os.listdir(f"/proc/{pid}/fd")), int(status["Threads"]),
            int(status["VmRSS"].split()[0]))


class Other:
    """Another program in world A: lines of Python, in a process of its own.
    `card` is connected as `share` says; it says ready, and goes on when it is
    told to."""

    def __init__(self, before, after="", share="SHARED"):
        code = (f"import pcsc, sys\n"
                f"context = pcsc.Context()\n"
                f"card = context.connect({A!r}, pcsc.SHARE_{share})\n"
                f"{before}\n"
                f"print('ready', flush=True)\n"
                f"sys.stdin.readline()\n"
                f"{after}\n"
                f"card.disconnect(pcsc.LEAVE)\n")
        self.process = subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "PCSCLITE_CSOCK_NAME": path("a")})
        line = self.process.stdout.readline()
        if line != "ready\n":
            raise AssertionError(self.process.communicate()[1])

    def go_on(self):
        self.process.communicate("\n", timeout=10)
        assert self.process.returncode == 0


def world_a(reader="Real", device=None):
    return harness.World(harness.entry(
        reader, device or f"unix-listen:{path('slot')}"), sock="a")


class Rig:
    """All of it. `card` and `relay` are replaced by who replaces them;
    `real` are options of reader A."""

    def __init__(self, make, *args, real="", **attributes):
        self.make, self.attributes = make, attributes
        self.b = harness.world(f"unix-listen:{path('b')}", "Virtual")
        self.a = world_a(device=f"unix-listen:{path('slot')}{real}")
        self.card = self.insert()
        self.relay = Relay(*args)
        self.watch = self.b.context.watch(B)
        try:
            self.watch.present()
        except BaseException:
            self.close(False)
            raise

    def insert(self):
        """A card into reader A, as soon as the reader is there: the socket
        of one that was killed stays until then, and makes way for its own."""
        def inserted():
            try:
                self.card = self.make(path("slot"), **self.attributes)
            except (ConnectionRefusedError, FileNotFoundError):
                return False
            return True
        harness.until(inserted, "reader A")
        return self.card

    def connect(self, **options):
        self.watch.present()
        return self.b.context.connect(B, **options)

    def close(self, clean):
        if clean and self.relay.process.poll() is None:
            harness.equal(self.relay.end()[0], 0, "the relay's status")
        if self.relay.process.returncode is None:
            self.relay.process.kill()
            self.relay.ended()
        if not clean:
            print("the relay said:", self.relay.said)
        for world in self.a, self.b:
            world.__exit__(None if clean else Exception)


@contextlib.contextmanager
def relayed(make, *args, **attributes):
    rig = Rig(make, *args, **attributes)
    try:
        yield rig
    except BaseException:
        rig.close(False)
        raise
    rig.close(True)
