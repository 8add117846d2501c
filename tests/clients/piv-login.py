#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Logging in with the PIV card: SSH, and PAM."""

import getpass
import os
import pwd
import subprocess

import sshd
from harness import until
from piv import OPENSC, card, has, main, run, write

def login(*options, status=0, env=None):
    """Of whoever is in authorized_keys."""
    server = sshd.make(os.getcwd())
    return run("ssh", "-F", "ssh_config", *options, "server",
               "echo logged in", status=status, env={**server, **(env or {})})


@card("keys=rsa2048")
def ssh_by_an_rsa_key():
    keys = run("ssh-keygen", "-D", OPENSC)
    has(keys, "ssh-rsa ", "PIV AUTH pubkey")
    write("authorized_keys", keys.splitlines()[0] + "\n")
    login("-I", OPENSC, status=255, env={"SSH_ASKPASS": "/bin/false"})
    has(login("-I", OPENSC), "logged in")


@card("keys=p256")
def ssh_by_an_elliptic_key():
    keys = run("ssh-keygen", "-D", OPENSC)
    has(keys, "ecdsa-sha2-nistp256 ")
    write("authorized_keys", keys.splitlines()[0] + "\n")
    has(login("-I", OPENSC), "logged in")


@card()
def ssh_through_an_agent():
    write("authorized_keys", run("ssh-keygen", "-D", OPENSC))
    agent = subprocess.Popen(
        ["ssh-agent", "-D", "-P", f"{OPENSC},/usr/lib/*", "-a",
         os.path.abspath("agent")], stdout=subprocess.DEVNULL)
    try:
        env = {"SSH_AUTH_SOCK": os.path.abspath("agent"),
               **sshd.make(os.getcwd())}
        until(lambda: "connecting to agent" not in run(
            "ssh-add", "-l", status=None, env=env), "an agent")
        has(run("ssh-add", "-s", OPENSC, env=env), "Card added")
        has(run("ssh-add", "-l", env=env), "RSA")
        has(login(env=env), "logged in")
    finally:
        agent.terminate()
        agent.wait()


def pam(script):
    """A command: a shell script where /etc/pam.d and the user's home are
    ours."""
    home = pwd.getpwuid(os.getuid()).pw_dir
    mine = [] if os.getuid() == 0 else ["--map-current-user", "--keep-caps"]
    return ["unshare", "-m", *mine, "sh", "-euc",
            f"mount --bind pam.d /etc/pam.d; mount --bind home {home}; "
            + script]


@card()
def pam_p11():
    """A key that the user has not authorised makes this version of pam_p11
    crash, so nobody asks it."""
    user = getpass.getuser()
    os.makedirs("pam.d")
    os.makedirs("home/.ssh")
    write("pam.d/card", f"auth required pam_p11.so {OPENSC}\n")
    write("home/.ssh/authorized_keys", run("ssh-keygen", "-D", OPENSC))
    has(run(*pam(f"pamtester card {user} authenticate"), stdin="123456\n"),
        "successfully authenticated")
    has(run(*pam(f"pamtester card {user} authenticate"), stdin="654321\n",
            status=1), "PIN not verified")


main()
