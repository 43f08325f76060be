/* SPDX-License-Identifier: MIT */
#include "server/database_up.h"

#include <limits.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <libpq-fe.h>

#include "common/base/log.h"
#include "common/base/text.h"
#include "server/db/migrate.h"
#include "server/domain/state_table.h"

/*
 * The cluster that another wangged supervises: PostgreSQL's own lock file tells port and socket.
 *   line 1 process, 2 data folder, 3 start, 4 port, 5 socket folder, 6 address, 7 shared memory, 8 status
 */
static int find_running(const char *dir, char *conninfo, size_t size, struct err *e)
{
    char path[PATH_MAX], lines[8][PATH_MAX] = {{0}};
    FILE *f;
    int n = 0;

    snprintf(path, sizeof(path), "%s/data/postmaster.pid", dir);
    f = fopen(path, "re");
    if (!f)
        return err_set(e, ERR_UNAVAILABLE,
                       "Another wangged uses %s, but its PostgreSQL does not run yet; try again in a moment.", dir);
    while (n < 8 && fgets(lines[n], sizeof(lines[n]), f)) {
        lines[n][strcspn(lines[n], "\n")] = '\0';
        n++;
    }
    fclose(f);
    if (n < 5 || !*lines[4] || strpbrk(lines[4], "'\\") ||
        (size_t)snprintf(conninfo, size, "host='%s' port=%d dbname=wangge user=postgres", lines[4],
                         (int)strtol(lines[3], NULL, 10)) >= size)
        return err_set(e, ERR_UNAVAILABLE,
                       "Another wangged uses %s, but its PostgreSQL is just starting; try again in a moment.", dir);
    return 0;
}

int database_open(const struct server_config *cfg, bool may_share, struct database *ret, struct err *e)
{
    struct embedded_config ec = {
        .dir = cfg->embedded,
        .os_user = cfg->embedded_user,
        .bindir = *cfg->postgresql_programs ? cfg->postgresql_programs : NULL,
    };
    int r;

    memset(ret, 0, sizeof(*ret));
    if (!*cfg->embedded) {
        text_copy(ret->conninfo, sizeof(ret->conninfo), cfg->database);
        return 0;
    }
    r = embedded_start(&ec, &ret->embedded, e);
    if (r == ERR_EXISTS && may_share)
        return find_running(cfg->embedded, ret->conninfo, sizeof(ret->conninfo), e);
    if (r)
        return r;
    r = embedded_conninfo(ret->embedded, NULL, ret->conninfo, sizeof(ret->conninfo));
    if (r) {
        database_close(ret);
        return err_set(e, r, "The path of the folder %s is too long for a database connection; choose a shorter one.",
                       cfg->embedded);
    }
    log_event(LOG_INFO, "database.embedded", LOG_S("dir", cfg->embedded), LOG_S("socket", embedded_socket_dir(ret->embedded)),
              LOG_I("pid", embedded_pid(ret->embedded)), LOG_I("adopted", embedded_was_adopted(ret->embedded)), LOG_END);
    return 0;
}

void database_close(struct database *d)
{
    embedded_stop(d->embedded, 0);
    d->embedded = NULL;
}

/* One statement for the whole table, so a reader sees all rows or none. Rows of older versions stay: their events refer to
 * them. */
static int write_transitions(const char *conninfo, struct err *e)
{
    struct state_triple triples[STATE_TABLE_MAX_TRIPLES];
    size_t n = state_table_triples(triples, STATE_TABLE_MAX_TRIPLES), len = 0;
    char sql[STATE_TABLE_MAX_TRIPLES * 24 + 256];
    PGconn *pg = PQconnectdb(conninfo);
    PGresult *res = NULL;
    int r = 0;

    len = (size_t)snprintf(sql, sizeof(sql), "insert into transition (from_state, action, to_state) values ");
    for (size_t i = 0; i < n; i++)
        len += (size_t)snprintf(sql + len, sizeof(sql) - len, "%s(%d,%d,%d)", i ? "," : "", (int)triples[i].from,
                                (int)triples[i].action, (int)triples[i].to);
    snprintf(sql + len, sizeof(sql) - len, " on conflict do nothing");
    if (PQstatus(pg) != CONNECTION_OK) {
        r = err_set(e, ERR_UNAVAILABLE, "The database cannot be reached.");
        err_detail(e, "%s", PQerrorMessage(pg));
        goto out;
    }
    res = PQexec(pg, sql);
    if (PQresultStatus(res) != PGRES_COMMAND_OK) {
        r = err_set(e, ERR_INTERNAL, "The state table could not be written to the database.");
        err_detail(e, "%s", PQresultErrorMessage(res));
        goto out;
    }
    if (strcmp(PQcmdTuples(res), "0") != 0)
        log_event(LOG_INFO, "database.transitions", LOG_S("added", PQcmdTuples(res)), LOG_END);
out:
    PQclear(res);
    PQfinish(pg);
    return r;
}

int database_prepare(const struct database *d, struct err *e)
{
    struct migrate_report report = {0};
    int r = migrate_run(d->conninfo, &report, e);

    if (r)
        return r;
    log_event(LOG_INFO, "database.schema", LOG_I("version", report.version), LOG_I("applied", report.applied), LOG_END);
    return write_transitions(d->conninfo, e);
}
