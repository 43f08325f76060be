/* SPDX-License-Identifier: MIT */
/*
 * Saved reports: SaveReport, DeleteReport, ListReports (the built-in ones with the saved ones behind), and the runs of those
 * with a schedule. Whoever saved a report owns it: nobody else changes it or takes its runs.
 */
#include <string.h>

#include "common/base/text.h"
#include "common/pb/check.h"
#include "server/domain/report_def.h"
#include "server/service/case_methods.h"
#include "server/service/case_view.h"
#include "server/service/report_request.h"
#include "server/store/report_saved.h"

enum { CODE_MAX = 32, NAME_CHARS = 60, LEASE_DEFAULT_S = 600, LEASE_MIN_S = 60, LEASE_MAX_S = 3600, MAX_FILES = 20 };

static const char WHY[] = "saved report";

struct saved {
    struct rpc_call *call; /* held */
    struct arena *arena;
    Wangge__V1__ReportDefinition *definition;
};

static void fail_unknown(struct rpc_call *call, const char *what)
{
    struct err e;
    (void)err_set(&e, ERR_NOT_FOUND, "%s", what);
    service_fail_unref(call, &e, WHY);
}

static void fail_nomem(struct rpc_call *call)
{
    struct err e;
    (void)err_set(&e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    service_fail_unref(call, &e, WHY);
}

static Wangge__V1__ReportDefinition *unpack(struct arena *a, const struct frozen_bytes *bytes)
{
    ProtobufCAllocator memory = pb_arena_allocator(a);
    return wangge__v1__report_definition__unpack(&memory, bytes->len, bytes->data);
}

static struct saved *begin(struct rpc_call *call, enum permission perm)
{
    if (service_require(call, perm))
        return NULL;
    struct saved *s = service_alloc(call, sizeof *s);
    if (!s)
        return NULL;
    s->call = rpc_call_ref(call, WHY);
    s->arena = rpc_arena(call);
    return s;
}

/* SaveReport --------------------------------------------------------------------------------------------------------- */

static int check_code(const char *code, struct err *e)
{
    size_t n = strlen(code);
    bool fine = n > 0 && n <= CODE_MAX;
    for (size_t i = 0; fine && i < n; i++)
        fine = (code[i] >= 'A' && code[i] <= 'Z') || (code[i] >= '0' && code[i] <= '9') || code[i] == '_' || code[i] == '-';
    if (!fine)
        return err_field(e, ERR_INVALID, "report.code", "code must be 1 to %d of A-Z, 0-9, \"_\" and \"-\".", CODE_MAX);
    if (report_def_find(code))
        return err_field(e, ERR_INVALID, "report.code", "%s is a built-in report. Choose another code.", code);
    return 0;
}

static int check_name(const char *name, const char *field, struct err *e)
{
    size_t n = text_visible_chars(name);
    if (n == 0 || n > NAME_CHARS)
        return err_field(e, ERR_INVALID, field, "%s must be 1 to %d characters.", field, NAME_CHARS);
    return 0;
}

/* Schedule, formats and target; 0 is "none" of a schedule. */
static int check_plan(const Wangge__V1__ReportDefinition *d, struct err *e)
{
    if ((int)d->schedule < 0 || d->schedule > WANGGE__V1__SCHEDULE__SCHEDULE_MONTHLY)
        return err_field(e, ERR_INVALID, "report.schedule", "There is no schedule %d.", (int)d->schedule);
    if (d->at_minute < 0 || d->at_minute > 1439)
        return err_field(e, ERR_INVALID, "report.at_minute", "at_minute must be 0 to 1439: minutes of the day.");
    if (d->target_bp < 0 || d->target_bp > 10000)
        return err_field(e, ERR_INVALID, "report.target_bp", "target_bp must be 0 to 10000: hundredths of a percent.");
    for (size_t i = 0; i < d->n_formats; i++) {
        if (d->formats[i] <= WANGGE__V1__REPORT_FORMAT__REPORT_FORMAT_UNSPECIFIED ||
            d->formats[i] > WANGGE__V1__REPORT_FORMAT__REPORT_FORMAT_HTML)
            return err_field(e, ERR_INVALID, "report.formats", "There is no format %d.", (int)d->formats[i]);
    }
    if (d->schedule > WANGGE__V1__SCHEDULE__SCHEDULE_NONE && d->n_formats == 0)
        return err_field(e, ERR_INVALID, "report.formats", "A scheduled report needs a format to be written in.");
    return 0;
}

/* The filter is looked up as a pull would, so that a run does not fail months later. */
static int check_filter(struct saved *s, const Wangge__V1__ReportDefinition *d, int64_t *ret_region, struct err *e)
{
    Wangge__V1__MetricQuery q = WANGGE__V1__METRIC_QUERY__INIT;
    struct report_request r;
    q.from = (char *)"2021-01-01";
    q.to = q.from;
    if (d->filter) {
        q.region_code = d->filter->region_code;
        q.category_prefix = d->filter->category_prefix;
        q.organ_code = d->filter->organ_code;
    }
    int rc = report_request_decode(s->call, service_ctx_of(s->call)->dir, s->arena, &q, &r, e);
    *ret_region = r.region;
    return rc;
}

static void on_saved(void *arg, bool done, const struct err *e)
{
    struct saved *s = arg;
    Wangge__V1__SaveReportResponse response = WANGGE__V1__SAVE_REPORT_RESPONSE__INIT;
    struct err failed = *e;
    if (!failed.code && !done)
        (void)err_field(&failed, ERR_EXISTS, "report.code", "Somebody else has saved a report as %s. Choose another code.",
                        s->definition->code);
    if (failed.code) {
        service_fail_unref(s->call, &failed, WHY);
        return;
    }
    response.report = s->definition;
    rpc_reply(s->call, &response.base);
    rpc_call_unref(s->call, WHY);
}

static int save(struct saved *s, const Wangge__V1__ReportDefinition *d, struct err *e)
{
    const struct actor *who = &service_caller(s->call)->actor;
    struct service_ctx *ctx = service_ctx_of(s->call);
    int64_t region = 0;
    if (!d)
        return err_field(e, ERR_INVALID, "report", "report is required.");
    int rc = check_code(d->code, e);
    if (!rc)
        rc = check_name(d->name, "report.name", e);
    if (!rc && !report_def_find(d->based_on))
        rc =
            err_field(e, ERR_INVALID, "report.based_on", "based_on must be a built-in report; there is no %.32s.", d->based_on);
    if (!rc)
        rc = check_plan(d, e);
    if (!rc)
        rc = check_filter(s, d, &region, e);
    s->definition = rc ? NULL : arena_alloc(s->arena, sizeof *s->definition);
    if (rc)
        return rc;
    if (!s->definition)
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    *s->definition = *d;
    s->definition->saved_by = (char *)who->name;
    if (s->definition->schedule == WANGGE__V1__SCHEDULE__SCHEDULE_UNSPECIFIED)
        s->definition->schedule = WANGGE__V1__SCHEDULE__SCHEDULE_NONE;
    size_t len = wangge__v1__report_definition__get_packed_size(s->definition);
    uint8_t *bytes = arena_alloc(s->arena, len + 1);
    if (!bytes)
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    wangge__v1__report_definition__pack(s->definition, bytes);
    struct saved_row row = {
        .code = d->code,
        .owner = who->account,
        .owner_name = who->name,
        .region = region,
        .shared = d->shared,
        .definition = {bytes, len},
        .schedule = (int)s->definition->schedule,
        .at_minute = d->at_minute,
    };
    return report_saved_set(ctx->db, &row, ctx->clock->now(ctx->clock), s->arena, rpc_deadline(s->call), on_saved, s, e);
}

void report_save(struct rpc_call *call, const ProtobufCMessage *msg)
{
    struct err e;
    struct saved *s = begin(call, PERM_REPORT_FREEZE);
    if (s && save(s, ((const Wangge__V1__SaveReportRequest *)msg)->report, &e))
        service_fail_unref(call, &e, WHY);
}

/* DeleteReport ------------------------------------------------------------------------------------------------------- */

static void on_deleted(void *arg, bool done, const struct err *e)
{
    struct saved *s = arg;
    Wangge__V1__DeleteReportResponse response = WANGGE__V1__DELETE_REPORT_RESPONSE__INIT;
    if (e->code) {
        service_fail_unref(s->call, e, WHY);
    } else if (!done) {
        fail_unknown(s->call, "You have saved no report under this code.");
    } else {
        rpc_reply(s->call, &response.base);
        rpc_call_unref(s->call, WHY);
    }
}

void report_delete(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__DeleteReportRequest *req = (const Wangge__V1__DeleteReportRequest *)msg;
    struct err e;
    struct saved *s = begin(call, PERM_REPORT_FREEZE);
    if (s && report_saved_delete(service_ctx_of(call)->db, req->code, &service_caller(call)->actor.account, s->arena,
                                 rpc_deadline(call), on_deleted, s, &e))
        service_fail_unref(call, &e, WHY);
}

/* ListReports -------------------------------------------------------------------------------------------------------- */

static Wangge__V1__ReportDefinition *view_built_in(struct arena *a, const struct report_def *d)
{
    Wangge__V1__ReportDefinition *v = arena_alloc(a, sizeof *v);
    if (!v)
        return NULL;
    wangge__v1__report_definition__init(v);
    v->code = (char *)d->code;
    v->name = (char *)d->zh;
    v->name_en = (char *)d->en;
    v->about = (char *)d->about_zh;
    v->about_en = (char *)d->about_en;
    return v;
}

static void on_listed(void *arg, const struct saved_row *rows, int n, const struct err *e)
{
    struct saved *s = arg;
    Wangge__V1__ListReportsResponse response = WANGGE__V1__LIST_REPORTS_RESPONSE__INIT;
    size_t built_in = report_def_count();
    if (e->code) {
        service_fail_unref(s->call, e, WHY);
        return;
    }
    response.reports = arena_alloc(s->arena, (built_in + (size_t)n) * sizeof(Wangge__V1__ReportDefinition *));
    for (size_t i = 0; response.reports && i < built_in + (size_t)n; i++) {
        Wangge__V1__ReportDefinition *d =
            i < built_in ? view_built_in(s->arena, report_def_at(i)) : unpack(s->arena, &rows[i - built_in].definition);
        if (!d)
            break;
        response.reports[response.n_reports++] = d;
    }
    if (response.n_reports < built_in + (size_t)n) {
        fail_nomem(s->call);
        return;
    }
    rpc_reply(s->call, &response.base);
    rpc_call_unref(s->call, WHY);
}

void report_list(struct rpc_call *call, const ProtobufCMessage *msg)
{
    struct err e;
    (void)msg;
    struct saved *s = begin(call, PERM_REPORT);
    if (!s)
        return;
    const struct actor *who = &service_caller(call)->actor;
    struct region_span span = who->region ? region_span_of(who->region) : region_span_all();
    if (report_saved_list(service_ctx_of(call)->db, &who->account, span, NULL, s->arena, rpc_deadline(call), on_listed, s, &e))
        service_fail_unref(call, &e, WHY);
}

/* Scheduled runs ----------------------------------------------------------------------------------------------------- */

static char *day_text(struct arena *a, int32_t day)
{
    char *text = arena_alloc(a, 11);
    if (text)
        clock_format_date(day, text);
    return text;
}

static void on_taken(void *arg, const struct saved_run *run, const struct err *e)
{
    struct saved *s = arg;
    Wangge__V1__TakeScheduledRunResponse response = WANGGE__V1__TAKE_SCHEDULED_RUN_RESPONSE__INIT;
    Wangge__V1__ScheduledRun view = WANGGE__V1__SCHEDULED_RUN__INIT;
    Wangge__V1__PullReportRequest request = WANGGE__V1__PULL_REPORT_REQUEST__INIT;
    char id[UUID_TEXT_LEN + 1];
    if (e->code) {
        service_fail_unref(s->call, e, WHY);
        return;
    }
    if (run) {
        uuid_format(&run->id, id);
        view.id = id;
        view.report = unpack(s->arena, &run->definition);
        view.due_at = view_time(s->arena, run->due_at);
        request.code = (char *)run->code;
        request.from = day_text(s->arena, run->period.first);
        request.to = day_text(s->arena, run->period.last);
        view.request = &request;
        response.run = &view;
        if (!view.report || !view.due_at || !request.from || !request.to) {
            fail_nomem(s->call);
            return;
        }
    }
    rpc_reply(s->call, &response.base);
    rpc_call_unref(s->call, WHY);
}

void report_take_run(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__TakeScheduledRunRequest *req = (const Wangge__V1__TakeScheduledRunRequest *)msg;
    struct service_ctx *ctx = service_ctx_of(call);
    struct err e;
    struct saved *s = begin(call, PERM_REPORT_FREEZE);
    if (!s)
        return;
    int32_t lease = req->lease_s ? req->lease_s : LEASE_DEFAULT_S;
    int rc = 0;
    if (lease < LEASE_MIN_S || lease > LEASE_MAX_S)
        rc = err_field(&e, ERR_INVALID, "lease_s", "lease_s must be %d to %d seconds.", LEASE_MIN_S, LEASE_MAX_S);
    usec_t now = ctx->clock->now(ctx->clock);
    if (!rc)
        rc = report_saved_take(ctx->db, &service_caller(call)->actor.account, now, now + lease * USEC_PER_SEC, s->arena,
                               rpc_deadline(call), on_taken, s, &e);
    if (rc)
        service_fail_unref(call, &e, WHY);
}

static void on_finished(void *arg, bool done, const struct err *e)
{
    struct saved *s = arg;
    Wangge__V1__FinishScheduledRunResponse response = WANGGE__V1__FINISH_SCHEDULED_RUN_RESPONSE__INIT;
    if (e->code) {
        service_fail_unref(s->call, e, WHY);
    } else if (!done) {
        fail_unknown(s->call, "This run is not yours any more: its time ran out, or it is finished. Take the next one.");
    } else {
        rpc_reply(s->call, &response.base);
        rpc_call_unref(s->call, WHY);
    }
}

void report_finish_run(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__FinishScheduledRunRequest *req = (const Wangge__V1__FinishScheduledRunRequest *)msg;
    struct service_ctx *ctx = service_ctx_of(call);
    struct err e;
    struct uuid id;
    struct saved *s = begin(call, PERM_REPORT_FREEZE);
    if (!s)
        return;
    int rc = 0;
    if (!uuid_parse(req->id, &id))
        rc = err_field(&e, ERR_INVALID, "id", "id must be the id of a run that was taken.");
    else if (req->n_files > MAX_FILES)
        rc = err_field(&e, ERR_INVALID, "files", "At most %d files.", MAX_FILES);
    else
        rc = report_saved_finish(ctx->db, &id, &service_caller(call)->actor.account, ctx->clock->now(ctx->clock), req->files,
                                 (int)req->n_files, req->failed, s->arena, rpc_deadline(call), on_finished, s, &e);
    if (rc)
        service_fail_unref(call, &e, WHY);
}
