/*
 * access.c - access conditions in words, made into security attributes:
 * ISO/IEC 7816-4:2013 9.3.
 *
 *   condition = always | never | factor { (and | or) factor }
 *   factor    = pin N | key N | not factor | ( condition )
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include <vicc/hex.h>
#include <vicc/tlv.h>

#include "profile/private.h"

#define LEVELS 6 /* of brackets and NOT */
#define EXPANDED_MAX 256
#define MODES 7 /* bits of an access mode byte */
#define USAGE_USER 0x08
#define USAGE_EXTERNAL 0x80
#define BYTE_USER 0x10 /* of a security condition byte */
#define BYTE_PIN_MAX 14

struct words {
    const char *at;
    char word[16]; /* the next one, or empty at the end */
    const char *why;
};

static void
next_word(struct words *w)
{
    size_t n = 0;

    while (*w->at == ' ')
        w->at++;
    if (*w->at == '(' || *w->at == ')')
        n = 1;
    else
        while (isalnum((unsigned char)w->at[n]))
            n++;
    if (n == 0 && *w->at != '\0')
        n = 1; /* which no rule has */
    if (n >= sizeof(w->word))
        n = sizeof(w->word) - 1;
    memcpy(w->word, w->at, n);
    w->word[n] = '\0';
    w->at += n;
}

static bool
is_word(const struct words *w, const char *word)
{
    return strcmp(w->word, word) == 0;
}

static bool
fail(struct words *w, const char *why)
{
    w->why = why;
    return false;
}

static bool parse_condition(struct words *w, int level, struct buf *out);

/* A4 with the reference (83) and the usage qualifier (95). */
static bool
parse_reference(struct words *w, uint8_t usage, struct buf *out)
{
    unsigned long number;
    char *end;
    size_t crt;

    next_word(w);
    number = strtoul(w->word, &end, 0);
    if (!isdigit((unsigned char)w->word[0]) || *end != '\0' || number > 0x9F ||
        (number & 0x60) != 0)
        return fail(w, "behind pin and key stands a number, 0 to 31 or 128 "
                       "to 159");
    crt = tlv_open(out, 0xA4);
    tlv_put_u8(out, 0x83, (uint8_t)number);
    tlv_put_u8(out, 0x95, usage);
    tlv_close(out, crt);
    next_word(w);
    return true;
}

static bool
parse_brackets(struct words *w, int level, struct buf *out)
{
    next_word(w);
    if (!parse_condition(w, level + 1, out))
        return false;
    if (!is_word(w, ")"))
        return fail(w, "a bracket is not closed");
    next_word(w);
    return true;
}

static bool
parse_factor(struct words *w, int level, struct buf *out)
{
    size_t not ;

    if (level == LEVELS)
        return fail(w, "too deep");
    if (is_word(w, "pin"))
        return parse_reference(w, USAGE_USER, out);
    if (is_word(w, "key"))
        return parse_reference(w, USAGE_EXTERNAL, out);
    if (is_word(w, "("))
        return parse_brackets(w, level, out);
    if (is_word(w, "always") || is_word(w, "never")) {
        tlv_put(out, is_word(w, "always") ? 0x90 : 0x97, bytes_of(NULL, 0));
        next_word(w);
        return true;
    }
    if (!is_word(w, "not"))
        return fail(w, "a condition is always, never, pin N, key N, and these "
                       "with and, or, not and brackets");
    not = tlv_open(out, 0xA7);
    next_word(w);
    if (!parse_factor(w, level + 1, out))
        return false;
    tlv_close(out, not );
    return true;
}

static bool
parse_condition(struct words *w, int level, struct buf *out)
{
    uint8_t room[EXPANDED_MAX];
    struct buf factors = BUF(room);
    char joint[sizeof(w->word)] = "";
    size_t all;

    if (!parse_factor(w, level, &factors))
        return false;
    while (is_word(w, "and") || is_word(w, "or")) {
        if (joint[0] != '\0' && !is_word(w, joint))
            return fail(w, "and beside or needs brackets");
        memcpy(joint, w->word, sizeof(joint));
        next_word(w);
        if (!parse_factor(w, level, &factors))
            return false;
    }
    if (factors.overrun)
        return fail(w, "the condition is too long");
    if (joint[0] == '\0') {
        buf_put(out, buf_bytes(&factors));
        return true;
    }
    all = tlv_open(out, strcmp(joint, "and") == 0 ? 0xAF : 0xA0);
    buf_put(out, buf_bytes(&factors));
    tlv_close(out, all);
    return true;
}

/* What a condition byte can say: always, never, and one PIN up to 14. */
static int
compact_byte(struct bytes expanded)
{
    struct tlv t, pin, usage;

    if (!tlv_next(&expanded, &t))
        return -1;
    if (t.tag == 0x90 || t.tag == 0x97)
        return t.tag == 0x90 ? 0x00 : 0xFF;
    if (t.tag == 0xA4 && tlv_find(t.value, 0x83, &pin) &&
        tlv_find(t.value, 0x95, &usage) && usage.value.p[0] == USAGE_USER &&
        pin.value.p[0] >= 1 && pin.value.p[0] <= BYTE_PIN_MAX)
        return BYTE_USER | pin.value.p[0];
    return -1;
}

/* One condition in words to an expanded one, and its compact byte or -1. */
static bool
parse_words(const char *words, struct buf *expanded, int *compact,
            const char **why)
{
    struct words w = {words, "", NULL};
    bool good;

    next_word(&w);
    good = parse_condition(&w, 0, expanded);
    if (good && w.word[0] != '\0')
        good = fail(&w, "behind the condition stands something else");
    if (good && expanded->overrun)
        good = fail(&w, "the condition is too long");
    *why = w.why;
    *compact = good ? compact_byte(buf_bytes(expanded)) : -1;
    return good;
}

static const char *const mode_names[3][MODES] = {
    {"read", "update", "write", "deactivate", "activate", "terminate",
     "delete"},
    {"delete-child", "create-ef", "create-df", "deactivate", "activate",
     "terminate", "delete"},
    {"use", "replace", NULL, NULL, NULL, NULL, NULL},
};

const char *
access_name(unsigned bit, enum access_of of)
{
    return mode_names[of][bit];
}

/* The access mode bit of a name, or 0. */
static uint8_t
find_mode(const char *name, enum access_of of)
{
    unsigned bit;

    for (bit = 0; bit < MODES; bit++)
        if (mode_names[of][bit] != NULL &&
            strcmp(name, mode_names[of][bit]) == 0)
            return (uint8_t)(1u << bit);
    return 0;
}

/* DO 8C: one access mode byte, and a byte for each bit, b7 first. */
static void
put_compact(const int byte_of[MODES], struct buf *out)
{
    uint8_t room[1 + MODES];
    struct buf value = BUF(room);
    uint8_t modes = 0;
    int bit;

    for (bit = 0; bit < MODES; bit++)
        modes |= (uint8_t)(byte_of[bit] >= 0 ? 1 << bit : 0);
    buf_put_u8(&value, modes);
    for (bit = MODES - 1; bit >= 0; bit--)
        if (byte_of[bit] >= 0)
            buf_put_u8(&value, (uint8_t)byte_of[bit]);
    tlv_put(out, 0x8C, buf_bytes(&value));
}

bool
access_put(const struct access_rule *rule, size_t count, struct buf *out,
           const char **why)
{
    uint8_t room[PROFILE_FCP_MAX];
    struct buf rules = BUF(room);
    int byte_of[MODES] = {-1, -1, -1, -1, -1, -1, -1};
    bool is_compact = true;
    int compact, bit;
    size_t i;

    for (i = 0; i < count; i++) {
        uint8_t one[EXPANDED_MAX];
        struct buf expanded = BUF(one);

        if (!parse_words(rule[i].words, &expanded, &compact, why))
            return false;
        tlv_put_u8(&rules, 0x80, rule[i].modes);
        buf_put(&rules, buf_bytes(&expanded));
        is_compact = is_compact && compact >= 0;
        for (bit = 0; bit < MODES; bit++)
            if ((rule[i].modes & 1 << bit) != 0)
                byte_of[bit] = compact;
    }
    if (is_compact)
        put_compact(byte_of, out);
    else
        tlv_put(out, 0xAB, buf_bytes(&rules));
    return true;
}

/*
 * The rule that says what these words say, `expanded`, so that one serves
 * several accesses.
 */
static struct access_rule *
find_rule(struct access_rule *rule, size_t *count, const char *words,
          struct bytes expanded)
{
    const char *why;
    int compact;
    size_t i;

    for (i = 0; i < *count; i++) {
        uint8_t room[EXPANDED_MAX];
        struct buf other = BUF(room);

        if (parse_words(rule[i].words, &other, &compact, &why) &&
            bytes_equal(buf_bytes(&other), expanded))
            return &rule[i];
    }
    rule[*count] = (struct access_rule){0, words};
    return &rule[(*count)++];
}

static const char *const of_names[] = {
    "an EF: read, update, write, deactivate, activate, terminate, delete",
    ("a DF: delete-child, create-ef, create-df, deactivate, activate, "
     "terminate, delete"),
    "a key: use, replace",
};

static int
take_rules(struct profile *p, const struct node *at, enum access_of of,
           struct buf *out)
{
    struct access_rule rule[MODES];
    const struct node *entry;
    const char *words = NULL;
    const char *why;
    uint8_t room[EXPANDED_MAX];
    size_t count = 0;
    int compact, err;

    for (entry = at->first; entry != NULL; entry = entry->next) {
        uint8_t mode = find_mode(entry->key->text, of);
        struct buf expanded = BUF(room);

        if (mode == 0)
            return refuse(p, entry->key, "'%.40s' is no access to %s",
                          entry->key->text, of_names[of]);
        if ((err = take_word(p, entry, &words)) != 0)
            return err;
        if (!parse_words(words, &expanded, &compact, &why))
            return refuse(p, entry, "%s", why);
        find_rule(rule, &count, words, buf_bytes(&expanded))->modes |= mode;
    }
    return access_put(rule, count, out, &why) && !out->overrun
               ? 0
               : refuse(p, at, "the conditions are too long");
}

int
take_access(struct profile *p, const struct node *at, enum access_of of,
            struct buf *out)
{
    bool good = true;
    struct bytes raw;
    struct tlv t;
    int err;

    if (at == NULL)
        return 0;
    if (at->kind == NODE_MAP && at->first != NULL)
        return take_rules(p, at, of, out);
    if ((err = take_hex(p, at, 1, PROFILE_FCP_MAX, out)) != 0)
        return err;
    for (raw = buf_bytes(out); tlv_next(&raw, &t);)
        good = good && access_is_attribute(t.tag);
    return good && raw.n == 0 ? 0
                              : refuse(p, at,
                                       "these are no security attributes: data "
                                       "objects 86, 8B, 8C, 8E, A0, A1, AB");
}
