/* SPDX-License-Identifier: MIT */
/* The handlers of the directory service, one file each; directory_methods.c lists them. */
#ifndef WG_SERVICE_DIRECTORY_METHODS_H
#define WG_SERVICE_DIRECTORY_METHODS_H

#include "server/service/service.h"
#include "wangge/v1/directory.pb-c.h"

void directory_list_regions(struct rpc_call *call, const ProtobufCMessage *msg);
void directory_locate_grid(struct rpc_call *call, const ProtobufCMessage *msg);
void directory_list_categories(struct rpc_call *call, const ProtobufCMessage *msg);
void directory_list_organs(struct rpc_call *call, const ProtobufCMessage *msg);
void directory_list_metrics(struct rpc_call *call, const ProtobufCMessage *msg);
void directory_list_actions(struct rpc_call *call, const ProtobufCMessage *msg);
void directory_import_rows(struct rpc_call *call, const ProtobufCMessage *msg);
void directory_create_account(struct rpc_call *call, const ProtobufCMessage *msg);

/* The snapshot, borrowed until the handler returns; NULL (and answered) if the caller may not or nothing is loaded yet. */
const struct directory *directory_enter(struct rpc_call *call, enum permission perm);
/* Answers with ERR_NOMEM. */
void directory_fail_nomem(struct rpc_call *call);
/* The caller's subtree; everywhere for an account without a region. */
struct region_span directory_scope(const struct rpc_call *call);
/* An etag for a list that depends on the snapshot and on what else selects it. NULL without memory. */
char *directory_etag(struct arena *a, const struct directory *dir, char list, int64_t lo, int64_t hi, int variant);
/* NULL without memory. Texts are borrowed from the snapshot: reply before returning to the loop. */
Wangge__V1__Region *directory_view_region(struct arena *a, const struct dir_region *r, bool with_boundary);

#endif
