/* SPDX-License-Identifier: MIT */
#include "server/db/migrate.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <libpq-fe.h>
#include <sodium.h>

#include "common/base/text.h"
#include "server/db/sqlstate.h"

enum { HEX_LEN = crypto_hash_sha256_BYTES * 2 };

/* Everything here happens under this lock; the number has no meaning. */
#define LOCK_KEY "742116838"

static const char bookkeeping[] =
    "create table if not exists schema_migration (\n"
    "    version integer not null,\n"
    "    name text not null,\n"
    "    checksum text not null,\n"
    "    applied_at timestamptz not null default now(),\n"
    "    constraint schema_migration_pkey primary key (version)\n"
    ");\n"
    "comment on table schema_migration is 'Migrations that were applied; their text never changes again.';\n"
    "comment on column schema_migration.version is 'Number at the front of the file''s name.';\n"
    "comment on column schema_migration.name is 'Name of the file.';\n"
    "comment on column schema_migration.checksum is 'SHA-256 of the text, hexadecimal.';\n"
    "comment on column schema_migration.applied_at is 'When it was applied.';\n"
    "create table if not exists schema_script (\n"
    "    name text not null,\n"
    "    checksum text not null,\n"
    "    applied_at timestamptz not null default now(),\n"
    "    constraint schema_script_pkey primary key (name)\n"
    ");\n"
    "comment on table schema_script is 'Repeatable scripts as they were last applied.';\n"
    "comment on column schema_script.name is 'Name of the file.';\n"
    "comment on column schema_script.checksum is 'SHA-256 of the text, hexadecimal.';\n"
    "comment on column schema_script.applied_at is 'When it was last applied.';\n"
    "grant select on schema_migration, schema_script to public;\n";

static void checksum(const char *text, char out[HEX_LEN + 1])
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    (void)crypto_hash_sha256(hash, (const unsigned char *)text, strlen(text));
    (void)sodium_bin2hex(out, HEX_LEN + 1, hash, sizeof hash);
}

/* A statement's failure; what says which. */
static int failed(struct err *e, const PGresult *res, PGconn *pg, const char *what)
{
    int ret = sqlstate_from_result(e, res);
    if (PQstatus(pg) != CONNECTION_OK)
        ret = err_set(e, ERR_UNAVAILABLE, "The connection to the database was lost during %.80s.", what);
    else
        ret = err_set(e, ret ? ret : ERR_INTERNAL, "%.80s failed: %.150s", what,
                      PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY));
    err_detail(e, "%s", PQresultErrorMessage(res));
    return ret;
}

static int run(PGconn *pg, const char *sql, const char *what, struct err *e)
{
    PGresult *res = PQexec(pg, sql);
    ExecStatusType status = PQresultStatus(res);
    int ret =
        status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY ? 0 : failed(e, res, pg, what);
    PQclear(res);
    return ret;
}

static int run_params(PGconn *pg, const char *sql, int n, const char *const *values, const char *what, struct err *e)
{
    PGresult *res = PQexecParams(pg, sql, n, NULL, values, NULL, NULL, 0);
    ExecStatusType status = PQresultStatus(res);
    int ret = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ? 0 : failed(e, res, pg, what);
    PQclear(res);
    return ret;
}

static void ignore_notice(void *arg, const PGresult *res)
{
}

static int connect_to(const char *conninfo, PGconn **ret, struct err *e)
{
    const char *const keys[] = {"fallback_application_name", "connect_timeout", "dbname", "client_encoding", NULL};
    const char *const values[] = {"wangged migrate", "10", conninfo, "UTF8", NULL};
    *ret = PQconnectdbParams(keys, values, /* expand_dbname= */ 1);
    if (PQstatus(*ret) != CONNECTION_OK) {
        int code = err_set(e, ERR_UNAVAILABLE, "The database cannot be reached.");
        err_detail(e, "%s", PQerrorMessage(*ret));
        return code;
    }
    (void)PQsetNoticeReceiver(*ret, ignore_notice, NULL);
    return 0;
}

/* Version of a migration's name, or -1. */
static int version_of(const char *name)
{
    char digits[5];
    int64_t v = -1;
    if (strlen(name) < 5 || name[4] != '_')
        return -1;
    (void)text_copy(digits, sizeof digits, name);
    return text_is_digits(digits, 4) && text_to_i64(digits, 1, 9999, &v) == 0 ? (int)v : -1;
}

/* Numbers rise; one may be missing where work that had been given it was not taken in. */
static int check_set(const struct migrate_set *set, struct err *e)
{
    for (int i = 0, last = 0; i < set->nmigrations; i++) {
        int version = version_of(set->migrations[i].name);
        if (version <= last)
            return err_set(e, ERR_INTERNAL, "Migration %s is out of order; it must have a number above %04d.",
                           set->migrations[i].name, last);
        last = version;
    }
    return sodium_init() < 0 ? err_set(e, ERR_INTERNAL, "The cryptographic library cannot be used.") : 0;
}

/* Compares what was applied with what we have; *ret_count is how many of ours were applied. */
static int compare_migrations(PGconn *pg, const struct migrate_set *set, int *ret_count, struct err *e)
{
    int ret = 0;
    PGresult *res = PQexec(pg, "select version, name, checksum from schema_migration order by version");
    if (PQresultStatus(res) != PGRES_TUPLES_OK) {
        ret = failed(e, res, pg, "Reading the database's version");
        goto out;
    }
    int rows = PQntuples(res);
    for (int i = 0; i < rows; i++) {
        char sum[HEX_LEN + 1];
        int64_t version = 0;
        int ours = i < set->nmigrations ? version_of(set->migrations[i].name) : 0;
        if (text_to_i64(PQgetvalue(res, i, 0), 1, 9999, &version) || (ours && version > ours)) {
            ret = err_set(e, ERR_PRECONDITION,
                          "The database lacks migration %04d but has later ones. Restore it from a backup.", ours);
            goto out;
        }
        if (version != ours) {
            ret = err_set(e, ERR_PRECONDITION,
                          "The database is newer than this program (version %s, the program knows %d). Use the newer program.",
                          PQgetvalue(res, rows - 1, 0),
                          set->nmigrations ? version_of(set->migrations[set->nmigrations - 1].name) : 0);
            goto out;
        }
        checksum(set->migrations[i].text, sum);
        if (strcmp(sum, PQgetvalue(res, i, 2)) != 0) {
            ret = err_set(
                e, ERR_PRECONDITION,
                "Migration %.60s was changed after it had been applied to this database. Put the old text back and write "
                "a new migration.",
                set->migrations[i].name);
            goto out;
        }
    }
    *ret_count = rows;
out:
    PQclear(res);
    return ret;
}

/* True if the recorded checksum of a repeatable script is that of its text. */
static int is_current(PGconn *pg, const struct migrate_script *s, bool *ret_current, struct err *e)
{
    char sum[HEX_LEN + 1];
    const char *values[] = {s->name, sum};
    checksum(s->text, sum);
    PGresult *res =
        PQexecParams(pg, "select 1 from schema_script where name = $1 and checksum = $2", 2, NULL, values, NULL, NULL, 0);
    int ret = PQresultStatus(res) == PGRES_TUPLES_OK ? 0 : failed(e, res, pg, "Reading the database's version");
    *ret_current = !ret && PQntuples(res) == 1;
    PQclear(res);
    return ret;
}

static int record(PGconn *pg, const char *version, const struct migrate_script *s, struct err *e)
{
    char sum[HEX_LEN + 1];
    checksum(s->text, sum);
    if (version) {
        const char *values[] = {version, s->name, sum};
        return run_params(pg, "insert into schema_migration (version, name, checksum) values ($1::integer, $2, $3)", 3, values,
                          s->name, e);
    }
    const char *values[] = {s->name, sum};
    return run_params(pg,
                      "insert into schema_script (name, checksum) values ($1, $2)"
                      " on conflict (name) do update set checksum = excluded.checksum, applied_at = now()",
                      2, values, s->name, e);
}

/* The script inside the transaction that is open. */
static int apply(PGconn *pg, const char *version, const struct migrate_script *s, struct err *e)
{
    int ret = run(pg, s->text, s->name, e);
    if (!ret && PQtransactionStatus(pg) != PQTRANS_INTRANS)
        ret = err_set(e, ERR_INTERNAL, "%.80s ends the transaction it runs in; a script must not do that.", s->name);
    return ret ? ret : record(pg, version, s, e);
}

static int apply_migrations(PGconn *pg, const struct migrate_set *set, int from, struct migrate_report *out, struct err *e)
{
    for (int i = from; i < set->nmigrations; i++) {
        char version[16];
        (void)snprintf(version, sizeof version, "%d", version_of(set->migrations[i].name));
        int ret = run(pg, "begin", set->migrations[i].name, e);
        if (!ret)
            ret = apply(pg, version, &set->migrations[i], e);
        if (!ret)
            ret = run(pg, "commit", set->migrations[i].name, e);
        if (ret) {
            (void)run(pg, "rollback", "rollback", NULL);
            return ret;
        }
        out->applied++;
        out->version = version_of(set->migrations[i].name);
    }
    return 0;
}

static int apply_repeatable(PGconn *pg, const struct migrate_set *set, bool all, struct migrate_report *out, struct err *e)
{
    int ret = 0;
    for (int i = 0; i < set->nrepeatable && !all; i++) {
        bool current = false;
        ret = is_current(pg, &set->repeatable[i], &current, e);
        if (ret)
            return ret;
        all = !current;
    }
    if (!all || set->nrepeatable == 0)
        return 0;
    ret = run(pg, "begin", "The repeatable scripts", e);
    for (int i = 0; i < set->nrepeatable && !ret; i++)
        ret = apply(pg, NULL, &set->repeatable[i], e);
    if (!ret)
        ret = run(pg, "commit", "The repeatable scripts", e);
    if (ret)
        (void)run(pg, "rollback", "rollback", NULL);
    else
        out->repeated = set->nrepeatable;
    return ret;
}

int migrate_run_set(const char *conninfo, const struct migrate_set *set, struct migrate_report *out, struct err *e)
{
    struct migrate_report report = {0};
    PGconn *pg = NULL;
    int applied = 0;
    int ret = check_set(set, e);
    if (!ret)
        ret = connect_to(conninfo, &pg, e);
    if (!ret)
        ret = run(pg,
                  "set lock_timeout = '5min'; set statement_timeout = 0; set idle_session_timeout = 0;"
                  " set client_min_messages = warning; set timezone = 'UTC'",
                  "Setting up the session", e);
    if (!ret)
        ret = run(pg, "select pg_advisory_lock(" LOCK_KEY ")", "Waiting for another process that migrates", e);
    if (!ret)
        ret = run(pg, bookkeeping, "Keeping account of the migrations", e);
    if (!ret)
        ret = compare_migrations(pg, set, &applied, e);
    if (!ret && applied)
        report.version = version_of(set->migrations[applied - 1].name);
    if (!ret)
        ret = apply_migrations(pg, set, applied, &report, e);
    if (!ret)
        ret = apply_repeatable(pg, set, report.applied > 0, &report, e);
    PQfinish(pg); /* and with it the lock */
    if (!ret && out)
        *out = report;
    return ret;
}

static int not_migrated(struct err *e)
{
    return err_set(e, ERR_PRECONDITION, "The database does not have this program's schema. Run: wangged migrate");
}

int migrate_check_set(const char *conninfo, const struct migrate_set *set, struct err *e)
{
    PGconn *pg = NULL;
    PGresult *res = NULL;
    int applied = 0;
    int ret = check_set(set, e);
    if (!ret)
        ret = connect_to(conninfo, &pg, e);
    if (ret)
        goto out;
    res = PQexec(pg, "select to_regclass('schema_migration') is not null and to_regclass('schema_script') is not null");
    if (PQresultStatus(res) != PGRES_TUPLES_OK) {
        ret = failed(e, res, pg, "Reading the database's version");
        goto out;
    }
    if (strcmp(PQgetvalue(res, 0, 0), "t") != 0) {
        ret = not_migrated(e);
        goto out;
    }
    ret = compare_migrations(pg, set, &applied, e);
    if (!ret && applied < set->nmigrations)
        ret = not_migrated(e);
    for (int i = 0; i < set->nrepeatable && !ret; i++) {
        bool current = false;
        ret = is_current(pg, &set->repeatable[i], &current, e);
        if (!ret && !current)
            ret = not_migrated(e);
    }
out:
    PQclear(res);
    PQfinish(pg);
    return ret;
}

int migrate_run(const char *conninfo, struct migrate_report *out, struct err *e)
{
    return migrate_run_set(conninfo, migrate_builtin(), out, e);
}

int migrate_check(const char *conninfo, struct err *e)
{
    return migrate_check_set(conninfo, migrate_builtin(), e);
}
