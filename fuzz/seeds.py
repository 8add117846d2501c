#!/usr/bin/env python3
"""Makes inputs of the target apdu from APDU scripts: seeds.py FOLDER SCRIPT...

The folder of a script is the card type, as in tests/scripts; the first bytes
of the inputs are those of the table in apdu.c. A trace with its secrets, of
`vicc exec --trace FILE --secrets`, is a script too.

SPDX-License-Identifier: LGPL-2.1-or-later
Copyright (C) 2026 the vicc authors
"""
import pathlib
import sys

KINDS = {
    ("iso7816", "both"): 0, ("iso7816", "t0"): 1, ("iso7816", "t1"): 2,
    ("handler-test", "tpdu"): 3, ("handler-test", "apdu"): 4,
    ("piv", "none"): 5, ("piv", "yes"): 6, ("cryptoflex", "16k"): 7,
    ("cryptoflex", "yes"): 8, ("cryptoflex", "6300"): 9, ("piv", "p256"): 10,
    ("iso7816", "3des"): 12,
}
DEFAULT = {"iso7816": "both", "handler-test": "tpdu", "piv": "none",
           "cryptoflex": "16k"}
# What proves the management key to a fresh PIV card of the fuzzer: its random
# bytes count up, those of the witness from 22.
PIV_ADMIN = bytes.fromhex("0087039B047C028000"), bytes.fromhex(
    "0087039B16" "7C14" "80082223242526272829" "81080000000000000000")
POWERS = {"power off": 0, "power on": 1, "reset": 2}


def kind(card_type, text):
    """The byte for the options that the script's first line asks for."""
    options = text.split("\n")[0]
    found = KINDS[card_type, DEFAULT[card_type]]
    for (name, value), byte in KINDS.items():
        if name == card_type and f"={value}" in options:
            found = byte
    return bytes([found])


def counted(command):
    """A command behind its length."""
    if len(command) < 0xFE:
        return bytes([len(command)]) + command
    return b"\xFF" + len(command).to_bytes(2, "big") + command


def steps(text):
    """The commands and changes of power, one by one."""
    for line in text.split("\n"):
        line = line.split("#")[0].strip()
        if line.startswith("!") and line[1:].strip() in POWERS:
            yield bytes([0xFE, POWERS[line[1:].strip()]])
        elif line.startswith(">"):
            yield counted(bytes.fromhex(line[1:]))


def main(folder, *scripts):
    for script in map(pathlib.Path, scripts):
        text = script.read_text()
        card_type = script.parent.name
        first, rest = kind(card_type, text), b"".join(steps(text))
        seed = pathlib.Path(folder, f"{card_type}-{script.stem}")
        seed.write_bytes(first + rest)
        if first[0] == KINDS["piv", "none"]:
            seed.with_name(seed.name + "-admin").write_bytes(
                first + b"".join(map(counted, PIV_ADMIN)) + rest)


if __name__ == "__main__":
    main(*sys.argv[1:])
