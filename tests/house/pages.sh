#!/bin/sh
# pages.sh - manual pages and scripts say what their checkers can check.
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
. "$(dirname "$0")/house.sh"

lint_pages() {
    for page in $(tracked 'man/*.[1-8]'); do
        mandoc -T lint -W warning "$page"
    done
}

# A table that is too wide for a terminal, and whatever else groff minds.
lint_at_80_columns() {
    for page in $(tracked 'man/*.[1-8]'); do
        groff -Tutf8 -mandoc -ww -rLL=80n -z "$page"
    done
}

# Of each public header, from which its page is made.
lint_reference() {
    page=$(mktemp --suffix=.3) # mandoc takes a digit for a section
    for header in $(tracked 'include/*.h' | grep -v /names.h); do
        python3 man/reference.py "$header" "$page"
        mandoc -T lint -W warning "$page" | sed "s|^|$header |"
        header=${header#include/}
        grep -q "'$header'" man/meson.build || echo "no page of $header"
    done
    rm "$page"
}

# Links of Markdown pages to files that are not there.
dead_links() {
    for page in $(tracked '*.md'); do
        grep -o '](\([^)#:]*\))' "$page" | sed 's/](\(.*\))/\1/; s/[#].*//' |
            while read -r link; do
                [ -z "$link" ] || [ -e "$(dirname "$page")/$link" ] ||
                    echo "$page: $link"
            done
    done
}

quiet "manual pages" none lint_pages
quiet "manual pages at 80 columns" none lint_at_80_columns
quiet "the reference is whole" none lint_reference
quiet "no dead links" none dead_links
quiet "spelling" codespell \
    -L nd,worl,ore,numbe,whats $(tracked '*.md' 'man/*' '*.h' '*.c' \
    '*.py' '*.sh')
quiet "shell scripts" shellcheck -x -e SC1091,SC2046,SC2086,SC2015 \
    check run .ci/run $(tracked '*.sh')
finish
