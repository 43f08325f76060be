/* SPDX-License-Identifier: MIT */
/* Going into the city (login, one-time code, a new password) and a run over many cases. Built and copied like city.c. */
#include <stdlib.h>
#include <string.h>

#include "city.h"
#include "client/model/model.h"
#include "google/rpc/error_details.pb-c.h"
#include "google/rpc/status.pb-c.h"
#include "wangge/v1/account.pb-c.h"
#include "wangge/v1/auth.pb-c.h"
#include "wangge/v1/bulk.pb-c.h"

/* A new password: refused by the policy if it is short. */
static ProtobufCMessage *change_password(struct city *city, const Wangge__V1__ChangePasswordRequest *req, struct fake_answer *a)
{
    Wangge__V1__ChangePasswordResponse resp = WANGGE__V1__CHANGE_PASSWORD_RESPONSE__INIT;
    Google__Rpc__BadRequest bad = GOOGLE__RPC__BAD_REQUEST__INIT;
    Google__Rpc__BadRequest__FieldViolation v = GOOGLE__RPC__BAD_REQUEST__FIELD_VIOLATION__INIT;
    Google__Rpc__BadRequest__FieldViolation *vs[1] = {&v};
    bool known = strcmp(req->old_password, "a first password") == 0;
    if (known && strlen(req->new_password) >= 12) {
        city->first_password = false;
        return model_copy(&resp.base);
    }
    v.field = (char *)(known ? "new_password" : "old_password");
    v.description = (char *)(known ? "A new password has 12 to 256 characters." : "The old password is wrong.");
    bad.field_violations = vs;
    bad.n_field_violations = 1;
    a->code = known ? 3 : 16;
    a->message = v.description;
    city_details(a, &bad.base);
    return NULL;
}

static ProtobufCMessage *login(struct city *city, const Wangge__V1__LoginRequest *req, struct fake_answer *a)
{
    Wangge__V1__LoginResponse resp = WANGGE__V1__LOGIN_RESPONSE__INIT;
    Wangge__V1__Account acc = WANGGE__V1__ACCOUNT__INIT;
    Google__Protobuf__Timestamp t = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    model_set_time(&t, CITY_NOW + INT64_C(8) * 3600 * USEC_PER_SEC);
    bool first = city->first_password && strcmp(req->password, "a first password") == 0;
    if (!first && strcmp(req->password, "a good password") != 0) {
        a->code = 16;
        a->message = "wrong login or password";
        return NULL;
    }
    if (city->codes && strcmp(req->totp_code, "246810") != 0) {
        Google__Rpc__ErrorInfo info = GOOGLE__RPC__ERROR_INFO__INIT;
        info.reason = (char *)(req->totp_code[0] ? "UNAUTHENTICATED" : "TOTP_REQUIRED");
        a->code = 16;
        a->message = "the code";
        city_details(a, &info.base);
        return NULL;
    }
    resp.must_change_password = first;
    acc.login = req->login;
    acc.account_id = (char *)"019ab000-0000-7000-8000-00000000aaaa";
    acc.name = (char *)"王丽";
    acc.role = WANGGE__V1__ROLE__ROLE_GRID_WORKER;
    acc.region_code = (char *)"230604001001003";
    acc.region_name = (char *)"第三网格";
    resp.token = (char *)"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    resp.account = &acc;
    resp.expires_at = &t;
    resp.idle_timeout_s = 3600;
    return model_copy(&resp.base);
}

/* Answers each case of a run, from where it was taken up. */
static void run_bulk(struct city *city, const ProtobufCMessage *msg, struct fake_answer *a)
{
    const Wangge__V1__RunBulkRequest *req = (const Wangge__V1__RunBulkRequest *)msg;
    int n = (int)req->n_case_ids, from = req->after_position;
    int stop = city->bulk_breaks && !req->dry_run ? city->bulk_breaks : n;
    a->stream = calloc((size_t)n + 2, sizeof *a->stream);
    Wangge__V1__RunBulkResponse r = WANGGE__V1__RUN_BULK_RESPONSE__INIT;
    Wangge__V1__BulkStart start = WANGGE__V1__BULK_START__INIT;
    start.total = n;
    r.item_case = WANGGE__V1__RUN_BULK_RESPONSE__ITEM_START;
    r.start = &start;
    a->stream[a->n_stream++] = model_copy(&r.base);
    for (int i = from; i < stop; i++) {
        Wangge__V1__BulkItem it = WANGGE__V1__BULK_ITEM__INIT;
        Wangge__V1__BulkOk ok = WANGGE__V1__BULK_OK__INIT;
        struct fake_answer no = {.code = 9, .message = "refused by a rule"};
        Google__Rpc__Status *st = NULL;
        it.position = i + 1;
        it.case_id = req->case_ids[i];
        if (i < city->bulk_refused) {
            Wangge__V1__CaseConflict k = WANGGE__V1__CASE_CONFLICT__INIT;
            k.rule = (char *)"STATE";
            k.state = WANGGE__V1__CASE_STATE__CASE_STATE_CLOSED;
            city_details(&no, &k.base);
            st = google__rpc__status__unpack(NULL, no.details_len, no.details);
            st->code = 9;
            it.result_case = WANGGE__V1__BULK_ITEM__RESULT_ERROR;
            it.error = st;
        } else {
            it.result_case = WANGGE__V1__BULK_ITEM__RESULT_OK;
            it.ok = &ok;
        }
        *(req->dry_run ? &city->bulk_dry : &city->bulk_real) += 1;
        r.item_case = WANGGE__V1__RUN_BULK_RESPONSE__ITEM_RESULT;
        r.result = &it;
        a->stream[a->n_stream++] = model_copy(&r.base);
        if (st)
            google__rpc__status__free_unpacked(st, NULL);
        free(no.details);
    }
    if (stop < n) {
        city->bulk_breaks = 0;
        a->code = 14;
        a->message = "the connection was lost";
        return;
    }
    Wangge__V1__BulkSummary sum = WANGGE__V1__BULK_SUMMARY__INIT;
    r.item_case = WANGGE__V1__RUN_BULK_RESPONSE__ITEM_SUMMARY;
    r.summary = &sum;
    a->stream[a->n_stream++] = model_copy(&r.base);
}

bool city_entry(struct city *city, const char *name, const ProtobufCMessage *req, struct fake_answer *a)
{
    if (strcmp(name, "Login") == 0)
        a->resp = login(city, (const Wangge__V1__LoginRequest *)req, a);
    else if (strcmp(name, "ChangePassword") == 0)
        a->resp = change_password(city, (const Wangge__V1__ChangePasswordRequest *)req, a);
    else if (strcmp(name, "RunBulk") == 0)
        run_bulk(city, req, a);
    else
        return false;
    return true;
}
