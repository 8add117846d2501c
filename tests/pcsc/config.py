#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""reader.conf: every form of DEVICENAME, many readers, and mistakes."""

import os
import re
import socket

from cards import Card, Listening, numbered_atr
from harness import (Skip, World, driver, entry, equal, free_ports, main,
                     path, test, world)
from pcsc import SHARE_DIRECT

SELECT = "00A40000023F00"


def works(w, reader, where, number=1):
    card = Card(where, atr=numbered_atr(number))
    equal(w.context.watch(reader).present(), numbered_atr(number), reader)
    equal(w.context.connect(reader).transmit(SELECT), b"\x90\x00", reader)
    return card


def listening():
    """{(address, port)} of TCP listeners, from /proc."""
    found = set()
    for name in ("tcp", "tcp6"):
        with open(f"/proc/self/net/{name}", encoding="ascii") as f:
            for line in f.readlines()[1:]:
                local, state = line.split()[1], line.split()[3]
                address, port = local.split(":")
                if state == "0A":
                    found.add((address, int(port, 16)))
    return found


# --- forms of DEVICENAME -----------------------------------------------------

@test
def the_classic_form_listens_on_loopback_only():
    port = free_ports(2)
    for device in (f"/dev/null:{port:#x}", f"/dev/null:{port}"):
        with world(device, "Virtual PCD") as w:
            equal(sorted(w.context.readers()),
                  ["Virtual PCD 00 00", "Virtual PCD 00 01"], "readers")
            works(w, "Virtual PCD 00 00", ("127.0.0.1", port))
            works(w, "Virtual PCD 00 01", ("127.0.0.1", port + 1), 2)
            equal({a for a, p in listening() if p in (port, port + 1)},
                  {"0100007F"}, "addresses")


@test
def an_entry_with_only_a_channel():
    port = free_ports(2)
    with World(entry("Test", None, channel=port)) as w:
        w.connect()
        works(w, "Test 00 00", ("127.0.0.1", port))
        works(w, "Test 00 01", ("127.0.0.1", port + 1), 2)


@test
def bind_opens_other_addresses():
    port = free_ports(2)
    with world(f"/dev/null:{port}:bind=any:slots=1") as w:
        addresses = {a for a, p in listening() if p == port}
        assert addresses & {"00000000", "0" * 32}, addresses
        works(w, "Test 00 00", ("127.0.0.1", port))


@test
def tcp_listen_on_a_port_of_the_kernels_choice():
    with world("tcp-listen:127.0.0.1:0") as w:
        equal(w.context.readers(), ["Test 00 00"], "readers")
        line = w.lines[w.log("waiting for a card at")]
        port = int(re.search(r"at tcp:127\.0\.0\.1:(\d+)", line)[1])
        works(w, "Test 00 00", ("127.0.0.1", port))


@test
def ipv6_in_quoted_brackets():
    try:
        listener = Listening(Card, socket.AF_INET6, ("::1", 0))
    except OSError as error:
        raise Skip("no IPv6 here") from error
    with world(f'"[::1]:{listener.address[1]}:slots=1"') as w:
        listener.card()
        w.context.watch("Test 00 00").present()
    with world('"tcp-listen:[::1]:0"') as w:
        line = w.lines[w.log("waiting for a card at")]
        port = int(re.search(r"at tcp:\[::1\]:(\d+)", line)[1])
        works(w, "Test 00 00", ("::1", port))


@test
def reaching_out_to_host_and_port():
    first = Listening(Card)
    with world(f"127.0.0.1:{first.address[1]}:slots=1") as w:
        card = first.card()
        watch = w.context.watch("Test 00 00")
        watch.present()
        card.leave()
        watch.empty()
        first.card()  # the reader comes again
        watch.present()
        equal(w.context.connect("Test 00 00").transmit(SELECT), b"\x90\x00")


@test
def reaching_out_to_a_name():
    listener = Listening(Card)
    with world(f"localhost:{listener.address[1]}:slots=1") as w:
        listener.card()
        w.context.watch("Test 00 00").present()


@test
def unix_sockets_both_ways():
    listener = Listening(Card, socket.AF_UNIX, path("out"))
    with World(entry("In", f"unix-listen:{path('in')}:slots=2") +
               entry("Out", f"unix:{path('out')}")) as w:
        w.connect()
        works(w, "In 00 00", path("in"))
        works(w, "In 00 01", path("in") + ".1", 2)
        listener.card()
        w.context.watch("Out 01 00").present()


@test
def unix_socket_files_of_a_killed_pcscd_are_replaced():
    for _ in range(2):
        w = world(f"unix-listen:{path('s')}")
        works(w, "Test 00 00", path("s"))
        w.kill(9)
        w.exited()
    with world(f"unix-listen:{path('s')}") as w:
        works(w, "Test 00 00", path("s"))


@test
def an_inherited_listener():
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path("s"))
    listener.listen(8)
    with world("fd:10", fds={10: listener}) as w:
        watch = w.context.watch("Test 00 00")
        works(w, "Test 00 00", path("s")).leave()
        watch.empty()
        works(w, "Test 00 00", path("s"), 2)


@test
def an_inherited_connection_is_a_fixed_card():
    ours, theirs = socket.socketpair()
    with world("fd:10", fds={10: theirs}) as w:
        theirs.close()
        card = Card(ours)
        watch = w.context.watch("Test 00 00")
        watch.present()
        handle = w.context.connect("Test 00 00")
        equal(handle.transmit(SELECT), b"\x90\x00")
        card.leave()
        watch.empty()
        equal(w.context.readers(), ["Test 00 00"], "readers")


@test
def a_quoted_devicename():
    """Needed for characters that pcscd refuses; it keeps the quotes."""
    os.mkdir(path("a b"))
    device = f'"unix-listen:{path("a b")}/s"'
    with world(device) as w:
        works(w, "Test 00 00", path("a b") + "/s")


@test
def the_installed_file():
    if "VICC_READER_CONF" not in os.environ:
        raise Skip("VICC_READER_CONF is not set")
    with open(os.environ["VICC_READER_CONF"], encoding="utf-8") as f:
        conf = f.read()
    port = free_ports(2)
    conf = re.sub(r"(?m)^(LIBPATH\s+).*$", rf"\g<1>{driver()}", conf)
    conf = re.sub(r"(?m)^(DEVICENAME\s+)/dev/null:0x8C7B$",
                  rf"\g<1>/dev/null:{port}", conf)
    with World(conf) as w:
        equal(sorted(w.connect().readers()),
              ["Virtual PCD 00 00", "Virtual PCD 00 01"], "readers")
        works(w, "Virtual PCD 00 00", ("127.0.0.1", port))


# --- several readers ---------------------------------------------------------

@test
def several_entries_have_their_own_slots():
    with World("".join(entry(f"R{n}", f"unix-listen:{path(f's{n}')}:slots=2")
                       for n in range(3))) as w:
        w.connect()
        for n in range(3):
            for slot in range(2):
                works(w, f"R{n} {n:02X} {slot:02X}",
                      path(f"s{n}") + (f".{slot}" if slot else ""),
                      10 * n + slot)


@test
def sixteen_readers():
    with World("".join(entry(f"R{n}", f"unix-listen:{path(f's{n}')}")
                       for n in range(16))) as w:
        equal(len(w.connect().readers()), 16, "readers")
        for n in range(16):
            works(w, f"R{n} {n:02X} 00", path(f"s{n}"), n)


@test
def two_readers_of_eight_slots():
    with World("".join(entry(f"R{n}", f"unix-listen:{path(f's{n}')}:slots=8")
                       for n in range(2))) as w:
        equal(len(w.connect().readers()), 16, "readers")
        for n in range(2):
            for slot in range(8):
                works(w, f"R{n} {n:02X} {slot:02X}",
                      path(f"s{n}") + (f".{slot}" if slot else ""),
                      10 * n + slot)
        unit = w.context.connect("R1 01 07", SHARE_DIRECT, 0).attribute(
            0x7FFF0001)
        equal(unit[0], 1, "DEVICE_UNIT")


@test
def readers_of_the_same_name():
    with World("".join(entry("Same", f"unix-listen:{path(f's{n}')}", n)
                       for n in (1, 2))) as w:
        equal(sorted(w.connect().readers()), ["Same 00 00", "Same 01 00"])
        works(w, "Same 00 00", path("s1"), 1)
        works(w, "Same 01 00", path("s2"), 2)


@test
def a_failing_entry_leaves_the_others():
    with World(entry("Good", f"unix-listen:{path('s0')}", 1) +
               entry("Bad", f"unix-listen:{path('no')}/where", 2) +
               entry("Good", f"unix-listen:{path('s1')}", 3)) as w:
        names = w.connect().readers()
        equal(len(names), 2, f"readers {names}")
        for n, name in enumerate(sorted(names)):
            works(w, name, path(f"s{n}"), n)
        w.log("where: cannot open")


# --- mistakes ----------------------------------------------------------------

@test
def a_port_in_use_is_named_with_its_holder():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with world(f"/dev/null:{port}:slots=1") as w:
            equal(w.context.readers(), [], "readers")
            # pcscd in a user namespace may not look at us.
            holder = str(os.getpid()) if os.getuid() == 0 else ""
            w.log(rf"{port}.*in use.*{holder}")


@test
def a_second_slot_that_cannot_be_opened():
    """pcscd gives the reader up as a whole; its first slot is closed."""
    port = free_ports(2)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port + 1))
        taken.listen()
        with World(entry("Bad", f"/dev/null:{port}", 1) +
                   entry("Good", f"unix-listen:{path('s')}", 2)) as w:
            names = w.connect().readers()
            equal(len(names), 1, f"readers {names}")
            works(w, names[0], path("s"))
            assert ("0100007F", port) not in listening(), "still open"


@test
def unusable_addresses():
    for n, device in enumerate((
            "/dev/null:0x1FFFF", "/dev/null:65535", "tcp-listen:127.0.0.1:x",
            "fd:99", "unix-listen:relative", "nonsense:::",
            f"unix-listen:/tmp/{'x' * 120}", "unix:",
            "/dev/null:1:slots=0", "/dev/null:1:hs=-1")):
        with World(entry(f"R{n}", device)) as w:
            equal(w.connect().readers(), [], device)
            w.log("vpcd.*(DEVICENAME|cannot open)")


@test
def unknown_options_are_told_and_ignored():
    with world(f"unix-listen:{path('s')}:colour=blue:slots=1") as w:
        w.log("unknown options ignored: .*colour")
        works(w, "Test 00 00", path("s"))


@test
def the_same_driver_by_two_paths():
    """pcscd counts readers for each path, and gives Lun 0 twice."""
    with World(entry("One", f"unix-listen:{path('s0')}") +
               entry("Two", f"unix-listen:{path('s1')}",
                     lib=driver("other.so"))) as w:
        names = w.connect().readers()
        equal(len(names), 1, f"readers {names}")
        works(w, names[0], path("s0") if "One" in names[0] else path("s1"))
        w.log("open already")


main()
