/* SPDX-License-Identifier: MIT */
/* Calls of models; see request.h. */
#include "client/model/request.h"

#include <stdlib.h>

#include "client/model/i18n.h"
#include "wangge/v1/auth.pb-c.h"
#include "wangge/v1/directory.pb-c.h"
#include "wangge/v1/report.pb-c.h"

#define METHOD(var, service, method, lower)                                                                                    \
    const struct channel_method var = {                                                                                        \
        .path = "/wangge.v1." service "/" method,                                                                              \
        .request = &wangge__v1__##lower##_request__descriptor,                                                                 \
        .response = &wangge__v1__##lower##_response__descriptor,                                                               \
    }

METHOD(request_login, "AuthService", "Login", login);

const struct channel_method request_who_am_i = { /* protoc-c's own idea of the name */
    .path = "/wangge.v1.AuthService/WhoAmI",
    .request = &wangge__v1__who_am_irequest__descriptor,
    .response = &wangge__v1__who_am_iresponse__descriptor,
};
METHOD(request_list_cases, "CaseService", "ListCases", list_cases);
METHOD(request_get_case, "CaseService", "GetCase", get_case);
METHOD(request_list_events, "CaseService", "ListCaseEvents", list_case_events);
METHOD(request_list_categories, "DirectoryService", "ListCategories", list_categories);
METHOD(request_list_regions, "DirectoryService", "ListRegions", list_regions);
METHOD(request_list_organs, "DirectoryService", "ListOrgans", list_organs);
METHOD(request_query_metric, "ReportService", "QueryMetric", query_metric);
METHOD(request_list_figure_cases, "ReportService", "ListFigureCases", list_figure_cases);

struct request {
    struct channel_call *call;
    struct request **slot; /* NULL once dropped */
    request_done_fn fn;
    void *arg;
};

static void on_reply(void *arg, const ProtobufCMessage *resp, const struct channel_status *status)
{
    struct request *r = arg;
    if (r->slot) {
        struct reply reply;
        *r->slot = NULL;
        reply_init(&reply, status);
        if (reply.err.code == 0 && !resp)
            err_set(&reply.err, ERR_PROTOCOL, "%s", _("The server's answer was empty."));
        r->fn(r->arg, reply.err.code == 0 ? resp : NULL, &reply);
        reply_fini(&reply);
    }
    free(r);
}

int request_start(const struct model_env *env, const struct channel_method *m, const ProtobufCMessage *req, request_done_fn fn,
                  void *arg, struct request **slot)
{
    request_drop(slot);
    struct request *r = calloc(1, sizeof *r);
    if (!r)
        return ERR_NOMEM;
    *r = (struct request){.slot = slot, .fn = fn, .arg = arg};
    r->call = channel_unary(env->channel, m, req, env->call_timeout_ms, on_reply, r);
    if (!r->call) {
        free(r);
        return ERR_NOMEM;
    }
    *slot = r;
    return 0;
}

void request_drop(struct request **slot)
{
    struct request *r = *slot;
    if (!r)
        return;
    *slot = NULL;
    r->slot = NULL;
    channel_cancel(r->call); /* r goes in on_reply, now or later */
}
