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

#include "cos/state.h"
#include "iso7816/sw.h"

#define FID_MF 0x3F00
#define FID_CURRENT_DF 0x3FFF /* 7816-4: in a path, the current DF */
#define FID_RESERVED 0xFFFF   /* 7816-4: never the identifier of a file */
#define DF_NAME_MAX 16
#define SFI_MAX 30

/* Bits b6 to b1 of the file descriptor byte, DO 82. */
enum file_type {
    FILE_DF = 0x38,
    FILE_TRANSPARENT = 0x01,
};

/* The life cycle status byte, DO 8A. */
enum life_cycle {
    LIFE_CREATION = 0x01,
    LIFE_INITIALISATION = 0x03,
    LIFE_DEACTIVATED = 0x04,
    LIFE_ACTIVATED = 0x05,
    LIFE_TERMINATED = 0x0C,
};

struct file;

struct child {
    uint16_t fid; /* here as well, to search without touching the files */
    struct file *file;
};

struct file {
    struct object *object;
    struct file *parent;    /* NULL for the MF */
    struct child *children; /* of a DF, ordered by fid */
    size_t child_count;
    size_t child_room;
    struct file *next_df; /* of a DF: the one made after it, in card.dfs */
    bool linked;          /* false once it was deleted */
    enum file_type type;
    uint16_t fid;
    uint8_t sfi;          /* 1 to 30, or 0 without one */
    bool sfi_is_explicit; /* from DO 88, not from the fid */
    uint8_t life_cycle;   /* enum life_cycle */
    struct bytes df_name; /* in the head */
    struct bytes compact; /* DO 8C, compact security attribute, in the head */
};

struct card;

static inline bool
file_is_df(const struct file *file)
{
    return file->type == FILE_DF;
}

/* The data objects of the FCP template, and the content of an EF. */
struct bytes file_fcp(const struct file *file);
struct bytes file_content(const struct file *file);

/*
 * Makes a file in `parent` (NULL: the MF) from the data objects of an FCP
 * template; it has the size of DO 80, filled with 00. Returns the status
 * word of CREATE FILE, with *out borrowed from the card if it is 9000.
 */
sw_t fs_create(struct card *card, struct file *parent, struct bytes fcp,
               struct file **out);

/* Overwrites part of an EF's content; 0 or -ENOMEM. */
int file_write(struct card *card, struct file *file, size_t offset,
               struct bytes bytes);

/* All find functions return NULL when there is no such file. */
struct file *fs_child(const struct file *df, uint16_t fid);
struct file *fs_by_sfi(const struct file *df, uint8_t sfi);

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
