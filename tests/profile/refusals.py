#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Profiles that cannot be, each with the line and column where that is seen,
and profiles that mean harm."""

import os

from tap import equal, has, main, new_image, test

MF = "files:\n- fid: 3F00\n"
EF = MF + "- fid: 1001\n"

# Text, line, column, and words of the message.
BAD = (
    ("a: [", 2, 1, "did not find"),
    ("\tx: 1", 1, 1, "token"),
    ("[1, 2]", 1, 1, "entries are to stand here"),
    ("kind: x", 1, 1, "there is no entry 'kind'"),
    ("type: piv9", 1, 7, "no card type 'piv9'"),
    ("type: iso7816\ntype: iso7816", 2, 1, "twice"),
    ("atr: 3B00\ntype: relay", 2, 7, "type relay is not made of files"),
    ("type: replay\noptions: {trace: x}", 1, 7, "not made of files"),
    ("a: &x 1", 1, 4, "anchors"),
    ("type: !!str iso7816", 1, 7, "tags"),
    ("a: *x", 1, 4, "aliases"),
    ("type: iso7816\n---\nb: 1", 2, 1, "second document"),
    ("? [a]\n: 1", 1, 3, "the name of an entry"),
    ("options: {colour: red}", 1, 11, "no option 'colour'"),
    ("options:\n  memory: 1", 2, 11, "memory"),
    ("options:\n  protocol: t9", 2, 13, "protocol"),
    ("atr: 3B\noptions: {atr: 3B}", 1, 1, "already"),
    ("atr: 3Z", 1, 6, "atr"),
    ("type: piv\natr: 3B8001", 2, 6, "cut off: TCK is missing"),
    ("options: {pin: 1}\npins: []", 1, 11, "option pin is for"),
    ("pins: {reference: 1}", 1, 7, "a list"),
    ("pins:\n- value: 1234", 2, 3, "needs a reference"),
    ("pins:\n- reference: 32\n  value: a", 2, 14, "from 0 to 31"),
    ("pins:\n- reference: 1", 2, 3, "needs a value"),
    ("pins:\n- {reference: 1, value: a, tries: 16}", 2, 35, "from 1 to 15"),
    ("pins:\n- {reference: 1, value: a, tries: 2, tries-left: 3}", 2, 50,
     "from 0 to 2"),
    ("pins:\n- {reference: 1, value: abc, max: 2}", 2, 25, "length"),
    ("pins:\n- {reference: 1, value: abc, encoding: digits}", 2, 25,
     "encoding"),
    ("pins:\n- {reference: 1, value: abc, encoding: roman}", 2, 40, "bcd"),
    ("pins:\n- {reference: 1, value: a}\n- {reference: 1, value: a}", 3, 3,
     "already"),
    ("pins:\n- {reference: 1, value: {left-out: true}}", 2, 25,
     "a secret was left out"),
    ("pins:\n- {reference: 1, value: a, puk: 64}", 2, 33, "128 to 159"),
    ("files:\n- {fid: 1000, size: 1}", 2, 3, "the MF"),
    ("files:\n- size: 1", 2, 3, "either a fid or a path"),
    (MF + "- {fid: 1001, path: 3F00/1001}", 3, 21, "either"),
    (MF + "- path: 1001/1002", 3, 9, "3F00"),
    (MF + "- fid: 10", 3, 8, "2 to 2 bytes"),
    (MF + "- fid: 10GG", 3, 8, "hexadecimal"),
    (MF + "- {fid: 3FFF, size: 1}", 3, 3, "contradict"),
    (MF + "- {fid: 1001, size: 1}\n- {fid: 1001, size: 1}", 4, 3, "already"),
    (MF + "- {path: 3F00/2000/1001, size: 1}", 3, 3, "no DF"),
    (EF, 3, 3, "a size or a content"),
    (EF + "  type: tape", 4, 9, "transparent"),
    (EF + "  size: 1\n  content: 0102", 4, 9, "2 bytes"),
    (EF + "  content: 012", 4, 12, "hexadecimal"),
    (EF + "  content: [01]", 4, 12, "not a list"),
    (EF + "  content: {hex: 01, text: a}", 4, 12, "one of"),
    (EF + "  content: {base64: AA}", 4, 13, "no entry 'base64'"),
    (EF + '  content: "@nothing"', 4, 12, "No such file"),
    (EF + '  content: "@/dev/zero"', 4, 12, "not a file"),
    (EF + "  content: {random: 0}", 4, 21, "from 1"),
    (EF + "  content: {serial: 17}", 4, 21, "from 1 to 16"),
    (EF + "  size: 4294967295", 3, 3, "no room"),
    (EF + "  size: 1\n  sfi: 31", 5, 8, "from 1 to 30"),
    (EF + "  size: 1\n  records: []", 5, 3, "no 'records'"),
    (EF + "  type: df\n  size: 1", 5, 3, "no 'size'"),
    (EF + "  size: 1\n  name: 01\n", 4, 3, "no 'size'"),
    (EF + "  type: cyclic\n  record-count: 2", 3, 3, "record-size"),
    (EF + "  type: linear-fixed\n  record-size: 2", 3, 3, "record-count"),
    (EF + "  type: linear-fixed\n  record-size: 2\n  records: [0102, 03]", 6, 12,
     "length"),
    (EF + "  type: linear-fixed-tlv\n  record-size: 2\n  records: [0105]", 6, 12,
     "not what the file allows"),
    (EF + "  type: linear-variable-tlv\n  record-size: 4\n"
     "  record-count: 1\n  records: [01010202]", 7, 12,
     "not what the file allows"),
    (EF + "  type: ber-tlv\n  objects: [5A05]", 5, 12, "no data objects"),
    (EF + "  type: ber-tlv\n  objects: [{tag: 5A}]", 5, 13, "a tag, and"),
    (EF + "  type: ber-tlv\n  objects: [{tag: 5A5A, value: 01}]", 5, 19,
     "no tag"),
    (EF + "  type: ber-tlv\n  objects: [{tag: 5A, objects: []}]", 5, 23,
     "template"),
    (EF + "  size: 1\n  life-cycle: ripe", 5, 15, "creation"),
    (EF + "  size: 1\n  shareable: maybe", 5, 14, "true"),
    (EF + "  size: 1\n  access: {execute: always}", 5, 12, "no access to an EF"),
    (EF + "  size: 1\n  access: {read: pin}", 5, 18, "a number"),
    (EF + "  size: 1\n  access: {read: pin 64}", 5, 18, "a number"),
    (EF + "  size: 1\n  access: {read: (pin 1}", 5, 18, "not closed"),
    (EF + "  size: 1\n  access: {read: pin 1 pin 2}", 5, 18, "behind"),
    (EF + "  size: 1\n  access: {read: pin 1 and pin 2 or pin 3}", 5, 18,
     "brackets"),
    (EF + "  size: 1\n  access: {read: " + "(" * 50 + "}", 5, 18, "too deep"),
    (EF + "  size: 1\n  access: 800101", 5, 11, "no security attributes"),
    (EF + "  size: 1\n  access: 8C0100 8C0201", 5, 11, "no security"),
    (EF + "  fcp: 80010182010183021002", 4, 8, "identifier"),
    (EF + "  fcp: 80010182010183021001\n  sfi: 1", 5, 3, "already"),
    (EF + "  size: 1\n  access: 8C0201", 5, 11, "no security"),
    (EF + "  size: 1\n  access: 8C0101", 3, 3, "contradict"),
    (EF + "  fcp: 82010183021001", 0, 0, ""),
    (EF + "  fcp: 80010183021001", 3, 3, "contradict"),
    (EF + "  fcp: 80010182010183021001\n  files: []", 5, 3, "no 'files'"),
    (EF + "  size: 1\n  extra: 80", 3, 3, "contradict"),
    ("keys:\n- {type: aes}", 2, 3, "a reference or a name"),
    ("keys:\n- {reference: 1}", 2, 3, "needs a type"),
    ("keys:\n- {reference: 1, type: aes, value: 01}", 2, 3, "no key"),
    ("keys:\n- {reference: 1, type: aes, generate: true}", 2, 39, "symmetric"),
    ("keys:\n- {reference: 1, type: hmac, generate: true}", 2, 40, "symmetric"),
    ("keys:\n- {reference: 1, type: aes, usage: [dig]}", 2, 37, "sign"),
    ("keys:\n- {reference: 1, type: rsa, value: {text: "
     "\"-----BEGIN X-----\\nProc-Type: 4\\n\"}}", 2, 36, "PEM"),
)


@test
def each_with_its_line_and_column(place):
    for number, (text, line, column, words) in enumerate(BAD):
        profile = place.file("p.yaml", text)
        image = place.path / f"card{number}"
        status, out, said = place.run("new", "--profile", profile, image)
        if line == 0:
            equal((status, said), (0, ""), text)
            continue
        equal((status, out), (2, ""), text + said)
        has(said, f"p.yaml:{line}:{column}: ", words)
        assert not image.exists(), text


@test
def nothing_is_replaced_by_what_cannot_be_made(place):
    image = new_image(place)
    before = image.read_bytes()
    for text in "type: relay", "type: replay", "pins: 1":
        equal(place.run("new", "--force", "--profile",
                        place.file("p.yaml", text), image)[0], 2, text)
        assert image.read_bytes() == before, text


@test
def files_are_found_from_the_profile(place):
    (place.path / "sub").mkdir()
    place.file("sub/data", "Hello")
    place.file("sub/p.yaml", EF + '  content: "@data"\n')
    image = place.path / "card"
    equal(place.run("new", "--profile", place.path / "sub/p.yaml", image),
          (0, "", ""))
    has(place.run("show", "--profile", image)[1], "content: 48656C6C6F")


@test
def no_profile_at_all(place):
    image = place.path / "card"
    status, _, said = place.run("new", "--profile", place.path / "none", image)
    equal(status, 5)
    has(said, "none: No such file")
    equal(place.run("new", "--profile", place.path, image)[0], 5)


@test
def harm(place):
    """Deep, long, and self-referring texts end soon, and with a message."""
    deep = place.file("deep", "[" * 100000)
    lists = place.file("lists", "files: " + "[" * 60 + "]" * 60)
    files = place.file("files", MF + "".join(
        f"{' ' * (4 * i)}- fid: 1000\n{' ' * (4 * i)}  files:\n"
        for i in range(1, 200)))
    laughs = place.file("laughs", "a: &a [x, x]\nb: &b [*a, *a]\n")
    names = place.file("names", "".join(f"k{i}: 1\n" for i in range(1000)))
    binary = place.path / "binary"
    binary.write_bytes(bytes(range(256)))
    pipe = place.path / "pipe"
    os.mkfifo(pipe)
    piped = place.file("piped", EF + '  content: "@pipe"\n')
    for profile in (deep, lists, files, laughs, names, binary, piped):
        status, _, said = place.run("new", "--profile", profile,
                                    place.path / "card")
        equal(status, 2, str(profile))
        has(said, f"{profile}:")


@test
def options_beside_a_profile(place):
    profile = place.file("p.yaml", "type: iso7816\nfiles: []\n")
    image = place.path / "card"
    for args, words in ((("-t", "handler-test"), "of type iso7816"),
                        (("-o", "pin=1"), "option pin"),
                        (("-o", "colour=1"), "colour")):
        status, _, said = place.run("new", *args, "--profile", profile, image)
        equal(status, 2, said)
        has(said, words)
    equal(place.run("new", "-o", "protocol=t1", "--profile", profile, image),
          (0, "", ""))
    has(place.run("show", image)[1], "protocol t1")


main()
