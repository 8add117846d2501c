/*
 * look.c - what is on a card, for those who show it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/look.h>

#include "cos/environment.h"
#include "cos/internal.h"
#include "cos/key.h"
#include "cos/record.h"

const struct file *
look_mf(const struct card *card)
{
    return card->mf;
}

const struct file *
look_child(const struct file *df, size_t i)
{
    return i < df->child_count ? df->children[i] : NULL;
}

const struct file *
look_next(const struct file *df, uint32_t number)
{
    const struct file *next = NULL;
    size_t i;

    for (i = 0; i < df->child_count; i++) {
        const struct file *file = df->children[i];

        if (file->object->id > number &&
            (next == NULL || file->object->id < next->object->id))
            next = file;
    }
    return next;
}

const struct file *
look_find(const struct card *card, struct bytes path)
{
    return card->mf == NULL ? NULL : fs_by_path(card->mf, path);
}

const struct file *
look_parent(const struct file *file)
{
    return file->parent;
}

void
look_file(const struct file *file, struct look_file *out)
{
    *out = (struct look_file){
        .number = file->object->id,
        .fid = file->fid,
        .type = file->type,
        .sfi = file->sfi,
        .sfi_is_explicit = file->sfi_is_explicit,
        .is_df = file_is_df(file),
        .is_shareable = file->is_shareable,
        .is_internal = file->is_internal,
        .holds_objects = file_holds_objects(file),
        .has_records = file_has_records(file),
        .life_cycle = file->life_cycle,
        .data_coding = file->data_coding,
        .erased = file_erased_byte(file),
        .record_max = file->record_max,
        .records_max = file->records_max,
        .df_name = file->df_name,
        .fcp = file_fcp(file),
        .content = file_content(file),
    };
    out->size = out->content.n;
    if (!out->has_records)
        return;
    out->records = record_count(file);
    out->size -= record_overhead(file);
}

bool
look_record(const struct file *file, size_t number, struct bytes *record)
{
    return file_has_records(file) && record_find(file, number, record);
}

static void
describe_pin(const struct reference *reference, struct cos_pin *pin)
{
    struct bytes head = object_bytes(reference->object, OBJECT_HEAD);

    *pin = (struct cos_pin){
        .p2 = reference_head_byte(head, REFERENCE_P2),
        .value = object_bytes(reference->object, OBJECT_BODY),
        .tries = reference_head_byte(head, REFERENCE_TRIES_MAX),
        .min = reference_head_byte(head, REFERENCE_MIN),
        .max = reference_head_byte(head, REFERENCE_MAX),
        .encoding = (enum cos_pin_encoding)reference_head_byte(
            head, REFERENCE_ENCODING),
        .flags = reference_head_byte(head, REFERENCE_FLAGS),
        .padding = reference_head_byte(head, REFERENCE_PADDING),
        .state = (enum cos_pin_state)reference_head_byte(head, REFERENCE_STATE),
        .uses = reference_head_byte(head, REFERENCE_USES_MAX),
        .puk = reference_head_byte(head, REFERENCE_PUK),
    };
    pin->tries_used =
        (uint8_t)(pin->tries - reference_head_byte(head, REFERENCE_TRIES_LEFT));
    pin->uses_used =
        (uint8_t)(pin->uses - reference_head_byte(head, REFERENCE_USES_LEFT));
}

/* The list has the newest first. */
bool
look_pin(const struct card *card, const struct file *df, size_t i,
         struct cos_pin *pin)
{
    const struct reference *reference;
    size_t count = 0;

    for (reference = card->references; reference != NULL;
         reference = reference->next)
        count += reference->df == df;
    if (i >= count)
        return false;
    for (reference = card->references;; reference = reference->next)
        if (reference->df == df && --count == i)
            break;
    describe_pin(reference, pin);
    return true;
}

bool
look_saved(const struct card *card, size_t i, uint16_t *number,
           struct bytes *value)
{
    const struct object *object;

    for (object = card->state.objects; object != NULL; object = object->next)
        if (object->kind == OBJECT_PRIVATE && !object->removed && i-- == 0)
            break;
    if (object == NULL)
        return false;
    *value = object_bytes(object, OBJECT_BODY);
    return bytes_u16(object_bytes(object, OBJECT_HEAD), number);
}

bool
look_key(const struct card *card, const struct file *df, size_t i,
         struct look_key *out)
{
    const struct key *key;
    struct key_info info;
    size_t count = 0;

    for (key = card->keys; key != NULL; key = key->next)
        count += key->df == df;
    if (i >= count)
        return false;
    for (key = card->keys;; key = key->next)
        if (key->df == df && --count == i)
            break;
    info = key_info(key);
    *out = (struct look_key){
        .bits = info.bits,
        .key = {
            .reference = info.reference,
            .is_local = df != NULL,
            .type = (enum cos_key_type)info.type,
            .usage = info.usage,
            .tries = info.tries_max,
            .tries_used = (uint8_t)(info.tries_max - info.tries_left),
            .attributes = info.attributes,
            .own = info.own,
            .value = object_bytes(key->object, OBJECT_BODY),
        }};
    return true;
}

bool
look_environment(const struct card *card, const struct file *df, size_t i,
                 uint8_t *number, struct bytes *templates)
{
    const struct object *object = environment_nth(card, df, i);
    struct bytes head;

    if (object == NULL)
        return false;
    head = object_bytes(object, OBJECT_HEAD);
    *number = head.n == 0 ? 0 : head.p[0];
    *templates = object_bytes(object, OBJECT_BODY);
    return true;
}

void
look_key_words(const struct card *card, const struct cos_key *key,
               struct buf *words)
{
    const struct card_type *type = card->type;

    while (type != NULL && type->tell_key == NULL)
        type = type->base;
    if (type != NULL)
        type->tell_key(key, words);
}

const char *
look_object_name(const struct card *card, uint32_t tag)
{
    const struct card_type *type = card->type;

    while (type != NULL && type->object_name == NULL)
        type = type->base;
    return type == NULL ? NULL : type->object_name(tag);
}
