/*
 * options.c - the command line contract: cards, links, and what is refused.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "options.h"

#define ARGS_MAX 40

static struct options o; /* large */

static const struct verb run_like = {
    .name = "run",
    .usage = "",
    .groups = OPTIONS_CARD | OPTIONS_LINK | OPTIONS_WATCH,
};

static const struct verb exec_like = {
    .name = "exec",
    .usage = "-- CMD",
    .groups = OPTIONS_CARD | OPTIONS_EXEC | OPTIONS_WATCH,
    .operands_max = -1,
    .operands_last = true,
    .operands_min = 1,
};

static const struct verb apdu_like = {
    .name = "apdu",
    .usage = "",
    .groups = OPTIONS_CARD,
    .operands_max = 1,
};

/* Splits `line` at blanks; the words live until the next call. */
static int
parse(const struct verb *verb, const char *line)
{
    static char text[1024];
    static char *argv[ARGS_MAX + 1];
    int argc = 0;
    char *word;

    options_release(&o);
    strcpy(text, line);
    for (word = strtok(text, " "); word != NULL; word = strtok(NULL, " "))
        argv[argc++] = word;
    argv[argc] = NULL;
    return options_parse(&o, verb, argc, argv);
}

static void
accept_line(const struct verb *verb, const char *line)
{
    if (parse(verb, line) != 0)
        fail_msg("%s: %s", line, o.error);
}

static void
refuse_line(const struct verb *verb, const char *line, const char *says)
{
    if (parse(verb, line) != -EINVAL)
        fail_msg("taken: %s", line);
    if (strstr(o.error, says) == NULL)
        fail_msg("%s: %s", line, o.error);
}

static void
no_card_is_iso7816(void **state)
{
    (void)state;
    accept_line(&run_like, "");
    assert_int_equal(options_count(&o), 1);
    assert_string_equal(o.card[0].name, "iso7816");
    assert_string_equal(o.link, "tcp:127.0.0.1:35963");
    accept_line(&run_like, "-o pin=1 --count 3 -v");
    assert_int_equal(o.cards, 1);
    assert_int_equal(options_count(&o), 3);
    assert_string_equal(o.card[0].setting[0].value, "1");
}

static void
options_follow_their_card(void **state)
{
    (void)state;
    accept_line(&run_like,
                "-t iso7816 -o pin=1=2 -o tries= --type=handler-test "
                "--option=case4=apdu -tiso7816 --count=2 -ov=w");
    assert_int_equal(o.cards, 3);
    assert_int_equal(options_count(&o), 4);
    assert_int_equal(o.card[0].settings, 2);
    assert_string_equal(o.card[0].setting[0].name, "pin");
    assert_string_equal(o.card[0].setting[0].value, "1=2");
    assert_string_equal(o.card[0].setting[1].value, "");
    assert_string_equal(o.card[1].name, "handler-test");
    assert_string_equal(o.card[1].setting[0].value, "apdu");
    assert_int_equal(o.card[2].count, 2);
}

static void
images_are_cards_too(void **state)
{
    (void)state;
    accept_line(&run_like, "-f my.card -o atr=3B00 -t iso7816 --discard "
                           "--passphrase-file p --passphrase-fd 3");
    assert_int_equal(o.cards, 2);
    assert_true(o.card[0].is_image && !o.card[1].is_image);
    assert_string_equal(o.card[0].name, "my.card");
    assert_string_equal(o.card[0].setting[0].name, "atr");
    assert_true(o.discard);
    assert_string_equal(o.passphrase_file, "p");
    assert_int_equal(o.passphrase_fd, 3);
    accept_line(&run_like, "--card ./a,atr=3B00 --card iso7816 --card b/c");
    assert_true(o.card[0].is_image && o.card[2].is_image);
    assert_false(o.card[1].is_image || o.discard);
    assert_int_equal(o.passphrase_fd, -1);
    assert_string_equal(o.card[0].setting[0].value, "3B00");
}

static void
a_card_in_one_word(void **state)
{
    (void)state;
    accept_line(&run_like, "--card iso7816,pin=a\\,b\\c,tries=2 "
                           "--card=handler-test --count 2");
    assert_int_equal(o.cards, 2);
    assert_int_equal(o.card[0].settings, 2);
    assert_string_equal(o.card[0].setting[0].value, "a,b\\c");
    assert_string_equal(o.card[0].setting[1].name, "tries");
    assert_int_equal(o.card[1].count, 2);
    refuse_line(&run_like, "--card iso7816,", "NAME=VALUE");
    refuse_line(&run_like, "--card iso7816,pin", "NAME=VALUE");
    refuse_line(&run_like, "--card ,pin=1", "no card type ''");
}

static void
unusable_cards_are_refused(void **state)
{
    (void)state;
    refuse_line(&run_like, "-t nothing", "there are iso7816, ");
    refuse_line(&run_like, "-t ./my.so", "./my.so: cannot open");
    refuse_line(&run_like, "-t my.so", "'my.so' (for the file write ./my.so);");
    refuse_line(&run_like, "--card my.so,a=b", "for the file write ./my.so");
    refuse_line(&run_like, "-f a --card b", "do not mix");
    refuse_line(&run_like, "--card ./a --count 2", "is one card");
    refuse_line(&run_like, "--passphrase-fd x", "give a number");
    refuse_line(&run_like, "--force", "does not go with");
    refuse_line(&run_like, "--reader x", "belongs behind -t relay");
    refuse_line(&run_like, "-t iso7816 --share x", "belongs behind -t relay");
    refuse_line(&run_like, "-t relay --reader x -t iso7816 --reader x",
                "belongs behind -t relay");
    refuse_line(&run_like, "-t relay --reader 0 --reader 1", "twice");
    refuse_line(&run_like, "-t iso7816 --card iso7816", "do not mix");
    refuse_line(&run_like, "--card iso7816 -t iso7816", "do not mix");
    refuse_line(&run_like, "--card iso7816 -o pin=1", "do not mix");
    refuse_line(&run_like, "-o pin=1 -t iso7816", "behind the card");
    refuse_line(&run_like, "--count 2 --card iso7816", "behind the card");
    refuse_line(&run_like, "-o pin", "NAME=VALUE");
    refuse_line(&run_like, "-o =1", "NAME=VALUE");
    refuse_line(&run_like, "-o pin=1 -o pin=2", "twice");
    refuse_line(&run_like, "--count 0", "1 to 65536");
    refuse_line(&run_like, "--count 65537", "1 to 65536");
    refuse_line(&run_like, "--count -1", "1 to 65536");
    refuse_line(&run_like, "--count 2x", "1 to 65536");
    refuse_line(&run_like, "--count 200 -t iso7816", "behind the card");
    refuse_line(&run_like, "-t iso7816 --count 65000 -t iso7816 --count 537",
                "more than 65536 cards");
}

static void
classic_links(void **state)
{
    (void)state;
    accept_line(&run_like, "-H 192.0.2.1 -P 0x3C00");
    assert_string_equal(o.link, "tcp:192.0.2.1:15360");
    accept_line(&run_like, "--hostname ::1 --port=1");
    assert_string_equal(o.link, "tcp:[::1]:1");
    accept_line(&run_like, "-R");
    assert_string_equal(o.link, "tcp-listen:127.0.0.1:35963");
    accept_line(&run_like, "-RH 0.0.0.0 -P7");
    assert_string_equal(o.link, "tcp-listen:0.0.0.0:7");
    refuse_line(&run_like, "-P 65536", "65535");
    refuse_line(&run_like, "-P -1", "65535");
    refuse_line(&run_like, "-P 8x", "65535");
    refuse_line(&run_like, "-P 65535 --count 2", "no room for 2 cards");
    refuse_line(&run_like, "-R --listen unix:/x", "do not go with");
    refuse_line(&run_like, "-P 1 --connect unix:/x", "do not go with");
    refuse_line(&run_like, "-R=1", "no option -=");
    refuse_line(&run_like, "--reversed=1", "takes no value");
}

static void
links_by_address(void **state)
{
    (void)state;
    accept_line(&run_like, "--connect unix:/tmp/s --count 3");
    assert_string_equal(o.link, "unix:/tmp/s");
    accept_line(&run_like, "--connect /tmp/s");
    assert_string_equal(o.link, "unix:/tmp/s");
    accept_line(&run_like, "--connect localhost:7");
    assert_non_null(strstr(o.link, ":7"));
    accept_line(&run_like, "--connect fd:3");
    assert_string_equal(o.link, "fd:3");
    accept_line(&run_like, "--listen ./s");
    assert_string_equal(o.link, "unix-listen:./s");
    accept_line(&run_like, "--listen unix-listen:/tmp/s");
    assert_string_equal(o.link, "unix-listen:/tmp/s");
    accept_line(&run_like, "--listen tcp:0.0.0.0:7");
    assert_string_equal(o.link, "tcp-listen:0.0.0.0:7");
    refuse_line(&run_like, "--connect unix-listen:/tmp/s", "use --listen");
    refuse_line(&run_like, "--connect unix:/x --listen unix:/x", "only one");
    refuse_line(&run_like, "--connect tcp:", "--connect tcp:");
    refuse_line(&run_like, "--connect=", "needs an address");
    refuse_line(&run_like, "--connect unix:/x:colour=red", "colour");
    refuse_line(&run_like, "--connect fd:3 --count 2", "no room for 2 cards");
}

static void
options_may_be_written_together(void **state)
{
    (void)state;
    accept_line(&run_like, "-vvvtiso7816 --secrets --trace f --trace=g");
    assert_int_equal(o.verbose, 3);
    assert_true(o.secrets);
    assert_string_equal(o.trace, "g");
    refuse_line(&run_like, "-x", "no option -x");
    refuse_line(&run_like, "--hostnam x", "is --hostname meant");
    refuse_line(&run_like, "--verbosely", "is --verbose meant");
    refuse_line(&run_like, "--nothing", "no option --nothing");
    refuse_line(&run_like, "-t", "--type needs a value");
    refuse_line(&run_like, "--trace", "--trace needs a value");
    refuse_line(&run_like, "--name x", "does not go with 'vicc run'");
    refuse_line(&apdu_like, "-P 1", "does not go with 'vicc apdu'");
}

static void
a_command_keeps_its_options(void **state)
{
    (void)state;
    accept_line(&exec_like, "-v --name R --slot a --slot b --timeout 3 -- cmd "
                            "-v -- x");
    assert_int_equal(o.verbose, 1);
    assert_int_equal(o.operands, 4);
    assert_string_equal(o.operand[0], "cmd");
    assert_string_equal(o.operand[2], "--");
    assert_null(o.operand[4]);
    assert_int_equal(o.slots, 2);
    assert_int_equal(o.timeout_s, 3);
    accept_line(&exec_like, "cmd --help");
    assert_false(o.help);
    assert_int_equal(o.operands, 2);
    refuse_line(&exec_like, "-v", "something is missing");
    refuse_line(&exec_like, "--", "something is missing");
    refuse_line(&exec_like, "--timeout 0 -- x", "1 to 86400");
}

static void
operands_stand_anywhere(void **state)
{
    (void)state;
    accept_line(&apdu_like, "script -t handler-test");
    assert_string_equal(o.operand[0], "script");
    assert_string_equal(o.card[0].name, "handler-test");
    accept_line(&apdu_like, "-t handler-test -- -script");
    assert_string_equal(o.operand[0], "-script");
    accept_line(&apdu_like, "-");
    assert_string_equal(o.operand[0], "-");
    refuse_line(&apdu_like, "a b", "'b' is one argument too many");
    refuse_line(&run_like, "a", "'a' is one argument too many");
}

static void
help_needs_nothing_else(void **state)
{
    (void)state;
    accept_line(&exec_like, "--help");
    assert_true(o.help);
    accept_line(&run_like, "a b -hV");
    assert_true(o.version);
    options_release(&o);
    options_release(&o);
}

UNIT_MAIN(cmocka_unit_test(no_card_is_iso7816),
          cmocka_unit_test(options_follow_their_card),
          cmocka_unit_test(images_are_cards_too),
          cmocka_unit_test(a_card_in_one_word),
          cmocka_unit_test(unusable_cards_are_refused),
          cmocka_unit_test(classic_links), cmocka_unit_test(links_by_address),
          cmocka_unit_test(options_may_be_written_together),
          cmocka_unit_test(a_command_keeps_its_options),
          cmocka_unit_test(operands_stand_anywhere),
          cmocka_unit_test(help_needs_nothing_else))
