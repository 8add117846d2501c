#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Files, records, PINs and keys of an iso7816 card, killed at any moment."""

from killer import KILLS, Session, kill_at_any_moment
from tap import equal, main, test

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

    def learn(self, answers):
        """What is known only from what the card answers to the dump."""
        self.key = answers[PUBLIC_KEY]


class Files(Session):
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


def make(place):
    image = place.path / "card"
    equal(place.run("new", "-o", f"tries={TRIES}", image)[0], 0)
    script = "".join(f"> {command}\n< 9000\n" for command in (
        create(0x2001, "01", SIZE), select(0x3F00),
        create(0x2002, "040000FF", 16000)))
    status, _, said = place.run("apdu", "-f", image, "-", text=script)
    equal(status, 0, said)
    return image


@test(deadline=60 + KILLS)
def killed_at_any_moment(place):
    kill_at_any_moment(place, make(place), Card(), Files)


main()
