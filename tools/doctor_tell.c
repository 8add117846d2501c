/*
 * doctor_tell.c - see doctor_tell.h.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "doctor_tell.h"

#include <string.h>

#define WIDTH 79
#define INDENT 4

/* ---- for people ---- */

/* Words wrapped behind an indent, from where we are: column `at`. */
static void
put_wrapped(const char *words, int at)
{
    while (*words != '\0') {
        int n = (int)strcspn(words, " \n");

        if (at > INDENT && at + 1 + n > WIDTH) {
            printf("\n%*s", INDENT, "");
            at = INDENT;
        } else if (at > INDENT) {
            putchar(' ');
            at++;
        }
        printf("%.*s", n, words);
        at += n;
        words += n;
        words += strspn(words, " \n");
    }
    putchar('\n');
}

static void
tell_finding(const struct finding *f)
{
    size_t i;
    int at = printf("%s (%s):", f->level == LEVEL_FAULT ? "FAULT" : "Note",
                    finding_part_name(f->part));

    put_wrapped(f->what, at);
    if (f->why[0] != '\0') {
        printf("%*s", INDENT, "");
        put_wrapped(f->why, INDENT);
    }
    /* Not wrapped: they are to be copied. */
    for (i = 0; i < f->attempts; i++)
        printf("  * %s\n", f->attempt[i]);
    putchar('\n');
}

static const char *
state_text(unsigned state)
{
    return state & FACTS_MUTE      ? "a card that does not answer"
           : state & FACTS_PRESENT ? "a card"
           : state & FACTS_EMPTY   ? "no card"
                                   : "unknown";
}

static void
tell_seen(const struct facts *f)
{
    size_t i;

    printf("PC/SC programs see %zu reader%s%s\n", f->seen_count,
           f->seen_count == 1 ? "" : "s", f->seen_count > 0 ? ":" : ".");
    for (i = 0; i < f->seen_count; i++)
        printf("  %s: %s\n", f->seen[i].name, state_text(f->seen[i].state));
    putchar('\n');
}

void
doctor_tell_text(const struct facts *facts, const struct findings *findings)
{
    size_t i, faults = 0;

    if (facts_served(facts))
        tell_seen(facts);
    for (i = 0; i < findings->count; i++) {
        tell_finding(&findings->finding[i]);
        faults += findings->finding[i].level == LEVEL_FAULT;
    }
    if (faults == 0)
        printf("Nothing stands in the way of a card.\n");
    else
        printf("%zu reason%s why a card may not be seen; begin with the "
               "first.\n",
               faults, faults == 1 ? "" : "s");
}

/* ---- for programs: RFC 8259 ---- */

/* What a record holds may be in any encoding; JSON is in UTF-8. */
static void
put_string(const char *text)
{
    putchar('"');
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if (c == '"' || c == '\\')
            printf("\\%c", c);
        else if (c < ' ' || c >= 0x7F)
            printf("\\u%04x", c < 0x80 ? c : 0xFFFD);
        else
            putchar(c);
    }
    putchar('"');
}

static void
put_member(const char *before, const char *name, const char *value)
{
    printf("%s\"%s\": ", before, name);
    put_string(value);
}

static void
put_finding(const struct finding *f)
{
    size_t i;

    put_member("{", "check", f->check);
    put_member(", ", "part", finding_part_name(f->part));
    put_member(", ", "level", f->level == LEVEL_FAULT ? "fault" : "note");
    put_member(",\n     ", "what", f->what);
    put_member(",\n     ", "why", f->why);
    printf(",\n     \"try\": [");
    for (i = 0; i < f->attempts; i++) {
        fputs(i > 0 ? ", " : "", stdout);
        put_string(f->attempt[i]);
    }
    printf("]}");
}

void
doctor_tell_json(const struct facts *facts, const struct findings *findings)
{
    size_t i;

    printf("{\"healthy\": %s,\n \"readers\": [",
           findings_fault(findings) == NULL ? "true" : "false");
    for (i = 0; i < facts->seen_count; i++) {
        put_member(i > 0 ? ",\n    {" : "\n    {", "name", facts->seen[i].name);
        printf(", \"card\": %s, \"mute\": %s}",
               facts->seen[i].state & FACTS_PRESENT ? "true" : "false",
               facts->seen[i].state & FACTS_MUTE ? "true" : "false");
    }
    printf("],\n \"findings\": [");
    for (i = 0; i < findings->count; i++) {
        printf("%s\n    ", i > 0 ? "," : "");
        put_finding(&findings->finding[i]);
    }
    printf("]}\n");
}
