/* SPDX-License-Identifier: MIT */
#include "client/model/client_config.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ini.h>

#include "client/model/i18n.h"
#include "client/model/paths.h"
#include "common/base/text.h"

enum {
    FILE_MAX = 64 * 1024,
    LINE_MAX_BYTES = 190, /* inih cuts lines at 200 without a word */
};

#define SYSTEM_FILE "/etc/wangge/client.conf"

enum kind { KIND_TEXT, KIND_NUMBER, KIND_CHOICE };

struct row {
    struct client_config_row pub;
    enum kind kind;
    size_t offset;
    size_t size;
};

#define TEXT(field)   KIND_TEXT, offsetof(struct client_config, field), sizeof(((struct client_config *)0)->field)
#define NUMBER(field) KIND_NUMBER, offsetof(struct client_config, field), sizeof(int)
#define CHOICE(field) KIND_CHOICE, offsetof(struct client_config, field), sizeof(int)

static const struct row rows[CONFIG_KEYS] = {
    [CONFIG_SERVER] = {{"server", NULL, 1, 255, "127.0.0.1:7480", N_("Server to talk to: host:port or unix:/path")},
                       TEXT(server)},
    [CONFIG_TLS] = {{"tls", "auto|on|off", 0, 0, "auto", N_("TLS; auto: on except for Unix sockets and this machine")},
                    CHOICE(tls)},
    [CONFIG_CA_FILE] = {{"ca_file", NULL, 0, 180, "", N_("File of certificates to trust; empty: the system's")}, TEXT(ca_file)},
    [CONFIG_PIN] = {{"pin", NULL, 0, 64, "", N_("SHA-256 of a server certificate to trust besides, 64 hex digits")}, TEXT(pin)},
    [CONFIG_CONNECT_TIMEOUT_MS] = {{"connect_timeout_ms", NULL, 100, 60000, "5000",
                                    N_("How long to try to connect, in milliseconds")},
                                   NUMBER(connect_timeout_ms)},
    [CONFIG_CALL_TIMEOUT_S] = {{"call_timeout_s", NULL, 1, 600, "20", N_("How long to wait for an answer, in seconds")},
                               NUMBER(call_timeout_s)},
    [CONFIG_LOGIN] = {{"login", NULL, 0, 180, "", N_("Account to log in with")}, TEXT(login)},
    [CONFIG_LANG] = {{"lang", "auto|zh_CN|en", 0, 15, "auto", N_("Language; auto: the environment's")}, TEXT(lang)},
    [CONFIG_COLOR] = {{"color", "auto|always|never", 0, 0, "auto", N_("Colours; auto: on a terminal unless NO_COLOR is set")},
                      CHOICE(color)},
    [CONFIG_CHARSET] = {{"charset", "auto|unicode|ascii", 0, 0, "auto",
                         N_("Characters for lines and bars; auto: ask the terminal")},
                        CHOICE(charset)},
    [CONFIG_MOUSE] = {{"mouse", "off|on", 0, 0, "on", N_("Mouse in the terminal interface")}, CHOICE(mouse)},
    [CONFIG_PAGE_SIZE] = {{"page_size", NULL, 1, 500, "50", N_("Cases asked for at a time")}, NUMBER(page_size)},
    [CONFIG_OUTBOX_MAX_MB] = {{"outbox_max_mb", NULL, 1, 4096, "256", N_("Largest size of the outbox on this machine, in MiB")},
                              NUMBER(outbox_max_mb)},
};

static const struct row *find(const char *key)
{
    for (size_t i = 0; i < CONFIG_KEYS; i++)
        if (strcmp(rows[i].pub.name, key) == 0)
            return &rows[i];
    return NULL;
}

/* The position of word in "a|b|c", or -1. */
static int choice_index(const char *choices, const char *word)
{
    size_t len = strlen(word);
    int i = 0;
    for (const char *p = choices; len > 0; i++) {
        const char *bar = strchr(p, '|');
        size_t n = bar ? (size_t)(bar - p) : strlen(p);
        if (n == len && memcmp(p, word, n) == 0)
            return i;
        if (!bar)
            break;
        p = bar + 1;
    }
    return -1;
}

static int check_text(enum client_config_key key, const char *value, struct err *e)
{
    const struct client_config_row *r = &rows[key].pub;
    size_t len = strlen(value);
    if (len < (size_t)r->min || len > (size_t)r->max)
        return err_field(e, ERR_INVALID, r->name, _("%s must have %ld to %ld bytes."), r->name, r->min, r->max);
    if (!text_is_utf8(value, len))
        return err_field(e, ERR_INVALID, r->name, _("%s is not UTF-8 text."), r->name);
    if (key == CONFIG_PIN && len > 0 && (len != 64 || strspn(value, "0123456789abcdefABCDEF") != 64))
        return err_field(e, ERR_INVALID, r->name, _("%s must be 64 hexadecimal digits."), r->name);
    if (r->choices && choice_index(r->choices, value) < 0)
        return err_field(e, ERR_INVALID, r->name, _("%s must be one of %s, not \"%s\"."), r->name, r->choices, value);
    return 0;
}

static int assign(struct client_config *c, const struct row *r, const char *value, struct err *e)
{
    char *at = (char *)c + r->offset;
    int64_t n;
    int index;
    switch (r->kind) {
    case KIND_TEXT:
        if (check_text((enum client_config_key)(r - rows), value, e))
            return ERR_INVALID;
        text_copy(at, r->size, value);
        return 0;
    case KIND_NUMBER:
        if (text_to_i64(value, r->pub.min, r->pub.max, &n))
            return err_field(e, ERR_INVALID, r->pub.name, _("%s must be a number from %ld to %ld, not \"%s\"."), r->pub.name,
                             r->pub.min, r->pub.max, value);
        *(int *)(void *)at = (int)n;
        return 0;
    case KIND_CHOICE:
        index = choice_index(r->pub.choices, value);
        if (index < 0)
            return err_field(e, ERR_INVALID, r->pub.name, _("%s must be one of %s, not \"%s\"."), r->pub.name, r->pub.choices,
                             value);
        *(int *)(void *)at = index;
        return 0;
    }
    return ERR_INTERNAL;
}

void client_config_init(struct client_config *c)
{
    memset(c, 0, sizeof *c);
    for (size_t i = 0; i < CONFIG_KEYS; i++)
        if (assign(c, &rows[i], rows[i].pub.standard, NULL))
            abort(); /* a default outside its own range is our bug; the unit test runs this */
}

int client_config_set(struct client_config *c, const char *key, const char *value, enum client_config_origin origin,
                      struct err *e)
{
    const struct row *r = find(key);
    if (!r)
        return err_field(e, ERR_NOT_FOUND, key, _("There is no setting \"%s\". Run: wangge config"), key);
    if (c->_origin[r - rows] > origin)
        return 0;
    int rc = assign(c, r, value, e);
    if (!rc)
        c->_origin[r - rows] = origin;
    return rc;
}

struct reading {
    struct client_config *c;
    enum client_config_origin origin;
    bool seen[CONFIG_KEYS];
    bool failed;
    struct err why;
};

static int on_pair(void *arg, const char *section, const char *name, const char *value)
{
    struct reading *r = arg;
    if (r->failed)
        return 0;
    const struct row *row = find(name);
    r->failed = true;
    if (section[0])
        err_set(&r->why, ERR_INVALID, _("Sections such as [%s] are not used here."), section);
    else if (!row)
        err_set(&r->why, ERR_INVALID, _("There is no setting \"%s\"."), name);
    else if (r->seen[row - rows])
        err_set(&r->why, ERR_INVALID, _("%s is given twice."), name);
    else if (client_config_set(r->c, name, value ? value : "", r->origin, &r->why) == 0)
        r->failed = false;
    if (row)
        r->seen[row - rows] = true;
    return !r->failed;
}

static int check_lines(const char *text, size_t len, const char *name, struct err *e)
{
    if (memchr(text, '\0', len))
        return err_set(e, ERR_INVALID, _("%s holds a NUL byte; it is not a text file."), name);
    int line = 1;
    size_t start = 0;
    for (size_t i = 0; i <= len; i++) {
        if (i < len && text[i] != '\n')
            continue;
        if (i - start > LINE_MAX_BYTES)
            return err_set(e, ERR_INVALID, _("%s, line %d: longer than %d bytes."), name, line, LINE_MAX_BYTES);
        start = i + 1;
        line++;
    }
    return 0;
}

int client_config_parse(struct client_config *c, const char *text, size_t len, const char *name,
                        enum client_config_origin origin, struct err *e)
{
    int rc = check_lines(text, len, name, e);
    if (rc)
        return rc;
    char *copy = strndup(text, len);
    if (!copy)
        return err_set(e, ERR_NOMEM, _("Out of memory."));
    struct client_config next = *c;
    struct reading r = {.c = &next, .origin = origin};
    int line = ini_parse_string(copy, on_pair, &r);
    free(copy);
    if (line < 0)
        return err_set(e, ERR_NOMEM, _("Out of memory."));
    if (line > 0)
        return err_set(e, ERR_INVALID, _("%s, line %d: %s"), name, line,
                       r.failed ? r.why.text : _("not a line of the form key = value."));
    *c = next;
    return 0;
}

int client_config_read(struct client_config *c, const char *path, enum client_config_origin origin, struct err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? 0 : err_errno(e, errno, _("Cannot read %s."), path);
    int rc = 0;
    char *text = malloc(FILE_MAX + 1);
    size_t len = 0;
    if (!text) {
        rc = err_set(e, ERR_NOMEM, _("Out of memory."));
        goto out;
    }
    for (;;) {
        ssize_t n = read(fd, text + len, FILE_MAX + 1 - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            rc = err_errno(e, errno, _("Cannot read %s."), path);
            goto out;
        }
        if (n == 0)
            break;
        len += (size_t)n;
        if (len > FILE_MAX) {
            rc = err_set(e, ERR_INVALID, _("%s is larger than %d KiB; it is not a settings file."), path, FILE_MAX / 1024);
            goto out;
        }
    }
    rc = client_config_parse(c, text, len, path, origin, e);
out:
    free(text);
    close(fd);
    return rc;
}

static int read_environment(struct client_config *c, struct err *e)
{
    for (size_t i = 0; i < CONFIG_KEYS; i++) {
        char name[64] = "WANGGE_";
        size_t n = strlen(name);
        for (const char *p = rows[i].pub.name; *p && n + 1 < sizeof name; p++)
            name[n++] = (char)toupper((unsigned char)*p);
        name[n] = '\0';
        const char *value = getenv(name);
        if (!value || !*value)
            continue;
        struct err why;
        if (client_config_set(c, rows[i].pub.name, value, CONFIG_ENVIRONMENT, &why))
            return err_set(e, ERR_INVALID, _("Environment variable %s: %s"), name, why.text);
    }
    return 0;
}

int client_config_load(struct client_config *c, struct err *e)
{
    char path[PATH_MAX];
    int rc = client_config_read(c, SYSTEM_FILE, CONFIG_SYSTEM, e);
    if (rc)
        return rc;
    /* Without a home there is no user's file, which is no error by itself. */
    if (paths_of(PATHS_CONFIG, "config", path, NULL) == 0) {
        rc = client_config_read(c, path, CONFIG_USER, e);
        if (rc)
            return rc;
    }
    return read_environment(c, e);
}

const struct client_config_row *client_config_row(enum client_config_key key)
{
    return &rows[key].pub;
}

enum client_config_origin client_config_origin(const struct client_config *c, enum client_config_key key)
{
    return c->_origin[key];
}

void client_config_get(const struct client_config *c, enum client_config_key key, char *out, size_t size)
{
    const struct row *r = &rows[key];
    const char *at = (const char *)c + r->offset;
    if (r->kind == KIND_TEXT) {
        text_copy(out, size, at);
        return;
    }
    int v = *(const int *)(const void *)at;
    if (r->kind == KIND_NUMBER) {
        snprintf(out, size, "%d", v);
        return;
    }
    const char *p = r->pub.choices;
    for (; v > 0 && p; v--) {
        p = strchr(p, '|');
        p = p ? p + 1 : NULL;
    }
    snprintf(out, size, "%.*s", p ? (int)strcspn(p, "|") : 0, p ? p : "");
}

bool client_config_tls(const struct client_config *c)
{
    if (c->tls != CONFIG_TLS_AUTO)
        return c->tls == CONFIG_TLS_ON;
    static const char *const local[] = {"unix:", "localhost:", "127.", "[::1]:"};
    for (size_t i = 0; i < sizeof local / sizeof *local; i++)
        if (strncmp(c->server, local[i], strlen(local[i])) == 0)
            return false;
    return true;
}
