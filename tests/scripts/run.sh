#!/bin/sh
# Runs the APDU scripts of a folder, each against a fresh card of the type
# that the folder is named after. A script whose first line is "# vicc apdu"
# and options is run with them. TAP on stdout; VICC_TEST=PATTERN picks scripts.
#
#   run.sh VICC FOLDER [RELAYED]
#
# With RELAYED (tests/relay/relayed.py) the card is in one world, is relayed to
# another, and the script comes to it from there.
#
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
set -u
vicc=$1
folder=$2
relayed=${3-}
type=$(basename "$folder")
count=0
failed=0

# run SCRIPT OPTION...
run() {
    file=$1
    shift
    if [ -z "$relayed" ]; then
        "$vicc" apdu -t "$type" "$@" "$file" 2>&1
    else
        VICC_DIRECT=$vicc "$relayed" exec -t "$type" "$@" -- \
            "$vicc" apdu -t relay "$file" 2>&1
    fi
}

for script in "$folder"/*.script; do
    name=$(basename "$script" .script)
    # shellcheck disable=SC2254 # it is a pattern
    case $name in
    ${VICC_TEST:-*}) ;;
    *) continue ;;
    esac
    count=$((count + 1))
    options=$(sed -n '1s/^# vicc apdu //p' "$script")
    # shellcheck disable=SC2086 # options are words
    if out=$(run "$script" $options); then
        echo "ok $count - $name"
    else
        echo "not ok $count - $name"
        echo "$out" | sed 's/^/# /'
        failed=1
    fi
done
echo "1..$count"
exit $failed
