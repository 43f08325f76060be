/* SPDX-License-Identifier: MIT */
#include "client/outbox/outbox_pump.h"

#include <stdlib.h>
#include <string.h>

#include "client/outbox/outbox_store.h"
#include "client/rpc/methods.h"
#include "common/base/arena.h"
#include "common/base/failpoint.h"
#include "common/base/text.h"
#include "common/h2/grpc.h"
#include "common/pb/check.h"

enum {
    IN_FLIGHT_MAX = 8,
    LOOK_AGAIN_MS = 1000,
    RECOVER_EVERY_S = 60,
    SERVER_FAULTS_MAX = 8, /* answers like INTERNAL after which a person should look */
    REQUEST_ARENA = 1024 * 1024,
};

struct flight {
    struct outbox_pump *pump;
    int64_t seq; /* 0: free */
    int tries;
    enum outbox_op op;
    struct channel_call *call;
};

struct outbox_pump {
    struct outbox *outbox;
    struct event_base *base;
    struct channel *channel;
    int call_timeout_ms;
    struct outbox_pump_events events;
    void *arg;
    struct event *timer;
    struct flight flights[IN_FLIGHT_MAX];
    int in_flight;
    bool logged_out; /* until the next kick */
    bool idle_told;
    bool hurry; /* kicked: what waited for the server or a login is due */
    bool dying;
    usec_t recovered_at;
    const struct status_info *status; /* of the entry being told about */
};

static void send_entry(void *arg, const struct outbox_entry *en);

static void look_again(struct outbox_pump *p, int64_t ms)
{
    struct timeval tv = {.tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000) * 1000};
    evtimer_add(p->timer, &tv);
}

static void tell_error(struct outbox_pump *p, const struct err *e)
{
    if (p->events.on_error)
        p->events.on_error(p->arg, e);
}

static void tell_change(void *arg, const struct outbox_entry *en)
{
    struct outbox_pump *p = arg;
    if (p->events.on_change)
        p->events.on_change(p->arg, en, p->status);
}

static void wait_for_due(struct outbox_pump *p)
{
    struct err e;
    usec_t due;
    int64_t ms = (int64_t)RECOVER_EVERY_S * 1000;
    if (outbox_next_due(p->outbox, &due, &e)) {
        tell_error(p, &e);
    } else if (due != USEC_NONE) {
        int64_t left = (due - outbox_store_now(p->outbox)) / 1000 + 1;
        if (left < ms)
            ms = left > 1 ? left : 1;
    }
    look_again(p, ms);
}

static void turn(struct outbox_pump *p)
{
    struct err e;
    usec_t now = outbox_store_now(p->outbox);
    if (p->dying)
        return;
    if (now - p->recovered_at > RECOVER_EVERY_S * USEC_PER_SEC || p->recovered_at == 0) {
        p->recovered_at = now;
        if (outbox_recover(p->outbox, &e))
            tell_error(p, &e);
    }
    if (p->hurry && outbox_hurry(p->outbox, &e))
        tell_error(p, &e);
    p->hurry = false;
    /* While the server is away nothing is claimed: trying would only wear the entries out. */
    bool away = channel_get_state(p->channel) == CHANNEL_BACKOFF;
    if (!away && !p->logged_out && p->in_flight < IN_FLIGHT_MAX) {
        if (outbox_claim(p->outbox, IN_FLIGHT_MAX - p->in_flight, send_entry, p, &e)) {
            tell_error(p, &e);
            look_again(p, LOOK_AGAIN_MS);
            return;
        }
    }
    if (p->in_flight > 0) {
        p->idle_told = false;
    } else if (!p->idle_told) {
        p->idle_told = true;
        if (p->events.on_idle)
            p->events.on_idle(p->arg);
    }
    if (away)
        look_again(p, LOOK_AGAIN_MS);
    else if (p->logged_out)
        look_again(p, RECOVER_EVERY_S * 1000);
    else
        wait_for_due(p);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    turn(arg);
}

static void judge(const struct flight *f, const struct status_info *st, struct outbox_outcome *out)
{
    out->error_code = st->code;
    out->error_text = st->message[0] ? st->message : status_hint(st->code);
    out->retry_after_ms = st->retry_after_ms > 0 ? st->retry_after_ms : 0;
    switch (st->code) {
    case GRPC_ABORTED:
        out->state = OUTBOX_CONFLICT;
        return;
    case GRPC_FAILED_PRECONDITION:
        out->state = st->conflict ? OUTBOX_CONFLICT : OUTBOX_REFUSED;
        return;
    case GRPC_UNAUTHENTICATED:
        out->state = OUTBOX_QUEUED; /* the person logs in again and it goes on */
        return;
    case GRPC_INTERNAL:
    case GRPC_UNKNOWN:
    case GRPC_DATA_LOSS:
        out->state = f->tries < SERVER_FAULTS_MAX ? OUTBOX_QUEUED : OUTBOX_REFUSED;
        return;
    default:
        out->state = status_is_transient(st->code) ? OUTBOX_QUEUED : OUTBOX_REFUSED;
    }
}

static void take_answer(const struct flight *f, const ProtobufCMessage *resp, struct outbox_outcome *out)
{
    out->state = OUTBOX_DELIVERED;
    switch (f->op) {
    case OUTBOX_SUBMIT: {
        const Wangge__V1__SubmitCaseResponse *r = (const Wangge__V1__SubmitCaseResponse *)resp;
        out->case_number = r->number;
        out->version = r->version;
        break;
    }
    case OUTBOX_ACT: {
        const Wangge__V1__ActResponse *r = (const Wangge__V1__ActResponse *)resp;
        out->case_number = r->case_ ? r->case_->number : "";
        out->version = r->case_ ? r->case_->version : 0;
        break;
    }
    case OUTBOX_NOTE:
        out->version = ((const Wangge__V1__AddNoteResponse *)resp)->version;
        break;
    }
}

static void finish(struct flight *f, const struct outbox_outcome *out, const struct status_info *st)
{
    struct outbox_pump *p = f->pump;
    struct err e;
    int64_t seq = f->seq;
    f->seq = 0;
    f->call = NULL;
    p->in_flight--;
    if (outbox_finish(p->outbox, seq, out, &e)) {
        /* What the server said could not be written down: the claim ends with this process, and the key makes a second
         * sending harmless. */
        tell_error(p, &e);
        return;
    }
    FAILPOINT("outbox.finished");
    p->status = st;
    if (outbox_get(p->outbox, seq, tell_change, p, &e))
        tell_error(p, &e);
    p->status = NULL;
}

static void on_reply(void *arg, const ProtobufCMessage *resp, const struct channel_status *st)
{
    struct flight *f = arg;
    struct outbox_pump *p = f->pump;
    struct outbox_outcome out = {.error_details = st->details, .error_details_len = st->details_len};
    struct status_info info;
    if (p->dying)
        return;
    FAILPOINT("outbox.answered");
    status_decode(st, &info);
    if (resp) {
        take_answer(f, resp, &out);
    } else {
        judge(f, &info, &out);
        out.not_tried = st->never_sent || info.code == GRPC_UNAUTHENTICATED;
    }
    finish(f, &out, &info);
    bool login = info.code == GRPC_UNAUTHENTICATED;
    status_fini(&info);
    if (login && !p->logged_out) {
        p->logged_out = true;
        if (p->events.on_login_needed)
            p->events.on_login_needed(p->arg);
    }
    event_active(p->timer, EV_TIMEOUT, 0);
}

static const struct channel_method *method_of(enum outbox_op op)
{
    switch (op) {
    case OUTBOX_SUBMIT:
        return &methods_submit_case;
    case OUTBOX_ACT:
        return &methods_act;
    case OUTBOX_NOTE:
        return &methods_add_note;
    }
    abort();
}

static void send_entry(void *arg, const struct outbox_entry *en)
{
    struct outbox_pump *p = arg;
    struct flight *f = p->flights;
    while (f->seq)
        f++; /* turn() claims no more than there is room for */
    *f = (struct flight){.pump = p, .seq = en->seq, .tries = en->tries, .op = en->op};
    p->in_flight++;
    const struct channel_method *m = method_of(en->op);
    ProtobufCMessage *req = NULL;
    struct arena *arena = arena_create(REQUEST_ARENA);
    if (arena && pb_unpack(m->request, en->request, en->request_len, NULL, arena, &req, NULL) == 0)
        f->call = channel_unary(p->channel, m, req, p->call_timeout_ms, on_reply, f);
    arena_destroy(arena);
    if (f->call)
        return;
    struct status_info st = {.code = req || !arena ? GRPC_UNAVAILABLE : GRPC_INVALID_ARGUMENT, .retry_after_ms = -1};
    struct outbox_outcome out = {
        .state = req || !arena ? OUTBOX_QUEUED : OUTBOX_REFUSED,
        .error_code = st.code,
        .error_text = req || !arena ? _("Out of memory.") : _("The entry cannot be read; it may come from another version."),
    };
    text_copy(st.message, sizeof st.message, out.error_text);
    finish(f, &out, &st);
}

struct outbox_pump *outbox_pump_create(struct outbox *o, struct event_base *base, struct channel *ch, int call_timeout_ms,
                                       const struct outbox_pump_events *events, void *arg)
{
    struct outbox_pump *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->outbox = o;
    p->base = base;
    p->channel = ch;
    p->call_timeout_ms = call_timeout_ms;
    p->events = *events;
    p->arg = arg;
    p->timer = evtimer_new(base, on_timer, p);
    if (!p->timer) {
        free(p);
        return NULL;
    }
    event_active(p->timer, EV_TIMEOUT, 0);
    return p;
}

void outbox_pump_destroy(struct outbox_pump *p)
{
    if (!p)
        return;
    p->dying = true;
    for (int i = 0; i < IN_FLIGHT_MAX; i++) {
        struct flight *f = &p->flights[i];
        if (!f->seq)
            continue;
        /* It may have reached the server: sending it again under its key settles that. */
        struct outbox_outcome out = {.state = OUTBOX_QUEUED, .error_text = "", .not_tried = true};
        channel_forget(f->call);
        if (outbox_finish(p->outbox, f->seq, &out, NULL)) {
            /* The claim ends with this process. */
        }
    }
    event_free(p->timer);
    free(p);
}

void outbox_pump_kick(struct outbox_pump *p)
{
    p->logged_out = false;
    p->idle_told = false;
    p->hurry = true;
    event_active(p->timer, EV_TIMEOUT, 0);
}

int outbox_pump_in_flight(const struct outbox_pump *p)
{
    return p->in_flight;
}
