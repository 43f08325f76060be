/* SPDX-License-Identifier: MIT */
#include "server/service/request_find.h"

#include "server/db/result.h"
#include "sql.h"

struct lookup {
    request_find_fn fn;
    void *arg;
};

static void on_row(void *arg, const PGresult *res, const struct err *e)
{
    struct lookup *l = arg;
    if (e->code || PQntuples(res) == 0) {
        l->fn(l->arg, NULL, e);
        return;
    }
    struct request_found found = {
        .case_id = db_get_uuid(res, 0, 0),
        .version = db_get_i64(res, 0, 1),
        .hash = db_get_i64(res, 0, 2),
    };
    l->fn(l->arg, &found, e);
}

int request_find(struct db *db, struct arena *a, const struct uuid *request_id, usec_t deadline, request_find_fn fn, void *arg,
                 struct err *e)
{
    struct lookup *l = arena_alloc(a, sizeof *l);
    if (!l)
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    *l = (struct lookup){.fn = fn, .arg = arg};
    struct db_params p;
    db_params_init(&p);
    db_param_binary(&p, request_id->bytes, sizeof request_id->bytes);
    /* A key is unique among all cases, also those that meanwhile moved out of the caller's sight. */
    return db_query(db, &db_scope_system, &sql_request_find, &p, deadline, on_row, l, e);
}
