/*
 * deck.h - the cards of one program: made from the command line, watched,
 * and served by a thread each.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TOOLS_DECK_H
#define TOOLS_DECK_H

#include "options.h"
#include "vicc/host.h"

struct deck;

/*
 * Makes the cards that the options name, or loads them, with -v, --trace and
 * --secrets as they say. quiet: no news of connections unless -v. Says on
 * stderr what went wrong. Returns 0 or the exit code (tools/status.h).
 */
int deck_new(struct options *options, bool quiet, struct deck **out);

size_t deck_count(const struct deck *deck);

/* Those whose changes are lost at the end. */
size_t deck_count_volatile(const struct deck *deck);

/* Card `i`, from 0; borrowed until deck_free(). */
struct card *deck_card(const struct deck *deck, size_t i);
const struct host_observer *deck_observer(const struct deck *deck, size_t i);

/*
 * Serves card `i` at `address` moved on by `slot` (see host_new()). A
 * listening card is bound when this returns. Signals that must reach the
 * main thread only are blocked before the call. Returns 0 or the exit code,
 * having said why. `fault` disturbs it, and is borrowed until
 * deck_free().
 */
int deck_serve(struct deck *deck, size_t i, const char *address, unsigned slot,
               struct fault *fault);

/* The host of card `i`, NULL before that; and the card in a word. */
struct host *deck_host(const struct deck *deck, size_t i);
const char *deck_name(const struct deck *deck, size_t i);

/* The middleman of card `i`, or NULL; borrowed until deck_free(). */
struct mitm *deck_mitm(const struct deck *deck, size_t i);

/*
 * Without a reader: returns when card `i` is there, which may take its time
 * for a relayed one. Returns 0 or the exit code, having said why.
 */
int deck_await(struct deck *deck, size_t i);

/* Becomes readable when all cards, or one by a failure, have ended. */
int deck_fd(const struct deck *deck);

/* Stops and joins all threads. Returns 0, or the first failure's exit code. */
int deck_stop(struct deck *deck);

/* Accepts NULL; stops what still runs. */
void deck_free(struct deck **deck);

#endif
