# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""An SSH server for one connection at a time, without a port: the host `server`
of an ssh_config of ours, to whoever is in the file authorized_keys."""

import getpass
import os
import subprocess

SSHD = """#!/bin/sh
# As root it wants a directory that only its service makes.
if [ "$(id -u)" = 0 ] && ! [ -d /run/sshd ]; then
    mount -t tmpfs none /run && mkdir /run/sshd
fi
exec /usr/sbin/sshd -i -e -f {here}/sshd_config 2>>{here}/sshd.log
"""
SSHD_CONFIG = """HostKey {here}/host_key
PidFile none
AuthorizedKeysFile {here}/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
"""
SSH_CONFIG = """Host server
User {user}
ProxyCommand {private}sh {here}/sshd
StrictHostKeyChecking no
UserKnownHostsFile /dev/null
IdentityFile no-such-file
"""


def make(here):
    """In that directory; the environment of an ssh that has no terminal to
    ask for the PIN on, 123456."""
    words = {"here": here, "user": getpass.getuser(),
             "private": "unshare -m " if os.getuid() == 0 else ""}
    for name, text in (("sshd", SSHD), ("sshd_config", SSHD_CONFIG),
                       ("ssh_config", SSH_CONFIG),
                       ("askpass", "#!/bin/sh\necho 123456\n")):
        with open(f"{here}/{name}", "w", encoding="utf-8") as f:
            f.write(text.format(**words))
    os.chmod(f"{here}/askpass", 0o700)
    if not os.path.exists(f"{here}/host_key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
                        f"{here}/host_key"], check=True)
    return {"SSH_ASKPASS": f"{here}/askpass", "SSH_ASKPASS_REQUIRE": "force",
            "DISPLAY": ":none"}
