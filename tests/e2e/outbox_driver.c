/* SPDX-License-Identifier: MIT */
/*
 * A client that is killed: saves incidents into an outbox and delivers them, for the tests that end it at any point.
 *
 *     outbox_driver FILE TARGET TEXT N        with the session's token in WANGGE_TEST_TOKEN
 *
 * Saves incidents until the outbox holds N, one a turn of the loop, delivers all and ends with 0. It prints what a person
 * would have seen, and when: "saved REQUEST CASE TEXT-i", "delivered REQUEST NUMBER". Started again it goes on where it was.
 * The numbers i are those of the entries, so an incident that was stored but never confirmed is not saved a second time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "client/outbox/outbox.h"
#include "client/outbox/outbox_pump.h"
#include "client/rpc/channel.h"
#include "common/base/uuid.h"

enum { LOOK_MS = 50 };

static const char grid[] = "230604001001001";
static const char category[] = "E0102";

struct driver {
    struct event_base *base;
    struct event *more;
    struct outbox *outbox;
    struct outbox_pump *pump;
    const char *text;
    int64_t n;
    int64_t saved;
    int code; /* -1 while running */
};

static void finish(struct driver *d, int code)
{
    if (d->code < 0)
        d->code = code;
    event_base_loopbreak(d->base);
}

static void fail(struct driver *d, const struct err *e)
{
    (void)fprintf(stderr, "%s\n", e->text);
    finish(d, 1);
}

static int64_t count(struct driver *d, struct outbox_counts *c)
{
    struct err e;
    int64_t all = 0;
    if (outbox_counts(d->outbox, c, &e)) {
        fail(d, &e);
        return 0;
    }
    for (int i = 0; i < OUTBOX_STATES; i++)
        all += c->by_state[i];
    return all;
}

static void new_id(char out[UUID_TEXT_LEN + 1])
{
    struct uuid u = uuid_v7(clock_system()->now(clock_system()));
    uuid_format(&u, out);
}

static void on_more(evutil_socket_t fd, short what, void *arg)
{
    struct driver *d = arg;
    char request[UUID_TEXT_LEN + 1], case_id[UUID_TEXT_LEN + 1], text[128];
    struct err e;
    if (d->saved >= d->n) {
        outbox_pump_kick(d->pump);
        return;
    }
    new_id(request);
    new_id(case_id);
    (void)snprintf(text, sizeof text, "%s-%lld", d->text, (long long)d->saved);
    Wangge__V1__SubmitCaseRequest req = WANGGE__V1__SUBMIT_CASE_REQUEST__INIT;
    req.request_id = request;
    req.case_id = case_id;
    req.category_code = (char *)(uintptr_t)category;
    req.grid_code = (char *)(uintptr_t)grid;
    req.description = text;
    if (outbox_enqueue_submit(d->outbox, &req, NULL, NULL, NULL, &e)) {
        fail(d, &e);
        return;
    }
    d->saved++;
    (void)printf("saved %s %s %s\n", request, case_id, text);
    (void)fflush(stdout);
    outbox_pump_kick(d->pump);
    event_active(d->more, EV_TIMEOUT, 0);
}

static void on_change(void *arg, const struct outbox_entry *en, const struct status_info *st)
{
    struct driver *d = arg;
    if (en->state == OUTBOX_DELIVERED) {
        (void)printf("delivered %s %s\n", en->op_id, en->case_number);
        (void)fflush(stdout);
    } else if (en->state != OUTBOX_QUEUED) {
        (void)fprintf(stderr, "%s: %s: %s\n", en->op_id, outbox_state_word(en->state), en->error_text);
        finish(d, 1);
    }
}

static void on_idle(void *arg)
{
    struct driver *d = arg;
    struct outbox_counts c;
    if (d->saved < d->n)
        return;
    if (count(d, &c) == c.by_state[OUTBOX_DELIVERED])
        finish(d, 0);
    else /* not due, or in the hands of another driver, who will not tell us */
        evtimer_add(d->more, &(struct timeval){.tv_usec = LOOK_MS * 1000});
}

static void on_error(void *arg, const struct err *why)
{
    fail(arg, why);
}

static void on_login_needed(void *arg)
{
    (void)fprintf(stderr, "the session is not known\n");
    finish(arg, 1);
}

static void on_state(void *arg, enum channel_state state, const struct err *why)
{
    struct driver *d = arg;
    if (state == CHANNEL_READY)
        outbox_pump_kick(d->pump);
}

int main(int argc, char **argv)
{
    static const struct outbox_pump_events events = {
        .on_change = on_change, .on_idle = on_idle, .on_error = on_error, .on_login_needed = on_login_needed};
    struct driver d = {.code = -1};
    struct channel *channel = NULL;
    struct err e = {0};
    if (argc != 5) {
        (void)fprintf(stderr, "usage: outbox_driver FILE TARGET TEXT N\n");
        return 2;
    }
    struct outbox_options opts = {.path = argv[1], .account = "driver"};
    struct channel_config cfg = {.target = argv[2], .connect_timeout_ms = 5000};
    struct outbox_counts c;
    d.text = argv[3];
    d.n = strtoll(argv[4], NULL, 10);
    d.base = event_base_new();
    d.more = evtimer_new(d.base, on_more, &d);
    if (outbox_open(&opts, &d.outbox, &e) || !(channel = channel_create(d.base, &cfg, &e))) {
        fail(&d, &e);
        goto out;
    }
    d.pump = outbox_pump_create(d.outbox, d.base, channel, 30000, &events, &d);
    if (!d.pump || channel_set_token(channel, getenv("WANGGE_TEST_TOKEN")))
        goto out;
    channel_on_state(channel, on_state, &d);
    channel_connect(channel);
    d.saved = count(&d, &c);
    event_active(d.more, EV_TIMEOUT, 0);
    if (d.code < 0)
        (void)event_base_dispatch(d.base);
out:
    outbox_pump_destroy(d.pump);
    channel_destroy(channel);
    outbox_close(d.outbox);
    event_free(d.more);
    event_base_free(d.base);
    return d.code < 0 ? 1 : d.code;
}
