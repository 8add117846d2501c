/*
 * dispatch.c - finds a command in a card type, then in its bases.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/cos.h"
#include "cos/internal.h"

/* Class bytes of the type's own: each is itself alone. */
static const struct command *
find_own(const struct card_type *type, const struct capdu *c, bool *class_known)
{
    const struct command *command;

    for (command = type->commands; command->run != NULL; command++) {
        if (command->cla != c->raw_cla)
            continue;
        if (command->ins == c->ins || !capdu_is_interindustry(c))
            *class_known = true;
        if (command->ins == c->ins)
            return command;
    }
    return NULL;
}

const struct command *
find_command(const struct card_type *type, const struct capdu *c,
             bool *class_known)
{
    const struct command *command;

    *class_known = false;
    if (type->has_own_classes)
        return find_own(type, c, class_known);
    for (; type != NULL; type = type->base)
        for (command = type->commands; command != NULL && command->run != NULL;
             command++) {
            if (command->cla != c->cla)
                continue;
            *class_known = true;
            if (command->ins == c->ins)
                return command;
        }
    return NULL;
}

const char *
card_command_name(const struct card *card, struct bytes command)
{
    const struct card_type *type = card->type;
    const struct command *found;
    struct capdu c;
    bool class_known;

    if (command.n < CAPDU_HEADER)
        return "malformed command";
    capdu_parse(command, &c); /* the header is enough */
    if (type->raw != NULL)
        type = type->raw->names;
    found = find_command(type, &c, &class_known);
    return found == NULL ? "unknown command" : found->name;
}

sw_t
cos_not_supported(struct card *card, const struct capdu *c, struct buf *rsp)
{
    (void)card;
    (void)c;
    (void)rsp;
    return SW_INS_NOT_SUPPORTED;
}
