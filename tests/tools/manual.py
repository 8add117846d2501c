#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""The manual and --help say the same: each option with its words, each verb,
each card type; and the manual lists the exit codes that there are."""

import pathlib
import re
import subprocess

from tap import equal, main, test

VERBS = ("run", "exec", "apdu", "new", "show", "copy", "snapshot", "restore",
         "snapshots", "types", "doctor", "completion", "fault", "ctl",
         "mitm")
TOP = pathlib.Path(__file__).resolve().parents[2]


def words(text):
    return re.sub(r"\s+", " ", text)


def page(name):
    """A manual page as plain text, hyphens and quotes as people type them."""
    done = subprocess.run(["mandoc", "-T", "ascii", "-O", "width=1000",
                           TOP / "man" / name], capture_output=True,
                          check=True)
    return words(re.sub(r".\x08", "", done.stdout.decode()))


def options(text):
    """(left, words) of each option in a --help."""
    entries, left = [], None
    for line in text.splitlines():
        if re.match(r"  -|      --", line):
            left, _, right = line.strip().partition("  ")
            entries.append([left, right])
        elif line.startswith(" " * 26) and left:
            entries[-1][1] += " " + line
        else:
            left = None
    return [(left, words(right).strip()) for left, right in entries]


@test
def every_option_has_the_same_words(place):
    manual = page("vicc.1")
    for verb in VERBS:
        entries = options(place.run(verb, "--help")[1])
        assert len(entries) >= 2, entries
        for left, right in entries:
            assert right and right in manual, f"{verb}: {left}: {right}"
            for name in re.findall(r"--?[a-zA-Z]+", left):
                assert name in manual, f"{verb}: {name}"


@test
def every_verb_has_the_same_words(place):
    manual = page("vicc.1")
    for verb in VERBS:
        lines = place.run(verb, "--help")[1].splitlines()
        about = words(" ".join(lines[1:lines.index("")]))
        assert about in manual, about


@test
def every_card_type_is_listed(place):
    manual = page("vicc.1")
    for line in place.run("types")[1].splitlines():
        name, about = line.split(maxsplit=1)
        assert re.search(rf"\b{name} {re.escape(about)}", manual), line


@test
def every_exit_code_is_listed(place):
    manual = page("vicc.1")
    header = (TOP / "tools" / "status.h").read_text()
    codes = re.findall(r"STATUS_\w+ = (\d+)", header)
    assert len(codes) == 14
    section = manual[manual.index("EXIT STATUS"):manual.index("EXAMPLES")]
    for code in codes + ["125", "126", "127"]:
        assert re.search(rf"\b{code} ", section), code


@test
def the_script_in_the_manual_runs(place):
    """The example of vicc-script(5) is a script that passes."""
    source = (TOP / "man" / "vicc-script.5").read_text()
    example = re.search(r"\.Bd -literal -offset indent\n(# a PIN.*?)\.Ed",
                        source, re.DOTALL)[1].replace("\\&", "")
    status, out, said = place.run("apdu", place.file("script", example))
    equal((status, out), (0, ""), said)


main()
