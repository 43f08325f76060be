/* SPDX-License-Identifier: MIT */
/*
 * The configuration of wangged: one table says for each key its type, range, default, whether a reload takes it over, and what
 * it is for. The parser, the sample file, check-config and the manual all come from that table. A configuration is a plain
 * struct; parsing fills a fresh one, so a bad file never leaves half of itself behind.
 */
#ifndef WG_CONFIG_TABLE_H
#define WG_CONFIG_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "common/base/err.h"
#include "common/base/log.h"

enum { CONFIG_TEXT_SIZE = 1024, CONFIG_FILE_MAX = 64 * 1024, CONFIG_LINE_MAX = 197 };

enum config_timers { TIMERS_OFF, TIMERS_ON };
enum config_tls_client { TLS_CLIENT_REQUIRED, TLS_CLIENT_OPTIONAL };
enum config_plain_text { PLAIN_TEXT_LOOPBACK, PLAIN_TEXT_ANYWHERE };

struct server_config {
    char listen[CONFIG_TEXT_SIZE];
    char tls_certificate[CONFIG_TEXT_SIZE];
    char tls_key[CONFIG_TEXT_SIZE];
    char tls_client_ca[CONFIG_TEXT_SIZE];
    int tls_client; /* enum config_tls_client */
    int plain_text; /* enum config_plain_text */
    int workers;
    int drain_s;
    char metrics[CONFIG_TEXT_SIZE];

    char database[CONFIG_TEXT_SIZE];
    char database_owner[CONFIG_TEXT_SIZE];
    int serve_as_owner;
    char embedded[CONFIG_TEXT_SIZE];
    char embedded_user[CONFIG_TEXT_SIZE];
    char postgresql_programs[CONFIG_TEXT_SIZE];
    char data_key_file[CONFIG_TEXT_SIZE];
    int read_lanes;
    int write_lanes;
    int write_unit;
    int queue_limit;
    int database_timeout_ms;

    int session_idle_s;
    int session_absolute_s;
    int login_failures;
    int login_lock_s;
    int password_queue;

    int max_connections;
    int max_streams;
    int max_message_kib;
    int max_call_memory_kib;
    int max_deadline_s;
    int handshake_timeout_s;
    int header_timeout_s;
    int idle_timeout_s;
    int keepalive_s;
    int write_timeout_s;
    int feed_poll_ms;
    int timers; /* enum config_timers */
    int timer_poll_ms;
    int timer_lease_ms;
    int archive_days;
    int archive_revisited_days;
    int notice_poll_ms;
    int notice_keep_days;

    int log_level;  /* enum log_level */
    int log_format; /* enum log_format */
};

void config_init(struct server_config *c);
/* Sets one key. ERR_INVALID, saying what would be right, for an unknown key or a bad value. */
int config_set(struct server_config *c, const char *key, const char *value, struct err *e) MUST_CHECK;
/*
 * Parses the text of a file over what c holds. name is for the messages, which begin with "name:line: ". A value may go on in
 * lines that begin with a blank. c is unchanged on failure.
 */
int config_parse(struct server_config *c, const char *name, const char *text, size_t len, struct err *e) MUST_CHECK;
/* Reads and parses a file. */
int config_load(struct server_config *c, const char *path, struct err *e) MUST_CHECK;
/* Checks what concerns more than one key. */
int config_check(const struct server_config *c, struct err *e) MUST_CHECK;

/* Writes the sample file: every key with its help and default, commented out. */
void config_print_sample(FILE *f);
/* The first key that differs and is not taken over by a reload, from *pos on (0 at first), or NULL. */
const char *config_next_fixed_change(const struct server_config *a, const struct server_config *b, size_t *pos);
/* Copies the keys a reload takes over. */
void config_take_reloadable(struct server_config *dst, const struct server_config *src);

#endif
