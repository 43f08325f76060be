/* SPDX-License-Identifier: MIT */
/*
 * nghttp2 callbacks. Lifetimes: a struct stream exists from the request's HEADERS until nghttp2 closes the stream; it then
 * waits on the dead list, with its call, until recv or send has left nghttp2. nghttp2_session_del calls no stream-close
 * callbacks, so destroy closes the open ones itself.
 */
#include "server/net/session.h"

#include <stdlib.h>
#include <string.h>
#include <nghttp2/nghttp2.h>

#include "common/h2/grpc.h"
#include "server/rpc/transport.h"

enum {
    STREAM_WINDOW = 256 * 1024,
    CONNECTION_WINDOW = 1024 * 1024, /* nghttp2's 64 KiB throttle a connection with many calls */
    FRAME_HEADER = 9,
    /* Frames that cost us and not the peer are paid from a purse that fills with time and with real work. */
    PURSE = 1000,
    PURSE_PER_SEC = 200,
    PURSE_PER_REQUEST = 8,
    PURSE_PER_DATA_SENT = 2,
    COST_FRAME = 1,
    COST_RESET = 8, /* of a peer who has not logged in; one who has pays COST_FRAME */
};

struct net_session_env {
    struct rpc_server *rpc;
    nghttp2_session_callbacks *callbacks;
    nghttp2_option *option;
    unsigned max_streams;
};

struct stream {
    struct stream *prev, *next; /* session->streams; next alone in session->dead */
    struct rpc_call *call;
};

struct net_session {
    struct net_session_env *env;
    nghttp2_session *h2;
    struct rpc_conn *conn;
    void (*on_output)(void *arg);
    void *arg;
    struct buf *out; /* during net_session_send */
    size_t limit;
    struct stream *streams;
    struct stream *dead;
    unsigned open;
    unsigned max_streams;
    int purse;
    usec_t purse_at;
    bool busy; /* inside recv or send: output is noticed without on_output */
    bool settings_seen, in_headers, tell_writable, bad;
};

static void note_output(struct net_session *s)
{
    if (!s->busy)
        s->on_output(s->arg);
}

/* --- what calls ask (struct rpc_transport) ----------------------------------------------------------------------------- */

static ssize_t on_read(nghttp2_session *h2, int32_t id, uint8_t *buf, size_t cap, uint32_t *flags, nghttp2_data_source *source,
                       void *arg)
{
    (void)buf;
    (void)arg;
    struct stream *st = source->ptr;
    bool end;
    size_t n = rpc_call_pending(st->call, &end);
    if (n > cap) {
        n = cap;
        end = false;
    }
    if (n == 0 && !end)
        return NGHTTP2_ERR_DEFERRED;
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (end) {
        nghttp2_nv nv[RPC_MAX_TRAILERS];
        *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
        if (nghttp2_submit_trailer(h2, id, nv, rpc_call_trailers(st->call, nv)))
            return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    }
    return (ssize_t)n;
}

static void respond(void *session, int32_t stream_id, const nghttp2_nv *nv, size_t n, bool end_stream)
{
    struct net_session *s = session;
    nghttp2_data_provider body = {.source.ptr = nghttp2_session_get_stream_user_data(s->h2, stream_id),
                                  .read_callback = on_read};
    if (nghttp2_submit_response(s->h2, stream_id, nv, n, end_stream ? NULL : &body))
        (void)nghttp2_submit_rst_stream(s->h2, NGHTTP2_FLAG_NONE, stream_id, NGHTTP2_INTERNAL_ERROR);
    note_output(s);
}

static void output(void *session, int32_t stream_id)
{
    struct net_session *s = session;
    /* Fails when the stream's data is not deferred, which means it will be read anyway. */
    (void)nghttp2_session_resume_data(s->h2, stream_id);
    note_output(s);
}

static void reset(void *session, int32_t stream_id, uint32_t error_code)
{
    struct net_session *s = session;
    (void)nghttp2_submit_rst_stream(s->h2, NGHTTP2_FLAG_NONE, stream_id, error_code);
    note_output(s);
}

static void taken(void *session, int32_t stream_id, size_t n)
{
    struct net_session *s = session;
    (void)nghttp2_session_consume_stream(s->h2, stream_id, n);
    note_output(s);
}

static const struct rpc_transport transport = {.respond = respond, .output = output, .reset = reset, .taken = taken};

/* --- what arrives ------------------------------------------------------------------------------------------------------ */

static void earn(struct net_session *s, int amount)
{
    s->purse = s->purse + amount > PURSE ? PURSE : s->purse + amount;
}

/* Takes the price; false when the peer has lived beyond its means. */
static bool pay(struct net_session *s, int cost)
{
    s->purse -= cost;
    if (s->purse >= 0)
        return true;
    const struct clock *clock = rpc_server_clock(s->env->rpc);
    usec_t now = clock->monotonic(clock);
    usec_t pay_of_time = (now - s->purse_at) * PURSE_PER_SEC / USEC_PER_SEC;
    s->purse_at = now;
    earn(s, pay_of_time > PURSE ? PURSE : (int)pay_of_time);
    return s->purse >= 0;
}

static int on_begin_frame(nghttp2_session *h2, const nghttp2_frame_hd *hd, void *arg)
{
    struct net_session *s = arg;
    int cost = 0;
    switch (hd->type) {
    case NGHTTP2_HEADERS:

        earn(s, PURSE_PER_REQUEST);
        break;
    case NGHTTP2_DATA:
        cost = hd->length == 0 && !(hd->flags & NGHTTP2_FLAG_END_STREAM) ? COST_FRAME : 0;
        break;
    case NGHTTP2_RST_STREAM:
        cost = rpc_conn_is_trusted(s->conn) ? COST_FRAME : COST_RESET + PURSE_PER_REQUEST;
        break;
    default:
        cost = COST_FRAME;
    }
    if (cost > 0 && !s->bad && !pay(s, cost)) {
        s->bad = true;
        (void)nghttp2_session_terminate_session(h2, NGHTTP2_ENHANCE_YOUR_CALM);
    }
    return 0;
}

static int on_begin_headers(nghttp2_session *h2, const nghttp2_frame *frame, void *arg)
{
    struct net_session *s = arg;
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST)
        return 0;
    struct stream *st = malloc(sizeof *st);
    if (!st)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    st->call = rpc_call_create(s->conn, frame->hd.stream_id);
    if (!st->call) {
        free(st);
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    }
    st->prev = NULL;
    st->next = s->streams;
    if (st->next)
        st->next->prev = st;
    s->streams = st;
    s->open++;
    s->in_headers = true;
    (void)nghttp2_session_set_stream_user_data(h2, frame->hd.stream_id, st);
    return 0;
}

static int on_header(nghttp2_session *h2, const nghttp2_frame *frame, const uint8_t *name, size_t name_len,
                     const uint8_t *value, size_t value_len, uint8_t flags, void *arg)
{
    (void)flags;
    (void)arg;
    struct stream *st = nghttp2_session_get_stream_user_data(h2, frame->hd.stream_id);
    if (st && frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST)
        rpc_call_on_header(st->call, (const char *)name, name_len, (const char *)value, value_len);
    return 0;
}

static int on_frame_recv(nghttp2_session *h2, const nghttp2_frame *frame, void *arg)
{
    struct net_session *s = arg;
    if (frame->hd.type == NGHTTP2_SETTINGS && !(frame->hd.flags & NGHTTP2_FLAG_ACK))
        s->settings_seen = true;
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA)
        return 0;
    if (frame->hd.type == NGHTTP2_HEADERS)
        s->in_headers = false;
    struct stream *st = nghttp2_session_get_stream_user_data(h2, frame->hd.stream_id);
    if (!st)
        return 0;
    if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST)
        rpc_call_on_headers_end(st->call, rpc_conn_live_calls(s->conn) > 2 * s->max_streams);
    if (frame->hd.flags & NGHTTP2_FLAG_END_STREAM)
        rpc_call_on_half_close(st->call);
    return 0;
}

static int on_data_chunk(nghttp2_session *h2, uint8_t flags, int32_t id, const uint8_t *data, size_t len, void *arg)
{
    (void)flags;
    (void)arg;
    /* The connection's window is given back at once, so that a paused call does not hold up the others; the stream's window
     * and the cap on what a connection may have buffered bound the memory. */
    (void)nghttp2_session_consume_connection(h2, len);
    struct stream *st = nghttp2_session_get_stream_user_data(h2, id);
    if (st)
        rpc_call_on_data(st->call, data, len);
    return 0;
}

static int on_frame_send(nghttp2_session *h2, const nghttp2_frame *frame, void *arg)
{
    struct net_session *s = arg;
    if (frame->hd.type == NGHTTP2_DATA)
        earn(s, PURSE_PER_DATA_SENT);
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA)
        return 0;
    /* Answered before the client finished: without this it would go on sending what nobody reads. */
    if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) && nghttp2_session_get_stream_remote_close(h2, frame->hd.stream_id) == 0)
        (void)nghttp2_submit_rst_stream(h2, NGHTTP2_FLAG_NONE, frame->hd.stream_id, NGHTTP2_NO_ERROR);
    return 0;
}

static int on_send_data(nghttp2_session *h2, nghttp2_frame *frame, const uint8_t *framehd, size_t len,
                        nghttp2_data_source *source, void *arg)
{
    (void)h2;
    (void)frame;
    struct net_session *s = arg;
    struct stream *st = source->ptr;
    uint8_t *p = buf_reserve(s->out, FRAME_HEADER + len);
    if (!p)
        return NGHTTP2_ERR_WOULDBLOCK;
    memcpy(p, framehd, FRAME_HEADER);
    s->tell_writable |= rpc_call_read(st->call, p + FRAME_HEADER, len);
    buf_commit(s->out, FRAME_HEADER + len);
    return buf_len(s->out) < s->limit ? 0 : NGHTTP2_ERR_PAUSE;
}

static int on_stream_close(nghttp2_session *h2, int32_t id, uint32_t error_code, void *arg)
{
    (void)error_code;
    struct net_session *s = arg;
    struct stream *st = nghttp2_session_get_stream_user_data(h2, id);
    if (!st)
        return 0;
    rpc_call_on_closed(st->call);
    if (st->prev)
        st->prev->next = st->next;
    else
        s->streams = st->next;
    if (st->next)
        st->next->prev = st->prev;
    s->open--;
    st->next = s->dead;
    s->dead = st;
    return 0;
}

static void bury_dead(struct net_session *s)
{
    while (s->dead) {
        struct stream *st = s->dead;
        s->dead = st->next;
        rpc_call_unref(st->call, "stream");
        free(st);
    }
}

/* --- life -------------------------------------------------------------------------------------------------------------- */

struct net_session_env *net_session_env_create(struct rpc_server *rpc, unsigned max_streams)
{
    struct net_session_env *env = calloc(1, sizeof *env);
    if (!env)
        return NULL;
    env->rpc = rpc;
    env->max_streams = max_streams;
    if (nghttp2_session_callbacks_new(&env->callbacks) || nghttp2_option_new(&env->option)) {
        net_session_env_destroy(env);
        return NULL;
    }
    nghttp2_session_callbacks *cb = env->callbacks;
    nghttp2_session_callbacks_set_on_begin_frame_callback(cb, on_begin_frame);
    nghttp2_session_callbacks_set_on_begin_headers_callback(cb, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(cb, on_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(cb, on_frame_recv);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(cb, on_data_chunk);
    nghttp2_session_callbacks_set_on_frame_send_callback(cb, on_frame_send);
    nghttp2_session_callbacks_set_send_data_callback(cb, on_send_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(cb, on_stream_close);
    nghttp2_option_set_no_auto_window_update(env->option, 1);
    nghttp2_option_set_no_closed_streams(env->option, 1);
#ifdef WG_HAVE_STREAM_RESET_RATE_LIMIT
    /* nghttp2's own limit (33 a second) ends honest clients that cancel a lot; ours knows who has logged in, and the number
     * of calls under way bounds the work. */
    nghttp2_option_set_stream_reset_rate_limit(env->option, 100000, 100000);
#endif
    return env;
}

void net_session_env_destroy(struct net_session_env *env)
{
    if (!env)
        return;
    nghttp2_option_del(env->option);
    nghttp2_session_callbacks_del(env->callbacks);
    free(env);
}

struct net_session *net_session_create(struct net_session_env *env, const char *peer, void (*on_output)(void *arg), void *arg)
{
    struct net_session *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    const struct clock *clock = rpc_server_clock(env->rpc);
    s->env = env;
    s->on_output = on_output;
    s->arg = arg;
    s->max_streams = env->max_streams;
    s->purse = PURSE;
    s->purse_at = clock->monotonic(clock);
    s->conn = rpc_conn_create(env->rpc, &transport, s, peer);
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, env->max_streams},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, STREAM_WINDOW},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, GRPC_MAX_HEADERS},
    };
    if (!s->conn || nghttp2_session_server_new2(&s->h2, env->callbacks, s, env->option) ||
        nghttp2_submit_settings(s->h2, NGHTTP2_FLAG_NONE, settings, sizeof settings / sizeof settings[0]) ||
        nghttp2_session_set_local_window_size(s->h2, NGHTTP2_FLAG_NONE, 0, CONNECTION_WINDOW)) {
        net_session_destroy(s);
        return NULL;
    }
    return s;
}

void net_session_destroy(struct net_session *s)
{
    if (!s)
        return;
    /* Cancelled handlers may answer other calls of this session: those answers go into a session that is still whole. */
    s->busy = true;
    for (struct stream *st = s->streams; st; st = st->next)
        rpc_call_on_closed(st->call);
    rpc_conn_detach(s->conn);
    nghttp2_session_del(s->h2);
    bury_dead(s);
    s->dead = s->streams;
    bury_dead(s);
    free(s);
}

int net_session_recv(struct net_session *s, const uint8_t *data, size_t len)
{
    s->busy = true;
    ssize_t n = nghttp2_session_mem_recv(s->h2, data, len);
    bury_dead(s);
    s->busy = false;
    if (n >= 0)
        return 0;
    s->bad = true;
    return n == NGHTTP2_ERR_NOMEM ? ERR_NOMEM : ERR_PROTOCOL;
}

static void tell_writable(struct net_session *s)
{
    s->tell_writable = false;
    /* Streams are unlinked inside nghttp2 only, which does not run here. */
    for (struct stream *st = s->streams; st; st = st->next)
        rpc_call_tell_writable(st->call);
}

int net_session_send(struct net_session *s, struct buf *out, size_t limit)
{
    int rc = 0;
    s->busy = true;
    s->out = out;
    s->limit = limit;
    while (rc == 0 && buf_len(out) < limit) {
        const uint8_t *data;
        ssize_t n = nghttp2_session_mem_send(s->h2, &data);
        if (n < 0)
            rc = n == NGHTTP2_ERR_NOMEM ? ERR_NOMEM : ERR_PROTOCOL;
        else if (n > 0)
            rc = buf_append(out, data, (size_t)n);
        else if (s->tell_writable)
            tell_writable(s);
        else
            break;
    }
    s->out = NULL;
    bury_dead(s);
    s->busy = false;
    return rc;
}

bool net_session_wants_output(const struct net_session *s)
{
    return nghttp2_session_want_write(s->h2);
}

bool net_session_is_over(const struct net_session *s)
{
    return !nghttp2_session_want_read(s->h2) && !nghttp2_session_want_write(s->h2);
}

bool net_session_is_open(const struct net_session *s)
{
    return s->settings_seen;
}

bool net_session_is_in_headers(const struct net_session *s)
{
    return s->in_headers;
}

unsigned net_session_open_streams(const struct net_session *s)
{
    return s->open;
}

bool net_session_was_bad(const struct net_session *s)
{
    return s->bad;
}

void net_session_shutdown_notice(struct net_session *s)
{
    (void)nghttp2_submit_shutdown_notice(s->h2);
    note_output(s);
}

void net_session_goaway(struct net_session *s)
{
    (void)nghttp2_submit_goaway(s->h2, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(s->h2), NGHTTP2_NO_ERROR,
                                NULL, 0);
    note_output(s);
}

void net_session_terminate(struct net_session *s, uint32_t error_code)
{
    (void)nghttp2_session_terminate_session(s->h2, error_code);
    note_output(s);
}

void net_session_ping(struct net_session *s)
{
    (void)nghttp2_submit_ping(s->h2, NGHTTP2_FLAG_NONE, NULL);
    note_output(s);
}

void net_session_set_peer_key(struct net_session *s, const uint8_t key[32])
{
    rpc_conn_set_peer_key(s->conn, key);
}
