/*
 * slot_rig.h - a slot on a Unix socket of its own, and a card for it that a
 * thread plays; for tests of src/ifd.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TESTS_SLOT_RIG_H
#define TESTS_SLOT_RIG_H

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "ifd/slot.h"
#include "unit.h"

static const uint8_t rig_atr[] = {0x3B, 0x80, 0x80, 0x01, 0x01};
static char rig_dir[64], rig_path[96];

/* Makes the directory of this test and opens Lun 0 there. */
static struct slot *
rig_open(const char *options)
{
    char device[160];

    snprintf(rig_dir, sizeof(rig_dir), "/tmp/vicc-unit-XXXXXX");
    assert_non_null(mkdtemp(rig_dir));
    snprintf(rig_path, sizeof(rig_path), "%s/slot", rig_dir);
    snprintf(device, sizeof(device), "unix-listen:%s%s", rig_path, options);
    assert_int_equal(slot_open(0, 0, device), 0);
    assert_non_null(slot_find(0, 0));
    return slot_find(0, 0);
}

static void
rig_close(struct slot *slot)
{
    slot_close(slot);
    assert_null(slot_find(0, 0));
    assert_int_equal(rmdir(rig_dir), 0); /* the socket file is gone too */
}

struct card_rig {
    struct vpcd *conn;
    pthread_t thread;
    bool hangs;      /* at the first command */
    bool odd;        /* its ATR is none */
    size_t answer_n; /* bytes of an answer, SW1-SW2 among them */
};

static void *
card_main(void *arg)
{
    static const uint8_t answer[VPCD_MESSAGE_MAX] = {0x90, 0x00};
    static const uint8_t odd[] = {0x4F, 0x4B};
    struct card_rig *card = arg;
    uint8_t room[512];
    struct buf in = BUF(room);

    while (vpcd_recv(card->conn, &in, -1) == 0) {
        if (in.n == 1 && room[0] == VPCD_GET_ATR)
            vpcd_send(card->conn, card->odd ? BYTES(odd) : BYTES(rig_atr), -1);
        else if (in.n > 1 && !card->hangs)
            vpcd_send(card->conn, bytes_of(answer, card->answer_n), -1);
    }
    return NULL;
}

static void
card_insert(struct card_rig *card)
{
    char address[128];

    snprintf(address, sizeof(address), "unix:%s", rig_path);
    assert_int_equal(vpcd_connect(address, 1000, &card->conn), 0);
    assert_int_equal(pthread_create(&card->thread, NULL, card_main, card), 0);
}

static void
card_remove(struct card_rig *card)
{
    vpcd_shutdown(card->conn);
    pthread_join(card->thread, NULL);
    vpcd_free(&card->conn);
}

#endif
