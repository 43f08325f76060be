/* SPDX-License-Identifier: MIT */
/*
 * ImportHistory: whole cases with their events and original times, through the same gate. Items are decided as they come and
 * share write units; answers go out in the order of the items, each once it is durable.
 *
 * Life of an item: DECIDE (waits only if it merges into another case, until everything before it is durable, and then reads
 * that case) -> NUMBER -> WRITE -> DONE; the head of the queue is answered and freed when it is DONE.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "server/db/result.h"
#include "server/domain/number.h"
#include "server/service/case_methods.h"
#include "server/service/case_request.h"
#include "server/service/case_view.h"
#include "server/service/item_status.h"
#include "server/store/case_store.h"
#include "server/store/number_store.h"
#include "sql.h"

enum {
    MAX_EVENTS = 200,
    IN_FLIGHT_HIGH = 512, /* items; then the stream is paused */
    IN_FLIGHT_LOW = 256,
    ITEM_ARENA = 1024 * 1024,
};

enum item_state { ITEM_DECIDE, ITEM_BUSY, ITEM_DONE };

struct import_event {
    struct act_request req;
    struct actor actor;
    usec_t arrived_at;
};

struct item {
    struct item *next;
    struct import *import;
    struct arena *arena;
    enum item_state state;
    int64_t sequence;
    struct intake intake;
    struct actor reporter;
    usec_t arrived_at;
    int64_t hash;
    int n_events;
    struct import_event *events;
    struct uuid target_id; /* of the event that merges; nil if none does */
    const struct case_row *target;
    struct case_row after;
    struct event_write *writes; /* n_events + 1 */
    struct case_write write;
    Wangge__V1__SubmitCaseResponse *ok; /* DONE: this or the error */
    struct err failed;
};

struct import {
    struct rpc_call *call; /* held while items are in flight */
    struct service_ctx *ctx;
    struct directory *dir;
    const struct principal *who;
    struct item *head;
    struct item **tail;
    int in_flight;
    bool paused;
    bool blocked; /* the send queue is full */
    bool half_closed;
    bool lost;
};

static void pump(struct import *im);

static void item_free(struct item *it)
{
    struct import *im = it->import;
    struct arena *a = it->arena;
    arena_destroy(a);
    im->in_flight--;
    rpc_call_unref(im->call, "import item");
}

static void item_done(struct item *it, const struct err *e)
{
    if (e)
        it->failed = *e;
    it->state = ITEM_DONE;
    pump(it->import);
}

static void answer(struct item *it, const struct case_snap *snap, int64_t version, enum case_state state, bool replayed)
{
    Wangge__V1__SubmitCaseResponse *r = arena_alloc(it->arena, sizeof *r);
    char *number = arena_alloc(it->arena, NUMBER_TEXT_SIZE);
    char *grid = arena_alloc(it->arena, REGION_TEXT_SIZE);
    if (!r || !number || !grid) {
        struct err e;
        (void)err_set(&e, ERR_NOMEM, "The item is too large.");
        item_done(it, &e);
        return;
    }
    wangge__v1__submit_case_response__init(r);
    number_format(snap->number, number);
    region_format(snap->grid, grid);
    r->case_id = view_uuid(it->arena, &snap->id);
    r->number = number;
    r->grid_code = grid;
    r->version = version;
    r->state = (Wangge__V1__CaseState)state;
    r->due_at = view_time(it->arena, snap->due_at);
    r->replayed = replayed;
    it->ok = r;
    item_done(it, NULL);
}

/* Whether a case is the importer's: of its source, or taken over by itself. Of one without a source it cannot be asked by the
 * view: the reporters of its cases are its people, not its account. */
static bool is_own(const struct item *it, const struct case_snap *c)
{
    struct policy_view view;
    policy_view_of(&it->import->who->actor, &view);
    return uuid_equal(&c->reporter, &it->reporter.account) || policy_sees(&view, c);
}

static void on_replayed(void *arg, const struct case_row *found, const struct err *e)
{
    struct item *it = arg;
    struct err failed = *e;
    if (found && is_own(it, &found->snap)) {
        answer(it, &found->snap, found->snap.version, found->snap.state, true);
        return;
    }
    if (!failed.code)
        (void)err_set(&failed, ERR_EXISTS, "This request_id was used for another case.");
    item_done(it, &failed);
}

static void on_written(void *arg, bool replayed, int64_t version, const struct err *e)
{
    struct item *it = arg;
    struct err failed = *e;
    if (failed.code == ERR_EXISTS || failed.code == ERR_CONFLICT)
        (void)err_set(&failed, ERR_EXISTS, "This request_id or case_id was used with another body.");
    if (failed.code)
        item_done(it, &failed);
    else if (!replayed)
        answer(it, &it->after.snap, version, it->after.snap.state, false);
    /* is_own looks at it. */
    else if (case_store_get(it->import->ctx->db, &db_scope_system, &it->intake.act.case_id, it->arena, USEC_NONE, on_replayed,
                            it, &failed))
        item_done(it, &failed);
}

static void on_number(void *arg, int64_t number, const struct err *e)
{
    struct item *it = arg;
    struct err failed = *e;
    it->after.snap.number = number;
    if (failed.code || case_store_write(&it->write, &failed))
        item_done(it, &failed);
}

static void fill_event(struct item *it, struct event_write *w, const struct actor *who, const struct act *act,
                       const struct uuid *request_id, usec_t arrived_at, const struct case_snap *before,
                       const struct case_snap *after)
{
    w->request_id = *request_id;
    w->request_hash = it->hash;
    w->happened_at = act->happened_at;
    w->arrived_at = arrived_at;
    w->imported = true;
    event_write_step(w, who, act, before, after);
    if (act->action == ACT_SUBMIT)
        w->text = NULL; /* the case carries the description */
    w->receiver = view_receiving_organ(it->import->dir, act, before, after);
}

/* Lets the gate decide every step. Returns 0 and fills after and writes. */
static int decide(struct item *it, struct err *e)
{
    struct import *im = it->import;
    struct gate_env env = view_gate_env(im->ctx, im->dir, true);
    struct gate_refusal why;
    struct case_snap snap;
    if (gate_decide(&env, &it->reporter, NULL, &it->intake.act, &snap, &why)) {
        request_refusal_err(&why, e);
        return why.code;
    }
    fill_event(it, &it->writes[0], &it->reporter, &it->intake.act, &it->intake.request_id, it->arrived_at, NULL, &snap);
    usec_t last_arrival = it->arrived_at;
    it->after.handler_name = NULL;
    for (int i = 0; i < it->n_events; i++) {
        struct import_event *ev = &it->events[i];
        struct case_snap next;
        if (ev->arrived_at < last_arrival)
            return err_field(e, ERR_INVALID, "events", "Event %d arrived before the one it follows.", i + 1);
        last_arrival = ev->arrived_at;
        if (it->target && ev->req.act.action == ACT_MERGE)
            ev->req.act.target = &it->target->snap;
        if (gate_decide(&env, &ev->actor, &snap, &ev->req.act, &next, &why)) {
            (void)err_field(e, why.code, "events", "Event %d: %s", i + 1, why.text);
            err_detail(e, "rule %s", why.rule);
            return why.code;
        }
        fill_event(it, &it->writes[i + 1], &ev->actor, &ev->req.act, &ev->req.request_id, ev->arrived_at, &snap, &next);
        case_row_set_handler(&it->after, &snap, &next, ev->actor.name);
        snap = next;
    }
    it->after.snap = snap;
    return 0;
}

static void write_item(struct item *it)
{
    struct import *im = it->import;
    struct err e = {0};
    it->state = ITEM_BUSY;
    if (decide(it, &e)) {
        item_done(it, &e);
        return;
    }
    it->after.cohort_day = clock_local_day(it->after.snap.reported_at, BUSINESS_UTC_OFFSET_S);
    it->after.has_location = it->intake.has_location;
    it->after.latitude = it->intake.latitude;
    it->after.longitude = it->intake.longitude;
    it->after.reporter_name = it->reporter.name;
    it->after.address = it->intake.address;
    it->after.description = it->intake.description;
    it->write = (struct case_write){
        .db = im->ctx->db,
        .clock = im->ctx->clock,
        .after = &it->after,
        .n_events = it->n_events + 1,
        .events = it->writes,
        .n_people = it->intake.n_people,
        .people = it->intake.people,
        .fn = on_written,
        .arg = it,
    };
    it->write.write.deadline = USEC_NONE;
    if (number_store_take_now(im->ctx->numbers, it->after.snap.grid, it->after.cohort_day, &it->after.snap.number)) {
        if (case_store_write(&it->write, &e))
            item_done(it, &e);
    } else if (number_store_take(im->ctx->numbers, it->after.snap.grid, it->after.cohort_day, on_number, it, &e)) {
        item_done(it, &e);
    }
}

static void on_target(void *arg, const struct case_row *found, const struct err *e)
{
    struct item *it = arg;
    struct err failed = *e;
    if (!failed.code && !found)
        (void)err_field(&failed, ERR_NOT_FOUND, "events", "The lead case of the merge is not known. Import it first.");
    if (failed.code) {
        item_done(it, &failed);
        return;
    }
    it->target = found;
    write_item(it);
}

/* Answers what is ready at the head, starts a merge that reached it, and regulates the flow. */
static void pump(struct import *im)
{
    struct rpc_call *call = rpc_call_ref(im->call, "import pump");
    while (im->head && im->head->state == ITEM_DONE && !(im->blocked && !im->lost)) {
        struct item *it = im->head;
        if (!im->lost && !rpc_call_is_done(call)) {
            Wangge__V1__ImportHistoryResponse r = WANGGE__V1__IMPORT_HISTORY_RESPONSE__INIT;
            r.sequence = it->sequence;
            if (it->ok) {
                r.result_case = WANGGE__V1__IMPORT_HISTORY_RESPONSE__RESULT_OK;
                r.ok = it->ok;
            } else {
                r.result_case = WANGGE__V1__IMPORT_HISTORY_RESPONSE__RESULT_ERROR;
                r.error = item_status(it->arena, &it->failed);
            }
            im->blocked = !rpc_send(call, &r.base);
        }
        im->head = it->next;
        if (!im->head)
            im->tail = &im->head;
        item_free(it);
    }
    struct item *head = im->head;
    if (head && head->state == ITEM_DECIDE) {
        struct err e;
        head->state = ITEM_BUSY;
        /* A source joins its own cases only. The people of an importer without one are not in its view (is_own). */
        const struct db_scope *scope = im->who->actor.source_id ? service_scope(im->call) : &db_scope_system;
        if (case_store_get(im->ctx->db, scope, &head->target_id, head->arena, USEC_NONE, on_target, head, &e))
            item_done(head, &e);
    }
    if (im->paused && im->in_flight < IN_FLIGHT_LOW && !im->blocked) {
        im->paused = false;
        rpc_resume(call);
    }
    if (im->half_closed && !im->head && !im->lost) {
        im->lost = true; /* finished: nothing more is sent */
        rpc_finish(call);
    }
    rpc_call_unref(call, "import pump");
}

/* Decoding ----------------------------------------------------------------------------------------------------------- */

static int decode_name(struct item *it, const char *name, const char *field, const char **ret, struct err *e)
{
    size_t chars = text_chars(name, strlen(name));
    if (chars < 1 || chars > REQUEST_NAME_MAX)
        return err_field(e, ERR_INVALID, field, "%s must have 1 to %d characters.", field, REQUEST_NAME_MAX);
    *ret = arena_strdup(it->arena, name);
    return *ret ? 0 : err_set(e, ERR_NOMEM, "The item is too large.");
}

/* Within the importer's region; people without an account are told apart by name. */
static int decode_actor(struct item *it, const Wangge__V1__Actor *a, struct actor *ret, struct err *e)
{
    const struct actor *importer = &it->import->who->actor;
    if (!a)
        return err_field(e, ERR_INVALID, "events.actor", "actor is required.");
    int rc = decode_name(it, a->name, "events.actor.name", &ret->name, e);
    if (rc)
        return rc;
    if ((int)a->role <= ROLE_NONE || (int)a->role >= ROLE_COUNT || policy_is_admin((enum role)a->role))
        return err_field(e, ERR_INVALID, "events.actor.role", "Role %d takes no part in a case.", (int)a->role);
    ret->role = (enum role)a->role;
    ret->region = importer->region;
    if (*a->organ_code) {
        const struct dir_organ *o = directory_organ_by_code(it->import->dir, a->organ_code);
        if (!o)
            return err_field(e, ERR_NOT_FOUND, "events.actor.organ_code", "There is no organ %.32s.", a->organ_code);
        ret->organ_id = o->id;
    }
    if (*a->account_id && !uuid_parse(a->account_id, &ret->account))
        return err_field(e, ERR_INVALID, "events.actor.account_id", "account_id must be a UUID.");
    if (uuid_is_nil(&ret->account))
        ret->account = request_person_id(&importer->account, ret->name);
    return 0;
}

static int decode_arrival(const Google__Protobuf__Timestamp *t, usec_t happened_at, usec_t now, usec_t *ret, struct err *e)
{
    if (!view_parse_time(t, ret))
        return err_field(e, ERR_INVALID, "arrived_at", "arrived_at is not a valid time.");
    if (*ret == USEC_NONE)
        *ret = happened_at;
    if (*ret > now)
        return err_field(e, ERR_INVALID, "arrived_at", "arrived_at lies in the future.");
    return 0;
}

static int decode_events(struct item *it, const Wangge__V1__ImportHistoryRequest *req, usec_t now, struct err *e)
{
    if (req->n_events > MAX_EVENTS)
        return err_field(e, ERR_INVALID, "events", "At most %d events a case.", MAX_EVENTS);
    it->n_events = (int)req->n_events;
    it->events = arena_zalloc(it->arena, (req->n_events + 1) * sizeof *it->events);
    it->writes = arena_zalloc(it->arena, (req->n_events + 1) * sizeof *it->writes);
    if (!it->events || !it->writes)
        return err_set(e, ERR_NOMEM, "The item is too large.");
    for (size_t i = 0; i < req->n_events; i++) {
        const Wangge__V1__ImportedEvent *in = req->events[i];
        struct import_event *ev = &it->events[i];
        if (!in->act)
            return err_field(e, ERR_INVALID, "events.act", "Event %zu has no act.", i + 1);
        int rc = request_decode_act(it->import->dir, it->arena, in->act, true, &ev->req, e);
        if (!rc)
            rc = decode_actor(it, in->actor, &ev->actor, e);
        if (!rc)
            rc = decode_arrival(in->arrived_at, ev->req.act.happened_at, now, &ev->arrived_at, e);
        if (rc)
            return rc;
        if (!uuid_is_nil(&ev->req.target_id))
            it->target_id = ev->req.target_id;
    }
    return 0;
}

static int decode(struct item *it, const Wangge__V1__ImportHistoryRequest *req, struct err *e)
{
    struct import *im = it->import;
    usec_t now = im->ctx->clock->now(im->ctx->clock);
    if (!req->case_)
        return err_field(e, ERR_INVALID, "case", "case is required.");
    int rc = request_decode_intake(im->ctx, im->dir, it->arena, req->case_, true, &it->intake, e);
    if (!rc)
        rc = decode_name(it, req->reporter_name, "reporter_name", &it->reporter.name, e);
    if (!rc)
        rc = decode_arrival(req->arrived_at, it->intake.act.happened_at, now, &it->arrived_at, e);
    if (!rc)
        rc = decode_events(it, req, now, e);
    if (rc)
        return rc;
    it->reporter.role = ROLE_GRID_WORKER;
    it->reporter.region = im->who->actor.region;
    it->reporter.source_id = im->who->actor.source_id;
    it->reporter.account = request_person_id(&im->who->actor.account, it->reporter.name);
    /* The position may differ when an import is taken up again; the body may not. */
    Wangge__V1__ImportHistoryRequest same = *req;
    same.sequence = 0;
    return request_hash_of_intake(im->ctx, it->arena, &same.base, req->case_->n_people > 0, &it->hash, e);
}

void case_import_message(struct rpc_call *call, const ProtobufCMessage *msg)
{
    struct import *im = rpc_call_data(call);
    const Wangge__V1__ImportHistoryRequest *req = (const Wangge__V1__ImportHistoryRequest *)msg;
    if (!im || im->lost)
        return;
    struct arena *a = arena_create(ITEM_ARENA);
    struct item *it = a ? arena_zalloc(a, sizeof *it) : NULL;
    struct err e = {0};
    if (!it) {
        arena_destroy(a);
        (void)err_set(&e, ERR_NOMEM, "The server is out of memory. Resume after the last answer.");
        rpc_fail(call, &e);
        return;
    }
    it->arena = a;
    it->import = im;
    it->sequence = req->sequence;
    *im->tail = it;
    im->tail = &it->next;
    im->in_flight++;
    rpc_call_ref(call, "import item");
    if (im->in_flight >= IN_FLIGHT_HIGH && !im->paused) {
        im->paused = true;
        rpc_pause(call);
    }
    if (decode(it, req, &e)) {
        item_done(it, &e);
    } else if (uuid_is_nil(&it->target_id)) {
        write_item(it);
    } else {
        it->state = ITEM_DECIDE;
        pump(im);
    }
}

void case_import_start(struct rpc_call *call)
{
    if (service_require(call, PERM_CASE_IMPORT))
        return;
    struct directory *dir = service_hold_directory(call);
    struct import *im = dir ? service_alloc(call, sizeof *im) : NULL;
    if (!im)
        return;
    im->call = call;
    im->ctx = service_ctx_of(call);
    im->dir = dir;
    im->who = service_caller(call);
    im->tail = &im->head;
    rpc_call_set_data(call, im);
}

void case_import_half_close(struct rpc_call *call)
{
    struct import *im = rpc_call_data(call);
    if (!im)
        return;
    im->half_closed = true;
    pump(im);
}

void case_import_writable(struct rpc_call *call)
{
    struct import *im = rpc_call_data(call);
    if (!im)
        return;
    im->blocked = false;
    pump(im);
}

void case_import_cancel(struct rpc_call *call)
{
    struct import *im = rpc_call_data(call);
    if (!im)
        return;
    im->lost = true;
    pump(im);
}
