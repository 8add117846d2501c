/*
 * names.h - what the functions of these headers are called in the library:
 * vicc_ and their name. A source says tlv_next(), and the compiler (gcc, clang)
 * writes vicc_tlv_next into the object: so sources stay short, and nothing in
 * libvicc meets the names of another library. Debuggers, nm and LD_PRELOAD see
 * the long names. Static functions and variables keep theirs; any other of
 * one's own by a name of this list has the long one wherever this header is
 * included, and takes the place of the library's: leave these names alone.
 *
 * The list is of all that include/vicc.h and include/vicc/ declare, made by
 * tests/house/names.py --write; each header includes it before it declares.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_NAMES_H
#define VICC_NAMES_H

/* Around the declarations of a public header. */
#ifdef __cplusplus
#define VICC_DECLS                                                             \
    extern "C" {                                                               \
    _Pragma("GCC visibility push(default)")
#define VICC_DECLS_END                                                         \
    _Pragma("GCC visibility pop")                                              \
    }
#else
#define VICC_DECLS _Pragma("GCC visibility push(default)")
#define VICC_DECLS_END _Pragma("GCC visibility pop")
#endif

/* clang-format off */
#pragma redefine_extname aead_open vicc_aead_open
#pragma redefine_extname aead_seal vicc_aead_seal
#pragma redefine_extname application_delete_key vicc_application_delete_key
#pragma redefine_extname application_delete_object vicc_application_delete_object
#pragma redefine_extname application_key vicc_application_key
#pragma redefine_extname application_key_trust vicc_application_key_trust
#pragma redefine_extname application_object vicc_application_object
#pragma redefine_extname application_pin vicc_application_pin
#pragma redefine_extname application_pin_fits vicc_application_pin_fits
#pragma redefine_extname application_pin_reset vicc_application_pin_reset
#pragma redefine_extname application_pin_set_tries vicc_application_pin_set_tries
#pragma redefine_extname application_pin_trust vicc_application_pin_trust
#pragma redefine_extname application_pkey vicc_application_pkey
#pragma redefine_extname application_put_key vicc_application_put_key
#pragma redefine_extname application_put_object vicc_application_put_object
#pragma redefine_extname atr_explain vicc_atr_explain
#pragma redefine_extname atr_parse vicc_atr_parse
#pragma redefine_extname atr_put vicc_atr_put
#pragma redefine_extname atr_set_life_cycle vicc_atr_set_life_cycle
#pragma redefine_extname capdu_is_interindustry vicc_capdu_is_interindustry
#pragma redefine_extname capdu_parse vicc_capdu_parse
#pragma redefine_extname card_ask_wait vicc_card_ask_wait
#pragma redefine_extname card_atr vicc_card_atr
#pragma redefine_extname card_begin vicc_card_begin
#pragma redefine_extname card_command_name vicc_card_command_name
#pragma redefine_extname card_data vicc_card_data
#pragma redefine_extname card_free vicc_card_free
#pragma redefine_extname card_generate vicc_card_generate
#pragma redefine_extname card_is_raw vicc_card_is_raw
#pragma redefine_extname card_new vicc_card_new
#pragma redefine_extname card_option vicc_card_option
#pragma redefine_extname card_option_clear vicc_card_option_clear
#pragma redefine_extname card_option_find vicc_card_option_find
#pragma redefine_extname card_option_hex vicc_card_option_hex
#pragma redefine_extname card_option_is_given vicc_card_option_is_given
#pragma redefine_extname card_option_number vicc_card_option_number
#pragma redefine_extname card_option_read vicc_card_option_read
#pragma redefine_extname card_option_write vicc_card_option_write
#pragma redefine_extname card_power vicc_card_power
#pragma redefine_extname card_random vicc_card_random
#pragma redefine_extname card_set_atr vicc_card_set_atr
#pragma redefine_extname card_transmit vicc_card_transmit
#pragma redefine_extname card_type_at vicc_card_type_at
#pragma redefine_extname card_type_check vicc_card_type_check
#pragma redefine_extname card_type_find vicc_card_type_find
#pragma redefine_extname card_type_load vicc_card_type_load
#pragma redefine_extname card_type_name vicc_card_type_name
#pragma redefine_extname card_wait_ms vicc_card_wait_ms
#pragma redefine_extname cert_has_key vicc_cert_has_key
#pragma redefine_extname cert_make vicc_cert_make
#pragma redefine_extname cert_parse_file vicc_cert_parse_file
#pragma redefine_extname cert_put_pem vicc_cert_put_pem
#pragma redefine_extname cipher_block vicc_cipher_block
#pragma redefine_extname cipher_decrypt vicc_cipher_decrypt
#pragma redefine_extname cipher_encrypt vicc_cipher_encrypt
#pragma redefine_extname cipher_pad vicc_cipher_pad
#pragma redefine_extname cipher_takes_key vicc_cipher_takes_key
#pragma redefine_extname cipher_unpad vicc_cipher_unpad
#pragma redefine_extname cos_activate_file vicc_cos_activate_file
#pragma redefine_extname cos_add_environment vicc_cos_add_environment
#pragma redefine_extname cos_add_file vicc_cos_add_file
#pragma redefine_extname cos_add_filled vicc_cos_add_filled
#pragma redefine_extname cos_add_fresh vicc_cos_add_fresh
#pragma redefine_extname cos_add_key vicc_cos_add_key
#pragma redefine_extname cos_add_pin vicc_cos_add_pin
#pragma redefine_extname cos_append vicc_cos_append
#pragma redefine_extname cos_append_record vicc_cos_append_record
#pragma redefine_extname cos_change_reference_data vicc_cos_change_reference_data
#pragma redefine_extname cos_child vicc_cos_child
#pragma redefine_extname cos_compare vicc_cos_compare
#pragma redefine_extname cos_content vicc_cos_content
#pragma redefine_extname cos_create vicc_cos_create
#pragma redefine_extname cos_create_file vicc_cos_create_file
#pragma redefine_extname cos_current_df vicc_cos_current_df
#pragma redefine_extname cos_current_ef vicc_cos_current_ef
#pragma redefine_extname cos_current_record vicc_cos_current_record
#pragma redefine_extname cos_deactivate_file vicc_cos_deactivate_file
#pragma redefine_extname cos_delete_data vicc_cos_delete_data
#pragma redefine_extname cos_delete_file vicc_cos_delete_file
#pragma redefine_extname cos_disable_verification vicc_cos_disable_verification
#pragma redefine_extname cos_enable_verification vicc_cos_enable_verification
#pragma redefine_extname cos_envelope vicc_cos_envelope
#pragma redefine_extname cos_erase_binary vicc_cos_erase_binary
#pragma redefine_extname cos_erase_binary_odd vicc_cos_erase_binary_odd
#pragma redefine_extname cos_erase_record vicc_cos_erase_record
#pragma redefine_extname cos_external_authenticate vicc_cos_external_authenticate
#pragma redefine_extname cos_find vicc_cos_find
#pragma redefine_extname cos_general_authenticate vicc_cos_general_authenticate
#pragma redefine_extname cos_generate_key_pair vicc_cos_generate_key_pair
#pragma redefine_extname cos_get_challenge vicc_cos_get_challenge
#pragma redefine_extname cos_get_data vicc_cos_get_data
#pragma redefine_extname cos_get_data_odd vicc_cos_get_data_odd
#pragma redefine_extname cos_get_next_data vicc_cos_get_next_data
#pragma redefine_extname cos_get_next_data_odd vicc_cos_get_next_data_odd
#pragma redefine_extname cos_get_response vicc_cos_get_response
#pragma redefine_extname cos_install_sm vicc_cos_install_sm
#pragma redefine_extname cos_internal_authenticate vicc_cos_internal_authenticate
#pragma redefine_extname cos_make_current vicc_cos_make_current
#pragma redefine_extname cos_make_record_current vicc_cos_make_record_current
#pragma redefine_extname cos_manage_channel vicc_cos_manage_channel
#pragma redefine_extname cos_manage_security_environment vicc_cos_manage_security_environment
#pragma redefine_extname cos_not_supported vicc_cos_not_supported
#pragma redefine_extname cos_parameter vicc_cos_parameter
#pragma redefine_extname cos_parent vicc_cos_parent
#pragma redefine_extname cos_perform_security_operation vicc_cos_perform_security_operation
#pragma redefine_extname cos_put_data vicc_cos_put_data
#pragma redefine_extname cos_put_data_odd vicc_cos_put_data_odd
#pragma redefine_extname cos_put_next_data vicc_cos_put_next_data
#pragma redefine_extname cos_put_next_data_odd vicc_cos_put_next_data_odd
#pragma redefine_extname cos_read_binary vicc_cos_read_binary
#pragma redefine_extname cos_read_binary_odd vicc_cos_read_binary_odd
#pragma redefine_extname cos_read_record vicc_cos_read_record
#pragma redefine_extname cos_read_record_odd vicc_cos_read_record_odd
#pragma redefine_extname cos_reset_retry_counter vicc_cos_reset_retry_counter
#pragma redefine_extname cos_save vicc_cos_save
#pragma redefine_extname cos_saved vicc_cos_saved
#pragma redefine_extname cos_search_binary vicc_cos_search_binary
#pragma redefine_extname cos_search_binary_odd vicc_cos_search_binary_odd
#pragma redefine_extname cos_search_record vicc_cos_search_record
#pragma redefine_extname cos_secret_begin vicc_cos_secret_begin
#pragma redefine_extname cos_secret_end vicc_cos_secret_end
#pragma redefine_extname cos_secret_try vicc_cos_secret_try
#pragma redefine_extname cos_select vicc_cos_select
#pragma redefine_extname cos_select_application vicc_cos_select_application
#pragma redefine_extname cos_select_data vicc_cos_select_data
#pragma redefine_extname cos_set_content vicc_cos_set_content
#pragma redefine_extname cos_set_memory vicc_cos_set_memory
#pragma redefine_extname cos_set_objects vicc_cos_set_objects
#pragma redefine_extname cos_set_protocol vicc_cos_set_protocol
#pragma redefine_extname cos_set_records vicc_cos_set_records
#pragma redefine_extname cos_set_rsa_bits_min vicc_cos_set_rsa_bits_min
#pragma redefine_extname cos_set_sm_plain vicc_cos_set_sm_plain
#pragma redefine_extname cos_take_challenge vicc_cos_take_challenge
#pragma redefine_extname cos_terminate_card_usage vicc_cos_terminate_card_usage
#pragma redefine_extname cos_terminate_df vicc_cos_terminate_df
#pragma redefine_extname cos_terminate_ef vicc_cos_terminate_ef
#pragma redefine_extname cos_update_binary vicc_cos_update_binary
#pragma redefine_extname cos_update_binary_odd vicc_cos_update_binary_odd
#pragma redefine_extname cos_update_data vicc_cos_update_data
#pragma redefine_extname cos_update_data_odd vicc_cos_update_data_odd
#pragma redefine_extname cos_update_record vicc_cos_update_record
#pragma redefine_extname cos_update_record_odd vicc_cos_update_record_odd
#pragma redefine_extname cos_verify vicc_cos_verify
#pragma redefine_extname cos_verify_odd vicc_cos_verify_odd
#pragma redefine_extname cos_write vicc_cos_write
#pragma redefine_extname cos_write_binary vicc_cos_write_binary
#pragma redefine_extname cos_write_binary_odd vicc_cos_write_binary_odd
#pragma redefine_extname cos_write_record vicc_cos_write_record
#pragma redefine_extname cryptoflex_card vicc_cryptoflex_card
#pragma redefine_extname digest_add vicc_digest_add
#pragma redefine_extname digest_block vicc_digest_block
#pragma redefine_extname digest_finish vicc_digest_finish
#pragma redefine_extname digest_free vicc_digest_free
#pragma redefine_extname digest_new vicc_digest_new
#pragma redefine_extname digest_of_size vicc_digest_of_size
#pragma redefine_extname digest_put vicc_digest_put
#pragma redefine_extname digest_resume vicc_digest_resume
#pragma redefine_extname digest_size vicc_digest_size
#pragma redefine_extname digest_state_size vicc_digest_state_size
#pragma redefine_extname ec_agree vicc_ec_agree
#pragma redefine_extname ec_sign vicc_ec_sign
#pragma redefine_extname ec_verify vicc_ec_verify
#pragma redefine_extname ed_sign vicc_ed_sign
#pragma redefine_extname ed_verify vicc_ed_verify
#pragma redefine_extname equal_ct vicc_equal_ct
#pragma redefine_extname handler_test_card vicc_handler_test_card
#pragma redefine_extname hex_digit vicc_hex_digit
#pragma redefine_extname hex_parse vicc_hex_parse
#pragma redefine_extname hex_put vicc_hex_put
#pragma redefine_extname iso7816_card vicc_iso7816_card
#pragma redefine_extname look_child vicc_look_child
#pragma redefine_extname look_environment vicc_look_environment
#pragma redefine_extname look_file vicc_look_file
#pragma redefine_extname look_find vicc_look_find
#pragma redefine_extname look_key vicc_look_key
#pragma redefine_extname look_key_words vicc_look_key_words
#pragma redefine_extname look_mf vicc_look_mf
#pragma redefine_extname look_next vicc_look_next
#pragma redefine_extname look_object_name vicc_look_object_name
#pragma redefine_extname look_parent vicc_look_parent
#pragma redefine_extname look_pin vicc_look_pin
#pragma redefine_extname look_record vicc_look_record
#pragma redefine_extname look_saved vicc_look_saved
#pragma redefine_extname mac_cmac vicc_mac_cmac
#pragma redefine_extname mac_hmac vicc_mac_hmac
#pragma redefine_extname mac_retail vicc_mac_retail
#pragma redefine_extname piv_card vicc_piv_card
#pragma redefine_extname pkey_free vicc_pkey_free
#pragma redefine_extname pkey_generate vicc_pkey_generate
#pragma redefine_extname pkey_is_private vicc_pkey_is_private
#pragma redefine_extname pkey_of_crt vicc_pkey_of_crt
#pragma redefine_extname pkey_of_parts vicc_pkey_of_parts
#pragma redefine_extname pkey_parse_file vicc_pkey_parse_file
#pragma redefine_extname pkey_parse_private vicc_pkey_parse_private
#pragma redefine_extname pkey_parse_public vicc_pkey_parse_public
#pragma redefine_extname pkey_put_crt vicc_pkey_put_crt
#pragma redefine_extname pkey_put_exponent vicc_pkey_put_exponent
#pragma redefine_extname pkey_put_modulus vicc_pkey_put_modulus
#pragma redefine_extname pkey_put_point vicc_pkey_put_point
#pragma redefine_extname pkey_put_private vicc_pkey_put_private
#pragma redefine_extname pkey_put_public vicc_pkey_put_public
#pragma redefine_extname pkey_share vicc_pkey_share
#pragma redefine_extname pkey_size vicc_pkey_size
#pragma redefine_extname pkey_spec vicc_pkey_spec
#pragma redefine_extname relay_card vicc_relay_card
#pragma redefine_extname replay_card vicc_replay_card
#pragma redefine_extname rsa_decrypt vicc_rsa_decrypt
#pragma redefine_extname rsa_encrypt vicc_rsa_encrypt
#pragma redefine_extname rsa_sign vicc_rsa_sign
#pragma redefine_extname rsa_verify vicc_rsa_verify
#pragma redefine_extname simple_tlv_next vicc_simple_tlv_next
#pragma redefine_extname sw_from_errno vicc_sw_from_errno
#pragma redefine_extname tlv_close vicc_tlv_close
#pragma redefine_extname tlv_find vicc_tlv_find
#pragma redefine_extname tlv_is_constructed vicc_tlv_is_constructed
#pragma redefine_extname tlv_is_valid vicc_tlv_is_valid
#pragma redefine_extname tlv_is_valid_deep vicc_tlv_is_valid_deep
#pragma redefine_extname tlv_length_size vicc_tlv_length_size
#pragma redefine_extname tlv_next vicc_tlv_next
#pragma redefine_extname tlv_open vicc_tlv_open
#pragma redefine_extname tlv_put vicc_tlv_put
#pragma redefine_extname tlv_put_length vicc_tlv_put_length
#pragma redefine_extname tlv_put_tag vicc_tlv_put_tag
#pragma redefine_extname tlv_put_u16 vicc_tlv_put_u16
#pragma redefine_extname tlv_put_u8 vicc_tlv_put_u8
#pragma redefine_extname tlv_take_length vicc_tlv_take_length
#pragma redefine_extname tlv_take_tag vicc_tlv_take_tag
#pragma redefine_extname wipe vicc_wipe
/* clang-format on */

#endif
