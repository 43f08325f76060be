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
        ret->trial = cfg->serve_as_owner != 0;
        ret->owner_known = *cfg->database_owner || ret->trial;
        text_copy(ret->conninfo, sizeof(ret->conninfo), *cfg->database_owner ? cfg->database_owner : cfg->database);
        text_copy(ret->serving, sizeof(ret->serving), cfg->database);
        return 0;
    }
    ret->owner_known = true;
    r = embedded_start(&ec, &ret->embedded, e);
    if (r == ERR_EXISTS && may_share)
        return find_running(cfg->embedded, ret->conninfo, sizeof(ret->conninfo), e);
    if (r)
        return r;
    r = embedded_conninfo(ret->embedded, NULL, ret->conninfo, sizeof(ret->conninfo));
    if (!r)
        r = embedded_conninfo(ret->embedded, EMBEDDED_SERVER_ROLE, ret->serving, sizeof(ret->serving));
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

/* The name in user= of a connection string; false if there is none. */
static bool user_of(const char *conninfo, char *out, size_t size)
{
    PQconninfoOption *options = PQconninfoParse(conninfo, NULL);
    bool found = false;

    for (PQconninfoOption *o = options; o && o->keyword; o++)
        if (strcmp(o->keyword, "user") == 0 && o->val && *o->val)
            found = text_copy(out, size, o->val);
    PQconninfoFree(options);
    return found;
}

static int run(PGconn *pg, const char *sql, int n, const char *const *values, struct err *e, const char *what)
{
    PGresult *res = PQexecParams(pg, sql, n, NULL, values, NULL, NULL, 0);
    int r = 0;

    if (PQresultStatus(res) != PGRES_TUPLES_OK && PQresultStatus(res) != PGRES_COMMAND_OK) {
        r = err_set(e, ERR_PRECONDITION, "%s", what);
        err_detail(e, "%s", PQresultErrorMessage(res));
    }
    PQclear(res);
    return r;
}

/*
 * Lets the serving role switch to the group roles, and the owner see for how long its sessions have been writing
 * (report_settled). Nothing to do for the private cluster, nor where an administrator has done it.
 */
static int grant_membership(const struct database *d, struct err *e)
{
    static const char wanted[] =
        "select format('grant wangge_read, wangge_write to %I', r.rolname) from pg_roles r where r.rolname = $1"
        " and not (pg_has_role(r.oid, 'wangge_read', 'member') and pg_has_role(r.oid, 'wangge_write', 'member'))"
        " union all select format('grant %I to %I', r.rolname, current_user) from pg_roles r where r.rolname = $1"
        " and r.rolname <> current_user and not r.rolsuper and not pg_has_role(r.rolname, 'usage')";
    char user[64];
    const char *values[] = {user};
    PGconn *pg;
    PGresult *res = NULL;
    int r = 0;

    if (d->embedded || !user_of(d->serving, user, sizeof(user)))
        return 0;
    pg = PQconnectdb(d->conninfo);
    res = PQexecParams(pg, wanted, 1, NULL, values, NULL, NULL, 0);
    if (PQresultStatus(res) != PGRES_TUPLES_OK) {
        r = err_set(e, ERR_UNAVAILABLE, "The database's roles could not be looked at.");
        err_detail(e, "%s", PQerrorMessage(pg));
    }
    for (int i = 0; !r && i < PQntuples(res); i++) {
        char what[200];
        (void)snprintf(what, sizeof(what), "The serving role lacks a right; let an administrator run: %s",
                       PQgetvalue(res, i, 0));
        r = run(pg, PQgetvalue(res, i, 0), 0, NULL, e, what);
    }
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
    r = write_transitions(d->conninfo, e);
    return r ? r : grant_membership(d, e);
}

/* What the serving role must not be, and what it must be able to do; each with what to do about it. Column 1: still a trial's.
 */
static const char faults[] =
    "select false, 'it may not switch to wangge_read and wangge_write. Let an administrator run: grant wangge_read, "
    "wangge_write to '"
    " || quote_ident(session_user) where not exists (select from pg_roles where rolname in ('wangge_read', 'wangge_write') and"
    " pg_has_role(session_user, oid, 'member') having count(*) = 2)"
    " union all select true, 'it is a superuser' from pg_roles where rolname = session_user and rolsuper"
    " union all select true, 'it passes by row security' from pg_roles where rolname = session_user and rolbypassrls"
    " union all select true, 'it owns tables of this database' where exists (select from pg_class c where c.relkind in ('r', "
    "'p')"
    " and c.relnamespace = 'public'::regnamespace and pg_has_role(session_user, c.relowner, 'member'))"
    " union all select true, 'it may make objects in this database' where has_schema_privilege(session_user, 'public', "
    "'create')"
    " union all select false, 'the owner of the tables cannot see its sessions, which figures need. Let an administrator run: "
    "grant '"
    " || quote_ident(session_user) || ' to ' || quote_ident(o.rolname) from pg_proc p join pg_roles o on o.oid = p.proowner"
    " where p.oid = to_regprocedure('report_settled(timestamptz)') and not o.rolsuper"
    " and not pg_has_role(o.oid, session_user, 'usage') and not pg_has_role(o.oid, 'pg_read_all_stats', 'usage')";

static int check_serving_role(const struct database *d, struct err *e)
{
    PGconn *pg = PQconnectdb(d->serving);
    PGresult *res = NULL;
    int r = 0;

    if (PQstatus(pg) != CONNECTION_OK) {
        r = err_set(e, ERR_UNAVAILABLE, "The database cannot be reached.");
        err_detail(e, "%s", PQerrorMessage(pg));
        goto out;
    }
    res = PQexec(pg, faults);
    if (PQresultStatus(res) != PGRES_TUPLES_OK) {
        r = err_set(e, ERR_UNAVAILABLE, "The database's roles could not be looked at.");
        err_detail(e, "%s", PQresultErrorMessage(res));
        goto out;
    }
    for (int i = 0; i < PQntuples(res) && !r; i++) {
        bool tolerable = strcmp(PQgetvalue(res, i, 0), "t") == 0;
        if (!tolerable)
            r = err_set(e, ERR_PRECONDITION, "The database role that serves cannot be used: %s.", PQgetvalue(res, i, 1));
        else if (!d->trial)
            r = err_set(
                e, ERR_PRECONDITION,
                "The database role that serves may do too much: %s. Serve as a role of its own (doc/operation.md), or set "
                "serve_as_owner = yes for a trial.",
                PQgetvalue(res, i, 1));
        else
            log_event(LOG_WARN, "database.role", LOG_S("why", PQgetvalue(res, i, 1)), LOG_END);
    }
out:
    PQclear(res);
    PQfinish(pg);
    return r;
}

int database_prepare_to_serve(const struct database *d, struct err *e)
{
    int r = d->owner_known ? database_prepare(d, e) : migrate_check(d->serving, e);
    return r ? r : check_serving_role(d, e);
}
