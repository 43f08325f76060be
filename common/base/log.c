/* SPDX-License-Identifier: MIT */
#include "common/base/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/text.h"

static enum log_level min_level = LOG_INFO;
static enum log_format line_format = LOG_FORMAT_LOGFMT;
static int log_fd = STDERR_FILENO;

static const char *const level_names[] = {"debug", "info", "warn", "error"};

void log_setup(enum log_level level, enum log_format format, int fd)
{
    min_level = level;
    line_format = format;
    log_fd = fd;
}

bool log_enabled(enum log_level level)
{
    return level >= min_level;
}

bool log_level_parse(const char *s, enum log_level *ret)
{
    for (int i = 0; i < 4; i++) {
        if (strcmp(s, level_names[i]) == 0) {
            *ret = (enum log_level)i;
            return true;
        }
    }
    return false;
}

struct line {
    char data[4096];
    size_t len;
};

static void put(struct line *l, char c)
{
    if (l->len < sizeof l->data - 3) /* room for '}' and newline */
        l->data[l->len++] = c;
}

static void put_raw(struct line *l, const char *s)
{
    while (*s)
        put(l, *s++);
}

/* Quotes as JSON does; control characters and broken UTF-8 can't forge a second line or break a parser. */
static void put_quoted(struct line *l, const char *s)
{
    put(l, '"');
    size_t len = strlen(s);
    for (size_t i = 0; i < len;) {
        uint32_t cp;
        size_t n = text_decode(s + i, len - i, &cp);
        if (n == 0) {
            put_raw(l, "\\ufffd");
            i++;
            continue;
        }
        if (cp == '"' || cp == '\\') {
            put(l, '\\');
            put(l, (char)cp);
        } else if (cp < 0x20 || cp == 0x7f) {
            char esc[8];
            (void)snprintf(esc, sizeof esc, "\\u%04x", (unsigned)cp);
            put_raw(l, esc);
        } else if (l->len + n < sizeof l->data - 8) {
            for (size_t k = 0; k < n; k++)
                put(l, s[i + k]);
        }
        i += n;
    }
    put(l, '"');
}

static bool is_bare(const char *s)
{
    if (*s == '\0')
        return false;
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c >= 0x7f)
            return false;
    }
    return true;
}

static void put_field(struct line *l, const char *key, const char *value, bool number)
{
    if (line_format == LOG_FORMAT_JSON) {
        put_raw(l, l->len > 1 ? ",\"" : "\"");
        put_raw(l, key);
        put_raw(l, "\":");
    } else {
        if (l->len > 0)
            put(l, ' ');
        put_raw(l, key);
        put(l, '=');
    }
    if (number || (line_format == LOG_FORMAT_LOGFMT && is_bare(value)))
        put_raw(l, value);
    else
        put_quoted(l, value);
}

void log_fields(enum log_level level, const char *event, const struct log_field *fields)
{
    struct line l = {.len = 0};
    char ts[25];
    clock_format_rfc3339(clock_system()->now(clock_system()), ts);
    if (line_format == LOG_FORMAT_JSON)
        put(&l, '{');
    put_field(&l, "ts", ts, false);
    put_field(&l, "level", level_names[level], false);
    put_field(&l, "event", event, false);
    for (; fields->key; fields++) {
        char num[24];
        switch (fields->kind) {
        case LOG_KIND_STR:
            put_field(&l, fields->key, fields->str ? fields->str : "", false);
            break;
        case LOG_KIND_INT:
            (void)snprintf(num, sizeof num, "%" PRId64, fields->num);
            put_field(&l, fields->key, num, true);
            break;
        case LOG_KIND_SECRET:
            put_field(&l, fields->key, "***", false);
            break;
        }
    }
    if (line_format == LOG_FORMAT_JSON)
        l.data[l.len++] = '}';
    l.data[l.len++] = '\n';
    ssize_t n = write(log_fd, l.data, l.len);
    (void)n; /* a log that cannot be written has nowhere to complain */
}
