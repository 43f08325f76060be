/* SPDX-License-Identifier: MIT */
#include "server/service/case_intake.h"

#include <string.h>

#include "common/base/failpoint.h"
#include "server/db/result.h"
#include "server/domain/number.h"
#include "server/service/audit.h"
#include "server/service/case_request.h"
#include "server/service/case_view.h"
#include "server/service/request_find.h"
#include "server/store/attachment_store.h"
#include "server/store/case_store.h"
#include "server/store/number_store.h"

struct intake_op {
    struct rpc_call *call; /* held by whoever started us */
    struct service_ctx *ctx;
    struct directory *dir; /* own reference, given back by the arena */
    struct arena *arena;
    struct intake intake;
    struct case_row after;
    struct event_write event;
    struct case_write write;
    struct gate_refusal refusal;
    intake_fn fn;
    void *arg;
};

static void unref_directory(void *dir)
{
    directory_unref(dir);
}

static void note_denial(struct intake_op *op, const struct err *e)
{
    char object[UUID_TEXT_LEN + 1];
    uuid_format(&op->intake.act.case_id, object);
    audit_if_denied(op->call, e, object);
}

static void finish_err(struct intake_op *op, const struct err *e)
{
    note_denial(op, e);
    op->fn(op->arg, NULL, NULL, e);
}

static void answer(struct intake_op *op, const struct case_snap *snap, usec_t due_at, int64_t version, bool replayed)
{
    Wangge__V1__SubmitCaseResponse *r = arena_alloc(op->arena, sizeof *r);
    char *number = arena_alloc(op->arena, NUMBER_TEXT_SIZE);
    char *grid = arena_alloc(op->arena, REGION_TEXT_SIZE);
    if (!r || !number || !grid) {
        struct err e;
        (void)err_set(&e, ERR_NOMEM, "It was saved, but the answer does not fit. Send it again with the same key.");
        finish_err(op, &e);
        return;
    }
    wangge__v1__submit_case_response__init(r);
    number_format(snap->number, number);
    region_format(snap->grid, grid);
    r->case_id = view_uuid(op->arena, &snap->id);
    r->number = number;
    r->grid_code = grid;
    r->version = version;
    /* A repeat is answered as the first time: with the state intake led to, whatever happened since. */
    r->state = op->intake.act.action == ACT_SETTLE ? WANGGE__V1__CASE_STATE__CASE_STATE_CLOSED
                                                   : WANGGE__V1__CASE_STATE__CASE_STATE_REPORTED;
    r->due_at = view_time(op->arena, due_at);
    r->replayed = replayed;
    struct err ok = {0};
    op->fn(op->arg, r, NULL, &ok);
}

/* When the case was due as it came in: what the first answer said. USEC_NONE if that cannot be told any more. */
static usec_t first_due(struct intake_op *op, const struct case_row *found)
{
    struct gate_env env = view_gate_env(op->ctx, op->dir, false);
    struct act then = op->intake.act;
    struct case_snap after;
    struct gate_refusal why;
    if (found->snap.version == 1)
        return found->snap.due_at;
    env.now = found->arrived_at;
    then.happened_at = found->snap.reported_at;
    if (gate_decide(&env, &service_caller(op->call)->actor, NULL, &then, &after, &why))
        return USEC_NONE;
    return after.due_at;
}

static void on_replayed_case(void *arg, const struct case_row *found, const struct err *e)
{
    struct intake_op *op = arg;
    const struct actor *who = &service_caller(op->call)->actor;
    struct policy_view view;
    policy_view_of(who, &view);
    /* Who reported it may ask wherever the case went since; another with the same key and body, as far as he sees it. */
    if (!found || !(uuid_equal(&found->snap.reporter, &who->account) || policy_sees(&view, &found->snap))) {
        struct err gone;
        if (e->code)
            gone = *e;
        else
            (void)err_set(&gone, ERR_EXISTS, "This request_id was used for another case. Make a new one.");
        finish_err(op, &gone);
        return;
    }
    answer(op, &found->snap, first_due(op, found), 1, true);
}

static void answer_replay(struct intake_op *op)
{
    struct err e;
    /* on_replayed_case looks whose it is. */
    if (case_store_get(op->ctx->db, &db_scope_system, &op->intake.act.case_id, op->arena, rpc_deadline(op->call),
                       on_replayed_case, op, &e))
        finish_err(op, &e);
}

static void on_written(void *arg, bool replayed, int64_t version, const struct err *e)
{
    struct intake_op *op = arg;
    FAILPOINT("intake.written");
    if (e->code == ERR_EXISTS || e->code == ERR_CONFLICT) {
        struct err used;
        (void)err_set(&used, ERR_EXISTS,
                      "This request_id or case_id was used with another body. Make new ones for a new case.");
        finish_err(op, &used);
    } else if (e->code) {
        finish_err(op, e);
    } else if (replayed) {
        answer_replay(op);
    } else {
        answer(op, &op->after.snap, op->after.snap.due_at, version, false);
    }
}

static void write_case(struct intake_op *op, int64_t number)
{
    op->after.snap.number = number;
    FAILPOINT("intake.numbered");
    struct err e;
    if (case_store_write(&op->write, &e))
        finish_err(op, &e);
}

static void on_number(void *arg, int64_t number, const struct err *e)
{
    struct intake_op *op = arg;
    if (e->code)
        finish_err(op, e);
    else
        write_case(op, number);
}

/* A refused request may be the repeat of one that went well (long ago, or before a rule changed): that one is answered again.
 */
static void on_looked_up(void *arg, const struct request_found *found, const struct err *e)
{
    struct intake_op *op = arg;
    struct err refused;
    if (e->code)
        refused = *e;
    else if (!found)
        request_refusal_err(&op->refusal, &refused);
    else if (found->hash == op->event.request_hash && uuid_equal(&found->case_id, &op->intake.act.case_id)) {
        answer_replay(op);
        return;
    } else
        (void)err_set(&refused, ERR_EXISTS, "This request_id was used with another body. Make a new one.");
    finish_err(op, &refused);
}
/* From the gate's decision on. An error that is returned was not told to fn. */
static int intake_decide(struct intake_op *op, struct err *e)
{
    struct rpc_call *call = op->call;
    struct service_ctx *ctx = op->ctx;
    struct arena *a = op->arena;
    const struct principal *who = service_caller(call);
    op->event.request_id = op->intake.request_id;
    struct gate_env env = view_gate_env(ctx, op->dir, false);
    int rc = gate_decide(&env, &who->actor, NULL, &op->intake.act, &op->after.snap, &op->refusal);
    if (rc) {
        if (op->refusal.code == ERR_DENIED) {
            request_refusal_err(&op->refusal, e);
            note_denial(op, e);
            return rc;
        }
        return request_find(ctx->db, a, &op->intake.request_id, rpc_deadline(call), on_looked_up, op, e);
    }
    usec_t happened = op->after.snap.reported_at;
    op->after.cohort_day = clock_local_day(happened, BUSINESS_UTC_OFFSET_S);
    op->after.has_location = op->intake.has_location;
    op->after.latitude = op->intake.latitude;
    op->after.longitude = op->intake.longitude;
    op->after.reporter_name = who->actor.name;
    op->after.address = op->intake.address;
    op->after.description = op->intake.description;
    op->event.happened_at = happened;
    op->event.arrived_at = USEC_NONE;
    event_write_step(&op->event, &who->actor, &op->intake.act, NULL, &op->after.snap);
    if (op->intake.act.action == ACT_SUBMIT)
        op->event.text = NULL; /* the case carries the description; the event does not repeat it */
    op->write = (struct case_write){
        .db = ctx->db,
        .clock = ctx->clock,
        .after = &op->after,
        .n_events = 1,
        .events = &op->event,
        .n_people = op->intake.n_people,
        .people = op->intake.people,
        .fn = on_written,
        .arg = op,
    };
    op->write.write.deadline = rpc_deadline(call);

    int64_t number;
    if (!number_store_take_now(ctx->numbers, op->after.snap.grid, op->after.cohort_day, &number))
        return number_store_take(ctx->numbers, op->after.snap.grid, op->after.cohort_day, on_number, op, e);
    op->after.snap.number = number;
    FAILPOINT("intake.numbered");
    return case_store_write(&op->write, e);
}

/* The evidence belongs to this request from here on; if it is refused the files stay free for another. */
static void on_claimed(void *arg, int count, const struct err *e)
{
    struct intake_op *op = arg;
    struct err failed = *e;
    if (!failed.code && !request_check_claim(&op->intake.evidence, count, &failed)) {
        op->intake.act.n_evidence = count;
        if (!intake_decide(op, &failed))
            return;
    }
    finish_err(op, &failed);
}

int intake_start(struct rpc_call *call, struct arena *a, const Wangge__V1__SubmitCaseRequest *req, intake_fn fn, void *arg,
                 struct err *e)
{
    struct service_ctx *ctx = service_ctx_of(call);
    if (!ctx->dir)
        return err_set(e, ERR_UNAVAILABLE, "The server is starting. Try again in a moment.");
    struct intake_op *op = arena_zalloc(a, sizeof *op);
    if (!op)
        return err_set(e, ERR_NOMEM, "The request is too large. Send it in smaller parts.");
    op->call = call;
    op->ctx = ctx;
    op->arena = a;
    op->dir = directory_ref(ctx->dir);
    op->fn = fn;
    op->arg = arg;
    int rc = arena_on_dispose(a, unref_directory, op->dir);
    if (rc) {
        directory_unref(op->dir);
        return err_set(e, rc, "The request is too large. Send it in smaller parts.");
    }
    rc = request_decode_intake(ctx, op->dir, a, req, false, &op->intake, e);
    if (!rc)
        rc = request_hash_of_intake(ctx, a, &req->base, req->n_people > 0, &op->event.request_hash, e);
    if (rc)
        return rc;
    FAILPOINT("intake.decoded");
    if (op->intake.evidence.n == 0)
        return intake_decide(op, e);
    return attachment_store_claim(ctx->db, a, op->intake.evidence.ids, op->intake.evidence.n, &op->intake.act.case_id,
                                  op->intake.act.grid, &op->intake.request_id, rpc_deadline(call), on_claimed, op, e);
}
