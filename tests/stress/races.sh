#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
# Builds with ThreadSanitizer, in build/races, and runs what has threads: the
# unit tests of driver, host and proxy, then hostile cards and the crowd with
# driver and vicc watched, the driver inside of pcscd. A race makes it fail.
set -eu
cd "$(dirname "$0")/../.."
dir=$PWD/build/races
[ -f "$dir/build.ninja" ] || CC=gcc meson setup "$dir" --werror \
    -Db_sanitize=thread -Db_lundef=false
tests="slot slot_threads lookup host host_bad host_present host_race \
host_slow proxy fault listen open meet conn conn_send"
targets="tools/vicc src/ifd/libifdvpcd.so src/world/vicc-pcscd-shim.so"
for name in $tests; do
    targets="$targets tests/unit/test-$name"
done
# shellcheck disable=SC2086
ninja -C "$dir" $targets

said=$(mktemp -d)
trap 'rm -rf "$said"' EXIT
# pcscd sends its table of readers to programs while it has a driver write
# into it; that driver is us, the race is not.
echo 'race:^IFDHPowerICC$' >"$said/suppressions"
options="suppressions=$said/suppressions"
for name in $tests; do
    echo "== $name"
    TSAN_OPTIONS="$options exitcode=66" "$dir/tests/unit/test-$name"
done

# Not by their exit status: pcscd, which is not built so, has to end well.
export TSAN_OPTIONS="$options exitcode=0 log_path=$said/race"
VICC_PCSCD_PRELOAD=$(readlink -f "$(gcc -print-file-name=libtsan.so)")
export VICC_PCSCD_PRELOAD PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=tests/pcsc
export VICC="$dir/tools/vicc" VICC_DRIVER="$dir/src/ifd/libifdvpcd.so"
VICC_TEST='cards_*' tests/stress/hostile.py
tests/stress/crowd.py
for race in "$said"/race.*; do
    [ ! -f "$race" ] || { cat "$said"/race.* && exit 1; }
done
