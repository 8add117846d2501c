#!/bin/sh
# hardened.sh PROGRAM|LIBRARY... - each is built so that an overrun, should
# there be one, is hard to use.
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
files=
for file in "$@"; do
    files="$files $(realpath "$file")"
done
. "$(dirname "$0")/house.sh"

# lacks FILE WHAT READELF-OPTION PATTERN
lacks() { readelf -W "$3" "$1" | grep -qE "$4" || echo "$1: $2"; }

each() {
    for file in $files; do
        lacks "$file" "$1" "$2" "$3"
    done
}

executable_stacks() {
    for file in $files; do
        ! readelf -W -l "$file" | grep -q 'GNU_STACK.* RWE ' || echo "$file"
    done
}

quiet "position-independent" none each "is not" -h 'Type: +DYN'
quiet "relocations are read-only at once" none each "not all" -d 'BIND_NOW|Flags:.* NOW'
quiet "and protected" none each "no RELRO" -l GNU_RELRO
quiet "no stack is executable" none executable_stacks
quiet "stacks are protected" none each "not" --dyn-syms __stack_chk_fail
quiet "buffers of the C library are checked" none each "not" --dyn-syms '__[a-z]+_chk@'
finish
