/*
 * access_expanded.c - access rules in expanded format: access mode data
 * objects, each followed by security condition data objects. ISO/IEC
 * 7816-4:2013 9.3.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/tlv.h>

#include "cos/access_rule.h"
#include "cos/authentication.h"

#define NESTING_MAX 8 /* OR, AND and NOT templates in each other */

/* Security condition byte. */
enum {
    CONDITION_ALWAYS = 0x00,
    CONDITION_NEVER = 0xFF,
    CONDITION_ALL = 0x80, /* all of the three below, not one of them */
    CONDITION_SM = 0x40,
    CONDITION_EXTERNAL = 0x20,
    CONDITION_USER = 0x10,
    CONDITION_ENVIRONMENT = 0x0F, /* 0: none named; 15 is reserved */
};

/* Usage qualifier, DO 95 in a control reference template. */
enum {
    USAGE_EXTERNAL = 0x80,
    USAGE_PASSWORD = 0x08,
    USAGE_BIOMETRIC = 0x04,
};

static bool
holds(const struct access_request *request, struct authentication *wanted)
{
    if (request->card == NULL)
        return false;
    wanted->df = access_df(request->file);
    return authentication_holds(request->card, request->channel, wanted);
}

static enum verdict
verdict_of(bool granted)
{
    return granted ? VERDICT_YES : VERDICT_NO;
}

enum verdict
access_weigh_byte(const struct access_request *request, uint8_t condition)
{
    static const struct {
        uint8_t bit;
        enum authentication_kind kind;
    } wants[] = {
        {CONDITION_SM, AUTHENTICATION_SM},
        {CONDITION_EXTERNAL, AUTHENTICATION_EXTERNAL},
        {CONDITION_USER, AUTHENTICATION_USER},
    };
    struct authentication wanted = {.environment =
                                        condition & CONDITION_ENVIRONMENT};
    bool all = true;
    bool any = false;
    size_t i;

    if (condition == CONDITION_ALWAYS || condition == CONDITION_NEVER)
        return verdict_of(condition == CONDITION_ALWAYS);
    if (wanted.environment == CONDITION_ENVIRONMENT ||
        (condition & (CONDITION_SM | CONDITION_EXTERNAL | CONDITION_USER)) == 0)
        return VERDICT_MALFORMED;
    for (i = 0; i < sizeof(wants) / sizeof(wants[0]); i++) {
        if ((condition & wants[i].bit) == 0)
            continue;
        wanted.kind = wants[i].kind;
        if (holds(request, &wanted))
            any = true;
        else
            all = false;
    }
    return verdict_of((condition & CONDITION_ALL) != 0 ? all : any);
}

/* 83, reference of the PIN or key, and 95, usage qualifier. */
static bool
parse_crt(struct bytes crt, struct authentication *wanted)
{
    struct tlv t;

    while (tlv_next(&crt, &t)) {
        if (t.tag == 0x83)
            wanted->reference = t.value;
        else if (t.tag == 0x95 && t.value.n == 1)
            wanted->usage = t.value.p[0];
        else
            return false; /* a wish that nobody could see to */
    }
    return crt.n == 0;
}

/* A4: one of the authentications that its usage qualifier names. */
static enum verdict
weigh_authentication(const struct access_request *request,
                     const struct tlv *condition, int depth)
{
    static const struct {
        uint8_t bit;
        enum authentication_kind kind;
    } usages[] = {
        {USAGE_EXTERNAL, AUTHENTICATION_EXTERNAL},
        {USAGE_PASSWORD, AUTHENTICATION_USER},
        {USAGE_BIOMETRIC, AUTHENTICATION_BIOMETRIC},
    };
    struct authentication wanted = {.tag = 0xA4};
    enum verdict verdict = VERDICT_MALFORMED;
    size_t i;

    (void)depth;
    if (!parse_crt(condition->value, &wanted))
        return VERDICT_MALFORMED;
    for (i = 0; i < sizeof(usages) / sizeof(usages[0]); i++) {
        if ((wanted.usage & usages[i].bit) == 0)
            continue;
        wanted.kind = usages[i].kind;
        if (verdict != VERDICT_YES)
            verdict = verdict_of(holds(request, &wanted));
    }
    return verdict;
}

/* B4, B6, B8: secure messaging with a checksum, signature, cryptogram. */
static enum verdict
weigh_sm(const struct access_request *request, const struct tlv *condition,
         int depth)
{
    struct authentication wanted = {.kind = AUTHENTICATION_SM,
                                    .tag = (uint8_t)condition->tag};

    (void)depth;
    if (!parse_crt(condition->value, &wanted))
        return VERDICT_MALFORMED;
    return verdict_of(holds(request, &wanted));
}

/* 90 and 97 */
static enum verdict
weigh_constant(const struct access_request *request,
               const struct tlv *condition, int depth)
{
    (void)request;
    (void)depth;
    if (condition->value.n != 0)
        return VERDICT_MALFORMED;
    return verdict_of(condition->tag == 0x90);
}

/* 9E */
static enum verdict
weigh_byte_object(const struct access_request *request,
                  const struct tlv *condition, int depth)
{
    (void)depth;
    if (condition->value.n != 1)
        return VERDICT_MALFORMED;
    return access_weigh_byte(request, condition->value.p[0]);
}

static enum verdict weigh_condition(const struct access_request *request,
                                    const struct tlv *condition, int depth);

/*
 * A0, one of the conditions; AF, all of them; A7, none of them. All are
 * looked at, so that a malformed one is found wherever it stands.
 */
static enum verdict
weigh_template(const struct access_request *request,
               const struct tlv *condition, int depth)
{
    struct bytes conditions = condition->value;
    bool all = true;
    bool any = false;
    struct tlv t;
    enum verdict verdict;

    if (conditions.n == 0 || depth == NESTING_MAX)
        return VERDICT_MALFORMED;
    while (tlv_next(&conditions, &t)) {
        verdict = weigh_condition(request, &t, depth + 1);
        if (verdict == VERDICT_MALFORMED)
            return verdict;
        any = any || verdict == VERDICT_YES;
        all = all && verdict == VERDICT_YES;
    }
    if (conditions.n != 0)
        return VERDICT_MALFORMED;
    return verdict_of(condition->tag == 0xA0   ? any
                      : condition->tag == 0xAF ? all
                                               : !any);
}

static const struct {
    uint32_t tag;
    enum verdict (*weigh)(const struct access_request *request,
                          const struct tlv *condition, int depth);
} conditions[] = {
    {0x90, weigh_constant},
    {0x97, weigh_constant},
    {0x9E, weigh_byte_object},
    {0xA0, weigh_template},
    {0xA4, weigh_authentication},
    {0xA7, weigh_template},
    {0xAF, weigh_template},
    {0xB4, weigh_sm},
    {0xB6, weigh_sm},
    {0xB8, weigh_sm},
};

static enum verdict
weigh_condition(const struct access_request *request,
                const struct tlv *condition, int depth)
{
    size_t i;

    for (i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++)
        if (conditions[i].tag == condition->tag)
            return conditions[i].weigh(request, condition, depth);
    return VERDICT_MALFORMED;
}

/* 80: an access mode byte. Its b8 gives b7 to b4 a meaning of their own. */
static bool
names_mode(const struct access_request *request, uint8_t modes)
{
    if ((modes & 0x80) != 0)
        modes &= 0x07;
    return (modes & (uint8_t)request->mode) != 0;
}

/* 81 to 8F: b4 to b1 of the tag tell which of CLA, INS, P1, P2 are listed. */
static bool
names_command(const struct access_request *request, const struct tlv *mode)
{
    const struct capdu *c =
        request->card == NULL ? NULL : request->card->running;
    struct bytes list = mode->value;
    uint8_t wanted;
    bool same;
    int bit;

    while (c != NULL && list.n != 0) {
        const uint8_t header[] = {c->cla, c->ins, c->p1, c->p2};
        const uint8_t *field = header;

        same = true;
        for (bit = 0x08; bit != 0; bit >>= 1, field++)
            if ((mode->tag & (uint32_t)bit) != 0 &&
                (!bytes_take_u8(&list, &wanted) || wanted != *field))
                same = false;
        if (same)
            return true;
    }
    return false;
}

static bool
is_mode(const struct tlv *t)
{
    return (t->tag >= 0x80 && t->tag <= 0x8F) || t->tag == 0x9C;
}

static bool
is_mode_valid(const struct tlv *mode)
{
    unsigned fields = (unsigned)__builtin_popcount(mode->tag & 0x0F);

    if (mode->tag == 0x80)
        return mode->value.n == 1;
    if (mode->tag == 0x9C)
        return true;
    return mode->value.n != 0 && mode->value.n % fields == 0;
}

/* 9C, a proprietary description, describes nothing that is here. */
static bool
names_access(const struct access_request *request, const struct tlv *mode)
{
    if (mode->tag == 0x80)
        return names_mode(request, mode->value.p[0]);
    return mode->tag != 0x9C && names_command(request, mode);
}

/*
 * The conditions behind one access mode are alternatives, and so are rules
 * for the same access. Several access modes may stand before conditions.
 */
enum verdict
access_weigh_expanded(const struct access_request *request, struct bytes rules)
{
    enum verdict verdict = VERDICT_NONE;
    enum verdict one;
    bool is_named = false;
    bool after_mode = false;
    bool any_mode = false;
    struct tlv t;

    while (tlv_next(&rules, &t)) {
        if (is_mode(&t)) {
            if (!is_mode_valid(&t))
                return VERDICT_MALFORMED;
            is_named = (after_mode && is_named) || names_access(request, &t);
            after_mode = any_mode = true;
            continue;
        }
        after_mode = false;
        one = weigh_condition(request, &t, 0);
        if (one == VERDICT_MALFORMED || !any_mode)
            return VERDICT_MALFORMED;
        if (is_named && one > verdict)
            verdict = one;
    }
    return rules.n != 0 || after_mode ? VERDICT_MALFORMED : verdict;
}
