/* SPDX-License-Identifier: MIT */
/* Which cases a caller means, within those it may see: lists and bulk runs. */
#include "server/service/case_filter.h"

#include <string.h>

#include "common/base/text.h"
#include "server/service/case_view.h"
#include "server/service/report_scope.h"

enum { DUE_WITHIN_MAX = 366 * 24 * 60 };

/* The states in which a role has an ordinary next step; remarks, urging and decisions from above are no work list. */
static uint32_t work_states(enum role role)
{
    static const bool is_step[ACT_COUNT] = {
        [ACT_ANSWER_FACT_CHECK] = true,
        [ACT_ACCEPT] = true,
        [ACT_DISPATCH] = true,
        [ACT_SIGN] = true,
        [ACT_CO_REPLY] = true,
        [ACT_FEED_BACK] = true,
        [ACT_ORDER_FIELD_CHECK] = true,
        [ACT_ANSWER_FIELD_CHECK] = true,
        [ACT_CLOSE] = true,
        [ACT_RECEIPT] = true,
    };
    size_t n;
    const struct state_rule *rules = state_table(&n);
    uint32_t states = 0;
    for (size_t i = 0; i < n; i++) {
        if (is_step[rules[i].action] && (rules[i].roles & ROLE_BIT(role)))
            states |= rules[i].from;
    }
    states &= STATES_OPEN;
    return states ? states : STATES_OPEN;
}

static int decode_states(const Wangge__V1__CaseFilter *f, uint32_t *ret, struct err *e)
{
    uint32_t states = f->open_only ? STATES_OPEN : 0;
    for (size_t i = 0; i < f->n_states; i++) {
        if ((int)f->states[i] <= STATE_NONE || (int)f->states[i] >= STATE_COUNT)
            return err_field(e, ERR_INVALID, "filter.states", "There is no state %d.", (int)f->states[i]);
        states |= STATE_BIT(f->states[i]);
    }
    *ret = states;
    return 0;
}

static int decode_filter(struct rpc_call *call, const struct directory *dir, const Wangge__V1__CaseFilter *f,
                         struct case_query *q, struct err *e)
{
    const struct principal *who = service_caller(call);
    struct service_ctx *ctx = service_ctx_of(call);
    int64_t region;
    int rc = scope_region(&who->actor, f->region_code, "filter.region_code", &region, &q->span, e);
    if (!rc)
        rc = decode_states(f, &q->states, e);
    if (!rc)
        rc = scope_categories(rpc_arena(call), dir, f->category_prefix, "filter.category_prefix", &q->category_ids,
                              &q->n_categories, e);
    if (!rc && *f->organ_code) {
        const struct dir_organ *o = directory_organ_by_code(dir, f->organ_code);
        if (!o)
            return err_field(e, ERR_NOT_FOUND, "filter.organ_code", "There is no organ %.32s.", f->organ_code);
        q->organ_id = o->id;
    }
    if (rc)
        return rc;
    if (!view_parse_time(f->reported_from, &q->reported_from))
        return err_field(e, ERR_INVALID, "filter.reported_from", "reported_from is not a valid time.");
    if (!view_parse_time(f->reported_to, &q->reported_to))
        return err_field(e, ERR_INVALID, "filter.reported_to", "reported_to is not a valid time.");
    if (f->overdue_only) {
        q->due_before = ctx->clock->now(ctx->clock);
        if (!q->states)
            q->states = STATES_OPEN;
    }
    if (f->due_within_minutes < 0 || f->due_within_minutes > DUE_WITHIN_MAX)
        return err_field(e, ERR_INVALID, "filter.due_within_minutes", "due_within_minutes must be 0 to %d.", DUE_WITHIN_MAX);
    if (f->due_within_minutes > 0 && !f->overdue_only) {
        q->due_before = ctx->clock->now(ctx->clock) + (usec_t)f->due_within_minutes * 60 * USEC_PER_SEC;
        if (!q->states)
            q->states = STATES_OPEN;
    }
    for (size_t i = 0; i < f->n_cards; i++) {
        if ((int)f->cards[i] <= CARD_NONE || (int)f->cards[i] >= CARD_COUNT)
            return err_field(e, ERR_INVALID, "filter.cards", "There is no card %d.", (int)f->cards[i]);
        q->cards |= 1u << f->cards[i];
    }
    for (size_t i = 0; i < f->n_pending; i++) {
        if ((int)f->pending[i] <= APPROVAL_NONE || (int)f->pending[i] >= APPROVAL_COUNT)
            return err_field(e, ERR_INVALID, "filter.pending", "There is no kind of request %d.", (int)f->pending[i]);
        q->pending |= 1u << f->pending[i];
    }
    size_t chars = text_chars(f->text, strlen(f->text));
    if (chars == 1 || chars > 50)
        return err_field(e, ERR_INVALID, "filter.text", "Search for 2 to 50 characters.");
    if (chars > 0)
        q->text = f->text;
    if (f->mine)
        q->reporter = who->actor.account;
    if (f->my_work) {
        /* All parts of a filter hold: no state at all is left as one that no case has. */
        uint32_t work = work_states(who->actor.role);
        q->states = q->states ? q->states & work : work;
        if (!q->states)
            q->states = STATE_BIT(STATE_NONE);
        if (who->actor.role == ROLE_HANDLER || who->actor.role == ROLE_ORGAN_LEAD)
            q->seen_by_organ = who->actor.organ_id;
        if (who->actor.role == ROLE_HANDLER) /* what a colleague is to sign for is not his work */
            q->worker = who->actor.account;
    }
    return 0;
}

/* What the caller may see at all, on top of what was asked for. */
static bool confine(struct case_query *q, const struct actor *who)
{
    struct policy_view view;
    policy_view_of(who, &view);
    if (view.nothing)
        return false;
    if (view.span.lo > q->span.lo)
        q->span.lo = view.span.lo;
    if (view.span.hi < q->span.hi)
        q->span.hi = view.span.hi;
    if (view.organ_id)
        q->seen_by_organ = view.organ_id;
    if (!uuid_is_nil(&view.reporter))
        q->reporter = view.reporter;
    q->source_id = view.source_id;
    return true;
}

int case_filter_decode(struct rpc_call *call, const struct directory *dir, const Wangge__V1__CaseFilter *f,
                       struct case_query *q, struct err *e)
{
    int rc = decode_filter(call, dir, f, q, e);
    if (!rc && !confine(q, &service_caller(call)->actor))
        rc = err_set(e, ERR_DENIED, "Your role sees no cases.");
    return rc;
}
