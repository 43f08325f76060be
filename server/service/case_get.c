/* SPDX-License-Identifier: MIT */
/* GetCase: one case by id or number, with what the caller may do now. */
#include "server/domain/number.h"
#include "server/service/audit.h"
#include "server/service/case_life.h"
#include "server/service/case_methods.h"
#include "server/service/case_request.h"
#include "server/service/case_view.h"
#include "server/service/people_view.h"
#include "server/store/attachment_store.h"
#include "server/store/case_store.h"

struct get {
    struct rpc_call *call; /* held */
    struct directory *dir;
    struct uuid id;
    int64_t number; /* 0: asked for by id */
    struct view_lens lens;
    Wangge__V1__Case *found;
};

static void end(struct get *g, const struct err *e)
{
    if (e->code) {
        rpc_fail(g->call, e);
    } else {
        Wangge__V1__GetCaseResponse response = WANGGE__V1__GET_CASE_RESPONSE__INIT;
        response.case_ = g->found;
        rpc_reply(g->call, &response.base);
    }
    rpc_call_unref(g->call, "get case");
}

static void end_nomem(struct get *g)
{
    struct err e;
    (void)err_set(&e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    end(g, &e);
}

/* Masked for everybody; of a confidential case its reporter alone sees that somebody told of it. */
static void on_people(void *arg, const struct people *people, const struct err *e)
{
    struct get *g = arg;
    int n = e->code ? 0 : people_show(rpc_arena(g->call), people, true, !g->lens.hide_reporter, &g->found->people);
    if (n < 0) {
        end_nomem(g);
        return;
    }
    g->found->n_people = (size_t)n;
    end(g, e);
}

static void on_files(void *arg, int n, const struct err *e)
{
    struct get *g = arg;
    struct err failed;
    g->found->attachment_count = n;
    if (e->code)
        end(g, e);
    else if (people_load(g->call, &g->id, on_people, g, &failed))
        end(g, &failed);
}

static void on_links(void *arg, const struct link_row *rows, int n, const struct err *e)
{
    struct get *g = arg;
    struct err failed;
    if (!e->code && !life_add_links(rpc_arena(g->call), rows, n, g->found))
        end_nomem(g);
    else if (e->code)
        end(g, e);
    else if (attachment_store_count(service_ctx_of(g->call)->db, service_scope(g->call), rpc_arena(g->call), &g->id,
                                    rpc_deadline(g->call), on_files, g, &failed))
        end(g, &failed);
}

static void read_links(struct get *g)
{
    struct err e;
    if (case_store_links(service_ctx_of(g->call)->db, service_scope(g->call), &g->id, LIFE_MAX_LINKS, rpc_arena(g->call),
                         rpc_deadline(g->call), on_links, g, &e))
        end(g, &e);
}

static void on_events(void *arg, const struct event_row *rows, int n, const struct err *e)
{
    struct get *g = arg;
    if (e->code)
        end(g, e);
    else if (!life_add_events(rpc_arena(g->call), g->dir, &g->lens, rows, n, g->found))
        end_nomem(g);
    else
        read_links(g);
}

static void hide(struct get *g, struct err *e)
{
    if (g->number)
        audit_hidden_number(g->call, g->number);
    else
        audit_hidden(g->call, &g->id);
    (void)err_set(e, ERR_NOT_FOUND, "There is no such case, or it is not yours to see.");
}

static void on_case(void *arg, const struct case_row *found, const struct err *e)
{
    struct get *g = arg;
    const struct actor *who = &service_caller(g->call)->actor;
    struct arena *a = rpc_arena(g->call);
    struct policy_view view;
    policy_view_of(who, &view);
    struct err failed = *e;
    if (!failed.code && (!found || !policy_sees(&view, &found->snap)))
        hide(g, &failed);
    if (failed.code) {
        end(g, &failed);
        return;
    }
    g->id = found->snap.id;
    g->lens = view_lens_of(who, case_has(&found->snap, CASE_CONFIDENTIAL), &found->snap.reporter);
    g->found = view_case(a, service_ctx_of(g->call), g->dir, who, found, true);
    if (!g->found || !life_add_co_organs(a, g->dir, &found->snap, g->found))
        end_nomem(g);
    else if (!life_needs_events(&found->snap))
        read_links(g);
    else if (case_store_events(service_ctx_of(g->call)->db, service_scope(g->call), &g->id, 0, LIFE_MAX_EVENTS, a,
                               rpc_deadline(g->call), on_events, g, &failed))
        end(g, &failed);
}

void case_get(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__GetCaseRequest *req = (const Wangge__V1__GetCaseRequest *)msg;
    struct service_ctx *ctx = service_ctx_of(call);
    struct arena *a = rpc_arena(call);
    struct err e;
    if (service_require(call, PERM_CASE_READ))
        return;
    struct directory *dir = service_hold_directory(call);
    struct get *g = dir ? service_alloc(call, sizeof *g) : NULL;
    if (!g)
        return;
    *g = (struct get){.call = rpc_call_ref(call, "get case"), .dir = dir};
    int rc;
    if (req->key_case == WANGGE__V1__GET_CASE_REQUEST__KEY_CASE_ID) {
        rc = uuid_parse(req->case_id, &g->id) ? 0 : err_field(&e, ERR_INVALID, "case_id", "case_id must be a UUID.");
        if (!rc)
            rc = case_store_get(ctx->db, service_scope(call), &g->id, a, rpc_deadline(call), on_case, g, &e);
    } else if (req->key_case == WANGGE__V1__GET_CASE_REQUEST__KEY_NUMBER) {
        rc = number_parse(req->number, &g->number, &e);
        if (rc)
            rc = err_field(&e, ERR_INVALID, "number", "A case number has 16 to 18 digits.");
        else
            rc = case_store_get_by_number(ctx->db, service_scope(call), g->number, a, rpc_deadline(call), on_case, g, &e);
    } else {
        rc = err_field(&e, ERR_INVALID, "case_id", "Give case_id or number.");
    }
    if (rc)
        service_fail_unref(call, &e, "get case");
}
