# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Tests of the programs: each is a function marked @test that gets a Place,
a directory of its own whose processes and files go when it ends. Output is
TAP; VICC_TEST=PATTERN picks tests by name; VICC is the program.
"""

import fnmatch
import os
import pathlib
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

VICC = os.environ["VICC"]
_tests = []


class Skip(Exception):
    """The machine cannot run this test; the text says why."""


def test(function=None, deadline=60):
    """Marks a test; `deadline` is in seconds."""
    def mark(f):
        f.deadline = deadline
        _tests.append(f)
        return f
    return mark(function) if function else mark


class Program:
    """A vicc that runs on; its stderr is read line by line."""

    def __init__(self, *args, **popen):
        popen = {"stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL,
                 **popen}
        self.process = subprocess.Popen([VICC, *map(str, args)], **popen)
        self.said = ""

    def expect(self, text, timeout=20):
        """Waits for a line with `text`; returns it."""
        end = time.monotonic() + timeout
        while True:
            for line in self.said.splitlines(keepends=True):
                if text in line and line.endswith("\n"):
                    return line.rstrip("\n")
            ready, _, _ = select.select([self.process.stderr], [], [],
                                        max(0, end - time.monotonic()))
            assert ready, f"not said within {timeout} s: {text}\n{self.said}"
            more = os.read(self.process.stderr.fileno(), 65536).decode()
            assert more, f"ended without saying: {text}\n{self.said}"
            self.said += more

    def rest(self):
        """Everything said, once it has ended."""
        self.said += self.process.stderr.read().decode()
        return self.said

    def end(self, sign=signal.SIGTERM, timeout=20):
        """Ends it by a signal; returns its exit status."""
        self.process.send_signal(sign)
        return self.process.wait(timeout)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.process.stderr is not None:
            self.process.stderr.close()


class Place:
    """What one test may leave behind for the harness to clear away."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="vicc-test-"))
        self.closing = []

    def own(self, thing):
        self.closing.append(thing)
        return thing

    def program(self, *args, **popen):
        return self.own(Program(*args, **popen))

    def file(self, name, text):
        path = self.path / name
        path.write_text(text)
        return str(path)

    def run(self, *args, text="", **popen):
        """Runs vicc to its end: (status, stdout, stderr)."""
        done = subprocess.run([VICC, *map(str, args)], input=text,
                              capture_output=True, text=True, timeout=30,
                              **popen)
        return done.returncode, done.stdout, done.stderr

    def close(self):
        for thing in reversed(self.closing):
            thing.close()
        shutil.rmtree(self.path)


def equal(actual, expected, what=""):
    if isinstance(actual, (bytes, bytearray)):
        actual, expected = bytes(actual).hex(), bytes(expected).hex()
    assert actual == expected, f"{what}: {actual!r}, expected {expected!r}"


def has(text, *parts):
    for part in parts:
        assert part in text, f"no {part!r} in:\n{text}"


def new_image(place, *args, name="card"):
    image = place.path / name
    status, out, said = place.run("new", *args, image)
    equal((status, out, said), (0, "", ""))
    return image


def alone(image):
    """Nothing lies beside the image."""
    equal([p.name for p in image.parent.iterdir()
           if p.name.startswith(image.name) and p != image], [])


def answers(place, image, *commands, args=()):
    """What the card of the image answers to each command."""
    status, out, said = place.run("apdu", "-f", image, *args,
                                  text="".join(f"> {c}\n" for c in commands))
    equal(status, 0, said)
    return [line[2:].split("#")[0].strip() for line in out.splitlines()
            if line.startswith("< ")]


def _late(*_):
    raise TimeoutError("the test's deadline is over")


def _run(function):
    """What TAP says of it: whether it is well, and why it was skipped."""
    place = Place()
    signal.signal(signal.SIGALRM, _late)
    signal.alarm(function.deadline)
    try:
        function(place)
        return True, ""
    except Skip as skip:
        return True, f" # SKIP {skip}"
    except Exception:
        for line in traceback.format_exc().splitlines():
            print("#", line)
        return False, ""
    finally:
        signal.alarm(0)
        place.close()


def main():
    # A shell lets what it runs in the background ignore some of them.
    for number in signal.SIGHUP, signal.SIGINT, signal.SIGQUIT:
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    pattern = os.environ.get("VICC_TEST") or "*"
    chosen = [f for f in _tests if fnmatch.fnmatch(f.__name__, pattern)]
    print(f"1..{len(chosen)}", flush=True)
    failed = 0
    for number, function in enumerate(chosen, 1):
        ok, why = _run(function)
        failed += not ok
        print(f"{'ok' if ok else 'not ok'} {number} - {function.__name__}"
              f"{why}", flush=True)
    sys.exit(1 if failed else 0)
