#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""The end of a world, however it comes: nothing is left behind."""

import os
import random
import signal
import subprocess

from side import (INWORLD, LOOK, Nobody, adopt, clean, descendants,
                  environment, equal, find, find_pcscd, finish, gone,
                  guardian_of, kill, name_of, need_namespaces, path, pause,
                  runner_of, say, start, until)
from harness import main, test

# A command with a daemon of its own, which has left its group and session.
DAEMON = "setsid sh -c 'echo ready; exec sleep 1000' & "


def sh(script, *args):
    return ["-c", "1", *args, "--", "sh", "-c", script]


# --- the usual end ---

@test
def what_the_command_leaves_behind_is_ended():
    adopt()
    process = start(*sh(DAEMON + "read x; exit 4"), stdin=subprocess.PIPE)
    say(process, "ready")
    equal(finish(process)[0], 4)
    gone()


@test
def what_does_not_want_to_end_is_killed():
    adopt()
    script = ("setsid sh -c 'trap \"\" TERM HUP; echo ready; "
              "while :; do sleep 100; done' & read x; exit 4")
    process = start(*sh(script), stdin=subprocess.PIPE)
    say(process, "ready")
    equal(finish(process)[0], 4)
    gone()


def may_tidy_up(then):
    """The daemon, `$!`, does so when it gets SIGTERM; SIGKILL leaves no note."""
    adopt()
    note = path("note")
    script = (f"setsid sh -c 'trap \"echo tidy > {note}; exit\" TERM; "
              "echo ready; while :; do sleep 1000 & wait; done' & "
              f"read x; {then}exit 4")
    process = start(*sh(script), stdin=subprocess.PIPE)
    say(process, "ready")
    equal(finish(process)[0], 4)
    gone()
    with open(note, encoding="ascii") as f:
        equal(f.read(), "tidy\n")


@test
def what_is_left_behind_may_tidy_up():
    may_tidy_up("")


@test
def what_is_stopped_may_tidy_up():
    may_tidy_up("kill -STOP $!; until grep -q 'T (stopped)' /proc/$!/status; "
                "do :; done; ")


@test
def what_a_driver_has_started_is_ended():
    adopt()
    daemon = path("pcscd")
    with open(daemon, "w", encoding="ascii") as f:
        f.write('#!/bin/sh\n[ "$1" = -v ] || setsid sleep 1000 &\n'
                'exec /usr/sbin/pcscd "$@"\n')
    os.chmod(daemon, 0o755)
    equal(finish(start("-p", daemon, *sh("exit 4")))[0], 4)
    gone()


@test
def as_the_first_process_of_a_container():
    """Only signals that it wants reach it; /proc may be that of outside."""
    need_namespaces()
    for proc in ([], ["--mount-proc"]):
        process = start(*sh("trap 'exit 3' TERM; setsid sleep 1000 & "
                            "kill -TERM 1; wait"),
                        program=["unshare", "-Urpf", *proc, INWORLD])
        equal(finish(process)[0], 3, proc)
        clean()


# --- SIGKILL ---

@test
def sigkill_while_the_command_runs():
    adopt()
    process = start(*sh(DAEMON + "exec sleep 1000"))
    say(process, "ready")
    process.kill()
    equal(finish(process)[0], 128 + signal.SIGKILL)
    gone()


@test
def sigkill_to_the_whole_group():
    """timeout -s KILL, or a test runner at the end of its patience."""
    adopt()
    process = start(*sh(DAEMON + "exec sleep 1000"), start_new_session=True)
    say(process, "ready")
    os.killpg(process.pid, signal.SIGKILL)
    finish(process)
    gone()


def kill_at_random(way, times=25):
    """From before the fork of the guardian to the end of the command."""
    adopt()
    chance = random.Random(way)
    for _ in range(times):
        process = start(*sh("sleep .01 & setsid sleep 99 & exec sleep .01"),
                        env=environment(VICC_WORLD_WAY=way))
        pause(chance.uniform(0, 0.05))
        process.kill()
        finish(process)
        gone()


@test(deadline=120)
def sigkill_at_random_in_a_namespace():
    need_namespaces()
    kill_at_random("user")


@test(deadline=120)
def sigkill_at_random_with_the_shim():
    kill_at_random("shim")


@test(deadline=120)
def sigkill_of_twenty():
    adopt()
    processes = [start(*sh(DAEMON + "exec sleep 1000")) for _ in range(20)]
    for process in processes:
        say(process, "ready")
    for process in processes:
        process.kill()
    for process in processes:
        finish(process)
    gone(timeout=20)


# --- its helpers ---

@test
def its_helpers_go_into_no_core_file():
    """They have a copy of the caller's memory, with the cards in it. Whose
    files in /proc are root's can neither be dumped nor looked into."""
    def owner(pid):
        return os.stat(f"/proc/{pid}/mem").st_uid

    adopt()
    nobody = Nobody()
    process = start(program=nobody.command(*sh("echo ready; read x")),
                    env=nobody.env(), stdin=subprocess.PIPE)
    say(process, "ready")
    assert owner(process.pid) != 0, "cannot tell"
    for pid in guardian_of(process.pid), runner_of(process.pid):
        until(lambda pid=pid: owner(pid) == 0,
              "being root's")
    for pid in find_pcscd(process.pid), find(process.pid, "sh"):
        assert owner(pid) != 0, name_of(pid)
    finish(process)
    gone()



@test
def the_guardian_is_killed():
    """pcscd ends with it; the command goes on and is told by errors."""
    adopt()
    process = start(*sh("echo ready; read x; exit 4"), stdin=subprocess.PIPE)
    say(process, "ready")
    pcscd = find_pcscd(process.pid)
    kill(guardian_of(process.pid))
    until(lambda: pcscd not in descendants(os.getpid()) or not alive(pcscd),
          "end of pcscd")
    status, _, err = finish(process)
    equal(status, 4)
    assert "guardian" in err, err
    gone()


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as f:
            return f.read().split()[2] != "Z"
    except OSError:
        return False


@test
def the_guardian_is_killed_early():
    """Before anything serves: an error, not a hang."""
    adopt()
    process = start("-t", "60000", "-e", "1", "true")
    find_pcscd(process.pid)
    kill(guardian_of(process.pid))
    status, _, err = finish(process)
    equal(status, 125)
    assert "guardian" in err, err
    gone()


@test
def the_runner_is_killed():
    adopt()
    process = start(*sh("echo ready; exec sleep 1000"))
    say(process, "ready")
    kill(runner_of(process.pid))
    status, _, err = finish(process)
    equal(status, 125)
    assert "watches sh" in err, err
    gone()


# --- pcscd dies ---

@test
def pcscd_is_killed():
    """Clients that wait without end, and new ones, get errors."""
    process = start("-c", "1", "--", LOOK, "-w")
    say(process, "Virtual PCD 00 00: card")
    say(process, "waiting")
    kill(find_pcscd(process.pid))
    status, out, err = finish(process)
    equal(status, 1)
    lines = out.splitlines()
    assert lines[0].startswith("SCardGetStatusChange: "), out
    assert lines[1].startswith("SCardEstablishContext: "), out
    assert "pcscd was killed by signal 9" in err, err
    gone()


@test
def pcscd_is_killed_before_the_cards_are_there():
    adopt()
    process = start("-t", "60000", "-e", "1", "true")
    pcscd = find_pcscd(process.pid)
    pause(0.05)
    kill(pcscd)
    status, _, err = finish(process)
    equal(status, 125)
    assert "pcscd was killed by signal 9" in err, err
    gone()


if __name__ == "__main__":
    main()
