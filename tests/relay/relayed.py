#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Stands in for vicc (VICC_DIRECT) in tests: the cards that `exec` is given go
into one world, and from there by relays into another one, of the same name,
which the command gets. Everything else is passed on."""

import os
import sys

vicc = os.environ["VICC_DIRECT"]
args = sys.argv[1:]
if args[:1] == ["exec"] and "--" in args:
    at = args.index("--")
    cards = sum(arg.split("=")[0] in ("-t", "-f", "--type", "--file", "--card")
                for arg in args[:at]) or 1
    relays = [word for i in range(cards)
              for word in ("-t", "relay", "--reader", str(i))]
    if "--name" in args[:at]:
        name = args.index("--name")
        relays += args[name:name + 2]
    args[at:at] = ["--", vicc, "exec", *relays]
os.execv(vicc, [vicc, *args])
