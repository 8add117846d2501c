/*
 * get_response.c - response data that wait, and the command that fetches it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdlib.h>

#include <vicc/cos.h>

#include "cos/internal.h"

bool
kept_is_there(const struct kept *kept)
{
    return kept->data.n != kept->from;
}

struct kept *
kept_of(const struct card *card, struct channel *channel)
{
    return card->protection.how != 0 ? &channel->sm_kept : &channel->kept;
}

int
kept_set(const struct card *card, struct channel *channel, struct bytes data,
         sw_t sw)
{
    struct kept *kept = kept_of(card, channel);
    uint8_t *p = malloc(data.n);

    if (p == NULL)
        return -ENOMEM;
    memcpy(p, data.p, data.n);
    kept_forget(kept);
    *kept = (struct kept){{p, data.n, data.n, false}, 0, sw, card->protection};
    return 0;
}

void
kept_forget(struct kept *kept)
{
    buf_wipe_free(&kept->data);
    kept->from = 0;
}

/* The rest of an answer is no less protected than its beginning. */
static bool
is_as_protected(const struct protection *own, const struct protection *wanted)
{
    return (wanted->how & ~own->how) == 0 &&
           protection_has_same_keys(own, wanted);
}

/* ISO/IEC 7816-4:2013 11.4.1 */
sw_t
cos_get_response(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct kept *kept = kept_of(card, channel_of(card, c));
    struct bytes left = bytes_slice(buf_bytes(&kept->data), kept->from, c->ne);
    size_t more = kept->data.n - kept->from - left.n;
    sw_t sw = kept->sw;

    if (c->p1 != 0 || c->p2 != 0)
        return SW_WRONG_P1_P2;
    if (c->data.n != 0 || c->ne == 0)
        return SW_WRONG_LENGTH;
    if (!kept_is_there(kept))
        return SW_CONDITIONS_NOT_SATISFIED;
    if (!is_as_protected(&card->protection, &kept->protection))
        return SW_SECURITY_NOT_SATISFIED;
    if (protocol_of(card) == PROTOCOL_T0 && !c->ne_open && left.n < c->ne)
        return SW_CORRECT_LE(left.n);
    buf_put(rsp, left);
    kept->from += left.n;
    if (more != 0)
        return SW_MORE_DATA(more);
    kept_forget(kept);
    return sw;
}
