#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Card images as users meet them: made, run from, copied, kept in snapshots,
and shared with other processes."""

import os
import re
import resource
import shutil
import signal
import sqlite3
import stat
import subprocess

from reader import ON, connect
from tap import VICC, alone, answers, equal, has, main, new_image, test

PIN = "00200001 04 31323334"
TRY = "00200001 04 39393939"


@test
def an_image_is_a_private_file(place):
    image = new_image(place, "-t", "iso7816", "-o", "pin=4321")
    equal(stat.S_IMODE(image.stat().st_mode), 0o600)
    equal(image.stat().st_uid, os.getuid())
    equal([p.name for p in place.path.iterdir()], ["card"])
    data = image.read_bytes()
    equal(data[68:72], b"vicc")
    equal(data[60:64], b"\0\0\0\1")
    database = sqlite3.connect(image)
    equal(dict(database.execute("SELECT * FROM meta"))["type"], "iso7816")
    equal(dict(database.execute("SELECT * FROM option")),
          {"memory": "131072", "protocol": "both"})
    equal(database.execute("SELECT kind, count(*) FROM object GROUP BY kind")
          .fetchall(), [("file", 8), ("pin", 1)])
    equal(database.execute("SELECT head FROM object_hex WHERE id = 1")
          .fetchone()[0], "82017883023F008A0105")
    database.close()


@test
def what_changes_stays(place):
    image = new_image(place)
    equal(answers(place, image, PIN, "00A4000C021000", "00D6820002 4142",
                  TRY), ["9000", "9000", "9000", "63C2"])
    alone(image)
    equal(answers(place, image, "00200001", "00A4000C021000", "00B0820002"),
          ["63C2", "9000", "41429000"])
    equal(place.run("apdu", "--card", image, text=f"> {TRY}\n")[1],
          "> 0020000104********\n< 63C1  # wrong, 1 tries left\n")


@test
def other_types_have_images_too(place):
    image = new_image(place, "-t", "handler-test", "-o", "case4=apdu")
    equal(answers(place, image, "80300000", "8036000201AA"),
          ["9000", "00019000"])


@test
def the_atr_and_options_stay(place):
    image = new_image(place, "-o", "atr=3B00", "-o", "protocol=t0")
    script = place.file("s", "! atr 3B00\n> 00A4000402 3F00\n< 61xx\n")
    equal(place.run("apdu", "-f", image, script)[0], 0)
    script = place.file("s", "! atr 3B01FF\n")
    equal(place.run("apdu", "-f", image, "-o", "atr=3B01FF", script)[0], 0)
    script = place.file("s", "! atr 3B00\n")
    equal(place.run("apdu", "-f", image, script)[0], 0)


@test
def options_that_come_too_late(place):
    image = new_image(place)
    for option, why in (("pin=1", "is made already"),
                        ("serial=01", "is made already"),
                        ("nothing=1", "no option nothing"),
                        ("protocol=t2", "both|t0|t1")):
        status, _, said = place.run("apdu", "-f", image, "-o", option, text="")
        equal(status, 2, said)
        has(said, why)
    equal(place.run("apdu", "-f", image, "--count", 2, text="")[0], 2)


@test
def nothing_is_replaced_without_force(place):
    image = new_image(place)
    before = image.read_bytes()
    status, _, said = place.run("new", image)
    equal(status, 5)
    has(said, "card: it exists; --force replaces it")
    equal(image.read_bytes(), before)
    place.file("card-wal", "left by another")
    equal(place.run("new", "--force", image)[0], 0)
    assert image.read_bytes() != before
    alone(image)
    image.unlink()
    place.file("card-journal", "left by another")
    status, _, said = place.run("new", image)
    equal(status, 5)
    has(said, "journal of another image")
    status, _, said = place.run("new", "--force", place.path)
    equal(status, 5, said)
    status, _, said = place.run("new", place.path / "no" / "card")
    equal(status, 5)
    has(said, "No such file")


@test
def a_trace_overwrites_nothing_that_runs(place):
    image, other = new_image(place), new_image(place, name="other")
    (place.path / "symbolic").symlink_to("card")
    os.link(image, place.path / "hard.1")
    options = place.file("trace", "! power on\n! atr 3B00\n"), place.file(
        "faults", "on 00A4... sw 6F00\n"), place.file("passphrase", "x\n")
    (place.path / "key.pem").symlink_to("trace")
    before = {p: p.read_bytes() for p in place.path.iterdir()}
    for args, trace, words in (
            (("-f", image), "card", "overwrite the image\n"),
            (("--card", place.path / "symbolic"), "card", "the image\n"),
            (("-f", image), "symbolic", "overwrite the image\n"),
            (("-f", place.path / "symbolic"), "card-wal",
             "overwrite what belongs to the image "),
            (("-f", image), "card-shm", "what belongs to the image"),
            (("-f", image), "other", "overwrite a card image\n"),
            (("-t", "iso7816"), "card", "overwrite a card image\n"),
            (("-t", "replay", "-o", f"trace={options[0]}"), "trace",
             "overwrite the file of option trace\n"),
            (("-t", "piv", "-o", f"9a.key={options[0]}"), "key.pem",
             "overwrite the file of option 9a.key\n"),
            (("--passphrase-file", options[2]), "passphrase",
             "overwrite the file of the passphrase\n")):
        status, out, said = place.run("apdu", *args, "--trace",
                                      place.path / trace, text="")
        equal((status, out), (2, ""), f"{args} {said}")
        has(said, f"vicc: --trace {place.path}/{trace}: the trace would",
            words)
    for args, words in (
            (("run", "-f", image, "-f", other), "hard.1: the trace would "
             "overwrite the image\n"),
            (("run", "-f", other, "-t", "replay", "-o",
              f"trace={options[0]}"), "hard.1: the trace would overwrite a"),
            (("run", "--fault-script", options[1]), "script of faults"),
            (("fault", "unix:/a", "unix:/b"), "hard.1: the trace")):
        status, _, said = place.run(*args, "--trace", place.path / (
            "faults" if "--fault-script" in args else "hard"))
        equal(status, 2, f"{args} {said}")
        has(said, words)
    assert {p: p.read_bytes() for p in place.path.iterdir()} == before


@test
def an_image_is_one_card(place):
    equal(place.run("new", "-t", "iso7816", "-t", "iso7816", "x")[0], 2)
    equal(place.run("new", "-o", "tries=99", place.path / "x")[0], 2)
    equal(place.run("new", "-f", "y", "x")[0], 2)
    equal(place.run("new")[0], 2)
    equal(place.run("copy", "one")[0], 2)
    equal([p.name for p in place.path.iterdir()], [])


@test
def the_second_process_is_told_who_holds_it(place):
    image = new_image(place)
    holder = place.program("-R", "-P", 0, "-f", image)
    holder.expect("waiting")
    before = image.read_bytes()
    who = f"vicc (process {holder.process.pid})"
    for args in (("apdu", "-f", image), ("apdu", "-f", image, "--discard"),
                 ("copy", image, place.path / "new"),
                 ("snapshot", image, "x"), ("restore", image, "x"),
                 ("snapshots", image)):
        status, _, said = place.run(*args)
        equal(status, 7, f"{args}: {said}")
        has(said, "card: the image is in use by " + who)
    status, _, said = place.run("new", "--force", image)
    equal(status, 7)
    has(said, who)
    database = sqlite3.connect(image, timeout=0)
    try:
        database.execute("SELECT * FROM meta")
        raise AssertionError("it is not locked")
    except sqlite3.OperationalError as error:
        has(str(error), "locked")
    database.close()
    equal(holder.end(), 0)
    assert "in memory" not in holder.rest()
    equal(image.read_bytes(), before)
    equal(answers(place, image, PIN), ["9000"])


@test
def twice_in_one_process(place):
    image = new_image(place)
    link = place.path / "link"
    link.symlink_to(image)
    for other in (image, link):
        status, _, said = place.run("-R", "-P", 0, "-f", image, "-f", other)
        equal(status, 7)
        has(said, "this program already runs a card")
    program = place.program("-R", "-P", 0, "-f", image, "-f",
                            new_image(place, name="other"))
    program.expect("card 1: waiting")
    equal(program.end(), 0)


@test
def many_may_discard_at_once(place):
    image = new_image(place)
    before = image.read_bytes()
    programs = [place.program("-R", "-P", 0, "--discard", "-f", image)
                for _ in range(3)]
    for program in programs:
        program.expect("waiting")
        has(program.said, "in memory")
    equal(answers(place, image, TRY, TRY, "00200001", args=["--discard"]),
          ["63C2", "63C1", "63C1"])
    equal(image.read_bytes(), before)
    alone(image)
    equal(answers(place, image, "00200001"), ["63C3"])


@test
def a_copy_is_another_card(place):
    image = new_image(place, "-o", "serial=0102030405")
    equal(answers(place, image, TRY), ["63C2"])
    copy = place.path / "copy"
    equal(place.run("copy", image, copy)[0], 0)
    read = ("00200001", "00A4000C022F02", "00B0000007")
    equal(answers(place, image, *read)[2], "5A0501020304059000")
    tries, _, serial = answers(place, copy, *read)
    equal(tries, "63C2")
    assert re.fullmatch("5A05[0-9A-F]{10}9000", serial), serial
    assert "0102030405" not in serial
    equal(place.run("copy", image, copy)[0], 5)
    equal(place.run("copy", "--force", image, copy)[0], 0)
    assert answers(place, copy, *read)[2] != serial
    status, _, said = place.run(
        "copy", new_image(place, "-t", "handler-test", name="h"),
        place.path / "h2")
    equal(status, 0)
    has(said, "no serial number")


@test
def a_copy_goes_not_over_its_image(place):
    image = new_image(place)
    equal(place.run("snapshot", image, "first")[0], 0)
    (place.path / "symbolic").symlink_to("card")
    os.link(image, place.path / "hard")
    before = image.read_bytes()
    for name in "card", "symbolic", "hard":
        for args in (), ("--force",):
            to = place.path / name
            equal(place.run("copy", *args, image, to),
                  (2, "", f"vicc: {image} and {to} are the same file\n"))
            equal(place.run("copy", *args, to, image)[0], 2)
            assert image.read_bytes() == before
    has(place.run("snapshots", image)[1], "first")


@test
def snapshots(place):
    image = new_image(place)
    equal(place.run("snapshot", image, "fresh one")[0], 0)
    equal(answers(place, image, TRY, TRY), ["63C2", "63C1"])
    equal(place.run("snapshot", image, "used")[0], 0)
    status, out, _ = place.run("snapshots", image)
    equal(status, 0)
    assert re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ  .*objects  "
                        r"(fresh one|used)\n){2}", out), out
    equal(place.run("restore", image, "fresh one")[0], 0)
    equal(answers(place, image, "00200001"), ["63C3"])
    equal(place.run("restore", image, "used")[0], 0)
    equal(answers(place, image, "00200001"), ["63C1"])
    for verb, name, expected, why in (
            ("snapshot", "used", 5, "there is a snapshot 'used'"),
            ("snapshot", "", 2, "1 to 64"), ("snapshot", "a\nb", 2, "1 to 64"),
            ("restore", "none", 5, "no snapshot of that name")):
        status, _, said = place.run(verb, image, name)
        equal(status, expected, said)
        has(said, why)
    equal(place.run("snapshot", "--force", image, "fresh one")[0], 0)
    equal(place.run("restore", image, "fresh one")[0], 0)
    equal(answers(place, image, "00200001"), ["63C1"])
    alone(image)


@test
def numbers_of_objects_are_not_used_again(place):
    image = new_image(place)
    create = "00E00000 10 620E 80020010 820101 83024000 8A0105"

    def newest():
        database = sqlite3.connect(image)
        row = database.execute("SELECT max(id), (SELECT value FROM meta WHERE "
                               "key = 'last_id') FROM object").fetchone()
        database.close()
        return row

    equal(answers(place, image, create), ["9000"])
    equal(newest(), (10, "10"))
    equal(answers(place, image, "00A4000C024000", "00E40000"),
          ["9000", "9000"])
    equal(newest(), (9, "10"))
    equal(answers(place, image, create), ["9000"])
    equal(newest(), (11, "11"))


@test
def numbers_of_objects_end(place):
    image = new_image(place)
    database = sqlite3.connect(image)
    database.execute("UPDATE meta SET value = '4294967294' WHERE key = "
                     "'last_id'")
    database.commit()
    database.close()
    create = "00E00000 10 620E 80020010 820101 83024{:03X} 8A0105"
    equal(answers(place, image, create.format(1), "00A4000C",
                  create.format(2), "00A4000C024002"),
          ["9000", "9000", "6A84", "6A82"])
    equal(answers(place, image, "00A4000C024001", "00A4000C",
                  create.format(3)), ["9000", "9000", "6A84"])


@test
def files_without_a_life_cycle(place):
    """In an image that somebody wrote; they are activated."""
    image = new_image(place)
    equal(answers(place, image, "00E00000 10 620E 80020010 820101 83024000 "
                  "8A0105", "00E00000 10 620E 80020010 820101 83024001 8A0105"),
          ["9000", "9000"])
    database = sqlite3.connect(image)
    for number, head in database.execute(
            "SELECT id, head FROM object WHERE kind = 'file'").fetchall():
        database.execute("UPDATE object SET head = ? WHERE id = ?",
                         (head.replace(bytes.fromhex("8A0105"), b""), number))
    database.commit()
    database.close()
    equal(answers(place, image, "00A4000C024000", "00B0000001", "00440000",
                  "00040000", "00B0000001", "00A4000C024001", "00E80000"),
          ["9000", "009000", "6985", "9000", "6985", "9000", "9000"])
    equal(answers(place, image, "00A4000C024000", "00B0000001", "00440000",
                  "00B0000001", "00A40004024001", "00E80000"),
          ["6283", "6985", "9000", "009000", "6110", "6985"])


@test
def readers_change_images(place):
    """By a thread a card, and all of it lasts through a kill."""
    images = [new_image(place, name=f"card{i}") for i in range(3)]
    cards = [arg for image in images for arg in ("-f", image)]
    path = place.path / "slot"
    program = place.program(*cards, "--listen", f"unix-listen:{path}")
    for i in range(len(images)):
        line = program.expect(f"card {i}: waiting")
        reader = place.own(connect(line))
        reader.power(ON)
        for command in (PIN, "00A4000C021000"):
            equal(reader.apdu(command), "9000")
        for number in range(20):
            equal(reader.apdu(f"00D6{0x82:02X}00 02 AB{number:02X}"), "9000")
        equal(reader.apdu(TRY), "63C2")
    program.process.kill()
    program.process.wait()
    for image in images:
        assert image.with_name(image.name + "-wal").exists()
        equal(answers(place, image, "00200001", "00A4000C021000",
                      "00B0820002"), ["63C2", "9000", "AB139000"])
        alone(image)


def small_disk():
    """In a child: no file gets longer than what the image needs now."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000))


@test
def what_a_full_disk_does_not_keep_is_not_there(place):
    image = new_image(place)
    create = "00E00000 11 620F 8003{:06X} 820101 83024444 8A0105"
    commands = ["00A4000C023F00", create.format(1000000), "00B0000004",
                "00A4000C024444", "002000010431323334", create.format(100),
                "00B0000004"]
    status, out, said = place.run(
        "apdu", "-f", image, preexec_fn=small_disk,
        text="".join(f"> {c}\n" for c in commands))
    equal(status, 0, said)
    has(said, "is not kept, and undone")
    equal(re.findall("(?m)^< ([0-9A-F]+)", out),
          ["9000", "6581", "6986", "6A82", "9000", "9000", "000000009000"])
    equal(answers(place, image, "00A4000C024444", "00B0000004"),
          ["9000", "000000009000"])


def count_syncs(place, image, commands, *args):
    log = place.path / "strace"
    script = place.file("script", "".join(f"> {c}\n" for c in commands))
    subprocess.run(["strace", "-f", "-o", log, "-e",
                    "trace=fsync,fdatasync,pwrite64", VICC,
                    "apdu", "-f", image, *args, script], check=True,
                   capture_output=True, timeout=60,
                   env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})
    text = log.read_text()
    return (len(re.findall(r"(?:fsync|fdatasync)\(", text)),
            len(re.findall(r"pwrite64\(", text)))


@test
def an_update_is_one_sync_and_a_read_none(place):
    if shutil.which("strace") is None or subprocess.run(
            ["strace", "-o", "/dev/null", "true"]).returncode != 0:
        return  # no tracing here: the benchmark counts too
    image = new_image(place)
    begin = [PIN, "00A4000C021000"]
    read = ["00B0820020", "00200001"] * 20
    update = ["00D6820004DEADBEEF"]
    equal(count_syncs(place, image, ["00A4000C021000"] + read), (0, 0))
    few, _ = count_syncs(place, image, begin + 10 * update)
    many, _ = count_syncs(place, image, begin + 60 * update)
    equal(many - few, 50)
    more, _ = count_syncs(place, image, begin + 10 * update + read)
    equal(more, few)
    equal(count_syncs(place, image, begin + 10 * update, "--discard"), (0, 0))


main()
