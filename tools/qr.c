/*
 * qr.c - see qr.h.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "qr.h"

#include <qrencode.h>

#define QUIET 4 /* modules around the code: ISO/IEC 18004:2015, 6.3.8 */

/* Outside of the code everything is light. */
static bool
is_dark(const QRcode *code, int x, int y)
{
    return x >= 0 && y >= 0 && x < code->width && y < code->width &&
           (code->data[y * code->width + x] & 1) != 0;
}

/* Which halves are written: none, the lower, the upper, both. */
static const char *
block(bool upper, bool lower)
{
    static const char *const blocks[] = {" ", "\u2584", "\u2580", "\u2588"};

    return blocks[upper * 2 + lower];
}

static void
put_line(FILE *out, const QRcode *code, int y, enum qr_ink ink)
{
    bool written = ink != QR_LIGHT; /* is it the dark ones that are? */
    int x;

    if (ink == QR_COLOUR)
        fputs("\033[38;5;16;48;5;231m", out); /* black on white, of 256 */
    for (x = -QUIET; x < code->width + QUIET; x++)
        fputs(block(is_dark(code, x, y) == written,
                    is_dark(code, x, y + 1) == written),
              out);
    fputs(ink == QR_COLOUR ? "\033[0m\n" : "\n", out);
}

bool
qr_put(FILE *out, const char *text, enum qr_ink ink)
{
    QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
    int y;

    if (code == NULL)
        return false;
    for (y = -QUIET; y < code->width + QUIET; y += 2)
        put_line(out, code, y, ink);
    QRcode_free(code);
    return true;
}
