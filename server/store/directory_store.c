/* SPDX-License-Identifier: MIT */
/*
 * A load is a few statements in flight together, each feeding one builder; the last answer finishes it. They may see different
 * snapshots when an import commits between them: its notification then starts another load, so the mixture lasts milliseconds.
 */
#include "server/store/directory_store.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/text.h"
#include "server/db/result.h"
#include "sql.h"

enum part { PART_REGIONS, PART_CATEGORIES, PART_ORGANS, PART_CALENDAR, PART_CALENDARS, PART_LIMITS, PART_COUNT };

struct load;

struct part_wait {
    struct load *load;
    enum part part;
};

/* Outlives the store when that is destroyed with statements in flight. */
struct load {
    struct directory_store *store; /* NULL: nobody wants it any more */
    struct directory_builder *builder;
    int waiting;
    bool failed;
    uint64_t hash[PART_COUNT];
    struct part_wait parts[PART_COUNT];
};

struct refresh {
    struct refresh *next;
    void (*fn)(void *arg);
    void *arg;
};

struct directory_store {
    struct db *db;
    struct event *retry;
    directory_new_fn fn;
    void *arg;
    struct load *load; /* under way, or NULL */
    bool again;
    struct refresh *served;  /* told when the load under way ends */
    struct refresh *waiting; /* told when the next one ends */
    bool has_revision;
    int64_t revision;
};

static uint64_t hash_bytes(uint64_t h, const void *data, size_t n)
{
    const unsigned char *p = data;
    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * UINT64_C(1099511628211);
    return h;
}

/* FNV-1a over all values: equal content gives an equal revision on every worker. */
static uint64_t hash_result(const PGresult *res)
{
    uint64_t h = UINT64_C(14695981039346656037);
    for (int i = 0; i < PQntuples(res); i++) {
        for (int j = 0; j < PQnfields(res); j++) {
            int32_t len = PQgetisnull(res, i, j) ? -1 : PQgetlength(res, i, j);
            h = hash_bytes(h, &len, sizeof(len));
            if (len > 0)
                h = hash_bytes(h, PQgetvalue(res, i, j), (size_t)len);
        }
    }
    return h;
}

static const char *text_or_empty(const PGresult *res, int row, int col)
{
    const char *s = db_get_text(res, row, col);
    return s ? s : "";
}

static int add_region(struct directory_builder *b, const PGresult *res, int row, struct err *e)
{
    struct dir_point points[DIRECTORY_MAX_BOUNDARY];
    const char *s = db_get_text(res, row, 6);
    struct dir_region r = {
        .code = db_get_i64(res, row, 0),
        .name = text_or_empty(res, row, 2),
        .initials = text_or_empty(res, row, 3),
        .valid_from = db_get_date(res, row, 4),
        .valid_to = db_get_date(res, row, 5),
    };

    while (s && *s && r.nboundary < DIRECTORY_MAX_BOUNDARY) {
        char *end;
        points[r.nboundary].lat = strtod(s, &end);
        if (end == s || *end != ',')
            return err_set(e, ERR_INVALID, "The border of the region is not a list of points.");
        s = end + 1;
        points[r.nboundary].lon = strtod(s, &end);
        if (end == s || (*end != ',' && *end))
            return err_set(e, ERR_INVALID, "The border of the region is not a list of points.");
        s = *end ? end + 1 : end;
        r.nboundary++;
    }
    if (r.nboundary)
        r.boundary = points;
    return directory_add_region(b, &r, e);
}

static int add_category(struct directory_builder *b, const PGresult *res, int row, struct err *e)
{
    char aliases[4096];
    const char *list[DIRECTORY_MAX_ALIASES];
    const char *limits = text_or_empty(res, row, 12);
    struct dir_category c = {
        .id = (int16_t)db_get_i32(res, row, 0),
        .name = text_or_empty(res, row, 2),
        .name_en = text_or_empty(res, row, 3),
        .top_name = text_or_empty(res, row, 4),
        .group_name = text_or_empty(res, row, 5),
        .initials = text_or_empty(res, row, 6),
        .settle_allowed = db_get_bool(res, row, 8),
        .counted = db_get_bool(res, row, 9),
        .check_waived = db_get_bool(res, row, 10),
        .active = db_get_bool(res, row, 11),
        .evidence_settle = db_get_bool(res, row, 13),
        .evidence_feedback = db_get_bool(res, row, 14),
        .aliases = list,
    };
    char *save = NULL;

    if (!text_copy(c.code, sizeof(c.code), text_or_empty(res, row, 1)))
        return err_set(e, ERR_INVALID, "The code of the category is too long.");
    if (!text_copy(aliases, sizeof(aliases), text_or_empty(res, row, 7)))
        return err_set(e, ERR_INVALID, "The category has too many aliases.");
    for (char *s = strtok_r(aliases, "\x1f", &save); s && c.naliases < DIRECTORY_MAX_ALIASES; s = strtok_r(NULL, "\x1f", &save))
        list[c.naliases++] = s;
    for (int i = 0; i < 3 && *limits; i++) {
        char *end;
        c.handle_limit_min[i] = (int32_t)strtol(limits, &end, 10);
        limits = *end ? end + 1 : end;
    }
    return directory_add_category(b, &c, e);
}

static int add_organ(struct directory_builder *b, const PGresult *res, int row, struct err *e)
{
    struct dir_organ o = {
        .id = db_get_i32(res, row, 0),
        .code = text_or_empty(res, row, 1),
        .name = text_or_empty(res, row, 2),
        .kind = (enum organ_kind)db_get_i32(res, row, 3),
        .region = db_get_i64(res, row, 4),
        .initials = text_or_empty(res, row, 6),
        .active = db_get_bool(res, row, 7),
    };
    return directory_add_organ(b, &o, e);
}

static int add_day(struct directory_builder *b, const PGresult *res, int row, struct err *e)
{
    const char *shifts = text_or_empty(res, row, 4);
    struct dir_calendar_day d = {
        .day = db_get_date(res, row, 0),
        .working = db_get_bool(res, row, 1),
        .name = text_or_empty(res, row, 2),
        .region = db_get_i64(res, row, 3),
        .custom = *shifts != '\0',
    };
    if (calendar_plan_parse(shifts, &d.plan, e))
        return e->code;
    return directory_add_calendar_day(b, &d, e);
}

/* The week of a pattern: its shifts on its working days. */
static int read_week(const PGresult *res, int row, struct calendar_day_plan week[7], struct calendar_day_plan *workday,
                     struct err *e)
{
    int32_t weekdays = db_get_i32(res, row, 6);
    int rc = calendar_plan_parse(text_or_empty(res, row, 7), workday, e);
    for (int i = 0; !rc && i < 7; i++)
        week[i] = weekdays & 1 << i ? *workday : (struct calendar_day_plan){0};
    return rc;
}

/* A calendar is as many rows as it has patterns; the first stands for all of them. */
static int add_calendar(struct directory_builder *b, const PGresult *res, int row, struct err *e)
{
    struct calendar_season seasons[CALENDAR_MAX_SEASONS] = {0};
    struct calendar_source c = {
        .region = db_get_i64(res, row, 0),
        .code = text_or_empty(res, row, 1),
        .name = text_or_empty(res, row, 2),
        .utc_offset_s = db_get_is_null(res, row, 3) ? CALENDAR_ZONE_INHERIT : db_get_i32(res, row, 3) * 60,
        .seasons = seasons,
    };
    if (row > 0 && db_get_i64(res, row - 1, 0) == c.region)
        return 0;
    for (int i = row; i < PQntuples(res) && db_get_i64(res, i, 0) == c.region && !db_get_is_null(res, i, 6); i++) {
        int rc;
        if (db_get_is_null(res, i, 4)) {
            c.own_week = true;
            rc = read_week(res, i, c.week, &c.workday, e);
        } else if (c.nseasons == CALENDAR_MAX_SEASONS) {
            rc = err_set(e, ERR_EXHAUSTED, "The calendar has too many seasons.");
        } else {
            struct calendar_season *s = &seasons[c.nseasons++];
            s->from_md = (int16_t)db_get_i32(res, i, 4);
            s->to_md = (int16_t)db_get_i32(res, i, 5);
            rc = read_week(res, i, s->week, &s->workday, e);
        }
        if (rc)
            return rc;
    }
    return directory_add_calendar(b, &c, e);
}

static int add_limit(struct directory_builder *b, const PGresult *res, int row, struct err *e)
{
    struct limit_rule r = {
        .id = db_get_i32(res, row, 0),
        .kind = (enum clock_kind)db_get_i32(res, row, 1),
        .urgency = (enum urgency)db_get_i32(res, row, 3),
        .region = db_get_i64(res, row, 4),
        .unit = (enum time_unit)db_get_i32(res, row, 5),
        .amount = db_get_i32(res, row, 6),
        .valid_from = db_get_time(res, row, 7),
        .valid_to = db_get_time(res, row, 8),
    };
    if (!text_copy(r.category, sizeof(r.category), text_or_empty(res, row, 2)))
        return err_set(e, ERR_INVALID, "The category of the limit is too long.");
    return directory_add_limit(b, &r, e);
}

static const struct {
    const char *name;
    const struct db_stmt *stmt;
    int (*add)(struct directory_builder *b, const PGresult *res, int row, struct err *e);
} parts[PART_COUNT] = {
    [PART_REGIONS] = {"region", &sql_directory_regions, add_region},
    [PART_CATEGORIES] = {"category", &sql_directory_categories, add_category},
    [PART_ORGANS] = {"organ", &sql_directory_organs, add_organ},
    [PART_CALENDAR] = {"calendar_day", &sql_directory_calendar, add_day},
    [PART_CALENDARS] = {"calendar", &sql_directory_calendars, add_calendar},
    [PART_LIMITS] = {"limit_rule", &sql_directory_limits, add_limit},
};

static void tell(struct refresh **list)
{
    struct refresh *r = *list;

    *list = NULL;
    while (r) {
        struct refresh *next = r->next;
        r->fn(r->arg);
        free(r);
        r = next;
    }
}

static void retry_later(struct directory_store *s)
{
    static const struct timeval second = {.tv_sec = 1};
    evtimer_add(s->retry, &second);
}

static void load_finish(struct load *l)
{
    struct directory_store *s = l->store;
    struct directory *dir = NULL;
    struct err e = {0};

    if (s) {
        uint64_t h = UINT64_C(14695981039346656037);
        int64_t revision;

        s->load = NULL;
        h = hash_bytes(h, l->hash, sizeof(l->hash));
        revision = (int64_t)(h & INT64_MAX);
        if (l->failed) {
            retry_later(s);
        } else if (s->has_revision && s->revision == revision) {
            /* nothing changed */
        } else if (directory_builder_finish(l->builder, revision, &dir, &e)) {
            log_event(LOG_ERROR, "directory.refused", LOG_S("text", e.text), LOG_S("detail", e.detail), LOG_END);
            retry_later(s);
        } else {
            s->has_revision = true;
            s->revision = revision;
            s->fn(s->arg, dir);
            directory_unref(dir);
        }
        tell(&s->served);
        if (s->again) {
            s->again = false;
            directory_store_reload(s);
        }
    }
    directory_builder_destroy(l->builder);
    free(l);
}

static void on_part(void *arg, const PGresult *res, const struct err *e)
{
    struct part_wait *w = arg;
    struct load *l = w->load;

    if (!res) {
        /* Away or restarting: the database's own log line says so; only a refused statement is worth one here. */
        if (l->store && e->code != ERR_UNAVAILABLE)
            log_event(LOG_ERROR, "directory.load_failed", LOG_S("part", parts[w->part].name), LOG_S("text", e->text),
                      LOG_S("detail", e->detail), LOG_END);
        l->failed = true;
    } else if (l->store && !l->failed) {
        int refused = 0;
        struct err first = {0};
        for (int i = 0; i < PQntuples(res); i++) {
            struct err bad = {0};
            if (parts[w->part].add(l->builder, res, i, &bad) && refused++ == 0)
                first = bad;
        }
        l->hash[w->part] = hash_result(res);
        if (refused)
            log_event(LOG_WARN, "directory.rows_refused", LOG_S("part", parts[w->part].name), LOG_I("rows", refused),
                      LOG_S("first", first.text), LOG_END);
    }
    if (--l->waiting == 0)
        load_finish(l);
}

void directory_store_reload(struct directory_store *s)
{
    struct load *l;
    struct db_params p;
    struct err e = {0};

    if (s->load) {
        s->again = true;
        return;
    }
    evtimer_del(s->retry);
    l = calloc(1, sizeof(*l));
    if (!l || !(l->builder = directory_builder_create())) {
        free(l);
        retry_later(s);
        return;
    }
    l->store = s;
    db_params_init(&p);
    for (int i = 0; i < PART_COUNT; i++) {
        l->parts[i] = (struct part_wait){.load = l, .part = (enum part)i};
        if (db_query(s->db, &db_scope_none, parts[i].stmt, &p, USEC_NONE, on_part, &l->parts[i], &e))
            l->failed = true;
        else
            l->waiting++;
    }
    s->served = s->waiting;
    s->waiting = NULL;
    s->load = l;
    if (l->waiting)
        return;
    directory_builder_destroy(l->builder);
    free(l);
    s->load = NULL;
    retry_later(s);
}

int directory_store_refresh(struct directory_store *s, void (*fn)(void *arg), void *arg, struct err *e)
{
    struct refresh *r = malloc(sizeof(*r));

    if (!r)
        return err_set(e, ERR_NOMEM, "The server is out of memory; try again later.");
    *r = (struct refresh){.next = s->waiting, .fn = fn, .arg = arg};
    s->waiting = r;
    directory_store_reload(s);
    return 0;
}

static void on_retry(evutil_socket_t fd, short what, void *arg)
{
    directory_store_reload(arg);
}

static void on_changed(void *arg, const char *payload)
{
    directory_store_reload(arg);
}

struct directory_store *directory_store_create(struct event_base *base, struct db *db, directory_new_fn fn, void *arg,
                                               struct err *e)
{
    struct directory_store *s = calloc(1, sizeof(*s));

    if (!s || !(s->retry = evtimer_new(base, on_retry, s))) {
        err_set(e, ERR_NOMEM, "Out of memory.");
        directory_store_destroy(s);
        return NULL;
    }
    s->db = db;
    s->fn = fn;
    s->arg = arg;
    if (db_listen(db, "directory_changed", on_changed, s, e)) {
        directory_store_destroy(s);
        return NULL;
    }
    return s;
}

void directory_store_destroy(struct directory_store *s)
{
    if (!s)
        return;
    if (s->load)
        s->load->store = NULL;
    tell(&s->served);
    tell(&s->waiting);
    if (s->retry)
        event_free(s->retry);
    free(s);
}

struct import_wait {
    directory_import_fn fn;
    void *arg;
};

static void on_import(void *arg, const PGresult *res, const struct err *e)
{
    struct import_wait *w = arg;
    struct err why = *e;

    /* Raised by directory_import itself; its message names the regions, which are nobody's secret. */
    if (strncmp(e->detail, "SQLSTATE WG412 ", 15) == 0)
        err_set(&why, ERR_PRECONDITION, "The past is not redrawn: %s. Give the new area a new code.", e->detail + 15);
    w->fn(w->arg, res && PQntuples(res) > 0 ? db_get_i32(res, 0, 0) : 0, &why);
    free(w);
}

int directory_store_import(struct db *db, const char *json, const struct db_rider *rider, usec_t deadline,
                           directory_import_fn fn, void *arg, struct err *e)
{
    struct import_wait *w = calloc(1, sizeof(*w));
    struct db_params p;
    int r;

    if (!w)
        return err_set(e, ERR_NOMEM, "The server is out of memory; try again later.");
    w->fn = fn;
    w->arg = arg;
    db_params_init(&p);
    db_param_text(&p, json);
    r = db_execute_with(db, &sql_directory_import, &p, rider, deadline, on_import, w, e);
    if (r)
        free(w);
    return r;
}
