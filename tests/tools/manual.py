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


def tables(source):
    """(widths, rows of cells) of each table, as plain text."""
    source = source.replace("\\\n", "")
    for widths, body in re.findall(r"^\.Bl -column (.*)\n((?:.*\n)*?)\.El$",
                                   source, re.MULTILINE):
        rows = re.findall(r"^\.It (.*)", body, re.MULTILINE)
        yield re.findall(r'"([^"]*)"', widths), [
            [re.sub(r" ([,;.])", r"\1",
                    re.sub(r"\b(Sy|Em|Cm|Ar|No|Ns|Fl) |\\&", "", cell))
             for cell in row.split(" Ta ")] for row in rows]


@test
def every_cell_of_a_table_fits_its_column(place):
    """Else the next cell stands right behind it; the last one is wrapped."""
    seen = 0
    for path in sorted((TOP / "man").glob("*.[1-8]")):
        for widths, rows in tables(path.read_text()):
            for row in rows:
                for width, cell in zip(widths, row[:-1]):
                    seen += 1
                    assert len(cell) <= len(width), f"{path.name}: {cell}"
    assert seen > 100, seen


@test
def the_script_in_the_manual_runs(place):
    """The example of vicc-script(5) is a script that passes."""
    source = (TOP / "man" / "vicc-script.5").read_text()
    example = re.search(r"\.Bd -literal -offset indent\n(# a PIN.*?)\.Ed",
                        source, re.DOTALL)[1].replace("\\&", "")
    status, out, said = place.run("apdu", place.file("script", example))
    equal((status, out), (0, ""), said)


main()
