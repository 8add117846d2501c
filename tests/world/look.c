/*
 * look.c - a small PC/SC client for the tests of worlds: prints each reader
 * and what is in it. With -p it first waits for a card in the first reader.
 * With -w it then waits for news, and prints which error ends its waiting.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdio.h>
#include <string.h>

#include <winscard.h>

static int
failed(const char *call, LONG rv)
{
    printf("%s: %s\n", call, pcsc_stringify_error(rv));
    return 1;
}

static int
show(SCARDCONTEXT context, const char *reader)
{
    SCARD_READERSTATE state = {.szReader = reader};
    LONG rv = SCardGetStatusChange(context, 0, &state, 1);

    if (rv != SCARD_S_SUCCESS)
        return failed("SCardGetStatusChange", rv);
    printf("%s: %s\n", reader,
           state.dwEventState & SCARD_STATE_MUTE      ? "mute"
           : state.dwEventState & SCARD_STATE_PRESENT ? "card"
                                                      : "empty");
    return 0;
}

static int
wait_for_card(SCARDCONTEXT context, const char *reader)
{
    SCARD_READERSTATE state = {.szReader = reader};
    LONG rv;

    do {
        state.dwCurrentState = state.dwEventState;
        rv = SCardGetStatusChange(context, INFINITE, &state, 1);
    } while (rv == SCARD_S_SUCCESS &&
             !(state.dwEventState & SCARD_STATE_PRESENT));
    return rv == SCARD_S_SUCCESS ? 0 : failed("SCardGetStatusChange", rv);
}

static int
wait_for_end(SCARDCONTEXT context)
{
    SCARD_READERSTATE state = {.szReader = "\\\\?PnP?\\Notification"};
    LONG rv;

    printf("waiting\n");
    fflush(stdout);
    do {
        rv = SCardGetStatusChange(context, INFINITE, &state, 1);
        state.dwCurrentState = state.dwEventState;
    } while (rv == SCARD_S_SUCCESS);
    failed("SCardGetStatusChange", rv);
    rv = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
    return rv == SCARD_S_SUCCESS ? 0 : failed("SCardEstablishContext", rv);
}

int
main(int argc, char **argv)
{
    char list[4096] = "", *name;
    DWORD size = sizeof(list);
    SCARDCONTEXT context;
    LONG rv = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);

    if (rv != SCARD_S_SUCCESS)
        return failed("SCardEstablishContext", rv);
    rv = SCardListReaders(context, NULL, list, &size);
    if (rv != SCARD_S_SUCCESS && rv != SCARD_E_NO_READERS_AVAILABLE)
        return failed("SCardListReaders", rv);
    if (argc > 1 && strcmp(argv[1], "-p") == 0 &&
        wait_for_card(context, list) != 0)
        return 1;
    for (name = list; *name != '\0'; name += strlen(name) + 1)
        if (show(context, name) != 0)
            return 1;
    if (argc > 1 && strcmp(argv[1], "-w") == 0)
        return wait_for_end(context);
    return 0;
}
