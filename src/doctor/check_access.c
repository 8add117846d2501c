/*
 * check_access.c - who forbids it: permissions, polkit, SELinux, AppArmor.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdlib.h>
#include <string.h>

#include "doctor/findings.h"

#define SECURITY_VIOLATION 0x8010006Aul /* SCARD_W_..., of pcsc-lite */

/*
 * The last line of any log in which all of the words occur, NULL-ended;
 * cut into `line`. False if there is none.
 */
static bool
find_logged(const struct facts *f, const char *const *words, char *line,
            size_t room)
{
    const char *source, *text;
    bool found = false;
    size_t at = 0;

    while (record_next(f->record, "log", &at, &source, &text))
        while (*text != '\0') {
            size_t n = strcspn(text, "\n"), i;
            bool all = true;

            for (i = 0; words[i] != NULL; i++)
                all = all && memmem(text, n, words[i], strlen(words[i]));
            if (all) {
                snprintf(line, room, "%.*s", (int)n, text);
                found = true;
            }
            text += n + (text[n] == '\n');
        }
    return found;
}

void
check_socket_permission(const struct facts *f, struct findings *out)
{
    struct finding *finding;

    if (!f->socket_denied)
        return;
    finding = finding_add(out, LEVEL_FAULT,
                          "you may not use the socket of pcscd, %s", f->socket);
    finding_why(finding,
                "Its permissions, or those of its folder, let other users in "
                "only. The usual mode is 0666, since pcscd itself asks who "
                "may do what.");
    finding_try(finding, "ls -ld %s; id    (is there a group to join?)",
                f->socket);
    finding_try(finding, "sudo systemctl edit pcscd.socket    and write: "
                         "[Socket], SocketMode=0666, each on its own line");
    finding_try(finding, "vicc exec -- COMMAND    (a daemon of your own)");
}

/* "... Process 2605 (user: 987) is NOT authorized for action: access_pcsc" */
static bool
refused_us(const struct facts *f, const char *line)
{
    const char *user = strstr(line, "(user: ");

    return user != NULL && strtoul(user + 7, NULL, 10) == f->user;
}

void
check_polkit(const struct facts *f, struct findings *out)
{
    static const char *const words[] = {"NOT authorized for action", NULL};
    bool refused = f->asked && f->answer == SECURITY_VIOLATION;
    char line[400] = "";
    bool logged = find_logged(f, words, line, sizeof(line));
    struct finding *finding;

    if (!refused && !logged)
        return;
    refused = refused || refused_us(f, line);
    finding = finding_add(out, refused ? LEVEL_FAULT : LEVEL_NOTE,
                          refused ? "polkit does not let you use PC/SC"
                                  : "polkit did not let another user use "
                                    "PC/SC");
    finding_why(finding,
                "pcscd asks polkit about each program, and by default the "
                "answer is yes only at the machine itself, not over ssh, in "
                "services, or in containers.%s%s",
                logged ? " The log says: " : "", line);
    finding_try(finding,
                "a rule in /etc/polkit-1/rules.d/50-pcsc.rules: "
                "polkit.addRule(function(action, subject) { if "
                "(action.id.indexOf(\"org.debian.pcsc-lite.\") == 0 && "
                "subject.user == \"YOU\") return polkit.Result.YES; });");
    finding_try(finding, "pcscd --disable-polkit    (pcsc-lite 2.0 and later; "
                         "PCSCD_ARGS in /etc/default/pcscd)");
    finding_try(finding, "vicc exec -- COMMAND    (a daemon of your own)");
}

void
check_selinux(const struct facts *f, struct findings *out)
{
    static const char *const own[] = {"avc:", "denied", "comm=\"pcscd\"",
                                      "permissive=0", NULL};
    static const char *const type[] = {"avc:", "denied",
                                       ":pcscd_t:", "permissive=0", NULL};
    const char *enforced = record_text(f->record, "selinux");
    struct finding *finding;
    char line[400];

    if (enforced == NULL || enforced[0] != '1' ||
        (!find_logged(f, own, line, sizeof(line)) &&
         !find_logged(f, type, line, sizeof(line))))
        return;
    finding = finding_add(
        out, LEVEL_FAULT, "SELinux forbids pcscd to %s",
        strstr(line, "name_bind") != NULL      ? "listen at the port of cards"
        : strstr(line, "name_connect") != NULL ? "connect to a card"
                                               : "do what its driver needs");
    finding_why(finding,
                "The policy lets pcscd do what real readers need. The log "
                "says: %s",
                line);
    finding_try(finding, "sudo ausearch -m avc -c pcscd -ts recent");
    finding_try(finding, "sudo ausearch -m avc -c pcscd | audit2allow -M "
                         "vicc-pcscd && sudo semodule -i vicc-pcscd.pp");
    finding_try(finding, "vicc exec -- COMMAND    (a daemon of your own)");
}

/* The value behind profile=" in a line of AppArmor. */
static void
find_profile(const char *line, char *profile, size_t room)
{
    const char *p = strstr(line, "profile=\"");

    p = p != NULL ? p + strlen("profile=\"") : "";
    snprintf(profile, room, "%.*s", (int)strcspn(p, "\""), p);
}

void
check_apparmor(const struct facts *f, struct findings *out)
{
    static const char *const words[] = {"apparmor=\"DENIED\"", "pcscd", NULL};
    struct finding *finding;
    char line[400], profile[128];

    if (!find_logged(f, words, line, sizeof(line)))
        return;
    find_profile(line, profile, sizeof(profile));
    finding = finding_add(out, LEVEL_FAULT,
                          strstr(profile, "pcscd") != NULL
                              ? "AppArmor forbids pcscd something, by its "
                                "profile %s"
                              : "AppArmor keeps a program from pcscd, by its "
                                "profile %s",
                          profile);
    finding_why(finding, "The log says: %s", line);
    if (facts_begins(profile, "snap."))
        finding_try(finding,
                    "sudo snap connect %.*s:pcscd    (a snap has to "
                    "be let in)",
                    (int)strcspn(profile + 5, "."), profile + 5);
    finding_try(finding,
                "sudo aa-complain '%s'    (reports instead of "
                "forbidding; then see the log)",
                profile);
    finding_try(finding, "add what is missing to /etc/apparmor.d/local/ and "
                         "sudo systemctl reload apparmor");
}
