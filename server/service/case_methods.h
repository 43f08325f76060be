/* SPDX-License-Identifier: MIT */
/* The handlers of the case and report services, one file each; case_methods.c and report_methods.c list them. */
#ifndef WG_SERVICE_CASE_METHODS_H
#define WG_SERVICE_CASE_METHODS_H

#include "server/service/service.h"

void case_submit(struct rpc_call *call, const ProtobufCMessage *msg);
void case_submit_bulk(struct rpc_call *call, const ProtobufCMessage *msg);
void case_get(struct rpc_call *call, const ProtobufCMessage *msg);
void case_list(struct rpc_call *call, const ProtobufCMessage *msg);
void case_act(struct rpc_call *call, const ProtobufCMessage *msg);
void case_add_note(struct rpc_call *call, const ProtobufCMessage *msg);
void case_events(struct rpc_call *call, const ProtobufCMessage *msg);

void case_import_start(struct rpc_call *call);
void case_import_message(struct rpc_call *call, const ProtobufCMessage *msg);
void case_import_half_close(struct rpc_call *call);
void case_import_writable(struct rpc_call *call);
void case_import_cancel(struct rpc_call *call);

void report_query(struct rpc_call *call, const ProtobufCMessage *msg);
void report_cases(struct rpc_call *call, const ProtobufCMessage *msg);
void report_list(struct rpc_call *call, const ProtobufCMessage *msg);
void report_pull(struct rpc_call *call, const ProtobufCMessage *msg);
void report_pull_writable(struct rpc_call *call);
void report_pull_cancel(struct rpc_call *call);
void report_freeze(struct rpc_call *call, const ProtobufCMessage *msg);
void report_frozen_list_call(struct rpc_call *call, const ProtobufCMessage *msg);
void report_frozen_get_call(struct rpc_call *call, const ProtobufCMessage *msg);
void report_restate(struct rpc_call *call, const ProtobufCMessage *msg);
void report_save(struct rpc_call *call, const ProtobufCMessage *msg);
void report_delete(struct rpc_call *call, const ProtobufCMessage *msg);
void report_take_run(struct rpc_call *call, const ProtobufCMessage *msg);
void report_finish_run(struct rpc_call *call, const ProtobufCMessage *msg);
void report_frozen_writable(struct rpc_call *call);
void report_frozen_cancel(struct rpc_call *call);

/*
 * Answers PERMISSION_DENIED, or UNAVAILABLE before the directory is loaded, and returns true if the caller may not go on.
 * DOMAIN roles: server/domain/policy.h.
 */
bool service_require(struct rpc_call *call, enum permission perm);
/* Answers with an error and drops the reference taken as why; for callbacks. */
void service_fail_unref(struct rpc_call *call, const struct err *e, const char *why);
/* Keeps the directory for the life of the call. NULL (and answered) without memory. */
struct directory *service_hold_directory(struct rpc_call *call);
/* Zeroed memory of the call's arena. NULL (and answered) without memory. */
void *service_alloc(struct rpc_call *call, size_t size);

#endif
