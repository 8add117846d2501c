#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
# Builds with ThreadSanitizer, in build/races, and runs what has threads: the
# unit tests of driver, host, proxy and libvicc, then hostile cards, the crowd,
# and relays, with driver and vicc watched, the driver inside of pcscd. A race
# makes it fail.
set -eu
cd "$(dirname "$0")/../.."
dir=$PWD/build/races
[ -f "$dir/build.ninja" ] || CC=gcc meson setup "$dir" --werror \
    -Db_sanitize=thread -Db_lundef=false
ninja -C "$dir" threads tools/vicc src/ifd/libifdvpcd.so \
    src/world/vicc-pcscd-shim.so
meson test -C "$dir" --no-rebuild --print-errorlogs --suite threads

said=$(mktemp -d)
trap 'rm -rf "$said"' EXIT
# Not by their exit status: pcscd, which is not built so, has to end well.
# pcscd sends its table of readers to programs while it has a driver write
# into it; that driver is us, the race is not.
echo 'race:^IFDHPowerICC$' >"$said/suppressions"
TSAN_OPTIONS="suppressions=$said/suppressions exitcode=0 log_path=$said/race"
VICC_PCSCD_PRELOAD=$(readlink -f "$(gcc -print-file-name=libtsan.so)")
export TSAN_OPTIONS VICC_PCSCD_PRELOAD
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=tests/pcsc
export VICC="$dir/tools/vicc" VICC_DRIVER="$dir/src/ifd/libifdvpcd.so"
VICC_TEST='cards_*' tests/stress/hostile.py
tests/stress/crowd.py
for name in relay pulls; do
    VICC_PULLS=40 "tests/relay/$name.py"
done
for race in "$said"/race.*; do
    [ ! -f "$race" ] || { cat "$said"/race.* && exit 1; }
done
