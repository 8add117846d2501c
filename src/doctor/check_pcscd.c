/*
 * check_pcscd.c - is the PC/SC daemon there, awake, and willing?
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <string.h>

#include "doctor/findings.h"
#include "world/pcscd.h"

void
check_pcscd_missing(const struct facts *f, struct findings *out)
{
    const char *text = record_text(f->record, "pcscd");
    struct finding *finding;

    if (text == NULL || !facts_has_line(text, "missing") || facts_served(f))
        return;
    finding = finding_add(out, LEVEL_FAULT,
                          "the PC/SC daemon pcscd is not installed");
    finding_why(finding,
                "Programs reach readers through it, and it loads the driver "
                "that cards connect to.");
    finding_try(finding, "sudo apt-get install pcscd    (Debian, Ubuntu)");
    finding_try(finding, "sudo dnf install pcsc-lite    (Fedora)");
}

void
check_pcscd_unfit(const struct facts *f, struct findings *out)
{
    const char *text = record_text(f->record, "pcscd");
    struct pcscd pcscd = {0};
    struct finding *finding;

    if (text == NULL || !pcscd_parse(text, &pcscd) || pcscd.serial)
        return;
    finding = finding_add(out, LEVEL_FAULT,
                          "this pcscd was built without serial readers");
    finding_why(finding, "So it reads no file of readers and knows USB ones "
                         "alone; virtual ones are serial to it.");
    finding_try(finding, "use the pcscd of your distribution, or configure it "
                         "with --enable-serial");
}

void
check_library(const struct facts *f, struct findings *out)
{
    struct finding *finding;

    if (f->no_library == NULL)
        return;
    finding =
        finding_add(out, LEVEL_FAULT, "programs cannot load the PC/SC library");
    finding_why(finding, "%.*s", (int)strcspn(f->no_library, "\n"),
                f->no_library);
    finding_try(finding, "sudo apt-get install libpcsclite1    (Debian)");
    finding_try(finding, "sudo dnf install pcsc-lite-libs    (Fedora)");
}

void
check_pcscd_stopped(const struct facts *f, struct findings *out)
{
    struct finding *finding;

    if (facts_served(f) || f->socket == NULL || f->socket_denied ||
        facts_running(f) || f->socket_listening)
        return;
    if (f->socket_absent) {
        finding =
            finding_add(out, LEVEL_FAULT,
                        "pcscd does not run: there is no socket %s", f->socket);
        finding_why(finding, "It has not been started, and the system does "
                             "not wait for it to be needed either.");
    } else {
        finding = finding_add(out, LEVEL_FAULT,
                              "pcscd does not run: nobody is behind its "
                              "socket %s",
                              f->socket);
        finding_why(finding, "The socket has been left behind by a pcscd "
                             "that was killed or could not start.");
    }
    finding_try(finding, "sudo systemctl enable --now pcscd.socket");
    finding_try(finding, "sudo pcscd    (where there is no systemd)");
    finding_try(finding, "sudo pcscd --foreground --info    (shows why it "
                         "ends, if it does)");
}

void
check_pcscd_asleep(const struct facts *f, struct findings *out)
{
    struct finding *finding;

    if (!f->asleep)
        return;
    finding = finding_add(out, LEVEL_FAULT,
                          "pcscd was asleep behind its socket %s%s", f->socket,
                          facts_served(f) ? "; this look has woken it" : "");
    finding_why(finding,
                "The system starts it when a program first asks for a "
                "reader. Until then there is no reader, and a card finds "
                "nobody to connect to. vicc tries again until it does; other "
                "cards give up.");
    finding_try(finding, "run the program that needs the card, or "
                         "opensc-tool --list-readers, and start the card "
                         "then");
    finding_try(finding, "sudo systemctl start pcscd    (without waiting for "
                         "a program)");
}

void
check_pcscd_hangs(const struct facts *f, struct findings *out)
{
    struct finding *finding;

    if (!f->hung || f->socket_denied ||
        (!f->socket_listening && !facts_running(f)))
        return;
    finding = finding_add(out, LEVEL_FAULT, "pcscd does not answer");
    finding_why(finding, facts_running(f)
                             ? "It runs, but a driver may hold it up; or it "
                               "was stopped by a signal."
                             : "Something has its socket open and does not "
                               "serve: pcscd may end as soon as the system "
                               "starts it.");
    finding_try(finding, "sudo systemctl restart pcscd");
    finding_try(finding, "journalctl -u pcscd    (what it said last)");
    finding_try(finding, "sudo pcscd --foreground --debug    (after stopping "
                         "it: where it stays)");
}

/* Whatever else SCardEstablishContext answers. */
void
check_pcscd_refuses(const struct facts *f, struct findings *out)
{
    const char *text = record_text(f->record, "pcsc"), *line;
    struct finding *finding;

    if (!f->asked || f->hung || f->answer == 0 || f->no_library != NULL ||
        f->answer == 0x8010006A || f->socket_denied ||
        (line = strstr(text, "establish ")) == NULL ||
        (!facts_running(f) && !f->socket_listening))
        return;
    line += strlen("establish ");
    finding = finding_add(out, LEVEL_FAULT,
                          "pcscd turns programs away: SCardEstablishContext "
                          "returns %.*s",
                          (int)strcspn(line, "\n"), line);
    if (f->answer == 0x8010001E) /* SCARD_E_SERVICE_STOPPED */
        finding_why(finding,
                    "Daemon and library speak different versions of their "
                    "protocol: one of them is of another container, or older "
                    "than pcsc-lite 2.3.");
    else
        finding_why(finding, "It may have just ended: a line of its log says "
                             "more.");
    finding_try(finding, "journalctl -u pcscd");
    finding_try(finding, "sudo systemctl restart pcscd.socket pcscd");
}

void
check_auto_exit(const struct facts *f, struct findings *out)
{
    const char *path = NULL, *text, *from = NULL;
    struct finding *finding;
    size_t at = 0, i;

    for (i = 0; i < f->processes && from == NULL; i++) {
        if (f->process[i].serves != 0 && f->process[i].auto_exit)
            from = "its command line";
        else if (f->process[i].serves == 1) /* then no unit started it */
            return;
    }
    while (from == NULL && record_next(f->record, "unit", &at, &path, &text))
        if (strstr(text, "--auto-exit") != NULL)
            from = path;
    if (from == NULL)
        return;
    finding = finding_add(out, LEVEL_NOTE,
                          "pcscd ends by itself 60 seconds after the last "
                          "program has left it: --auto-exit in %s",
                          from);
    finding_why(finding,
                "Its readers end with it, and the next program starts it "
                "again. vicc comes back then; cards of others have to be "
                "started anew.");
    finding_try(finding, "sudo systemctl edit pcscd.service    and write: "
                         "[Service], ExecStart=, ExecStart=/usr/sbin/pcscd "
                         "--foreground, each on its own line");
    finding_try(finding, "keep a program open, such as pcsc_scan");
}
