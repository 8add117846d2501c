/*
 * reader.c - which of the PC/SC readers is meant, and what it is.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cards/relay/reader.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <reader.h>

LONG
reader_list_get(struct reader_list *list, SCARDCONTEXT context)
{
    DWORD size = sizeof(list->names);
    LONG rv;

    list->names[0] = list->names[1] = '\0';
    rv = SCardListReaders(context, NULL, list->names, &size);
    if (rv != SCARD_S_SUCCESS)
        list->names[0] = '\0';
    return rv == SCARD_E_NO_READERS_AVAILABLE ? SCARD_S_SUCCESS : rv;
}

/* The name after this one; the last one is followed by "". */
static const char *
next(const char *name)
{
    return name + strlen(name) + 1;
}

static const char *
find_name(const struct reader_list *list, const char *wanted)
{
    const char *name;

    for (name = list->names; *name != '\0'; name = next(name))
        if (strcmp(name, wanted) == 0)
            return name;
    return NULL;
}

static bool
is_number(const char *text)
{
    return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

static const char *
find_number(const struct reader_list *list, const char *wanted)
{
    unsigned long number = strtoul(wanted, NULL, 10);
    const char *name;

    for (name = list->names; *name != '\0'; name = next(name))
        if (number-- == 0)
            return name;
    return NULL;
}

enum reader_match
reader_find(const struct reader_list *list, const char *wanted,
            const char **found)
{
    const char *name;
    unsigned matches = 0;

    *found = NULL;
    if (wanted != NULL &&
        ((*found = find_name(list, wanted)) != NULL || is_number(wanted))) {
        if (*found == NULL)
            *found = find_number(list, wanted);
        return *found != NULL ? READER_ONE : READER_NONE;
    }
    for (name = list->names; *name != '\0'; name = next(name))
        if (wanted == NULL || strcasestr(name, wanted) != NULL) {
            *found = name;
            matches++;
        }
    return matches == 0   ? READER_NONE
           : matches == 1 ? READER_ONE
                          : READER_SEVERAL;
}

void
reader_tame(char *text)
{
    for (; *text != '\0'; text++)
        if (iscntrl((unsigned char)*text))
            *text = '?';
}

void
reader_list_put(const struct reader_list *list, const char *part, char *text,
                size_t room)
{
    const char *name;
    unsigned number = 0;
    size_t line, n = 0;

    text[0] = '\0';
    for (name = list->names; *name != '\0' && n < room;
         name = next(name), number++)
        if (part == NULL || strcasestr(name, part) != NULL) {
            line = n + 1; /* behind the end of the line before */
            n += (size_t)snprintf(text + n, room - n, "\n  %u: %s", number,
                                  name);
            if (line < room)
                reader_tame(text + line);
        }
}

static bool
get_text(SCARDHANDLE card, DWORD attribute, char *text, size_t room)
{
    DWORD n = (DWORD)room - 1;

    if (SCardGetAttrib(card, attribute, (LPBYTE)text, &n) != SCARD_S_SUCCESS)
        return false;
    text[n] = '\0';
    return true;
}

/*
 * The drivers that this wire protocol comes from have no such attribute. Their
 * slot n listens on the port of their package plus n; n is the last number of
 * the name.
 */
static bool
classic_address(const char *name, char *text, size_t room)
{
    const char *number = strrchr(name, ' ');
    unsigned long slot;

    if (strncmp(name, "Virtual PCD ", 12) != 0 || number == NULL)
        return false;
    slot = strtoul(number, NULL, 16);
    return snprintf(text, room, "tcp-listen:any:%lu", 0x8C7B + slot) <
           (int)room;
}

/* Ours is its serial number. */
static bool
own_address(SCARDHANDLE card, char *text, size_t room)
{
    char vendor[64], type[64];

    return get_text(card, SCARD_ATTR_VENDOR_NAME, vendor, sizeof(vendor)) &&
           get_text(card, SCARD_ATTR_VENDOR_IFD_TYPE, type, sizeof(type)) &&
           strcmp(vendor, "vicc") == 0 && strcmp(type, "Virtual PCD") == 0 &&
           get_text(card, SCARD_ATTR_VENDOR_IFD_SERIAL_NO, text, room);
}

bool
reader_address(SCARDCONTEXT context, const char *name, char *text, size_t room)
{
    SCARDHANDLE card;
    DWORD protocol;
    bool found;

    /* Directly, because a card need not be there. */
    if (SCardConnect(context, name, SCARD_SHARE_DIRECT, 0, &card, &protocol) !=
        SCARD_S_SUCCESS)
        return false;
    found = own_address(card, text, room) || classic_address(name, text, room);
    SCardDisconnect(card, SCARD_LEAVE_CARD);
    return found;
}
