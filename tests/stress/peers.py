# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Peers on the wire that misbehave, on either end of it.

A plan says how far a peer plays its part well (`step`), how many bytes of the
frame that comes next it still sends (`cut`), and what it does then (`end`)."""

import ctypes
import errno
import itertools
import os
import select
import signal
import socket
import struct
import traceback

from cards import ATR, GET_ATR, ON, RESET, frame

_libc = ctypes.CDLL(None)

DIAL_S = 10    # in a queue
HOLD_S = 0.1   # how long those stay that do nothing
DRIP_S = 0.02  # between the bytes of a slow one
FLOOD = 1 << 18

# What a card says, in turn, and after which words of the reader.
CARD_STEPS = {"atr": frame(ATR), "answer": frame(b"Hello\x90\x00")}
# What a reader says.
READER_STEPS = {
    "on": frame(ON), "get": frame(GET_ATR), "reset": frame(RESET),
    "read": frame(bytes.fromhex("00B0820000")),
    "long": frame(bytes(65535)),
}
ENDS = ["close", "rst", "half", "stay", "drip", "zeros", "garbage", "longest",
        "deaf"]


def plans(steps):
    """All cuts of every frame, and each end at each of them."""
    for step, whole in steps.items():
        cuts = range(len(whole) + 1)
        if len(whole) > 64:  # the beginning and the end tell all
            cuts = [*cuts[:4], *cuts[-2:]]
        yield from itertools.product([step], cuts, ENDS)


def dial(where, wait=True):
    """A connection, or None: nobody takes one more."""
    sock = socket.socket(socket.AF_UNIX if isinstance(where, str)
                         else socket.AF_INET)
    sock.setblocking(wait)  # settimeout() would not wait in a full queue
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO,
                    struct.pack("ll", DIAL_S, 0))
    code = sock.connect_ex(where)
    if code not in (0, errno.EINPROGRESS):
        sock.close()
        return None
    return sock


def listens(where):
    """Whether somebody does: the file of a socket is there a moment before."""
    sock = dial(where)
    if sock is None:
        return False
    sock.close()
    return True


def hold(sock, seconds):
    """Until the other side closes; what it says is not read."""
    poll = select.poll()
    poll.register(sock, select.POLLRDHUP)
    poll.poll(seconds * 1000)


def flood(sock, block):
    """Never reads, and sends as much as is taken."""
    sock.settimeout(HOLD_S)
    for _ in range(FLOOD // len(block)):
        sock.sendall(block)


def finish(sock, end, rest):
    if end == "rst":
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                        struct.pack("ii", 1, 0))
    elif end == "half":
        sock.shutdown(socket.SHUT_WR)
        hold(sock, HOLD_S)
    elif end == "stay":
        hold(sock, HOLD_S)
    elif end == "drip":
        for byte in rest[:6]:
            hold(sock, DRIP_S)
            sock.sendall(bytes([byte]))
    elif end == "zeros":
        flood(sock, bytes(4096))
    elif end == "garbage":
        flood(sock, os.urandom(4096))
    elif end == "longest":
        flood(sock, b"\xFF\xFF" + bytes(65535))
    elif end == "deaf":  # asks, or babbles, and never looks at what comes
        flood(sock, rest or frame(ATR))


def exactly(sock, n):
    data = b""
    while len(data) < n:
        part = sock.recv(n - len(data))
        if not part:
            raise ConnectionResetError
        data += part
    return data


def read(sock):
    return exactly(sock, struct.unpack(">H", exactly(sock, 2))[0])


def card(sock, plan):
    """Plays a card until its plan says otherwise."""
    step, cut, end = plan
    while True:
        heard = read(sock)
        if len(heard) == 1 and heard != GET_ATR:
            continue
        now = "atr" if heard == GET_ATR else "answer"
        if now == step:
            break
        sock.sendall(CARD_STEPS[now])
    sock.sendall(CARD_STEPS[step][:cut])
    finish(sock, end, CARD_STEPS[step][cut:])


def reader(sock, plan):
    """Plays a reader likewise."""
    step, cut, end = plan
    for now, words in READER_STEPS.items():
        if now == step:
            break
        sock.sendall(words)
        if now in ("get", "read"):
            read(sock)
    sock.sendall(READER_STEPS[step][:cut])
    finish(sock, end, READER_STEPS[step][cut:])


def play(where, part, plan):
    """One misbehaving peer; False if nobody took it."""
    sock = dial(where)
    if sock is None:
        return False
    with sock:
        try:
            sock.settimeout(3)
            part(sock, plan)
        except OSError:
            pass  # thrown out, or out of patience
    return True


def storm(places, count):
    """Connects as fast as the machine gives; how many came in."""
    taken = 0
    linger = struct.pack("ii", 1, 0)
    for number, where in zip(range(count), itertools.cycle(places)):
        sock = dial(where, wait=False)
        if sock is None:
            continue
        taken += 1
        if number % 2:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        sock.close()
    return taken


class Process:
    """`work` in a process of its own, which gives a number."""

    def __init__(self, work):
        self.out, into = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            status = 1
            try:
                _libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
                os.write(into, str(work()).encode())
                status = 0
            except BaseException:  # pylint: disable=broad-except
                traceback.print_exc()
            os._exit(status)
        os.close(into)

    def result(self):
        """Waits for it."""
        with open(self.out, encoding="ascii") as out:
            text = out.read()
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        assert status == 0, f"a peer failed with {status}"
        return int(text)

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.out)


def memory_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status
                    if line.startswith("VmRSS"))


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def hog():
    """Wants a CPU, and nothing else."""
    for _ in itertools.count():
        pass
