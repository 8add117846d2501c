/*
 * power_cut.c - see power_cut.h.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "power_cut.h"

#include <errno.h>
#include <setjmp.h>
#include <string.h>

#include "cos/internal.h"
#include "exchange.h"

char events[16];

static char cut_at;
static int cut_number;
static bool cut_is_fail;
static jmp_buf power_cut;

bool __real_vicc_equal_ct(struct bytes a, struct bytes b);
bool __wrap_vicc_equal_ct(struct bytes a, struct bytes b);
int __real_state_commit(struct state *state);
int __wrap_state_commit(struct state *state);

static bool
is_cut(char event)
{
    size_t n = strlen(events);

    if (event != cut_at || cut_number == 0 || --cut_number != 0) {
        if (n + 1 < sizeof(events))
            events[n++] = event;
        events[n] = '\0';
        return false;
    }
    if (!cut_is_fail)
        longjmp(power_cut, 1);
    return true;
}

bool
__wrap_vicc_equal_ct(struct bytes a, struct bytes b)
{
    is_cut('E');
    return __real_vicc_equal_ct(a, b);
}

int
__wrap_state_commit(struct state *state)
{
    return is_cut('C') ? -EIO : __real_state_commit(state);
}

uint16_t
transmit_cut(struct card *card, const char *command, char event, int number,
             bool fails)
{
    volatile uint16_t sw = 0;

    events[0] = '\0';
    cut_at = event;
    cut_number = number;
    cut_is_fail = fails;
    if (setjmp(power_cut) == 0) {
        sw = transmit_sw(card, command);
    } else { /* what has not been committed is lost */
        state_rollback(&card->state);
        card_power(card, CARD_ON);
    }
    cut_number = 0;
    return sw;
}
