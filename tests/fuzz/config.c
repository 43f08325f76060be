/* SPDX-License-Identifier: MIT */
/*
 * Both configuration files. Input: 's' (server) or anything else (client), then the text. A refused file changes nothing and
 * is refused in UTF-8; what an accepted one sets can be written down and read back.
 */
#include <stdlib.h>
#include <string.h>

#include "client/model/client_config.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "fuzz.h"
#include "server/config_table.h"

static void check_error(const struct err *e, int rc)
{
    FUZZ_CHECK(rc < 0 && e->code == rc && e->text[0]);
    FUZZ_CHECK(text_is_utf8(e->text, strlen(e->text)));
    FUZZ_CHECK(text_is_utf8(e->field, strlen(e->field)));
}

static void server(const char *text, size_t len)
{
    struct server_config before, c, again;
    struct err e = {0};
    memset(&before, 0, sizeof before); /* padding too: it is compared as bytes */
    config_init(&before);
    memcpy(&c, &before, sizeof c);
    int rc = config_parse(&c, "wangged.conf", text, len, &e);
    if (rc) {
        check_error(&e, rc);
        FUZZ_CHECK(memcmp(&c, &before, sizeof c) == 0);
        return;
    }
    memcpy(&again, &before, sizeof again);
    FUZZ_CHECK(config_parse(&again, "wangged.conf", text, len, &e) == 0 && memcmp(&c, &again, sizeof c) == 0);
    const char *texts[] = {c.listen,   c.tls_certificate, c.tls_key,       c.tls_client_ca,      c.metrics,
                           c.database, c.embedded,        c.embedded_user, c.postgresql_programs};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        FUZZ_CHECK(text_is_utf8(texts[i], strnlen(texts[i], CONFIG_TEXT_SIZE)));
    rc = config_check(&c, &e);
    if (rc)
        check_error(&e, rc);
    size_t pos = 0;
    FUZZ_CHECK(config_next_fixed_change(&c, &again, &pos) == NULL);
    config_take_reloadable(&before, &c);
    for (pos = 0; config_next_fixed_change(&before, &c, &pos);)
        ;
}

static void client(const char *text, size_t len)
{
    struct client_config c, again;
    struct err e = {0};
    client_config_init(&c);
    int rc = client_config_parse(&c, text, len, "config", CONFIG_USER, &e);
    if (rc) {
        check_error(&e, rc);
        return;
    }
    client_config_init(&again);
    for (int key = 0; key < CONFIG_KEYS; key++) {
        char value[CONFIG_TEXT_MAX + 1], value2[CONFIG_TEXT_MAX + 1];
        client_config_get(&c, key, value, sizeof value);
        FUZZ_CHECK(text_is_utf8(value, strlen(value)));
        if (client_config_origin(&c, key) == CONFIG_DEFAULT)
            continue;
        FUZZ_CHECK(client_config_set(&again, client_config_row(key)->name, value, CONFIG_FLAG, &e) == 0);
        client_config_get(&again, key, value2, sizeof value2);
        FUZZ_CHECK(strcmp(value, value2) == 0);
    }
    FUZZ_CHECK(client_config_tls(&c) == client_config_tls(&c));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    log_setup(LOG_ERROR, LOG_FORMAT_LOGFMT, 2); /* a warning per input would drown everything */
    bool is_server = fuzz_byte(&in) == 's';
    size_t len = in.len;
    /* Not terminated: who reads beyond the length is caught. */
    char *exact = malloc(len ? len : 1);
    FUZZ_CHECK(exact != NULL);
    if (len)
        memcpy(exact, in.data, len);
    if (is_server)
        server(exact, len);
    else
        client(exact, len);
    free(exact);
    return 0;
}
