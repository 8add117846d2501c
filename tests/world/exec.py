#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""vicc exec as its users call it, with cards and with other people's
clients."""

import os
import re
import shutil
import signal
import subprocess
import sys

import side
from side import (LOOK, Skip, adopt, environment, equal, expect, finish, gone,
                  path, run, say, start, temporary, until)
from harness import main, test
import pcsc

VICC = os.environ["VICC"]
EXEC = (VICC, "exec")
CARD = "Virtual PCD 00 00: card\n"


def need(*programs):
    for program in programs:
        if shutil.which(program) is None:
            raise Skip(f"needs {program}")


def ok(out, *args, **options):
    return expect(0, out, *args, program=EXEC, **options)


def refused(text, *args):
    err = expect(125, "", *args, program=EXEC)
    assert text in err, f"no {text!r} in {err!r}"
    return err


# --- cards ---

@test
def without_a_card_it_is_iso7816():
    equal(ok(CARD, LOOK), "")


@test
def opensc_tool_finds_the_card():
    need("opensc-tool")
    out = run("-t", "iso7816", "--", "opensc-tool", "-a", program=EXEC)[1]
    assert re.fullmatch("3b(:[0-9a-f]{2})+\n", out), out


@test
def two_cards_of_different_types():
    need("opensc-tool")
    out = run("--card", "iso7816", "--card", "handler-test", "--",
              "opensc-tool", "-l", program=EXEC)[1]
    equal(re.findall(r"(Yes|No) +(Virtual.*)", out),
          [("Yes", "Virtual PCD 00 00"), ("Yes", "Virtual PCD 01 00")])


@test
def the_image_is_free_as_soon_as_the_world_has_ended():
    image = path("card")
    equal(run("new", image, program=(VICC,))[0], 0)
    for _ in range(3):
        ok(CARD, "-f", image, "--", LOOK)
        equal(run("apdu", "-f", image, program=(VICC,)), (0, "", ""))


@test
def opensc_explorer_works_on_files():
    need("opensc-explorer")
    for name, text in (("script", "cd 1000\ninfo 1001\nput 1002 new\n"
                        "get 1002 got\ncat 1001\n"), ("new", "new content")):
        with open(path(name), "w", encoding="ascii") as f:
            f.write(text)
    status, out, err = run("-t", "iso7816", "--", "opensc-explorer", "-c",
                           "default", "script", program=EXEC,
                           cwd=path(""))
    equal(status, 0, err)
    assert "Elementary File  ID 1001" in out, out
    assert "Hello, card worl" in out, out
    with open(path("got"), "rb") as f:
        assert f.read().startswith(b"new content")


@test
def as_many_cards_as_there_is_room():
    ok("".join(f"Virtual PCD {i:02X} 00: card\n" for i in range(16)),
       "--count", "16", LOOK)
    refused("17 readers are wanted", "--count", "17", LOOK)
    refused("no world has room for 257 cards", "--count", "257", LOOK)


@test
def a_name_for_the_reader():
    ok("Mine, all mine 00 00: card\n", "--name", "Mine, all mine", LOOK)
    refused("double quote", "--name", 'a"b', LOOK)


@test
def card_state_is_shown_on_standard_error_only():
    need("opensc-tool")
    status, out, err = run("-v", "--", "opensc-tool", "-c", "default", "-s",
                           "00A4040000", program=EXEC)
    equal(status, 0)
    assert "SELECT" in err and "SELECT" not in out, (out, err)


# --- slots ---

@test
def a_slot_for_another_card():
    """vicc run is that other card, started by the command."""
    where = path("slot")
    ok("Theirs 00 00: card\n", "--name", "Theirs", "--slot",
       f"unix-listen:{where}", "--", "sh", "-c",
       f'"{VICC}" run --connect "$VICC_SLOT_0" 2>&- & "{LOOK}" -p')


@test
def slots_after_cards():
    out = run("-t", "iso7816", "--slot", "tcp-listen:any:4321", "--slot",
              "localhost:4000", "--", "sh", "-c",
              f"{LOOK}; env | grep ^VICC_SLOT | sort", program=EXEC)[1]
    lines = out.splitlines()
    equal(lines[:3], ["Virtual PCD 00 00: card", "Virtual PCD 01 00: empty",
                      "Virtual PCD 02 00: empty"])
    assert re.match(r"VICC_SLOT_0=unix:.*/slot0$", lines[3]), lines
    equal(lines[4:], ["VICC_SLOT_1=tcp:127.0.0.1:4321",
                      "VICC_SLOT_2=tcp-listen:localhost:4000"])


@test
def a_slot_address_that_is_relative():
    """pcscd runs elsewhere."""
    where = path("here")
    os.mkdir(where)
    ok("there\n", "--slot", "unix-listen:./card", "--", "sh", "-c",
       "test -S card && echo there", cwd=where)


@test
def a_slot_address_for_several():
    where = path("many")
    ok("Virtual PCD 00 00: empty\nVirtual PCD 01 00: empty\n"
       f"unix:{where}.1\n", "--slot", f"unix-listen:{where}:slots=2", "--",
       "sh", "-c", f'{LOOK}; echo "$VICC_SLOT_1"')


@test
def slot_addresses_that_cannot_be():
    refused("is not an address", "--slot", "somewhere", "--", "true")
    refused("inherit", "--slot", "fd:5", "--", "true")
    refused("the path", "--slot", "unix-listen:" + "x" * 120, "--", "true")


# --- the contract ---

@test
def statuses():
    for status in (0, 7, 125, 255):
        equal(run("sh", "-c", f"exit {status}", program=EXEC)[0], status)
    equal(run("sh", "-c", "kill -9 $$", program=EXEC)[0], 137)
    equal(run("/etc/passwd", program=EXEC)[0], 126)
    status, _, err = run("no-such-command", program=EXEC,
                         env=environment(PATH="/usr/bin:/bin"))
    equal(status, 127)
    equal(err, "vicc exec: no-such-command: No such file or directory\n")


@test
def arguments_that_cannot_be():
    refused("COMMAND")
    refused("no-such-type", "-t", "no-such-type", "--", "true")
    refused("--no-such-option", "--no-such-option", "--", "true")
    refused("standard output", "--trace", "-", "--", "true")


@test
def options_of_the_command_are_its_own():
    ok("-v --help\n", "echo", "-v", "--help")


@test
def no_pcscd():
    """Only its place is not in PATH: it is found where daemons are."""
    ok(CARD, LOOK, env=environment(PATH="/usr/bin:/bin"))


@test
def a_trace_of_each_card():
    trace = path("trace")
    ok(CARD, "--trace", trace, LOOK)
    assert os.path.getsize(trace) > 0


@test
def standard_input_and_signals():
    process = start("--", "sh", "-c", 'trap "echo got; exit 3" TERM; '
                    "echo ready; while :; do sleep 99 & wait; done",
                    program=EXEC)
    say(process, "ready")
    process.send_signal(signal.SIGTERM)
    say(process, "got")
    equal(finish(process)[0], 3)


@test
def descriptors_are_the_callers():
    """Those of the cards and their threads stay with them."""
    command = ["sh", "-c", "ls /proc/$$/fd"]
    alone = subprocess.run(command, capture_output=True, text=True, check=True)
    ok(alone.stdout, "--count", "3", "--trace", path("trace"), "--", *command)


@test(deadline=60)
def twenty_at_once():
    processes = [start("--name", f"World {i}", "--count", "2", "--", LOOK,
                       program=EXEC) for i in range(20)]
    for i, process in enumerate(processes):
        equal(finish(process), (0, f"World {i} 00 00: card\n"
                                   f"World {i} 01 00: card\n", ""))
    gone()


@test
def sigkill():
    adopt()
    process = start("--count", "2", "--", "sh", "-c",
                    "setsid sh -c 'echo ready; exec sleep 1000' & "
                    "exec sleep 1000",
                    program=EXEC)
    say(process, "ready")
    process.kill()
    finish(process)
    gone()


@test
def a_signal_when_the_command_has_ended_and_a_card_is_at_work():
    """The first ones may still be the command's; nobody waits for the card."""
    adopt()
    busy = path("busy")
    os.mkfifo(busy)
    ask = ("import pcsc; pcsc.Context().connect('Virtual PCD 00 00')"
           ".transmit(bytes(4))")
    process = start(
        "--mitm", f"read x; echo busy > {busy}; exec cat > /dev/null",
        "--mitm-timeout", "1000", "--", "sh", "-c",
        f'{sys.executable} -c "{ask}" & read x < {busy}; kill -9 $!; echo ends',
        program=EXEC, env=environment(PYTHONPATH=os.path.dirname(pcsc.__file__)))
    say(process, "ends")

    def ended():
        process.send_signal(signal.SIGTERM)
        return process.poll() is not None
    until(ended, "the end by SIGTERM")
    finish(process)
    gone()


# --- places ---

def build_tree(where):
    """What of a build `vicc` looks for around itself."""
    tree = path(where)
    for folder, file in (("tools", VICC),
                         ("src/ifd", os.environ["VICC_DRIVER"]),
                         ("src/world", os.environ["VICC_WORLD_SHIM"])):
        os.makedirs(os.path.join(tree, folder))
        shutil.copy(file, os.path.join(tree, folder))
    return os.path.join(tree, "tools", os.path.basename(VICC))


@test
def a_checkout_anywhere():
    for name in ("with spaces", "b" * 200):
        vicc = build_tree(name)
        for way in (None, "shim"):
            expect(0, CARD, LOOK, program=(vicc, "exec"),
                   env=environment(VICC_WORLD_WAY=way, VICC_DRIVER=None,
                                   VICC_WORLD_SHIM=None))


@test
def strangers_files_are_not_loaded():
    """A driver beside the program that belongs to another user."""
    side.need_root()
    vicc = build_tree("tree")
    os.chown(os.path.join(path("tree"), "src/ifd/libifdvpcd.so"),
             side.NOBODY, side.NOBODY)
    err = run(LOOK, program=(vicc, "exec"),
              env=environment(VICC_DRIVER=None))[2]
    # What is installed may serve instead, or nothing.
    assert path("tree") not in err, err
    equal(os.listdir(temporary()), [])


if __name__ == "__main__":
    main()
