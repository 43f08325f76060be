/* SPDX-License-Identifier: MIT */
/*
 * Figures against a recount of another kind. Random actors walk random cases through the gate; what it decides is written
 * through the lanes and folded into cells at random moments. Then verify() must find nothing, and random figures – every kind
 * of sum, key, filter, window and as-of – must equal what plain loops over the events in memory give, and so must the lists
 * behind them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain_fixture.h"
#include "server/store/case_store.h"
#include "server/store/report_store.h"
#include "sql.h"
#include "tests/db/harness.h"
#include "tests/support/pg.h"

enum { CASES = 400, STEPS = 14, QUERIES = 300, UTC_OFFSET_S = 28800 };

/* What happened, as plain as can be. */
struct step {
    int c; /* which case */
    usec_t arrived_at;
    int32_t cohort_day;
    int64_t grid;
    int16_t category_id;
    int32_t organ_id;
    int channel;
    uint64_t stock; /* bits by measure */
    uint64_t flow;
    usec_t dues[DUE_COUNT];
};

struct world {
    struct fx f;
    struct harness h;
    char conninfo[512];
    uint64_t seed;
    struct arena *arena;
    struct step *steps; /* of each case in order, cases one after the other */
    int n_steps;
    int written;
    int failed;
    struct actor reporters[3];
};

static unsigned roll(struct world *w, unsigned n)
{
    w->seed = w->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(w->seed >> 33) % n;
}

static void make_directory(const char *conninfo, const struct directory *dir)
{
    PGconn *c = test_pg_connect(conninfo);
    size_t n;
    char sql[512];
    const struct dir_category *categories = directory_categories(dir, &n);
    for (size_t i = 0; i < n; i++) {
        (void)snprintf(sql, sizeof sql, "insert into category (id, code, name) overriding system value values (%d, '%s', '%s')",
                       categories[i].id, categories[i].code, categories[i].name);
        test_pg_exec(conninfo, sql);
    }
    const struct dir_region *regions = directory_regions(dir, &n);
    for (size_t i = 0; i < n; i++) {
        (void)snprintf(sql, sizeof sql, "insert into region (code, level, name) values (%lld, %d, '%s')",
                       (long long)regions[i].code, (int)regions[i].level, regions[i].name);
        test_pg_exec(conninfo, sql);
    }
    const struct dir_organ *organs = directory_organs(dir, &n);
    for (size_t i = 0; i < n; i++) {
        (void)snprintf(sql, sizeof sql,
                       "insert into organ (id, code, name, kind, region_code, region_level) overriding system value "
                       "values (%d, '%s', '%s', %d, %lld, %d)",
                       organs[i].id, organs[i].code, organs[i].name, (int)organs[i].kind, (long long)organs[i].region,
                       (int)region_level_of(organs[i].region));
        test_pg_exec(conninfo, sql);
    }
    PQfinish(c);
}

static void on_written(void *arg, bool replayed, int64_t version, const struct err *e)
{
    struct world *w = arg;
    w->written++;
    if (e->code || replayed) {
        w->failed++;
        (void)fprintf(stderr, "write failed: %s (%s)\n", e->text, e->detail);
    }
}

static bool all_written(void *arg)
{
    const struct world *w = arg;
    struct db_stats s = h_stats(&w->h);
    return s.write_queued == 0 && s.write_in_flight == 0;
}

/* Writes the events since the last write of the case; expected is the version then. */
static void write_part(struct world *w, const struct case_row *row, int64_t expected, struct event_write *events, int n)
{
    struct case_write *cw = arena_zalloc(w->arena, sizeof *cw);
    struct case_row *after = arena_alloc(w->arena, sizeof *after);
    ck_assert(cw && after);
    *after = *row;
    *cw = (struct case_write){
        .db = w->h.db,
        .clock = clock_system(),
        .expected = expected,
        .after = after,
        .n_events = n,
        .events = events,
        .fn = on_written,
        .arg = w,
    };
    cw->write.deadline = USEC_NONE;
    struct err e;
    ck_assert_msg(case_store_write(cw, &e) == 0, "%s", e.text);
}

/* One accepted step: the event to be written, and its plain copy. */
static void record(struct world *w, int c, const struct case_row *row, const struct case_snap *before, enum who who,
                   struct event_write *ev)
{
    struct fx *f = &w->f;
    struct measure_step step = {f->act.action, f->act.check_result, f->act.responded, f->act.solved};
    event_write_measures(ev, &step, before, &f->snap);
    ev->request_id = uuid_v7(f->env.now);
    ev->request_hash = (int64_t)w->seed;
    ev->happened_at = f->env.now;
    ev->arrived_at = f->env.now;
    ev->actor_role = f->who[who].role;
    ev->actor_id = f->who[who].account;
    if (uuid_is_nil(&ev->actor_id))
        ev->actor_id.bytes[0] = 1; /* the server itself */
    ev->actor_name = "某人";
    ev->imported = true;
    w->steps[w->n_steps++] = (struct step){
        .c = c,
        .arrived_at = ev->arrived_at,
        .cohort_day = row->cohort_day,
        .grid = f->snap.grid,
        .category_id = f->snap.category_id,
        .organ_id = f->snap.organ_id,
        .channel = (int)f->snap.channel,
        .stock = (uint64_t)ev->stock_after | (uint64_t)ev->more_after << MEASURE_CORE,
        .flow = (uint64_t)ev->flow | (uint64_t)ev->more_flow << MEASURE_CORE,
    };
    measure_dues(&f->snap, w->steps[w->n_steps - 1].dues);
}

static bool try_step(struct world *w)
{
    struct fx *f = &w->f;
    struct gate_option options[ACT_COUNT];
    for (int i = 0; i < 30; i++) {
        enum who who = (enum who)roll(w, WHO_COUNT);
        size_t n = gate_allowed(&f->env, &f->who[who], &f->snap, options, ACT_COUNT);
        if (n == 0)
            continue;
        fx_prepare(f, options[roll(w, (unsigned)n)].action);
        f->act.check_result = roll(w, 4) ? CHECK_PASS : CHECK_FAIL;
        if (f->act.action == ACT_ACCEPT && roll(w, 2))
            f->act.category_id = roll(w, 2) ? CAT_PLAIN : CAT_WAIVED;
        if (f->act.action == ACT_DISPATCH && roll(w, 3) == 0)
            f->act.organ_id = ORGAN_WATER;
        f->act.target = NULL; /* merges are with the services' tests: here each case is alone */
        if (f->act.action != ACT_MERGE && fx_send(f, who) == 0)
            return true;
    }
    return false;
}

static void walk_case(struct world *w, int c)
{
    struct fx *f = &w->f;
    fx_reset(f, fx_time(2020, 11, 1, 9, 0) + (usec_t)roll(w, 430 * 86400) * USEC_PER_SEC);
    bool settle = roll(w, 3) == 0;
    fx_prepare(f, settle ? ACT_SETTLE : ACT_SUBMIT);
    f->act.case_id = uuid_v7(f->env.now);
    f->act.category_id = settle ? CAT_SETTLE : (int16_t[]){CAT_SETTLE, CAT_PLAIN, CAT_WAIVED, CAT_RECORD}[roll(w, 4)];
    f->act.grid = roll(w, 2) ? GRID_1 : GRID_2;
    f->act.channel = roll(w, 4) ? CHANNEL_GRID : CHANNEL_HOTLINE;
    if (fx_send(f, WHO_WORKER))
        ck_abort_msg("intake refused: %s", f->why.text);
    struct case_row row = {
        .cohort_day = clock_local_day(f->env.now, UTC_OFFSET_S), .reporter_name = "王丽", .description = "楼道堆物"};
    struct event_write *events = arena_zalloc(w->arena, (STEPS + 1) * sizeof *events);
    ck_assert_ptr_nonnull(events);
    f->snap.number = INT64_C(230604210101000000) + c + 1;
    record(w, c, &row, NULL, WHO_WORKER, &events[0]);
    int from = 0;
    int n = 1;
    for (int i = 0; i < STEPS; i++) {
        row.snap = f->snap;
        if (from < n && roll(w, 3) == 0) {
            write_part(w, &row, from, events + from, n - from);
            h_until(&w->h, all_written, w, "writes"); /* the next one builds on it */
            from = n;
        }
        struct case_snap before = f->snap;
        f->env.now += (usec_t)(60 + roll(w, roll(w, 4) ? 20000 : 40 * 86400)) * USEC_PER_SEC;
        if (!try_step(w))
            continue;
        record(w, c, &row, &before, WHO_WORKER, &events[n++]);
    }
    row.snap = f->snap;
    if (from < n)
        write_part(w, &row, from, events + from, n - from);
}

/* Recount ------------------------------------------------------------------------------------------------------------- */

static bool matches(const struct report_query *q, const struct step *s)
{
    if (s->grid < q->span.lo || s->grid > q->span.hi)
        return false;
    if (q->organ_id && s->organ_id != q->organ_id)
        return false;
    if (q->channel && (int)q->channel != s->channel)
        return false;
    bool found = q->n_categories < 0;
    for (int i = 0; i < q->n_categories; i++)
        found = found || q->category_ids[i] == s->category_id;
    return found;
}

static int64_t key_of(const struct report_query *q, const struct step *s)
{
    switch (q->key) {
    case REPORT_KEY_NONE:
        return 0;
    case REPORT_KEY_REGION:
        return region_parent(s->grid, q->key_level);
    case REPORT_KEY_CATEGORY:
        return s->category_id;
    case REPORT_KEY_ORGAN:
        return s->organ_id;
    case REPORT_KEY_CHANNEL:
        return s->channel;
    case REPORT_KEY_DAY:
        return s->cohort_day;
    }
    return 0;
}

/* The cases and the time one kind of sum speaks of, in plain words of its own. */
struct scope {
    int32_t first; /* cohort days, both inside */
    int32_t last;
    usec_t acts_from; /* of acts */
    usec_t t;
    usec_t due_from;
    usec_t due_to;
};

static struct scope scope_of(const struct report_query *q, enum term_kind kind)
{
    const usec_t day = INT64_C(86400) * USEC_PER_SEC;
    usec_t begin = period_begin_us(q->window, UTC_OFFSET_S);
    usec_t end = period_end_us(q->window, UTC_OFFSET_S);
    usec_t midnight = (q->as_of + UTC_OFFSET_S * USEC_PER_SEC) / day * day - UTC_OFFSET_S * USEC_PER_SEC;
    struct scope s = {INT32_MIN, INT32_MAX, INT64_MIN, q->as_of, INT64_MIN, q->as_of};
    struct period other;
    switch (kind) {
    case TERM_STOCK_AT_A:
        s.t = begin < q->as_of ? begin : q->as_of;
        return s;
    case TERM_FLOW_IN_WINDOW:
        s.acts_from = begin;
        s.t = end < q->as_of ? end : q->as_of;
        return s;
    case TERM_STOCK_DUE_TODAY:
        s.due_from = q->as_of;
        s.due_to = midnight + day;
        return s;
    case TERM_STOCK_AT_T:
    case TERM_STOCK_DUE:
    case TERM_COUNT:
        return s;
    case TERM_YEAR_EARLIER:
    case TERM_PREVIOUS:
        other = kind == TERM_PREVIOUS ? period_previous(q->window) : period_year_earlier(q->window);
        s.first = other.first;
        s.last = other.last;
        s.t = report_store_shift(q, other);
        return s;
    case TERM_COHORT_AT_T:
    case TERM_DUE:
    case TERM_AGED_2:
    case TERM_AGED_7:
        break;
    }
    s.first = q->window.first;
    s.last = q->window.last;
    int32_t days = kind == TERM_AGED_2 ? 2 : kind == TERM_AGED_7 ? 7 : 0;
    int32_t youngest = (int32_t)((midnight + UTC_OFFSET_S * USEC_PER_SEC) / day) - days;
    if (days && s.last > youngest)
        s.last = youngest;
    return s;
}

/* The sum under a key: stocks and due times by where each case stood at t, acts by counting them. */
static int64_t recount(const struct world *w, const struct report_query *q, int64_t key, int what, enum term_kind kind)
{
    struct scope sc = scope_of(q, kind);
    int64_t sum = 0;
    for (int i = 0; i < w->n_steps; i++) {
        const struct step *s = &w->steps[i];
        if (s->arrived_at >= sc.t || s->cohort_day < sc.first || s->cohort_day > sc.last)
            continue;
        if (!matches(q, s) || key_of(q, s) != key)
            continue;
        bool last = i + 1 == w->n_steps || s[1].c != s->c || s[1].arrived_at >= sc.t;
        if (term_kind_is_due(kind))
            sum += last && s->dues[what] != USEC_NONE && s->dues[what] >= sc.due_from && s->dues[what] < sc.due_to;
        else if (measure_is_flow((enum measure)what))
            sum += s->arrived_at >= sc.acts_from && (s->flow >> what & 1);
        else
            sum += last && (s->stock >> what & 1);
    }
    return sum;
}

struct got {
    bool done;
    const struct report_row *rows;
    int n;
    int listed;
    struct err e;
};

static void on_report(void *arg, const struct report_row *rows, int n, const struct err *e)
{
    struct got *g = arg;
    *g = (struct got){.done = true, .rows = rows, .n = n, .e = *e};
}

static void on_list(void *arg, const struct figure_row *rows, int n, const struct err *e)
{
    struct got *g = arg;
    *g = (struct got){.done = true, .listed = n, .e = *e};
}

static bool is_done(void *arg)
{
    return ((struct got *)arg)->done;
}

static void check_rows(struct world *w, const struct report_query *q, const struct got *g, int nth)
{
    enum { MAX_KEYS = 1024 };
    int64_t *keys = arena_zalloc(w->arena, MAX_KEYS * sizeof *keys);
    ck_assert_ptr_nonnull(keys);
    int n_keys = 0;
    for (int i = 0; i < w->n_steps; i++) {
        int64_t key = key_of(q, &w->steps[i]);
        bool known = q->key == REPORT_KEY_ORGAN && key == 0;
        for (int k = 0; k < n_keys; k++)
            known = known || keys[k] == key;
        if (!known && n_keys < MAX_KEYS)
            keys[n_keys++] = key;
    }
    /* By day a few are enough: each is a recount of everything. */
    for (int k = 0; k<n_keys; k += n_keys> 40 ? n_keys / 10 : 1) {
        const struct report_row *row = NULL;
        for (int i = 0; i < g->n; i++) {
            if (g->rows[i].key == keys[k])
                row = &g->rows[i];
        }
        for (int kind = 0; kind < TERM_COUNT; kind++) {
            bool due = term_kind_is_due((enum term_kind)kind);
            /* The other windows have other days. */
            if (q->key == REPORT_KEY_DAY && (kind == TERM_YEAR_EARLIER || kind == TERM_PREVIOUS))
                continue;
            for (int m = 0; m < (due ? (int)DUE_COUNT : (int)MEASURE_COUNT); m++) {
                if (!due && measure_is_flow((enum measure)m) != (kind == TERM_FLOW_IN_WINDOW) &&
                    !(kind == TERM_COHORT_AT_T && measure_is_flow((enum measure)m)))
                    continue;
                int64_t want = recount(w, q, keys[k], m, (enum term_kind)kind);
                int64_t says = report_row_of(row, (enum term_kind)kind, m);
                ck_assert_msg(says == want,
                              "query %d, kind of sum %d, key %lld, %s: the report says %lld, a recount %lld (key kind %d, "
                              "level %d, days %d to %d, as of %lld, categories %d, organ %d, channel %d)",
                              nth, kind, (long long)keys[k], due ? "due" : measure_name((enum measure)m), (long long)says,
                              (long long)want, (int)q->key, (int)q->key_level, q->window.first, q->window.last,
                              (long long)q->as_of, q->n_categories, q->organ_id, (int)q->channel);
            }
        }
    }
}

static int64_t recount_sum(const struct world *w, const struct report_query *q, const struct metric_sum *s)
{
    int64_t sum = 0;
    for (int i = 0; i < s->n; i++)
        sum += s->terms[i].sign * recount(w, q, 0, s->terms[i].what, s->terms[i].kind);
    return sum;
}

/* The list behind one side of a metric is as long as a recount says. */
static void check_list(struct world *w, const struct report_query *q, const struct metric *m, const struct metric_sum *s)
{
    static const struct figure_after first;
    struct metric_part parts[METRIC_MAX_TERMS];
    int n = metric_parts(s, parts);
    int64_t listed = 0;
    struct err e;
    for (int i = 0; i < n; i++) {
        struct got g = {0};
        ck_assert_int_eq(report_store_list(w->h.db, q, &parts[i], &first, w->n_steps + 1, w->arena, USEC_NONE, on_list, &g, &e),
                         0);
        h_until(&w->h, is_done, &g, "a list");
        ck_assert_msg(g.e.code == 0, "%s (%s)", g.e.text, g.e.detail);
        listed += g.listed;
    }
    if (n >= 0)
        ck_assert_msg(listed == recount_sum(w, q, s), "metric %s: a list of %lld, a recount of %lld", m->code,
                      (long long)listed, (long long)recount_sum(w, q, s));
}

/* Of one metric, another one each time. */
static void check_lists(struct world *w, const struct report_query *q, int nth)
{
    const struct metric *m = metric_at((size_t)nth % metric_count());
    struct report_query total = *q;
    total.key = REPORT_KEY_NONE;
    for (int v = 0; v < m->n_variants; v++) {
        check_list(w, &total, m, &m->variants[v].num);
        check_list(w, &total, m, &m->variants[v].den);
    }
}

static void random_query(struct world *w, struct report_query *q, int16_t categories[2])
{
    static const int64_t regions[] = {
        0, INT64_C(230600000000000), INT64_C(230604000000000), INT64_C(230604001000000), INT64_C(230604001001000), GRID_1};
    int64_t region = regions[roll(w, 6)];
    *q = (struct report_query){
        .scope = db_scope_system, .n_categories = -1, .category_ids = categories, .now = fx_time(2022, 6, 15, 12, 34)};
    q->span = region ? region_span_of(region) : region_span_all();
    q->level = region ? region_level_of(region) : LEVEL_CITY;
    q->everywhere = region == 0 || region == INT64_C(230600000000000);
    if (roll(w, 2)) { /* whole months */
        int32_t month = 2020 * 12 + 10 + (int32_t)roll(w, 14);
        q->window.first = period_of_month(month).first;
        q->window.last = period_of_month(month + (int32_t)roll(w, 6)).last;
    } else {
        q->window.first = clock_days_from_civil(2020, 11, 1) + (int32_t)roll(w, 400);
        q->window.last = q->window.first + (int32_t)roll(w, 90);
    }
    usec_t end = period_end_us(q->window, UTC_OFFSET_S);
    switch (roll(w, 4)) {
    case 0:
        q->as_of = end;
        break;
    case 1:
        q->as_of = end - (usec_t)roll(w, 20 * 86400) * USEC_PER_SEC;
        break;
    case 2:
        q->as_of = end + (usec_t)roll(w, 90 * 86400) * USEC_PER_SEC;
        break;
    default:
        q->as_of = q->now;
        break;
    }
    if (q->as_of > q->now)
        q->as_of = q->now;
    q->key = (enum report_key)roll(w, 6);
    q->key_level = (enum region_level)(q->level + roll(w, (unsigned)(LEVEL_GRID - q->level) + 1));
    if (roll(w, 4) == 0) {
        categories[0] = CAT_SETTLE;
        categories[1] = CAT_WAIVED;
        q->n_categories = 1 + (int)roll(w, 2);
    }
    if (roll(w, 5) == 0)
        q->organ_id = ORGAN_URBAN;
    if (roll(w, 8) == 0)
        q->channel = roll(w, 2) ? CHANNEL_GRID : CHANNEL_HOTLINE;
}

START_TEST(random_histories)
{
    struct world *w = calloc(1, sizeof *w);
    ck_assert_ptr_nonnull(w);
    w->seed = (uint64_t)_i + 11;
    w->arena = arena_create(512u << 20);
    w->steps = calloc(CASES * (STEPS + 1), sizeof *w->steps);
    ck_assert(w->arena && w->steps);
    fx_init(&w->f);
    (void)snprintf(w->conninfo, sizeof w->conninfo, "%s", test_pg_conninfo());
    make_directory(w->conninfo, w->f.dir);
    h_init(&w->h, w->conninfo, sql_all);
    w->h.cfg.read_role = DB_READ_ROLE;
    w->h.cfg.write_role = DB_WRITE_ROLE;
    w->h.cfg.write_lanes = 2;
    w->h.cfg.queue_limit = 20000;
    h_open(&w->h);
    h_wait_ready(&w->h, true);
    for (int c = 0; c < CASES; c++) {
        walk_case(w, c);
        if (c % 50 == 49) {
            h_until(&w->h, all_written, w, "writes");
            (void)test_pg_int(w->conninfo, roll(w, 2) ? "select cell_roll(100000)" : "select cell_roll(37)");
        }
    }
    h_until(&w->h, all_written, w, "writes");
    ck_assert_int_eq(w->failed, 0);
    ck_assert_int_eq(test_pg_int(w->conninfo, "select count(*) from case_file"), CASES);
    ck_assert_int_eq(test_pg_int(w->conninfo, "select count(*) from case_event"), w->n_steps);
    /* Half of the seeds leave a long tail unfolded. */
    if (_i % 2)
        (void)test_pg_int(w->conninfo, "select cell_roll(1000000)");
    ck_assert_int_eq(test_pg_int(w->conninfo, "select count(*) from verify(10)"), 0);
    for (int i = 0; i < QUERIES; i++) {
        struct report_query q;
        int16_t categories[2];
        struct got g = {0};
        struct err e;
        random_query(w, &q, categories);
        struct metric_needs needs;
        for (int kind = 0; kind < TERM_COUNT; kind++)
            needs.of[kind] = (UINT64_C(1) << (term_kind_is_due((enum term_kind)kind) ? DUE_COUNT : MEASURE_COUNT)) - 1;
        ck_assert_int_eq(report_store_sum(w->h.db, &q, &needs, w->arena, USEC_NONE, on_report, &g, &e), 0);
        h_until(&w->h, is_done, &g, "a report");
        ck_assert_msg(g.e.code == 0, "%s (%s)", g.e.text, g.e.detail);
        check_rows(w, &q, &g, i);
        check_lists(w, &q, i);
    }
    h_close(&w->h);
    fx_fini(&w->f);
    arena_destroy(w->arena);
    free(w->steps);
    free(w);
}
END_TEST

/* The control: a figure tampered with must be found. */
START_TEST(verify_finds_tampering)
{
    static const struct {
        const char *what;
        const char *sql;
    } cases[] = {
        {"cell_month", "update cell_month set closed = closed + 1 where level = 1"},
        {"cell_day", "delete from cell_day where level = 4"},
        {"cell_more_month", "update cell_more_month set n = n + 1 where level = 2"},
        {"cell_more_organ_month", "delete from cell_more_organ_month"},
        {"due", "update case_file set figure_due_at = now()"},
        {"case_file", "update case_file set state = 1 where state = 10"},
        {"event", "alter table case_event disable trigger case_event_append_only;"
                  "update case_event set stock_after = stock_after # 8, stock_before = stock_before"},
    };
    struct world *w = calloc(1, sizeof *w);
    ck_assert_ptr_nonnull(w);
    w->seed = 5;
    w->arena = arena_create(64u << 20);
    w->steps = calloc(CASES * (STEPS + 1), sizeof *w->steps);
    ck_assert(w->arena && w->steps);
    fx_init(&w->f);
    (void)snprintf(w->conninfo, sizeof w->conninfo, "%s", test_pg_conninfo());
    make_directory(w->conninfo, w->f.dir);
    h_init(&w->h, w->conninfo, sql_all);
    w->h.cfg.read_role = DB_READ_ROLE;
    w->h.cfg.write_role = DB_WRITE_ROLE;
    h_open(&w->h);
    h_wait_ready(&w->h, true);
    for (int c = 0; c < 150; c++)
        walk_case(w, c);
    h_until(&w->h, all_written, w, "writes");
    (void)test_pg_int(w->conninfo, "select cell_roll(100000)");
    ck_assert_int_eq(test_pg_int(w->conninfo, "select count(*) from verify(10)"), 0);
    char sql[256];
    test_pg_exec(w->conninfo, cases[_i].sql);
    (void)snprintf(sql, sizeof sql, "select count(*) from verify(10) where kind = '%s'", cases[_i].what);
    ck_assert_int_gt(test_pg_int(w->conninfo, sql), 0);
    h_close(&w->h);
    fx_fini(&w->f);
    arena_destroy(w->arena);
    free(w->steps);
    free(w);
}
END_TEST

START_TEST(events_are_append_only)
{
    PGconn *c = test_pg_connect(test_pg_conninfo());
    static const char *const attempts[] = {"update case_event set text = 'x'", "delete from case_event", "truncate case_event"};
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
        PGresult *res = PQexec(c, attempts[i]);
        ck_assert_int_eq(PQresultStatus(res), PGRES_FATAL_ERROR);
        ck_assert_str_eq(PQresultErrorField(res, PG_DIAG_SQLSTATE), "WG900");
        PQclear(res);
    }
    PQfinish(c);
}
END_TEST

START_TEST(the_list_of_steps_is_the_state_table)
{
    struct state_triple t[STATE_TABLE_MAX_TRIPLES];
    size_t n = state_table_triples(t, STATE_TABLE_MAX_TRIPLES);
    const char *conninfo = test_pg_conninfo();
    char want[8192] = "{";
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(want);
        (void)snprintf(want + len, sizeof want - len, "%s%d", i ? "," : "",
                       (int)t[i].from * 10000 + (int)t[i].action * 100 + (int)t[i].to);
    }
    char sql[9000];
    (void)snprintf(
        sql, sizeof sql,
        "with listed as (select m[1]::integer as step from pg_constraint k, regexp_matches(pg_get_constraintdef(k.oid), "
        "'\\m(\\d{3,6})\\M', 'g') m where k.conname = 'case_event_transition_check' and m[1] not in ('100', '10000')), "
        "table_of as (select unnest('%s}'::integer[]) as step) "
        "select count(*) from listed l full join table_of t on t.step = l.step where l.step is null or t.step is null",
        want);
    ck_assert_int_eq(test_pg_int(conninfo, sql), 0);
}
END_TEST

int main(void)
{
    test_pg_start(TEST_PG_FAST);
    Suite *s = suite_create("figures");
    TCase *tc = tcase_create("figures");
    tcase_set_timeout(tc, 170);
    tcase_add_loop_test(tc, random_histories, 0, 4);
    tcase_add_loop_test(tc, verify_finds_tampering, 0, 7);
    tcase_add_test(tc, events_are_append_only);
    tcase_add_test(tc, the_list_of_steps_is_the_state_table);
    suite_add_tcase(s, tc);
    SRunner *sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
