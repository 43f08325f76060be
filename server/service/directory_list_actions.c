/* SPDX-License-Identifier: MIT */
/* ListActions: the state table as the API shows it. */
#include "server/domain/state_table.h"
#include "server/service/directory_methods.h"

static Wangge__V1__ActionRule *view(struct arena *a, const struct state_rule *r)
{
    Wangge__V1__ActionRule *v = arena_alloc(a, sizeof(*v));

    if (!v)
        return NULL;
    wangge__v1__action_rule__init(v);
    v->from_states = arena_alloc(a, STATE_COUNT * sizeof(*v->from_states));
    v->roles = arena_alloc(a, ROLE_COUNT * sizeof(*v->roles));
    v->required_fields = arena_alloc(a, ACT_FIELD_COUNT * sizeof(*v->required_fields));
    v->guards = arena_alloc(a, GUARD_COUNT * sizeof(*v->guards));
    v->optional_fields = arena_alloc(a, ACT_FIELD_COUNT * sizeof(*v->optional_fields));
    if (!v->optional_fields || !v->from_states || !v->roles || !v->required_fields || !v->guards)
        return NULL;
    v->action = (Wangge__V1__Action)r->action;
    v->name = (char *)r->name_zh;
    v->name_en = (char *)r->name_en;
    if (r->to > STATE_NONE)
        v->to_state = (Wangge__V1__CaseState)r->to;
    for (int s = STATE_NONE; s < STATE_COUNT; s++)
        if (r->from & STATE_BIT(s))
            v->from_states[v->n_from_states++] = (Wangge__V1__CaseState)s;
    for (int role = ROLE_NONE + 1; role < ROLE_COUNT; role++)
        if (r->roles & ROLE_BIT(role))
            v->roles[v->n_roles++] = (Wangge__V1__Role)role;
    for (int f = 0; f < ACT_FIELD_COUNT; f++)
        if (r->required & (UINT32_C(1) << f))
            v->required_fields[v->n_required_fields++] = (char *)act_field_name((enum act_field)(1 << f));
    for (int f = 0; f < ACT_FIELD_COUNT; f++)
        if (r->optional & (UINT32_C(1) << f))
            v->optional_fields[v->n_optional_fields++] = (char *)act_field_name((enum act_field)(1 << f));
    v->clock_effect = (char *)clock_effect_text(r->clocks);
    v->counter = (char *)counter_name(r->counter);
    for (int g = GUARD_ROW_FIRST; g < GUARD_COUNT; g++)
        if (r->guards & GUARD_BIT(g))
            v->guards[v->n_guards++] = (char *)guard_name((enum guard)g);
    return v;
}

void directory_list_actions(struct rpc_call *call, const ProtobufCMessage *msg)
{
    Wangge__V1__ListActionsResponse res = WANGGE__V1__LIST_ACTIONS_RESPONSE__INIT;
    struct arena *a = rpc_arena(call);
    const struct state_rule *rows;
    size_t n;

    if (!directory_enter(call, PERM_DIRECTORY_READ))
        return;
    rows = state_table(&n);
    res.rules = arena_alloc(a, (n + 1) * sizeof(*res.rules));
    for (size_t i = 0; res.rules && i < n; i++) {
        res.rules[i] = view(a, &rows[i]);
        if (!res.rules[i])
            res.rules = NULL;
    }
    res.n_rules = n;
    if (res.rules)
        rpc_reply(call, &res.base);
    else
        directory_fail_nomem(call);
}
