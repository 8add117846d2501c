#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""The commands of docs/piv.md, as they stand there, in one shell. Only the port
of its server is another, and the host `server` is an sshd of our own."""

import getpass
import os
import re
import signal
import socket
import subprocess

import harness
from harness import equal, main, path, test

HERE = os.path.dirname(os.path.abspath(__file__))


def listings():
    """A script of all of them, which says which line of the page it is at."""
    with open(f"{HERE}/../../docs/piv.md", encoding="utf-8") as f:
        page = f.read()
    script = "set -eu\n"
    for block in re.finditer(r"^```sh\n(.*?)^```", page, re.M | re.S):
        line = page.count("\n", 0, block.start(1)) + 1
        script += f"echo '--- line {line}' >&2\n{block[1]}"
    return script


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return str(listener.getsockname()[1])


def write(name, text, mode=0o600):
    with open(path(name), "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path(name), mode)


def make_server():
    """What `ssh server` reaches."""
    here = harness.directory
    sshd = f"/usr/sbin/sshd -i -f {here}/sshd_config"
    write("sshd", f"""#!/bin/sh
if [ "$(id -u)" = 0 ] && ! [ -d /run/sshd ]; then
    mount -t tmpfs none /run && mkdir /run/sshd
fi
exec {sshd}
""")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
                    path("host_key")], check=True)
    write("sshd_config", f"HostKey {here}/host_key\nPidFile none\n"
          f"AuthorizedKeysFile {here}/authorized_keys\nStrictModes no\n"
          "UsePAM no\nPasswordAuthentication no\nPermitRootLogin yes\n")
    private = "unshare -m " if os.getuid() == 0 else ""
    write("ssh_config", f"Host server\nUser {getpass.getuser()}\n"
          f"ProxyCommand {private}sh {here}/sshd 2>/dev/null\n"
          "StrictHostKeyChecking no\nUserKnownHostsFile /dev/null\n"
          "IdentityFile no-such-file\n")
    os.mkdir(path("bin"))
    os.symlink(os.environ["VICC"], path("bin/vicc"))
    write("bin/ssh", f"#!/bin/sh\nexec /usr/bin/ssh -n -F {here}/ssh_config "
          "\"$@\"\n", 0o700)
    write("askpass", "#!/bin/sh\necho 123456\n", 0o700)


@test(deadline=120)
def all_commands_of_the_page():
    make_server()
    write("script", listings().replace("8443", free_port()))
    env = {**os.environ, "HOME": harness.directory, "LC_ALL": "C.UTF-8",
           "PATH": path("bin") + os.pathsep + os.environ["PATH"],
           "SSH_ASKPASS": path("askpass"), "SSH_ASKPASS_REQUIRE": "force",
           "DISPLAY": ":none", "GIT_CONFIG_NOSYSTEM": "1"}
    env.pop("SSH_AUTH_SOCK", None)
    with open(path("output"), "w+", encoding="utf-8",
              errors="replace") as output:
        # For those that ask for the PIN where there is no terminal.
        shell = subprocess.Popen(
            ["sh", "-c", "yes 123456 | sh script"], cwd=harness.directory,
            env=env, stdout=output, stderr=output, start_new_session=True)
        try:
            shell.wait(115)
        finally:
            os.killpg(shell.pid, signal.SIGKILL)  # its server among it
        output.seek(0)
        text = output.read()
    equal(shell.returncode, 0, f"the script, which said:\n{text[-4000:]}\n")
    for part in ("No errors", "Yes             Virtual PCD 01 00",
                 "Client certificate", "logged in", "Good \"git\" signature",
                 "Slot 9a:", "PIV version: 5.4.3", "Serial:",
                 "Microsoft Smartcard Login", "alice@EXAMPLE.ORG"):
        assert part in text, f"no {part!r} in:\n{text}"


main()
