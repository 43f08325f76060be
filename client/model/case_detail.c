/* SPDX-License-Identifier: MIT */
/* One case; see case_detail.h. */
#include "client/model/case_detail.h"

#include <stdlib.h>
#include <string.h>

#include "client/model/request.h"
#include "common/base/text.h"

static void forget(struct case_detail *d)
{
    request_drop(&d->_get);
    request_drop(&d->_list);
    model_free(d->c);
    d->c = NULL;
    for (size_t i = 0; i < d->n_events; i++)
        model_free(d->events[i]);
    free(d->events);
    d->events = NULL;
    d->n_events = 0;
    model_status_init(&d->status);
}

static void settle(struct case_detail *d, const struct reply *r)
{
    if (r->err.code != 0)
        model_status_fail(&d->status, &r->err);
    else if (!d->_get && !d->_list && d->status.busy)
        model_status_done(&d->status, d->_env->clock->now(d->_env->clock));
    d->_changed(d->_arg);
}

static void ask_events(struct case_detail *d);

static void on_case(void *arg, const ProtobufCMessage *msg, struct reply *r)
{
    struct case_detail *d = arg;
    const Wangge__V1__GetCaseResponse *resp = (const Wangge__V1__GetCaseResponse *)msg;
    ProtobufCMessage *copy = resp && resp->case_ ? model_copy(&resp->case_->base) : NULL;
    if (copy) {
        model_free(d->c);
        d->c = (Wangge__V1__Case *)copy;
        if (!d->case_id[0]) {
            text_copy(d->case_id, sizeof d->case_id, d->c->case_id);
            ask_events(d);
        }
    }
    settle(d, r);
}

static int64_t last_version(const struct case_detail *d)
{
    return d->n_events ? d->events[d->n_events - 1]->version : 0;
}

static void on_events(void *arg, const ProtobufCMessage *msg, struct reply *r)
{
    struct case_detail *d = arg;
    const Wangge__V1__ListCaseEventsResponse *resp = (const Wangge__V1__ListCaseEventsResponse *)msg;
    bool more = false;
    if (resp && resp->n_events) {
        Wangge__V1__CaseEvent **grown = realloc(d->events, (d->n_events + resp->n_events) * sizeof *grown);
        if (grown) {
            d->events = grown;
            for (size_t i = 0; i < resp->n_events && d->n_events < CASE_DETAIL_EVENTS_MAX; i++) {
                ProtobufCMessage *copy = resp->events[i]->version > last_version(d) ? model_copy(&resp->events[i]->base) : NULL;
                if (copy)
                    d->events[d->n_events++] = (Wangge__V1__CaseEvent *)copy;
            }
            more = resp->n_events >= 1000 && d->n_events < CASE_DETAIL_EVENTS_MAX;
        }
    }
    if (more)
        ask_events(d);
    settle(d, r);
}

static void ask_events(struct case_detail *d)
{
    Wangge__V1__ListCaseEventsRequest req = WANGGE__V1__LIST_CASE_EVENTS_REQUEST__INIT;
    req.case_id = d->case_id;
    req.after_version = last_version(d);
    if (request_start(d->_env, &methods_list_case_events, &req.base, on_events, d, &d->_list) != 0)
        err_set(&d->status.why, ERR_NOMEM, "out of memory");
}

void case_detail_refresh(struct case_detail *d)
{
    if (!d->case_id[0] && !d->number[0])
        return;
    Wangge__V1__GetCaseRequest req = WANGGE__V1__GET_CASE_REQUEST__INIT;
    if (d->case_id[0]) {
        req.key_case = WANGGE__V1__GET_CASE_REQUEST__KEY_CASE_ID;
        req.case_id = d->case_id;
    } else {
        req.key_case = WANGGE__V1__GET_CASE_REQUEST__KEY_NUMBER;
        req.number = d->number;
    }
    model_status_begin(&d->status);
    if (request_start(d->_env, &methods_get_case, &req.base, on_case, d, &d->_get) != 0)
        err_set(&d->status.why, ERR_NOMEM, "out of memory");
    if (d->case_id[0])
        ask_events(d);
}

void case_detail_open_number(struct case_detail *d, const char *number)
{
    forget(d);
    d->case_id[0] = 0;
    text_copy(d->number, sizeof d->number, number);
    case_detail_refresh(d);
}

void case_detail_open(struct case_detail *d, const char *case_id, const Wangge__V1__Case *known)
{
    forget(d);
    text_copy(d->case_id, sizeof d->case_id, case_id);
    if (known)
        d->c = (Wangge__V1__Case *)model_copy(&known->base);
    case_detail_refresh(d);
}

void case_detail_take(struct case_detail *d, const Wangge__V1__Case *c)
{
    ProtobufCMessage *copy = model_copy(&c->base);
    if (!copy)
        return;
    model_free(d->c);
    d->c = (Wangge__V1__Case *)copy;
    ask_events(d);
}

const Wangge__V1__ActionOption *case_detail_option(const struct case_detail *d, Wangge__V1__Action action)
{
    for (size_t i = 0; d->c && i < d->c->n_allowed_actions; i++) {
        if (d->c->allowed_actions[i]->action == action)
            return d->c->allowed_actions[i];
    }
    return NULL;
}

static void on_event(void *arg, const Wangge__V1__CaseEvent *event)
{
    struct case_detail *d = arg;
    if (!d->case_id[0])
        return;
    bool ours = !event || (strcmp(event->case_id, d->case_id) == 0 && (!d->c || event->version > d->c->version));
    if (ours)
        case_detail_refresh(d);
}

int case_detail_init(struct case_detail *d, const struct model_env *env, struct feed *feed, model_changed_fn changed, void *arg)
{
    memset(d, 0, sizeof *d);
    model_status_init(&d->status);
    d->_env = env;
    d->_changed = changed;
    d->_arg = arg;
    if (feed && feed_listen(feed, on_event, d))
        d->_feed = feed;
    return 0;
}

void case_detail_fini(struct case_detail *d)
{
    if (!d->_env)
        return;
    if (d->_feed)
        feed_unlisten(d->_feed, on_event, d);
    forget(d);
    memset(d, 0, sizeof *d);
}
