/*
 * fs.h - MF, DFs and EFs: the tree over the file objects of a card's state.
 * The head of a file object is its file control parameters, the data objects
 * inside an FCP template; what stands in struct file is read from there.
 * Source: ISO/IEC 7816-4:2013 7.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COS_FS_H
#define COS_FS_H

#include <vicc/sw.h>

#include "cos/state.h"

#define FID_MF 0x3F00
#define FID_CURRENT_DF 0x3FFF /* 7816-4: in a path, the current DF */
#define FID_RESERVED 0xFFFF   /* 7816-4: never the identifier of a file */
#define DF_NAME_MAX 16
#define SFI_MAX 30

/*
 * Bits b6 to b1 of the file descriptor byte, DO 82; an internal EF (b4) has
 * the type of a working EF.
 */
enum file_type {
    FILE_TRANSPARENT = 0x01,
    FILE_LINEAR_FIXED = 0x02,
    FILE_LINEAR_VARIABLE = 0x04,
    FILE_CYCLIC = 0x06,
    FILE_OF_SIMPLE_TLV = 0x01, /* with the three above: records are TLV */
    FILE_DF = 0x38,
    FILE_BER_TLV = 0x39,
    FILE_SIMPLE_TLV = 0x3A,
};

/* The life cycle status byte, DO 8A. */
enum life_cycle {
    LIFE_CREATION = 0x01,
    LIFE_INITIALISATION = 0x03,
    LIFE_DEACTIVATED = 0x04,
    LIFE_ACTIVATED = 0x05,
    LIFE_TERMINATED = 0x0C,      /* b2 b1 are free: */
    LIFE_CARD_TERMINATED = 0x0F, /* of the MF: by TERMINATE CARD USAGE */
};

struct file;

struct file {
    struct object *object;
    struct file *parent;    /* NULL for the MF */
    struct file **children; /* of a DF, ordered by fid: children.h */
    struct file **child_slots;
    size_t child_count;
    size_t child_room;
    struct file *next_df; /* of a DF: the one made after it, in card.dfs */
    struct file *before_df;
    bool linked;  /* false once it was deleted */
    uint8_t type; /* enum file_type */
    uint16_t fid;
    uint8_t sfi;          /* 1 to 30, or 0 without one */
    bool sfi_is_explicit; /* from DO 88, not from the fid */
    bool is_shareable;    /* may be current on several channels */
    bool is_internal;     /* for the card's own use, 7.2.1 */
    uint8_t life_cycle;   /* enum life_cycle */
    uint8_t data_coding;  /* DO 82, second byte */
    uint16_t record_max;  /* bytes in a record: at most, or exactly */
    uint16_t records_max; /* number of records; 0: as many as fit */
    uint32_t capacity;    /* bytes of content at most */
    struct bytes df_name; /* DO 84, a view into the head; empty if absent */
};

struct card;

static inline bool
file_is_df(const struct file *file)
{
    return file->type == FILE_DF;
}

static inline bool
file_has_records(const struct file *file)
{
    return file->type >= FILE_LINEAR_FIXED && file->type <= 0x07;
}

static inline bool
file_is_cyclic(const struct file *file)
{
    return (file->type | FILE_OF_SIMPLE_TLV) == 0x07;
}

/* Records of one length: linear fixed or cyclic. */
static inline bool
file_has_fixed_records(const struct file *file)
{
    return (file->type | FILE_OF_SIMPLE_TLV) == 0x03 || file_is_cyclic(file);
}

/* Its records are, or it is, made of SIMPLE-TLV data objects. */
static inline bool
file_is_simple_tlv(const struct file *file)
{
    return file->type == FILE_SIMPLE_TLV ||
           (file_has_records(file) && (file->type & FILE_OF_SIMPLE_TLV) != 0);
}

/*
 * The data coding byte that counts for a file: its own, or that of the DF
 * nearest above it; 0 without one. A data unit is then one byte, and WRITE
 * writes once, as the historical bytes say.
 */
static inline uint8_t
file_coding(const struct file *file)
{
    while (file->data_coding == 0 && file->parent != NULL)
        file = file->parent;
    return file->data_coding;
}

/*
 * What a data unit reads after it was erased: WRITE turns bits on (OR), or
 * off (AND); data coding byte, b7 b6.
 */
static inline uint8_t
file_erased_byte(const struct file *file)
{
    return (file_coding(file) & 0x60) == 0x60 ? 0xFF : 0x00;
}

/* Holds data objects: a DF, or an EF of TLV structure. */
static inline bool
file_holds_objects(const struct file *file)
{
    return file->type >= FILE_DF;
}

/* The data objects of the FCP template, and the content of an EF. */
struct bytes file_fcp(const struct file *file);
struct bytes file_content(const struct file *file);

/*
 * Makes a file in `parent` (NULL: the MF) from the data objects of an FCP
 * template. A transparent EF gets all its bytes, an EF of fixed records those
 * whose number DO 82 gives, all erased; other EFs begin empty. Without DO 8A
 * the file is activated. Returns the status word of CREATE FILE, with *out
 * borrowed from the card if it is 9000.
 */
sw_t fs_create(struct card *card, struct file *parent, struct bytes fcp,
               struct file **out);

/*
 * Makes a file of an object that was loaded, in `parent`, which is a DF, or
 * NULL. Returns 0, -ENOMEM, or -EBADMSG with *why saying what is wrong. That
 * DF names differ is not looked at.
 */
int fs_adopt(struct card *card, struct file *parent, struct object *object,
             const char **why);

/* content.c: what its body holds is what its control parameters allow. */
bool file_content_is_valid(const struct file *file);

/* Deletes a file, and of a DF all that is in it; 0 or -ENOMEM. */
int fs_delete(struct card *card, struct file *file);

/* True if `file` is `df` or lies below it. */
bool file_is_within(const struct file *file, const struct file *df);

/* Of two DFs on one way, or none (NULL), the one that is left first. */
static inline const struct file *
file_inner(const struct file *one, const struct file *other)
{
    return other == NULL || file_is_within(one, other) ? one : other;
}

/* Overwrites bytes inside the content; 0 or -ENOMEM. */
int file_write(struct card *card, struct file *file, size_t offset,
               struct bytes bytes);

/*
 * Replaces `n` bytes of content by others, of any number. -ENOSPC, with
 * nothing changed, if the file or the card cannot hold that; 0 or -ENOMEM.
 */
int file_splice(struct card *card, struct file *file, size_t offset, size_t n,
                struct bytes bytes);

/* Sets DO 8A; 0 or -ENOMEM. */
int file_set_life_cycle(struct card *card, struct file *file,
                        enum life_cycle life_cycle);

/* All find functions return NULL when there is no such file. */
struct file *fs_child(const struct file *df, uint16_t fid);
struct file *fs_by_sfi(const struct file *df, uint8_t sfi);

/* The MF, a child of `df`, that DF itself, or its parent, in that order. */
struct file *fs_near(struct card *card, struct file *df, uint16_t fid);

/*
 * The file that `path`, a sequence of file identifiers, leads to from `df`;
 * an empty path leads to `df`.
 */
struct file *fs_by_path(struct file *df, struct bytes path);

/*
 * The first DF whose name begins with `name`, in the order in which they
 * were made, behind `after` (NULL: from the start).
 */
struct file *fs_by_name(struct card *card, struct bytes name,
                        const struct file *after);

/* What struct state tells of the objects of files. */
void fs_told(struct card *card, struct object *object, enum object_event event);

#endif
