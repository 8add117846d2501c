/*
 * commands.c - names of commands, and what their parameters ask for.
 * ISO/IEC 7816-4:2013 11 and 5.4.1, 7816-8:2016 11, 7816-9:2017 7.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/types.h>

#include "decode/private.h"

#define ANY 0x00 /* a mask that leaves everything open */

/* Classes whose commands no card type here has a table of. */
static const struct {
    uint8_t cla_mask, cla;
    uint8_t ins;
    const char *name;
} foreign_names[] = {
    /* clang-format off */
    /* GlobalPlatform Card Specification 2.3 11 */
    {0xF0, 0x80, 0x50, "INITIALIZE UPDATE"},
    {0xF0, 0x80, 0x82, "EXTERNAL AUTHENTICATE"},
    {0xF0, 0x80, 0xCA, "GET DATA"},
    {0xF0, 0x80, 0xD8, "PUT KEY"},
    {0xF0, 0x80, 0xE2, "STORE DATA"},
    {0xF0, 0x80, 0xE4, "DELETE"},
    {0xF0, 0x80, 0xE6, "INSTALL"},
    {0xF0, 0x80, 0xE8, "LOAD"},
    {0xF0, 0x80, 0xF0, "SET STATUS"},
    {0xF0, 0x80, 0xF2, "GET STATUS"},
    /* PC/SC part 3 3.2: commands to a reader of contactless cards */
    {0xFF, 0xFF, 0x20, "VERIFY"},
    {0xFF, 0xFF, 0x82, "LOAD KEYS"},
    {0xFF, 0xFF, 0x86, "GENERAL AUTHENTICATE"},
    {0xFF, 0xFF, 0xB0, "READ BINARY"},
    {0xFF, 0xFF, 0xCA, "GET DATA"},
    {0xFF, 0xFF, 0xD6, "UPDATE BINARY"},
    /* clang-format on */
};

static const char *
name_by(const struct card_type *type, const struct capdu *c)
{
    const struct command *command;

    for (; type != NULL; type = type->base)
        for (command = type->commands; command != NULL && command->run != NULL;
             command++)
            if (command->cla == c->cla && command->ins == c->ins)
                return command->name;
    return NULL;
}

const char *
command_name(const struct card_type *type, const struct capdu *c)
{
    const char *name = name_by(type, c);
    size_t i;

    if (name == NULL)
        name = name_by(&iso7816_card, c);
    for (i = 0;
         name == NULL && i < sizeof(foreign_names) / sizeof(foreign_names[0]);
         i++)
        if ((c->cla & foreign_names[i].cla_mask) == foreign_names[i].cla &&
            c->ins == foreign_names[i].ins)
            name = foreign_names[i].name;
    return name;
}

/*
 * What P1-P2 mean: of all lines that fit, the first of each group. In the
 * words, behind a %: o offset in P1-P2, b offset in P2, s short identifier in
 * P1, f that in P2, r P1 as a number, p reference in P2, t both as digits, h
 * P1 as digits, k P2 as digits, c P2 as a number.
 */
struct rule {
    char group;
    uint8_t ins;
    uint8_t p1_mask, p1;
    uint8_t p2_mask, p2;
    const char *words;
};

/* What several commands have in common; a command below names its sets. */
/* clang-format off */
static const struct rule by_file[] = {
    {'a', 0, 0xFF, 0x00, ANY,  0x00, "by file identifier"},
    {'a', 0, 0xFF, 0x01, ANY,  0x00, "child DF by file identifier"},
    {'a', 0, 0xFF, 0x02, ANY,  0x00, "EF of the current DF by file identifier"},
    {'a', 0, 0xFF, 0x03, ANY,  0x00, "parent of the current DF"},
    {'a', 0, 0xFF, 0x04, ANY,  0x00, "by DF name"},
    {'a', 0, 0xFF, 0x08, ANY,  0x00, "by path from the MF"},
    {'a', 0, 0xFF, 0x09, ANY,  0x00, "by path from the current DF"},
    {0},
};
static const struct rule what_back[] = {
    {'b', 0, ANY,  0x00, 0x03, 0x01, "last one"},
    {'b', 0, ANY,  0x00, 0x03, 0x02, "next one"},
    {'b', 0, ANY,  0x00, 0x03, 0x03, "previous one"},
    {'c', 0, ANY,  0x00, 0x0C, 0x00, "FCI back"},
    {'c', 0, ANY,  0x00, 0x0C, 0x04, "FCP back"},
    {'c', 0, ANY,  0x00, 0x0C, 0x08, "FMD back"},
    {'c', 0, ANY,  0x00, 0x0C, 0x0C, "no data back"},
    {0},
};
static const struct rule in_binary[] = {
    {'a', 0, 0x80, 0x00, ANY,  0x00, "offset %o"},
    {'a', 0, 0xE0, 0x80, ANY,  0x00, "EF with short identifier %s, offset %b"},
    {0},
};
static const struct rule in_binary_odd[] = {
    {'a', 0, 0xFF, 0x00, 0xFF, 0x00, "current EF"},
    {'a', 0, 0xFF, 0x00, 0xE0, 0x00, "EF with short identifier %p"},
    {'a', 0, ANY,  0x00, ANY,  0x00, "EF with file identifier %t"},
    {0},
};
static const struct rule in_record[] = {
    {'a', 0, ANY,  0x00, 0xF8, 0x00, "current EF"},
    {'a', 0, ANY,  0x00, ANY,  0x00, "EF with short identifier %f"},
    {'b', 0, 0xFF, 0x00, 0x07, 0x04, "current record"},
    {'b', 0, ANY,  0x00, 0x07, 0x04, "record %r"},
    {'b', 0, ANY,  0x00, 0x07, 0x05, "records from %r up to the last"},
    {'b', 0, ANY,  0x00, 0x07, 0x06, "records from the last down to %r"},
    {'b', 0, ANY,  0x00, 0x07, 0x00, "first record with identifier %h"},
    {'b', 0, ANY,  0x00, 0x07, 0x01, "last record with identifier %h"},
    {'b', 0, ANY,  0x00, 0x07, 0x02, "next record with identifier %h"},
    {'b', 0, ANY,  0x00, 0x07, 0x03, "previous record with identifier %h"},
    {0},
};
static const struct rule in_record_part[] = {
    {'a', 0, ANY,  0x00, 0xF8, 0x00, "current EF"},
    {'a', 0, ANY,  0x00, ANY,  0x00, "EF with short identifier %f"},
    {'b', 0, ANY,  0x00, 0x07, 0x04, "part of record %r"},
    {'b', 0, ANY,  0x00, 0x07, 0x05, "part of record %r, AND"},
    {'b', 0, ANY,  0x00, 0x07, 0x06, "part of record %r, OR"},
    {'b', 0, ANY,  0x00, 0x07, 0x07, "part of record %r, XOR"},
    {0},
};
static const struct rule in_appended[] = {
    {'a', 0, ANY,  0x00, 0xF8, 0x00, "current EF"},
    {'a', 0, ANY,  0x00, 0x07, 0x00, "EF with short identifier %f"},
    {0},
};
static const struct rule data_object[] = {
    {'a', 0, 0xFF, 0x00, 0xFF, 0xFF, "all data objects"},
    {'a', 0, 0xFF, 0x00, ANY,  0x00, "data object %k"},
    {'a', 0, 0xFF, 0x01, ANY,  0x00, "the application's own data %t"},
    {'a', 0, 0xFF, 0x02, ANY,  0x00, "SIMPLE-TLV data object %k"},
    {'a', 0, ANY,  0x00, ANY,  0x00, "data object %t"},
    {0},
};
static const struct rule in_file[] = {
    {'a', 0, 0xFF, 0x00, 0xFF, 0x00, "in the current EF"},
    {'a', 0, 0xFF, 0x3F, 0xFF, 0xFF, "in the current DF"},
    {'a', 0, 0xFF, 0x00, 0xE0, 0x00, "in the EF with short identifier %p"},
    {'a', 0, ANY,  0x00, ANY,  0x00, "in the file %t"},
    {0},
};
static const struct rule password[] = {
    {'b', 0, ANY,  0x00, 0xFF, 0x00, "reference not given"},
    {'b', 0, ANY,  0x00, 0x80, 0x00, "reference %p of the whole card"},
    {'b', 0, ANY,  0x00, 0x80, 0x80, "reference %p of the current DF"},
    {0},
};
static const struct rule algorithm[] = {
    {'a', 0, 0xFF, 0x00, ANY,  0x00, "algorithm known"},
    {'a', 0, ANY,  0x00, ANY,  0x00, "algorithm %h"},
    {0},
};

static const struct rule own_rules[] = {
    {'a', 0x20, 0xFF, 0xFF, ANY,  0x00, "forget that it was verified"},
    {'a', 0x22, 0xFF, 0xF2, ANY,  0x00, "STORE as number %c"},
    {'a', 0x22, 0xFF, 0xF3, ANY,  0x00, "RESTORE number %c"},
    {'a', 0x22, 0xFF, 0xF4, ANY,  0x00, "ERASE number %c"},
    {'a', 0x22, 0x0F, 0x01, ANY,  0x00, "SET"},
    {'b', 0x22, 0xCF, 0x41, ANY,  0x00, "to compute, decipher, authenticate itself, agree on keys"},
    {'b', 0x22, 0xCF, 0x81, ANY,  0x00, "to verify, encipher, authenticate others, agree on keys"},
    {'b', 0x22, 0xCF, 0xC1, ANY,  0x00, "for both directions"},
    {'c', 0x22, 0x1F, 0x11, ANY,  0x00, "secure messaging in commands"},
    {'d', 0x22, 0x2F, 0x21, ANY,  0x00, "secure messaging in responses"},
    {'e', 0x22, 0x0F, 0x01, 0xFF, 0xA4, "authentication template"},
    {'e', 0x22, 0x0F, 0x01, 0xFF, 0xA6, "key agreement template"},
    {'e', 0x22, 0x0F, 0x01, 0xFF, 0xAA, "hash template"},
    {'e', 0x22, 0x0F, 0x01, 0xFF, 0xB4, "cryptographic checksum template"},
    {'e', 0x22, 0x0F, 0x01, 0xFF, 0xB6, "digital signature template"},
    {'e', 0x22, 0x0F, 0x01, 0xFF, 0xB8, "confidentiality template"},
    {'a', 0x24, 0xFF, 0x00, ANY,  0x00, "old value, then new value"},
    {'a', 0x24, 0xFF, 0x01, ANY,  0x00, "new value alone"},
    {'a', 0x26, 0xFF, 0x01, ANY,  0x00, "without a value"},
    {'a', 0x28, 0xFF, 0x01, ANY,  0x00, "without a value"},
    {'a', 0x2A, 0xFF, 0x9E, 0xFF, 0x9A, "COMPUTE DIGITAL SIGNATURE"},
    {'a', 0x2A, 0xFF, 0x9E, 0xFF, 0xAC, "COMPUTE DIGITAL SIGNATURE over data objects"},
    {'a', 0x2A, 0xFF, 0x9E, 0xFF, 0xBC, "COMPUTE DIGITAL SIGNATURE over a template"},
    {'a', 0x2A, 0xFF, 0x8E, 0xFF, 0x80, "COMPUTE CRYPTOGRAPHIC CHECKSUM"},
    {'a', 0x2A, 0xFF, 0x00, 0xFF, 0xA2, "VERIFY CRYPTOGRAPHIC CHECKSUM"},
    {'a', 0x2A, 0xFF, 0x00, 0xFF, 0xA8, "VERIFY DIGITAL SIGNATURE"},
    {'a', 0x2A, 0xFF, 0x00, 0xFF, 0x92, "VERIFY CERTIFICATE"},
    {'a', 0x2A, 0xFF, 0x00, 0xFF, 0xAE, "VERIFY CERTIFICATE"},
    {'a', 0x2A, 0xFF, 0x00, 0xFF, 0xBE, "VERIFY CERTIFICATE"},
    {'a', 0x2A, 0xFF, 0x90, 0xFF, 0x80, "HASH"},
    {'a', 0x2A, 0xFF, 0x90, 0xFF, 0xA0, "HASH over data objects"},
    {'a', 0x2A, 0xFF, 0x80, 0xF9, 0x80, "DECIPHER"},
    {'a', 0x2A, 0xF9, 0x80, 0xFF, 0x80, "ENCIPHER"},
    {'a', 0x2C, 0xFF, 0x00, ANY,  0x00, "resetting code, then new value"},
    {'a', 0x2C, 0xFF, 0x01, ANY,  0x00, "resetting code alone"},
    {'a', 0x2C, 0xFF, 0x02, ANY,  0x00, "new value alone"},
    {'a', 0x2C, 0xFF, 0x03, ANY,  0x00, "no value"},
    {'a', 0x46, 0x01, 0x00, ANY,  0x00, "make a new pair"},
    {'a', 0x46, 0x01, 0x01, ANY,  0x00, "public key of the pair that is there"},
    {'a', 0x70, 0xFF, 0x00, 0xFF, 0x00, "open one that the card chooses"},
    {'a', 0x70, 0xFF, 0x00, ANY,  0x00, "open channel %c"},
    {'a', 0x70, 0xFF, 0x80, 0xFF, 0x00, "close this channel"},
    {'a', 0x70, 0xFF, 0x80, ANY,  0x00, "close channel %c"},
    {'a', 0xE0, 0xFF, 0x00, 0xFF, 0x00, "as the data say"},
    {0},
};

/* Cryptoflex, classes C0 and F0. */
static const struct rule cryptoflex_rules[] = {
    {'a', 0x20, ANY,  0x00, ANY,  0x00, "CHV %c"},
    {'a', 0x24, ANY,  0x00, ANY,  0x00, "CHV %c"},
    {'a', 0x2A, ANY,  0x00, ANY,  0x00, "key %c"},
    {'a', 0x2C, ANY,  0x00, ANY,  0x00, "CHV %c"},
    {'a', 0x46, ANY,  0x00, 0xFF, 0x40, "key %r, 512 bits"},
    {'a', 0x46, ANY,  0x00, 0xFF, 0x60, "key %r, 768 bits"},
    {'a', 0x46, ANY,  0x00, 0xFF, 0x80, "key %r, 1024 bits"},
    {'a', 0x46, ANY,  0x00, 0xFF, 0x00, "key %r, 2048 bits"},
    {'a', 0x82, ANY,  0x00, ANY,  0x00, "key %c"},
    {'a', 0x88, ANY,  0x00, ANY,  0x00, "key %c"},
    {'a', 0xB0, ANY,  0x00, ANY,  0x00, "offset %o"},
    {'a', 0xB2, ANY,  0x00, 0xFF, 0x00, "first record"},
    {'a', 0xB2, ANY,  0x00, 0xFF, 0x01, "last record"},
    {'a', 0xB2, ANY,  0x00, 0xFF, 0x02, "next record"},
    {'a', 0xB2, ANY,  0x00, 0xFF, 0x03, "previous record"},
    {'a', 0xB2, ANY,  0x00, 0xFF, 0x04, "record %r"},
    {'a', 0xD6, ANY,  0x00, ANY,  0x00, "offset %o"},
    {'a', 0xDC, ANY,  0x00, 0xFF, 0x00, "first record"},
    {'a', 0xDC, ANY,  0x00, 0xFF, 0x01, "last record"},
    {'a', 0xDC, ANY,  0x00, 0xFF, 0x02, "next record"},
    {'a', 0xDC, ANY,  0x00, 0xFF, 0x03, "previous record"},
    {'a', 0xDC, ANY,  0x00, 0xFF, 0x04, "record %r"},
    {'a', 0xE0, ANY,  0x00, ANY,  0x00, "records: %c"},
    {0},
};

/* Which of them belong to which command. */
static const struct {
    uint8_t ins;
    const struct rule *sets[2];
} rule_sets[] = {
    {0x04, {by_file}},         {0x0C, {in_record}},
    {0x0E, {in_binary}},       {0x0F, {in_binary_odd}},
    {0x20, {password}},        {0x21, {password}},
    {0x24, {password}},        {0x25, {password}},
    {0x26, {password}},        {0x28, {password}},
    {0x2C, {password}},        {0x2D, {password}},
    {0x44, {by_file}},         {0x82, {algorithm, password}},
    {0x86, {algorithm, password}}, {0x87, {algorithm, password}},
    {0x88, {algorithm, password}}, {0xA0, {in_binary}},
    {0xA1, {in_binary_odd}},   {0xA2, {in_record}},
    {0xA4, {by_file, what_back}}, {0xB0, {in_binary}},
    {0xB1, {in_binary_odd}},   {0xB2, {in_record}},
    {0xB3, {in_record}},       {0xCA, {data_object}},
    {0xCB, {in_file}},         {0xCC, {data_object}},
    {0xCD, {in_file}},         {0xD0, {in_binary}},
    {0xD1, {in_binary_odd}},   {0xD2, {in_record}},
    {0xD6, {in_binary}},       {0xD7, {in_binary_odd}},
    {0xDA, {data_object}},     {0xDB, {in_file}},
    {0xDC, {in_record}},       {0xDD, {in_record_part}},
    {0xE2, {in_appended}},     {0xE4, {by_file}},
    {0xE6, {by_file}},         {0xE8, {by_file}},
};
/* clang-format on */

/* Words, and numbers where they ask for them. */
static void
put_words(const char *words, const struct capdu *c, char *text)
{
    size_t n = strlen(text);
    unsigned both = (unsigned)(c->p1 << 8 | c->p2);
    char number[16];

    for (; *words != '\0' && n + sizeof(number) < MEANING_MAX; words++) {
        if (*words != '%') {
            text[n++] = *words;
            continue;
        }
        words++;
        snprintf(number, sizeof(number),
                 *words == 't'                    ? "%04X"
                 : *words == 'h' || *words == 'k' ? "%02X"
                                                  : "%u",
                 *words == 't'                    ? both
                 : *words == 'o'                  ? both & 0x7FFF
                 : *words == 's'                  ? c->p1 & 0x1Fu
                 : *words == 'f'                  ? c->p2 >> 3
                 : *words == 'r' || *words == 'h' ? c->p1
                 : *words == 'p'                  ? c->p2 & 0x1Fu
                                                  : c->p2);
        memcpy(text + n, number, strlen(number));
        n += strlen(number);
    }
    text[n] = '\0';
}

static void
append(const char *words, const struct capdu *c, char *text)
{
    size_t n = strlen(text);

    if (n != 0)
        snprintf(text + n, MEANING_MAX - n, "; ");
    put_words(words, c, text);
}

/* ins: of the lines to look at; 0 in a set, whose lines have none. */
static void
put_rules(const struct rule *rule, uint8_t ins, const struct capdu *c,
          char *text)
{
    char done = '\0';

    for (; rule->group != '\0'; rule++) {
        if (rule->ins != ins || rule->group == done ||
            (c->p1 & rule->p1_mask) != rule->p1 ||
            (c->p2 & rule->p2_mask) != rule->p2)
            continue;
        done = rule->group;
        append(rule->words, c, text);
    }
}

/* GET DATA, PUT DATA: the object that P1-P2 are the tag of, 11.6. */
static void
put_object_name(const struct capdu *c, char *text)
{
    uint32_t tag = c->p1 == 0 ? c->p2 : (uint32_t)(c->p1 << 8 | c->p2);
    const struct tag_meaning *meaning = tag_find(IN_ANYTHING, tag);

    if ((c->ins == 0xCA || c->ins == 0xCC || c->ins == 0xDA) &&
        (c->p1 == 0 || c->p1 >= 0x40) && meaning != NULL)
        append(meaning->name, c, text);
}

const char *
command_p1p2(const struct capdu *c, char text[MEANING_MAX])
{
    size_t i, set;

    text[0] = '\0';
    if (c->cla == 0xC0 || c->cla == 0xF0)
        put_rules(cryptoflex_rules, c->ins, c, text);
    if (!capdu_is_interindustry(c))
        return text;
    put_rules(own_rules, c->ins == 0x47 ? 0x46 : c->ins, c, text);
    for (i = 0; i < sizeof(rule_sets) / sizeof(rule_sets[0]); i++)
        for (set = 0; rule_sets[i].ins == c->ins && set < 2; set++)
            if (rule_sets[i].sets[set] != NULL)
                put_rules(rule_sets[i].sets[set], 0, c, text);
    put_object_name(c, text);
    return text;
}

const char *
command_class(const struct capdu *c, char text[MEANING_MAX])
{
    static const char *const sm[] = {
        "",
        "secure messaging of the card's own",
        "secure messaging, header not authenticated",
        "secure messaging, header authenticated",
    };
    char channel[32];

    text[0] = '\0';
    if (!capdu_is_interindustry(c))
        return text;
    snprintf(channel, sizeof(channel), "logical channel %u", c->channel);
    if (c->channel != 0)
        append(channel, c, text);
    if (c->sm != SM_NONE && c->sm <= SM_STANDARD_HEADER)
        append(sm[c->sm], c, text);
    if (c->chained)
        append("chained, more follows", c, text);
    return text;
}
