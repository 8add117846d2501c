/*
 * mitm.c - fuzzes what a middleman says: lines from a program of anybody's.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdlib.h>

#include "fuzz.h"
#include "vicc/middleman.h"

#define ROOM 64 /* bytes of an APDU: less than a line may spell */

/* What was understood is understood again when we have written it. */
static void
check(const char *text, size_t n, bool is_command)
{
    uint8_t room[ROOM], again_room[ROOM], line_room[3 * ROOM];
    struct buf apdu = BUF(room), again = BUF(again_room), line = BUF(line_room);
    enum vicc_mitm verdict, second;

    if (!mitm_parse(text, n, is_command, &apdu, &verdict)) {
        assert(apdu.n == 0 && !apdu.overrun);
        return;
    }
    assert(is_command || verdict != VICC_MITM_ANSWER);
    if (verdict == VICC_MITM_DROP) {
        assert(apdu.n == 0);
        return;
    }
    assert(apdu.n >= 1 && !apdu.overrun);
    mitm_put(&line, is_command && verdict == VICC_MITM_PASS, buf_bytes(&apdu));
    assert(!line.overrun && line.p[line.n - 1] == '\n');
    assert(mitm_parse((const char *)line.p, line.n - 1, is_command, &again,
                      &second));
    assert(second == verdict &&
           bytes_equal(buf_bytes(&apdu), buf_bytes(&again)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size + (size == 0)); /* of the exact size */

    assert(copy != NULL);
    if (size > 0)
        memcpy(copy, data, size);
    check(copy, size, true);
    check(copy, size, false);
    free(copy);
    return 0;
}
