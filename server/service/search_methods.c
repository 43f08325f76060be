/* SPDX-License-Identifier: MIT */
#include "server/service/search_methods.h"

#include "server/service/report_scope.h"

enum { READ_MS = 10000, WRITE_MS = 15000, TRY_MS = 60000 };

int search_scope_of(const struct actor *who, const char *region_code, struct search_scope *ret, struct err *e)
{
    struct policy_view view;
    int64_t region;
    *ret = (struct search_scope){.span = region_span_all()};
    int rc = scope_region(who, region_code, "region_code", &region, &ret->span, e);
    if (rc)
        return rc;
    policy_view_of(who, &view);
    service_scope_of_view(&view, &ret->wall);
    if (view.nothing)
        return err_set(e, ERR_DENIED, "Your role sees no cases.");
    if (view.span.lo > ret->span.lo)
        ret->span.lo = view.span.lo;
    if (view.span.hi < ret->span.hi)
        ret->span.hi = view.span.hi;
    ret->organ_id = view.organ_id;
    ret->reporter = view.reporter;
    ret->source_id = view.source_id;
    return 0;
}

#define METHOD(name, message, ms, handler)                                                                                     \
    {                                                                                                                          \
        .path = "/wangge.v1.SearchService/" name, .kind = RPC_UNARY, .request = &wangge__v1__##message##_request__descriptor,  \
        .response = &wangge__v1__##message##_response__descriptor, .default_deadline_ms = ms, .on_message = handler,           \
    }

const struct rpc_method search_methods[] = {
    METHOD("Search", search, READ_MS, search_find),
    METHOD("FindSimilar", find_similar, READ_MS, search_similar),
    METHOD("SuggestDispatch", suggest_dispatch, READ_MS, search_suggest),
    METHOD("ListDispatchRules", list_dispatch_rules, READ_MS, search_rules_list),
    METHOD("SetDispatchRules", set_dispatch_rules, WRITE_MS, search_rules_set),
    METHOD("TryDispatchRules", try_dispatch_rules, TRY_MS, search_rules_try),
    {.path = NULL},
};
