#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Runs the card of the vsmartcard project as Debian 12 has it
(vsmartcard-vpicc): its modules are in a folder where Python does not look,
and want the name Crypto of a package that is called Cryptodome there.

    vpicc.py ARGUMENT...    as its own program takes them

Since that version's CREATE FILE fails, VPICC_FILE=SIZE puts a transparent
file 0001 of so many bytes into its ISO 7816 card."""

import os
import runpy
import sys

import Cryptodome

sys.modules["Crypto"] = Cryptodome
sys.path.insert(0, "/usr/lib/python3/site-packages/virtualsmartcard")
if "VPICC_FILE" in os.environ:
    from virtualsmartcard import CardGenerator as generator

    class WithFile(generator.MF):
        def __init__(self, *arguments, **words):
            super().__init__(*arguments, **words)
            self.append(generator.TransparentStructureEF(
                parent=self, fid=1, filedescriptor=1,
                data=bytes(int(os.environ["VPICC_FILE"]))))

    generator.MF = WithFile
runpy.run_path("/usr/bin/vicc", run_name="__main__")
