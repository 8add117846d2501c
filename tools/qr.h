/*
 * qr.h - QR codes on a terminal.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TOOLS_QR_H
#define TOOLS_QR_H

#include <stdbool.h>
#include <stdio.h>

enum qr_ink {
    QR_LIGHT,  /* what is written shows light on dark, as most terminals do */
    QR_DARK,   /* dark on light, as on paper */
    QR_COLOUR, /* the terminal is told: black on white */
};

/*
 * Writes the code for a text to `out`, two rows of modules a line in the
 * upper and lower half blocks of Unicode, with the quiet zone of ISO/IEC
 * 18004. False if the text is too long for a code, or memory runs out.
 */
bool qr_put(FILE *out, const char *text, enum qr_ink ink);

#endif
