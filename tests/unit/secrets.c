/*
 * secrets.c - see secrets.h.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "secrets.h"

#include "memory.h"
#include "unit.h"

static const struct secrets *wanted;
static unsigned seen;

static void
look(struct bytes block)
{
    size_t i;

    for (i = 0; i < wanted->count; i++)
        if (memmem(block.p, block.n, wanted->bytes[i], SECRET_SIZE) != NULL)
            seen |= 1U << i;
}

void
check_secrets(struct card *(*make)(void), const struct exchange *list,
              size_t count, const struct secrets *secrets)
{
    struct card *card;

    wanted = secrets;
    seen = 0;
    memory_on_free(look);
    card = make();
    run_exchanges(card, list, count);
    forget_transmitted();
    card_power(card, CARD_RESET);
    memory_on_free(NULL);
    assert_int_equal(seen, 0);
    memory_each(look); /* that they are found where they are */
    assert_int_equal(seen, secrets->kept);
    seen = 0;
    memory_on_free(look);
    card_free(&card);
    memory_on_free(NULL);
    assert_int_equal(seen, 0);
}
