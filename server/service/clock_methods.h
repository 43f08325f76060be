/* SPDX-License-Identifier: MIT */
/* The handlers of the clock service; clock_methods.c lists them. */
#ifndef WG_SERVICE_CLOCK_METHODS_H
#define WG_SERVICE_CLOCK_METHODS_H

#include "server/service/service.h"
#include "wangge/v1/clock.pb-c.h"

void clock_explain(struct rpc_call *call, const ProtobufCMessage *msg);
void clock_list_calendars(struct rpc_call *call, const ProtobufCMessage *msg);
void clock_list_limits(struct rpc_call *call, const ProtobufCMessage *msg);
void clock_set_calendar(struct rpc_call *call, const ProtobufCMessage *msg);
void clock_add_limits(struct rpc_call *call, const ProtobufCMessage *msg);
void clock_what_if(struct rpc_call *call, const ProtobufCMessage *msg);
void clock_what_if_writable(struct rpc_call *call);
void clock_what_if_cancel(struct rpc_call *call);
void clock_apply(struct rpc_call *call, const ProtobufCMessage *msg);

#endif
