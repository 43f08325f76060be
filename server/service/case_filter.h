/* SPDX-License-Identifier: MIT */
/* A filter of cases as asked for, checked, looked up, and confined to what the caller may see. */
#ifndef WG_SERVICE_CASE_FILTER_H
#define WG_SERVICE_CASE_FILTER_H

#include "server/service/service.h"
#include "server/store/case_store.h"
#include "wangge/v1/case.pb-c.h"

/*
 * Fills q (after case_query_init); texts are borrowed from f and the call's arena. ERR_INVALID, ERR_NOT_FOUND (organ),
 * ERR_DENIED (a region outside, a role that sees nothing).
 */
int case_filter_decode(struct rpc_call *call, const struct directory *dir, const Wangge__V1__CaseFilter *f,
                       struct case_query *q, struct err *e) MUST_CHECK;

#endif
