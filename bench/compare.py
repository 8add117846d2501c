#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Everything side by side in one run: our card and driver, those of the
Debian packages vsmartcard-vpcd and vsmartcard-vpicc, and the floors (a driver
that answers by itself, a card that only echoes). Prints what
docs/performance.md shows.

    compare.py [BUILD [PART...]]        build/run and all parts by default

What is not installed is left out."""

import contextlib
import os
import re
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
BUILD = os.path.realpath(sys.argv[1] if len(sys.argv) > 1
                         else os.path.join(HERE, "../build/run"))
VICC = os.path.join(BUILD, "tools/vicc")
BENCH = os.path.join(BUILD, "bench/vicc-bench")
PEER = ["/usr/bin/python3", os.path.normpath(os.path.join(
    HERE, "../tests/clients/vpicc.py")), "-t", "iso7816"]
HAVE_PEER = os.path.exists("/usr/lib/python3/site-packages/virtualsmartcard")
PEER_DRIVER = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
HAVE_PEER_DRIVER = os.path.exists(PEER_DRIVER)
CASES = ["null", "raw", "vicc+echo+tcp", "vicc+vicc+tcp", "vicc+plain+tcp",
         "vicc+echo+unix", "vicc+vicc+unix", "vicc+plain+unix"]
ROUNDS = os.environ.get("ROUNDS", "5")


def say(title, *rows):
    print(f"\n{title}")
    for row in rows:
        print("   ", row, flush=True)


# --- APDUs, and the events of a slot: vicc-bench ------------------------------

def new_file(size):
    """CREATE FILE of a transparent EF, which becomes current."""
    return f"00E0000011620F8004{size:08X}820141830240018800"


SIGN = "002A9E9A20" + "5A" * 32 + "00"
APDUS = {  # what goes before, and the APDU; what goes before at the peer's card
    "SELECT": ([], "00A4000C023F00", []),
    "READ BINARY, 256 bytes": ([new_file(256)], "00B0000000",
                               ["00A4000C020001"]),
    "READ BINARY, 65,533 bytes": ([new_file(65533)], "00B0000000FFFD",
                                  ["00A4000C020001"]),
    "VERIFY": ([], "002000010431323334", []),
    "RSA-2048 signature": (["004782000EB603840101AC0780011081020800",
                            "002241B606840101800142"], SIGN, None),
    "P-256 signature": (["004782000AB603840101AC03800121",
                         "002241B606840101800144"], SIGN, None),
}


def bench(*arguments):
    done = subprocess.run([BENCH, *arguments], text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout.rstrip().splitlines()


def bench_apdu(cases, first, apdu, count="50", seconds="3"):
    """Of cases with short names, {name: case}."""
    before = [o for a in first for o in ("-s", a)]
    rows = bench("-r", ROUNDS, "-n", count, "-t", seconds, *before, "-a", apdu,
                 *cases.values())[1:]
    for name, case in cases.items():
        for i, row in enumerate(rows):
            if row.startswith(case + " "):
                *figures, _, _ = row[len(case):].split()
                rows[i] = f"{name:18}" + "".join(f"{x:>11}" for x in figures)
    return rows


def part_apdus():
    peer = " ".join(["VPICC_FILE=65533 exec", *PEER, "-P", "$PORT"])
    ours = {case: case for case in CASES}
    with tempfile.TemporaryDirectory() as folder:
        image = os.path.join(folder, "card")
        subprocess.run([VICC, "new", "-t", "iso7816", image], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        kept = f"vicc+exec {VICC} -f {image} --connect $ADDRESS+unix"
        for title, (first, apdu, peers_first) in APDUS.items():
            cases = {**ours, "image": kept} if title == "VERIFY" else ours
            say(title, *bench_apdu(cases, first, apdu, "2000", "2"))
            if HAVE_PEER_DRIVER:
                say("  with Debian's driver", *bench_apdu(
                    {"plain": "debian+plain+tcp", "vicc": "debian+vicc+tcp"},
                    first, apdu))
            if HAVE_PEER and HAVE_PEER_DRIVER and peers_first is not None:
                say("  with Debian's card", *bench_apdu(
                    {"our driver": f"vicc+{peer}+tcp",
                     "its driver": f"debian+{peer}+tcp"}, peers_first, apdu))


def part_events():
    cases = ["vicc+echo+tcp", "vicc+echo+unix"]
    if HAVE_PEER_DRIVER:
        cases.append("debian+echo+tcp")
    say("card in and out", *bench("-r", "1", "-e", "50", *cases))


# --- start and memory: this program is the reader ------------------------------

def recv(conn):
    def exactly(n):
        data = b""
        while len(data) < n:
            more = conn.recv(n - len(data))
            if not more:
                raise ConnectionError("the card has gone")
            data += more
        return data
    return exactly(struct.unpack(">H", exactly(2))[0])


def ask(conn, message):
    conn.sendall(struct.pack(">H", len(message)) + message)
    return recv(conn)


@contextlib.contextmanager
def started(command):
    """A card that connects to us; yields process, connection and moments."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        begun = time.monotonic()
        with subprocess.Popen([*command, "-H", "127.0.0.1", "-P", port],
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as process:
            try:
                conn, _ = server.accept()
                conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with conn:
                    ask(conn, b"\x04")
                    yield process, conn, time.monotonic() - begun
            finally:
                process.kill()


def resident(pid, what="Rss"):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return int(re.search(rf"^{what}: +(\d+)", file.read(), re.M)[1])


def part_start():
    commands = {"vicc": [VICC, "-t", "iso7816"]}
    if HAVE_PEER:
        commands["peer"] = PEER
    took = {name: [] for name in commands}
    for _ in range(7):
        for name, command in commands.items():
            with started(command) as (_, _, seconds):
                took[name].append(seconds * 1000)
    rows = [f"{name:6} {statistics.median(t):8.1f} ms"
            for name, t in took.items()]
    for name, command in commands.items():
        with started(command) as (process, conn, _):
            conn.sendall(b"\0\1\1")
            ask(conn, bytes.fromhex("00A4000C023F00"))
            rows.append(f"{name:6} {resident(process.pid):8} KiB resident, "
                        f"{resident(process.pid, 'Pss')} of its own share")
    say("start to first ATR; memory of a process with one card", *rows)


def part_cards():
    say("cards in one process", *(
        subprocess.run([os.path.join(BUILD, "bench/cards-bench"), count],
                       text=True, check=False, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT).stdout.rstrip()
        for count in ("1", "100", "1000", "10000")))


# --- sessions and slots: in a world -------------------------------------------

DUMP = """
import os, statistics, subprocess, sys, time
if "cryptoflex" in sys.argv[1:]:
    os.environ["OPENSC_DRIVER"] = "flex"  # left out unless asked for
took = []
for _ in range(5):
    t = time.monotonic()
    r = subprocess.run(["pkcs15-tool", "--dump"], stdout=subprocess.PIPE,
                       stderr=subprocess.DEVNULL)
    took.append((time.monotonic() - t) * 1000)
    assert r.returncode == 0 and b"Private RSA Key" in r.stdout
print(f"{statistics.median(took):8.1f} ms")
"""


def part_sessions():
    """A whole session of OpenSC, with our driver and with Debian's."""
    rows = []
    for card in ["piv"], ["cryptoflex", "-o", "pkcs15=yes"]:
        dump = [sys.executable, "-c", DUMP, *card]
        took = subprocess.run([VICC, "exec", "-t", *card, "--", *dump],
                              stdout=subprocess.PIPE, text=True, check=False)
        rows.append(f"{card[0]:24} {took.stdout.rstrip() or 'failed'}")
        if HAVE_PEER_DRIVER:
            took = subprocess.run(
                [sys.executable, "-c", PEER_WORLD,
                 os.path.join(HERE, "../tests/pcsc"), PEER_DRIVER, VICC,
                 ",".join(card), *dump], stdout=subprocess.PIPE, text=True,
                check=False)
            rows.append(f"{card[0] + ', Debian driver':24} "
                        f"{took.stdout.rstrip() or 'failed'}")
    say("pkcs15-tool --dump", *rows)


PEER_WORLD = """
import socket, subprocess, sys, tempfile
path, driver, vicc, card, *command = sys.argv[1:]
sys.path.insert(0, path)
import harness  # the tests run a pcscd with any driver
with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]
with tempfile.TemporaryDirectory() as harness.directory, \\
        harness.World(harness.entry("Debian", f"/dev/null:{port}",
                                    lib=driver)) as world, \\
        subprocess.Popen([vicc, "-t", *card.split(","), "-P", str(port)],
                         stderr=subprocess.DEVNULL) as process:
    try:
        world.connect().watch("Debian 00 00").present()
        subprocess.run(command)
    finally:
        process.terminate()
"""


BUSY = """
import multiprocessing, sys, time
sys.path.insert(0, sys.argv[1])
import pcsc
count = int(sys.argv[2])
def work(i, barrier, queue):
    context = pcsc.Context()
    handle = context.connect(sorted(context.readers())[i])
    command = bytes.fromhex("00A4000C023F00")
    barrier.wait()
    n, end = 0, time.monotonic() + 2
    while time.monotonic() < end:
        assert handle.transmit(command) == b"\\x90\\0"
        n += 1
    queue.put(n)
barrier, queue = multiprocessing.Barrier(count), multiprocessing.Queue()
all = [multiprocessing.Process(target=work, args=(i, barrier, queue))
       for i in range(count)]
[p.start() for p in all]
print(sum(queue.get() for p in all) / 2)
"""


def part_slots():
    rows = []
    for count in (1, 2, 16):
        rates = []
        for _ in range(3):
            out = subprocess.run(
                [VICC, "exec", "-t", "iso7816", "--count", str(count), "--",
                 sys.executable, "-c", BUSY,
                 os.path.join(HERE, "../tests/pcsc"), str(count)],
                stdout=subprocess.PIPE, text=True, check=True).stdout
            rates.append(float(out))
        rows.append(f"{count:3} slots {statistics.median(rates):8.0f} APDUs "
                    "per second in all")
    say("busy slots, a process in Python each", *rows)


def main():
    parts = {name[5:]: part for name, part in globals().items()
             if name.startswith("part_")}
    for name in sys.argv[2:] or parts:
        parts[name]()


main()
