/* SPDX-License-Identifier: MIT */
/*
 * A call's life and its input: headers, authentication, deadline, messages, cancellation.
 *
 * Input is delivered while the call is authenticated, not paused, not done and not inside a delivery already; what arrives
 * otherwise is held, and the peer gets no new window for it. `done` is the one switch: it is set once, by an answer
 * (reply.c) or by cancellation, and after that no handler hears of the call again.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/log.h"
#include "common/h2/grpc.h"
#include "server/rpc/call_impl.h"

struct rpc_conn *rpc_conn_create(struct rpc_server *srv, const struct rpc_transport *ops, void *session, const char *peer)
{
    struct rpc_conn *conn = calloc(1, sizeof *conn);
    if (!conn)
        return NULL;
    conn->server = srv;
    conn->ops = ops;
    conn->session = session;
    conn->refs = 1;
    size_t n = strlen(peer);
    memcpy(conn->peer, peer, n < sizeof conn->peer ? n : sizeof conn->peer - 1);
    return conn;
}

static void conn_unref(struct rpc_conn *conn)
{
    if (--conn->refs == 0)
        free(conn);
}

void rpc_conn_detach(struct rpc_conn *conn)
{
    if (!conn)
        return;
    conn->session = NULL;
    conn_unref(conn);
}

unsigned rpc_conn_live_calls(const struct rpc_conn *conn)
{
    return conn->live_calls;
}

bool rpc_conn_is_trusted(const struct rpc_conn *conn)
{
    return conn->trusted;
}

void rpc_conn_set_peer_key(struct rpc_conn *conn, const uint8_t key[RPC_PEER_KEY_SIZE])
{
    memcpy(conn->peer_key, key, RPC_PEER_KEY_SIZE);
    conn->has_peer_key = true;
}

static void on_deadline(struct timerq_node *node)
{
    struct rpc_call *call = (struct rpc_call *)(void *)((char *)node - offsetof(struct rpc_call, deadline_timer));
    rpc_call_ref(call, "deadline");
    bool tell = call->started && !call->done;
    rpc_call_refuse(call, GRPC_DEADLINE_EXCEEDED, "The deadline passed before the work was done.");
    if (tell && call->method->on_cancel)
        call->method->on_cancel(call);
    rpc_call_unref(call, "deadline");
}

struct rpc_call *rpc_call_create(struct rpc_conn *conn, int32_t stream_id)
{
    struct rpc_server *srv = conn->server;
    struct arena *arena = rpc_server_take_arena(srv);
    struct rpc_call *call = arena ? arena_zalloc(arena, sizeof *call) : NULL;
    if (!call) {
        rpc_server_give_arena(srv, arena);
        return NULL;
    }
    call->server = srv;
    call->conn = conn;
    call->arena = arena;
    call->stream_id = stream_id;
    call->refs = 1;
    call->deadline = call->timeout = USEC_NONE;
    call->deadline_timer.fn = on_deadline;
    call->started_at = srv->cfg.clock->monotonic(srv->cfg.clock);
    call->out_tail = &call->out_head;
    grpc_deframer_init(&call->in, srv->cfg.max_message);
    buf_init(&call->held, RPC_MAX_HELD);
    call->next = srv->calls;
    if (call->next)
        call->next->prev = call;
    srv->calls = call;
    srv->live_calls++;
    conn->refs++;
    conn->live_calls++;
    return call;
}

struct rpc_call *rpc_call_ref(struct rpc_call *call, const char *why)
{
    (void)why;
    assert(call->refs > 0);
    call->refs++;
    return call;
}

void rpc_call_unref(struct rpc_call *call, const char *why)
{
    assert(call->refs > 0);
    if (--call->refs > 0)
        return;
    log_event(LOG_DEBUG, "call.free", LOG_S("method", call->path), LOG_S("last_ref", why), LOG_END);
    struct rpc_server *srv = call->server;
    struct rpc_conn *conn = call->conn;
    struct arena *arena = call->arena, *message_arena = call->message_arena;
    timerq_clear(srv->timers, &call->deadline_timer);
    rpc_call_drop_output(call);
    grpc_deframer_fini(&call->in);
    buf_fini(&call->held);
    if (call->prev)
        call->prev->next = call->next;
    else
        srv->calls = call->next;
    if (call->next)
        call->next->prev = call->prev;
    srv->live_calls--;
    conn->live_calls--;
    conn->held -= call->counted;
    /* The call itself lies in its arena; its disposers may still look at it and its connection. */
    rpc_server_give_arena(srv, message_arena);
    rpc_server_give_arena(srv, arena);
    conn_unref(conn);
}

/* --- what handlers ask ------------------------------------------------------------------------------------------------- */

struct arena *rpc_arena(struct rpc_call *call)
{
    return call->arena;
}

struct arena *rpc_take_message_arena(struct rpc_call *call)
{
    struct arena *a = call->message_arena;
    call->message_arena = NULL;
    return a;
}

const struct rpc_method *rpc_call_method(const struct rpc_call *call)
{
    return call->method;
}

void rpc_call_set_data(struct rpc_call *call, void *data)
{
    call->data = data;
}

void *rpc_call_data(const struct rpc_call *call)
{
    return call->data;
}

void rpc_call_set_principal(struct rpc_call *call, const void *principal)
{
    call->principal = principal;
}

void rpc_call_set_note(struct rpc_call *call, void *note)
{
    call->note = note;
}

void *rpc_call_note(const struct rpc_call *call)
{
    return call->note;
}

const void *rpc_call_principal(const struct rpc_call *call)
{
    return call->principal;
}

const char *rpc_header(const struct rpc_call *call, const char *name)
{
    for (const struct rpc_header *h = call->headers; h; h = h->next) {
        if (strcmp(h->name, name) == 0)
            return h->value;
    }
    return NULL;
}

bool rpc_was_compressed(const struct rpc_call *call)
{
    return call->was_compressed;
}

const char *rpc_peer(const struct rpc_call *call)
{
    return call->conn->peer;
}

const uint8_t *rpc_peer_key(const struct rpc_call *call)
{
    return call->conn->has_peer_key ? call->conn->peer_key : NULL;
}

usec_t rpc_deadline(const struct rpc_call *call)
{
    return call->deadline;
}

bool rpc_call_is_done(const struct rpc_call *call)
{
    return call->done;
}

/* --- input accounting -------------------------------------------------------------------------------------------------- */

/* Gives the peer n bytes of window back. */
static void give_window(struct rpc_call *call, size_t n)
{
    if (n > 0 && call->stream_id != 0 && call->conn->session)
        call->conn->ops->taken(call->conn->session, call->stream_id, n);
}

static void recount(struct rpc_call *call)
{
    size_t now = buf_len(&call->held) + grpc_deframer_held(&call->in);
    call->conn->held = call->conn->held - call->counted + now;
    call->counted = now;
}

void rpc_call_set_done(struct rpc_call *call)
{
    assert(!call->done);
    call->done = true;
    call->answered_at = call->server->cfg.clock->monotonic(call->server->cfg.clock);
    timerq_clear(call->server->timers, &call->deadline_timer);
    /* What the client still sends is thrown away, but its window must not starve. */
    size_t unread = buf_len(&call->held);
    buf_fini(&call->held);
    give_window(call, unread);
    if (!call->delivering) {
        grpc_deframer_fini(&call->in);
        recount(call);
    }
}

void rpc_call_cancel(struct rpc_call *call, int status)
{
    if (call->done)
        return;
    rpc_call_set_done(call);
    call->cancelled = true;
    call->status = status;
    if (call->started && call->method->on_cancel)
        call->method->on_cancel(call);
}

/* --- messages ---------------------------------------------------------------------------------------------------------- */

/* Ends a call over its input. A handler that has begun hears of it as a cancellation. */
static void fail_input(struct rpc_call *call, const struct err *e)
{
    if (call->done)
        return;
    rpc_fail(call, e);
    if (call->started && call->method->on_cancel)
        call->method->on_cancel(call);
}

static bool takes_one_message(const struct rpc_call *call)
{
    return call->method->kind == RPC_UNARY || call->method->kind == RPC_SERVER_STREAM;
}

static void take_message(struct rpc_call *call, const uint8_t *msg, size_t len)
{
    struct err e = {0};
    if (takes_one_message(call)) {
        if (call->request) {
            rpc_call_refuse(call, GRPC_UNIMPLEMENTED, "The method takes one message; a second one was sent.");
            return;
        }
        int rc = pb_unpack(call->method->request, msg, len, &call->server->limits, call->arena, &call->request, &e);
        if (rc)
            fail_input(call, &e);
        return;
    }
    if (call->message_arena)
        arena_reset(call->message_arena);
    else
        call->message_arena = rpc_server_take_arena(call->server);
    if (!call->message_arena) {
        err_set(&e, ERR_EXHAUSTED, "There is not enough memory for the message.");
        fail_input(call, &e);
        return;
    }
    ProtobufCMessage *req;
    int rc = pb_unpack(call->method->request, msg, len, &call->server->limits, call->message_arena, &req, &e);
    if (rc)
        fail_input(call, &e);
    else
        call->method->on_message(call, req);
}

static bool is_deliverable(const struct rpc_call *call)
{
    return call->authenticated && !call->paused && !call->done && !call->delivering;
}

/* Delivers messages until the data is used up or the handler pauses or answers. Returns the bytes used. */
static size_t deliver(struct rpc_call *call, const uint8_t *data, size_t len)
{
    size_t left = len;
    call->delivering = true;
    while (left > 0 && !call->paused && !call->done) {
        const uint8_t *msg;
        size_t msg_len;
        struct err e = {0};
        int rc = grpc_deframer_next(&call->in, &data, &left, &msg, &msg_len, &e);
        if (rc < 0) {
            fail_input(call, &e);
        } else if (rc > 0) {
            call->was_compressed = grpc_deframer_was_compressed(&call->in);
            take_message(call, msg, msg_len);
        }
    }
    call->delivering = false;
    if (call->done)
        grpc_deframer_fini(&call->in);
    return len - left;
}

/* The client half-closed and everything before was delivered. */
static void finish_input(struct rpc_call *call)
{
    if (!call->remote_closed || call->half_close_told || !is_deliverable(call) || buf_len(&call->held) > 0)
        return;
    call->half_close_told = true;
    if (!grpc_deframer_is_between(&call->in)) {
        struct err e;
        err_set(&e, ERR_PROTOCOL, "The request ended in the middle of a message.");
        fail_input(call, &e);
    } else if (takes_one_message(call)) {
        if (!call->request) {
            rpc_call_refuse(call, GRPC_UNIMPLEMENTED, "The method takes one message; none was sent.");
            return;
        }
        call->started = true;
        call->method->on_message(call, call->request);
    } else if (call->method->on_half_close) {
        call->method->on_half_close(call);
    }
}

/* Delivers what was held. */
static void pump(struct rpc_call *call)
{
    rpc_call_ref(call, "pump");
    if (is_deliverable(call) && buf_len(&call->held) > 0) {
        /* Handlers may cause more to be held or all of it to be dropped, so the bytes are moved out first. */
        struct buf data = call->held;
        buf_init(&call->held, RPC_MAX_HELD);
        size_t used = deliver(call, buf_data(&data), buf_len(&data));
        give_window(call, used);
        buf_consume(&data, used);
        if (call->done) {
            give_window(call, buf_len(&data));
            buf_fini(&data);
        } else if (buf_len(&data) > 0) {
            assert(buf_len(&call->held) == 0);
            call->held = data;
        } else {
            buf_fini(&data);
        }
        recount(call);
    }
    finish_input(call);
    rpc_call_unref(call, "pump");
}

void rpc_pause(struct rpc_call *call)
{
    call->paused = true;
}

void rpc_resume(struct rpc_call *call)
{
    call->paused = false;
    /* Inside a delivery its loop goes on by itself. */
    if (!call->delivering)
        pump(call);
}

void rpc_call_on_data(struct rpc_call *call, const uint8_t *data, size_t len)
{
    size_t used = len;
    call->bytes_in += len;
    if (!call->done) {
        struct err e = {0};
        used = 0;
        if (is_deliverable(call) && buf_len(&call->held) == 0)
            used = deliver(call, data, len);
        if (call->done) {
            used = len;
        } else if (used < len && buf_append(&call->held, data + used, len - used)) {
            err_set(&e, ERR_EXHAUSTED, "The client sends faster than the method reads.");
            fail_input(call, &e);
            used = len;
        }
        recount(call);
        if (!call->done && call->conn->held > RPC_MAX_CONN_HELD) {
            err_set(&e, ERR_EXHAUSTED, "The connection has too many unfinished requests.");
            fail_input(call, &e);
            used = len;
        }
    }
    give_window(call, used);
}

void rpc_call_on_half_close(struct rpc_call *call)
{
    call->remote_closed = true;
    if (!call->done)
        finish_input(call);
}

/* --- headers ----------------------------------------------------------------------------------------------------------- */

static bool is(const char *s, size_t len, const char *want)
{
    return strlen(want) == len && memcmp(s, want, len) == 0;
}

/* True if the comma-separated list has the word. */
static bool lists(const char *s, size_t len, const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= len; i++) {
        bool begins = i == 0 || s[i - 1] == ',' || s[i - 1] == ' ';
        bool ends = i + n == len || s[i + n] == ',' || s[i + n] == ' ';
        if (begins && ends && memcmp(s + i, word, n) == 0)
            return true;
    }
    return false;
}

void rpc_call_on_header(struct rpc_call *call, const char *name, size_t name_len, const char *value, size_t value_len)
{
    /* Counted as RFC 9113 §6.5.2 counts what SETTINGS_MAX_HEADER_LIST_SIZE limits; what is beyond is not kept. */
    call->header_bytes += name_len + value_len + 32;
    if (call->header_bytes > GRPC_MAX_HEADERS)
        return;
    if (name_len > 0 && name[0] == ':') {
        if (is(name, name_len, ":path")) {
            call->method = rpc_server_find(call->server, value, value_len);
            call->path = call->method ? call->method->path : arena_strndup(call->arena, value, value_len);
        } else if (is(name, name_len, ":method")) {
            call->is_post = is(value, value_len, "POST");
        }
        return;
    }
    if (is(name, name_len, "content-type")) {
        call->is_grpc = grpc_is_content_type(value, value_len);
        return;
    }
    if (is(name, name_len, "te"))
        return;
    if (name_len > 5 && memcmp(name, "grpc-", 5) == 0) {
        struct err e;
        if (is(name, name_len, "grpc-timeout")) {
            call->bad_timeout = grpc_timeout_parse(value, value_len, &call->timeout) != 0;
            return;
        }
        if (is(name, name_len, "grpc-encoding")) {
            call->bad_encoding = grpc_deframer_set_encoding(&call->in, value, value_len, &e) != 0;
            call->sends_gzip = is(value, value_len, "gzip");
            return;
        }
        if (is(name, name_len, "grpc-accept-encoding")) {
            call->takes_gzip = lists(value, value_len, "gzip");
            return;
        }
    }
    struct rpc_header *h = arena_alloc(call->arena, sizeof *h);
    char *copy = h ? arena_alloc(call->arena, name_len + value_len + 2) : NULL;
    if (!copy)
        return;
    memcpy(copy, name, name_len);
    copy[name_len] = '\0';
    memcpy(copy + name_len + 1, value, value_len);
    copy[name_len + 1 + value_len] = '\0';
    *h = (struct rpc_header){.next = call->headers, .name = copy, .value = copy + name_len + 1};
    call->headers = h;
    if (strcmp(h->name, "authorization") == 0 && strncasecmp(h->value, "bearer ", 7) == 0)
        call->token = h->value + 7 + strspn(h->value + 7, " ");
}

/* Refuses what can be seen from the headers. True if the call goes on. */
static bool headers_are_fine(struct rpc_call *call, bool overloaded)
{
    if (call->header_bytes > GRPC_MAX_HEADERS)
        rpc_call_refuse(call, GRPC_RESOURCE_EXHAUSTED, "The request's headers are longer than 16 KiB.");
    else if (overloaded)
        rpc_call_refuse(call, GRPC_RESOURCE_EXHAUSTED, "The connection has too many calls under way; try again later.");
    else if (!call->is_post)
        rpc_call_refuse(call, GRPC_INTERNAL, "The HTTP method of a gRPC call is POST.");
    else if (!call->is_grpc)
        rpc_call_refuse(call, GRPC_INTERNAL, "The content-type of a gRPC call is application/grpc.");
    else if (call->bad_timeout)
        rpc_call_refuse(call, GRPC_INVALID_ARGUMENT, "The grpc-timeout is not valid: up to 8 digits and one of H M S m u n.");
    else if (!call->method)
        rpc_call_refuse(call, GRPC_UNIMPLEMENTED, "The server has no such method.");
    else if (call->bad_encoding)
        rpc_call_refuse(call, GRPC_UNIMPLEMENTED, "The message encoding is not supported; use gzip or identity.");
    return !call->done;
}

/* True if the call goes on. */
static bool set_deadline(struct rpc_call *call)
{
    int default_ms = call->method->default_deadline_ms;
    usec_t limit = call->timeout;
    if (default_ms > 0) {
        usec_t cap = (usec_t)call->server->cfg.max_deadline_ms * 1000;
        if (limit == USEC_NONE)
            limit = (usec_t)default_ms * 1000;
        else if (limit > cap)
            limit = cap;
    }
    if (limit == USEC_NONE)
        return true;
    call->deadline = call->started_at + limit;
    if (limit <= 0)
        rpc_call_refuse(call, GRPC_DEADLINE_EXCEEDED, "The deadline passed before the call began.");
    else if (timerq_set(call->server->timers, &call->deadline_timer, call->deadline))
        rpc_call_refuse(call, GRPC_RESOURCE_EXHAUSTED, "There is not enough memory for the call.");
    return !call->done;
}

static void start(struct rpc_call *call)
{
    call->authenticated = true;
    if (!takes_one_message(call)) {
        call->started = true;
        if (call->method->on_start)
            call->method->on_start(call);
    }
    pump(call);
}

static void on_authenticated(struct rpc_call *call, const struct err *e)
{
    assert(call->authenticating);
    call->authenticating = false;
    if (!call->done) {
        if (e && e->code) {
            rpc_fail(call, e);
        } else {
            call->conn->trusted = true;
            start(call);
        }
    }
    rpc_call_unref(call, "authenticate");
}

void rpc_call_on_headers_end(struct rpc_call *call, bool overloaded)
{
    if (!headers_are_fine(call, overloaded) || !set_deadline(call))
        return;
    if ((call->method->flags & RPC_PUBLIC) || !call->server->cfg.authenticate) {
        start(call);
        return;
    }
    if ((!call->token || !*call->token) && !call->conn->has_peer_key) {
        rpc_call_refuse(call, GRPC_UNAUTHENTICATED, "The call needs a session; log in and send its token.");
        return;
    }
    call->authenticating = true;
    rpc_call_ref(call, "authenticate");
    call->server->cfg.authenticate(call->server->cfg.arg, call, call->token && *call->token ? call->token : NULL,
                                   on_authenticated);
}

/* --- the end ----------------------------------------------------------------------------------------------------------- */

void rpc_call_on_closed(struct rpc_call *call)
{
    call->stream_id = 0;
    rpc_call_cancel(call, GRPC_CANCELLED);
    rpc_call_drop_output(call);
    if (call->reported || !call->server->cfg.on_call_end)
        return;
    call->reported = true;
    const struct rpc_record r = {
        .method = call->method ? call->method->path : "?",
        .peer = call->conn->peer,
        .principal = call->principal,
        .note = call->note,
        .status = call->status,
        .duration_us = call->answered_at - call->started_at,
        .bytes_in = call->bytes_in,
        .bytes_out = call->bytes_out,
        .err = call->failure,
    };
    call->server->cfg.on_call_end(call->server->cfg.arg, &r);
}

void rpc_server_end_watches(struct rpc_server *srv)
{
    struct err e;
    err_set(&e, ERR_UNAVAILABLE, "The server is stopping; connect again.");
    for (struct rpc_call *call = srv->calls, *next; call; call = next) {
        rpc_call_ref(call, "stopping");
        if (!call->done && call->started && call->method->kind == RPC_SERVER_STREAM && call->deadline == USEC_NONE)
            fail_input(call, &e);
        /* The handler may have let go of other calls, but not of this one. */
        next = call->next;
        rpc_call_unref(call, "stopping");
    }
}
