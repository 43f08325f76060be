/* SPDX-License-Identifier: MIT */
/* The case list; see case_list.h. */
#include "client/model/case_list.h"

#include <stdlib.h>
#include <string.h>

#include "client/model/request.h"

/* Events come in bursts: one refresh for those of this time. A list of several pages costs the server more, and nobody sees
 * the difference in a line far down. */
enum { SETTLE_MS = 300, SETTLE_LONG_MS = 3000 };

static void free_rows(Wangge__V1__Case **rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        model_free(rows[i]);
    free(rows);
}

static void drop_next(struct case_list *l)
{
    free_rows(l->_next, l->_n_next);
    l->_next = NULL;
    l->_n_next = 0;
}

static void ask(struct case_list *l, const char *token);

static bool take_page(struct case_list *l, const Wangge__V1__ListCasesResponse *resp)
{
    Wangge__V1__Case **grown = realloc(l->_next, (l->_n_next + resp->n_cases + 1) * sizeof *grown);
    if (!grown)
        return false;
    l->_next = grown;
    for (size_t i = 0; i < resp->n_cases; i++) {
        ProtobufCMessage *copy = model_copy(&resp->cases[i]->base);
        if (!copy)
            return false;
        l->_next[l->_n_next++] = (Wangge__V1__Case *)copy;
    }
    return true;
}

static void on_page(void *arg, const ProtobufCMessage *msg, struct reply *r)
{
    struct case_list *l = arg;
    const Wangge__V1__ListCasesResponse *resp = (const Wangge__V1__ListCasesResponse *)msg;
    if (resp && !take_page(l, resp))
        err_set(&r->err, ERR_NOMEM, "out of memory");
    if (r->err.code != 0) {
        drop_next(l);
        model_status_fail(&l->status, &r->err);
        l->_changed(l->_arg);
        return;
    }
    if (resp->total_up_to_10000 > 0)
        l->_next_total = resp->total_up_to_10000;
    if (resp->next_page_token[0] && l->_n_next < CASE_LIST_MAX) {
        ask(l, resp->next_page_token);
        return;
    }
    free_rows(l->rows, l->n);
    l->rows = l->_next;
    l->n = l->_n_next;
    l->_next = NULL;
    l->_n_next = 0;
    l->total = l->_next_total > (int)l->n ? l->_next_total : (int)l->n;
    model_status_done(&l->status, l->_env->clock->now(l->_env->clock));
    if (l->_again) {
        l->_again = false;
        case_list_refresh(l);
    }
    l->_changed(l->_arg);
}

static void ask(struct case_list *l, const char *token)
{
    Wangge__V1__CaseFilter filter = WANGGE__V1__CASE_FILTER__INIT;
    Wangge__V1__ListCasesRequest req = WANGGE__V1__LIST_CASES_REQUEST__INIT;
    filter.my_work = l->my_work && !l->text[0];
    filter.open_only = !l->my_work && !l->text[0];
    filter.text = l->text;
    req.filter = &filter;
    req.page_size = CASE_LIST_PAGE;
    req.page_token = (char *)token;
    req.order = WANGGE__V1__CASE_ORDER__CASE_ORDER_DUE_ASC;
    if (request_start(l->_env, &methods_list_cases, &req.base, on_page, l, &l->_call) != 0) {
        struct err e;
        err_set(&e, ERR_NOMEM, "out of memory");
        drop_next(l);
        model_status_fail(&l->status, &e);
    }
}

void case_list_refresh(struct case_list *l)
{
    request_drop(&l->_call);
    drop_next(l);
    l->_next_total = 0;
    l->_again = false;
    model_status_begin(&l->status);
    ask(l, "");
}

void case_list_cancel(struct case_list *l)
{
    if (!l->_call)
        return;
    request_drop(&l->_call);
    drop_next(l);
    l->status.busy = false;
    if (l->status.state == MODEL_LOADING)
        l->status.state = MODEL_IDLE;
}

static void on_settled(evutil_socket_t fd, short what, void *arg)
{
    struct case_list *l = arg;
    if (l->_call)
        l->_again = true; /* what is being read may be older than the event */
    else
        case_list_refresh(l);
}

static void on_event(void *arg, const Wangge__V1__CaseEvent *event)
{
    struct case_list *l = arg;
    int wait = l->n > CASE_LIST_PAGE ? SETTLE_LONG_MS : SETTLE_MS;
    if (l->status.state != MODEL_IDLE && !event_pending(l->_soon, EV_TIMEOUT, NULL))
        event_add(l->_soon, &(struct timeval){.tv_sec = wait / 1000, .tv_usec = wait % 1000 * 1000});
}

int case_list_init(struct case_list *l, const struct model_env *env, struct feed *feed, model_changed_fn changed, void *arg)
{
    memset(l, 0, sizeof *l);
    model_status_init(&l->status);
    l->_env = env;
    l->_changed = changed;
    l->_arg = arg;
    l->_soon = evtimer_new(env->base, on_settled, l);
    if (!l->_soon)
        return ERR_NOMEM;
    if (feed && feed_listen(feed, on_event, l))
        l->_feed = feed;
    return 0;
}

void case_list_fini(struct case_list *l)
{
    if (!l->_env)
        return;
    if (l->_feed)
        feed_unlisten(l->_feed, on_event, l);
    request_drop(&l->_call);
    if (l->_soon)
        event_free(l->_soon);
    drop_next(l);
    free_rows(l->rows, l->n);
    memset(l, 0, sizeof *l);
}
