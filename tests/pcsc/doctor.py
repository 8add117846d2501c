#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""vicc doctor, where the causes are real: a pcscd that is not there, asleep,
hung or misconfigured, ports that are taken, cards that say nothing. What a
machine without systemd cannot have is in tests/tools/doctor.py."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading

import harness
from cards import Card
from harness import (Skip, World, entry, equal, free_ports, main, path, test,
                     world)

VICC = os.environ["VICC"]
PEER = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
PCSCD, DRIVER, WIRE, PERMISSION, CARD = 10, 11, 12, 13, 14


def doctor(*args, command=(), check=True):
    """(status, {check: finding}) of vicc doctor --json."""
    done = subprocess.run([*command, VICC, "doctor", "--json", *map(str, args)],
                          capture_output=True, text=True, timeout=25,
                          check=False)
    if check:
        equal(done.stderr, "")
    told = json.loads(done.stdout)
    found = {}
    for finding in told["findings"]:
        found.setdefault(finding["check"], finding)
        assert finding["what"] and finding["why"] and finding["try"], finding
    equal(told["healthy"], done.returncode == 0)
    return done.returncode, found


def faults(found):
    return [name for name, f in found.items() if f["level"] == "fault"]


def expect(status, check, *words, args=(), command=()):
    """That this check is the first to be told of, with these words."""
    got, found = doctor(*args, command=command)
    assert check in found, f"{check}: {found}"
    equal((got, faults(found)[:1]), (status, [check]), found)
    text = json.dumps(found[check])
    for word in words:
        assert str(word) in text, f"no {word!r} in {text}"
    return found


def readers(name, *entries):
    """A folder like /etc/reader.conf.d with files of these texts."""
    folder = path(name)
    os.mkdir(folder)
    for file, text in entries:
        with open(os.path.join(folder, file), "w", encoding="utf-8") as f:
            f.write(text)
    return folder


def no_socket():
    os.environ["PCSCLITE_CSOCK_NAME"] = path("pcscd")


# --- health ---

@test
def a_card_that_is_seen_is_healthy():
    port = free_ports(2)
    with world(f"/dev/null:{port}") as w:
        card = Card(("127.0.0.1", port))
        w.context.watch("Test 00 00").present()
        equal(doctor(), (0, {}))
        equal(doctor("-P", port)[0], 0)
        card.leave()


@test
def a_reader_without_a_card_is_healthy_too():
    port = free_ports(2)
    with world(f"/dev/null:{port}"):
        status, found = doctor("-P", port)
        equal((status, list(found)), (0, ["card-none"]))


@test
def people_read_it():
    port = free_ports(2)
    with world(f"/dev/null:{port}"):
        done = subprocess.run([VICC, "doctor", "-P", str(port)], check=True,
                              capture_output=True, text=True)
        for words in ("Test 00 00: no card", "Note (card): no card is in",
                      "  * vicc -v", "Nothing stands in the way"):
            assert words in done.stdout, done.stdout


# --- pcscd ---

@test
def pcscd_is_not_installed():
    no_socket()
    hide = ["unshare", "-m" if os.geteuid() == 0 else "-Urm", "sh", "-c",
            'mount --bind /dev/null "$0" && exec "$@"',
            shutil.which("pcscd", path="/usr/sbin:/sbin")]
    if subprocess.run([*hide, "true"], check=False,
                      capture_output=True).returncode != 0:
        raise Skip("no mount namespaces here")
    expect(PCSCD, "pcscd-missing", "apt-get install pcscd", command=hide)


@test
def pcscd_was_never_started():
    no_socket()
    expect(PCSCD, "pcscd-stopped", "there is no socket", path("pcscd"))


@test
def pcscd_was_killed():
    port = free_ports(2)
    with World(entry("Test", f"/dev/null:{port}")) as w:
        w.connect()
        w.kill(signal.SIGKILL)
        equal(w.exited()[0], -9)
        expect(PCSCD, "pcscd-stopped", "left behind")
        w.status = 0  # as it should be


class Asleep(threading.Thread):
    """The system's part: starts pcscd when somebody connects."""

    def __init__(self, conf):
        super().__init__(daemon=True)
        no_socket()
        self.conf = readers("asleep", ("vpcd", conf))
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path("pcscd"))
        self.listener.listen(8)
        self.pid = None
        self.start()

    def run(self):
        import select  # pylint: disable=import-outside-toplevel
        select.select([self.listener], [], [], 20)
        w = World.__new__(World)  # without a socket of its own
        self.pid = os.fork()
        if self.pid == 0:
            pcscd = shutil.which("pcscd", path="/usr/sbin:/sbin")
            null = os.open(os.devnull, os.O_RDWR)
            # pylint: disable=protected-access
            w._child([pcscd, "-f", "-c", self.conf, "--auto-exit"],
                     dict(os.environ), self.listener, null, {})

    def close(self):
        self.listener.close()
        if self.pid is not None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)


@test
def pcscd_sleeps_behind_its_socket():
    port = free_ports(2)
    asleep = Asleep(entry("Test", f"/dev/null:{port}"))
    try:
        found = expect(PCSCD, "pcscd-asleep", "this look has woken it")
        assert "auto-exit" in found, found
        status, found = doctor("-P", port)
        equal((status, "pcscd-asleep" in found), (0, False), found)
    finally:
        asleep.close()


@test
def pcscd_hangs():
    port = free_ports(2)
    with world(f"/dev/null:{port}") as w:
        w.kill(signal.SIGSTOP)
        try:
            expect(PCSCD, "pcscd-hangs", "does not answer")
        finally:
            w.kill(signal.SIGCONT)


# --- permission ---

@test
def the_socket_is_for_others():
    port = free_ports(2)
    with world(f"/dev/null:{port}"):
        os.chmod(path("pcscd"), 0)
        become, vicc = [], VICC
        if os.geteuid() == 0:
            become = ["setpriv", "--reuid=65534", "--regid=65534",
                      "--clear-groups"]
            vicc = shutil.copy(VICC, path("vicc"))
            os.chmod(harness.directory, 0o711)
        done = subprocess.run([*become, vicc, "doctor", "--json"],
                              capture_output=True, text=True, check=False)
        found = {f["check"]: f for f in json.loads(done.stdout)["findings"]}
        equal((done.returncode, faults(found)[:1]),
              (PERMISSION, ["socket-permission"]), done.stdout)


# --- files of readers ---

def refuses_to_start(folder):
    """A real pcscd does not come up with this folder."""
    w = World.__new__(World)
    out, into = os.pipe()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path("refused"))
    listener.listen(1)
    pid = os.fork()
    if pid == 0:
        pcscd = shutil.which("pcscd", path="/usr/sbin:/sbin")
        # pylint: disable=protected-access
        w._child([pcscd, "-f", "-c", folder], dict(os.environ), listener,
                 into, {})
    os.close(into)
    listener.close()
    os.unlink(path("refused"))
    with open(out, "rb") as log:
        said = log.read()
    assert os.waitpid(pid, 0)[1] != 0, said


@test
def there_is_no_driver():
    no_socket()
    for folder in (readers("empty"), path("nowhere")):
        status, found = doctor("--config", folder)
        equal((status, found["conf-missing"]["part"]), (PCSCD, "driver"))
        assert "pcscd-stopped" in found, found


@test
def a_line_is_malformed():
    port = free_ports(2)
    good = entry("Test", f"/dev/null:{port}")
    no_socket()
    for n, (bad, words) in enumerate((
            ("nonsense\n", "value is missing"),
            ("COLOUR blue\n", "not one of FRIENDLYNAME"),
            ('FRIENDLYNAME "Test\n', "closing quote"),
            ("DEVICENAME [::1]:5\n", "double quotes"),
            ("FRIENDLYNAME Two Words\n", "double quotes"),
            (f'LIBPATH "{harness.driver()}"\n', "quotes of LIBPATH"),
            ('FRIENDLYNAME "Test"\r\n', "CR LF"))):
        folder = readers(f"c{n}", ("vpcd", good),
                         ("other", "# fine\n" + bad + good))
        refuses_to_start(folder)
        expect(DRIVER, "conf-malformed", f"{folder}/other:2", words,
               "does not start", args=("--config", folder))


@test
def an_entry_lacks_something():
    no_socket()
    text = entry("Test", "/dev/null:1").replace("LIBPATH", "#")
    folder = readers("c", ("vpcd", text))
    expect(DRIVER, "conf-malformed", "LIBPATH is missing", "makes no reader",
           args=("--config", folder))


@test
def the_driver_is_not_there():
    no_socket()
    folder = readers("c", ("vpcd", entry("Test", "/dev/null:1",
                                         lib="/nowhere/libifdvpcd.so")))
    refuses_to_start(folder)
    expect(DRIVER, "driver-missing", "/nowhere/libifdvpcd.so",
           args=("--config", folder))


@test
def the_device_is_not_there():
    no_socket()
    folder = readers("c", ("vpcd", entry("Test", "/dev/nowhere")))
    refuses_to_start(folder)
    expect(DRIVER, "device-missing", "/dev/nowhere",
           args=("--config", folder))


@test
def an_editor_kept_a_copy():
    """Both readers want the port: one of them is not made."""
    port = free_ports(2)
    with World(entry("One", f"/dev/null:{port}") +
               entry("Two", f"/dev/null:{port}")) as w:
        w.connect()
        for name in ("vpcd~", "vpcd.dpkg-old", "#vpcd#", "vpcd.bak"):
            folder = readers(name + ".d", ("vpcd", entry(
                "One", f"/dev/null:{port}")), (name, entry(
                    "Two", f"/dev/null:{port}")))
            found = expect(DRIVER, "conf-backup", f"{folder}/{name}",
                           "rm ", args=("--config", folder))
            assert "conf-doubled" in found, found


@test
def two_entries_for_one_port():
    """Of /dev/null:PORT the second slot is at PORT + 1."""
    port = free_ports(3)
    with World(entry("One", f"/dev/null:{port}", 1) +
               entry("Two", f"/dev/null:{port + 1}", 2)) as w:
        w.connect()
        found = expect(DRIVER, "conf-doubled", "One", "Two", "readers:1",
                       "readers:6")
        assert "reader-missing" in found, found


@test
def the_address_is_none():
    with World(entry("Test", "tcp-listen:example.org:1") +
               entry("Other", f"unix-listen:{path('s')}")) as w:
        w.connect()
        expect(DRIVER, "conf-address", "example.org", "not a place to listen")


@test
def the_reader_was_written_later():
    with world(f"unix-listen:{path('s')}"):
        with open(path("conf0/readers"), "a", encoding="utf-8") as f:
            f.write(entry("Later", f"unix-listen:{path('later')}"))
        expect(DRIVER, "reader-missing", "Later", "restart pcscd")


@test
def the_driver_is_of_another_project():
    if not os.path.exists(PEER):
        raise Skip("needs vsmartcard-vpcd")
    port = free_ports(2)
    with World(entry("Test", f"/dev/null:{port}", lib=PEER)) as w:
        w.connect()
        status, found = doctor("-P", port)
        equal((status, found["driver-other"]["level"]), (0, "note"), found)
        assert "vsmartcard-vpcd" in found["driver-other"]["what"]
    folder = readers("c", ("vpcd", entry("Test", "unix-listen:/run/x",
                                         lib=PEER)))
    _, found = doctor("--config", folder)
    equal(found["driver-other"]["level"], "fault")


# --- the wire ---

@test
def another_program_has_the_port():
    port = free_ports(2)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        with World(entry("Test", f"/dev/null:{port}")) as w:
            w.connect()
            expect(WIRE, "port-taken", port, f"(process {os.getpid()})",
                   "restart pcscd")


@test
def a_connection_has_the_port():
    """What happens by chance in the range of outgoing connections."""
    port = free_ports(2)
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        server.listen()
        client.bind(("127.0.0.1", port))
        client.connect(server.getsockname())
        with World(entry("Test", f"/dev/null:{port}")) as w:
            w.connect()
            expect(WIRE, "port-taken", port, f"(process {os.getpid()})",
                   "for a connection")


@test
def another_pcscd_has_the_port():
    port = free_ports(2)
    here, harness.directory = harness.directory, path("other")
    os.mkdir(harness.directory)
    with World(entry("Test", f"/dev/null:{port}")) as first:
        subprocess.run([VICC, "doctor"], check=False, capture_output=True)
        harness.directory = here
        with World(entry("Test", f"/dev/null:{port}")):
            expect(WIRE, "port-taken", f"pcscd (process {first.pid})",
                   "Another PC/SC daemon")


@test
def card_and_reader_are_of_different_families():
    port = free_ports(2)
    with world(f"/dev/null:{port}:slots=1"):
        expect(WIRE, "link", "different families", "::1", "127.0.0.1",
               args=("-H", "::1", "-P", port))
        equal(doctor("-H", "localhost", "-P", port)[0], 0)
    if not socket.has_ipv6:
        raise Skip("no IPv6 here")
    with world(f'"tcp-listen:[::1]:{port}"'):
        expect(WIRE, "link", "different families", "vicc -H ::1",
               args=("-P", port))


@test
def the_card_goes_elsewhere():
    port = free_ports(3)
    with world(f"/dev/null:{port}"):
        expect(WIRE, "link", f"tcp:127.0.0.1:{port}",
               args=("-P", port + 2))
        expect(WIRE, "link", f"vicc --connect tcp:127.0.0.1:{port}",
               args=("--connect", "unix:" + path("nothing")))


@test
def no_reader_is_open_and_all_are_elsewhere():
    """What to do repeats where the card goes."""
    no_socket()
    port = free_ports(4)
    folder = readers("conf.elsewhere",
                     ("vpcd", entry("Test", f"/dev/null:{port}")))
    told = doctor("-P", port + 3, "--config", folder)[1]["link"]
    assert f"in {folder} are to be elsewhere: tcp:127.0.0.1:{port}." in \
        told["why"], told
    equal([line.split("    ")[0] for line in told["try"]],
          [f"vicc --connect tcp:127.0.0.1:{port}",
           f"vicc doctor -P {port + 3}"])
    told = doctor("-P", port + 1, "--config", folder)[1]["link"]
    assert told["why"].endswith("is open."), told
    equal(len(told["try"]), 1, told)


def told_in_a_world(*command):
    """What vicc doctor finds in a world with a slot for others."""
    done = subprocess.run(
        [VICC, "exec", "--slot", "tcp-listen:127.0.0.1:0", "--", *command,
         VICC, "doctor", "--json"], capture_output=True, text=True, timeout=50,
        check=False)
    equal(done.returncode, WIRE if not command else done.returncode)
    return {f["check"]: f for f in json.loads(done.stdout)["findings"]}


CROWD = """
import os, socket, subprocess, sys
place = tuple(os.environ["VICC_SLOT_0"].split(":")[1:])
crowd = [socket.create_connection(place) for _ in range(2)]
sys.exit(subprocess.call(sys.argv[1:]))
"""


@test
def in_a_world_the_way_is_by_its_variable():
    """Not past the front of a slot, where vicc exec has its card come."""
    told = told_in_a_world()["link"]
    assert told["try"][0].startswith('vicc --connect "$VICC_SLOT_0"'), told
    assert "slot0" not in json.dumps(told), told
    told = told_in_a_world(sys.executable, "-c", CROWD)["slot-taken"]
    equal((told["level"], told["what"]),
          ("fault", "2 cards want the slot at $VICC_SLOT_0"))


@test
def a_reader_of_another_machine_is_not_there():
    """Its address is for documentation: RFC 5737."""
    with world(f"unix-listen:{path('s')}"):
        expect(WIRE, "link", "does not reach its reader", "ssh -L",
               args=("-H", "192.0.2.200", "-P", 9))


@test
def two_cards_want_one_slot():
    port = free_ports(2)
    with world(f"/dev/null:{port}:slots=1") as w:
        card = Card(("127.0.0.1", port))
        w.context.watch("Test 00 00").present()
        with socket.create_connection(("127.0.0.1", port)):
            expect(WIRE, "slot-taken", "2 cards want slot 0")
        card.leave()


# --- cards ---

@test
def the_answer_to_reset_is_none():
    with world(f"unix-listen:{path('s')}") as w:
        card = Card(path("s"), atr=b"\xFF\x00")
        w.context.watch("Test 00 00").present()
        expect(CARD, "card-atr", "Test 00 00", "FF00", "3B or 3F")
        card.leave()


@test
def what_is_connected_is_no_card():
    port = free_ports(2)
    with world(f"unix-listen:{path('s')}"):
        with socket.socket(socket.AF_UNIX) as silent:
            silent.connect(path("s"))
            expect(CARD, "card-silent", 'slot 0 of \\"Test\\"')
    with world(f"/dev/null:{port}"):
        with socket.create_connection(("127.0.0.1", port + 1)):
            expect(CARD, "card-silent", 'slot 1 of \\"Test\\"',
                   args=("-P", port))


# --- files ---

@test
def what_was_seen_can_be_seen_elsewhere():
    port = free_ports(2)
    saved = path("saved")
    with world(f"/dev/null:{port}"):
        with socket.create_connection(("127.0.0.1", port)):
            first = doctor("-P", port, "--save", saved)
    equal(first[0], CARD)
    equal(os.stat(saved).st_mode & 0o777, 0o600)
    equal(doctor("--from", saved), first)


main()
