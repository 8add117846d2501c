/*
 * hex.h - bytes as hexadecimal digits and back.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_HEX_H
#define VICC_HEX_H

#include <vicc/bytes.h>
#include <vicc/names.h>

VICC_DECLS

/*
 * Appends the bytes that the `n` characters at `text` spell, two digits a
 * byte, white space between bytes allowed. False if anything else is there;
 * what was read before it stays appended. Room runs out as overrun.
 */
bool hex_parse(const char *text, size_t n, struct buf *out);

/* Appends the digits of `in`, upper case, as text without a final NUL. */
void hex_put(struct buf *out, struct bytes in);

/* The value of one digit, or -1. */
int hex_digit(char c);

VICC_DECLS_END

#endif
