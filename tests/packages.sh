#!/bin/sh
# Builds the Debian packages, has lintian look at them, and installs them in a
# fresh Debian 12 over the packages that they replace: then cards are seen
# there, by a plain user and through the system's pcscd; a program and a card
# type are built with what the -dev packages have; and purging leaves nothing.
# On demand, not part of ./check: it takes minutes and a mirror. Needs root; a
# folder given as argument gets the packages.
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
# shellcheck disable=SC2016 # what runs inside expands inside
set -eu
cd "$(dirname "$0")/.."
. tools/deps.sh

need debhelper dpkg-dev lintian mmdebstrap libcmocka-dev libpcsclite-dev \
    libqrencode-dev libsqlite3-dev libssl-dev libyaml-dev meson pkgconf
place=$(mktemp -d) root=$place/root
trap 'rm -rf "$place"' EXIT

step() { printf '\n== %s\n' "$1"; }

# inside COMMAND...: in the fresh system, with processes of its own.
inside() {
    unshare --mount --pid --fork --kill-child --mount-proc="$root/proc" \
        chroot "$root" env -i HOME=/root LC_ALL=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive \
        PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

step "building"
mkdir "$place/source"
git -c safe.directory="$PWD" ls-files -z |
    xargs -0 cp --parents -t "$place/source"
(cd "$place/source" &&
    DEB_BUILD_OPTIONS="${DEB_BUILD_OPTIONS-} noautodbgsym" \
        dpkg-buildpackage --no-sign --build=binary) >"$place/log" 2>&1 || { tail -50 "$place/log" && exit 1; }
ls "$place"/*.deb

step "lintian"
lintian --allow-root --fail-on error,warning "$place"/*.changes

step "a fresh system, with the packages that ours replace"
mmdebstrap --quiet --variant=apt --include=vsmartcard-vpcd,vsmartcard-vpicc \
    bookworm "$root"
cp "$place"/*.deb "$root/tmp"

step "installing"
inside sh -ec 'apt-get update -q
    apt-get install -y -q --no-install-recommends /tmp/*.deb \
        opensc gcc libc6-dev pkgconf' >"$place/log" 2>&1 ||
    { tail -50 "$place/log" && exit 1; }
inside sh -ec '
    for old in vsmartcard-vpcd vsmartcard-vpicc; do
        if [ "$(dpkg-query -W -f "\${db:Status-Status}" $old)" = installed ]
        then echo "$old is still there" && exit 1; fi
    done
    grep libifdvpcd /etc/reader.conf.d/vpcd | grep -q "^LIBPATH"
    grep -q "unix-listen" /etc/reader.conf.d/vpcd # it is ours, not the old one
    dpkg --audit'

step "a plain user"
inside setpriv --reuid=1000 --regid=1000 --clear-groups \
    vicc exec -- opensc-tool --atr
inside setpriv --reuid=1000 --regid=1000 --clear-groups \
    vicc exec -- vicc doctor

step "the system's pcscd"
inside sh -ec 'mkdir -p /run/pcscd
    pcscd --foreground >/tmp/pcscd.log 2>&1 &
    vicc 2>/tmp/vicc.log &
    timeout 20 sh -c "until opensc-tool --atr 2>/dev/null; do :; done"
    vicc doctor'

step "a program with the library"
inside sh -ec 'cd /tmp
    cp -r /usr/share/doc/vicc/examples/programs .
    cc -o embed programs/embed.c $(pkg-config --cflags --libs libvicc)
    ./embed
    cp -r /usr/share/doc/vicc/examples/types .
    cc -shared -fPIC -o staff.so types/staff.c \
        $(pkg-config --cflags --libs libvicc)
    vicc exec -t ./staff.so -- opensc-tool --name
    printf "#include <vpcd.h>\nint main(void) { return vpcd_explain == 0; }" \
        >wire.c
    cc -o wire wire.c $(pkg-config --cflags --libs libvpcd) && ./wire'

step "purging"
inside apt-get purge -y -q vicc libifdvpcd libvpcd0 libvicc0 vicc-doc \
    >"$place/log" 2>&1 || { tail "$place/log" && exit 1; }
inside sh -ec '! ls /etc/reader.conf.d/vpcd /usr/bin/vicc /usr/share/vicc \
    /usr/lib/pcsc/drivers/serial/libifdvpcd.so 2>/dev/null'

[ $# -eq 0 ] || cp "$place"/*.deb "$1"
step "all well"
