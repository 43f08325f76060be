/* SPDX-License-Identifier: MIT */
#include "server/data_key.h"

#include <stdio.h>
#include <string.h>
#include <libpq-fe.h>
#include <sodium.h>

#include "common/base/log.h"
#include "server/secret/secret.h"

bool data_key_path(const struct server_config *cfg, char path[CONFIG_TEXT_SIZE + 16])
{
    const char *name = *cfg->data_key_file ? cfg->data_key_file : *cfg->embedded ? cfg->embedded : NULL;

    if (!name)
        return false;
    snprintf(path, CONFIG_TEXT_SIZE + 16, "%s%s", name, *cfg->data_key_file ? "" : "/data.key");
    return true;
}

/* A change of the key that was broken off leaves rows under both. */
static int refuse_half(PGconn *pg, struct err *e)
{
    PGresult *res = PQexec(pg, "select from setting where name = 'data_key.next'");
    int r = 0;

    if (PQresultStatus(res) != PGRES_TUPLES_OK) {
        r = err_set(e, ERR_UNAVAILABLE, "The database could not be asked which data key it was sealed with.");
        err_detail(e, "%s", PQresultErrorMessage(res));
    } else if (PQntuples(res)) {
        r = err_set(e, ERR_PRECONDITION,
                    "A change of the data key is unfinished. Run the same wangged rekey again, then start.");
    }
    PQclear(res);
    return r;
}

/* Remembers the key's check, or compares. check NULL: there is no key. */
static int compare(PGconn *pg, const char *check, struct err *e)
{
    static const char write[] = "insert into setting (name, value) values ('data_key.check', $1) on conflict (name) do nothing";
    static const char read[] = "select value from setting where name = 'data_key.check'";
    PGresult *res = NULL;
    int r = 0;

    if (check) {
        res = PQexecParams(pg, write, 1, NULL, &check, NULL, NULL, 0);
        if (PQresultStatus(res) != PGRES_COMMAND_OK)
            goto broken;
        PQclear(res);
    }
    res = PQexec(pg, read);
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        goto broken;
    if (!check && PQntuples(res))
        r = err_set(e, ERR_PRECONDITION,
                    "This database holds data that was sealed with a key: set data_key_file to the file with that key.");
    else if (check && (PQntuples(res) != 1 || strcmp(PQgetvalue(res, 0, 0), check) != 0))
        r = err_set(e, ERR_PRECONDITION,
                    "The data key is not the one this database was sealed with: restore that key file and start again.");
    PQclear(res);
    return r;
broken:
    r = err_set(e, ERR_UNAVAILABLE, "The database could not be asked which data key it was sealed with.");
    err_detail(e, "%s", PQresultErrorMessage(res));
    PQclear(res);
    return r;
}

int data_key_prepare(const struct server_config *cfg, const char *conninfo, struct err *e)
{
    char path[CONFIG_TEXT_SIZE + 16], text[SECRET_CHECK_SIZE * 2 + 1];
    uint8_t check[SECRET_CHECK_SIZE];
    bool any = data_key_path(cfg, path);
    struct secret *s = NULL;
    PGconn *pg = PQconnectdb(conninfo);
    int r = 0;

    if (PQstatus(pg) != CONNECTION_OK) {
        r = err_set(e, ERR_UNAVAILABLE, "The database cannot be reached.");
        err_detail(e, "%s", PQerrorMessage(pg));
        goto out;
    }
    /* The role that serves can do this as wangge_write only; an owner may not be a member of it, and needs not. */
    PQclear(PQexec(pg, "select set_config('role', 'wangge_write', false) where pg_has_role('wangge_write', 'member')"));
    r = refuse_half(pg, e);
    if (r)
        goto out;
    if (any && !*cfg->data_key_file) {
        /* Our own folder, our own key – unless the database knows of one that went missing: then a new one would hide that. */
        struct err none = {0};
        if (compare(pg, NULL, &none) == 0) {
            r = secret_create_file(path, e);
            if (r == 0)
                log_event(LOG_INFO, "data_key.made", LOG_S("file", path), LOG_END);
            r = r == ERR_EXISTS ? 0 : r;
        } else if (none.code != ERR_PRECONDITION) {
            *e = none;
            r = none.code;
        }
        if (r)
            goto out;
    }
    if (any) {
        s = secret_load(path, e);
        if (!s) {
            r = e->code;
            goto out;
        }
        secret_check_of(s, check);
        sodium_bin2hex(text, sizeof(text), check, sizeof(check));
    }
    r = compare(pg, any ? text : NULL, e);
out:
    secret_destroy(s);
    PQfinish(pg);
    return r;
}
