/* SPDX-License-Identifier: MIT */
/* Follows the change feed. A lost connection is taken up again after the last cursor, so nothing is missed. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "client/cli/cli.h"
#include "client/cli/instant.h"
#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/rpc/methods.h"
#include "common/base/text.h"
#include "common/h2/grpc.h"
#include "wangge/v1/watch.pb-c.h"

enum { RETRY_MS = 2000, LIMIT_MAX = 1000 * 1000 * 1000 };

struct watching {
    struct cli *c;
    struct channel_call *call;
    char cursor[512];
    long limit;
    long shown;
    long heartbeat;
    int code;
    bool ended; /* the stream, not the command */
    bool stop;
    bool interrupted;
    bool lost_told;
};

static void put_event(struct watching *w, const Wangge__V1__WatchResponse *r)
{
    char when[INSTANT_TEXT_MAX], buf[LABELS_WORD_MAX], state[LABELS_WORD_MAX], clean[512];
    const Wangge__V1__CaseEvent *ev = r->event;
    table_clean(ev->text, false, clean, sizeof clean);
    out_printf(w->c, "%s  %s  %s  %s -> %s  %s\n", instant_format(instant_of(ev->arrived_at), when), r->case_number,
               ev->actor ? ev->actor->name : "-", labels_text(LABELS_ACTION, (int)ev->action, buf),
               labels_text(LABELS_STATE, (int)ev->to_state, state), clean);
}

static void on_message(void *arg, const ProtobufCMessage *msg)
{
    struct watching *w = arg;
    const Wangge__V1__WatchResponse *r = (const Wangge__V1__WatchResponse *)msg;
    w->lost_told = false;
    if (!text_copy(w->cursor, sizeof w->cursor, r->cursor)) {
        out_error(w->c, "%s", _("The server's cursor is too long."));
        w->code = CLI_FAILED;
        w->stop = true;
    }
    if (!r->event || w->stop)
        return;
    if (w->c->json) {
        w->code = out_json(w->c, msg);
        w->stop = w->code != CLI_OK;
    } else {
        put_event(w, r);
    }
    if (fflush(stdout) != 0) {
        w->c->write_failed = true;
        w->stop = true;
    }
    w->shown++;
    if (w->limit && w->shown >= w->limit)
        w->stop = true;
}

static void on_end(void *arg, const ProtobufCMessage *resp, const struct channel_status *st)
{
    struct watching *w = arg;
    w->ended = true;
    w->call = NULL;
    if (w->stop || w->interrupted)
        return;
    if (st->code == GRPC_OK || st->code == GRPC_UNAVAILABLE || st->code == GRPC_RESOURCE_EXHAUSTED ||
        st->code == GRPC_CANCELLED || st->code == GRPC_INTERNAL || st->code == GRPC_UNKNOWN) {
        if (!w->lost_told)
            out_note(w->c, _("Lost the server (%s). Trying again; nothing is missed."), st->message);
        w->lost_told = true;
        return;
    }
    struct status_info info;
    status_decode(st, &info);
    w->code = cli_status(w->c, &info);
    w->stop = true;
    status_fini(&info);
}

static void on_interrupt(evutil_socket_t sig, short what, void *arg)
{
    struct watching *w = arg;
    w->interrupted = true;
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
}

static void start(struct watching *w)
{
    struct cli *c = w->c;
    Wangge__V1__WatchRequest req = WANGGE__V1__WATCH_REQUEST__INIT;
    req.cursor = w->cursor;
    req.region_code = (char *)options_get(&c->opt, OPTION_REGION, "");
    req.case_id = (char *)options_get(&c->opt, OPTION_CASE, "");
    req.heartbeat_s = (int32_t)w->heartbeat;
    w->ended = false;
    channel_connect(c->channel);
    w->call = channel_stream(c->channel, &methods_watch, 0, on_message, on_end, NULL, w);
    if (!w->call) {
        w->ended = w->stop = true;
        w->code = CLI_FAILED;
        return;
    }
    channel_send(w->call, &req.base);
    channel_half_close(w->call);
}

static void run(struct watching *w, struct event *wake)
{
    struct timeval pause = {.tv_sec = RETRY_MS / 1000};
    start(w);
    while (!w->stop && !w->interrupted && event_base_loop(w->c->base, EVLOOP_ONCE) == 0) {
        if (!w->ended || w->stop || w->interrupted || evtimer_pending(wake, NULL))
            continue;
        evtimer_add(wake, &pause);
        while (!w->interrupted && evtimer_pending(wake, NULL) && event_base_loop(w->c->base, EVLOOP_ONCE) == 0) {
            /* a moment's rest before the next try */
        }
        if (!w->interrupted)
            start(w);
    }
    channel_forget(w->call);
}

int cmd_watch(struct cli *c)
{
    struct err e;
    struct watching w = {.c = c};
    if (options_number(&c->opt, OPTION_LIMIT, 0, LIMIT_MAX, 0, &w.limit, &e) ||
        options_number(&c->opt, OPTION_HEARTBEAT, 1, 300, 0, &w.heartbeat, &e)) {
        out_error(c, "%s", e.text);
        return CLI_USAGE;
    }
    if (!text_copy(w.cursor, sizeof w.cursor, options_get(&c->opt, OPTION_CURSOR, ""))) {
        out_error(c, "%s", _("The cursor is too long."));
        return CLI_INVALID;
    }
    int rc = cli_connect(c, true);
    if (rc)
        return rc;
    struct event *sigint = evsignal_new(c->base, SIGINT, on_interrupt, &w);
    struct event *wake = evtimer_new(c->base, on_wake, NULL);
    if (sigint && wake) {
        evsignal_add(sigint, NULL);
        run(&w, wake);
    }
    if (sigint)
        event_free(sigint);
    if (wake)
        event_free(wake);
    if (w.cursor[0])
        out_note(c, _("To go on from here: wangge watch --cursor %s"), w.cursor);
    return w.interrupted ? CLI_INTERRUPTED : w.code;
}
