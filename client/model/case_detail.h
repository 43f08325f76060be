/* SPDX-License-Identifier: MIT */
/* One case with its events and what the caller may do, kept live by the feed. */
#ifndef WG_CLIENT_MODEL_CASE_DETAIL_H
#define WG_CLIENT_MODEL_CASE_DETAIL_H

#include "client/model/feed.h"
#include "wangge/v1/case.pb-c.h"

enum { CASE_DETAIL_EVENTS_MAX = 5000 };

struct case_detail {
    struct model_status status;
    char case_id[37]; /* empty until known, if it was opened by number */
    char number[32];
    Wangge__V1__Case *c;            /* owned; NULL until loaded */
    Wangge__V1__CaseEvent **events; /* owned, oldest first */
    size_t n_events;
    /* private */
    const struct model_env *_env;
    struct feed *_feed;
    model_changed_fn _changed;
    void *_arg;
    struct request *_get, *_list;
};

int case_detail_init(struct case_detail *d, const struct model_env *env, struct feed *feed, model_changed_fn changed,
                     void *arg) MUST_CHECK;
void case_detail_fini(struct case_detail *d);
/* Shows another case; known (may be NULL) is shown until the server has answered. */
void case_detail_open(struct case_detail *d, const char *case_id, const Wangge__V1__Case *known);
/* Shows the case of a human number. */
void case_detail_open_number(struct case_detail *d, const char *number);
void case_detail_refresh(struct case_detail *d);
/* What the server answered to an action: shown at once, without asking again for the case. Copied. */
void case_detail_take(struct case_detail *d, const Wangge__V1__Case *c);
/* The option for an action if the caller may take it now, or NULL. */
const Wangge__V1__ActionOption *case_detail_option(const struct case_detail *d, Wangge__V1__Action action);

#endif
