# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""A private world around one program."""

import os
import subprocess

from harness import equal


def world(*cards, run, stdin="", status=0):
    """Runs a command around these cards: what it prints."""
    done = subprocess.run(
        [os.environ["VICC"], "exec", *cards, "--", *run], input=stdin,
        capture_output=True, text=True, timeout=25, check=False)
    text = done.stdout + done.stderr
    equal(done.returncode, status, f"status of {run}, which said:\n{text}")
    return text
