/* SPDX-License-Identifier: MIT */
/*
 * RestateReport: the same report as of now beside the frozen one. Both are taken apart into cells by section, row and column;
 * what differs is sent, then the steps that arrived since.
 */
#include <string.h>
#include <uthash.h>

#include "server/domain/number.h"
#include "server/service/case_methods.h"
#include "server/service/report_frozen_view.h"
#include "server/service/report_request.h"

enum { CHANGES_DEFAULT = 500, CHANGES_MAX = 5000, MAX_STORED_PARTS = 1024 };

static const char WHY[] = "restate";

/* A cell of either report, found by "section\x1frow\x1fcolumn". */
struct cell {
    const char *path;
    const char *section;
    const char *key;
    const char *name;
    const char *column;
    const Wangge__V1__ReportCell *then;
    const Wangge__V1__ReportCell *now;
    UT_hash_handle hh;
};

struct restate {
    struct rpc_call *call; /* held */
    struct arena *arena;
    const Wangge__V1__RestateReportRequest *req;
    const struct frozen_row *row;
    Wangge__V1__PullReportRequest *again; /* as of now */
    struct report_build *build;
    const Wangge__V1__ReportSection *section; /* being read */
    struct cell *cells;
    usec_t as_of;
    struct report_request r;
    int max_changes;
};

static void fail(struct restate *s, const struct err *e)
{
    HASH_CLEAR(hh, s->cells);
    service_fail_unref(s->call, e, WHY);
}

static void fail_nomem(struct restate *s)
{
    struct err e;
    (void)err_set(&e, ERR_NOMEM, "The report is too large to compare. Restate a smaller one.");
    fail(s, &e);
}

static bool add_cell(struct restate *s, const Wangge__V1__ReportRow *row, const Wangge__V1__ReportColumn *column,
                     const Wangge__V1__ReportCell *cell, bool now)
{
    const char *parts[] = {s->section->code, row->key, column->code};
    size_t len = strlen(parts[0]) + strlen(parts[1]) + strlen(parts[2]) + 3;
    char *path = arena_alloc(s->arena, len);
    struct cell *c;
    if (!path)
        return false;
    (void)snprintf(path, len, "%s\x1f%s\x1f%s", parts[0], parts[1], parts[2]);
    HASH_FIND_STR(s->cells, path, c);
    if (!c) {
        c = arena_zalloc(s->arena, sizeof *c);
        if (!c)
            return false;
        *c = (struct cell){
            .path = path, .section = s->section->code, .key = row->key, .name = row->name, .column = column->code};
        HASH_ADD_KEYPTR(hh, s->cells, c->path, len - 1, c);
    }
    if (now)
        c->now = cell;
    else
        c->then = cell;
    return true;
}

static bool add_part(struct restate *s, const Wangge__V1__ReportPart *part, bool now)
{
    if (part->part_case == WANGGE__V1__REPORT_PART__PART_SECTION)
        s->section = part->section;
    if (part->part_case != WANGGE__V1__REPORT_PART__PART_ROWS || !s->section)
        return true;
    for (size_t i = 0; i < part->rows->n_rows; i++) {
        const Wangge__V1__ReportRow *row = part->rows->rows[i];
        for (size_t k = 0; k < row->n_cells && k < s->section->n_columns; k++) {
            if (!add_cell(s, row, s->section->columns[k], row->cells[k], now))
                return false;
        }
    }
    return true;
}

/* A part that lives as long as the call. */
static Wangge__V1__ReportPart *read_part(struct restate *s, const uint8_t *data, size_t len)
{
    ProtobufCAllocator memory = pb_arena_allocator(s->arena);
    return wangge__v1__report_part__unpack(&memory, len, data);
}

static bool same_cell(const Wangge__V1__ReportCell *a, const Wangge__V1__ReportCell *b)
{
    if (!a || !b || a->value_case != b->value_case)
        return a == b;
    switch (a->value_case) {
    case WANGGE__V1__REPORT_CELL__VALUE_TEXT:
        return strcmp(a->text, b->text) == 0;
    case WANGGE__V1__REPORT_CELL__VALUE_COUNT:
        return a->count == b->count;
    case WANGGE__V1__REPORT_CELL__VALUE_RATIO:
        return a->ratio->n == b->ratio->n && a->ratio->d == b->ratio->d;
    case WANGGE__V1__REPORT_CELL__VALUE_POINTS:
        return a->points == b->points;
    case WANGGE__V1__REPORT_CELL__VALUE_SECONDS:
        return a->seconds == b->seconds;
    case WANGGE__V1__REPORT_CELL__VALUE_TIME:
        return a->time->seconds == b->time->seconds && a->time->nanos == b->time->nanos;
    case WANGGE__V1__REPORT_CELL__VALUE_NONE:
    case WANGGE__V1__REPORT_CELL__VALUE__NOT_SET:
    case _WANGGE__V1__REPORT_CELL__VALUE__CASE_IS_INT_SIZE:
        break;
    }
    return true;
}

static void send_part(struct restate *s, Wangge__V1__RestatementPart *part)
{
    Wangge__V1__RestateReportResponse response = WANGGE__V1__RESTATE_REPORT_RESPONSE__INIT;
    response.part = part;
    (void)rpc_send(s->call, &response.base); /* bounded: the cells of one report and max_changes steps */
}

static void send_head(struct restate *s, const struct frozen_steps *steps)
{
    Wangge__V1__RestatementPart part = WANGGE__V1__RESTATEMENT_PART__INIT;
    Wangge__V1__RestatementHead head = WANGGE__V1__RESTATEMENT_HEAD__INIT;
    for (struct cell *c = s->cells; c; c = c->hh.next) {
        head.cells_compared++;
        head.cells_changed += !same_cell(c->then, c->now);
    }
    head.frozen = report_frozen_view(s->arena, s->row);
    head.as_of = view_time(s->arena, s->as_of);
    head.cases_changed = steps->cases;
    head.steps = steps->total;
    head.reopened = steps->reopened;
    part.part_case = WANGGE__V1__RESTATEMENT_PART__PART_HEAD;
    part.head = &head;
    send_part(s, &part);
}

static int64_t send_cells(struct restate *s)
{
    int64_t n = 0;
    for (struct cell *c = s->cells; c; c = c->hh.next) {
        Wangge__V1__RestatementPart part = WANGGE__V1__RESTATEMENT_PART__INIT;
        Wangge__V1__RestatedCell cell = WANGGE__V1__RESTATED_CELL__INIT;
        if (same_cell(c->then, c->now))
            continue;
        cell.section = (char *)c->section;
        cell.key = (char *)c->key;
        cell.name = (char *)c->name;
        cell.column = (char *)c->column;
        cell.then = (Wangge__V1__ReportCell *)c->then;
        cell.now = (Wangge__V1__ReportCell *)c->now;
        part.part_case = WANGGE__V1__RESTATEMENT_PART__PART_CELL;
        part.cell = &cell;
        send_part(s, &part);
        n++;
    }
    return n;
}

static void send_step(struct restate *s, const struct frozen_step *f)
{
    Wangge__V1__RestatementPart part = WANGGE__V1__RESTATEMENT_PART__INIT;
    Wangge__V1__RestatedStep step = WANGGE__V1__RESTATED_STEP__INIT;
    char id[UUID_TEXT_LEN + 1];
    char number[NUMBER_TEXT_SIZE];
    uuid_format(&f->case_id, id);
    number_format(f->number, number);
    step.case_id = id;
    step.number = number;
    step.action = (Wangge__V1__Action)f->action;
    step.happened_at = view_time(s->arena, f->happened_at);
    step.arrived_at = view_time(s->arena, f->arrived_at);
    step.from_state = (Wangge__V1__CaseState)f->from_state;
    step.to_state = (Wangge__V1__CaseState)f->to_state;
    part.part_case = WANGGE__V1__RESTATEMENT_PART__PART_STEP;
    part.step = &step;
    send_part(s, &part);
}

static void on_steps(void *arg, const struct frozen_steps *steps, const struct err *e)
{
    struct restate *s = arg;
    Wangge__V1__RestatementPart part = WANGGE__V1__RESTATEMENT_PART__INIT;
    Wangge__V1__ReportEnd end = WANGGE__V1__REPORT_END__INIT;
    if (e->code) {
        fail(s, e);
        return;
    }
    send_head(s, steps);
    end.rows = send_cells(s) + steps->n;
    for (int i = 0; i < steps->n; i++)
        send_step(s, &steps->steps[i]);
    end.digest = (char *)s->row->digest;
    part.part_case = WANGGE__V1__RESTATEMENT_PART__PART_END;
    part.end = &end;
    send_part(s, &part);
    HASH_CLEAR(hh, s->cells);
    rpc_finish(s->call);
    rpc_call_unref(s->call, WHY);
}

static int decode_filter(struct restate *s, struct err *e)
{
    Wangge__V1__MetricQuery q = WANGGE__V1__METRIC_QUERY__INIT;
    const Wangge__V1__ReportFilter *f = s->again->filter;
    struct directory *dir = service_ctx_of(s->call)->dir;
    q.from = s->again->from;
    q.to = s->again->to;
    if (f) {
        q.region_code = f->region_code;
        q.category_prefix = f->category_prefix;
        q.organ_code = f->organ_code;
    }
    int rc = report_request_decode(s->call, dir, s->arena, &q, &s->r, e);
    s->r.query.as_of = s->as_of;
    return rc;
}

static void on_built(void *arg, const struct err *e)
{
    struct restate *s = arg;
    struct err failed;
    int rc = e->code;
    if (rc)
        failed = *e;
    else
        rc = decode_filter(s, &failed);
    if (!rc)
        rc = report_frozen_steps(service_ctx_of(s->call)->db, &s->r.query, s->row->as_of, s->max_changes, s->arena,
                                 rpc_deadline(s->call), on_steps, s, &failed);
    if (rc)
        fail(s, &failed);
}

static int on_part(void *arg, const Wangge__V1__ReportPart *part, struct err *e)
{
    struct restate *s = arg;
    size_t len = wangge__v1__report_part__get_packed_size(part);
    uint8_t *bytes = arena_alloc(s->arena, len + 1);
    if (bytes)
        (void)wangge__v1__report_part__pack(part, bytes);
    const Wangge__V1__ReportPart *copy = bytes ? read_part(s, bytes, len) : NULL;
    if (!copy || !add_part(s, copy, true))
        return err_set(e, ERR_NOMEM, "The report is too large to compare. Restate a smaller one.");
    if (copy->part_case == WANGGE__V1__REPORT_PART__PART_HEAD && !view_parse_time(copy->head->request->as_of, &s->as_of))
        return err_set(e, ERR_INTERNAL, "The report's as-of cannot be read.");
    return 0;
}

static void on_stored(void *arg, const struct frozen_bytes *parts, int n, const struct err *e)
{
    struct restate *s = arg;
    struct err failed = *e;
    struct report_build_sink sink = {.part = on_part, .done = on_built, .arg = s};
    for (int i = 0; !failed.code && i < n; i++) {
        const Wangge__V1__ReportPart *part = read_part(s, parts[i].data, parts[i].len);
        if (!part || !add_part(s, part, false)) {
            fail_nomem(s);
            return;
        }
    }
    s->section = NULL;
    int rc = failed.code;
    if (!rc) {
        struct service_ctx *ctx = service_ctx_of(s->call);
        s->again->as_of = view_time(s->arena, ctx->clock->now(ctx->clock));
        rc = report_build_start(s->call, s->again, &sink, &s->build, &failed);
    }
    if (rc)
        fail(s, &failed);
}

static void on_found(void *arg, const struct frozen_row *rows, int n, const struct err *e)
{
    struct restate *s = arg;
    struct err failed;
    int rc = e->code;
    if (rc)
        failed = *e;
    else if (n == 0)
        rc = err_field(&failed, ERR_NOT_FOUND, "id", "There is no such frozen report, or it is not yours to see.");
    if (!rc) {
        s->row = &rows[0];
        s->again = report_frozen_request(s->arena, s->row);
        if (!s->again)
            rc = err_set(&failed, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    }
    if (!rc)
        rc = report_frozen_parts(service_ctx_of(s->call)->db, service_scope(s->call), &s->row->id, 0, MAX_STORED_PARTS,
                                 s->arena, rpc_deadline(s->call), on_stored, s, &failed);
    if (rc)
        fail(s, &failed);
}

void report_restate(struct rpc_call *call, const ProtobufCMessage *msg)
{
    static const struct uuid none;
    struct err e;
    struct uuid id;
    if (service_require(call, PERM_REPORT))
        return;
    struct restate *s = service_alloc(call, sizeof *s);
    if (!s)
        return;
    s->call = rpc_call_ref(call, WHY);
    s->arena = rpc_arena(call);
    s->req = (const Wangge__V1__RestateReportRequest *)msg;
    s->max_changes = s->req->max_changes ? s->req->max_changes : CHANGES_DEFAULT;
    int rc = 0;
    if (s->max_changes < 1 || s->max_changes > CHANGES_MAX)
        rc = err_field(&e, ERR_INVALID, "max_changes", "max_changes must be 1 to %d.", CHANGES_MAX);
    if (!rc && !uuid_parse(s->req->id, &id))
        rc = err_field(&e, ERR_INVALID, "id", "id must be the id of a frozen report.");
    if (!rc)
        rc = report_frozen_get(service_ctx_of(call)->db, service_scope(call), &id, &none, s->arena, rpc_deadline(call),
                               on_found, s, &e);
    if (rc)
        fail(s, &e);
}
