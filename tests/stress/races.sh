#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
# Builds with ThreadSanitizer, and runs what has threads: the unit tests of the
# driver, the host and the proxy, then the crowd with our program watched. A
# race makes it fail. The build stays in build/races.
set -eu
cd "$(dirname "$0")/../.."
dir=build/races
[ -f $dir/build.ninja ] || CC=clang meson setup $dir --werror \
    -Db_sanitize=thread -Db_lundef=false
tests="slot slot_threads lookup host host_bad host_present host_race \
host_slow proxy fault listen open meet conn conn_send"
targets=tools/vicc
for name in $tests; do
    targets="$targets tests/unit/test-$name"
done
# shellcheck disable=SC2086
ninja -C $dir $targets
export TSAN_OPTIONS="exitcode=66 ${TSAN_OPTIONS-}"
for name in $tests; do
    echo "== $name"
    $dir/tests/unit/test-"$name"
done
