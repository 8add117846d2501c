#!/usr/bin/python3
# names.py - the functions and objects that the public headers declare, one a
# line. With --write, include/vicc/names.h gives each its exported name.
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
import glob
import re
import sys

LIST = "include/vicc/names.h"
HEADERS = sorted(set(glob.glob("include/vicc/*.h") +
                     glob.glob("include/vicc/crypto/*.h") +
                     glob.glob("include/vicc.h")) -
                 {LIST, "include/vicc/mitm.h"})  # what others export


def declarations(text):
    """The text outside comments, directives and braces."""
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    text = re.sub(r"^#(?:.*\\\n)*.*$", " ", text, flags=re.M)
    depth, out = 0, []
    for c in text:
        depth += (c == "{") - (c == "}")
        if depth == 0:
            out.append(c)
    return "".join(out).replace("VICC_DECLS_END", " ").replace("VICC_DECLS",
                                                               " ")


def names(path):
    with open(path) as header:
        text = declarations(header.read())
    for statement in re.split(r"[;}]", text):
        if re.search(r"\b(static|typedef)\b", statement):
            continue
        found = re.search(r"\b(\w+)\s*\(", statement) or (
            re.search(r"\bextern\b.*?(\w+)\s*(\[\s*\])?\s*$", statement, re.S))
        if found and found.group(1) != "__attribute__":
            yield found.group(1)


def main():
    found = sorted({name for path in HEADERS for name in names(path)})
    if "--write" in sys.argv[1:]:
        with open(LIST) as header:
            kept = [line for line in header
                    if not line.startswith("#pragma redefine_extname")]
        at = kept.index("/* clang-format off */\n") + 1
        kept[at:at] = [f"#pragma redefine_extname {name} vicc_{name}\n"
                       for name in found if not name.startswith("vicc_")]
        with open(LIST, "w") as header:
            header.writelines(kept)
    else:
        print("\n".join(found))


main()
