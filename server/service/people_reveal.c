/* SPDX-License-Identifier: MIT */
/*
 * RevealPeople: people and reporter of a case, whole. Read first, recorded with the purpose, and answered only when the record
 * is durable.
 */
#include <string.h>

#include "common/base/text.h"
#include "server/domain/privacy.h"
#include "server/service/audit.h"
#include "server/service/case_methods.h"
#include "server/service/case_view.h"
#include "server/service/people_methods.h"
#include "server/service/people_view.h"
#include "server/store/case_store.h"
#include "wangge/v1/people.pb-c.h"

enum { PURPOSE_MIN = 4, PURPOSE_MAX = 200 };

static const char WHY[] = "reveal people";

struct reveal {
    struct rpc_call *call;
    const Wangge__V1__RevealPeopleRequest *req;
    struct uuid case_id;
    const struct case_row *found;
    const struct people *people;
    struct people copy;
};

static void fail(struct reveal *r, const struct err *e)
{
    service_fail_unref(r->call, e, WHY);
}

static void on_recorded(void *arg, int64_t audit_id, const struct err *e)
{
    struct reveal *r = arg;
    struct arena *a = rpc_arena(r->call);
    struct err failed = *e;
    Wangge__V1__RevealPeopleResponse response = WANGGE__V1__REVEAL_PEOPLE_RESPONSE__INIT;
    Wangge__V1__Actor reporter = WANGGE__V1__ACTOR__INIT;
    if (failed.code) {
        fail(r, &failed);
        return;
    }
    int n = people_show(a, r->people, false, true, &response.people);
    reporter.account_id = view_uuid(a, &r->found->snap.reporter);
    reporter.name = (char *)r->found->reporter_name;
    if (n < 0 || !reporter.account_id) {
        (void)err_set(&failed, ERR_NOMEM, "The server is out of memory for this call. Try again.");
        fail(r, &failed);
        return;
    }
    response.n_people = (size_t)n;
    response.reporter = &reporter;
    response.audit_id = audit_id;
    rpc_reply(r->call, &response.base);
    rpc_call_unref(r->call, WHY);
}

static void on_people(void *arg, const struct people *people, const struct err *e)
{
    struct reveal *r = arg;
    const struct principal *who = service_caller(r->call);
    const struct service_ctx *ctx = service_ctx_of(r->call);
    struct arena *a = rpc_arena(r->call);
    struct err failed = *e;
    struct uuid key;
    if (failed.code) {
        fail(r, &failed);
        return;
    }
    r->copy = *people;
    r->people = &r->copy;
    /* A purpose is kept for ever and read by auditors: no numbers of people in it. */
    char *purpose = arena_alloc(a, strlen(r->req->purpose) + 1);
    if (purpose)
        person_mask_text(r->req->purpose, purpose);
    else
        (void)err_set(&failed, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    struct people_audit audit = {
        .now = ctx->clock->now(ctx->clock),
        .account = who->actor.account,
        .role = who->actor.role,
        .login = who->login,
        .name = who->actor.name,
        .call = "PeopleService/RevealPeople",
        .text = purpose,
        .peer = rpc_peer(r->call),
    };
    key = uuid_v7(audit.now);
    if (failed.code ||
        people_store_reveal(ctx->db, &r->case_id, &key, &audit, a, rpc_deadline(r->call), on_recorded, r, &failed))
        fail(r, &failed);
}

static void on_case(void *arg, const struct case_row *found, const struct err *e)
{
    struct reveal *r = arg;
    const struct actor *who = &service_caller(r->call)->actor;
    struct err failed = *e;
    struct policy_view view;
    policy_view_of(who, &view);
    if (!failed.code && (!found || !policy_sees(&view, &found->snap))) {
        audit_hidden(r->call, &r->case_id);
        (void)err_set(&failed, ERR_NOT_FOUND, "There is no such case, or it is not yours to see.");
    }
    const char *rule = failed.code ? NULL : privacy_reveal_rule(who, &found->snap);
    if (rule) {
        audit_denial(r->call, rule, r->req->case_id);
        (void)err_set(&failed, ERR_DENIED,
                      strcmp(rule, "CONFIDENTIAL") == 0
                          ? "The case is confidential: only acceptors and supervisors may see who is behind it."
                          : "Only the organ that leads the case may see its people whole.");
        err_detail(&failed, "rule %s", rule);
    }
    r->found = found;
    if (failed.code || people_load(r->call, &r->case_id, on_people, r, &failed))
        fail(r, &failed);
}

void people_reveal(struct rpc_call *call, const ProtobufCMessage *msg)
{
    struct err e;
    int rc = 0;
    if (service_require(call, PERM_PEOPLE_REVEAL))
        return;
    struct reveal *r = service_alloc(call, sizeof *r);
    if (!r)
        return;
    r->call = rpc_call_ref(call, WHY);
    r->req = (const Wangge__V1__RevealPeopleRequest *)msg;
    size_t chars = text_chars(r->req->purpose, strlen(r->req->purpose));
    if (!uuid_parse(r->req->case_id, &r->case_id))
        rc = err_field(&e, ERR_INVALID, "case_id", "case_id must be a UUID.");
    else if (text_visible_chars(r->req->purpose) < PURPOSE_MIN || chars > PURPOSE_MAX)
        rc = err_field(&e, ERR_INVALID, "purpose", "Say in %d to %d characters what you need them for.", PURPOSE_MIN,
                       PURPOSE_MAX);
    if (!rc)
        rc = case_store_get(service_ctx_of(call)->db, service_scope(call), &r->case_id, rpc_arena(call), rpc_deadline(call),
                            on_case, r, &e);
    if (rc)
        service_fail_unref(call, &e, WHY);
}
