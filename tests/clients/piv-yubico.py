#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""yubico-piv-tool and its PKCS#11 module with the PIV card. With OpenSSL 3 this
version of the tool signs no certificates and no requests, whatever the card;
ykman does, in piv-ykman.py."""

from harness import equal
from piv import card, has, lacks, main, openssl, read, run, write

YKCS11 = "/usr/lib/x86_64-linux-gnu/libykcs11.so.2"
NAME = ("--name", "Yubico YubiKey CCID")  # by which it finds its readers
OTHER_MGM = "FFEEDDCCBBAA99887766554433221100F0E1D2C3B4A59687"


def tool(*argv, **options):
    return run("yubico-piv-tool", *argv, **options)


@card("serial=12345678", more=NAME)
def status_and_readers():
    has(tool("-a", "list-readers"), "Yubico YubiKey CCID 00 00")
    has(tool("-a", "version"), "Application version 5.4.3 found.")
    has(tool("-a", "status"), "Serial Number:\t12345678", "Slot 9a:",
        "Slot 9c:", "Slot 9d:", "Slot 9e:", "Algorithm:\tRSA2048",
        "Algorithm:\tECCP256", "Subject DN:\tCN=Test Card",
        "PIN tries left:\t3")


@card("version=4.3.5", "serial=87654321", more=NAME)
def an_older_token_tells_its_serial_number_elsewhere():
    has(tool("-a", "version"), "Application version 4.3.5 found.")
    has(tool("-a", "status"), "Serial Number:\t87654321", "Slot 9a:")


@card("contactless=yes", more=NAME)
def without_contacts_little_is_to_be_seen():
    said = tool("-a", "status")
    has(said, "CCC:\tNo data available", "Slot 9e:")
    lacks(said, "Slot 9a:", "Slot 9c:", "Slot 9d:")
    keep_certificate("9e", "cert.pem")
    tests_signature("9e", "cert.pem")
    tool("-a", "verify-pin", "-P", "123456", status=1)


def tests_signature(slot, cert, *before):
    has(tool(*before, "-a", "test-signature", "-s", slot, "-i", cert),
        "Successful")


def tests_decipher(slot, cert, *before):
    has(tool(*before, "-a", "test-decipher", "-s", slot, "-i", cert),
        "Successful")


def keep_certificate(slot, name):
    write(name, tool("-a", "read-certificate", "-s", slot))


@card(more=NAME)
def a_fresh_card_signs_and_deciphers():
    for slot in "9a", "9c", "9d", "9e":
        keep_certificate(slot, "cert.pem")
        if slot == "9e":
            tests_signature(slot, "cert.pem")
        else:
            tests_signature(slot, "cert.pem", "-a", "verify-pin", "-P",
                            "123456")
    keep_certificate("9d", "cert.pem")
    tests_decipher("9d", "cert.pem", "-a", "verify-pin", "-P", "123456")


def make_authority():
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout",
            "ca.key", "-out", "ca.pem", "-subj", "/CN=Authority")


def certify(public, cert):
    openssl("x509", "-new", "-force_pubkey", public, "-subj",
            "/CN=Made on the card", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-days", "9", "-out", cert)


@card("keys=none", more=NAME, prepare=make_authority)
def generates_keys_and_loads_certificates():
    for slot, kind in (("9a", "RSA2048"), ("9d", "RSA1024"),
                       ("9e", "ECCP256"), ("82", "ECCP384")):
        tool("-a", "generate", "-s", slot, "-A", kind, "-o", "pub.pem")
        certify("pub.pem", "cert.pem")
        has(tool("-a", "import-certificate", "-s", slot, "-i", "cert.pem"),
            "Successfully imported a new certificate")
        keep_certificate(slot, "back.pem")
        equal(read("back.pem"), read("cert.pem"), f"certificate of {slot}")
        tests_signature(slot, "cert.pem", "-a", "verify-pin", "-P", "123456")
    for slot in "9d", "82":
        keep_certificate(slot, "cert.pem")
        tests_decipher(slot, "cert.pem", "-a", "verify-pin", "-P", "123456")
    tool("-a", "delete-certificate", "-s", "9a")
    lacks(tool("-a", "status"), "Slot 9a:")
    has(tool("-a", "read-certificate", "-s", "9a", status=1),
        "Failed fetching certificate")


def make_files():
    make_authority()
    for name, new in (("rsa", ("rsa:2048",)), ("ec", (
            "ec", "-pkeyopt", "ec_paramgen_curve:P-384"))):
        openssl("req", "-x509", "-newkey", *new, "-nodes", "-keyout",
                f"{name}.key", "-out", f"{name}.pem", "-subj", f"/CN={name}")
    openssl("pkcs12", "-export", "-inkey", "rsa.key", "-in", "rsa.pem",
            "-out", "rsa.p12", "-passout", "pass:secret")


@card("keys=none", more=NAME, prepare=make_files)
def imports_keys_and_certificates():
    for slot, name in ("9a", "rsa"), ("9c", "ec"):
        has(tool("-a", "import-key", "-s", slot, "-i", f"{name}.key"),
            "Successfully imported a new private key")
        has(tool("-a", "import-certificate", "-s", slot, "-i", f"{name}.pem"),
            "Successfully imported a new certificate")
        tests_signature(slot, f"{name}.pem", "-a", "verify-pin", "-P",
                        "123456")
    tool("-a", "import-key", "-a", "import-certificate", "-s", "9e", "-K",
         "PKCS12", "-p", "secret", "-i", "rsa.p12", "--pin-policy", "never")
    tests_signature("9e", "rsa.pem")
    tool("-a", "set-chuid", "-a", "set-ccc")


@card("keys=none", "retries=4", more=NAME)
def pins_are_changed_and_unblocked():
    has(tool("-a", "verify-pin", "-P", "123456"), "Successfully verified PIN")
    has(tool("-a", "verify-pin", "-P", "111111", status=1), "3 tries left")
    tool("-a", "change-pin", "-P", "123456", "-N", "222222")
    tool("-a", "change-puk", "-P", "12345678", "-N", "87654321")
    for _ in range(4):
        tool("-a", "verify-pin", "-P", "111111", status=1)
    has(tool("-a", "verify-pin", "-P", "222222", status=1), "Pin code blocked")
    tool("-a", "unblock-pin", "-P", "12345678", "-N", "333333", status=1)
    tool("-a", "unblock-pin", "-P", "87654321", "-N", "333333")
    tool("-a", "verify-pin", "-P", "333333")
    tool("-a", "verify-pin", "-P", "333333", "-a", "pin-retries",
         "--pin-retries", "5", "--puk-retries", "6")
    has(tool("-a", "status"), "PIN tries left:\t5")
    tool("-a", "verify-pin", "-P", "123456")


@card("keys=none", more=NAME)
def the_management_key_is_set():
    tool("-a", "set-mgm-key", "-n", OTHER_MGM)
    tool("-a", "generate", "-s", "9a", "-A", "ECCP256", status=1)
    tool("-a", "generate", "-s", "9a", "-A", "ECCP256", f"-k{OTHER_MGM}")


@card(more=NAME)
def the_card_attests():
    """What it made itself, by the key in F9; not what was brought."""
    openssl("genrsa", "-out", "brought.pem", "2048")
    tool("-a", "generate", "-s", "82", "-A", "RSA2048", "-o", "pub.pem")
    write("attest.pem", tool("-a", "attest", "-s", "82"))
    keep_certificate("f9", "device.pem")
    has(openssl("verify", "-partial_chain", "-CAfile", "device.pem",
                "attest.pem"), "OK")
    equal(openssl("x509", "-in", "attest.pem", "-pubkey", "-noout").split(),
          read("pub.pem").decode().split(), "the key in the attestation")
    has(openssl("x509", "-in", "attest.pem", "-noout", "-text"),
        "1.3.6.1.4.1.41482.3.3", "1.3.6.1.4.1.41482.3.7",
        "1.3.6.1.4.1.41482.3.8")
    tool("-a", "import-key", "-s", "82", "-i", "brought.pem")
    tool("-a", "attest", "-s", "82", status=1)


@card(more=NAME)
def a_reset_takes_all():
    tool("-a", "reset", status=1)
    for _ in range(3):
        tool("-a", "verify-pin", "-P", "000000", status=1)
        tool("-a", "change-puk", "-P", "00000000", "-N", "00000001", status=1)
    tool("-a", "reset")
    has(tool("-a", "status"), "PIN tries left:\t3")
    lacks(tool("-a", "status"), "Slot 9a:")
    tool("-a", "verify-pin", "-P", "123456")


def p11(*argv, **options):
    return run("pkcs11-tool", "--module", YKCS11, *argv, **options)


@card(more=NAME)
def ykcs11_lists_and_signs():
    has(p11("-L"), "YubiKey PIV", "login required")
    has(p11("-O"), "X.509 Certificate for PIV Authentication",
        "X.509 Certificate for Card Authentication")
    write("data", "signed through ykcs11")
    for name, key_id, digest, mechanism in (
            ("9a", "01", "sha256", "SHA256-RSA-PKCS"),
            ("9c", "02", "sha256", "ECDSA-SHA256"),
            ("9e", "04", "sha256", "ECDSA-SHA256")):
        keep_certificate(name, "cert.pem")
        openssl("x509", "-in", "cert.pem", "-pubkey", "-noout", "-out",
                "pub.pem")
        p11("--sign", "--mechanism", mechanism, "--id", key_id, "--login",
            "--pin", "123456", "--input-file", "data", "--output-file",
            "signature", "--signature-format", "openssl")
        has(openssl("dgst", f"-{digest}", "-verify", "pub.pem", "-signature",
                    "signature", "data"), "Verified OK")


@card(more=NAME)
def ykcs11_tests_without_an_error():
    text = p11("--test", "--login", "--pin", "123456")
    has(text, "No errors", "key 0 (Private key for PIV Authentication)",
        "key 2 (Private key for Key Management)", "SHA256-RSA-PKCS: OK")
    lacks(text, "FAILED", "ERR", "rror:")


main()
