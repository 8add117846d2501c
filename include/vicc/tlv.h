/*
 * tlv.h - BER-TLV and SIMPLE-TLV data objects, ISO/IEC 7816-4:2013 5.2.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_TLV_H
#define VICC_TLV_H

#include <vicc/bytes.h>
#include <vicc/names.h>

VICC_DECLS

/* One data object; `value` and `whole` are borrowed from the input. */
struct tlv {
    uint32_t tag;       /* as it stands on the card: 0x62, 0x7F49, 0x5F2E */
    struct bytes value; /* V alone */
    struct bytes whole; /* T, L and V */
};

/*
 * Steps over one BER-TLV data object: tags of up to three bytes, lengths of
 * up to four bytes behind the first. False at the end, when `in` is empty,
 * and at the first malformed object, when `in` keeps it.
 */
bool tlv_next(struct bytes *in, struct tlv *t);

/* The first object of that tag on this level; false if absent or malformed. */
bool tlv_find(struct bytes in, uint32_t tag, struct tlv *t);

/* True if `in` is a sequence of well-formed objects, looking one level deep. */
bool tlv_is_valid(struct bytes in);

/*
 * The same, looking into constructed objects, which may stand inside each
 * other TLV_DEPTH deep.
 */
#define TLV_DEPTH 16
bool tlv_is_valid_deep(struct bytes in);

/* The tag says that the value is itself made of data objects. */
bool tlv_is_constructed(uint32_t tag);

/* Takes a tag alone, as in a tag list; false if it is malformed. */
bool tlv_take_tag(struct bytes *in, uint32_t *tag);

/* Takes a length field alone; false if it is malformed. */
bool tlv_take_length(struct bytes *in, size_t *length);

/* Appends one whole data object, or its parts. */
void tlv_put(struct buf *out, uint32_t tag, struct bytes value);
void tlv_put_u8(struct buf *out, uint32_t tag, uint8_t value);
void tlv_put_u16(struct buf *out, uint32_t tag, uint16_t value);
void tlv_put_tag(struct buf *out, uint32_t tag);
void tlv_put_length(struct buf *out, size_t length);

/* Bytes of the length field that tlv_put_length() appends. */
size_t tlv_length_size(size_t length);

/*
 * Opens a constructed object and closes it again, writing its length in the
 * shortest form; `open` is what tlv_open() returned.
 */
size_t tlv_open(struct buf *out, uint32_t tag);
void tlv_close(struct buf *out, size_t open);

/*
 * Steps over one SIMPLE-TLV data object, 5.2.1: a tag from 01 to FE and a
 * length of one byte, or FF and two bytes. Ends as tlv_next() does.
 */
bool simple_tlv_next(struct bytes *in, struct tlv *t);

VICC_DECLS_END

#endif
