#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""The card is pulled at each APDU of a session, again and again: no slot
stays stuck, and nothing grows. VICC_PULLS says how often."""

import os
import socket

from cards import Card
from harness import equal, main, test
from pcsc import NO_SMARTCARD, REMOVED_CARD
import pcsc
from rig import counts, relayed

PULLS = int(os.environ.get("VICC_PULLS", "100"))
SESSION = 10  # commands
WARM = 30     # pulls before anything is counted

OK = b"\x90\x00"


class Pulled(Card):
    """Leaves at a command of the session, before or after it was run."""
    at = None
    answers = False

    def answer(self, command):
        if command[3] != self.at:
            return bytes([command[3]]) + OK
        if self.answers:
            self.write(bytes([command[3]]) + OK)
        self.sock.shutdown(socket.SHUT_RDWR)
        return None


def session(rig):
    """How many commands were answered."""
    handle = rig.connect()
    done = 0
    try:
        for number in range(SESSION):
            code, answer = handle.transmit_code(bytes([0, 0xB0, 0, number]))
            if code != 0:
                assert code in (NO_SMARTCARD, REMOVED_CARD), f"{code:08X}"
                return done
            equal(answer, bytes([number]) + OK)
            done += 1
        return done
    finally:
        pcsc.call("SCardDisconnect", handle.handle, pcsc.LEAVE)


def processes(rig):
    return [counts(pid) for pid in (rig.relay.process.pid, rig.a.pid,
                                    rig.b.pid)]


@test(deadline=1200)
def pulled_at_each_command():
    with relayed(Pulled) as rig:
        before = None
        for pull in range(PULLS):
            if pull == WARM:
                before = processes(rig)
            at, answers = pull % SESSION, pull // SESSION % 2 == 1
            rig.card.at, rig.card.answers = at, answers
            # Who answers and leaves may be seen to be gone before that.
            assert session(rig) - at in (0, 1) if answers else \
                session(rig) == at
            rig.card.ejected()
            rig.watch.empty()
            rig.insert()
            equal(session(rig), SESSION, f"commands after pull {pull}")
        after = processes(rig)
        print("descriptors, threads, kilobytes:", before, after)
        for was, now in zip(before, after):
            equal(now[:2], was[:2], "descriptors and threads")
            if "VICC_PCSCD_PRELOAD" not in os.environ:  # a sanitizer
                assert now[2] <= was[2] + 512, \
                    f"{was[2]} kB became {now[2]}"


main()
