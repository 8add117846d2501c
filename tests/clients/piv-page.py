#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""The commands of docs/piv.md, as they stand there, in one shell. Only the port
of its server is another, and the host `server` is an sshd of our own."""

import os
import re
import signal
import socket
import subprocess

import harness
import sshd
from harness import equal, main, path, test

HERE = os.path.dirname(os.path.abspath(__file__))


def listings():
    """A script of all of them, which says which line of the page it is at."""
    with open(f"{HERE}/../../docs/piv.md", encoding="utf-8") as f:
        page = f.read()
    script = "set -eu\n"
    for block in re.finditer(r"^```sh\n(.*?)^```", page, re.M | re.S):
        line = page.count("\n", 0, block.start(1)) + 1
        script += f"echo '--- line {line}' >&2\n{block[1]}"
    return script


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return str(listener.getsockname()[1])


def make_programs():
    """The vicc of this test, and an ssh that knows our server."""
    os.mkdir(path("bin"))
    os.symlink(os.environ["VICC"], path("bin/vicc"))
    with open(path("bin/ssh"), "w", encoding="utf-8") as f:
        f.write(f"#!/bin/sh\nexec /usr/bin/ssh -n -F {path('ssh_config')} "
                "\"$@\"\n")
    os.chmod(path("bin/ssh"), 0o700)


@test(deadline=200)
def all_commands_of_the_page():
    env = {**os.environ, **sshd.make(harness.directory),
           "HOME": harness.directory, "LC_ALL": "C.UTF-8",
           "PATH": path("bin") + os.pathsep + os.environ["PATH"],
           "GIT_CONFIG_NOSYSTEM": "1"}
    env.pop("SSH_AUTH_SOCK", None)
    make_programs()
    with open(path("script"), "w", encoding="utf-8") as f:
        f.write(listings().replace("8443", free_port()))
    with open(path("output"), "w+", encoding="utf-8",
              errors="replace") as output:
        # For those that ask for the PIN where there is no terminal.
        shell = subprocess.Popen(
            ["sh", "-c", "yes 123456 | sh script"], cwd=harness.directory,
            env=env, stdout=output, stderr=output, start_new_session=True)
        try:
            shell.wait(190)
        finally:
            os.killpg(shell.pid, signal.SIGKILL)  # its server among it
        output.seek(0)
        text = output.read()
    equal(shell.returncode, 0, f"the script, which said:\n{text[-4000:]}\n")
    for part in ("No errors", "Yes             Virtual PCD 01 00",
                 "Client certificate", "logged in", "Good \"git\" signature",
                 "Slot 9a:", "PIV version: 5.4.3", "Serial:",
                 "Microsoft Smartcard Login", "alice@EXAMPLE.ORG"):
        assert part in text, f"no {part!r} in:\n{text}"


main()
