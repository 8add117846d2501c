/*
 * vpcd.h - the wire between a reader (vpcd) and a card (vicc). A message is
 * a 16-bit big-endian length and that many bytes: one byte is a control code
 * (enum vpcd_ctrl), anything longer an APDU. Source: vpcd(7).
 *
 * Functions return 0 or a negative errno; they never raise SIGPIPE and retry
 * EINTR. A connection may be used by one thread at a time, except that
 * vpcd_shutdown() may be called from any thread until vpcd_free().
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VPCD_H
#define VPCD_H

#include <vicc/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VPCD_DEFAULT_PORT 0x8C7B /* 35963 */
#define VPCD_MESSAGE_MAX 65535   /* bytes in one message */
#define VPCD_ATR_MAX 33          /* ISO/IEC 7816-3: TS and 32 characters */

/* What a reader may say in one byte; only VPCD_GET_ATR is answered. */
enum vpcd_ctrl {
    VPCD_OFF = 0x00,
    VPCD_ON = 0x01,
    VPCD_RESET = 0x02,
    VPCD_GET_ATR = 0x04,
};

struct vpcd;          /* one connection, either end of it */
struct vpcd_listener; /* a bound address that takes connections */

#ifdef __cplusplus
}
#endif

#endif
