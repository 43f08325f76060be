/* SPDX-License-Identifier: MIT */
#include "tests/db/reader.h"

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/pg.h"

void reader_run(PGconn *c, const char *sql)
{
    PGresult *r = PQexec(c, sql);
    ck_assert_msg(PQresultStatus(r) == PGRES_COMMAND_OK || PQresultStatus(r) == PGRES_TUPLES_OK, "%s: %s", sql,
                  PQerrorMessage(c));
    PQclear(r);
}

int64_t reader_ask(PGconn *c, const char *sql)
{
    PGresult *r = PQexec(c, sql);
    ck_assert_msg(PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 1, "%s: %s", sql, PQerrorMessage(c));
    int64_t v = strtoll(PQgetvalue(r, 0, 0), NULL, 10);
    PQclear(r);
    return v;
}

PGconn *reader_begin(const char *conninfo, const struct db_scope *scope)
{
    char sql[512], reporter[UUID_TEXT_LEN + 1] = "";
    PGconn *c = test_pg_connect(conninfo);
    if (!uuid_is_nil(&scope->reporter))
        uuid_format(&scope->reporter, reporter);
    (void)snprintf(sql, sizeof sql,
                   "set jit = off; set role wangge_read; begin; select set_config('wangge.region_lo', '%" PRId64 "', true),"
                   " set_config('wangge.region_hi', '%" PRId64 "', true), set_config('wangge.organ_id', '%d', true),"
                   " set_config('wangge.reporter_id', '%s', true), set_config('wangge.source_id', '%d', true)",
                   scope->lo, scope->hi, (int)scope->organ_id, reporter, (int)scope->source_id);
    reader_run(c, sql);
    return c;
}

int64_t reader_rows(PGconn *c)
{
    return reader_ask(c, "select seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables where relname = 'case_file'");
}
