/* SPDX-License-Identifier: MIT */
/* GetPasswordPolicy and SetPasswordPolicy: one row that every worker reads when it is needed. */
#include "server/service/account_methods.h"
#include "server/service/audit.h"
#include "sql.h"

static void show(struct rpc_call *call, const struct password_policy *policy, void *data)
{
    Wangge__V1__PasswordPolicy view = WANGGE__V1__PASSWORD_POLICY__INIT;
    Wangge__V1__GetPasswordPolicyResponse out = WANGGE__V1__GET_PASSWORD_POLICY_RESPONSE__INIT;

    view.min_length = policy->min_length;
    view.min_classes = policy->min_classes;
    view.refuse_common = policy->refuse_common;
    view.max_age_days = policy->max_age_days;
    view.history = policy->history;
    out.policy = &view;
    rpc_reply(call, &out.base);
}

void account_get_policy(struct rpc_call *call, const ProtobufCMessage *msg)
{
    if (account_enter(call, PERM_OWN_ACCOUNT))
        account_with_policy(call, show, NULL);
}

static void on_set(struct rpc_call *call, const PGresult *res, void *data)
{
    Wangge__V1__SetPasswordPolicyResponse out = WANGGE__V1__SET_PASSWORD_POLICY_RESPONSE__INIT;

    rpc_reply(call, &out.base);
}

void account_set_policy(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__SetPasswordPolicyRequest *req = (const Wangge__V1__SetPasswordPolicyRequest *)msg;
    struct password_policy *policy;
    struct db_params p;
    struct err e = {0};

    if (!account_enter(call, PERM_ACCOUNT_ADMIN))
        return;
    policy = arena_zalloc(rpc_arena(call), sizeof(*policy));
    if (!policy) {
        account_fail_nomem(call);
        return;
    }
    if (!req->policy) {
        err_field(&e, ERR_INVALID, "policy", "Say which policy.");
    } else {
        *policy = (struct password_policy){
            .min_length = req->policy->min_length,
            .min_classes = req->policy->min_classes,
            .refuse_common = req->policy->refuse_common,
            .max_age_days = req->policy->max_age_days,
            .history = req->policy->history,
        };
        (void)!password_policy_check(policy, &e);
    }
    if (e.code) {
        rpc_fail(call, &e);
        return;
    }
    db_params_init(&p);
    db_param_i64(&p, policy->min_length);
    db_param_i64(&p, policy->min_classes);
    db_param_bool(&p, policy->refuse_common);
    db_param_i64(&p, policy->max_age_days);
    db_param_i64(&p, policy->history);
    account_act(call, &sql_password_policy_set, &p, on_set, NULL, "",
                "password policy: length %d, kinds %d, common ones %s, %d days, history %d", policy->min_length,
                policy->min_classes, policy->refuse_common ? "refused" : "allowed", policy->max_age_days, policy->history);
}
