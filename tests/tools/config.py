#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""vpcd-config: addresses, ports, and QR codes that a QR reader reads."""

import os
import re
import shutil
import subprocess

from tap import Skip, equal, has, main, test

CONFIG = os.environ["VPCD_CONFIG"]
BLOCKS = {" ": (0, 0), "▄": (0, 1), "▀": (1, 0), "█": (1, 1)}
PHONE = ("-H", "192.0.2.7")


def run(*args, **env):
    done = subprocess.run([CONFIG, *map(str, args)], capture_output=True,
                          text=True, timeout=30, check=False,
                          env={**os.environ, **env})
    return done.returncode, done.stdout, done.stderr


def picture(lines, written=255, size=4):
    """What a terminal shows, as a portable grey map; `written` is the ink."""
    rows = []
    for line in lines:
        for half in (0, 1):
            row = bytes(written if BLOCKS[c][half] else 255 - written
                        for c in line for _ in range(size))
            rows += [row] * size
    return b"P5 %d %d 255\n" % (len(rows[0]), len(rows)) + b"".join(rows)


def scan(text, written=255):
    """Every QR code in an output, by zbarimg."""
    found = []
    for code in re.findall(r"(?:^[ ▄▀█]{20,}\n)+", text, re.M):
        done = subprocess.run(
            ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable",
             "pgm:-"], input=picture(code.splitlines(), written),
            capture_output=True, check=False)
        found.append(done.stdout.decode().strip())
    return found


def readers(place, *entries):
    """A folder like /etc/reader.conf.d with this project's driver."""
    folder = place.path / "readers"
    folder.mkdir(exist_ok=True)
    text = "".join(f'FRIENDLYNAME "{name}"\nDEVICENAME {device}\n'
                   f'CHANNELID {n}\nLIBPATH {os.environ["VICC_DRIVER"]}\n'
                   for n, (name, device) in enumerate(entries))
    (folder / "vpcd").write_text(text)
    return "--config", folder


@test
def a_phone_reads_the_code(place):
    status, out, said = run(*PHONE, "-P", 15963)
    equal((status, said), (0, ""))
    equal(scan(out), ["vpcd://192.0.2.7:15963"])
    has(out, "VPCD hostname:  192.0.2.7\n", "VPCD port:      15963\n",
        "\nvpcd://192.0.2.7:15963\n")


@test
def a_phone_reads_it_dark_on_light(place):
    out = run(*PHONE, "--invert")[1]
    equal(scan(out, written=0)[:1], ["vpcd://192.0.2.7:35963"])


@test
def ipv6_stands_in_brackets(place):
    out = run("-H", "2001:db8::7", "-P", 1)[1]
    equal(scan(out), ["vpcd://[2001:db8::7]:1"])


@test
def the_app_that_is_a_reader_reads_vicc(place):
    status, out, _ = run("--vicc", *PHONE)
    equal(status, 0)
    equal(scan(out), ["vicc://192.0.2.7:35963"])


@test
def each_slot_of_each_reader_has_a_code(place):
    folder = readers(place, ("One", "/dev/null:0x3C00:bind=any"),
                     ("Two", "tcp-listen:any:15400"),
                     ("Three", "unix-listen:/run/x"),
                     ("Four", "192.0.2.9:35963"))
    status, out, said = run(*PHONE, *folder)
    equal((status, said), (0, ""))
    equal(scan(out), [f"vpcd://192.0.2.7:{port}"
                      for port in (15360, 15361, 15400)])
    has(out, "Reader:         One\n", "Reader:         Two\n")
    out = run(*PHONE, *folder, "--plain")[1]
    equal(out, "".join(f"vpcd://192.0.2.7:{port}\n"
                       for port in (15360, 15361, 15400)))


@test
def a_reader_for_this_machine_alone_is_told(place):
    folder = readers(place, ("One", "/dev/null:15360:slots=1"))
    status, out, said = run(*PHONE, *folder, "--plain")
    equal((status, out), (1, "vpcd://192.0.2.7:15360\n"))
    has(said, ":bind=any", "restart pcscd")
    equal(run("-H", "localhost", *folder, "-p")[0], 0)


@test
def a_place_of_its_own_is_the_address(place):
    folder = readers(place, ("One", "tcp-listen:198.51.100.3:15360"))
    equal(run("-p", *folder)[1], "vpcd://198.51.100.3:15360\n")


@test
def without_a_reader_it_is_the_usual_port(place):
    status, out, said = run(*PHONE, "-p", "--config", place.path)
    equal((status, out), (0, "vpcd://192.0.2.7:35963\n"))
    has(said, "no reader that waits")


@test
def own_addresses_are_found(place):
    """In a network of its own: which one comes first, and which are left."""
    script = ('ip link set lo up; ip link add eth8 type veth peer name eth9; '
              'ip address add 203.0.113.5/24 dev eth8; '
              'ip address add 198.51.100.5/24 dev eth9; '
              'ip -6 address add 2001:db8::5/64 dev eth9 nodad; '
              'ip link set eth8 up; ip link set eth9 up; '
              'ip route add default via 198.51.100.1; ')

    def inside(*args):
        done = subprocess.run(
            ["unshare", "-Urn", "sh", "-c", script + '"$@"', "sh", CONFIG,
             "-p", "-P", "1", *args], capture_output=True, text=True,
            check=False)
        return done.returncode, done.stdout.split()

    if not shutil.which("ip") or subprocess.run(
            ["unshare", "-Urn", "ip", "link", "add", "x", "type", "veth"],
            capture_output=True, check=False).returncode != 0:
        raise Skip("no network of our own")
    equal(inside(), (0, ["vpcd://198.51.100.5:1"]))
    equal(inside("-6"), (0, ["vpcd://[2001:db8::5]:1"]))
    equal(inside("-i", "eth8"), (0, ["vpcd://203.0.113.5:1"]))
    equal(inside("-a"), (0, ["vpcd://198.51.100.5:1", "vpcd://203.0.113.5:1",
                             "vpcd://[2001:db8::5]:1"]))
    equal(inside("-i", "lo"), (4, []))


@test
def wrong_arguments(place):
    for args in (("-P", "0"), ("-P", "65536"), ("-P", "1x"), ("-P", "-1"),
                 ("-H", ""), ("-H", "a b"), ("--nonsense",), ("one",),
                 ("-P",)):
        status, out, said = run(*args)
        equal((status, out), (2, ""), args)
        has(said, "vpcd-config --help")
    equal(run("--config", "/nonexistent", *PHONE)[0], 5)


@test
def version_and_help(place):
    assert re.fullmatch(r"vpcd-config \d+\.\d+\.\d+\n", run("-V")[1])
    status, out, _ = run("--help")
    equal(status, 0)
    page = subprocess.run(
        ["mandoc", "-Tascii", "-Owidth=1000", os.environ["VPCD_CONFIG_PAGE"]],
        capture_output=True, check=True, text=True).stdout
    page = re.sub(r"\s+", " ", re.sub(r".\x08", "", page))
    told = re.findall(r"^  (-.,|   ) --(\S+).*?  (\S.*)$", out, re.M)
    equal(len(told), 12)
    for letter, name, words in told:
        has(page, "--" + name, words)


main()
