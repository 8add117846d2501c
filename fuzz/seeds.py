#!/usr/bin/env python3
"""Makes inputs of the target apdu from APDU scripts: seeds.py FOLDER SCRIPT...

The folder of a script is the card type, as in tests/scripts; the first bytes
of the inputs are those of the table in apdu.c.

SPDX-License-Identifier: LGPL-2.1-or-later
Copyright (C) 2026 the vicc authors
"""
import pathlib
import sys

KINDS = {
    ("iso7816", "both"): 0, ("iso7816", "t0"): 1, ("iso7816", "t1"): 2,
    ("handler-test", "tpdu"): 3, ("handler-test", "apdu"): 4,
}
POWERS = {"power off": 0, "power on": 1, "reset": 2}


def kind(card_type, text):
    """The byte for the options that the script's first line asks for."""
    options = text.split("\n")[0]
    for (name, value), byte in KINDS.items():
        if name == card_type and f"={value}" in options:
            return byte
    return KINDS[card_type, "both" if card_type == "iso7816" else "tpdu"]


def steps(text):
    """The commands and changes of power, one by one."""
    for line in text.split("\n"):
        line = line.split("#")[0].strip()
        if line.startswith("!") and line[1:].strip() in POWERS:
            yield bytes([0xFE, POWERS[line[1:].strip()]])
        elif line.startswith(">"):
            command = bytes.fromhex(line[1:])
            if len(command) < 0xFE:
                yield bytes([len(command)]) + command
            else:
                yield b"\xFF" + len(command).to_bytes(2, "big") + command


def main(folder, *scripts):
    for script in map(pathlib.Path, scripts):
        text = script.read_text()
        card_type = script.parent.name
        seed = bytes([kind(card_type, text)]) + b"".join(steps(text))
        pathlib.Path(folder, f"{card_type}-{script.stem}").write_bytes(seed)


if __name__ == "__main__":
    main(*sys.argv[1:])
