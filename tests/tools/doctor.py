#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""vicc doctor on what other machines have said: doctor/NAME.facts are files
as --save writes them, with the words of systemd, polkit, SELinux and AppArmor
in them. What this machine can be brought to is in tests/pcsc/doctor.py."""

import json
import os
import pathlib

from tap import equal, has, main, new_image, test

HERE = pathlib.Path(__file__).parent / "doctor"
PCSCD, DRIVER, WIRE, PERMISSION, CARD = 10, 11, 12, 13, 14


def judge(place, name):
    """(status, {check: finding}) for a file."""
    path = HERE / f"{name}.facts" if isinstance(name, str) else name
    status, out, said = place.run("doctor", "--json", "--from", path)
    equal(said, "")
    told = json.loads(out)
    equal(told["healthy"], status == 0)
    return status, {f["check"]: f for f in told["findings"]}


def first(place, name, status, check, *words):
    got, found = judge(place, name)
    faults = [n for n, f in found.items() if f["level"] == "fault"]
    equal((got, faults[:1]), (status, [check]), name)
    has(json.dumps(found[check]), *words)
    return found


@test
def healthy(place):
    equal(judge(place, "healthy"), (0, {}))


@test
def polkit(place):
    first(place, "polkit", PERMISSION, "polkit", "(user: 1000)",
          "/etc/polkit-1/rules.d/", "--disable-polkit", "vicc exec")


@test
def polkit_of_somebody_else(place):
    status, found = judge(place, "polkit-other")
    equal((status, found["polkit"]["level"]), (0, "note"))
    has(found["polkit"]["why"], "(user: 999)")


@test
def selinux(place):
    first(place, "selinux", PERMISSION, "selinux", "listen at the port",
          "name_bind", "audit2allow", "semodule -i")


@test
def selinux_that_only_reports(place):
    status, found = judge(place, "selinux-permissive")
    equal((status, "selinux" in found), (0, False))


@test
def apparmor(place):
    first(place, "apparmor-daemon", PERMISSION, "apparmor",
          "/usr/sbin/pcscd", "aa-complain '/usr/sbin/pcscd'")
    first(place, "apparmor-snap", PERMISSION, "apparmor",
          "keeps a program from pcscd", "snap connect firefox:pcscd")


@test
def auto_exit(place):
    status, found = judge(place, "auto-exit")
    equal((status, found["auto-exit"]["level"]), (0, "note"))
    has(json.dumps(found["auto-exit"]), "60 seconds", "its command line",
        "systemctl edit pcscd.service")


@test
def asleep(place):
    found = first(place, "asleep", PCSCD, "pcscd-asleep", "has woken it",
                  "systemctl start pcscd")
    has(found["auto-exit"]["what"], "60 seconds")


@test
def crashes_when_it_is_started(place):
    first(place, "crashes", PCSCD, "pcscd-hangs", "may end as soon as")


@test
def daemon_and_library_of_different_versions(place):
    first(place, "versions", PCSCD, "pcscd-refuses", "different versions")


@test
def no_client_library(place):
    first(place, "library", PCSCD, "library-missing", "libpcsclite1")


@test
def no_serial_readers(place):
    first(place, "no-serial", PCSCD, "pcscd-unfit", "serial")


@test
def mute(place):
    first(place, "mute", CARD, "card-mute", "Virtual PCD 00 00")


@test
def other_files_are_refused(place):
    for name, text in (("text", "hello\n"), ("empty", ""),
                       ("late", "[user]\n    0\nhello\n"),
                       ("control", "[user]\n    0\n[\x1b[31m\n")):
        status, out, said = place.run("doctor", "--from",
                                      place.file(name, text))
        equal((status, out), (5, ""), name)
        has(said, "vicc doctor --save")
    equal(place.run("doctor", "--from", place.path / "none")[0], 5)
    equal(place.run("doctor", "--from", "/dev/zero")[0], 5)


@test
def what_a_log_says_does_not_reach_the_terminal_raw(place):
    text = (HERE / "polkit.facts").read_text()
    path = place.file("x", text.replace("Rejected", "\x1b[31m")
                      .replace("Process 2605", "\x1b]0;title\x07"))
    out = place.run("doctor", "--from", path)[1]
    assert "\x1b" not in out and "\x07" not in out, repr(out)


@test
def saved_again_it_is_the_same(place):
    saved = place.path / "saved"
    for path in HERE.glob("*.facts"):
        place.run("doctor", "--from", path, "--save", saved)
        equal(saved.read_text(), path.read_text(), path.name)


@test
def the_driver_of_a_build_is_named_as_people_do(place):
    saved = place.path / "saved"
    env = {k: v for k, v in os.environ.items() if k != "VICC_DRIVER"}
    place.run("doctor", "--save", saved, env=env)
    text = saved.read_text()
    assert "[driver]" in text and "/../" not in text, text


@test
def a_file_that_cannot_be_written(place):
    status, _, said = place.run("doctor", "--from", HERE / "healthy.facts",
                                "--save", "/nonexistent/x")
    equal(status, 5)
    has(said, "/nonexistent/x")
    image = new_image(place)
    before = image.read_bytes()
    status, _, said = place.run("doctor", "--from", HERE / "healthy.facts",
                                "--save", image)
    equal((status, image.read_bytes() == before), (5, True), said)
    has(said, "card: it is a card image, and is not replaced")


main()
