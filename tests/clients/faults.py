#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""What a PC/SC program sees of each fault: a pyscard client in a world of its
own, with cards of ours and of others, under rules and under vicc ctl.

    faults.py        the tests
    faults.py NAME   the part of a test that is the client, inside the world"""

import json
import os
import re
import socket
import subprocess
import sys
import threading

from smartcard import scard

VICC = os.environ["VICC"]
PEER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "vpicc.py")
SELECT = "00A4000C023F00"
GONE = ("E_NO_SMARTCARD", "W_REMOVED_CARD")
CODES = {getattr(scard, f"SCARD_{name}"): name for name in (
    "E_NOT_TRANSACTED", "E_COMM_DATA_LOST", "W_REMOVED_CARD", "W_RESET_CARD",
    "W_UNPOWERED_CARD", "W_UNRESPONSIVE_CARD", "E_NO_SMARTCARD",
    "E_PROTO_MISMATCH", "E_READER_UNAVAILABLE", "F_COMM_ERROR")}


def equal(actual, expected, what=""):
    assert actual == expected, f"{what}: {actual!r}, expected {expected!r}"


# --- the client ---

def ok(result, what):
    if not isinstance(result, (list, tuple)):
        result = [result]
    assert result[0] == 0, f"{what}: {name_of(result[0])}"
    return result[1] if len(result) > 1 else None


def name_of(code):
    return CODES.get(code, f"{code & 0xFFFFFFFF:08X}")


class Client:
    def __init__(self, number=0):
        self.context = ok(scard.SCardEstablishContext(
            scard.SCARD_SCOPE_USER), "SCardEstablishContext")
        readers = ok(scard.SCardListReaders(self.context, []), "readers")
        self.reader = sorted(readers)[number]
        self.handle = self.protocol = None

    def wait(self, wanted):
        """Until the reader has a card, or none, by events alone."""
        known = scard.SCARD_STATE_UNAWARE
        while not known & wanted:
            known = self.state(known & ~scard.SCARD_STATE_CHANGED)

    def state(self, known=scard.SCARD_STATE_UNAWARE):
        (_, known, _), = ok(scard.SCardGetStatusChange(
            self.context, 20000, [(self.reader, known)]), "status")
        return known

    def sends(self, answers):
        """One command after another gets these answers."""
        known = self.state()
        events = known >> 16  # pcscd counts insertions and removals
        for number, answer in enumerate(answers):
            # Between the two pcscd itself has to notice.
            while answer == "W_REMOVED_CARD" and known >> 16 == events:
                known = self.state(known & ~scard.SCARD_STATE_CHANGED)
            equal(self.send(), answer, f"answer {number}")

    def present(self):
        self.wait(scard.SCARD_STATE_PRESENT)
        return self

    def empty(self):
        self.wait(scard.SCARD_STATE_EMPTY)

    def connect(self):
        self.present()
        result = scard.SCardConnect(self.context, self.reader,
                                    scard.SCARD_SHARE_SHARED,
                                    scard.SCARD_PROTOCOL_ANY)
        equal(name_of(result[0]), "00000000", "SCardConnect")
        self.handle, self.protocol = result[1:]
        return self

    def send(self, command=SELECT):
        code, answer = scard.SCardTransmit(
            self.handle, self.protocol, list(bytes.fromhex(command)))
        return name_of(code) if code != 0 else bytes(answer).hex()

    def reconnect(self, how=scard.SCARD_RESET_CARD):
        code, self.protocol = scard.SCardReconnect(
            self.handle, scard.SCARD_SHARE_SHARED, scard.SCARD_PROTOCOL_ANY,
            how)
        return name_of(code) if code != 0 else "ok"

    def works(self):
        """The card came back, as a card that is put in again does."""
        self.present()
        equal(self.reconnect(), "ok", "SCardReconnect")
        equal(self.send(), "9000", "the next command")


def ctl(*words):
    done = subprocess.run([VICC, "ctl", *words], capture_output=True,
                          text=True, timeout=20, check=False)
    equal(done.returncode, 0, f"vicc ctl {words}: {done.stderr}")
    return done.stdout


def expect(*answers):
    """The first command is as ever; then these come."""
    client = Client().connect()
    equal(client.send(), "9000", "before")
    client.sends(answers)


def gone_amid_a_transaction():
    """Reader and card know of no transaction; the client does."""
    client = Client().connect()
    ok(scard.SCardBeginTransaction(client.handle), "SCardBeginTransaction")
    equal(client.send(), "9000")
    client.sends(GONE)
    equal(name_of(scard.SCardEndTransaction(client.handle,
                                            scard.SCARD_LEAVE_CARD)),
          "W_REMOVED_CARD", "SCardEndTransaction")
    client.works()
    ok(scard.SCardBeginTransaction(client.handle), "SCardBeginTransaction")
    ok(scard.SCardEndTransaction(client.handle, scard.SCARD_LEAVE_CARD),
       "SCardEndTransaction")


def reset_unseen():
    """A PIN that was verified is not, and nobody was told."""
    client = Client().connect()
    verify, ask = "002000010431323334", "00200001"
    equal(client.send(verify), "9000", "PIN")
    equal(client.send(ask), "9000", "is it verified")
    equal(client.send(ask), "63c3", "after the reset")
    equal(client.send(verify), "9000", "PIN")
    ctl("reset")
    equal(client.send(ask), "63c3", "after vicc ctl reset")
    equal(client.reconnect(scard.SCARD_LEAVE_CARD), "ok")


def reset_seen():
    """By another program, and this one is told; then the card is mute."""
    one, two = Client().connect(), Client().connect()
    ok(scard.SCardDisconnect(two.handle, scard.SCARD_RESET_CARD),
       "SCardDisconnect")
    equal(one.send(), "W_RESET_CARD")
    one.works()


def gone_with_a_reset():
    client = Client().connect()
    equal(client.reconnect(), "W_UNRESPONSIVE_CARD")
    client.works()


def slots_are_apart():
    """The first is mute; the second does not notice."""
    second = Client(1).connect()
    first = Client(0).connect()
    seen = []
    thread = threading.Thread(target=lambda: seen.append(first.send()))
    thread.start()
    for _ in range(100):
        equal(second.send(), "9000", "the other slot")
    ctl("remove", "0")
    thread.join(20)
    equal(seen, ["E_NO_SMARTCARD"], "the mute card, once it is taken out")
    equal(second.send(), "9000", "the other slot")
    ctl("insert", "0")
    first.works()


def by_command():
    """insert, remove, mute, fault and status of one slot."""
    client = Client().connect()
    ctl("remove")
    client.empty()
    equal(client.send(), "W_REMOVED_CARD")
    equal(json.loads(ctl("status", "--json"))[0]["state"], "removed")
    ctl("insert")
    client.works()
    ctl("mute", "50ms")
    client.sends(["E_NOT_TRANSACTED"] * 2)
    client.works()
    ctl("fault", "on 00A4... #2 sw 6F12")
    ctl("fault", "0", "on", "00B0...", "delay", "1")
    client.sends(["9000", "6f12", "9000"])
    state, = json.loads(ctl("status", "--json", "0").join("[]"))
    equal(state["rules"], [
        {"rule": "on 00A4... #2 sw 6F12", "matched": 3, "fired": 1},
        {"rule": "on 00B0... delay 1", "matched": 0, "fired": 0}])
    assert "on 00A4... #2 sw 6F12 (1 of 3)" in ctl("status"), ctl("status")
    ctl("fault", "none")
    equal(json.loads(ctl("status", "--json"))[0]["rules"], [])


class Foreign:
    """A card of somebody else: a few lines of Python at VICC_SLOT_0."""

    def __init__(self):
        host, port = os.environ["VICC_SLOT_0"].rsplit(":", 2)[1:]
        self.place = host, int(port)
        self.seen = []
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        """Again whenever the reader has lost patience with it."""
        while True:
            with socket.create_connection(self.place) as self.wire:
                self.serve(self.wire.makefile("rb"))

    def serve(self, stream):
        while len(head := stream.read(2)) == 2:
            message = stream.read(int.from_bytes(head, "big"))
            self.seen.append(message.hex())
            if message == b"\4":
                self.put(bytes.fromhex("3B021450"))
            elif len(message) > 1:
                self.put(b"\x90\x00")

    def put(self, answer):
        self.wire.sendall(len(answer).to_bytes(2, "big") + answer)


def foreign(then):
    """Everything of `then` with a card that is not ours."""
    def run():
        card = Foreign()
        then()
        return card
    return run


def foreign_is_pulled():
    """It loses its power, not its connection, and comes back by itself."""
    card = Foreign()
    client = Client().connect()
    equal(client.send(), "9000")
    ctl("remove")
    client.empty()
    equal(client.send(), "W_REMOVED_CARD")
    ctl("insert")
    client.works()
    after = card.seen[card.seen.index(SELECT.lower()) + 1:]
    equal(after[0], "00", "the card was told")


def peer_is_pulled():
    """The card of the vsmartcard project, in Python as Debian has it."""
    host, port = os.environ["VICC_SLOT_0"].rsplit(":", 2)[1:]
    with subprocess.Popen(["/usr/bin/python3", PEER, "--type", "iso7816", "--hostname", host,
                           "--port", port], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:
        try:
            client = Client().connect()
            equal(client.send(), "9000")
            ctl("remove")
            client.empty()
            equal(client.send(), "W_REMOVED_CARD")
            ctl("insert")
            client.works()
            equal(client.send(), "6f77", "the rule")
        finally:
            process.kill()


# What SCardTransmit says, one command after another; then whether it goes on
# as it is, or after SCardReconnect with a reset.
RULES = {
    "sw 6F00": ("6f00", "9000"),
    "late sw 6581": ("6581", "9000"),
    "answer 01029000": ("01029000", "9000"),
    "delay 50": ("9000", "9000"),
    "late delay 50": ("9000", "9000"),
    "flip -1.0": ("9001", "9000"),
    "truncate 1": ("E_NOT_TRANSACTED", "9000"),
    "mute 50": ("E_NOT_TRANSACTED", "E_NOT_TRANSACTED"),
    "late mute 50": ("E_NOT_TRANSACTED", "E_NOT_TRANSACTED"),
    "remove 50": GONE,
    "late remove 50": GONE,
    "truncate 0": GONE,
    "cut 0": GONE,
    "cut 1": GONE,
    "cut 3": GONE,
}

# The reader has to lose patience, which it has more of than a test.
LATE = ("E_NOT_TRANSACTED", "W_REMOVED_CARD")
PATIENCE = {"mute": LATE, "late mute": LATE, "length +5": LATE}


def rules(table):
    """One after another in one world, as rules of vicc ctl."""
    def run():
        for act, answers in table.items():
            ctl("fault", "none")
            ctl("fault", f"on 00A4... #2 {act}")
            client = Client().connect()
            try:
                equal(client.send(), "9000", "before")
                client.sends(answers)
                client.works()
            except AssertionError as error:
                raise AssertionError(f"{act}: {error}") from error
            scard.SCardDisconnect(client.handle, scard.SCARD_LEAVE_CARD)
    return run


CLIENTS = {f.__name__: f for f in (
    gone_amid_a_transaction, reset_unseen, reset_seen, gone_with_a_reset,
    slots_are_apart, by_command, foreign_is_pulled, peer_is_pulled)}
CLIENTS.update({
    "rules": rules(RULES),
    "foreign_rules": foreign(rules(RULES)),
    "foreign_patience": foreign(rules(PATIENCE)),
    "third_fails": lambda: expect("9000", "6f00", "9000"),
    "script": lambda: expect("6a82", "9000", "6f01"),
    "foreign_trace": foreign(lambda: expect("9000", "6f00")),
})


if len(sys.argv) > 1:
    CLIENTS[sys.argv[1]]()
    print("done")
    sys.exit()


# --- the tests ---

from harness import Skip, main, path, test  # noqa: E402 pylint: disable=C0413


def world(name, *options):
    """Runs that client in a world; what vicc says, and that nothing stays."""
    temporary = path("t")
    os.makedirs(temporary, exist_ok=True)
    done = subprocess.run(
        [VICC, "exec", *options, "--", "/usr/bin/python3",
         os.path.abspath(__file__), name], capture_output=True, text=True,
        timeout=50, check=False, env={**os.environ, "TMPDIR": temporary})
    equal((done.returncode, done.stdout), (0, "done\n"), done.stderr)
    equal(os.listdir(temporary), [], "left in TMPDIR")
    return done.stderr


ANY_PORT = "tcp-listen:127.0.0.1:0"


@test(deadline=60)
def each_rule_with_a_card_of_ours():
    world("rules")


@test(deadline=60)
def each_rule_with_a_card_of_others():
    world("foreign_rules", "--slot", ANY_PORT)


@test(deadline=60)
def a_reader_loses_patience():
    world("foreign_patience", "--slot", ANY_PORT + ":apdu=1")


@test
def rules_of_the_command_line():
    said = world("third_fails", "-v", "--fault", "on 00A4... #3 sw 6F00")
    assert "on 00A4... #3 sw 6F00" in said, said


@test
def rules_of_a_file():
    with open(path("rules"), "w", encoding="ascii") as f:
        f.write("# a comment\n\non any #2 sw 6A82  # the second\n"
                "after 3 sw 6F01\n")
    world("script", "--fault-script", path("rules"))


@test
def pulled_amid_a_transaction():
    world("gone_amid_a_transaction", "--fault", "after 1 remove 50")


@test
def a_reset_that_nobody_sees():
    world("reset_unseen", "--fault", "on 00200001 #2 reset")


@test
def a_reset_by_another_program():
    world("reset_seen")


@test
def out_instead_of_a_reset():
    world("gone_with_a_reset", "--fault", "on reset #1 remove 50")


@test
def no_slot_hurts_another():
    world("slots_are_apart", "--count", "2", "--fault", "0: on any #1 mute")


@test
def control_of_a_card_of_ours():
    world("by_command")


@test
def a_card_of_others_is_pulled():
    world("foreign_is_pulled", "--slot", ANY_PORT)


@test
def a_card_of_the_vsmartcard_project():
    if not os.path.exists("/usr/bin/vicc"):
        raise Skip("package vsmartcard-vpicc is not installed")
    world("peer_is_pulled", "--slot", ANY_PORT, "--fault",
          "on 00A4... #3 sw 6F77")


@test
def the_readers_side_is_traced():
    """What the card said is not in it, but what the reader got."""
    trace = path("trace")
    world("foreign_trace", "--slot", ANY_PORT, "--trace", trace, "--fault",
          "on 00A4... #3 late sw 6F00")
    with open(trace, encoding="utf-8") as f:
        text = f.read()
    assert "! atr 3B021450\n" in text, text
    equal(re.findall("^< (.*)$", text, re.M), ["9000", "9000", "6F00"], text)
    assert "on 00A4... #3 late sw 6F00" in text, text
    done = subprocess.run([VICC, "show", trace], capture_output=True,
                          text=True, check=True)
    assert "SELECT" in done.stdout, done.stdout


main()
