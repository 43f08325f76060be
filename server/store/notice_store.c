/* SPDX-License-Identifier: MIT */
#include "server/store/notice_store.h"

#include <stdlib.h>

#include "server/db/result.h"
#include "sql.h"

enum { ROLL_MEMORY = 16 * 1024 * 1024 };

static int nomem(struct err *e)
{
    return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
}

/* --- writing --- */

/* Columns of notice_source. */
enum {
    SRC_POS_XID,
    SRC_POS_SEQ,
    SRC_N_PAGE,
    SRC_XID,
    SRC_SEQ,
    SRC_IS_LAST,
    SRC_CASE,
    SRC_VERSION,
    SRC_ARRIVED_AT,
    SRC_ACTION,
    SRC_FROM_STATE,
    SRC_TO_STATE,
    SRC_IMPORTED,
    SRC_ORGAN,
    SRC_RECEIVER,
    SRC_ACTOR,
    SRC_ACTOR_ROLE,
    SRC_REPORTER,
    SRC_LEVEL,
    SRC_GRID,
    SRC_CO_ORGANS,
    SRC_ASKED_BY,
    SRC_ASKED_ROLE,
    SRC_ASKED_ACTION,
    SRC_ACTOR_NAME,
    SRC_ACTOR_ORGAN,
    SRC_ASSIGNEE,
};

/* Arrays of notice_write, $5 on. */
static const uint32_t write_types[] = {DB_OID_INT2, DB_OID_UUID, DB_OID_INT4, DB_OID_TIMESTAMPTZ, DB_OID_INT2, DB_OID_UUID,
                                       DB_OID_INT4, DB_OID_INT4, DB_OID_INT8, DB_OID_INT4,        DB_OID_INT2, DB_OID_UUID,
                                       DB_OID_TEXT, DB_OID_INT2, DB_OID_INT4, DB_OID_BOOL};
enum { N_WRITE = sizeof(write_types) / sizeof(write_types[0]) };

struct roll_page {
    struct db *db;
    int n_events;
    notice_roll_fn fn;
    void *arg;
};

static void page_end(struct roll_page *p, int n_events, int n_notices, const struct err *e)
{
    notice_roll_fn fn = p->fn;
    void *arg = p->arg;
    free(p);
    fn(arg, n_events, n_notices, e);
}

static void read_event(const PGresult *res, int row, struct notice_event *ev)
{
    *ev = (struct notice_event){
        .action = (enum action)db_get_i32(res, row, SRC_ACTION),
        .from_state = (enum case_state)db_get_i32(res, row, SRC_FROM_STATE),
        .to_state = (enum case_state)db_get_i32(res, row, SRC_TO_STATE),
        .case_level = db_get_i32(res, row, SRC_LEVEL),
        .organ_id = db_get_i32(res, row, SRC_ORGAN),
        .receiver_id = db_get_i32(res, row, SRC_RECEIVER),
        .actor = db_get_uuid(res, row, SRC_ACTOR),
        .actor_role = (enum role)db_get_i32(res, row, SRC_ACTOR_ROLE),
        .reporter = db_get_uuid(res, row, SRC_REPORTER),
        .asker = db_get_uuid(res, row, SRC_ASKED_BY),
        .asker_role = (enum role)db_get_i32(res, row, SRC_ASKED_ROLE),
        .asked_by = (enum action)db_get_i32(res, row, SRC_ASKED_ACTION),
        .assignee = db_get_uuid(res, row, SRC_ASSIGNEE),
    };
    ev->n_co = db_get_i32_list(res, row, SRC_CO_ORGANS, ev->co_organ_ids, CASE_MAX_CO_ORGANS);
}

static void add_id(struct db_array *a, int64_t id, bool wide)
{
    if (!id)
        db_array_null(a);
    else if (wide)
        db_array_i64(a, id);
    else
        db_array_i32(a, (int32_t)id);
}

static void add_notice(struct db_array *const a[N_WRITE], const PGresult *res, int row, const struct notice *n)
{
    struct uuid case_id = db_get_uuid(res, row, SRC_CASE);
    int c = 0;
    db_array_i16(a[c++], (int16_t)n->kind);
    db_array_bytes(a[c++], case_id.bytes, sizeof case_id.bytes);
    db_array_i32(a[c++], db_get_i32(res, row, SRC_VERSION));
    db_array_time(a[c++], db_get_time(res, row, SRC_ARRIVED_AT));
    db_array_i16(a[c++], (int16_t)n->approval);
    if (uuid_is_nil(&n->to.account))
        db_array_null(a[c++]);
    else
        db_array_bytes(a[c++], n->to.account.bytes, sizeof n->to.account.bytes);
    add_id(a[c++], n->to.organ_id, false);
    db_array_i32(a[c++], (int32_t)n->to.roles);
    add_id(a[c++], n->to.level ? db_get_i64(res, row, SRC_GRID) : 0, true);
    add_id(a[c++], n->to.level, false);
    db_array_i16(a[c++], (int16_t)db_get_i32(res, row, SRC_ACTION));
    struct uuid actor = db_get_uuid(res, row, SRC_ACTOR);
    db_array_bytes(a[c++], actor.bytes, sizeof actor.bytes);
    db_array_text(a[c++], db_get_text(res, row, SRC_ACTOR_NAME));
    db_array_i16(a[c++], (int16_t)db_get_i32(res, row, SRC_ACTOR_ROLE));
    add_id(a[c++], db_get_i32(res, row, SRC_ACTOR_ORGAN), false);
    db_array_bool(a[c], n->of_merged);
}

static void on_written(void *arg, const PGresult *res, const struct err *e)
{
    struct roll_page *p = arg;
    if (e->code)
        page_end(p, 0, 0, e);
    else if (!db_get_bool(res, 0, 0))
        page_end(p, -1, 0, e);
    else
        page_end(p, p->n_events, db_get_i32(res, 0, 1), e);
}

static int write_page(struct roll_page *p, const PGresult *res, struct arena *a, struct err *e)
{
    struct db_array *arrays[N_WRITE];
    struct db_params params;
    int last = PQntuples(res) - 1;
    for (int c = 0; c < N_WRITE; c++)
        arrays[c] = db_array_create(a, write_types[c], last + 1);
    for (int i = 0; i <= last; i++) {
        struct notice made[NOTICE_MAX_PER_EVENT];
        struct notice_event ev;
        read_event(res, i, &ev);
        int k = db_get_bool(res, i, SRC_IMPORTED) ? 0 : notice_of_event(&ev, made);
        for (int m = 0; m < k; m++)
            add_notice(arrays, res, i, &made[m]);
    }
    db_params_init(&params);
    db_param_text(&params, db_get_text(res, last, SRC_POS_XID));
    db_param_i64(&params, db_get_i64(res, last, SRC_POS_SEQ));
    db_param_text(&params, db_get_text(res, last, SRC_XID));
    db_param_i64(&params, db_get_i64(res, last, SRC_SEQ));
    for (int c = 0; c < N_WRITE; c++)
        if (db_param_array(&params, arrays[c]))
            return nomem(e);
    return db_execute(p->db, &sql_notice_write, &params, USEC_NONE, on_written, p, e);
}

static void on_source(void *arg, const PGresult *res, const struct err *e)
{
    struct roll_page *p = arg;
    struct err failed = *e;
    if (failed.code || PQntuples(res) == 0) {
        page_end(p, 0, 0, &failed);
        return;
    }
    p->n_events = (int)db_get_i64(res, 0, SRC_N_PAGE);
    struct arena *a = arena_create(ROLL_MEMORY);
    int rc = a ? write_page(p, res, a, &failed) : nomem(&failed);
    arena_destroy(a);
    if (rc)
        page_end(p, 0, 0, &failed);
}

int notice_store_roll(struct db *db, int max_events, notice_roll_fn fn, void *arg, struct err *e)
{
    struct db_params params;
    struct roll_page *p = malloc(sizeof(*p));
    if (!p)
        return nomem(e);
    *p = (struct roll_page){.db = db, .fn = fn, .arg = arg};
    db_params_init(&params);
    db_param_i64(&params, max_events < NOTICE_PAGE_MAX ? max_events : NOTICE_PAGE_MAX);
    /* Everybody's notices are made here. */
    int rc = db_query(db, &db_scope_system, &sql_notice_source, &params, USEC_NONE, on_source, p, e);
    if (rc)
        free(p);
    return rc;
}

/* --- reading --- */

void notice_reader_of(const struct actor *who, struct notice_reader *ret)
{
    *ret = (struct notice_reader){.account = who->account, .organ_id = who->organ_id, .role = who->role, .region = who->region};
    policy_view_of(who, &ret->view);
}

bool notice_reader_is_told(const struct notice_reader *r, const struct uuid *account, int32_t organ_id, int64_t region,
                           uint32_t roles)
{
    bool role = (roles & ROLE_BIT(r->role)) != 0;
    if (organ_id)
        return organ_id == r->organ_id && (!roles || role);
    if (region)
        return region == r->region && role;
    return uuid_equal(account, &r->account);
}

/* The reader: $1 to $9 of every statement on an inbox. */
static void put_reader(struct db_params *p, const struct notice_reader *r)
{
    const struct policy_view *v = &r->view;
    db_params_init(p);
    db_param_binary(p, r->account.bytes, sizeof r->account.bytes);
    if (r->organ_id)
        db_param_i64(p, r->organ_id);
    else
        db_param_null(p);
    db_param_i64(p, r->role);
    db_param_i64(p, r->region);
    db_param_i64(p, v->nothing ? 1 : v->span.lo);
    db_param_i64(p, v->nothing ? 0 : v->span.hi);
    if (v->organ_id)
        db_param_i64(p, v->organ_id);
    else
        db_param_null(p);
    if (uuid_is_nil(&v->reporter))
        db_param_null(p);
    else
        db_param_binary(p, v->reporter.bytes, sizeof v->reporter.bytes);
    if (v->source_id)
        db_param_i64(p, v->source_id);
    else
        db_param_null(p);
}

/* And which ids: $10 and $11. */
static void put_range(struct db_params *p, const struct notice_reader *r, int64_t after_id, int64_t before_id)
{
    put_reader(p, r);
    db_param_i64(p, after_id);
    db_param_i64(p, before_id);
}

struct rows_request {
    struct arena *arena;
    notice_rows_fn fn;
    void *arg;
};

static int read_row(const PGresult *res, int row, struct arena *a, struct notice_row *ret, struct err *e)
{
    int c = 0;
    ret->id = db_get_i64(res, row, c++);
    ret->kind = (enum notice_kind)db_get_i32(res, row, c++);
    ret->case_id = db_get_uuid(res, row, c++);
    ret->event_version = db_get_i64(res, row, c++);
    ret->at = db_get_time(res, row, c++);
    ret->approval = (enum approval_kind)db_get_i32(res, row, c++);
    ret->due_at = db_get_time(res, row, c++);
    ret->through_number = db_get_i64(res, row, c++);
    ret->number = db_get_i64(res, row, c++);
    ret->state = (enum case_state)db_get_i32(res, row, c++);
    usec_t case_due_at = db_get_time(res, row, c++);
    if (ret->due_at == USEC_NONE)
        ret->due_at = case_due_at;
    const char *description = db_get_text(res, row, c++);
    ret->is_read = db_get_bool(res, row, c++);
    ret->action = (enum action)db_get_i32(res, row, c++);
    ret->actor_id = db_get_uuid(res, row, c++);
    const char *name = db_get_text(res, row, c++);
    ret->actor_role = (enum role)db_get_i32(res, row, c++);
    ret->actor_organ_id = db_get_i32(res, row, c++);
    ret->grid = c < PQnfields(res) ? db_get_i64(res, row, c) : 0;
    ret->description = arena_strdup(a, description ? description : "");
    ret->actor_name = arena_strdup(a, name ? name : "");
    return ret->description && ret->actor_name ? 0
                                               : err_set(e, ERR_NOMEM, "The page is too large. Ask for a smaller page_size.");
}

static void on_rows(void *arg, const PGresult *res, const struct err *e)
{
    struct rows_request *q = arg;
    if (e->code) {
        q->fn(q->arg, NULL, 0, e);
        return;
    }
    struct err failed = {0};
    int n = PQntuples(res);
    struct notice_row *rows = arena_alloc(q->arena, (size_t)(n + 1) * sizeof *rows);
    if (!rows)
        (void)nomem(&failed);
    for (int i = 0; rows && i < n; i++)
        if (read_row(res, i, q->arena, &rows[i], &failed))
            break;
    q->fn(q->arg, rows, failed.code ? 0 : n, &failed);
}

static struct rows_request *rows_request_create(struct arena *a, notice_rows_fn fn, void *arg, struct err *e)
{
    struct rows_request *q = arena_alloc(a, sizeof *q);
    if (q)
        *q = (struct rows_request){.arena = a, .fn = fn, .arg = arg};
    else
        (void)nomem(e);
    return q;
}

/*
 * inbox() takes the account's own view as parameters and shows no case outside it. What row security would hide beyond that is
 * meant to be shown: of a reporter's case that was merged, the number of the lead case and how that one ended, wherever it is.
 */
int notice_store_list(struct db *db, const struct notice_reader *r, const struct notice_query *q, struct arena *a,
                      usec_t deadline, notice_rows_fn fn, void *arg, struct err *e)
{
    struct db_params p;
    struct rows_request *request = rows_request_create(a, fn, arg, e);
    if (!request)
        return ERR_NOMEM;
    put_range(&p, r, q->after_id, q->before_id);
    db_param_i64(&p, q->kinds);
    db_param_bool(&p, q->unread_only);
    db_param_i64(&p, q->limit);
    return db_query(db, &db_scope_system, &sql_notice_list, &p, deadline, on_rows, request, e);
}

int notice_store_since(struct db *db, const struct notice_reader *r, const struct notice_query *q, struct arena *a,
                       usec_t deadline, notice_rows_fn fn, void *arg, struct err *e)
{
    struct db_params p;
    struct rows_request *request = rows_request_create(a, fn, arg, e);
    if (!request)
        return ERR_NOMEM;
    put_range(&p, r, q->after_id, INT64_MAX);
    db_param_i64(&p, q->limit);
    return db_query(db, &db_scope_system, &sql_notice_since, &p, deadline, on_rows, request, e);
}

int notice_store_count(struct db *db, const struct notice_reader *r, usec_t deadline, db_result_fn fn, void *arg, struct err *e)
{
    struct db_params p;
    put_reader(&p, r);
    return db_query(db, &db_scope_system, &sql_notice_count, &p, deadline, fn, arg, e);
}

int notice_store_mark(struct db *db, const struct notice_reader *r, const int64_t *ids, int n, bool read, struct arena *a,
                      usec_t deadline, db_result_fn fn, void *arg, struct err *e)
{
    struct db_params p;
    struct db_array *list = db_array_create(a, DB_OID_INT8, n);
    int64_t least = INT64_MAX, most = 0;
    for (int i = 0; i < n; i++) {
        db_array_i64(list, ids[i]);
        least = ids[i] < least ? ids[i] : least;
        most = ids[i] > most ? ids[i] : most;
    }
    put_range(&p, r, least - 1, most < INT64_MAX ? most + 1 : most);
    if (db_param_array(&p, list))
        return nomem(e);
    db_param_bool(&p, read);
    return db_execute(db, &sql_notice_mark_some, &p, deadline, fn, arg, e);
}

int notice_store_mark_up_to(struct db *db, const struct notice_reader *r, int64_t id, usec_t deadline, db_result_fn fn,
                            void *arg, struct err *e)
{
    struct db_params p;
    put_range(&p, r, 0, id < INT64_MAX ? id + 1 : id);
    return db_execute(db, &sql_notice_mark_all, &p, deadline, fn, arg, e);
}
