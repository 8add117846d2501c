/*
 * addr.c - fuzzes src/vpcd/addr_parse.c and addr.c: any text as an address is
 * refused with a reason, or can be written down and read again.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdlib.h>

#include "fuzz.h"
#include "vpcd/addr.h"

static void
check_slots(const struct vpcd_addr *addr)
{
    struct vpcd_addr slot;
    unsigned n;

    assert(addr->slots >= 1 && addr->slots <= ADDR_SLOTS_MAX);
    for (n = 0; n < addr->slots; n++) {
        bool there = addr_for_slot(addr, n, &slot);

        assert(there && slot.slots == 1);
    }
}

static void
check_text(const struct vpcd_addr *addr)
{
    char text[ADDR_TEXT_MAX], again[ADDR_TEXT_MAX], words[ADDR_REASON_MAX];
    struct vpcd_addr back;
    struct addr_error error;
    bool parsed;

    addr_format(addr, text, sizeof(text));
    assert(strlen(text) + 1 < sizeof(text));
    parsed = addr_parse(text, &back, &error);
    assert(parsed);
    addr_format(&back, again, sizeof(again));
    assert(strcmp(text, again) == 0);
    addr_explain(addr, -ECONNREFUSED, words, sizeof(words));
    assert(words[0] != '\0');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    struct vpcd_addr addr;
    struct addr_error error = {""};

    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    if (!addr_parse(text, &addr, &error)) {
        assert(error.text[0] != '\0');
    } else {
        check_slots(&addr);
        check_text(&addr);
    }
    free(text);
    return 0;
}
