#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Cards and readers that misbehave in every way that there is, while others
are served: each of their answers is right, and neither memory nor descriptors
grow. VICC_HOSTILE is how many of them come, 2000 when not given."""

import contextlib
import ctypes
import itertools
import os
import random
import signal
import subprocess
import threading

import pcsc
from cards import GET_ATR, ON, Card, frame
from harness import World, entry, equal, free_ports, main, note, path, test, \
    until
from peers import (CARD_STEPS, READER_STEPS, Process, card, descriptors, dial,
                   hog, listens, memory_kib, plans, play, read, reader, storm)
from served import Served, all_of, own_of, p99_ms, running

COUNT = int(os.environ.get("VICC_HOSTILE", "2000"))
# Most come in a storm; so many play a plan, all plans if there is time.
PLANS = max(80, min(COUNT // 20, 2000))
DEADLINE = 60 + COUNT // 50
SLOTS, TCP_SLOTS = 11, 3
GROWTH_KIB = 4096  # arenas of threads, and no more however many come
READ_SERIAL = bytes.fromhex("00B0820000")
SERIALS = ["c0ffee01", "c0ffee02"]


def answer_of(serial):
    return bytes.fromhex("5a04" + serial + "9000")


def chosen(steps, seed):
    """PLANS plans: a fair share of all of them, and all if they suffice."""
    everything = list(plans(steps))
    random.Random(seed).shuffle(everything)
    return list(itertools.islice(itertools.cycle(everything), PLANS))


def work_off(part, steps, places):
    """All plans on all places at once, a thread a place."""
    queue = iter(chosen(steps, len(places)))
    lock = threading.Lock()

    def worker(where):
        nonlocal played
        while True:
            with lock:
                plan = next(queue, None)
            if plan is None:
                return
            taken = play(where, part, plan)
            with lock:
                played += taken

    played = 0
    threads = [threading.Thread(target=worker, args=(where,))
               for where in places]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return played


@contextlib.contextmanager
def vicc(*args):
    """Our card host, ended as a service manager would end it."""
    with subprocess.Popen([os.environ["VICC"], "run", *args],
                          stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
    equal(process.returncode, 0, "status of vicc")


def connected(names):
    """The good clients of the driver."""
    context = pcsc.Context()
    for name, serial in zip(names, SERIALS):
        context.watch(name).present()
        yield context.connect(name).transmit, answer_of(serial)


def attack(clients, pids, works, beside=()):
    """Each of `works`, with `beside` going on, while `clients` are served by
    the processes `pids`, the first of which is attacked: it gets warm with
    the first of the works, and may not grow from then on."""
    with Served(clients, READ_SERIAL, pids) as served:
        quiet = served.beside([])
        hogs = served.beside([hog] * (1 + len(beside)))
        taken, fds = [], descriptors(pids[0])
        served.begin()
        with running(beside):
            for name, work in works:
                taken.append(f"{name} {Process(work).result()}")
                if len(taken) == 1:
                    kib = memory_kib(pids[0])
        until(lambda: descriptors(pids[0]) <= fds, "no more descriptors")
        grown = memory_kib(pids[0]) - kib
        attacked = served.end()
    assert attacked, "nobody was served meanwhile"
    note(f"{', '.join(taken)}; {len(attacked)} answers beside; memory "
         f"{grown:+} KiB")
    for what, of in ("p99", all_of), ("our own p99", own_of):
        calm, busy, worst = (p99_ms(of(times))
                             for times in (quiet, hogs, attacked))
        note(f"{what}: quiet {calm:.2f} ms, under attack {worst:.2f} ms, "
             f"{worst / calm:.1f} times; beside programs that only count "
             f"{busy:.2f} ms, and under attack {worst / busy:.1f} times that")
    if "VICC_PCSCD_PRELOAD" not in os.environ:  # a sanitizer
        assert grown < GROWTH_KIB, f"{grown} KiB more memory"


# --- the driver --------------------------------------------------------------

def poke(names):
    """Programs that use whatever card is in, until they are killed."""
    def worker(name):
        context = pcsc.Context()
        while True:
            watch = context.watch(name)
            with contextlib.suppress(pcsc.Error, AssertionError):
                watch.change(0.05)
                watch.present(1)
                handle = context.connect(name)
                handle.transmit_code(READ_SERIAL)
                handle.disconnect(pcsc.RESET)

    threads = [threading.Thread(target=worker, args=(name,))
               for name in names]
    for thread in threads:
        thread.start()
    threads[0].join()


def numbered(where, count):
    return [where if n == 0 else f"{where}.{n}" for n in range(count)]


@test(deadline=DEADLINE)
def cards_against_the_driver():
    port = free_ports(TCP_SLOTS)
    places = numbered(path("s"), SLOTS) + [("127.0.0.1", port + n)
                                           for n in range(TCP_SLOTS)]
    options = "hs=1:apdu=1"
    conf = (entry("Unix", f"unix-listen:{path('s')}:slots={SLOTS}:{options}",
                  1) +
            entry("Tcp", f"tcp-listen:127.0.0.1:{port}:slots={TCP_SLOTS}:"
                  f"{options}", 2) +
            entry("Good", f"unix-listen:{path('g')}:slots=2", 3))
    cards = [word for serial in SERIALS
             for word in ("--card", f"iso7816,serial={serial}")]
    with World(conf, args=()) as w, \
            vicc(*cards, "--connect", f"unix:{path('g')}") as host:
        context = w.connect()
        good = sorted(n for n in context.readers() if n.startswith("Good"))
        bad = sorted(set(context.readers()) - set(good))
        equal((len(good), len(bad)), (2, len(places)), "readers")
        attack(connected(good), [w.pid, host.pid], [
            ("first", lambda: storm(places, COUNT // 10)),
            ("plans", lambda: work_off(card, CARD_STEPS, places)),
            ("storm", lambda: storm(places, COUNT - COUNT // 10 - PLANS)),
        ], beside=[lambda: poke(bad)])
        bad.sort(key=lambda name: (name.startswith("Tcp"), name))
        for name, where in zip(bad, places):
            working_again(context, name, where)


def working_again(context, name, where):
    """A good card gets into each of the slots, and works."""
    Card(where)
    context.watch(name).present()
    equal(context.connect(name).transmit(READ_SERIAL), b"\x90\x00", name)


# --- the host ----------------------------------------------------------------

def good_reader(where):
    """A reader by hand: ON, and a function that transmits."""
    sock = dial(where)
    sock.settimeout(30)

    def transmit(command):
        sock.sendall(frame(command))
        return read(sock)

    sock.sendall(frame(ON))
    equal(transmit(GET_ATR)[:1], b"\x3B", "ATR")
    return transmit


def against_host(pid, bad, good, serials):
    """`bad` are attacked, `good` are served meanwhile."""
    clients = ((good_reader(where), answer_of(serial))
               for where, serial in zip(good, serials))
    attack(clients, [pid], [
        ("first", lambda: storm(bad, COUNT // 10)),
        ("plans", lambda: work_off(reader, READER_STEPS, bad * 4)),
        ("storm", lambda: storm(bad, COUNT - COUNT // 10 - PLANS)),
    ])
    for where in bad:
        good_reader(where)(READ_SERIAL)


@test(deadline=DEADLINE)
def readers_against_vicc_run():
    port = free_ports(1)
    cards = [word for serial in [*SERIALS, "c0ffee03"]
             for word in ("--card", f"iso7816,serial={serial}")]
    with vicc(*cards, "--listen", f"unix-listen:{path('u')}") as one, \
            vicc("--listen", f"tcp-listen:127.0.0.1:{port}") as two:
        places = numbered(path("u"), 3)
        until(lambda: all(map(listens, places)), "sockets")
        until(lambda: listens(("127.0.0.1", port)), "a port")
        against_host(one.pid, [places[2], ("127.0.0.1", port)], places[:2],
                     SERIALS)
        assert two.poll() is None, "the host on TCP has ended"


@test(deadline=DEADLINE)
def readers_against_vicc_start():
    def serve():
        library = ctypes.CDLL(os.environ["VICC_LIBRARY"])
        error = ctypes.create_string_buffer(768)
        for where, serial in zip(numbered(path("l"), 2), SERIALS):
            made = ctypes.c_void_p()
            options = (ctypes.c_char_p * 2)(f"serial={serial}".encode(), None)
            equal(library.vicc_new(b"iso7816", options, ctypes.byref(made),
                                   error), 0, error.value)
            equal(library.vicc_start(made, f"unix-listen:{where}".encode(),
                                     error), 0, error.value)
        threading.Event().wait()

    host = Process(serve)
    try:
        places = numbered(path("l"), 2)
        until(lambda: all(map(listens, places)), "sockets")
        against_host(host.pid, places[1:], places[:1], SERIALS[:1])
    finally:
        host.kill()


if __name__ == "__main__":
    main()
