/* SPDX-License-Identifier: MIT */
/*
 * The audit: who looked at personal data, who was refused, what administrators did, which logins failed. A handler says what
 * happened with one of the functions below; the rows go out in the background, up to 64 a commit.
 *
 * Invariants: a call that ends in PERMISSION_DENIED leaves a row even if its handler says nothing; an answer with personal data
 * never leaves before its row is durable; the queue is bounded, and what does not fit is counted and logged, never silent. A
 * flood of refusals or failed logins can fill its own share of the queue only.
 *
 * What never goes into a row: names, phones, numbers or addresses of reporters and parties, passwords, tokens, what was typed
 * as a login that does not exist.
 */
#ifndef WG_SERVICE_AUDIT_H
#define WG_SERVICE_AUDIT_H

#include "server/rpc/server.h"
#include "server/service/service.h"
#include "server/store/audit_store.h"

struct audit;

/*
 * The call was refused. rule is the gate's or policy's name ("ROLE", "REGION", "ORGAN", "CONFIDENTIAL", …); object is what
 * it was about (case id, login, code) or "". Say it before or after rpc_fail. A call that names several objects (bulk) says it
 * once an object; up to 100 rows a call are kept. Also for an answer of NOT_FOUND that hides what is outside.
 */
void audit_denial(struct rpc_call *call, const char *rule, const char *object);

/*
 * As audit_denial if e is ERR_DENIED, else nothing. The rule is what follows "rule " in e's detail (request_refusal_err puts
 * the gate's there; err_detail(e, "rule REGION") does it elsewhere), else "ROLE". For items of a bulk call.
 */
void audit_if_denied(struct rpc_call *call, const struct err *e, const char *object);

/* The caller was told NOT_FOUND for this case. If it exists it was hidden from him: then one row, rule "SCOPE". Asks the
 * database in the background; the answer need not wait. */
void audit_hidden(struct rpc_call *call, const struct uuid *case_id);
/* The same for a case asked for by its number. */
void audit_hidden_number(struct rpc_call *call, int64_t number);

/*
 * The row of an administrative act that is about to be done: kind AUDIT_ACCOUNT or AUDIT_CONFIGURATION; text says what is
 * changed, at most 400 characters, without personal data. To be given to db_execute_with: it is written in the act's own
 * transaction and exactly if that changed something (store/sql/audit_act.sql). In the call's arena; NULL without memory.
 */
const struct db_rider *audit_act(struct rpc_call *call, enum audit_kind kind, const char *object, const char *text);

typedef void (*audit_done_fn)(void *arg, const struct err *e);
/*
 * Personal data is about to be shown. Read the data first, call this, and answer from fn: with e->code set nothing may be
 * shown. text is the purpose as the caller gave it. fn is called exactly once when the row is durable, or with an error when it
 * is not; never before this returns. Errors (fn is then not called): ERR_EXHAUSTED, ERR_UNAVAILABLE, ERR_NOMEM.
 */
int audit_reveal(struct rpc_call *call, const char *object, const char *purpose, audit_done_fn fn, void *arg,
                 struct err *e) MUST_CHECK;

/* A login failed. login and account are those of an existing account, or "" and nil. rule: "PASSWORD", "LOCKED", "DISABLED", …
 */
void audit_login(struct rpc_call *call, const char *login, const struct uuid *account, enum role role, const char *rule);

/* For app: the queue of one worker. */
struct audit *audit_create(struct event_base *base, struct db *db, const struct clock *clock, struct err *e);
/* Calls what still waits back with ERR_UNAVAILABLE. After db_destroy, which ends the batch under way. Accepts NULL. */
void audit_destroy(struct audit *a);
/* Hook of every ended call. */
void audit_on_call_end(struct audit *a, const struct rpc_record *r);
/* True if nothing waits to be written. */
bool audit_is_idle(const struct audit *a);
struct audit_stats {
    uint64_t written, dropped; /* dropped: the queue was full, or a call had too many refusals, or the database refused */
    int queued;
};
void audit_get_stats(const struct audit *a, struct audit_stats *ret);

#endif
