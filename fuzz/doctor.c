/*
 * doctor.c - fuzzes src/doctor: a file of facts by anybody is refused, or is
 * written down and read again as the same, and whatever is found in it is
 * told in words without control characters.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/findings.h"
#include "fuzz.h"

static void
check_words(const char *text)
{
    for (; *text != '\0'; text++)
        assert(!iscntrl((unsigned char)*text));
}

static void
check_findings(const struct record *record)
{
    struct facts *facts = facts_new(record);
    struct findings *findings = findings_new(facts);
    size_t i, j;

    for (i = 0; i < findings->count; i++) {
        const struct finding *f = &findings->finding[i];

        assert(f->what[0] != '\0' && f->why[0] != '\0' && f->attempts > 0);
        check_words(f->what);
        check_words(f->why);
        for (j = 0; j < f->attempts; j++)
            check_words(f->attempt[j]);
    }
    free(findings);
    facts_free(&facts);
}

static void
check_again(const struct record *record)
{
    struct record again = {0};
    char *text = NULL;
    size_t n = 0, i;
    FILE *f = open_memstream(&text, &n);
    unsigned line;

    record_write(record, f);
    fclose(f);
    line = record_parse(&again, text, n);
    assert(again.failed || (line == 0 && again.count == record->count));
    for (i = 0; i < again.count; i++)
        assert(strcmp(again.items[i].name, record->items[i].name) == 0 &&
               strcmp(again.items[i].text, record->items[i].text) == 0);
    record_clear(&again);
    free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size == 0 ? 1 : size); /* of the exact size */
    struct record record = {0};

    if (size > 0)
        memcpy(text, data, size);
    if (record_parse(&record, text, size) == 0 && !record.failed) {
        check_again(&record);
        check_findings(&record);
    }
    record_clear(&record);
    free(text);
    return 0;
}
