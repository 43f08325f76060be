/* SPDX-License-Identifier: MIT */
#include "server/app_metrics.h"

#include <stdio.h>
#include <unistd.h>

#include "server/app_parts.h"
#include "server/net/net.h"
#include "server/roll.h"
#include "server/service/audit.h"
#include "server/service/password_pool.h"
#include "server/service/session_cache.h"
#include "server/timers/timers.h"

static double resident_bytes(void)
{
    unsigned long size = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "re");

    if (!f)
        return 0;
    if (fscanf(f, "%lu %lu", &size, &resident) != 2)
        resident = 0;
    fclose(f);
    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

void app_metrics_write(void *arg, struct evbuffer *out)
{
    const struct app *a = arg;
    struct db_stats db;
    struct net_stats net;
    struct audit_stats audit;
    struct timers_stats timers;

    db_get_stats(a->ctx.db, &db);
    net_get_stats(a->net, &net);
    audit_get_stats(a->ctx.audit, &audit);
    timers_get_stats(a->timers, &timers);
    const usec_t lags[] = {timers.resume.lag_us, timers.archive.lag_us, timers.lapse.lag_us, timers.lights.lag_us};
    usec_t lag = 0;
    for (size_t i = 0; i < sizeof(lags) / sizeof(lags[0]); i++)
        lag = lags[i] > lag ? lags[i] : lag;
    const struct {
        const char *name, *type, *help;
        double value;
    } values[] = {
        {"wangge_serving", "gauge", "1 while the database is there and calls are taken.", a->serving},
        {"wangge_calls_in_flight", "gauge", "Calls under way.", rpc_server_live_calls(a->rpc)},
        {"wangge_connections", "gauge", "Client connections.", net.connections},
        {"wangge_tls_connections", "gauge", "Client connections over TLS.", net.tls_connections},
        {"wangge_connections_total", "counter", "Client connections accepted.", (double)net.accepted},
        {"wangge_connections_refused_total", "counter", "Connections ended for errors, timeouts or floods.",
         (double)net.refused},
        {"wangge_accept_pauses_total", "counter", "Times no file descriptor was left.", (double)net.accept_pauses},
        {"wangge_net_received_bytes_total", "counter", "Bytes read from clients.", (double)net.bytes_in},
        {"wangge_net_sent_bytes_total", "counter", "Bytes written to clients.", (double)net.bytes_out},
        {"wangge_db_lanes_ready", "gauge", "Database connections in use.", db.lanes_ready},
        {"wangge_db_queries_total", "counter", "Statements that read.", (double)db.queries},
        {"wangge_db_executes_total", "counter", "Statements that wrote alone.", (double)db.executes},
        {"wangge_db_writes_total", "counter", "Writes that were part of a unit.", (double)db.writes},
        {"wangge_db_units_total", "counter", "Units of writes, one commit each.", (double)db.units},
        {"wangge_db_unit_retries_total", "counter", "Writes run again alone.", (double)db.unit_retries},
        {"wangge_db_reconnects_total", "counter", "Connections made again.", (double)db.reconnects},
        {"wangge_db_unknown_outcomes_total", "counter", "Writes nobody knows the end of.", (double)db.unknown_outcomes},
        {"wangge_db_expired_total", "counter", "Requests whose time was up before they were sent.", (double)db.expired},
        {"wangge_db_refused_total", "counter", "Requests refused because a queue was full.", (double)db.refused},
        {"wangge_db_read_queue", "gauge", "Reads that wait.", db.read_queued},
        {"wangge_db_read_in_flight", "gauge", "Reads sent.", db.read_in_flight},
        {"wangge_db_write_queue", "gauge", "Writes that wait.", db.write_queued},
        {"wangge_db_write_in_flight", "gauge", "Writes sent.", db.write_in_flight},
        {"wangge_watchers", "gauge", "Streams on the change feed.", feed_watchers(a->ctx.feed)},
        {"wangge_watchers_behind", "gauge", "Streams that are not up to date.", feed_watchers_behind(a->ctx.feed)},
        {"wangge_sessions_cached", "gauge", "Sessions this worker knows.", session_cache_count(a->ctx.sessions)},
        {"wangge_password_queue", "gauge", "Passwords that wait to be checked.", password_pool_busy(a->ctx.passwords)},
        {"wangge_cells_rolled_total", "counter", "Events folded into the report cells.", (double)roll_total(a->roll)},
        {"wangge_audit_rows_total", "counter", "Audit rows written.", (double)audit.written},
        {"wangge_audit_dropped_total", "counter", "Audit rows that were dropped: look at the log.", (double)audit.dropped},
        {"wangge_audit_queue", "gauge", "Audit rows that wait.", audit.queued},
        {"wangge_timer_resumed_total", "counter", "Cases the server resumed.", (double)timers.resume.done},
        {"wangge_timer_archived_total", "counter", "Cases the server archived.", (double)timers.archive.done},
        {"wangge_timer_lapsed_total", "counter", "Lapses of helping organs the server noted.", (double)timers.lapse.done},
        {"wangge_timer_refused_total", "counter", "Due steps the gate refused.",
         (double)(timers.resume.refused + timers.archive.refused + timers.lapse.refused)},
        {"wangge_timer_overtaken_total", "counter", "Due steps somebody else was faster with.",
         (double)(timers.resume.overtaken + timers.archive.overtaken + timers.lapse.overtaken)},
        {"wangge_timer_lights_total", "counter", "Cases whose lights were moved on.", (double)timers.lights.moved},
        {"wangge_timer_lag_seconds", "gauge", "How long ago the oldest case of the last batch was due; 0 when none is.",
         (double)lag / USEC_PER_SEC},
        {"wangge_notice_events_total", "counter", "Events that were looked at for notices.", (double)timers.notices.events},
        {"wangge_notices_total", "counter", "Notices made.", (double)timers.notices.notices},
        {"wangge_notices_purged_total", "counter", "Notices deleted for their age.", (double)timers.notices.purged},
        {"process_resident_memory_bytes", "gauge", "Resident memory.", resident_bytes()},
    };
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        metrics_write_value(out, values[i].name, values[i].type, values[i].help, values[i].value);
    evbuffer_add_printf(out,
                        "# HELP wangge_build_info What runs.\n# TYPE wangge_build_info gauge\n"
                        "wangge_build_info{version=\"%s\",worker=\"%d\"} 1\n",
                        WANGGE_VERSION, a->options->worker);
}
