/* SPDX-License-Identifier: MIT */
/* ListCaseEvents: the history of a case the caller may see. */
#include "server/service/audit.h"
#include "server/service/case_methods.h"
#include "server/service/case_view.h"
#include "server/store/case_store.h"

enum { MAX_EVENTS = 1000 };

struct history {
    struct rpc_call *call;
    struct directory *dir;
    struct uuid case_id;
    int64_t after_version;
    struct view_lens lens;
};

static void on_events(void *arg, const struct event_row *rows, int n, const struct err *e)
{
    struct history *h = arg;
    struct arena *a = rpc_arena(h->call);
    struct err failed = *e;
    Wangge__V1__ListCaseEventsResponse response = WANGGE__V1__LIST_CASE_EVENTS_RESPONSE__INIT;
    if (!failed.code) {
        response.events = arena_alloc(a, (size_t)(n + 1) * sizeof *response.events);
        for (int i = 0; response.events && i < n; i++) {
            Wangge__V1__CaseEvent *ev = view_event(a, h->dir, &h->lens, &rows[i]);
            if (!ev)
                break;
            response.events[response.n_events++] = ev;
        }
        if ((int)response.n_events < n)
            (void)err_set(&failed, ERR_NOMEM, "The history is too long for one answer. Ask with after_version.");
    }
    if (failed.code)
        rpc_fail(h->call, &failed);
    else
        rpc_reply(h->call, &response.base);
    rpc_call_unref(h->call, "history");
}

static void on_case(void *arg, const struct case_row *found, const struct err *e)
{
    struct history *h = arg;
    struct policy_view view;
    policy_view_of(&service_caller(h->call)->actor, &view);
    struct err failed = *e;
    if (!failed.code && (!found || !policy_sees(&view, &found->snap))) {
        audit_hidden(h->call, &h->case_id);
        (void)err_set(&failed, ERR_NOT_FOUND, "There is no such case, or it is not yours to see.");
    }
    if (!failed.code)
        h->lens =
            view_lens_of(&service_caller(h->call)->actor, case_has(&found->snap, CASE_CONFIDENTIAL), &found->snap.reporter);
    if (failed.code || case_store_events(service_ctx_of(h->call)->db, service_scope(h->call), &h->case_id, h->after_version,
                                         MAX_EVENTS, rpc_arena(h->call), rpc_deadline(h->call), on_events, h, &failed))
        service_fail_unref(h->call, &failed, "history");
}

void case_events(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__ListCaseEventsRequest *req = (const Wangge__V1__ListCaseEventsRequest *)msg;
    struct err e;
    if (service_require(call, PERM_CASE_READ))
        return;
    struct directory *dir = service_hold_directory(call);
    struct history *h = dir ? service_alloc(call, sizeof *h) : NULL;
    if (!h)
        return;
    *h = (struct history){.call = rpc_call_ref(call, "history"), .dir = dir, .after_version = req->after_version};
    int rc = 0;
    if (!uuid_parse(req->case_id, &h->case_id))
        rc = err_field(&e, ERR_INVALID, "case_id", "case_id must be a UUID.");
    else if (req->after_version < 0 || req->after_version > INT32_MAX)
        rc = err_field(&e, ERR_INVALID, "after_version", "after_version is out of range.");
    if (!rc)
        rc = case_store_get(service_ctx_of(call)->db, service_scope(call), &h->case_id, rpc_arena(call), rpc_deadline(call),
                            on_case, h, &e);
    if (rc)
        service_fail_unref(call, &e, "history");
}
