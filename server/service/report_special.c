/* SPDX-License-Identifier: MIT */
/* Sections that are no sums: hours, ages, stages, the bulletin's words, and lists of open cases. */
#include <stdio.h>
#include <string.h>

#include "common/base/figure.h"
#include "server/domain/number.h"
#include "server/service/report_impl.h"
#include "server/store/report_list.h"

enum { PAGE = 500, CASES_DEFAULT = 100, SENTENCE_MAX = 1024 };

static struct db *db_of(const struct report_build *b)
{
    return service_ctx_of(b->call)->db;
}

/* Hands over a section that is complete. */
static void give(struct report_build *b, Wangge__V1__ReportColumn **columns, size_t n_columns, Wangge__V1__ReportRow **rows,
                 size_t n_rows, void (*more)(struct report_build *b))
{
    for (size_t i = 0; i < n_columns; i++) {
        if (!columns[i]) {
            report_stop_nomem(b);
            return;
        }
    }
    for (size_t i = 0; i < n_rows; i++) {
        if (!rows[i]) {
            report_stop_nomem(b);
            return;
        }
    }
    if (report_begin_section(b, columns, n_columns))
        report_stop(b, &b->failed);
    else
        report_rows(b, rows, n_rows, more);
}

/* Hours -------------------------------------------------------------------------------------------------------------- */

static void on_heat(void *arg, const struct report_heat *heat, const struct err *e)
{
    static const char *const days[REPORT_WEEKDAYS][2] = {{"周一", "Mon"}, {"周二", "Tue"}, {"周三", "Wed"}, {"周四", "Thu"},
                                                         {"周五", "Fri"}, {"周六", "Sat"}, {"周日", "Sun"}};
    static const char *const keys[REPORT_WEEKDAYS] = {"1", "2", "3", "4", "5", "6", "7"};
    static const char *const hours[REPORT_HOURS] = {"00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11",
                                                    "12", "13", "14", "15", "16", "17", "18", "19", "20", "21", "22", "23"};
    struct report_build *b = arg;
    if (e->code) {
        report_stop(b, e);
        return;
    }
    Wangge__V1__ReportColumn **columns = arena_zalloc(b->arena, REPORT_HOURS * sizeof(Wangge__V1__ReportColumn *));
    Wangge__V1__ReportRow **rows = arena_zalloc(b->arena, REPORT_WEEKDAYS * sizeof(Wangge__V1__ReportRow *));
    if (!columns || !rows) {
        report_stop_nomem(b);
        return;
    }
    for (int h = 0; h < REPORT_HOURS; h++)
        columns[h] = report_column(b->arena, hours[h], hours[h], hours[h], VALUE_COUNT);
    for (int d = 0; d < REPORT_WEEKDAYS; d++) {
        Wangge__V1__ReportRow *row = report_row_make(b->arena, keys[d], days[d][0], REPORT_HOURS);
        for (int h = 0; row && h < REPORT_HOURS; h++) {
            if (!report_row_add(row, report_cell_count(b->arena, heat->n[d][h])))
                row = NULL;
        }
        if (row)
            row->name_en = (char *)days[d][1];
        rows[d] = row;
    }
    give(b, columns, REPORT_HOURS, rows, REPORT_WEEKDAYS, NULL);
}

void report_heat(struct report_build *b)
{
    if (report_list_heat(db_of(b), &b->r.query, b->arena, rpc_deadline(b->call), on_heat, b, &b->failed))
        report_stop(b, &b->failed);
}

/* Ages --------------------------------------------------------------------------------------------------------------- */

static void on_curve(void *arg, const struct report_curve *curve, const struct err *e)
{
    struct report_build *b = arg;
    if (e->code) {
        report_stop(b, e);
        return;
    }
    Wangge__V1__ReportColumn **columns = arena_zalloc(b->arena, 3 * sizeof(Wangge__V1__ReportColumn *));
    Wangge__V1__ReportRow **rows = arena_zalloc(b->arena, (REPORT_CURVE_DAYS + 1) * sizeof(Wangge__V1__ReportRow *));
    if (!columns || !rows) {
        report_stop_nomem(b);
        return;
    }
    columns[0] = report_column(b->arena, "valid", "满天数的有效案件", "Valid and old enough", VALUE_COUNT);
    columns[1] = report_column(b->arena, "closed", "其间办结", "Closed by then", VALUE_COUNT);
    columns[2] = report_column(b->arena, "share", "办结比例", "Share closed", VALUE_RATE);
    for (int i = 0; i < curve->n; i++) {
        char zh[32];
        char en[32];
        char key[12];
        (void)snprintf(key, sizeof key, "%d", i);
        (void)snprintf(zh, sizeof zh, "%d 天内", i);
        (void)snprintf(en, sizeof en, "within %d days", i);
        Wangge__V1__ReportRow *row = report_row_make(b->arena, arena_strdup(b->arena, key), arena_strdup(b->arena, zh), 3);
        if (row && (row->name_en = arena_strdup(b->arena, en)) &&
            report_row_add(row, report_cell_count(b->arena, curve->valid[i])) &&
            report_row_add(row, report_cell_count(b->arena, curve->closed[i])) &&
            report_row_add(row, report_cell_ratio(b->arena, curve->closed[i], curve->valid[i])))
            rows[i] = row;
    }
    give(b, columns, 3, rows, (size_t)curve->n, NULL);
}

void report_curve(struct report_build *b)
{
    if (report_list_curve(db_of(b), &b->r.query, b->arena, rpc_deadline(b->call), on_curve, b, &b->failed))
        report_stop(b, &b->failed);
}

/* Stages ------------------------------------------------------------------------------------------------------------- */

static void on_stages(void *arg, const struct report_stages *stages, const struct err *e)
{
    static const struct {
        const char *key;
        const char *zh;
        const char *en;
    } names[STAGE_COUNT] = {
        [STAGE_ACCEPT] = {"accept", "受理（上报至受理）", "Acceptance (from the report)"},
        [STAGE_DISPATCH] = {"dispatch", "派遣（受理至派遣）", "Dispatch (from the acceptance)"},
        [STAGE_HANDLE] = {"handle", "处置（派遣至反馈）", "Handling (from the dispatch to the feedback)"},
        [STAGE_CHECK] = {"check", "核查（下达至答复）", "Field check (from the order to the answer)"},
        [STAGE_CLOSE] = {"close", "结案（上报至结案，不含自办自结）", "Closing (from the report, not on the spot)"},
    };
    struct report_build *b = arg;
    if (e->code) {
        report_stop(b, e);
        return;
    }
    Wangge__V1__ReportColumn **columns = arena_zalloc(b->arena, 3 * sizeof(Wangge__V1__ReportColumn *));
    Wangge__V1__ReportRow **rows = arena_zalloc(b->arena, STAGE_COUNT * sizeof(Wangge__V1__ReportRow *));
    if (!columns || !rows) {
        report_stop_nomem(b);
        return;
    }
    columns[0] = report_column(b->arena, "n", "次数", "Times", VALUE_COUNT);
    columns[1] = report_column(b->arena, "median", "中位数", "Median", VALUE_DURATION);
    columns[2] = report_column(b->arena, "p90", "九成位数", "90th percentile", VALUE_DURATION);
    for (int s = STAGE_ACCEPT; s < STAGE_COUNT; s++) {
        bool some = stages->of[s].n > 0;
        Wangge__V1__ReportRow *row = report_row_make(b->arena, names[s].key, names[s].zh, 3);
        if (row && report_row_add(row, report_cell_count(b->arena, stages->of[s].n)) &&
            report_row_add(row, some ? report_cell_seconds(b->arena, stages->of[s].median_s) : report_cell_none(b->arena)) &&
            report_row_add(row, some ? report_cell_seconds(b->arena, stages->of[s].p90_s) : report_cell_none(b->arena))) {
            row->name_en = (char *)names[s].en;
            rows[s - 1] = row;
        }
    }
    give(b, columns, 3, rows, STAGE_COUNT - 1, NULL);
}

void report_stages(struct report_build *b)
{
    if (report_list_stages(db_of(b), &b->r.query, directory_calendars(b->dir), b->arena, rpc_deadline(b->call), on_stages, b,
                           &b->failed))
        report_stop(b, &b->failed);
}

/* Words -------------------------------------------------------------------------------------------------------------- */

struct words {
    struct report_build *b;
    int waiting;
    const struct report_row *rows[WINDOW_YEAR + 1];
    struct err failed;
};

struct words_sum {
    struct words *w;
    enum report_window window;
};

/* "上升1.20个百分点": what became of the rate since another window. */
static void change_words(char *zh, char *en, size_t size, const char *since_zh, const char *since_en,
                         const struct metric_variant *v, const struct report_row *now, const struct report_row *then)
{
    char points[FIGURE_TEXT_MAX];
    int64_t d0 = report_row_value(then, &v->den);
    zh[0] = en[0] = '\0';
    if (d0 == 0 || report_row_value(now, &v->den) == 0)
        return;
    figure_points(report_row_value(now, &v->num), report_row_value(now, &v->den), report_row_value(then, &v->num), d0, points);
    (void)snprintf(zh, size, "，%s %s 个百分点", since_zh, points);
    (void)snprintf(en, size, "; %s %s percentage points", since_en, points);
}

static void say(struct words *w)
{
    struct report_build *b = w->b;
    const struct report_row *now = w->rows[WINDOW_THIS];
    const struct metric_variant *k01 = metric_variant_find(metric_find("K01"), "");
    const struct metric_variant *k16 = metric_variant_find(metric_find("K16"), "SHARE");
    char zh[SENTENCE_MAX], en[SENTENCE_MAX], zh2[SENTENCE_MAX], en2[SENTENCE_MAX], before_zh[128], before_en[128], year_zh[128],
        year_en[128];
    char reported[FIGURE_TEXT_MAX], wan[FIGURE_TEXT_MAX], valid[FIGURE_TEXT_MAX], closed[FIGURE_TEXT_MAX],
        rate[FIGURE_TEXT_MAX], share[FIGURE_TEXT_MAX], self[FIGURE_TEXT_MAX], late[FIGURE_TEXT_MAX], d[FIGURE_TEXT_MAX];
    int64_t n_reported = report_row_of(now, TERM_COHORT_AT_T, MEASURE_REPORTED);
    int64_t n_late = report_row_of(now, TERM_COHORT_AT_T, MEASURE_LATE);
    figure_count(n_reported, reported);
    figure_wan(n_reported, wan);
    figure_count(report_row_value(now, &k01->den), valid);
    figure_count(report_row_value(now, &k01->num), closed);
    figure_percent(report_row_value(now, &k01->num), report_row_value(now, &k01->den), rate);
    figure_count(report_row_value(now, &k16->num), self);
    figure_percent(report_row_value(now, &k16->num), report_row_value(now, &k16->den), share);
    figure_count(n_late, late);
    change_words(before_zh, before_en, sizeof before_zh, "环比", "on the period before", k01, now, w->rows[WINDOW_PREVIOUS]);
    change_words(year_zh, year_en, sizeof year_zh, "同比", "on the year before", k01, now, w->rows[WINDOW_YEAR]);
    (void)snprintf(d, sizeof d, "%s", n_late == 0 ? "未发生" : late);
    /* From ten thousand on in units of ten thousand with two decimals, the exact number beside it. */
    (void)snprintf(zh, sizeof zh, "共上报%s件%s%s%s，有效%s件，办结%s件，办结率 %s（%s/%s）%s%s。",
                   n_reported >= 10000 ? wan : reported, n_reported >= 10000 ? "（" : "", n_reported >= 10000 ? reported : "",
                   n_reported >= 10000 ? "件）" : "", valid, closed, rate, closed, valid, before_zh, year_zh);
    (void)snprintf(en, sizeof en, "%s cases were reported; %s are valid and %s closed: a completion rate of %s (%s/%s)%s%s.",
                   reported, valid, closed, rate, closed, valid, before_en, year_en);
    (void)snprintf(zh2, sizeof zh2, "其中自办自结%s件，占办结的 %s；逾期办结%s%s。", self, share, d, n_late == 0 ? "" : "件");
    (void)snprintf(en2, sizeof en2, "Of the closed, %s were settled on the spot (%s); %s were closed late.", self, share, late);
    Wangge__V1__ReportColumn **columns = arena_zalloc(b->arena, sizeof(Wangge__V1__ReportColumn *));
    Wangge__V1__ReportRow **rows = arena_zalloc(b->arena, 2 * sizeof(Wangge__V1__ReportRow *));
    if (!columns || !rows) {
        report_stop_nomem(b);
        return;
    }
    columns[0] = report_column(b->arena, "text", "概述", "In words", VALUE_TEXT);
    rows[0] = report_row_make(b->arena, "1", "", 1);
    rows[1] = report_row_make(b->arena, "2", "", 1);
    if (!report_row_add(rows[0], report_cell_text(b->arena, zh, en)) ||
        !report_row_add(rows[1], report_cell_text(b->arena, zh2, en2)))
        report_stop_nomem(b);
    else
        give(b, columns, 1, rows, 2, NULL);
}

static void words_done(struct words *w)
{
    if (--w->waiting > 0)
        return;
    if (w->failed.code)
        report_stop(w->b, &w->failed);
    else
        say(w);
}

static void on_words(void *arg, const struct report_row *rows, int n, const struct err *e)
{
    struct words_sum *s = arg;
    if (e->code)
        s->w->failed = *e;
    else if (n > 0)
        s->w->rows[s->window] = &rows[0];
    words_done(s->w);
}

void report_sentences(struct report_build *b)
{
    struct words *w = arena_zalloc(b->arena, sizeof *w);
    struct words_sum *sums = arena_zalloc(b->arena, (WINDOW_YEAR + 1) * sizeof *sums);
    if (!w || !sums) {
        report_stop_nomem(b);
        return;
    }
    w->b = b;
    w->waiting = 1;
    for (int i = WINDOW_THIS; i <= WINDOW_YEAR; i++) {
        struct report_query q = b->r.query;
        struct metric_needs needs = {.of = {[TERM_COHORT_AT_T] = (UINT64_C(1) << MEASURE_CORE) - 1}};
        q.window = b->windows[i].window;
        q.as_of = b->windows[i].as_of;
        q.key = REPORT_KEY_NONE;
        sums[i] = (struct words_sum){w, (enum report_window)i};
        w->waiting++;
        if (report_store_sum(db_of(b), &q, &needs, b->arena, rpc_deadline(b->call), on_words, &sums[i], &w->failed))
            w->waiting--;
    }
    words_done(w);
}

/* Open cases --------------------------------------------------------------------------------------------------------- */

struct case_list {
    enum report_open_reason why;
    int64_t left; /* rows that may still be sent */
    bool begun;
    bool some; /* last is set */
    struct report_open_case last;
};

static enum report_open_reason reason_of(enum report_source s)
{
    return s == SOURCE_OVERDUE     ? OPEN_OVERDUE
           : s == SOURCE_DUE_TODAY ? OPEN_DUE_TODAY
           : s == SOURCE_URGED     ? OPEN_URGED
                                   : OPEN_APPROVAL;
}

static const char *card_zh(enum card c)
{
    return c == CARD_RED ? "红牌" : c == CARD_YELLOW ? "黄牌" : c == CARD_BLACK ? "黑牌" : "";
}

static const char *card_en(enum card c)
{
    return c == CARD_RED ? "red" : c == CARD_YELLOW ? "yellow" : c == CARD_BLACK ? "black" : "";
}

static Wangge__V1__ReportRow *case_row_of(struct report_build *b, const struct report_open_case *c)
{
    struct arena *a = b->page;
    char id[UUID_TEXT_LEN + 1];
    char number[NUMBER_TEXT_SIZE];
    const struct dir_category *category = directory_category_by_id(b->dir, c->category_id);
    const struct dir_organ *organ = c->organ_id ? directory_organ_by_id(b->dir, c->organ_id) : NULL;
    uuid_format(&c->id, id);
    number_format(c->number, number);
    int64_t over =
        c->due_at != USEC_NONE && b->r.query.now > c->due_at ? (b->r.query.now - c->due_at) / (86400 * USEC_PER_SEC) : 0;
    Wangge__V1__ReportRow *row = report_row_make(a, arena_strdup(a, id), arena_strdup(a, number), 7);
    bool fine =
        row && row->key && row->name && report_row_add(row, report_cell_text(a, category ? category->name : "", NULL)) &&
        report_row_add(row, report_cell_text(a, organ ? organ->name : "", NULL)) &&
        report_row_add(row, report_cell_text(a, c->address ? c->address : "", NULL)) &&
        report_row_add(row, report_cell_time(a, c->reported_at)) && report_row_add(row, report_cell_time(a, c->due_at)) &&
        report_row_add(row, c->due_at == USEC_NONE ? report_cell_none(a) : report_cell_count(a, over)) &&
        report_row_add(row, report_cell_text(a, card_zh(c->card), card_en(c->card)));
    return fine ? row : NULL;
}

static void next_page(struct report_build *b);

static void on_cases(void *arg, const struct report_open_case *cases, int n, const struct err *e)
{
    struct report_build *b = arg;
    struct case_list *l = b->section_state;
    if (e->code) {
        report_stop(b, e);
        return;
    }
    int shown = n < l->left ? n : (int)l->left;
    Wangge__V1__ReportRow **rows = arena_zalloc(b->page, ((size_t)shown + 1) * sizeof(Wangge__V1__ReportRow *));
    if (!rows) {
        report_stop_nomem(b);
        return;
    }
    for (int i = 0; i < shown; i++) {
        if (!(rows[i] = case_row_of(b, &cases[i]))) {
            report_stop_nomem(b);
            return;
        }
    }
    l->left -= shown;
    if (shown > 0) {
        l->last = cases[shown - 1];
        l->some = true;
    }
    report_rows(b, rows, (size_t)shown, n == PAGE && l->left > 0 ? next_page : NULL);
}

/* What was sent is let go before the next page is read: a list of any length takes the memory of one page. */
static void next_page(struct report_build *b)
{
    struct case_list *l = b->section_state;
    if (b->page)
        arena_destroy(b->page);
    b->page = arena_create(8u << 20);
    if (!b->page) {
        report_stop_nomem(b);
        return;
    }
    /* Cases by name: only those the caller may open. */
    struct report_query q = b->r.query;
    q.scope = *service_scope(b->call);
    if (report_list_open(db_of(b), &q, l->why, l->some ? &l->last : NULL, PAGE, b->page, rpc_deadline(b->call), on_cases, b,
                         &b->failed))
        report_stop(b, &b->failed);
}

void report_cases_section(struct report_build *b)
{
    const struct report_section *s = report_section_of(b);
    struct case_list *l = arena_zalloc(b->arena, sizeof *l);
    Wangge__V1__ReportColumn **columns = arena_zalloc(b->arena, 7 * sizeof(Wangge__V1__ReportColumn *));
    if (!l || !columns) {
        report_stop_nomem(b);
        return;
    }
    columns[0] = report_column(b->arena, "category", "类别", "Category", VALUE_TEXT);
    columns[1] = report_column(b->arena, "organ", "承办单位", "Organ", VALUE_TEXT);
    columns[2] = report_column(b->arena, "address", "地点", "Place", VALUE_TEXT);
    columns[3] = report_column(b->arena, "reported", "上报时间", "Reported", VALUE_TIME);
    columns[4] = report_column(b->arena, "due", "到期时间", "Due", VALUE_TIME);
    columns[5] = report_column(b->arena, "days_over", "超期天数", "Days over", VALUE_COUNT);
    columns[6] = report_column(b->arena, "card", "牌", "Card", VALUE_TEXT);
    l->why = reason_of(s->source);
    l->left = b->req->max_rows == -1 ? INT64_MAX
              : b->req->max_rows > 0 ? b->req->max_rows
              : s->max_rows > 0      ? s->max_rows
                                     : CASES_DEFAULT;
    b->section_state = l;
    for (int i = 0; i < 7; i++) {
        if (!columns[i]) {
            report_stop_nomem(b);
            return;
        }
    }
    if (report_begin_section(b, columns, 7))
        report_stop(b, &b->failed);
    else
        next_page(b);
}
