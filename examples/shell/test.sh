#!/bin/sh
# A test of a program that uses smart cards, as a shell script; the exit
# status of vicc exec is that of the script:
#
#     vicc exec -t iso7816 -- sh examples/shell/test.sh
#
# Needs opensc.
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
set -eu

# status APDU...: the status word of the last one
status() {
    for apdu; do set -- "$@" --send-apdu "$apdu" && shift; done
    opensc-tool --card-driver default "$@" |
        sed -n 's/.*SW1=0x\(..\), SW2=0x\(..\).*/\1\2/p' | tail -1
}

# expect STATUS APDU...
expect() {
    wanted=$1
    shift
    got=$(status "$@")
    [ "$got" = "$wanted" ] || { echo "$*: $got, not $wanted" >&2 && exit 1; }
    echo "ok $*: $got"
}

opensc-tool --list-readers | grep -q "Yes.*Virtual PCD"
expect 9000 00A4000C023F00
expect 6A82 00A4000C02AAAA
expect 9000 00A4080C0410001001 00B0000000
