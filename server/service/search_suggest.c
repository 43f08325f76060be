/* SPDX-License-Identifier: MIT */
/* SuggestDispatch: the organs that the dispatch rules name for a case, were it dispatched now. */
#include "server/service/audit.h"
#include "server/service/case_view.h"
#include "server/service/search_methods.h"
#include "server/store/case_store.h"

enum { SUGGESTIONS_MAX = 20 };
static const char WHY[] = "suggest dispatch";

struct suggest {
    struct rpc_call *call;
    struct directory *dir;
    struct uuid case_id;
};

static Wangge__V1__DispatchSuggestion *view(struct arena *a, const struct directory *dir, const struct dispatch_rule *r)
{
    Wangge__V1__DispatchSuggestion *v = arena_alloc(a, sizeof *v);
    char **helpers = arena_alloc(a, DISPATCH_CO_MAX * sizeof *helpers);
    char *reason = arena_alloc(a, DISPATCH_REASON_SIZE);
    const struct dir_organ *o = directory_organ_by_id(dir, r->organ_id);
    if (!v || !helpers || !reason || !o)
        return NULL;
    wangge__v1__dispatch_suggestion__init(v);
    v->organ_code = (char *)o->code;
    v->organ_name = (char *)o->name;
    v->rule_id = view_uuid(a, &r->id);
    dispatch_rule_reason(r, reason);
    v->reason = reason;
    v->co_organ_codes = helpers;
    for (int i = 0; i < r->n_co; i++) {
        const struct dir_organ *helper = directory_organ_by_id(dir, r->co_organ_ids[i]);
        if (helper && helper->active)
            helpers[v->n_co_organ_codes++] = (char *)helper->code;
    }
    return v->rule_id ? v : NULL;
}

static int answer(struct suggest *s, const struct case_row *row, struct err *e)
{
    struct service_ctx *ctx = service_ctx_of(s->call);
    struct arena *a = rpc_arena(s->call);
    struct rule_set *set = rule_store_get(ctx->rule_store);
    const struct dir_category *c = directory_category_by_id(s->dir, row->snap.category_id);
    Wangge__V1__SuggestDispatchResponse response = WANGGE__V1__SUGGEST_DISPATCH_RESPONSE__INIT;
    Wangge__V1__DispatchSuggestion *list[SUGGESTIONS_MAX];
    int32_t named[SUGGESTIONS_MAX];
    struct dispatch_case k;
    int at = 0;
    const struct dispatch_rule *r;
    if (!set)
        return err_set(e, ERR_UNAVAILABLE, "The server is starting. Try again in a moment.");
    dispatch_case_at(&k, c ? c->code : "", row->snap.grid, ctx->clock->now(ctx->clock), BUSINESS_UTC_OFFSET_S);
    response.suggestions = list;
    while (response.n_suggestions < SUGGESTIONS_MAX && (r = dispatch_rules_next(set->rules, set->n, s->dir, &k, &at))) {
        bool known = false;
        /* An organ that a more specific rule named already is not said twice. */
        for (size_t i = 0; i < response.n_suggestions; i++)
            known = known || named[i] == r->organ_id;
        if (known)
            continue;
        named[response.n_suggestions] = r->organ_id;
        list[response.n_suggestions] = view(a, s->dir, r);
        if (!list[response.n_suggestions++])
            return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    }
    rpc_reply(s->call, &response.base);
    return 0;
}

static void on_case(void *arg, const struct case_row *row, const struct err *e)
{
    struct suggest *s = arg;
    struct policy_view view;
    struct err failed = *e;
    policy_view_of(&service_caller(s->call)->actor, &view);
    if (!failed.code && (!row || !policy_sees(&view, &row->snap))) {
        audit_hidden(s->call, &s->case_id);
        (void)err_set(&failed, ERR_NOT_FOUND, "There is no such case, or it is not yours to see.");
    }
    if (failed.code || answer(s, row, &failed))
        rpc_fail(s->call, &failed);
    rpc_call_unref(s->call, WHY);
}

void search_suggest(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__SuggestDispatchRequest *req = (const Wangge__V1__SuggestDispatchRequest *)msg;
    struct err e = {0};
    if (service_require(call, PERM_SEARCH))
        return;
    struct directory *dir = service_hold_directory(call);
    struct suggest *s = dir ? service_alloc(call, sizeof *s) : NULL;
    if (!s)
        return;
    *s = (struct suggest){.call = rpc_call_ref(call, WHY), .dir = dir};
    int rc = uuid_parse(req->case_id, &s->case_id) ? 0 : err_field(&e, ERR_INVALID, "case_id", "case_id must be a UUID.");
    if (!rc)
        rc = case_store_get(service_ctx_of(call)->db, service_scope(call), &s->case_id, rpc_arena(call), rpc_deadline(call),
                            on_case, s, &e);
    if (rc)
        service_fail_unref(call, &e, WHY);
}
