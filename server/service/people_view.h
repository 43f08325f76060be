/* SPDX-License-Identifier: MIT */
/*
 * People of cases between the API and the domain: decoded and checked, read from the store and opened, shown masked or whole.
 * Called by intake, import, GetCase and the people service. Everything lives in the call's arena.
 */
#ifndef WG_SERVICE_PEOPLE_VIEW_H
#define WG_SERVICE_PEOPLE_VIEW_H

#include "server/service/person_seal.h"
#include "server/service/service.h"
#include "server/store/case_row.h"
#include "wangge/v1/case.pb-c.h"

/*
 * Checks and seals the people of a request for the case of this id. ERR_INVALID names the field; ERR_PRECONDITION: there are
 * people and no data key is configured. *ret is NULL if there are none.
 */
int people_decode(const struct service_ctx *ctx, struct arena *a, const struct uuid *case_id, bool confidential,
                  Wangge__V1__Person *const *list, size_t n, struct person_row **ret, struct err *e) MUST_CHECK;

/* People of one case, opened; hidden[i] tells a reporter of a confidential case. */
struct people {
    const struct person *list;
    const bool *hidden;
    int n;
};
typedef void (*people_load_fn)(void *arg, const struct people *people, const struct err *e);
/* Reads and opens them. The call is held by whoever asks. Errors: fn is then not called. */
int people_load(struct rpc_call *call, const struct uuid *case_id, people_load_fn fn, void *arg, struct err *e) MUST_CHECK;

/* Sets *ret (NULL if none) and returns how many, or -1 without memory. masked: parts are replaced, hidden people left out
 * unless show_hidden. */
int people_show(struct arena *a, const struct people *people, bool masked, bool show_hidden, Wangge__V1__Person ***ret);

#endif
