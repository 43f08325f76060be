/* SPDX-License-Identifier: MIT */
/* wangged rekey: seals everything with another data key, while no server runs. */
#include <stdio.h>
#include <unistd.h>
#include <libpq-fe.h>

#include "common/base/text.h"
#include "server/commands.h"
#include "server/data_key.h"
#include "server/database_up.h"
#include "server/db/migrate.h"
#include "server/options.h"
#include "server/rekey.h"

static const char usage[] =
    "usage: wangged rekey --to FILE [--batch N] [--config FILE] [--embedded DIR | --database CONNINFO]\n"
    "Seals everything that is sealed with the configured data key with the key in FILE instead; wangged init-key\n"
    "makes one. Stop the server first. Broken off, run it again: it goes on where it was, and no server starts before\n"
    "it has ended. Then put FILE in the place of the old key, and keep the old one as long as backups of the old\n"
    "database are kept.\n";

enum { OPTION_TO = 1, OPTION_BATCH, BATCH_DEFAULT = 200, BATCH_MAX = 10000 };

struct request {
    const char *to;
    int64_t batch;
};

static bool own(void *arg, int val, char *value)
{
    struct request *r = arg;
    if (val == OPTION_TO)
        r->to = value;
    else if (val != OPTION_BATCH || text_to_i64(value, 1, BATCH_MAX, &r->batch))
        return false;
    return true;
}

static int rekey(const struct options *o, const struct request *r, struct err *e)
{
    char path[CONFIG_TEXT_SIZE + 16];
    struct secret *from = NULL, *to = NULL;
    struct rekey_report report = {0};
    struct database d = {0};
    PGconn *pg = NULL;
    int rc = 0;
    if (!data_key_path(&o->config, path))
        return err_set(e, ERR_INVALID, "No data key is configured: there is nothing sealed.");
    if (!(from = secret_load(path, e)) || !(to = secret_load(r->to, e))) {
        rc = e->code;
        goto out;
    }
    rc = database_open(&o->config, true, &d, e);
    if (rc)
        goto out;
    rc = migrate_check(d.conninfo, e);
    if (!rc) {
        pg = PQconnectdb(d.conninfo);
        if (PQstatus(pg) != CONNECTION_OK) {
            rc = err_set(e, ERR_UNAVAILABLE, "The database cannot be reached.");
            err_detail(e, "%s", PQerrorMessage(pg));
        }
    }
    if (!rc)
        rc = rekey_run(pg, from, to, (int)r->batch, &report, e);
    PQfinish(pg);
    database_close(&d);
    if (!rc)
        printf("%lld rows are sealed with the new key, %lld were already. Now put %s in the place of %s.\n",
               (long long)report.done, (long long)report.there, r->to, path);
out:
    secret_destroy(from);
    secret_destroy(to);
    return rc;
}

int cmd_rekey(int argc, char **argv)
{
    static const struct option table[] = {
        {"to", required_argument, NULL, OPTION_TO}, {"batch", required_argument, NULL, OPTION_BATCH}, OPTIONS_SHARED, {0}};
    struct request r = {.batch = BATCH_DEFAULT};
    struct options o;
    struct err e = {0};
    int rc = options_read(argc, argv, table, usage, own, &r, &o);

    if (rc >= 0)
        return rc;
    log_setup((enum log_level)o.config.log_level, (enum log_format)o.config.log_format, STDERR_FILENO);
    if (!r.to)
        (void)err_set(&e, ERR_INVALID, "--to FILE is needed: the new key; see wangged rekey --help.");
    if (e.code || config_check(&o.config, &e) || rekey(&o, &r, &e))
        return options_fail(&e);
    return 0;
}
