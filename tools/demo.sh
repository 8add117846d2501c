# demo.sh - what ./run shows: a card that other people's programs find,
# select a file on, and read.
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
# shellcheck shell=sh

step() {
    printf '\n%s\n$' "$1"
    shift
    printf ' %s' "$@"
    printf '\n'
    "$@" 2>&1
}

step "The reader, and that there is a card in it:" \
    opensc-tool --list-readers
step "The card's answer to reset:" \
    opensc-tool --card-driver default --atr
step "Selecting file 1000/1001 by its path, and reading it:" \
    opensc-tool --card-driver default --send-apdu 00:A4:08:0C:04:10:00:10:01 \
    --send-apdu 00:B0:00:00:00
cat <<END

That was the real pcscd with a reader and a card of software, for these three
commands only. Your own command goes after --, more cards before it:

    ./run -- opensc-explorer -c default
    ./run --card iso7816 --card handler-test -- opensc-tool -l
END
