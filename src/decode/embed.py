#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""embed.py PAGE.CSS PAGE.JS PAGE.H - both as C strings, and the hashes by
which a page's Content-Security-Policy knows them."""

import base64
import hashlib
import pathlib
import sys

css, js, header = map(pathlib.Path, sys.argv[1:])
out = ["/* Made by embed.py. */"]
for path in css, js:
    text = path.read_bytes()
    name = path.name.replace(".", "_")
    digest = base64.b64encode(hashlib.sha256(text).digest()).decode()
    out.append(f'#define {name.upper()}_HASH "sha256-{digest}"')
    out.append(f"static const char {name}[] =")
    for line in text.decode().splitlines():
        quoted = line.replace("\\", "\\\\").replace('"', '\\"')
        out.append(f'    "{quoted}\\n"')
    out.append("    ;")
header.write_text("\n".join(out) + "\n", encoding="utf-8")
