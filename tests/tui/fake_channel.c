/* SPDX-License-Identifier: MIT */
/* The channel of the tests; see fake_channel.h. */
#include "fake_channel.h"

#include <stdlib.h>
#include <string.h>

enum { COUNTS_MAX = 32 };

struct channel_call {
    struct channel *ch;
    const struct channel_method *m;
    ProtobufCMessage *req;
    channel_reply_fn fn;
    channel_message_fn on_message;
    void *arg;
    struct event *ev;
    bool stream, cancelled, asked;
    struct channel_call *next;
};

struct channel {
    struct event_base *base;
    fake_server_fn server;
    void *arg;
    enum channel_state state;
    char *token;
    void (*on_state)(void *arg, enum channel_state state, const struct err *why);
    void *state_arg;
    struct channel_call *calls;
    struct {
        const char *path;
        int n;
    } counts[COUNTS_MAX];
};

struct channel *fake_channel_create(struct event_base *base, fake_server_fn fn, void *arg)
{
    struct channel *ch = calloc(1, sizeof *ch);
    if (ch)
        *ch = (struct channel){.base = base, .server = fn, .arg = arg, .state = CHANNEL_IDLE};
    return ch;
}

struct channel *channel_create(struct event_base *base, const struct channel_config *cfg, struct err *e)
{
    return fake_channel_create(base, NULL, NULL);
}

static void end_call(struct channel_call *call, const ProtobufCMessage *resp, const struct channel_status *st)
{
    struct channel_call **p = &call->ch->calls;
    while (*p != call)
        p = &(*p)->next;
    *p = call->next;
    event_free(call->ev);
    call->fn(call->arg, resp, st);
    if (call->req)
        protobuf_c_message_free_unpacked(call->req, NULL);
    free(call);
}

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
    struct channel_call *call = arg;
    struct fake_answer a = {0};
    if (call->cancelled) {
        end_call(call, NULL, &(struct channel_status){.code = 1, .message = "cancelled"});
        return;
    }
    if (call->asked || (call->stream && !call->req))
        return;
    call->asked = true;
    if (call->ch->state == CHANNEL_BACKOFF) {
        end_call(call, NULL, &(struct channel_status){.code = 14, .message = "connection refused", .never_sent = true});
        return;
    }
    if (!call->ch->server || call->ch->server(call->ch->arg, call->m->path, call->req, &a) == FAKE_SILENT)
        return;
    struct channel_status st = {
        .code = a.code, .message = a.message ? a.message : "", .details = a.details, .details_len = a.details_len};
    if (a.n_stream) {
        for (size_t i = 0; i < a.n_stream; i++) {
            if (!call->cancelled)
                call->on_message(call->arg, a.stream[i]);
            protobuf_c_message_free_unpacked(a.stream[i], NULL);
        }
        free(a.stream);
        end_call(call, NULL, &st);
    } else if (call->stream && a.code == 0) { /* a stream stays open; resp is its first message */
        if (a.resp)
            call->on_message(call->arg, a.resp);
    } else {
        end_call(call, a.code == 0 ? a.resp : NULL, &st);
    }
    if (a.resp)
        protobuf_c_message_free_unpacked(a.resp, NULL);
    free(a.details);
}

static ProtobufCMessage *copy(const ProtobufCMessage *msg)
{
    size_t len = protobuf_c_message_get_packed_size(msg);
    uint8_t *packed = malloc(len + 1);
    protobuf_c_message_pack(msg, packed);
    ProtobufCMessage *m = protobuf_c_message_unpack(msg->descriptor, NULL, len, packed);
    free(packed);
    return m;
}

static struct channel_call *start(struct channel *ch, const struct channel_method *m, const ProtobufCMessage *req, bool stream,
                                  channel_message_fn on_message, channel_reply_fn fn, void *arg)
{
    struct channel_call *call = calloc(1, sizeof *call);
    *call = (struct channel_call){
        .ch = ch, .m = m, .fn = fn, .on_message = on_message, .arg = arg, .stream = stream, .next = ch->calls};
    call->req = req ? copy(req) : NULL;
    call->ev = evtimer_new(ch->base, on_turn, call);
    ch->calls = call;
    for (int i = 0; i < COUNTS_MAX; i++) {
        if (!ch->counts[i].path || strcmp(ch->counts[i].path, m->path) == 0) {
            ch->counts[i].path = m->path;
            ch->counts[i].n++;
            break;
        }
    }
    event_active(call->ev, EV_TIMEOUT, 0);
    return call;
}

struct channel_call *channel_unary(struct channel *ch, const struct channel_method *m, const ProtobufCMessage *req,
                                   int timeout_ms, channel_reply_fn fn, void *arg)
{
    return start(ch, m, req, false, NULL, fn, arg);
}

struct channel_call *channel_stream(struct channel *ch, const struct channel_method *m, int timeout_ms,
                                    channel_message_fn on_message, channel_reply_fn on_end, void (*on_writable)(void *arg),
                                    void *arg)
{
    return start(ch, m, NULL, true, on_message, on_end, arg);
}

bool channel_send(struct channel_call *call, const ProtobufCMessage *msg)
{
    if (!call->req)
        call->req = copy(msg);
    event_active(call->ev, EV_TIMEOUT, 0);
    return true;
}

void channel_half_close(struct channel_call *call)
{
}

void channel_cancel(struct channel_call *call)
{
    call->cancelled = true;
    event_active(call->ev, EV_TIMEOUT, 0);
}

static void nobody(void *arg, const ProtobufCMessage *resp, const struct channel_status *status)
{
}

void channel_forget(struct channel_call *call)
{
    if (!call)
        return;
    call->fn = nobody;
    call->cancelled = true;
    event_active(call->ev, EV_TIMEOUT, 0);
}

void channel_destroy(struct channel *ch)
{
    while (ch->calls)
        end_call(ch->calls, NULL, &(struct channel_status){.code = 1, .message = "cancelled"});
    free(ch->token);
    free(ch);
}

void channel_connect(struct channel *ch)
{
}

enum channel_state channel_get_state(const struct channel *ch)
{
    return ch->state;
}

void channel_on_state(struct channel *ch, void (*fn)(void *arg, enum channel_state state, const struct err *why), void *arg)
{
    ch->on_state = fn;
    ch->state_arg = arg;
}

void fake_channel_set_state(struct channel *ch, enum channel_state state)
{
    ch->state = state;
    if (ch->on_state)
        ch->on_state(ch->state_arg, state, NULL);
}

int channel_set_token(struct channel *ch, const char *token)
{
    free(ch->token);
    ch->token = token ? strdup(token) : NULL;
    return 0;
}

const char *fake_channel_token(const struct channel *ch)
{
    return ch->token;
}

bool fake_channel_push(struct channel *ch, const char *path, const ProtobufCMessage *msg)
{
    for (struct channel_call *c = ch->calls; c; c = c->next) {
        if (c->stream && !c->cancelled && strcmp(c->m->path, path) == 0) {
            c->on_message(c->arg, msg);
            return true;
        }
    }
    return false;
}

int fake_channel_count(const struct channel *ch, const char *path)
{
    for (int i = 0; i < COUNTS_MAX && ch->counts[i].path; i++) {
        if (strcmp(ch->counts[i].path, path) == 0)
            return ch->counts[i].n;
    }
    return 0;
}
