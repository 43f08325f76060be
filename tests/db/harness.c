/* SPDX-License-Identifier: MIT */
#include "tests/db/harness.h"

#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "server/db/result.h"

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
}

void h_init(struct harness *h, const char *conninfo, const struct db_stmt *const *stmts)
{
    *h = (struct harness){.base = event_base_new()};
    ck_assert_ptr_nonnull(h->base);
    h->tick = event_new(h->base, -1, EV_PERSIST, on_tick, NULL);
    const struct timeval every = {.tv_usec = 10000};
    ck_assert_int_eq(event_add(h->tick, &every), 0);
    h->cfg = (struct db_config){
        .conninfo = conninfo,
        .read_lanes = 1,
        .write_lanes = 1,
        .max_unit = 64,
        .queue_limit = 1000,
        .reply_timeout_ms = 10000,
        .stmts = stmts,
        .clock = clock_system(),
    };
}

static void on_ready(void *arg, bool ready)
{
    struct harness *h = arg;
    ck_assert_int_eq(db_is_ready(h->db), ready);
    if (ready)
        h->ups++;
    else
        h->downs++;
}

void h_open(struct harness *h)
{
    struct err e = {0};
    h->db = db_create(h->base, &h->cfg, &e);
    ck_assert_msg(h->db != NULL, "%s", e.text);
    db_on_ready_change(h->db, on_ready, h);
}

void h_until(struct harness *h, bool (*cond)(void *arg), void *arg, const char *what)
{
    const struct clock *c = clock_system();
    usec_t end = c->monotonic(c) + WAIT_MS * INT64_C(1000);
    while (!cond(arg)) {
        struct err last = {0};
        if (h->db)
            db_get_last_error(h->db, &last);
        ck_assert_msg(c->monotonic(c) < end, "waited in vain for: %s (last error: %s)", what, last.detail);
        ck_assert_int_ge(event_base_loop(h->base, EVLOOP_ONCE), 0);
    }
}

/* Every lane, not just enough for readiness, so that tests know where their statements go. */
static bool all_ready(void *arg)
{
    struct harness *h = arg;
    return h_stats(h).lanes_ready == h->cfg.read_lanes + h->cfg.write_lanes;
}

static bool all_down(void *arg)
{
    const struct harness *h = arg;
    return h_stats(h).lanes_ready == 0;
}

void h_wait_down(struct harness *h)
{
    h_until(h, all_down, h, "every lane down");
}

static bool not_ready(void *arg)
{
    struct harness *h = arg;
    return !db_is_ready(h->db);
}

void h_wait_ready(struct harness *h, bool ready)
{
    h_until(h, ready ? all_ready : not_ready, h, ready ? "ready" : "not ready");
}

struct count {
    const int *n;
    int want;
};

static bool counted(void *arg)
{
    const struct count *c = arg;
    return *c->n >= c->want;
}

void h_until_count(struct harness *h, const int *n, int want)
{
    struct count c = {n, want};
    h_until(h, counted, &c, "answers");
}

struct db_stats h_stats(const struct harness *h)
{
    struct db_stats s;
    db_get_stats(h->db, &s);
    return s;
}

void h_close(struct harness *h)
{
    db_destroy(h->db);
    event_free(h->tick);
    event_base_free(h->base);
}

static void capture(struct answer *a, const PGresult *res, int row, const struct err *e)
{
    a->calls++;
    a->code = e->code;
    (void)text_copy(a->detail, sizeof a->detail, e->detail);
    ck_assert_int_eq(res != NULL, e->code == 0);
    if (res && row < PQntuples(res) && PQnfields(res) > 0) {
        const char *v = db_get_text(res, row, PQnfields(res) - 1);
        (void)text_copy(a->value, sizeof a->value, v ? v : "");
    }
    if (a->total)
        ++*a->total;
}

void on_answer(void *arg, const PGresult *res, const struct err *e)
{
    capture(arg, res, 0, e);
}

const char put_schema[] =
    "create table item (id bigint primary key, value text, nth bigint generated always as identity);"
    "create sequence flaky_seq; create sequence deadlock_seq;"
    "create function put(ids bigint[], vals text[]) returns table (pos int, state text, note text) language plpgsql as $$"
    " begin"
    "  for i in 1 .. cardinality(ids) loop"
    "   pos := i - 1; state := '00000'; note := 'put ' || ids[i];"
    "   if vals[i] = 'poison' then raise exception 'poison' using errcode = '23514'; end if;"
    "   if vals[i] = 'flaky' and nextval('flaky_seq') = 1 then raise exception 'flaky' using errcode = '40001'; end if;"
    "   if vals[i] = 'warn' then raise warning 'warn'; end if;"
    "   begin"
    "    insert into item (id, value) values (ids[i], vals[i]);"
    "    if vals[i] = 'boom' then raise exception 'boom' using errcode = 'P0001'; end if;"
    "    if vals[i] = 'deadlock-once' and nextval('deadlock_seq') = 1 then raise exception 'd' using errcode = '40P01'; end if;"
    "    if vals[i] = 'block' then perform pg_advisory_xact_lock(42); end if;"
    "   exception when others then state := sqlstate;"
    "   end;"
    "   return next;"
    "  end loop;"
    " end $$;";

const struct db_stmt put_stmt = {
    .name = "put", .sql = "select pos, state, note from put($1::bigint[], $2::text[])", .nparams = 2};

static struct put *put_of(const struct db_write *w)
{
    return (struct put *)(uintptr_t)w;
}

static int put_pack(struct db_write *const *members, int n, struct db_params *p, struct arena *scratch, struct err *e)
{
    struct db_array *ids = db_array_create(scratch, 20, n);
    struct db_array *values = db_array_create(scratch, 25, n);
    for (int i = 0; i < n; i++) {
        db_array_i64(ids, put_of(members[i])->id);
        db_array_text(values, put_of(members[i])->value);
    }
    int ret = db_param_array(p, ids);
    if (!ret)
        ret = db_param_array(p, values);
    return ret ? err_set(e, ret, "no memory") : 0;
}

const struct db_unit_ops put_ops = {.stmt = &put_stmt, .pack = put_pack};
const struct db_unit_ops put_distinct_ops = {.stmt = &put_stmt, .pack = put_pack, .distinct_keys = true};

static void on_put(struct db_write *w, const PGresult *res, int row, const struct err *e)
{
    ck_assert_int_eq(row >= 0, e->code == 0);
    capture(&put_of(w)->a, res, row, e);
}

void put_init(struct put *p, int64_t id, const char *value, int *total)
{
    *p = (struct put){.w = {.deadline = USEC_NONE, .lock_key = (uint64_t)id, .done = on_put}, .id = id, .value = value};
    p->a.total = total;
}

void put_submit(struct harness *h, const struct db_unit_ops *ops, struct put *p)
{
    struct err e = {0};
    int before = p->a.calls;
    int ret = db_write_submit(h->db, ops, &p->w, &e);
    ck_assert_msg(ret == 0, "%s: %s %s", err_name(ret), e.text, e.detail);
    ck_assert_int_eq(p->a.calls, before);
}
