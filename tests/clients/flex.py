# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""A Cryptoflex card in an image, and OpenSC's programs around it, one private
world for each. OpenSC leaves the driver of these cards out unless it is told."""

import glob
import os
import re
import subprocess

from harness import has, path  # noqa: F401: for those who import this

SO = ("--so-pin", "12345678")
PIN, PUK = "1234", "567890"
INIT = ("pkcs15-init", "-T")  # the transport key that everybody knows
USAGE = ("-u", "sign,decrypt")
MODULE = next(iter(glob.glob("/usr/lib/*/opensc-pkcs11.so")), "not there")


def program(*run, stdin="", status=0, env=(), cwd=None):
    """What it prints; `status` None: whatever but 0."""
    done = subprocess.run(
        run, input=stdin, capture_output=True, text=True, timeout=60,
        check=False, cwd=cwd, env={**os.environ, "OPENSC_DRIVER": "flex", **dict(env)})
    text = done.stdout + done.stderr
    assert (done.returncode != 0 if status is None else
            done.returncode == status), \
        f"status {done.returncode} of {run}, which said:\n{text}"
    return text


class Card:
    """`trace` is a folder to which each world leaves a trace of its own."""

    def __init__(self, name="card", trace=None, options=()):
        self.image, self.trace, self.worlds = path(name), trace, 0
        program(os.environ["VICC"], "new", "-t", "cryptoflex",
                *(word for option in options for word in ("-o", option)),
                self.image)

    def run(self, *run, **more):
        self.worlds += 1
        trace = () if self.trace is None else (
            "--secrets", "--trace", f"{self.trace}/{self.worlds:03}")
        return program(os.environ["VICC"], "exec", "-f", self.image, *trace,
                       "--", *run, **more)

    def init(self, *args, **more):
        return self.run(*INIT, *args, **more)

    def tool(self, *args, **more):
        return self.run("pkcs15-tool", *args, **more)

    def explorer(self, *lines, **more):
        return self.run("opensc-explorer", stdin="\n".join(lines) + "\n",
                        **more)

    def dump(self):
        """Its PKCS#15 objects, as [kind, label, ID]."""
        found = []
        for line in self.tool("--dump").splitlines():
            if line.endswith("]") and "[" in line and line[0] not in "\t ":
                found.append(line.partition(" [")[::2])
            elif line.strip().startswith("ID ") and found:
                found[-1] = (*found[-1][:2], line.split(":")[1].strip())
        return {(kind, label.rstrip("]"), *rest)
                for kind, label, *rest in found if kind != "PKCS#15 Card"}


def pin(card, number="01", value=PIN, *more):
    return card.init("-P", "-a", number, "-l", f"user{number}", "--pin", value,
                     "--puk", PUK, *more)


def openssl(*args, **more):
    return program("openssl", *args, **more)


def make_files():
    """An RSA key as PEM; a key with its certificate and that of its CA."""
    openssl("genrsa", "-out", path("key.pem"), "1024")
    openssl("req", "-x509", "-newkey", "rsa:1024", "-nodes", "-days", "30",
            "-subj", "/CN=Test CA", "-keyout", path("ca.key"),
            "-out", path("ca.crt"))
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=Test user",
            "-keyout", path("user.key"), "-out", path("user.csr"))
    openssl("x509", "-req", "-days", "30", "-in", path("user.csr"), "-CA",
            path("ca.crt"), "-CAkey", path("ca.key"), "-set_serial", "2",
            "-out", path("user.crt"))
    openssl("pkcs12", "-export", "-passout", "pass:secret", "-inkey",
            path("user.key"), "-in", path("user.crt"), "-certfile",
            path("ca.crt"), "-out", path("user.p12"))


def listings(page):
    """A script of all commands of a page, which says at which line it is."""
    with open(f"{os.path.dirname(os.path.abspath(__file__))}/../../{page}",
              encoding="utf-8") as f:
        text = f.read()
    script = "set -eu\n"
    for block in re.finditer(r"^```sh\n(.*?)^```", text, re.M | re.S):
        line = text.count("\n", 0, block.start(1)) + 1
        script += f"echo '--- line {line}' >&2\n{block[1]}"
    return script
