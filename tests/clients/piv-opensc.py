#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""OpenSC's programs with the PIV card."""

import re

from harness import equal
from piv import (DEFAULT_MGM, OPENSC, card, has, lacks, main, openssl, read,
                 run, write)

PIN = ("--pin", "123456")


def tests_without_an_error(*named):
    """pkcs11-tool's own test, which uses each RSA key that there is."""
    text = run("pkcs11-tool", "--module", OPENSC, "--test", "--login", *PIN)
    has(text, "No errors", *named)
    lacks(text, "FAILED", "ERR", "rror:")


@card("keys=none")
def opensc_tool_names_the_card():
    has(run("opensc-tool", "-n"), "Personal Identity Verification Card")


@card("chuid=00112233445566778899AABBCCDDEEFF")
def pkcs15_tool_tells_all():
    text = run("pkcs15-tool", "--dump", "--verify-pin", *PIN)
    has(text, "PKCS#15 Card [Test Card]", "PIN [PIN]", "PIN [PIV PUK]",
        "Serial number  : 00112233445566778899aabbccddeeff",
        "Private RSA Key [PIV AUTH key]", "Private EC Key [SIGN key]",
        "Private RSA Key [KEY MAN key]", "Private EC Key [CARD AUTH key]",
        "X.509 Certificate [Certificate for PIV Authentication]",
        "X.509 Certificate [Certificate for Digital Signature]",
        "X.509 Certificate [Certificate for Key Management]",
        "X.509 Certificate [Certificate for Card Authentication]")
    has(run("pkcs15-tool", "--verify-pin", "--pin", "654321", status=255),
        "PIN code or key incorrect")


@card("9c.pin-policy=once", "keys=rsa2048")
def pkcs11_tool_tests_rsa_2048():
    tests_without_an_error("key 0 (PIV AUTH key)", "key 1 (SIGN key)",
                           "key 2 (KEY MAN key)", "key 3 (CARD AUTH key)",
                           "SHA256-RSA-PKCS: OK", "RSA-PKCS-OAEP")


def make_rsa_3072():
    openssl("genrsa", "-out", "key.pem", "3072")


@card("9a.key=key.pem", "9c.key=key.pem", "9d.key=key.pem", "9e.key=key.pem",
      prepare=make_rsa_3072)
def pkcs11_tool_tests_rsa_3072():
    """9C asks for the PIN each time, which pkcs11-tool gives again."""
    tests_without_an_error("key 0 (PIV AUTH key)", "key 1 (SIGN key)",
                           "key 3 (CARD AUTH key)", "SHA256-RSA-PKCS: OK")


def make_rsa_4096():
    openssl("genrsa", "-out", "key.pem", "4096")


@card("9a.key=key.pem", prepare=make_rsa_4096)
def rsa_4096_is_seen():
    """This version has no algorithm of that size to sign by."""
    has(run("pkcs15-tool", "--list-keys"), "Private RSA Key [PIV AUTH key]",
        "ModLength      : 4096")
    run("pkcs15-tool", "--read-certificate", "01", "-o", "cert.pem")
    equal(openssl("x509", "-in", "cert.pem", "-noout", "-pubkey"),
          openssl("pkey", "-in", "key.pem", "-pubout"), "its certificate")


def signs_with(bits, mechanism, digest, key_id, *login):
    """A signature by pkcs11-tool, which openssl verifies."""
    write("data", f"signed by key {key_id}")
    openssl("dgst", f"-{digest}", "-binary", "-out", "hash", "data")
    run("pkcs11-tool", "--module", OPENSC, "--read-object", "--type", "cert",
        "--id", key_id, "--output-file", "cert.der")
    openssl("x509", "-in", "cert.der", "-pubkey", "-noout", "-out", "pub.pem")
    has(openssl("pkey", "-pubin", "-in", "pub.pem", "-text", "-noout"), bits)
    run("pkcs11-tool", "--module", OPENSC, "--sign", "--mechanism", mechanism,
        "--id", key_id, "--input-file", "hash", "--output-file", "signature",
        "--signature-format", "openssl", *login)
    has(openssl("dgst", f"-{digest}", "-verify", "pub.pem", "-signature",
                "signature", "data"), "Verified OK")


def agrees_with(curve, key_id):
    """ECDH by pkcs11-tool; openssl comes to the same secret."""
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt",
            f"ec_paramgen_curve:{curve}", "-out", "other.pem")
    openssl("pkey", "-in", "other.pem", "-pubout", "-outform", "DER", "-out",
            "other.der")
    run("pkcs11-tool", "--module", OPENSC, "--login", *PIN, "--derive",
        "--mechanism", "ECDH1-COFACTOR-DERIVE", "--id", key_id,
        "--input-file", "other.der", "--output-file", "secret")
    run("pkcs11-tool", "--module", OPENSC, "--read-object", "--type", "cert",
        "--id", key_id, "--output-file", "cert.der")
    openssl("x509", "-in", "cert.der", "-pubkey", "-noout", "-out", "pub.pem")
    openssl("pkeyutl", "-derive", "-inkey", "other.pem", "-peerkey", "pub.pem",
            "-out", "expected")
    equal(read("secret"), read("expected"), f"ECDH, {curve}")


@card("keys=p256")
def p_256():
    tests_without_an_error()
    signs_with("P-256", "ECDSA", "sha256", "01", "--login", *PIN)
    signs_with("P-256", "ECDSA", "sha256", "02", "--login", *PIN)
    signs_with("P-256", "ECDSA", "sha256", "04", "--login", *PIN)
    agrees_with("P-256", "03")


@card("keys=p384")
def p_384():
    tests_without_an_error()
    signs_with("P-384", "ECDSA", "sha384", "01", "--login", *PIN)
    signs_with("P-384", "ECDSA", "sha384", "02", "--login", *PIN)
    signs_with("P-384", "ECDSA", "sha384", "04", "--login", *PIN)
    agrees_with("P-384", "03")


def modulus_in_metadata():
    """The public key of 9A, as GET METADATA gives it."""
    text = run("opensc-tool", "-s", "00A4040005A000000308", "-s",
               "00F7009A00").rsplit("Received", 1)[1]
    dump = bytes.fromhex("".join(re.findall(
        r"^((?:[0-9A-F]{2} ){1,16})", text, re.M)))
    at = dump.index(bytes.fromhex("81820100")) + 4
    return dump[at:at + 256]


def make_authority():
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout",
            "ca.key", "-out", "ca.pem", "-subj", "/CN=Authority")
    write("admin.key", bytes.fromhex(DEFAULT_MGM))


def certify_modulus(modulus):
    """Writes cert.pem, of a key of which there is only the public part."""
    write("public.cnf", "asn1=SEQUENCE:spki\n[spki]\nalg=SEQUENCE:rsa\n"
          "key=BITWRAP,SEQUENCE:key\n[rsa]\nalg=OID:rsaEncryption\n"
          f"null=NULL\n[key]\nn=INTEGER:0x{modulus.hex()}\n"
          "e=INTEGER:0x010001\n")
    openssl("asn1parse", "-genconf", "public.cnf", "-noout", "-out", "pub.der")
    openssl("x509", "-new", "-force_pubkey", "pub.der", "-subj",
            "/CN=Made on the card", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-days", "9", "-out", "cert.pem")


@card("keys=none", prepare=make_authority)
def piv_tool_generates_and_loads():
    """The public key file cannot be written by this version of piv-tool, and
    the exit status of -C is how much it wrote: both are its own habits."""
    env = {"PIV_EXT_AUTH_KEY": "admin.key"}
    run("piv-tool", "-A", "M:9B:03", "-G", "9A:07", status=None, env=env)
    certify_modulus(modulus_in_metadata())
    run("piv-tool", "-A", "M:9B:03", "-C", "9A", "-i", "cert.pem",
        status=None, env=env)
    run("pkcs15-tool", "--read-certificate", "01", "-o", "back.pem")
    has(openssl("verify", "-CAfile", "ca.pem", "back.pem"), "OK")
    write("data", "signed by the key that piv-tool had made")
    run("pkcs11-tool", "--module", OPENSC, "--sign", "--mechanism",
        "SHA256-RSA-PKCS", "--id", "01", "--input-file", "data",
        "--output-file", "signature", "--login", *PIN)
    openssl("x509", "-in", "back.pem", "-pubkey", "-noout", "-out", "pub.pem")
    has(openssl("dgst", "-sha256", "-verify", "pub.pem", "-signature",
                "signature", "data"), "Verified OK")


@card("keys=none", prepare=make_authority)
def piv_tool_refuses_another_key():
    write("admin.key", bytes(23) + b"\1")
    text = run("piv-tool", "-A", "M:9B:03", "-G", "9A:07", status=None,
               env={"PIV_EXT_AUTH_KEY": "admin.key"})
    has(text, "admin_mode failed")
    has(run("opensc-tool", "-s", "00A4040005A000000308", "-s", "00F7009A00"),
        "SW1=0x6A, SW2=0x88")


@card("puk=87654321")
def pins_change_and_unblock():
    run("pkcs15-tool", "--change-pin", "--auth-id", "01", *PIN, "--new-pin",
        "111111")
    run("pkcs15-tool", "--verify-pin", "--pin", "111111")
    for _ in range(3):
        run("pkcs15-tool", "--verify-pin", "--pin", "999999", status=255)
    has(run("pkcs15-tool", "--verify-pin", "--pin", "111111", status=255),
        "Authentication method blocked")
    run("pkcs15-tool", "--unblock-pin", "--auth-id", "01", "--puk",
        "87654321", "--new-pin", "222222")
    run("pkcs15-tool", "--verify-pin", "--pin", "222222")
    run("pkcs11-tool", "--module", OPENSC, "--login", "--pin", "222222",
        "--change-pin", "--new-pin", "333333")
    run("pkcs15-tool", "--verify-pin", "--pin", "333333")


main()
