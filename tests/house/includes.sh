#!/bin/sh
# includes.sh - includes point one way, from the reader and the programs down
# to src/base, and headers compile alone.
. "$(dirname "$0")/house.sh"

# FOLDER, and what its files may include with quotes or from include/.
rules='
src/base    base/
src/vpcd    base/|vpcd/|vpcd.h
src/ifd     base/|vpcd/|vpcd.h|ifd/|iso7816/atr.h
src/iso7816 base/|iso7816/
src/cos     base/|iso7816/|crypto/|cos/
src/cards   base/|iso7816/|script/|crypto/|cos/cos.h|cos/type.h|cos/card.h|cos/files.h|cos/look.h|cos/application.h|cards/
src/script  base/|script/
src/crypto  base/|crypto/
src/store   base/|crypto/|cos/card.h|cos/state.h|store/
src/profile base/|iso7816/|crypto/|cos/cos.h|cos/type.h|cos/card.h|cos/look.h|cards/types.h|profile/
src/fault   base/|script/|vpcd/|vpcd.h|fault/
src/vicc    base/|fault/|iso7816/|script/|vpcd/|vpcd.h|cos/card.h|cos/type.h|cards/|vicc/
src/decode  base/|iso7816/|script/|cos/type.h|cards/types.h|vicc/mask.h|vicc/words.h|decode/|page.h
src/world   base/|world/
src/doctor  base/|vpcd/|vpcd.h|world/|doctor/
'

# Libraries that one folder alone may know.
owners='
openssl/    src/crypto
sqlite3.h   src/store
yaml.h      src/profile
winscard.h  \(src/world\|src/cards/relay\)
qrencode.h  tools
'

# Lines of FOLDER that include one of ours which is not in the list.
strays() {
    grep -nE '^#include ("|<vpcd\.h|<vpcd/)' $(tracked "$1/*.[ch]") /dev/null |
        grep -vE "#include [\"<]($2)"
}

foreign() {
    grep -nF "$1" $(tracked 'src/*.[ch]' 'tools/*.[ch]') | grep '#include' | grep -v "^$2/"
}

alone() {
    ${CC:-cc} -std=c11 -D_GNU_SOURCE -fsyntax-only -x c -Iinclude -Isrc \
    -Itools $(pkg-config --cflags libpcsclite sqlite3) "$1"
}
alone_cpp() { c++ -fsyntax-only -x c++ -Wall -Wextra -Iinclude "$1"; }

while read -r folder allowed; do
    [ -z "$folder" ] || quiet "$folder includes" none strays "$folder" "$allowed"
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
