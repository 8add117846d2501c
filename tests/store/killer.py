# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Kills vicc at random moments while it changes a card image. After each kill
the image opens and is sound, every command that was answered is there, the
one that was not is there as a whole or not at all, and no PIN try is
forgotten. VICC_KILLS says how often, VICC_SEED repeats a run.

A type of card takes part by a class of what its image must hold, with dump()
and learn(), and a Session that changes it, step by step."""

import copy
import os
import random
import re
import sqlite3
import subprocess
import threading
import time

from tap import VICC, answers, equal

KILLS = int(os.environ.get("VICC_KILLS", 200))
SEED = int(os.environ.get("VICC_SEED", time.time_ns() % 1000000))


def is_as(answer, expected):
    """`expected` is hexadecimal digits, or a pattern of them."""
    return re.fullmatch(expected, answer, re.IGNORECASE) is not None


class Session:
    """One process that changes the card until it is killed. A type has
    begin(), what comes before all steps, and step()."""

    def __init__(self, image, card, rng):
        self.image, self.card, self.rng = image, card, rng
        self.possible = [card]  # what the image may hold after a kill
        self.acknowledged = 0

    def begin(self):
        pass

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
            self.begin()
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


def check_sound(image):
    left = [p.name for p in image.parent.iterdir() if p != image]
    equal(left, [], "side files")
    database = sqlite3.connect(f"file:{image}?mode=ro", uri=True)
    equal(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
    database.close()


def read(place, image, card):
    """What the card really answers to the commands of the dump."""
    commands = (command for command, _ in card.dump())
    return [answer.lower() for answer in answers(place, image, *commands)]


def find_outcome(place, image, possible):
    """The one of the possible cards that the image holds."""
    for card in reversed(possible):
        dump, got = card.dump(), read(place, image, card)
        if all(is_as(answer, expected)
               for answer, (_, expected) in zip(got, dump, strict=True)):
            card.learn(dict(zip((command for command, _ in dump), got)))
            return card
    for card in possible:
        for (command, answer), real in zip(card.dump(),
                                           read(place, image, card)):
            if not is_as(real, answer):
                print(f"# {command}: {real[:80]}, not {answer[:80]}")
    raise AssertionError("the card is none of those that it may be")


def kill_at_any_moment(place, image, card, session_of, kills=KILLS):
    """`card` is what the image holds, session_of the class of Sessions. More
    than `kills` where the first ones came too early, or late."""
    rng = random.Random(SEED)
    first, kill, total, met = 0.05, 0, 0, 0
    while kill < kills or total <= kills / 4 or met <= kills / 2:
        assert kill < 4 * kills, f"{total} changes answered, {met} met it"
        session = session_of(image, card, rng)
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
        kill += 1
    print(f"# {kill} times, {met} while it ran; {total} changes were "
          f"answered before; VICC_SEED={SEED}")
