# deps.sh - what building and testing need from Debian, and how it gets there.
# Sourced by ./run and ./check.
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
# shellcheck shell=sh

# missing PACKAGE...: those that are not installed.
missing() {
    have=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null)
    for package in "$@"; do
        case "
$have
" in
        *"
$package installed
"*) ;;
        *) printf '%s ' "$package" ;;
        esac
    done
}

# as_root COMMAND...
as_root() {
    if [ "$(id -u)" = 0 ]; then
        env DEBIAN_FRONTEND=noninteractive "$@"
    else
        sudo env DEBIAN_FRONTEND=noninteractive "$@"
    fi
}

# fetch PACKAGE...
fetch() { as_root apt-get install -y -q --no-install-recommends "$@"; }

# need PACKAGE...: installs what is missing, talking on stderr only.
need() {
    # Elsewhere than on Debian the build says what it lacks.
    command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
        return 0
    wanted=$(missing "$@")
    [ -n "$wanted" ] || return 0
    echo "installing $wanted" >&2
    # shellcheck disable=SC2086 # a list of words
    { fetch $wanted || { as_root apt-get update -q && fetch $wanted; }; } >&2
}

need_for_build() {
    need gcc libc6-dev meson ninja-build pkgconf libpcsclite-dev libpcsclite1 \
        libsqlite3-dev libssl-dev libyaml-dev libqrencode-dev \
        libcmocka-dev pcscd
}

need_for_demo() { need opensc; }

need_for_tests() {
    need_for_build && need g++ clang libclang-rt-dev clang-format clang-tidy \
        shellcheck codespell cppcheck mandoc groff-base python3 python3-cryptography \
        python3-pyscard opensc opensc-pkcs11 pcsc-tools vsmartcard-vpcd vsmartcard-vpicc \
        python3-pycryptodome procps openssl sqlite3 strace zbar-tools iproute2 \
        zsh systemd python3-pytest python3-yaml \
        yubico-piv-tool ykcs11 yubikey-manager libengine-pkcs11-openssl \
        curl git gnutls-bin openssh-client openssh-server libpam-p11 pamtester \
        chromium chromium-driver python3-selenium libnss3-tools xvfb xdotool
}
