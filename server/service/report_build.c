/* SPDX-License-Identifier: MIT */
/* The frame of a report: what it was asked, its sections one after the other, its end. */
#include "server/service/report_build.h"

#include <stdio.h>
#include <string.h>

#include "common/pb/check.h"
#include "server/service/case_view.h"
#include "server/service/report_impl.h"
#include "server/service/report_view.h"
#include "server/store/report_saved.h"

enum { ROWS_A_PART = 200, TARGET_MAX_BP = 10000 };

static const char WHY[] = "report build";

static void pump(struct report_build *b);

const struct report_section *report_section_of(const struct report_build *b)
{
    return &b->def->sections[b->section];
}

static void finish(struct report_build *b)
{
    struct rpc_call *call = b->call;
    b->over = true;
    if (b->page)
        arena_destroy(b->page);
    b->page = NULL;
    b->sink.done(b->sink.arg, &b->failed);
    rpc_call_unref(call, WHY);
}

void report_stop(struct report_build *b, const struct err *e)
{
    if (!b->failed.code)
        b->failed = *e;
    b->waiting = false;
    if (!b->pumping)
        pump(b);
}

void report_stop_nomem(struct report_build *b)
{
    struct err e;
    (void)err_set(&e, ERR_NOMEM, "The report is too large. Ask for fewer rows.");
    report_stop(b, &e);
}

/* Parts are digested in memory of their own, so that a long report does not grow. */
static int send_part(struct report_build *b, Wangge__V1__ReportPart *part)
{
    struct arena *scratch = arena_create(4u << 20);
    int rc = scratch ? report_digest_add(b->digest, scratch, part) : ERR_NOMEM;
    arena_destroy(scratch);
    if (rc)
        return err_set(&b->failed, ERR_NOMEM, "The report is too large. Ask for fewer rows.");
    return b->sink.part(b->sink.arg, part, &b->failed);
}

static Wangge__V1__ReportFilter *filter_of(struct report_build *b)
{
    Wangge__V1__ReportFilter *f = arena_alloc(b->arena, sizeof *f);
    char *region = arena_zalloc(b->arena, REGION_TEXT_SIZE);
    if (!f || !region)
        return NULL;
    wangge__v1__report_filter__init(f);
    if (b->req->filter)
        *f = *b->req->filter;
    if (b->r.region)
        region_format(b->r.region, region);
    f->region_code = region;
    const struct dir_organ *o = b->r.query.organ_id ? directory_organ_by_id(b->dir, b->r.query.organ_id) : NULL;
    if (o)
        f->organ_code = (char *)o->code;
    f->level = (Wangge__V1__RegionLevel)b->row_level;
    return f;
}

/* As asked, with what was left out filled in: the same request gives the same report. */
static Wangge__V1__PullReportRequest *request_of(struct report_build *b)
{
    Wangge__V1__PullReportRequest *q = arena_alloc(b->arena, sizeof *q);
    if (!q)
        return NULL;
    *q = *b->req;
    q->code = (char *)b->def->code;
    q->as_of = view_time(b->arena, b->r.query.as_of);
    q->filter = filter_of(b);
    q->target_bp = b->target_bp;
    return q->as_of && q->filter ? q : NULL;
}

static bool add_definition(struct report_build *b, Wangge__V1__ReportHead *head, const char *code)
{
    for (size_t i = 0; i < head->n_definitions; i++) {
        if (strcmp(head->definitions[i]->code, code) == 0)
            return true;
    }
    Wangge__V1__Metric *m = report_view_metric(b->arena, metric_find(code));
    if (!m)
        return false;
    head->definitions[head->n_definitions++] = m;
    return true;
}

static bool add_definitions(struct report_build *b, Wangge__V1__ReportHead *head)
{
    head->definitions = arena_alloc(b->arena, metric_count() * sizeof(Wangge__V1__Metric *));
    if (!head->definitions)
        return false;
    for (int s = 0; s < b->def->n_sections; s++) {
        const struct report_section *sec = &b->def->sections[s];
        if (sec->source == SOURCE_SENTENCES && !add_definition(b, head, "K01"))
            return false;
        for (int c = 0; c < sec->n_columns; c++) {
            if (sec->columns[c].metric && !add_definition(b, head, sec->columns[c].metric))
                return false;
        }
    }
    return true;
}

static int send_head(struct report_build *b)
{
    Wangge__V1__ReportPart part = WANGGE__V1__REPORT_PART__INIT;
    Wangge__V1__ReportHead head = WANGGE__V1__REPORT_HEAD__INIT;
    const struct dir_region *region = b->r.region ? directory_region(b->dir, b->r.region) : NULL;
    head.code = (char *)b->def->code;
    head.title = (char *)b->def->zh;
    head.title_en = (char *)b->def->en;
    head.request = request_of(b);
    head.region_name = (char *)(region ? region->name : "");
    head.pulled_at = view_time(b->arena, b->r.query.now);
    head.pulled_by = (char *)service_caller(b->call)->actor.name;
    if (!head.request || !head.pulled_at || !add_definitions(b, &head))
        return err_set(&b->failed, ERR_NOMEM, "The report is too large. Ask for fewer rows.");
    part.part_case = WANGGE__V1__REPORT_PART__PART_HEAD;
    part.head = &head;
    return send_part(b, &part);
}

static int send_end(struct report_build *b)
{
    char digest[65];
    Wangge__V1__ReportPart part = WANGGE__V1__REPORT_PART__INIT;
    Wangge__V1__ReportEnd end = WANGGE__V1__REPORT_END__INIT;
    report_digest_end(b->digest, digest);
    end.rows = b->rows_sent;
    end.digest = digest;
    part.part_case = WANGGE__V1__REPORT_PART__PART_END;
    part.end = &end;
    return b->sink.part(b->sink.arg, &part, &b->failed);
}

int report_begin_section(struct report_build *b, Wangge__V1__ReportColumn **columns, size_t n)
{
    const struct report_section *s = report_section_of(b);
    Wangge__V1__ReportPart part = WANGGE__V1__REPORT_PART__INIT;
    Wangge__V1__ReportSection section = WANGGE__V1__REPORT_SECTION__INIT;
    section.code = (char *)s->code;
    section.title = (char *)s->zh;
    section.title_en = (char *)s->en;
    section.kind = (Wangge__V1__SectionKind)s->kind;
    section.columns = columns;
    section.n_columns = n;
    section.breakdown = (Wangge__V1__Breakdown)(b->by ? b->by : s->by);
    section.level = s->by == BY_REGION ? (Wangge__V1__RegionLevel)b->row_level : 0;
    section.bar_column = s->bar_column;
    section.target_bp =
        s->bar_column >= 0 && columns[s->bar_column]->kind == WANGGE__V1__COLUMN_KIND__COLUMN_KIND_RATE ? b->target_bp : 0;
    part.part_case = WANGGE__V1__REPORT_PART__PART_SECTION;
    part.section = &section;
    return send_part(b, &part);
}

void report_rows(struct report_build *b, Wangge__V1__ReportRow **rows, size_t n, void (*more)(struct report_build *b))
{
    b->rows = rows;
    b->n_rows = n;
    b->next_row = 0;
    b->more = more;
    b->waiting = false;
    if (!b->pumping)
        pump(b);
}

static int send_rows(struct report_build *b)
{
    Wangge__V1__ReportPart part = WANGGE__V1__REPORT_PART__INIT;
    Wangge__V1__ReportRows rows = WANGGE__V1__REPORT_ROWS__INIT;
    size_t n = b->n_rows - b->next_row;
    if (n > ROWS_A_PART)
        n = ROWS_A_PART;
    rows.rows = b->rows + b->next_row;
    rows.n_rows = n;
    part.part_case = WANGGE__V1__REPORT_PART__PART_ROWS;
    part.rows = &rows;
    b->next_row += n;
    b->rows_sent += (int64_t)n;
    return send_part(b, &part);
}

static void start_section(struct report_build *b)
{
    static void (*const sources[])(struct report_build * b) = {
        [SOURCE_FIGURES] = report_figures,
        [SOURCE_OVERDUE] = report_cases_section,
        [SOURCE_DUE_TODAY] = report_cases_section,
        [SOURCE_URGED] = report_cases_section,
        [SOURCE_APPROVALS] = report_cases_section,
        [SOURCE_HEAT] = report_heat,
        [SOURCE_CURVE] = report_curve,
        [SOURCE_STAGES] = report_stages,
        [SOURCE_SENTENCES] = report_sentences,
    };
    b->waiting = true;
    b->by = 0;
    sources[report_section_of(b)->source](b);
}

/* One step of the report. False when there is nothing to do but to wait, or when it is over. */
static bool step(struct report_build *b)
{
    if (b->failed.code) {
        finish(b);
        return false;
    }
    if (b->next_row < b->n_rows) {
        if (send_rows(b))
            return true;
    } else if (b->more) {
        void (*more)(struct report_build * b) = b->more;
        b->more = NULL;
        b->waiting = true;
        more(b);
    } else if (b->section + 1 < b->def->n_sections) {
        b->section++;
        start_section(b);
    } else {
        if (!send_end(b)) {
            finish(b);
            return false;
        }
    }
    return true;
}

static void pump(struct report_build *b)
{
    b->pumping = true;
    while (!b->over && !b->waiting && (!b->paused || b->failed.code)) {
        if (!step(b))
            return; /* the build is gone */
    }
    b->pumping = false;
}

void report_build_pause(struct report_build *b)
{
    b->paused = true;
}

void report_build_resume(struct report_build *b)
{
    b->paused = false;
    if (!b->pumping && !b->waiting)
        pump(b);
}

static void set_windows(struct report_build *b)
{
    for (int w = 0; w < WINDOW_COUNT; w++) {
        const struct report_query *q = &b->r.query;
        struct period p = report_def_window((enum report_window)w, q->window, q->as_of, BUSINESS_UTC_OFFSET_S);
        bool other = w == WINDOW_PREVIOUS || w == WINDOW_YEAR;
        b->windows[w] = (struct report_window_of){p, other ? report_store_shift(q, p) : q->as_of};
    }
}

static void begin(struct report_build *b)
{
    set_windows(b);
    b->section = -1;
    b->waiting = false;
    b->pumping = true;
    (void)send_head(b); /* what failed is told by the pump */
    b->pumping = false;
    pump(b);
}

static void on_now(void *arg, usec_t as_of, const struct err *e)
{
    struct report_build *b = arg;
    if (e->code) {
        report_stop(b, e);
        return;
    }
    b->r.query.as_of = as_of;
    begin(b);
}

/* The as-of was given; if it is so young that a write under way may still change it, the latest that stands still. */
static void on_known(void *arg, usec_t as_of, const struct err *e)
{
    struct report_build *b = arg;
    if (e->code) {
        report_stop(b, e);
        return;
    }
    if (b->r.query.as_of > as_of)
        b->r.query.as_of = as_of;
    begin(b);
}

static int decode_level(struct report_build *b, struct err *e)
{
    int level = b->req->filter ? (int)b->req->filter->level : LEVEL_NONE;
    if (level < LEVEL_NONE || level > LEVEL_GRID)
        return err_field(e, ERR_INVALID, "filter.level", "There is no level %d.", level);
    if (level == LEVEL_NONE)
        level = b->r.region ? (int)b->r.query.level + 1 : LEVEL_COUNTY;
    if (level > LEVEL_GRID)
        level = LEVEL_GRID;
    if (level < (int)b->r.query.level)
        return err_field(e, ERR_INVALID, "filter.level", "The level lies above the report's region.");
    b->row_level = (enum region_level)level;
    return 0;
}

/* A field of the filter is named as the caller sent it. */
static void rename_field(struct err *e)
{
    static const char *const names[][2] = {{"query.from", "from"},
                                           {"query.to", "to"},
                                           {"query.as_of", "as_of"},
                                           {"query.region_code", "filter.region_code"},
                                           {"query.category_prefix", "filter.category_prefix"},
                                           {"query.organ_code", "filter.organ_code"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(e->field, names[i][0]) == 0)
            (void)snprintf(e->field, sizeof e->field, "%s", names[i][1]);
    }
}

static int no_such(const struct report_build *b, struct err *e)
{
    return err_field(e, ERR_NOT_FOUND, "code", "There is no report %.32s. List the reports to choose one.", b->req->code);
}

static int decode(struct report_build *b, struct err *e)
{
    const Wangge__V1__PullReportRequest *req = b->req;
    Wangge__V1__MetricQuery q = WANGGE__V1__METRIC_QUERY__INIT;
    if (req->target_bp < 0 || req->target_bp > TARGET_MAX_BP)
        return err_field(e, ERR_INVALID, "target_bp", "target_bp must be 0 to %d: hundredths of a percent.", TARGET_MAX_BP);
    if (req->max_rows < -1)
        return err_field(e, ERR_INVALID, "max_rows", "max_rows must be -1 (all), 0 (the report's own) or a number of rows.");
    b->target_bp = req->target_bp;
    q.from = req->from;
    q.to = req->to;
    q.as_of = req->as_of;
    if (req->filter) {
        q.region_code = req->filter->region_code;
        q.category_prefix = req->filter->category_prefix;
        q.organ_code = req->filter->organ_code;
    }
    int rc = report_request_decode(b->call, b->dir, b->arena, &q, &b->r, e);
    if (rc) {
        rename_field(e);
        return rc;
    }
    return decode_level(b, e);
}

/* Always asked, so that nothing is called back from inside. */
static int ask_now(struct report_build *b, struct err *e)
{
    return report_store_now(service_ctx_of(b->call)->db, b->r.query.now, b->arena, rpc_deadline(b->call),
                            b->r.as_of_now ? on_now : on_known, b, e);
}

/* What was saved stands where the request says nothing. */
static int lay_under(struct report_build *b, const struct saved_row *row, struct err *e)
{
    ProtobufCAllocator memory = pb_arena_allocator(b->arena);
    Wangge__V1__ReportDefinition *d = wangge__v1__report_definition__unpack(&memory, row->definition.len, row->definition.data);
    Wangge__V1__PullReportRequest *req = arena_alloc(b->arena, sizeof *req);
    if (!d || !req)
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    b->def = report_def_find(d->based_on);
    if (!b->def)
        return no_such(b, e);
    *req = *b->req;
    if (!req->filter)
        req->filter = d->filter;
    if (!req->target_bp)
        req->target_bp = d->target_bp;
    b->req = req;
    return 0;
}

static void on_saved(void *arg, const struct saved_row *rows, int n, const struct err *e)
{
    struct report_build *b = arg;
    struct err failed = *e;
    int rc = failed.code;
    if (!rc)
        rc = n > 0 ? lay_under(b, &rows[0], &failed) : no_such(b, &failed);
    if (!rc)
        rc = decode(b, &failed);
    if (!rc)
        rc = ask_now(b, &failed);
    if (rc)
        report_stop(b, &failed);
}

static int ask_saved(struct report_build *b, struct err *e)
{
    const struct actor *who = &service_caller(b->call)->actor;
    struct region_span span = who->region ? region_span_of(who->region) : region_span_all();
    return report_saved_list(service_ctx_of(b->call)->db, &who->account, span, b->req->code, b->arena, rpc_deadline(b->call),
                             on_saved, b, e);
}

static void unref_directory(void *dir)
{
    directory_unref(dir);
}

int report_build_start(struct rpc_call *call, const Wangge__V1__PullReportRequest *req, const struct report_build_sink *sink,
                       struct report_build **ret, struct err *e)
{
    struct arena *a = rpc_arena(call);
    struct directory *dir = directory_ref(service_ctx_of(call)->dir);
    if (arena_on_dispose(a, unref_directory, dir)) {
        directory_unref(dir);
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    }
    struct report_build *b = arena_zalloc(a, sizeof *b);
    struct report_digest *digest = report_digest_create(a);
    if (!b || !digest)
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    b->call = call;
    b->dir = dir;
    b->arena = a;
    b->req = req;
    b->sink = *sink;
    b->digest = digest;
    b->waiting = true;
    b->def = report_def_find(req->code);
    int rc = b->def ? decode(b, e) : 0;
    if (rc)
        return rc;
    *ret = b;
    rpc_call_ref(call, WHY);
    rc = b->def ? ask_now(b, e) : ask_saved(b, e);
    if (rc)
        rpc_call_unref(call, WHY);
    return rc;
}
