#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""reference.py HEADER [PAGE] - a manual page, section 3, of a public header:
its comments are the text, its declarations the listings. Ends with 1 where a
function has no comment that it belongs to."""

import re
import sys

DATE = "November 22, 2026"
TOKEN = re.compile(r"/\*(.*?)\*/\n|((?:[^\n]+\n)+?)(?=\n|/\*|\Z)|\n", re.S)


def words(comment):
    """A comment without its stars, as paragraphs of lines."""
    text = re.sub(r"^ ?\* ?", "", comment.strip(), flags=re.M)
    return [part.splitlines() for part in re.split(r"\n\s*\n", text.strip())]


def escape(line):
    line = line.replace("\\", "\\e")
    return "\\&" + line if line[:1] in (".", "'") else line


def paragraph(lines, out):
    """Lines that stand in, as lists of errors do, stay as they are; in others
    each sentence begins a line, as mdoc wants it."""
    literal, prose = False, []

    def flush():
        text = re.sub(r"(?<=[.!?]) (?=[A-Z(])", "\n", " ".join(prose))
        out.extend(escape(line) for line in text.splitlines())
        prose.clear()

    for line in lines:
        if line.startswith("  ") != literal:
            literal = not literal
            flush()
            out.append(".Bd -literal -offset indent" if literal else ".Ed")
        if literal:
            out.append(escape(line.rstrip()))
        else:
            prose.append(line.strip())
    flush()
    if literal:
        out.append(".Ed")


def listing(code, out):
    code = re.sub(r"^\{\n.*?^\}\n", ";\n", code, flags=re.S | re.M)
    code = re.sub(r"\)\s*;\n", ");\n", code)
    out.append(".Bd -literal -offset indent")
    out.extend(escape(line) for line in code.rstrip("\n").splitlines())
    out.append(".Ed")


def tell(comment, out):
    for part in words(comment) if comment is not None else []:
        if out[-1] != ".Ed" and not part[0].startswith("  "):
            out.append(".Pp")
        paragraph(part, out)


def body(text, out):
    """Each listing, then what the comment before it says. Returns functions
    that no comment belongs to."""
    comment, explained, bare = None, False, []
    for found in TOKEN.finditer(text):
        remark, code = found.groups()
        if remark is not None:
            tell(comment, out)
            section = re.fullmatch(r"\s*-+ (.*?) -+\s*", remark)
            comment, explained = None if section else remark, not section
            if section:
                out.append(f".Ss {section.group(1).capitalize()}")
        elif code is not None:
            if not explained and re.search(r"\w\(", code):
                bare.append(code)
            listing(code, out)
            tell(comment, out)
            comment = None
    return bare


def main():
    path = sys.argv[1]
    include = path.split("include/", 1)[1]
    name = re.sub(r"\W", "_", include[:-2])
    with open(path) as header:
        text = header.read()
    top, rest = re.match(r"/\*(.*?)\*/(.*)", text, re.S).groups()
    top = re.sub(r"\n \* SPDX.*", "", top, flags=re.S)
    about = words(top)
    title, first = " ".join(about[0]).split(" - ", 1)
    brief, _, more = first.partition(". ")
    rest = re.split(r"VICC_DECLS\n|extern \"C\" \{\n#endif\n", rest)[-1]
    rest = re.split(r"VICC_DECLS_END|#ifdef __cplusplus\n\}|#endif\n\Z",
                    rest)[0]
    rest = re.sub(r"^#ifndef \w+\n#define \w+\n|^#include.*\n|VPCD_API ", "",
                  rest, flags=re.M)
    out = [".\\\" Made from " + include, f".Dd {DATE}",
           f".Dt {name.upper()} 3", ".Os", ".Sh NAME", f".Nm {name}",
           f".Nd {escape(brief.rstrip('.'))}", ".Sh SYNOPSIS",
           f".In {include}", ".Sh DESCRIPTION"]
    if more:
        about[0] = [more]
    for part in about if more else about[1:]:
        if out[-1] != ".Sh DESCRIPTION" and not part[0].startswith("  "):
            out.append(".Pp")
        paragraph(part, out)
    bare = body(rest, out)
    out += [".Sh SEE ALSO", ".Xr vicc 1 ,", ".Xr vpcd 7"]
    with (open(sys.argv[2], "w") if len(sys.argv) > 2 else sys.stdout) as page:
        page.write("\n".join(out) + "\n")
    for code in bare:
        sys.stderr.write(f"{path}: not explained: {code}")
    return 1 if bare else 0


sys.exit(main())
