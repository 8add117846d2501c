/*
 * check_card.c - is there a card, and does it answer?
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdlib.h>

#include "doctor/findings.h"

/* One that connected and gave an ATR, but no longer does. */
void
check_card_mute(const struct facts *f, struct findings *out)
{
    size_t i;

    for (i = 0; i < f->seen_count; i++) {
        struct finding *finding;

        if ((f->seen[i].state & (FACTS_PRESENT | FACTS_MUTE)) !=
            (FACTS_PRESENT | FACTS_MUTE))
            continue;
        finding = finding_add(out, LEVEL_FAULT,
                              "the card in \"%s\" does not answer its reset",
                              f->seen[i].name);
        finding_why(finding, "Its program is connected, but gives no answer "
                             "to reset when it is powered up: it hangs, or "
                             "it takes the messages for something else.");
        finding_try(finding, "start the card anew; with vicc -v it says what "
                             "it gets");
        finding_try(finding, "vpcd(7) says what a card owes its reader");
    }
}

/* ISO/IEC 7816-3:2006, 8.1: TS is 3B or 3F. */
void
check_card_atr(const struct facts *f, struct findings *out)
{
    size_t i;

    for (i = 0; i < f->seen_count; i++) {
        const struct fact_seen *seen = &f->seen[i];
        struct finding *finding;

        if ((seen->state & FACTS_PRESENT) == 0 || seen->atr[0] == '\0' ||
            facts_begins(seen->atr, "3B") || facts_begins(seen->atr, "3F"))
            continue;
        finding = finding_add(out, LEVEL_FAULT,
                              "the answer to reset of the card in \"%s\" is "
                              "none: %s",
                              seen->name, seen->atr);
        finding_why(finding, "It has to begin with 3B or 3F. Programs see the "
                             "card, but cannot connect to it.");
        finding_try(finding, "correct the card; vpcd(7) says what it owes its "
                             "reader");
    }
}

static void
say_silent(const struct fact_slot *slot, struct findings *out)
{
    struct finding *finding = finding_add(
        out, LEVEL_FAULT,
        "a program is connected to slot %u of \"%s\", but no card is seen",
        slot->number, slot->reader->entry.name);

    finding_why(finding, "It has sent no answer to reset. The reader waits "
                         "10 seconds for it, then hangs up; a program that is "
                         "no card, or a card that reads another protocol, "
                         "looks like this.");
    finding_try(finding, "is it the right program, and the right port?");
    finding_try(finding, "sudo pcscd --foreground --info    (after stopping "
                         "it: the driver says whom it turned away, and why)");
    finding_try(finding, ":hs=SECONDS behind the DEVICENAME gives a slow card "
                         "more time");
}

void
check_card_silent(const struct facts *f, struct findings *out)
{
    struct fact_slot slot = {0};

    while (facts_next_slot(f, &slot)) {
        const struct fact_seen *seen =
            facts_find_seen(f, slot.reader, slot.number);

        if (seen != NULL && (seen->state & FACTS_EMPTY) &&
            facts_connections(f, &slot.addr) > 0)
            say_silent(&slot, out);
    }
}

/* Everything is there but a card. */
void
check_card_none(const struct facts *f, struct findings *out)
{
    struct finding *finding;

    if (facts_has_card(f) || !facts_served(f) || findings_fault(out) != NULL)
        return;
    finding = finding_add(out, LEVEL_NOTE, "no card is in any reader");
    finding_why(finding, "Readers and daemon are ready for one.");
    if (f->fronts > 0)
        finding_try(finding, "vicc -v --%s \"$%s\"",
                    f->front[0].addr.listen ? "listen" : "connect",
                    f->front[0].name);
    else
        finding_try(finding, "vicc -v    (a card for the usual port)");
}
