#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Kills a Cryptoflex card at every step of its life, a life that OpenSC's
programs gave it and a trace has kept. Whenever the kill comes, the image then
holds the card as it was before the command or as it is after it, a command
that was answered has lasted, and no PIN try is forgotten.

Commands that change nothing lasting are met only now and then, every one with
VICC_EVERY=1; VICC_SEED repeats a run."""

import glob
import os
import random
import shutil
import sqlite3
import subprocess
import time

from harness import equal, main, path, test
from flex import PIN, PUK, SO, USAGE, Card, make_files, pin

SEED = int(os.environ.get("VICC_SEED", time.time_ns() % 1000000))
EVERY = int(os.environ.get("VICC_EVERY", 8))
VICC = os.environ["VICC"]
# Those that change lasting things, by INS.
VERIFY, CHANGE, VERIFY_KEY, UNBLOCK = 0x20, 0x24, 0x2A, 0x2C
GENERATE, UPDATE, CREATE, DELETE = 0x46, 0xD6, 0xE0, 0xE4
COUNTED = {VERIFY, CHANGE, VERIFY_KEY, UNBLOCK}
CHANGING = COUNTED | {GENERATE, UPDATE, CREATE, DELETE}
# Bytes of tries that are left, in files of PINs and of DES keys.
COUNTERS = {"0000": (12, 22), "0100": (12, 22), "0011": (12, 24, 36)}


def live(card):
    """All that can happen to it, quickly."""
    card.init("-C", *SO, "--so-puk", "87654321")
    pin(card, "01", PIN, *SO)
    who = ("-a", "01", "--pin", PIN, *SO, *USAGE)
    card.init("-G", "rsa/1024", "-i", "41", *who)
    card.init("-S", path("user.p12"), "-f", "pkcs12", "--passphrase", "secret",
              "-i", "42", *who)
    card.tool("--change-pin", "-a", "01", "--pin", PIN, "--new-pin", "9876")
    for _ in range(3):
        card.tool("--verify-pin", "-a", "01", "--pin", PIN, status=None)
    card.tool("--unblock-pin", "-a", "01", "--puk", PUK, "--new-pin", PIN)
    card.init("-D", "privkey,pubkey", "-i", "41", "--pin", PIN, *SO)
    card.init("-E")


def sessions(folder):
    """Of each power-up, [command, answer] as hexadecimal digits."""
    found = []
    for name in sorted(glob.glob(f"{folder}/*")):
        with open(name, encoding="ascii") as f:
            for line in f:
                if line.startswith("! power on"):
                    found.append([])
                elif line[0] == ">":
                    found[-1].append([line[2:].split()[0], None])
                elif line[0] == "<":
                    found[-1][-1][1] = line[2:].split()[0]
    return [session for session in found if session]


class Process:
    """A card that works for its image until it ends or is killed."""

    def __init__(self, image):
        self.process = subprocess.Popen(
            [VICC, "apdu", "-f", image], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            bufsize=1)

    def begin(self, command):
        self.process.stdin.write(f"> {command}\n")

    def answer(self):
        """None: it was killed before it was given as a whole."""
        for line in iter(self.process.stdout.readline, ""):
            if line.startswith("< ") and line.endswith("\n"):
                return line[2:].split("#")[0].strip()
        return None

    def send(self, command, answer):
        """What is random in the answer may differ: all but its status."""
        self.begin(command)
        equal(self.answer()[-4:], answer[-4:], command)

    def end(self, killed=False):
        if killed:
            self.process.kill()
        self.process.stdin.close()
        answer = self.answer()
        self.process.stdout.close()
        self.process.wait()
        return answer


def duplicate(image, copy):
    """With the log that SQLite has beside a database at work."""
    shutil.copy(image, copy)
    if os.path.exists(f"{image}-wal"):
        shutil.copy(f"{image}-wal", f"{copy}-wal")


def content(image):
    """Head and body of each file, by its path; the random ones of keys that
    the card made only by their length, and whether there is anything."""
    database = sqlite3.connect(image)
    equal(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
    paths, found = {0: ""}, {}
    for number, parent, head, body in database.execute(
            "SELECT id, parent, head, body FROM object ORDER BY id"):
        fid = head[head.index(b"\x83\x02") + 2:][:2].hex()
        paths[number] = f"{paths[parent]}/{fid}"
        found[paths[number]] = (head, body)
    database.close()
    return found


def blurred(files, made):
    return {name: (head, (len(body), any(body)) if name in made else body)
            for name, (head, body) in files.items()}


def is_counted(before, got):
    """A PIN or key has one try less, and nothing else is new."""
    differ = [name for name in before if before[name] != got.get(name)]
    if before.keys() != got.keys() or len(differ) != 1:
        return False
    name = differ[0]
    old, new = before[name][1], got[name][1]
    at = [i for i in range(len(old)) if old[i] != new[i]]
    return (name[-4:] in COUNTERS and len(at) == 1 and
            at[0] in COUNTERS[name[-4:]] and new[at[0]] == old[at[0]] - 1)


class Life:
    def __init__(self, rng):
        self.rng, self.made, self.seen = rng, set(), {}

    def note(self, what):
        self.seen[what] = self.seen.get(what, 0) + 1

    def kill_at(self, start, session, i, before, after):
        """From the image at power-up as far as command i, and no further."""
        command, answer = session[i]
        duplicate(start, path("victim"))
        victim = Process(path("victim"))
        for done in session[:i]:
            victim.send(*done)
        victim.begin(command)
        time.sleep(self.rng.choice((0, self.rng.random())) * (
            0.05 if int(command[2:4], 16) == GENERATE else 0.0006))
        got = victim.end(killed=True)
        held = blurred(content(path("victim")), self.made)
        if got is not None:
            equal(got[-4:], answer[-4:], command)
            assert held == after, f"{command} was answered and is not there"
            self.note("answered")
        elif held == before:
            self.note("before" if before != after else "the same")
        elif held == after:
            self.note("after")
        else:
            assert int(command[2:4], 16) in COUNTED and \
                is_counted(before, held), f"{command} was done by half"
            self.note("counted")
        check = Process(path("victim"))
        check.begin("C0A40000023F00")
        equal(check.answer()[:2], "61", "SELECT of the MF")
        check.end()

    def relive(self, image, session):
        """A session with the card as nobody kills it, and at each command a
        copy that is."""
        start = path("start")
        duplicate(image, start)
        before, card = content(image), Process(image)
        for i, (command, answer) in enumerate(session):
            card.send(command, answer)
            after = before
            if int(command[2:4], 16) in CHANGING:
                duplicate(image, path("copy"))  # the card keeps it locked
                after = content(path("copy"))
            if int(command[2:4], 16) == GENERATE:
                self.made |= {name for name in before
                              if before[name] != after[name]}
            if int(command[2:4], 16) in CHANGING or i % EVERY == 0:
                self.kill_at(start, session, i, blurred(before, self.made),
                             blurred(after, self.made))
            before = after
        card.end()


@test(deadline=300)
def survives_each_step_of_its_life():
    make_files()
    os.mkdir(path("traces"))
    card = Card(trace=path("traces"))
    shutil.copy(card.image, path("reborn"))
    live(card)
    life = Life(random.Random(SEED))
    for session in sessions(path("traces")):
        life.relive(path("reborn"), session)
    print(f"# {life.seen}; VICC_SEED={SEED}")
    equal({"/3f00/0002", "/3f00/0011", "/3f00"}, set(content(path("reborn"))))
    cut = sum(life.seen.get(what, 0) for what in ("before", "counted", "after"))
    assert cut > 20, "killed too early, or late"


main()
