#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""All of ykman piv with the PIV card. It finds its readers by their name."""

from harness import equal
from piv import (DEFAULT_MGM, card, has, lacks, main, openssl, read, run,
                 write)

NAME = ("--name", "Yubico YubiKey CCID")
MGM = ("-m", DEFAULT_MGM)
PIN = ("-P", "123456")


def ykman(*argv, **options):
    return run("ykman", *argv, **options)


def piv(*argv, **options):
    return ykman("piv", *argv, **options)


@card("serial=12345678", more=NAME)
def info():
    has(ykman("list"), "Serial: 12345678")
    has(ykman("info"), "Firmware version: 5.4.3", "PIV         \tEnabled")
    has(piv("info"), "PIV version: 5.4.3", "PIN tries remaining: 3/3",
        "Management key algorithm: TDES", "Slot 9a:", "Slot 9c:", "Slot 9d:",
        "Slot 9e:", "Subject DN:\tCN=Test Card")


@card(more=("--name", "Another reader"))
def a_reader_by_its_name():
    has(ykman("-r", "Another reader", "piv", "info"), "PIV version: 5.4.3")


@card("keys=none", more=NAME)
def keys_and_certificates():
    """Made on the card, with a certificate that they sign themselves."""
    for slot, kind in ("9c", "ECCP384"), ("9a", "RSA2048"):
        piv("keys", "generate", *MGM, "-a", kind, slot, "pub.pem")
        piv("certificates", "generate", *MGM, *PIN, "-s", f"CN=slot {slot}",
            slot, "pub.pem")
        piv("certificates", "export", slot, "cert.pem")
        has(openssl("verify", "-CAfile", "cert.pem", "cert.pem"), "OK")
        has(openssl("x509", "-in", "cert.pem", "-noout", "-subject"),
            f"CN = slot {slot}")
        equal(openssl("x509", "-in", "cert.pem", "-noout", "-pubkey").split(),
              read("pub.pem").decode().split(), f"key of {slot}")
        piv("keys", "export", slot, "exported.pem")
        equal(read("exported.pem"), read("pub.pem"), f"exported {slot}")
    piv("certificates", "delete", *MGM, "9a")
    lacks(piv("info"), "Slot 9a:")
    piv("certificates", "export", "9a", "cert.pem", status=1)


@card(more=NAME)
def requests():
    piv("keys", "export", "9a", "pub.pem")
    piv("certificates", "request", *PIN, "-s", "CN=asked for,O=Cards", "9a",
        "pub.pem", "request.pem")
    has(openssl("req", "-in", "request.pem", "-verify", "-noout", "-subject"),
        "verify OK", "CN = asked for")
    piv("certificates", "request", "-P", "999999", "-s", "CN=x", "9a",
        "pub.pem", "request.pem", status=1)


def make_files():
    for name, new in (("rsa", ("rsa:2048",)), ("ec", (
            "ec", "-pkeyopt", "ec_paramgen_curve:P-256"))):
        openssl("req", "-x509", "-newkey", *new, "-nodes", "-keyout",
                f"{name}.key", "-out", f"{name}.pem", "-subj", f"/CN={name}")
    openssl("pkcs12", "-export", "-inkey", "rsa.key", "-in", "rsa.pem",
            "-out", "rsa.p12", "-passout", "pass:secret")


@card("keys=none", more=NAME, prepare=make_files)
def imports():
    piv("keys", "import", *MGM, "9a", "rsa.key")
    piv("certificates", "import", *MGM, "--verify", *PIN, "9a", "rsa.pem")
    piv("keys", "import", *MGM, "--pin-policy", "NEVER", "9c", "ec.key")
    piv("certificates", "import", *MGM, "--verify", "9c", "ec.pem")
    has(piv("certificates", "import", *MGM, "--verify", *PIN, "9a", "ec.pem",
            status=1), "not tied to the private key")
    piv("keys", "import", *MGM, "-p", "secret", "82", "rsa.p12")
    piv("certificates", "import", *MGM, "-p", "secret", "82", "rsa.p12")
    has(piv("info"), "Slot 82", "CN=rsa", "CN=ec")


@card(more=NAME)
def access():
    piv("access", "change-pin", *PIN, "-n", "222222")
    piv("access", "change-puk", "-p", "12345678", "-n", "87654321")
    has(piv("access", "change-pin", *PIN, "-n", "333333", status=1),
        "2 tries left")
    for _ in range(2):
        piv("access", "change-pin", *PIN, "-n", "333333", status=1)
    has(piv("info"), "PIN tries remaining: 0/3")
    piv("access", "unblock-pin", "-p", "87654321", "-n", "444444")
    piv("access", "set-retries", "-f", *MGM, "-P", "444444", "5", "6")
    has(piv("info"), "PIN tries remaining: 5/5", "Using default PIN")


@card("keys=none", more=NAME)
def management_keys():
    old = DEFAULT_MGM
    for kind, size in ("AES256", 32), ("TDES", 24):
        key = bytes(range(100, 100 + size)).hex()
        piv("access", "change-management-key", "-f", "-m", old, "-a", kind,
            "-n", key)
        piv("objects", "generate", "-m", key, "CHUID")
        old = key
    has(piv("info"), "Management key algorithm: TDES")
    piv("objects", "generate", *MGM, "CHUID", status=1)
    piv("access", "change-management-key", "-f", "-m", old, *PIN, "--protect")
    has(piv("info"), "protected by PIN")
    piv("keys", "generate", *PIN, "-a", "ECCP256", "9a", "pub.pem")


@card("keys=none", more=NAME)
def objects():
    for what in "CHUID", "CCC":
        before = piv("objects", "export", what, "-")
        piv("objects", "generate", *MGM, what)
        assert piv("objects", "export", what, "-") != before, what
    write("object", bytes(range(256)) * 11)
    piv("objects", "import", *MGM, "5fff12", "object")
    piv("objects", "export", "5fff12", "back")
    equal(read("back"), read("object"), "object 5FFF12")
    piv("objects", "import", *MGM, "PRINTED", "object")
    piv("objects", "export", "PRINTED", "back", status=1)
    piv("objects", "export", *PIN, "PRINTED", "back")
    equal(read("back"), read("object"), "printed information")


@card("keys=p256", more=NAME)
def attestation():
    piv("keys", "generate", *MGM, "-a", "ECCP256", "9a", "pub.pem")
    piv("keys", "attest", "9a", "attest.pem")
    piv("certificates", "export", "f9", "device.pem")
    has(openssl("verify", "-partial_chain", "-CAfile", "device.pem",
                "attest.pem"), "OK")


@card(more=NAME)
def reset():
    piv("reset", "-f")
    text = piv("info")
    has(text, "PIN tries remaining: 3/3", "Using default PIN",
        "Using default Management key")
    lacks(text, "Slot 9a:", "Slot 9e:")


main()
