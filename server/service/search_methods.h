/* SPDX-License-Identifier: MIT */
/* The handlers of the search service, one file each, and what they share; search_methods.c lists them. */
#ifndef WG_SERVICE_SEARCH_METHODS_H
#define WG_SERVICE_SEARCH_METHODS_H

#include "server/service/case_methods.h"
#include "server/store/rule_store.h"
#include "server/store/search_store.h"
#include "wangge/v1/search.pb-c.h"

void search_find(struct rpc_call *call, const ProtobufCMessage *msg);
void search_similar(struct rpc_call *call, const ProtobufCMessage *msg);
void search_suggest(struct rpc_call *call, const ProtobufCMessage *msg);
void search_rules_list(struct rpc_call *call, const ProtobufCMessage *msg);
void search_rules_set(struct rpc_call *call, const ProtobufCMessage *msg);
void search_rules_try(struct rpc_call *call, const ProtobufCMessage *msg);

/* What the caller may find in the region asked for (empty: their own). ERR_INVALID, ERR_DENIED with the field. */
int search_scope_of(const struct actor *who, const char *region_code, struct search_scope *ret, struct err *e) MUST_CHECK;

/* Reads rules of a request; *ret in the arena. Checks each against the directory (dispatch_rule_check), and that ids are UUIDs
 * and given once. A removed one is only its id. */
struct search_rules {
    struct dispatch_rule *rules;
    bool *removed;
    int n;
};
int search_rules_decode(struct arena *a, const struct directory *dir, Wangge__V1__DispatchRule *const *rules, size_t n,
                        struct search_rules *ret, struct err *e) MUST_CHECK;
/* NULL without memory. */
Wangge__V1__DispatchRule *search_rule_view(struct arena *a, const struct directory *dir, const struct dispatch_rule *r);

#endif
