/* SPDX-License-Identifier: MIT */
/*
 * Intake of one case, shared by SubmitCase and SubmitCases: check, gate, number, write, answer. Exactly once by request_id.
 */
#ifndef WG_SERVICE_CASE_INTAKE_H
#define WG_SERVICE_CASE_INTAKE_H

#include "server/service/service.h"
#include "wangge/v1/case.pb-c.h"

/* How an intake ended: ok, or NULL with e. detail is a CaseConflict or NULL. All live in the call's arena. */
typedef void (*intake_fn)(void *arg, const Wangge__V1__SubmitCaseResponse *ok, const ProtobufCMessage *detail,
                          const struct err *e);

/*
 * Starts an intake for call's caller. a is the call's arena; the caller holds a reference on the call until fn. Returns an
 * error (in *e) if it ended at once; fn is then not called.
 */
int intake_start(struct rpc_call *call, struct arena *a, const Wangge__V1__SubmitCaseRequest *req, intake_fn fn, void *arg,
                 struct err *e) MUST_CHECK;

#endif
