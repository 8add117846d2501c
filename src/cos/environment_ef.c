/*
 * environment_ef.c - security environments in the EF that DO 8D of a DF names:
 * templates 7B with their number in DO 80, in records or one behind the other.
 * ISO/IEC 7816-4:2013 10.3.3.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdlib.h>

#include <vicc/tlv.h>
#include <vicc/wipe.h>

#include "cos/environment.h"
#include "cos/environment_store.h"
#include "cos/internal.h"
#include "cos/record.h"

#define TAG_ENVIRONMENT 0x7B
#define TAG_NUMBER 0x80
#define TAG_EF 0x8D   /* among the control parameters of a DF */
#define HEADER_MAX 16 /* bytes of tags, lengths and number of a template */

bool
environment_has_ef(const struct file *df)
{
    struct tlv t;

    return df != NULL && tlv_find(file_fcp(df), TAG_EF, &t);
}

static struct file *
find_ef(const struct file *df)
{
    struct file *ef;
    uint16_t fid;
    struct tlv t;

    if (!tlv_find(file_fcp(df), TAG_EF, &t) || !bytes_u16(t.value, &fid) ||
        (ef = fs_child(df, fid)) == NULL || file_is_df(ef))
        return NULL;
    return ef;
}

static bool
is_template(const struct tlv *t, uint8_t number)
{
    struct tlv n;

    return t->tag == TAG_ENVIRONMENT && tlv_find(t->value, TAG_NUMBER, &n) &&
           n.value.n == 1 && n.value.p[0] == number;
}

static bool
find_template(struct bytes in, uint8_t number, struct bytes *templates)
{
    struct tlv t;

    while (tlv_next(&in, &t))
        if (is_template(&t, number)) {
            *templates = t.value;
            return true;
        }
    return false;
}

/* The number of the record that holds it, 0 if there is none. */
static size_t
find_record(const struct file *ef, uint8_t number, struct bytes *templates)
{
    struct bytes record;
    size_t i;

    for (i = 1; record_find(ef, i, &record); i++)
        if (find_template(record, number, templates))
            return i;
    return 0;
}

bool
environment_ef_find(const struct file *df, uint8_t number,
                    struct bytes *templates)
{
    const struct file *ef = find_ef(df);

    if (ef == NULL || (ef->life_cycle & 0xFD) != LIFE_ACTIVATED)
        return false;
    return file_has_records(ef)
               ? find_record(ef, number, templates) != 0
               : find_template(file_content(ef), number, templates);
}

/* Templates that were restored have their old number with them. */
static void
put_template(uint8_t number, struct bytes templates, struct buf *out)
{
    size_t open = tlv_open(out, TAG_ENVIRONMENT);
    struct tlv t;

    tlv_put_u8(out, TAG_NUMBER, number);
    while (tlv_next(&templates, &t))
        if (t.tag != TAG_NUMBER)
            buf_put(out, t.whole);
    tlv_close(out, open);
}

/* What is there, with another template of that number, or without (empty). */
static void
put_others(struct bytes old, uint8_t number, struct bytes template,
           struct buf *out)
{
    struct tlv t;

    while (tlv_next(&old, &t))
        if (is_template(&t, number)) {
            buf_put(out, template);
            template = bytes_of(NULL, 0);
        } else if (t.tag != 0) { /* nor what fills the end */
            buf_put(out, t.whole);
        }
    buf_put(out, template);
}

/* Where the length is fixed, zeros fill what is left; 5.2.2.1 allows those. */
static sw_t
write_back(struct card *card, struct file *ef, size_t record, struct buf *out)
{
    bool has_records = file_has_records(ef);
    size_t size = !has_records                 ? file_content(ef).n
                  : file_has_fixed_records(ef) ? ef->record_max
                                               : out->n;
    int err;

    if (out->overrun || out->n > size)
        return SW_NOT_ENOUGH_MEMORY;
    memset(out->p + out->n, 0, size - out->n);
    out->n = size;
    err = !has_records  ? file_write(card, ef, 0, buf_bytes(out))
          : record == 0 ? record_append(card, ef, buf_bytes(out))
                        : record_replace(card, ef, record, buf_bytes(out));
    return err == -EMSGSIZE ? SW_NOT_ENOUGH_MEMORY : sw_from_errno(err);
}

/* Puts `template` in the place of the one of that number. */
static sw_t
change(struct card *card, struct file *ef, uint8_t number,
       struct bytes template)
{
    bool has_records = file_has_records(ef);
    struct bytes old = file_content(ef);
    struct bytes found;
    size_t record = 0;
    struct buf out;
    sw_t sw;

    if (has_records) {
        old = bytes_of(NULL, 0);
        if ((record = find_record(ef, number, &found)) != 0)
            record_find(ef, record, &old);
    }
    out = (struct buf){.cap = old.n + template.n + ef->record_max};
    if ((out.p = malloc(out.cap + 1)) == NULL)
        return SW_MEMORY_FAILURE;
    put_others(old, number, template, &out);
    sw = has_records && out.n == 0
             ? sw_from_errno(record_erase(card, ef, record))
             : write_back(card, ef, record, &out);
    wipe(out.p, out.cap);
    free(out.p);
    return sw;
}

/* The commands for files would do the same, and ask for the same. */
static sw_t
open_ef(struct card *card, const struct channel *channel, bool appends,
        struct file **ef)
{
    if ((*ef = find_ef(channel->now.df)) == NULL)
        return SW_FILE_NOT_FOUND;
    if (file_is_taken(card, channel, *ef))
        return SW_CONDITIONS_NOT_SATISFIED;
    if ((!file_has_records(*ef) && (*ef)->type != FILE_TRANSPARENT) ||
        file_is_simple_tlv(*ef))
        return SW_WRONG_FILE_STRUCTURE;
    return access_check(card, channel, *ef,
                        appends ? ACCESS_WRITE : ACCESS_UPDATE);
}

sw_t
environment_ef_store(struct card *card, struct channel *channel, uint8_t number,
                     struct bytes templates)
{
    uint8_t room[ENVIRONMENT_MAX + HEADER_MAX];
    struct buf template = BUF(room);
    const struct file *now = find_ef(channel->now.df);
    struct bytes found;
    struct file *ef;
    bool appends = now != NULL && file_has_records(now) &&
                   find_record(now, number, &found) == 0;
    sw_t sw = open_ef(card, channel, appends, &ef);

    if (!sw_is(sw, SW_OK))
        return sw;
    put_template(number, templates, &template);
    return change(card, ef, number, buf_bytes(&template));
}

sw_t
environment_ef_erase(struct card *card, struct channel *channel, uint8_t number)
{
    struct bytes found;
    struct file *ef;
    sw_t sw = open_ef(card, channel, false, &ef);

    if (!sw_is(sw, SW_OK))
        return sw;
    return environment_ef_find(channel->now.df, number, &found)
               ? change(card, ef, number, bytes_of(NULL, 0))
               : SW_REFERENCE_NOT_FOUND;
}
