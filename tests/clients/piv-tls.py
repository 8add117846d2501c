#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""TLS with a client certificate on the PIV card: OpenSSL through its engine,
curl, and GnuTLS."""

import subprocess

from harness import until
from piv import OPENSC, card, has, main, openssl, read, run

PIN = "pkcs11:id=%01;type=private;pin-value=123456"


def certificate(name):
    run("pkcs11-tool", "--module", OPENSC, "--read-object", "--type", "cert",
        "--id", name, "--output-file", "cert.der")
    openssl("x509", "-in", "cert.der", "-out", "cert.pem")


class Server:
    """openssl s_server that demands a certificate of the card's authority."""

    def __init__(self, *options):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-nodes", "-keyout", "server.key",
                "-out", "server.pem", "-subj", "/CN=localhost", "-addext",
                "subjectAltName=DNS:localhost")
        with open("server.log", "wb") as log:
            self.process = subprocess.Popen(
                ["openssl", "s_server", "-accept", "127.0.0.1:0", "-www",
                 "-cert", "server.pem", "-key", "server.key", "-CAfile",
                 "ca.pem", "-Verify", "1", "-verify_return_error", *options],
                stdout=log, stderr=log)
        until(lambda: "ACCEPT" in self.log(), "a server")
        self.port = self.log().split("ACCEPT", 1)[1].split()[0].split(":")[-1]

    @staticmethod
    def log():
        with open("server.log", encoding="utf-8", errors="replace") as f:
            return f.read()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def s_client(server, *options, status=0):
    return openssl("s_client", "-connect", f"127.0.0.1:{server.port}",
                   "-engine", "pkcs11", "-keyform", "engine", "-key", PIN,
                   "-cert", "cert.pem", "-CAfile", "server.pem", *options,
                   stdin="GET / HTTP/1.0\r\n\r\n", status=status,
                   env={"PKCS11_MODULE_PATH": OPENSC})


@card("ca-out=ca.pem", "keys=rsa2048")
def openssl_by_rsa():
    certificate("01")
    for version in "-tls1_2", "-tls1_3":
        with Server(version) as server:
            has(s_client(server, "-quiet", "-ign_eof"), "HTTP/1.0 200 ok",
                "Client certificate", read("cert.pem").decode())


@card("ca-out=ca.pem", "keys=p256")
def openssl_by_an_elliptic_key():
    certificate("01")
    with Server() as server:
        has(s_client(server, "-quiet", "-ign_eof"), "HTTP/1.0 200 ok")


@card("ca-out=other.pem")
def a_stranger_is_turned_away():
    """The server trusts another authority than that of this card."""
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout",
            "ca.key", "-out", "ca.pem", "-subj", "/CN=Another")
    certificate("01")
    with Server() as server:
        s_client(server, "-quiet", "-ign_eof", status=1)
        until(lambda: "verify error" in server.log(), "an error")


@card("ca-out=ca.pem")
def curl():
    certificate("01")
    with Server() as server:
        text = run("curl", "--silent", "--show-error", "--engine", "pkcs11",
                   "--key-type", "ENG", "--key", PIN, "--cert", "cert.pem",
                   "--cacert", "server.pem",
                   f"https://localhost:{server.port}/", env={
                       "PKCS11_MODULE_PATH": OPENSC})
        has(text, "Client certificate", read("cert.pem").decode())


@card("ca-out=ca.pem")
def gnutls():
    """p11tool lists the card, and gnutls-cli logs in with it."""
    provider = ("--provider", OPENSC)
    has(run("p11tool", *provider, "--list-tokens"), "Test%20Card",
        "manufacturer=piv_II")
    login = ("--login", "--set-pin", "123456", "pkcs11:token=Test%20Card")
    text = run("p11tool", *provider, "--list-privkeys", *login)
    has(text, "Type: Private key (RSA-2048)", "Type: Private key (EC/ECDSA",
        "Label: PIV AUTH key", "Label: SIGN key")
    has(run("p11tool", *provider, "--list-certs", *login),
        "Label: Certificate for PIV Authentication")
    has(run("p11tool", *provider, "--test-sign", *login[:-1],
            login[-1] + ";id=%01;type=private"), "ok")


main()
