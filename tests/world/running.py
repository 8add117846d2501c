#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""What a command in a world gets, and what its caller gets of it: streams,
descriptors, environment, statuses, signals, the terminal."""

import os
import pty
import select
import signal
import subprocess

from side import (INWORLD, LOOK, adopt, descendants, environment, equal,
                  expect, find, find_pcscd, finish, gone, path, run, say,
                  start, stat, temporary, until)
from harness import main, test

CARD = "Virtual PCD 00 00: card\n"


def sh(script, *args):
    return ["-c", "1", *args, "--", "sh", "-c", script]


# --- statuses ---

@test
def statuses_of_the_command():
    for status in (0, 1, 7, 125, 126, 127, 128, 255):
        expect(status, "", *sh(f"exit {status}"))


@test
def statuses_of_a_killed_command():
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV,
                   signal.SIGINT):
        expect(128 + number, "", *sh(f"kill -{int(number)} $$"))


@test
def a_command_that_is_not_there():
    err = expect(127, "", "-c", "1", "no-such-command",
                 env=environment(PATH="/usr/bin:/bin"))
    assert "no-such-command: No such file or directory" in err, err


@test
def commands_that_cannot_run():
    plain = path("plain")
    with open(plain, "w", encoding="ascii") as f:
        f.write("#!/bin/sh\n")
    for name in (plain, temporary()):
        err = expect(126, "", "-c", "1", name)
        assert "Permission denied" in err, err


@test
def status_with_sigchld_ignored():
    def ignore():
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for status in (0, 3):
        expect(status, "", *sh(f"exit {status}"), preexec_fn=ignore)


# --- streams, descriptors, environment ---

@test
def standard_output_is_the_commands():
    equal(run("-v", *sh("printf x"))[1], "x")


@test
def standard_input_is_the_commands():
    process = start("-c", "1", "--", "cat", stdin=subprocess.PIPE)
    equal(process.communicate("a\nb\n")[0], "a\nb\n")


@test
def helpers_do_not_hold_the_streams():
    """Neither pcscd nor what watches over it and the command."""
    process = start(*sh("echo there; read x"), stdin=subprocess.PIPE)
    say(process, "there")
    mine = f"pipe:[{os.fstat(process.stdout.fileno()).st_ino}]"
    command = find(process.pid, "sh")
    for pid in set(descendants(process.pid)) - {command}:
        links = [os.readlink(f"/proc/{pid}/fd/{fd}")
                 for fd in os.listdir(f"/proc/{pid}/fd")]
        assert mine not in links, f"{pid} holds it"
    finish(process)


def prepare_descriptors():
    os.dup2(1, 7)
    os.close(0)


@test
def descriptors_are_the_callers():
    """Nothing of ours; what the caller left open; what it closed, closed."""
    command = ["sh", "-c", "ls /proc/$$/fd"]
    alone = subprocess.run(command, capture_output=True, text=True, check=True,
                           close_fds=False, preexec_fn=prepare_descriptors)
    assert "7" in alone.stdout.split() and "0" not in alone.stdout.split()
    expect(0, alone.stdout, "-c", "1", "--", *command, close_fds=False,
           preexec_fn=prepare_descriptors)


@test
def descriptors_of_pcscd():
    process = start(*sh("echo there; read x"), stdin=subprocess.PIPE)
    say(process, "there")
    pid = find_pcscd(process.pid)
    links = {int(fd): os.readlink(f"/proc/{pid}/fd/{fd}")
             for fd in os.listdir(f"/proc/{pid}/fd")}
    equal(links[0], "/dev/null")
    assert "pcscd.log" in links[1] and links[1] == links[2], links
    assert links[3].startswith("socket:"), links
    mine = f"pipe:[{os.fstat(process.stdout.fileno()).st_ino}]"
    assert mine not in links.values(), links
    finish(process)


@test
def environment_of_the_command():
    env = environment(LISTEN_FDS="1", LISTEN_PID="1", LISTEN_FDNAMES="x",
                      MINE="kept")
    out = run("-c", "2", "-s", "unix-listen:" + path("x"), "--", "env",
              env=env)[1]
    got = dict(line.split("=", 1) for line in out.splitlines())
    where = got["PCSCLITE_CSOCK_NAME"].removesuffix("/pcscd.comm")
    assert where.startswith(temporary()), got
    equal(got["VICC_SLOT_0"], f"unix:{where}/slot0")
    equal(got["VICC_SLOT_1"], f"unix:{where}/slot1")
    equal(got["MINE"], "kept")
    for name in ("LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "VICC_SLOT_2"):
        assert name not in got, name


@test
def directory_and_umask_of_the_command():
    where = path("here")
    os.mkdir(where)
    expect(0, f"{where}\n0027\n", *sh("pwd; umask"), cwd=where,
           preexec_fn=lambda: os.umask(0o027))


@test
def ignored_signals_stay_ignored():
    """nohup(1)"""
    def ignore():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    expect(0, "alive\n", *sh("kill -HUP $$; echo alive"), preexec_fn=ignore)


@test
def no_signal_is_blocked():
    expect(0, "0000000000000000\n",
           *sh("sed -n 's/^SigBlk:\\t//p' /proc/self/status"))


# --- signals ---

TRAP = ('trap "echo got; exit 3" {0}; echo ready; '
        'while :; do sleep 100 & wait; done')


@test
def signals_are_passed_on():
    for name in ("TERM", "HUP", "INT", "QUIT", "USR1", "USR2"):
        process = start(*sh(TRAP.format(name)))
        say(process, "ready")
        process.send_signal(getattr(signal, "SIG" + name))
        say(process, "got")
        equal(finish(process)[0], 3, name)
        gone()


@test
def a_signal_ends_a_world_in_the_making():
    """pcscd that never answers; nothing is left, and the status says it."""
    deaf = path("pcscd")
    with open(deaf, "w", encoding="ascii") as f:
        f.write("#!/bin/sh\n[ $1 = -v ] && exec /usr/sbin/pcscd -v\n"
                "exec sleep 1000\n")
    os.chmod(deaf, 0o755)
    process = start("-p", deaf, *sh("echo never"))
    find(process.pid, "sleep")
    process.terminate()
    equal(finish(process)[:2], (128 + signal.SIGTERM, ""))
    gone()


@test
def a_signal_to_the_whole_group():
    """What a test runner sends in the end."""
    adopt()
    process = start(*sh(TRAP.format("TERM")), start_new_session=True)
    say(process, "ready")
    os.killpg(process.pid, signal.SIGTERM)
    equal(finish(process)[0], 3)
    gone()


# --- the terminal ---

class Terminal:
    """inworld in a terminal; `shell`: as a job of a shell that waits for it
    to stop or end, otherwise as the terminal's first process."""

    def __init__(self, script, shell=False):
        self.text = ""
        self.news, news = os.pipe()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ["TMPDIR"] = temporary()
            command = [INWORLD, *sh(script)]
            if shell:
                self.be_shell(command, news)
            os.execv(INWORLD, command)
        os.close(news)

    @staticmethod
    def be_shell(command, news):
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        pid = os.fork()
        if pid == 0:
            os.setpgid(0, 0)
            os.tcsetpgrp(0, os.getpid())
            signal.signal(signal.SIGTTOU, signal.SIG_DFL)
            os.execv(INWORLD, command)
        while True:
            status = os.waitpid(pid, os.WUNTRACED)[1]
            if not os.WIFSTOPPED(status):
                os._exit(os.waitstatus_to_exitcode(status) & 0x7F)
            os.write(news, f"{pid}\n".encode())

    def write(self, text):
        os.write(self.fd, text.encode())

    def read(self, text, timeout=10):
        """Waits until the terminal shows this; what it showed before."""
        while text not in self.text:
            ready, _, _ = select.select([self.fd], [], [], timeout)
            assert ready, f"no {text!r} in {self.text!r}"
            try:
                data = os.read(self.fd, 4096)
            except OSError:  # the other side is closed
                data = b""
            assert data, f"no {text!r} in {self.text!r}"
            self.text += data.decode()
        before, _, self.text = self.text.partition(text)
        return before

    def stopped(self):
        """Waits until the shell sees the job stopped; its group."""
        ready, _, _ = select.select([self.news], [], [], 10)
        assert ready, f"not stopped; {self.text!r}"
        return int(os.read(self.news, 100).split()[0])

    def status(self):
        status = os.waitpid(self.pid, 0)[1]
        os.close(self.fd)
        gone()
        return os.waitstatus_to_exitcode(status)


@test
def the_command_is_in_the_foreground():
    t = Terminal('set -- $(cut -d" " -f5,8 /proc/$$/stat); '
                 '[ $1 = $2 ] && echo fore ground', shell=True)
    t.read("fore ground")
    equal(t.status(), 0)


INTERRUPTED = """
import signal, subprocess, sys
INT = [signal.SIGINT]
signal.pthread_sigmask(signal.SIG_BLOCK, INT)
print("ready", flush=True)
signal.sigwaitinfo(INT)
print("interrupted", flush=True)
sys.stdin.readline()
print("again" if signal.sigtimedwait(INT, 0.3) else "once", flush=True)
sys.exit(subprocess.run(sys.argv[1:]).returncode or 5)
"""


@test
def interrupt_from_the_terminal():
    """It reaches the command once; world and pcscd live on."""
    script = path("script")
    with open(script, "w", encoding="ascii") as f:
        f.write(INTERRUPTED)
    t = Terminal(f"exec /usr/bin/python3 {script} {LOOK}", shell=True)
    t.read("ready")
    # The world hears of it later than the command, lest two become one.
    world = find(t.pid, "inworld")
    os.kill(world, signal.SIGSTOP)
    t.stopped()
    t.write("\x03")
    t.read("interrupted")
    os.kill(world, signal.SIGCONT)
    t.write("go on\n")
    assert "again" not in t.read("00 00: card")
    equal(t.status(), 5)


@test
def interrupt_ends_a_plain_command():
    for key, number in (("\x03", signal.SIGINT), ("\x1c", signal.SIGQUIT)):
        t = Terminal("ulimit -c 0; echo rea dy; exec sleep 1000", shell=True)
        t.read("rea dy")
        t.write(key)
        equal(t.status(), 128 + number & 0x7F)


@test
def stop_and_go_on():
    t = Terminal("echo rea dy; read x; echo still here; exit 6", shell=True)
    t.read("rea dy")
    t.write("\x1a")
    group = t.stopped()
    equal(stat(find(group, "sh"))[0], "T")
    os.killpg(group, signal.SIGCONT)
    t.write("\n")
    t.read("still here")
    equal(t.status(), 6)


@test
def stop_of_the_command_alone():
    """The job counts as stopped; continuing either one continues both."""
    for whom in ("command", "world"):
        t = Terminal("echo rea dy $$; read x; exit 6", shell=True)
        t.read("rea dy ")
        t.read("\n")
        group = find(t.pid, "inworld")
        command = find(group, "sh")
        os.kill(command, signal.SIGSTOP)
        equal(t.stopped(), group)
        os.kill(command if whom == "command" else group, signal.SIGCONT)
        until(lambda: stat(command)[0] == "S" and stat(group)[0] == "S",
              "both to go on")
        t.write("\n")
        equal(t.status(), 6)


@test
def no_stop_without_a_shell():
    """Nobody could continue it: the kernel ignores ^Z for such a group, and
    so must the world."""
    t = Terminal("echo rea dy; read x; echo still here; exit 6")
    t.read("rea dy")
    t.write("\x1a")
    t.write("\n")
    t.read("still here")
    equal(t.status(), 6)


@test
def hang_up_of_the_terminal():
    adopt()
    t = Terminal("echo rea dy; exec sleep 1000", shell=True)
    t.read("rea dy")
    os.close(t.fd)
    gone()
    os.close(t.news)


if __name__ == "__main__":
    main()
