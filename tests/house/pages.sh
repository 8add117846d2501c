#!/bin/sh
# pages.sh - manual pages and scripts say what their checkers can check.
. "$(dirname "$0")/house.sh"

lint_pages() {
    for page in $(tracked 'man/*.[1-8]'); do
        mandoc -T lint -W warning "$page"
    done
}

quiet "manual pages" none lint_pages
quiet "shell scripts" shellcheck -x -e SC1091,SC2046,SC2086,SC2015 \
    check run .ci/run $(tracked '*.sh')
finish
