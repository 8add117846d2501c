#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""vicc apdu: scripts that pass, fail, and cannot be used; vicc types; the
help of every verb."""

import os
import pathlib
import pty
import re
import select
import subprocess

from tap import VICC, equal, has, main, new_image, test

CARD = ("-t", "handler-test")


def apdu(place, script, *args):
    return place.run("apdu", *CARD, *args, place.file("script", script))


@test
def a_script_that_passes_is_quiet(place):
    status, out, said = apdu(place, """# any
! power on
! atr 3BD6...309E
> 80300000   # case 1
< 9000
> 80340005 05
< xx01...9000

! reset
! power off
> 80 34 00 01 01
< 00 9000
""")
    equal((status, out), (0, ""), said)
    has(said, "as expected (commands: 3, checked: 4)")


@test
def unchecked_answers_are_printed(place):
    status, out, said = apdu(place, "> 80300000\n> 80340002 02\n"
                             "> 80FF0000\n< 6D00\n> 00A40000\n")
    equal((status, said.count("\n")), (0, 1), said)
    equal(out, "> 80300000\n< 9000\n> 8034000202\n< 00019000\n"
               "> 00A40000\n< " + out.splitlines()[-1][2:] + "\n")


@test
def the_first_mismatch_ends_it_with_1(place):
    status, out, said = apdu(place, "> 80300000\n< 9000\n\n> 80340002 02\n"
                             "< 0002 9000\n> 80300000\n< 6700\n")
    equal((status, out), (1, ""))
    has(said, "script:5: the card answers something else",
        "command   8034000202  CASE 2", "expected  00029000",
        "got       00019000")
    assert "script:7" not in said
    status, _, said = apdu(place, "! atr 3B00\n")
    equal(status, 1)
    has(said, "script:1: the card has another ATR", "expected  3B00",
        "got       3BD6180080B1806D1F038051006110309E")


@test
def nothing_of_an_unusable_script_is_run(place):
    for text, where, why in (
            ("> 80300000\n> 803\n", "script:2:5", "half a byte"),
            ("> 80300000\n\nfoo\n", "script:3:1", "begins with"),
            ("> 80300000\n! reset\n< 9000\n", "script:3:1", "without a comm"),
            ("> 80300000\n> 0020****\n", "script:2:", "--secrets"),
            ("> 80300000\n> xx\n", "script:2:3", "spelled out")):
        status, out, said = apdu(place, text, "-v")
        equal((status, out), (2, ""), said)
        has(said, where, why)
        assert "80300000" not in said, "it was run"


@test
def a_script_that_is_not_there_ends_with_5(place):
    status, _, said = place.run("apdu", place.path / "none")
    equal(status, 5)
    has(said, "none: No such file")
    status, _, said = place.run("apdu", place.path)
    equal(status, 5, said)


@test
def only_one_card_runs_a_script(place):
    equal(place.run("apdu", "--count", 2, text="")[0], 2)
    equal(place.run("apdu", "-P", 1, text="")[0], 2)


@test
def pins_are_masked_in_what_is_printed(place):
    script = place.file("script", "> 0020000104 39383736\n"
                        "> 0020000104 39383736\n< 9000\n")
    status, out, said = place.run("apdu", script)
    equal((status, out), (1, "> 0020000104********\n"
                             "< 63C2  # wrong, 2 tries left\n"))
    has(said, "command   0020000104********  VERIFY", "got       63C1")
    assert "39383736" not in out + said
    has(place.run("apdu", "--secrets", script)[2], "002000010439383736")


@test
def crlf_and_binary_rubbish(place):
    status, _, said = apdu(place, "> 80300000\r\n< 9000\r\n")
    equal(status, 0, said)
    path = place.path / "rubbish"
    for seed in range(50):
        path.write_bytes(bytes((seed * 31 + i * i * 7) % 256
                               for i in range(500)))
        equal(place.run("apdu", path)[0], 2)


@test
def a_conversation_through_a_pipe(place):
    """Each answer comes before the next command is written."""
    program = subprocess.Popen([VICC, "apdu", *CARD], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True, bufsize=1,
                               stderr=subprocess.DEVNULL)
    for command, answer in (("80300000", "9000"), ("8034000101", "009000")):
        program.stdin.write(f"> {command}\n")
        equal(program.stdout.readline(), f"> {command}\n")
        equal(program.stdout.readline(), f"< {answer}\n")
    program.stdin.write("! reset\n")
    equal(program.stdout.readline(), "! reset\n")
    has(program.stdout.readline(), "! atr 3BD6")
    program.stdin.write("> 80300000\n< 6D00\n")
    program.stdin.close()
    equal(program.stdout.read(), "> 80300000\n< 9000\n")
    equal(program.wait(20), 1)
    program.stdout.close()


@test
def what_a_pipe_prints_is_a_script(place):
    text = "> 80300000\n! power off\n> 8034000202\n> 00A40000\n"
    status, out, _ = place.run("apdu", *CARD, text=text)
    equal(status, 0)
    status, again, said = apdu(place, out)
    equal((status, again), (0, ""), said)


@test
def a_terminal_is_forgiven(place):
    """A prompt, commands without a mark, and mistakes that end nothing."""
    ours, its = pty.openpty()
    program = subprocess.Popen([VICC, "apdu", *CARD], stdin=its,
                               stdout=its, stderr=its)
    os.close(its)
    seen = b""

    def expect(text):
        nonlocal seen
        while text not in seen:
            assert select.select([ours], [], [], 20)[0], seen
            seen += os.read(ours, 4096)
        seen = seen[seen.index(text) + len(text):]

    expect(b"> ")
    os.write(ours, b"80300000\n")
    expect(b"< 9000")
    os.write(ours, b"> 80340001 01\n")
    expect(b"< 009000")
    os.write(ours, b"nonsense\n")
    expect(b"3:1: a line begins with")
    os.write(ours, b"! reset\n")
    expect(b"! atr 3BD6")
    os.write(ours, b"\x04")
    equal(program.wait(20), 0)
    os.close(ours)


@test
def a_trace_of_a_script_is_that_script_again(place):
    script = "> 80300000\n> 8034000A00\n! reset\n> 8012018000000141\n"
    trace = place.path / "trace"
    equal(apdu(place, script, "--trace", trace)[0], 0)
    status, out, said = place.run("apdu", *CARD, trace)
    equal((status, out), (0, ""), said)
    has(said, "commands: 3, checked: 5")


@test
def a_trace_does_not_overwrite_its_script(place):
    script = place.file("script", "> 80300000\n")
    status, _, said = place.run("apdu", *CARD, "--trace", script, script)
    equal(status, 2)
    has(said, "would overwrite")
    equal(open(script).read(), "> 80300000\n")


@test
def verbose_shows_a_run_in_process(place):
    _, _, said = apdu(place, "> 80300000\n< 9000\n", "-v")
    has(said, "> CASE 1 80300000", "< 9000")


@test
def types_are_listed(place):
    status, out, _ = place.run("types")
    equal(status, 0)
    has(out, "iso7816 ", "handler-test ")
    status, out, _ = place.run("types", "iso7816")
    equal(status, 0)
    has(out, "protocol=both|t0|t1", "1-15; default 3")
    status, _, said = place.run("types", "nothing")
    equal(status, 2)
    has(said, "nothing", "vicc types")


@test
def output_that_cannot_be_written(place):
    image = new_image(place)
    equal(place.run("snapshot", image, "first")[0], 0)
    script = place.file("script", "> 00A4000C023F00\n")
    facts = pathlib.Path(__file__).parent / "doctor"
    for expected, *args in (
            (5, "types"), (5, "types", "piv"), (5, "--version"),
            (5, "new", "--help"), (5, "snapshots", image), (5, "show", image),
            (5, "show", "--check", image), (5, "show", script),
            (5, "apdu", script), (5, "completion", "bash"),
            (5, "doctor", "--from", facts / "healthy.facts"),
            (14, "doctor", "--json", "--from", facts / "mute.facts")):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([VICC, *map(str, args)], stdout=full,
                                  stderr=subprocess.PIPE, text=True,
                                  stdin=subprocess.DEVNULL, timeout=20,
                                  check=False)
        equal(done.returncode, expected, f"{args} {done.stderr}")
        equal(done.stderr.count("\n"), 1, done.stderr)
        has(done.stderr, "vicc: ", "could be written" if "apdu" in args
            else "No space left on device")


@test
def help_of_every_verb(place):
    status, whole, _ = place.run("--help")
    equal(status, 0)
    verbs = re.findall(r"^  (\w+) .*", whole[whole.index("VERBS"):],
                       re.MULTILINE)
    assert {"run", "exec", "apdu", "types"} <= set(verbs), verbs
    for verb in verbs:
        status, out, said = place.run(verb, "--help")
        equal((status, said), (0, ""))
        has(out, f"Usage: vicc {verb} ", "--help")
        assert max(map(len, out.splitlines())) < 80, "lines too long"
    has(place.run("-t", "iso7816", "--help")[1], "iso7816: ", "pin=")


@test
def version_is_said(place):
    for args in (["--version"], ["apdu", "-V"]):
        status, out, _ = place.run(*args)
        equal(status, 0)
        assert re.fullmatch(r"vicc \d+\.\d+\.\d+\n", out), out


main()
