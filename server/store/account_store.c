/* SPDX-License-Identifier: MIT */
/*
 * Each function starts one statement and hands a plain copy of its row to the caller's function. What waits for the answer is
 * one small allocation, freed after the callback.
 */
#include "server/store/account_store.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "server/db/result.h"
#include "sql.h"

struct wait {
    union {
        account_attempt_fn attempt;
        account_add_fn add;
        session_get_fn get;
        session_done_fn done;
    } fn;
    void *arg;
};

static struct wait *wait_new(void *arg, struct err *e)
{
    struct wait *w = calloc(1, sizeof(*w));
    if (!w) {
        err_set(e, ERR_NOMEM, "The server is out of memory; try again later.");
        return NULL;
    }
    w->arg = arg;
    return w;
}

enum { ACCOUNT_COLUMNS = 8 };

/* Columns 0 to 7 of account_attempt and session_get. */
static void account_read(const PGresult *res, int row, struct account_row *a)
{
    const char *login = db_get_text(res, row, 1);
    const char *name = db_get_text(res, row, 2);

    a->id = db_get_uuid(res, row, 0);
    text_copy(a->login, sizeof(a->login), login ? login : "");
    text_copy(a->name, sizeof(a->name), name ? name : "");
    a->role = (enum role)db_get_i32(res, row, 3);
    a->region = db_get_i64(res, row, 4);
    a->region_level = (enum region_level)db_get_i32(res, row, 5);
    a->organ_id = db_get_i32(res, row, 6);
    a->disabled = db_get_bool(res, row, 7);
}

static void on_attempt(void *arg, const PGresult *res, const struct err *e)
{
    struct wait *w = arg;
    struct account_attempt found = {0};
    const void *sealed;
    bool there = res && PQntuples(res) > 0;

    if (there) {
        const char *hash = db_get_text(res, 0, ACCOUNT_COLUMNS);
        account_read(res, 0, &found.account);
        text_copy(found.password_hash, sizeof(found.password_hash), hash ? hash : "");
        found.allowed = db_get_bool(res, 0, ACCOUNT_COLUMNS + 1);
        found.locked_until = db_get_time(res, 0, ACCOUNT_COLUMNS + 2);
        found.must_change = db_get_bool(res, 0, ACCOUNT_COLUMNS + 3);
        sealed = db_get_bytes(res, 0, ACCOUNT_COLUMNS + 4, &found.totp_len);
        if (found.totp_len > sizeof(found.totp_sealed))
            found.totp_len = sizeof(found.totp_sealed); /* no such value opens */
        if (sealed)
            memcpy(found.totp_sealed, sealed, found.totp_len);
        found.totp_step = db_get_i64(res, 0, ACCOUNT_COLUMNS + 5);
    }
    w->fn.attempt(w->arg, there ? &found : NULL, e);
    free(w);
}

int account_store_attempt(struct db *db, const char *login, int failures_max, usec_t now, usec_t lock_until, usec_t deadline,
                          account_attempt_fn fn, void *arg, struct err *e)
{
    struct db_params p;
    struct wait *w = wait_new(arg, e);
    int r;

    if (!w)
        return ERR_NOMEM;
    w->fn.attempt = fn;
    db_params_init(&p);
    db_param_text(&p, login);
    db_param_i64(&p, failures_max);
    db_param_time(&p, now);
    db_param_time(&p, lock_until);
    r = db_execute(db, &sql_account_attempt, &p, deadline, on_attempt, w, e);
    if (r)
        free(w);
    return r;
}

static void on_add(void *arg, const PGresult *res, const struct err *e)
{
    struct wait *w = arg;
    struct uuid id = {0};
    struct err none = {.code = ERR_INTERNAL, .text = "The account could not be read back.", .origin = ERR_HERE};

    if (res && PQntuples(res) > 0) {
        id = db_get_uuid(res, 0, 0);
        w->fn.add(w->arg, &id, db_get_bool(res, 0, 1), db_get_bool(res, 0, 2), e);
    } else {
        w->fn.add(w->arg, NULL, false, false, e->code ? e : &none);
    }
    free(w);
}

int account_store_add(struct db *db, const struct account_row *account, const char *person, const char *password_hash,
                      bool must_change, usec_t now, const struct db_rider *rider, usec_t deadline, account_add_fn fn, void *arg,
                      struct err *e)
{
    struct db_params p;
    struct wait *w = wait_new(arg, e);
    int r;

    if (!w)
        return ERR_NOMEM;
    w->fn.add = fn;
    db_params_init(&p);
    db_param_binary(&p, account->id.bytes, sizeof(account->id.bytes));
    db_param_text(&p, account->login);
    db_param_text(&p, account->name);
    db_param_i64(&p, account->role);
    db_param_i64(&p, account->region);
    db_param_i64(&p, account->region_level);
    if (account->organ_id)
        db_param_i64(&p, account->organ_id);
    else
        db_param_null(&p);
    db_param_text(&p, password_hash);
    db_param_time(&p, now);
    db_param_bool(&p, must_change);
    db_param_text(&p, account->source);
    db_param_text(&p, person);
    r = db_execute_with(db, &sql_account_add, &p, rider, deadline, on_add, w, e);
    if (r)
        free(w);
    return r;
}

static void on_session(void *arg, const PGresult *res, const struct err *e)
{
    struct wait *w = arg;
    struct session_row found = {0};
    const char *source;
    bool there = res && PQntuples(res) > 0;

    if (there) {
        account_read(res, 0, &found.account);
        found.created_at = db_get_time(res, 0, ACCOUNT_COLUMNS);
        found.expires_at = db_get_time(res, 0, ACCOUNT_COLUMNS + 1);
        found.last_seen_at = db_get_time(res, 0, ACCOUNT_COLUMNS + 2);
        found.kind = (enum credential_kind)db_get_i32(res, 0, ACCOUNT_COLUMNS + 3);
        found.must_change = db_get_bool(res, 0, ACCOUNT_COLUMNS + 4);
        source = db_get_text(res, 0, ACCOUNT_COLUMNS + 5);
        text_copy(found.account.source, sizeof(found.account.source), source ? source : "");
        found.source_id = db_get_i32(res, 0, ACCOUNT_COLUMNS + 6);
    }
    w->fn.get(w->arg, there ? &found : NULL, e);
    free(w);
}

int session_store_get(struct db *db, const uint8_t hash[ACCOUNT_TOKEN_HASH_SIZE], usec_t now, usec_t deadline,
                      session_get_fn fn, void *arg, struct err *e)
{
    struct db_params p;
    struct wait *w = wait_new(arg, e);
    int r;

    if (!w)
        return ERR_NOMEM;
    w->fn.get = fn;
    db_params_init(&p);
    db_param_binary(&p, hash, ACCOUNT_TOKEN_HASH_SIZE);
    db_param_time(&p, now);
    r = db_query(db, &db_scope_none, &sql_session_get, &p, deadline, on_session, w, e);
    if (r)
        free(w);
    return r;
}

static void on_done(void *arg, const PGresult *res, const struct err *e)
{
    struct wait *w = arg;

    w->fn.done(w->arg, e);
    free(w);
}

static int execute(struct db *db, const struct db_stmt *stmt, const struct db_params *p, usec_t deadline, session_done_fn fn,
                   void *arg, struct err *e)
{
    struct wait *w = wait_new(arg, e);
    int r;

    if (!w)
        return ERR_NOMEM;
    w->fn.done = fn;
    r = db_execute(db, stmt, p, deadline, on_done, w, e);
    if (r)
        free(w);
    return r;
}

static void on_put(void *arg, const PGresult *res, const struct err *e)
{
    struct wait *w = arg;
    struct err none = {0};

    if (!e->code && PQntuples(res) == 0) {
        err_set(&none, ERR_UNAUTHENTICATED, "This one-time code was used already; wait for the next one.");
        e = &none;
    }
    w->fn.done(w->arg, e);
    free(w);
}

int session_store_put(struct db *db, const struct session_open *s, usec_t deadline, session_done_fn fn, void *arg,
                      struct err *e)
{
    struct db_params p;
    struct wait *w = wait_new(arg, e);
    int r;

    if (!w)
        return ERR_NOMEM;
    w->fn.done = fn;
    db_params_init(&p);
    db_param_binary(&p, s->hash, ACCOUNT_TOKEN_HASH_SIZE);
    db_param_binary(&p, s->account.bytes, sizeof(s->account.bytes));
    db_param_time(&p, s->now);
    db_param_time(&p, s->expires_at);
    db_param_i64(&p, s->idle_s);
    db_param_i64(&p, s->totp_step);
    db_param_text(&p, s->peer);
    r = db_execute(db, &sql_session_put, &p, deadline, on_put, w, e);
    if (r)
        free(w);
    return r;
}

int session_store_touch(struct db *db, const uint8_t hash[ACCOUNT_TOKEN_HASH_SIZE], usec_t now, usec_t deadline,
                        session_done_fn fn, void *arg, struct err *e)
{
    struct db_params p;

    db_params_init(&p);
    db_param_binary(&p, hash, ACCOUNT_TOKEN_HASH_SIZE);
    db_param_time(&p, now);
    return execute(db, &sql_session_touch, &p, deadline, fn, arg, e);
}

int session_store_end(struct db *db, const uint8_t hash[ACCOUNT_TOKEN_HASH_SIZE], usec_t deadline, session_done_fn fn,
                      void *arg, struct err *e)
{
    struct db_params p;

    db_params_init(&p);
    db_param_binary(&p, hash, ACCOUNT_TOKEN_HASH_SIZE);
    return execute(db, &sql_session_end, &p, deadline, fn, arg, e);
}
