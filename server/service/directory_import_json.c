/* SPDX-License-Identifier: MIT */
/*
 * The rows as one JSON object:
 *   {"regions":[{"code":230604000000000,"level":2,…,"boundary":[46.6,125.1,…]}],"categories":[…],"organs":[…],"days":[…]}
 */
#include <inttypes.h>
#include <string.h>

#include "common/pinyin/pinyin.h"
#include "server/service/directory_import.h"

enum { INITIALS_SIZE = 81 };
static const int32_t DEFAULT_LIMITS[3] = {2400, 960, 240};

/* Collects the first failure, so that the writers below need no checks. */
struct out {
    struct buf *buf;
    struct err *e;
    int r;
};

static void put(struct out *o, const char *s, size_t n)
{
    if (!o->r)
        o->r = buf_append(o->buf, s, n);
}

static void puts_raw(struct out *o, const char *s)
{
    put(o, s, strlen(s));
}

static void put_string(struct out *o, const char *s)
{
    static const char hex[] = "0123456789abcdef";
    const char *from = s;

    puts_raw(o, "\"");
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        char escape[] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
        if (c != '"' && c != '\\' && c >= ' ')
            continue;
        put(o, from, (size_t)(s - from));
        put(o, escape, sizeof(escape));
        from = s + 1;
    }
    put(o, from, (size_t)(s - from));
    puts_raw(o, "\"");
}

static void put_key(struct out *o, const char *key)
{
    if (o->r)
        return;
    puts_raw(o, buf_data(o->buf)[buf_len(o->buf) - 1] == '{' ? "" : ",");
    put_string(o, key);
    puts_raw(o, ":");
}

static void put_text(struct out *o, const char *key, const char *s)
{
    put_key(o, key);
    put_string(o, s);
}

static void put_text_or_null(struct out *o, const char *key, const char *s)
{
    put_key(o, key);
    if (*s)
        put_string(o, s);
    else
        puts_raw(o, "null");
}

static void put_int(struct out *o, const char *key, int64_t v)
{
    put_key(o, key);
    if (!o->r)
        o->r = buf_printf(o->buf, "%" PRId64, v);
}

static void put_bool(struct out *o, const char *key, bool v)
{
    put_key(o, key);
    puts_raw(o, v ? "true" : "false");
}

static void put_initials(struct out *o, const char *given, const char *name)
{
    char made[INITIALS_SIZE] = "";

    if (!*given && pinyin_initials(name, made, sizeof(made)) < 0)
        made[0] = '\0';
    put_text(o, "initials", *given ? given : made);
}

static void put_region(struct out *o, const Wangge__V1__Region *r)
{
    int64_t code = 0;

    if (region_parse(r->code, &code, o->e))
        o->r = ERR_INVALID;
    put_int(o, "code", code);
    put_int(o, "level", region_level_of(code));
    put_text(o, "name", r->name);
    put_initials(o, r->initials, r->name);
    put_text_or_null(o, "valid_from", r->valid_from);
    put_text_or_null(o, "valid_to", r->valid_to);
    put_key(o, "boundary");
    puts_raw(o, r->n_boundary ? "[" : "null");
    for (size_t i = 0; i < r->n_boundary; i++)
        if (!o->r)
            o->r = buf_printf(o->buf, "%s%.17g,%.17g", i ? "," : "", r->boundary[i]->latitude, r->boundary[i]->longitude);
    puts_raw(o, r->n_boundary ? "]" : "");
}

static void put_category(struct out *o, const Wangge__V1__Category *c)
{
    put_text(o, "code", c->code);
    put_text(o, "name", c->name);
    put_text(o, "name_en", c->name_en);
    put_text(o, "top_name", c->top_name);
    put_text(o, "group_name", c->group_name);
    put_initials(o, c->initials, c->name);
    put_key(o, "aliases");
    puts_raw(o, "[");
    for (size_t i = 0; i < c->n_aliases; i++) {
        puts_raw(o, i ? "," : "");
        put_string(o, c->aliases[i]);
    }
    puts_raw(o, "]");
    put_bool(o, "settle_allowed", c->settle_allowed);
    put_bool(o, "counted", c->counted);
    put_bool(o, "check_waived", c->check_waived);
    put_bool(o, "active", c->active);
    put_bool(o, "evidence_settle", c->evidence_settle);
    put_bool(o, "evidence_feedback", c->evidence_feedback);
    put_key(o, "handle_limit_minutes");
    for (size_t i = 0; i < 3; i++)
        if (!o->r)
            o->r = buf_printf(o->buf, "%s%" PRId32, i ? "," : "[",
                              c->n_handle_limit_minutes ? c->handle_limit_minutes[i] : DEFAULT_LIMITS[i]);
    puts_raw(o, "]");
}

static void put_organ(struct out *o, const Wangge__V1__Organ *g)
{
    int64_t region = 0;

    if (region_parse(g->region_code, &region, o->e))
        o->r = ERR_INVALID;
    put_text(o, "code", g->code);
    put_text(o, "name", g->name);
    put_int(o, "kind", (int64_t)g->kind);
    put_int(o, "region_code", region);
    put_int(o, "region_level", region_level_of(region));
    put_initials(o, g->initials, g->name);
    put_bool(o, "active", g->active);
}

static void put_day(struct out *o, const Wangge__V1__CalendarDay *d)
{
    put_text(o, "date", d->date);
    put_bool(o, "working", d->working);
    put_text(o, "name", d->name);
}

#define PUT_LIST(o, key, rows, n, put_row)                                                                                     \
    do {                                                                                                                       \
        put_key((o), (key));                                                                                                   \
        puts_raw((o), "[");                                                                                                    \
        for (size_t i_ = 0; i_ < (n); i_++) {                                                                                  \
            puts_raw((o), i_ ? ",{" : "{");                                                                                    \
            put_row((o), (rows)[i_]);                                                                                          \
            puts_raw((o), "}");                                                                                                \
        }                                                                                                                      \
        puts_raw((o), "]");                                                                                                    \
    } while (0)

int import_write_json(const Wangge__V1__ImportDirectoryRequest *req, struct buf *out, struct err *e)
{
    struct out o = {.buf = out, .e = e};

    puts_raw(&o, "{");
    PUT_LIST(&o, "regions", req->regions, req->n_regions, put_region);
    PUT_LIST(&o, "categories", req->categories, req->n_categories, put_category);
    PUT_LIST(&o, "organs", req->organs, req->n_organs, put_organ);
    PUT_LIST(&o, "days", req->calendar_days, req->n_calendar_days, put_day);
    put(&o, "}", 2); /* with its end, to be a C string */
    if (o.r == ERR_EXHAUSTED || o.r == ERR_NOMEM)
        return err_set(e, o.r, "The request is too large for the server; send it in parts.");
    return o.r;
}
