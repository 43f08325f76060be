/* SPDX-License-Identifier: MIT */
/*
 * One nghttp2 client session and its streams. A stream is freed only after nghttp2 closed it, and not inside nghttp2's
 * callback: it is unlinked there and freed when grpc_client_recv or grpc_client_pull is about to return.
 */
#include "common/h2/grpc_client.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/base64.h"
#include "common/base/text.h"
#include "common/h2/deframe.h"

enum {
    STREAM_WINDOW = 1024 * 1024,
    CONNECTION_WINDOW = 4 * 1024 * 1024,
    MAX_QUEUED = 8 * 1024 * 1024,
    PULL_CHUNK = 64 * 1024,
    MAX_DETAILS = 16 * 1024,
};

struct grpc_stream {
    struct grpc_client *client;
    struct grpc_stream *next, **link; /* in client->streams; next alone in client->dead */
    const struct grpc_stream_events *events;
    void *arg;
    int32_t id;
    struct grpc_deframer deframer;
    struct buf out; /* prefixed messages not yet in frames */
    bool half_closed;
    bool above_watermark;
    bool notify_writable;
    bool headers_sent;
    bool got_headers; /* the first response header block is complete */
    bool over;        /* on_end was called, or cancelled: no more callbacks */
    bool not_grpc;    /* the response has no gRPC content type */
    int http_status;
    int grpc_status; /* -1 until seen */
    char message[1024];
    uint8_t *details;
    size_t details_len;
};

struct grpc_client {
    nghttp2_session *session;
    struct grpc_client_events events;
    void *arg;
    size_t max_message;
    struct grpc_stream *streams;
    struct grpc_stream *dead;
    unsigned open;
    bool ready, goaway, broken;
};

static void note_output(struct grpc_client *c)
{
    if (c->events.on_output)
        c->events.on_output(c->arg);
}

static void stream_unlink(struct grpc_stream *s)
{
    *s->link = s->next;
    if (s->next)
        s->next->link = s->link;
    s->client->open--;
}

static void stream_free(struct grpc_stream *s)
{
    grpc_deframer_fini(&s->deframer);
    buf_fini(&s->out);
    free(s->details);
    free(s);
}

static void bury_dead(struct grpc_client *c)
{
    while (c->dead) {
        struct grpc_stream *s = c->dead;
        c->dead = s->next;
        stream_free(s);
    }
}

static void stream_end(struct grpc_stream *s, const struct grpc_end *end)
{
    if (s->over)
        return;
    s->over = true;
    s->events->on_end(s->arg, end);
}

/* The response is complete or the stream is gone: tell what the server said, or what its absence means. */
static void stream_finish(struct grpc_stream *s, uint32_t error_code)
{
    struct grpc_end end = {.message = s->message, .details = s->details, .details_len = s->details_len};
    if (s->grpc_status >= 0) {
        end.status = s->grpc_status;
        end.from_server = true;
        if (end.status == GRPC_OK && !grpc_deframer_is_between(&s->deframer)) {
            end.status = GRPC_INTERNAL;
            end.message = "The server's answer ended in the middle of a message.";
        }
    } else if (s->got_headers && s->http_status != 200) {
        (void)snprintf(s->message, sizeof s->message, "The server answered with HTTP status %d.", s->http_status);
        end.status = grpc_status_from_http(s->http_status);
    } else if (s->got_headers && s->not_grpc) {
        end.status = GRPC_UNKNOWN;
        end.message = "The server does not speak gRPC.";
    } else {
        end.status = grpc_status_from_h2_error(error_code);
        end.never_sent = !s->headers_sent || error_code == NGHTTP2_REFUSED_STREAM;
        (void)snprintf(s->message, sizeof s->message, "The server ended the stream without a status (HTTP/2: %s).",
                       nghttp2_http2_strerror(error_code));
    }
    stream_end(s, &end);
}

static void stream_fail(struct grpc_stream *s, int status, const char *message, uint32_t error_code)
{
    struct grpc_end end = {.status = status, .message = message};
    stream_end(s, &end);
    (void)nghttp2_submit_rst_stream(s->client->session, NGHTTP2_FLAG_NONE, s->id, error_code);
    note_output(s->client);
}

static struct grpc_stream *stream_of(nghttp2_session *session, int32_t id)
{
    return nghttp2_session_get_stream_user_data(session, id);
}

static bool name_is(const uint8_t *name, size_t len, const char *want)
{
    return len == strlen(want) && memcmp(name, want, len) == 0;
}

static void take_details(struct grpc_stream *s, const uint8_t *value, size_t len)
{
    if (s->details || len > MAX_DETAILS)
        return;
    s->details = malloc(len + 3);
    if (s->details && base64_decode((const char *)value, len, s->details, &s->details_len)) {
        free(s->details);
        s->details = NULL;
        s->details_len = 0;
    }
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_len,
                     const uint8_t *value, size_t value_len, uint8_t flags, void *arg)
{
    (void)flags;
    (void)arg;
    struct grpc_stream *s = stream_of(session, frame->hd.stream_id);
    if (!s || s->over || frame->hd.type != NGHTTP2_HEADERS)
        return 0;
    int64_t n;
    struct err e;
    if (name_is(name, name_len, ":status")) {
        /* An informational response (1xx) is followed by the real one, which overwrites it. */
        s->http_status = text_to_i64((const char *)value, 100, 999, &n) == 0 ? (int)n : 0;
    } else if (name_is(name, name_len, "content-type")) {
        s->not_grpc = !grpc_is_content_type((const char *)value, value_len);
    } else if (name_is(name, name_len, "grpc-encoding")) {
        if (grpc_deframer_set_encoding(&s->deframer, (const char *)value, value_len, &e))
            stream_fail(s, GRPC_INTERNAL, "The server uses a message encoding that was not offered.", NGHTTP2_CANCEL);
    } else if (name_is(name, name_len, "grpc-status")) {
        s->grpc_status = text_to_i64((const char *)value, 0, 1000, &n) == 0 ? (int)n : GRPC_UNKNOWN;
    } else if (name_is(name, name_len, "grpc-message")) {
        grpc_message_decode((const char *)value, value_len, s->message, sizeof s->message);
    } else if (name_is(name, name_len, "grpc-status-details-bin")) {
        take_details(s, value, value_len);
    } else if (name_len > 0 && name[0] != ':' && s->events->on_header) {
        s->events->on_header(s->arg, (const char *)name, (const char *)value, s->got_headers);
    }
    return 0;
}

static int on_frame_recv(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    struct grpc_client *c = arg;
    switch (frame->hd.type) {
    case NGHTTP2_SETTINGS:
        if (!(frame->hd.flags & NGHTTP2_FLAG_ACK) && !c->ready) {
            c->ready = true;
            if (c->events.on_ready)
                c->events.on_ready(c->arg);
        }
        return 0;
    case NGHTTP2_PING:
        if ((frame->hd.flags & NGHTTP2_FLAG_ACK) && c->events.on_pong)
            c->events.on_pong(c->arg);
        return 0;
    case NGHTTP2_GOAWAY: {
        char debug[128] = "";
        size_t n = frame->goaway.opaque_data_len < sizeof debug - 1 ? frame->goaway.opaque_data_len : sizeof debug - 1;
        if (n > 0)
            grpc_message_decode((const char *)frame->goaway.opaque_data, n, debug, sizeof debug);
        c->goaway = true;
        if (c->events.on_goaway)
            c->events.on_goaway(c->arg, frame->goaway.error_code, debug);
        return 0;
    }
    default:
        break;
    }
    struct grpc_stream *s = frame->hd.stream_id > 0 ? stream_of(session, frame->hd.stream_id) : NULL;
    if (!s)
        return 0;
    if (frame->hd.type == NGHTTP2_HEADERS && s->http_status >= 200)
        s->got_headers = true;
    if ((frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA) && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM)) {
        stream_finish(s, NGHTTP2_NO_ERROR);
        /* The server answered before this side had said everything: the rest is of no use to it. */
        if (!nghttp2_session_get_stream_local_close(session, s->id)) {
            (void)nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, s->id, NGHTTP2_CANCEL);
            note_output(c);
        }
    }
    return 0;
}

static int on_data_chunk(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *data, size_t len, void *arg)
{
    (void)flags;
    (void)arg;
    struct grpc_stream *s = stream_of(session, id);
    if (!s || s->not_grpc || s->http_status != 200)
        return 0;
    while (len > 0 && !s->over) {
        const uint8_t *msg;
        size_t msg_len;
        struct err e = {0};
        int rc = grpc_deframer_next(&s->deframer, &data, &len, &msg, &msg_len, &e);
        if (rc < 0)
            stream_fail(s, rc == ERR_EXHAUSTED ? GRPC_RESOURCE_EXHAUSTED : GRPC_INTERNAL, e.text, NGHTTP2_CANCEL);
        else if (rc > 0)
            s->events->on_message(s->arg, msg, msg_len);
    }
    return 0;
}

static int on_frame_send(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    (void)arg;
    if (frame->hd.type == NGHTTP2_HEADERS) {
        struct grpc_stream *s = stream_of(session, frame->hd.stream_id);
        if (s)
            s->headers_sent = true;
    }
    return 0;
}

static int on_stream_close(nghttp2_session *session, int32_t id, uint32_t error_code, void *arg)
{
    struct grpc_client *c = arg;
    struct grpc_stream *s = stream_of(session, id);
    if (!s)
        return 0;
    stream_finish(s, error_code);
    stream_unlink(s);
    s->next = c->dead;
    c->dead = s;
    return 0;
}

static ssize_t read_out(nghttp2_session *session, int32_t id, uint8_t *buf, size_t cap, uint32_t *flags,
                        nghttp2_data_source *source, void *arg)
{
    (void)session;
    (void)id;
    (void)arg;
    struct grpc_stream *s = source->ptr;
    size_t n = buf_len(&s->out) < cap ? buf_len(&s->out) : cap;
    memcpy(buf, buf_data(&s->out), n);
    buf_consume(&s->out, n);
    if (buf_len(&s->out) == 0) {
        buf_fini(&s->out);
        if (s->half_closed)
            *flags |= NGHTTP2_DATA_FLAG_EOF;
        else if (n == 0)
            return NGHTTP2_ERR_DEFERRED;
    }
    if (s->above_watermark && buf_len(&s->out) <= GRPC_SEND_WATERMARK / 2) {
        s->above_watermark = false;
        s->notify_writable = true;
    }
    return (ssize_t)n;
}

static int session_create(struct grpc_client *c)
{
    nghttp2_session_callbacks *cb = NULL;
    nghttp2_option *opt = NULL;
    int rc = ERR_NOMEM;
    if (nghttp2_session_callbacks_new(&cb) || nghttp2_option_new(&opt))
        goto out;
    nghttp2_session_callbacks_set_on_header_callback(cb, on_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(cb, on_frame_recv);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(cb, on_data_chunk);
    nghttp2_session_callbacks_set_on_frame_send_callback(cb, on_frame_send);
    nghttp2_session_callbacks_set_on_stream_close_callback(cb, on_stream_close);
    nghttp2_option_set_no_closed_streams(opt, 1);
    if (nghttp2_session_client_new2(&c->session, cb, c, opt))
        goto out;
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, STREAM_WINDOW},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, GRPC_MAX_HEADERS},
    };
    if (nghttp2_submit_settings(c->session, NGHTTP2_FLAG_NONE, settings, sizeof settings / sizeof settings[0]) ||
        nghttp2_session_set_local_window_size(c->session, NGHTTP2_FLAG_NONE, 0, CONNECTION_WINDOW))
        goto out;
    rc = 0;
out:
    nghttp2_option_del(opt);
    nghttp2_session_callbacks_del(cb);
    return rc;
}

struct grpc_client *grpc_client_create(const struct grpc_client_events *events, void *arg, size_t max_message, struct err *e)
{
    struct grpc_client *c = calloc(1, sizeof *c);
    if (c) {
        c->events = *events;
        c->arg = arg;
        c->max_message = max_message ? max_message : GRPC_MAX_MESSAGE;
        if (session_create(c) == 0)
            return c;
    }
    grpc_client_destroy(c);
    (void)err_set(e, ERR_NOMEM, "There is not enough memory for a connection.");
    return NULL;
}

void grpc_client_destroy(struct grpc_client *c)
{
    if (!c)
        return;
    nghttp2_session_del(c->session);
    bury_dead(c);
    while (c->streams) {
        struct grpc_stream *s = c->streams;
        stream_unlink(s);
        stream_free(s);
    }
    free(c);
}

void grpc_client_close(struct grpc_client *c, int status, const char *why)
{
    c->broken = true;
    for (struct grpc_stream *s = c->streams, *next; s; s = next) {
        /* Nothing unlinks a stream here: that takes nghttp2, which is no longer called. */
        next = s->next;
        struct grpc_end end = {.status = status, .message = why, .never_sent = !s->headers_sent};
        stream_end(s, &end);
    }
}

int grpc_client_recv(struct grpc_client *c, const uint8_t *data, size_t len, struct err *e)
{
    if (c->broken)
        return err_set(e, ERR_PROTOCOL, "The connection is closed.");
    ssize_t n = nghttp2_session_mem_recv(c->session, data, len);
    bury_dead(c);
    if (n < 0) {
        c->broken = true;
        err_set(e, ERR_PROTOCOL, "The server broke the HTTP/2 protocol.");
        err_detail(e, "%s", nghttp2_strerror((int)n));
        return ERR_PROTOCOL;
    }
    if (nghttp2_session_want_write(c->session))
        note_output(c);
    return 0;
}

static void tell_writable(struct grpc_client *c)
{
    for (struct grpc_stream *s = c->streams; s; s = s->next) {
        if (s->notify_writable && !s->over) {
            s->notify_writable = false;
            if (s->events->on_writable)
                s->events->on_writable(s->arg);
        }
    }
}

int grpc_client_pull(struct grpc_client *c, struct buf *out, struct err *e)
{
    size_t start = buf_len(out);
    int rc = 0;
    while (rc == 0 && buf_len(out) - start < PULL_CHUNK) {
        const uint8_t *data;
        ssize_t n = nghttp2_session_mem_send(c->session, &data);
        if (n == 0)
            break;
        if (n < 0)
            rc = err_set(e, n == NGHTTP2_ERR_NOMEM ? ERR_NOMEM : ERR_PROTOCOL, "The connection cannot send any more.");
        else if (buf_append(out, data, (size_t)n))
            rc = err_set(e, ERR_NOMEM, "There is not enough memory to send.");
    }
    if (rc)
        c->broken = true;
    bury_dead(c);
    if (!c->broken)
        tell_writable(c);
    return rc;
}

bool grpc_client_has_output(const struct grpc_client *c)
{
    return nghttp2_session_want_write(c->session);
}

bool grpc_client_is_usable(const struct grpc_client *c)
{
    return !c->goaway && !c->broken && nghttp2_session_check_request_allowed(c->session);
}

bool grpc_client_is_finished(const struct grpc_client *c)
{
    return c->broken || (!nghttp2_session_want_read(c->session) && !nghttp2_session_want_write(c->session));
}

bool grpc_client_is_ready(const struct grpc_client *c)
{
    return c->ready;
}

unsigned grpc_client_open_streams(const struct grpc_client *c)
{
    return c->open;
}

uint32_t grpc_client_max_streams(const struct grpc_client *c)
{
    return nghttp2_session_get_remote_settings(c->session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
}

int grpc_client_ping(struct grpc_client *c)
{
    if (c->broken || nghttp2_submit_ping(c->session, NGHTTP2_FLAG_NONE, NULL))
        return ERR_UNAVAILABLE;
    note_output(c);
    return 0;
}

enum { FIXED_HEADERS = 8 };

static size_t build_headers(const struct grpc_request *req, char timeout[16], nghttp2_nv *nv)
{
    size_t n = 0;
    nv[n++] = grpc_nv(":method", "POST");
    nv[n++] = grpc_nv(":scheme", req->scheme);
    nv[n++] = grpc_nv(":path", req->path);
    nv[n++] = grpc_nv(":authority", req->authority);
    nv[n++] = grpc_nv("te", "trailers");
    nv[n++] = grpc_nv("content-type", "application/grpc");
    nv[n++] = grpc_nv("grpc-accept-encoding", "identity,gzip");
    if (req->timeout_us != USEC_NONE) {
        grpc_timeout_format(req->timeout_us, timeout);
        nv[n++] = grpc_nv_once("grpc-timeout", timeout);
    }
    assert(n <= FIXED_HEADERS && req->n_metadata <= GRPC_CLIENT_MAX_METADATA);
    for (size_t i = 0; i < req->n_metadata && i < GRPC_CLIENT_MAX_METADATA; i++)
        nv[n++] = grpc_nv(req->metadata[i].name, req->metadata[i].value);
    return n;
}

int grpc_client_start(struct grpc_client *c, const struct grpc_request *req, const struct grpc_stream_events *events, void *arg,
                      struct grpc_stream **ret, struct err *e)
{
    if (!grpc_client_is_usable(c))
        return err_set(e, ERR_UNAVAILABLE, "The connection takes no more calls.");
    struct grpc_stream *s = calloc(1, sizeof *s);
    if (!s)
        return err_set(e, ERR_NOMEM, "There is not enough memory for a call.");
    s->client = c;
    s->events = events;
    s->arg = arg;
    s->grpc_status = -1;
    s->not_grpc = true; /* until the content type says otherwise */
    buf_init(&s->out, MAX_QUEUED);
    grpc_deframer_init(&s->deframer, c->max_message);

    nghttp2_nv nv[FIXED_HEADERS + GRPC_CLIENT_MAX_METADATA];
    char timeout[16];
    size_t n = build_headers(req, timeout, nv);
    nghttp2_data_provider body = {.source.ptr = s, .read_callback = read_out};
    int32_t id = nghttp2_submit_request(c->session, NULL, nv, n, &body, s);
    if (id < 0) {
        stream_free(s);
        return err_set(e, id == NGHTTP2_ERR_NOMEM ? ERR_NOMEM : ERR_UNAVAILABLE, "The connection takes no more calls.");
    }
    s->id = id;
    s->next = c->streams;
    s->link = &c->streams;
    if (s->next)
        s->next->link = &s->next;
    c->streams = s;
    c->open++;
    note_output(c);
    *ret = s;
    return 0;
}

static void resume_output(struct grpc_stream *s)
{
    /* Fails when the stream's data is not deferred, which means it will be read anyway. */
    (void)nghttp2_session_resume_data(s->client->session, s->id);
    note_output(s->client);
}

int grpc_stream_send(struct grpc_stream *s, const void *msg, size_t len, bool *ret_room)
{
    assert(!s->half_closed);
    *ret_room = true;
    if (s->over)
        return 0;
    uint8_t prefix[GRPC_PREFIX_LEN];
    if (len > MAX_QUEUED - GRPC_PREFIX_LEN)
        return ERR_EXHAUSTED;
    uint8_t *p = buf_reserve(&s->out, GRPC_PREFIX_LEN + len);
    if (!p)
        return buf_len(&s->out) + len > MAX_QUEUED - GRPC_PREFIX_LEN ? ERR_EXHAUSTED : ERR_NOMEM;
    grpc_prefix_put(prefix, false, len);
    memcpy(p, prefix, sizeof prefix);
    if (len)
        memcpy(p + sizeof prefix, msg, len);
    buf_commit(&s->out, sizeof prefix + len);
    if (buf_len(&s->out) > GRPC_SEND_WATERMARK) {
        s->above_watermark = true;
        *ret_room = false;
    }
    resume_output(s);
    return 0;
}

void grpc_stream_half_close(struct grpc_stream *s)
{
    s->half_closed = true;
    if (!s->over)
        resume_output(s);
}

void grpc_stream_cancel(struct grpc_stream *s)
{
    if (s->over)
        return;
    s->over = true;
    if (!s->client->broken) {
        (void)nghttp2_submit_rst_stream(s->client->session, NGHTTP2_FLAG_NONE, s->id, NGHTTP2_CANCEL);
        note_output(s->client);
    }
}
