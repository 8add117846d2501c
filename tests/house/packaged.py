#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""packaged.py BUILD - all that `meson install` installs is in a package, since
otherwise none is built; TAP."""

import fnmatch
import json
import pathlib
import subprocess
import sys

DEBIAN = pathlib.Path(__file__).resolve().parent.parent.parent / "debian"


def introspect(what):
    return json.loads(subprocess.run(
        ["meson", "introspect", sys.argv[1], what], check=True,
        capture_output=True, text=True).stdout)


def main():
    options = {option["name"]: option["value"]
               for option in introspect("--buildoptions")}
    prefix = options["prefix"]
    lines = [line for path in DEBIAN.glob("*.install")
             for line in path.read_text().split()]
    missing = []
    for path in introspect("--installed").values():
        if path.startswith(prefix + "/"):
            path = "/usr" + path[len(prefix):]
        # What debian/rules sets otherwise.
        path = path.replace("/usr/lib/systemd", "/lib/systemd").replace(
            "zsh/site-functions", "zsh/vendor-completions")[1:]
        if not any(fnmatch.fnmatch(path, line) or
                   fnmatch.fnmatch(path, line + "/*") or
                   line.startswith(path + "/") for line in lines):
            missing.append(path)
    print("1..1")
    for path in missing:
        print("# in no debian/*.install:", path)
    print("not ok" if missing else "ok", "1 - all that is installed is packaged")
    return 1 if missing else 0


sys.exit(main())
