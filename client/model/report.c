/* SPDX-License-Identifier: MIT */
/* Reports; see report.h. */
#include "client/model/report.h"

#include <stdlib.h>
#include <string.h>

#include "client/model/request.h"
#include "common/base/text.h"

static void on_metric(void *arg, const ProtobufCMessage *msg, struct reply *reply)
{
    struct report *r = arg;
    ProtobufCMessage *copy = msg ? model_copy(msg) : NULL;
    if (copy) {
        model_free(r->data);
        r->data = (Wangge__V1__QueryMetricResponse *)copy;
        model_status_done(&r->status, r->_env->clock->now(r->_env->clock));
    } else {
        if (reply->err.code == 0)
            err_set(&reply->err, ERR_NOMEM, "out of memory");
        model_status_fail(&r->status, &reply->err);
    }
    r->_changed(r->_arg);
}

void report_refresh(struct report *r)
{
    Wangge__V1__MetricQuery query = WANGGE__V1__METRIC_QUERY__INIT;
    Wangge__V1__QueryMetricRequest req = WANGGE__V1__QUERY_METRIC_REQUEST__INIT;
    query.metric = r->metric;
    query.from = r->from;
    query.to = r->to;
    query.region_code = r->region_code;
    req.query = &query;
    req.breakdown = r->breakdown;
    req.compare = !r->alone;
    model_status_begin(&r->status);
    if (request_start(r->_env, &methods_query_metric, &req.base, on_metric, r, &r->_call) != 0) {
        struct err e;
        err_set(&e, ERR_NOMEM, "out of memory");
        model_status_fail(&r->status, &e);
    }
}

void report_cancel(struct report *r)
{
    request_drop(&r->_call);
    r->status.busy = false;
    if (r->status.state == MODEL_LOADING)
        r->status.state = MODEL_IDLE;
}

void report_init(struct report *r, const struct model_env *env, model_changed_fn changed, void *arg)
{
    memset(r, 0, sizeof *r);
    model_status_init(&r->status);
    text_copy(r->metric, sizeof r->metric, "K01");
    r->breakdown = WANGGE__V1__BREAKDOWN__BREAKDOWN_REGION;
    r->_env = env;
    r->_changed = changed;
    r->_arg = arg;
}

void report_fini(struct report *r)
{
    request_drop(&r->_call);
    model_free(r->data);
    memset(r, 0, sizeof *r);
}

static void on_cases(void *arg, const ProtobufCMessage *msg, struct reply *reply)
{
    struct figure_list *l = arg;
    const Wangge__V1__ListFigureCasesResponse *resp = (const Wangge__V1__ListFigureCasesResponse *)msg;
    Wangge__V1__FigureCase **grown = resp ? realloc(l->rows, (l->n + resp->n_cases + 1) * sizeof *grown) : NULL;
    if (!grown) {
        if (reply->err.code == 0)
            err_set(&reply->err, ERR_NOMEM, "out of memory");
        model_status_fail(&l->status, &reply->err);
        l->_changed(l->_arg);
        return;
    }
    l->rows = grown;
    for (size_t i = 0; i < resp->n_cases; i++) {
        ProtobufCMessage *copy = model_copy(&resp->cases[i]->base);
        if (copy)
            l->rows[l->n++] = (Wangge__V1__FigureCase *)copy;
    }
    l->total = resp->total;
    free(l->_token);
    l->_token = resp->next_page_token[0] ? strdup(resp->next_page_token) : NULL;
    l->more = l->_token && l->n < FIGURE_LIST_MAX;
    model_status_done(&l->status, l->_env->clock->now(l->_env->clock));
    l->_changed(l->_arg);
}

void figure_list_more(struct figure_list *l)
{
    if (l->_call || (l->status.state == MODEL_READY && !l->more))
        return;
    Wangge__V1__ListFigureCasesRequest req = WANGGE__V1__LIST_FIGURE_CASES_REQUEST__INIT;
    req.query = l->_query;
    req.breakdown = l->_breakdown;
    req.key = l->_key;
    req.part = l->_part;
    req.page_size = FIGURE_LIST_PAGE;
    if (l->_token)
        req.page_token = l->_token;
    model_status_begin(&l->status);
    if (request_start(l->_env, &methods_list_figure_cases, &req.base, on_cases, l, &l->_call) != 0) {
        struct err e;
        err_set(&e, ERR_NOMEM, "out of memory");
        model_status_fail(&l->status, &e);
    }
}

int figure_list_init(struct figure_list *l, const struct model_env *env, const Wangge__V1__MetricQuery *query,
                     Wangge__V1__Breakdown breakdown, const char *key, Wangge__V1__FigurePart part, model_changed_fn changed,
                     void *arg)
{
    memset(l, 0, sizeof *l);
    model_status_init(&l->status);
    l->_env = env;
    l->_changed = changed;
    l->_arg = arg;
    l->_breakdown = breakdown;
    l->_part = part;
    text_copy(l->_key, sizeof l->_key, key);
    l->_query = (Wangge__V1__MetricQuery *)model_copy(&query->base);
    if (!l->_query)
        return ERR_NOMEM;
    figure_list_more(l);
    return 0;
}

void figure_list_fini(struct figure_list *l)
{
    request_drop(&l->_call);
    for (size_t i = 0; i < l->n; i++)
        model_free(l->rows[i]);
    free(l->rows);
    free(l->_token);
    model_free(l->_query);
    memset(l, 0, sizeof *l);
}
