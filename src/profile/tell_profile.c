/*
 * tell_profile.c - a card as a profile that makes it again, to the last byte
 * of its control parameters: where the words do not say these exactly, they
 * stand there as they are.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdlib.h>

#include <vicc/tlv.h>

#include "profile/private.h"

#define PATH_LEVELS 30 /* DFs inside each other that a path can name */

/* Parameters that have no word. */
static void
collect_extra(struct bytes fcp, struct buf *out)
{
    static const uint8_t worded[] = {0x80, 0x82, 0x83, 0x84, 0x86, 0x88, 0x8A,
                                     0x8B, 0x8C, 0x8E, 0xA0, 0xA1, 0xAB};
    struct tlv t;

    while (tlv_next(&fcp, &t))
        if (t.tag > 0xFF || memchr(worded, (int)t.tag, sizeof(worded)) == NULL)
            buf_put(out, t.whole);
}

struct words {
    struct file_says says;
    uint8_t attributes_room[PROFILE_FCP_MAX];
    uint8_t extra_room[PROFILE_FCP_MAX];
};

/* The words for a file, and whether they say all its parameters. */
static bool
find_words(const struct look_file *file, struct words *w)
{
    struct buf attributes = BUF(w->attributes_room);
    struct buf extra = BUF(w->extra_room);
    uint8_t room[2 * PROFILE_FCP_MAX];
    struct buf fcp = BUF(room);
    struct file_says *says = &w->says;
    bool is_fixed = file->has_records && file->type != 4 && file->type != 5;
    struct tlv size, descriptor;

    access_collect(file->fcp, &attributes);
    collect_extra(file->fcp, &extra);
    *says = (struct file_says){
        .fid = file->fid,
        .type = file->type,
        .is_shareable = file->is_shareable,
        .is_internal = file->is_internal,
        .coding = file->data_coding,
        .record_count = file->records_max,
        .name = file->df_name,
        .has_sfi = file->sfi_is_explicit,
        .sfi = file->sfi,
        .life_cycle = file->life_cycle,
        .attributes = buf_bytes(&attributes),
        .extra = buf_bytes(&extra),
    };
    says->has_size =
        tlv_find(file->fcp, 0x80, &size) && bytes_uint(size.value, &says->size);
    if (!tlv_find(file->fcp, 0x82, &descriptor))
        return false;
    says->has_coding = descriptor.value.n >= 2;
    if (descriptor.value.n > 2)
        says->record_size = file->record_max;
    if ((file->type == 0x01 && !says->has_size) ||
        (is_fixed && !says->has_size && says->record_count == 0) ||
        strcmp(life_cycle_name(file->life_cycle), "unknown") == 0)
        return false;
    says_put(says, &fcp);
    return !fcp.overrun && bytes_equal(buf_bytes(&fcp), file->fcp);
}

static void
put_words(struct teller *t, const struct look_file *file,
          const struct file_says *says)
{
    tell_line(t, "type: %s\n", type_name(file->type));
    if (says->name.n != 0)
        tell_hex_line(t, "name: ", says->name);
    if (says->has_size)
        tell_line(t, "size: %lu\n", (unsigned long)says->size);
    if (says->record_size != 0)
        tell_line(t, "record-size: %u\n", (unsigned)says->record_size);
    if (says->record_count != 0)
        tell_line(t, "record-count: %u\n", (unsigned)says->record_count);
    if (says->has_coding && (!file->has_records || says->coding != 0x01))
        tell_line(t, "coding: %02X\n", says->coding);
    if (says->has_sfi && says->sfi != 0)
        tell_line(t, "sfi: %u\n", (unsigned)says->sfi);
    else if (says->has_sfi)
        tell_line(t, "sfi: none\n");
    if (!says->is_shareable)
        tell_line(t, "shareable: false\n");
    if (says->is_internal)
        tell_line(t, "internal: true\n");
    if (says->life_cycle != 0x05)
        tell_line(t, "life-cycle: %s\n", life_cycle_name(says->life_cycle));
    tell_access(t, file->fcp, file->is_df ? OF_DF : OF_EF);
    if (says->extra.n != 0)
        tell_hex_line(t, "extra: ", says->extra);
}

/* Without what reads the same when it was never written. */
static struct bytes
without_erased(struct bytes bytes, uint8_t erased)
{
    while (bytes.n != 0 && bytes.p[bytes.n - 1] == erased)
        bytes.n--;
    return bytes;
}

static void
put_records(struct teller *t, const struct file *file,
            const struct look_file *look)
{
    bool is_needed = look->records != look->records_max;
    struct bytes record;
    size_t i;

    for (i = 1; !is_needed && look_record(file, i, &record); i++)
        is_needed = without_erased(record, look->erased).n != 0;
    if (!is_needed || look->records == 0)
        return;
    tell_line(t, "records:\n");
    t->indent += INDENT;
    for (i = 1; look_record(file, i, &record); i++)
        if (look->is_internal)
            tell_secret(t, "- ", record, false);
        else
            tell_hex_line(t, "- ", record);
    t->indent -= INDENT;
}

static void
put_content(struct teller *t, const struct file *file,
            const struct look_file *look)
{
    struct bytes content = look->content;

    if (look->has_records) {
        put_records(t, file, look);
    } else if (look->holds_objects && content.n != 0) {
        tell_line(t, "objects:\n");
        t->indent += INDENT;
        tell_hex_line(t, "- ", content);
        t->indent -= INDENT;
    } else if ((content = without_erased(content, look->erased)).n != 0) {
        if (look->is_internal)
            tell_secret(t, "content: ", content, false);
        else
            tell_hex_line(t, "content: ", content);
    }
}

static void
put_path(struct teller *t, const struct file *file)
{
    const struct file *way[PATH_LEVELS + 1];
    struct look_file look;
    size_t n = 0;

    for (; file != NULL && n <= PATH_LEVELS; file = look_parent(file))
        way[n++] = file;
    tell_line(t, "- path: ");
    while (n-- > 0) {
        look_file(way[n], &look);
        fprintf(t->out, "%04X%s", look.fid, n == 0 ? "\n" : "/");
    }
}

static void
put_file(struct teller *t, const struct file *file, bool is_nested)
{
    struct look_file look;
    struct words words;

    look_file(file, &look);
    if (is_nested)
        tell_line(t, "- fid: %04X\n", look.fid);
    else
        put_path(t, file);
    t->indent += INDENT;
    if (find_words(&look, &words))
        put_words(t, &look, &words.says);
    else
        tell_hex_line(t, "fcp: ", look.fcp);
    put_content(t, file, &look);
    if (look.is_df) {
        tell_pins(t, file);
        tell_keys(t, file);
    }
    t->indent -= INDENT;
}

static uint32_t
number_of(const struct file *file)
{
    struct look_file look;

    look_file(file, &look);
    return look.number;
}

static int
compare(const void *a, const void *b)
{
    uint32_t x = number_of(*(const struct file *const *)a);
    uint32_t y = number_of(*(const struct file *const *)b);

    return (x > y) - (x < y);
}

/*
 * The order in which DFs were made counts when one is selected by the
 * beginning of its name. Where the tree has another one, or is too deep, each
 * file has its path instead.
 */
static bool
can_nest(const struct listing *all)
{
    struct look_file look;
    uint32_t last = 0;
    size_t i;

    for (i = 0; i < all->count; i++) {
        look_file(all->file[i], &look);
        if (all->depth[i] > PROFILE_LEVELS ||
            (look.is_df && look.number < last))
            return false;
        if (look.is_df)
            last = look.number;
    }
    return true;
}

static void
put_files(struct teller *t, struct listing *all)
{
    bool is_nested = can_nest(all);
    size_t i, depth = 0;

    if (all->count == 0)
        return;
    if (!is_nested)
        qsort(all->file, all->count, sizeof(*all->file), compare);
    tell_line(t, "files:\n");
    for (i = 0; i < all->count; i++) {
        size_t now = is_nested ? all->depth[i] : 0;

        if (now > depth) { /* the first one in a DF */
            t->indent = (int)depth * 2 * INDENT + 2 * INDENT;
            tell_line(t, "files:\n");
        }
        depth = now;
        t->indent = (int)depth * 2 * INDENT + INDENT;
        put_file(t, all->file[i], is_nested);
    }
    t->indent = 0;
}

static void
put_top(struct teller *t)
{
    struct card_setting setting;
    const char *name = "options:\n";
    size_t i = 0;

    tell_line(t, "type: %s\n", card_type_name(t->card));
    while (tell_setting(t->card, &i, &setting)) {
        tell_line(t, "%s  %s: ", name, setting.name);
        tell_quoted(t->out, bytes_of(setting.value, strlen(setting.value)));
        fprintf(t->out, "\n");
        name = "";
    }
    tell_pins(t, NULL);
    tell_keys(t, NULL);
}

static void
put_saved(struct teller *t)
{
    uint16_t number;
    struct bytes value;
    size_t i;

    for (i = 0; look_saved(t->card, i, &number, &value); i++) {
        tell_line(t, "%s  - number: %u\n", i == 0 ? "saved:\n" : "",
                  (unsigned)number);
        t->indent = 2 * INDENT;
        tell_secret(t, "value: ", value, false);
        t->indent = 0;
    }
}

int
tell_profile(const struct card *card, const struct telling *telling)
{
    struct teller t = {telling->out, card, telling, 0};
    struct listing all;
    size_t i;
    int err = listing_make(card, &all);

    for (i = 0; i < all.count && err == 0; i++)
        if (all.depth[i] > PATH_LEVELS)
            err = -E2BIG;
    if (err == 0) {
        put_top(&t);
        put_files(&t, &all);
        put_saved(&t);
    }
    listing_clear(&all);
    return err;
}
