#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Cards made by profiles: used, changed, shown, and made again."""

import json
import os
import pathlib
import subprocess

from tap import answers, equal, has, main, test

PROFILES = pathlib.Path(__file__).resolve().parents[2] / "profiles"
MF = "files:\n- fid: 3F00\n"


def new(place, profile, name="card"):
    image = place.path / name
    equal(place.run("new", "--profile", profile, image), (0, "", ""))
    return image


def show(place, image, *args):
    status, out, said = place.run("show", *args, image)
    equal((status, said), (0, ""))
    return out


def again(place, image, name):
    """The card made by the profile of another."""
    text = show(place, image, "--profile", "--secrets")
    copy = new(place, place.file(f"{name}.yaml", text), name)
    equal(show(place, copy, "--profile", "--secrets"), text)
    return copy


# What changes a card of everything.yaml in every way that lasts.
CHANGES = (
    "00200001 04 39393939", "00200001 04 31323334", "00200002 08 "
    "3837363534333231", "00A4000C 02 1000", "00200081 04 39393939",
    "00D68100 03 616263", "00E20010 03 070809", "00A4000C 02 1006",
    "00E20000 02 0004", "00A4000C 02 1005", "00E20000 04 0B02AABB",
    "00A4000C 02 1000", "00DA005A 03 414243",
    "00E00000 15 6213 80020010 820141 83021301 8A0105 8C03 03 00 00",
    "00E00000 0F 620D 8201388302 2001 8A0105 8401AA".replace(" ", ""),
    "00A4000C 02 1202", "00440000", "00A4000C 02 1001", "00040000",
    "00240001 08 3132333435363738", "002C0101 00", "00260001",
)

# What looks at all of it.
SESSION = (
    "00A40004 02 3F00 00", "00200001", "00200002", "00200003", "00200011",
    "00A40004 02 2F00 00", "00B20104 00", "00B20204 00", "00A40004 02 2F02 00",
    "00B00000 00", "00A40404 06 F07669636301 00", "00200081",
    "00CA005A 00", "00CA0065 00", *(
        command for fid in ("1001", "1002", "1003", "1004", "1005", "1006",
                            "1007", "1008", "1009", "1101", "1102", "1103",
                            "1104", "1105", "1106", "1107", "1201", "1202",
                            "1203", "1204", "1301", "2001")
        for command in (f"00A40004 02 {fid} 00", "00B00000 00", "00B20104 00",
                        "00B20204 00", "00B20304 00", "00B20404 00",
                        "00A4000C 02 1000")),
    "00200001 04 31323334", "00200001 05 3132333435", "00200081 04 30303030",
    "00200003 04 41414141", "00A4040C 01 F0",
)


@test
def the_same_answers(place):
    image = new(place, PROFILES / "everything.yaml")
    changed = answers(place, image, *CHANGES)
    assert sum(a[-4:] == "9000" for a in changed) >= 12, changed
    copy = again(place, image, "copy")
    mine, others = answers(place, image, *SESSION), answers(place, copy,
                                                            *SESSION)
    equal(len(mine), len(SESSION))
    for command, one, two in zip(SESSION, mine, others):
        equal(two, one, command)
    assert len(set(mine)) > 30, "the session looks at nothing"


@test
def every_ready_made_profile(place):
    names = sorted(p.name for p in PROFILES.glob("*.yaml"))
    equal(names, ["empty.yaml", "everything.yaml", "keys.yaml"])
    for name in names:
        image = new(place, PROFILES / name, name)
        again(place, image, name + "2")
        equal(place.run("show", "--check", image)[0], 0)
        equal(answers(place, image, "00A4000C 02 3F00", "00200001 04 31323334"),
              ["9000", "9000"], name)


@test
def the_empty_card_takes_files(place):
    image = new(place, PROFILES / "empty.yaml")
    create = "00E00000 0D 620B 80020010 820141 83021001"
    equal(answers(place, image, create, "00200001 04 31323334", create,
                  "00A4000C 02 1001"), ["6982", "9000", "9000", "9000"])


@test
def records_and_conditions(place):
    image = new(place, PROFILES / "everything.yaml")
    equal(answers(
        place, image, "00A4040C 06 F07669636301", "00A4000C 02 1006",
        "00B20104 00", "00B20304 00", "00A4000C 02 1004", "00B20304 00",
        "00A4000C 02 1103", "00B00000 00", "00200081 04 30303030",
        "00B00000 00", "00A4000C 02 1102", "00B00000 00", "00D60000 01 AA",
        "00200001 04 31323334", "00B00000 00", "00D60000 01 AA",
        "00200002 08 3837363534333231", "00D60000 01 AA"),
        ["9000", "9000", "00039000", "00019000", "9000", "0405069000", "9000",
         "6982", "9000", "00" * 8 + "9000", "9000", "6982", "6982", "9000",
         "00" * 8 + "9000", "6982", "9000", "9000"])


@test
def serial_numbers_are_unique(place):
    serials = {answers(place, new(place, PROFILES / "empty.yaml", f"c{i}"),
                       "00A4000C 02 2F02", "00B00000 00")[1]
               for i in range(5)}
    equal(len(serials), 5)
    assert all(s.startswith("5A08") and len(s) == 24 for s in serials), serials
    image = place.path / "c0"
    equal(place.run("copy", image, place.path / "other")[0], 0)
    assert answers(place, place.path / "other", "00A4000C 02 2F02",
                   "00B00000 00")[1] not in serials


@test
def a_seed_repeats(place):
    text = ("pins: [{reference: 1, value: {random: 8}}]\n"
            "keys: [{reference: 1, type: p384, generate: true},"
            " {reference: 2, type: rsa, bits: 1024, generate: true}]\n" + MF +
            "- {fid: 2F02, content: {serial: 16}}\n"
            "- {fid: 1001, content: {random: 1000}}\n")
    texts = [show(place, new(place, place.file(f"p{i}", seed + text), f"c{i}"),
                  "--profile", "--secrets")
             for i, seed in enumerate(("seed: one\n", "seed: one\n",
                                       "seed: two\n", "", ""))]
    equal(texts[0], texts[1])
    equal(len(set(texts)), 4)
    # What follows is as random as on any other card.
    challenges = {answers(place, place.path / f"c{i}", "00840000 08")[0]
                  for i in (0, 1)}
    equal(len(challenges), 2)


@test
def json_for_programs(place):
    image = new(place, PROFILES / "everything.yaml")
    answers(place, image, "00200001 04 39393939")
    card = json.loads(show(place, image, "--json"))
    equal((card["type"], card["options"]["memory"]), ("iso7816", "1024"))
    equal([(p["reference"], p["tries_left"]) for p in card["pins"]],
          [(1, 2), (2, 5), (3, 3), (17, 10)])
    mf = card["files"][0]
    equal([f["fid"] for f in mf["files"]], ["1000", "2F00", "2F02", "2F06"])
    df = mf["files"][0]
    equal((df["name"], df["pins"][0]["reference"]), ("F07669636301", 129))
    files = {f["fid"]: f for f in df["files"]}
    equal(files["1006"]["type"], "cyclic")
    equal(files["1006"]["records"], 3)
    equal(files["1102"]["access"],
          {"read": "pin 1", "update": "pin 1 and pin 2"})
    equal(files["1105"]["access"], None)
    keys = json.loads(show(place, new(place, PROFILES / "keys.yaml", "k"),
                           "--json"))
    equal([key["type"] for key in keys["keys"]], ["aes", "hmac"])


@test
def no_secret_is_shown(place):
    profile = place.file("p.yaml", """
pins: [{reference: 1, value: "secret77"}]
keys:
- {reference: 1, type: aes, usage: [external],
   value: 5365637265744b657953656372657421}
files:
- fid: 3F00
- {fid: 1001, internal: true, content: {text: "innermost"}}
""")
    image = new(place, profile)
    secrets = ("secret77", b"secret77".hex(), b"innermost".hex(),
               "5365637265744b657953656372657421")
    for args in ((), ("--json",), ("--profile",), ("--check",)):
        text = show(place, image, *args).lower()
        for secret in secrets:
            assert secret not in text, (args, secret)
    told = show(place, image, "--profile", "--secrets").lower()
    has(told, secrets[0], secrets[2], secrets[3])
    status, _, said = place.run(
        "new", "--profile",
        place.file("left", show(place, image, "--profile")),
        place.path / "other")
    equal(status, 2)
    has(said, "left:7:12: a secret was left out")


def openssl(*args, given=None):
    return subprocess.run(["openssl", *args], input=given, capture_output=True,
                          check=True).stdout


@test
def keys_from_files(place):
    """However the same key is wrapped, it makes the same card."""
    pem = openssl("genpkey", "-algorithm", "EC", "-pkeyopt",
                  "ec_paramgen_curve:P-256")
    (place.path / "key.pem").write_bytes(pem)
    certificate = openssl("req", "-x509", "-new", "-subj", "/CN=card", "-key",
                          place.path / "key.pem")
    opens = ", passphrase: open sesame"
    files = {
        "pem": (pem, ""),
        "der": (openssl("pkey", "-outform", "DER", given=pem), ""),
        "sealed": (openssl("pkey", "-aes256", "-passout", "pass:open sesame",
                           given=pem), opens),
        "sealed-der": (openssl("pkcs8", "-topk8", "-outform", "DER", "-passout",
                               "pass:open sesame", given=pem), opens),
        "p12": (openssl("pkcs12", "-export", "-passout", "pass:open sesame",
                        given=pem + certificate), opens),
    }
    told = set()
    for kind, (content, more) in files.items():
        (place.path / f"key.{kind}").write_bytes(content)
        profile = place.file(
            f"{kind}.yaml", "keys:\n- {reference: 1, type: p256, "
            f'usage: [sign], value: "@key.{kind}"{more}}}\n')
        told.add(show(place, new(place, profile, kind), "--profile",
                      "--secrets"))
    equal(len(told), 1, told)
    has(told.pop(), "value: 30")
    has(show(place, place.path / "p12"), "key 01 p256, 256 bits; sign")


@test
def keys_that_do_not_open(place):
    pem = openssl("genpkey", "-algorithm", "ED25519")
    (place.path / "key").write_bytes(openssl(
        "pkey", "-aes256", "-passout", "pass:right", given=pem))
    for more, words in (("", "it is encrypted; give its passphrase"),
                        (", passphrase: wrong", "does not open it"),
                        (', passphrase: ""', "does not open it")):
        status, _, said = place.run(
            "new", "--profile", place.file(
                "p", "keys:\n- {reference: 1, type: ed25519, "
                f'value: "@key"{more}}}\n'), place.path / "card")
        equal(status, 2, said)
        has(said, f"p:2:40: {'this passphrase ' if more else ''}{words}")
    (place.path / "key").write_bytes(openssl("genpkey", "-algorithm", "ED448"))
    has(place.run("new", "--profile", place.path / "p", place.path / "card")[2],
        "p:2:40: this is a key of a kind that cards here do not have")


@test
def dfs_keep_their_order(place):
    """By the beginning of a name the DF comes first that was made first."""
    image = new(place, place.file("p.yaml", MF + """
- {fid: 3000, name: AA03}
- {fid: 1000, name: AA01}
- {path: 3F00/3000/2000, name: AA02}
"""))
    session = ("00A40404 01 AA 00", "00A40406 01 AA 00", "00A40402 01 AA 00")
    text = show(place, image, "--profile")
    has(text, "path: 3F00/3000/2000")
    equal(answers(place, again(place, image, "copy"), *session),
          answers(place, image, *session))


@test
def what_show_refuses(place):
    image = new(place, PROFILES / "empty.yaml")
    for args, words in ((("--html", "x", image), "is a card image; --html"),
                        (("--json", "--profile", image), "at a time"),
                        (("--secrets", image), "goes with --profile")):
        status, out, said = place.run("show", *args)
        equal((status, out), (2, ""), said)
        has(said, words)
    equal(place.run("show", place.path / "none")[0], 5)
    status, _, said = place.run("show", place.file("x", "no image" * 999))
    equal(status, 2)
    has(said, "x: neither a card image nor a trace: 1:1: ")
    before = image.read_bytes()
    os.chmod(image, 0o400)
    show(place, image)
    equal(image.read_bytes(), before)
    image.chmod(0o600)
    image.write_bytes(before[:len(before) // 2])
    equal(place.run("show", "--check", image)[0], 5)


main()
