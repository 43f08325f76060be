/* SPDX-License-Identifier: MIT */
/*
 * FreezeReport: builds the report, keeps its parts as they are, and answers. A repeated request answers what was kept; the same
 * key with another body is refused.
 */
#include <string.h>

#include "server/service/audit.h"
#include "server/service/case_methods.h"
#include "server/service/case_request.h"
#include "server/service/report_frozen_view.h"

enum { MAX_ROWS = 20000, MAX_PARTS = 1024, NOTE_CHARS = 200 };

static const char WHY[] = "freeze";

struct freeze {
    struct rpc_call *call; /* held */
    struct arena *arena;
    const Wangge__V1__FreezeReportRequest *req;
    struct frozen_row row;
    struct frozen_bytes parts[MAX_PARTS];
    int n;
    struct report_build *build;
};

static void fail(struct freeze *f, const struct err *e)
{
    service_fail_unref(f->call, e, WHY);
}

static void reply(struct freeze *f, const struct frozen_row *row, bool replayed)
{
    Wangge__V1__FreezeReportResponse response = WANGGE__V1__FREEZE_REPORT_RESPONSE__INIT;
    struct err e;
    response.frozen = report_frozen_view(f->arena, row);
    response.replayed = replayed;
    if (!response.frozen) {
        (void)err_set(&e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
        fail(f, &e);
        return;
    }
    rpc_reply(f->call, &response.base);
    rpc_call_unref(f->call, WHY);
}

static void answer_known(struct freeze *f, const struct frozen_row *known)
{
    struct err e;
    if (known->request_hash == f->row.request_hash) {
        reply(f, known, true);
        return;
    }
    (void)err_field(&e, ERR_EXISTS, "request_id", "This request_id has frozen another report. Use a new one.");
    fail(f, &e);
}

static void on_reread(void *arg, const struct frozen_row *rows, int n, const struct err *e)
{
    struct freeze *f = arg;
    struct err lost;
    (void)err_set(&lost, ERR_UNAVAILABLE, "The report could not be read back. Send the same request again.");
    if (e->code || n == 0)
        fail(f, e->code ? e : &lost);
    else
        answer_known(f, &rows[0]);
}

static void on_kept(void *arg, bool kept, const struct err *e)
{
    static const struct uuid none;
    struct freeze *f = arg;
    struct err failed;
    if (e->code) {
        fail(f, e);
    } else if (kept) {
        reply(f, &f->row, false);
    } else if (report_frozen_get(service_ctx_of(f->call)->db, service_scope(f->call), &none, &f->row.request_id, f->arena,
                                 rpc_deadline(f->call), on_reread, f, &failed)) {
        fail(f, &failed);
    }
}

static struct frozen_bytes pack(struct arena *a, const ProtobufCMessage *m)
{
    size_t n = protobuf_c_message_get_packed_size(m);
    uint8_t *bytes = arena_alloc(a, n + 1);
    if (bytes)
        protobuf_c_message_pack(m, bytes);
    return (struct frozen_bytes){bytes, n};
}

static int keep_head(struct freeze *f, const Wangge__V1__ReportHead *h, struct err *e)
{
    struct frozen_row *r = &f->row;
    int64_t region = 0;
    usec_t as_of = USEC_NONE;
    struct err why;
    r->code = arena_strdup(f->arena, h->code);
    r->title = arena_strdup(f->arena, h->title);
    r->title_en = arena_strdup(f->arena, h->title_en);
    r->request = pack(f->arena, &h->request->base);
    if (!r->code || !r->title || !r->title_en || !r->request.data)
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    if (*h->request->filter->region_code && region_parse(h->request->filter->region_code, &region, &why))
        return err_set(e, ERR_INTERNAL, "The report's region cannot be read.");
    if (!view_parse_time(h->request->as_of, &as_of))
        return err_set(e, ERR_INTERNAL, "The report's as-of cannot be read.");
    r->region = region;
    r->as_of = as_of;
    return 0;
}

static int on_part(void *arg, const Wangge__V1__ReportPart *part, struct err *e)
{
    struct freeze *f = arg;
    if (part->part_case == WANGGE__V1__REPORT_PART__PART_HEAD) {
        int rc = keep_head(f, part->head, e);
        if (rc)
            return rc;
    }
    if (part->part_case == WANGGE__V1__REPORT_PART__PART_ROWS)
        f->row.rows += (int64_t)part->rows->n_rows;
    if (f->row.rows > MAX_ROWS || f->n == MAX_PARTS)
        return err_field(e, ERR_INVALID, "report.max_rows",
                         "More than %d rows are too many to freeze. Freeze a smaller region, or fewer rows.", MAX_ROWS);
    if (part->part_case == WANGGE__V1__REPORT_PART__PART_END) {
        f->row.digest = arena_strdup(f->arena, part->end->digest);
        if (!f->row.digest)
            return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    }
    f->parts[f->n] = pack(f->arena, &part->base);
    if (!f->parts[f->n].data)
        return err_set(e, ERR_NOMEM, "The report is too large to freeze. Freeze a smaller region.");
    f->n++;
    return 0;
}

static void on_built(void *arg, const struct err *e)
{
    struct freeze *f = arg;
    struct err failed;
    char id[UUID_TEXT_LEN + 1];
    if (e->code) {
        fail(f, e);
        return;
    }
    uuid_format(&f->row.id, id);
    const struct db_rider *rider = audit_act(f->call, AUDIT_CONFIGURATION, id, f->row.code);
    if (report_frozen_keep(service_ctx_of(f->call)->db, &f->row, f->parts, f->n, rider, f->arena, rpc_deadline(f->call),
                           on_kept, f, &failed))
        fail(f, &failed);
}

static void build(struct freeze *f)
{
    struct err e;
    struct report_build_sink sink = {.part = on_part, .done = on_built, .arg = f};
    if (report_build_start(f->call, f->req->report, &sink, &f->build, &e))
        fail(f, &e);
}

static void on_known(void *arg, const struct frozen_row *rows, int n, const struct err *e)
{
    struct freeze *f = arg;
    if (e->code)
        fail(f, e);
    else if (n > 0)
        answer_known(f, &rows[0]);
    else
        build(f);
}

static int decode(struct freeze *f, struct err *e)
{
    const struct principal *who = service_caller(f->call);
    struct service_ctx *ctx = service_ctx_of(f->call);
    if (!uuid_parse(f->req->request_id, &f->row.request_id))
        return err_field(e, ERR_INVALID, "request_id", "request_id must be a UUIDv7 made for this request.");
    if (!f->req->report)
        return err_field(e, ERR_INVALID, "report", "report is required: which report with which window and filter.");
    if (text_visible_chars(f->req->note) > NOTE_CHARS)
        return err_field(e, ERR_INVALID, "note", "note holds at most %d characters.", NOTE_CHARS);
    f->row.note = f->req->note;
    f->row.frozen_at = ctx->clock->now(ctx->clock);
    f->row.id = uuid_v7(f->row.frozen_at);
    f->row.frozen_by = who->actor.account;
    f->row.frozen_by_name = who->actor.name;
    return request_hash(f->arena, &f->req->base, &f->row.request_hash, e);
}

void report_freeze(struct rpc_call *call, const ProtobufCMessage *msg)
{
    static const struct uuid none;
    struct err e;
    if (service_require(call, PERM_REPORT_FREEZE))
        return;
    struct freeze *f = service_alloc(call, sizeof *f);
    if (!f)
        return;
    f->call = rpc_call_ref(call, WHY);
    f->arena = rpc_arena(call);
    f->req = (const Wangge__V1__FreezeReportRequest *)msg;
    int rc = decode(f, &e);
    if (!rc)
        rc = report_frozen_get(service_ctx_of(call)->db, service_scope(call), &none, &f->row.request_id, f->arena,
                               rpc_deadline(call), on_known, f, &e);
    if (rc)
        fail(f, &e);
}
