/* SPDX-License-Identifier: MIT */
#include "server/config_table.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <ini.h>

#include "common/base/text.h"
#include "server/address.h"

enum kind { KIND_INT, KIND_TEXT, KIND_CHOICE };

struct row {
    const char *key;
    enum kind kind;
    size_t offset;
    int min, max;        /* INT */
    const char *choices; /* CHOICE: "a|b", in the order of the enum */
    const char *def;
    bool reloadable;
    const char *help; /* lines separated by \n */
};

#define AT(member) offsetof(struct server_config, member)

static const struct row rows[] = {
    {"listen", KIND_TEXT, AT(listen), 0, 0, NULL, "127.0.0.1:7480", false,
     "Where to listen, separated by blanks: HOST:PORT (numeric, [::1]:7480 for IPv6; port 0 takes a free one) or unix:/PATH.\n"
     "With a certificate TCP addresses speak TLS, unless written plain:HOST:PORT."},
    {"tls_certificate", KIND_TEXT, AT(tls_certificate), 0, 0, NULL, "", true,
     "Certificate chain (PEM). Empty: no TLS, which only loopback addresses and Unix sockets may do."},
    {"tls_key", KIND_TEXT, AT(tls_key), 0, 0, NULL, "", true, "Private key of the certificate (PEM)."},
    {"tls_client_ca", KIND_TEXT, AT(tls_client_ca), 0, 0, NULL, "", true,
     "If set, clients show a certificate signed by one of these (PEM); one that is bound to a service account is its login."},
    {"tls_client", KIND_CHOICE, AT(tls_client), 0, 0, "required|optional", "required", true,
     "Whether a client without a certificate may connect all the same. People need optional."},
    {"plain_text", KIND_CHOICE, AT(plain_text), 0, 0, "loopback|anywhere", "loopback", false,
     "Where HTTP/2 without TLS is allowed. anywhere sends passwords readable through the network."},
    {"workers", KIND_INT, AT(workers), 1, 64, NULL, "1", false, "Processes that share the port."},
    {"drain_s", KIND_INT, AT(drain_s), 0, 3600, NULL, "30", true,
     "Seconds that calls under way have to finish when the server stops."},
    {"metrics", KIND_TEXT, AT(metrics), 0, 0, NULL, "", false,
     "Loopback address HOST:PORT for Prometheus metrics over HTTP (/metrics); with several workers each takes the next port.\n"
     "Empty: none."},

    {"database", KIND_TEXT, AT(database), 0, 0, NULL, "", false,
     "libpq connection string of the role that serves, for example host=10.0.0.1,10.0.0.2 dbname=wangge user=wangge_app\n"
     "target_session_attrs=read-write. The role owns nothing and is a member of wangge_read and wangge_write."},
    {"database_owner", KIND_TEXT, AT(database_owner), 0, 0, NULL, "", false,
     "libpq connection string of the role that owns the tables: wangged migrate, verify and user add use it, and serve brings "
     "the\n"
     "schema up to date with it. Empty: serve only checks the schema, and the commands use database."},
    {"serve_as_owner", KIND_CHOICE, AT(serve_as_owner), 0, 0, "no|yes", "no", false,
     "Serve although the role of database owns the tables or is a superuser. For a trial: nothing then keeps a fault of the "
     "server\n"
     "from changing what happened."},
    {"embedded", KIND_TEXT, AT(embedded), 0, 0, NULL, "", false,
     "Folder of a private PostgreSQL that the server makes, starts and supervises. Either this or database."},
    {"embedded_user", KIND_TEXT, AT(embedded_user), 0, 0, NULL, "postgres", false,
     "As whom that PostgreSQL runs when the server is started by root (it never runs as root)."},
    {"postgresql_programs", KIND_TEXT, AT(postgresql_programs), 0, 0, NULL, "", false,
     "Folder with PostgreSQL's programs (initdb, postgres). Empty: look for them."},
    {"data_key_file", KIND_TEXT, AT(data_key_file), 0, 0, NULL, "", false,
     "File with the key that personal data and one-time passwords are sealed with (wangged init-key makes it). Keep a copy:\n"
     "without it they cannot be read again. Empty: data.key in the folder of the private PostgreSQL, made at the first start;\n"
     "with another database none, and then what needs sealing is refused."},
    {"read_lanes", KIND_INT, AT(read_lanes), 1, 16, NULL, "4", false, "Database connections for reading, per worker."},
    {"write_lanes", KIND_INT, AT(write_lanes), 1, 8, NULL, "2", false, "Database connections for writing, per worker."},
    {"write_unit", KIND_INT, AT(write_unit), 1, 1024, NULL, "128", false,
     "Writes that go out together with one commit, at most."},
    {"queue_limit", KIND_INT, AT(queue_limit), 1, 65536, NULL, "4096", false,
     "Requests that wait for one database connection before callers are told to come back later."},
    {"database_timeout_ms", KIND_INT, AT(database_timeout_ms), 100, 600000, NULL, "15000", false,
     "A database that has not answered for so long is given up and connected to anew."},

    {"session_idle_s", KIND_INT, AT(session_idle_s), 60, 604800, NULL, "1800", true,
     "A session ends after so many seconds without a call."},
    {"session_absolute_s", KIND_INT, AT(session_absolute_s), 60, 2592000, NULL, "43200", true,
     "A session ends so many seconds after the login, however busy."},
    {"login_failures", KIND_INT, AT(login_failures), 1, 100, NULL, "5", true, "Failed logins until the login is locked."},
    {"login_lock_s", KIND_INT, AT(login_lock_s), 1, 86400, NULL, "900", true, "How long it is locked, in seconds."},
    {"password_queue", KIND_INT, AT(password_queue), 1, 10000, NULL, "128", false,
     "Logins that wait for their password to be checked (50 to 100 ms each); more are told to come back later."},

    {"max_connections", KIND_INT, AT(max_connections), 1, 1000000, NULL, "20000", false, "Client connections per worker."},
    {"max_streams", KIND_INT, AT(max_streams), 1, 10000, NULL, "256", false, "Calls at once per connection."},
    {"max_message_kib", KIND_INT, AT(max_message_kib), 16, 65536, NULL, "1024", false, "Largest request message, in KiB."},
    {"max_call_memory_kib", KIND_INT, AT(max_call_memory_kib), 256, 1048576, NULL, "16384", false,
     "Memory of one call, in KiB: request, work and reply."},
    {"max_deadline_s", KIND_INT, AT(max_deadline_s), 1, 3600, NULL, "300", false, "Longest time a client may give a call."},
    {"handshake_timeout_s", KIND_INT, AT(handshake_timeout_s), 1, 300, NULL, "10", false,
     "From accepting a connection to the end of its handshakes."},
    {"header_timeout_s", KIND_INT, AT(header_timeout_s), 1, 300, NULL, "10", false,
     "From the first to the last byte of a call's headers."},
    {"idle_timeout_s", KIND_INT, AT(idle_timeout_s), 1, 86400, NULL, "900", false,
     "A connection without calls is closed after this."},
    {"keepalive_s", KIND_INT, AT(keepalive_s), 1, 3600, NULL, "60", false,
     "Silence after which a connection with calls is asked whether it is there."},
    {"write_timeout_s", KIND_INT, AT(write_timeout_s), 1, 3600, NULL, "20", false,
     "A client that takes nothing for so long is cut off."},
    {"feed_poll_ms", KIND_INT, AT(feed_poll_ms), 10, 10000, NULL, "100", false,
     "How often the change feed is read while anybody watches."},

    {"timers", KIND_CHOICE, AT(timers), 0, 0, "off|on", "on", false,
     "Whether this server takes the steps nobody else takes when their time has come (resume, archive, lapse) and lights the\n"
     "lights. Off leaves them to the other servers of this database."},
    {"timer_poll_ms", KIND_INT, AT(timer_poll_ms), 50, 60000, NULL, "1000", false, "How often it looks for what is due."},
    {"timer_lease_ms", KIND_INT, AT(timer_lease_ms), 1000, 600000, NULL, "5000", false,
     "How long a worker that died holds up the background work it had taken."},
    {"archive_days", KIND_INT, AT(archive_days), 1, 3650, NULL, "30", false,
     "Days after its closing that a case is archived, if nobody asked how it went."},
    {"archive_revisited_days", KIND_INT, AT(archive_revisited_days), 0, 3650, NULL, "15", false,
     "Days after the last step that a closed case is archived if it was revisited. Reopening and appeals are possible until "
     "then."},
    {"notice_poll_ms", KIND_INT, AT(notice_poll_ms), 10, 60000, NULL, "500", false,
     "How often new events are turned into notices."},
    {"notice_keep_days", KIND_INT, AT(notice_keep_days), 1, 3650, NULL, "90", false, "Days that notices are kept."},

    {"log_level", KIND_CHOICE, AT(log_level), 0, 0, "debug|info|warn|error", "info", true,
     "Least important lines to be logged."},
    {"log_format", KIND_CHOICE, AT(log_format), 0, 0, "logfmt|json", "logfmt", true, "How a log line is written."},
};
enum { N_ROWS = sizeof(rows) / sizeof(rows[0]) };

static int *int_at(struct server_config *c, const struct row *r)
{
    return (int *)(void *)((char *)c + r->offset);
}

static char *text_at(struct server_config *c, const struct row *r)
{
    return (char *)c + r->offset;
}

static const struct row *find(const char *key)
{
    for (size_t i = 0; i < N_ROWS; i++)
        if (strcmp(rows[i].key, key) == 0)
            return &rows[i];
    return NULL;
}

/* Position of value among "a|b|c", or -1. */
static int choice(const char *choices, const char *value)
{
    size_t len = strlen(value);
    for (int i = 0;; i++) {
        size_t n = strcspn(choices, "|");
        if (n == len && strncmp(choices, value, n) == 0)
            return i;
        if (!choices[n])
            return -1;
        choices += n + 1;
    }
}

static int row_set(struct server_config *c, const struct row *r, const char *value, struct err *e)
{
    int64_t v;
    int i;

    switch (r->kind) {
    case KIND_INT:
        if (text_to_i64(value, r->min, r->max, &v))
            return err_set(e, ERR_INVALID, "%s is a number from %d to %d, not \"%.40s\".", r->key, r->min, r->max, value);
        *int_at(c, r) = (int)v;
        return 0;
    case KIND_CHOICE:
        i = choice(r->choices, value);
        if (i < 0)
            return err_set(e, ERR_INVALID, "%s is one of %s, not \"%.40s\".", r->key, r->choices, value);
        *int_at(c, r) = i;
        return 0;
    case KIND_TEXT:
        if (!text_is_utf8(value, strlen(value)))
            return err_set(e, ERR_INVALID, "The value of %s is not UTF-8.", r->key);
        if (!text_copy(text_at(c, r), CONFIG_TEXT_SIZE, value))
            return err_set(e, ERR_INVALID, "The value of %s is longer than %d bytes.", r->key, (int)CONFIG_TEXT_SIZE - 1);
        return 0;
    }
    return err_set(e, ERR_INTERNAL, "The table of keys is broken at %s.", r->key);
}

void config_init(struct server_config *c)
{
    struct err e = {0};

    memset(c, 0, sizeof(*c));
    for (size_t i = 0; i < N_ROWS; i++)
        if (row_set(c, &rows[i], rows[i].def, &e))
            log_event(LOG_ERROR, "config.default", LOG_S("text", e.text), LOG_END);
}

int config_set(struct server_config *c, const char *key, const char *value, struct err *e)
{
    const struct row *r = find(key);

    if (!r)
        return err_set(e, ERR_INVALID, "There is no key \"%.40s\"; `wangged check-config --sample` lists them all.", key);
    return row_set(c, r, value, e);
}

/* --- the file --- */

struct parse {
    struct server_config *c;
    const char *name;
    const char *text;
    size_t len, pos;
    int line; /* of the last line read */
    bool indented;
    const struct row *last;
    int seen[N_ROWS]; /* line in which a key stood; 0: not yet */
    struct err *e;
    int r;
};

static int fail(struct parse *p, const char *what)
{
    char text[sizeof(p->e->text)];

    if (!p->r) {
        text_copy(text, sizeof(text), what);
        p->r = err_set(p->e, ERR_INVALID, "%s:%d: %s", p->name, p->line, text);
    }
    return 0;
}

/* inih asks for a line at a time; counting here tells the handler where it is. */
static char *read_line(char *out, int size, void *arg)
{
    struct parse *p = arg;
    const char *s = p->text + p->pos;
    const char *end;
    size_t n;

    if (p->r || p->pos >= p->len)
        return NULL;
    end = memchr(s, '\n', p->len - p->pos);
    n = end ? (size_t)(end - s) + 1 : p->len - p->pos;
    p->line++;
    if (n > CONFIG_LINE_MAX || n + 1 > (size_t)size) {
        fail(p, "The line is longer than 197 bytes; go on in the next line, indented.");
        return NULL;
    }
    if (memchr(s, '\0', n)) {
        fail(p, "The line holds a NUL byte; this is not a text file.");
        return NULL;
    }
    p->indented = n && (*s == ' ' || *s == '\t');
    memcpy(out, s, n);
    out[n] = '\0';
    p->pos += n;
    return out;
}

static int on_pair(void *arg, const char *section, const char *key, const char *value)
{
    struct parse *p = arg;
    const struct row *r = find(key);
    char text[CONFIG_TEXT_SIZE * 2];
    struct err e = {0};

    if (p->r)
        return 0;
    if (*section) {
        snprintf(text, sizeof(text), "Section [%.40s] is unknown; there are no sections, every key stands alone.", section);
        return fail(p, text);
    }
    if (!r) {
        snprintf(text, sizeof(text), "There is no key \"%.40s\"; `wangged check-config --sample` lists them all.", key);
        return fail(p, text);
    }
    if (p->seen[r - rows]) {
        if (!p->indented || r != p->last || r->kind != KIND_TEXT) {
            snprintf(text, sizeof(text), "%s stands in line %d already.", key, p->seen[r - rows]);
            return fail(p, text);
        }
        snprintf(text, sizeof(text), "%s %s", text_at(p->c, r), value);
        value = text;
    }
    p->last = r;
    if (!p->seen[r - rows])
        p->seen[r - rows] = p->line;
    if (row_set(p->c, r, value, &e))
        return fail(p, e.text);
    return 1;
}

int config_parse(struct server_config *c, const char *name, const char *text, size_t len, struct err *e)
{
    struct server_config next = *c;
    struct parse p = {.c = &next, .name = name, .text = text, .len = len, .e = e};
    int line = ini_parse_stream(read_line, &p, on_pair, &p);

    if (p.r)
        return p.r;
    if (line)
        return err_set(e, ERR_INVALID, "%s:%d: This is no \"key = value\".", name, line);
    *c = next;
    return 0;
}

int config_load(struct server_config *c, const char *path, struct err *e)
{
    char *text = malloc(CONFIG_FILE_MAX + 1);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t len = 0;
    ssize_t n = 1;
    int r;

    if (!text || fd < 0) {
        r = text ? err_errno(e, errno, "The configuration file %s cannot be opened; check its name and who may read it.", path)
                 : err_set(e, ERR_NOMEM, "Out of memory.");
        goto out;
    }
    while (len <= CONFIG_FILE_MAX && (n = read(fd, text + len, CONFIG_FILE_MAX + 1 - len)) > 0)
        len += (size_t)n;
    if (n < 0)
        r = err_errno(e, errno, "The configuration file %s cannot be read.", path);
    else if (len > CONFIG_FILE_MAX)
        r = err_set(e, ERR_INVALID, "The configuration file %s is longer than %d bytes.", path, (int)CONFIG_FILE_MAX);
    else
        r = config_parse(c, path, text, len, e);
out:
    if (fd >= 0)
        close(fd);
    free(text);
    return r;
}

int config_check(const struct server_config *c, struct err *e)
{
    struct address_list list;

    if (!*c->tls_certificate != !*c->tls_key)
        return err_set(e, ERR_INVALID, "tls_certificate and tls_key go together: set both or neither.");
    if (*c->tls_client_ca && !*c->tls_certificate)
        return err_set(e, ERR_INVALID, "tls_client_ca needs tls_certificate and tls_key.");
    if (*c->database && *c->embedded)
        return err_set(e, ERR_INVALID, "database and embedded exclude each other: choose one.");
    if (!*c->database && !*c->embedded)
        return err_set(e, ERR_INVALID,
                       "No database is named: set database to a libpq connection string, or embedded (--embedded DIR) to a "
                       "folder for a private one.");
    if (c->session_idle_s > c->session_absolute_s)
        return err_set(e, ERR_INVALID, "session_idle_s is longer than session_absolute_s.");
    if (address_list_parse(c->listen, *c->tls_certificate != '\0', &list, e))
        return e->code;
    for (int i = 0; i < list.n; i++)
        if (list.items[i].kind == ADDRESS_TCP && !list.items[i].tls && c->plain_text == PLAIN_TEXT_LOOPBACK &&
            !address_is_loopback(&list.items[i]))
            return err_set(e, ERR_INVALID,
                           "%s is reachable from outside and would speak without TLS: set tls_certificate and tls_key, or "
                           "plain_text = anywhere if the network protects it.",
                           list.items[i].host);
    if (*c->metrics) {
        struct address a;
        if (address_parse(c->metrics, false, &a, e))
            return e->code;
        if (a.kind != ADDRESS_TCP || !address_is_loopback(&a))
            return err_set(e, ERR_INVALID, "metrics is a loopback address HOST:PORT, not \"%.60s\".", c->metrics);
    }
    return 0;
}

void config_print_sample(FILE *f)
{
    fputs("# Configuration of wangged. Every key is shown with its default; remove the # to change it.\n"
          "# Check it with: wangged check-config --config FILE\n"
          "# [reload]: taken over by SIGHUP (systemctl reload wangged); the others need a restart.\n",
          f);
    for (size_t i = 0; i < N_ROWS; i++) {
        const struct row *r = &rows[i];
        fputs("\n# ", f);
        for (const char *s = r->help; *s; s++) {
            fputc(*s, f);
            if (*s == '\n')
                fputs("# ", f);
        }
        if (r->kind == KIND_INT)
            fprintf(f, " %d to %d.", r->min, r->max);
        else if (r->kind == KIND_CHOICE)
            fprintf(f, " One of %s.", r->choices);
        fprintf(f, "%s\n#%s =%s%s\n", r->reloadable ? " [reload]" : "", r->key, *r->def ? " " : "", r->def);
    }
}

static bool same(const struct server_config *a, const struct server_config *b, const struct row *r)
{
    const char *x = (const char *)a + r->offset, *y = (const char *)b + r->offset;
    return r->kind == KIND_TEXT ? strcmp(x, y) == 0 : memcmp(x, y, sizeof(int)) == 0;
}

const char *config_next_fixed_change(const struct server_config *a, const struct server_config *b, size_t *pos)
{
    while (*pos < N_ROWS) {
        const struct row *r = &rows[(*pos)++];
        if (!r->reloadable && !same(a, b, r))
            return r->key;
    }
    return NULL;
}

void config_take_reloadable(struct server_config *dst, const struct server_config *src)
{
    for (size_t i = 0; i < N_ROWS; i++)
        if (rows[i].reloadable)
            memcpy((char *)dst + rows[i].offset, (const char *)src + rows[i].offset,
                   rows[i].kind == KIND_TEXT ? CONFIG_TEXT_SIZE : sizeof(int));
}
