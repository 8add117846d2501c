#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Chromium logs in to a page that demands a client certificate, with the PIV
card behind NSS. A screen of nobody's takes the dialogs: where the browser
asks for the PIN it is typed, as a user does."""

import os
import ssl
import socket
import subprocess
import threading

from harness import until
from piv import OPENSC, card, lacks, main, openssl, run

DATABASE = "sql:.pki/nssdb"
PAGE = "<html><title>In</title><body>logged in: {}</body></html>"


class Site:
    """A page for those whose certificate the card's authority has made."""

    def __init__(self):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-nodes", "-keyout", "site.key",
                "-out", "site.pem", "-subj", "/CN=localhost", "-addext",
                "subjectAltName=DNS:localhost")
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain("site.pem", "site.key")
        self.context.load_verify_locations("ca.pem")
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.seen = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.answer, args=(client,),
                             daemon=True).start()

    def answer(self, client):
        try:
            with self.context.wrap_socket(client, server_side=True) as tls:
                tls.recv(4096)
                subject = dict(p[0] for p in tls.getpeercert()["subject"])
                body = PAGE.format(subject["commonName"]).encode()
                tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                            b"Connection: close\r\nContent-Length: %d\r\n\r\n"
                            % len(body) + body)
                self.seen.append(subject["commonName"])
        except OSError:
            pass  # the browser tries without a certificate first


class Screen:
    """An X server on a display that is free."""

    def __init__(self):
        out, into = os.pipe()
        self.process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(into), "-nolisten", "tcp", "-screen",
             "0", "1024x768x24"], pass_fds=[into], stderr=subprocess.DEVNULL)
        os.close(into)
        with os.fdopen(out) as number:
            self.env = {"DISPLAY": f":{number.readline().strip()}"}

    def xdotool(self, *argv, status=0):
        return run("xdotool", *argv, env=self.env, status=status, timeout=60)

    def window(self, name):
        """Waits for it."""
        return self.xdotool("search", "--sync", "--onlyvisible", "--name",
                            name).split()[0]

    def has_window(self, name):
        return self.xdotool("search", "--onlyvisible", "--name", name,
                            status=None) != ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


class Browser:
    def __init__(self, screen, url):
        self.process = subprocess.Popen(
            ["chromium", "--no-sandbox", "--disable-gpu", "--no-first-run",
             "--disable-sync", "--password-store=basic",
             "--user-data-dir=profile", url],
            env={**os.environ, **screen.env}, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def prepare_nss():
    """The user's database: our module, and whom the browser trusts."""
    os.makedirs(".pki/nssdb")
    run("certutil", "-N", "-d", DATABASE, "--empty-password")
    run("modutil", "-dbdir", DATABASE, "-add", "card", "-libfile", OPENSC,
        "-force")


@card("ca-out=ca.pem", "name=Browser User", "keys=p256")
def chromium_logs_in():
    prepare_nss()
    site = Site()
    run("certutil", "-A", "-d", DATABASE, "-n", "site", "-t", "CP,,", "-i",
        "site.pem")
    with Screen() as screen, \
            Browser(screen, f"https://localhost:{site.port}/"):
        dialog = screen.window("Unlock Security Device|Sign in")
        lacks(" ".join(site.seen), "Browser User")
        screen.xdotool("windowfocus", "--sync", dialog, "type", "123456")
        screen.xdotool("key", "Return")
        until(lambda: not screen.has_window("Unlock Security Device|Sign in"),
              "the end of the dialog", 30)
        screen.xdotool("windowfocus", "--sync", screen.window("Chromium"))

        def chosen():
            """The list of certificates has the one, and OK has the focus."""
            screen.xdotool("key", "Return")
            return site.seen
        until(chosen, "a login", 60)
        screen.window("^In - Chromium")
    assert site.seen[0] == "Browser User", site.seen


main()
