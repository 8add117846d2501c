#!/bin/sh
# exports.sh LIBVPCD DRIVER - what the libraries show to the world is what
# their headers declare, and no more.
driver=$(realpath "$2") library=$(realpath "$1")
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
quiet "the driver exports IFDH functions alone" \
    none sh -c "nm -D --defined-only '$driver' | awk '\$2 == \"T\"' | grep -v ' IFDH'"
quiet "the driver does not link libpcsclite" \
    none sh -c "objdump -p '$driver' | grep 'NEEDED.*pcsclite'"
quiet "the driver's stack is not executable" \
    none sh -c "readelf -lW '$driver' | grep 'GNU_STACK.*E '"
finish
