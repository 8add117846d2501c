/*
 * findings.c - the table of checks.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "doctor/findings.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Most fundamental first. */
/* clang-format off */
static const struct check checks[] = {
    {"pcscd-missing",     PART_PCSCD,      check_pcscd_missing    },
    {"pcscd-unfit",       PART_PCSCD,      check_pcscd_unfit      },
    {"library-missing",   PART_PCSCD,      check_library          },
    {"conf-malformed",    PART_DRIVER,     check_conf_malformed   },
    {"driver-missing",    PART_DRIVER,     check_driver_missing   },
    {"device-missing",    PART_DRIVER,     check_conf_device      },
    {"conf-unreadable",   PART_PERMISSION, check_conf_unreadable  },
    {"socket-permission", PART_PERMISSION, check_socket_permission},
    {"polkit",            PART_PERMISSION, check_polkit           },
    {"selinux",           PART_PERMISSION, check_selinux          },
    {"apparmor",          PART_PERMISSION, check_apparmor         },
    {"pcscd-stopped",     PART_PCSCD,      check_pcscd_stopped    },
    {"pcscd-asleep",      PART_PCSCD,      check_pcscd_asleep     },
    {"pcscd-hangs",       PART_PCSCD,      check_pcscd_hangs      },
    {"pcscd-refuses",     PART_PCSCD,      check_pcscd_refuses    },
    {"conf-missing",      PART_DRIVER,     check_conf_missing     },
    {"conf-backup",       PART_DRIVER,     check_conf_backup      },
    {"conf-doubled",      PART_DRIVER,     check_conf_doubled     },
    {"conf-address",      PART_DRIVER,     check_conf_address     },
    {"driver-other",      PART_DRIVER,     check_driver_other     },
    {"port-taken",        PART_WIRE,       check_port_taken       },
    {"reader-missing",    PART_DRIVER,     check_reader_missing   },
    {"card-mute",         PART_CARD,       check_card_mute        },
    {"card-atr",          PART_CARD,       check_card_atr         },
    {"card-silent",       PART_CARD,       check_card_silent      },
    {"slot-taken",        PART_WIRE,       check_slot_taken       },
    {"link",              PART_WIRE,       check_link             },
    {"card-none",         PART_CARD,       check_card_none        },
    {"auto-exit",         PART_PCSCD,      check_auto_exit        },
    {0},
};
/* clang-format on */

/* What machines and logs say may end lines, which a finding does not. */
__attribute__((format(printf, 3, 0))) static void
put(char *text, size_t room, const char *format, va_list args)
{
    vsnprintf(text, room, format, args);
    for (; *text != '\0'; text++)
        if (iscntrl((unsigned char)*text))
            *text = ' ';
}

struct finding *
finding_add(struct findings *out, enum finding_level level, const char *format,
            ...)
{
    struct finding *f =
        out->count < FINDINGS_MAX ? &out->finding[out->count++] : &out->spare;
    va_list args;

    *f = (struct finding){
        .check = out->check->name, .part = out->check->part, .level = level};
    va_start(args, format);
    put(f->what, sizeof(f->what), format, args);
    va_end(args);
    return f;
}

void
finding_why(struct finding *f, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put(f->why, sizeof(f->why), format, args);
    va_end(args);
}

void
finding_try(struct finding *f, const char *format, ...)
{
    va_list args;

    if (f->attempts == FINDING_TRIES_MAX)
        return;
    va_start(args, format);
    put(f->attempt[f->attempts], sizeof(f->attempt[0]), format, args);
    va_end(args);
    f->attempts++;
}

struct findings *
findings_new(const struct facts *facts)
{
    struct findings *out = calloc(1, sizeof(*out));
    const struct check *c;

    for (c = checks; out != NULL && c->name != NULL; c++) {
        out->check = c;
        c->run(facts, out);
    }
    return out;
}

const struct finding *
findings_fault(const struct findings *findings)
{
    size_t i;

    for (i = 0; i < findings->count; i++)
        if (findings->finding[i].level == LEVEL_FAULT)
            return &findings->finding[i];
    return NULL;
}

const char *
finding_part_name(enum finding_part part)
{
    static const char *const names[] = {
        [PART_PCSCD] = "pcscd", [PART_DRIVER] = "driver",
        [PART_WIRE] = "wire",   [PART_PERMISSION] = "permission",
        [PART_CARD] = "card",
    };

    return names[part];
}
