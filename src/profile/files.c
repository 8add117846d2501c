/*
 * files.c - the files of a profile: their control parameters, and what is in
 * them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>

#include <vicc/tlv.h>

#include "profile/private.h"

#define FID_SIZE 2
#define PATH_MAX_SIZE (FID_SIZE * 32)
#define FID_OF_MF 0x3F00

/* A file at work. */
struct making {
    struct profile *p;
    struct card *card;
    const struct node *at;
    struct bytes parent; /* its path below the MF */
    struct buf path;     /* its own; stays empty for the MF */
    bool is_mf;
    uint8_t path_room[PATH_MAX_SIZE];
};

static const struct node *
entry(const struct making *m, const char *name)
{
    return node_find(m->at, name);
}

/* "3F00/1000/1001": the parent's path, and the identifier behind it. */
static int
take_path(struct making *m, const struct node *at, struct buf *fids)
{
    const char *text = "";
    char digits[3 * PATH_MAX_SIZE];
    struct node plain = {.kind = NODE_TEXT, .text = digits};
    size_t i;
    int err;

    if ((err = take_word(m->p, at, &text)) != 0)
        return err;
    for (i = 0; text[i] != '\0' && i + 1 < sizeof(digits); i++)
        digits[i] = text[i] == '/' && i % 5 == 4 ? ' ' : text[i];
    digits[i] = '\0';
    plain.n = i;
    plain.place = at->place;
    if ((err = take_hex(m->p, &plain, FID_SIZE, PATH_MAX_SIZE, fids)) != 0)
        return err;
    if (fids->n % FID_SIZE != 0 || fids->p[0] != 0x3F || fids->p[1] != 0)
        return refuse(m->p, at,
                      "a path is 3F00 and identifiers, with / between them");
    return 0;
}

/* Where the file is to be: by `path`, or by `fid` in the DF around it. */
static int
take_identity(struct making *m)
{
    const struct node *fid = entry(m, "fid"), *path = entry(m, "path");
    struct bytes whole;
    uint8_t room[PATH_MAX_SIZE];
    struct buf fids = BUF(room);
    int err;

    if ((fid == NULL) == (path == NULL))
        return refuse(m->p, path == NULL ? m->at : path,
                      "a file has either a fid or a path");
    m->path = BUF(m->path_room);
    if (path != NULL) {
        if ((err = take_path(m, path, &fids)) != 0)
            return err;
        whole = bytes_slice(buf_bytes(&fids), FID_SIZE, fids.n);
        m->is_mf = whole.n == 0;
    } else {
        buf_put(&fids, m->parent);
        if ((err = take_hex(m->p, fid, FID_SIZE, FID_SIZE, &fids)) != 0)
            return err;
        whole = buf_bytes(&fids);
        m->is_mf = m->parent.n == 0 && whole.p[0] == FID_OF_MF >> 8 &&
                   whole.p[1] == (FID_OF_MF & 0xFF);
        if (m->is_mf)
            whole.n = 0;
    }
    buf_put(&m->path, whole);
    if (m->path.overrun)
        return refuse(m->p, m->at, "too deep");
    m->parent = bytes_slice(buf_bytes(&m->path), 0,
                            m->is_mf ? 0 : m->path.n - FID_SIZE);
    return 0;
}

static bool
is_df_by_look(const struct making *m)
{
    static const char *const names[] = {"files", "name", "pins", "keys",
                                        "environments"};
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (entry(m, names[i]) != NULL)
            return true;
    return m->is_mf;
}

static int
take_type(const struct making *m, struct file_says *says)
{
    size_t choice = is_df_by_look(m) ? 1 : 0;
    int err = take_choice(m->p, entry(m, "type"), file_types, &choice);

    says->type = file_type_bytes[choice];
    return err;
}

/* Entries that mean nothing for a file of its type. */
static int
check_entries(const struct making *m, uint8_t type)
{
    static const struct {
        const char *name;
        bool of_df, of_transparent, of_records, of_tlv;
    } rules[] = {
        {"size", false, true, true, true},
        {"sfi", false, true, true, true},
        {"name", true, false, false, false},
        {"record-size", false, false, true, false},
        {"record-count", false, false, true, false},
        {"content", false, true, false, false},
        {"records", false, false, true, false},
        {"objects", true, false, false, true},
        {"internal", false, true, true, false},
        {"files", true, false, false, false},
        {"pins", true, false, false, false},
        {"keys", true, false, false, false},
        {"environments", true, false, false, false},
    };
    const struct node *at;
    size_t i;

    for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        bool fits = type == 0x38   ? rules[i].of_df
                    : type > 0x38  ? rules[i].of_tlv
                    : type == 0x01 ? rules[i].of_transparent
                                   : rules[i].of_records;

        if (!fits && (at = entry(m, rules[i].name)) != NULL)
            return refuse(m->p, at->key, "a %s file has no '%s'",
                          type_name(type), rules[i].name);
    }
    return 0;
}

static int
take_sfi(const struct making *m, struct file_says *says)
{
    const struct node *at = entry(m, "sfi");

    says->has_sfi = at != NULL;
    if (at == NULL || node_is(at, "none"))
        return 0;
    return take_u8(m->p, at, 1, 30, &says->sfi);
}

static int
take_records(const struct making *m, struct file_says *says)
{
    const struct node *size = entry(m, "record-size");
    const struct node *records = entry(m, "records");
    bool is_fixed = says->type == 2 || says->type == 3 || says->type > 5;
    unsigned long length = 0;
    unsigned long count =
        records != NULL && is_fixed && !says->has_size ? records->count : 0;
    int err;

    if (says->type < 2 || says->type > 7)
        return 0;
    if ((err = take_number(m->p, size, 1, 65535, &length)) != 0 ||
        (err = take_number(m->p, entry(m, "record-count"), 1, 254, &count)) !=
            0)
        return err;
    if (size == NULL && (is_fixed || count != 0))
        return refuse(m->p, m->at, "this file needs a record-size");
    if (is_fixed && count == 0 && !says->has_size)
        return refuse(m->p, m->at,
                      "this file needs a record-count, records or a size");
    says->record_size = (uint16_t)length;
    says->record_count = (uint16_t)(count > 254 ? 254 : count);
    if (!says->has_coding)
        says->coding = 0x01; /* written once; units of a byte */
    return 0;
}

static int
take_coding(const struct making *m, struct file_says *says)
{
    struct buf coding = {&says->coding, 0, 1, false};
    const struct node *at = entry(m, "coding");

    says->has_coding = at != NULL;
    return take_hex(m->p, at, 1, 1, &coding);
}

/* A transparent file without a size is as large as what it holds. */
static int
take_size(const struct making *m, size_t content, struct file_says *says)
{
    const struct node *at = entry(m, "size");
    unsigned long size = content;
    int err = take_number(m->p, at, 0, UINT32_MAX, &size);

    says->has_size = at != NULL || says->type == 0x01;
    if (err == 0 && at != NULL && size < content)
        return refuse(m->p, at, "the content has %zu bytes", content);
    if (at == NULL && says->type == 0x01 && entry(m, "content") == NULL)
        return refuse(m->p, m->at, "this file needs a size or a content");
    says->size = (uint32_t)size;
    return err;
}

static int
take_words(const struct making *m, size_t content, struct file_says *says,
           struct buf *name, struct buf *attributes, struct buf *extra)
{
    struct profile *p = m->p;
    size_t life = 3; /* activated */
    int err;

    if ((err = check_entries(m, says->type)) != 0 ||
        (err = take_size(m, content, says)) != 0 ||
        (err = take_coding(m, says)) != 0 ||
        (err = take_records(m, says)) != 0 || (err = take_sfi(m, says)) != 0 ||
        (err = take_bool(p, entry(m, "shareable"), &says->is_shareable)) != 0 ||
        (err = take_bool(p, entry(m, "internal"), &says->is_internal)) != 0 ||
        (err = take_choice(p, entry(m, "life-cycle"), life_cycles, &life)) !=
            0 ||
        (err = take_hex(p, entry(m, "name"), 1, 16, name)) != 0 ||
        (err = take_access(p, entry(m, "access"), says->type == 0x38,
                           attributes)) != 0 ||
        (err = take_hex(p, entry(m, "extra"), 1, PROFILE_FCP_MAX, extra)) != 0)
        return err;
    says->life_cycle = life_cycle_bytes[life];
    says->name = buf_bytes(name);
    says->attributes = buf_bytes(attributes);
    says->extra = buf_bytes(extra);
    return 0;
}

static uint16_t
fid_of(const struct making *m)
{
    size_t n = m->path.n;

    return m->is_mf ? FID_OF_MF
                    : (uint16_t)(m->path.p[n - 2] << 8 | m->path.p[n - 1]);
}

static int
put_words(const struct making *m, size_t content, struct buf *fcp)
{
    struct file_says says = {.fid = fid_of(m), .is_shareable = true};
    uint8_t room[3][PROFILE_FCP_MAX];
    struct buf name = BUF(room[0]);
    struct buf attributes = BUF(room[1]);
    struct buf extra = BUF(room[2]);
    int err;

    if ((err = take_type(m, &says)) != 0 ||
        (err = take_words(m, content, &says, &name, &attributes, &extra)) != 0)
        return err;
    says_put(&says, fcp);
    return 0;
}

/* `fcp`: all of the data objects, in place of the words. */
static int
take_fcp(const struct making *m, size_t content, struct buf *fcp)
{
    static const char *const words[] = {
        "type",        "name",         "size",   "sfi",
        "record-size", "record-count", "coding", "shareable",
        "internal",    "life-cycle",   "access", "extra"};
    const struct node *at = entry(m, "fcp"), *other;
    struct tlv fid;
    uint16_t number;
    size_t i;
    int err;

    if (at == NULL)
        return put_words(m, content, fcp);
    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if ((other = entry(m, words[i])) != NULL)
            return refuse(m->p, other->key, "'fcp' says it already");
    if ((err = take_hex(m->p, at, 1, PROFILE_FCP_MAX, fcp)) != 0)
        return err;
    if (!tlv_find(buf_bytes(fcp), 0x83, &fid) ||
        !bytes_u16(fid.value, &number) || number != fid_of(m))
        return refuse(m->p, at,
                      "there is not the identifier of the file in "
                      "it, data object 83");
    return 0;
}

static int
add_file(const struct making *m, size_t content)
{
    uint8_t room[PROFILE_FCP_MAX];
    struct buf fcp = BUF(room);
    int err = take_fcp(m, content, &fcp);

    if (err != 0)
        return err;
    if (!m->is_mf && look_mf(m->card) == NULL)
        return refuse(m->p, m->at, "the MF, 3F00, is to be the first file");
    if (fcp.overrun)
        return refuse(m->p, m->at, "its control parameters are too long");
    err = cos_add_file(m->card, m->parent, buf_bytes(&fcp));
    if (err == -EINVAL)
        return refuse(m->p, m->at,
                      "its control parameters contradict each other, or are "
                      "malformed");
    return refuse_errno(m->p, m->at, "the file", err);
}

static int
check_kind(const struct making *m, const char *name, bool fits)
{
    const struct node *at = entry(m, name);

    return at == NULL || fits
               ? 0
               : refuse(m->p, at->key, "this file has no '%s'", name);
}

static int make_list(struct profile *p, struct card *card,
                     const struct node *list, struct bytes parent, int level);

/* What is in a file that is there now, whose parameters may be raw. */
static int
fill(const struct making *m, struct bytes content, int level)
{
    struct bytes path = buf_bytes(&m->path);
    struct look_file file;
    int err;

    look_file(look_find(m->card, path), &file);
    if ((err = check_kind(m, "content",
                          !file.holds_objects && !file.has_records)) != 0 ||
        (err = check_kind(m, "records", file.has_records)) != 0 ||
        (err = check_kind(m, "objects", file.holds_objects)) != 0 ||
        (err = check_kind(m, "files", file.is_df)) != 0 ||
        (err = check_kind(m, "pins", file.is_df)) != 0 ||
        (err = check_kind(m, "keys", file.is_df)) != 0 ||
        (err = check_kind(m, "environments", file.is_df)) != 0 ||
        (err = fill_file(m->p, m->card, m->at, path, content)) != 0 ||
        (err = make_pins(m->p, m->card, entry(m, "pins"), path, true)) != 0 ||
        (err = make_keys(m->p, m->card, entry(m, "keys"), path, true)) != 0 ||
        (err = make_environments(m->p, m->card, entry(m, "environments"),
                                 path)) != 0)
        return err;
    return make_list(m->p, m->card, entry(m, "files"), path, level + 1);
}

static int
make_file(struct profile *p, struct card *card, const struct node *at,
          struct bytes parent, int level)
{
    static const char *const names[] = {
        "fid",     "path",         "type",        "name",
        "size",    "sfi",          "record-size", "record-count",
        "coding",  "shareable",    "internal",    "life-cycle",
        "access",  "extra",        "fcp",         "content",
        "records", "objects",      "files",       "pins",
        "keys",    "environments", NULL};
    struct making m = {.p = p, .card = card, .at = at, .parent = parent};
    const struct node *content_at;
    struct buf content = {0};
    int err;

    if ((err = take_map(p, at, names)) != 0 || (err = take_identity(&m)) != 0)
        return err;
    if ((content_at = entry(&m, "content")) != NULL)
        err = take_value(p, card, content_at, false, &content);
    if (err == 0)
        err = add_file(&m, content.n);
    if (err == 0)
        err = fill(&m, buf_bytes(&content), level);
    value_clear(&content);
    return err;
}

static int
make_list(struct profile *p, struct card *card, const struct node *list,
          struct bytes parent, int level)
{
    const struct node *at;
    int err = take_list(p, list);

    if (list == NULL || err != 0)
        return err;
    if (level > PROFILE_LEVELS)
        return refuse(p, list, "too deep");
    for (at = list->first; at != NULL && err == 0; at = at->next)
        err = make_file(p, card, at, parent, level);
    return err;
}

int
make_files(struct profile *p, struct card *card, const struct node *list)
{
    return make_list(p, card, list, bytes_of(NULL, 0), 0);
}
