# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Runs tests against a real pcscd that is private to each test.

A test is a function marked @test. Each runs in a process of its own, because
the client library reads PCSCLITE_CSOCK_NAME only once, with a deadline and a
directory that is removed whatever happens. Output is TAP; VICC_TEST=PATTERN
picks tests by name.

    VICC_DRIVER       the driver to load
    VICC_PCSCD        another pcscd than the installed one
    VICC_PCSCD_SHIM   preloaded where neither /run/pcscd nor a namespace is to
                      be had; it makes pcscd believe that /run/pcscd exists
    VICC_PCSCD_WAY    "namespace" or "shim", and no other
    VICC_PCSCD_PRELOAD  preloaded into every pcscd (a sanitizer)
"""

import ctypes
import faulthandler
import fnmatch
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback

import pcsc

_libc = ctypes.CDLL(None, use_errno=True)
_tests = []
directory = None  # of the running test, 0700

CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
MS_REC, MS_PRIVATE = 0x4000, 0x40000
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


class Skip(Exception):
    """The machine cannot run this test; the text says why."""


def test(function=None, deadline=30):
    """Marks a test; `deadline` is in seconds."""
    def mark(f):
        f.deadline = deadline
        _tests.append(f)
        return f
    return mark(function) if function else mark


def equal(actual, expected, what=""):
    if isinstance(actual, bytes) and isinstance(expected, bytes):
        actual, expected = actual.hex(), expected.hex()
    assert actual == expected, f"{what}: {actual!r}, expected {expected!r}"


def has(text, *parts):
    for part in parts:
        assert part in text, f"no {part!r} in:\n{text}"


def raises(code, function, *args, **kw):
    """`function` must fail with this PC/SC code."""
    try:
        function(*args, **kw)
    except pcsc.Error as error:
        assert error.code == code, f"{error}, expected {code:08X}"
        return
    raise AssertionError(f"no error, expected {code:08X}")


def until(condition, what, timeout=10):
    """For what nothing announces (/proc); everything else has an event."""
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, f"not within {timeout} s: {what}"
        select.select([], [], [], 0.005)


def note(text):
    """Figures to see, whether the test passes or not."""
    print(f"note: {text}", flush=True)


def path(name):
    return os.path.join(directory, name)


def free_ports(count):
    """The first of so many free ports in a row, outside of the range that
    the kernel gives away by itself."""
    def free(port):
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
            except OSError:
                return False
        return True

    start = 20000 + os.getpid() % 1000 * 10
    return next(p for p in range(start, 32000)
                if all(free(p + i) for i in range(count)))


# --- pcscd -------------------------------------------------------------------

def entry(name, device, channel=None, lib=None):
    """One entry of reader.conf. CHANNELID stands before LIBPATH, since an
    entry that is complete takes no further line (pcscd 1.9.9)."""
    lines = [f'FRIENDLYNAME "{name}"']
    if device is not None:
        lines.append(f"DEVICENAME {device}")
    if channel is not None:
        lines.append(f"CHANNELID {channel:#x}")
    lines.append(f"LIBPATH {lib or driver()}")
    return "\n".join(lines) + "\n\n"


def driver(name="libifdvpcd.so"):
    """A path to the driver made only of what LIBPATH can hold."""
    link = path(name)
    if not os.path.islink(link):
        os.symlink(os.path.abspath(os.environ["VICC_DRIVER"]), link)
    return link


def _find_pcscd():
    name = os.environ.get("VICC_PCSCD", "pcscd")
    found = shutil.which(name, path=os.get_exec_path() and os.pathsep.join(
        os.get_exec_path() + ["/usr/sbin", "/sbin"]))
    if found is None:
        raise Skip("no pcscd")
    return found


def _polkit_off(pcscd):
    """2.x built with polkit asks a system bus that we do not have."""
    text = subprocess.run([pcscd, "-v"], capture_output=True, text=True,
                          check=False).stdout
    version = re.search(r"version (\d+)", text)
    return (["--disable-polkit"] if version and int(version[1]) >= 2
            and re.search(r"\bpolkit\b", text) else [])


def _syscall(result, what):
    if result != 0:
        raise OSError(ctypes.get_errno(), what)


def _enter_namespace():
    """A tmpfs of our own on /run: pcscd wants to create /run/pcscd there."""
    uid, gid = os.getuid(), os.getgid()
    flags = CLONE_NEWNS if uid == 0 else CLONE_NEWNS | CLONE_NEWUSER
    _syscall(_libc.unshare(flags), "unshare")
    if uid != 0:
        for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"),
                           ("gid_map", f"{gid} {gid} 1")):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as f:
                f.write(text)
    _syscall(_libc.mount(b"none", b"/", None,
                         ctypes.c_ulong(MS_REC | MS_PRIVATE), None), "private")
    _syscall(_libc.mount(b"tmpfs", b"/run", b"tmpfs", ctypes.c_ulong(0),
                         b"mode=755"), "tmpfs on /run")
    os.mkdir("/run/pcscd")


def _pretend(env):
    """Preloads what turns /run/pcscd to a directory of the test."""
    if not os.path.isdir(path("run")):
        os.mkdir(path("run"), 0o700)
    env.update(LD_PRELOAD=env["VICC_PCSCD_SHIM"],
               VICC_SHIM_FROM="/run/pcscd", VICC_SHIM_TO=path("run"))


def _place(env):
    """Gives pcscd a /run/pcscd: as it is, in a namespace, or pretended."""
    way = env.get("VICC_PCSCD_WAY")
    if way == "shim":
        _pretend(env)
    elif way is not None or os.getuid() == 0 or \
            not os.path.isdir("/run/pcscd"):
        try:
            _enter_namespace()
        except OSError:
            if way is not None or "VICC_PCSCD_SHIM" not in env:
                raise
            _pretend(env)


class World:
    """A running pcscd with the given reader.conf text.

    fds   {number: socket} that pcscd inherits, for fd:N; not 3
    sock  another name for its socket, that others than the test talk to"""

    def __init__(self, conf, fds=None, env=None, args=("-d",), sock="pcscd"):
        self.lines, self._news = [], threading.Condition()
        self.status = self.context = None
        number = sum(n.startswith("conf") for n in os.listdir(directory))
        # One socket name for all worlds of a test: it is read only once.
        self._conf, self._sock = path(f"conf{number}"), path(sock)
        if os.path.exists(self._sock):
            os.unlink(self._sock)
        os.mkdir(self._conf, 0o700)
        with open(f"{self._conf}/readers", "w", encoding="utf-8") as f:
            f.write(conf)
        if sock == "pcscd":
            os.environ["PCSCLITE_CSOCK_NAME"] = self._sock
        self._start(fds or {}, {**os.environ, **(env or {})}, list(args))

    def _start(self, fds, env, args):
        pcscd = _find_pcscd()
        argv = [pcscd, "-f", "-c", self._conf, *args, *_polkit_off(pcscd)]
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self._sock)
        listener.listen(64)
        out, into = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            self._child(argv, env, listener, into, fds)
        listener.close()  # kept open, clients would hang once pcscd is dead
        os.close(into)
        self._exit = os.pidfd_open(self.pid)
        self._log = threading.Thread(target=self._read, args=(out,),
                                     daemon=True)
        self._log.start()

    @staticmethod
    def _child(argv, env, listener, into, fds):
        try:
            _place(env)
            # Last, because a change of credentials clears it.
            _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if "VICC_PCSCD_PRELOAD" in env:
                env["LD_PRELOAD"] = env["VICC_PCSCD_PRELOAD"]
            env.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
            # Out of the way of the numbers that they shall get.
            moved = {n: os.dup2(s.fileno(), 200 + n, False)
                     for n, s in fds.items()}
            os.dup2(into, 1)
            os.dup2(into, 2)
            os.dup2(os.dup2(listener.fileno(), 200), 3)
            os.close(200)
            for number, fd in moved.items():
                os.dup2(fd, number)
            os.execve(argv[0], argv, env)
        except BaseException:  # pylint: disable=broad-except
            os.write(into, traceback.format_exc().encode())
        os._exit(127)

    def _read(self, out):
        with open(out, "rb") as stream, open(path("log"), "ab") as copy:
            for line in stream:
                copy.write(line)
                copy.flush()
                with self._news:
                    self.lines.append(line.decode(errors="replace").rstrip())
                    self._news.notify_all()
        with self._news:
            self.lines.append("(end of log)")
            self._news.notify_all()

    def log(self, pattern, timeout=10, start=0):
        """Waits for a log line; its index, to go on after it."""
        def find():
            return next((i for i in range(start, len(self.lines))
                         if re.search(pattern, self.lines[i])), None)
        with self._news:
            assert self._news.wait_for(lambda: find() is not None, timeout), \
                f"no log line like {pattern!r}"
            return find()

    def logged(self, pattern):
        """How many lines so far."""
        with self._news:
            return sum(bool(re.search(pattern, line)) for line in self.lines)

    def connect(self):
        """A client context. pcscd answers after it has opened all readers,
        so from here on the driver listens."""
        if self.context is None:
            self.context = pcsc.Context()
        return self.context

    def exited(self, timeout=10):
        """Waits for pcscd's end: (exit status, seconds that it took)."""
        began = time.monotonic()
        ready, _, _ = select.select([self._exit], [], [], timeout)
        assert ready, f"pcscd still runs after {timeout} s"
        self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self._exit)
        self._log.join()
        return self.status, time.monotonic() - began

    def kill(self, number):
        signal.pidfd_send_signal(self._exit, number)

    def interrupt(self, timeout=8):
        """Ends pcscd by SIGINT, which, unlike SIGTERM, closes the readers.

        Its main loop gives the thread for signals a millisecond, and sleeps
        on if that was too short; then a client has to wake it."""
        self.kill(signal.SIGINT)
        self.log("Preparing for suicide")
        end = time.monotonic() + timeout
        while not select.select([self._exit], [], [], 0.5)[0]:
            assert time.monotonic() < end, f"still runs after {timeout} s"
            with socket.socket(socket.AF_UNIX) as client:
                client.connect_ex(self._sock)
        self.exited()

    def stop(self, timeout=10):
        if self.status is None:
            self.kill(signal.SIGTERM)
            self.exited(timeout)
        equal(self.status, 0, "pcscd's status")
        self.sane()

    def sane(self):
        """Nothing in the log that a sanitizer or the C library complains of."""
        for line in self.lines:
            assert not re.search(r"ERROR: \w+Sanitizer|runtime error:|"
                                 r"WARNING: \w+Sanitizer|==\d+== \S* ?Invalid",
                                 line), line

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self.stop()
        elif self.status is None:
            self.kill(signal.SIGKILL)
            self.exited()


def world(device, name="Test", **options):
    """The usual case: one reader, the client's context in `context`."""
    w = World(entry(name, device), **options)
    try:
        w.connect()
    except pcsc.Error:
        w.__exit__(Exception)
        raise
    return w


# --- running -----------------------------------------------------------------

def _run_here(function, output):
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.dup2(output, 1)
    os.dup2(output, 2)
    faulthandler.dump_traceback_later(function.deadline, file=sys.stderr)
    status = 0
    try:
        function()
    except Skip as skip:
        print(skip)
        status = 77
    except BaseException:  # pylint: disable=broad-except
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _children():
    """Processes of tests that have ended come to us (subreaper)."""
    with open(f"/proc/self/task/{os.getpid()}/children",
              encoding="ascii") as f:
        return [int(pid) for pid in f.read().split()]


def _reap_orphans():
    """pcscd dies with its test; whatever else is left is a fault."""
    end, fault = time.monotonic() + 10, None
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return fault
        if pid != 0:
            continue
        if time.monotonic() > end:
            fault = "a process was left behind"
            for child in _children():
                os.kill(child, signal.SIGKILL)
        select.select([], [], [], 0.005)


def _wait(function, output):
    """Exit status of the test in a process of its own, or None: too long."""
    pid = os.fork()
    if pid == 0:
        _run_here(function, output)
    watch = os.pidfd_open(pid)
    try:
        ready, _, _ = select.select([watch], [], [], function.deadline + 1)
    finally:  # after its end it is a zombie, and this does nothing
        signal.pidfd_send_signal(watch, signal.SIGKILL)
        os.close(watch)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return status if ready else None


def _log_end():
    if not os.path.exists(path("log")):
        return ""
    with open(path("log"), encoding="utf-8", errors="replace") as log:
        return "pcscd's log ends:\n" + "".join(log.readlines()[-60:])


def _run(function):
    """(exit status or None, text) of one test; leaves nothing behind."""
    global directory
    directory = tempfile.mkdtemp(prefix="vicc-", dir="/tmp")
    try:
        with tempfile.TemporaryFile() as output:
            status = _wait(function, output.fileno())
            output.seek(0)
            text = output.read().decode(errors="replace")
        if status is None:
            text += f"not done within {function.deadline} s\n"
        if status not in (0, 77):
            text += _log_end()
    finally:
        left = _reap_orphans()
        shutil.rmtree(directory)
    return (status, text) if left is None else (1, f"{text}{left}\n")


def main():
    # A shell lets what it runs in the background ignore some of them.
    for number in signal.SIGHUP, signal.SIGINT, signal.SIGQUIT:
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    pattern = os.environ.get("VICC_TEST", "*")
    chosen = [f for f in _tests if fnmatch.fnmatchcase(f.__name__, pattern)]
    print(f"1..{len(chosen)}", flush=True)
    failed = 0
    for number, function in enumerate(chosen, 1):
        began = time.monotonic()
        status, text = _run(function)
        skip = f" # SKIP {text.strip()}" if status == 77 else ""
        word = "ok" if status in (0, 77) else "not ok"
        print(f"{word} {number} - {function.__name__}{skip}")
        print(f"# {time.monotonic() - began:.2f} s")
        if word == "ok":
            print("".join(f"# {line[6:]}\n" for line in text.splitlines()
                          if line.startswith("note: ")), end="")
        else:
            failed += 1
            print("".join(f"# {line}\n" for line in text.splitlines()), end="")
        sys.stdout.flush()
    sys.exit(failed != 0)
