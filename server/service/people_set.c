/* SPDX-License-Identifier: MIT */
/*
 * SetPeople: replaces the people of an open case, once per request_id. The case's version stays: its history tells what was
 * done with the case, and people in events would be kept for ever. The trace is an audit row of the same transaction.
 */
#include "server/domain/privacy.h"
#include "server/service/audit.h"
#include "server/service/case_methods.h"
#include "server/service/case_request.h"
#include "server/service/people_methods.h"
#include "server/service/people_view.h"
#include "server/store/case_store.h"
#include "wangge/v1/people.pb-c.h"

static const char WHY[] = "set people";

struct set {
    struct rpc_call *call;
    const Wangge__V1__SetPeopleRequest *req;
    struct people_set set;
    char text[64];
    bool retried;
};

static void write_people(struct set *s);

static void on_set(void *arg, const struct err *e)
{
    struct set *s = arg;
    /* A neighbour with the same key that committed meanwhile looks like a stranger: a second look tells a repeat. */
    if (e->code == ERR_EXISTS && !s->retried) {
        s->retried = true;
        write_people(s);
        return;
    }
    if (e->code) {
        service_fail_unref(s->call, e, WHY);
        return;
    }
    Wangge__V1__SetPeopleResponse response = WANGGE__V1__SET_PEOPLE_RESPONSE__INIT;
    rpc_reply(s->call, &response.base);
    rpc_call_unref(s->call, WHY);
}

static void write_people(struct set *s)
{
    struct err e;
    if (people_store_set(service_ctx_of(s->call)->db, &s->set, rpc_arena(s->call), rpc_deadline(s->call), on_set, s, &e))
        service_fail_unref(s->call, &e, WHY);
}

static int check(struct set *s, const struct case_row *found, struct err *e)
{
    const struct principal *who = service_caller(s->call);
    const struct service_ctx *ctx = service_ctx_of(s->call);
    struct arena *a = rpc_arena(s->call);
    struct policy_view view;
    policy_view_of(&who->actor, &view);
    if (!found || !policy_sees(&view, &found->snap)) {
        audit_hidden(s->call, &s->set.case_id);
        return err_set(e, ERR_NOT_FOUND, "There is no such case, or it is not yours to see.");
    }
    const char *rule = privacy_set_rule(&who->actor, &found->snap);
    if (rule) {
        audit_denial(s->call, rule, s->req->case_id);
        (void)err_set(e, ERR_DENIED,
                      "Only who reports cases, the organ that leads it, and of a confidential case acceptors, "
                      "supervisors and its reporter may enter its people.");
        err_detail(e, "rule %s", rule);
        return ERR_DENIED;
    }
    struct person_row *rows;
    int rc = people_decode(ctx, a, &s->set.case_id, case_has(&found->snap, CASE_CONFIDENTIAL), s->req->people, s->req->n_people,
                           &rows, e);
    if (!rc && ctx->secret)
        rc = person_request_hash(ctx->secret, a, &s->req->base, &s->set.request_hash, e);
    else if (!rc)
        rc = request_hash(a, &s->req->base, &s->set.request_hash, e);
    if (rc)
        return rc;
    (void)snprintf(s->text, sizeof s->text, "people set: %zu", s->req->n_people);
    s->set.rows = rows;
    s->set.n = (int)s->req->n_people;
    s->set.who = (struct people_audit){
        .now = ctx->clock->now(ctx->clock),
        .account = who->actor.account,
        .role = who->actor.role,
        .login = who->login,
        .name = who->actor.name,
        .call = "PeopleService/SetPeople",
        .text = s->text,
        .peer = rpc_peer(s->call),
    };
    return 0;
}

static void on_case(void *arg, const struct case_row *found, const struct err *e)
{
    struct set *s = arg;
    struct err failed = *e;
    if (failed.code || check(s, found, &failed))
        service_fail_unref(s->call, &failed, WHY);
    else
        write_people(s);
}

void people_set(struct rpc_call *call, const ProtobufCMessage *msg)
{
    struct err e;
    if (service_require(call, PERM_PEOPLE_SET))
        return;
    struct set *s = service_alloc(call, sizeof *s);
    if (!s)
        return;
    s->call = rpc_call_ref(call, WHY);
    s->req = (const Wangge__V1__SetPeopleRequest *)msg;
    int rc = request_parse_id(s->req->request_id, "request_id", &s->set.request_id, &e);
    if (!rc && !uuid_parse(s->req->case_id, &s->set.case_id))
        rc = err_field(&e, ERR_INVALID, "case_id", "case_id must be a UUID.");
    if (!rc)
        rc = case_store_get(service_ctx_of(call)->db, service_scope(call), &s->set.case_id, rpc_arena(call), rpc_deadline(call),
                            on_case, s, &e);
    if (rc)
        service_fail_unref(call, &e, WHY);
}
