/* SPDX-License-Identifier: MIT */
/* Output: UTF-8 inside, the session's character set outside; JSON is always UTF-8. */
#include <errno.h>
#include <langinfo.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "client/cli/cli.h"
#include "client/model/i18n.h"
#include "common/pb/json.h"

enum { JSON_MAX = 64 * 1024 * 1024, FIELDS_MAX = 64, PROGRESS_EVERY_S = 5 };

void out_init(struct cli *c)
{
    const char *codeset = nl_langinfo(CODESET);
    c->converter = (iconv_t)-1;
    if (strcmp(codeset, "UTF-8") != 0) {
        char to[64];
        snprintf(to, sizeof to, "%s//TRANSLIT", codeset);
        c->converter = iconv_open(to, "UTF-8");
    }
    struct winsize ws;
    if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_col > 0)
        c->width = ws.ws_col;
    const char *no_color = getenv("NO_COLOR");
    c->colour = c->config.color == CONFIG_COLOR_ALWAYS ||
                (c->config.color == CONFIG_COLOR_AUTO && isatty(STDOUT_FILENO) && (!no_color || !*no_color));
}

void out_fini(struct cli *c)
{
    if (c->converter != (iconv_t)-1)
        iconv_close(c->converter);
    c->converter = (iconv_t)-1;
}

static void write_raw(struct cli *c, FILE *f, const char *data, size_t len)
{
    if (fwrite(data, 1, len, f) != len && f == stdout)
        c->write_failed = true;
}

static void write_text(struct cli *c, FILE *f, const char *text)
{
    size_t left = strlen(text);
    if (c->converter == (iconv_t)-1) {
        write_raw(c, f, text, left);
        return;
    }
    char *in = (char *)text;
    while (left > 0) {
        char buf[1024];
        char *out = buf;
        size_t room = sizeof buf;
        size_t n = iconv(c->converter, &in, &left, &out, &room);
        write_raw(c, f, buf, sizeof buf - room);
        if (n == (size_t)-1 && errno != E2BIG) {
            write_raw(c, f, "?", 1); /* a character this terminal does not have */
            do {
                in++;
                left--;
            } while (left > 0 && ((unsigned char)*in & 0xc0) == 0x80);
        }
    }
}

void out_text(struct cli *c, const char *text)
{
    write_text(c, stdout, text);
}

static void write_format(struct cli *c, FILE *f, const char *before, const char *fmt, va_list ap, const char *after)
{
    char *text = NULL;
    if (vasprintf(&text, fmt, ap) < 0)
        return;
    write_text(c, f, before);
    write_text(c, f, text);
    write_text(c, f, after);
    free(text);
}

void out_printf(struct cli *c, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    write_format(c, stdout, "", fmt, ap, "");
    va_end(ap);
}

void out_note(struct cli *c, const char *fmt, ...)
{
    va_list ap;
    if (c->quiet)
        return;
    va_start(ap, fmt);
    write_format(c, stderr, "", fmt, ap, "\n");
    va_end(ap);
}

void out_progress(struct cli *c, const char *text)
{
    usec_t now = cli_now();
    if (c->quiet || (!text && !c->progress_shown))
        return;
    if (isatty(STDERR_FILENO)) {
        write_raw(c, stderr, "\r", 1);
        write_text(c, stderr, text ? text : "");
        write_raw(c, stderr, "\033[K", 3);
        fflush(stderr);
        c->progress_shown = text != NULL;
    } else if (text && now - c->progress_at >= PROGRESS_EVERY_S * USEC_PER_SEC) {
        if (c->progress_at)
            out_note(c, "%s", text);
        c->progress_at = now;
    }
}

void out_error(struct cli *c, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    write_format(c, stderr, "wangge: ", fmt, ap, "\n");
    va_end(ap);
}

/* --- JSON --- */

/* Steps over one JSON value; the text is our own writer's, so it is well formed. */
static const char *skip_value(const char *p)
{
    int depth = 0;
    for (;; p++) {
        if (*p == '"') {
            for (p++; *p != '"'; p++)
                if (*p == '\\')
                    p++;
        } else if (*p == '{' || *p == '[') {
            depth++;
        } else if (*p == '}' || *p == ']') {
            if (depth == 0)
                return p;
            depth--;
        } else if (*p == ',' && depth == 0) {
            return p;
        } else if (*p == '\0') {
            return p;
        }
    }
}

/* "case_number" and "caseNumber" are the same field. */
static bool same_field(const char *asked, size_t asked_len, const char *key, size_t key_len)
{
    size_t k = 0;
    bool up = false;
    for (size_t i = 0; i < asked_len; i++) {
        if (asked[i] == '_') {
            up = true;
            continue;
        }
        char ch = up && asked[i] >= 'a' && asked[i] <= 'z' ? (char)(asked[i] - 32) : asked[i];
        up = false;
        if (k >= key_len || key[k++] != ch)
            return false;
    }
    return k == key_len;
}

static bool asked_for(const char *fields, const char *key, size_t key_len)
{
    for (const char *p = fields; *p;) {
        size_t n = strcspn(p, ",");
        if (same_field(p, n, key, key_len))
            return true;
        p += n;
        if (*p)
            p++;
    }
    return false;
}

static int check_fields(struct cli *c, const ProtobufCMessageDescriptor *d, const char *fields)
{
    for (const char *p = fields; *p;) {
        size_t n = strcspn(p, ",");
        bool known = false;
        for (unsigned i = 0; i < d->n_fields; i++) {
            char camel[96];
            size_t k = 0;
            for (const char *s = d->fields[i].name; *s && k + 1 < sizeof camel; s++) {
                bool up = *s == '_' && s[1] >= 'a' && s[1] <= 'z';
                if (up)
                    s++;
                camel[k++] = up ? (char)(*s - 32) : *s;
            }
            known |= same_field(p, n, camel, k);
        }
        if (!known) {
            out_error(c, _("The fields of %s do not include \"%.*s\"."), d->short_name, (int)n, p);
            return CLI_USAGE;
        }
        p += n;
        if (*p)
            p++;
    }
    return CLI_OK;
}

static void write_chosen(struct cli *c, const char *json, const char *fields)
{
    const char *p = json + 1;
    bool first = true;
    write_raw(c, stdout, "{", 1);
    while (*p == '"') {
        const char *key = p + 1;
        const char *key_end = strchr(key, '"');
        const char *end = skip_value(key_end + 2);
        if (asked_for(fields, key, (size_t)(key_end - key))) {
            if (!first)
                write_raw(c, stdout, ",", 1);
            first = false;
            write_raw(c, stdout, p, (size_t)(end - p));
        }
        p = *end == ',' ? end + 1 : end;
    }
    write_raw(c, stdout, "}\n", 2);
}

int out_json(struct cli *c, const ProtobufCMessage *msg)
{
    struct buf text;
    struct err e;
    struct pb_json_opts opts = {.with_defaults = true};
    const char *fields = options_get(&c->opt, OPTION_JSON, "");
    int rc = fields[0] ? check_fields(c, msg->descriptor, fields) : CLI_OK;
    if (rc)
        return rc;
    buf_init(&text, JSON_MAX);
    if (pb_json_write(msg, &opts, &text, &e) || buf_append(&text, "\n", 2)) {
        rc = cli_error(c, &e);
    } else if (fields[0]) {
        write_chosen(c, (const char *)buf_data(&text), fields);
    } else {
        write_raw(c, stdout, (const char *)buf_data(&text), buf_len(&text) - 1);
    }
    buf_fini(&text);
    return rc;
}

/* --- Tables --- */

static void put_line(void *arg, const char *line)
{
    out_text(arg, line);
}

void out_table(struct cli *c, const struct table *t)
{
    table_write(t, c->width, put_line, c);
}

void out_field(struct cli *c, const char *name, const char *value)
{
    enum { COLUMN = 14 };
    char clean[TABLE_CELL_MAX];
    table_clean(value, true, clean, sizeof clean);
    int pad = COLUMN - table_width(name);
    out_printf(c, "%s%*s", name, pad > 1 ? pad : 1, "");
    for (char *line = clean, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        out_printf(c, "%*s%s\n", line == clean ? 0 : COLUMN, "", line);
    }
}

int out_finish(struct cli *c, int code)
{
    if (fflush(stdout) != 0)
        c->write_failed = true;
    if (!c->write_failed)
        return code;
    out_error(c, _("Standard output did not take everything (%s)."), strerror(errno));
    return code == CLI_OK ? CLI_FAILED : code;
}
