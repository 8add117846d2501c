#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""vicc fault, vicc ctl and the rules of vicc run as their users meet them:
what they refuse, and a control socket among strangers."""

import json
import os
import re
import signal
import socket
import stat
import subprocess

from reader import Slot, connect
from tap import equal, has, main, test

SELECT = "00A4000C023F00"


def refused(place, status, *args):
    """How it says no: exit status and words, and nothing on stdout."""
    got, out, err = place.run(*args)
    equal((got, out), (status, ""), err)
    return err


def run_card(place, *args):
    """A card of ours with a control socket, in the reader that comes back."""
    slot = place.own(Slot(str(place.path / "slot")))
    program = place.program("run", "--connect", f"unix:{place.path}/slot",
                            "--ctl", place.path / "ctl", *args)
    program.expect("control socket")
    return slot, program


def ctl(place, *args):
    status, out, err = place.run("ctl", "--socket", place.path / "ctl", *args)
    equal((status, err), (0, ""), args)
    return out


@test
def rules_that_are_none(place):
    has(refused(place, 2, "run", "--fault", "on any explode"),
        "vicc: --fault:1:8: 'explode' is nothing that can happen")
    has(refused(place, 2, "run", "--fault", "on any mute", "--fault", "3: on"),
        "--fault:2:")
    has(refused(place, 2, "run", "--fault", "1: on any mute"),
        "there is no slot 1, only 0 to 0")
    script = place.file("rules", "# first\non any mute\n  on 0x mute\n")
    has(refused(place, 2, "run", "--fault-script", script),
        f"vicc: {script}:3:6: half a byte cannot be left open")
    has(refused(place, 5, "run", "--fault-script", "/nonexistent"),
        "/nonexistent: No such file")
    has(refused(place, 5, "run", "--fault-script", place.path), "directory")
    has(refused(place, 125, "exec", "--fault", "on", "--", "true"),
        "vicc exec: --fault:1:3")
    many = place.file("many", "on any mute\n" * 65)
    has(refused(place, 2, "run", "--fault-script", many), "too many rules")
    has(refused(place, 2, "apdu", "--fault", "on any mute"), "does not go with")


@test
def addresses_that_are_none(place):
    has(refused(place, 2, "fault"), "something is missing")
    has(refused(place, 2, "fault", "nowhere"), "vicc fault: nowhere:")
    has(refused(place, 2, "fault", "tcp:localhost:1:colour=red"), "option")
    has(refused(place, 2, "fault", "tcp:localhost:1", "--connect", "x"), "x:")
    has(refused(place, 4, "fault", "unix-listen:/nonexistent/x"),
        "/nonexistent/x")
    has(refused(place, 2, "fault", "tcp:localhost:1", "tcp:localhost:2",
                "--connect", "tcp:localhost:65535"), "no room for 2")
    has(refused(place, 5, "fault", f"unix-listen:{place.path}/c", "--trace",
                "/nonexistent/trace"), "/nonexistent/trace: No such file")
    has(refused(place, 4, "run", "--connect", f"unix:{place.path}/slot",
                "--ctl", "/nonexistent/ctl"), "control socket /nonexistent/ctl")
    has(refused(place, 4, "run", "--connect", f"unix:{place.path}/slot",
                "--ctl", place.path / ("x" * 120)), "too long")
    taken = place.file("taken", "precious")
    has(refused(place, 4, "run", "--connect", f"unix:{place.path}/slot",
                "--ctl", taken), "another program serves it, or it is a file")
    with open(taken, encoding="ascii") as f:
        equal(f.read(), "precious")


@test
def questions_that_are_none(place):
    slot, program = run_card(place, "--count", "2")
    card = slot.card()
    card.atr()
    socket_path = place.path / "ctl"
    equal(stat.S_IMODE(os.stat(socket_path).st_mode), 0o600)
    for words, answer in (
            (["explode"], "no verb 'explode'; there are insert"),
            (["insert"], "which slot? There are 0 to 1"),
            (["insert", "2"], "there is no slot 2, only 0 to 1"),
            (["insert", "99999999999"], "which slot?"),
            (["insert", "0", "please"], "left over"),
            (["mute", "0", "soon"], "500ms"),
            (["fault", "0"], "which rule?"),
            (["fault", "0", "on any # mute"], "column 8"),
            (["fault", "0", "1: on any mute"], "for slot 1, not 0"),
            (["fault", "0", "on any\nmute"], "one line"),
            (["fault", "0", "x" * 9000], "one line")):
        has(refused(place, 2, "ctl", "--socket", socket_path, *words), answer)
    has(refused(place, 2, "ctl"), "something is missing")
    env = {k: v for k, v in os.environ.items() if k != "VICC_CTL"}
    status, _, err = place.run("ctl", "status", env=env)
    equal(status, 2)
    has(err, "--socket PATH")
    has(refused(place, 4, "ctl", "--socket", place.path / "no", "status"),
        "nobody serves this socket")
    has(refused(place, 4, "ctl", "--socket", "x" * 200, "status"), "too long")
    equal(card.apdu(SELECT), "9000")
    equal(program.end(), 0)
    assert not os.path.exists(socket_path), "the socket is left"
    card.close()


@test
def a_rule_that_names_its_slot(place):
    """Ctl takes the lines that --fault takes."""
    slots = [place.own(Slot(str(place.path / name)))
             for name in ("slot", "slot.1")]
    program = place.program("run", "--count", 2, "--ctl", place.path / "ctl",
                            "--connect", f"unix:{place.path}/slot")
    program.expect("control socket")
    ctl(place, "fault", "1: on any sw 6F00")
    for slot, answer in zip(slots, ("9000", "6F00")):
        card = place.own(slot.card())
        card.atr()
        equal(card.apdu(SELECT), answer)
    for rule, why in (("2: on any mute", "there is no slot 2, only 0 to 1"),
                      ("on any mute", "which slot? There are 0 to 1"),
                      ("none", "which slot? There are 0 to 1")):
        has(refused(place, 2, "ctl", "--socket", place.path / "ctl", "fault",
                    rule), why)
    equal(program.end(), 0)


@test
def strangers_at_the_socket(place):
    """Half a line, no line, too long a line, several, rubbish: none of them
    gets an answer, or keeps others from theirs."""
    slot, program = run_card(place)
    card = slot.card()
    card.atr()
    for rubbish in (b"", b"\n", b"status", b"x" * 100000, b"\0\xff\n",
                    b"status\nstatus\n", b"fault 0 on \xff\x1b[2J\n",
                    b"status 18446744073709551616\n", b" \n", b"0\n"):
        with socket.socket(socket.AF_UNIX) as wire:
            wire.connect(str(place.path / "ctl"))
            try:
                wire.sendall(rubbish)
                wire.shutdown(socket.SHUT_WR)
                answer = wire.makefile("rb").read()
            except OSError:
                continue
            assert answer == b"" or answer.startswith(b"error "), answer
            assert b"\x1b" not in answer, answer
    has(ctl(place, "status"), "slot 0: iso7816 at unix:")
    equal(card.apdu(SELECT), "9000")
    equal(program.end(), 0)


@test
def a_permanent_card(place):
    """vicc run with its socket: out, in, a rule, and what it says of it."""
    slot, program = run_card(place)
    card = slot.card()
    card.atr()
    ctl(place, "remove")
    card.ended()
    has(ctl(place, "status"), "taken out")
    ctl(place, "insert", "0")
    card = slot.card()
    card.atr()
    ctl(place, "fault", "on", "00A4...", "sw", "6F55")
    equal(card.apdu(SELECT), "6F55")
    program.expect("on 00A4... sw 6F55")
    state, = json.loads(ctl(place, "--json", "status"))
    equal(state["reader"], None)
    equal((state["card"], state["state"], state["mute"]),
          ("iso7816", "inserted", False))
    equal(state["rules"], [{"rule": "on 00A4... sw 6F55", "matched": 1,
                            "fired": 1}])
    equal(program.end(), 0)


@test
def two_slots_through_a_proxy(place):
    """Each card has its own reader, trace and rules."""
    slots = [place.own(Slot(str(place.path / name)))
             for name in ("slot", "slot.1")]
    proxy = place.program(
        "fault", f"unix-listen:{place.path}/a", f"unix-listen:{place.path}/b",
        "--connect", f"unix:{place.path}/slot", "--ctl", place.path / "ctl",
        "--trace", place.path / "trace", "--fault", "1: on any sw 6F11")
    proxy.expect(f"slot 1: waiting for a card at unix:{place.path}/b")
    for name in "ab":
        place.program("run", "--connect", f"unix:{place.path}/{name}")
    cards = [slot.card() for slot in slots]
    for card, answer in zip(cards, ("9000", "6F11")):
        card.atr()
        equal(card.apdu(SELECT), answer)
    ctl(place, "remove", "1")
    cards[1].ended()
    equal(cards[0].apdu(SELECT), "9000")
    ctl(place, "insert", "1")
    cards[1] = slots[1].card()
    cards[1].atr()
    equal([s["state"] for s in json.loads(ctl(place, "status", "--json"))],
          ["inserted", "inserted"])
    equal(proxy.end(), 0)
    for number, answer in enumerate(("9000", "6F11")):
        with open(f"{place.path}/trace.{number}", encoding="utf-8") as f:
            has(f.read(), f"> {SELECT}\n", f"< {answer}\n")
    equal(sorted(os.listdir(place.path)),
          ["slot", "slot.1", "trace.0", "trace.1"])


@test
def a_reader_that_connects(place):
    """The proxy listens on both sides, as a card with -R does."""
    proxy = place.program("fault", "tcp-listen:127.0.0.1:0", "--listen",
                          "tcp-listen:127.0.0.1:0", "--fault",
                          "on any #2 flip 0")
    where = proxy.expect("waiting for a card at").split()[-1]
    place.program("run", "--connect", where)
    reader = connect(proxy.expect("waiting for a reader to connect"))
    place.own(reader)
    for answer in ("9000", "9100", "9000"):
        equal(reader.apdu(SELECT), answer)
    equal(proxy.end(), 0)


@test
def a_card_that_leaves_while_there_is_no_reader(place):
    proxy = place.program("fault", f"unix-listen:{place.path}/card",
                          "--connect", f"unix:{place.path}/nobody", "--ctl",
                          place.path / "ctl")
    proxy.expect("waiting for a card at")
    with socket.socket(socket.AF_UNIX) as card:
        card.connect(str(place.path / "card"))
        proxy.expect("waiting: ")
        has(ctl(place, "status"), "waits for its reader")
    proxy.expect("the card has gone from")
    has(ctl(place, "status"), "no card has come yet")
    equal(proxy.end(), 0)


@test
def a_proxy_that_is_open_to_others_says_so(place):
    """To cards of others, and it names an address that is taken once."""
    proxy = place.program("fault", "tcp-listen:0.0.0.0:0", "--listen",
                          place.path / "s")
    line = proxy.expect("waiting for a card at")
    port = re.search(r" at any address of this machine, port (\d+) \(see "
                     r"vpcd-config -P \1\)$", line)
    assert port, line
    taken = f"tcp-listen:127.0.0.1:{port[1]}"
    status, _, said = place.run("fault", taken)
    equal(status, 4)
    has(said, f"vicc fault: {taken}: the port is in use")
    equal(said.count(taken), 1)


@test
def an_inherited_connection_ends_it(place):
    """The only one that there can be; at any moment."""
    for side in "card", "reader":
        for joined in False, True:
            ours, theirs = socket.socketpair()
            fd, path = f"fd:{theirs.fileno()}", place.path / f"{side}{joined}"
            args = ([fd, "--listen", f"unix-listen:{path}"] if side == "card"
                    else [f"unix-listen:{path}", "--connect", fd])
            if not joined:
                ours.close()
            proxy = place.program("fault", *args, pass_fds=[theirs.fileno()])
            theirs.close()
            if joined or side == "reader":
                where = proxy.expect("waiting for a " + (
                    "card at" if side == "reader" else "reader to connect"))
                other = place.own(connect(where))
                if joined:
                    other.write(b"12")
                    equal(ours.recv(4), b"\0\x0212")
                    ours.close()
                assert other.ended()
            equal(proxy.process.wait(20), 0, (side, joined))


NO_NAME = r"""
#include <netdb.h>
#include <stdio.h>
#include <unistd.h>
int getaddrinfo(const char *node, const char *service,
                const struct addrinfo *hints, struct addrinfo **result)
{
    (void)node; (void)service; (void)result;
    if (hints != NULL && hints->ai_flags & AI_NUMERICHOST)
        return EAI_NONAME;
    fputs("looked up\n", stderr);
    for (;;)
        pause();
}
"""


@test
def a_signal_while_a_name_is_looked_up(place):
    """The second one does not wait for a name server that is gone."""
    code, made = place.file("no-name.c", NO_NAME), place.path / "no-name.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", made, code], check=True)
    proxy = place.program("fault", "tcp:nowhere.invalid:4000", "--listen",
                          f"unix-listen:{place.path}/reader",
                          env={**os.environ, "LD_PRELOAD": str(made),
                               "ASAN_OPTIONS": "verify_asan_link_order=0"})
    proxy.expect("looked up")
    for _ in range(400):  # a second that comes too early is one with the first
        proxy.process.send_signal(signal.SIGTERM)
        try:
            return proxy.process.wait(0.05)
        except subprocess.TimeoutExpired:
            pass
    raise AssertionError("still there")


main()
