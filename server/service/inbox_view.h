/* SPDX-License-Identifier: MIT */
/* Notices as the API shows them, for the inbox and the change feed. */
#ifndef WG_SERVICE_INBOX_VIEW_H
#define WG_SERVICE_INBOX_VIEW_H

#include "server/service/service.h"
#include "server/store/notice_store.h"
#include "wangge/v1/inbox.pb-c.h"

/* In the arena; NULL without memory. */
Wangge__V1__Notice *view_notice(struct arena *a, const struct directory *dir, const struct notice_row *row);
/* "0" to INT64_MAX in digits. False otherwise. */
bool view_parse_notice_id(const char *s, int64_t *ret);

void inbox_list(struct rpc_call *call, const ProtobufCMessage *msg);
void inbox_count(struct rpc_call *call, const ProtobufCMessage *msg);
void inbox_mark(struct rpc_call *call, const ProtobufCMessage *msg);

#endif
