/*
 * completion_zsh.c - the function for zsh: _arguments with what the tables
 * say.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdio.h>

#include <vicc/types.h>

#include "completion.h"
#include "vpcd_config.h"

static const char *const actions[] = {
    [COMPLETE_NOTHING] = " ",
    [COMPLETE_TYPES] = "_vicc_types",
    [COMPLETE_SETTINGS] = "_vicc_settings",
    [COMPLETE_CARDS] = "_vicc_cards",
    [COMPLETE_FILES] = "_files",
    [COMPLETE_FOLDERS] = "_directories",
    [COMPLETE_HOSTS] = "_hosts",
    [COMPLETE_INTERFACES] = "_net_interfaces",
    [COMPLETE_ADDRESSES] = "_vicc_addresses",
    [COMPLETE_COMMANDS] = "_normal -p vicc",
    [COMPLETE_SHELLS] = "(bash zsh)",
};

/* Inside of single quotes and brackets, as _arguments takes it. */
static void
put_quoted(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            printf("'\\''");
        else if (*text == '[' || *text == ']' || *text == ':' || *text == '\\')
            printf("\\%c", *text);
        else
            putchar(*text);
    }
}

/* '*'{-t,--type}'[help]:TYPE:_vicc_types' */
static void
put_spec(char letter, const char *name, const char *value, const char *help)
{
    if (letter != 0)
        printf(" \\\n        '*'{-%c,--%s%s}'[", letter, name,
               value != NULL ? "=" : "");
    else
        printf(" \\\n        '*--%s%s[", name, value != NULL ? "=" : "");
    put_quoted(help);
    putchar(']');
    if (value != NULL) {
        putchar(':');
        put_quoted(value);
        printf(":%s", actions[completion_of_value(value)]);
    }
    putchar('\'');
}

static void
put_verb(const struct verb *verb)
{
    const struct option_rule *r;

    printf("    %s)\n        _arguments -s -S", verb->name);
    for (r = option_rules; r->name != NULL; r++)
        if (completion_has(verb, r))
            put_spec(r->letter, r->name, r->value, r->help);
    if (verb->operands_last)
        printf(" \\\n        '(-)*:: : _vicc_inner'");
    else if (verb->operands_max != 0)
        printf(" \\\n        '*: :%s'", actions[completion_of_operand(verb)]);
    printf(" ;;\n");
}

static void
put_setting(const struct card_option *o, const char *name)
{
    const char *c;

    printf(" \\\n        '%s[", name);
    put_quoted(o->help);
    printf("]:value:");
    if (o->kind == OPTION_CHOICE) {
        putchar('(');
        for (c = o->choices; *c != '\0'; c++)
            putchar(*c == '|' ? ' ' : *c);
        putchar(')');
    } else if (o->kind == OPTION_FILE || o->kind == OPTION_OUTPUT) {
        printf("_files");
    } else {
        putchar(' ');
    }
    putchar('\'');
}

static void
put_settings(void)
{
    const struct card_option *o;
    const struct card_type *type;
    char name[80];
    size_t i, j, k;

    printf("_vicc_types()\n{\n    local -a types=(");
    for (i = 0; (type = card_type_at(i)) != NULL; i++) {
        printf("\n        '%s:", type->name);
        put_quoted(type->help);
        putchar('\'');
    }
    printf(")\n    _describe 'card type' types\n}\n\n"
           "_vicc_settings()\n{\n    local type=iso7816 i\n"
           "    for ((i = 1; i < CURRENT; i++)); do\n"
           "        [[ $words[i] != (-t|--type) ]] || type=$words[i+1]\n"
           "        [[ $words[i] != --type=* ]] || type=${words[i]#*=}\n"
           "    done\n    case $type in\n");
    for (i = 0; (type = card_type_at(i)) != NULL; i++) {
        printf("    %s) _values -w 'option of %s'", type->name, type->name);
        for (j = 0; (o = completion_option(type, j)) != NULL; j++)
            for (k = 0; completion_setting(type, o, k, name, sizeof(name)); k++)
                put_setting(o, name);
        printf(" ;;\n");
    }
    printf("    esac\n}\n\n");
}

static void
put_config(void)
{
    const struct config_option *o;

    printf("_vpcd_config()\n{\n    _arguments -s -S");
    for (o = config_options; o->name != NULL; o++)
        put_spec(o->letter, o->name, o->value, o->help);
    printf("\n}\n\n");
}

static const char *const helpers[] = {
    "_vicc_cards()",
    "{",
    "    _alternative 'types:card type:_vicc_types' 'files:image:_files'",
    "}",
    "",
    "_vicc_addresses()",
    "{",
    "    compadd -S '' -- tcp: unix:",
    "}",
    "",
    "# The command of vicc exec is completed as its own.",
    "_vicc_inner()",
    "{",
    "    [[ $words[1] != -- ]] || { shift words; ((CURRENT--)); }",
    "    _normal -p vicc",
    "}",
    "",
};

static const char *const ending[] = {
    "    esac",
    "}",
    "",
    "if [[ $service == vpcd-config ]]; then",
    "    _vpcd_config \"$@\"",
    "else",
    "    _vicc_program \"$@\"",
    "fi",
};

static void
put_lines(const char *const *lines, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++)
        puts(lines[i]);
}

void
completion_zsh(const struct verb *const *verbs)
{
    size_t i;

    printf("#compdef vicc vpcd-config\n"
           "# Completion of vicc and vpcd-config in zsh.\n"
           "# Made by: vicc completion zsh\n\n");
    put_settings();
    put_config();
    put_lines(helpers, sizeof(helpers) / sizeof(helpers[0]));
    printf("_vicc_program()\n{\n    local verb=run\n    local -a verbs=(");
    for (i = 0; verbs[i] != NULL; i++) {
        printf("\n        '%s:", verbs[i]->name);
        put_quoted(verbs[i]->help);
        putchar('\'');
    }
    printf(")\n    if ((CURRENT == 2)) && [[ $words[2] != -* ]]; then\n"
           "        _describe verb verbs\n        return\n    fi\n"
           "    if [[ $words[2] != -* ]]; then\n"
           "        verb=$words[2]\n        shift words\n"
           "        ((CURRENT--))\n    fi\n    case $verb in\n");
    for (i = 0; verbs[i] != NULL; i++)
        put_verb(verbs[i]);
    put_lines(ending, sizeof(ending) / sizeof(ending[0]));
}
