#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""A Cryptoflex card in the hands of OpenSC's programs, unmodified.

Their driver of these cards refuses every signature with a mechanism before
it sends a command (docs/cryptoflex.md), so signatures are made the way that
is left: pkcs15-crypt deciphers a block that was padded before."""

import hashlib
import os

from harness import equal, main, path, test
from flex import (MODULE, PIN, PUK, SO, USAGE, Card, has, listings, make_files,
                  openssl, pin, program)

MESSAGE = b"what was signed"
DIGEST_INFO = bytes.fromhex("3031300D060960864801650304020105000420")  # SHA-256


def write(name, content):
    with open(path(name), "wb") as f:
        f.write(content)
    return path(name)


def read(name):
    with open(path(name), "rb") as f:
        return f.read()


def sign(card, key, bits, value=PIN):
    """A PKCS#1 signature of MESSAGE, in the file "signature"."""
    digest = DIGEST_INFO + hashlib.sha256(MESSAGE).digest()
    write("block", b"\0\1" + b"\xFF" * (bits // 8 - 3 - len(digest)) + b"\0" +
          digest)
    card.run("pkcs15-crypt", "-c", "-R", "-k", key, "--pin", value,
             "-i", path("block"), "-o", path("signature"))


def verify(public):
    write("message", MESSAGE)
    has(openssl("dgst", "-sha256", "-verify", public, "-signature",
                path("signature"), path("message")), "Verified OK")


def check_signature(card, key, bits, value=PIN):
    """Against the public key that the card gives out."""
    sign(card, key, bits, value)
    card.tool("--read-public-key", key, "-o", path("public"))
    verify(path("public"))


def check_certificate(card, key, bits):
    """Against the certificate that is on the card."""
    sign(card, key, bits)
    card.tool("--read-certificate", key, "-o", path("certificate"))
    openssl("verify", "-CAfile", path("ca.crt"), path("certificate"))
    write("public", openssl("x509", "-in", path("certificate"), "-noout",
                            "-pubkey").encode())
    verify(path("public"))


def block_and_unblock(card, owner, value, number="01"):
    """The PIN changes, is blocked by three wrong ones, and comes back."""
    of = ("-a", number)
    card.tool("--change-pin", *of, "--pin", value, "--new-pin", "9876")
    has(card.tool("--verify-pin", *of, "--pin", value, status=None), "incorrect")
    card.tool("--verify-pin", *of, "--pin", "9876")
    for said in "incorrect", "incorrect", "blocked":
        has(card.tool("--verify-pin", *of, "--pin", value, status=None), said)
    has(card.tool("--verify-pin", *of, "--pin", "9876", status=None), "blocked")
    has(card.tool("--unblock-pin", *of, "--puk", "000000", "--new-pin", value,
                  status=None), "incorrect")
    card.tool("--unblock-pin", *of, "--puk", PUK, "--new-pin", value)
    card.tool("--verify-pin", *of, "--pin", value)
    equal(("PIN", owner, number) in card.dump(), True, "the PIN's object")


def first_life(card):
    """With an SO PIN and two users, two keys each: all that fits."""
    card.init("-C", *SO, "--so-puk", "87654321")
    pin(card, "01", PIN, *SO)
    pin(card, "02", "5678", *SO)
    block_and_unblock(card, "user01", PIN)
    who = ("-a", "01", "--pin", PIN, *SO, *USAGE)
    card.init("-G", "rsa/1024", "-i", "41", "-l", "k1", *who)
    card.init("-G", "rsa/2048", "-i", "42", "-l", "k2", *who)
    who = ("-a", "02", "--pin", "5678", *SO, *USAGE)
    card.init("-S", path("key.pem"), "-i", "43", "-l", "k3", *who)
    card.init("-S", path("user.p12"), "-f", "pkcs12", "--passphrase", "secret",
              "-i", "44", *who)
    objects = card.dump()
    for kind, label, number in (
            ("Private RSA Key", "k1", "41"), ("Private RSA Key", "k2", "42"),
            ("Private RSA Key", "k3", "43"), ("Private RSA Key", "Test user", "44"),
            ("Public RSA Key", "k1", "41"), ("Public RSA Key", "k2", "42"),
            ("PIN", "Security Officer PIN", "ff")):
        assert (kind, label, number) in objects, objects
    equal(sum(kind == "X.509 Certificate" for kind, *_ in objects), 2)
    check_signature(card, "41", 1024)
    check_signature(card, "42", 2048)
    has(card.run("ssh-keygen", "-D", MODULE), "ssh-rsa ", "k2")
    card.init("-D", "privkey,pubkey", "-i", "41", "--pin", PIN, *SO)
    card.init("-D", "cert", "-i", "44", *SO)
    left = objects - card.dump()
    equal({("Private RSA Key", "k1", "41"), ("Public RSA Key", "k1", "41")} <=
          left, True, f"deleted: {left}")


def second_life(card):
    """Without an SO PIN."""
    card.init("-C", "--no-so-pin")
    pin(card)
    card.init("-S", path("user.p12"), "-f", "pkcs12", "--passphrase", "secret",
              "-a", "01", "-i", "45", "--pin", PIN, *USAGE)
    equal({("PIN", "user01", "01"), ("Private RSA Key", "Test user", "45")} -
          card.dump(), set())
    check_certificate(card, "45", 2048)


def third_life(card):
    """With one PIN for all, which OpenSC's profile "onepin" makes."""
    card.init("-C", "-p", "pkcs15+onepin", "--pin", PIN, "--puk", PUK)
    for number, bits in ("46", 512), ("47", 768):
        card.init("-G", f"rsa/{bits}", "-a", "01", "-i", number, "-l",
                  f"only{bits}", "--pin", PIN, *USAGE)
        check_signature(card, number, bits)
    card.run("pkcs11-tool", "--module", MODULE, "--login", "--pin", PIN,
             "--keypairgen", "--key-type", "rsa:1024", "--id", "48",
             "--label", "p11")
    has(card.run("pkcs11-tool", "--module", MODULE, "-O", "--login", "--pin",
                 PIN), "p11", "only768")


def erase(card):
    card.init("-E")
    has(card.tool("--dump", status=None), "Unsupported card")


@test(deadline=120)
def a_cards_life():
    make_files()
    card = Card()
    for life in first_life, second_life, third_life:
        life(card)
        erase(card)


@test
def is_named_and_numbered():
    for model, name in (("32k-egate", "Cryptoflex 32K e-gate"),
                        ("32k-egate-v4", "Cryptoflex 32K e-gate v4"),
                        ("32k", "Cryptoflex 32K"), ("16k", "Cryptoflex 16K"),
                        ("8k", "Cryptoflex 8K")):
        text = program(os.environ["VICC"], "exec", "-t", "cryptoflex", "-o",
                       f"model={model}", "-o", "serial=01020304", "--",
                       "opensc-tool", "-n", "--serial")
        has(text, "01 02 03 04 00 00 00 00")
        has(text, f"\n{name}\n")


@test
def is_nobodys_without_being_asked_for():
    has(program(os.environ["VICC"], "exec", "-t", "cryptoflex", "--",
                "opensc-tool", "-n", env={"OPENSC_DRIVER": ""}, status=None),
        "cannot be handled")


@test
def explorer_does_all_it_can():
    card = Card()
    chv = bytes.fromhex("FFFFFF 3132333400000000 0303 3536373800000000 0A0A")
    write("chv", chv)
    content = bytes(range(256)) * 2
    write("content", content)
    text = card.explorer(
        "ls", "verify AUT1 2c:15:e5:26:e9:3e:8a:19", f"create 0000 {len(chv)}",
        f"put 0000 {path('chv')}", "mkdir 7000 1000", "cd 7000", "info",
        f"create 7001 {len(content)}", f"put 7001 {path('content')}",
        f"get 7001 {path('back')}", "cat 7001", "ls", "create 7002 8",
        "delete 7002", "cat 7002", "verify CHV1 31:32:33:34",
        "change CHV1 31:32:33:34 34:33:32:31", "verify CHV1 34:33:32:31",
        "unblock CHV1 35:36:37:38 39:39:39:39", "verify CHV1 39:39:39:39",
        "cd ..", "cat 0002", "random 64")
    equal(read("back"), content, "EF 7001")
    has(text, "Dedicated File  ID 7000", "000001F0: F0 F1 F2", "File not found",
        "Code correct.", "PIN changed.", "PIN unblocked.")
    for name in "0002", "0011":
        has(text, name)
    assert "Incorrect code" not in text, text


@test
def explorer_counts_wrong_codes():
    card = Card()
    wrong = "verify AUT1 00:00:00:00:00:00:00:00"
    for said in "Incorrect code", "Incorrect code", "blocked":
        has(card.explorer(wrong, status=None), said)
    has(card.explorer("verify AUT1 2c:15:e5:26:e9:3e:8a:19", status=None),
        "blocked")


@test
def comes_initialised():
    """With a key and a certificate of its own, and pkcs15-init goes on."""
    card = Card(options=("pkcs15=yes", "pin=8642", "puk=97531",
                         "name=Ready Made", "serial=0A0B0C0D"))
    has(card.tool("--dump"), "0a0b0c0d00000000")
    equal(card.dump(), {("PIN", "User", "01"),
                        ("Private RSA Key", "User", "45"),
                        ("X.509 Certificate", "User", "45")})
    sign(card, "45", 2048, "8642")
    card.tool("--read-certificate", "45", "-o", path("certificate"))
    has(openssl("x509", "-in", path("certificate"), "-noout", "-subject"),
        "CN = Ready Made")
    openssl("verify", "-CAfile", path("certificate"), path("certificate"))
    write("public", openssl("x509", "-in", path("certificate"), "-noout",
                            "-pubkey").encode())
    verify(path("public"))
    card.init("-G", "rsa/1024", "-a", "01", "-i", "46", "--pin", "8642", *USAGE)
    check_signature(card, "46", 1024, "8642")
    card.tool("--unblock-pin", "-a", "01", "--puk", "97531", "--new-pin", "1111")
    program(os.environ["VICC"], "copy", card.image, path("copy"))
    text = program(os.environ["VICC"], "exec", "-f", path("copy"), "--",
                   "pkcs15-tool", "--dump")
    has(text, "Serial number  : ")
    assert "0a0b0c0d" not in text, text
    erase(card)


@test
def comes_with_a_key_that_is_given():
    make_files()
    for name, more in (("p12", ("p12=user.p12", "password=secret")),
                       ("pem", ("key=user.key", "cert=user.crt"))):
        card = Card(name, options=("pkcs15=yes", *(
            option.replace("=user", f"={path('user')}") for option in more)))
        check_certificate(card, "45", 2048)


@test
def refuses_what_it_cannot_hold():
    make_files()
    openssl("genrsa", "-out", path("large"), "1536")
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out",
            path("curve"))
    for said, *options in (
            ("these cards take", "pkcs15=yes", f"key={path('large')}"),
            ("these cards take", "pkcs15=yes", f"key={path('curve')}"),
            ("another key", "pkcs15=yes", f"key={path('key.pem')}",
             f"cert={path('user.crt')}"),
            ("given, too", "pkcs15=yes", f"cert={path('user.crt')}"),
            ("pkcs15=yes", f"key={path('key.pem')}"),
            ("some 12,400 bytes", "pkcs15=yes", "model=8k"),
            ("there are:", "sm-suite=aes")):
        has(program(os.environ["VICC"], "new", "-t", "cryptoflex",
                    *(word for option in options for word in ("-o", option)),
                    path("none"), status=None), said)


@test
def a_third_key_does_not_fit():
    """OpenSC gives a user's DF room for two."""
    card = Card()
    card.init("-C", "--no-so-pin")
    pin(card)
    for number in "41", "42":
        card.init("-G", "rsa/1024", "-a", "01", "-i", number, "--pin", PIN)
    has(card.init("-G", "rsa/1024", "-a", "01", "-i", "43", "--pin", PIN,
                  status=None), "Not enough memory on card")


@test(deadline=60)
def all_commands_of_the_page():
    os.mkdir(path("bin"))
    os.symlink(os.environ["VICC"], path("bin/vicc"))
    search = path("bin") + os.pathsep + os.environ["PATH"]
    text = program("sh", stdin=listings("docs/cryptoflex.md"),
                   cwd=os.path.dirname(path("bin")), env={"PATH": search})
    has(text, "Cryptoflex 32K e-gate", "PIN [me]", "Verified OK")


main()
