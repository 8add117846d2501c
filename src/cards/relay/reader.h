/*
 * reader.h - which of the PC/SC readers is meant, and what it is.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef CARDS_RELAY_READER_H
#define CARDS_RELAY_READER_H

#include <stdbool.h>
#include <stddef.h>

#include <winscard.h>

#define READER_NAME_MAX (MAX_READERNAME + 1)     /* with NUL */
#define READER_ADDRESS_MAX (MAX_BUFFER_SIZE + 1) /* what PC/SC passes */

/* The names of all readers, one after another, as SCardListReaders has them. */
struct reader_list {
    char names[(MAX_READERNAME + 1) * PCSCLITE_MAX_READERS_CONTEXTS + 1];
};

enum reader_match {
    READER_NONE,
    READER_ONE,
    READER_SEVERAL,
};

/* SCARD_S_SUCCESS also for no reader at all; the list is empty then. */
LONG reader_list_get(struct reader_list *list, SCARDCONTEXT context);

/*
 * Looks for `wanted`: a whole name, else the number of a reader, from 0, else
 * a part of a name; NULL: whichever there is. *found gets the name when there
 * is one, borrowed from the list.
 */
enum reader_match reader_find(const struct reader_list *list,
                              const char *wanted, const char **found);

/*
 * "  0: NAME" on a line for each reader whose name has `part` (NULL: all);
 * cut to the room.
 */
void reader_list_put(const struct reader_list *list, const char *part,
                     char *text, size_t room);

/*
 * Leaves no control character in a text for people: a device says itself
 * what its reader is called, and may say anything.
 */
void reader_tame(char *text);

/*
 * The address of a virtual reader, as vpcd(7) writes it from the reader's
 * side; false for any other reader, or if the reader does not tell now.
 */
bool reader_address(SCARDCONTEXT context, const char *name, char *text,
                    size_t room);

#endif
