/* SPDX-License-Identifier: MIT */
/* wangged serve: database, schema, then one worker in this process or several under a supervisor. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <event2/event.h>

#include "common/base/log.h"
#include "server/app.h"
#include "server/commands.h"
#include "server/data_key.h"
#include "server/database_up.h"
#include "server/notify.h"
#include "server/options.h"
#include "server/sockets.h"
#include "server/supervisor.h"

static const char usage[] =
    "usage: wangged [serve] [--config FILE] [--embedded DIR | --database CONNINFO] [--listen ADDRESS]... [--workers N]\n"
    "               [--set KEY=VALUE]...\n"
    "Runs the server in the foreground; it logs to standard error.\n"
    "--embedded DIR       make, start and supervise a private PostgreSQL in DIR\n"
    "--database CONNINFO  use this PostgreSQL\n"
    "--listen ADDRESS     HOST:PORT or unix:/PATH; port 0 takes a free one (the line \"listening\" tells it)\n"
    "--set KEY=VALUE      any key of the configuration file; wangged check-config --sample lists them\n"
    "SIGTERM finishes calls under way and ends; SIGHUP reads the configuration file again.\n";

/* Each client is a descriptor. */
static void raise_descriptor_limit(void)
{
    struct rlimit lim;

    if (getrlimit(RLIMIT_NOFILE, &lim) == 0 && lim.rlim_cur < lim.rlim_max) {
        lim.rlim_cur = lim.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &lim))
            log_event(LOG_WARN, "start.descriptors", LOG_S("why", strerror(errno)), LOG_END);
    }
}

static int fail(const struct err *e)
{
    log_event(LOG_ERROR, "start.failed", LOG_S("text", e->text), LOG_S("detail", e->detail), LOG_END);
    return options_fail(e);
}

static void on_libevent(int severity, const char *text)
{
    log_event(severity >= EVENT_LOG_WARN ? LOG_WARN : LOG_DEBUG, "libevent", LOG_S("text", text), LOG_END);
}

static int serve(struct app_options *ao, struct database *d)
{
    struct sockets sockets = {0};
    struct event_base *base = event_base_new();
    int workers = ao->config.workers;
    struct err e = {0};
    int r;

    if (!base)
        r = err_set(&e, ERR_NOMEM, "Out of memory.");
    else if (workers > 1)
        r = sockets_open(&ao->listen, ao->unix_fds, &sockets, &e);
    else
        r = 0;
    if (r) {
        fail(&e);
    } else if (workers > 1) {
        ao->reuseport = true;
        r = supervisor_run(base, ao, workers, d->embedded);
        sockets_close(&sockets, &ao->listen);
    } else {
        ao->announce = true;
        ao->embedded = d->embedded;
        r = app_run(base, ao);
    }
    database_close(d);
    if (base)
        event_base_free(base);
    return r;
}

int cmd_serve(int argc, char **argv)
{
    static const struct option table[] = {OPTIONS_SHARED, {0}};
    struct options o;
    struct app_options *ao;
    struct database d = {0};
    struct err e = {0};
    int r = options_read(argc, argv, table, usage, NULL, NULL, &o);

    if (r >= 0)
        return r;
    log_setup((enum log_level)o.config.log_level, (enum log_format)o.config.log_format, STDERR_FILENO);
    event_set_log_callback(on_libevent);
    signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    log_event(LOG_INFO, "start", LOG_S("version", WANGGE_VERSION), LOG_I("pid", getpid()), LOG_I("workers", o.config.workers),
              LOG_S("config", o.config_path ? o.config_path : ""), LOG_END);
    ao = calloc(1, sizeof(*ao));
    if (!ao)
        return 1;
    ao->config = o.config;
    ao->file = o.file;
    ao->config_path = o.config_path;
    for (int i = 0; i < ADDRESS_MAX; i++)
        ao->unix_fds[i] = -1;
    notify_manager("STATUS=Starting the database");
    if (config_check(&o.config, &e) ||
        address_list_parse(o.config.listen, *o.config.tls_certificate != '\0', &ao->listen, &e) ||
        database_open(&o.config, false, &d, &e)) {
        free(ao);
        return fail(&e);
    }
    ao->conninfo = d.serving;
    if (database_prepare_to_serve(&d, &e) || data_key_prepare(&o.config, d.conninfo, &e)) {
        database_close(&d);
        free(ao);
        return fail(&e);
    }
    r = serve(ao, &d);
    free(ao);
    return r ? 1 : 0;
}
