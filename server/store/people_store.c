/* SPDX-License-Identifier: MIT */
#include "server/store/people_store.h"

#include <string.h>

#include "server/db/result.h"
#include "sql.h"

#define E_NOMEM(e) err_set((e), ERR_NOMEM, "The server is out of memory for this call. Try again.")

struct wait {
    struct arena *arena;
    union {
        people_rows_fn rows;
        people_set_fn set;
        people_find_fn find;
        people_reveal_fn reveal;
    } fn;
    void *arg;
};

static struct wait *wait_create(struct arena *a, void *arg)
{
    struct wait *w = arena_zalloc(a, sizeof *w);
    if (w)
        *w = (struct wait){.arena = a, .arg = arg};
    return w;
}

static int read_row(const PGresult *res, int i, struct arena *a, struct person_row *ret, struct err *e)
{
    *ret = (struct person_row){
        .position = db_get_i32(res, i, 0),
        .kind = (enum person_kind)db_get_i32(res, i, 1),
        .hidden = db_get_bool(res, i, 2),
    };
    for (int p = 0; p < PART_COUNT; p++) {
        size_t len;
        const void *data = db_get_bytes(res, i, 3 + p, &len);
        if (!data)
            continue;
        uint8_t *copy = arena_alloc(a, len + 1);
        if (!copy)
            return E_NOMEM(e);
        memcpy(copy, data, len);
        ret->part[p] = (struct person_sealed){.data = copy, .len = len};
    }
    return 0;
}

static void on_rows(void *arg, const PGresult *res, const struct err *e)
{
    struct wait *w = arg;
    struct err failed = *e;
    int n = failed.code ? 0 : PQntuples(res);
    struct person_row *rows = failed.code ? NULL : arena_alloc(w->arena, ((size_t)n + 1) * sizeof *rows);
    if (!failed.code && !rows)
        (void)E_NOMEM(&failed);
    for (int i = 0; !failed.code && i < n; i++)
        (void)!read_row(res, i, w->arena, &rows[i], &failed);
    w->fn.rows(w->arg, failed.code ? NULL : rows, failed.code ? 0 : n, &failed);
}

int people_store_get(struct db *db, const struct db_scope *scope, const struct uuid *case_id, struct arena *a, usec_t deadline,
                     people_rows_fn fn, void *arg, struct err *e)
{
    struct wait *w = wait_create(a, arg);
    if (!w)
        return E_NOMEM(e);
    w->fn.rows = fn;
    struct db_params p;
    db_params_init(&p);
    db_param_binary(&p, case_id->bytes, sizeof case_id->bytes);
    return db_query(db, scope, &sql_people_get, &p, deadline, on_rows, w, e);
}

static void on_set(void *arg, const PGresult *res, const struct err *e)
{
    struct wait *w = arg;
    struct err failed = *e;
    const char *state = failed.code ? NULL : db_get_text(res, 0, 0);
    if (state && strcmp(state, "WG409") == 0)
        (void)err_set(&failed, ERR_EXISTS, "This request_id was used with another body. Make a new one.");
    else if (state && strcmp(state, "00000") != 0)
        (void)err_set(&failed, ERR_PRECONDITION, "The case is not open any more: its people stay as they are.");
    w->fn.set(w->arg, &failed);
}

int people_store_set(struct db *db, const struct people_set *s, struct arena *a, usec_t deadline, people_set_fn fn, void *arg,
                     struct err *e)
{
    struct db_array *arrays[PEOPLE_ARRAYS];
    struct wait *w = wait_create(a, arg);
    if (!w)
        return E_NOMEM(e);
    w->fn.set = fn;
    people_arrays_create(a, s->n, arrays);
    for (int i = 0; i < s->n; i++)
        people_arrays_add(arrays, &s->rows[i]);
    struct db_params p;
    db_params_init(&p);
    for (int i = 0; i < PEOPLE_ARRAYS; i++) {
        if (db_param_array(&p, arrays[i]))
            return E_NOMEM(e);
    }
    db_param_binary(&p, s->case_id.bytes, sizeof s->case_id.bytes);
    db_param_binary(&p, s->request_id.bytes, sizeof s->request_id.bytes);
    db_param_i64(&p, s->request_hash);
    db_param_binary(&p, s->who.account.bytes, sizeof s->who.account.bytes);
    db_param_time(&p, s->who.now);
    db_param_text(&p, s->who.login);
    db_param_text(&p, s->who.name);
    db_param_i64(&p, s->who.role);
    db_param_text(&p, s->who.call);
    db_param_text(&p, s->who.text);
    db_param_text(&p, s->who.peer);
    return db_execute(db, &sql_people_set, &p, deadline, on_set, w, e);
}

static void on_reveal(void *arg, const PGresult *res, const struct err *e)
{
    struct wait *w = arg;
    w->fn.reveal(w->arg, e->code ? 0 : db_get_i64(res, 0, 0), e);
}

int people_store_reveal(struct db *db, const struct uuid *case_id, const struct uuid *key, const struct people_audit *who,
                        struct arena *a, usec_t deadline, people_reveal_fn fn, void *arg, struct err *e)
{
    char object[UUID_TEXT_LEN + 1];
    struct wait *w = wait_create(a, arg);
    if (!w)
        return E_NOMEM(e);
    w->fn.reveal = fn;
    uuid_format(case_id, object);
    struct db_params p;
    db_params_init(&p);
    db_param_binary(&p, key->bytes, sizeof key->bytes);
    db_param_time(&p, who->now);
    db_param_binary(&p, who->account.bytes, sizeof who->account.bytes);
    db_param_text(&p, who->login);
    db_param_text(&p, who->name);
    db_param_i64(&p, who->role);
    db_param_text(&p, who->call);
    db_param_text(&p, object);
    db_param_text(&p, who->text);
    db_param_text(&p, who->peer);
    return db_execute(db, &sql_people_reveal, &p, deadline, on_reveal, w, e);
}

static void on_found(void *arg, const PGresult *res, const struct err *e)
{
    struct wait *w = arg;
    struct err failed = *e;
    int n = failed.code ? 0 : PQntuples(res);
    struct uuid *ids = failed.code ? NULL : arena_alloc(w->arena, ((size_t)n + 1) * sizeof *ids);
    if (!failed.code && !ids)
        (void)E_NOMEM(&failed);
    for (int i = 0; ids && i < n; i++)
        ids[i] = db_get_uuid(res, i, 0);
    w->fn.find(w->arg, ids, failed.code ? 0 : n, &failed);
}

int people_store_find(struct db *db, const struct db_scope *scope, const struct people_blind *b, const struct policy_view *view,
                      const struct uuid *account, int limit, struct arena *a, usec_t deadline, people_find_fn fn, void *arg,
                      struct err *e)
{
    struct wait *w = wait_create(a, arg);
    if (!w)
        return E_NOMEM(e);
    w->fn.find = fn;
    struct db_params p;
    db_params_init(&p);
    for (int i = 0; i < BLIND_COUNT; i++) {
        struct db_array *list = db_array_create(a, DB_OID_INT8, 1);
        if (b->has[i] && !view->nothing)
            db_array_i64(list, b->hash[i]);
        if (db_param_array(&p, list))
            return E_NOMEM(e);
    }
    db_param_i64(&p, view->span.lo);
    db_param_i64(&p, view->span.hi);
    if (view->organ_id)
        db_param_i64(&p, view->organ_id);
    else
        db_param_null(&p);
    if (uuid_is_nil(&view->reporter))
        db_param_null(&p);
    else
        db_param_binary(&p, view->reporter.bytes, sizeof view->reporter.bytes);
    if (view->source_id)
        db_param_i64(&p, view->source_id);
    else
        db_param_null(&p);
    db_param_binary(&p, account->bytes, sizeof account->bytes);
    db_param_i64(&p, limit);
    return db_query(db, scope, &sql_people_find, &p, deadline, on_found, w, e);
}
