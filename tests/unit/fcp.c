/*
 * fcp.c - tests of src/cos/fcp.c: what is read from file control parameters,
 * what contradicts itself, and every cut.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/fcp.h"

#include <vicc/hex.h>
#include <vicc/tlv.h>

#include "exact.h"
#include "unit.h"

struct reading {
    const char *text;
    uint8_t type;
    uint16_t fid;
    uint8_t sfi;
    uint8_t life_cycle;
    uint16_t record_max;
    uint16_t records_max;
    uint32_t capacity;
    size_t initial; /* size */
};

/* clang-format off */
static const struct reading good[] = {
    {"820101 83021001",               0x01, 0x1001, 1, 5, 0, 0, 0, 0},
    {"80020100 820101 83021002",      0x01, 0x1002, 2, 5, 0, 0, 0x100, 0x100},
    {"800101 820101 83021000",        0x01, 0x1000, 0, 5, 0, 0, 1, 1},
    {"800101 820101 8302101F",        0x01, 0x101F, 0, 5, 0, 0, 1, 1},
    {"800101 820101 83021001 8800",   0x01, 0x1001, 0, 5, 0, 0, 1, 1},
    {"800101 820101 83021001 8801F0", 0x01, 0x1001, 30, 5, 0, 0, 1, 1},
    {"8004000000FF 820121 83021000",  0, 0, 0, 0, 0, 0, 0, 0}, /* b6 b5 b4 100 */
    {"800101 820109 83021000",        0x01, 0x1000, 0, 5, 0, 0, 1, 1}, /* internal */
    {"800101 820141 83021000",        0x01, 0x1000, 0, 5, 0, 0, 1, 1}, /* shareable */
    {"800101 82020121 83021000",      0x01, 0x1000, 0, 5, 0, 0, 1, 1}, /* data coding */
    {"800101 820101 83021000 8A0104", 0x01, 0x1000, 0, 4, 0, 0, 1, 1},
    {"800101 820101 83021000 8A010C", 0x01, 0x1000, 0, 12, 0, 0, 1, 1},
    {"820138 83021000",               0x38, 0x1000, 0, 5, 0, 0, UINT32_MAX, 0},
    {"80020100 820138 83021000",      0x38, 0x1000, 0, 5, 0, 0, 0x100, 0},
    {"820138 83023F00 8401A0",        0x38, 0x3F00, 0, 5, 0, 0, UINT32_MAX, 0},
    {"820178 83021000",               0x38, 0x1000, 0, 5, 0, 0, UINT32_MAX, 0},
    {"82050200001004 83021000",       0x02, 0x1000, 0, 5, 0x10, 4, 0x40, 0x40},
    {"8206020000100004 83021000",     0x02, 0x1000, 0, 5, 0x10, 4, 0x40, 0x40},
    {"80020100 8204020000FF 83021000", 0x02, 0x1000, 0, 5, 0xFF, 0, 0x100, 0},
    {"80020100 82030200 10 83021000", 0x02, 0x1000, 0, 5, 0x10, 0, 0x100, 0},
    {"80020100 820104 83021000",      0x04, 0x1000, 0, 5, 0xFFFF, 0, 0x100, 0},
    {"800140 82050600001004 83021000", 0x06, 0x1000, 0, 5, 0x10, 4, 0x40, 0x40},
};
/* clang-format on */

static const char *const bad[] = {
    "",
    "820101",
    "83021001",
    "8200 83021001",
    "820100 83021001",                /* no structure */
    "820181 83021001",                /* b8 */
    "82013B 83021001",                /* category RFU */
    "82013F 83021001",                /* category RFU */
    "820110 83021001",                /* category RFU, no structure */
    "8207010000000000FF 83021001",    /* descriptor too long */
    "82050100001004 83021001",        /* transparent, with records */
    "82053800001004 83021001",        /* DF, with records */
    "8001FF 820102 83021001",         /* fixed records of no size */
    "80013F 82050200001004 83021001", /* four records do not fit */
    "820101 83021001 8401A0",         /* an EF with a name */
    "820138 83021001 880108",         /* a DF with a short identifier */
    "820138 83021001 8800",           /* the same, without one */
    "820101 83021001 62",             /* cut */
    "820101 83021001 6200",           /* no parameter */
    "820101 83021001 5A0101",         /* of another class */
};

static struct bytes
read_hex(const char *text)
{
    uint8_t room[64];
    struct buf out = BUF(room);

    hex_parse(text, strlen(text), &out);
    assert_false(out.overrun);
    return exact(buf_bytes(&out));
}

static void
check_good(const struct reading *r)
{
    struct bytes in = read_hex(r->text);
    struct file file = {0};

    if (fcp_parse(in, &file) != (r->fid != 0))
        fail_msg("%s", r->text);
    if (r->fid != 0 &&
        (file.type != r->type || file.fid != r->fid || file.sfi != r->sfi ||
         file.life_cycle != r->life_cycle || file.record_max != r->record_max ||
         file.records_max != r->records_max || file.capacity != r->capacity ||
         fcp_initial_size(&file) != r->initial))
        fail_msg("%s: type %02X fid %04X sfi %u life %02X, %u records of %u, "
                 "capacity %u, size %zu",
                 r->text, file.type, file.fid, file.sfi, file.life_cycle,
                 file.records_max, file.record_max, file.capacity,
                 fcp_initial_size(&file));
    release(in);
}

static void
reading(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(good); i++)
        check_good(&good[i]);
}

static void
refusing(void **state)
{
    struct file file = {0};
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(bad); i++) {
        struct bytes in = read_hex(bad[i]);

        if (fcp_parse(in, &file))
            fail_msg("%s", bad[i]);
        release(in);
    }
}

/* Cut inside an object it is malformed; between two it may be complete. */
static void
cuts(void **state)
{
    static const char *const text =
        "80020100 820101 83021001 880108 8A0105 8C0101";
    struct bytes all = read_hex(text);
    struct file file = {0};
    size_t n;

    (void)state;
    for (n = 0; n < all.n; n++) {
        struct bytes cut = exact(bytes_slice(all, 0, n));

        assert_int_equal(fcp_parse(cut, &file), n >= 11 && tlv_is_valid(cut));
        release(cut);
    }
    release(all);
}

static void
views(void **state)
{
    struct bytes in = read_hex("820178 83021000 8403A0A1A2");
    struct file file = {0};

    (void)state;
    assert_true(fcp_parse(in, &file));
    assert_true(file.is_shareable);
    assert_ptr_equal(file.df_name.p, in.p + in.n - 3);
    assert_int_equal(file.df_name.n, 3);
    release(in);
    in = read_hex("820101 83021001");
    assert_true(fcp_parse(in, &file)); /* what was read before is forgotten */
    assert_int_equal(file.df_name.n, 0);
    assert_false(file.is_shareable);
    release(in);
}

static void
completing(void **state)
{
    struct bytes in = read_hex("820101 83021001");
    struct bytes full = read_hex("820101 83021001 8A0105");
    uint8_t room[10];
    struct buf out = BUF(room), few = {room, 0, 9, false};

    (void)state;
    fcp_put_complete(in, &out);
    assert_true(!out.overrun && bytes_equal(buf_bytes(&out), full));
    fcp_put_complete(in, &few);
    assert_true(few.overrun);
    buf_clear(&out);
    fcp_put_complete(full, &out);
    assert_true(!out.overrun && bytes_equal(buf_bytes(&out), full));
    release(in);
    release(full);
}

UNIT_MAIN(cmocka_unit_test(reading), cmocka_unit_test(refusing),
          cmocka_unit_test(cuts), cmocka_unit_test(views),
          cmocka_unit_test(completing))
