# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Good clients, and how long each of their answers takes while others do what
they do. Where programs outnumber CPUs, most of that is waiting for one, which
tells of the machine and not of us; so the kernel's count of such waits
(/proc/PID/task/TID/schedstat) is read beside.

A command is due each millisecond. Of our own times one that follows a slow one
is as late as that has made it: a stop of a second is a thousand late answers,
not one."""

import contextlib
import itertools
import multiprocessing
import os
import time

from harness import equal
from peers import Process

WARM = 200      # commands, to see which threads serve
EVERY_S = 0.001
PERIOD_S = 2


class Waits:
    """How long the threads of a served client have waited for a CPU: the
    client itself, and those that run while it alone is served. No time at
    all where the kernel does not count it."""

    def __init__(self, pids, work):
        self.files = []
        if not os.path.exists("/proc/thread-self/schedstat"):
            return
        paths = [f"/proc/{pid}/task/{tid}/schedstat" for pid in pids
                 for tid in os.listdir(f"/proc/{pid}/task")]
        self.files = [os.open(path, os.O_RDONLY) for path in paths]
        before = [self.ns(f, 0) for f in self.files]
        work()
        ran = [self.ns(f, 0) - ns for f, ns in zip(self.files, before)]
        self.files = [f for f, ns in zip(self.files, ran) if ns > max(ran) / 9]
        self.files.append(os.open("/proc/thread-self/schedstat", os.O_RDONLY))

    @staticmethod
    def ns(file, field):
        return int(os.pread(file, 100, 0).split()[field])

    def __call__(self):
        return sum(self.ns(f, 1) for f in self.files) / 1e9


@contextlib.contextmanager
def running(works):
    """Each of them in a process, until they are killed."""
    processes = [Process(work) for work in works]
    try:
        yield
    finally:
        for process in processes:
            process.kill()


class Served:
    """Clients, [(function that transmits, right answer)], by turns, in a
    process of their own. A time is a pair: how long a command took, and how
    much of that was waiting for a CPU."""

    def __init__(self, clients, command, pids):
        self.command, self.pids = command, pids
        self.pipe, far = multiprocessing.Pipe()
        self.process = Process(lambda: self.serve(clients, far))
        far.close()
        self.pipe.recv()

    def serve(self, clients, pipe):
        self.pipe.close()
        turns = itertools.cycle(clients)

        def work():
            for _ in range(WARM):
                self.one(next(turns))
        work()
        waits = Waits(self.pids, work)
        pipe.send("warm")
        while True:
            pipe.recv()
            times, due = [], time.monotonic()
            while not pipe.poll(max(0, due - time.monotonic())):
                due += EVERY_S
                waited = waits()
                took = self.one(next(turns))
                times.append((took, waits() - waited))
            pipe.recv()
            pipe.send(times)

    def one(self, client):
        transmit, expected = client
        began = time.monotonic()
        answer = transmit(self.command)
        took = time.monotonic() - began
        equal(answer, expected)
        return took

    def begin(self):
        self.pipe.send("begin")

    def end(self):
        """The times since begin()."""
        self.pipe.send("end")
        return self.pipe.recv()

    def beside(self, works):
        """The times while these run."""
        with running(works):
            self.begin()
            time.sleep(PERIOD_S)
            return self.end()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()


def p99_ms(spans):
    return sorted(spans)[len(spans) * 99 // 100] * 1000


def all_of(times):
    return [took for took, _ in times]


def own_of(times):
    """From when a command was due, but for waits for a CPU. Driver and card
    may wait for one at the same time, so that it is a little less than it
    was; never nothing."""
    late, spans = 0, []
    for took, waited in times:
        spans.append(late + max(1e-6, took - waited))
        late = max(0, spans[-1] - EVERY_S)
    return spans
