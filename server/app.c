/* SPDX-License-Identifier: MIT */
/*
 * Life of a worker: STARTING (parts made, listening, the database not seen yet), SERVING, AWAY (database lost: health says so,
 * calls are refused), DRAINING (told to stop: no new calls, those under way finish; bounded by drain_s), then the loop ends and
 * the parts go in the reverse order of use.
 */
#include "server/app.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/base/text.h"
#include "server/app_metrics.h"
#include "server/app_parts.h"
#include "server/data_key.h"
#include "server/feed/notice_feed.h"
#include "server/net/net.h"
#include "server/notify.h"
#include "server/roll.h"
#include "server/search_roll.h"
#include "server/secret/secret.h"
#include "server/service/audit.h"
#include "server/service/login_guard.h"
#include "server/service/password_pool.h"
#include "server/service/session_cache.h"
#include "server/store/directory_store.h"
#include "server/store/number_store.h"
#include "server/timers/timers.h"
#include "server/store/rule_store.h"
#include "sql.h"

enum { DRAIN_SWEEP_MS = 250 };

static bool is_serving(const struct app *a)
{
    return !a->draining && a->ctx.dir && db_is_ready(a->ctx.db);
}

static void update_health(struct app *a)
{
    bool serving = is_serving(a);

    if (serving == a->serving)
        return;
    a->serving = serving;
    rpc_health_set_all(a->rpc, serving);
    log_event(LOG_INFO, serving ? "serving" : "not_serving", LOG_I("worker", a->options->worker), LOG_END);
    if (!a->options->announce || a->draining)
        return;
    if (serving && !a->announced) {
        a->announced = true;
        notify_manager("READY=1\nSTATUS=Serving");
    } else {
        notify_manager(serving ? "STATUS=Serving" : "STATUS=The database is away");
    }
}

static void on_database(void *arg, bool ready)
{
    struct app *a = arg;
    struct err why = {0};

    if (ready) {
        log_event(LOG_INFO, "database.ready", LOG_I("worker", a->options->worker), LOG_END);
        directory_store_reload(a->ctx.dirs);
    } else {
        db_get_last_error(a->ctx.db, &why);
        log_event(LOG_WARN, "database.away", LOG_S("why", why.text), LOG_S("detail", why.detail), LOG_END);
    }
    update_health(a);
}

static void on_directory(void *arg, struct directory *dir)
{
    struct app *a = arg;
    size_t regions, categories, organs;

    directory_unref(a->ctx.dir);
    a->ctx.dir = directory_ref(dir);
    directory_regions(dir, &regions);
    directory_categories(dir, &categories);
    directory_organs(dir, &organs);
    log_event(LOG_INFO, "directory.loaded", LOG_I("regions", regions), LOG_I("categories", categories), LOG_I("organs", organs),
              LOG_END);
    update_health(a);
}

static void on_cluster(void *arg, enum embedded_event what, const char *why)
{
    switch (what) {
    case EMBEDDED_DIED:
        log_event(LOG_ERROR, "database.died", LOG_S("why", why), LOG_END);
        break;
    case EMBEDDED_RESTARTED:
        log_event(LOG_WARN, "database.restarted", LOG_END);
        break;
    case EMBEDDED_FAILED:
        log_event(LOG_ERROR, "database.restart_failed", LOG_S("why", why), LOG_END);
        break;
    }
}

/* --- who calls --- */

struct asking {
    struct rpc_call *call;
    rpc_auth_done_fn done;
    bool by_certificate;
};

static void release_principal(void *p)
{
    principal_unref(p);
}

/* Gives the call a reference that goes with its arena. */
static int take_principal(struct rpc_call *call, struct principal *who, struct err *e)
{
    if (arena_on_dispose(rpc_arena(call), release_principal, who)) {
        principal_unref(who);
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call; try again.");
    }
    rpc_call_set_principal(call, who);
    if (who->must_change && !(rpc_call_method(call)->flags & RPC_FIRST_PASSWORD))
        return err_set(e, ERR_PRECONDITION,
                       "Your password is a first one or too old: change it (AccountService.ChangePassword, wangge account "
                       "passwd), then go on.");
    return 0;
}

static void on_session(void *arg, struct principal *who, const struct err *e)
{
    struct asking *q = arg;
    struct err why = *e;

    if (!why.code)
        (void)!take_principal(q->call, principal_ref(who), &why);
    else if (why.code == ERR_UNAUTHENTICATED && q->by_certificate)
        err_set(&why, ERR_UNAUTHENTICATED,
                "The certificate of this connection is bound to no account; log in and send a token.");
    q->done(q->call, &why);
}

/* A token says who calls; without one, the certificate of the connection does. */
static void authenticate(void *arg, struct rpc_call *call, const char *token, rpc_auth_done_fn done)
{
    struct app *a = arg;
    uint8_t hash[SESSION_HASH_SIZE];
    struct principal *who = NULL;
    struct asking *q;
    struct err e = {0};

    if (token && !session_token_is_well_formed(token)) {
        err_set(&e, ERR_UNAUTHENTICATED, "The token has not the form of a session token; log in and send the one you get.");
        done(call, &e);
        return;
    }
    if (token)
        session_token_hash(token, hash);
    else
        memcpy(hash, rpc_peer_key(call), sizeof(hash));
    if ((who = session_cache_find_hash(a->ctx.sessions, hash))) {
        (void)!take_principal(call, who, &e);
    } else {
        q = arena_alloc(rpc_arena(call), sizeof(*q));
        if (!q) {
            err_set(&e, ERR_NOMEM, "The server is out of memory for this call; try again.");
        } else {
            *q = (struct asking){.call = call, .done = done, .by_certificate = !token};
            if (session_cache_lookup_hash(a->ctx.sessions, hash, on_session, q, &e) == 0)
                return;
        }
    }
    done(call, &e);
}

/* Whether the call may have left an event. */
static bool is_case_write(const char *method)
{
    static const char service[] = "/wangge.v1.CaseService/";

    if (strncmp(method, service, sizeof(service) - 1) != 0)
        return false;
    method += sizeof(service) - 1;
    return strncmp(method, "Get", 3) != 0 && strncmp(method, "List", 4) != 0;
}

static void on_call_end(void *arg, const struct rpc_record *r)
{
    struct app *a = arg;
    const struct principal *who = r->principal;
    enum log_level level = LOG_DEBUG;
    char account[UUID_TEXT_LEN + 1] = "";

    metrics_record(a->metrics, r);
    audit_on_call_end(a->ctx.audit, r);
    if (r->status == 0 && is_case_write(r->method)) {
        feed_kick(a->ctx.feed);
        timers_kick(a->timers);
    }
    if (r->status)
        level = r->status == 13 || r->status == 2 || r->status == 15 ? LOG_ERROR : LOG_INFO;
    if (!log_enabled(level))
        return;
    if (who)
        uuid_format(&who->actor.account, account);
    log_event(level, "call", LOG_S("method", r->method), LOG_S("status", metrics_status_name(r->status)),
              LOG_I("us", r->duration_us), LOG_S("peer", r->peer), LOG_S("account", account),
              LOG_S("field", r->err ? r->err->field : ""), LOG_S("detail", r->err ? r->err->detail : ""),
              LOG_S("origin", r->err && r->err->origin ? r->err->origin : ""), LOG_END);
}

/* --- making the parts --- */

static void take_limits(struct app *a)
{
    const struct server_config *c = &a->config;

    a->ctx.config.session_idle_s = c->session_idle_s;
    a->ctx.config.session_absolute_s = c->session_absolute_s;
    a->ctx.config.login_failures = c->login_failures;
    a->ctx.config.login_lock_s = c->login_lock_s;
    log_setup((enum log_level)c->log_level, (enum log_format)c->log_format, STDERR_FILENO);
}

static int gather_methods(struct app *a, struct err *e)
{
    static const struct rpc_method *const groups[] = {
        account_methods,    //
        attachment_methods, //
        audit_methods,      //
        auth_methods,       //
        bulk_methods,       //
        case_methods,       //
        clock_methods,      //
        directory_methods,  //
        inbox_methods,      //
        people_methods,     //
        report_methods,     //
        search_methods,     //
        watch_methods,      //
    };
    size_t n = 0;

    for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++)
        for (const struct rpc_method *m = groups[g]; m->path; m++)
            n++;
    a->methods = calloc(n + 1, sizeof(*a->methods));
    if (!a->methods)
        return err_set(e, ERR_NOMEM, "Out of memory.");
    for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++) {
        for (const struct rpc_method *m = groups[g]; m->path; m++) {
            a->methods[a->n_methods] = *m;
            a->methods[a->n_methods++].ctx = &a->ctx;
        }
    }
    return 0;
}

static int make_database(struct app *a, struct err *e)
{
    const struct server_config *c = &a->config;
    struct db_config cfg = {
        .conninfo = a->options->conninfo,
        .read_lanes = c->read_lanes,
        .write_lanes = c->write_lanes,
        .max_unit = c->write_unit,
        .queue_limit = c->queue_limit,
        .reply_timeout_ms = c->database_timeout_ms,
        .stmts = sql_all,
        .read_role = DB_READ_ROLE,
        .write_role = DB_WRITE_ROLE,
        .clock = a->ctx.clock,
    };

    a->ctx.db = db_create(a->base, &cfg, e);
    if (!a->ctx.db)
        return e->code;
    a->ctx.audit = audit_create(a->base, a->ctx.db, a->ctx.clock, e);
    if (!a->ctx.audit)
        return e->code;
    a->ctx.numbers = number_store_create(a->ctx.db);
    if (!a->ctx.numbers)
        return err_set(e, ERR_NOMEM, "Out of memory.");
    a->ctx.dirs = directory_store_create(a->base, a->ctx.db, on_directory, a, e);
    if (!a->ctx.dirs)
        return e->code;
    db_on_ready_change(a->ctx.db, on_database, a);
    if (a->options->embedded)
        return embedded_supervise(a->options->embedded, a->base, on_cluster, a, e);
    return 0;
}

static int make_services(struct app *a, struct err *e)
{
    const struct server_config *c = &a->config;
    char key_path[CONFIG_TEXT_SIZE + 16];
    const struct timers_config timers = {
        .steps = c->timers == TIMERS_ON,
        .poll_ms = c->timer_poll_ms,
        .notices_ms = c->notice_poll_ms,
        .lease_ms = c->timer_lease_ms,
        .keep_notices_days = c->notice_keep_days,
        .archive_revisited_days = c->archive_revisited_days,
    };

    if (data_key_path(c, key_path) && !(a->ctx.secret = secret_load(key_path, e)))
        return e->code;
    a->ctx.passwords = password_pool_create(a->base, c->password_queue, e);
    if (!a->ctx.passwords)
        return e->code;
    a->ctx.logins = login_guard_create();
    if (!a->ctx.logins)
        return err_set(e, ERR_NOMEM, "Out of memory.");
    a->ctx.sessions = session_cache_create(a->base, a->ctx.db, a->ctx.clock, c->session_idle_s, e);
    if (!a->ctx.sessions)
        return e->code;
    a->ctx.feed = feed_create(a->base, a->ctx.db, c->feed_poll_ms, e);
    if (!a->ctx.feed)
        return e->code;
    a->ctx.notices = notice_feed_create(a->base, a->ctx.db, c->feed_poll_ms, e);
    if (!a->ctx.notices)
        return e->code;
    a->ctx.rule_store = rule_store_create(a->base, a->ctx.db, e);
    if (!a->ctx.rule_store)
        return e->code;
    a->search_roll = search_roll_create(a->base, a->ctx.db, e);
    if (!a->search_roll)
        return e->code;
    a->roll = roll_create(a->base, a->ctx.db, e);
    if (!a->roll)
        return e->code;
    a->timers = timers_create(&timers, &a->ctx, e);
    return a->timers ? 0 : e->code;
}

static int make_rpc(struct app *a, struct err *e)
{
    const struct server_config *c = &a->config;
    struct rpc_server_config rpc = {
        .clock = a->ctx.clock,
        .descriptor_set = wangge_protoset,
        .descriptor_set_len = wangge_protoset_len,
        .max_message = (size_t)c->max_message_kib * 1024,
        .max_call_memory = (size_t)c->max_call_memory_kib * 1024,
        .max_deadline_ms = c->max_deadline_s * 1000,
        .authenticate = authenticate,
        .on_call_end = on_call_end,
        .arg = a,
    };
    struct net_config net = {
        .max_connections = (unsigned)c->max_connections,
        .max_streams = (unsigned)c->max_streams,
        .handshake_timeout_ms = c->handshake_timeout_s * 1000,
        .header_timeout_ms = c->header_timeout_s * 1000,
        .idle_timeout_ms = c->idle_timeout_s * 1000,
        .keepalive_ms = c->keepalive_s * 1000,
        .write_timeout_ms = c->write_timeout_s * 1000,
        .drain_timeout_ms = c->drain_s ? c->drain_s * 1000 : 1,
        .allow_cleartext = c->plain_text == PLAIN_TEXT_ANYWHERE,
    };

    if (gather_methods(a, e))
        return e->code;
    a->metrics = metrics_create(a->methods, e);
    if (!a->metrics)
        return e->code;
    rpc.methods = a->methods;
    rpc.n_methods = a->n_methods;
    a->rpc = rpc_server_create(a->base, &rpc, e);
    if (!a->rpc)
        return e->code;
    net.rpc = a->rpc;
    a->net = net_create(a->base, &net, e);
    return a->net ? 0 : e->code;
}

static int set_tls(struct app *a, struct err *e)
{
    const struct server_config *c = &a->config;

    if (!*c->tls_certificate)
        return 0;
    return net_set_tls(a->net, c->tls_certificate, c->tls_key, *c->tls_client_ca ? c->tls_client_ca : NULL,
                       c->tls_client == TLS_CLIENT_OPTIONAL, e);
}

static int listen_all(struct app *a, struct err *e)
{
    const struct address_list *list = &a->options->listen;

    for (int i = 0; i < list->n; i++) {
        struct address at = list->items[i];
        unsigned flags = (at.tls ? (unsigned)NET_TLS : 0u) | (a->options->reuseport ? (unsigned)NET_REUSEPORT : 0u);
        char text[ADDRESS_HOST_SIZE + 16];
        int r;

        if (at.kind == ADDRESS_TCP)
            r = net_listen_tcp(a->net, at.host, at.port, flags, &at.port, e);
        else if (a->options->unix_fds[i] >= 0)
            r = net_listen_fd(a->net, a->options->unix_fds[i], 0, e);
        else
            r = net_listen_unix(a->net, at.host, 0660, e);
        if (r)
            return r;
        address_format(&at, text);
        /* Whatever the level: who started us with port 0 reads this line. */
        if (a->options->announce)
            log_fields(LOG_INFO, "listening",
                       (const struct log_field[]){LOG_S("on", text), LOG_S("speaks", at.tls ? "h2" : "h2c"), LOG_END});
    }
    return 0;
}

static int serve_metrics(struct app *a, struct err *e)
{
    struct address at;
    char text[ADDRESS_HOST_SIZE + 16];

    if (!*a->config.metrics)
        return 0;
    if (address_parse(a->config.metrics, false, &at, e))
        return e->code;
    if (at.port)
        at.port = (uint16_t)(at.port + a->options->worker);
    if (metrics_serve(a->metrics, a->base, at.host, at.port, app_metrics_write, a, &at.port, e))
        return e->code;
    address_format(&at, text);
    log_event(LOG_INFO, "metrics", LOG_S("on", text), LOG_I("worker", a->options->worker), LOG_END);
    return 0;
}

/* --- signals --- */

/* The audit's rows of the last calls go out before we do, if the database takes them. */
static void stop_when_written(evutil_socket_t fd, short what, void *arg)
{
    static const struct timeval look_again = {.tv_usec = 20000};
    struct app *a = arg;

    if (audit_is_idle(a->ctx.audit) || a->audit_waits++ >= AUDIT_WAITS_MAX || !a->audit_wait ||
        evtimer_add(a->audit_wait, &look_again))
        event_base_loopbreak(a->base);
}

static void on_drained(void *arg)
{
    stop_when_written(-1, 0, arg);
}

static void end_streams(struct app *a)
{
    feed_close_watchers(a->ctx.feed);
    notice_feed_close_watchers(a->ctx.notices);
    rpc_health_end_watches(a->rpc);
}

static void on_drain_sweep(evutil_socket_t fd, short what, void *arg)
{
    end_streams(arg);
}

static void on_stop(evutil_socket_t sig, short what, void *arg)
{
    static const struct timeval sweep = {.tv_usec = DRAIN_SWEEP_MS * 1000};
    struct app *a = arg;

    if (a->draining) {
        log_event(LOG_WARN, "stop.now", LOG_I("signal", sig), LOG_END);
        event_base_loopbreak(a->base);
        return;
    }
    log_event(LOG_INFO, "stop", LOG_I("signal", sig), LOG_I("worker", a->options->worker), LOG_I("drain_s", a->config.drain_s),
              LOG_END);
    a->draining = true;
    update_health(a);
    if (a->options->announce)
        notify_manager("STOPPING=1\nSTATUS=Finishing calls");
    net_drain(a->net, on_drained, a);
    /* Streams never finish by themselves; those that begin while clients learn of the end are told too. */
    end_streams(a);
    evtimer_add(a->drain_sweep, &sweep);
}

static void on_reload(evutil_socket_t sig, short what, void *arg)
{
    struct app *a = arg;
    struct server_config next;
    const char *key;
    size_t pos = 0;
    struct err e = {0};

    if (!a->options->config_path) {
        log_event(LOG_WARN, "reload.nothing", LOG_S("why", "the server was started without a configuration file"), LOG_END);
        return;
    }
    config_init(&next);
    if (config_load(&next, a->options->config_path, &e)) {
        log_event(LOG_ERROR, "reload.refused", LOG_S("text", e.text), LOG_S("detail", e.detail), LOG_END);
        return;
    }
    /* Against the file as it was at the start: what the command line set stays. */
    while ((key = config_next_fixed_change(&a->options->file, &next, &pos)))
        log_event(LOG_INFO, "reload.needs_restart", LOG_S("key", key), LOG_END);
    {
        struct server_config merged = a->config;
        config_take_reloadable(&merged, &next);
        if (config_check(&merged, &e)) {
            log_event(LOG_ERROR, "reload.refused", LOG_S("text", e.text), LOG_END);
            return;
        }
        next = a->config;
        a->config = merged;
    }
    if (set_tls(a, &e)) {
        a->config = next;
        log_event(LOG_ERROR, "reload.refused", LOG_S("text", e.text), LOG_S("detail", e.detail), LOG_END);
        return;
    }
    take_limits(a);
    session_cache_set_idle(a->ctx.sessions, a->config.session_idle_s);
    log_event(LOG_INFO, "reload.done", LOG_I("worker", a->options->worker), LOG_END);
}

static int catch_signals(struct app *a, struct err *e)
{
    a->signals[0] = evsignal_new(a->base, SIGTERM, on_stop, a);
    a->signals[1] = evsignal_new(a->base, SIGINT, on_stop, a);
    a->signals[2] = evsignal_new(a->base, SIGHUP, on_reload, a);
    a->drain_sweep = event_new(a->base, -1, EV_PERSIST, on_drain_sweep, a);
    a->audit_wait = evtimer_new(a->base, stop_when_written, a);
    for (int i = 0; i < APP_SIGNALS; i++)
        if (!a->signals[i] || evsignal_add(a->signals[i], NULL))
            return err_set(e, ERR_NOMEM, "Out of memory.");
    return a->drain_sweep && a->audit_wait ? 0 : err_set(e, ERR_NOMEM, "Out of memory.");
}

/* Calls may wait for the database, the pool or the cache: these answer them while they go, so the rpc server goes last. */
static void app_fini(struct app *a)
{
    for (int i = 0; i < APP_SIGNALS; i++)
        if (a->signals[i])
            event_free(a->signals[i]);
    /* We are ending already: a second signal must not cut the end short. */
    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    if (a->drain_sweep)
        event_free(a->drain_sweep);
    if (a->audit_wait)
        event_free(a->audit_wait);
    net_destroy(a->net);
    password_pool_destroy(a->ctx.passwords);
    timers_destroy(a->timers);
    roll_destroy(a->roll);
    search_roll_destroy(a->search_roll);
    rule_store_destroy(a->ctx.rule_store);
    directory_store_destroy(a->ctx.dirs);
    session_cache_destroy(a->ctx.sessions);
    feed_destroy(a->ctx.feed);
    notice_feed_destroy(a->ctx.notices);
    db_destroy(a->ctx.db);
    number_store_destroy(a->ctx.numbers);
    rpc_server_destroy(a->rpc);
    audit_destroy(a->ctx.audit);
    metrics_destroy(a->metrics);
    login_guard_destroy(a->ctx.logins);
    secret_destroy(a->ctx.secret);
    directory_unref(a->ctx.dir);
    free(a->methods);
}

int app_run(struct event_base *base, const struct app_options *options)
{
    struct app *a = calloc(1, sizeof(*a));
    struct err e = {0};
    int r = ERR_NOMEM;

    if (!a)
        return r;
    a->base = base;
    a->options = options;
    a->config = options->config;
    a->ctx.base = base;
    a->ctx.clock = clock_system();
    a->ctx.config.version = WANGGE_VERSION;
    gate_rules_default(&a->ctx.rules);
    a->ctx.rules.archive_s = (int64_t)a->config.archive_days * 86400;
    take_limits(a);
    if ((r = catch_signals(a, &e)) || (r = make_database(a, &e)) || (r = make_services(a, &e)) || (r = make_rpc(a, &e)) ||
        (r = set_tls(a, &e)) || (r = listen_all(a, &e)) || (r = serve_metrics(a, &e)))
        log_event(LOG_ERROR, "start.failed", LOG_S("text", e.text), LOG_S("detail", e.detail), LOG_END);
    else if (event_base_dispatch(base) < 0)
        r = ERR_INTERNAL;
    app_fini(a);
    log_event(LOG_INFO, "stopped", LOG_I("worker", options->worker), LOG_END);
    free(a);
    return r;
}
