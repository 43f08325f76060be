/* SPDX-License-Identifier: MIT */
/*
 * The client's settings: one table of keys with type, range, default and help, from which files, environment, flags, the
 * help and `wangge config` all work. Precedence: flag > WANGGE_* > $XDG_CONFIG_HOME/wangge/config > /etc/wangge/client.conf.
 * Secrets are no settings: there is no key for a password or a token.
 */
#ifndef WG_CLIENT_MODEL_CLIENT_CONFIG_H
#define WG_CLIENT_MODEL_CLIENT_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/err.h"

enum client_config_key {
    CONFIG_SERVER,
    CONFIG_TLS,
    CONFIG_CA_FILE,
    CONFIG_PIN,
    CONFIG_CONNECT_TIMEOUT_MS,
    CONFIG_CALL_TIMEOUT_S,
    CONFIG_LOGIN,
    CONFIG_LANG,
    CONFIG_COLOR,
    CONFIG_CHARSET,
    CONFIG_MOUSE,
    CONFIG_PAGE_SIZE,
    CONFIG_OUTBOX_MAX_MB,
    CONFIG_KEYS,
};

/* Where a value came from, weakest first. */
enum client_config_origin { CONFIG_DEFAULT, CONFIG_SYSTEM, CONFIG_USER, CONFIG_ENVIRONMENT, CONFIG_FLAG };

/* Values of the keys of choice. */
enum { CONFIG_TLS_AUTO, CONFIG_TLS_ON, CONFIG_TLS_OFF };
enum { CONFIG_COLOR_AUTO, CONFIG_COLOR_ALWAYS, CONFIG_COLOR_NEVER };
enum { CONFIG_CHARSET_AUTO, CONFIG_CHARSET_UNICODE, CONFIG_CHARSET_ASCII };

enum { CONFIG_TEXT_MAX = 1024 };

struct client_config {
    char server[256]; /* "host:port", "unix:/path" */
    int tls;
    char ca_file[CONFIG_TEXT_MAX];
    char pin[72];
    int connect_timeout_ms;
    int call_timeout_s;
    char login[260];
    char lang[16];
    int color;
    int charset;
    int mouse;
    int page_size;
    int outbox_max_mb;
    enum client_config_origin _origin[CONFIG_KEYS];
};

struct client_config_row {
    const char *name;
    const char *choices; /* words separated by '|', or NULL */
    long min, max;       /* of a number, or of a text's length in bytes */
    const char *standard;
    const char *help; /* msgid */
};

/* Fills in the defaults. */
void client_config_init(struct client_config *c);
/* Reads /etc/wangge/client.conf, the user's file and the environment over the defaults. ERR_INVALID names file, line and key.
 */
int client_config_load(struct client_config *c, struct err *e) MUST_CHECK;
/* Reads one file; a missing file is no error. */
int client_config_read(struct client_config *c, const char *path, enum client_config_origin origin, struct err *e) MUST_CHECK;
/* Reads the text of a file. name is for messages only. */
int client_config_parse(struct client_config *c, const char *text, size_t len, const char *name,
                        enum client_config_origin origin, struct err *e) MUST_CHECK;
/* Sets one key unless a stronger origin has set it. */
int client_config_set(struct client_config *c, const char *key, const char *value, enum client_config_origin origin,
                      struct err *e) MUST_CHECK;
/* The row of a key. Static. */
const struct client_config_row *client_config_row(enum client_config_key key);
/* Writes a key's present value as it would stand in a file. */
void client_config_get(const struct client_config *c, enum client_config_key key, char *out, size_t size);
enum client_config_origin client_config_origin(const struct client_config *c, enum client_config_key key);
/* Whether to speak TLS to the configured server: "auto" means everywhere but on Unix sockets and loopback. */
bool client_config_tls(const struct client_config *c);

#endif
