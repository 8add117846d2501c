/*
 * ifdhandler.c - what pcscd calls. Finds the slot of a Lun, calls, and puts
 * the result into pcscd's codes; nothing else knows these. The contract of
 * each function is in ifdhandler.h of libpcsclite.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* These names, and only these, are exported; see libifdvpcd.map. */
#pragma GCC visibility push(default)
#include <ifdhandler.h>
#pragma GCC visibility pop

#include "ifd/attr.h"
#include "ifd/control.h"
#include "ifd/slot.h"

/* Lun 0xXXXXYYYY: reader XXXX, slot YYYY */
static struct slot *
slot_of(DWORD lun)
{
    return slot_find((unsigned)(lun >> 16 & 0xFFFF), (unsigned)(lun & 0xFFFF));
}

/* Never IFD_NO_SUCH_DEVICE: pcscd would signal the system's daemon. */
static RESPONSECODE
response_code(int err)
{
    switch (err) {
    case 0:
        return IFD_SUCCESS;
    case -ENOMEDIUM:
        return IFD_ICC_NOT_PRESENT;
    case -ETIMEDOUT:
        return IFD_RESPONSE_TIMEOUT;
    case -EMSGSIZE:
        return IFD_ERROR_INSUFFICIENT_BUFFER;
    case -ENOENT:
        return IFD_ERROR_TAG;
    case -ENOTSUP:
        return IFD_ERROR_NOT_SUPPORTED;
    default:
        return IFD_COMMUNICATION_ERROR;
    }
}

RESPONSECODE
IFDHCreateChannelByName(DWORD Lun, LPSTR DeviceName)
{
    return response_code(slot_open((unsigned)(Lun >> 16 & 0xFFFF),
                                   (unsigned)(Lun & 0xFFFF), DeviceName));
}

/* An entry without DEVICENAME: CHANNELID is the port. */
RESPONSECODE
IFDHCreateChannel(DWORD Lun, DWORD Channel)
{
    char name[40];

    snprintf(name, sizeof(name), "/dev/null:%lu", (unsigned long)Channel);
    return IFDHCreateChannelByName(Lun, name);
}

RESPONSECODE
IFDHCloseChannel(DWORD Lun)
{
    struct slot *slot = slot_of(Lun);

    if (slot == NULL)
        return IFD_COMMUNICATION_ERROR;
    slot_close(slot);
    return IFD_SUCCESS;
}

/* ---- presence ---- */

/* An error would make pcscd call the reader unavailable for minutes. */
RESPONSECODE
IFDHICCPresence(DWORD Lun)
{
    struct slot *slot = slot_of(Lun);

    return slot != NULL && slot_present(slot) ? IFD_ICC_PRESENT
                                              : IFD_ICC_NOT_PRESENT;
}

/* Anything but success costs 400 ms until pcscd looks at the card again. */
static RESPONSECODE
wait_for_change(DWORD lun, int timeout_ms)
{
    struct slot *slot = slot_of(lun);

    return slot == NULL ? IFD_COMMUNICATION_ERROR
                        : response_code(slot_wait(slot, timeout_ms));
}

static RESPONSECODE
stop_waiting(DWORD lun)
{
    struct slot *slot = slot_of(lun);

    if (slot != NULL)
        slot_stop(slot);
    return IFD_SUCCESS;
}

/* ---- capabilities ---- */

static void
put_function(struct slot *slot, DWORD tag, struct buf *out)
{
    RESPONSECODE (*wait)(DWORD, int) = wait_for_change;
    RESPONSECODE (*stop)(DWORD) = stop_waiting;

    if (tag == TAG_IFD_POLLING_THREAD_WITH_TIMEOUT) {
        atomic_store(&slot->evented, true);
        buf_put(out, bytes_of(&wait, sizeof(wait)));
    } else {
        buf_put(out, bytes_of(&stop, sizeof(stop)));
    }
}

/*
 * On failure *Length stays: after IFD_ERROR_TAG pcscd may answer itself, and
 * takes it as the room that it has (SCardGetAttrib() in its winscard.c).
 */
RESPONSECODE
IFDHGetCapabilities(DWORD Lun, DWORD Tag, PDWORD Length, PUCHAR Value)
{
    struct slot *slot = slot_of(Lun);
    uint8_t room[ATTR_MAX];
    struct buf value = BUF(room);
    DWORD cap = *Length;
    int err = 0;

    if (slot == NULL)
        return IFD_COMMUNICATION_ERROR;
    if (Tag == TAG_IFD_POLLING_THREAD_WITH_TIMEOUT ||
        Tag == TAG_IFD_STOP_POLLING_THREAD)
        put_function(slot, Tag, &value);
    else
        err = attr_get(slot, (uint32_t)Tag, &value);
    if (err == -ENOMEDIUM) /* what a card lacks is not a missing tag */
        return IFD_COMMUNICATION_ERROR;
    if (err != 0 || value.overrun)
        return response_code(err != 0 ? err : -EMSGSIZE);
    *Length = value.n;
    if (value.n > cap)
        return IFD_ERROR_INSUFFICIENT_BUFFER;
    memcpy(Value, value.p, value.n);
    return IFD_SUCCESS;
}

RESPONSECODE
IFDHSetCapabilities(DWORD Lun, DWORD Tag, DWORD Length, PUCHAR Value)
{
    (void)Lun;
    (void)Tag;
    (void)Length;
    (void)Value;
    return IFD_ERROR_TAG; /* nothing can be set */
}

/* ---- the card ---- */

/* The wire knows no PPS: what pcscd chose from the ATR is what is used. */
RESPONSECODE
IFDHSetProtocolParameters(DWORD Lun, DWORD Protocol, UCHAR Flags, UCHAR PTS1,
                          UCHAR PTS2, UCHAR PTS3)
{
    struct slot *slot = slot_of(Lun);

    (void)Flags;
    (void)PTS1;
    (void)PTS2;
    (void)PTS3;
    if (slot == NULL)
        return IFD_COMMUNICATION_ERROR;
    slot_set_protocol(slot, (unsigned)Protocol);
    return IFD_SUCCESS;
}

RESPONSECODE
IFDHPowerICC(DWORD Lun, DWORD Action, PUCHAR Atr, PDWORD AtrLength)
{
    struct slot *slot = slot_of(Lun);
    bool reset = Action == IFD_RESET;
    uint8_t room[VPCD_ATR_MAX];
    struct buf atr = BUF(room);
    DWORD cap = AtrLength == NULL ? 0 : *AtrLength;
    int err;

    if (AtrLength != NULL)
        *AtrLength = 0;
    if (slot == NULL)
        return IFD_COMMUNICATION_ERROR;
    if (Action == IFD_POWER_DOWN) {
        slot_power_off(slot);
        return IFD_SUCCESS;
    }
    if (Action != IFD_POWER_UP && !reset)
        return IFD_NOT_SUPPORTED;
    err = slot_power_on(slot, reset ? SLOT_POWER_RESET : SLOT_POWER_UP, &atr);
    if (err != 0 || AtrLength == NULL || atr.n > cap)
        return IFD_ERROR_POWER_ACTION;
    memcpy(Atr, atr.p, atr.n);
    *AtrLength = atr.n;
    return IFD_SUCCESS;
}

/*
 * Straight from and into pcscd's buffers. RecvPci goes back to the program
 * untranslated, so it stays as the program made it.
 */
RESPONSECODE
IFDHTransmitToICC(DWORD Lun, SCARD_IO_HEADER SendPci, PUCHAR TxBuffer,
                  DWORD TxLength, PUCHAR RxBuffer, PDWORD RxLength,
                  PSCARD_IO_HEADER RecvPci)
{
    struct slot *slot = slot_of(Lun);
    struct buf response = {RxBuffer, 0, *RxLength, false};
    int err;

    (void)SendPci;
    (void)RecvPci;
    *RxLength = 0;
    if (slot == NULL)
        return IFD_COMMUNICATION_ERROR;
    err = slot_transmit(slot, bytes_of(TxBuffer, TxLength), &response);
    *RxLength = response.n;
    return response_code(err);
}

RESPONSECODE
IFDHControl(DWORD Lun, DWORD dwControlCode, PUCHAR TxBuffer, DWORD TxLength,
            PUCHAR RxBuffer, DWORD RxLength, LPDWORD pdwBytesReturned)
{
    struct buf response = {RxBuffer, 0, RxLength, false};
    int err;

    (void)TxBuffer;
    (void)TxLength;
    *pdwBytesReturned = 0;
    if (slot_of(Lun) == NULL)
        return IFD_COMMUNICATION_ERROR;
    err = control((uint32_t)dwControlCode, &response);
    if (err == 0 && response.overrun)
        err = -EMSGSIZE;
    if (err == 0)
        *pdwBytesReturned = response.n;
    return response_code(err);
}
