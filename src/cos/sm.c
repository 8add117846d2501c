/*
 * sm.c - secure messaging: sessions, and the way of a command that is
 * protected. ISO/IEC 7816-4:2005 6.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/sm.h"

#include <errno.h>
#include <stdlib.h>

#include <vicc/wipe.h>

#include "cos/authentication.h"
#include "cos/key.h"

#define MAC_DEFAULT 8
#define MAC_MIN 4 /* 6.2.3.1 */
#define SM_ANY (SM_HAS_MAC | SM_HAS_CIPHER | SM_HAS_SIGNATURE)

static bool
is_key(const struct sm_session *session, size_t n)
{
    return n == 0 || n == 16 ||
           (session->suite == SM_AES && (n == 24 || n == 32));
}

static bool
is_usable(const struct sm_session *session)
{
    unsigned flags = session->flags;

    return is_key(session, session->enc_n) && is_key(session, session->mac_n) &&
           ((flags & SM_WANTS_MAC) == 0 || session->mac_n != 0) &&
           ((flags & SM_WANTS_CIPHER) == 0 || session->enc_n != 0) &&
           (session->checksum_n == 0 ||
            (session->checksum_n >= MAC_MIN &&
             session->checksum_n <= (session->suite == SM_DES ? 8 : 16)));
}

int
cos_install_sm(struct card *card, const struct capdu *c,
               const struct sm_session *session)
{
    struct channel *channel = channel_of(card, c);
    int err = sm_install(channel, session);

    channel->began_session = err == 0;
    return err;
}

void
cos_set_sm_plain(struct card *card, enum sm_plain plain)
{
    card->sm_plain = plain;
}

int
sm_install(struct channel *channel, const struct sm_session *session)
{
    struct sm *sm = channel->sm;

    if (!is_usable(session))
        return -EINVAL;
    if (sm == NULL && (sm = calloc(1, sizeof(*sm))) == NULL)
        return -ENOMEM;
    sm->session = *session;
    if (session->checksum_n == 0)
        sm->session.checksum_n = MAC_DEFAULT;
    channel->sm = sm;
    return 0;
}

/* Buffers keep their room, and nothing in it. */
static void
forget_command(struct sm *sm)
{
    pkey_free(&sm->signer);
    sm->hash = DIGEST_NONE;
    wipe(sm->text.p, sm->text.cap);
    wipe(sm->plain.p, sm->plain.cap);
}

void
sm_free(struct sm **sm_p)
{
    struct sm *sm = *sm_p;

    if (sm == NULL)
        return;
    forget_command(sm);
    free(sm->text.p);
    free(sm->plain.p);
    wipe(sm, sizeof(*sm));
    free(sm);
    *sm_p = NULL;
}

static bool
is_static(const struct sm *sm)
{
    return sm == NULL || (sm->session.flags & SM_IS_STATIC) != 0;
}

/* With the session goes what was proved while it lasted. */
void
sm_end(struct card *card, struct channel *channel)
{
    void (*ended)(struct card *, unsigned);

    if (channel->sm == NULL)
        return;
    kept_forget(&channel->sm_kept);
    if (is_static(channel->sm))
        return;
    ended = channel->sm->session.ended;
    sm_free(&channel->sm);
    chain_forget(channel);
    references_reset(card, channel->number);
    keys_reset(card, channel->number);
    if (ended != NULL)
        ended(card, channel->number);
}

void
sm_leave(struct card *card, struct channel *channel)
{
    const struct sm *sm = channel->sm;

    if (!is_static(sm) && sm->session.df != NULL &&
        !file_is_within(channel->now.df, sm->session.df))
        sm_end(card, channel);
}

/* What carries others is no command to the card itself. */
static bool
is_transport(const struct channel *channel, const struct capdu *c)
{
    return (c->ins == INS_GET_RESPONSE && kept_is_there(&channel->kept)) ||
           (c->ins & 0xFE) == INS_ENVELOPE;
}

/* ICAO Doc 9303-11 9.8.8: a plain command ends the session. */
sw_t
sm_see_plain(struct card *card, const struct capdu *c)
{
    struct channel *channel = channel_of(card, c);

    if (is_static(channel->sm) || card->sm_plain == SM_PLAIN_ALLOWED ||
        is_transport(channel, c))
        return SW_OK;
    sm_end(card, channel);
    return card->sm_plain == SM_PLAIN_REFUSED ? SW_SM_OBJECTS_MISSING : SW_OK;
}

/* The session for a command, or else the keys that the card has for it. */
static sw_t
find_session(struct card *card, struct channel *channel, const struct capdu *c,
             uint8_t *environment)
{
    struct sm_session own, answer;
    sw_t sw;
    int err;

    *environment = authentication_environment(channel);

    if (c->sm == SM_PROPRIETARY || (c->ins & 0xFE) == INS_ENVELOPE)
        return SW_SM_NOT_SUPPORTED;
    if (!is_static(channel->sm))
        return SW_OK;
    sw = sm_static_session(card, channel, c, &own, &answer, environment);
    if (sw_is(sw, SW_OK) && !is_usable(&answer))
        sw = SW_CONDITIONS_NOT_SATISFIED;
    if (sw_is(sw, SW_OK) && (err = sm_install(channel, &own)) != 0)
        sw = err == -EINVAL ? SW_CONDITIONS_NOT_SATISFIED : sw_from_errno(err);
    if (sw_is(sw, SW_OK)) {
        channel->sm->answer = answer;
        channel->sm->answer.checksum_n = MAC_DEFAULT;
    }
    wipe(&own, sizeof(own));
    wipe(&answer, sizeof(answer));
    return sw;
}

/* The session is nobody else's while its command runs. */
static sw_t
run_inside(struct card *card, const struct sm *sm, struct sm_command *command,
           struct buf *rsp)
{
    struct buf inside = {rsp->p, 0, buf_room(rsp) - sm_overhead(sm, command),
                         false};
    sw_t sw;

    card->protection = command->protection;
    sw = run_unprotected(card, &command->plain, &command->plain, &inside);
    card->protection = (struct protection){0};
    rsp->n = inside.n;
    return sw;
}

/*
 * Gives the session back to its channel, unless the command closed that or
 * began another session. One that a failed command began does not count.
 */
static void
give_back(struct channel *channel, struct sm *sm, sw_t sw)
{
    forget_command(sm);
    if (channel != NULL && channel->sm != NULL && !sw_is_completed(sw))
        sm_free(&channel->sm);
    if (channel == NULL || channel->sm != NULL)
        sm_free(&sm);
    else
        channel->sm = sm;
}

sw_t
sm_run(struct card *card, const struct capdu *c, const struct capdu *carrier,
       struct buf *rsp)
{
    struct channel *channel = channel_of(card, c);
    struct sm_command command;
    uint8_t environment;
    struct sm *sm;
    sw_t sw;
    int err;

    kept_forget(&channel->kept);
    channel->environment.once = c->data;
    sw = find_session(card, channel, c, &environment);
    if (sw_is(sw, SW_OK))
        sw = sm_unwrap(card, environment, c, &command);
    if (!sw_is(sw, SW_OK)) {
        channel->environment.once = bytes_of(NULL, 0);
        if (channel->sm != NULL)
            forget_command(channel->sm); /* as far as it was taken apart */
        sm_end(card, channel);
        return sw;
    }
    sm = channel->sm;
    channel->sm = NULL;
    sw = run_inside(card, sm, &command, rsp);
    err = sm_wrap(sm, &command, sw, rsp);
    channel = card->channel[c->channel];
    if (channel != NULL)
        channel->environment.once = bytes_of(NULL, 0);
    give_back(channel, sm, sw);
    if (channel != NULL)
        sm_leave(card, channel); /* this answer was still protected */
    if (err != 0)
        sw = sw_from_errno(err);
    if (err != 0 && channel != NULL)
        sm_end(card, channel);
    return err != 0 || channel == NULL ? sw
                                       : fit_response(card, carrier, rsp, sw);
}

/*
 * The keys count where the rule is, and so does their reference: it names the
 * same key there as where they were found.
 */
static bool
are_meant(struct card *card, const struct authentication *wanted, uint8_t own)
{
    const struct protection *used = &card->protection;
    struct bytes reference = wanted->reference;

    if (used->df != NULL && !file_is_within(wanted->df, used->df))
        return false;
    return reference.n == 0 || (reference.n == 1 && reference.p[0] == own &&
                                key_find_from(card, wanted->df, reference) ==
                                    key_find_from(card, used->from, reference));
}

bool
sm_protects(struct card *card, const struct channel *channel,
            const struct authentication *wanted)
{
    const struct protection *used = &card->protection;
    unsigned bits = wanted->tag == CRT_CHECKSUM          ? SM_HAS_MAC
                    : wanted->tag == CRT_CONFIDENTIALITY ? SM_HAS_CIPHER
                    : wanted->tag == CRT_SIGNATURE       ? SM_HAS_SIGNATURE
                                                         : SM_ANY;
    uint8_t own = wanted->tag == CRT_CONFIDENTIALITY ? used->enc_reference
                  : wanted->tag == CRT_SIGNATURE     ? used->signature_reference
                                                     : used->mac_reference;

    if (card->running == NULL || card->running->channel != channel->number)
        return false;
    return (used->how & bits) != 0 && are_meant(card, wanted, own);
}
