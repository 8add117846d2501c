#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Files made, written, read and deleted on the iso7816 card by other people's
programs, under each protocol of the card."""

import os

from harness import equal, has, main, path, test
from world import world

HERE = os.path.dirname(os.path.abspath(__file__))
PROTOCOLS = {"t0": ["T0"], "t1": ["T1"], "both": ["T0", "T1"]}


def use(protocol, run, stdin="", more=()):
    """Runs a command around a fresh card: what it prints."""
    return world("-t", "iso7816", "-o", f"protocol={protocol}", *more,
                 run=run, stdin=stdin)


def explorer(protocol, *lines, more=()):
    return use(protocol, ["opensc-explorer", "-c", "default"],
               "\n".join(lines) + "\n", more)


@test(deadline=60)
def pyscard_uses_files_and_records():
    for protocol, allowed in PROTOCOLS.items():
        for wanted in [allowed, allowed[:1]]:
            has(use(protocol, ["/usr/bin/python3",
                               f"{HERE}/pyscard-files.py", *wanted]),
                "all files done")


@test(deadline=60)
def explorer_makes_files():
    content = bytes(range(250)) * 3
    with open(path("new"), "wb") as f:
        f.write(content)
    for protocol in PROTOCOLS:
        text = explorer(
            protocol, "mkdir 4000 40", "cd 4000", f"create 4001 {len(content)}",
            f"put 4001 {path('new')}", f"get 4001 {path('back')}",
            "info 4001", "delete 4001", "cat 4001", "cd ..")
        with open(path("back"), "rb") as f:
            equal(f.read(), content, f"EF 4001 under {protocol}")
        has(text, "750 bytes written", "EF structure:            Transparent",
            "File size:               750 bytes", "File not found")


@test
def what_explorer_sends_to_make_a_file():
    """An FCI template, with the size in DO 81 and the data coding left out."""
    explorer("both", "cd 1000", "create 2001 20", "mkdir 3001 40",
             "delete 2001", more=("--trace", path("trace")))
    with open(path("trace"), encoding="ascii") as f:
        lines = f.read().split("\n")
    for command in ("00E000000D6F0B8102001482010183022001",
                    "00E000000D6F0B8102002882013883023001",
                    "00E40000022001"):
        equal(lines[lines.index("> " + command) + 1], "< 9000", command)


main()
