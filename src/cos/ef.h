/*
 * ef.h - the file that P1-P2 or a data object refers to, when a command acts
 * on a file without SELECT. Once the command is completed it is current.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COS_EF_H
#define COS_EF_H

#include "cos/internal.h"

/* All return 9000 with *ef set, or 6985 (in use elsewhere), 6986, 6A82. */
sw_t ef_choose_current(const struct channel *channel, struct file **ef);

/* Short identifier 0 stands for the current EF. */
sw_t ef_choose_sfi(struct card *card, struct channel *channel, uint8_t sfi,
                   struct file **ef);

/*
 * P1-P2 of odd INS codes: 0000 the current EF; b16 to b6 all 0, a short EF
 * identifier; otherwise the identifier of an EF in the current DF. 6981 if
 * that is a DF.
 */
sw_t ef_choose(struct card *card, struct channel *channel, uint16_t p1p2,
               struct file **ef);

/* The same, where DFs are fine: 3FFF is the current one, 3F00 the MF. */
sw_t file_choose(struct card *card, struct channel *channel, uint16_t p1p2,
                 struct file **file);

/*
 * By the value of a file reference data object, tag 51: a short EF
 * identifier, a file identifier, or a path from the MF (3F00) or the current
 * DF (3FFF); a path may end with P1 of a SELECT by path, 08 or 09. 6A80 for
 * another value.
 */
sw_t file_choose_by_reference(struct card *card, struct channel *channel,
                              struct bytes reference, struct file **file);

#endif
