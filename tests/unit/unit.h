/*
 * unit.h - cmocka, and main() for a file of unit tests: TAP on stdout;
 * VICC_TEST=PATTERN picks tests by name.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define UNIT_MAIN(...)                                                         \
    int main(void)                                                             \
    {                                                                          \
        const struct CMUnitTest tests[] = {__VA_ARGS__};                       \
                                                                               \
        cmocka_set_message_output(CM_OUTPUT_TAP);                              \
        if (getenv("VICC_TEST") != NULL)                                       \
            cmocka_set_test_filter(getenv("VICC_TEST"));                       \
        return cmocka_run_group_tests(tests, NULL, NULL);                      \
    }

#endif
