#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Runs the card of the vsmartcard project as Debian 12 has it
(vsmartcard-vpicc): its modules are in a folder where Python does not look,
and want the name Crypto of a package that is called Cryptodome there.

    vpicc.py ARGUMENT...    as its own program takes them"""

import runpy
import sys

import Cryptodome

sys.modules["Crypto"] = Cryptodome
sys.path.insert(0, "/usr/lib/python3/site-packages/virtualsmartcard")
runpy.run_path("/usr/bin/vicc", run_name="__main__")
