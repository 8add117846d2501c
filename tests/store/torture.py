#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Kills vicc at random moments while it changes a card image. After each kill
the image opens and is sound, every command that was answered is there, the
one that was not is there as a whole or not at all, and no PIN try is
forgotten. VICC_KILLS says how often, VICC_SEED repeats a run."""

import copy
import os
import random
import re
import sqlite3
import subprocess
import threading
import time

from tap import VICC, equal, main, test

KILLS = int(os.environ.get("VICC_KILLS", 200))
SEED = int(os.environ.get("VICC_SEED", time.time_ns() % 1000000))
SIZE = 4096
TRIES = 15
SLOTS = range(0x3000, 0x3008)  # identifiers of files that come and go
GENERATE = "004780000AB603840101AC0380012100"  # an EC key, P-256
PUBLIC_KEY = "0047810005B60384010100"
SOME_KEY = "7f4943864104[0-9a-f]{128}9000"  # the answer to both


def apdu(header, data=b""):
    return header + (f"{len(data):02X}{data.hex().upper()}" if data else "")


def create(fid, descriptor, size):
    fcp = bytes.fromhex(f"8002{size:04X}82{len(descriptor) // 2:02X}"
                        f"{descriptor}8302{fid:04X}8A0105")
    return apdu("00E00000", b"\x62" + bytes([len(fcp)]) + fcp)


def select(fid):
    return f"00A4000C02{fid:04X}"


def is_as(answer, expected):
    """`expected` is hexadecimal digits, or a pattern of them."""
    return re.fullmatch(expected, answer, re.IGNORECASE) is not None


class Card:
    """What the image must hold."""

    def __init__(self):
        self.binary = bytearray(SIZE)
        self.tries = TRIES
        self.records = []
        self.files = set()
        self.key = "6a88"  # what PUBLIC_KEY answers, as a pattern

    def dump(self):
        """Commands that read all of it, and the answers."""
        lines = [(select(0x3F00), "9000"), (select(0x2001), "9000"),
                 ("00B0000000%04X" % SIZE, self.binary.hex() + "9000"),
                 ("00200001", f"63c{self.tries:x}" if self.tries else "6983"),
                 (select(0x2002), "9000")]
        for number, record in enumerate(self.records, 1):
            lines.append((f"00B2{number:02X}0400", record.hex() + "9000"))
        lines.append((f"00B2{len(self.records) + 1:02X}0400", "6a83"))
        lines.append((PUBLIC_KEY, self.key))
        lines.append((select(0x3F00), "9000"))
        for fid in SLOTS:
            there = fid in self.files
            lines.append((select(fid), "9000" if there else "6a82"))
        return lines


class Session:
    """One process that changes the card until it is killed."""

    def __init__(self, image, card, rng):
        self.image, self.card, self.rng = image, card, rng
        self.possible = [card]  # what the image may hold after a kill
        self.acknowledged = 0

    def send(self, command, expected, *outcomes):
        """One command; `outcomes` are what it may leave if it is cut short,
        the last one what it leaves when it is answered."""
        self.possible = [self.card, *outcomes]
        self.process.stdin.write(f"> {command}\n")
        while True:
            line = self.process.stdout.readline()
            if not line.endswith("\n"):
                raise BrokenPipeError
            if line.startswith("< "):
                break
        answer = line[2:].split("#")[0].strip()
        assert is_as(answer, expected), f"{command}: {answer}"
        if outcomes:
            self.card = outcomes[-1]
            self.acknowledged += 1
        self.possible = [self.card]
        return answer

    def changed(self):
        return copy.deepcopy(self.card)

    def update(self):
        n = self.rng.choice((1, 2, 16, 200))
        at = self.rng.randrange(SIZE - n)
        data = self.rng.randbytes(n)
        after = self.changed()
        after.binary[at:at + n] = data
        self.send(select(0x2001), "9000")
        self.send(apdu(f"00D6{at:04X}", data), "9000", after)

    def wrong_pin(self):
        after = self.changed()
        after.tries -= 1
        self.send("002000010439393939", f"63C{after.tries:X}", after)

    def right_pin(self):
        counted, after = self.changed(), self.changed()
        counted.tries -= 1
        after.tries = TRIES
        self.send("002000010431323334", "9000", counted, after)

    def append(self):
        record = self.rng.randbytes(self.rng.randrange(1, 30))
        after = self.changed()
        after.records.append(record)
        self.send(select(0x2002), "9000")
        self.send(apdu("00E20000", record), "9000", after)

    def start_over(self):
        """All records go with their file, and it comes again."""
        self.send(select(0x2002), "9000")
        self.send("00DC010401AA", "9000", self.with_first(b"\xAA"))

    def with_first(self, record):
        after = self.changed()
        after.records[0] = record
        return after

    def generate(self):
        """What key it will be is known only from the answer."""
        after = self.changed()
        after.key = SOME_KEY
        self.card.key = self.send(GENERATE, SOME_KEY, after)

    def create_or_delete(self):
        fid = self.rng.choice(SLOTS)
        after = self.changed()
        self.send(select(0x3F00), "9000")
        if fid in after.files:
            after.files.remove(fid)
            self.send(select(fid), "9000")
            self.send("00E40000", "9000", after)
        else:
            after.files.add(fid)
            self.send(create(fid, "01", self.rng.randrange(1, 9000)), "9000",
                      after)

    def step(self):
        if self.card.tries <= 2:
            return self.right_pin()
        if len(self.card.records) > 100:
            return self.start_over()
        return self.rng.choice((self.update, self.update, self.wrong_pin,
                                self.append, self.create_or_delete,
                                self.generate, self.right_pin))()

    def run(self, seconds, steps):
        """Works until the kill comes, or ends the process and lets the kill
        meet it then. Returns how long the first answer took."""
        self.process = subprocess.Popen(
            [VICC, "apdu", "-f", self.image], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, bufsize=1)
        timer = threading.Timer(seconds, self.process.kill)
        timer.start()
        begin, first = time.monotonic(), None
        try:
            for _ in range(steps):
                self.step()
                first = first or time.monotonic() - begin
            self.process.stdin.close()
            self.process.wait(20)
        except BrokenPipeError:
            pass
        finally:
            timer.cancel()
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            try:
                self.process.stdin.close()
            except BrokenPipeError:
                pass
        return first


def make(place):
    image = place.path / "card"
    equal(place.run("new", "-o", f"tries={TRIES}", image)[0], 0)
    script = "".join(f"> {command}\n< 9000\n" for command in (
        create(0x2001, "01", SIZE), select(0x3F00),
        create(0x2002, "040000FF", 16000)))
    status, _, said = place.run("apdu", "-f", image, "-", text=script)
    equal(status, 0, said)
    return image


def check_sound(image):
    left = [p.name for p in image.parent.iterdir() if p != image]
    equal(left, [], "side files")
    database = sqlite3.connect(f"file:{image}?mode=ro", uri=True)
    equal(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
    database.close()


def answers(place, image, card):
    """What the card really answers to the commands of the dump."""
    text = "".join(f"> {command}\n" for command, _ in card.dump())
    status, out, said = place.run("apdu", "-f", image, text=text)
    equal(status, 0, said)
    return [line[2:].split("#")[0].strip().lower()
            for line in out.splitlines() if line.startswith("< ")]


def find_outcome(place, image, possible):
    """The one of the possible cards that the image holds."""
    for card in reversed(possible):
        dump, got = card.dump(), answers(place, image, card)
        if all(is_as(answer, expected)
               for answer, (_, expected) in zip(got, dump, strict=True)):
            card.key = got[[command for command, _ in dump].index(PUBLIC_KEY)]
            return card
    for card in possible:
        for (command, answer), real in zip(card.dump(),
                                           answers(place, image, card)):
            if not is_as(real, answer):
                print(f"# {command}: {real[:80]}, not {answer[:80]}")
    raise AssertionError("the card is none of those that it may be")


@test(deadline=60 + KILLS)
def killed_at_any_moment(place):
    rng = random.Random(SEED)
    image, card = make(place), Card()
    first, total, met = 0.05, 0, 0
    for kill in range(KILLS):
        session = Session(image, card, rng)
        steps = rng.choice((1, 5, 1000, 1000))
        took = session.run(rng.random() * (1.3 * first + 0.02), steps)
        first = first if took is None else (3 * first + took) / 4
        total += session.acknowledged
        met += session.process.returncode < 0
        try:
            card = find_outcome(place, image, session.possible)
            check_sound(image)
        except AssertionError:
            print(f"# kill {kill} with VICC_SEED={SEED}")
            raise
    print(f"# {KILLS} times, {met} while it ran; {total} changes were "
          f"answered before; VICC_SEED={SEED}")
    assert total > KILLS / 4 and met > KILLS / 2, "killed too early, or late"


main()
