/*
 * fault.c - the rules of one card: which is due, under a lock.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "fault/private.h"

#include <errno.h>
#include <stdlib.h>

int
fault_new(struct fault **out)
{
    struct fault *f = calloc(1, sizeof(*f));

    *out = f;
    if (f == NULL)
        return -ENOMEM;
    pthread_mutex_init(&f->lock, NULL);
    return 0;
}

static void
free_rules(struct fault *f)
{
    while (f->n > 0)
        free(f->rule[--f->n]);
}

void
fault_free(struct fault **fault)
{
    if (*fault == NULL)
        return;
    free_rules(*fault);
    pthread_mutex_destroy(&(*fault)->lock);
    free(*fault);
    *fault = NULL;
}

/* After each change; the lock is held. */
static void
unlock(struct fault *f)
{
    atomic_store(&f->busy, f->n != 0 || f->mute || f->reset_due);
    pthread_mutex_unlock(&f->lock);
}

int
fault_add(struct fault *fault, const struct fault_rule *rule)
{
    struct fault_entry *entry = malloc(sizeof(*entry));
    int err = entry == NULL ? -ENOMEM : 0;

    pthread_mutex_lock(&fault->lock);
    if (err == 0 && fault->n == FAULT_RULES_MAX)
        err = -ENOSPC;
    if (err == 0) {
        *entry = (struct fault_entry){.rule = *rule};
        fault->rule[fault->n++] = entry;
        entry = NULL;
    }
    unlock(fault);
    free(entry);
    return err;
}

void
fault_clear(struct fault *fault)
{
    pthread_mutex_lock(&fault->lock);
    free_rules(fault);
    fault->mute = fault->reset_due = false;
    unlock(fault);
}

void
fault_mute(struct fault *fault, unsigned ms)
{
    pthread_mutex_lock(&fault->lock);
    fault->mute = true;
    fault->patience_ms = ms;
    unlock(fault);
}

void
fault_reset(struct fault *fault)
{
    pthread_mutex_lock(&fault->lock);
    fault->reset_due = true;
    unlock(fault);
}

void
fault_begin(struct fault *fault)
{
    pthread_mutex_lock(&fault->lock);
    fault->mute = fault->reset_due = false;
    unlock(fault);
}

bool
fault_is_idle(const struct fault *fault)
{
    return !atomic_load(&fault->busy);
}

bool
fault_is_mute(struct fault *f)
{
    bool mute;

    pthread_mutex_lock(&f->lock);
    mute = f->mute;
    pthread_mutex_unlock(&f->lock);
    return mute;
}

size_t
fault_rules(struct fault *f)
{
    size_t n;

    pthread_mutex_lock(&f->lock);
    n = f->n;
    pthread_mutex_unlock(&f->lock);
    return n;
}

bool
fault_rule_at(struct fault *f, size_t i, struct fault_rule *rule,
              struct fault_count *count)
{
    bool found;

    pthread_mutex_lock(&f->lock);
    found = i < f->n;
    if (found) {
        *rule = f->rule[i]->rule;
        *count = f->rule[i]->count;
    }
    pthread_mutex_unlock(&f->lock);
    return found;
}

void
fault_watch(struct fault *fault, void (*say)(void *ctx, const char *rule),
            void *ctx)
{
    fault->say = say;
    fault->say_ctx = ctx;
}

/* Counts a match; is it one of those that the rule is for? */
static bool
is_due(struct fault_entry *entry)
{
    const struct fault_rule *rule = &entry->rule;

    entry->count.matched++;
    return entry->count.matched >= rule->first &&
           (rule->last == FAULT_EVERY || entry->count.matched <= rule->last);
}

/* Delays add up; of all others the first one acts. */
static void
apply(struct fault_entry *entry, struct fault_verdict *v)
{
    const struct fault_rule *rule = &entry->rule;

    if (rule->act == FAULT_DELAY)
        v->delay_ms[rule->late] += rule->ms;
    else if (v->acts)
        return;
    else
        v->rule = *rule;
    v->acts = v->acts || rule->act != FAULT_DELAY;
    entry->count.fired++;
}

void
fault_judge(struct fault *f, enum fault_event event, struct bytes message,
            struct fault_verdict *v)
{
    size_t i;

    v->acts = v->reset = false;
    v->delay_ms[0] = v->delay_ms[1] = 0;
    pthread_mutex_lock(&f->lock);
    /* A card that gets power, or a reset, answers: ISO/IEC 7816-3 6.2. */
    if (event != FAULT_ON_COMMAND && event != FAULT_ON_ATR)
        f->mute = f->reset_due = false;
    v->mute = f->mute;
    v->patience_ms = f->patience_ms;
    if (event == FAULT_ON_COMMAND && !v->mute) {
        v->reset = f->reset_due;
        f->reset_due = false;
    }
    for (i = 0; i < f->n && !v->mute; i++)
        if (fault_rule_matches(&f->rule[i]->rule, event, message) &&
            is_due(f->rule[i]))
            apply(f->rule[i], v);
    unlock(f);
}
