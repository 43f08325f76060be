/* SPDX-License-Identifier: MIT */
/*
 * Structured logging: an event name and typed fields, one line each, "key=value" (logfmt) or JSON, to standard error.
 * The level answers "who must act". Personal data does not go into a log; LOG_SECRET prints a fixed mark instead.
 *
 *   log_event(LOG_INFO, "call.done", LOG_S("method", m), LOG_I("ms", ms), LOG_END);
 *   -> ts=2026-11-23T01:40:00.000Z level=info event=call.done method=/wangge.v1.CaseService/SubmitCase ms=3
 */
#ifndef WG_BASE_LOG_H
#define WG_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level {
    LOG_DEBUG, /* developers */
    LOG_INFO,  /* nobody, kept for later */
    LOG_WARN,  /* somebody, when there is time */
    LOG_ERROR, /* somebody, now */
};

enum log_format { LOG_FORMAT_LOGFMT, LOG_FORMAT_JSON };

struct log_field {
    const char *key; /* NULL ends the list */
    enum { LOG_KIND_STR, LOG_KIND_INT, LOG_KIND_SECRET } kind;
    const char *str; /* may be NULL: prints empty */
    int64_t num;
};

#define LOG_S(k, v)   ((struct log_field){.key = (k), .kind = LOG_KIND_STR, .str = (v)})
#define LOG_I(k, v)   ((struct log_field){.key = (k), .kind = LOG_KIND_INT, .num = (int64_t)(v)})
#define LOG_SECRET(k) ((struct log_field){.key = (k), .kind = LOG_KIND_SECRET})
#define LOG_END       ((struct log_field){.key = 0})

/* Process-wide on purpose: a log has one destination. Default: info, logfmt, descriptor 2. */
void log_setup(enum log_level min_level, enum log_format format, int fd);
bool log_enabled(enum log_level level);
/* Writes one line with a single write(2). Never fails, never blocks on memory; lines are cut at 4 KiB. */
void log_fields(enum log_level level, const char *event, const struct log_field *fields);
/* Parses "debug", "info", "warn", "error". */
bool log_level_parse(const char *s, enum log_level *ret);

#define log_event(level, event, ...)                                                                                           \
    do {                                                                                                                       \
        if (log_enabled(level))                                                                                                \
            log_fields((level), (event), (const struct log_field[]){__VA_ARGS__});                                             \
    } while (0)

#endif
