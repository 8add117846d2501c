/*
 * private.h - what the files of this folder share.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef DECODE_PRIVATE_H
#define DECODE_PRIVATE_H

#include <vicc/apdu.h>
#include <vicc/tlv.h>
#include <vicc/type.h>

#include "decode/decode.h"
#include "decode/out.h"

/* ---- one exchange, taken apart (walk.c) ---- */

/* A part of a message: as it is written, and as bytes, hidden ones zero. */
struct part {
    const uint16_t *pattern;
    struct bytes bytes;
    bool plain; /* nothing in it is hidden or left open */
};

struct exchange {
    unsigned line;        /* of the command */
    unsigned answer_line; /* 0: it has none */
    struct part command;
    struct capdu c;   /* its fields, if there are four plain bytes */
    bool has_header;  /* there are */
    bool fits;        /* its length fields fit */
    struct part data; /* the command data field */
    struct part answer;
    struct part response; /* the answer's data field */
    bool has_sw;
    uint16_t sw;
    struct bytes name; /* of the command, perhaps by a comment; never "" */
    bool is_error;     /* the status word says so, or is missing */
};

/* A form in which a trace is told; members may be NULL. */
struct form {
    enum out_kind kind;
    void (*begin)(struct out *out, const struct decode_settings *settings);
    void (*power)(struct out *out, unsigned line, enum script_what what);
    void (*atr)(struct out *out, unsigned line, const struct part *atr);
    void (*comment)(struct out *out, unsigned line, struct bytes text);
    void (*exchange)(struct out *out, const struct exchange *e);
    void (*end)(struct out *out, const struct decode_count *count,
                const struct script_error *error); /* NULL: there is none */
};

extern const struct form text_form, json_form, html_form;

/* "power on", and so on. */
const char *power_words(enum script_what what);

/* The lines below the first one of an exchange; for text and page. */
void body_put(struct out *out, const struct exchange *e);

/* ---- commands in words (commands.c) ---- */

/* By the type, then by the standard, then by what others are used to; NULL. */
const char *command_name(const struct card_type *type, const struct capdu *c);

#define MEANING_MAX 256

/* What P1-P2 ask for: "by path from the MF; FCP back"; "" if no table says. */
const char *command_p1p2(const struct capdu *c, char text[MEANING_MAX]);

/* What the class byte says besides: "logical channel 2; chained"; or "". */
const char *command_class(const struct capdu *c, char text[MEANING_MAX]);

/* ---- data objects in words (tags.c, value.c) ---- */

/* Where a tag stands decides what it means. */
enum tag_context {
    IN_ANYTHING,
    IN_FCP,
    IN_ACCESS,  /* an expanded security attribute */
    IN_CRT,     /* a control reference template */
    IN_SM,      /* the data field of a protected message */
    IN_KEY,     /* 7F49 */
    IN_DYNAMIC, /* 7C, GENERAL AUTHENTICATE */
    IN_OPENPGP, /* 6E, 73 */
    IN_PIV,     /* 53 on a PIV card */
    IN_ASN1,    /* X.690 */
};

enum value_format {
    VALUE_HEX,
    VALUE_TEXT,
    VALUE_NUMBER,
    VALUE_FID,
    VALUE_PATH,
    VALUE_NAME, /* of a DF: bytes, often text */
    VALUE_DESCRIPTOR,
    VALUE_LIFE,
    VALUE_SFI,
    VALUE_COMPACT, /* security attribute, compact format */
    VALUE_OID,
    VALUE_SW,
    VALUE_TAGS,   /* a tag list */
    VALUE_NESTED, /* objects, whatever bit 6 of the tag says */
};

struct tag_meaning {
    enum tag_context context;
    uint32_t tag;
    const char *name;
    enum value_format format;
    enum tag_context inside;
};

/* What a tag means there, or NULL. */
const struct tag_meaning *tag_find(enum tag_context context, uint32_t tag);

/* Where the objects in a field of this command stand. */
enum tag_context tag_context_of(const struct capdu *c);

/*
 * True if a field of the exchange is made of data objects; *objects is the
 * field without the filling bytes behind them.
 */
bool field_objects(const struct exchange *e, const struct part *part,
                   struct bytes *objects);

/* True if the value of this object is objects, to be told one level deeper. */
bool tag_is_nested(const struct tlv *t, const struct tag_meaning *meaning,
                   enum tag_context *inside);

/* Do these objects speak of a DF? By the file descriptor byte among them. */
bool value_is_of_df(struct bytes objects);

/* The value in words, "" if bytes say it best; what it is of, as above. */
const char *value_words(const struct tag_meaning *meaning, struct bytes value,
                        bool of_df, char text[MEANING_MAX]);

/* A data field that is no data objects, in words; or "". */
const char *value_of_field(const struct exchange *e, char text[MEANING_MAX]);

/* "T=0, T=1; historical bytes 8031"; or why it is none. */
const char *value_of_atr(struct bytes atr, char text[MEANING_MAX]);

#endif
