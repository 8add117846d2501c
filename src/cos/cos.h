/*
 * cos.h - the interindustry commands, for the command tables of card types.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COS_COS_H
#define COS_COS_H

#include "cos/type.h"

/* All have the shape of struct command.run. ISO/IEC 7816-4:2013 11. */
sw_t cos_select(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t cos_read_binary(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t cos_update_binary(struct card *card, const struct capdu *c,
                       struct buf *rsp);
sw_t cos_read_binary_odd(struct card *card, const struct capdu *c,
                         struct buf *rsp);
sw_t cos_write_binary(struct card *card, const struct capdu *c,
                      struct buf *rsp);
sw_t cos_write_binary_odd(struct card *card, const struct capdu *c,
                          struct buf *rsp);
sw_t cos_update_binary_odd(struct card *card, const struct capdu *c,
                           struct buf *rsp);
sw_t cos_erase_binary(struct card *card, const struct capdu *c,
                      struct buf *rsp);
sw_t cos_erase_binary_odd(struct card *card, const struct capdu *c,
                          struct buf *rsp);
sw_t cos_compare(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t cos_select_data(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t cos_get_data(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t cos_get_data_odd(struct card *card, const struct capdu *c,
                      struct buf *rsp);
sw_t cos_get_next_data(struct card *card, const struct capdu *c,
                       struct buf *rsp);
sw_t cos_get_next_data_odd(struct card *card, const struct capdu *c,
                           struct buf *rsp);
sw_t cos_put_data(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t cos_put_data_odd(struct card *card, const struct capdu *c,
                      struct buf *rsp);
sw_t cos_put_next_data(struct card *card, const struct capdu *c,
                       struct buf *rsp);
sw_t cos_put_next_data_odd(struct card *card, const struct capdu *c,
                           struct buf *rsp);
sw_t cos_update_data(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t cos_update_data_odd(struct card *card, const struct capdu *c,
                         struct buf *rsp);
sw_t cos_delete_data(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t cos_search_binary(struct card *card, const struct capdu *c,
                       struct buf *rsp);
sw_t cos_search_binary_odd(struct card *card, const struct capdu *c,
                           struct buf *rsp);
sw_t cos_read_record(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t cos_read_record_odd(struct card *card, const struct capdu *c,
                         struct buf *rsp);
sw_t cos_write_record(struct card *card, const struct capdu *c,
                      struct buf *rsp);
sw_t cos_update_record(struct card *card, const struct capdu *c,
                       struct buf *rsp);
sw_t cos_update_record_odd(struct card *card, const struct capdu *c,
                           struct buf *rsp);
sw_t cos_append_record(struct card *card, const struct capdu *c,
                       struct buf *rsp);
sw_t cos_erase_record(struct card *card, const struct capdu *c,
                      struct buf *rsp);
sw_t cos_search_record(struct card *card, const struct capdu *c,
                       struct buf *rsp);
sw_t cos_create_file(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t cos_delete_file(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t cos_activate_file(struct card *card, const struct capdu *c,
                       struct buf *rsp);
sw_t cos_deactivate_file(struct card *card, const struct capdu *c,
                         struct buf *rsp);
sw_t cos_terminate_ef(struct card *card, const struct capdu *c,
                      struct buf *rsp);
sw_t cos_terminate_df(struct card *card, const struct capdu *c,
                      struct buf *rsp);
sw_t cos_terminate_card_usage(struct card *card, const struct capdu *c,
                              struct buf *rsp);
sw_t cos_manage_channel(struct card *card, const struct capdu *c,
                        struct buf *rsp);
sw_t cos_verify(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t cos_get_challenge(struct card *card, const struct capdu *c,
                       struct buf *rsp);

sw_t cos_envelope(struct card *card, const struct capdu *c, struct buf *rsp);

/*
 * GET RESPONSE, 7816-4:2013 11.4.1. A type that calls it by another class
 * says so in its table line.
 */
sw_t cos_get_response(struct card *card, const struct capdu *c,
                      struct buf *rsp);

/* For a command of the base that the type does not have: 6D00. */
sw_t cos_not_supported(struct card *card, const struct capdu *c,
                       struct buf *rsp);

/*
 * Making a fresh card, for struct card_type.create. `path` is a sequence of
 * file identifiers below the MF, empty for the MF itself.
 */

/* Adds a file from the data objects of an FCP template; 0 or -errno. */
int cos_add_file(struct card *card, struct bytes path, struct bytes fcp);

/* Sets the beginning of an EF's content; 0 or -errno. */
int cos_set_content(struct card *card, struct bytes path, struct bytes content);

/* The content of an EF, borrowed until it changes; false if it is not there. */
bool cos_content(const struct card *card, struct bytes path,
                 struct bytes *content);

/* Adds a PIN of the whole card that P2 of VERIFY names; 0 or -errno. */
int cos_add_pin(struct card *card, uint8_t p2, struct bytes value,
                uint8_t tries);

/* Card type's own lasting bytes, by a number of its choice. */
int cos_save(struct card *card, uint16_t number, struct bytes value);
bool cos_saved(const struct card *card, uint16_t number, struct bytes *value);

/* When response data wait for GET RESPONSE; the wire does not say. */
enum cos_protocol {
    PROTOCOL_BOTH,    /* as T=1 with an Le field, as T=0 without one */
    PROTOCOL_T0,      /* case 4 always answers 61xx, a wrong Le 6Cxx */
    PROTOCOL_T1,      /* data up to Ne leave at once, none without Le */
    PROTOCOL_AT_ONCE, /* as T=1, but without Le all of them leave */
};

void cos_set_protocol(struct card *card, enum cos_protocol protocol);

/* Bytes that all files may take together; 128 MiB when not set. */
void cos_set_memory(struct card *card, size_t bytes);

#endif
