# house.sh - for the checks of this folder: TAP, and the files to look at.
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
# shellcheck shell=sh
set -u
cd "$(dirname "$0")/../.." || exit 1
count=0

tracked() {
    if [ -e .git ]; then
        git -c safe.directory="$PWD" ls-files -- "$@"
    else
        for pattern in "$@"; do
            find . -name 'build*' -prune -o -name "$pattern" -print
        done
    fi
}

# verdict NAME STATUS: one line of TAP
verdict() {
    count=$((count + 1))
    [ "$2" = 0 ] && echo "ok $count - $1" || echo "not ok $count - $1"
}

# quiet NAME COMMAND...: passes if the command succeeds and says nothing.
quiet() {
    name=$1
    shift
    said=$("$@" 2>&1)
    status=$?
    [ -z "$said" ] || { status=1 && echo "$said" | while IFS= read -r line; do
        echo "# $line"
    done; }
    verdict "$name" $status
}

# none COMMAND...: for quiet, when only what is printed counts.
none() {
    "$@" || true
}

finish() { echo "1..$count"; }
