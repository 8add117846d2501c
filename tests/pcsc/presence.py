#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Cards come and go, and programs see each of it."""

from cards import (ATR, ATR_T1, Card, DiesAtCommand, GET_ATR, Hung, OFF, ON,
                   RESET, Sleepy, numbered_atr)
from harness import equal, main, path, raises, test, world
import pcsc

READER = "Test 00 00"


@test
def insertion_and_removal_are_seen():
    with world(f"unix-listen:{path('s')}") as w:
        watch = w.context.watch(READER)
        watch.empty()
        card = Card(path("s"))
        equal(watch.present(), ATR)
        card.leave()
        watch.empty()
        equal(watch.events, 2, "events")

main()
