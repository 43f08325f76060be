/* SPDX-License-Identifier: MIT */
/*
 * Notices in the database: which accounts an event's notices reach, once however many workers make them; what is read and
 * unread by marks and exceptions; that old ones go without changing the count of the others; pages both ways; row security.
 */
#include <check.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "server/db/result.h"
#include "server/store/notice_store.h"
#include "sql.h"
#include "tests/db/harness.h"
#include "tests/db/reader.h"
#include "tests/support/pg.h"

/* Region codes with their grids; organs 2 and 3 are of the first county. */
#define HERE  INT64_C(230604000000000)
#define THERE INT64_C(230602000000000)

enum who { WORKER = 1, LEAD, HANDLER, WATER, DISPATCHER, ACCEPTOR, CHIEF, DISPATCHER_THERE, SUPERVISOR, WHO_END };
static const struct {
    enum role role;
    int64_t region;
    int level;
    int32_t organ;
} people[WHO_END] = {
    [WORKER] = {ROLE_GRID_WORKER, INT64_C(230604001001000), LEVEL_COMMUNITY, 0},
    [LEAD] = {ROLE_ORGAN_LEAD, HERE, LEVEL_COUNTY, 2},
    [HANDLER] = {ROLE_HANDLER, HERE, LEVEL_COUNTY, 2},
    [WATER] = {ROLE_ORGAN_LEAD, HERE, LEVEL_COUNTY, 3},
    [DISPATCHER] = {ROLE_DISPATCHER, HERE, LEVEL_COUNTY, 0},
    [ACCEPTOR] = {ROLE_ACCEPTOR, HERE, LEVEL_COUNTY, 0},
    [CHIEF] = {ROLE_DUTY_CHIEF, HERE, LEVEL_COUNTY, 0},
    [DISPATCHER_THERE] = {ROLE_DISPATCHER, THERE, LEVEL_COUNTY, 0},
    [SUPERVISOR] = {ROLE_SUPERVISOR, INT64_C(230600000000000), LEVEL_CITY, 0},
};

#define ACCOUNT_ID "01900000-0000-7000-8000-%012d"
#define CASE_ID    "01a00000-0000-7000-8000-%012d"

static char conninfo[512];
static struct harness h;
static struct arena *arena;

static void sql_run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void sql_run(const char *fmt, ...)
{
    char sql[1600];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(sql, sizeof sql, fmt, ap);
    va_end(ap);
    ck_assert_int_lt(n, (int)sizeof sql);
    PGconn *c = test_pg_connect(conninfo);
    /* Foreign keys look away: a directory is not what is asked about. */
    reader_run(c, "set session_replication_role = replica");
    reader_run(c, sql);
    PQfinish(c);
}

static void setup(void)
{
    (void)snprintf(conninfo, sizeof conninfo, "%s", test_pg_conninfo());
    for (int i = 1; i < WHO_END; i++)
        sql_run("insert into account (id, login, name, role, region_code, region_level, organ_id, password_hash, created_at,"
                " password_changed_at, person_code) values ('" ACCOUNT_ID "', 'a%d', 'x', %d, %" PRId64
                ", %d, nullif(%d, 0), 'x',"
                " now(), now(), 'a%d')",
                i, i, (int)people[i].role, people[i].region, people[i].level, (int)people[i].organ, i);
    h_init(&h, conninfo, sql_all);
    h.cfg.read_role = DB_READ_ROLE;
    h.cfg.write_role = DB_WRITE_ROLE;
    h_open(&h);
    h_wait_ready(&h, true);
    arena = arena_create(1 << 20);
    ck_assert_ptr_nonnull(arena);
}

static void teardown(void)
{
    arena_destroy(arena);
    h_close(&h);
}

/* --- Cases and their events --- */

static void add_case(int n, int64_t grid)
{
    sql_run(
        "insert into case_file (id, number, version, state, prev_state, grid_code, category_id, urgency, channel, level,"
        " organ_id, co_organ_ids, reporter_id, flags, round, return_count, rework_count, cohort_day, reported_at, arrived_at,"
        " last_event_at, reporter_name, description) values ('" CASE_ID "', %d, 1, 5, 0, %" PRId64
        ", 1, 1, 1, 3, 2, '{3}', '" ACCOUNT_ID "', 0, 1, 0, 0, '2026-01-01', now(), now(), now(), 'x', '路面塌陷')",
        n, n, grid, WORKER);
}

/* Steps the database lets pass; of the states the notices here do not depend. */
static const struct {
    enum case_state from, to;
} steps[ACT_COUNT] = {
    [ACT_SUBMIT] = {STATE_NONE, STATE_REPORTED},      [ACT_ORDER_FACT_CHECK] = {STATE_REPORTED, STATE_FACT_CHECK},
    [ACT_ACCEPT] = {STATE_REPORTED, STATE_ACCEPTED},  [ACT_DISPATCH] = {STATE_ACCEPTED, STATE_DISPATCHED},
    [ACT_SIGN] = {STATE_DISPATCHED, STATE_HANDLING},  [ACT_REQUEST_EXTEND] = {STATE_HANDLING, STATE_HANDLING},
    [ACT_ENDORSE] = {STATE_HANDLING, STATE_HANDLING}, [ACT_EXTEND] = {STATE_HANDLING, STATE_HANDLING},
    [ACT_RETURN] = {STATE_HANDLING, STATE_ACCEPTED},  [ACT_FEED_BACK] = {STATE_HANDLING, STATE_FEEDBACK},
    [ACT_CLOSE] = {STATE_FEEDBACK, STATE_CLOSED},
};

static void add_event(int n, int version, enum action action, enum who actor, enum approval_kind approval)
{
    sql_run(
        "insert into case_event (case_id, version, request_id, request_hash, happened_at, arrived_at, grid_code, cohort_day,"
        " category_id, prev_category_id, organ_id, action, from_state, to_state, check_result, stock_before, stock_after, flow,"
        " actor_role, imported, actor_id, actor_name, approval) select id, %d, gen_random_uuid(), 0, now(), now(), grid_code,"
        " cohort_day, 1, 1, 2, %d, %d, %d, 0, 0, 0, 0, %d, false, '" ACCOUNT_ID "', 'x', %d from case_file where number = %d",
        version, (int)action, (int)steps[action].from, (int)steps[action].to, (int)people[actor].role, (int)actor,
        (int)approval, n);
}

/* n dispatched cases, each telling the organs 2 and 3. */
static void dispatch(int first, int n)
{
    for (int i = first; i < first + n; i++) {
        add_case(i, HERE + 1001001);
        add_event(i, 1, ACT_DISPATCH, DISPATCHER, APPROVAL_NONE);
    }
}

/* --- The roll --- */

struct rolled {
    int calls, events, notices;
};

static void on_rolled(void *arg, int n_events, int n_notices, const struct err *e)
{
    struct rolled *r = arg;
    ck_assert_msg(!e->code, "%s %s", e->text, e->detail);
    r->calls++;
    r->events += n_events > 0 ? n_events : 0;
    r->notices += n_notices;
}

/* Page by page until that many events were looked at; together: two workers at once. */
static struct rolled roll(int want, int page, bool together)
{
    struct rolled r = {0};
    while (r.events < want) {
        struct err e = {0};
        int asked = r.calls + (together ? 2 : 1);
        for (int i = r.calls; i < asked; i++)
            ck_assert_msg(!notice_store_roll(h.db, page, on_rolled, &r, &e), "%s", e.text);
        h_until_count(&h, &r.calls, asked);
    }
    ck_assert_int_eq(r.events, want);
    return r;
}

/* --- Readers --- */

static struct notice_reader reader_of(enum who w)
{
    struct notice_reader r;
    struct actor who = {.role = people[w].role, .region = people[w].region, .organ_id = people[w].organ, .name = "x"};
    char id[UUID_TEXT_LEN + 1];
    (void)snprintf(id, sizeof id, ACCOUNT_ID, (int)w);
    ck_assert(uuid_parse(id, &who.account));
    notice_reader_of(&who, &r);
    return r;
}

enum { PAGE_MAX = 64, ALL_KINDS = 0xfe };

struct page {
    int calls, n;
    struct notice_row rows[PAGE_MAX];
};

static void on_page(void *arg, const struct notice_row *rows, int n, const struct err *e)
{
    struct page *p = arg;
    ck_assert_msg(!e->code, "%s %s", e->text, e->detail);
    ck_assert_int_le(n, PAGE_MAX);
    memcpy(p->rows, rows, (size_t)n * sizeof *rows);
    p->n = n;
    p->calls++;
}

static struct page list(enum who w, const struct notice_query *q)
{
    struct page p = {0};
    struct err e = {0};
    struct notice_reader r = reader_of(w);
    ck_assert_msg(!notice_store_list(h.db, &r, q, arena, USEC_NONE, on_page, &p, &e), "%s", e.text);
    h_until_count(&h, &p.calls, 1);
    return p;
}

static struct page since(enum who w, int64_t after, int limit)
{
    struct page p = {0};
    struct err e = {0};
    struct notice_reader r = reader_of(w);
    struct notice_query q = {.after_id = after, .limit = limit};
    ck_assert_msg(!notice_store_since(h.db, &r, &q, arena, USEC_NONE, on_page, &p, &e), "%s", e.text);
    h_until_count(&h, &p.calls, 1);
    return p;
}

static struct page all(enum who w)
{
    return list(w, &(struct notice_query){.before_id = INT64_MAX, .kinds = ALL_KINDS, .limit = PAGE_MAX});
}

struct number {
    int calls, sum; /* of the last column */
};

static void on_number(void *arg, const PGresult *res, const struct err *e)
{
    struct number *n = arg;
    ck_assert_msg(!e->code, "%s %s", e->text, e->detail);
    for (int i = 0; i < PQntuples(res); i++)
        n->sum += db_get_i32(res, i, PQnfields(res) - 1);
    n->calls++;
}

static int unread(enum who w)
{
    struct number n = {0};
    struct err e = {0};
    struct notice_reader r = reader_of(w);
    ck_assert_msg(!notice_store_count(h.db, &r, USEC_NONE, on_number, &n, &e), "%s", e.text);
    h_until_count(&h, &n.calls, 1);
    /* The list says the same. */
    struct page p =
        list(w, &(struct notice_query){.before_id = INT64_MAX, .kinds = ALL_KINDS, .unread_only = true, .limit = PAGE_MAX});
    ck_assert_int_eq(p.n, n.sum);
    return n.sum;
}

static int mark(enum who w, const int64_t *ids, int n_ids, bool read)
{
    struct number n = {0};
    struct err e = {0};
    struct notice_reader r = reader_of(w);
    ck_assert_msg(!notice_store_mark(h.db, &r, ids, n_ids, read, arena, USEC_NONE, on_number, &n, &e), "%s", e.text);
    h_until_count(&h, &n.calls, 1);
    return n.sum;
}

static int mark_up_to(enum who w, int64_t id)
{
    struct number n = {0};
    struct err e = {0};
    struct notice_reader r = reader_of(w);
    ck_assert_msg(!notice_store_mark_up_to(h.db, &r, id, USEC_NONE, on_number, &n, &e), "%s", e.text);
    h_until_count(&h, &n.calls, 1);
    return n.sum;
}

static int64_t exceptions(enum who w)
{
    char sql[160];
    (void)snprintf(sql, sizeof sql, "select count(*) from notice_exception where account_id = '" ACCOUNT_ID "'", (int)w);
    return test_pg_int(conninfo, sql);
}

/* --- Who is told --- */

START_TEST(an_event_reaches_those_it_concerns)
{
    static const struct {
        int of_case;
        enum action action;
        enum who actor;
        enum approval_kind approval;
    } events[] = {
        {1, ACT_SUBMIT, WORKER, APPROVAL_NONE},
        {1, ACT_ACCEPT, ACCEPTOR, APPROVAL_NONE},
        {1, ACT_DISPATCH, DISPATCHER, APPROVAL_NONE}, /* organs 2 and 3 */
        {1, ACT_SIGN, HANDLER, APPROVAL_NONE},
        {1, ACT_REQUEST_EXTEND, HANDLER, APPROVAL_EXTEND}, /* the leads of organ 2 */
        {1, ACT_ENDORSE, LEAD, APPROVAL_EXTEND},           /* the county's dispatchers */
        {1, ACT_EXTEND, DISPATCHER, APPROVAL_NONE},        /* who asked */
        {1, ACT_FEED_BACK, HANDLER, APPROVAL_NONE},        /* the county's acceptors and dispatchers */
        {1, ACT_CLOSE, ACCEPTOR, APPROVAL_NONE},           /* the reporter */
        /* Of a case elsewhere: organ 2 is told, and its people do not see it; the reporter neither. */
        {2, ACT_DISPATCH, DISPATCHER_THERE, APPROVAL_NONE},
        {2, ACT_RETURN, LEAD, APPROVAL_NONE}, /* that county's dispatchers */
        {2, ACT_CLOSE, SUPERVISOR, APPROVAL_NONE},
    };
    static const struct {
        enum who who;
        enum notice_kind kinds[3]; /* newest first */
    } told[] = {
        {WORKER, {NOTICE_REPORTED}},
        {LEAD, {NOTICE_APPROVAL, NOTICE_ASSIGNED}},
        {HANDLER, {NOTICE_ANSWERED, NOTICE_ASSIGNED}},
        {WATER, {NOTICE_ASSIGNED}},
        {DISPATCHER, {NOTICE_ANSWERED, NOTICE_APPROVAL}},
        {ACCEPTOR, {NOTICE_ANSWERED}},
        {CHIEF, {NOTICE_NONE}},
        {DISPATCHER_THERE, {NOTICE_ASSIGNED}},
        {SUPERVISOR, {NOTICE_NONE}},
    };
    enum { N = sizeof events / sizeof *events };
    add_case(1, HERE + 1001001);
    add_case(2, THERE + 1001001);
    for (int i = 0; i < N; i++)
        add_event(events[i].of_case, i + 1, events[i].action, events[i].actor, events[i].approval);
    ck_assert_int_eq(roll(N, 2, false).notices, 11);
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        struct page p = all(told[i].who);
        int want = 0;
        while (want < 3 && told[i].kinds[want] != NOTICE_NONE)
            want++;
        ck_assert_msg(p.n == want, "account %d: %d notices", (int)told[i].who, p.n);
        for (int k = 0; k < want; k++)
            ck_assert_msg(p.rows[k].kind == told[i].kinds[k], "account %d: kind %d", (int)told[i].who, (int)p.rows[k].kind);
        ck_assert_int_eq(unread(told[i].who), want);
    }
    struct page p = all(DISPATCHER);
    ck_assert_int_eq(p.rows[1].approval, APPROVAL_EXTEND);
    ck_assert_int_eq(p.rows[1].action, ACT_ENDORSE);
    ck_assert_int_eq(p.rows[1].number, 1);
    ck_assert_str_eq(p.rows[1].description, "路面塌陷");
    /* A case that leaves an account's sight takes its notices along, and brings them back. */
    sql_run("update case_file set co_organ_ids = null where number = 1");
    ck_assert_int_eq(all(WATER).n, 0);
    ck_assert_int_eq(unread(WATER), 0);
    sql_run("update case_file set co_organ_ids = '{3}' where number = 1");
    ck_assert_int_eq(unread(WATER), 1);
}
END_TEST

START_TEST(a_level_without_people_is_asked_for_above)
{
    /* The fact check is the grid's workers': the one nearest above the grid is the community's. Elsewhere there is none. */
    add_case(1, HERE + 1001001);
    add_case(2, THERE + 1001001);
    add_event(1, 1, ACT_ORDER_FACT_CHECK, ACCEPTOR, APPROVAL_NONE);
    add_event(2, 1, ACT_ORDER_FACT_CHECK, SUPERVISOR, APPROVAL_NONE);
    ck_assert_int_eq(roll(2, 100, false).notices, 2);
    ck_assert_int_eq(all(WORKER).n, 1);
    ck_assert_int_eq(test_pg_int(conninfo, "select region_code from notice order by id limit 1"), INT64_C(230604001001000));
    ck_assert_int_eq(test_pg_int(conninfo, "select region_code from notice order by id desc limit 1"), THERE + 1001001);
    /* A closed account is nobody. */
    sql_run("update account set disabled = true where login = 'a%d'", (int)WORKER);
    add_event(1, 2, ACT_ORDER_FACT_CHECK, ACCEPTOR, APPROVAL_NONE);
    ck_assert_int_eq(roll(1, 100, false).notices, 1);
    ck_assert_int_eq(test_pg_int(conninfo, "select region_code from notice order by id desc limit 1"), HERE + 1001001);
}
END_TEST

START_TEST(two_workers_tell_once)
{
    dispatch(1, 10);
    ck_assert_int_eq(roll(10, 3, true).notices, 20);
    ck_assert_int_eq(test_pg_int(conninfo, "select count(*) from notice"), 20);
    ck_assert_int_eq(test_pg_int(conninfo, "select count(*) from (select distinct case_id, organ_id from notice) d"), 20);
}
END_TEST

/* --- What is read --- */

START_TEST(marks_and_exceptions)
{
    enum { N = 12 };
    int64_t ids[N];
    dispatch(1, N);
    (void)roll(N, 100, false);
    struct page p = all(LEAD);
    ck_assert_int_eq(p.n, N);
    for (int i = 0; i < N; i++)
        ids[i] = p.rows[N - 1 - i].id; /* oldest first */

    ck_assert_int_eq(mark(LEAD, (int64_t[]){ids[2], ids[5], ids[9]}, 3, true), 3);
    ck_assert_int_eq(mark(LEAD, (int64_t[]){ids[2], ids[5], ids[9]}, 3, true), 0);
    ck_assert_int_eq(unread(LEAD), N - 3);
    ck_assert_int_eq(mark(LEAD, &ids[5], 1, false), 1);
    ck_assert_int_eq(unread(LEAD), N - 2);
    ck_assert(all(LEAD).rows[N - 1 - 2].is_read);
    ck_assert(!all(LEAD).rows[N - 1 - 5].is_read);

    /* Nobody marks what is not his, and nobody's marks are another's. */
    ck_assert_int_eq(mark(WATER, ids, N, true), 0);
    ck_assert_int_eq(exceptions(WATER), 0);
    ck_assert_int_eq(unread(WATER), N);
    ck_assert_int_eq(unread(HANDLER), N);

    /* Up to the seventh: of seven, the third was read already. What was said of single ones there is forgotten. */
    ck_assert_int_eq(exceptions(LEAD), 3);
    ck_assert_int_eq(mark_up_to(LEAD, ids[6]), 6);
    ck_assert_int_eq(exceptions(LEAD), 1);
    ck_assert_int_eq(unread(LEAD), N - 7 - 1);
    ck_assert_int_eq(mark_up_to(LEAD, ids[3]), 0);
    ck_assert_int_eq(unread(LEAD), N - 7 - 1); /* a mark does not go back */

    /* One below the mark comes back by name, and goes with the next mark. */
    ck_assert_int_eq(mark(LEAD, &ids[0], 1, false), 1);
    ck_assert_int_eq(unread(LEAD), N - 7);
    ck_assert_int_eq(mark_up_to(LEAD, ids[N - 1]), N - 7);
    ck_assert_int_eq(unread(LEAD), 0);
    ck_assert_int_eq(exceptions(LEAD), 0);
    ck_assert_int_eq(unread(HANDLER), N);

    /* What comes later is unread. */
    dispatch(N + 1, 1);
    (void)roll(1, 100, false);
    ck_assert_int_eq(unread(LEAD), 1);
    ck_assert_int_eq(unread(HANDLER), N + 1);
}
END_TEST

static int purge(usec_t before, int at_most)
{
    struct number n = {0};
    struct err e = {0};
    struct db_params p;
    db_params_init(&p);
    db_param_time(&p, before);
    db_param_i64(&p, at_most);
    ck_assert_msg(!db_execute(h.db, &sql_notice_purge, &p, USEC_NONE, on_number, &n, &e), "%s", e.text);
    h_until_count(&h, &n.calls, 1);
    return n.sum;
}

START_TEST(old_ones_go_and_the_others_stay_as_they_were)
{
    enum { N = 8 };
    const usec_t before = INT64_C(1577836800) * USEC_PER_SEC; /* 2020 */
    int64_t ids[N];
    dispatch(1, N);
    (void)roll(N, 100, false);
    struct page p = all(LEAD);
    for (int i = 0; i < N; i++)
        ids[i] = p.rows[N - 1 - i].id;
    ck_assert_int_eq(purge(before, 1000), 0);

    /* Two read among the old ones, one among the new ones; of the handler everything up to the second. */
    ck_assert_int_eq(mark(LEAD, (int64_t[]){ids[0], ids[3], ids[6]}, 3, true), 3);
    ck_assert_int_eq(mark_up_to(HANDLER, ids[1]), 2);
    sql_run("update notice set at = '2019-12-31' where case_id in (select id from case_file where number <= 4)");
    ck_assert_int_eq(purge(before, 3), 3); /* a batch, oldest first: of every case two notices */
    ck_assert_int_eq(all(LEAD).n, N - 2);
    ck_assert_int_eq(all(LEAD).rows[N - 3].id, ids[2]);
    ck_assert_int_eq(purge(before, 1000), 5);
    ck_assert_int_eq(purge(before, 1000), 0);

    ck_assert_int_eq(all(LEAD).n, N - 4);
    ck_assert_int_eq(unread(LEAD), N - 4 - 1);
    ck_assert_int_eq(exceptions(LEAD), 1);
    ck_assert_int_eq(unread(HANDLER), N - 4);
    ck_assert_int_eq(unread(WATER), N - 4);
    ck_assert_int_eq(mark_up_to(HANDLER, ids[5]), 2);
    ck_assert_int_eq(unread(HANDLER), N - 6);
}
END_TEST

/* --- Pages --- */

START_TEST(pages_go_both_ways)
{
    enum { N = 11, SIZE = 4 };
    dispatch(1, N);
    (void)roll(N, 100, false);
    struct page whole = all(LEAD);
    ck_assert_int_eq(whole.n, N);
    for (int i = 1; i < N; i++)
        ck_assert_int_lt(whole.rows[i].id, whole.rows[i - 1].id);

    struct notice_query q = {.before_id = INT64_MAX, .kinds = ALL_KINDS, .limit = SIZE};
    int at = 0;
    for (struct page p = list(LEAD, &q); p.n > 0; p = list(LEAD, &q)) {
        for (int i = 0; i < p.n; i++)
            ck_assert_int_eq(p.rows[i].id, whole.rows[at++].id);
        q.before_id = p.rows[p.n - 1].id;
        dispatch(N + at, 1); /* what comes meanwhile stands before the first page */
        (void)roll(1, 100, false);
    }
    ck_assert_int_eq(at, N);

    struct page now = all(LEAD);
    int64_t after = 0;
    at = now.n;
    for (struct page p = since(LEAD, after, SIZE); p.n > 0; p = since(LEAD, after, SIZE)) {
        for (int i = 0; i < p.n; i++)
            ck_assert_int_eq(p.rows[i].id, now.rows[--at].id);
        after = p.rows[p.n - 1].id;
    }
    ck_assert_int_eq(at, 0);

    q = (struct notice_query){.before_id = INT64_MAX, .kinds = 1U << NOTICE_REPORTED, .limit = SIZE};
    ck_assert_int_eq(list(LEAD, &q).n, 0);
    q.kinds |= 1U << NOTICE_ASSIGNED;
    ck_assert_int_eq(list(LEAD, &q).n, SIZE);
}
END_TEST

/* --- Row security --- */

START_TEST(whoever_sees_the_case_sees_its_notices)
{
    static const struct {
        struct db_scope scope;
        int64_t seen;
        const char *what;
    } table[] = {
        {{.lo = HERE, .hi = HERE + 999999999}, 2, "its county"},
        {{.lo = THERE, .hi = THERE + 999999999}, 1, "the other county"},
        {{.lo = INT64_C(230600000000000), .hi = INT64_C(230699999999999)}, 3, "the city"},
        {{.lo = HERE, .hi = HERE + 999999999, .organ_id = 3}, 2, "an organ that helps"},
        {{.lo = HERE, .hi = HERE + 999999999, .organ_id = 4}, 0, "another organ"},
        {{.lo = HERE, .hi = HERE + 999999999, .source_id = 9}, 0, "a source"},
        {{.lo = 1, .hi = 0}, 0, "nothing"},
    };
    add_case(1, HERE + 1001001);
    add_case(2, THERE + 1001001);
    add_event(1, 1, ACT_DISPATCH, DISPATCHER, APPROVAL_NONE);
    add_event(2, 1, ACT_RETURN, LEAD, APPROVAL_NONE);
    ck_assert_int_eq(roll(2, 100, false).notices, 3);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        PGconn *c = reader_begin(conninfo, &table[i].scope);
        int64_t seen = reader_ask(c, "select count(*) from notice");
        ck_assert_msg(seen == table[i].seen, "%s sees %" PRId64, table[i].what, seen);
        PQfinish(c);
    }
    PGconn *c = test_pg_connect(conninfo);
    reader_run(c, "set role wangge_read");
    ck_assert_int_eq(reader_ask(c, "select count(*) from notice"), 0); /* no context */
    PQfinish(c);
    ck_assert_int_eq(
        test_pg_int(conninfo, "select has_table_privilege('wangge_read', 'notice', 'insert, update, delete')::integer"), 0);
    ck_assert_int_eq(test_pg_int(conninfo, "select has_table_privilege('wangge_write', 'notice', 'update')::integer"), 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("notices");
    TCase *tc = tcase_create("notices");
    test_pg_start(TEST_PG_FAST);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 170);
    tcase_add_test(tc, an_event_reaches_those_it_concerns);
    tcase_add_test(tc, a_level_without_people_is_asked_for_above);
    tcase_add_test(tc, two_workers_tell_once);
    tcase_add_test(tc, marks_and_exceptions);
    tcase_add_test(tc, old_ones_go_and_the_others_stay_as_they_were);
    tcase_add_test(tc, pages_go_both_ways);
    tcase_add_test(tc, whoever_sees_the_case_sees_its_notices);
    suite_add_tcase(s, tc);
    SRunner *sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed ? 1 : 0;
}
