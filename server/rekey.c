/* SPDX-License-Identifier: MIT */
#include "server/rekey.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "server/db/result.h"
#include "server/service/person_seal.h"

enum { CHECK_TEXT = SECRET_CHECK_SIZE * 2 + 1, ROW_MEMORY = 64 * 1024, FORMAT_AND_CHECK = 5, TOTP_MAX = 64 };

struct rekey {
    PGconn *pg;
    const struct secret *from, *to;
    struct arena *arena;
    char from_check[CHECK_TEXT], to_check[CHECK_TEXT];
    uint8_t to_head[FORMAT_AND_CHECK]; /* how a value sealed with the new key begins */
    struct rekey_report *report;
};

static int fail(const struct rekey *k, const PGresult *res, struct err *e)
{
    (void)err_set(e, ERR_UNAVAILABLE, "The database did not take it. Run the same command again; it goes on where it was.");
    err_detail(e, "%s", res ? PQresultErrorMessage(res) : PQerrorMessage(k->pg));
    return e->code;
}

/* Runs what returns nothing. */
static int run(const struct rekey *k, const char *sql, int n, const char *const *values, struct err *e)
{
    PGresult *res = PQexecParams(k->pg, sql, n, NULL, values, NULL, NULL, 0);
    int rc = PQresultStatus(res) == PGRES_COMMAND_OK || PQresultStatus(res) == PGRES_TUPLES_OK ? 0 : fail(k, res, e);
    PQclear(res);
    return rc;
}

/* Reads one text; "" if there is none. */
static int ask(const struct rekey *k, const char *sql, char *out, size_t size, struct err *e)
{
    PGresult *res = PQexec(k->pg, sql);
    int rc = PQresultStatus(res) == PGRES_TUPLES_OK ? 0 : fail(k, res, e);
    (void)snprintf(out, size, "%s", !rc && PQntuples(res) ? PQgetvalue(res, 0, 0) : "");
    PQclear(res);
    return rc;
}

static int begin_change(const struct rekey *k, struct err *e)
{
    static const char servers[] = "select count(*) from pg_stat_activity where datname = current_database()"
                                  " and application_name = 'wangged' and pid <> pg_backend_pid()";
    char now[64], next[64], n[32];
    int rc = ask(k, servers, n, sizeof n, e);
    if (!rc)
        rc = ask(k, "select value from setting where name = 'data_key.check'", now, sizeof now, e);
    if (!rc)
        rc = ask(k, "select value from setting where name = 'data_key.next'", next, sizeof next, e);
    if (rc)
        return rc;
    if (strcmp(n, "0") != 0)
        return err_set(e, ERR_PRECONDITION, "A server works on this database (%s connections). Stop it, then change the key.",
                       n);
    if (*now && strcmp(now, k->from_check) != 0)
        return err_set(e, ERR_PRECONDITION, "The configured data key is not the one this database is sealed with.");
    if (*next && strcmp(next, k->to_check) != 0)
        return err_set(e, ERR_PRECONDITION, "A change to another key was begun and not ended. End it first, with that key.");
    const char *const values[] = {k->to_check};
    return run(k, "insert into setting (name, value) values ('data_key.next', $1) on conflict (name) do nothing", 1, values, e);
}

/* One row under the new key, written where it was. */
static int reseal(const struct rekey *k, const PGresult *res, int i, struct err *e)
{
    static const char sql[] = "update case_person set name = $3, phone = $4, id_number = $5, address = $6,"
                              " name_blind = $7, phone_blind = $8, id_blind = $9 where case_id = $1 and position = $2";
    struct uuid case_id = db_get_uuid(res, i, 0);
    struct person_row row = {.position = db_get_i32(res, i, 1), .kind = (enum person_kind)db_get_i32(res, i, 2)};
    struct person_row anew;
    for (int p = 0; p < PART_COUNT; p++)
        row.part[p].data = db_get_bytes(res, i, 3 + p, &row.part[p].len);
    int rc = person_reseal(k->from, k->to, &case_id, &row, k->arena, &anew, e);
    if (rc)
        return rc;
    char position[8], blind[BLIND_COUNT][24];
    const char *values[2 + PART_COUNT + BLIND_COUNT] = {(const char *)case_id.bytes, position};
    int lengths[2 + PART_COUNT + BLIND_COUNT] = {sizeof case_id.bytes};
    int formats[2 + PART_COUNT + BLIND_COUNT] = {1};
    (void)snprintf(position, sizeof position, "%d", row.position);
    for (int p = 0; p < PART_COUNT; p++) {
        values[2 + p] = (const char *)anew.part[p].data;
        lengths[2 + p] = (int)anew.part[p].len;
        formats[2 + p] = 1;
    }
    for (int b = 0; b < BLIND_COUNT; b++) {
        (void)snprintf(blind[b], sizeof blind[b], "%lld", (long long)anew.blind[b]);
        values[2 + PART_COUNT + b] = anew.has_blind[b] ? blind[b] : NULL;
    }
    PGresult *done = PQexecParams(k->pg, sql, 2 + PART_COUNT + BLIND_COUNT, NULL, values, lengths, formats, 0);
    rc = PQresultStatus(done) == PGRES_COMMAND_OK ? 0 : fail(k, done, e);
    PQclear(done);
    arena_reset(k->arena);
    return rc;
}

static bool is_new(const struct rekey *k, const PGresult *res, int i)
{
    for (int p = 0; p < PART_COUNT; p++) {
        size_t len;
        const void *data = db_get_bytes(res, i, 3 + p, &len);
        if (data)
            return len > sizeof k->to_head && memcmp(data, k->to_head, sizeof k->to_head) == 0;
    }
    return true;
}

/* The next rows after *at; *ret_n of them were looked at. */
static int next_batch(const struct rekey *k, struct uuid *at, int *position, const char *limit, int *ret_n, struct err *e)
{
    static const char sql[] = "select case_id, position, kind, name, phone, id_number, address from case_person"
                              " where (case_id, position) > ($1::uuid, $2::smallint) order by case_id, position"
                              " limit $3::integer for update";
    char text[8];
    const char *values[] = {(const char *)at->bytes, text, limit};
    const int lengths[] = {sizeof at->bytes, 0, 0};
    const int formats[] = {1, 0, 0};
    (void)snprintf(text, sizeof text, "%d", *position);
    int rc = run(k, "begin", 0, NULL, e);
    if (rc)
        return rc;
    PGresult *res = PQexecParams(k->pg, sql, 3, NULL, values, lengths, formats, 1);
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        rc = fail(k, res, e);
    int64_t done = 0;
    int n = rc ? 0 : PQntuples(res);
    for (int i = 0; !rc && i < n; i++) {
        if (is_new(k, res, i))
            continue;
        done++;
        rc = reseal(k, res, i, e);
    }
    if (!rc)
        rc = run(k, "commit", 0, NULL, e);
    if (!rc && n > 0) {
        *at = db_get_uuid(res, n - 1, 0);
        *position = db_get_i32(res, n - 1, 1);
        k->report->done += done;
        k->report->there += n - done;
    }
    PQclear(res);
    if (rc)
        PQclear(PQexec(k->pg, "rollback"));
    *ret_n = n;
    return rc;
}

/* A one-time password's secret where it stood before (service/account_secret.c); NULL stays NULL. */
static int reseal_totp(const struct rekey *k, const struct uuid *account, const void *sealed, size_t len, uint8_t *out,
                       struct err *e)
{
    uint8_t plain[TOTP_MAX];
    const struct secret_place place = {
        .table = "account", .row = account->bytes, .row_len = sizeof account->bytes, .column = "totp"};
    if (len < SECRET_OVERHEAD || len - SECRET_OVERHEAD > sizeof plain)
        return err_set(e, ERR_INTERNAL, "A sealed value in the database is damaged; tell the administrator.");
    int rc = secret_open(k->from, &place, sealed, len, plain, e);
    if (!rc)
        secret_seal(k->to, &place, plain, len - SECRET_OVERHEAD, out);
    sodium_memzero(plain, sizeof plain);
    return rc;
}

/* Accounts are few: all in one transaction. */
static int reseal_accounts(const struct rekey *k, struct err *e)
{
    static const char *const columns[] = {"totp_sealed", "totp_begun"};
    int rc = run(k, "begin", 0, NULL, e);
    if (rc)
        return rc;
    for (size_t c = 0; !rc && c < sizeof columns / sizeof columns[0]; c++) {
        char sql[160];
        (void)snprintf(sql, sizeof sql, "select id, %s from account where %s is not null for update", columns[c], columns[c]);
        PGresult *res = PQexecParams(k->pg, sql, 0, NULL, NULL, NULL, NULL, 1);
        if (PQresultStatus(res) != PGRES_TUPLES_OK)
            rc = fail(k, res, e);
        (void)snprintf(sql, sizeof sql, "update account set %s = $2 where id = $1", columns[c]);
        for (int i = 0; !rc && i < PQntuples(res); i++) {
            struct uuid id = db_get_uuid(res, i, 0);
            uint8_t anew[TOTP_MAX + SECRET_OVERHEAD];
            size_t len;
            const void *sealed = db_get_bytes(res, i, 1, &len);
            if (len > sizeof k->to_head && memcmp(sealed, k->to_head, sizeof k->to_head) == 0) {
                k->report->there++;
                continue;
            }
            rc = reseal_totp(k, &id, sealed, len, anew, e);
            const char *const values[] = {(const char *)id.bytes, (const char *)anew};
            const int lengths[] = {sizeof id.bytes, (int)len};
            const int formats[] = {1, 1};
            PGresult *done = rc ? NULL : PQexecParams(k->pg, sql, 2, NULL, values, lengths, formats, 0);
            if (!rc && PQresultStatus(done) != PGRES_COMMAND_OK)
                rc = fail(k, done, e);
            PQclear(done);
            k->report->done += !rc;
        }
        PQclear(res);
    }
    if (!rc)
        rc = run(k, "commit", 0, NULL, e);
    if (rc)
        PQclear(PQexec(k->pg, "rollback"));
    return rc;
}

static void head_of(const struct secret *s, uint8_t head[FORMAT_AND_CHECK])
{
    uint8_t sealed[SECRET_OVERHEAD];
    const struct secret_place nowhere = {.table = "", .row = "", .row_len = 0, .column = ""};
    secret_seal(s, &nowhere, "", 0, sealed);
    memcpy(head, sealed, FORMAT_AND_CHECK);
}

int rekey_run(PGconn *pg, const struct secret *from, const struct secret *to, int batch, struct rekey_report *ret,
              struct err *e)
{
    struct rekey k = {.pg = pg, .from = from, .to = to, .report = ret};
    struct uuid at = {{0}};
    uint8_t check[SECRET_CHECK_SIZE];
    char limit[16];
    int position = -1, n = 0;
    *ret = (struct rekey_report){0};
    secret_check_of(from, check);
    sodium_bin2hex(k.from_check, sizeof k.from_check, check, sizeof check);
    secret_check_of(to, check);
    sodium_bin2hex(k.to_check, sizeof k.to_check, check, sizeof check);
    if (strcmp(k.from_check, k.to_check) == 0)
        return err_set(e, ERR_INVALID, "That is the key in use. Make a new one with wangged init-key.");
    head_of(to, k.to_head);
    (void)snprintf(limit, sizeof limit, "%d", batch);
    k.arena = arena_create(ROW_MEMORY);
    if (!k.arena)
        return err_set(e, ERR_NOMEM, "Out of memory.");
    int rc = begin_change(&k, e);
    do {
        if (!rc)
            rc = next_batch(&k, &at, &position, limit, &n, e);
    } while (!rc && n == batch);
    if (!rc)
        rc = reseal_accounts(&k, e);
    if (!rc) {
        const char *const values[] = {k.to_check};
        rc = run(&k,
                 "with gone as (delete from setting where name = 'data_key.next')"
                 " insert into setting (name, value) values ('data_key.check', $1)"
                 " on conflict (name) do update set value = excluded.value",
                 1, values, e);
    }
    arena_destroy(k.arena);
    return rc;
}
