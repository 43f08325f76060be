/* SPDX-License-Identifier: MIT */
/* The handlers of the authentication service, one file each; auth_methods.c lists them. */
#ifndef WG_SERVICE_AUTH_METHODS_H
#define WG_SERVICE_AUTH_METHODS_H

#include "server/service/service.h"
#include "server/store/account_store.h"
#include "wangge/v1/auth.pb-c.h"

void auth_login(struct rpc_call *call, const ProtobufCMessage *msg);
void auth_logout(struct rpc_call *call, const ProtobufCMessage *msg);
void auth_who_am_i(struct rpc_call *call, const ProtobufCMessage *msg);

/* An account as the API shows it. dir may be NULL (not loaded yet): names are then empty. Strings of login and name are
 * borrowed. NULL without memory. */
Wangge__V1__Account *auth_view_account(struct arena *a, const struct directory *dir, const struct actor *who, const char *login,
                                       const char *name);
/* NULL without memory. */
Google__Protobuf__Timestamp *auth_view_time(struct arena *a, usec_t t);

#endif
