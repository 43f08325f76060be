/* SPDX-License-Identifier: MIT */
/*
 * The handlers of the account service, a few to a file; account_methods.c lists them and holds what they share: a statement on
 * behalf of a call, what the database's refusals mean, the audit of each act.
 */
#ifndef WG_SERVICE_ACCOUNT_METHODS_H
#define WG_SERVICE_ACCOUNT_METHODS_H

#include "server/db/result.h"
#include "server/domain/password_rules.h"
#include "server/service/service.h"
#include "server/store/account_store.h"
#include "wangge/v1/account.pb-c.h"

void account_list(struct rpc_call *call, const ProtobufCMessage *msg);
void account_update(struct rpc_call *call, const ProtobufCMessage *msg);
void account_set_disabled(struct rpc_call *call, const ProtobufCMessage *msg);
void account_reset_password(struct rpc_call *call, const ProtobufCMessage *msg);
void account_change_password(struct rpc_call *call, const ProtobufCMessage *msg);
void account_list_sessions(struct rpc_call *call, const ProtobufCMessage *msg);
void account_end_sessions(struct rpc_call *call, const ProtobufCMessage *msg);
void account_get_policy(struct rpc_call *call, const ProtobufCMessage *msg);
void account_set_policy(struct rpc_call *call, const ProtobufCMessage *msg);
void account_begin_totp(struct rpc_call *call, const ProtobufCMessage *msg);
void account_confirm_totp(struct rpc_call *call, const ProtobufCMessage *msg);
void account_create_token(struct rpc_call *call, const ProtobufCMessage *msg);
void account_bind_certificate(struct rpc_call *call, const ProtobufCMessage *msg);
void account_list_credentials(struct rpc_call *call, const ProtobufCMessage *msg);
void account_revoke_credential(struct rpc_call *call, const ProtobufCMessage *msg);

/* False, and answered, if the caller's role may not. */
bool account_enter(struct rpc_call *call, enum permission perm);
void account_fail_nomem(struct rpc_call *call);
/* Answers with what e means for accounts: the constraints of the schema have words of their own. */
void account_fail(struct rpc_call *call, const struct err *e);
/* Answers NOT_FOUND for a login. */
void account_fail_unknown(struct rpc_call *call);

/* Has a result; res is borrowed. Errors were answered. */
typedef void (*account_row_fn)(struct rpc_call *call, const PGresult *res, void *data);
/* Runs a statement for the call, which it holds meanwhile; data must live in the call's arena. fn is not called when it failed
 * or nobody waits for the answer any more – unless always is set: then what was written must still be recorded. */
void account_query(struct rpc_call *call, const struct db_stmt *stmt, const struct db_params *p, account_row_fn fn, void *data);
void account_execute(struct rpc_call *call, const struct db_stmt *stmt, const struct db_params *p, account_row_fn fn,
                     void *data);
/* The same of an administrative act, with the one row it leaves (audit_act). login: whose account, or "" if the statement
 * knows; what is said of it after fmt. */
void account_act(struct rpc_call *call, const struct db_stmt *stmt, const struct db_params *p, account_row_fn fn, void *data,
                 const char *login, const char *fmt, ...) PRINTF_LIKE(7, 8);

/* Reads the password policy and goes on. fn is not called if that failed (answered). */
typedef void (*account_policy_fn)(struct rpc_call *call, const struct password_policy *policy, void *data);
void account_with_policy(struct rpc_call *call, account_policy_fn fn, void *data);

/* Looks at a row of account_list. NULL without memory. */
Wangge__V1__AccountDetail *account_view(struct rpc_call *call, const PGresult *res, int row);
/* An account's request: role, region and organ fit together. Errors name the field. dir may not be NULL. */
int account_check_place(const struct directory *dir, const struct account_row *acc, struct err *e) MUST_CHECK;
int account_check_source(const char *source, enum role role, struct err *e) MUST_CHECK;
int account_check_name(const char *name, struct err *e) MUST_CHECK;
int account_check_person(const char *person, struct err *e) MUST_CHECK;

#endif
