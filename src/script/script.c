/*
 * script.c - one line of an APDU script: text to pattern, pattern to match.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "script/script.h"

#include <vicc/hex.h>

/* A place in the text of a line; the only way this file moves through it. */
struct cursor {
    struct bytes text;
    size_t at;
    struct script_error *error;
};

static bool
refuse(struct cursor *c, size_t at, const char *why)
{
    c->error->column = at + 1;
    snprintf(c->error->text, sizeof(c->error->text), "%s", why);
    return false;
}

/* The character `ahead` of the cursor; NUL past the end of the line. */
static char
peek(const struct cursor *c, size_t ahead)
{
    return c->text.n - c->at > ahead ? (char)c->text.p[c->at + ahead] : '\0';
}

static bool
is_space(char ch)
{
    return ch == ' ' || ch == '\t' || ch == '\r';
}

static void
skip_space(struct cursor *c)
{
    while (is_space(peek(c, 0)))
        c->at++;
}

/* Nothing but a comment left? A NUL in the text is not the end of it. */
static bool
at_end(const struct cursor *c)
{
    return c->at == c->text.n || peek(c, 0) == '#';
}

/* Steps over `word` if it stands here and ends here. */
static bool
take_word(struct cursor *c, const char *word)
{
    size_t n = strlen(word);

    if (c->text.n - c->at < n || memcmp(c->text.p + c->at, word, n) != 0)
        return false;
    if (!is_space(peek(c, n)) && peek(c, n) != '\0' && peek(c, n) != '#')
        return false;
    c->at += n;
    skip_space(c);
    return true;
}

static bool
is_x(char ch)
{
    return ch == 'x' || ch == 'X';
}

/* Why no element begins with `a`, with `b` behind it. */
static const char *
element_fault(char a, char b)
{
    bool digit = hex_digit(a) >= 0, other = hex_digit(b) >= 0;

    if ((digit && is_x(b)) || (is_x(a) && other))
        return "half a byte cannot be left open; write xx for any byte";
    if (digit || is_x(a))
        return "half a byte: two digits make one";
    if (a == '*')
        return "a masked byte is two stars";
    if (a == '.')
        return "three dots stand for any number of bytes";
    return "not a hexadecimal digit";
}

bool
script_take_element(struct bytes *text, uint16_t *element, const char **why)
{
    char a = text->n > 0 ? (char)text->p[0] : '\0';
    char b = text->n > 1 ? (char)text->p[1] : '\0';
    size_t n = 2;

    if (a == '.' && b == '.' && text->n > 2 && text->p[2] == '.') {
        *element = SCRIPT_MANY;
        n = 3;
    } else if (is_x(a) && is_x(b)) {
        *element = SCRIPT_ANY;
    } else if (a == '*' && b == '*') {
        *element = SCRIPT_MASKED;
    } else if (hex_digit(a) >= 0 && hex_digit(b) >= 0) {
        *element = (uint16_t)(hex_digit(a) << 4 | hex_digit(b));
    } else {
        *why = element_fault(a, b);
        return false;
    }
    *text = bytes_slice(*text, n, text->n);
    return true;
}

/* open: the pattern may leave bytes open with xx and ... */
static bool
take_pattern(struct cursor *c, bool open, struct script_line *line)
{
    for (skip_space(c); !at_end(c); skip_space(c)) {
        struct bytes rest = bytes_slice(c->text, c->at, c->text.n);
        size_t start = c->at;
        const char *why;
        uint16_t element;

        if (!script_take_element(&rest, &element, &why))
            return refuse(c, start, why);
        c->at = c->text.n - rest.n;
        if (!open && (element == SCRIPT_ANY || element == SCRIPT_MANY))
            return refuse(c, start,
                          "a command must be spelled out; xx and ... are for "
                          "answers");
        if (line->n == SCRIPT_BYTES_MAX)
            return refuse(c, start,
                          "more than 65535 bytes, which no message between "
                          "reader and card can carry");
        line->pattern[line->n++] = element;
    }
    return line->n != 0 || refuse(c, c->at, "no bytes here");
}

static bool
take_directive(struct cursor *c, struct script_line *line)
{
    size_t start;

    skip_space(c);
    start = c->at;
    if (take_word(c, "atr")) {
        line->what = SCRIPT_ATR;
        return take_pattern(c, true, line);
    }
    if (take_word(c, "reset"))
        line->what = SCRIPT_RESET;
    else if (take_word(c, "power"))
        line->what = take_word(c, "on")    ? SCRIPT_POWER_ON
                     : take_word(c, "off") ? SCRIPT_POWER_OFF
                                           : SCRIPT_NOTHING;
    if (line->what == SCRIPT_NOTHING)
        return refuse(c, start,
                      "no such directive; there are reset, power on, power "
                      "off and atr");
    return at_end(c) || refuse(c, c->at, "the directive ends before this");
}

static bool
take_line(struct cursor *c, struct script_line *line)
{
    skip_space(c);
    if (at_end(c))
        return true;
    switch (peek(c, 0)) {
    case '>':
        c->at++;
        line->what = SCRIPT_COMMAND;
        return take_pattern(c, false, line);
    case '<':
        c->at++;
        line->what = SCRIPT_ANSWER;
        return take_pattern(c, true, line);
    case '!':
        c->at++;
        return take_directive(c, line);
    default:
        return refuse(c, c->at,
                      "a line begins with > (to the card), < (from the "
                      "card), ! (a directive) or # (a comment)");
    }
}

bool
script_parse(struct bytes text, unsigned number, struct script_line *line,
             struct script_error *error)
{
    struct cursor c = {text, 0, error};

    error->line = number;
    line->number = number;
    line->what = SCRIPT_NOTHING;
    line->n = 0;
    if (!take_line(&c, line))
        return false;
    line->comment = bytes_slice(text, c.at + 1, text.n);
    return true;
}

/*
 * Matching with at most one place to come back to: what an earlier ... took
 * may always be left to the latest one, so the work is n times m at worst.
 */
bool
script_pattern_match(const uint16_t *pattern, size_t n, struct bytes actual)
{
    size_t p = 0, a = 0, retry_p = 0, retry_a = 0;
    bool many = false;

    while (a < actual.n) {
        uint16_t want = p < n ? pattern[p] : UINT16_MAX;

        if (want == SCRIPT_MANY) {
            many = true;
            retry_p = ++p;
            retry_a = a;
        } else if (want == SCRIPT_ANY || want == SCRIPT_MASKED ||
                   want == actual.p[a]) {
            p++;
            a++;
        } else if (many) {
            p = retry_p;
            a = ++retry_a;
        } else {
            return false;
        }
    }
    while (p < n && pattern[p] == SCRIPT_MANY)
        p++;
    return p == n;
}

bool
script_match(const struct script_line *line, struct bytes actual)
{
    return script_pattern_match(line->pattern, line->n, actual);
}

bool
script_plain(const struct script_line *line, struct buf *out, bool *masked)
{
    size_t i;

    for (i = 0; i < line->n; i++) {
        if (line->pattern[i] > 0xFF) {
            *masked = line->pattern[i] == SCRIPT_MASKED;
            return false;
        }
        buf_put_u8(out, (uint8_t)line->pattern[i]);
    }
    return true;
}

void
script_pattern_put(struct buf *out, const uint16_t *pattern, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++) {
        uint8_t byte = (uint8_t)pattern[i];

        if (pattern[i] == SCRIPT_ANY)
            buf_put(out, bytes_of("xx", 2));
        else if (pattern[i] == SCRIPT_MASKED)
            buf_put(out, bytes_of("**", 2));
        else if (pattern[i] == SCRIPT_MANY)
            buf_put(out, bytes_of("...", 3));
        else
            hex_put(out, bytes_of(&byte, 1));
    }
}

void
script_put(struct buf *out, const struct script_line *line)
{
    script_pattern_put(out, line->pattern, line->n);
}
