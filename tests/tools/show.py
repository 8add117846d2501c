#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""vicc show, of traces: as text, as JSON, as a page that nothing in the trace
can break, and what is refused. How the page works in a browser: page.py."""

import html.parser
import json
import os
import subprocess

from tap import VICC, equal, has, main, new_image, test

TRACE = """# card iso7816

! power on
! atr 3B8980018031F873F781FF81053F

# SELECT
> 00A40804021003 00
< 6F1680020100820141830210038801188A01058C03031111 9000

# VERIFY
> 0020008104********
< 63C2
# somebody has typed this
> 00 A4 04 00 0A A0000003974349445F0100   # with a remark
< 6A82
> 11 B0 85 10 04
< 04020304 9000
> 0CB0000005 8E0311111100
< 990290008E0401020304 9000
> 002241A6 06 8001028401 83
< 9000
> 00CB3FFF 05 5C035FC105 00
< 53097003300102FE007100 9000
> 80CAFFFF00
< 6D00
> C0A40000 02 3F00
! reset
> 00B2010C00
< 61114F06F07669636301500776696363207E31 000000 9000
> 00
"""


def shown(place, text, *args):
    status, out, said = place.run("show", place.file("trace", text), *args)
    equal((status, said), (0, ""))
    return out


@test
def commands_are_told_in_words(place):
    out = shown(place, TRACE)
    has(out, "3: power on",
        "4: ATR 3B8980018031F873F781FF81053F  T=0, T=1; historical bytes",
        "7: SELECT 00A40804 -> 9000\n"
        "    P1-P2   by path from the MF; FCP back\n"
        "    data    1003\n",
        "6F file control information, 22 bytes\n"
        "               80 data bytes in the file: 0100 = 256\n"
        "               82 file descriptor: 41 = working EF, transparent, "
        "shareable\n"
        "               83 file identifier: 1003\n"
        "               88 short EF identifier: 18 = 3\n"
        "               8A life cycle status: 05 = activated\n"
        "               8C security attribute, compact: 031111 = update: "
        "user authentication (environment 1); read:",
        "11: VERIFY 00200081 -> 63C2 wrong, 2 tries left\n"
        "    P1-P2   reference 1 of the current DF\n    data    ********\n",
        "13: # somebody has typed this\n14: SELECT 00A40400 -> 6A82 file",
        "14: # with a remark", "by DF name; FCI back",
        "16: READ BINARY 11B08510 -> 9000\n"
        "    class   logical channel 1; chained, more follows\n"
        "    P1-P2   EF with short identifier 5, offset 16\n",
        "class   secure messaging, header authenticated",
        "99 status word: 9000",
        "P1-P2   SET; to compute, decipher, authenticate itself, agree on "
        "keys; key agreement template",
        "80 algorithm: 02",
        "P1-P2   in the current DF",
        "5C tag list: 5FC105 = PIV authentication certificate",
        "53 discretionary data, 9 bytes",
        "70 certificate", "24: GET DATA 80CAFFFF -> 6D00",
        "26: unknown command C0A40000 -> no answer",
        "27: reset", 'record 1', '"vicc ~1"',
        "30: malformed command 00 -> no answer")


@test
def a_question_is_not_a_wrong_pin(place):
    """VERIFY without data asks for the tries that are left."""
    text = "> 00200080\n< 63C3\n> 002000800131\n< 63C2\n"
    has(shown(place, text), "1: VERIFY 00200080 -> 63C3 3 tries left\n",
        "3: VERIFY 00200080 -> 63C2 wrong, 2 tries left\n")
    has(shown(place, text, "--html", "-"), ">63C3 3 tries left<")
    equal([e["sw_words"] for e in
           json.loads(shown(place, text, "--json"))["events"]],
          ["3 tries left", "wrong, 2 tries left"])
    equal(place.run("apdu", text="> 00200001\n")[1],
          "> 00200001\n< 63C3  # 3 tries left\n")


@test
def json_is_json(place):
    told = json.loads(shown(place, TRACE, "--json"))
    equal((told["trace"], told["commands"], told["power_ups"]), (1, 11, 2))
    select = next(e for e in told["events"] if e["event"] == "command")
    equal((select["line"], select["name"], select["sw"], select["ne"]),
          (7, "SELECT", "9000", 256))
    equal(select["response_objects"][0]["objects"][0],
          {"tag": "80", "value": "0100", "name": "data bytes in the file",
           "words": "256"})
    verify = next(e for e in told["events"] if e.get("name") == "VERIFY")
    equal((verify["data"], verify["sw_words"], verify["error"]),
          ("********", "wrong, 2 tries left", False))


@test
def secrets_are_hidden_unless_asked_for(place):
    text = "> 00200001 04 31323334\n< 9000\n> 002A8086 03 0001FF 00\n" \
           "< 736563726574 9000\n"
    for form in ((), ("--json",), ("--html", "-")):
        out = shown(place, text, *form)
        has(out, "********", "************")
        assert "31323334" not in out and "736563726574" not in out
        out = shown(place, text, *form, "--secrets")
        has(out, "31323334", "736563726574")


@test
def check_says_the_line(place):
    out = shown(place, TRACE, "--check")
    has(out, "trace: sound (commands: 11, power-ups and resets: 2)")
    broken = place.file("broken", TRACE + "> 00A4000C0\n> 00B0000000\n")
    status, out, said = place.run("show", "--check", broken)
    equal((status, out), (2, ""))
    has(said, "broken:31:11: half a byte")
    for form in ((), ("--json",), ("--html", "-")):
        status, out, said = place.run("show", *form, broken)
        equal(status, 2)
        has(said, "broken:31:11: half a byte")
        has(out, "SELECT", "31")
    told = json.loads(place.run("show", "--json", broken)[1])
    equal((told["error"]["line"], told["error"]["column"]), (31, 11))


@test
def what_a_trace_is_made_of(place):
    """Line ends of other systems, none at the end, marks, nothing at all."""
    crlf = TRACE.replace("\n", "\r\n")
    equal(shown(place, crlf), shown(place, TRACE))
    equal(shown(place, TRACE[:-1]), shown(place, TRACE))
    has(shown(place, "\ufeff\n\n > 00A4000C023F00"), "SELECT")
    equal(shown(place, "\n\n"), "")
    has(shown(place, "> 00CA004F00\n"),
        "P1-P2   data object 4F; application identifier\n")
    long = "> 00D60000 00FFF8" + "00" * 65528 + "\n< 9000\n"
    has(shown(place, long), "UPDATE BINARY 00D60000 -> 9000")
    status, out, said = place.run(
        "show", place.file("t", "# x\n" + "#" * 300000 + "\n> 00A4\n"))
    equal((status, out), (2, "1: # x\n\nunreadable from line 2 on\n"), said)
    has(said, "t:2:1: the line is longer than any message")


@test
def what_is_refused(place):
    trace = place.file("t", TRACE)
    image = new_image(place)
    before = image.read_bytes()
    for args, status, words in (
            (("--profile", trace), 2, "is a trace, which has no profile"),
            (("--json", "--html", "x", trace), 2, "at a time"),
            (("--html", trace, trace), 5, "would overwrite the trace"),
            (("--html", image, trace), 5, "would overwrite a card image"),
            (("--html", place.path / "no" / "page", trace), 5, "No such"),
            (("--html", "/dev/full", trace), 5, "No space")):
        got, out, said = place.run("show", *args)
        equal((got, out), (status, ""), said)
        has(said, words)
    equal(open(trace, encoding="utf-8").read(), TRACE)
    assert image.read_bytes() == before, "the image has gone"
    for form in (), ("--json",), ("--html", "-"), ("--profile",):
        got, out, said = place.run("show", *form, place.path / "nosuch")
        equal((got, out), (5, ""), said)
        has(said, "nosuch: No such file or directory")
        neither = place.file("neither", "\n hello\n")
        got, out, said = place.run("show", *form, neither)
        equal((got, out), (2, ""), said)
        has(said, "neither: neither a card image nor a trace: 2:2: a line "
            "begins with >")
    for damaged in b"", b"SQLite form\0t 3", b"\x7fELF\0":
        path = place.path / "damaged"
        path.write_bytes(damaged)
        got, out, said = place.run("show", path)
        equal((got, out), (5, ""), said)
        has(said, "damaged: this is no card image")
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([VICC, "show", trace], stdout=full, timeout=30,
                              stderr=subprocess.PIPE, text=True)
    equal(done.returncode, 5, done.stderr)


EVIL = ("<script>alert(1)</script>", "</pre></details><img src=x onerror=a()>",
        "\"><svg onload=x>", "'&lt;&#60;", "]]>", "\x1b[2J\x1b]0;x\x07",
        "\u202eorder", "{\"a\": 1}, \\", "\u2028", "javascript:x")


class Page(html.parser.HTMLParser):
    """Every tag of a page with its attributes, and whether all are closed."""

    EMPTY = {"meta", "link", "input", "br"}

    def __init__(self, text):
        super().__init__()
        self.tags, self.open = [], []
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag):
        equal(tag, self.open.pop())


@test
def nothing_in_a_trace_breaks_out_of_the_page(place):
    evil = "".join(f"# {e}\n> 0099000000 # {e}\n< 9000\n" for e in EVIL)
    name = "<b onclick=x>&.apdu"
    data = "> 00A40400 07 3C7363726970743E\n< 50083C2F7072653E3C623E 9000\n"
    path = place.file(name, evil + data)
    page = place.path / "page"
    equal(place.run("show", path, "--html", page), (0, "", ""))
    equal(page.stat().st_mode & 0o777, 0o600)
    text = page.read_text(encoding="utf-8")
    tags = Page(text).tags
    allowed = {"html", "head", "meta", "title", "style", "body", "header", "h1",
               "h2", "small", "p", "form", "label", "input", "select", "option",
               "button", "output", "main", "section", "div", "details",
               "summary", "span", "b", "code", "i", "pre", "footer", "script"}
    for tag, attributes in tags:
        assert tag in allowed, tag
        for key in attributes:
            assert not key.startswith("on") and key not in ("src", "href",
                                                            "style"), tag
    equal(sum(tag == "script" for tag, _ in tags), 1)
    assert "http://" not in text and "https://" not in text
    has(text, "&lt;script&gt;alert(1)&lt;/script&gt;", "&lt;script&gt;",
        "default-src 'none'", "&lt;b onclick=x&gt;&amp;.apdu</h1>")
    identifiers = [a["id"] for _, a in tags if "id" in a]
    equal(len(set(identifiers)), len(identifiers))


@test
def nothing_in_a_trace_moves_a_terminal(place):
    text = "".join(f"# {e}\n" for e in EVIL)
    for form in ((), ("--json",)):
        raw = subprocess.run(
            [VICC, "show", *form, place.file("t", text)], timeout=30,
            capture_output=True, check=True).stdout
        assert not any(c < 0x20 and c != 0x0A or c == 0x7F for c in raw), raw
        assert "\u202e" not in raw.decode() and "\u2028" not in raw.decode()
    told = json.loads(raw)
    equal(told["events"][7]["text"], EVIL[7])
    path = place.path / "latin"
    path.write_bytes(b"# caf\xe9 \xc0\x80 \xed\xa0\x80 ok\n")
    has(place.run("show", path)[1], "caf\ufffd \ufffd\ufffd", "ok")


def peak(*args):
    """The most memory that a vicc had, in KiB."""
    child = subprocess.Popen([VICC, *map(str, args)],
                             stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    equal(status, 0)
    return usage.ru_maxrss


@test
def a_long_trace_takes_no_more_memory(place):
    part = "# SELECT\n> 00A4000C023F00\n< 9000\n\n# READ BINARY\n" \
           "> 00B0000010\n< 6F0A82017883023F008A010500000000 9000\n\n"
    short = place.file("short", part * 1000)
    long = place.file("long", part * 50000)
    for form in (), ("--json",), ("--html", "-"), ("--check",):
        assert peak("show", *form, long) < peak("show", *form, short) + 4096


@test
def many_objects_are_told_as_fast_as_few(place):
    line = "> 00C0000000\n< 62 %s 9000\n" % ("82FFF9" + "8C0100" * 21843)
    trace = place.file("many", line * 10)
    for form in (), ("--json",):
        subprocess.run([VICC, "show", *form, trace], timeout=30, check=True,
                       stdout=subprocess.DEVNULL)


main()
