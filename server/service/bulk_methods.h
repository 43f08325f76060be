/* SPDX-License-Identifier: MIT */
/* The handlers of the bulk service; bulk_methods.c lists them. */
#ifndef WG_SERVICE_BULK_METHODS_H
#define WG_SERVICE_BULK_METHODS_H

#include "server/service/service.h"
#include "wangge/v1/bulk.pb-c.h"

void bulk_run(struct rpc_call *call, const ProtobufCMessage *msg);
void bulk_run_writable(struct rpc_call *call);
void bulk_run_cancel(struct rpc_call *call);

#endif
