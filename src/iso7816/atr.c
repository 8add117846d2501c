/*
 * atr.c - the answer to reset, ISO/IEC 7816-3:2006 8.2.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/atr.h>

static uint8_t
xor_of(struct bytes b)
{
    uint8_t sum = 0;
    size_t i;

    for (i = 0; i < b.n; i++)
        sum ^= b.p[i];
    return sum;
}

/* Steps over TAi, TBi, TCi and takes TDi; *td is 0 when there is none. */
static bool
take_interface_bytes(struct bytes *in, uint8_t indicator, uint8_t *td)
{
    uint8_t skipped;
    int bit;

    for (bit = 0x10; bit <= 0x40; bit <<= 1)
        if ((indicator & bit) != 0 && !bytes_take_u8(in, &skipped))
            return false;
    *td = 0;
    return (indicator & 0x80) == 0 || bytes_take_u8(in, td);
}

/* Takes all interface bytes and notes the protocols that they offer. */
static bool
take_protocols(struct bytes *in, uint8_t t0, struct atr *atr)
{
    uint8_t indicator = t0;
    uint8_t td;
    bool first = true;

    while ((indicator & 0x80) != 0) {
        if (!take_interface_bytes(in, indicator, &td))
            return false;
        if (first)
            atr->first_protocol = td & 0x0F;
        first = false;
        if ((td & 0x0F) != 0)
            atr->has_tck = true;
        if ((td & 0x0F) != 15) /* T=15 is global, no protocol */
            atr->protocols |= (uint16_t)(1 << (td & 0x0F));
        indicator = td;
    }
    if (first) /* 8.2.3: no TD1 means T=0 */
        atr->protocols = ATR_T0;
    return take_interface_bytes(in, indicator, &td);
}

/* Fills *atr; or says what the bytes lack or have too much. */
static const char *
read_atr(struct bytes in, struct atr *atr)
{
    struct bytes all = in;
    uint8_t ts;
    uint8_t t0;

    *atr = (struct atr){0};
    if (in.n > ATR_MAX)
        return "has more than 33 bytes";
    if (!bytes_take_u8(&in, &ts))
        return "is cut off: TS is missing";
    if (ts != 0x3B && ts != 0x3F)
        return "has a TS that is neither 3B nor 3F";
    if (!bytes_take_u8(&in, &t0))
        return "is cut off: T0 is missing";
    if (!take_protocols(&in, t0, atr))
        return "is cut off: interface bytes are missing";
    if (!bytes_take(&in, t0 & 0x0F, &atr->historical))
        return "is cut off: historical bytes are missing";
    if (!atr->has_tck)
        return in.n == 0 ? NULL
                         : "has bytes left over: with T=0 alone there is no "
                           "TCK";
    if (in.n != 1)
        return in.n == 0 ? "is cut off: TCK is missing"
                         : "has bytes left over behind TCK";
    return xor_of(bytes_slice(all, 1, all.n)) == 0
               ? NULL
               : "has a wrong TCK, which is the exclusive-or of T0 and all "
                 "behind it";
}

bool
atr_parse(struct bytes in, struct atr *atr)
{
    return read_atr(in, atr) == NULL;
}

const char *
atr_explain(struct bytes in)
{
    struct atr atr;

    return read_atr(in, &atr);
}

void
atr_put(struct buf *out, unsigned protocols, struct bytes historical)
{
    size_t start = out->n;
    uint8_t k = (uint8_t)(historical.n & 0x0F);

    if (historical.n > ATR_HISTORICAL) {
        out->overrun = true;
        return;
    }
    buf_put_u8(out, 0x3B);
    if ((protocols & ATR_T1) == 0) {
        buf_put_u8(out, k);
        buf_put(out, historical);
        return;
    }
    buf_put_u8(out, 0x80 | k);
    if ((protocols & ATR_T0) != 0)
        buf_put_u8(out, 0x80); /* TD1: T=0, and TD2 follows */
    buf_put_u8(out, 0x01);     /* T=1 */
    buf_put(out, historical);
    if (!out->overrun)
        buf_put_u8(out, xor_of(bytes_slice(buf_bytes(out), start + 1, out->n)));
}

/*
 * The status stands in the last three historical bytes when the first is 00;
 * when that is 80, in a COMPACT-TLV object 81 or 83. 0 if there is none.
 */
static size_t
life_cycle_place(struct bytes historical)
{
    size_t place = 1;
    size_t length;

    if (historical.n >= 4 && historical.p[0] == 0x00)
        return historical.n - 3;
    if (historical.n == 0 || historical.p[0] != 0x80)
        return 0;
    while (place < historical.n) {
        length = historical.p[place] & 0x0F;
        if (length > historical.n - place - 1)
            return 0;
        if (historical.p[place] == 0x81 || historical.p[place] == 0x83)
            return place + 1;
        place += 1 + length;
    }
    return 0;
}

bool
atr_set_life_cycle(struct buf *out, uint8_t life_cycle)
{
    struct atr atr;
    size_t place;
    uint8_t *byte;

    if (!atr_parse(buf_bytes(out), &atr))
        return false;
    place = life_cycle_place(atr.historical);
    if (place == 0)
        return false;
    byte = out->p + (size_t)(atr.historical.p - out->p) + place;
    if (atr.has_tck)
        out->p[out->n - 1] ^= *byte ^ life_cycle;
    *byte = life_cycle;
    return true;
}
