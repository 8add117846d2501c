/*
 * transmit.c - the way of a command: secure messaging, chaining, dispatch,
 * commit, and its answer.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>

#include <vicc/cos.h>
#include <vicc/wipe.h>

#include "cos/internal.h"
#include "cos/key.h"
#include "cos/sm.h"

#define SW_SIZE 2

sw_t
sw_from_errno(int err)
{
    return err == 0         ? SW_OK
           : err == -ENOMEM ? SW_MEMORY_FAILURE
           : err == -ENOSPC ? SW_NOT_ENOUGH_MEMORY
                            : SW_UNKNOWN;
}

struct channel *
channel_of(struct card *card, const struct capdu *c)
{
    return card->channel[c->channel];
}

/* 7816-4:2013 5.4.1: what the class byte asks for, and is not there. */
static sw_t
check_class(const struct card *card, const struct capdu *c)
{
    if (c->channel >= CHANNELS || card->channel[c->channel] == NULL)
        return SW_CHANNEL_NOT_SUPPORTED;
    return SW_OK;
}

enum cos_protocol
protocol_of(const struct card *card)
{
    return card->protection.how != 0 && card->protocol == PROTOCOL_T0
               ? PROTOCOL_BOTH
               : card->protocol;
}

/* How many of the n response bytes leave now; the others are kept. */
static size_t
leaving_now(const struct card *card, const struct capdu *c, size_t n)
{
    if (protocol_of(card) == PROTOCOL_T0 && c->data.n != 0)
        return 0; /* ISO/IEC 7816-3:2006 12.2.1, case 4S.2 */
    if (card->protocol == PROTOCOL_AT_ONCE && c->ne == 0)
        return n;
    if (card->protocol == PROTOCOL_NO_LE && c->ne == 0)
        return n < NE_MAX_SHORT || c->extended ? n : NE_MAX_SHORT;
    return n < c->ne ? n : c->ne;
}

sw_t
fit_response(struct card *card, const struct capdu *c, struct buf *rsp, sw_t sw)
{
    size_t n = rsp->n;
    size_t now = leaving_now(card, c, n);
    struct bytes rest = bytes_slice(buf_bytes(rsp), now, n);

    if (rsp->overrun)
        return SW_UNKNOWN;
    if (protocol_of(card) == PROTOCOL_T0 && c->data.n == 0 && c->ne != 0 &&
        n != c->ne && n != 0 && n <= NE_MAX_SHORT)
        return SW_CORRECT_LE(n); /* case 2S.3 */
    if (rest.n == 0)
        return sw;
    if (card->protocol == PROTOCOL_T1 && c->ne == 0)
        ; /* no Le field: no data, whatever there is */
    else if (kept_set(card, channel_of(card, c), rest, sw) != 0)
        sw = SW_MEMORY_FAILURE;
    else
        sw = SW_MORE_DATA(rest.n);
    rsp->n = now;
    wipe(rsp->p + now, rest.n); /* the room is the host's */
    return sw;
}

/* Changes last with the answer that says so, or not at all. */
static sw_t
end_command(struct card *card, struct buf *rsp, sw_t sw)
{
    if (sw_is_completed(sw) && state_commit(&card->state) != 0)
        sw = SW_MEMORY_FAILURE;
    if (sw_is_completed(sw))
        return sw;
    state_rollback(&card->state);
    wipe(rsp->p, rsp->n);
    buf_clear(rsp);
    return sw;
}

/*
 * A command that fails, be it that its changes cannot be kept, leaves the
 * selection as it was, has no response, begins no session, and nobody is
 * trusted by it.
 */
static void
take_back(struct card *card, struct channel *channel,
          const struct selection *before)
{
    channel->now = *before;
    kept_forget(&channel->kept);
    kept_forget(&channel->sm_kept);
    references_revoke(card);
    keys_revoke(card);
    if (channel->began_session)
        sm_end(card, channel);
}

static sw_t
run_selected(struct card *card, const struct command *command,
             const struct capdu *c, const struct capdu *carrier,
             struct buf *rsp)
{
    struct channel *channel = channel_of(card, c);
    struct selection before = channel->now;
    sw_t sw;

    kept_forget(&channel->kept);
    kept_forget(&channel->sm_kept);
    channel->began_session = false;
    references_mark(card);
    keys_mark(card);
    card->running = c;
    sw = command->run(card, c, rsp);
    card->running = NULL;
    if (sw_is_completed(sw))
        sw = fit_response(card, carrier, rsp, sw);
    sw = end_command(card, rsp, sw);
    if (card->channel[c->channel] == NULL)
        return sw; /* the command closed it */
    if (!sw_is_completed(sw))
        take_back(card, channel, &before);
    crypto_state_settle(&channel->crypto, sw_is_completed(sw));
    chain_forget(channel); /* its data may be secret */
    return sw;
}

/*
 * GET RESPONSE and ENVELOPE belong to the transport: what waits on the
 * channel, the one fetches, and the other gathers.
 */
static sw_t
run_line(struct card *card, const struct command *command,
         const struct capdu *c, const struct capdu *carrier, struct buf *rsp)
{
    struct channel *channel = channel_of(card, c);

    if (command->run == cos_envelope)
        return cos_envelope(card, c, rsp);
    buf_wipe_free(&channel->envelope); /* another command ends the string */
    if (command->run == cos_get_response)
        return cos_get_response(card, c, rsp);
    return run_selected(card, command, c, carrier, rsp);
}

sw_t
run_unprotected(struct card *card, struct capdu *c, const struct capdu *carrier,
                struct buf *rsp)
{
    const struct command *command;
    bool class_known;
    bool more;
    sw_t sw;

    command = find_command(card, c, &class_known);
    if (command == NULL && !class_known)
        return SW_CLA_NOT_SUPPORTED;
    if (card_is_terminated(card))
        return SW_CONDITIONS_NOT_SATISFIED;
    if (command == NULL)
        return SW_INS_NOT_SUPPORTED;
    if (command->run == cos_get_response &&
        kept_is_there(kept_of(card, channel_of(card, c))))
        return run_line(card, command, c, carrier, rsp); /* amid a chain */
    sw = chain_take(card, c, &more);
    if (sw_is(sw, SW_LAST_COMMAND_EXPECTED) && card->own_classes)
        sw = chain_take(card, c, &more); /* no word of 7816-4 */
    if (!sw_is(sw, SW_OK) || more)
        return sw;
    return run_line(card, command, c, carrier, rsp);
}

sw_t
run_command(struct card *card, struct capdu *c, const struct capdu *carrier,
            struct buf *rsp)
{
    bool class_known;
    sw_t sw;

    find_command(card, c, &class_known);
    if (!class_known)
        return SW_CLA_NOT_SUPPORTED;
    if (!sw_is(sw = check_class(card, c), SW_OK))
        return sw;
    if (c->sm != SM_NONE)
        return sm_run(card, c, carrier, rsp);
    if (!sw_is(sw = sm_see_plain(card, c), SW_OK))
        return sw;
    return run_unprotected(card, c, carrier, rsp);
}

int
card_transmit(struct card *card, struct bytes command, struct buf *response)
{
    struct buf rsp = {response->p + response->n, 0,
                      buf_room(response) - SW_SIZE, false};
    struct capdu c;
    sw_t sw = SW_WRONG_LENGTH;

    card->wait_ms = 0;
    if (card->type->raw != NULL)
        return card->type->raw->transmit(card, command, response);
    /* T=0 has one byte for a length, ISO/IEC 7816-3:2006 12.2 */
    if (capdu_parse(command, &c) &&
        !(card->protocol == PROTOCOL_T0 && c.extended))
        sw = run_command(card, &c, &c, &rsp);
    response->n += rsp.n;
    buf_put_u16(response, sw.code);
    return 0;
}
