# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""For tests of the PIV card with other people's programs: a function marked
@card runs inside a private world with that card, in the directory of the
test."""

import os
import subprocess
import sys

import harness
from harness import equal, has  # noqa: F401: for those who import this

DEFAULT_MGM = "010203040506070801020304050607080102030405060708"
OPENSC = "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so"
READER = "Virtual PCD 00 00"

_inside = {}
_file = os.path.abspath(sys.argv[0])


def run(*argv, status=0, stdin="", env=None, timeout=60):
    """What a program prints; `status` None: whatever it is."""
    done = subprocess.run(argv, input=stdin, capture_output=True, text=True,
                          errors="replace", env={**os.environ, **(env or {})},
                          timeout=timeout, check=False)
    text = done.stdout + done.stderr
    if status is not None:
        equal(done.returncode, status,
              f"status of {' '.join(argv)}, which said:\n{text}\n")
    return text


def lacks(text, *parts):
    for part in parts:
        assert part not in text, f"{part!r} in:\n{text}"


def read(name):
    with open(name, "rb") as f:
        return f.read()


def write(name, content):
    with open(name, "wb") as f:
        f.write(content if isinstance(content, bytes) else content.encode())


def openssl(*argv, **options):
    return run("openssl", *argv, **options)


def _world(name, arguments, prepare, deadline):
    os.chdir(harness.directory)
    if prepare is not None:
        prepare()
    env = {"HOME": harness.directory, "XDG_RUNTIME_DIR": harness.directory,
           "LC_ALL": "C.UTF-8"}
    text = run(os.environ["VICC"], "exec", *arguments, "--", sys.executable,
               _file, "inside", name, env=env, timeout=deadline - 2)
    lacks(text, "ERROR: ", "runtime error")


def card(*options, prepare=None, deadline=120, more=()):
    """A card of type piv with these NAME=VALUE options; `more` arguments of
    vicc exec. `prepare` runs before there is a world."""
    arguments = [*more, "-t", "piv",
                 *(word for option in options for word in ("-o", option))]

    def mark(function):
        name = function.__name__

        def around():
            _world(name, arguments, prepare, deadline)
        around.__name__ = name
        harness.test(deadline=deadline)(around)
        _inside[name] = function
        return function
    return mark


def main():
    if sys.argv[1:2] == ["inside"]:
        _inside[sys.argv[2]]()
    else:
        harness.main()
