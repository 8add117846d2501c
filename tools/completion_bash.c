/*
 * completion_bash.c - the script for bash: tables as functions, and one
 * function that looks into them. It needs nothing of bash-completion.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdio.h>

#include <vicc/types.h>

#include "completion.h"
#include "vpcd_config.h"

static const char *const kind_names[] = {
    [COMPLETE_NOTHING] = "nothing",     [COMPLETE_TYPES] = "types",
    [COMPLETE_SETTINGS] = "settings",   [COMPLETE_CARDS] = "cards",
    [COMPLETE_FILES] = "files",         [COMPLETE_FOLDERS] = "folders",
    [COMPLETE_HOSTS] = "hosts",         [COMPLETE_INTERFACES] = "interfaces",
    [COMPLETE_ADDRESSES] = "addresses", [COMPLETE_COMMANDS] = "commands",
    [COMPLETE_SHELLS] = "shells",
};

/* "-t|--type) echo types ;;" */
static void
put_value(char letter, const char *name, const char *value)
{
    printf("        ");
    if (letter != 0)
        printf("-%c|", letter);
    printf("--%s) echo %s ;;\n", name, kind_names[completion_of_value(value)]);
}

static void
put_verb(const struct verb *verb)
{
    const struct option_rule *r;

    printf("    %s)\n        options=\"", verb->name);
    for (r = option_rules; r->name != NULL; r++) {
        if (!completion_has(verb, r))
            continue;
        if (r->letter != 0)
            printf("-%c ", r->letter);
        printf("--%s ", r->name);
    }
    printf("\"\n        case $2 in\n");
    for (r = option_rules; r->name != NULL; r++)
        if (completion_has(verb, r) && r->value != NULL)
            put_value(r->letter, r->name, r->value);
    printf("        operand) echo %s ;;\n        options) echo \"$options\" "
           ";;\n        esac ;;\n",
           kind_names[completion_of_operand(verb)]);
}

static void
put_config(void)
{
    const struct config_option *o;

    printf("    vpcd-config)\n        options=\"");
    for (o = config_options; o->name != NULL; o++) {
        if (o->letter != 0)
            printf("-%c ", o->letter);
        printf("--%s ", o->name);
    }
    printf("\"\n        case $2 in\n");
    for (o = config_options; o->name != NULL; o++)
        if (o->value != NULL)
            put_value(o->letter, o->name, o->value);
    printf("        operand) echo nothing ;;\n        options) echo "
           "\"$options\" ;;\n        esac ;;\n");
}

/* TYPE:NAME) the choices of an option; of 9a.key, as of all its kind. */
static void
put_choices(const struct card_type *type, const struct card_option *o)
{
    const char *point = strchr(o->name, '.');
    const char *c;

    if (o->kind != OPTION_CHOICE && o->kind != OPTION_FILE &&
        o->kind != OPTION_OUTPUT)
        return;
    printf("    %s:%s%s) echo \"", type->name, point == NULL ? "" : "*",
           point == NULL ? o->name : point);
    if (o->kind != OPTION_CHOICE)
        printf("/files");
    for (c = o->kind == OPTION_CHOICE ? o->choices : ""; *c != '\0'; c++)
        putchar(*c == '|' ? ' ' : *c);
    printf("\" ;;\n");
}

/* TYPE) its options. */
static void
put_settings(void)
{
    const struct card_option *o;
    const struct card_type *type;
    char name[80];
    size_t i, j, k;

    printf("_vicc_settings()\n{\n    case $1 in\n");
    for (i = 0; (type = card_type_at(i)) != NULL; i++) {
        printf("    %s) echo \"", type->name);
        for (j = 0; (o = completion_option(type, j)) != NULL; j++)
            for (k = 0; completion_setting(type, o, k, name, sizeof(name)); k++)
                printf("%s= ", name);
        printf("\" ;;\n");
        for (j = 0; (o = completion_option(type, j)) != NULL; j++)
            put_choices(type, o);
    }
    printf("    esac\n}\n\n");
}

static void
put_names(const struct verb *const *verbs)
{
    const struct card_type *type;
    size_t i;

    printf("_vicc_verbs=\"");
    for (i = 0; verbs[i] != NULL; i++)
        printf("%s%s", i > 0 ? " " : "", verbs[i]->name);
    printf("\"\n_vicc_types=\"");
    for (i = 0; (type = card_type_at(i)) != NULL; i++)
        printf("%s%s", i > 0 ? " " : "", type->name);
    printf("\"\n\n");
}

/* Lines of bash that need no table. */
static const char *const machinery[] = {
    "_vicc_reply()",
    "{",
    "    local IFS=$' \\t\\n'",
    "    COMPREPLY+=($(compgen -W \"$1\" -- \"$cur\"))",
    "}",
    "",
    "# The card type that is chosen last before the cursor.",
    "_vicc_type()",
    "{",
    "    local i type=iso7816",
    "    for ((i = 1; i < COMP_CWORD; i++)); do",
    "        case ${COMP_WORDS[i]} in",
    "        -t|--type) type=${COMP_WORDS[i + 1]}",
    "            [[ $type != = ]] || type=${COMP_WORDS[i + 2]} ;;",
    "        esac",
    "    done",
    "    echo \"$type\"",
    "}",
    "",
    "_vicc_complete()",
    "{",
    "    case $1 in",
    "    types) _vicc_reply \"$_vicc_types\" ;;",
    "    settings)",
    "        compopt -o nospace",
    "        _vicc_reply \"$(_vicc_settings \"$(_vicc_type)\")\" ;;",
    "    cards) _vicc_reply \"$_vicc_types\"",
    "        COMPREPLY+=($(compgen -f -- \"$cur\")) ;;",
    "    files) compopt -o filenames",
    "        COMPREPLY+=($(compgen -f -- \"$cur\")) ;;",
    "    folders) compopt -o filenames",
    "        COMPREPLY+=($(compgen -d -- \"$cur\")) ;;",
    "    hosts) COMPREPLY+=($(compgen -A hostname -- \"$cur\"))",
    "        _vicc_reply localhost ;;",
    "    interfaces)",
    "        _vicc_reply \"$(cd /sys/class/net 2>/dev/null && echo *)\" ;;",
    "    addresses) compopt -o nospace",
    "        _vicc_reply \"tcp: unix:\" ;;",
    "    commands) COMPREPLY+=($(compgen -c -- \"$cur\")) ;;",
    "    shells) _vicc_reply \"bash zsh\" ;;",
    "    esac",
    "}",
    "",
    "# Everything behind the command of vicc exec is completed as its own.",
    "_vicc_inner()",
    "{",
    "    local i",
    "    for ((i = 2; i < COMP_CWORD; i++)); do",
    "        [[ ${COMP_WORDS[i]} == -- ]] || continue",
    "        if declare -F _command_offset >/dev/null; then",
    "            _command_offset $((i + 1))",
    "        elif ((COMP_CWORD == i + 1)); then",
    "            COMPREPLY=($(compgen -c -- \"$cur\"))",
    "        else",
    "            compopt -o filenames",
    "            COMPREPLY=($(compgen -f -- \"$cur\"))",
    "        fi",
    "        return 0",
    "    done",
    "    return 1",
    "}",
    "",
    "_vicc()",
    "{",
    "    local IFS=$'\\n' verb=run cur=${COMP_WORDS[COMP_CWORD]} option",
    "    local prev=${COMP_WORDS[COMP_CWORD - 1]} before=",
    "    COMPREPLY=()",
    "    ((COMP_CWORD < 2)) || before=${COMP_WORDS[COMP_CWORD - 2]}",
    "    if [[ ${1##*/} == vpcd-config ]]; then",
    "        verb=vpcd-config",
    "    elif ((COMP_CWORD == 1)) && [[ $cur != -* ]]; then",
    "        _vicc_reply \"$_vicc_verbs\"",
    "        return",
    "    elif [[ ${COMP_WORDS[1]} != -* ]]; then",
    "        verb=${COMP_WORDS[1]}",
    "    fi",
    "    [[ $verb != exec ]] || ! _vicc_inner || return 0",
    "    # Bash takes = for a word of its own: NAME = VALUE, --type = TYPE.",
    "    [[ $cur != = ]] || { before=$prev prev=$cur cur=; }",
    "    if [[ $prev == = && $before == --* ]]; then",
    "        prev=$before",
    "    elif [[ $prev == = ]]; then",
    "        option=$(_vicc_settings \"$(_vicc_type):$before\")",
    "        [[ $option != /files ]] || _vicc_complete files",
    "        [[ $option == /files ]] || _vicc_reply \"$option\"",
    "        return",
    "    fi",
    "    if [[ $cur == -* ]]; then",
    "        _vicc_reply \"$(_vicc_table \"$verb\" options)\"",
    "        return",
    "    fi",
    "    option=$(_vicc_table \"$verb\" \"$prev\")",
    "    [[ $prev == -* && -n $option ]] ||",
    "        option=$(_vicc_table \"$verb\" operand)",
    "    _vicc_complete \"$option\"",
    "}",
    "",
    "complete -F _vicc vicc vpcd-config",
};

void
completion_bash(const struct verb *const *verbs)
{
    size_t i;

    printf("# Completion of vicc and vpcd-config in bash.\n"
           "# Made by: vicc completion bash\n"
           "# shellcheck shell=bash disable=SC2207\n\n");
    put_names(verbs);
    put_settings();
    printf("# VERB OPTION: the kind of its value; VERB options: all of "
           "them.\n_vicc_table()\n{\n    local options\n    case $1 in\n");
    for (i = 0; verbs[i] != NULL; i++)
        put_verb(verbs[i]);
    put_config();
    printf("    esac\n}\n\n");
    for (i = 0; i < sizeof(machinery) / sizeof(machinery[0]); i++)
        puts(machinery[i]);
}
