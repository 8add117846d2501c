#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""The libraries as strangers meet them: installed, by their headers and
pkg-config files alone. The examples, card types in shared objects, programs
with a card inside, and cards without any library."""

import socket
import struct
import subprocess

from installed import SOURCE, STRICT, Installed
from tap import equal, has, main, test

EXAMPLES = SOURCE / "examples"


installed = Installed()


def build_type(place):
    return installed.compile(EXAMPLES / "types/staff.c",
                             place.path / "staff.so", "-shared", "-fPIC")


def apdu(place, *card, script):
    """Runs a script on a card of the installed vicc."""
    return installed.run([installed.vicc, "apdu", *card,
                          place.file("script", script)])


# ---- card types in shared objects ----

@test
def a_type_of_ones_own_is_a_card(place):
    staff = build_type(place)
    status, out, said = installed.run(
        [installed.vicc, "exec", "-t", staff, "-o", "keys=p256", "--",
         "opensc-tool", "-n"])
    equal((status, out), (0, "Personal Identity Verification Card\n"), said)
    status, out, said = apdu(place, "-t", staff, "-o", "badge=1234", "-o",
                             "keys=p256", script="""
> 8012000000
< 12349000
> 8010000000
< 00009000
> 8010010000
< 00019000
> 8010020000
< 6A86
> 00F99A0000
< 6D00
> 00FD000000
< 0504039000
""")
    equal((status, out), (0, ""), said)


@test
def its_options_are_told(place):
    staff = build_type(place)
    status, out, said = installed.run([installed.vicc, "types", staff])
    equal(status, 0, said)
    has(out, "staff: a PIV card that counts visits", "badge", "pin")
    status, out, said = installed.run(
        [installed.vicc, "apdu", "-t", staff, "-o", "badge=1", "--help"])
    has(out, "number on the badge")
    status, _, said = apdu(place, "-t", staff, "-o", "badge=xy", script="")
    equal(status, 2, said)
    has(said, "badge")


@test
def what_it_keeps_is_in_its_image(place):
    staff, image = build_type(place), str(place.path / "staff.card")
    count = "> 8010010000\n< {:04X}9000\n"

    status, _, said = installed.run([installed.vicc, "new", "-t", staff, "-o",
                                     "keys=p256", image])
    equal(status, 0, said)
    for n in 1, 2, 3:
        status, _, said = apdu(place, "--load", staff, "-f", image,
                               script=count.format(n))
        equal(status, 0, said)
    status, out, said = installed.run(
        [installed.vicc, "show", "--load", "staff.so", image], cwd=place.path)
    equal(status, 0, said)
    has(out, "staff")
    status, _, said = apdu(place, "-f", image, script=count.format(4))
    has(said, "a card of type staff", "--load")
    assert status != 0


BROKEN = {
    "no type": ("int nothing;", "no card type"),
    "another version": (
        '#include <vicc/types.h>\nconst struct card_type_entry vicc_card_type '
        '= {VICC_TYPE_ABI + 1, sizeof(struct card_type), &iso7816_card};',
        "build it again"),
    "a name that is taken": (
        '#include <vicc/types.h>\nstatic const struct card_type t = {.name = '
        '"piv", .help = "x", .base = &iso7816_card};\nVICC_CARD_TYPE(t);',
        "another card type 'piv'"),
    "no name": (
        '#include <vicc/types.h>\nstatic const struct card_type t = {.name = '
        '"a b", .help = "x", .base = &iso7816_card};\nVICC_CARD_TYPE(t);',
        "letters, digits"),
    "no start": (
        '#include <vicc/types.h>\nstatic const struct card_type t = {.name = '
        '"t", .help = "x"};\nVICC_CARD_TYPE(t);',
        "start"),
    "a default that cannot be": (
        '#include <vicc/types.h>\nstatic const struct card_option o[] = '
        '{{"n", OPTION_NUMBER, "9", "x", "1-3", false}, {0}};\n'
        'static const struct card_type t = {.name = "t", .help = "x", '
        '.base = &iso7816_card, .options = o};\nVICC_CARD_TYPE(t);',
        "1-3"),
    "bases without end": (
        '#include <vicc/types.h>\nstatic const struct card_type t = {.name = '
        '"t", .help = "x", .base = &t};\nVICC_CARD_TYPE(t);',
        "without end"),
    "no ATR": (
        '#include <vicc/type.h>\nstatic int start(struct card *c, struct '
        'card_error *e) { return c == 0 || e == 0; }\nstatic const struct '
        'card_type t = {.name = "t", .help = "x", .start = start};\n'
        'VICC_CARD_TYPE(t);',
        "no ATR"),
}


@test(deadline=120)
def what_cannot_be_a_type_is_told(place):
    for what, (source, why) in BROKEN.items():
        path = installed.compile(place.file("broken.c", source),
                                 place.path / "broken.so", "-shared", "-fPIC",
                                 "-Wno-missing-field-initializers")
        status, _, said = apdu(place, "-t", path, script="")
        assert status == 2 and why in said, f"{what}: {status}, {said}"
    status, _, said = apdu(place, "-t", place.file("text.so", "no"), script="")
    equal(status, 2, said)
    has(said, "text.so")
    status, _, said = apdu(place, "-t", "./nowhere.so", script="")
    has(said, "nowhere.so", "No such file")


# ---- programs with a card inside ----

class Reader:
    """Listens as a reader does; the card comes."""

    def __init__(self, place):
        self.listener = place.own(socket.create_server(("127.0.0.1", 0)))
        self.listener.settimeout(20)
        self.port = self.listener.getsockname()[1]
        self.card = None

    def say(self, message, answered=True):
        if self.card is None:
            self.card, _ = self.listener.accept()
            self.card.settimeout(20)
            self.wire = self.card.makefile("rb")
        self.card.sendall(struct.pack(">H", len(message)) + message)
        if not answered:
            return None
        n, = struct.unpack(">H", self.wire.read(2))
        return self.wire.read(n).hex().upper()

    def close(self):
        if self.card is not None:
            self.wire.close()
            self.card.close()


@test
def a_card_inside_a_program(place):
    embed = installed.compile(EXAMPLES / "programs/embed.c",
                              place.path / "embed")
    equal(installed.run([embed]), (0, "90 00\n", ""))
    reader = place.own(Reader(place))
    with subprocess.Popen([embed, f"tcp:127.0.0.1:{reader.port}"],
                          env=installed.env, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as program:
        reader.say(b"\1", answered=False)
        has(reader.say(b"\4"), "3B")
        equal(reader.say(bytes.fromhex("0020000104") + b"4711"), "9000")
        program.communicate(b"\n", timeout=20)
        equal(program.returncode, 0)
    status, _, said = installed.run([embed, "nowhere"])
    has(said, "no reader: ")


@test
def a_program_has_functions_of_the_same_names(place):
    """Those of <vicc/names.h> that the library itself calls, too."""
    source = place.file("same.c", """
#include <vicc.h>
int card_new(void);
int card_free(void);
int card_new(void) { return -1; }
int card_free(void) { return -1; }
int main(void) {
    struct vicc *card;
    struct vicc_error error;
    if (vicc_new("iso7816", NULL, &card, &error) != 0)
        return 1;
    vicc_free(&card);
    return 0;
}
""")
    program = installed.compile(source, place.path / "same")
    equal(installed.run([program]), (0, "", ""))


@test
def the_headers_serve_cpp_as_well(place):
    headers = [path.relative_to(next(installed.root.rglob("include")))
               for path in sorted(installed.root.rglob("*.h"))]
    source = place.file("all.cc", "".join(
        f"#include <{header}>\n" for header in headers) + """
int main() {
    struct vicc *card;
    struct vicc_error error;
    if (vicc_new("iso7816", nullptr, &card, &error) != 0 || card_type_at(0) !=
        &iso7816_card || vicc_atr(card).n < 2)
        return 1;
    vicc_free(&card);
    return 0;
}
""")
    program = installed.compile(source, place.path / "all", compiler="c++")
    equal(installed.run([program]), (0, "", ""))


@test
def a_reader_by_libvpcd_alone(place):
    source = place.file("reader.c", """
#include <stdio.h>
#include <vpcd.h>
int main(void) {
    static const uint8_t select[] = {0x00, 0xA4, 0x00, 0x0C, 0x02, 0x3F, 0x00};
    uint8_t room[VPCD_MESSAGE_MAX];
    struct buf message = BUF(room);
    struct vpcd_listener *listener;
    struct vpcd *card;
    if (vpcd_listen("tcp-listen:127.0.0.1:0", &listener) != 0)
        return 1;
    printf("%s\\n", vpcd_listener_address(listener));
    fflush(stdout);
    if (vpcd_accept(listener, 20000, &card) != 0 ||
        vpcd_send_ctrl(card, VPCD_ON, 1000) != 0 ||
        vpcd_send(card, BYTES(select), 1000) != 0 ||
        vpcd_recv(card, &message, 20000) != 0 || message.n != 2)
        return 2;
    printf("%02X%02X\\n", room[0], room[1]);
    vpcd_free(&card);
    vpcd_listener_free(&listener);
    return 0;
}
""")
    reader = installed.compile(source, place.path / "reader",
                               library="libvpcd")
    with subprocess.Popen([reader], env=installed.env, text=True,
                          stdout=subprocess.PIPE) as process:
        address = process.stdout.readline().strip()
        card = place.program("run", "--connect", address.replace(
            "tcp-listen:", "tcp:"))
        equal(process.stdout.readline(), "9000\n", card.said)
        equal(process.wait(20), 0)


# ---- cards without any library ----

def answers(reader):
    reader.say(b"\1", answered=False)
    equal(reader.say(b"\4"), "3B80800101")
    equal(reader.say(bytes.fromhex("8010000000")),
          b"Hello, reader".hex().upper() + "9000")
    equal(reader.say(bytes.fromhex("00A4040000")), "9000")
    equal(reader.say(bytes.fromhex("00B0000000")), "6D00")


@test
def a_card_in_c_without_a_library(place):
    program = place.path / "card"
    equal(installed.run(["cc", *STRICT, EXAMPLES / "cards/card.c",
                         "-o", program])[0], 0)
    reader = place.own(Reader(place))
    with subprocess.Popen([program, str(reader.port)]) as card:
        answers(reader)
        reader.close()
        equal(card.wait(20), 0)


@test
def a_card_in_python_without_a_library(place):
    reader = place.own(Reader(place))
    with subprocess.Popen(["/usr/bin/python3", EXAMPLES / "cards/card.py",
                           "127.0.0.1", str(reader.port)]) as card:
        answers(reader)
        reader.close()
        equal(card.wait(20), 0)


try:
    main()
finally:
    installed.close()
