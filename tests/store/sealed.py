#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Card images under a passphrase: what is sealed, how it is asked for, and
that sealed rows cannot be exchanged."""

import os
import pty
import select
import signal
import shutil
import sqlite3
import termios

from tap import VICC, alone, answers, equal, has, main, new_image, test

TRY = "00200001 04 39393939"


def passphrase(place, text="correct horse"):
    return "--passphrase-file", place.file("passphrase", text + "\n")


@test
def pins_are_sealed(place):
    pin = "27182818284590"
    given = passphrase(place)
    image = new_image(place, "-o", "pin=" + pin, *given)
    plain = new_image(place, "-o", "pin=" + pin, name="plain")
    assert pin.encode() in plain.read_bytes()
    verify = f"00200001{len(pin):02X}" + pin.encode().hex()
    equal(answers(place, image, verify, TRY, verify, TRY, args=given),
          ["9000", "63C2", "9000", "63C2"])
    equal(answers(place, image, "00200001", args=given), ["63C2"])
    for path in place.path.iterdir():
        if path.name.startswith("card"):
            data = path.read_bytes()
            assert pin.encode() not in data and b"correct" not in data
    alone(image)


@test
def keys_are_sealed(place):
    key = bytes(range(0x40, 0x60))
    options = "-o", "sm-keys=" + key.hex()
    plain = new_image(place, *options, name="plain").read_bytes()
    assert key[:16] in plain and key[16:] in plain
    sealed = new_image(place, *options, *passphrase(place)).read_bytes()
    for secret in (key[:16], key[16:], b"1234"):
        assert secret not in sealed
    assert key.hex().encode() not in (plain + sealed).lower()


@test
def secret_files_are_sealed(place):
    """What a Cryptoflex card has in files: PINs, DES keys and RSA keys."""
    given = passphrase(place)
    key, pin = bytes.fromhex("2C15E526E93E8A19"), b"86427531"
    commands = ("F02A000108" + key.hex(),
                "F0E0000010FFFF0017000001FF00F0FF0103000000",
                "C0D6000017FFFFFF" + pin.hex() + "0303" + pin.hex() + "0A0A",
                "C0200001083030303030303030", "C020000108" + pin.hex())
    expected = ["9000", "9000", "9000", "63C2", "9000"]
    for name, sealed in ("plain", ()), ("card", given):
        image = new_image(place, "-t", "cryptoflex", *sealed, name=name)
        equal(answers(place, image, *commands, args=sealed), expected)
        data = image.read_bytes()
        equal((pin in data, key in data), (name == "plain",) * 2, name)
    equal(answers(place, image, commands[-1], args=given), ["9000"])
    status, out, said = place.run("show", image, "--profile", *given)
    equal(status, 0, said)
    assert pin.hex() not in out.lower() and key.hex() not in out.lower(), out


@test
def data_objects_are_sealed(place):
    """In which tools keep keys, too: ykman the management key of a PIV card.
    They last, and outlive a change."""
    given, old, new = passphrase(place), "C0FFEE" * 6, "DECAFB" * 7
    get, pin = "00CA005E00", "00200001 04 31323334"
    for name, sealed in ("plain", ()), ("card", given):
        image = new_image(place, *sealed, name=name)
        equal(answers(place, image, get, pin, f"00DA005E 12 {old}", get,
                      args=sealed), ["6A88", "9000", "9000", old + "9000"])
        equal((bytes.fromhex(old) in image.read_bytes()), name == "plain")
        equal(answers(place, image, pin, f"00DA005E 15 {new}", get,
                      args=sealed), ["9000", "9000", new + "9000"])
        equal((bytes.fromhex(new) in image.read_bytes()), name == "plain")
        equal(answers(place, image, get, args=sealed), [new + "9000"])
    piv = [new_image(place, "-t", "piv", "-o", "chuid=" + old[:32], *sealed,
                     name=name).read_bytes()
           for name, sealed in (("piv-plain", ()), ("piv", given))]
    equal([bytes.fromhex(old[:32]) in data for data in piv], [True, False])


@test
def the_passphrase_is_asked_for_or_given(place):
    given = passphrase(place)
    image = new_image(place, *given)
    before = image.read_bytes()
    status, _, said = place.run("apdu", "-f", image, text="",
                                start_new_session=True)
    equal(status, 8)
    has(said, "card: its private parts need a passphrase",
        "--passphrase-file")
    status, _, said = place.run("apdu", "-f", image,
                                *passphrase(place, "wrong"), text="")
    equal(status, 8)
    has(said, "that is not the passphrase of this image")
    equal(place.run("apdu", "-f", image, "--passphrase-file", "/no/file",
                    text="")[0], 5)
    status, _, said = place.run("new", *passphrase(place, ""),
                                place.path / "x")
    equal(status, 8)
    has(said, "empty passphrase")
    equal(image.read_bytes(), before)
    reading, writing = os.pipe()
    os.write(writing, b"correct horse")
    os.close(writing)
    status, _, said = place.run("apdu", "-f", image, "--passphrase-fd",
                                reading, text="", pass_fds=[reading])
    os.close(reading)
    equal(status, 0, said)


@test
def the_passphrase_is_typed(place):
    """Asked twice for a new image, once for an old one, and never shown."""
    image = place.path / "card"

    def converse(args, words):
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(VICC, [VICC, *map(str, args)])
        seen = b""
        for expected, answer in words:
            while expected not in seen:
                assert select.select([terminal], [], [], 20)[0], seen
                seen += os.read(terminal, 4096)
            seen = seen[seen.index(expected) + len(expected):]
            os.write(terminal, answer)
        try:
            while more := os.read(terminal, 4096):
                seen += more
        except OSError:
            pass
        os.close(terminal)
        assert b"s3cret" not in seen, seen
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    twice = (b"Passphrase for ", b"s3cret\n"), (b"same again for ",
                                                b"s3cret\n")
    equal(converse(("new", "--passphrase", image), twice), 0)
    equal(converse(("apdu", "-f", image, place.file("s", "> 00200001\n")),
                   twice[:1]), 0)
    equal(converse(("new", "--passphrase", place.path / "other"),
                   (twice[0], (twice[1][0], b"another\n"))), 8)
    equal(converse(("copy", image, place.path / "copy"), twice[:1]), 0)


@test
def an_interrupt_at_the_prompt_leaves_the_terminal_as_it_was(place):
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(VICC, [VICC, "new", "--passphrase", str(place.path / "card")])
    seen = b""
    while b"Passphrase for " not in seen:
        assert select.select([terminal], [], [], 20)[0], seen
        seen += os.read(terminal, 4096)
    assert not termios.tcgetattr(terminal)[3] & termios.ECHO, "it shows"
    os.write(terminal, b"\x03")
    equal(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), -signal.SIGINT)
    assert termios.tcgetattr(terminal)[3] & termios.ECHO, "it stays silent"
    os.close(terminal)


@test
def sealed_images_are_copied_and_kept_sealed(place):
    given = passphrase(place)
    image = new_image(place, "-o", "pin=27182818", *given)
    copy = place.path / "copy"
    equal(place.run("copy", *given, image, copy)[0], 0)
    assert b"27182818" not in copy.read_bytes()
    equal(answers(place, copy, "0020000108" + b"27182818".hex(), args=given),
          ["9000"])
    equal(place.run("snapshot", image, "a")[0], 0)
    equal(answers(place, image, TRY, args=given), ["63C2"])
    equal(place.run("restore", image, "a")[0], 0)
    equal(answers(place, image, "00200001", args=given), ["63C3"])


@test
def sealed_rows_cannot_be_exchanged(place):
    """Neither a counter set back, nor a body from another image."""
    given = passphrase(place)
    image = new_image(place, *given)
    equal(answers(place, image, TRY, args=given), ["63C2"])
    before = place.path / "before"
    database = sqlite3.connect(image)
    head = database.execute("SELECT head FROM object WHERE kind = 'pin'") \
        .fetchone()[0]
    database.close()
    equal(head[1:3], b"\3\2")  # tries at most, tries left
    more = head[:2] + b"\3" + head[3:]
    for change in (f"UPDATE object SET head = x'{more.hex()}' "
                   "WHERE kind = 'pin'",
                   "UPDATE object SET id = 20 WHERE kind = 'pin'",
                   "UPDATE object SET parent = 1 WHERE kind = 'pin'",
                   "UPDATE object SET body = x'31323334' WHERE kind = 'pin'"):
        shutil.copy(image, before)
        database = sqlite3.connect(before)
        database.execute(change)
        database.commit()
        database.close()
        status, _, said = place.run("apdu", "-f", before, *given, text="")
        equal(status, 5, change)
        has(said, "the image is damaged")


@test
def nothing_is_edited_or_put_beside(place):
    """EFs hold rules for others, EF.ARR, and PINs, those of Cryptoflex."""
    given = passphrase(place)
    edited = place.path / "edited"
    image = new_image(place, *given)
    text = b"a row that can be read"
    begin = ("00200001 04 31323334", "00A4010C 02 1000")
    read = f"00B08200{len(text):02X}"
    equal(answers(place, image, *begin,
                  f"00D68200 {len(text):02X} {text.hex()}", read, args=given),
          3 * ["9000"] + [text.hex().upper() + "9000"])
    assert text not in image.read_bytes()
    equal(answers(place, image, begin[1], read, args=given)[1],
          text.hex().upper() + "9000")
    database = sqlite3.connect(image)
    at, head, size = database.execute(
        "SELECT id, head, length(body) FROM object "
        "WHERE instr(head, x'83021002')").fetchone()
    database.close()
    equal((head[-3:], size), (b"\x8A\1\5", 256 + 28))
    for change in (f"UPDATE object SET body = zeroblob(256) WHERE id = {at}",
                   f"UPDATE object SET head = x'{head[:-1].hex()}04' "
                   f"WHERE id = {at}",
                   "INSERT INTO object VALUES(20, 1, 'file', "
                   "x'80010482010183024711', x'31323334')"):
        shutil.copy(image, edited)
        database = sqlite3.connect(edited)
        equal(database.execute(change).rowcount, 1, change)
        database.commit()
        database.close()
        status, out, said = place.run("apdu", "-f", edited, *given, text="")
        equal((status, out), (5, ""), change)
        has(said, "the image is damaged")


@test(deadline=120)
def a_sealed_card_stays_what_it_is(place):
    """As a card of another type, or with other options, it might give away
    what is sealed: the private key of an EF, a signature without a PIN."""
    given = passphrase(place)
    edited = place.path / "edited"
    sign = ("00A4040C 05 A000000308", "002241B6 06 84019A800104",
            "002A9E9A 20 " + 32 * "5A" + " 00")
    image = new_image(place, "-t", "piv", "-o", "memory=64",
                      "-o", "keys=p256", *given)
    equal(answers(place, image, "00200080", args=given), ["63C3"])
    for changes in (
            ("UPDATE meta SET value = 'iso7816' WHERE key = 'type'",
             "DELETE FROM option"),
            ("UPDATE meta SET value = 'cryptoflex' WHERE key = 'type'",),
            ("UPDATE option SET value = '65' WHERE name = 'memory'",),
            ("UPDATE option SET name = 'serial' WHERE name = 'memory'",),
            ("DELETE FROM option WHERE name = 'memory'",),
            ("DELETE FROM option",),
            ("INSERT INTO option VALUES('wrong', 'option')",),
            ("INSERT INTO option VALUES('', '')",)):
        shutil.copy(image, edited)
        database = sqlite3.connect(edited)
        for change in changes:
            assert database.execute(change).rowcount > 0, change
        database.commit()
        database.close()
        text = "".join(f"> {line}\n" for line in sign)
        status, out, said = place.run("apdu", "-f", edited, *given, text=text)
        equal((status, out), (5, ""), changes)
        has(said, "the image is damaged: its type or its options")
    equal(place.run("show", edited, *given)[0], 5)
    copy = place.path / "copy"
    equal(place.run("copy", *given, image, copy)[0], 0)
    equal(answers(place, copy, "00200080", args=given), ["63C3"])
    for verb in "snapshot", "restore":
        equal(place.run(verb, image, "a")[0], 0)
    equal(answers(place, image, "00200080", args=given), ["63C3"])


main()
