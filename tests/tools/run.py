#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""vicc run: finding its reader, what it says, how it ends, what it shows."""

import os
import re
import resource
import select
import signal
import socket

from reader import GET_ATR, OFF, ON, RESET, Reader, Slot, connect
from tap import Skip, equal, has, main, test

SELECT_MF = "00A4000C023F00"


def allow_descriptors(soft, hard):
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@test
def waits_for_its_reader_and_says_why(place):
    path = place.path / "s"
    program = place.program("--connect", f"unix:{path}")
    program.expect("waiting: unix:")
    program.expect("is pcscd running")
    has(program.said, "no such socket")
    for _ in range(3):
        slot = Slot(path)
        reader = slot.card()
        equal(reader.atr()[:1], b"\x3B")
        reader.close()
        slot.close()
        path.unlink()
    equal(program.end(), 0)
    said = program.rest()
    equal(said.count("in the reader"), 3, said)


@test
def run_is_the_default_verb(place):
    slot = place.own(Slot())
    for verb in ([], ["run"]):
        program = place.program(*verb, "-P", slot.port)
        reader = place.own(slot.card())
        equal(reader.apdu(SELECT_MF), "9000")
        equal(program.end(), 0)


@test
def every_signal_ends_it_cleanly(place):
    path = place.path / "s"
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        for talking in (False, True):
            program = place.program("--listen", path)
            line = program.expect("waiting for a reader")
            if talking:
                reader = connect(line)
                equal(reader.apdu(SELECT_MF), "9000")
            equal(program.end(sign), 0, f"{sign} {talking}")
            assert not path.exists(), "the socket file stays"
            if talking:
                assert reader.ended()
                reader.close()


@test
def ends_in_the_middle_of_a_long_wait(place):
    program = place.program("--listen", place.path / "s", "-v",
                            "-t", "handler-test")
    reader = place.own(connect(program.expect("waiting for a reader")))
    reader.write(bytes.fromhex("803800FF"))
    program.expect("< 9000")
    equal(program.end(), 0)
    assert reader.ended()


@test
def nohup_is_respected(place):
    program = place.program(
        "--listen", place.path / "s",
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    reader = place.own(connect(program.expect("waiting for a reader")))
    program.process.send_signal(signal.SIGHUP)
    equal(reader.apdu(SELECT_MF), "9000")
    equal(program.end(), 0)


@test
def one_reader_for_a_given_connection(place):
    """fd:N ends with its reader: there is no other one."""
    ours, its = socket.socketpair()
    program = place.program("--connect", f"fd:{its.fileno()}",
                            pass_fds=[its.fileno()])
    its.close()
    reader = Reader(ours)
    equal(reader.apdu(SELECT_MF), "9000")
    reader.close()
    equal(program.process.wait(20), 0)


@test
def several_cards_on_consecutive_slots(place):
    path = place.path / "s"
    slots = [place.own(Slot(p)) for p in (path, f"{path}.1", f"{path}.2")]
    place.program("--connect", f"unix:{path}", "-t", "handler-test",
                  "-t", "iso7816", "--count", "2")
    readers = [place.own(slot.card()) for slot in slots]
    equal([len(reader.atr()) for reader in readers][0], 17)
    serials = {reader.apdu("00A4000C022F02") + reader.apdu("00B0000000")
               for reader in readers[1:]}
    equal(len(serials), 2, "serial numbers")


@test
def given_serials_count_up(place):
    path = place.path / "s"
    slots = [place.own(Slot(p)) for p in (path, f"{path}.1")]
    place.program("--connect", path, "-o", "serial=00FF", "--count", 2)
    for slot, serial in zip(slots, ("00FF", "0100")):
        reader = place.own(slot.card())
        reader.apdu("00A4000C022F02")
        has(reader.apdu("00B0000000"), "5A02" + serial)


@test
def sixty_four_cards_in_one_process(place):
    path = place.path / "s"
    names = [path] + [f"{path}.{i}" for i in range(1, 64)]
    slots = [place.own(Slot(name)) for name in names]
    program = place.program("--connect", path, "--count", 64)
    readers = [place.own(slot.card()) for slot in slots]
    for reader in readers:
        equal(reader.apdu(SELECT_MF), "9000")
    equal(program.end(), 0)
    equal(program.rest().count("in the reader"), 64)


@test
def a_thousand_cards_in_one_process(place):
    """With a limit that is far below, which it may raise by itself."""
    count, most = 1000, resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if most != resource.RLIM_INFINITY and most < 2 * count + 100:
        raise Skip(f"no more than {most} descriptors are allowed")
    allow_descriptors(most, most)
    path = place.path / "s"
    slots = [place.own(Slot(path if i == 0 else f"{path}.{i}"))
             for i in range(count)]
    said = place.path / "said"  # more than a pipe has room for
    with open(said, "wb") as stderr:
        program = place.program(
            "--connect", path, "-o", "serial=0000", "--count", count,
            stderr=stderr, preexec_fn=lambda: allow_descriptors(256, most))
    readers = [place.own(slot.card()) for slot in slots]
    for i, reader in enumerate(readers):
        equal(reader.apdu("00A4000C022F02"), "9000")
        equal(reader.apdu("00B0000000"), f"5A02{i:04X}9000")
    equal(program.end(), 0)
    equal(said.read_text().count("in the reader"), count)


@test
def a_port_in_use_is_named(place):
    slot = place.own(Slot())
    status, _, said = place.run("-R", "-P", slot.port)
    equal(status, 4)
    has(said, f":{slot.port}", "in use by", str(os.getpid()))


@test
def unusable_arguments_end_with_2(place):
    for args in (["-t", "nothing"], ["--nonsense"], ["-P", "70000"],
                 ["-o", "tries=99"], ["-o", "no=1"], ["--count", "0"],
                 ["nonsense"], ["--connect", "unix:" + "x" * 120]):
        status, out, said = place.run(*args)
        equal(status, 2, f"{args}: {said}")
        equal(out, "")
        has(said, "vicc: ")
    has(place.run("-o", "tries=99")[2], "1-15")
    has(place.run("-o", "no=1")[2], "atr protocol pin tries")


@test
def a_trace_that_cannot_be_made_ends_with_5(place):
    status, _, said = place.run("--trace", place.path / "no" / "trace")
    equal(status, 5)
    has(said, "no/trace", "No such file")


@test
def too_few_descriptors_end_with_6(place):
    for link, cards in ("--connect", 50), ("--listen", 17):
        status, _, said = place.run(
            "--count", cards, link, place.path / "s",
            preexec_fn=lambda: allow_descriptors(50, 50))
        equal(status, 6, said)
        has(said, f"{cards} cards need more than", "50 are allowed")


@test
def inherited_descriptors_leave_too_few(place):
    others = [place.own(open(os.devnull, "rb")) for _ in range(10)]
    status, _, said = place.run(
        "--listen", f"unix-listen:{place.path}/s", "--count", 8,
        pass_fds=[file.fileno() for file in others],
        preexec_fn=lambda: allow_descriptors(26, 26))
    equal(status, 6, said)
    has(said, f"{place.path}/s.")


# ---- the slot is taken ----

@test
def who_has_the_slot_is_named(place):
    """The first card holds it; the second one waits, and says for whom."""
    slot = place.own(Slot())
    holder = place.own(socket.create_connection(("127.0.0.1", slot.port)))
    place.own(slot.card())
    program = place.program("-P", slot.port)
    line = program.expect("does not speak")
    has(line, "taken by ", f"(process {os.getpid()})")
    holder.close()
    reader = place.own(slot.card())
    equal(reader.apdu(SELECT_MF), "9000")
    program.expect("in the reader")
    equal(program.said.count("does not speak"), 1)


@test
def what_does_not_speak_is_named(place):
    """Something took the connection that is no reader at all."""
    slot = place.own(Slot())
    program = place.program("-P", slot.port)
    place.own(slot.card())
    has(program.expect("does not speak"), f"(process {os.getpid()})",
        "is it a vpcd reader?")


@test
def how_to_see_who_has_the_slot_is_told(place):
    place.own(Slot(place.path / "s"))
    program = place.program("--connect", place.path / "s")
    has(program.expect("does not speak"), "ss -xp", str(place.path / "s"))
    equal(program.end(), 0)


@test
def a_reader_of_another_user_is_turned_away(place):
    """Said once."""
    if os.getuid() != 0:
        raise Skip("only root can be another user")
    program = place.program("--listen", place.path / "s")
    line = program.expect("waiting for a reader")
    place.path.chmod(0o755)
    (place.path / "s").chmod(0o777)
    for _ in range(2):
        child = os.fork()
        if child == 0:
            os.setuid(65534)
            os._exit(0 if connect(line).ended() else 1)
        equal(os.waitpid(child, 0)[1], 0)
    program.expect("turned away a reader of another user")
    equal(place.own(connect(line)).apdu(SELECT_MF), "9000")
    equal(program.end(), 0)
    equal(program.rest().count("turned away"), 1)


# ---- what is shown ----

@test
def verbose_names_commands_and_hides_pins(place):
    program = place.program("--listen", place.path / "s", "-vv")
    reader = place.own(connect(program.expect("waiting for a reader")))
    reader.power(ON)
    reader.apdu(SELECT_MF)
    reader.apdu("00A4000C02AAAA")
    equal(reader.apdu("0020000104 39383736"), "63C2")
    equal(reader.apdu("00200001"), "63C2")
    reader.power(RESET)
    reader.write(OFF)
    reader.close()
    program.expect("has gone")
    for part in ("power on", "ATR 3B", "> SELECT 00A4000C, 2 bytes",
                 "< 9000", "< 6A82 file not found",
                 "0000  00 A4 00 0C 02 3F 00", "> VERIFY 00200001, 4 bytes",
                 "0000  00 20 00 01 04 ** ** ** **",
                 "< 63C2 wrong, 2 tries left", "< 63C2 2 tries left", "reset",
                 "power off"):
        program.expect(part)
    assert "39 38" not in program.said
    for line in program.said.splitlines()[1:]:
        assert re.match(r"\d\d:\d\d:\d\d\.\d{3} vicc: ", line), line


@test
def verbose_once_shows_no_bytes(place):
    program = place.program("--listen", place.path / "s", "-v")
    reader = place.own(connect(program.expect("waiting for a reader")))
    reader.apdu("0020000104 39383736")
    program.expect("< 63C2")
    assert "0000 " not in program.said, program.said


@test
def polls_are_not_shown(place):
    program = place.program("--listen", place.path / "s", "-v")
    reader = place.own(connect(program.expect("waiting for a reader")))
    reader.power(ON)
    for _ in range(50):
        reader.atr()
    equal(program.end(), 0)
    equal(program.rest().count("ATR"), 1)


def traced(place, *args):
    program = place.program("--listen", place.path / "s", "--trace",
                            place.path / "trace", *args)
    reader = place.own(connect(program.expect("waiting for a reader")))
    reader.atr()
    reader.power(ON)
    for command in (SELECT_MF, "00A4000C02AAAA", "00A4040406F07669636301",
                    "0020000104 31323334", "00B0810000", "00200080",
                    "FF00", "00A400", "00CA006E00"):
        reader.apdu(command)
    reader.power(RESET)
    reader.apdu("00B0000000")
    reader.write(OFF)
    reader.apdu("00B0000000")
    text = (place.path / "trace").read_text()
    equal(program.end(), 0)
    return text


@test
def a_trace_is_a_script_that_succeeds(place):
    text = traced(place, "--secrets")
    has(text, "! power on\n! atr 3B", "\n! reset\n", "# SELECT\n> 00A4",
        "> 002000010431323334\n< 9000\n", "> FF00\n< 6700\n")
    status, out, said = place.run("apdu", place.path / "trace")
    equal(status, 0, said)
    equal(out, "")
    has(said, "as expected")
    whole = (place.path / "trace").read_text()
    assert whole.startswith(text), "not written exchange by exchange"
    equal((place.path / "trace").stat().st_mode & 0o777, 0o600)


@test
def a_masked_trace_is_refused_with_its_line(place):
    text = traced(place)
    has(text, "> 0020000104********\n< 9000\n")
    assert "31323334" not in text
    status, _, said = place.run("apdu", place.path / "trace")
    equal(status, 2)
    line = text.splitlines().index("> 0020000104********") + 1
    has(said, f"trace:{line}: ", "--secrets")


@test
def several_cards_have_a_trace_each(place):
    slots = [place.own(Slot(place.path / name)) for name in ("s", "s.1")]
    place.program("--connect", place.path / "s", "--count", 2, "--trace",
                  place.path / "t")
    for i, slot in enumerate(slots):
        reader = place.own(slot.card())
        equal(reader.apdu(f"00A4000C023F{i:02}")[:1] in "96", True)
        has((place.path / f"t.{i}").read_text(), f"> 00A4000C023F{i:02}\n")


@test
def a_full_disk_ends_the_trace_and_not_the_card(place):
    program = place.program("--listen", place.path / "s", "--trace",
                            "/dev/full")
    reader = place.own(connect(program.expect("waiting for a reader")))
    equal(reader.apdu(SELECT_MF), "9000")
    program.expect("/dev/full: the trace ends here: No space left")
    equal(reader.apdu(SELECT_MF), "9000")
    equal(program.end(), 0)
    equal(program.rest().count("the trace ends here"), 1)


@test
def a_full_pipe_does_not_stop_the_card(place):
    """Nobody reads stderr, and many lines are said."""
    program = place.program("--listen", place.path / "s", "-vv",
                            "-t", "handler-test")
    reader = place.own(connect(program.expect("waiting for a reader")))
    for _ in range(100):
        equal(len(reader.apdu("80340100 00")), 516)
    program.expect("CASE 2")
    while "lines are lost" not in program.said:
        reader.apdu("80340100 00")
        program.said += os.read(program.process.stderr.fileno(),
                                65536).decode()
    equal(program.end(), 0)


@test
def a_closed_pipe_does_not_stop_the_card(place):
    program = place.program("--listen", place.path / "s", "-v")
    line = program.expect("waiting for a reader")
    program.process.stderr.close()
    reader = place.own(connect(line))
    for _ in range(3):
        equal(reader.apdu(SELECT_MF), "9000")
    equal(program.end(), 0)


@test
def standard_streams_may_be_closed(place):
    """Then no socket takes their place, and no line goes to the reader."""
    slot = place.own(Slot())
    program = place.program("-P", slot.port, "-v", preexec_fn=lambda:
                            os.closerange(0, 3))
    reader = place.own(slot.card())
    reader.power(ON)
    equal(reader.apdu(SELECT_MF), "9000")
    for fd in range(3):
        equal(os.readlink(f"/proc/{program.process.pid}/fd/{fd}"),
              "/dev/null")
    equal(program.end(), 0)


# ---- growth ----

@test
def a_thousand_connections_leave_nothing(place):
    # A sanitizer would keep freed memory for a while.
    program = place.program("--listen", "tcp:127.0.0.1:0", env={
        **os.environ, "ASAN_OPTIONS": "quarantine_size_mb=0"})
    line = program.expect("waiting for a reader")

    def size():
        pid = program.process.pid
        with open(f"/proc/{pid}/status") as status:
            rss = re.search(r"VmRSS:\s+(\d+)", status.read())
        return len(os.listdir(f"/proc/{pid}/fd")), int(rss[1])

    for i in range(1000):
        reader = connect(line)
        equal(reader.power(ON)[:1], b"\x3B")
        equal(reader.apdu(SELECT_MF), "9000")
        if i == 10:
            before = size()
        elif i == 999:
            after = size()
        reader.close()
    equal(after[0], before[0], "descriptors")
    assert after[1] < before[1] + 256, f"memory: {before} to {after} KiB"


@test
def an_idle_card_does_not_wake(place):
    """Neither while it is read, nor while another reader waits its turn."""
    program = place.program("--listen", place.path / "s")
    line = program.expect("waiting for a reader")
    reader = place.own(connect(line))
    reader.atr()
    other = place.own(connect(line))
    other.write(GET_ATR)

    def switches():
        total = 0
        tasks = f"/proc/{program.process.pid}/task"
        for task in os.listdir(tasks):
            with open(f"{tasks}/{task}/status") as status:
                total += sum(int(n) for n in re.findall(
                    r"ctxt_switches:\s+(\d+)", status.read()))
        return total

    def sleeps():
        before = switches()
        select.select([other.sock], [], [], 1)  # the time it has to wake in
        return switches() == before

    # The first of these seconds may begin before it has fallen asleep.
    assert any(sleeps() for _ in range(3)), "it wakes"


main()
