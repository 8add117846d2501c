#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""PIN, PUK, management key, keys and objects of a PIV card, killed at any
moment."""

from card import tlv
from killer import KILLS, Session, kill_at_any_moment
from pivcard import encipher
from tap import equal, main, test

TRIES = 15
PINS = b"123456\xff\xff", b"87654321"  # the first is the factory's
PUK = b"12345678"
SLOTS = 0x9A, 0x9D, 0x82, 0x95
TAGS = "5FC105", "5FC10A", "5FC106", "5FFF00"
# Management keys by algorithm, which metadata tell.
ADMIN = {0x03: bytes(range(1, 9)) * 3, 0x08: b"8" * 16, 0x0C: b"C" * 32}
POINT = "864104[0-9a-f]{128}9000"
METADATA = "010111" "02020201" "030101" "0443"  # and the point


def apdu(header, data=b""):
    if len(data) > 255:
        return f"{header}00{len(data):04X}{data.hex()}"
    return header + (f"{len(data):02X}{data.hex()}" if data else "")


def get(tag):
    return "00CB3FFF000005" + tlv(0x5C, bytes.fromhex(tag)).hex() + "0000"


def tries_of(left):
    return f"63c{left:x}" if left else "6983"


class Card:
    """What the image must hold."""

    def __init__(self):
        self.pin = 0  # which of PINS
        self.tries = {"80": TRIES, "81": TRIES}
        self.admin = 0x03
        self.objects = {}
        self.keys = {slot: "6a88" for slot in SLOTS}  # patterns

    def dump(self):
        lines = [("00200080", tries_of(self.tries["80"]))]
        for reference, left in self.tries.items():
            factory = reference == "81" or self.pin == 0
            lines.append((f"00F700{reference}",
                          f"0101ff0501{factory:02x}06020f{left:02x}9000"))
        lines.append(("00F7009B", f"0101{self.admin:02x}020200010501..9000"))
        for tag in TAGS:
            content = self.objects.get(tag)
            lines.append((get(tag), "6a82" if content is None else
                          tlv(0x53, content).hex() + "9000"))
        lines += [(f"00F700{slot:02X}", key)
                  for slot, key in self.keys.items()]
        return lines

    def learn(self, answers):
        for slot in SLOTS:
            self.keys[slot] = answers[f"00F700{slot:02X}"]


class Piv(Session):
    def begin(self):
        """The management key is proved, which changes nothing."""
        header = f"0087{self.card.admin:02X}9B"
        n = 8 if self.card.admin == 0x03 else 16
        answer = self.send(apdu(header, b"\x7C\2\x80\0"),
                           f"7c{n + 2:02x}80{n:02x}.*9000")
        witness = encipher(self.card.admin, ADMIN[self.card.admin],
                           bytes.fromhex(answer)[4:4 + n], undo=True)
        self.send(apdu(header, tlv(0x7C, tlv(0x80, witness),
                                   tlv(0x81, bytes(n)))), ".*9000")

    def put(self):
        tag = self.rng.choice(TAGS)
        content = self.rng.randbytes(self.rng.choice((0, 1, 200, 3000)))
        after = self.changed()
        if content:
            after.objects[tag] = content
        else:
            after.objects.pop(tag, None)
        self.send(apdu("00DB3FFF", tlv(0x5C, bytes.fromhex(tag)) +
                       tlv(0x53, content)), "9000", after)

    def generate(self):
        """What key it will be is known only from the answer."""
        slot = self.rng.choice(SLOTS)
        after = self.changed()
        after.keys[slot] = METADATA + POINT
        answer = self.send(apdu(f"004700{slot:02X}", b"\xAC\3\x80\1\x11"),
                           "7f4943" + POINT, after)
        self.card.keys[slot] = METADATA + answer[6:].lower()

    def set_admin(self):
        after = self.changed()
        after.admin = self.rng.choice(list(ADMIN))
        key = ADMIN[after.admin]
        self.send(apdu("00FFFFFF", bytes([after.admin, 0x9B, len(key)]) + key),
                  "9000", after)

    def wrong(self, header, reference, data):
        after = self.changed()
        after.tries[reference] -= 1
        self.send(apdu(header, data), tries_of(after.tries[reference]), after)

    def right(self, header, reference, data, pin=None, both=False):
        """The tries come back before anything else changes."""
        counted, proved, after = (self.changed() for _ in range(3))
        counted.tries[reference] -= 1
        proved.tries[reference] = after.tries[reference] = TRIES
        if pin is not None:
            after.pin = pin
        if both:
            after.tries["80"] = TRIES
        self.send(apdu(header, data), "9000", counted, proved, after)

    def verify(self):
        self.right("00200080", "80", PINS[self.card.pin])

    def change(self):
        pin = 1 - self.card.pin
        self.right("00240080", "80", PINS[self.card.pin] + PINS[pin], pin)

    def unblock(self):
        pin = self.rng.choice((0, 1))
        self.right("002C0080", "81", PUK + PINS[pin], pin, both=True)

    def wrong_pin(self):
        self.wrong("00200080", "80", bytes(8))

    def wrong_puk(self):
        self.wrong("002C0080", "81", bytes(8) + PINS[0])

    def step(self):
        if self.card.tries["81"] <= 3 or self.card.tries["80"] <= 1:
            return self.unblock()
        if self.card.tries["80"] <= 3:
            return self.verify()
        return self.rng.choice((
            self.put, self.put, self.generate, self.set_admin, self.verify,
            self.change, self.unblock, self.wrong_pin, self.wrong_puk))()


@test(deadline=60 + KILLS)
def killed_at_any_moment(place):
    image = place.path / "card"
    status, _, said = place.run(
        "new", "-t", "piv", "-o", "keys=none", "-o", f"retries={TRIES}", "-o",
        f"puk-retries={TRIES}", image)
    equal(status, 0, said)
    kill_at_any_moment(place, image, Card(), Piv, max(KILLS // 3, 1))


main()
