/* SPDX-License-Identifier: MIT */
/* Handlers of the people service; a file each. */
#ifndef WG_SERVICE_PEOPLE_METHODS_H
#define WG_SERVICE_PEOPLE_METHODS_H

#include "server/service/service.h"

void people_set(struct rpc_call *call, const ProtobufCMessage *msg);
void people_reveal(struct rpc_call *call, const ProtobufCMessage *msg);

#endif
