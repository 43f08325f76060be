/* SPDX-License-Identifier: MIT */
/* Helps beside the work; see assist.h. */
#include "client/model/assist.h"

#include <string.h>

#include "client/model/request.h"
#include "client/rpc/methods.h"

enum { PAUSE_MS = 400 };

static void take(struct assist *a, ProtobufCMessage **slot, const ProtobufCMessage *msg)
{
    ProtobufCMessage *copy = msg ? model_copy(msg) : NULL;
    if (!copy)
        return; /* what was there is better than nothing */
    model_free(*slot);
    *slot = copy;
    a->generation++;
    a->_changed(a->_arg);
}

static void on_similar(void *arg, const ProtobufCMessage *msg, struct reply *r)
{
    struct assist *a = arg;
    a->_no_similar = r->err.code == ERR_UNIMPLEMENTED;
    take(a, (ProtobufCMessage **)&a->similar, msg);
}

static void on_suggest(void *arg, const ProtobufCMessage *msg, struct reply *r)
{
    struct assist *a = arg;
    take(a, (ProtobufCMessage **)&a->suggestions, msg);
}

static void on_calendars(void *arg, const ProtobufCMessage *msg, struct reply *r)
{
    struct assist *a = arg;
    take(a, (ProtobufCMessage **)&a->calendars, msg);
}

/* What cannot even be asked is the same as no answer. */
static void ask(struct assist *a, const struct channel_method *m, const ProtobufCMessage *req, request_done_fn fn,
                struct request **slot)
{
    if (channel_get_state(a->_env->channel) == CHANNEL_BACKOFF || request_start(a->_env, m, req, fn, a, slot) != 0)
        request_drop(slot);
}

static void on_pause(evutil_socket_t fd, short what, void *arg)
{
    struct assist *a = arg;
    if (a->_next)
        ask(a, &methods_find_similar, &a->_next->base, on_similar, &a->_similar);
}

void assist_similar_soon(struct assist *a, const Wangge__V1__FindSimilarRequest *req)
{
    if (a->_no_similar)
        return;
    model_free(a->_next);
    a->_next = (Wangge__V1__FindSimilarRequest *)model_copy(&req->base);
    event_add(a->_pause, &(struct timeval){.tv_usec = PAUSE_MS * 1000});
}

void assist_similar(struct assist *a, const char *case_id)
{
    Wangge__V1__FindSimilarRequest req = WANGGE__V1__FIND_SIMILAR_REQUEST__INIT;
    req.case_id = (char *)case_id;
    if (!a->_no_similar)
        ask(a, &methods_find_similar, &req.base, on_similar, &a->_similar);
}

void assist_forget_similar(struct assist *a)
{
    event_del(a->_pause);
    request_drop(&a->_similar);
    model_free(a->_next);
    a->_next = NULL;
    model_free(a->similar);
    a->similar = NULL;
    a->generation++;
}

void assist_suggest(struct assist *a, const char *case_id)
{
    Wangge__V1__SuggestDispatchRequest req = WANGGE__V1__SUGGEST_DISPATCH_REQUEST__INIT;
    req.case_id = (char *)case_id;
    ask(a, &methods_suggest_dispatch, &req.base, on_suggest, &a->_suggest);
}

void assist_calendars(struct assist *a)
{
    Wangge__V1__ListCalendarsRequest req = WANGGE__V1__LIST_CALENDARS_REQUEST__INIT;
    if (!a->calendars)
        ask(a, &methods_list_calendars, &req.base, on_calendars, &a->_calendars);
}

int assist_init(struct assist *a, const struct model_env *env, model_changed_fn changed, void *arg)
{
    memset(a, 0, sizeof *a);
    a->_env = env;
    a->_changed = changed;
    a->_arg = arg;
    a->_pause = evtimer_new(env->base, on_pause, a);
    return a->_pause ? 0 : ERR_NOMEM;
}

void assist_fini(struct assist *a)
{
    if (a->_pause) {
        assist_forget_similar(a);
        event_free(a->_pause);
    }
    request_drop(&a->_suggest);
    request_drop(&a->_calendars);
    model_free(a->suggestions);
    model_free(a->calendars);
    memset(a, 0, sizeof *a);
}
