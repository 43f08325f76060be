/* SPDX-License-Identifier: MIT */
/* ExplainDeadline: the intervals that add up to a clock's limit, each with its reason. */
#include <stdio.h>
#include <string.h>

#include "common/base/buf.h"
#include "server/service/audit.h"
#include "server/service/case_methods.h"
#include "server/service/case_view.h"
#include "server/service/clock_change.h"
#include "server/service/clock_methods.h"
#include "server/store/clock_store.h"

static const char WHY[] = "explain deadline";

enum { TEXT_MAX = 256 * 1024, ROW_TEXT_MAX = 256 };

struct explain {
    struct rpc_call *call; /* held */
    struct service_ctx *ctx;
    struct directory *dir;
    struct arena *arena;
    struct uuid case_id;
    enum clock_kind asked;
    bool zh;
    const struct case_row *row;
    const struct case_clock *clock;
    const struct calendar *calendar;
    const struct clock_event *events;
    const struct clock_runs *runs;
    struct explain_row rows[EXPLAIN_MAX_ROWS];
    struct explain_result result;
};

static void fail(struct explain *x, const struct err *e)
{
    service_fail_unref(x->call, e, WHY);
}

static void fail_nomem(struct explain *x)
{
    struct err e;
    (void)err_set(&e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    fail(x, &e);
}

/* A macro, so that the compiler sees both formats. */
#define SAY(x, in_zh, in_en) ((x)->zh ? (in_zh) : (in_en))

static const char *clock_text(const struct explain *x, enum clock_kind k)
{
    static const char *const zh[CLOCK_COUNT] = {"", "受理", "派遣", "处置", "核查", "全程"};
    static const char *const en[CLOCK_COUNT] = {"", "accept", "dispatch", "handle", "check", "overall"};
    return SAY(x, zh[k], en[k]);
}

/* 27000 s as "7 h 30 min", 3 days as "3 working days". */
static void amount_text(const struct explain *x, enum time_unit unit, int64_t s, char out[64])
{
    static const char *const days_zh[UNIT_COUNT] = {"", "", "个工作日", "个自然日"};
    static const char *const days_en[UNIT_COUNT] = {"", "", " working days", " calendar days"};
    if (time_unit_is_days(unit))
        (void)snprintf(out, 64, "%lld%s", (long long)(s / DEADLINE_DAY_S), SAY(x, days_zh[unit], days_en[unit]));
    else if (s % 60)
        (void)snprintf(out, 64, SAY(x, "%lld小时%02lld分%02lld秒", "%lld h %02lld min %02lld s"), (long long)(s / 3600),
                       (long long)(s / 60 % 60), (long long)(s % 60));
    else
        (void)snprintf(out, 64, SAY(x, "%lld小时%02lld分", "%lld h %02lld min"), (long long)(s / 3600),
                       (long long)(s / 60 % 60));
}

static void time_text(const struct explain *x, usec_t t, char out[32])
{
    struct civil c;
    clock_to_civil(t, calendar_utc_offset_s(x->calendar), &c);
    (void)snprintf(out, 32, "%04d-%02d-%02d %02d:%02d", c.year, c.month, c.day, c.hour, c.minute);
}

/* Why an interval counts or does not, in the caller's language. */
static void reason_text(const struct explain *x, const struct explain_row *r, char out[ROW_TEXT_MAX])
{
    static const char *const zh[] = {"",     "工作时间", "调休上班", "紧急工作时", "班次以外",
                                     "周末", "节假日",   "暂停",     "起始日不计", "合并"};
    static const char *const en[] = {
        "",        "working time", "make-up working day",    "urgent hours", "outside the shifts", "weekend",
        "holiday", "paused",       "first day, not counted", "put together"};
    const char *word = SAY(x, zh[r->reason], en[r->reason]);
    if (r->reason == EXPLAIN_PAUSED && x->runs && r->span >= 0 && (size_t)r->span < x->runs->n) {
        const struct clock_event *ev = &x->events[x->runs->steps[r->span]];
        bool hidden = case_has(&x->row->snap, CASE_CONFIDENTIAL) && uuid_equal(&ev->actor_id, &x->row->snap.reporter);
        (void)snprintf(out, ROW_TEXT_MAX, "%s: %s%s%.120s", word,
                       x->zh ? case_state_name_zh(ev->step.to) : case_state_name(ev->step.to),
                       hidden || !*ev->actor_name ? "" : ", ", hidden ? "" : ev->actor_name);
    } else if (*r->name) {
        (void)snprintf(out, ROW_TEXT_MAX, "%s: %s", word, r->name);
    } else {
        (void)snprintf(out, ROW_TEXT_MAX, "%s", word);
    }
}

static char *limit_source(const struct explain *x)
{
    char text[512], region[REGION_TEXT_SIZE] = "", from[32] = "";
    const struct limit_rule *rule = NULL;
    size_t n;
    const struct limit_rule *rules = limit_set_rules(directory_limits(x->dir), &n);
    for (size_t i = 0; i < n && x->clock->rule_id; i++)
        if (rules[i].id == x->clock->rule_id)
            rule = &rules[i];
    if (rule) {
        if (rule->region)
            region_format(rule->region, region);
        if (rule->valid_from != USEC_NONE)
            time_text(x, rule->valid_from, from);
        (void)snprintf(text, sizeof text,
                       SAY(x, "时限规则: 类别 %s, 区划 %s, 自 %s 起", "limit rule: category %s, region %s, from %s"),
                       *rule->category ? rule->category : "*", *region ? region : "*", from);
    } else {
        (void)snprintf(text, sizeof text, "%s",
                       x->clock->kind == CLOCK_HANDLE || x->clock->kind == CLOCK_OVERALL
                           ? SAY(x, "类别的处置时限", "the category's handling limit")
                           : SAY(x, "默认时限", "the default limit"));
    }
    if (x->clock->kind == CLOCK_HANDLE && x->row->snap.original_due_at != USEC_NONE) {
        char was[32];
        size_t at = strlen(text);
        time_text(x, x->row->snap.original_due_at, was);
        (void)snprintf(text + at, sizeof text - at, SAY(x, "; 已延期, 原到期 %s", "; extended, was due %s"), was);
    }
    return arena_strdup(x->arena, text);
}

static char *whole_text(struct explain *x)
{
    struct buf b;
    char from[32], to[32], why[ROW_TEXT_MAX], counted[64], total[64];
    buf_init(&b, TEXT_MAX);
    amount_text(x, x->clock->unit, x->clock->limit_s, total);
    int rc = buf_printf(&b, SAY(x, "%s时限 %s", "%s limit %s"), clock_text(x, x->clock->kind), total);
    if (!rc && x->clock->due_at != USEC_NONE) {
        time_text(x, x->clock->due_at, to);
        rc = buf_printf(&b, SAY(x, ", 到期 %s%s", ", due %s%s"), to,
                        x->result.provisional
                            ? SAY(x, " (暂定: 该年放假安排未公布)", " (provisional: that year's holidays are not published)")
                            : "");
    }
    if (!rc)
        rc = buf_append_str(&b, "\n");
    for (size_t i = 0; !rc && i < x->result.n; i++) {
        const struct explain_row *r = &x->rows[i];
        time_text(x, r->from, from);
        time_text(x, r->to, to);
        reason_text(x, r, why);
        if (r->counted_s > 0) {
            amount_text(x, x->clock->unit, r->counted_s, counted);
            amount_text(x, x->clock->unit, r->total_s, total);
            rc = buf_printf(&b, "%s – %s  +%s = %s  %s\n", from, to, counted, total, why);
        } else {
            rc = buf_printf(&b, "%s – %s  %s\n", from, to, why);
        }
    }
    char *s = rc ? NULL : arena_strndup(x->arena, (const char *)buf_data(&b), buf_len(&b));
    buf_fini(&b);
    return s;
}

static int64_t in_unit(const struct explain *x, int64_t s)
{
    return time_unit_is_days(x->clock->unit) ? s / DEADLINE_DAY_S : s;
}

static bool view_rows(struct explain *x, Wangge__V1__ExplainDeadlineResponse *r)
{
    r->intervals = arena_zalloc(x->arena, (x->result.n + 1) * sizeof(Wangge__V1__ExplainedInterval *));
    for (size_t i = 0; r->intervals && i < x->result.n; i++) {
        const struct explain_row *row = &x->rows[i];
        Wangge__V1__ExplainedInterval *v = arena_alloc(x->arena, sizeof *v);
        char why[ROW_TEXT_MAX];
        if (!v)
            return false;
        wangge__v1__explained_interval__init(v);
        v->from = view_time(x->arena, row->from);
        v->to = view_time(x->arena, row->to);
        v->reason = row->reason == EXPLAIN_ABRIDGED ? WANGGE__V1__INTERVAL_REASON__INTERVAL_REASON_UNSPECIFIED
                                                    : (Wangge__V1__IntervalReason)row->reason;
        v->counted = in_unit(x, row->counted_s);
        v->total = in_unit(x, row->total_s);
        v->days = row->days;
        reason_text(x, row, why);
        v->text = arena_strdup(x->arena, why);
        if (!v->from || !v->to || !v->text)
            return false;
        r->intervals[r->n_intervals++] = v;
    }
    return r->intervals != NULL;
}

static void answer(struct explain *x)
{
    const struct case_clock *k = x->clock;
    usec_t now = x->ctx->clock->now(x->ctx->clock);
    Wangge__V1__ExplainDeadlineResponse r = WANGGE__V1__EXPLAIN_DEADLINE_RESPONSE__INIT;
    r.clock = (Wangge__V1__ClockKind)k->kind;
    r.unit = clock_unit_view(k->unit);
    r.limit = in_unit(x, k->limit_s);
    r.consumed = in_unit(x, deadline_consumed(k, x->calendar, now));
    r.running = k->running_since != USEC_NONE;
    r.due_at = view_time(x->arena, k->due_at);
    r.provisional = deadline_is_provisional(k, x->calendar);
    r.light = (Wangge__V1__Light)deadline_light(k, x->calendar, now);
    r.abridged = x->result.abridged;
    r.limit_source = limit_source(x);
    size_t n;
    const struct calendar_source *sources = directory_calendar_sources(x->dir, &n);
    int64_t of = calendar_set_region_of(directory_calendars(x->dir), x->row->snap.grid);
    for (size_t i = 0; i < n; i++)
        if (sources[i].region == of && sources[i].name)
            r.calendar_name = (char *)sources[i].name;
    r.text = whole_text(x);
    if (!r.limit_source || !r.text || !view_rows(x, &r)) {
        fail_nomem(x);
        return;
    }
    rpc_reply(x->call, &r.base);
    rpc_call_unref(x->call, WHY);
}

/* The clock asked for; without one, the one that is due, else the last that ran. */
static const struct case_clock *pick(const struct case_snap *s, enum clock_kind asked)
{
    const struct case_clock *clocks[] = {&s->handle, &s->stage, &s->overall};
    for (int i = 0; i < 3; i++)
        if (asked != CLOCK_NONE && clocks[i]->kind == asked)
            return clocks[i];
    if (asked != CLOCK_NONE)
        return NULL;
    if (s->stage.running_since != USEC_NONE)
        return &s->stage;
    if (s->handle.kind != CLOCK_NONE)
        return &s->handle;
    return s->stage.kind != CLOCK_NONE ? &s->stage : NULL;
}

static void on_events(void *arg, const struct clock_event *events, int n, const struct err *e)
{
    struct explain *x = arg;
    if (e->code) {
        fail(x, e);
        return;
    }
    struct clock_step *steps = arena_zalloc(x->arena, ((size_t)n + 1) * sizeof *steps);
    struct clock_runs *runs = arena_zalloc(x->arena, sizeof *runs);
    if (!steps || !runs) {
        fail_nomem(x);
        return;
    }
    runs->spans = arena_zalloc(x->arena, ((size_t)n + 1) * sizeof *runs->spans);
    runs->steps = arena_zalloc(x->arena, ((size_t)n + 1) * sizeof *runs->steps);
    if (!runs->spans || !runs->steps) {
        fail_nomem(x);
        return;
    }
    for (int i = 0; i < n; i++)
        steps[i] = events[i].step;
    bool handle = x->clock->kind == CLOCK_HANDLE, overall = x->clock->kind == CLOCK_OVERALL;
    clock_runs_read(steps, (size_t)n, handle || overall ? NULL : runs, handle ? runs : NULL, overall ? runs : NULL);
    x->events = events;
    x->runs = runs;
    struct explain_input in = {
        .calendar = x->calendar,
        .unit = x->clock->unit,
        .limit_s = x->clock->limit_s,
        .spans = runs->spans,
        .nspans = runs->n,
        .now = x->ctx->clock->now(x->ctx->clock),
        .granted_due_at =
            handle && x->clock->running_since != USEC_NONE && x->row->snap.original_due_at != USEC_NONE ? x->clock->due_at : 0,
    };
    explain_clock(&in, x->rows, EXPLAIN_MAX_ROWS, &x->result);
    answer(x);
}

static void on_case(void *arg, const struct case_row *found, const struct err *e)
{
    struct explain *x = arg;
    struct err failed = *e;
    struct policy_view view;
    policy_view_of(&service_caller(x->call)->actor, &view);
    if (!failed.code && (!found || !policy_sees(&view, &found->snap))) {
        audit_hidden(x->call, &x->case_id);
        (void)err_set(&failed, ERR_NOT_FOUND, "There is no such case, or it is not yours to see.");
    }
    if (!failed.code) {
        x->row = found;
        x->clock = pick(&found->snap, x->asked);
        if (!x->clock)
            (void)err_set(
                &failed, ERR_PRECONDITION,
                "This clock does not stand in the case now: it has not run in this round, or another stage's took its place. "
                "Ask without naming one.");
    }
    if (!failed.code) {
        x->calendar = directory_calendar_for(x->dir, found->snap.grid);
        if (clock_store_events(x->ctx->db, service_scope(x->call), &found->snap.id, 1, x->arena, rpc_deadline(x->call),
                               on_events, x, &failed) == 0)
            return;
    }
    fail(x, &failed);
}

void clock_explain(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__ExplainDeadlineRequest *req = (const Wangge__V1__ExplainDeadlineRequest *)msg;
    struct err e;
    if (service_require(call, PERM_CASE_READ))
        return;
    struct directory *dir = service_hold_directory(call);
    struct explain *x = dir ? service_alloc(call, sizeof *x) : NULL;
    if (!x)
        return;
    const char *language = rpc_header(call, "accept-language");
    x->call = rpc_call_ref(call, WHY);
    x->ctx = service_ctx_of(call);
    x->dir = dir;
    x->arena = rpc_arena(call);
    x->zh = language && strncmp(language, "zh", 2) == 0;
    x->asked = (enum clock_kind)req->clock;
    int rc = 0;
    if ((int)req->clock < 0 || (int)req->clock >= CLOCK_COUNT)
        rc = err_field(&e, ERR_INVALID, "clock", "There is no clock %d.", (int)req->clock);
    else if (!uuid_parse(req->case_id, &x->case_id))
        rc = err_field(&e, ERR_INVALID, "case_id", "case_id must be a UUID.");
    if (!rc)
        rc = case_store_get(x->ctx->db, service_scope(call), &x->case_id, x->arena, rpc_deadline(call), on_case, x, &e);
    if (rc)
        fail(x, &e);
}
