/* SPDX-License-Identifier: MIT */
/*
 * Cases by filter: the work list, kept live by the feed. A refresh replaces the rows at once when it is complete, so that
 * the screen never shows half a list.
 */
#ifndef WG_CLIENT_MODEL_CASE_LIST_H
#define WG_CLIENT_MODEL_CASE_LIST_H

#include "client/model/feed.h"
#include "wangge/v1/case.pb-c.h"

enum { CASE_LIST_PAGE = 500, CASE_LIST_MAX = 2000, CASE_LIST_TEXT_MAX = 208 };

struct case_list {
    struct model_status status;
    Wangge__V1__Case **rows; /* owned; replaced by a refresh */
    size_t n;
    int total;                     /* how many there are, counted up to 10,000 */
    bool my_work;                  /* what the caller can act on; else everything open in the region */
    char text[CASE_LIST_TEXT_MAX]; /* the server's search, empty: none */
    /* private */
    const struct model_env *_env;
    struct feed *_feed;
    model_changed_fn _changed;
    void *_arg;
    struct request *_call;
    struct event *_soon;
    Wangge__V1__Case **_next; /* the refresh being read */
    size_t _n_next;
    int _next_total;
    bool _again;
};

/* feed may be NULL. The callback runs after every change. ERR_NOMEM. */
int case_list_init(struct case_list *l, const struct model_env *env, struct feed *feed, model_changed_fn changed,
                   void *arg) MUST_CHECK;
void case_list_fini(struct case_list *l);
/* Asks the server; a refresh under way is started over if the filter changed. */
void case_list_refresh(struct case_list *l);
/* Forgets what is out; the rows stay. */
void case_list_cancel(struct case_list *l);

#endif
