#!/bin/sh
# format.sh - every C file is as clang-format and the house want it, and every
# source says its licence.
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
. "$(dirname "$0")/house.sh"

sources=$(tracked '*.c' '*.h')

too_long() {
    wc -l $sources | awk '$2 != "total" && $1 > 500 {print $2 ": " $1 " lines"}'
}
unlicensed() {
    grep -L 'SPDX-License-Identifier: LGPL-2.1-or-later' $sources \
        $(tracked '*.py' '*.sh' check run)
}

quiet "formatted" clang-format --dry-run -Werror $sources
quiet "no file past 500 lines" none too_long
quiet "all say their licence" none unlicensed
finish
