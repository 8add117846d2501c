#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""static.py BUILD - what cppcheck and gcc's analyzer say of src/ and tools/,
apart from what static.allowed has looked at; TAP. A line that nothing says any
more is to go from that list."""

import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

BUILD = sys.argv[1]
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
os.chdir(BUILD)


def commands():
    """Of each of our source files, the command that compiles it."""
    with open("compile_commands.json") as file:
        for entry in json.load(file):
            name = os.path.relpath(entry["file"], ROOT)
            if name.startswith(("src/", "tools/")) and name.endswith(".c"):
                yield name, entry["command"]


def analyze(item):
    name, command = item
    words = [word for word in shlex.split(command)
             if word not in ("ccache", "-Werror")]
    words[words.index("-o") + 1] = "/dev/null"
    words = ["gcc", "-fanalyzer", "-O1", *words[1:]]
    if "-MF" in words:
        at = words.index("-MF")
        del words[at:at + 2]
    said = subprocess.run([word for word in words if word not in
                           ("-MD", "-MQ")], capture_output=True, text=True)
    return {(name, found) for found in
            re.findall(r"warning: .*\[-W(analyzer-[\w-]+)\]", said.stderr)}


def cppcheck():
    said = subprocess.run(
        ["cppcheck", "--quiet", "--std=c11",
         "--enable=warning,performance,portability",
         "--suppress=missingIncludeSystem", "--template={file}: {id}",
         "-Iinclude", "-Isrc", "-Itools", "src", "tools"],
        cwd=ROOT, capture_output=True, text=True)
    return set(re.findall(r"^((?:src|tools)/\S+): (\w+)$", said.stderr, re.M))


def allowed(tool):
    with open(ROOT / "tests/house/static.allowed") as file:
        for line in file:
            words = line.split()
            if words and words[0] == tool:
                yield words[1], words[2]


def tell(number, tool, found):
    known = set(allowed(tool))
    for name, what in sorted(found - known):
        print(f"# {name}: {what}")
    for name, what in sorted(known - found):
        print(f"# {name}: {what} is not said any more")
    print("not ok" if found != known else "ok", number, "-", tool)
    return found == known


def main():
    print("1..2", flush=True)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        checked = pool.submit(cppcheck)
        found = set().union(*pool.map(analyze, dict(commands()).items()))
        good = [tell(1, "cppcheck", checked.result()),
                tell(2, "gcc", found)]
    return 0 if all(good) else 1


sys.exit(main())
