#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""meson install into an empty place, and a machine on which that is all that
is installed: mounts and network of its own, the daemon as root starts it,
vicc and clients as users start them. And the unit: what systemd says of it,
and whether vicc keeps within its bounds."""

import os
import pathlib
import re
import shutil
import signal
import stat
import subprocess

from reader import ON, Slot
from tap import VICC, Skip, equal, has, main, test

BUILD = os.environ["BUILD"]
PLACES = {name: os.environ[name] for name in
          ("BINDIR", "LIBDIR", "DATADIR", "DRIVERDIR", "SYSCONFDIR", "UNIT")}
FILES = """
{BINDIR}/vicc
{BINDIR}/vpcd-config
{DRIVERDIR}/libifdvpcd.so
{SYSCONFDIR}/reader.conf.d/vpcd
{LIBDIR}/libvpcd.so.0
{LIBDIR}/pkgconfig/libvpcd.pc
{LIBDIR}/vicc/vicc-pcscd-shim.so
{DATADIR}/man/man1/vicc.1
{DATADIR}/man/man1/vpcd-config.1
{DATADIR}/man/man8/libifdvpcd.8
{DATADIR}/bash-completion/completions/vicc
{DATADIR}/bash-completion/completions/vpcd-config
{DATADIR}/{ZSHDIR}/_vicc
{UNIT}
"""


def run(*args, status=0, **popen):
    done = subprocess.run([*map(str, args)], capture_output=True, text=True,
                          timeout=60, check=False, **popen)
    equal(done.returncode, status, f"{args}: {done.stdout}{done.stderr}")
    return done.stdout


def install(place):
    """What is installed, under a folder that was empty."""
    run("meson", "install", "-C", BUILD, "--no-rebuild", "--quiet",
        "--destdir", place.path / "root")
    return place.path / "root"


@test
def everything_is_where_it_belongs(place):
    root = install(place)
    here = {"/" + str(p.relative_to(root)) for p in root.rglob("*")
            if not p.is_dir()}
    for name in FILES.format(ZSHDIR=os.environ["ZSHDIR"], **PLACES).split():
        assert name in here, f"{name} is not among {sorted(here)}"
        mode = (root / name[1:]).stat().st_mode
        assert mode & stat.S_IROTH and not mode & stat.S_IWOTH, name
    inside = ("{DRIVERDIR}", "{SYSCONFDIR}/reader.conf.d",
              os.environ["PREFIX"], os.path.dirname(PLACES["UNIT"]))
    for name in here:
        assert name.startswith(tuple(p.format(**PLACES) for p in inside)), name
    conf = (root / PLACES["SYSCONFDIR"][1:] / "reader.conf.d/vpcd").read_text()
    has(conf, f"LIBPATH      {PLACES['DRIVERDIR']}/libifdvpcd.so")


@test
def nothing_remembers_the_build(place):
    """No path of the build tree, neither in texts nor to load libraries."""
    root = install(place)
    for path in root.rglob("*"):
        if path.is_file() and not path.is_symlink() and path.suffix != ".so":
            text = path.read_bytes()
            if not text.startswith(b"\x7fELF"):
                assert BUILD.encode() not in text, path
    for name in (PLACES["BINDIR"] + "/vicc", PLACES["LIBDIR"] + "/libvpcd.so"):
        out = run("readelf", "-d", root / name[1:])
        assert "RUNPATH" not in out and "RPATH" not in out, out


# A machine with only this installed: $1 is the root of the installation.
MACHINE = r"""
set -e
root=$1; shift
ip link set lo up
mount -t tmpfs none /run
mkdir /run/pcscd
for place in $PLACES; do
    mkdir -p "$root$place"
    mount --bind "$root$place" "$place"
done
PATH=$BINDIR:/usr/sbin:/usr/bin:/sbin:/bin
unset VICC_DRIVER LD_LIBRARY_PATH
"""


def machine(place, root, script):
    """Runs a script there; skips where the kernel does not let us."""
    places = " ".join(p for p in (
        os.environ["PREFIX"], PLACES["DRIVERDIR"],
        PLACES["SYSCONFDIR"] + "/reader.conf.d") if os.path.isdir(p))
    command = ["unshare", "-mnpf" if os.geteuid() == 0 else "-Urmnpf",
               "--mount-proc", "--kill-child"]
    if subprocess.run([*command, "true"], capture_output=True,
                      check=False).returncode != 0:
        raise Skip("no namespaces")
    return run(*command, "sh", "-c", MACHINE + script, "sh", root,
               env={**os.environ, "PLACES": places,
                    "BINDIR": PLACES["BINDIR"]}, cwd=place.path)


@test
def a_private_world_of_what_is_installed(place):
    out = machine(place, install(place), "vicc exec -- opensc-tool --atr")
    assert re.fullmatch("3b(:[0-9a-f]{2})+\n", out), out


@test
def the_system_of_what_is_installed(place):
    """pcscd with /etc/reader.conf.d, a card at the usual port, a client."""
    out = machine(place, install(place), """
        pcscd --foreground >log 2>&1 &
        vicc -t iso7816 2>said &
        timeout 20 sh -c 'until opensc-tool --atr 2>tool; do :; done' ||
            { cat log said tool; exit 1; }
        vicc doctor
        vpcd-config -p -H 192.0.2.1 || [ $? = 1 ]
    """)
    has(out, "Virtual PCD 00 00: a card",
        "Nothing stands in the way of a card.", "vpcd://192.0.2.1:35963")
    has(out.split("PC/SC")[0], "3b:")


# ---- the unit ----

def unit(place):
    path = place.path / "vicc@.service"
    text = pathlib.Path(BUILD, "systemd", path.name).read_text()
    path.write_text(text.replace(PLACES["BINDIR"] + "/vicc", VICC))
    return path


def need_systemd():
    if shutil.which("systemd-analyze") is None:
        raise Skip("no systemd-analyze")


@test
def systemd_understands_the_unit(place):
    need_systemd()
    done = subprocess.run(["systemd-analyze", "verify", unit(place)],
                          capture_output=True, text=True, check=False)
    equal((done.returncode, done.stdout + done.stderr), (0, ""))


@test
def the_unit_exposes_little(place):
    need_systemd()
    run("systemd-analyze", "security", "--offline=yes", "--threshold=15",
        unit(place))


def allowed():
    """The system calls that the unit's filter leaves."""
    def members(group):
        names = set()
        for line in run("systemd-analyze", "syscall-filter",
                        group).splitlines()[1:]:
            word = line.strip()
            if word.startswith("@"):
                names |= members(word)
            elif word and not word.startswith("#"):
                names.add(word)
        return names
    return (members("@system-service") - members("@privileged")
            - members("@resources"))


@test
def vicc_keeps_within_the_bounds_of_the_unit(place):
    """Its whole life: an image, a reader, commands that write, the end."""
    need_systemd()
    image = place.path / "card"
    run(VICC, "new", "-t", "iso7816", image)
    slot = place.own(Slot())
    trace = place.path / "trace"
    traced = subprocess.Popen(
        ["strace", "-f", "-qq", "-o", trace, "-e", "signal=none", VICC, "run",
         "-f", image, "-P", str(slot.port)], stderr=subprocess.DEVNULL)
    try:
        reader = place.own(slot.card())
        reader.power(ON)
        for command in ("00A4080C0410001002", "00D6000003010203",
                        "0084000008", "0020000104 31323334"):
            reader.apdu(command)
        for child in pathlib.Path(
                f"/proc/{traced.pid}/task/{traced.pid}/children"
                ).read_text().split():
            os.kill(int(child), signal.SIGTERM)
        equal(traced.wait(20), 0)
    finally:
        traced.kill()
        traced.wait()
    lines = trace.read_text().splitlines()
    calls = {m[1] for m in (re.match(r"\d+ +(\w+)\(", line)
                            for line in lines) if m}
    assert len(calls) > 20 and calls & {"fsync", "fdatasync"}, calls
    as_root = {"fchown"} if os.geteuid() == 0 else set()  # by SQLite
    equal(sorted(calls - allowed() - as_root), [])
    for line in lines:
        assert not ("PROT_WRITE" in line and "PROT_EXEC" in line), line
        family = re.search(r"socket\((AF_\w+)", line)
        assert not family or family[1] in ("AF_INET", "AF_INET6",
                                            "AF_UNIX"), line


main()
