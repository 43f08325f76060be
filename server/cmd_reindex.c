/* SPDX-License-Identifier: MIT */
/* wangged reindex: empties the search index and builds it anew from the feed. The server may go on working meanwhile. */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "server/commands.h"
#include "server/database_up.h"
#include "server/db/migrate.h"
#include "server/options.h"
#include "server/store/search_fold.h"
#include "sql.h"

enum { TRIES_MAX = 600, RETRY_MS = 100, TIMEOUT_MS = 600000 };

static const char usage[] = "usage: wangged reindex [--config FILE] [--embedded DIR | --database CONNINFO]\n"
                            "Empties the search index and builds it anew. Searches find less until it has ended; nothing else\n"
                            "changes.\n";

struct reindex {
    struct event_base *base;
    struct db *db;
    struct event *retry;
    struct search_fold *step;
    int idle; /* steps in a row that did nothing because another was first, or the database was away */
    int64_t events;
    struct err failed;
};

static void again(struct reindex *x, int ms)
{
    struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    evtimer_add(x->retry, &tv);
}

static void on_step(void *arg, int events, const struct err *e)
{
    struct reindex *x = arg;
    x->step = NULL;
    if (events == 0) {
        event_base_loopbreak(x->base);
        return;
    }
    if (events > 0) {
        x->events += events;
        x->idle = 0;
        again(x, 0);
        return;
    }
    /* Another worker folds too: it gets on. */
    if (++x->idle < TRIES_MAX) {
        again(x, RETRY_MS);
        return;
    }
    x->failed = *e;
    if (!e->code)
        (void)err_set(&x->failed, ERR_UNAVAILABLE, "Another worker holds the search index.");
    event_base_loopbreak(x->base);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct reindex *x = arg;
    struct err e = {0};
    if (!db_is_ready(x->db)) {
        if (++x->idle < TRIES_MAX) {
            again(x, RETRY_MS);
            return;
        }
        db_get_last_error(x->db, &x->failed);
        if (!x->failed.code)
            (void)err_set(&x->failed, ERR_UNAVAILABLE, "The database is away.");
        event_base_loopbreak(x->base);
        return;
    }
    if (search_fold_step(x->db, 0, on_step, x, &x->step, &e)) {
        x->failed = e;
        event_base_loopbreak(x->base);
    }
}

/* By the owner of the tables: the role that serves requests cannot empty them. */
static int reset(const char *conninfo, struct err *e)
{
    PGconn *pg = PQconnectdb(conninfo);
    PGresult *res = PQexec(pg, "select search_reset()");
    int rc = 0;
    if (PQresultStatus(res) != PGRES_TUPLES_OK) {
        rc = err_set(e, ERR_UNAVAILABLE, "The search index could not be emptied. Nothing was changed.");
        err_detail(e, "%s", PQerrorMessage(pg));
    }
    PQclear(res);
    PQfinish(pg);
    return rc;
}

static int run(const char *conninfo, struct reindex *x, struct err *e)
{
    struct db_config cfg = {
        .conninfo = conninfo,
        .read_lanes = 1,
        .write_lanes = 1,
        .max_unit = 1,
        .queue_limit = 16,
        .reply_timeout_ms = TIMEOUT_MS,
        .stmts = sql_all,
        .clock = clock_system(),
    };
    int rc = ERR_NOMEM;
    x->base = event_base_new();
    x->retry = x->base ? evtimer_new(x->base, on_timer, x) : NULL;
    if (!x->retry) {
        rc = err_set(e, ERR_NOMEM, "Out of memory.");
        goto out;
    }
    x->db = db_create(x->base, &cfg, e);
    if (!x->db) {
        rc = e->code;
        goto out;
    }
    again(x, 0);
    rc = event_base_dispatch(x->base) < 0 ? ERR_INTERNAL : x->failed.code;
    *e = x->failed;
out:
    search_fold_forget(x->step);
    db_destroy(x->db);
    if (x->retry)
        event_free(x->retry);
    if (x->base)
        event_base_free(x->base);
    return rc;
}

int cmd_reindex(int argc, char **argv)
{
    static const struct option table[] = {OPTIONS_SHARED, {0}};
    struct options o;
    struct database d;
    struct reindex x = {0};
    struct err e = {0};
    int r = options_read(argc, argv, table, usage, NULL, NULL, &o);

    if (r >= 0)
        return r;
    log_setup((enum log_level)o.config.log_level, (enum log_format)o.config.log_format, STDERR_FILENO);
    if (config_check(&o.config, &e) || database_open(&o.config, true, &d, &e))
        return options_fail(&e);
    r = migrate_check(d.conninfo, &e);
    if (r == 0)
        r = reset(d.conninfo, &e);
    if (r == 0)
        r = run(d.conninfo, &x, &e);
    database_close(&d);
    if (r)
        return options_fail(&e);
    printf("The search index was built anew from %" PRId64 " events.\n", x.events);
    return 0;
}
