/* SPDX-License-Identifier: MIT */
#include "server/rpc/timerq.h"

#include <assert.h>
#include <stdlib.h>

struct timerq {
    struct event *event;
    const struct clock *clock;
    struct timerq_node **heap; /* heap[1..len], the earliest first */
    size_t len;
    size_t cap;
    usec_t armed_at; /* USEC_NONE: the event is not armed */
};

static void place(struct timerq *q, struct timerq_node *node, size_t pos)
{
    q->heap[pos] = node;
    node->_pos = pos;
}

static void sift_up(struct timerq *q, struct timerq_node *node, size_t pos)
{
    while (pos > 1 && q->heap[pos / 2]->_at > node->_at) {
        place(q, q->heap[pos / 2], pos);
        pos /= 2;
    }
    place(q, node, pos);
}

static void sift_down(struct timerq *q, struct timerq_node *node, size_t pos)
{
    for (;;) {
        size_t child = 2 * pos;
        if (child > q->len)
            break;
        if (child < q->len && q->heap[child + 1]->_at < q->heap[child]->_at)
            child++;
        if (q->heap[child]->_at >= node->_at)
            break;
        place(q, q->heap[child], pos);
        pos = child;
    }
    place(q, node, pos);
}

/* Arms the event for the earliest node, unless it is armed earlier: waking in vain is cheaper than arming for every call. */
static void arm(struct timerq *q)
{
    if (q->len == 0 || (q->armed_at != USEC_NONE && q->armed_at <= q->heap[1]->_at))
        return;
    usec_t wait = q->heap[1]->_at - q->clock->monotonic(q->clock);
    if (wait < 0)
        wait = 0;
    struct timeval tv = {.tv_sec = (time_t)(wait / USEC_PER_SEC), .tv_usec = (suseconds_t)(wait % USEC_PER_SEC)};
    if (event_add(q->event, &tv) == 0)
        q->armed_at = q->heap[1]->_at;
}

static void on_timeout(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct timerq *q = arg;
    q->armed_at = USEC_NONE;
    timerq_run(q);
}

struct timerq *timerq_create(struct event_base *base, const struct clock *clock)
{
    struct timerq *q = calloc(1, sizeof *q);
    if (!q)
        return NULL;
    q->clock = clock;
    q->armed_at = USEC_NONE;
    q->event = event_new(base, -1, 0, on_timeout, q);
    if (!q->event) {
        free(q);
        return NULL;
    }
    return q;
}

void timerq_destroy(struct timerq *q)
{
    if (!q)
        return;
    assert(q->len == 0);
    event_free(q->event);
    free(q->heap);
    free(q);
}

int timerq_set(struct timerq *q, struct timerq_node *node, usec_t at)
{
    timerq_clear(q, node);
    if (q->len + 2 > q->cap) {
        size_t cap = q->cap ? q->cap * 2 : 64;
        struct timerq_node **heap = realloc(q->heap, cap * sizeof *heap);
        if (!heap)
            return ERR_NOMEM;
        q->heap = heap;
        q->cap = cap;
    }
    node->_at = at;
    sift_up(q, node, ++q->len);
    arm(q);
    return 0;
}

void timerq_clear(struct timerq *q, struct timerq_node *node)
{
    if (node->_pos == 0)
        return;
    size_t pos = node->_pos;
    struct timerq_node *last = q->heap[q->len--];
    node->_pos = 0;
    if (last == node)
        return;
    if (pos > 1 && q->heap[pos / 2]->_at > last->_at)
        sift_up(q, last, pos);
    else
        sift_down(q, last, pos);
}

bool timerq_is_set(const struct timerq_node *node)
{
    return node->_pos != 0;
}

void timerq_run(struct timerq *q)
{
    usec_t now = q->clock->monotonic(q->clock);
    while (q->len > 0 && q->heap[1]->_at <= now) {
        struct timerq_node *node = q->heap[1];
        timerq_clear(q, node);
        node->fn(node);
    }
    arm(q);
}
