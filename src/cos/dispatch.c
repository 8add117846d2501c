/*
 * dispatch.c - finds a command in a card type, then in its bases.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/cos.h>

#include "cos/internal.h"

static const struct command *
find_in(const struct command *command, const struct capdu *c, bool *class_known)
{
    for (; command != NULL && command->run != NULL; command++) {
        if (command->cla != c->cla)
            continue;
        *class_known = true;
        if (command->ins == c->ins)
            return command;
    }
    return NULL;
}

/* Class bytes of the type's own: each is itself alone. */
static const struct command *
find_own(const struct card_type *type, const struct capdu *c, bool *class_known)
{
    const struct command *command;

    for (command = type->commands; command != NULL && command->run != NULL;
         command++) {
        if (command->cla != c->raw_cla)
            continue;
        if (command->ins == c->ins || !capdu_is_interindustry(c))
            *class_known = true;
        if (command->ins == c->ins)
            return command;
    }
    return NULL;
}

/* In a type and its bases, down to `end`. */
static const struct command *
find_in_types(const struct card_type *type, const struct card_type *end,
              const struct capdu *c, bool *class_known)
{
    const struct command *command = NULL;

    for (; type != end && command == NULL; type = type->base) {
        if (type->has_own_classes)
            return find_own(type, c, class_known);
        command = find_in(type->commands, c, class_known);
    }
    return command;
}

/*
 * First in the types that are derived from the one with the applications, so
 * that they can say what differs from these.
 */
const struct command *
find_command(const struct card *card, const struct capdu *c, bool *class_known)
{
    const struct card_application *application = application_of(card, c);
    const struct command *command;

    *class_known = false;
    if (card->one_class && (c->channel != 0 || c->sm != SM_NONE))
        return NULL;
    command =
        find_in_types(card->type, card->with_applications, c, class_known);
    if (command == NULL && application != NULL)
        command = find_in(application->commands, c, class_known);
    return command != NULL || card->with_applications == NULL
               ? command
               : find_in_types(card->with_applications, NULL, c, class_known);
}

const char *
card_command_name(const struct card *card, struct bytes command)
{
    const struct command *found;
    struct capdu c;
    bool class_known = false;

    if (command.n < CAPDU_HEADER)
        return "malformed command";
    capdu_parse(command, &c); /* the header is enough */
    found = card->type->raw != NULL
                ? find_in_types(card->type->raw->names, NULL, &c, &class_known)
                : find_command(card, &c, &class_known);
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
