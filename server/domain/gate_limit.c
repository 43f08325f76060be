/* SPDX-License-Identifier: MIT */
/* Which limit a clock starts with: the most specific rule, else what is configured. */
#include "server/domain/gate.h"

static int32_t default_limit(const struct gate_rules *rules, const struct gate_limit_query *q)
{
    switch (q->kind) {
    case CLOCK_ACCEPT:
        return rules->accept_limit_s;
    case CLOCK_DISPATCH:
        return rules->dispatch_limit_s;
    case CLOCK_CHECK:
        return rules->check_limit_s;
    case CLOCK_HANDLE:
        return q->category && q->urgency > URGENCY_NONE ? q->category->handle_limit_min[q->urgency - 1] * 60 : 0;
    case CLOCK_NONE:
    case CLOCK_OVERALL:
    case CLOCK_COUNT:
        break;
    }
    return 0;
}

struct limit gate_limit(const struct limit_set *limits, const struct gate_rules *rules, const struct gate_limit_query *q)
{
    struct gate_rules usual;
    if (!rules) {
        gate_rules_default(&usual);
        rules = &usual;
    }
    const struct limit_rule *r = limit_find(limits, q->kind, q->category ? q->category->code : "", q->urgency, q->grid, q->at);
    if (r)
        return (struct limit){.unit = r->unit, .limit_s = limit_rule_seconds(r), .rule_id = r->id};
    if (q->kind == CLOCK_OVERALL) {
        /* From acceptance to the end, so more than the handling itself: twice as long, counted the same way. */
        struct gate_limit_query handling = *q;
        handling.kind = CLOCK_HANDLE;
        struct limit twice = gate_limit(limits, rules, &handling);
        twice.limit_s = twice.limit_s > INT32_MAX / 2 ? INT32_MAX : twice.limit_s * 2;
        twice.rule_id = 0;
        return twice;
    }
    return (struct limit){.unit = rules->unit[q->urgency], .limit_s = default_limit(rules, q)};
}
