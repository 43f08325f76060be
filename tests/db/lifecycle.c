/* SPDX-License-Identifier: MIT */
/*
 * What the lifecycle's migration makes of an older database, and the bytes of the gate: written and read again, whatever they
 * hold, and those of version 1.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "domain_fixture.h"
#include "server/db/migrate.h"
#include "server/store/case_row.h"
#include "sql.h"
#include "tests/support/pg.h"

/* --- The bytes --- */

/* As version 1 wrote them: counters, a suspension, a feeder, two clocks, two helping organs. */
static size_t version_1(unsigned char out[256])
{
    static const unsigned char head[] = {1, 0, 1, 0, 1};
    size_t n = 0;
    memcpy(out, head, sizeof head);
    n += sizeof head;
    int64_t until = INT64_C(1700000000000000);
    for (int i = 7; i >= 0; i--)
        out[n++] = (unsigned char)(until >> (8 * i));
    for (int i = 0; i < 16; i++)
        out[n++] = (unsigned char)(0xa0 + i);
    out[n++] = CLOCK_NONE;
    out[n++] = CLOCK_HANDLE;
    out[n++] = UNIT_WORKING;
    static const unsigned char amounts[] = {0, 0, 0x70, 0x80, 0, 0, 0, 60};
    memcpy(out + n, amounts, sizeof amounts);
    n += sizeof amounts;
    for (int k = 0; k < 2; k++)
        for (int i = 7; i >= 0; i--)
            out[n++] = (unsigned char)((uint64_t)USEC_NONE >> (8 * i));
    out[n++] = 2;
    for (int k = 0; k < 2; k++) {
        static const unsigned char organ[] = {0, 0, 0, 7};
        memcpy(out + n, organ, sizeof organ);
        n += sizeof organ;
        out[n++] = (unsigned char)k;
        for (int i = 7; i >= 0; i--)
            out[n++] = (unsigned char)(until >> (8 * i));
    }
    return n;
}

START_TEST(reads_version_1)
{
    unsigned char data[256];
    struct case_snap s;
    case_snap_init(&s);
    ck_assert_int_eq(case_gate_data_decode(data, version_1(data), &s), 0);
    ck_assert_int_eq(s.reopen_count, 1);
    ck_assert_int_eq(s.suspend_count, 1);
    ck_assert_int_eq(s.suspended_until, INT64_C(1700000000000000));
    ck_assert_int_eq(s.feeder.bytes[15], 0xaf);
    ck_assert_int_eq(s.stage.kind, CLOCK_NONE);
    ck_assert(s.handle.kind == CLOCK_HANDLE && s.handle.limit_s == 28800 && s.handle.consumed_s == 60);
    ck_assert_int_eq(s.handle.running_since, USEC_NONE);
    ck_assert_int_eq(s.overall.kind, CLOCK_NONE);
    ck_assert_int_eq(s.n_co, 2);
    ck_assert(!s.co[0].replied && s.co[1].replied && !s.co[1].lapsed && s.co[1].organ_id == 7);
    ck_assert_int_eq(approval_bits(&s), 0);
    for (size_t len = 0; len < version_1(data); len++)
        ck_assert_msg(case_gate_data_decode(data, len, &s) == ERR_INTERNAL, "cut to %zu bytes", len);
    size_t len = version_1(data);
    data[0] = 3; /* of a program to come */
    ck_assert_int_eq(case_gate_data_decode(data, len, &s), ERR_INTERNAL);
}
END_TEST

static void same_after_a_round_trip(const struct case_snap *c, const char *what)
{
    unsigned char data[CASE_GATE_DATA_MAX];
    size_t len = case_gate_data_encode(c, data);
    /* Whatever stood there before is replaced. */
    struct case_snap back = *c;
    memset(back.approval, 0x55, sizeof back.approval);
    memset(back.co, 0x55, sizeof back.co);
    memset(&back.overall, 0x55, sizeof back.overall);
    back.card = CARD_BLACK;
    back.urged_at = back.reply_by = back.original_due_at = 5;
    back.extend_count = back.appeal_count = 77;
    ck_assert_int_eq(case_gate_data_decode(len ? data : NULL, len, &back), 0);
    unsigned char again[CASE_GATE_DATA_MAX];
    ck_assert_msg(case_gate_data_encode(&back, again) == len && memcmp(data, again, len) == 0, "%s", what);
    ck_assert_int_eq(back.n_co, c->n_co);
    for (int i = 0; i < c->n_co; i++)
        ck_assert(back.co[i].organ_id == c->co[i].organ_id && back.co[i].replied == c->co[i].replied &&
                  back.co[i].lapsed == c->co[i].lapsed && back.co[i].reply_by == c->co[i].reply_by);
    for (int k = 0; k < APPROVAL_COUNT; k++)
        ck_assert(back.approval[k].step == c->approval[k].step && back.approval[k].until == c->approval[k].until &&
                  back.approval[k].asked_at == c->approval[k].asked_at &&
                  uuid_equal(&back.approval[k].asked_by, &c->approval[k].asked_by) &&
                  uuid_equal(&back.approval[k].endorsed_by, &c->approval[k].endorsed_by));
    const struct case_clock *was[] = {&c->stage, &c->handle, &c->overall}, *is[] = {&back.stage, &back.handle, &back.overall};
    for (int i = 0; i < 3; i++)
        ck_assert(was[i]->kind == is[i]->kind && was[i]->unit == is[i]->unit && was[i]->limit_s == is[i]->limit_s &&
                  was[i]->consumed_s == is[i]->consumed_s && was[i]->running_since == is[i]->running_since &&
                  was[i]->due_at == is[i]->due_at && was[i]->rule_id == is[i]->rule_id && was[i]->was_late == is[i]->was_late);
    ck_assert(back.card == c->card && back.urged_at == c->urged_at && back.reply_by == c->reply_by);
    ck_assert(back.extend_count == c->extend_count && back.appeal_count == c->appeal_count);
    ck_assert(back.original_due_at == c->original_due_at && back.suspended_until == c->suspended_until);
    for (size_t cut = 1; cut < len; cut++)
        ck_assert_msg(case_gate_data_decode(data, cut, &back) == ERR_INTERNAL, "%s cut to %zu of %zu bytes", what, cut, len);
}

START_TEST(keeps_every_state)
{
    struct fx f;
    fx_init(&f);
    for (enum case_state s = STATE_REPORTED; s < STATE_COUNT; s++) {
        fx_reset(&f, fx_friday(9, 0));
        fx_bring_to(&f, s);
        same_after_a_round_trip(&f.snap, case_state_name(s));
    }
    fx_reset(&f, fx_friday(9, 0));
    fx_must(&f, ACT_SETTLE, WHO_WORKER);
    unsigned char data[CASE_GATE_DATA_MAX];
    ck_assert_uint_eq(case_gate_data_encode(&f.snap, data), 0);
    same_after_a_round_trip(&f.snap, "settled on the spot");
    fx_fini(&f);
}
END_TEST

/* Everything at once fits, so nothing a gate can decide is too long to keep. */
START_TEST(keeps_all_at_once)
{
    struct fx f;
    fx_init(&f);
    fx_bring_to(&f, STATE_HANDLING);
    struct case_snap c = f.snap;
    c.feeder = f.who[WHO_LEAD].account;
    c.reopen_count = 65535;
    c.suspend_count = c.extend_count = c.appeal_count = 65535;
    c.suspended_until = c.urged_at = c.reply_by = c.original_due_at = INT64_MAX;
    c.card = CARD_BLACK;
    for (int k = APPROVAL_EXTEND; k < APPROVAL_COUNT; k++)
        c.approval[k] = (struct case_approval){.step = STEP_ENDORSED,
                                               .asked_by = f.who[WHO_HANDLER].account,
                                               .endorsed_by = f.who[WHO_LEAD].account,
                                               .asked_role = ROLE_HANDLER,
                                               .asked_at = 1,
                                               .endorsed_at = 2,
                                               .until = INT64_MAX - k};
    c.n_co = CASE_MAX_CO_ORGANS;
    for (int i = 0; i < CASE_MAX_CO_ORGANS; i++)
        c.co[i] =
            (struct case_co_organ){.organ_id = INT32_MAX - i, .replied = i & 1, .lapsed = (i & 2) != 0, .reply_by = INT64_MAX};
    struct case_clock *clocks[] = {&c.stage, &c.handle, &c.overall};
    for (int i = 0; i < 3; i++)
        *clocks[i] = (struct case_clock){.kind = (enum clock_kind)(i + 1),
                                         .unit = UNIT_DAY,
                                         .limit_s = INT32_MAX,
                                         .consumed_s = 5,
                                         .rule_id = INT32_MAX,
                                         .was_late = true,
                                         .running_since = 1,
                                         .due_at = INT64_MAX};
    unsigned char data[CASE_GATE_DATA_MAX];
    ck_assert_uint_gt(case_gate_data_encode(&c, data), 400);
    same_after_a_round_trip(&c, "everything");
    fx_fini(&f);
}
END_TEST

/* --- The migration --- */

static const char *text_of(PGconn *c, const char *sql)
{
    static char out[512];
    PGresult *res = PQexec(c, sql);
    ck_assert_msg(PQresultStatus(res) == PGRES_TUPLES_OK && PQntuples(res) == 1, "%s: %s", sql, PQresultErrorMessage(res));
    (void)snprintf(out, sizeof out, "%s", PQgetvalue(res, 0, 0));
    PQclear(res);
    return out;
}

static void run(PGconn *c, const char *sql)
{
    PGresult *res = PQexec(c, sql);
    ck_assert_msg(PQresultStatus(res) == PGRES_COMMAND_OK || PQresultStatus(res) == PGRES_TUPLES_OK, "%s: %s", sql,
                  PQresultErrorMessage(res));
    PQclear(res);
}

static void old_case(PGconn *c, int n, int state, int prev, const char *more_columns, const char *more_values)
{
    char sql[2048];
    (void)snprintf(
        sql, sizeof sql,
        "insert into case_file (id, number, version, state, prev_state, grid_code, category_id, urgency, channel, level,"
        " reporter_id, flags, round, return_count, rework_count, cohort_day, reported_at, arrived_at, last_event_at,"
        " reporter_name, description%s) values ('00000000-0000-7000-8000-00000000000%d', %d, 2, %d, %d,"
        " 230604001001001, 1, 1, 1, 1, '00000000-0000-7000-8000-0000000000aa', 3, 1, 0, 0, '2026-01-05',"
        " '2026-01-05 09:00+08', '2026-01-05 09:00+08', '2026-01-05 10:00+08', '王', '路面塌陷'%s)",
        more_columns, n, n, state, prev, more_values);
    run(c, sql);
}

static void old_event(PGconn *c, int n, int version, int from, int action, int to)
{
    char sql[1024];
    (void)snprintf(sql, sizeof sql,
                   "insert into case_event (case_id, version, request_id, request_hash, happened_at, arrived_at, grid_code,"
                   " cohort_day, category_id, prev_category_id, action, from_state, to_state, check_result, stock_before,"
                   " stock_after, flow, actor_role, imported, actor_id, actor_name) values"
                   " ('00000000-0000-7000-8000-00000000000%d', %d, gen_random_uuid(), 0, '2026-01-05 10:00+08',"
                   " '2026-01-05 10:00+08', 230604001001001, '2026-01-05', 1, 1, %d, %d, %d, 0, 0, 0, 0, 3, false,"
                   " '00000000-0000-7000-8000-0000000000bb', '孙')",
                   n, version, action, from, to);
    PGresult *res = PQexec(c, sql);
    ck_assert_msg(PQresultStatus(res) == PGRES_COMMAND_OK, "%s", PQresultErrorMessage(res));
    PQclear(res);
}

START_TEST(carries_an_older_database_over)
{
    const struct migrate_set *whole = migrate_builtin();
    struct migrate_set old = {.migrations = whole->migrations, .nmigrations = 3};
    const char *conninfo = test_pg_conninfo_empty();
    struct migrate_report r;
    struct err e;
    ck_assert_msg(migrate_run_set(conninfo, &old, &r, &e) == 0, "%s | %s", e.text, e.detail);
    PGconn *c = test_pg_connect(conninfo);
    unsigned char data[256];
    size_t len = version_1(data);
    char values[768] = ", '\\x";
    size_t at = strlen(values);
    for (size_t i = 0; i < len; i++)
        at += (size_t)snprintf(values + at, sizeof values - at, "%02x", data[i]);
    (void)snprintf(values + at, sizeof values - at, "'");
    old_case(c, 1, STATE_SUSPENDED, 0, ", gate_data", values);
    old_case(c, 2, STATE_HANDLING, 0, ", void_requested_by, due_at",
             ", '00000000-0000-7000-8000-0000000000cc', now() + interval '1 day'");
    old_case(c, 3, STATE_MERGED, STATE_REPORTED, ", merged_into", ", '00000000-0000-7000-8000-000000000002'");
    old_event(c, 3, 1, 0, ACT_SUBMIT, STATE_REPORTED);
    old_event(c, 3, 2, STATE_REPORTED, ACT_MERGE, STATE_MERGED);
    old_event(c, 2, 1, STATE_HANDLING, ACT_RESTORE, STATE_HANDLING); /* a voiding declined the old way */

    ck_assert_msg(migrate_run(conninfo, &r, &e) == 0, "%s | %s", e.text, e.detail);
    ck_assert_str_eq(
        text_of(c, "select suspended_until = timestamptz '2023-11-14 22:13:20+00' from case_file where number = 1"), "t");
    ck_assert_str_eq(text_of(c, "select approvals || ' ' || (next_light_at = due_at + interval '1 second')::text"
                                " from case_file where number = 2"),
                     "64 true");
    ck_assert_str_eq(text_of(c, "select count(*) || ' ' || min(merged_version) || ' ' || min(lead_id::text) || ' ' ||"
                                " (min(merged_at) = '2026-01-05 10:00+08')::text || ' ' || count(split_at) from case_link"),
                     "1 2 00000000-0000-7000-8000-000000000002 true 0");
    ck_assert_str_eq(text_of(c, "select count(*) from case_event where action = 29"), "1");
    PGresult *res = PQexec(c, "update case_file set card = 4 where number = 2");
    ck_assert_str_eq(PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME), "case_file_card_check");
    PQclear(res);
    res = PQexec(c, "insert into case_link (case_id, merged_version, lead_id, merged_at, merged_by) select case_id, 9, lead_id,"
                    " merged_at, merged_by from case_link");
    ck_assert_str_eq(PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME), "case_link_open_idx");
    PQclear(res);
    res = PQexec(c, "update case_link set split_at = now()");
    ck_assert_str_eq(PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME), "case_link_split_check");
    PQclear(res);
    /* Declining by RESTORE is a thing of the past, and stays what it was. */
    res = PQexec(c, "insert into case_event (case_id, version, request_id, request_hash, happened_at, arrived_at, grid_code,"
                    " cohort_day, category_id, prev_category_id, action, from_state, to_state, check_result, stock_before,"
                    " stock_after, flow, actor_role, imported, actor_id, actor_name) select case_id, 7, gen_random_uuid(), 0,"
                    " happened_at, arrived_at, grid_code, cohort_day, 1, 1, 29, 5, 5, 0, 0, 0, 0, 3, false, actor_id, '孙'"
                    " from case_event where action = 29");
    ck_assert_str_eq(PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME), "case_event_transition_check");
    PQclear(res);
    /* The voiding that was asked for then is pending now. */
    static const char id[] = "\0\0\0\0\0\0\x70\0\x80\0\0\0\0\0\0\x02";
    const char *params[] = {id};
    const int lengths[] = {16}, formats[] = {1};
    res = PQexecParams(c, sql_case_get.sql, 1, NULL, params, lengths, formats, sql_case_get.binary_result);
    ck_assert_int_eq(PQntuples(res), 1);
    struct arena *a = arena_create(65536);
    struct case_row row;
    ck_assert_msg(case_row_read(res, 0, a, &row, &e) == 0, "%s", e.text);
    ck_assert_int_eq(row.snap.approval[APPROVAL_VOID].step, STEP_ASKED);
    ck_assert_int_eq(row.snap.approval[APPROVAL_VOID].asked_by.bytes[15], 0xcc);
    ck_assert_int_ne(row.snap.next_light_at, USEC_NONE);
    PQclear(res);
    arena_destroy(a);
    PQfinish(c);
}
END_TEST

int main(void)
{
    test_pg_start(TEST_PG_FAST);
    Suite *s = suite_create("lifecycle");
    TCase *t = tcase_create("lifecycle");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, reads_version_1);
    tcase_add_test(t, keeps_every_state);
    tcase_add_test(t, keeps_all_at_once);
    tcase_add_test(t, carries_an_older_database_over);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
