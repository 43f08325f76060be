/* SPDX-License-Identifier: MIT */
#include "server/service/case_methods.h"

#include "wangge/v1/case.pb-c.h"

bool service_require(struct rpc_call *call, enum permission perm)
{
    struct err e;
    if (!policy_may(service_caller(call)->actor.role, perm))
        (void)err_set(&e, ERR_DENIED, "Your role (%s) may not do this.", role_name(service_caller(call)->actor.role));
    else if (!service_ctx_of(call)->dir)
        (void)err_set(&e, ERR_UNAVAILABLE, "The server is starting. Try again in a moment.");
    else
        return false;
    rpc_fail(call, &e);
    return true;
}

void service_scope_of_view(const struct policy_view *view, struct db_scope *ret)
{
    *ret = db_scope_none;
    if (!view->nothing)
        *ret = (struct db_scope){.lo = view->span.lo,
                                 .hi = view->span.hi,
                                 .organ_id = view->organ_id,
                                 .reporter = view->reporter,
                                 .source_id = view->source_id,
                                 .numbers = (int32_t)view->numbers};
}

void service_fail_unref(struct rpc_call *call, const struct err *e, const char *why)
{
    rpc_fail(call, e);
    rpc_call_unref(call, why);
}

static void unref_directory(void *dir)
{
    directory_unref(dir);
}

static void fail_nomem(struct rpc_call *call)
{
    struct err e;
    (void)err_set(&e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    rpc_fail(call, &e);
}

struct directory *service_hold_directory(struct rpc_call *call)
{
    struct directory *dir = directory_ref(service_ctx_of(call)->dir);
    if (arena_on_dispose(rpc_arena(call), unref_directory, dir) == 0)
        return dir;
    directory_unref(dir);
    fail_nomem(call);
    return NULL;
}

void *service_alloc(struct rpc_call *call, size_t size)
{
    void *p = arena_zalloc(rpc_arena(call), size);
    if (!p)
        fail_nomem(call);
    return p;
}

enum { READ_MS = 10000, WRITE_MS = 15000 };

const struct rpc_method case_methods[] = {
    {
        .path = "/wangge.v1.CaseService/SubmitCase",
        .kind = RPC_UNARY,
        .request = &wangge__v1__submit_case_request__descriptor,
        .response = &wangge__v1__submit_case_response__descriptor,
        .default_deadline_ms = WRITE_MS,
        .on_message = case_submit,
    },
    {
        .path = "/wangge.v1.CaseService/SubmitCases",
        .kind = RPC_UNARY,
        .request = &wangge__v1__submit_cases_request__descriptor,
        .response = &wangge__v1__submit_cases_response__descriptor,
        .default_deadline_ms = WRITE_MS,
        .on_message = case_submit_bulk,
    },
    {
        .path = "/wangge.v1.CaseService/GetCase",
        .kind = RPC_UNARY,
        .request = &wangge__v1__get_case_request__descriptor,
        .response = &wangge__v1__get_case_response__descriptor,
        .default_deadline_ms = READ_MS,
        .on_message = case_get,
    },
    {
        .path = "/wangge.v1.CaseService/ListCases",
        .kind = RPC_UNARY,
        .request = &wangge__v1__list_cases_request__descriptor,
        .response = &wangge__v1__list_cases_response__descriptor,
        .default_deadline_ms = READ_MS,
        .on_message = case_list,
    },
    {
        .path = "/wangge.v1.CaseService/Act",
        .kind = RPC_UNARY,
        .request = &wangge__v1__act_request__descriptor,
        .response = &wangge__v1__act_response__descriptor,
        .default_deadline_ms = WRITE_MS,
        .on_message = case_act,
    },
    {
        .path = "/wangge.v1.CaseService/AddNote",
        .kind = RPC_UNARY,
        .request = &wangge__v1__add_note_request__descriptor,
        .response = &wangge__v1__add_note_response__descriptor,
        .default_deadline_ms = WRITE_MS,
        .on_message = case_add_note,
    },
    {
        .path = "/wangge.v1.CaseService/ListCaseEvents",
        .kind = RPC_UNARY,
        .request = &wangge__v1__list_case_events_request__descriptor,
        .response = &wangge__v1__list_case_events_response__descriptor,
        .default_deadline_ms = READ_MS,
        .on_message = case_events,
    },
    {
        .path = "/wangge.v1.CaseService/ImportHistory",
        .kind = RPC_BIDI,
        .request = &wangge__v1__import_history_request__descriptor,
        .response = &wangge__v1__import_history_response__descriptor,
        .on_start = case_import_start,
        .on_message = case_import_message,
        .on_half_close = case_import_half_close,
        .on_writable = case_import_writable,
        .on_cancel = case_import_cancel,
    },
    {.path = NULL},
};
