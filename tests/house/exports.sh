#!/bin/sh
# exports.sh LIBVPCD DRIVER LIBVICC - what the libraries show to the world is what
# their headers declare, and no more.
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
driver=$(realpath "$2") library=$(realpath "$1") kit=$(realpath "$3")
. "$(dirname "$0")/house.sh"

exported() { nm -D --defined-only "$1" | awk '$2 == "T" {print $3}' | sort; }
declared() {
    cpp -Iinclude "$1" | grep -o "\b$2[A-Za-z_]* *(" | tr -d ' (' | sort -u
}

same() {
    [ "$1" = "$2" ] || printf 'exported:\n%s\ndeclared:\n%s\n' "$1" "$2"
}

quiet "libvpcd exports vpcd.h" same "$(exported "$library" | sed 's/@.*//')" \
    "$(declared include/vpcd.h vpcd_)"
# Each in the library by its own name or with vicc_ in front.
listed() { python3 tests/house/names.py | sed '/^vicc_/!s/^/vicc_/' | sort; }
unlisted() {
    python3 tests/house/names.py | grep -v ^vicc_ | while read -r name; do
        grep -qx "#pragma redefine_extname $name vicc_$name" \
            include/vicc/names.h || echo "$name: tests/house/names.py --write"
    done
}
objects() { nm -D --defined-only "$1" | awk '$2 != "A" {print $3}' | sort; }

quiet "libvicc exports include/vicc.h and include/vicc/" same \
    "$(objects "$kit" | sed 's/@@VICC_0$//')" "$(listed)"
quiet "the names of libvicc are listed" none unlisted
quiet "the driver exports IFDH functions alone" \
    none sh -c "nm -D --defined-only '$driver' | awk '\$2 == \"T\"' | grep -v ' IFDH'"
quiet "the driver does not link libpcsclite" \
    none sh -c "objdump -p '$driver' | grep 'NEEDED.*pcsclite'"
quiet "the driver's stack is not executable" \
    none sh -c "readelf -lW '$driver' | grep 'GNU_STACK.*E '"
finish
