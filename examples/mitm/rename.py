#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""A middleman in Python: it turns one status word into another, lets a
program believe that GET CHALLENGE is not there, and a command with CLA E0
disappear.

    vicc -t iso7816 --mitm 'python3 rename.py 6A82 6A88'

Each line on standard input is a command, "> BYTES", or a response,
"< BYTES". For each there is one line of output, and it must leave at once:
"> BYTES" for the card, "< BYTES" for the reader, or "! drop"."""

import sys

old, new = sys.argv[1:]

for line in sys.stdin:
    mark, apdu = line.split()
    if mark == "<" and apdu.endswith(old):
        line = f"< {apdu[:-4]}{new}"
    elif mark == ">" and apdu.startswith("0084"):
        line = "< 6D00"
    elif mark == ">" and apdu.startswith("E0"):
        line = "! drop"
    print(line.rstrip(), flush=True)
