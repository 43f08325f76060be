/* SPDX-License-Identifier: MIT */
#include "server/metrics.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <event2/http.h>

/* Upper bounds of the latency histogram, in microseconds. */
static const usec_t bounds[] = {250,   500,    1000,   2500,   5000,    10000,   25000,
                                50000, 100000, 250000, 500000, 1000000, 2500000, 10000000};
enum { N_BOUNDS = sizeof(bounds) / sizeof(bounds[0]) };

struct series {
    const char *path;
    uint64_t by_status[METRICS_STATUS_COUNT];
    uint64_t buckets[N_BOUNDS + 1];
    uint64_t sum_us;
    uint64_t bytes_in, bytes_out;
};

struct metrics {
    struct evhttp *http;
    void (*write)(void *arg, struct evbuffer *out);
    void *arg;
    size_t n; /* the last one is for what is none of our methods */
    struct series series[];
};

const char *metrics_status_name(int status)
{
    static const char *const names[METRICS_STATUS_COUNT] = {
        "OK",        "CANCELLED",       "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
        "NOT_FOUND", "ALREADY_EXISTS",  "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
        "ABORTED",   "OUT_OF_RANGE",    "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
        "DATA_LOSS", "UNAUTHENTICATED",
    };
    return status >= 0 && status < METRICS_STATUS_COUNT ? names[status] : "?";
}

struct metrics *metrics_create(const struct rpc_method *methods, struct err *e)
{
    struct metrics *m;
    size_t n = 0;

    while (methods[n].path)
        n++;
    m = calloc(1, sizeof(*m) + (n + 1) * sizeof(m->series[0]));
    if (!m) {
        err_set(e, ERR_NOMEM, "Out of memory.");
        return NULL;
    }
    for (size_t i = 0; i < n; i++)
        m->series[i].path = methods[i].path;
    m->series[n].path = "other";
    m->n = n + 1;
    return m;
}

void metrics_destroy(struct metrics *m)
{
    if (!m)
        return;
    if (m->http)
        evhttp_free(m->http);
    free(m);
}

void metrics_record(struct metrics *m, const struct rpc_record *r)
{
    struct series *s = &m->series[m->n - 1];
    size_t b = 0;

    for (size_t i = 0; i + 1 < m->n; i++) {
        if (strcmp(m->series[i].path, r->method) == 0) {
            s = &m->series[i];
            break;
        }
    }
    if (r->status >= 0 && r->status < METRICS_STATUS_COUNT)
        s->by_status[r->status]++;
    while (b < N_BOUNDS && r->duration_us > bounds[b])
        b++;
    s->buckets[b]++;
    s->sum_us += (uint64_t)(r->duration_us > 0 ? r->duration_us : 0);
    s->bytes_in += r->bytes_in;
    s->bytes_out += r->bytes_out;
}

void metrics_write_value(struct evbuffer *out, const char *name, const char *type, const char *help, double value)
{
    evbuffer_add_printf(out, "# HELP %s %s\n# TYPE %s %s\n%s %.17g\n", name, help, name, type, name, value);
}

static uint64_t series_count(const struct series *s)
{
    uint64_t n = 0;
    for (size_t b = 0; b <= N_BOUNDS; b++)
        n += s->buckets[b];
    return n;
}

void metrics_write_calls(const struct metrics *m, struct evbuffer *out)
{
    evbuffer_add_printf(out, "# HELP wangge_calls_total Calls answered.\n# TYPE wangge_calls_total counter\n");
    for (size_t i = 0; i < m->n; i++)
        for (int st = 0; st < METRICS_STATUS_COUNT; st++)
            if (m->series[i].by_status[st])
                evbuffer_add_printf(out, "wangge_calls_total{method=\"%s\",status=\"%s\"} %" PRIu64 "\n", m->series[i].path,
                                    metrics_status_name(st), m->series[i].by_status[st]);
    evbuffer_add_printf(out, "# HELP wangge_call_seconds Time from a call's headers to its answer.\n"
                             "# TYPE wangge_call_seconds histogram\n");
    for (size_t i = 0; i < m->n; i++) {
        const struct series *s = &m->series[i];
        uint64_t below = 0;
        if (!series_count(s))
            continue;
        for (size_t b = 0; b < N_BOUNDS; b++) {
            below += s->buckets[b];
            evbuffer_add_printf(out, "wangge_call_seconds_bucket{method=\"%s\",le=\"%g\"} %" PRIu64 "\n", s->path,
                                (double)bounds[b] / 1e6, below);
        }
        evbuffer_add_printf(out, "wangge_call_seconds_bucket{method=\"%s\",le=\"+Inf\"} %" PRIu64 "\n", s->path,
                            series_count(s));
        evbuffer_add_printf(out, "wangge_call_seconds_sum{method=\"%s\"} %.6f\n", s->path, (double)s->sum_us / 1e6);
        evbuffer_add_printf(out, "wangge_call_seconds_count{method=\"%s\"} %" PRIu64 "\n", s->path, series_count(s));
    }
    evbuffer_add_printf(out, "# HELP wangge_call_bytes_total Bytes of messages.\n# TYPE wangge_call_bytes_total counter\n");
    for (size_t i = 0; i < m->n; i++) {
        const struct series *s = &m->series[i];
        if (!series_count(s))
            continue;
        evbuffer_add_printf(out, "wangge_call_bytes_total{method=\"%s\",direction=\"in\"} %" PRIu64 "\n", s->path, s->bytes_in);
        evbuffer_add_printf(out, "wangge_call_bytes_total{method=\"%s\",direction=\"out\"} %" PRIu64 "\n", s->path,
                            s->bytes_out);
    }
}

static void on_metrics(struct evhttp_request *req, void *arg)
{
    struct metrics *m = arg;
    struct evbuffer *out = evbuffer_new();

    if (!out) {
        evhttp_send_error(req, HTTP_INTERNAL, "Out of memory");
        return;
    }
    metrics_write_calls(m, out);
    m->write(m->arg, out);
    evhttp_add_header(evhttp_request_get_output_headers(req), "Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    evhttp_send_reply(req, HTTP_OK, "OK", out);
    evbuffer_free(out);
}

static uint16_t port_of(evutil_socket_t fd)
{
    struct sockaddr_storage ss = {0};
    socklen_t len = sizeof(ss);

    if (getsockname(fd, (struct sockaddr *)&ss, &len))
        return 0;
    return ntohs(ss.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&ss)->sin6_port : ((struct sockaddr_in *)&ss)->sin_port);
}

int metrics_serve(struct metrics *m, struct event_base *base, const char *host, uint16_t port,
                  void (*write)(void *arg, struct evbuffer *out), void *arg, uint16_t *ret_port, struct err *e)
{
    struct evhttp_bound_socket *bound;

    m->write = write;
    m->arg = arg;
    m->http = evhttp_new(base);
    if (!m->http)
        return err_set(e, ERR_NOMEM, "Out of memory.");
    evhttp_set_allowed_methods(m->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
    evhttp_set_max_headers_size(m->http, 16 * 1024);
    evhttp_set_max_body_size(m->http, 0);
    evhttp_set_timeout(m->http, 10);
    if (evhttp_set_cb(m->http, "/metrics", on_metrics, m))
        return err_set(e, ERR_NOMEM, "Out of memory.");
    bound = evhttp_bind_socket_with_handle(m->http, host, port);
    if (!bound)
        return err_set(e, ERR_IO, "The address %s:%u for metrics is taken; choose another one in the key metrics.", host,
                       (unsigned)port);
    if (ret_port)
        *ret_port = port_of(evhttp_bound_socket_get_fd(bound));
    return 0;
}
