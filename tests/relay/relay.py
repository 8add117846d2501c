#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""A relayed card is the real one, as far as anybody can see, whatever happens
to card, reader, daemon, and whoever else uses them."""

import signal
import subprocess

from cards import (ATR, ATR_T0, ATR_T1, OFF, ON, RESET, Answers, Card, Echo,
                   frame, numbered_atr)
from harness import equal, main, path, raises, test
from pcsc import LEAVE, NO_SMARTCARD, REMOVED_CARD, T0, T1, UNPOWER
from rig import (A, SHARING_VIOLATION, VICC, Other, Relay, relayed,
                 world_a)
import pcsc

OK = b"\x90\x00"


class Counts(Card):
    """Answers how many commands it has heard since its reset."""
    heard = 0

    def control(self, code):
        super().control(code)
        self.heard = 0

    def answer(self, command):
        self.heard += 1
        return bytes([self.heard]) + OK


def power(card):
    """What it was told of power, in one word."""
    names = {OFF: "off", ON: "on", RESET: "reset"}
    return [names[p] for p in card.seen if p in names]


@test
def atr_power_and_resets_are_those_of_the_card():
    with relayed(Card, atr=numbered_atr(7)) as rig:
        equal(rig.watch.present(), numbered_atr(7), "ATR")
        handle = rig.connect()
        equal(handle.transmit("00A4000000"), OK)
        del rig.card.seen[:]
        rig.card.atr = numbered_atr(8)
        handle.reconnect(pcsc.RESET)
        equal(power(rig.card), ["reset"])
        equal(handle.atr(), numbered_atr(8), "ATR after reset")
        handle.transmit("00A4000000")
        del rig.card.seen[:]
        rig.card.atr = numbered_atr(9)
        handle.reconnect(UNPOWER)
        equal(power(rig.card), ["off", "on"], "one cold reset")
        equal(handle.atr(), numbered_atr(9), "ATR after power")


@test
def commands_and_responses_pass_byte_for_byte():
    with relayed(Echo) as rig:
        handle = rig.connect()
        for n in 4, 5, 6, 255, 256, 257, 261, 262, 4096, 32767, 65533:
            command = bytes(i * 7 & 0xFF for i in range(n))
            equal(handle.transmit(command), command + OK, f"{n} bytes")


def active(rig):
    """The protocol of the last connection to reader A."""
    lines = [line for line in rig.a.lines if "Active Protocol" in line]
    return lines[-1][-3:]


def protocol(atr, *args, ask=T0 | T1):
    with relayed(Card, *args, atr=atr) as rig:
        handle = rig.connect(protocols=ask)
        equal(handle.transmit("00A4000000"), OK)
        return handle.protocol, active(rig)


@test
def protocol_t0():
    equal(protocol(ATR_T0), (T0, "T=0"))


@test
def protocol_t1():
    equal(protocol(ATR_T1), (T1, "T=1"))


@test
def one_of_both_protocols():
    equal(protocol(ATR), (T1, "T=1"))


@test
def the_other_of_both_protocols():
    equal(protocol(ATR, "-o", "protocol=t0", ask=T0), (T0, "T=0"))


@test
def it_leaves_and_returns_with_the_card():
    with relayed(Card) as rig:
        handle = rig.connect()
        for number in range(1, 6):
            rig.card.leave()
            rig.watch.counted(rig.watch.events + 1)
            raises(REMOVED_CARD, handle.transmit, "00A4000000")
            rig.attributes = {"atr": numbered_atr(number)}
            rig.insert()
            equal(rig.watch.present(), numbered_atr(number))
            handle.reconnect(LEAVE)
            equal(handle.transmit("00A4000000"), OK)


@test
def without_a_card_it_waits_for_one():
    with relayed(Card) as rig:
        rig.card.leave()
        rig.watch.empty()
        equal(rig.relay.end()[0], 0)
        rig.relay = Relay()
        rig.relay.expect(f"no card in {A}; waiting for one")
        rig.insert()
        rig.relay.expect(f"the card in {A} is there")
        equal(rig.connect().transmit("00A4000000"), OK)


@test
def the_daemon_may_be_killed_and_start_again():
    with relayed(Card) as rig:
        rig.connect()
        for _ in range(3):
            rig.a.kill(signal.SIGKILL)
            rig.a.exited()
            rig.relay.expect(f"pcscd, which serves {A}, is gone")
            rig.watch.empty()
            rig.card.ejected()
            rig.a = world_a()
            rig.insert()
            equal(rig.connect().transmit("00A4000000"), OK)


@test
def the_reader_may_go_and_come_back():
    """Unplugged while the daemon is down: nothing else takes one away."""
    with relayed(Card, "--reader", "real") as rig:
        rig.a.stop()
        rig.watch.empty()
        rig.a = world_a("Another", f"unix-listen:{path('other')}")
        rig.relay.expect(f"the reader {A} is gone; waiting for it")
        rig.a.stop()
        rig.a = world_a()
        rig.insert()
        equal(rig.connect().transmit("00A4000000"), OK)


@test
def exclusive_keeps_others_away():
    with relayed(Card) as rig:
        equal(rig.connect().transmit("00A4000000"), OK)
        try:
            Other("")
        except AssertionError as error:
            assert f"{SHARING_VIOLATION:08X}" in str(error), error
        else:
            raise AssertionError("another program could connect")


def waits_for_other(share, words, *args):
    with relayed(Card) as rig:
        rig.relay.end()
        other = Other("", share=share)
        rig.relay = Relay(*args)
        rig.relay.expect(words)
        rig.watch.empty()
        other.go_on()
        equal(rig.connect().transmit("00A4000000"), OK)


@test
def exclusive_waits_for_who_shares():
    waits_for_other("SHARED", "another program uses the card in")


@test
def exclusive_waits_for_who_is_exclusive():
    waits_for_other("EXCLUSIVE", "another program has the card in")


@test
def shared_waits_for_who_is_exclusive():
    waits_for_other("EXCLUSIVE", "another program has the card in",
                    "--share", "shared")


@test
def shared_lets_others_in_between():
    with relayed(Counts, "--share", "shared") as rig:
        handle = rig.connect()
        equal(handle.transmit("00A4000000"), b"\1" + OK)
        Other("card.transmit('00A4000000')").go_on()
        equal(handle.transmit("00A4000000"), b"\3" + OK)


@test
def a_transaction_of_others_is_waited_for():
    with relayed(Counts, "--share", "shared") as rig:
        handle = rig.connect()
        equal(handle.transmit("00A4000000"), b"\1" + OK)
        other = Other("card.begin()", "import time\ntime.sleep(0.3)\n"
                      "card.transmit('00A4000000')\ncard.end()")
        other.process.stdin.write("\n")
        other.process.stdin.flush()
        equal(handle.transmit("00A4000000"), b"\3" + OK)
        other.process.communicate(timeout=10)


@test
def reset_by_others_costs_nothing_when_nothing_was_told():
    with relayed(Counts, "--share", "shared") as rig:
        handle = rig.connect()
        Other("card.reconnect(pcsc.RESET)").go_on()
        events = rig.watch.events
        equal(handle.transmit("00A4000000"), b"\1" + OK)
        equal(rig.watch.change(0), False, "a change of the virtual reader")
        equal(rig.watch.events, events)


@test
def reset_by_others_is_a_removal_when_something_was_told():
    with relayed(Counts, "--share", "shared") as rig:
        handle = rig.connect()
        equal(handle.transmit("00A4000000"), b"\1" + OK)
        events = rig.watch.events
        Other("card.reconnect(pcsc.RESET)").go_on()
        raises(NO_SMARTCARD, handle.transmit, "00A4000000")
        rig.relay.expect("another program has reset the card")
        rig.watch.counted(events + 2)
        handle.reconnect(LEAVE)
        equal(handle.transmit("00A4000000"), b"\1" + OK)


@test
def what_the_reader_cannot_transmit_is_6f00():
    with relayed(Answers, raw=frame(b"\x90")) as rig:
        handle = rig.connect()
        equal(handle.transmit("00A4000000"), b"\x6F\x00")
        rig.relay.expect("could not pass a command on")
        rig.card.raw = frame(OK)
        equal(handle.transmit("00A4000000"), OK)


class HangsAtOne(Card):
    """Answers each command but those with P2 01."""

    def answer(self, command):
        return None if command[3] == 1 else OK


def status(control):
    done = subprocess.run([VICC, "ctl", "--socket", control, "status"],
                          capture_output=True, text=True, check=True)
    return done.stdout.strip().rpartition(": ")[2]


@test
def what_could_not_be_transmitted_is_no_card_that_is_there():
    """The reader throws the card out, which one thread sees, while the other
    one has its command back. Who then took the empty reader for one with a
    card would be in the virtual reader without an ATR."""
    control = path("ctl")
    with relayed(HangsAtOne, "--ctl", control, real=":apdu=1") as rig:
        for _ in range(5):
            handle = rig.connect()
            rig.relay.forget()
            equal(handle.transmit("00B00000"), OK)
            handle.transmit_code(bytes.fromhex("00B00001"))
            pcsc.call("SCardDisconnect", handle.handle, LEAVE)
            rig.relay.expect_all("could not pass a command on", "no card in")
            equal(status(control), "taken out")
            rig.watch.empty()
            rig.insert()
            rig.watch.present()


@test
def it_ends_at_once_wherever_it_waits():
    with relayed(Card) as rig:
        equal(rig.relay.end()[0], 0, "with a card")
        rig.card.leave()
        rig.relay = Relay()
        rig.relay.expect("no card in")
        equal(rig.relay.end()[0], 0, "without a card")
        rig.relay = Relay()
        rig.relay.expect("no card in")
        rig.a.stop()
        rig.relay.expect("is gone; waiting")
        equal(rig.relay.end()[0], 0, "without pcscd")
        rig.a = world_a("Another", f"unix-listen:{path('other')}")
        status, said = Relay("--reader", "Real").ended()
        equal(status, 3)
        assert "there is no reader 'Real'; there are\n  0: Another" in said


@test
def apdu_waits_for_the_card():
    with relayed(Card) as rig:
        rig.relay.end()
        rig.card.leave()
        rig.relay = Relay(verb="apdu")
        rig.relay.expect("no card in")
        rig.insert()
        rig.relay.expect("is there")
        rig.relay.process.stdin.write(b"> 00A4000000\n< 9000\n")
        rig.relay.process.stdin.flush()
        equal(rig.relay.ended()[0], 0)


main()
