/*
 * mitm.h - a middleman: a shared object that stands between a reader and a
 * card, sees each command and each response, and may change them. It has the
 * two functions declared here:
 *
 *     vicc -t TYPE --mitm ./middleman.so
 *
 * It runs in a process of its own, one for each card, on one thread; what it
 * keeps in static variables is its own. If it crashes, or does not return in
 * time, vicc says so and answers 6F00 from then on. vicc-relay(7).
 *
 *     cc -shared -fPIC -o middleman.so middleman.c
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_MITM_H
#define VICC_MITM_H

#include <vicc/bytes.h>
#include <vicc/names.h>

VICC_DECLS

enum vicc_mitm {
    VICC_MITM_PASS,   /* goes on as it stands in the buffer now */
    VICC_MITM_ANSWER, /* of a command: the buffer now has the response */
    VICC_MITM_DROP    /* goes nowhere: the reader waits in vain */
};

/*
 * apdu->n bytes have come, 1 to 65535, and there is room for 65535. They may
 * be changed in place, or replaced after buf_clear(). A response has at least
 * SW1-SW2.
 */
enum vicc_mitm vicc_mitm_command(struct buf *apdu);
enum vicc_mitm vicc_mitm_response(struct buf *apdu);

VICC_DECLS_END

#endif
