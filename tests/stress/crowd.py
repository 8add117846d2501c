#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""A crowd: 64 programs share 16 cards, which come and go at random.

Every answer is checked against the serial number of the card that the reader
holds, every insertion and removal must be seen, and in the end each reader
works. VICC_CROWD is how many seconds it goes on, 60 when not given."""

import collections
import ctypes
import os
import random
import select
import subprocess
import sys
import threading
import time
import traceback

import pcsc
from harness import main, note, test

SECONDS = int(os.environ.get("VICC_CROWD", "60"))
CARDS, PROCESSES, THREADS = 16, 8, 8  # 64 clients
READ_SERIAL = bytes.fromhex("00B0820000")  # EF 2F02 by its short identifier

CANCELLED, SHARING_VIOLATION = 0x80100002, 0x8010000B

# What a program may be told while cards leave and others reset them. A card
# that leaves takes its protocol along before pcscd tells the handles of it.
PASSING = {
    SHARING_VIOLATION, pcsc.NO_SMARTCARD, pcsc.REMOVED_CARD, pcsc.RESET_CARD,
    pcsc.UNPOWERED_CARD, pcsc.UNRESPONSIVE_CARD, pcsc.NOT_TRANSACTED,
    pcsc.PROTO_MISMATCH,
}


def serial_of(index):
    return f"{0xC0FFEE000000 + index:012x}"


def answer_of(index):
    """DO 5A with the serial number, and 9000."""
    return bytes.fromhex("5a06" + serial_of(index) + "9000")


def readers(context):
    names = sorted(context.readers())
    assert len(names) == CARDS, names
    return names


class Client(threading.Thread):
    """One program: a context and a generator of its own."""

    def __init__(self, seed, names, end, counts):
        super().__init__(daemon=True)
        self.random, self.names, self.end = random.Random(seed), names, end
        self.counts, self.fault = counts, None
        self.context = pcsc.Context()
        self.start()

    def run(self):
        try:
            while time.monotonic() < self.end:
                action = self.random.choice(
                    [self.share, self.share, self.transact, self.transact,
                     self.alone, self.reset, self.cancel])
                try:
                    action(self.random.randrange(CARDS))
                except pcsc.Error as error:
                    if error.code not in PASSING:
                        raise
                    self.counts[f"{error.code:08X}"] += 1
            self.context.release()
        except BaseException:  # pylint: disable=broad-except
            self.fault = traceback.format_exc()

    def read(self, handle, index):
        answer = handle.transmit(READ_SERIAL)
        assert answer == answer_of(index), \
            f"{self.names[index]} answered {answer.hex()}"
        self.counts["answers"] += 1

    def using(self, index, work, share=pcsc.SHARE_SHARED,
              disposition=pcsc.LEAVE):
        handle = self.context.connect(self.names[index], share)
        try:
            work(handle)
        finally:
            pcsc.call("SCardDisconnect", handle.handle,
                      ctypes.c_ulong(disposition))

    def share(self, index):
        def work(handle):
            for _ in range(self.random.randrange(1, 8)):
                self.read(handle, index)
        self.using(index, work)

    def transact(self, index):
        def work(handle):
            handle.begin()
            for _ in range(self.random.randrange(1, 8)):
                self.read(handle, index)
            handle.end()
        self.using(index, work)

    def alone(self, index):
        self.using(index, lambda handle: self.read(handle, index),
                   pcsc.SHARE_EXCLUSIVE)

    def reset(self, index):
        def work(handle):
            self.read(handle, index)
            handle.reconnect(self.random.choice([pcsc.RESET, pcsc.UNPOWER]))
            self.read(handle, index)
            self.counts["resets"] += 1
        self.using(index, work, disposition=self.random.choice(
            [pcsc.LEAVE, pcsc.RESET, pcsc.UNPOWER]))

    def cancel(self, index):
        """One waits for a change, another one ends that."""
        watch = pcsc.Watch(self.context, self.names[index])
        timer = threading.Timer(self.random.random() / 20, pcsc.call,
                                ("SCardCancel", self.context.handle))
        timer.start()
        try:
            watch.change(20)
            self.counts["changes"] += 1
        except pcsc.Error as error:
            if error.code != CANCELLED:
                raise
            self.counts["cancelled"] += 1
        finally:
            timer.join()


def client_process(number, end):
    counts = collections.Counter()
    names = readers(pcsc.Context())
    clients = [Client(number * 1000 + i, names, end, counts)
               for i in range(THREADS)]
    for client in clients:
        client.join(max(0, end - time.monotonic()) + 30)
        assert not client.is_alive(), "a client is stuck"
        assert client.fault is None, client.fault
    print(" ".join(f"{k}={v}" for k, v in sorted(counts.items())), flush=True)


class Hand(threading.Thread):
    """Takes cards out and puts them in again, a card at a time; the reader
    has to tell of both, and to count them."""

    def __init__(self, indices, names, end):
        super().__init__(daemon=True)
        self.indices, self.names, self.end = indices, names, end
        self.moves, self.slowest, self.fault = 0, 0, None
        self.start()

    def move(self, verb, index, watch, wanted):
        began, events = time.monotonic(), watch.events
        subprocess.run([os.environ["VICC"], "ctl", verb, str(index)],
                       check=True, stdout=subprocess.DEVNULL)
        watch.counted(events + 1)
        watch.until(wanted)
        self.moves += 1
        self.slowest = max(self.slowest, time.monotonic() - began)

    def run(self):
        try:
            choose = random.Random(self.indices[0])
            context = pcsc.Context()
            watches = {i: pcsc.Watch(context, self.names[i])
                       for i in self.indices}
            while time.monotonic() < self.end:
                index = choose.choice(self.indices)
                watch = watches[index]
                watch.change(0)
                self.move("remove", index, watch, pcsc.STATE_EMPTY)
                select.select([], [], [], choose.random() / 10)
                self.move("insert", index, watch, pcsc.STATE_PRESENT)
        except BaseException:  # pylint: disable=broad-except
            self.fault = traceback.format_exc()


def start_clients(end):
    return [subprocess.Popen([sys.executable, __file__, "client", str(n),
                              str(end)], stdout=subprocess.PIPE, text=True)
            for n in range(PROCESSES)]


def inside():
    """In the world: clients, hands, and a last look at every reader."""
    context = pcsc.Context()
    names = readers(context)
    end = time.monotonic() + SECONDS
    clients = start_clients(end)
    hands = [Hand(range(n, CARDS, 4), names, end) for n in range(4)]
    total = collections.Counter()
    for hand in hands:
        hand.join(SECONDS + 60)
        assert not hand.is_alive(), "a hand is stuck"
        assert hand.fault is None, hand.fault
    for client in clients:
        out, _ = client.communicate(timeout=60)
        assert client.returncode == 0, f"a client failed: {out}"
        total.update({k: int(v) for k, v in
                      (word.split("=") for word in out.split())})
    for index, name in enumerate(names):
        handle = context.connect(name, pcsc.SHARE_EXCLUSIVE)
        assert handle.transmit(READ_SERIAL) == answer_of(index), name
        handle.disconnect(pcsc.RESET)
    assert total["answers"] > 0 and sum(h.moves for h in hands) > 0
    print(f"{dict(total)}, {sum(h.moves for h in hands)} moves, the slowest "
          f"{max(h.slowest for h in hands):.2f} s")


@test(deadline=SECONDS + 150)
def sixty_four_programs_share_sixteen_cards():
    argv = [os.environ["VICC"], "exec"]
    for index in range(CARDS):
        argv += ["--card", f"iso7816,serial={serial_of(index)}"]
    argv += ["--", "env", "-u", "LD_PRELOAD", sys.executable, __file__,
             "inside"]
    env = dict(os.environ)
    if "VICC_PCSCD_PRELOAD" in env:
        env["LD_PRELOAD"] = env["VICC_PCSCD_PRELOAD"]
    done = subprocess.run(argv, stdout=subprocess.PIPE, env=env,
                          stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, f"status {done.returncode}\n{done.stdout}"
    note(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    if sys.argv[1:2] == ["client"]:
        client_process(int(sys.argv[2]), float(sys.argv[3]))
    elif sys.argv[1:2] == ["inside"]:
        inside()
    else:
        main()
