/*
 * script.h - APDU scripts and traces, vicc-script(5): text lines of commands,
 * expected answers and directives. This part only reads them; vicc/play.h
 * runs them against a card.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef SCRIPT_SCRIPT_H
#define SCRIPT_SCRIPT_H

#include <stdio.h>

#include <vicc/bytes.h>

#define SCRIPT_BYTES_MAX 65535       /* bytes that one line may spell */
#define SCRIPT_TEXT_MAX (256 * 1024) /* characters in one line */

enum script_what {
    SCRIPT_NOTHING,   /* empty, or a comment */
    SCRIPT_COMMAND,   /* > bytes */
    SCRIPT_ANSWER,    /* < pattern */
    SCRIPT_ATR,       /* ! atr pattern */
    SCRIPT_RESET,     /* ! reset */
    SCRIPT_POWER_OFF, /* ! power off */
    SCRIPT_POWER_ON,  /* ! power on */
};

/* Elements of a pattern; below 100 the byte itself. */
enum script_element {
    SCRIPT_ANY = 0x100, /* xx: one byte, any */
    SCRIPT_MASKED,      /* **: one byte that a trace has hidden */
    SCRIPT_MANY,        /* ...: any number of bytes, none too */
};

/* One line, taken apart; large, so it lives on the heap. */
struct script_line {
    enum script_what what;
    unsigned number;      /* in the file, from 1 */
    struct bytes comment; /* behind the #, borrowed from the text */
    size_t n;             /* elements of the pattern */
    uint16_t pattern[SCRIPT_BYTES_MAX];
};

struct script_error {
    unsigned line;
    size_t column; /* from 1 */
    char text[160];
};

/*
 * Takes one line of text apart, without its newline. False, with `error`
 * filled, if it is none of the format; `number` is only passed on.
 */
bool script_parse(struct bytes text, unsigned number, struct script_line *line,
                  struct script_error *error);

/*
 * Steps over the element that `text` begins with. False, with *why saying
 * what is wrong, if none does.
 */
bool script_take_element(struct bytes *text, uint16_t *element,
                         const char **why);

/* The same as script_match() and script_put() for a pattern of n elements. */
bool script_pattern_match(const uint16_t *pattern, size_t n,
                          struct bytes actual);
void script_pattern_put(struct buf *out, const uint16_t *pattern, size_t n);

/* True if the pattern allows these bytes; masked bytes allow any. */
bool script_match(const struct script_line *line, struct bytes actual);

/*
 * The bytes of a line into `out`. False if the pattern is not plain bytes:
 * then *masked tells whether the first such element is a masked byte.
 */
bool script_plain(const struct script_line *line, struct buf *out,
                  bool *masked);

/* The pattern as the format writes it, without the line's mark. */
void script_put(struct buf *out, const struct script_line *line);

/* Reads a stream line by line and watches over the order of the lines. */
struct script_reader;

/* Borrows the stream. Returns 0 or -ENOMEM. */
int script_reader_new(FILE *in, struct script_reader **out);

/*
 * The next line that says something. Returns 1 with *line borrowed until the
 * next call, 0 at the end, -EINVAL with `error` filled (the next call goes on
 * with the next line), -EIO if the stream cannot be read.
 */
int script_next(struct script_reader *reader, const struct script_line **line,
                struct script_error *error);

/* Bare hexadecimal digits are a command: for people at a terminal. */
void script_reader_casual(struct script_reader *reader);

/* Lines that are only a comment are handed out too, as SCRIPT_NOTHING. */
void script_reader_comments(struct script_reader *reader);

/* Accepts NULL; wipes what was read. */
void script_reader_free(struct script_reader **reader);

#endif
