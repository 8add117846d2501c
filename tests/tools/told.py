#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Words for who has asked for something else than was meant, and for whom a
card is open to."""

import os
import pathlib
import re
import shutil
import socket
import subprocess

from reader import Reader
from tap import equal, has, main, new_image, test

SELECT_MF = "00A4000C023F00"
TOP = pathlib.Path(__file__).resolve().parents[2]


@test
def a_card_that_is_open_to_others_says_so(place):
    """Not the one address under which this machine reaches it."""
    for args in (("-R", "-H", "0.0.0.0", "-P", 0), ("--listen", "tcp:any:0"),
                 ("--listen", "tcp:[::]:0"), ("--listen", "tcp:[0::0]:0")):
        program = place.program(*args)
        line = program.expect("waiting for a reader to connect to ")
        port = re.search(r" to any address of this machine, port (\d+) \(see "
                         r"vpcd-config --vicc -P (\d+)\)$", line)
        assert port, line
        equal(port[1], port[2])
        host = "::1" if "::" in str(args) else "127.0.0.1"
        reader = Reader(socket.create_connection((host, int(port[1]))))
        equal(reader.apdu(SELECT_MF), "9000")
        reader.close()
        equal(program.end(), 0)


@test
def a_path_that_is_no_place_for_a_socket_is_told(place):
    file = place.file("file", "")
    for path, why in ((file, f"{file}: it is a file, and no socket"),
                      (place.path, "it is a directory, and no socket"),
                      (f"{place.path}/no/such/s",
                       f"there is no directory {place.path}/no/such")):
        status, _, said = place.run("--listen", path)
        equal(status, 4)
        has(said, why)


@test
def what_was_meant_is_told(place):
    """The verb behind an option, a file taken for a type, and no image."""
    new_image(place, name="m.card")
    for args, status, words in (
            (("-v", "exec", "--", "true"), 125,
             "the verb comes first: vicc exec [OPTION]..."),
            (("-t", "iso7816", "new", "--force", "x"), 2,
             "the verb comes first: vicc new [OPTION]..."),
            (("--card", "m.card"), 2,
             "no card type 'm.card' (for the file write ./m.card); there are"),
            (("-t", "m.card"), 2,
             "no card type 'm.card' (for the image write -f m.card); there"),
            (("-f", "nosuch.card"), 5,
             "nosuch.card: No such file or directory; vicc new makes one"),
            (("exec", "--slot", "tcp-listen:127.0.0.1:0:bogus=1", "--",
              "true"), 125, "no address has such an option"),
            (("-t", "piv", "-o", "valid=1"), 2,
             "takes a text such as 20200101-20491231, of so many characters: "
             "17\n"),
            (("-t", "piv", "-o", "chuid=00"), 2, "of so many bytes: 16\n")):
        got, out, said = place.run(*args, cwd=place.path)
        equal((got, out), (status, ""), said)
        has(said, words)
    out = place.run("types", "piv")[1]
    has(out, "(16 bytes)", "(17 characters;")


@test
def a_tree_of_somebody_else_without_a_build(place):
    """./run says why, with the status for a world that cannot be made."""
    tree = place.path / "tree"
    (tree / "tools").mkdir(parents=True)
    for file in ("run", "tools/deps.sh"):
        shutil.copy(TOP / file, tree / file)
    place.path.chmod(0o755)
    tree.chmod(0o555)
    nobody = {"user": 65534, "group": 65534} if os.getuid() == 0 else {}
    done = subprocess.run([tree / "run", "--", "true"], capture_output=True,
                          text=True, check=False, timeout=30, **nobody)
    tree.chmod(0o755)
    equal((done.returncode, done.stdout), (125, ""), done.stderr)
    has(done.stderr, "run: nothing is built there; let its owner")


main()
