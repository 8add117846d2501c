#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""The listings of the guides in docs/, each as its reader would use it, in
the order of its page and in one empty directory a page. A comment in front of
a listing says what it is:

    <!-- tree: PATH -->   lines of that file of the tree, as they stand there
    <!-- file: NAME -->   the reader writes it to that file
    <!-- run -->          the reader types it; it has to succeed
    <!-- prints -->       what the one before it printed contains these lines
    <!-- text -->         nothing to check
"""

import pathlib
import re
import subprocess

from installed import SOURCE, Installed
from tap import main, test

PAGES = ["creating.md"]
LISTING = re.compile(r"(?:<!-- (\w+)(?:: (\S+))? -->\n)?"
                     r"^```(\w*)\n(.*?)^```$", re.S | re.M)
installed = Installed()


def check_quote(path, text):
    assert text in (SOURCE / path).read_text(), f"not in {path}:\n{text}"


def check_prints(output, text):
    lines = output.splitlines()
    for line in text.splitlines():
        assert line in lines, f"not printed: {line}\n{output}"


def check(page, place):
    text = (SOURCE / "docs" / page).read_text()
    output, count = "", 0
    for found in LISTING.finditer(text):
        what, where, _, listing = found.groups()
        number = text.count("\n", 0, found.start()) + 1
        assert what, f"{page}:{number}: a listing that nobody checks"
        try:
            if what == "tree":
                check_quote(where, listing)
            elif what == "file":
                (place.path / where).write_text(listing)
            elif what == "run":
                done = installed.run(["sh", "-eu", "-c", listing],
                                     cwd=place.path)
                output = done[1] + done[2]
                assert done[0] == 0, f"ended with {done[0]}:\n{output}"
            elif what == "prints":
                check_prints(output, listing)
            else:
                assert what == "text", f"no such word: {what}"
        except (AssertionError, OSError, subprocess.TimeoutExpired) as error:
            raise AssertionError(f"{page}:{number}: {error}") from error
        count += 1
    assert count > 0, f"{page} has no listings"


def add(page):
    def listings(place):
        check(page, place)
    listings.__name__ = pathlib.Path(page).stem
    test(listings, deadline=240)


for name in PAGES:
    add(name)
try:
    main()
finally:
    installed.close()
