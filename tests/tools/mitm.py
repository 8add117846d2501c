#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Middlemen: the examples, and those that crash, fall silent, or say what
nobody understands."""

import os
import pathlib
import select
import shlex
import socket
import subprocess
import sys

from reader import GET_ATR, ON, Reader, Slot, connect
from tap import equal, has, main, test

TOP = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = TOP / "examples/mitm"
RENAME = f"{sys.executable} {shlex.quote(str(EXAMPLES / 'rename.py'))}"
LOST = "commands are answered 6F00 from now on"

SELECT = "> 00A40000021234\n"


def build(place, name, source=None):
    """A middleman in C; the text of its source, or an example."""
    if source is None:
        source = (EXAMPLES / name).read_text()
    code, made = place.file("source.c", source), place.path / f"{name}.so"
    subprocess.run(["cc", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC",
                    f"-I{TOP / 'include'}", "-o", made, code], check=True)
    return str(made)


def answers(place, middleman, script, *args):
    """What is answered to each command, and what else was said."""
    status, out, said = place.run("apdu", "-t", "iso7816", "-o", "pin=123456",
                                  "--mitm", middleman, *args, text=script)
    equal(status, 0, said)
    return [line.split("#")[0].strip("< ") for line in out.splitlines()
            if line.startswith("<")], said


@test
def the_example_in_c_guards_a_pin(place):
    middleman = build(place, "pin-guard.c")
    wrong, right = "> 0020000106313233343539\n", "> 0020000106313233343536\n"
    got, said = answers(place, middleman, "> 00200001\n" + 2 * wrong + right
                        + "> 00200001\n")
    equal(got, ["63C3", "63C2", "63C1", "6985", "63C1"], said)
    equal(said, "")
    equal(answers(place, middleman, wrong + right)[0], ["63C2", "9000"])


@test
def the_example_in_python_changes_answers_and_drops(place):
    got, said = answers(place, f"{RENAME} 6A82 6A88", SELECT
                        + "> 0084000008\n> E084000008\n> 00A4000C\n")
    equal(got, ["6A88", "6D00", "", "9000"], said)
    equal(said, "")


@test
def by_hand(place):
    middleman = build(place, "pin-guard.c")
    got = place.run("mitm", middleman, text="> 00200001\n< 63C1\n>0020000101\n")
    equal(got, (0, "> 00200001\n< 63C1\n< 6985\n", ""))
    for line in "x\n", "> 0\n", ">\n", "\n", "> 00" + "00" * 65535 + "\n":
        status, out, said = place.run("mitm", middleman, text=line)
        equal((status, out), (2, ""))
        has(said, "neither")


@test
def changed_commands_reach_the_card(place):
    """And the reader sees the response to what the card was sent."""
    middleman = "sed -u 's/^> 00A40000021234/> 00A40000023F0000/; s/6F..82/AAAA/'"
    got, said = answers(place, middleman, SELECT)
    equal(got[0][:4], "AAAA", said)


@test
def long_apdus_pass(place):
    command = "> 00D60000 00FFF6" + "5A" * 0xFFF6 + "\n"
    got, said = answers(place, "cat", command + SELECT)
    equal(got[1], "6A82", said)


@test
def a_dropped_command_is_not_answered(place):
    slot = place.own(Slot(place.path / "s"))
    place.program("--connect", f"unix:{place.path}/s", "-t", "iso7816",
                  "--mitm", f"{RENAME} 0 0")
    reader = place.own(slot.card())
    reader.write(ON)
    reader.write(bytes.fromhex("E084000008"))
    reader.write(GET_ATR)  # the next answer is to this
    equal(reader.read().hex()[:2], "3b")
    equal(reader.apdu("0084000008"), "6D00")
    equal(select.select([reader.sock], [], [], 0)[0], [])


@test
def its_end_stops_no_card_when_nobody_reads_what_is_said(place):
    vicc = place.program("run", "--listen", f"unix-listen:{place.path}/s",
                         "--mitm", "read x; echo '< 9000'; read x")
    reader = place.own(connect(vicc.expect("waiting for a reader")))
    equal(reader.apdu("00A4000C023F00"), "9000")
    vicc.expect("in the reader")
    pipe = os.open(f"/proc/{vicc.process.pid}/fd/2", os.O_WRONLY | os.O_NONBLOCK)
    for size in 4096, 1:
        try:
            while True:
                os.write(pipe, size * b"x")
        except BlockingIOError:
            pass
    os.close(pipe)
    for _ in range(2):
        equal(reader.apdu("00A4000C023F00"), "6F00")
    equal(vicc.end(), 0)


@test
def it_has_no_other_descriptors(place):
    """Nothing that vicc was given, such as the wire: its end is vicc's."""
    ours, theirs = socket.socketpair()
    vicc = place.program("run", "--connect", f"fd:{theirs.fileno()}", "--mitm",
                         "ls -v /proc/self/fd >&2; exec cat",
                         pass_fds=[theirs.fileno()])
    theirs.close()
    reader = place.own(Reader(ours))
    equal(reader.apdu("00A4000C023F00"), "9000")
    vicc.process.kill()
    assert reader.ended()
    equal([line for line in vicc.rest().splitlines() if line.isdigit()],
          ["0", "1", "2", "3"])  # 3 is the directory that ls reads


CRASH = """#include <vicc/mitm.h>
enum vicc_mitm vicc_mitm_command(struct buf *apdu)
{ %s return apdu->n == 0 ? VICC_MITM_DROP : VICC_MITM_PASS; }
enum vicc_mitm vicc_mitm_response(struct buf *apdu)
{ (void)apdu; %s return VICC_MITM_PASS; }
"""


@test
def a_shared_object_that_crashes(place):
    for where in ("__builtin_trap();", ""), ("", "__builtin_trap();"):
        middleman = build(place, "crash", CRASH % where)
        got, said = answers(place, middleman, SELECT * 3)
        equal(got, ["6F00"] * 3)
        has(said, f"the middleman '{middleman}' was killed by signal", LOST)
        equal(said.count(LOST), 1, "told once")


@test
def a_shared_object_that_never_returns(place):
    for where in ("for (;;) ;", ""), ("", "for (;;) ;"):
        middleman = build(place, "loop", CRASH % where)
        got, said = answers(place, middleman, SELECT * 2, "--mitm-timeout", 1)
        equal(got, ["6F00"] * 2)
        has(said, "has not answered within 1 s", LOST)
        left = subprocess.run(["pgrep", "-f", middleman], check=False,
                              capture_output=True, text=True)
        equal(left.stdout, "", "processes left")


@test
def a_shared_object_that_writes_too_much(place):
    middleman = build(place, "much", CRASH % (
        "while (!apdu->overrun) buf_put_u8(apdu, 0);", ""))
    got, said = answers(place, middleman, SELECT * 2)
    equal(got[1], "6F00")
    has(said, "more than 65535 bytes", "has ended with status 2", LOST)


@test
def shared_objects_that_are_none(place):
    status, _, said = place.run("apdu", "--mitm", f"{place.path}/none.so")
    equal(status, 5, said)
    has(said, "none.so: No such file")
    for text in "", "int vicc_mitm_command;":
        middleman = build(place, "none", f"{text}\nint another;\n")
        got, said = answers(place, middleman, SELECT)
        equal(got, ["6F00"])
        has(said, "it has no function vicc_mitm_", "has ended with status 5")


@test
def commands_that_fail(place):
    for command, why in (
            ("exit 3", "has ended with status 3"),
            ("kill -SEGV $$", "was killed by signal 11"),
            ("/nowhere/at-all", "has ended with status 127"),
            ("head -n 1; exit 4", "has ended with status 4"),
            ("read line; printf '> 00A4\\n\\n'; cat", "ore than one line"),
            ("read line; echo hello; cat", "neither '> BYTES' nor"),
            ("read line; echo '< 90'; cat", "neither '> BYTES' nor"),
            ("read line; echo '< 9000 0'; cat", "neither '> BYTES' nor"),
            ("sed -u 's/^</>/'", "not in its place"),
            ("read line; yes 0 | tr -d '\\n'", "line that is too long"),
            ("exec <&- >&- ; sleep 60", "has closed its standard output"),
            ("sleep 60", "has not answered within 1 s"),
            ("read line; printf '>'; sleep 60", "has not answered within 1")):
        got, said = answers(place, command, SELECT * 3, "--mitm-timeout", 1)
        equal(got[1:], ["6F00"] * 2, command)
        has(said, why, LOST)
        equal(said.count(LOST), 1, "told once")


@test
def what_nobody_asked_for_is_no_answer(place):
    """Else each answer from then on would be that to the command before."""
    told = place.path / "told"
    os.mkfifo(told)
    slot = place.own(Slot(place.path / "s"))
    program = place.program("--connect", f"unix:{place.path}/s", "-t",
                            "iso7816", "--mitm",
                            f"echo '< 9000'; echo > '{told}'; cat")
    reader = place.own(slot.card())
    told.read_text()
    equal(reader.apdu("00A40000021234"), "6F00")
    has(program.expect(LOST), "a line that nobody has asked for")


@test
def it_ends_with_its_card(place):
    program = place.program("--connect", f"unix:{place.path}/s", "--mitm",
                            f"trap '' TERM; cat; touch {place.path}/end")
    program.expect("waiting")
    equal(program.end(), 0)
    assert (place.path / "end").exists(), "it was told by the end of its input"


@test
def wrong_options(place):
    for args, words in ((("--mitm", ""), "needs a shared object"),
                        (("--mitm", "a", "--mitm", "b"), "two middlemen"),
                        (("--mitm", "a", "-t", "iso7816"), "behind the card"),
                        (("--mitm-timeout", "0"), "give seconds")):
        status, _, said = place.run("run", *args)
        equal(status, 2, said)
        has(said, words)


main()
