/*
 * null-ifd.c - an IFD handler whose card answers 9000 to everything without
 * leaving the process: what PC/SC itself costs. With DEVICENAME
 * /dev/null:raw the answer comes from a child process over TCP, by one send()
 * and one recv(): what the system's TCP costs between two that sleep.
 * For vicc-bench only.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#pragma GCC visibility push(default)
#include <ifdhandler.h>
#pragma GCC visibility pop

#include "floor.h"

static const UCHAR atr[] = {0x3B, 0x80, 0x80, 0x01, 0x01};
static int stop = -1, raw = -1;

/* Both ends of a TCP connection, as the wire sets them up. */
static int
connect_pair(int pair[2])
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    socklen_t n = sizeof(in);
    int i, on = 1, lone = socket(AF_INET, SOCK_STREAM, 0);

    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    pair[0] = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(lone, (void *)&in, n) != 0 || listen(lone, 1) != 0 ||
        getsockname(lone, (void *)&in, &n) != 0 ||
        connect(pair[0], (void *)&in, n) != 0 ||
        (pair[1] = accept(lone, NULL, NULL)) < 0)
        return -1;
    close(lone);
    for (i = 0; i < 2; i++)
        setsockopt(pair[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return 0;
}

static void
start_raw(void)
{
    static char in[65537];
    int pair[2];

    if (connect_pair(pair) != 0)
        return;
    if (fork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(pair[0]);
        while (read(pair[1], in, sizeof(in)) > 0)
            if (write(pair[1], "\0\2\x90\0", 4) != 4)
                break;
        _exit(0);
    }
    close(pair[1]);
    raw = pair[0];
}

RESPONSECODE
IFDHCreateChannelByName(DWORD Lun, LPSTR DeviceName)
{
    (void)Lun;
    stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (DeviceName != NULL && strcmp(DeviceName, "/dev/null:raw") == 0)
        start_raw();
    return IFD_SUCCESS;
}

RESPONSECODE
IFDHCreateChannel(DWORD Lun, DWORD Channel)
{
    (void)Channel;
    return IFDHCreateChannelByName(Lun, NULL);
}

RESPONSECODE
IFDHCloseChannel(DWORD Lun)
{
    (void)Lun;
    return IFD_SUCCESS;
}

/* pcscd waits here for the card to be removed, which never happens. */
static RESPONSECODE
wait_for_event(DWORD Lun, int timeout_ms)
{
    struct pollfd p = {stop, POLLIN, 0};
    eventfd_t count;

    (void)Lun;
    if (poll(&p, 1, timeout_ms) > 0)
        eventfd_read(stop, &count);
    return IFD_SUCCESS;
}

static RESPONSECODE
stop_waiting(DWORD Lun)
{
    (void)Lun;
    eventfd_write(stop, 1);
    return IFD_SUCCESS;
}

RESPONSECODE
IFDHGetCapabilities(DWORD Lun, DWORD Tag, PDWORD Length, PUCHAR Value)
{
    RESPONSECODE (*wait)(DWORD, int) = wait_for_event;
    RESPONSECODE (*end)(DWORD) = stop_waiting;

    (void)Lun;
    switch (Tag) {
    case TAG_IFD_POLLING_THREAD_WITH_TIMEOUT:
        memcpy(Value, &wait, *Length = sizeof(wait));
        return IFD_SUCCESS;
    case TAG_IFD_STOP_POLLING_THREAD:
        memcpy(Value, &end, *Length = sizeof(end));
        return IFD_SUCCESS;
    case TAG_IFD_SIMULTANEOUS_ACCESS:
    case TAG_IFD_THREAD_SAFE:
    case TAG_IFD_SLOT_THREAD_SAFE:
    case TAG_IFD_SLOTS_NUMBER:
        *Length = 1;
        *Value = 1;
        return IFD_SUCCESS;
    default:
        return IFD_ERROR_TAG;
    }
}

RESPONSECODE
IFDHSetCapabilities(DWORD Lun, DWORD Tag, DWORD Length, PUCHAR Value)
{
    (void)Lun;
    (void)Tag;
    (void)Length;
    (void)Value;
    return IFD_ERROR_TAG;
}

RESPONSECODE
IFDHSetProtocolParameters(DWORD Lun, DWORD Protocol, UCHAR Flags, UCHAR PTS1,
                          UCHAR PTS2, UCHAR PTS3)
{
    (void)Lun;
    (void)Protocol;
    (void)Flags;
    (void)PTS1;
    (void)PTS2;
    (void)PTS3;
    return IFD_SUCCESS;
}

RESPONSECODE
IFDHPowerICC(DWORD Lun, DWORD Action, PUCHAR Atr, PDWORD AtrLength)
{
    (void)Lun;
    *AtrLength = 0;
    if (Action != IFD_POWER_DOWN)
        memcpy(Atr, atr, *AtrLength = sizeof(atr));
    return IFD_SUCCESS;
}

RESPONSECODE
IFDHTransmitToICC(DWORD Lun, SCARD_IO_HEADER SendPci, PUCHAR TxBuffer,
                  DWORD TxLength, PUCHAR RxBuffer, PDWORD RxLength,
                  PSCARD_IO_HEADER RecvPci)
{
    (void)Lun;
    (void)SendPci;
    (void)RecvPci;
    if (raw >= 0 && (send(raw, TxBuffer, TxLength, MSG_NOSIGNAL) <= 0 ||
                     recv(raw, RxBuffer, *RxLength, 0) <= 0))
        return IFD_COMMUNICATION_ERROR;
    *RxLength = floor_answer(TxBuffer, TxLength, RxBuffer); /* has 64 KiB */
    return IFD_SUCCESS;
}

RESPONSECODE
IFDHControl(DWORD Lun, DWORD dwControlCode, PUCHAR TxBuffer, DWORD TxLength,
            PUCHAR RxBuffer, DWORD RxLength, LPDWORD pdwBytesReturned)
{
    (void)Lun;
    (void)dwControlCode;
    (void)TxBuffer;
    (void)TxLength;
    (void)RxBuffer;
    (void)RxLength;
    *pdwBytesReturned = 0;
    return IFD_ERROR_NOT_SUPPORTED;
}

RESPONSECODE
IFDHICCPresence(DWORD Lun)
{
    (void)Lun;
    return IFD_ICC_PRESENT;
}
