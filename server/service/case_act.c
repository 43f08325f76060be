/* SPDX-License-Identifier: MIT */
/* Act and AddNote: one action on one case, through the gate. */
#include <string.h>

#include "common/base/text.h"
#include "server/db/result.h"
#include "server/service/audit.h"
#include "server/service/case_methods.h"
#include "server/service/case_request.h"
#include "server/service/case_view.h"
#include "server/service/request_find.h"
#include "server/store/attachment_store.h"
#include "server/store/case_store.h"
#include "sql.h"

enum {
    MAX_SINCE = 10,      /* events told to somebody who was overtaken */
    SINCE_TEXT_MAX = 80, /* characters of their texts: the details travel in trailers, which are small */
    NOTE_TRIES = 64,     /* a note never conflicts: overtaken, it is written again on top, until its deadline */
};

struct act_op {
    struct rpc_call *call; /* held */
    struct service_ctx *ctx;
    struct directory *dir;
    struct arena *arena;
    const struct actor *who;
    bool is_note;
    int tries;
    struct act_request req;
    struct case_row target;
    struct gate_person assignee;
    const struct case_row *before;
    struct case_row after;
    struct event_write event;
    struct case_write write;
    struct gate_refusal refusal;
};

static void read_case(struct act_op *op);

static void end(struct act_op *op, const struct err *e, const ProtobufCMessage *detail)
{
    rpc_fail_detail(op->call, e, detail);
    rpc_call_unref(op->call, "act");
}

static void end_nomem(struct act_op *op)
{
    struct err e;
    (void)err_set(&e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    end(op, &e, NULL);
}

static void reply(struct act_op *op, const struct case_row *row, Wangge__V1__CaseEvent *event, bool replayed)
{
    if (op->is_note) {
        Wangge__V1__AddNoteResponse r = WANGGE__V1__ADD_NOTE_RESPONSE__INIT;
        r.event = event;
        r.version = event->version;
        r.replayed = replayed;
        rpc_reply(op->call, &r.base);
    } else {
        Wangge__V1__ActResponse r = WANGGE__V1__ACT_RESPONSE__INIT;
        r.case_ = view_case(op->arena, op->ctx, op->dir, op->who, row, true);
        r.event = event;
        r.replayed = replayed;
        rpc_reply(op->call, &r.base);
    }
    rpc_call_unref(op->call, "act");
}

static struct view_lens lens_of(const struct act_op *op)
{
    return view_lens_of(op->who, case_has(&op->before->snap, CASE_CONFIDENTIAL), &op->before->snap.reporter);
}

/* A repeat: the case as it is now, and the event the first time made. */
static void on_replayed_event(void *arg, const struct event_row *rows, int n, const struct err *e)
{
    struct act_op *op = arg;
    struct err failed = *e;
    if (!failed.code && n == 0)
        (void)err_set(&failed, ERR_INTERNAL, "The earlier answer cannot be found. Read the case again.");
    if (failed.code) {
        end(op, &failed, NULL);
        return;
    }
    const struct view_lens lens = lens_of(op);
    Wangge__V1__CaseEvent *event = view_event(op->arena, op->dir, &lens, &rows[0]);
    if (event)
        reply(op, op->before, event, true);
    else
        end_nomem(op);
}

static void answer_replay(struct act_op *op, int64_t version)
{
    struct err e;
    if (case_store_events(op->ctx->db, service_scope(op->call), &op->req.case_id, version - 1, 1, op->arena,
                          rpc_deadline(op->call), on_replayed_event, op, &e))
        end(op, &e, NULL);
}

static void on_since(void *arg, const struct event_row *rows, int n, const struct err *e)
{
    struct act_op *op = arg;
    struct err failed;
    if (e->code) {
        end(op, e, NULL);
        return;
    }
    request_refusal_err(&op->refusal, &failed);
    Wangge__V1__CaseConflict *detail =
        view_conflict(op->arena, op->ctx, op->dir, op->who, op->refusal.rule, &op->before->snap, rows, n);
    for (size_t i = 0; detail && i < detail->n_events_since; i++) {
        char *text = arena_alloc(op->arena, SINCE_TEXT_MAX * 4 + 1);
        if (text) {
            (void)text_copy(text, SINCE_TEXT_MAX * 3 + 1, detail->events_since[i]->text);
            detail->events_since[i]->text = text;
        }
    }
    end(op, &failed, detail ? &detail->base : NULL);
}

/* Tells why not: with the events since if the caller was overtaken. */
static void refuse(struct act_op *op)
{
    struct err e;
    if (op->refusal.guard == GUARD_VERSION) {
        if (case_store_events(op->ctx->db, service_scope(op->call), &op->req.case_id, op->req.act.expected_version, MAX_SINCE,
                              op->arena, rpc_deadline(op->call), on_since, op, &e))
            end(op, &e, NULL);
        return;
    }
    request_refusal_err(&op->refusal, &e);
    char object[UUID_TEXT_LEN + 1];
    uuid_format(&op->req.case_id, object);
    audit_if_denied(op->call, &e, object);
    /* Whoever sees the case learns what is possible instead, whatever the reason was. */
    const Wangge__V1__CaseConflict *detail =
        view_conflict(op->arena, op->ctx, op->dir, op->who, op->refusal.rule, &op->before->snap, NULL, 0);
    end(op, &e, detail ? &detail->base : NULL);
}

/* The refused request may be the repeat of one that went well and thereby changed state and version. */
static void on_looked_up(void *arg, const struct request_found *found, const struct err *e)
{
    struct act_op *op = arg;
    if (e->code) {
        end(op, e, NULL);
    } else if (!found) {
        refuse(op);
    } else if (found->hash == op->event.request_hash && uuid_equal(&found->case_id, &op->req.case_id)) {
        answer_replay(op, found->version);
    } else {
        struct err used;
        (void)err_set(&used, ERR_EXISTS, "This request_id was used with another body. Make a new one.");
        end(op, &used, NULL);
    }
}

static void look_up(struct act_op *op)
{
    struct err e;
    if (request_find(op->ctx->db, op->arena, &op->req.request_id, rpc_deadline(op->call), on_looked_up, op, &e))
        end(op, &e, NULL);
}

/* What view_event needs of an event that was just written. */
static Wangge__V1__CaseEvent *written_event(struct act_op *op)
{
    const struct event_write *w = &op->event;
    struct event_row row = {
        .case_id = op->req.case_id,
        .version = w->version,
        .request_id = w->request_id,
        .happened_at = w->happened_at,
        .arrived_at = op->write.sent_at,
        .action = w->action,
        .from_state = w->from_state,
        .to_state = w->to_state,
        .check_result = w->check_result,
        .actor_role = w->actor_role,
        .actor_id = w->actor_id,
        .actor_organ_id = w->actor_organ_id,
        .actor_name = w->actor_name,
        .text = w->text,
        .reason_code = w->reason_code,
        .receiver = w->receiver,
        .approval = w->approval,
        .card = w->card,
        .level = w->level,
        .until = w->until,
        .target_id = w->target_id,
        .outside_number = w->outside_number,
        .n_co = w->n_co,
        .responded = op->req.act.responded,
        .solved = op->req.act.solved,
    };
    memcpy(row.co_organ_ids, w->co_organ_ids, sizeof row.co_organ_ids);
    const struct view_lens lens = lens_of(op);
    return view_event(op->arena, op->dir, &lens, &row);
}

static void on_written(void *arg, bool replayed, int64_t version, const struct err *e)
{
    struct act_op *op = arg;
    if (e->code == ERR_CONFLICT || (e->code == ERR_EXISTS && op->is_note)) {
        /* Somebody was faster since we read the case: look again, and let the gate say so. */
        if (++op->tries < NOTE_TRIES)
            read_case(op);
        else
            end(op, e, NULL);
    } else if (e->code == ERR_EXISTS) {
        look_up(op);
    } else if (e->code) {
        end(op, e, NULL);
    } else if (replayed) {
        answer_replay(op, version);
    } else {
        Wangge__V1__CaseEvent *event = written_event(op);
        if (event)
            reply(op, &op->after, event, false);
        else
            end_nomem(op);
    }
}

static void decide(struct act_op *op)
{
    struct gate_env env = view_gate_env(op->ctx, op->dir, false);
    op->after = *op->before;
    if (gate_decide(&env, op->who, &op->before->snap, &op->req.act, &op->after.snap, &op->refusal)) {
        look_up(op);
        return;
    }
    const struct case_snap *now = &op->after.snap;
    case_row_set_handler(&op->after, &op->before->snap, now, op->who->name);
    if (op->req.act.assignee && !uuid_is_nil(&now->assignee))
        op->after.assignee_name = op->assignee.name;
    struct event_write *ev = &op->event;
    ev->request_id = op->req.request_id;
    ev->happened_at = gate_happened_at(&op->req.act, &op->after.snap, env.now);
    ev->arrived_at = USEC_NONE;
    event_write_step(ev, op->who, &op->req.act, &op->before->snap, now);
    ev->receiver = view_receiver(op->arena, op->dir, &op->req.act, &op->before->snap, now);
    op->write = (struct case_write){
        .db = op->ctx->db,
        .clock = op->ctx->clock,
        .expected = op->before->snap.version,
        .after = &op->after,
        .n_events = 1,
        .events = ev,
        .fn = on_written,
        .arg = op,
    };
    op->write.write.deadline = rpc_deadline(op->call);
    struct err e;
    if (case_store_write(&op->write, &e))
        end(op, &e, NULL);
}

static void on_has_merged(void *arg, const PGresult *res, const struct err *e)
{
    struct act_op *op = arg;
    if (e->code) {
        end(op, e, NULL);
        return;
    }
    op->req.act.has_merged = db_get_bool(res, 0, 0);
    decide(op);
}

static void on_target(void *arg, const struct case_row *found, const struct err *e)
{
    struct act_op *op = arg;
    struct err failed = *e;
    struct policy_view view;
    policy_view_of(op->who, &view);
    if (!failed.code && (!found || !policy_sees(&view, &found->snap))) {
        audit_hidden(op->call, &op->req.target_id);
        (void)err_field(&failed, ERR_NOT_FOUND, "target_case_id", "There is no such lead case, or it is not yours to see.");
    }
    if (!failed.code) {
        op->target = *found;
        op->req.act.target = &op->target.snap;
        struct db_params p;
        db_params_init(&p);
        db_param_binary(&p, op->req.case_id.bytes, sizeof op->req.case_id.bytes);
        /* Cases merged into this one may lie outside the caller's sight; only whether there are any is asked. */
        if (db_query(op->ctx->db, &db_scope_system, &sql_case_has_merged, &p, rpc_deadline(op->call), on_has_merged, op,
                     &failed) == 0)
            return;
    }
    end(op, &failed, NULL);
}

static void on_assignee(void *arg, const PGresult *res, const struct err *e)
{
    struct act_op *op = arg;
    struct err failed = *e;
    if (!failed.code && PQntuples(res) == 0)
        (void)err_field(&failed, ERR_NOT_FOUND, "assignee", "There is no account with this login.");
    if (failed.code) {
        end(op, &failed, NULL);
        return;
    }
    op->assignee = (struct gate_person){
        .account = db_get_uuid(res, 0, 0),
        .role = (enum role)db_get_i32(res, 0, 1),
        .organ_id = db_get_i32(res, 0, 2),
        .disabled = db_get_bool(res, 0, 3),
        .name = arena_strdup(op->arena, db_get_text(res, 0, 4)),
    };
    op->req.act.assignee = &op->assignee;
    if (op->assignee.name)
        decide(op);
    else
        end_nomem(op);
}

static void go_on(struct act_op *op)
{
    struct err failed;
    if (op->req.assignee) {
        struct db_params p;
        db_params_init(&p);
        db_param_text(&p, op->req.assignee);
        if (db_query(op->ctx->db, &db_scope_none, &sql_account_person, &p, rpc_deadline(op->call), on_assignee, op, &failed))
            end(op, &failed, NULL);
        return;
    }
    if (op->req.act.action == ACT_MERGE && !uuid_is_nil(&op->req.target_id)) {
        if (case_store_get(op->ctx->db, service_scope(op->call), &op->req.target_id, op->arena, rpc_deadline(op->call),
                           on_target, op, &failed))
            end(op, &failed, NULL);
        return;
    }
    decide(op);
}

/* The evidence belongs to this request from here on; if the step is refused it stays free for another. */
static void on_claimed(void *arg, int count, const struct err *e)
{
    struct act_op *op = arg;
    struct err failed = *e;
    if (failed.code || request_check_claim(&op->req.evidence, count, &failed)) {
        end(op, &failed, NULL);
        return;
    }
    op->req.act.n_evidence = count;
    go_on(op);
}

static void on_case(void *arg, const struct case_row *found, const struct err *e)
{
    struct act_op *op = arg;
    struct err failed = *e;
    struct policy_view view;
    policy_view_of(op->who, &view);
    if (!failed.code && (!found || !policy_sees(&view, &found->snap))) {
        audit_hidden(op->call, &op->req.case_id);
        (void)err_set(&failed, ERR_NOT_FOUND, "There is no such case, or it is not yours to see.");
    }
    if (failed.code) {
        end(op, &failed, NULL);
        return;
    }
    op->before = found;
    if (op->req.evidence.n == 0)
        go_on(op);
    else if (attachment_store_claim(op->ctx->db, op->arena, op->req.evidence.ids, op->req.evidence.n, &op->req.case_id,
                                    found->snap.grid, &op->req.request_id, rpc_deadline(op->call), on_claimed, op, &failed))
        end(op, &failed, NULL);
}

static void read_case(struct act_op *op)
{
    struct err e;
    if (case_store_get(op->ctx->db, service_scope(op->call), &op->req.case_id, op->arena, rpc_deadline(op->call), on_case, op,
                       &e))
        end(op, &e, NULL);
}

static void start(struct rpc_call *call, const Wangge__V1__ActRequest *req, const ProtobufCMessage *hashed, bool is_note)
{
    struct arena *a = rpc_arena(call);
    struct err e;
    struct directory *dir = service_hold_directory(call);
    struct act_op *op = dir ? service_alloc(call, sizeof *op) : NULL;
    if (!op)
        return;
    op->call = rpc_call_ref(call, "act");
    op->ctx = service_ctx_of(call);
    op->dir = dir;
    op->arena = a;
    op->who = &service_caller(call)->actor;
    op->is_note = is_note;
    int rc = request_decode_act(dir, a, req, false, &op->req, &e);
    if (!rc && !is_note && op->req.act.action != ACT_NOTE && op->req.act.expected_version == 0)
        rc = err_field(&e, ERR_INVALID, "expected_version", "expected_version is required: the version you saw.");
    if (!rc)
        rc = request_hash(a, hashed, &op->event.request_hash, &e);
    if (rc)
        end(op, &e, NULL);
    else
        read_case(op);
}

void case_act(struct rpc_call *call, const ProtobufCMessage *msg)
{
    if (!service_require(call, PERM_CASE_ACT))
        start(call, (const Wangge__V1__ActRequest *)msg, msg, false);
}

void case_add_note(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__AddNoteRequest *note = (const Wangge__V1__AddNoteRequest *)msg;
    if (service_require(call, PERM_CASE_NOTE))
        return;
    if (!*note->text) {
        struct err e;
        (void)err_field(&e, ERR_INVALID, "text", "text is required.");
        rpc_fail(call, &e);
        return;
    }
    Wangge__V1__ActRequest req = WANGGE__V1__ACT_REQUEST__INIT;
    req.request_id = note->request_id;
    req.case_id = note->case_id;
    req.action = WANGGE__V1__ACTION__ACTION_NOTE;
    req.text = note->text;
    req.happened_at = note->happened_at;
    start(call, &req, msg, true);
}
