/* SPDX-License-Identifier: MIT */
/*
 * Sections of figures. Each window that some column speaks of is summed once, by the rows' key and in total; then every cell is
 * a sum of terms. The identities every cohort must keep are checked on the way: what does not add up is an error, never a
 * number.
 */
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "server/service/case_view.h"
#include "server/service/report_impl.h"
#include "server/service/report_view.h"

enum { MAX_LINES = 5000, MAX_UNITS = 122, DAYS_AS_DAYS = 62 };

struct figures;

/* One sum under way: a window, by key or in total, or one day or month of it. */
struct figures_sum {
    struct figures *f;
    enum report_window window;
    struct report_line *line; /* what it is for; NULL: rows by key */
};

struct figures_entry {
    struct report_line line;
    UT_hash_handle hh;
};

struct figures {
    struct report_build *b;
    const struct report_section *s;
    bool used[WINDOW_COUNT];
    struct metric_needs needs[WINDOW_COUNT];
    struct figures_entry *by_key;
    struct report_line total;
    struct report_line *units; /* of days or months, in order */
    int n_units;
    int waiting;
    struct err failed;
};

static bool is_time(const struct report_section *s)
{
    return s->by == BY_DAY || s->by == BY_MONTH;
}

static void needs_of_columns(struct figures *f)
{
    for (int i = 0; i < f->s->n_columns; i++) {
        const struct report_col *c = &f->s->columns[i];
        const struct metric_variant *v = metric_variant_find(metric_find(c->metric), c->variant);
        f->used[c->window] = true;
        metric_needs_add(&f->needs[c->window], v);
        if (c->value == VALUE_POINTS || c->value == VALUE_CHANGE) {
            f->used[WINDOW_THIS] = true;
            metric_needs_add(&f->needs[WINDOW_THIS], v);
        }
    }
    for (int w = 0; w < WINDOW_COUNT; w++) {
        if (f->used[w]) /* what the identities speak of */
            f->needs[w].of[TERM_COHORT_AT_T] |= (UINT64_C(1) << MEASURE_CORE) - 1;
    }
}

static bool adds_up(const struct report_row *r)
{
    const int64_t *m = r->of[TERM_COHORT_AT_T];
    if (!m)
        return true;
    int64_t undecided = m[MEASURE_REPORTED] - m[MEASURE_VALID] - m[MEASURE_REFUSED] - m[MEASURE_VOIDED] - m[MEASURE_MERGED];
    return undecided >= 0 && m[MEASURE_CLOSED] == m[MEASURE_ON_TIME] + m[MEASURE_LATE] + m[MEASURE_NO_DEADLINE];
}

/* Key and name of a row; false: it is not to be shown. */
static bool name_line(const struct figures *f, int64_t key, struct report_line *line)
{
    struct report_build *b = f->b;
    char buf[REGION_TEXT_SIZE > 16 ? REGION_TEXT_SIZE : 16];
    line->sort_key = key;
    if (f->s->by == BY_REGION) {
        const struct dir_region *d = directory_region(b->dir, key);
        region_format(key, buf);
        line->key = arena_strdup(b->arena, buf);
        line->name = d ? d->name : line->key;
    } else if (f->s->by == BY_CATEGORY) {
        const struct dir_category *d = directory_category_by_id(b->dir, (int16_t)key);
        if (!d || !d->counted)
            return false;
        line->key = d->code;
        line->name = d->name;
    } else if (f->s->by == BY_ORGAN) {
        const struct dir_organ *d = directory_organ_by_id(b->dir, (int32_t)key);
        if (!d)
            return false;
        line->key = d->code;
        line->name = d->name;
    } else {
        line->key = report_view_channel((enum channel)key);
        line->name = report_view_channel_name((enum channel)key, true);
        line->name_en = report_view_channel_name((enum channel)key, false);
    }
    return line->key != NULL;
}

static struct report_line *line_of(struct figures *f, int64_t key)
{
    struct figures_entry *it;
    HASH_FIND(hh, f->by_key, &key, sizeof key, it);
    if (it)
        return &it->line;
    it = arena_zalloc(f->b->arena, sizeof *it);
    if (!it) {
        (void)err_set(&f->failed, ERR_NOMEM, "The report is too large. Ask for fewer rows.");
        return NULL;
    }
    if (!name_line(f, key, &it->line))
        return NULL;
    HASH_ADD(hh, f->by_key, line.sort_key, sizeof key, it);
    return &it->line;
}

/* Regions without a single case stand in the report with zeros. */
static void add_all_regions(struct figures *f)
{
    size_t n;
    const struct dir_region *all = directory_subtree(f->b->dir, f->b->r.query.span, &n);
    for (size_t i = 0; i < n && !f->failed.code; i++) {
        if (all[i].level == f->b->row_level)
            (void)line_of(f, all[i].code);
    }
}

/* Ordered as the report says; ties and the rest by key. */
static int64_t rank_value(const struct report_line *l, const struct report_col *c, int64_t *ret_d)
{
    const struct metric_variant *v = metric_variant_find(metric_find(c->metric), c->variant);
    *ret_d = c->value == VALUE_RATE ? report_row_value(l->of[c->window], &v->den) : 1;
    return report_row_value(l->of[c->window], &v->num);
}

struct order {
    const struct report_line *line;
    const struct report_section *s;
};

static int compare_lines(const void *x, const void *y)
{
    const struct order *a = x;
    const struct order *b = y;
    if (a->s->sort >= 0) {
        int64_t da;
        int64_t db;
        int64_t na = rank_value(a->line, &a->s->columns[a->s->sort], &da);
        int64_t nb = rank_value(b->line, &a->s->columns[a->s->sort], &db);
        if ((da == 0) != (db == 0))
            return da == 0 ? 1 : -1; /* what has no rate stands last */
        int64_t left = na * db;      /* counts of cases: no product of two comes near the limit */
        int64_t right = nb * da;
        if (left != right)
            return left > right ? -1 : 1;
    }
    return strcmp(a->line->key, b->line->key);
}

static char *day_text(struct arena *a, int32_t day)
{
    char *text = arena_alloc(a, 11);
    if (text)
        clock_format_date(day, text);
    return text;
}

static Wangge__V1__MetricQuery *drill_query(struct report_build *b, const struct report_col *c)
{
    Wangge__V1__MetricQuery *q = arena_alloc(b->arena, sizeof *q);
    char *region = arena_zalloc(b->arena, REGION_TEXT_SIZE);
    const struct report_window_of *w = &b->windows[c->window];
    const struct dir_organ *o = b->r.query.organ_id ? directory_organ_by_id(b->dir, b->r.query.organ_id) : NULL;
    if (!q || !region)
        return NULL;
    wangge__v1__metric_query__init(q);
    q->metric = (char *)c->metric;
    q->variant = (char *)metric_variant_find(metric_find(c->metric), c->variant)->code;
    q->from = day_text(b->arena, w->window.first);
    q->to = day_text(b->arena, w->window.last);
    q->as_of = view_time(b->arena, w->as_of);
    if (b->r.region)
        region_format(b->r.region, region);
    q->region_code = region;
    if (b->req->filter)
        q->category_prefix = b->req->filter->category_prefix;
    if (o)
        q->organ_code = (char *)o->code;
    return q->from && q->to && q->as_of ? q : NULL;
}

static Wangge__V1__ReportColumn *column_of(struct report_build *b, const struct report_col *c)
{
    Wangge__V1__ReportColumn *col = report_column(b->arena, c->code, c->zh, c->en, c->value);
    if (!col)
        return NULL;
    col->group = (char *)(c->group_zh ? c->group_zh : "");
    col->group_en = (char *)(c->group_en ? c->group_en : "");
    if (c->value != VALUE_COUNT && c->value != VALUE_RATE)
        return col; /* a difference has no list */
    col->query = drill_query(b, c);
    if (c->value == VALUE_COUNT || c->of_total)
        col->part = WANGGE__V1__FIGURE_PART__FIGURE_PART_NUMERATOR;
    return col->query ? col : NULL;
}

static Wangge__V1__ReportRow *row_of(struct figures *f, const struct report_line *line, bool total)
{
    struct arena *a = f->b->arena;
    Wangge__V1__ReportRow *row = report_row_make(a, line->key, line->name, (size_t)f->s->n_columns);
    for (int i = 0; row && i < f->s->n_columns; i++) {
        if (!report_row_add(row, report_figure_cell(a, &f->s->columns[i], line, &f->total)))
            return NULL;
    }
    if (row && line->name_en)
        row->name_en = (char *)line->name_en;
    if (row && total) {
        row->total = true;
        row->name_en = (char *)"Total";
    }
    return row;
}

/* Of a ranking: as many as the section shows, best first. */
static size_t rank(struct figures *f, struct order *lines)
{
    size_t n = 0;
    for (struct figures_entry *it = f->by_key; it; it = it->hh.next)
        lines[n++] = (struct order){&it->line, f->s};
    if (n > 0)
        qsort(lines, n, sizeof *lines, compare_lines);
    return f->s->max_rows > 0 && n > (size_t)f->s->max_rows ? (size_t)f->s->max_rows : n;
}

static void build(struct figures *f)
{
    struct report_build *b = f->b;
    size_t most = HASH_COUNT(f->by_key) + (size_t)f->n_units + 1;
    struct order *lines = arena_alloc(b->arena, most * sizeof *lines);
    Wangge__V1__ReportRow **rows = arena_alloc(b->arena, most * sizeof(Wangge__V1__ReportRow *));
    Wangge__V1__ReportColumn **columns = arena_alloc(b->arena, REPORT_MAX_COLUMNS * sizeof(Wangge__V1__ReportColumn *));
    bool fine = lines && rows && columns;
    size_t n = 0;
    for (int i = 0; fine && i < f->s->n_columns; i++)
        fine = (columns[i] = column_of(b, &f->s->columns[i])) != NULL;
    size_t ranked = fine ? rank(f, lines) : 0;
    for (size_t i = 0; fine && i < ranked; i++)
        fine = (rows[n++] = row_of(f, lines[i].line, false)) != NULL;
    for (int i = 0; fine && i < f->n_units; i++)
        fine = (rows[n++] = row_of(f, &f->units[i], false)) != NULL;
    if (fine && (f->s->total || f->s->by == BY_NONE))
        fine = (rows[n++] = row_of(f, &f->total, f->s->by != BY_NONE)) != NULL;
    HASH_CLEAR(hh, f->by_key);
    if (!fine)
        report_stop_nomem(b);
    else if (report_begin_section(b, columns, (size_t)f->s->n_columns))
        report_stop(b, &b->failed);
    else
        report_rows(b, rows, n, NULL);
}

static void finish(struct figures *f)
{
    if (--f->waiting > 0)
        return;
    if (!f->failed.code && HASH_COUNT(f->by_key) > MAX_LINES)
        (void)err_field(&f->failed, ERR_INVALID, "filter.level",
                        "More than %d rows. Ask for a smaller region or a higher level.", MAX_LINES);
    if (f->failed.code) {
        HASH_CLEAR(hh, f->by_key);
        report_stop(f->b, &f->failed);
        return;
    }
    build(f);
}

static void on_sum(void *arg, const struct report_row *rows, int n, const struct err *e)
{
    struct figures_sum *s = arg;
    struct figures *f = s->f;
    if (e->code)
        f->failed = *e;
    for (int i = 0; i < n && !f->failed.code; i++) {
        if (!adds_up(&rows[i]))
            (void)err_set(
                &f->failed, ERR_INTERNAL,
                "The figures of the report do not add up, so it is not shown. Tell the operator to run wangged verify.");
        struct report_line *line = s->line ? s->line : line_of(f, rows[i].key);
        if (line)
            line->of[s->window] = &rows[i];
    }
    finish(f);
}

static void run(struct figures *f, enum report_window w, struct period window, enum report_key key, struct report_line *line)
{
    struct report_build *b = f->b;
    struct figures_sum *s = arena_alloc(b->arena, sizeof *s);
    struct report_query q = b->r.query;
    if (!s) {
        (void)err_set(&f->failed, ERR_NOMEM, "The report is too large. Ask for fewer rows.");
        return;
    }
    *s = (struct figures_sum){f, w, line};
    q.window = window;
    q.as_of = b->windows[w].as_of;
    q.key = key;
    q.key_level = b->row_level;
    f->waiting++;
    if (report_store_sum(service_ctx_of(b->call)->db, &q, &f->needs[w], b->arena, rpc_deadline(b->call), on_sum, s, &f->failed))
        f->waiting--;
}

/* A window of its own for every day, or beyond two months for every month. */
static void run_units(struct figures *f)
{
    struct report_build *b = f->b;
    struct period w = b->windows[WINDOW_THIS].window;
    bool days = w.last - w.first < DAYS_AS_DAYS;
    b->by = days ? BY_DAY : BY_MONTH;
    f->units = arena_zalloc(b->arena, MAX_UNITS * sizeof *f->units);
    for (int32_t day = w.first; f->units && day <= w.last && f->n_units < MAX_UNITS && !f->failed.code;) {
        struct period one = days ? (struct period){day, day} : period_of_month(period_month_of_day(day));
        struct report_line *line = &f->units[f->n_units++];
        char *key = day_text(b->arena, one.first);
        if (!key)
            break;
        if (!days)
            key[7] = '\0';
        line->key = line->name = key;
        one.first = one.first < w.first ? w.first : one.first;
        one.last = one.last > w.last ? w.last : one.last;
        run(f, WINDOW_THIS, one, REPORT_KEY_NONE, line);
        day = one.last + 1;
    }
}

static enum report_key key_of(enum report_by by)
{
    return by == BY_REGION     ? REPORT_KEY_REGION
           : by == BY_CATEGORY ? REPORT_KEY_CATEGORY
           : by == BY_ORGAN    ? REPORT_KEY_ORGAN
                               : REPORT_KEY_CHANNEL;
}

void report_figures(struct report_build *b)
{
    struct figures *f = arena_zalloc(b->arena, sizeof *f);
    if (!f) {
        report_stop_nomem(b);
        return;
    }
    f->b = b;
    f->s = report_section_of(b);
    f->total.key = "";
    f->total.name = "合计";
    f->total.name_en = "Total";
    f->waiting = 1; /* this function */
    needs_of_columns(f);
    for (int w = 0; w < WINDOW_COUNT; w++) {
        if (!f->used[w])
            continue;
        run(f, (enum report_window)w, b->windows[w].window, REPORT_KEY_NONE, &f->total);
        if (f->s->by != BY_NONE && !is_time(f->s))
            run(f, (enum report_window)w, b->windows[w].window, key_of(f->s->by), NULL);
    }
    if (is_time(f->s))
        run_units(f);
    if (f->s->by == BY_REGION)
        add_all_regions(f);
    finish(f);
}
