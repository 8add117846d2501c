/*
 * data.h - what the commands that handle data objects share. Source: ISO/IEC
 * 7816-4:2013 11.4.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COS_DATA_H
#define COS_DATA_H

#include "cos/objects.h"

#define TAG_ALL 0 /* P1-P2 00FF and 02FF: not one object but all */

/* A command at work: on which file, and from which current object. */
struct data {
    struct card *card;
    struct channel *channel;
    struct object_path path;
    struct bytes in; /* of the data field, what is left */
    uint32_t tag;    /* even INS: from P1-P2, or TAG_ALL */
    size_t found;    /* objects that were found so far */
};

/*
 * Even INS: the tag is in P1-P2, the objects are those of the current EF if
 * it is of TLV structure, of the current DF otherwise; the path is that of
 * the current object. 9000, 6981, 6A81, 6A86 or 6A88.
 */
sw_t data_open(struct card *card, const struct capdu *c, struct data *d);

/*
 * Odd INS: the file is given by P1-P2, or when those are 0000 perhaps by a
 * file reference, DO 51, at the start of the data field. The path is the top
 * of the file, or the current object if it stands there. 9000, 6981, 6985,
 * 6986, 6A80, 6A82 or 6A85.
 */
sw_t data_open_odd(struct card *card, const struct capdu *c, struct data *d);

/* May the last object of the path, and what it is in, be used like that? */
sw_t data_check_path(const struct data *d, enum access_mode mode);

/*
 * And all that is in it, if it is a template: what is guarded by its tag is so
 * in every template. *t is an object of the file, or to be one.
 */
sw_t data_check_whole(const struct data *d, enum access_mode mode);
sw_t data_check_inside(const struct data *d, const struct tlv *t,
                       enum access_mode mode);

/*
 * Appends what a tag list (5C), header list (5D) or extended header list (4D)
 * asks for from the file. 9000 or why not; d->found grows by what was there.
 */
sw_t data_put_listed(struct data *d, const struct tlv *list, struct buf *rsp);

/* Appends all objects of `in`, as far as they may be read. */
sw_t data_put_all(struct data *d, struct bytes in, struct buf *rsp);

#endif
