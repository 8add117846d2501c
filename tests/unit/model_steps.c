/*
 * model_steps.c - random commands that suit the state of a model.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "model_steps.h"

#define FIDS 12       /* in use: 4000 to 400B */
#define SIZE_MOST 200 /* bytes of a transparent EF */

static uint32_t state;
const struct model *model_at;
const struct model_channel *model_on;

void
model_seed(uint32_t seed)
{
    state = seed * 2654435761u + 1;
}

unsigned
model_below(unsigned n)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return (state >> 3) % n;
}

void
put_header(struct buf *out, unsigned ins, unsigned p1, unsigned p2)
{
    buf_put_u8(out, model_on == &model_at->channel[1]);
    buf_put_u8(out, (uint8_t)ins);
    buf_put_u8(out, (uint8_t)p1);
    buf_put_u8(out, (uint8_t)p2);
}

/* Few values, so that a search finds and bits meet. */
uint8_t
some_byte(void)
{
    static const uint8_t values[] = {0x00, 0x01, 0x02, 0x03,
                                     0x0F, 0x55, 0xFE, 0xFF};

    return values[model_below(sizeof(values))];
}

void
put_some(struct buf *out, size_t n)
{
    while (n-- > 0)
        buf_put_u8(out, some_byte());
}

/* Lc and data */
void
put_some_data(struct buf *out, size_t n)
{
    if (n == 0)
        return;
    buf_put_u8(out, (uint8_t)n);
    put_some(out, n);
}

/* Mostly one that is in the current DF. */
unsigned
some_fid(void)
{
    unsigned fid, tries = 8;

    do
        fid = 0x4000 + model_below(FIDS);
    while (--tries > 0 && model_child(model_at, model_on->df, fid) == NONE);
    return fid;
}

static int
some_file(void)
{
    int i, tries = 50;

    do
        i = (int)model_below(MODEL_FILES);
    while (!model_at->file[i].there && --tries > 0);
    return model_at->file[i].there ? i : MF;
}

const struct model_file *
current_ef(void)
{
    return model_on->ef == NONE ? NULL : &model_at->file[model_on->ef];
}

/* ---- files ---- */

/* The path to a file from below `df`, if it is there. */
static void
put_path(struct buf *out, int file, int df)
{
    if (file == df || model_at->file[file].parent == NONE)
        return;
    put_path(out, model_at->file[file].parent, df);
    buf_put_u16(out, (uint16_t)model_at->file[file].fid);
}

static void
select_by_path(struct buf *out)
{
    bool from_mf = one_in(2);
    uint8_t room[2 + 2 * MODEL_FILES];
    struct buf path = BUF(room);

    if (one_in(4))
        buf_put_u16(&path, from_mf ? 0x3F00 : 0x3FFF);
    put_path(&path, some_file(), from_mf ? MF : model_on->df);
    put_header(out, 0xA4, from_mf ? 0x08 : 0x09, 0x0C);
    if (path.n == 0)
        return;
    buf_put_u8(out, (uint8_t)path.n);
    buf_put(out, buf_bytes(&path));
}

static void
select_file(struct buf *out)
{
    unsigned p1 = model_below(6);

    if (p1 >= 4) {
        select_by_path(out);
        return;
    }
    put_header(out, 0xA4, p1, 0x0C);
    if (p1 == 3 || one_in(40))
        return;
    buf_put_u8(out, 2);
    buf_put_u16(out, (uint16_t)(p1 == 0 && one_in(10) ? 0x3F00 : some_fid()));
}

/* DO 82, and DO 80 where one is wanted. */
static void
put_structure(struct buf *out)
{
    static const uint8_t types[] = {
        DF,      DF,           TRANSPARENT,     TRANSPARENT,
        BER_TLV, LINEAR_FIXED, LINEAR_VARIABLE, CYCLIC};
    uint8_t type = types[model_below(sizeof(types))];
    bool records = type > TRANSPARENT && type < DF;
    bool counted = type == LINEAR_VARIABLE || one_in(2);
    unsigned size = 1 + model_below(MODEL_RECORD);
    unsigned count = model_below(MODEL_RECORDS + 1);
    unsigned flags = (one_in(4) ? 0 : 0x40) | (records && one_in(3));
    unsigned bytes = count * size + model_below(size);

    buf_put_u8(out, 0x82);
    buf_put_u8(out, (uint8_t)(!records ? 2 : counted ? 5 : 4));
    buf_put_u8(out, (uint8_t)(type | flags));
    buf_put_u8(out,
               (uint8_t)(one_in(2) ? 0 : model_below(4) << 5 | model_below(4)));
    if (records)
        buf_put_u16(out, (uint16_t)size);
    if (records && counted)
        buf_put_u8(out, (uint8_t)(count == 0 ? 1 : count));
    if (type == TRANSPARENT)
        bytes = model_below(SIZE_MOST);
    else if (!records || (counted && type != LINEAR_VARIABLE && one_in(3)))
        return;
    buf_put_u16(out, 0x8002);
    buf_put_u16(out, (uint16_t)bytes);
}

static void
create_file(struct buf *out)
{
    static const uint8_t lives[] = {0x01, 0x03, 0x04, 0x05, 0x0C};
    uint8_t room[64];
    struct buf fcp = BUF(room);

    put_structure(&fcp);
    buf_put_u16(&fcp, 0x8302);
    buf_put_u16(&fcp, (uint16_t)(one_in(100)  ? 0x3FFF
                                 : one_in(10) ? some_fid()
                                              : 0x4000 + model_below(FIDS)));
    if (room[2] != (DF | 0x40) && room[2] != DF && one_in(4)) {
        buf_put_u16(&fcp, 0x8801);
        buf_put_u8(&fcp, (uint8_t)((1 + model_below(FIDS)) << 3));
    }
    if (one_in(5)) {
        buf_put_u16(&fcp, 0x8A01);
        buf_put_u8(&fcp, lives[model_below(sizeof(lives))]);
    }
    if (one_in(8))
        buf_put(&fcp, bytes_of("\x8C\x03\x03\x11\x11", 5));
    put_header(out, 0xE0, 0, 0);
    buf_put_u8(out, (uint8_t)(fcp.n + 2));
    buf_put_u8(out, 0x62);
    buf_put_u8(out, (uint8_t)fcp.n);
    buf_put(out, buf_bytes(&fcp));
}

static bool
is_room_for_file(void)
{
    int i = 0;

    while (i < MODEL_FILES && model_at->file[i].there)
        i++;
    return i < MODEL_FILES;
}

/* Never the MF: with it ends what a card can be asked. */
static void
change_life(struct buf *out)
{
    static const uint8_t ins[] = {0x04, 0x44, 0x44, 0x44, 0xE4,
                                  0xE4, 0xE4, 0xE4, 0xE8, 0xE6};
    unsigned i = ins[model_below(sizeof(ins))];

    if (i >= 0xE6 && !one_in(3))
        i = 0xE4;
    if (one_in(2) && model_on->df != MF) {
        put_header(out, i, 0, 0);
        return;
    }
    put_header(out, i, model_below(3), 0);
    buf_put_u8(out, 2);
    buf_put_u16(out, (uint16_t)some_fid());
}

/* ---- the rest ---- */

static void
use_data(struct buf *out)
{
    static const uint16_t tags[] = {0x005E, 0x0081, 0x00C1,
                                    0x5F2D, 0x9F7F, 0x5F50};
    unsigned tag = tags[model_below(sizeof(tags) / sizeof(tags[0]))];
    bool get = one_in(2);

    put_header(out, get ? 0xCA : 0xDA, tag >> 8, tag & 0xFF);
    if (get)
        buf_put_u8(out, 0);
    else
        put_some_data(out, model_below(MODEL_RECORD));
}

static void
verify(struct buf *out)
{
    unsigned how = model_below(6);

    put_header(out, 0x20, how == 0 ? 0xFF : 0x00, 0x01);
    if (how < 2)
        return;
    buf_put_u8(out, 4);
    buf_put(out, bytes_of(how == 2 ? "4321" : MODEL_PIN, 4));
}

static void
manage_channel(struct buf *out)
{
    unsigned close = one_in(3) ? 0x80 : 0x00;

    put_header(out, 0x70, close, close != 0 && one_in(2) ? 0x00 : 0x01);
}

/* What a command wants the current EF to be. */
enum wish {
    ANYTHING,
    OF_UNITS,
    OF_RECORDS,
};

/* clang-format off */
static const struct {
    model_maker *make;
    unsigned weight;
    enum wish wish;
} makers[] = {
    {select_file,      14, ANYTHING  }, {create_file,        5, ANYTHING  },
    {change_life,       4, ANYTHING  }, {use_data,           5, ANYTHING  },
    {verify,            3, ANYTHING  }, {manage_channel,     1, ANYTHING  },
    {read_binary,       5, OF_UNITS  }, {change_binary,      7, OF_UNITS  },
    {erase_binary,      2, OF_UNITS  }, {search_binary,      4, OF_UNITS  },
    {read_binary_odd,   3, OF_UNITS  }, {update_binary_odd,  3, OF_UNITS  },
    {read_record,      10, OF_RECORDS}, {change_record,      9, OF_RECORDS},
    {append_record,     8, OF_RECORDS}, {erase_record,       2, OF_RECORDS},
    {search_record,     8, OF_RECORDS},
};
/* clang-format on */

#define MAKERS (sizeof(makers) / sizeof(makers[0]))

static size_t
some_maker(void)
{
    unsigned at, sum = 0;
    size_t i;

    for (i = 0; i < MAKERS; i++)
        sum += makers[i].weight;
    at = model_below(sum);
    for (i = 0; at >= makers[i].weight; i++)
        at -= makers[i].weight;
    return i;
}

static bool
is_granted(enum wish wish)
{
    const struct model_file *ef = current_ef();

    return wish == ANYTHING ||
           (ef != NULL && (wish == OF_RECORDS ? model_has_records(ef)
                                              : ef->type == TRANSPARENT));
}

void
model_next_command(const struct model *model, struct buf *out)
{
    size_t i;

    model_at = model;
    model_on =
        &model_at->channel[model_at->channel[1].open ? one_in(3) : one_in(100)];
    do
        i = some_maker();
    while (!is_granted(makers[i].wish) && !one_in(20));
    if (makers[i].make == create_file && !is_room_for_file())
        change_life(out);
    else
        makers[i].make(out);
}
