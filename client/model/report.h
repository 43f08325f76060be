/* SPDX-License-Identifier: MIT */
/* A figure with its breakdown, and the cases behind any of its rows. */
#ifndef WG_CLIENT_MODEL_REPORT_H
#define WG_CLIENT_MODEL_REPORT_H

#include "client/model/model.h"
#include "wangge/v1/report.pb-c.h"

struct report {
    struct model_status status;
    Wangge__V1__QueryMetricResponse *data; /* owned; NULL until loaded */
    /* What is asked for; change, then refresh. */
    char metric[16];
    char from[11], to[11];
    char region_code[16]; /* empty: the caller's */
    Wangge__V1__Breakdown breakdown;
    bool alone; /* without other periods to compare with */
    /* private */
    const struct model_env *_env;
    model_changed_fn _changed;
    void *_arg;
    struct request *_call;
};

void report_init(struct report *r, const struct model_env *env, model_changed_fn changed, void *arg);
void report_fini(struct report *r);
void report_refresh(struct report *r);
void report_cancel(struct report *r);

enum { FIGURE_LIST_PAGE = 200, FIGURE_LIST_MAX = 5000 };

/* The list behind a figure. */
struct figure_list {
    struct model_status status;
    Wangge__V1__FigureCase **rows; /* owned */
    size_t n;
    int64_t total; /* the whole list's length as the server says */
    bool more;     /* pages are left */
    /* private */
    const struct model_env *_env;
    model_changed_fn _changed;
    void *_arg;
    struct request *_call;
    Wangge__V1__MetricQuery *_query;
    Wangge__V1__Breakdown _breakdown;
    char _key[48];
    Wangge__V1__FigurePart _part;
    char *_token;
};

/* query as echoed by the server, copied. key: the row's, empty for the total. ERR_NOMEM. */
int figure_list_init(struct figure_list *l, const struct model_env *env, const Wangge__V1__MetricQuery *query,
                     Wangge__V1__Breakdown breakdown, const char *key, Wangge__V1__FigurePart part, model_changed_fn changed,
                     void *arg) MUST_CHECK;
void figure_list_fini(struct figure_list *l);
/* Reads the next page, or the first again after a failure. */
void figure_list_more(struct figure_list *l);

#endif
