/*
 * tlv.c - fuzzes src/iso7816: what a parser of BER-TLV, SIMPLE-TLV, an answer
 * to reset or a command takes must come out again when it is rebuilt.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/tlv.h>

#include <stdlib.h>

#include <vicc/apdu.h>
#include <vicc/atr.h>

#include "fuzz.h"

#define LEVELS 8

/* An object that was read is written again, whole and by its parts. */
static void
rebuild(const struct tlv *t)
{
    struct buf out = {malloc(t->whole.n), 0, t->whole.n, false};
    struct bytes in;
    struct tlv again;
    size_t open;
    bool good;

    tlv_put(&out, t->tag, t->value); /* never longer than it was */
    assert(!out.overrun);
    in = buf_bytes(&out);
    good = tlv_next(&in, &again);
    assert(good && in.n == 0 && again.tag == t->tag);
    assert(bytes_equal(again.value, t->value));
    again.whole = bytes_of(malloc(out.n), out.n);
    if (out.n != 0)
        memcpy((void *)again.whole.p, out.p, out.n);
    buf_clear(&out);
    open = tlv_open(&out, t->tag);
    buf_put(&out, t->value);
    tlv_close(&out, open);
    assert(!out.overrun && bytes_equal(buf_bytes(&out), again.whole));
    free((void *)again.whole.p);
    free(out.p);
}

/* Each object, and those inside; the rest of `all` is malformed. */
static void
walk(struct bytes all, int level)
{
    struct bytes rest = all;
    struct tlv t, found;
    size_t taken = 0;
    bool good;

    while (tlv_next(&rest, &t)) {
        taken += t.whole.n;
        assert(t.whole.n >= 2 && t.value.n < t.whole.n);
        assert(taken + rest.n == all.n);
        rebuild(&t);
        good = tlv_find(all, t.tag, &found);
        assert(good && found.tag == t.tag && found.whole.p <= t.whole.p);
        if (tlv_is_constructed(t.tag) && level < LEVELS)
            walk(t.value, level + 1);
    }
    assert(taken + rest.n == all.n);
    good = tlv_is_valid(all);
    assert(good == (rest.n == 0));
}

static void
walk_simple(struct bytes all)
{
    struct bytes rest = all;
    struct tlv t;
    size_t taken = 0;

    while (simple_tlv_next(&rest, &t)) {
        size_t head = t.whole.n - t.value.n;

        taken += t.whole.n;
        assert(t.tag >= 1 && t.tag <= 0xFE);
        assert(head == 2 ? t.value.n < 0xFF : head == 4);
        assert(t.whole.p[0] == t.tag);
    }
    assert(taken + rest.n == all.n);
}

static void
read_atr(struct bytes in)
{
    uint8_t room[ATR_MAX];
    struct buf out = BUF(room);
    struct atr atr, again;
    bool good;

    if (!atr_parse(in, &atr))
        return;
    assert(in.n >= 2 && in.n <= ATR_MAX);
    assert(atr.historical.n == (in.p[1] & 0x0Fu));
    if ((atr.protocols & (ATR_T0 | ATR_T1)) == 0)
        return;
    atr_put(&out, atr.protocols, atr.historical);
    good = atr_parse(buf_bytes(&out), &again);
    assert(good && bytes_equal(again.historical, atr.historical));
    assert(again.protocols == (atr.protocols & (ATR_T0 | ATR_T1)));
}

static void
read_command(struct bytes in)
{
    size_t head = 4, tail;
    struct capdu c;

    if (!capdu_parse(in, &c))
        return;
    assert(c.channel < 20 && c.sm <= SM_STANDARD_HEADER);
    assert(c.ne <= (c.extended ? NE_MAX_EXTENDED : NE_MAX_SHORT));
    assert(c.data.n <= (c.extended ? 0xFFFFu : 0xFFu));
    tail = c.ne == 0 ? 0 : c.extended ? 2 : 1;
    if (c.extended)
        head++;
    if (c.data.n != 0)
        head += c.extended ? 2 : 1;
    assert(in.n == head + c.data.n + tail);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    walk(bytes_of(data, size), 0);
    walk_simple(bytes_of(data, size));
    read_atr(bytes_of(data, size));
    read_command(bytes_of(data, size));
    return 0;
}
