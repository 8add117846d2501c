# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Runs worlds as a caller does, and looks at what they leave behind.

    VICC_INWORLD  the test program inworld
    VICC_LOOK     the small client look
    VICC_DRIVER, VICC_WORLD_SHIM  what worlds load
"""

import contextlib
import ctypes
import os
import re
import select
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "pcsc"))
import harness  # noqa: E402 pylint: disable=wrong-import-position
from harness import Skip, equal, path, until  # noqa: E402,F401

NOBODY = 65534
INWORLD = os.environ["VICC_INWORLD"]
LOOK = os.environ["VICC_LOOK"]

_libc = ctypes.CDLL(None, use_errno=True)

# A shell's & has these ignored, and they would stay so in what we start.
for _number in (signal.SIGINT, signal.SIGQUIT):
    signal.signal(_number, signal.SIG_DFL)


def adopt():
    """Whatever is left behind becomes our child, and can be seen."""
    _libc.prctl(harness.PR_SET_CHILD_SUBREAPER, 1)


def temporary():
    """A TMPDIR of this test, so that nothing in it can be another's."""
    where = path("t")
    os.makedirs(where, exist_ok=True)
    return where


def environment(**changes):
    env = {**os.environ, "TMPDIR": temporary(), **changes}
    return {k: v for k, v in env.items() if v is not None}


def start(*args, program=(INWORLD,), env=None, preexec_fn=None, **options):
    def prepare():
        # A test that fails leaves no world behind.
        _libc.prctl(harness.PR_SET_PDEATHSIG, signal.SIGKILL)
        if preexec_fn is not None:
            preexec_fn()
    for name, usual in (("stdout", subprocess.PIPE),
                        ("stderr", subprocess.PIPE),
                        ("stdin", subprocess.DEVNULL)):
        options.setdefault(name, usual)
    return subprocess.Popen([*program, *args], env=env or environment(),
                            text=True, preexec_fn=prepare, **options)


def finish(process, timeout=20):
    """(status, stdout, stderr), as a shell counts the status."""
    out, err = process.communicate(timeout=timeout)
    status = process.returncode
    return (128 - status if status < 0 else status), out, err


def run(*args, **options):
    result = finish(start(*args, **options))
    clean()
    return result


def expect(status, out, *args, **options):
    """Runs inworld; returns what it says on stderr."""
    got = run(*args, **options)
    equal(got[:2], (status, out), f"{args}, stderr {got[2]!r}")
    return got[2]


def clean():
    """No file and no directory is left."""
    equal(os.listdir(temporary()), [], "left in TMPDIR")


def gone(what="descendants", timeout=10):
    """Waits until none of our descendants is left, then looks for files."""
    def reaped():
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0] != 0:
                pass
            return False
        return True
    until(reaped, f"end of {what}: {children_text()}", timeout)
    clean()


# --- processes ---

def stat(pid):
    """The words of /proc/PID/stat after the name: state, ppid, pgrp, ..."""
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as f:
        return f.read().rpartition(")")[2].split()


def name_of(pid):
    with open(f"/proc/{pid}/comm", encoding="utf-8") as f:
        return f.read().strip()


def descendants(root):
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError):
                parents[int(entry)] = int(stat(entry)[1])
    found, more = [], [root]
    while more:
        more = [pid for pid, parent in parents.items() if parent in more]
        found += more
    return found


def children_text():
    names = []
    for pid in descendants(os.getpid()):
        with contextlib.suppress(OSError):
            names.append(f"{pid} {name_of(pid)} {stat(pid)[0]}")
    return ", ".join(names)


def find(root, name):
    """The descendant of that name, once it is there."""
    found = []

    def look():
        for pid in descendants(root):
            with contextlib.suppress(OSError):
                if name_of(pid) == name:
                    found.append(pid)
        return found
    until(look, f"no process {name} below {root}")
    return found[0]


def find_pcscd(root):
    """The daemon itself, not one that is only asked for its version."""
    found = []

    def look():
        for pid in descendants(root):
            with contextlib.suppress(OSError):
                with open(f"/proc/{pid}/cmdline", "rb") as f:
                    words = f.read().split(b"\0")
                if words[0] == b"pcscd" and b"--foreground" in words:
                    found.append(pid)
        return found
    until(look, f"no pcscd below {root}")
    return found[0]


def guardian_of(pid):
    """The child of a world's process that leads a session."""
    return next(p for p in descendants(pid)
                if int(stat(p)[1]) == pid and int(stat(p)[3]) == p)


def runner_of(pid):
    """The child of a world's process that leads a group, but no session."""
    return next(p for p in descendants(pid) if int(stat(p)[1]) == pid
                and int(stat(p)[2]) == p and int(stat(p)[3]) != p)


def say(process, word):
    """Reads standard output up to a line that is `word`."""
    line = process.stdout.readline()
    equal(line, word + "\n", "what the command said")


def pause(seconds):
    """A random moment, where no event is waited for."""
    select.select([], [], [], seconds)


# --- other users, other places ---

def need_root():
    if os.geteuid() != 0:
        raise Skip("needs root")


def need_namespaces():
    if subprocess.run(["unshare", "-Urm", "true"], check=False,
                      capture_output=True).returncode != 0:
        raise Skip("no user namespaces here")


def isolated(script, *args):
    """A command line that runs args where `script` has changed the mounts;
    "$@" is args."""
    flags = "-m" if os.geteuid() == 0 else "-Urm"
    return ["unshare", flags, "sh", "-ec", script + '\nexec "$@"', "sh", *args]


def copies(where):
    """Programs and libraries in a folder of that name; their environment."""
    os.makedirs(where, exist_ok=True)
    for file in (INWORLD, LOOK, os.environ["VICC_DRIVER"],
                 os.environ["VICC_WORLD_SHIM"]):
        shutil.copy(file, where)
    base = os.path.basename
    return {
        "VICC_INWORLD": os.path.join(where, base(INWORLD)),
        "VICC_LOOK": os.path.join(where, base(LOOK)),
        "VICC_DRIVER": os.path.join(where, base(os.environ["VICC_DRIVER"])),
        "VICC_WORLD_SHIM":
            os.path.join(where, base(os.environ["VICC_WORLD_SHIM"])),
    }


class Nobody:
    """Runs inworld as an ordinary user: as we are, or as nobody."""

    def __init__(self):
        self.prefix = []
        self.files = copies(path("nobody"))
        os.chmod(harness.directory, 0o711)
        os.chmod(temporary(), 0o777)
        if os.geteuid() == 0:
            self.prefix = ["setpriv", f"--reuid={NOBODY}",
                           f"--regid={NOBODY}", "--clear-groups"]

    def command(self, *args):
        return [*self.prefix, self.files["VICC_INWORLD"], *args]

    @property
    def look(self):
        return self.files["VICC_LOOK"]

    def env(self, **changes):
        return environment(**self.files, **changes)


def way(err):
    """Which way `inworld -w` has taken."""
    return re.search(r"^way (\w+)$", err, re.M)[1]


def kill(pid, number=signal.SIGKILL):
    os.kill(pid, number)
