#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""vicc completion: what bash and zsh make of its scripts."""

import os
import pty
import re
import select
import shutil
import subprocess
import time

from tap import Skip, equal, has, main, test

BASH, ZSH = os.environ["COMPLETION_BASH"], os.environ["COMPLETION_ZSH"]

# Splits a line as readline does: at = too, which is then a word of its own.
ASK = r'''
source "$1"
COMP_LINE=$2
mapfile -t COMP_WORDS < <(grep -oE '=|[^ =]+' <<<"$2")
[[ $2 != *' ' ]] || COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_POINT=${#2}
compopt() { :; }
_vicc "${COMP_WORDS[0]}"
printf '%s\n' "${COMPREPLY[@]}"
'''


def bash(line, **popen):
    done = subprocess.run(["bash", "--norc", "-c", ASK, "bash", BASH, line],
                          capture_output=True, text=True, check=False, **popen)
    equal(done.stderr, "", line)
    return done.stdout.split()


@test
def bash_knows_the_verbs(place):
    verbs = re.findall(r"^  (\w+) ", place.run("--help")[1].split("VERBS")[1],
                       re.M)
    equal(bash("vicc "), verbs)
    equal(bash("vicc sn"), ["snapshot", "snapshots"])


@test
def bash_knows_the_options_of_a_verb(place):
    for verb in ("run", "exec", "show", "doctor", "completion"):
        told = re.findall(r"^  +(?:-\w, )?(--[\w-]+)",
                          place.run(verb, "--help")[1], re.M)
        equal(sorted(bash(f"vicc {verb} --")), sorted(told), verb)
    equal(bash("vicc --disc"), ["--discard"])
    assert "-P" in bash("vicc doctor -")


@test
def bash_knows_types_and_their_options(place):
    types = [line.split()[0] for line in place.run("types")[1].splitlines()]
    for line in ("vicc -t ", "vicc exec --type ", "vicc exec --type=",
                 "vicc types "):
        equal(bash(line), types, line)
    equal(bash("vicc -t iso7816 -o prot"), ["protocol="])
    equal(bash("vicc -o prot"), ["protocol="])
    equal(bash("vicc -t handler-test -o case"), ["case4="])
    equal(bash("vicc -t iso7816 -o protocol="), ["both", "t0", "t1"])
    equal(bash("vicc -t iso7816 -o protocol=t"), ["t0", "t1"])
    equal(bash("vicc -t piv -o 9a.k"), ["9a.key="])
    equal(bash("vicc -t piv -o f9.p1"), ["f9.p12="])
    equal(bash("vicc -t piv -o 82.pin-policy="), ["never", "once", "always"])


@test
def bash_knows_files_and_folders(place):
    place.file("my.card", "")
    equal(bash("vicc -t piv -o 9a.key=my", cwd=place.path), ["my.card"])
    (place.path / "folder").mkdir()
    equal(bash("vicc show my", cwd=place.path), ["my.card"])
    equal(bash("vicc -f my", cwd=place.path), ["my.card"])
    equal(bash("vicc doctor --config f", cwd=place.path), ["folder"])
    equal(bash("vicc doctor --save=m", cwd=place.path), ["my.card"])
    assert "localhost" in bash("vicc -H local")
    equal(bash("vpcd-config --vi"), ["--vicc"])
    equal(bash("vpcd-config -i l"), ["lo"])
    equal(bash("vicc completion "), ["bash", "zsh"])


@test
def bash_leaves_the_command_of_exec_alone(place):
    has(" ".join(bash("vicc exec -t iso7816 -- ca")), "cat")
    assert "--discard" not in bash("vicc exec -- ls --dis")


@test
def a_shell_of_another_kind(place):
    status, out, said = place.run("completion", "fish")
    equal((status, out), (2, ""))
    has(said, "bash and zsh")


@test
def what_is_installed_is_what_it_prints(place):
    for shell, path in (("bash", BASH), ("zsh", ZSH)):
        with open(path, encoding="utf-8") as f:
            equal(place.run("completion", shell)[1], f.read())
    equal(subprocess.run(["bash", "-n", BASH], check=False).returncode, 0)


class Zsh:
    """An interactive zsh that completes what is typed; vicc says only what
    arguments it got."""

    def __init__(self, place):
        self.place = place
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="dumb", ZDOTDIR=str(place.path), PS1="")
            os.chdir(place.path)
            os.execvp("zsh", ["zsh", "-f", "-i"])
        self.said = ""
        self.ask(f"fpath=({os.path.dirname(ZSH)} $fpath); PS1=; "
                 "autoload -Uz compinit && compinit -u -D; "
                 "vicc() { print -r -- \"GOT<$*>\" }; "
                 "vpcd-config() { vicc $* }; "
                 "zstyle ':completion:*' insert-tab false; "
                 "unsetopt prompt_sp; print READY$((1 + 1))", "READY2")

    def ask(self, line, until):
        os.write(self.fd, line.encode() + b"\n")
        end = time.monotonic() + 20
        start = len(self.said)
        while until not in self.said[start:]:
            ready, _, _ = select.select([self.fd], [], [],
                                        max(0, end - time.monotonic()))
            assert ready, f"not {until!r} in {self.said[start:]!r}"
            self.said += os.read(self.fd, 65536).decode()
        return self.said[start:]

    def complete(self, line):
        """The arguments after the line was completed and entered."""
        marker = f"END{len(self.said)}"
        said = self.ask(f"{line}\t; print {marker[:3]}\"\"{marker[3:]}",
                        marker)
        return re.findall(r"GOT<([^>$*]*)>", said)[-1]

    def close(self):
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


@test
def zsh_completes(place):
    if shutil.which("zsh") is None:
        raise Skip("no zsh")
    equal(subprocess.run(["zsh", "-n", ZSH], check=False).returncode, 0)
    (place.path / "my.card").touch()
    shell = place.own(Zsh(place))
    for line, completed in (
            ("vicc doc", "doctor"), ("vicc types crypto", "types cryptoflex"),
            ("vicc exec --disc", "exec --discard"),
            ("vicc -t hand", "-t handler-test"),
            ("vicc -t handler-test -o case4=tp",
             "-t handler-test -o case4=tpdu"),
            ("vicc -t piv -o 9c.ce", "-t piv -o 9c.cert="),
            ("vicc -t piv -o 95.key=my", "-t piv -o 95.key=my.card"),
            ("vicc show my", "show my.card"),
            ("vicc -f my", "-f my.card"),
            ("vicc exec -- vpcd-config --vi", "exec -- vpcd-config --vicc"),
            ("vicc completion z", "completion zsh"),
            ("vpcd-config --inv", "--invert")):
        equal(shell.complete(line), completed, line)


main()
