/*
 * soak.c - one program and one card, for long: reads the same EF again and
 * again, and ends as soon as an answer is not that of the first time.
 *
 *   soak READER COUNT
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <winscard.h>

static int
fail(const char *call, LONG code)
{
    fprintf(stderr, "%s: %s\n", call, pcsc_stringify_error(code));
    return EXIT_FAILURE;
}

static LONG
read_serial(SCARDHANDLE card, const SCARD_IO_REQUEST *pci, BYTE *answer,
            DWORD *n)
{
    static const BYTE command[] = {0x00, 0xB0, 0x82, 0x00, 0x00}; /* EF 2F02 */

    return SCardTransmit(card, pci, command, sizeof(command), NULL, answer, n);
}

static int
soak(SCARDHANDLE card, const SCARD_IO_REQUEST *pci, unsigned long count)
{
    BYTE first[258], answer[258];
    DWORD first_n = sizeof(first), n;
    unsigned long i;
    LONG code = read_serial(card, pci, first, &first_n);

    for (i = 1; i < count && code == SCARD_S_SUCCESS; i++) {
        n = sizeof(answer);
        code = read_serial(card, pci, answer, &n);
        if (code == SCARD_S_SUCCESS &&
            (n != first_n || memcmp(answer, first, n) != 0)) {
            fprintf(stderr, "answer %lu is another one\n", i);
            return EXIT_FAILURE;
        }
    }
    return code == SCARD_S_SUCCESS ? EXIT_SUCCESS : fail("SCardTransmit", code);
}

int
main(int argc, char **argv)
{
    SCARDCONTEXT context;
    SCARDHANDLE card;
    DWORD protocol;
    LONG code;
    int status;

    if (argc != 3) {
        fprintf(stderr, "usage: soak READER COUNT\n");
        return EXIT_FAILURE;
    }
    code = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
    if (code != SCARD_S_SUCCESS)
        return fail("SCardEstablishContext", code);
    code =
        SCardConnect(context, argv[1], SCARD_SHARE_SHARED,
                     SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &protocol);
    if (code != SCARD_S_SUCCESS)
        return fail("SCardConnect", code);
    status =
        soak(card, protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1,
             strtoul(argv[2], NULL, 10));
    SCardDisconnect(card, SCARD_LEAVE_CARD);
    SCardReleaseContext(context);
    return status;
}
