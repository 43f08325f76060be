/* SPDX-License-Identifier: MIT */
/*
 * Helps beside the work: cases alike, organs the rules suggest, the calendars. None of them is needed: a server that does not
 * have them, or is away, leaves them empty without a word. One instance a view.
 */
#ifndef WG_CLIENT_MODEL_ASSIST_H
#define WG_CLIENT_MODEL_ASSIST_H

#include "client/model/model.h"
#include "wangge/v1/clock.pb-c.h"
#include "wangge/v1/search.pb-c.h"

struct assist {
    Wangge__V1__FindSimilarResponse *similar;         /* owned; NULL until there is an answer */
    Wangge__V1__SuggestDispatchResponse *suggestions; /* owned */
    Wangge__V1__ListCalendarsResponse *calendars;     /* owned */
    unsigned generation;                              /* rises with every answer: pointers taken before are dead */
    /* private */
    const struct model_env *_env;
    model_changed_fn _changed;
    void *_arg;
    struct request *_similar, *_suggest, *_calendars;
    Wangge__V1__FindSimilarRequest *_next; /* to be asked when the person pauses */
    struct event *_pause;
    bool _no_similar; /* the server does not have it */
};

/* ERR_NOMEM. */
int assist_init(struct assist *a, const struct model_env *env, model_changed_fn changed, void *arg) MUST_CHECK;
void assist_fini(struct assist *a);
/* Asks for cases alike once nothing has been asked for 400 ms; req is copied. */
void assist_similar_soon(struct assist *a, const Wangge__V1__FindSimilarRequest *req);
/* Asks at once for cases like one that exists. */
void assist_similar(struct assist *a, const char *case_id);
/* Forgets the cases alike. */
void assist_forget_similar(struct assist *a);
void assist_suggest(struct assist *a, const char *case_id);
void assist_calendars(struct assist *a);

#endif
