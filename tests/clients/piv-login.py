#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Logging in with the PIV card: SSH, and PAM."""

import getpass
import os
import pwd
import subprocess

from harness import until
from piv import OPENSC, card, has, main, run, write

PASSWORD = "#!/bin/sh\necho 123456\n"


def give_pin():
    """For ssh, which has no terminal here: the environment of a program that
    asks for the PIN."""
    write("askpass", PASSWORD)
    os.chmod("askpass", 0o700)
    return {"SSH_ASKPASS": os.path.abspath("askpass"),
            "SSH_ASKPASS_REQUIRE": "force", "DISPLAY": ":none"}


class Sshd:
    """One connection to a server of our own, through its standard input."""

    def __init__(self):
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "host_key")
        here = os.getcwd()
        write("sshd_config", f"HostKey {here}/host_key\nPidFile none\n"
              f"AuthorizedKeysFile {here}/authorized_keys\nStrictModes no\n"
              "UsePAM no\nPasswordAuthentication no\nPubkeyAuthentication yes\n"
              "KbdInteractiveAuthentication no\nPermitRootLogin yes\n"
              "LogLevel VERBOSE\nAuthenticationMethods publickey\n")
        self.command = f"/usr/sbin/sshd -i -e -f {here}/sshd_config"
        # As root it wants a directory that only its service makes.
        if os.getuid() == 0 and not os.path.isdir("/run/sshd"):
            write("sshd", "#!/bin/sh\nmount -t tmpfs none /run\n"
                  f"mkdir /run/sshd\nexec {self.command}\n")
            self.command = "unshare -m sh ./sshd"

    def login(self, *options, status=0, env=None):
        return run("ssh", "-F", "none", "-o",
                   f"ProxyCommand {self.command} 2>>sshd.log",
                   "-o", "StrictHostKeyChecking no", "-o",
                   "UserKnownHostsFile /dev/null", "-o",
                   "IdentityFile no-such-file", *options,
                   f"{getpass.getuser()}@card", "echo logged in",
                   status=status, env=env)


@card("keys=rsa2048")
def ssh_by_an_rsa_key():
    keys = run("ssh-keygen", "-D", OPENSC)
    has(keys, "ssh-rsa ", "PIV AUTH pubkey")
    write("authorized_keys", keys.splitlines()[0] + "\n")
    server = Sshd()
    server.login("-o", f"PKCS11Provider {OPENSC}", status=255,
                 env={"SSH_ASKPASS": "/bin/false",
                      "SSH_ASKPASS_REQUIRE": "force", "DISPLAY": ":none"})
    has(server.login("-o", f"PKCS11Provider {OPENSC}", env=give_pin()),
        "logged in")


@card("keys=p256")
def ssh_by_an_elliptic_key():
    keys = run("ssh-keygen", "-D", OPENSC)
    has(keys, "ecdsa-sha2-nistp256 ")
    write("authorized_keys", keys.splitlines()[0] + "\n")
    has(Sshd().login("-o", f"PKCS11Provider {OPENSC}", env=give_pin()),
        "logged in")


@card()
def ssh_through_an_agent():
    write("authorized_keys", run("ssh-keygen", "-D", OPENSC))
    agent = subprocess.Popen(
        ["ssh-agent", "-D", "-P", f"{OPENSC},/usr/lib/*", "-a",
         os.path.abspath("agent")], stdout=subprocess.DEVNULL)
    try:
        until(lambda: os.path.exists("agent"), "an agent")
        env = {"SSH_AUTH_SOCK": os.path.abspath("agent"), **give_pin()}
        has(run("ssh-add", "-s", OPENSC, env=env), "Card added")
        has(run("ssh-add", "-l", env=env), "RSA")
        has(Sshd().login(env=env), "logged in")
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
