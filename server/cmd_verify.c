/* SPDX-License-Identifier: MIT */
/* wangged verify: recounts what figures rest on, at one snapshot, and says what does not agree. */
#include <stdio.h>
#include <unistd.h>
#include <libpq-fe.h>

#include "server/commands.h"
#include "server/database_up.h"
#include "server/db/migrate.h"
#include "server/options.h"
#include "server/search_verify.h"

static const char usage[] =
    "usage: wangged verify [--config FILE] [--embedded DIR | --database CONNINFO]\n"
    "Recounts everything figures rest on: events from the states of their cases, report cells from the\n"
    "events, cases from their last events, the search index by count and sample. Reads all of it; changes\n"
    "nothing. Ends with 1 if anything differs.\n";

static int fail(PGconn *pg, struct err *e, const char *what)
{
    (void)err_set(e, ERR_UNAVAILABLE, "The database could not %s. Nothing was verified.", what);
    err_detail(e, "%s", PQerrorMessage(pg));
    return e->code;
}

/* Prints the findings and returns how many there are, or a negative error. */
static int report(PGconn *pg, struct err *e)
{
    int found = ERR_UNAVAILABLE;
    PGresult *counts = PQexec(pg, "select (select count(*) from case_file), (select count(*) from case_event),"
                                  " (select count(*) from case_event e"
                                  "  where (e.feed_xid, e.seq) > (select feed_xid, seq from cell_position))");
    PGresult *rows = NULL;

    if (PQresultStatus(counts) != PGRES_TUPLES_OK) {
        found = fail(pg, e, "count");
        goto out;
    }
    rows = PQexec(pg, "select kind, detail from verify(20)");
    if (PQresultStatus(rows) != PGRES_TUPLES_OK) {
        found = fail(pg, e, "recount");
        goto out;
    }
    found = PQntuples(rows);
    for (int i = 0; i < found; i++)
        printf("%s: %s\n", PQgetvalue(rows, i, 0), PQgetvalue(rows, i, 1));
    int missing = search_verify(pg, 20, e);
    found = missing < 0 ? missing : found + missing;
    if (found < 0)
        goto out;
    printf("%s cases, %s events, of which %s are not folded into the report cells yet: %s\n", PQgetvalue(counts, 0, 0),
           PQgetvalue(counts, 0, 1), PQgetvalue(counts, 0, 2),
           found ? "they DO NOT agree; see above (at most 20 of a kind)" : "everything agrees");
out:
    PQclear(counts);
    PQclear(rows);
    return found;
}

int cmd_verify(int argc, char **argv)
{
    static const struct option table[] = {OPTIONS_SHARED, {0}};
    struct options o;
    struct database d;
    struct err e = {0};
    PGconn *pg = NULL;
    int r = options_read(argc, argv, table, usage, NULL, NULL, &o);

    if (r >= 0)
        return r;
    log_setup((enum log_level)o.config.log_level, (enum log_format)o.config.log_format, STDERR_FILENO);
    if (config_check(&o.config, &e) || database_open(&o.config, true, &d, &e))
        return options_fail(&e);
    r = migrate_check(d.conninfo, &e);
    if (r == 0) {
        pg = PQconnectdb(d.conninfo);
        /* One snapshot for all questions: the server may go on working. */
        PGresult *begin = PQexec(pg, "begin isolation level repeatable read read only");
        r = PQresultStatus(begin) == PGRES_COMMAND_OK ? report(pg, &e) : fail(pg, &e, "be reached");
        PQclear(begin);
        PQfinish(pg);
    }
    database_close(&d);
    if (r < 0)
        return options_fail(&e);
    return r > 0;
}
