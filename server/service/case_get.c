/* SPDX-License-Identifier: MIT */
/* GetCase: one case by id or number, with what the caller may do now. */
#include "server/domain/number.h"
#include "server/service/case_methods.h"
#include "server/service/case_request.h"
#include "server/service/case_view.h"
#include "server/store/case_store.h"

struct get {
    struct rpc_call *call;
    struct directory *dir;
};

static void on_case(void *arg, const struct case_row *found, const struct err *e)
{
    struct get *g = arg;
    const struct actor *who = &service_caller(g->call)->actor;
    struct policy_view view;
    policy_view_of(who, &view);
    struct err failed = *e;
    Wangge__V1__GetCaseResponse response = WANGGE__V1__GET_CASE_RESPONSE__INIT;
    if (!failed.code && (!found || !policy_sees(&view, &found->snap)))
        (void)err_set(&failed, ERR_NOT_FOUND, "There is no such case, or it is not yours to see.");
    if (!failed.code) {
        response.case_ = view_case(rpc_arena(g->call), service_ctx_of(g->call), g->dir, who, found, true);
        if (!response.case_)
            (void)err_set(&failed, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    }
    if (failed.code)
        rpc_fail(g->call, &failed);
    else
        rpc_reply(g->call, &response.base);
    rpc_call_unref(g->call, "get case");
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
    struct uuid id;
    int64_t number;
    if (req->key_case == WANGGE__V1__GET_CASE_REQUEST__KEY_CASE_ID) {
        rc = uuid_parse(req->case_id, &id) ? 0 : err_field(&e, ERR_INVALID, "case_id", "case_id must be a UUID.");
        if (!rc)
            rc = case_store_get(ctx->db, &id, a, rpc_deadline(call), on_case, g, &e);
    } else if (req->key_case == WANGGE__V1__GET_CASE_REQUEST__KEY_NUMBER) {
        rc = number_parse(req->number, &number, &e);
        if (rc)
            rc = err_field(&e, ERR_INVALID, "number", "A case number has 16 to 18 digits.");
        else
            rc = case_store_get_by_number(ctx->db, number, a, rpc_deadline(call), on_case, g, &e);
    } else {
        rc = err_field(&e, ERR_INVALID, "case_id", "Give case_id or number.");
    }
    if (rc)
        service_fail_unref(call, &e, "get case");
}
