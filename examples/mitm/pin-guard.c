/*
 * pin-guard.c - a middleman in C that keeps a card from being blocked: when
 * one try of a PIN is left, VERIFY is answered here and does not reach the
 * card any more. It shows all that a middleman can do: pass on, look at a
 * response, answer itself.
 *
 *     cc -shared -fPIC -o pin-guard.so pin-guard.c
 *     vicc -t iso7816 --mitm ./pin-guard.so
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/mitm.h>

#define INS 1
#define P2 3
#define INS_VERIFY 0x20

static bool is_verify; /* the command that the next response is to */
static bool last_try;

enum vicc_mitm
vicc_mitm_command(struct buf *apdu)
{
    is_verify = apdu->n > P2 && apdu->p[INS] == INS_VERIFY;
    if (!is_verify || !last_try || apdu->n <= 4)
        return VICC_MITM_PASS; /* asking for the tries that are left is fine */
    buf_clear(apdu);
    buf_put_u16(apdu, 0x6985); /* conditions of use not satisfied */
    return VICC_MITM_ANSWER;
}

/* ISO/IEC 7816-4:2013 table 7: 63CX, X tries are left. */
enum vicc_mitm
vicc_mitm_response(struct buf *apdu)
{
    if (is_verify && apdu->p[apdu->n - 2] == 0x63)
        last_try = apdu->p[apdu->n - 1] == 0xC1;
    return VICC_MITM_PASS;
}
