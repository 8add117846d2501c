/*
 * conf.c - fuzzes the reading of reader.conf files, which administrators and
 * packages write: each entry and each complaint is text that ends, on a line
 * that is there, and what an entry opens is an address or has a reason.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdlib.h>
#include <string.h>

#include "doctor/reader_conf.h"
#include "fuzz.h"
#include "vpcd/addr.h"

struct run {
    unsigned lines;
};

static void
check_text(const char *text)
{
    assert(memchr(text, '\0', READER_CONF_VALUE_MAX) != NULL);
    assert(strpbrk(text, "\n\"") == NULL);
}

static void
check_entry(const struct reader_entry *entry)
{
    char text[READER_CONF_VALUE_MAX + 32];
    struct addr_error error = {""};
    struct vpcd_addr addr;

    check_text(entry->name);
    check_text(entry->device);
    check_text(entry->library);
    assert(entry->name[0] != '\0' && entry->library[0] != '\0');
    assert(strcmp(entry->file, "vpcd") == 0);
    reader_conf_address(entry, text, sizeof(text));
    assert(strlen(text) + 1 < sizeof(text));
    if (!addr_parse(text, &addr, &error))
        assert(error.text[0] != '\0');
}

static void
hear(void *ctx, const struct reader_entry *entry, enum reader_conf_fault fault,
     unsigned line, const char *wrong)
{
    struct run *r = ctx;

    assert((entry != NULL) == (fault == READER_CONF_FINE));
    assert((entry != NULL) == (wrong == NULL));
    assert(line >= 1 && line <= r->lines);
    if (entry != NULL)
        check_entry(entry);
    else
        assert(wrong[0] != '\0');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    struct run r = {.lines = 1};
    size_t i;

    assert(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    for (i = 0; text[i] != '\0'; i++)
        r.lines += text[i] == '\n';
    reader_conf_parse("vpcd", text, hear, &r);
    free(text);
    return 0;
}
