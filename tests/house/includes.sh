#!/bin/sh
# includes.sh - includes point one way, from the reader and the programs down
# to src/base, and headers compile alone. CONTRIBUTING.md says what the folders
# are.
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
. "$(dirname "$0")/house.sh"

# FOLDER, what its files may include with quotes, and of the public headers.
rules='
src/base    base/                                         BASE
src/vpcd    base/|vpcd/                                   BASE|vpcd.h
src/ifd     base/|vpcd/|ifd/                              BASE|vpcd.h|vicc/atr.h
src/iso7816 base/|iso7816/                                BASE|ISO7816
src/crypto  base/|crypto/                                 BASE|vicc/crypto/
src/cos     base/|iso7816/|crypto/|cos/                   vicc/
src/cards   script/|cards/                                vicc/
src/script  base/|script/                                 BASE
src/store   base/|crypto/|cos/keep.h|cos/state.h|store/   BASE|vicc/crypto/|vicc/card.h|vicc/tlv.h
src/profile base/|crypto/|cos/keep.h|profile/             vicc/
src/fault   base/|script/|vpcd/|fault/                    BASE|vpcd.h
src/vicc    base/|fault/|script/|vpcd/|vicc/              BASE|ISO7816|vpcd.h|vicc/card.h|vicc/type.h|vicc/mitm.h
src/decode  base/|script/|vicc/mask.h|vicc/words.h|decode/|page.h BASE|ISO7816|vicc/type
src/world   base/|world/                                  BASE
src/doctor  base/|vpcd/|world/|doctor/                    BASE|vpcd.h
'
rules=$(echo "$rules" | sed -e 's,BASE,vicc/bytes.h|vicc/hex.h|vicc/names.h|vicc/wipe.h,' \
    -e 's,ISO7816,vicc/apdu.h|vicc/atr.h|vicc/sw.h|vicc/tlv.h,')

# Libraries that one folder alone may know.
owners='
openssl/    src/crypto
sqlite3.h   src/store
yaml.h      src/profile
winscard.h  \(src/world\|src/cards/relay\)
qrencode.h  tools
'

# Lines of FOLDER that include one of ours which is not in the lists.
strays() {
    grep -nE '^#include ("|<(vpcd\.h|vicc))' $(tracked "$1/*.[ch]") /dev/null |
        grep -vE "#include (\"($2)|<($3))"
}

foreign() {
    grep -nF "$1" $(tracked 'src/*.[ch]' 'tools/*.[ch]') | grep '#include' | grep -v "^$2/"
}

alone() {
    ${CC:-cc} -std=c11 -D_GNU_SOURCE -fsyntax-only -x c -Iinclude -Isrc \
    -Itools $(pkg-config --cflags libpcsclite sqlite3) "$1"
}
alone_cpp() { c++ -fsyntax-only -x c++ -Wall -Wextra -Iinclude "$1"; }

while read -r folder own public; do
    [ -z "$folder" ] ||
        quiet "$folder includes" none strays "$folder" "$own" "$public"
done <<END
$rules
END
while read -r library folder; do
    [ -z "$library" ] || quiet "only $folder includes $library" \
        none foreign "$library" "$folder"
done <<END
$owners
END

each_alone() {
    for header in $(tracked 'include/*.h' 'src/*.h' 'tools/*.h'); do
        alone "$header"
    done
}
each_alone_cpp() {
    for header in $(tracked 'include/*.h'); do
        alone_cpp "$header"
    done
}

quiet "headers compile alone" each_alone
quiet "public headers compile alone in C++" each_alone_cpp
finish
