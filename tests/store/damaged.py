#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Images that are damaged, foreign, from the future, or where nothing can be
written: a clear error, and the file is what it was."""

import os
import pathlib
import random
import resource
import shutil
import signal
import sqlite3
import subprocess

from tap import VICC, equal, has, main, test

TRY = "> 00200001 04 39393939\n"
PAGE = 8192


def new(place, *args):
    image = place.path / "card"
    equal(place.run("new", *args, image)[0], 0)
    return image


def refused(place, image, *why, status=5, use=("apdu", "-f")):
    """It cannot be used, and neither it nor what lies beside it changes."""
    def all_bytes():
        return {p.name: p.read_bytes() for p in image.parent.iterdir()}

    before = all_bytes()
    got, out, said = place.run(*use, image, text=TRY)
    equal((got, out), (status, ""), said)
    has(said, "card: ", *why)
    assert "\n" not in said.strip(), said
    assert all_bytes() == before, "it was changed: " + said


def sql(image, *statements):
    database = sqlite3.connect(image)
    for statement in statements:
        database.execute(statement)
    database.commit()
    database.close()


@test
def cut_at_every_page(place):
    image = new(place)
    whole = image.read_bytes()
    for n in range(0, len(whole), PAGE):
        for size in {n, n + 1, n + PAGE // 2, n + PAGE - 1}:
            image.write_bytes(whole[:size])
            refused(place, image, "damaged" if size >= 100 else "no card im")


@test
def bytes_turned(place):
    """Whatever is turned: an error and the same file, or a card."""
    image = new(place)
    whole = image.read_bytes()
    rng = random.Random(5)
    places = [*range(0, 100, 3), *(rng.randrange(len(whole))
                                   for _ in range(150))]
    for at in places:
        data = bytearray(whole)
        data[at] ^= rng.choice((1, 0x80, 0xFF))
        image.write_bytes(data)
        status, _, said = place.run("apdu", "-f", image, "--discard",
                                    text="> 00A4000C021001\n> 00B0000000\n")
        assert status in (0, 3, 5), f"byte {at}: {status} {said}"
        equal(image.read_bytes(), data, f"byte {at}")
        if status != 0:
            refused(place, image, status=status)


@test
def pages_of_rubbish(place):
    image = new(place)
    whole = image.read_bytes()
    rng = random.Random(6)
    for page in range(len(whole) // PAGE):
        for filling in (bytes(PAGE), b"\xFF" * PAGE, rng.randbytes(PAGE)):
            data = bytearray(whole)
            data[page * PAGE:(page + 1) * PAGE] = filling
            image.write_bytes(data)
            status, _, said = place.run("apdu", "-f", image, "--discard",
                                        text="")
            assert status in (0, 3, 5), f"page {page}: {status} {said}"
            equal(image.read_bytes(), data)


@test
def foreign_files(place):
    image = place.path / "card"
    for text in ("", "x", "SQLite format 3\0", "no card\n" * 1000):
        image.write_text(text)
        refused(place, image, "this is no card image")
    image.unlink()
    sql(image, "CREATE TABLE t(a)")
    refused(place, image, "an SQLite database, but no card image")
    image.unlink()
    image.mkdir()
    status, _, said = place.run("apdu", "-f", image)
    equal(status, 2)
    has(said, "this is not a file")
    image.rmdir()
    os.mkfifo(image)
    equal(place.run("apdu", "-f", image)[0], 2)
    image.unlink()
    status, _, said = place.run("apdu", "-f", image)
    equal(status, 5)
    has(said, "No such file")


@test
def later_and_unknown_formats(place):
    image = new(place)
    for version, why in ((2, "made by a later vicc"), (0, "no card image has"),
                         (-1, "made by a later vicc")):
        sql(image, f"PRAGMA user_version={version}")
        refused(place, image, why)
        refused(place, image, why, use=("snapshots",))


@test
def other_tables(place):
    image = new(place)
    kept = place.path / "kept"
    shutil.copy(image, kept)
    for change in ("CREATE TABLE more(a)", "DROP TABLE snapshot",
                   "CREATE TRIGGER t AFTER UPDATE ON object BEGIN "
                   "DELETE FROM object; END",
                   "ALTER TABLE object ADD COLUMN more TEXT",
                   "CREATE VIEW v AS SELECT load_extension('x')",
                   "CREATE INDEX i ON object(kind)"):
        shutil.copy(kept, image)
        sql(image, change)
        refused(place, image, "its tables are not those of a card image")


@test
def rows_that_no_card_wrote(place):
    """Each change, and what is said of it."""
    image = new(place)
    kept = place.path / "kept"
    shutil.copy(image, kept)
    pin = "WHERE kind = 'pin'"
    for change, why in (
            ("UPDATE object SET head = x'00' WHERE id = 1", "object 1 (a fil"),
            ("UPDATE object SET head = x'' WHERE id = 3", "malformed"),
            ("UPDATE object SET parent = 3 WHERE id = 4", "DF that it belong"),
            ("UPDATE object SET parent = 99 WHERE id = 4", "DF that it belo"),
            ("UPDATE object SET parent = 4294967296 WHERE id = 4", "damaged"),
            ("UPDATE object SET parent = 0 WHERE id = 4", "for its place"),
            ("UPDATE object SET id = 4294967296 WHERE id = 7", "damaged"),
            ("UPDATE object SET id = -5 WHERE id = 7", "damaged"),
            ("DELETE FROM object WHERE id = 1", "is not there"),
            ("UPDATE object SET body = x'00' WHERE id = 2", "its content"),
            ("UPDATE object SET body = zeroblob(5000000) WHERE id = 2",
             "its content"),
            ("UPDATE object SET head = (SELECT head FROM object WHERE id = 2) "
             "WHERE id = 3", "two files of its identifier"),
            ("UPDATE object SET kind = 'nonsense' WHERE id = 2",
             "of no known kind"),
            ("UPDATE object SET kind = 'pin' WHERE id = 2", "(a PIN)"),
            (f"UPDATE object SET head = x'0110' {pin}", "malformed"),
            (f"UPDATE object SET body = x'' {pin}", "malformed"),
            ("INSERT INTO object SELECT 20, parent, kind, head, body FROM "
             f"object {pin}", "two of its number"),
            ("INSERT INTO object SELECT 20, parent, kind, head, body FROM "
             "object WHERE id = 4", "two files"),
            ("INSERT INTO object VALUES(20, 1, 'file', x'8201788302100F"
             "8406F07669636301', x'')", "another DF has the same name"),
            ("UPDATE meta SET value = 'x' WHERE key = 'last_id'", "damaged"),
            ("UPDATE meta SET value = '99999999999' WHERE key = 'last_id'",
             "damaged"),
            ("DELETE FROM meta", "damaged"),
            ("INSERT INTO meta VALUES('seal', 'scrypt 1073741824 8 1 00')",
             "damaged"),
            ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
             "WHERE i < 100) INSERT INTO option SELECT 'o' || i, 'x' FROM n",
             "damaged")):
        shutil.copy(kept, image)
        sql(image, change)
        refused(place, image, why)
        refused(place, image, why, use=("apdu", "--discard", "-f"))
    for change, status in (
            ("UPDATE meta SET value = 'unheard-of' WHERE key = 'type'", 3),
            ("INSERT INTO option VALUES('nothing', '1')", 2),
            ("UPDATE option SET value = 't9' WHERE name = 'protocol'", 2)):
        shutil.copy(kept, image)
        sql(image, change)
        refused(place, image, status=status)


@test
def pins_that_no_card_wrote(place):
    """By bytes of the head, as vicc-image(5) has them."""
    image = new(place)
    kept = place.path / "kept"
    shutil.copy(image, kept)
    database = sqlite3.connect(image)
    head = database.execute("SELECT head FROM object WHERE kind = 'pin'") \
        .fetchone()[0]
    database.close()
    for at, value in ((1, 0), (1, 16), (2, 4), (2, 255), (3, 0), (3, 5),
                      (4, 3), (4, 65)):
        turned = bytearray(head)
        turned[at] = value
        shutil.copy(kept, image)
        sql(image, f"UPDATE object SET head = x'{turned.hex()}' "
                   "WHERE kind = 'pin'")
        refused(place, image, "its parameters are malformed")


@test
def keys_that_no_card_wrote(place):
    """Type, bits and value belong together: sessions take their keys' length
    from them."""
    image = new(place, "-o", "sm-keys=" + bytes(range(32)).hex(),
                "-o", "sm-suite=aes")
    kept = place.path / "kept"
    shutil.copy(image, kept)
    database = sqlite3.connect(image)
    at, head = database.execute("SELECT id, head FROM object "
                                "WHERE kind = 'key'").fetchone()
    database.close()
    value, malformed = "its value is not what", "its parameters are malformed"
    for old, turned, why in (
            ("81020080", "8102FFF8", value), ("81020080", "81020000", value),
            ("81020080", "810200C0", value), ("800102", "800110", malformed),
            ("800102", "800177", value),
            ("90020000", "90020F10", malformed),
            ("83011E", "83019E", malformed),
            ("90020000", "90020000C041" + 65 * "00", malformed)):
        more = head.hex().upper().replace(old, turned)
        assert more != head.hex().upper(), old
        shutil.copy(kept, image)
        sql(image, f"UPDATE object SET head = x'{more}' WHERE id = {at}")
        refused(place, image, f"object {at} (a key): {why}")
    for n in 0, 1, 8, 15, 17, 32, 1000:
        shutil.copy(kept, image)
        sql(image, f"UPDATE object SET body = zeroblob({n}) WHERE id = {at}")
        refused(place, image, f"object {at} (a key): {value}")


@test
def a_key_pair_that_its_parameters_are_not_of(place):
    """It comes out when the pair is used: then it is none."""
    image = new(place)
    sign = ("> 002241B6 03 840101\n> 002A9E9A 20 " + 32 * "5A" + " 00\n")
    status, out, said = place.run("apdu", "-f", image, text=(
        "> 00200001 04 31323334\n> 00478000 0A B603840101AC03800121 00\n"
        + sign))
    equal(status, 0, said)
    equal(out.count("9000\n"), 4, out)
    database = sqlite3.connect(image)
    head = database.execute("SELECT hex(head) FROM object "
                            "WHERE kind = 'key'").fetchone()[0]
    database.close()
    for old, turned, sw in (("800121", "800124", "6984"),
                            ("81020100", "81020180", "6984"),
                            ("800121", "800121", "9000")):
        more = head.replace(old, turned)
        sql(image, f"UPDATE object SET head = x'{more}' WHERE kind = 'key'")
        status, out, said = place.run("apdu", "-f", image, text=sign)
        last = out.splitlines()[-1].split("#")[0].strip()
        equal((status, last[-4:]), (0, sw), said)


@test
def what_else_no_card_wrote(place):
    image = new(place)
    kept = place.path / "kept"
    shutil.copy(image, kept)
    for row, why in (
            ("1, 'file', x'82010183020000800100', x''", "for its place"),
            ("1, 'file', x'82050241000201830230008A0105', x'00010203'",
             "its content is not"),
            ("1, 'environment', x'00', x''", "its number is none"),
            ("1, 'environment', x'FF', x''", "its number is none"),
            ("1, 'environment', x'0101', x''", "its number is none"),
            ("0, 'pin', x'8103030408', x'31323334'", "malformed"),
            ("1, 'pin', x'0203030408', x'31323334'", "malformed"),
            ("1, 'private', x'1234', x''", "its number is none"),
            ("0, 'private', x'123456', x''", "its number is none")):
        shutil.copy(kept, image)
        sql(image, f"INSERT INTO object VALUES(20, {row})")
        refused(place, image, "object 20", why)
    for row in ("1, 'environment', x'01', x''", "0, 'private', x'1234', x''"):
        shutil.copy(kept, image)
        sql(image, f"INSERT INTO object VALUES(20, {row})")
        equal(place.run("apdu", "-f", image, text="")[0], 0, row)
        sql(image, f"INSERT INTO object VALUES(21, {row})")
        refused(place, image, "object 21", "there are two of its number")


@test
def very_many_rows_end(place):
    """A hundred thousand DFs inside each other and beside each other."""
    image = new(place)
    sql(image,
        "DELETE FROM object WHERE id > 1",
        "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE "
        "i < 100000) INSERT INTO object SELECT i, i - 1, 'file', "
        "x'820138830240008A0105', x'' FROM n")
    status, out, said = place.run("apdu", "-f", image,
                                  text="> 00A4000C024000\n")
    equal((status, out.splitlines()[1]), (0, "< 9000"), said)


def killed_amid(place, image):
    """An image whose journal is still beside it."""
    program = subprocess.Popen([VICC, "apdu", "-f", image], text=True,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    program.stdin.write(TRY)
    program.stdin.flush()
    equal(program.stdout.readline()[:2], "> ")
    has(program.stdout.readline(), "< 63C2")
    program.kill()
    program.wait()
    program.stdin.close()
    program.stdout.close()
    log = image.parent / (image.name + "-wal")
    assert log.stat().st_size > 0
    return log


@test
def what_a_kill_left_is_put_in_order(place):
    for use in (("apdu", "-f"), ("apdu", "--discard", "-f")):
        image = new(place)
        killed_amid(place, image)
        status, out, said = place.run(*use, image, text="> 00200001\n")
        equal(status, 0, said)
        has(out, "< 63C2")
        equal([p.name for p in place.path.iterdir()], ["card"])
        image.unlink()


@test
def a_log_cut_or_turned(place):
    """What was not synced may be lost, and nothing else happens."""
    image = new(place)
    log = killed_amid(place, image)
    whole, data = image.read_bytes(), log.read_bytes()
    rng = random.Random(7)
    for _ in range(40):
        turned = bytearray(data[:rng.randrange(len(data) + 1)])
        if turned and rng.random() < 0.5:
            turned[rng.randrange(len(turned))] ^= 0xFF
        image.write_bytes(whole)
        log.write_bytes(turned)
        status, out, said = place.run("apdu", "-f", image, text="> 00200001\n")
        equal(status, 0, said)
        assert "< 63C2" in out or "< 63C3" in out, out


@test
def a_log_of_an_image_that_is_damaged(place):
    image = new(place)
    log = killed_amid(place, image)
    data = bytearray(image.read_bytes())
    data[68:72] = b"xxxx"
    image.write_bytes(data)
    refused(place, image, "no card image")
    assert log.exists()


def as_nobody(place, *args, text=""):
    """Root may write anything: somebody else runs it."""
    def drop():
        if os.getuid() == 0:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
    return place.run(*args, text=text, preexec_fn=drop)


@test
def an_image_that_is_read_only(place):
    image = new(place)
    image.chmod(0o444)
    for path in [place.path, *pathlib.Path(VICC).resolve().parents]:
        if path == place.path:
            path.chmod(0o555)
        elif os.getuid() == 0 and not path.stat().st_mode & 1:
            place.path.chmod(0o755)
            return  # nobody else can come to the program
    try:
        status, _, said = as_nobody(place, "apdu", "-f", image, text=TRY)
        equal(status, 5, said)
        has(said, "cannot be written", "--discard", "vicc copy")
        status, out, said = as_nobody(place, "apdu", "-f", image, "--discard",
                                      text=TRY)
        equal(status, 0, said)
        has(out, "< 63C2")
        image.chmod(0o000)
        status, _, said = as_nobody(place, "apdu", "-f", image, text=TRY)
        equal(status, 5)
        has(said, "Permission denied")
    finally:
        place.path.chmod(0o755)


def run_limited(place, size, image, text):
    """With files that cannot grow past `size` bytes."""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return place.run("apdu", "-f", image, text=text, preexec_fn=limit,
                     restore_signals=False)


@test
def no_room_for_what_changes(place):
    """The command says so and is undone; what was answered before stays."""
    image = new(place)
    update = "> 00D6820020 " + "AB" * 32 + "\n"
    begin = "> 00200001 04 31323334\n> 00A4000C021000\n"
    for size in range(0, 60000, 3000):
        status, out, said = run_limited(place, size, image,
                                        begin + 6 * update + TRY)
        equal(status, 0, said)
        answers = [line[2:6] for line in out.splitlines() if line[0] == "<"]
        assert answers[0] in ("9000", "6F00", "6A84", "6581"), answers
        if "9000" not in answers[2:8]:
            has(said, "is not kept, and undone: ", "card: ")
        status, out, said = place.run(
            "apdu", "-f", image,
            text="> 00200001\n> 00A4000C021000\n> 00B0820020\n")
        equal(status, 0, said)
        answer = out.splitlines()[5]
        if "9000" in answers[2:8]:
            has(answer, "AB" * 32)
        if answers[-1].startswith("63C"):
            has(out.splitlines()[1], answers[-1])
        equal(place.run("apdu", "-f", image, text=begin)[0], 0)
        database = sqlite3.connect(image)
        equal(database.execute("PRAGMA integrity_check").fetchall(),
              [("ok",)])
        database.close()


@test
def no_room_for_a_new_image(place):
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
    status, _, said = place.run("new", place.path / "card", preexec_fn=limit,
                                restore_signals=False)
    equal(status, 5, said)
    has(said, "card: ")
    equal(list(place.path.iterdir()), [])


main()
