#!/bin/sh
# Runs the APDU scripts of a folder, each against a fresh card of the type
# that the folder is named after. A script whose first line is "# vicc apdu"
# and options is run with them. TAP on stdout; VICC_TEST=PATTERN picks scripts.
#
#   run.sh VICC FOLDER
#
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
set -u
vicc=$1
folder=$2
count=0
failed=0

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
    if out=$("$vicc" apdu -t "$(basename "$folder")" $options "$script" 2>&1)
    then
        echo "ok $count - $name"
    else
        echo "not ok $count - $name"
        echo "$out" | sed 's/^/# /'
        failed=1
    fi
done
echo "1..$count"
exit $failed
