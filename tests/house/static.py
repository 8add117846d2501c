#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""static.py BUILD - what cppcheck, gcc's analyzer and clang-tidy (.clang-tidy)
say of src/ and tools/, apart from what static.allowed has looked at; TAP. A
line that nothing says any more is to go from that list."""

import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import shutil
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


def cppcheck(root):
    said = subprocess.run(
        ["cppcheck", "--quiet", "--std=c11",
         "--enable=warning,performance,portability",
         "--suppress=missingIncludeSystem", "--template={file}: {id}",
         "-Iinclude", "-Isrc", "-Itools", "src", "tools"],
        cwd=root, capture_output=True, text=True)
    return set(re.findall(r"^((?:src|tools)/\S+): (\w+)$", said.stderr, re.M))


def tidy(name):
    said = subprocess.run(
        ["clang-tidy", "-p", ".", "--quiet", "--extra-arg=-Wno-error",
         ROOT / name], capture_output=True, text=True)
    found = re.findall(r"^(.+?):\d+:\d+: (?:warning|error): .*\[([\w.,-]+)\]$",
                       said.stdout, re.M)
    if said.returncode != 0 and not found:
        return {(name, "fails")}
    found = {(os.path.relpath(os.path.realpath(path), ROOT), check)
             for path, check in found}
    # What is told of the system's headers is no fault of ours.
    return {(path, check) for path, check in found if path[:2] != ".."}


def allowed(tool):
    with open(ROOT / "tests/house/static.allowed") as file:
        for line in file:
            words = line.split()
            if words and words[0] == tool:
                yield words[1], words[2]


def tell(number, tool, look):
    if shutil.which(tool) is None:
        print("ok", number, "-", tool, "# SKIP no", tool)
        return True
    found = look()
    known = set(allowed(tool))
    for name, what in sorted(found - known):
        print(f"# {name}: {what}")
    for name, what in sorted(known - found):
        print(f"# {name}: {what} is not said any more")
    print("not ok" if found != known else "ok", number, "-", tool)
    return found == known


def all_of(pool, look, items):
    """What `look` finds in each of them, once it is asked for."""
    parts = [pool.submit(look, item) for item in items]
    return lambda: set().union(*(part.result() for part in parts))


def main():
    print("1..3", flush=True)
    sources = dict(commands())
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        # The one that cannot be divided starts first.
        found = {"cppcheck": all_of(pool, cppcheck, [ROOT]),
                 "gcc": all_of(pool, analyze, sources.items()),
                 "clang-tidy": all_of(pool, tidy, sources)}
        good = [tell(number, tool, look)
                for number, (tool, look) in enumerate(found.items(), 1)]
    return 0 if all(good) else 1


sys.exit(main())
