/* SPDX-License-Identifier: MIT */
/* SubmitCases: many incidents, each with a result of its own. They share the write units with everybody else's. */
#include "server/service/case_intake.h"
#include "server/service/case_methods.h"
#include "server/service/item_status.h"

enum { MAX_ITEMS = 500 };

struct bulk {
    struct rpc_call *call;
    size_t n;
    size_t waiting;
    Wangge__V1__SubmitCaseResult **results;
};

struct item {
    struct bulk *bulk;
    Wangge__V1__SubmitCaseResult result;
};

static void finish_item(struct bulk *b)
{
    if (--b->waiting > 0)
        return;
    Wangge__V1__SubmitCasesResponse response = WANGGE__V1__SUBMIT_CASES_RESPONSE__INIT;
    response.n_results = b->n;
    response.results = b->results;
    rpc_reply(b->call, &response.base);
    rpc_call_unref(b->call, "bulk intake");
}

static void put_error(struct item *item, const struct err *e)
{
    item->result.result_case = WANGGE__V1__SUBMIT_CASE_RESULT__RESULT_ERROR;
    item->result.error = item_status(rpc_arena(item->bulk->call), e);
}

static void on_item(void *arg, const Wangge__V1__SubmitCaseResponse *ok, const ProtobufCMessage *detail, const struct err *e)
{
    struct item *item = arg;
    if (ok) {
        item->result.result_case = WANGGE__V1__SUBMIT_CASE_RESULT__RESULT_OK;
        item->result.ok = (Wangge__V1__SubmitCaseResponse *)ok;
    } else {
        put_error(item, e);
    }
    finish_item(item->bulk);
}

void case_submit_bulk(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__SubmitCasesRequest *req = (const Wangge__V1__SubmitCasesRequest *)msg;
    struct arena *a = rpc_arena(call);
    struct err e;
    if (service_require(call, PERM_CASE_SUBMIT))
        return;
    if (req->n_items < 1 || req->n_items > MAX_ITEMS) {
        (void)err_field(&e, ERR_INVALID, "items", "Send 1 to %d items, not %zu.", MAX_ITEMS, req->n_items);
        rpc_fail(call, &e);
        return;
    }
    struct bulk *b = arena_zalloc(a, sizeof *b);
    struct item *items = arena_zalloc(a, req->n_items * sizeof *items);
    if (b)
        b->results = arena_alloc(a, req->n_items * sizeof *b->results);
    if (!b || !items || !b->results) {
        (void)err_set(&e, ERR_NOMEM, "The request is too large. Send it in smaller parts.");
        rpc_fail(call, &e);
        return;
    }
    b->call = rpc_call_ref(call, "bulk intake");
    b->n = req->n_items;
    b->waiting = req->n_items + 1; /* one for this loop: no answer before all are started */
    for (size_t i = 0; i < req->n_items; i++) {
        items[i].bulk = b;
        wangge__v1__submit_case_result__init(&items[i].result);
        b->results[i] = &items[i].result;
        if (intake_start(call, a, req->items[i], on_item, &items[i], &e)) {
            put_error(&items[i], &e);
            b->waiting--;
        }
    }
    finish_item(b);
}
