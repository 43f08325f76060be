/* SPDX-License-Identifier: MIT */
#include "server/service/account_methods.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "server/service/audit.h"
#include "sql.h"

enum { SHORT_MS = 5000, PASSWORD_MS = 30000 };

#define METHOD(name, handler, message, method_flags, ms)                                                                       \
    {                                                                                                                          \
        .path = "/wangge.v1.AccountService/" name, .kind = RPC_UNARY, .flags = (method_flags),                                 \
        .request = &wangge__v1__##message##_request__descriptor, .response = &wangge__v1__##message##_response__descriptor,    \
        .default_deadline_ms = (ms), .on_message = (handler),                                                                  \
    }

const struct rpc_method account_methods[] = {
    METHOD("ListAccounts", account_list, list_accounts, 0, SHORT_MS),
    METHOD("UpdateAccount", account_update, update_account, 0, SHORT_MS),
    METHOD("SetAccountDisabled", account_set_disabled, set_account_disabled, 0, SHORT_MS),
    METHOD("ResetPassword", account_reset_password, reset_password, 0, PASSWORD_MS),
    METHOD("ChangePassword", account_change_password, change_password, RPC_FIRST_PASSWORD, PASSWORD_MS),
    METHOD("ListSessions", account_list_sessions, list_sessions, 0, SHORT_MS),
    METHOD("EndSessions", account_end_sessions, end_sessions, 0, SHORT_MS),
    METHOD("GetPasswordPolicy", account_get_policy, get_password_policy, 0, SHORT_MS),
    METHOD("SetPasswordPolicy", account_set_policy, set_password_policy, 0, SHORT_MS),
    METHOD("BeginTotp", account_begin_totp, begin_totp, 0, SHORT_MS),
    METHOD("ConfirmTotp", account_confirm_totp, confirm_totp, 0, SHORT_MS),
    METHOD("CreateServiceToken", account_create_token, create_service_token, 0, SHORT_MS),
    METHOD("BindCertificate", account_bind_certificate, bind_certificate, 0, SHORT_MS),
    METHOD("ListCredentials", account_list_credentials, list_credentials, 0, SHORT_MS),
    METHOD("RevokeCredential", account_revoke_credential, revoke_credential, 0, SHORT_MS),
    {.path = NULL},
};

bool account_enter(struct rpc_call *call, enum permission perm)
{
    enum role role = service_caller(call)->actor.role;
    struct err e;

    if (policy_may(role, perm))
        return true;
    err_set(&e, ERR_DENIED, "Your role (%s) may not do this.", role_name(role));
    rpc_fail(call, &e);
    return false;
}

void account_fail_nomem(struct rpc_call *call)
{
    struct err e;
    err_set(&e, ERR_NOMEM, "The server is out of memory for this call; try again.");
    rpc_fail(call, &e);
}

void account_fail_unknown(struct rpc_call *call)
{
    struct err e;
    err_field(&e, ERR_NOT_FOUND, "login", "There is no account with this login.");
    rpc_fail(call, &e);
}

void account_fail(struct rpc_call *call, const struct err *e)
{
    static const struct {
        const char *constraint;
        int code;
        const char *field, *text;
    } known[] = {
        {"account_officer_key", ERR_PRECONDITION, "person_code",
         "This person holds an officer's account already; nobody is two of system, security and audit officer."},
        {"account_last_security_check", ERR_PRECONDITION, "login",
         "This is the last security officer; make or enable another one first."},
        {"account_credential_hash_key", ERR_EXISTS, "spki_sha256",
         "This certificate is bound to an account already; revoke that first."},
    };
    struct err why = *e;

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strstr(e->detail, known[i].constraint))
            err_field(&why, known[i].code, known[i].field, "%s", known[i].text);
    rpc_fail(call, &why);
}

/* --- statements --- */

static const char WHY[] = "account";

struct asked {
    struct rpc_call *call;
    account_row_fn fn;
    void *data;
    bool is_write;
};

static void on_result(void *arg, const PGresult *res, const struct err *e)
{
    struct asked *q = arg;

    if (e->code)
        account_fail(q->call, e);
    else if (q->is_write || !rpc_call_is_done(q->call))
        q->fn(q->call, res, q->data);
    rpc_call_unref(q->call, WHY);
}

static void run(struct rpc_call *call, const struct db_stmt *stmt, const struct db_params *p, account_row_fn fn, void *data,
                bool is_write, const struct db_rider *rider)
{
    struct db *db = service_ctx_of(call)->db;
    struct asked *q = arena_alloc(rpc_arena(call), sizeof(*q));
    struct err e = {0};
    int r;

    if (!q) {
        account_fail_nomem(call);
        return;
    }
    *q = (struct asked){.call = rpc_call_ref(call, WHY), .fn = fn, .data = data, .is_write = is_write};
    r = is_write ? db_execute_with(db, stmt, p, rider, rpc_deadline(call), on_result, q, &e)
                 : db_query(db, &db_scope_none, stmt, p, rpc_deadline(call), on_result, q, &e);
    if (r) {
        rpc_fail(call, &e);
        rpc_call_unref(call, WHY);
    }
}

void account_query(struct rpc_call *call, const struct db_stmt *stmt, const struct db_params *p, account_row_fn fn, void *data)
{
    run(call, stmt, p, fn, data, false, NULL);
}

void account_execute(struct rpc_call *call, const struct db_stmt *stmt, const struct db_params *p, account_row_fn fn,
                     void *data)
{
    run(call, stmt, p, fn, data, true, NULL);
}

void account_act(struct rpc_call *call, const struct db_stmt *stmt, const struct db_params *p, account_row_fn fn, void *data,
                 const char *login, const char *fmt, ...)
{
    char text[400];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    text_mend(text);
    const struct db_rider *rider = audit_act(call, AUDIT_ACCOUNT, login, text);
    if (rider)
        run(call, stmt, p, fn, data, true, rider);
    else
        account_fail_nomem(call);
}

/* --- the policy --- */

struct wants_policy {
    account_policy_fn fn;
    void *data;
};

static void on_policy(struct rpc_call *call, const PGresult *res, void *data)
{
    const struct wants_policy *w = data;
    struct password_policy policy;

    password_policy_default(&policy);
    if (PQntuples(res) == 1) {
        policy.min_length = db_get_i32(res, 0, 0);
        policy.min_classes = db_get_i32(res, 0, 1);
        policy.refuse_common = db_get_bool(res, 0, 2);
        policy.max_age_days = db_get_i32(res, 0, 3);
        policy.history = db_get_i32(res, 0, 4);
    }
    w->fn(call, &policy, w->data);
}

void account_with_policy(struct rpc_call *call, account_policy_fn fn, void *data)
{
    struct wants_policy *w = arena_alloc(rpc_arena(call), sizeof(*w));
    struct db_params p;

    if (!w) {
        account_fail_nomem(call);
        return;
    }
    *w = (struct wants_policy){fn, data};
    db_params_init(&p);
    account_query(call, &sql_password_policy_get, &p, on_policy, w);
}

/* --- what a request may say --- */

int account_check_place(const struct directory *dir, const struct account_row *acc, struct err *e)
{
    const struct dir_organ *organ = acc->organ_id ? directory_organ_by_id(dir, acc->organ_id) : NULL;

    if (!acc->region && !policy_is_admin(acc->role))
        return err_field(e, ERR_INVALID, "region_code", "A region is needed; only the three officers are without one.");
    if (!organ && (acc->role == ROLE_HANDLER || acc->role == ROLE_ORGAN_LEAD))
        return err_field(e, ERR_INVALID, "organ_code", "This role acts for an organ: name it.");
    if (organ && acc->region && !region_span_overlaps(region_span_of(organ->region), region_span_of(acc->region)))
        return err_field(e, ERR_INVALID, "organ_code", "The organ serves another region than the account's.");
    return 0;
}

int account_check_source(const char *source, enum role role, struct err *e)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";

    if (strlen(source) > ACCOUNT_SOURCE_MAX || source[strspn(source, allowed)])
        return err_field(e, ERR_INVALID, "source_code", "A source has at most %d letters, digits, dots, hyphens, underscores.",
                         (int)ACCOUNT_SOURCE_MAX);
    if (*source && role != ROLE_INTEGRATION)
        return err_field(e, ERR_INVALID, "source_code", "Only a service account (INTEGRATION) speaks for a source.");
    return 0;
}

int account_check_name(const char *name, struct err *e)
{
    if (text_visible_chars(name) < 1 || text_chars(name, strlen(name)) > ACCOUNT_NAME_MAX || text_deceives(name))
        return err_field(e, ERR_INVALID, "name", "The name has 1 to %d characters and no control characters.",
                         (int)ACCOUNT_NAME_MAX);
    return 0;
}

int account_check_person(const char *person, struct err *e)
{
    if (text_chars(person, strlen(person)) > ACCOUNT_PERSON_MAX)
        return err_field(e, ERR_INVALID, "person_code", "A staff number has at most %d characters.", (int)ACCOUNT_PERSON_MAX);
    if (text_visible_chars(person) < text_chars(person, strlen(person)))
        return err_field(e, ERR_INVALID, "person_code", "A staff number has no blanks and no control characters.");
    return 0;
}
