/*
 * cmd_select.c - tests of src/cos/cmd_select.c: each form of P1 and P2, and
 * that a SELECT that fails selects nothing.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdio.h>

#include <vicc/hex.h>
#include <vicc/types.h>

#include "cos/internal.h"
#include "exact.h"
#include "exchange.h"
#include "unit.h"

/*
 * 3F00 - 2000 A0000001   - 2001 EF
 *                        - 2100 A000000102 - 2101 EF
 *                                          - 2000 DF
 *      - 3000 A0000002   - 3001 EF
 *      - 4000 A00000     - 4001 to 4006, of one life cycle each
 *      - 2F10 EF
 */
static const struct {
    const char *parent;
    const char *fcp;
} files[] = {
    {"", "820138 83023F00 8A0105"},
    {"", "820138 83022000 8404A0000001 8A0105"},
    {"2000", "800101 820101 83022001 8A0105"},
    {"2000", "820138 83022100 8405A000000102 8A0105"},
    {"20002100", "800102 820101 83022101 8A0105"},
    {"20002100", "820138 83022000 8A0105"},
    {"", "820138 83023000 8404A0000002 8A0105"},
    {"3000", "800102 820101 83023001 8A0105"},
    {"", "820138 83024000 8403A00000 8A0105"},
    {"4000", "800102 820101 83024001 8A0101"},
    {"4000", "800102 820101 83024003 8A0103"},
    {"4000", "800102 820101 83024004 8A0104"},
    {"4000", "800102 820101 83024006 8A0106"},
    {"4000", "800102 820101 83024007 8A0107"},
    {"4000", "800102 820101 8302400C 8A010C"},
    {"", "800102 820101 83022F10 8A0105"},
};

static struct bytes
hex(const char *text, uint8_t *room, size_t n)
{
    struct buf out = {room, 0, n, false};

    assert_true(hex_parse(text, strlen(text), &out) && !out.overrun);
    return buf_bytes(&out);
}

static int
create_tree(struct card *card, struct card_error *error)
{
    uint8_t rooms[3][64];
    size_t i;

    (void)error;
    for (i = 0; i < COUNT(files); i++)
        assert_int_equal(cos_add_file(card, hex(files[i].parent, rooms[0], 64),
                                      hex(files[i].fcp, rooms[1], 64)),
                         0);
    if (strcmp(card_option(card, "protocol"), "t0") == 0)
        cos_set_protocol(card, PROTOCOL_T0);
    return card_set_atr(card, bytes_of("\x3B\x00", 2)) ? 0 : -EINVAL;
}

static const struct card_type tree_card = {
    .name = "tree", .base = &iso7816_card, .create = create_tree};

/* Where it starts, the command, and where it leads: 0000 where there is none.
 */
struct selection_case {
    const char *from; /* path from the MF; empty: the MF */
    const char *command;
    uint16_t sw;
    uint16_t df, ef; /* both 0: as before */
};

/* clang-format off */
static const struct selection_case by_identifier[] = {
    {"20002100", "00A4000C",            0x9000, 0x3F00, 0},
    {"20002100", "00A4000C023F00",      0x9000, 0x3F00, 0},
    {"",         "00A4000C022000",      0x9000, 0x2000, 0},
    {"",         "00A4000C022F10",      0x9000, 0x3F00, 0x2F10},
    {"2F10",     "00A4000C022000",      0x9000, 0x2000, 0},
    {"2000",     "00A4000C022100",      0x9000, 0x2100, 0},
    {"2000",     "00A4000C022001",      0x9000, 0x2000, 0x2001},
    {"20002001", "00A4000C022001",      0x9000, 0x2000, 0x2001},
    {"20002001", "00A4000C022000",      0x9000, 0x2000, 0}, /* itself */
    {"2000",     "00A4000C023000",      0x9000, 0x3000, 0}, /* beside it */
    {"20002001", "00A4000C023000",      0x9000, 0x3000, 0},
    {"2000",     "00A4000C022F10",      0x6A82, 0, 0}, /* an EF beside it */
    {"20002001", "00A4000C022101",      0x6A82, 0, 0},
    {"20002001", "00A4000C021234",      0x6A82, 0, 0},
    {"",         "00A4000C022001",      0x6A82, 0, 0},
    {"20002001", "00A4000C0120",        0x6700, 0, 0},
    {"20002001", "00A4000C03200021",    0x6700, 0, 0},
    {"20002001", "00A4000C042000 2100", 0x6700, 0, 0},
    /* a child wins over the DF above of the same identifier */
    {"20002100", "00A4000C022000",      0x9000, 0x2000, 0},
    {"200021002000", "00A4000C022100",  0x9000, 0x2100, 0}, /* its parent */
};

static const struct selection_case below[] = {
    {"",         "00A4010C022000",      0x9000, 0x2000, 0},
    {"20002001", "00A4010C022100",      0x9000, 0x2100, 0},
    {"",         "00A4010C022F10",      0x6A82, 0, 0}, /* an EF */
    {"2F10",     "00A4010C021234",      0x6A82, 0, 0},
    {"20002001", "00A4010C023F00",      0x6A82, 0, 0},
    {"20002001", "00A4010C",            0x6700, 0, 0},
    {"20002001", "00A4010C0121",        0x6700, 0, 0},
    {"20002001", "00A4010C03210000",    0x6700, 0, 0},
    {"",         "00A4020C022F10",      0x9000, 0x3F00, 0x2F10},
    {"2000",     "00A4020C022001",      0x9000, 0x2000, 0x2001},
    {"20002001", "00A4020C022001",      0x9000, 0x2000, 0x2001},
    {"2F10",     "00A4020C022000",      0x6A82, 0, 0}, /* a DF */
    {"20002001", "00A4020C022F10",      0x6A82, 0, 0},
    {"20002001", "00A4020C",            0x6700, 0, 0},
    {"20002001", "00A4020C0120",        0x6700, 0, 0},
    {"20002100", "00A4030C",            0x9000, 0x2000, 0},
    {"20002001", "00A4030C",            0x9000, 0x3F00, 0},
    {"2F10",     "00A4030C",            0x6A82, 0, 0}, /* above the MF */
    {"20002001", "00A4030C022000",      0x6700, 0, 0},
};

static const struct selection_case by_path[] = {
    {"2F10",     "00A4080C022000",              0x9000, 0x2000, 0},
    {"30003001", "00A4080C042000 2001",         0x9000, 0x2000, 0x2001},
    {"3000",     "00A4080C062000 2100 2101",    0x9000, 0x2100, 0x2101},
    {"3000",     "00A4080C063F00 2000 2100",    0x9000, 0x2100, 0},
    {"3000",     "00A4080C083F00 2000 2100 2101", 0x9000, 0x2100, 0x2101},
    {"20002001", "00A4080C042000 1234",         0x6A82, 0, 0},
    {"20002001", "00A4080C062000 2001 2001",    0x6A82, 0, 0}, /* below an EF */
    {"20002001", "00A4080C022001",              0x6A82, 0, 0},
    {"20002001", "00A4080C03200021",            0x6700, 0, 0},
    {"20002001", "00A4080C0120",                0x6700, 0, 0},
    {"20002001", "00A4080C",                    0x6700, 0, 0},
    {"2000",     "00A4090C022001",              0x9000, 0x2000, 0x2001},
    {"20002001", "00A4090C042100 2101",         0x9000, 0x2100, 0x2101},
    {"20002100", "00A4090C022000",              0x9000, 0x2000, 0},
    {"",         "00A4090C022F10",              0x9000, 0x3F00, 0x2F10},
    {"20002001", "00A4090C063FFF 2100 2101",    0x9000, 0x2100, 0x2101},
    {"20002001", "00A4090C023FFF",              0x6A82, 0, 0},
    {"20002001", "00A4090C042000 2001",         0x6A82, 0, 0},
    {"20002001", "00A4090C043F00 2000",         0x6A82, 0, 0},
    {"20002001", "00A4090C03210021",            0x6700, 0, 0},
    {"20002001", "00A4090C",                    0x6700, 0, 0},
};

static const struct selection_case by_name[] = {
    {"20002001", "00A4040C04A0000001",          0x9000, 0x2000, 0},
    {"2F10",     "00A4040C05A000000102",        0x9000, 0x2100, 0},
    {"2F10",     "00A4040C04A0000002",          0x9000, 0x3000, 0},
    {"2F10",     "00A4040C01A0",                0x9000, 0x2000, 0},
    {"2F10",     "00A4040D01A0",                0x9000, 0x4000, 0}, /* last */
    {"2F10",     "00A4040D04A0000001",          0x9000, 0x2100, 0},
    {"2F10",     "00A4040E01A0",                0x9000, 0x2000, 0}, /* next */
    {"2000",     "00A4040E01A0",                0x9000, 0x2100, 0},
    {"20002001", "00A4040E04A0000001",          0x9000, 0x2100, 0},
    {"200021002101", "00A4040E04A0000001",          0x6A82, 0, 0},
    {"2000",     "00A4040E04A0000002",          0x9000, 0x3000, 0},
    {"3000",     "00A4040E01A0",                0x9000, 0x4000, 0},
    {"4000",     "00A4040E01A0",                0x6A82, 0, 0},
    {"4000",     "00A4040F01A0",                0x9000, 0x3000, 0}, /* previous */
    {"30003001", "00A4040F01A0",                0x9000, 0x2100, 0},
    {"20002100", "00A4040F01A0",                0x9000, 0x2000, 0},
    {"20002001", "00A4040F01A0",                0x6A82, 0, 0},
    {"4000",     "00A4040F04A0000001",          0x9000, 0x2100, 0},
    /* the whole name comes first, then those that begin with it */
    {"2F10",     "00A4040C03A00000",            0x9000, 0x4000, 0},
    {"4000",     "00A4040E03A00000",            0x9000, 0x2000, 0},
    {"3000",     "00A4040E03A00000",            0x6A82, 0, 0},
    {"2000",     "00A4040F03A00000",            0x9000, 0x4000, 0},
    {"4000",     "00A4040F03A00000",            0x6A82, 0, 0},
    {"2F10",     "00A4040D03A00000",            0x9000, 0x3000, 0},
    /* from a DF of another name: the first, or the last */
    {"20002100", "00A4040E04A0000002",          0x9000, 0x3000, 0},
    {"3000",     "00A4040F04A0000001",          0x9000, 0x2100, 0},
    {"20002001", "00A4040C04A0000003",          0x6A82, 0, 0},
    {"20002001", "00A4040D04A0000003",          0x6A82, 0, 0},
    {"20002001", "00A4040C06A00000010203",      0x6A82, 0, 0},
    {"20002001", "00A4040C01A1",                0x6A82, 0, 0},
    {"20002001", "00A4040C",                    0x6700, 0, 0},
    {"20002001", "00A4040C10A000000102030405060708090A0B0C0D", 0x6A82, 0, 0},
    {"20002001", "00A4040C11A000000102030405060708090A0B0C0D0E0F", 0x6700, 0, 0},
};

static const struct selection_case wrong_parameters[] = {
    {"20002001", "00A4050C023F00", 0x6A86, 0, 0},
    {"20002001", "00A4060C023F00", 0x6A86, 0, 0},
    {"20002001", "00A4070C023F00", 0x6A86, 0, 0},
    {"20002001", "00A40A0C023F00", 0x6A86, 0, 0},
    {"20002001", "00A4100C023F00", 0x6A86, 0, 0},
    {"20002001", "00A4800C023F00", 0x6A86, 0, 0},
    {"20002001", "00A4FF0C023F00", 0x6A86, 0, 0},
    {"20002001", "00A4001C023F00", 0x6A86, 0, 0},
    {"20002001", "00A4002C023F00", 0x6A86, 0, 0},
    {"20002001", "00A4004C023F00", 0x6A86, 0, 0},
    {"20002001", "00A4008C023F00", 0x6A86, 0, 0},
    {"20002001", "00A404FC01A0",   0x6A86, 0, 0},
    {"20002001", "00A4000D023F00", 0x6A81, 0, 0}, /* the last one of that */
    {"20002001", "00A4000E023F00", 0x6A81, 0, 0}, /* identifier, and so on */
    {"20002001", "00A4080F022000", 0x6A81, 0, 0},
};

/* Before operation, deactivated (b1 0, b2 either), activated, terminated. */
static const struct selection_case life_cycles[] = {
    {"4000", "00A4020C024001", 0x9000, 0x4000, 0x4001},
    {"4000", "00A4020C024003", 0x9000, 0x4000, 0x4003},
    {"4000", "00A4020C024004", 0x6283, 0x4000, 0x4004},
    {"4000", "00A4020C024006", 0x6283, 0x4000, 0x4006},
    {"4000", "00A4020C024007", 0x9000, 0x4000, 0x4007},
    {"4000", "00A4020C02400C", 0x6285, 0x4000, 0x400C},
};
/* clang-format on */

static uint16_t
fid_of(const struct file *file)
{
    return file == NULL ? 0 : file->fid;
}

static bool
start(struct card *card, const char *path)
{
    char command[64];

    snprintf(command, sizeof(command), "00A4080C%02zX%s", strlen(path) / 2,
             path);
    return transmit_sw(card, *path == '\0' ? "00A4000C023F00" : command) ==
           0x9000;
}

static void
check(struct card *card, const struct selection_case *c)
{
    struct selection before, *now = &card->channel[0]->now;
    uint16_t df, ef, sw;

    assert_true(start(card, c->from));
    before = *now;
    sw = transmit_sw(card, c->command);
    df = c->df == 0 ? fid_of(before.df) : c->df;
    ef = c->df == 0 ? fid_of(before.ef) : c->ef;
    if (sw != c->sw || fid_of(now->df) != df || fid_of(now->ef) != ef)
        fail_msg("from %s: %s gives %04X and DF %04X EF %04X,\n"
                 "expected %04X, DF %04X EF %04X",
                 c->from, c->command, sw, fid_of(now->df), fid_of(now->ef),
                 c->sw, df, ef);
    if (ef != 0) /* of several with that identifier it is the one meant */
        assert_ptr_equal(now->ef->parent, now->df);
}

static void
selections(void **state)
{
    static const struct {
        const struct selection_case *list;
        size_t count;
    } lists[] = {
        {by_identifier, COUNT(by_identifier)},
        {below, COUNT(below)},
        {by_path, COUNT(by_path)},
        {by_name, COUNT(by_name)},
        {wrong_parameters, COUNT(wrong_parameters)},
        {life_cycles, COUNT(life_cycles)},
    };
    struct card *card = fresh_card(&tree_card, "");
    size_t i, k;

    (void)state;
    for (i = 0; i < COUNT(lists); i++)
        for (k = 0; k < lists[i].count; k++)
            check(card, &lists[i].list[k]);
    card_free(&card);
}

#define FCP_2001 "800101 820101 83022001 8A0105"
#define FCP_2000 "820138 83022000 8404A0000001 8A0105"

static const struct exchange information[] = {
    {"FCI of a DF", "00A40000022000 00", "6F10" FCP_2000 "9000"},
    {"FCP of a DF", "00A40004022000 00", "6210" FCP_2000 "9000"},
    {"FMD of a DF", "00A40008022000 00", "6400 9000"},
    {"nothing", "00A4000C022000 00", "9000"},
    {"FCI of an EF", "00A40000022001 00", "6F0D" FCP_2001 "9000"},
    {"FCP of an EF", "00A40004022001 00", "620D" FCP_2001 "9000"},
    {"FMD of an EF", "00A40008022001 00", "6400 9000"},
    {"nothing", "00A4000C022001 00", "9000"},
    {"nothing, no Le", "00A4000C022001", "9000"},
    {"extended", "00A40004000002 2001 0000", "620D" FCP_2001 "9000"},
    {"exact Le", "00A40004022001 0F", "620D" FCP_2001 "9000"},
    {"longer Le", "00A40004022001 10", "620D" FCP_2001 "9000"},
    {"shorter Le", "00A40004022001 02", "620D 610D"},
    {"the rest", "00C000000D", FCP_2001 "9000"},
    {"without Le", "00A40004022001", "610F"},
    {"the rest", "00C0000000", "620D" FCP_2001 "9000"},
    {"parent, case 2", "00A4030400", "620A 820138 83023F00 8A0105 9000"},
};

static void
control_information(void **state)
{
    (void)state;
    RUN_FRESH(&tree_card, "", information);
}

/* Deactivated and waiting for GET RESPONSE: the warning comes at the end. */
static const struct exchange warnings[] = {
    {"DF", "00A4080C024000", "9000"},
    {"FCP at once", "00A40204024004 00", "62... 6283"},
    {"FCP later", "00A40204024004", "610F"},
    {"some", "00C0000002", "620D 610D"},
    {"the rest", "00C000000D", "800102... 6283"},
    {"terminated", "00A4020402400C", "610F"},
    {"all", "00C0000000", "62... 6285"},
};

static void
warnings_of_life_cycles(void **state)
{
    (void)state;
    RUN_FRESH(&tree_card, "", warnings);
}

/* SELECT of the parent in case 2: 6Cxx must not have moved up already. */
static const struct exchange parent_by_t0[] = {
    {"down", "00A4080C042000 2100", "9000"},
    {"up, wrong Le", "00A4030000", "6C12"},
    {"up", "00A4030012", "6F10" FCP_2000 "9000"},
    {"up, wrong Le", "00A4030401", "6C0C"},
    {"up", "00A403040C", "620A 820138 83023F00 8A0105 9000"},
    {"no further", "00A4030400", "6A82"},
};

static void
wrong_le_selects_nothing(void **state)
{
    (void)state;
    RUN_FRESH(&tree_card, "protocol=t0", parent_by_t0);
}

/* A card without files at all. */
static const struct exchange nothing_there[] = {
    {"MF", "00A4000C023F00", "6A82"},    {"first", "00A4000C", "6A82"},
    {"child", "00A4000C022000", "6A82"}, {"DF", "00A4010C022000", "6A82"},
    {"EF", "00A4020C022000", "6A82"},    {"parent", "00A4030C", "6A82"},
    {"name", "00A4040C01A0", "6A82"},    {"path", "00A4080C022000", "6A82"},
    {"path", "00A4090C022000", "6A82"},  {"next", "00A4040E01A0", "6A82"},
    {"last", "00A4040D01A0", "6A82"},    {"previous", "00A4040F01A0", "6A82"},
    {"read", "00B0000000", "6986"},      {"read", "00B0810000", "6A82"},
};

static int
create_nothing(struct card *card, struct card_error *error)
{
    (void)error;
    return card_set_atr(card, bytes_of("\x3B\x00", 2)) ? 0 : -EINVAL;
}

static void
no_files(void **state)
{
    static const struct card_type empty_card = {
        .name = "empty", .base = &iso7816_card, .create = create_nothing};

    (void)state;
    RUN_FRESH(&empty_card, "", nothing_there);
}

UNIT_MAIN(cmocka_unit_test(selections), cmocka_unit_test(control_information),
          cmocka_unit_test(warnings_of_life_cycles),
          cmocka_unit_test(wrong_le_selects_nothing),
          cmocka_unit_test(no_files))
