#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""What a core dump of vicc would hold after a session: the secrets that are on
the card, but none that was only presented, replaced or deleted.

The memory of the running process is read, all that can be written to, since a
core file may be switched off or sent elsewhere."""

import contextlib
import os
import re
import resource
import signal
import subprocess

from cards import GET_ATR, OFF, ON, frame
from harness import Skip, equal, main, path, test, until
from peers import dial, listens, read

PASSPHRASE = "Burgunderweinkelch"


class Session:
    """A reader with a card of its own, whose process is looked through."""

    def __init__(self, *args):
        self.process = subprocess.Popen(
            [os.environ["VICC"], "run", *args, "--listen",
             f"unix-listen:{path('u')}"], stderr=subprocess.DEVNULL)
        try:
            until(lambda: listens(path("u")), "a socket", 60)
        except AssertionError:
            self.process.kill()
            raise
        self.sock = dial(path("u"))
        self.sock.settimeout(60)
        self.sock.sendall(frame(ON))
        self.raw(GET_ATR)

    def raw(self, payload):
        self.sock.sendall(frame(payload))
        return read(self.sock)

    def does(self, command, sw="9000"):
        """The response data, after the status word has been looked at."""
        answer = self.raw(bytes.fromhex(command))
        assert re.fullmatch(sw, answer[-2:].hex().upper()), \
            f"{command}: {answer.hex()}"
        return answer[:-2]

    def power_off(self):
        """Returns when the card is without power and the answer is gone."""
        self.sock.sendall(frame(OFF))
        self.raw(GET_ATR)

    def memory(self):
        with open(f"/proc/{self.process.pid}/maps", encoding="ascii") as maps, \
                open(f"/proc/{self.process.pid}/mem", "rb", 0) as memory:
            for line in maps:
                span, modes = line.split()[:2]
                start, end = (int(n, 16) for n in span.split("-"))
                if modes.startswith("rw"):
                    memory.seek(start)
                    with contextlib.suppress(OSError):
                        yield memory.read(end - start)

    def holds(self, secrets):
        """Which of them there are; numbers lie in memory backwards, too."""
        values = {text: bytes.fromhex(text) for text in secrets}
        found = set()
        for block in self.memory():
            found |= {text for text, value in values.items()
                      if value in block or value[::-1] in block}
        return found

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()
        self.process.send_signal(signal.SIGTERM)
        equal(self.process.wait(), 0, "status of vicc")


def text(value):
    return value.encode().hex().upper()


# --- a session for each type: what it leaves, and what not -------------------

def iso7816_session(s):
    first, wrong, last = text("8765432"), text("8765431"), text("9753102")
    old, new = "C0FFEEC0FFEE01", "DECAFBADBADCAF"
    s.does("00A4010C021000")
    s.does("0020000107" + wrong, "63C2")
    s.does("0020000104" + text("1234"))
    s.does("002400010B" + text("1234") + first)
    s.does("002400010E" + first + last)
    s.does("0020000107" + last)
    s.does("00D6830007" + old)
    equal(s.does("00B0000007"), bytes.fromhex(old))
    s.does("10D6000007" + old)
    s.does("00D6000007" + old)
    s.does("00D600000E" + new + "00" * 7)
    s.does("10D6000007" + old)  # a chain without an end
    s.does("1020000107" + wrong, "6883")
    return {last, new}, {first, wrong, old}


def openssl_encrypt(key, block):
    return subprocess.run(["openssl", "enc", "-aes-128-ecb", "-nopad", "-K",
                           key], input=block, capture_output=True,
                          check=True).stdout


def piv_authenticate(s, key):
    challenge = s.does("0087089B047C028100")[-16:]
    s.does("0087089B147C128210" + openssl_encrypt(key, challenge).hex())


def piv_session(s):
    """Keys of P-256 in 9A, one over the other, and management keys."""
    old = "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721"
    new = "1F2E3D4C5B6A79880123456789ABCDEF5A69788796A5B4C3D2E1F00112233441"
    point = ("60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
             "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299")
    management = ["00112233445566778899AABBCCDDEEF1",
                  "5A69788796A5B4C3D2E1F00112233445",
                  "A5B6C7D8E9FA0B1C2D3E4F5061728394"]
    pins = [text("123456") + "FFFF", text("98765432"), text("86420975")]
    wrong = text("98765431")
    for key, following in zip(management, management[1:]):
        piv_authenticate(s, key)
        s.does("00FFFFFF13089B10" + following)
    piv_authenticate(s, management[2])
    s.does("0020008008" + wrong, "63C2")
    for pin, following in zip(pins, pins[1:]):
        s.does("0024008010" + pin + following)
    s.does("0020008008" + pins[2])
    s.does("00FE119A220620" + old)
    shared = s.does("0087119A477C45820085" + "4104" + point)[-32:]
    s.does("00FE119A220620" + new)
    s.does("0087119A477C45820085" + "4104" + point)
    return ({management[2], pins[2], new},
            {management[1], pins[1], wrong, old, shared.hex()})


def cryptoflex_session(s):
    """A CHV, and RSA and DES keys that come and go."""
    pins, wrong = [text("13572468"), text("97531086")], text("30405060")
    code, aut, des = text("75318642"), "2C15E526E93E8A19", "6A7B8C9DAEBFC0D1"
    p = "55555E8FAF68092EC946568B0AD8C4B297C59250136F1E00000B741F4400EDC7"
    parts = (
        p + "BFB80AC0334F0907C5AC7964FBEEBF0E3EE2E759F0449A5DED9B3C6B08D1F8C2"
        "B85EBCD47BDFB944DAC6C2E18F71FCE9063B4B6CFF329552314D7EFF9AFD3D77"
        "6DC8B814C744EFC37DBAE90B1D3C14215403D8A6B1DB34ECE6986F85C2A97EB6"
        "15066836467C393CC8B4F2C902058FD1A87AE8190C0076602609D8A7365DF143")
    sixteen = "5A" * 16
    s.does("F02A000108" + aut)
    s.does("F0E0000010FFFF0017000001FF00F0FF0103000000")
    s.does("C0D6000017FFFFFF" + pins[0] + "0303" + code + "0A0A")
    s.does("F0E0000010FFFF0001100001FF1000000103000000")
    s.does("C020000108" + pins[0])
    s.does("C020000108" + wrong, "63..")
    s.does("F024000110" + pins[0] + pins[1])
    s.does("C020000108" + pins[1])
    s.does("F0E0000010FFFF00A6001201FF00F0FF0103000000")
    s.does("C0D60000A300A301" + parts)
    equal(s.does("C0B0000320"), bytes.fromhex(p))
    s.does("C088000040" + sixteen * 3 + sixteen[:-4] + "0100", "6140")
    plain = s.does("C0C0000040").hex()
    s.does("F0E0000010FFFF0010000101FF00F0FF0103000000")
    s.does("C0D600000DFF0800" + des + "0303")
    s.does("C0880000080000000000000000", "6108")
    s.does("F0E40000020001")
    s.does("F0E40000020012")
    return {pins[1], code, aut}, {pins[0], wrong, des, p, parts[64:96],
                                  parts[-64:], plain}


SESSIONS = {
    "iso7816": (iso7816_session, []),
    "piv": (piv_session, ["keys=none", "mgm-algorithm=aes128",
                          "mgm=00112233445566778899AABBCCDDEEF1"]),
    "cryptoflex": (cryptoflex_session, []),
}


def remains(kind, in_image=False):
    session, options = SESSIONS[kind]
    words = [word for option in options for word in ("-o", option)]
    card = ["-t", kind, *words]
    if in_image:
        card = sealed_image(kind, words)
    with Session(*card) as s:
        kept, gone = session(s)
        if in_image:
            gone.add(text(PASSPHRASE))
        s.power_off()
        found = s.holds(kept | gone)
    assert not found & gone, f"still there: {found & gone}"
    # that they are found where they are; a sealed image has them sealed
    assert in_image or kept <= found, f"not found: {kept - found}"


def sealed_image(kind, words):
    with open(path("passphrase"), "w", encoding="ascii") as f:
        f.write(PASSPHRASE + "\n")
    seal = ["--passphrase-file", path("passphrase")]
    subprocess.run([os.environ["VICC"], "new", "-t", kind, *words, *seal,
                    path("card.vicc")], check=True, capture_output=True)
    return ["-f", path("card.vicc"), *seal]


@test
def of_an_iso7816_card():
    remains("iso7816")


@test
def of_a_piv_card():
    remains("piv")


@test
def of_a_cryptoflex_card():
    remains("cryptoflex")


@test(deadline=120)
def of_a_sealed_image():
    """One type, since opening it takes a second on purpose."""
    remains("piv", in_image=True)


@test
def of_what_came_in_part():
    """The reader goes amid a message, or a second one came with the first."""
    half, second, verify = text("86421"), text("97531"), "002000010E"
    with Session("-t", "iso7816") as s:
        s.sock.sendall(frame(GET_ATR) + frame(bytes.fromhex(
            "00D6000005" + second)) + bytes.fromhex("0020" + verify + half))
        read(s.sock)
        read(s.sock)
        until(lambda: half in s.holds({half}), "the part")
        s.sock.close()
        s.sock = dial(path("u"))
        s.raw(GET_ATR)
        found = s.holds({half, second})
    assert not found, f"still there: {found}"


@test
def of_what_a_middleman_passed():
    wrong = text("8642135")
    with Session("-t", "iso7816", "--mitm", "cat") as s:
        s.does("00A4010C021000")
        s.does("0020000107" + wrong, "63C2")
        s.power_off()
        found = s.holds({wrong})
    assert not found, f"still there: {found}"


def dumps_core(*card):
    with Session(*card) as s:
        most = resource.getrlimit(resource.RLIMIT_CORE)[1]
        resource.prlimit(s.process.pid, resource.RLIMIT_CORE, (most, most))
        s.process.send_signal(signal.SIGABRT)
        status = os.waitpid(s.process.pid, 0)[1]
        s.process.returncode = 0  # somebody has waited for it
    equal(os.WTERMSIG(status), signal.SIGABRT, "signal")
    return os.WCOREDUMP(status)


@test(deadline=120)
def sealed_images_make_no_core_file():
    os.chdir(path("."))
    if not dumps_core("-t", "iso7816"):
        raise Skip("no core files here")
    os.unlink(path("u"))
    assert not dumps_core(*sealed_image("iso7816", [])), "a core file"


if __name__ == "__main__":
    main()
