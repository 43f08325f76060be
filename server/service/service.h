/* SPDX-License-Identifier: MIT */
/*
 * What every service handler finds through its method's ctx: one struct service_ctx a worker process, made by app. And who is
 * calling: the principal that the authenticator put on the call.
 */
#ifndef WG_SERVICE_SERVICE_H
#define WG_SERVICE_SERVICE_H

#include "common/base/clock.h"
#include "common/base/uuid.h"
#include "server/db/db.h"
#include "server/domain/directory.h"
#include "server/domain/gate.h"
#include "server/domain/policy.h"
#include "server/rpc/rpc.h"

struct audit;
struct number_store;
struct feed;
struct notice_feed;
struct session_cache;
struct password_pool;
struct login_guard;
struct directory_store;
struct rule_store;
struct secret;

/* The business zone: one for everybody (DOMAIN: business facts use the region's zone). */
enum { BUSINESS_UTC_OFFSET_S = 28800 };

struct service_config {
    int session_idle_s;
    int session_absolute_s;
    int login_failures; /* before the account is locked */
    int login_lock_s;
    const char *version; /* of the program */
};

struct service_ctx {
    struct event_base *base;
    struct db *db;
    const struct clock *clock;
    struct directory *dir; /* the current snapshot; a handler that waits takes its own reference. NULL until first loaded */
    struct gate_rules rules;
    struct audit *audit;
    struct number_store *numbers;
    struct feed *feed;
    struct notice_feed *notices;
    struct session_cache *sessions;
    struct password_pool *passwords;
    struct login_guard *logins;
    struct directory_store *dirs;
    struct rule_store *rule_store;
    struct secret *secret; /* the data key; NULL: none is configured, and what needs sealing is refused */
    struct service_config config;
};

/* Owned by the session cache, counted; a call holds it while it lives. */
struct principal {
    struct actor actor; /* name points into this struct */
    char login[65 * 4];
    char name[41 * 4];
    char source[33];              /* of a service account: the source it speaks for; "" if any */
    usec_t expires_at;            /* USEC_NONE: never (a certificate) */
    int kind;                     /* enum credential_kind: by what it is known */
    bool must_change;             /* its password is a first one or too old: methods with RPC_FIRST_PASSWORD only */
    struct db_scope scope;        /* the cases it sees (policy_view_of), for every read on its behalf */
    struct db_scope region_scope; /* its region alone, for figures: an organ's figures count cases that moved on since */
};

/* The caller. Never NULL in a method that is not RPC_PUBLIC. */
static inline const struct principal *service_caller(const struct rpc_call *call)
{
    return rpc_call_principal(call);
}

/* The same as the database takes it. What a view does not see, its scope does not. */
void service_scope_of_view(const struct policy_view *view, struct db_scope *ret);
/* What a read on behalf of the caller may see; give it to the store. */
static inline const struct db_scope *service_scope(const struct rpc_call *call)
{
    return &service_caller(call)->scope;
}

static inline struct service_ctx *service_ctx_of(const struct rpc_call *call)
{
    return rpc_call_method(call)->ctx;
}

/* The methods of each service file group, without ctx; app copies them into one table and sets ctx. NULL path ends a list. */
extern const struct rpc_method audit_methods[];
extern const struct rpc_method account_methods[];
extern const struct rpc_method attachment_methods[];
extern const struct rpc_method auth_methods[];
extern const struct rpc_method bulk_methods[];
extern const struct rpc_method case_methods[];
extern const struct rpc_method clock_methods[];
extern const struct rpc_method directory_methods[];
extern const struct rpc_method inbox_methods[];
extern const struct rpc_method people_methods[];
extern const struct rpc_method report_methods[];
extern const struct rpc_method search_methods[];
extern const struct rpc_method watch_methods[];

#endif
