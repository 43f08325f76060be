/* SPDX-License-Identifier: MIT */
/* The table of notices. */
#include "server/domain/notice.h"

#include <string.h>

#include "server/domain/approval.h"

#define R(x) ROLE_BIT(ROLE_##x)

/* Whom a row tells. */
enum to {
    TO_NOBODY,
    TO_ORGAN,     /* the lead organ after the event */
    TO_ASSIGNEE,  /* the colleague who was named, else the lead organ */
    TO_ORGANS,    /* the lead organ and the co-organs */
    TO_RECEIVER,  /* the organ that was called in */
    TO_ASKER,     /* who took the step that is answered */
    TO_LEVEL,     /* the roles at the level that holds the case */
    TO_GRID,      /* the grid workers of the case's grid */
    TO_HOLDER,    /* who has to move the case now */
    TO_ENDORSER,  /* who decides first about what is asked for */
    TO_GRANTER,   /* who decides last */
    TO_REPORTERS, /* its reporter and those of the cases merged into it */
};

struct row {
    enum notice_kind kind;
    enum to to;
    uint32_t roles; /* of TO_LEVEL and TO_ORGAN */
};
enum { ROWS_PER_ACTION = 2 };

static const struct row table[ACT_COUNT][ROWS_PER_ACTION] = {
    [ACT_ORDER_FACT_CHECK] = {{NOTICE_ASSIGNED, TO_GRID, 0}},
    [ACT_ANSWER_FACT_CHECK] = {{NOTICE_ANSWERED, TO_ASKER, 0}},
    [ACT_REFUSE] = {{NOTICE_REPORTED, TO_REPORTERS, 0}},
    [ACT_ESCALATE] = {{NOTICE_ASSIGNED, TO_LEVEL, R(ACCEPTOR)}},
    [ACT_DISPATCH] = {{NOTICE_ASSIGNED, TO_ORGANS, 0}},
    [ACT_WHISTLE] = {{NOTICE_ASSIGNED, TO_RECEIVER, 0}},
    [ACT_RETURN] = {{NOTICE_ASSIGNED, TO_LEVEL, R(DISPATCHER)}},
    [ACT_TRANSFER] = {{NOTICE_ASSIGNED, TO_ASSIGNEE, 0}},
    [ACT_EXTEND] = {{NOTICE_ANSWERED, TO_ASKER, 0}},
    [ACT_SUSPEND] = {{NOTICE_ANSWERED, TO_ASKER, 0}},
    [ACT_RESUME] = {{NOTICE_ASSIGNED, TO_ORGAN, 0}},
    [ACT_CO_REPLY] = {{NOTICE_ANSWERED, TO_ORGAN, 0}},
    [ACT_FEED_BACK] = {{NOTICE_ANSWERED, TO_LEVEL, R(ACCEPTOR) | R(DISPATCHER)}},
    [ACT_ORDER_FIELD_CHECK] = {{NOTICE_ASSIGNED, TO_GRID, 0}},
    [ACT_ANSWER_FIELD_CHECK] = {{NOTICE_ANSWERED, TO_ASKER, 0}},
    [ACT_REWORK] = {{NOTICE_ASSIGNED, TO_ORGAN, 0}},
    [ACT_CLOSE] = {{NOTICE_REPORTED, TO_REPORTERS, 0}},
    [ACT_FORCE_CLOSE] = {{NOTICE_REPORTED, TO_REPORTERS, 0}},
    [ACT_REOPEN] = {{NOTICE_REPORTED, TO_REPORTERS, 0}, {NOTICE_ASSIGNED, TO_LEVEL, R(DISPATCHER)}},
    [ACT_REQUEST_VOID] = {{NOTICE_APPROVAL, TO_ENDORSER, 0}},
    [ACT_VOID] = {{NOTICE_REPORTED, TO_REPORTERS, 0}, {NOTICE_ANSWERED, TO_ASKER, 0}},
    [ACT_RESTORE] = {{NOTICE_ANSWERED, TO_ASKER, 0}},
    [ACT_MERGE] = {{NOTICE_REPORTED, TO_REPORTERS, 0}},
    [ACT_RECEIPT] = {{NOTICE_REPORTED, TO_REPORTERS, 0}},
    [ACT_URGE] = {{NOTICE_URGED, TO_HOLDER, 0}},
    [ACT_APPEAL] = {{NOTICE_APPROVAL, TO_ENDORSER, 0}},
    [ACT_REQUEST_EXTEND] = {{NOTICE_APPROVAL, TO_ENDORSER, 0}},
    [ACT_REQUEST_SUSPEND] = {{NOTICE_APPROVAL, TO_ENDORSER, 0}},
    [ACT_ENDORSE] = {{NOTICE_APPROVAL, TO_GRANTER, 0}},
    [ACT_DECLINE] = {{NOTICE_ANSWERED, TO_ASKER, 0}},
    [ACT_GRANT_APPEAL] = {{NOTICE_ANSWERED, TO_ASKER, 0}},
    [ACT_CO_LAPSE] = {{NOTICE_ANSWERED, TO_ORGAN, 0}},
    [ACT_URGE_REPLY] = {{NOTICE_ANSWERED, TO_ASKER, 0}},
};

struct build {
    const struct notice_event *ev;
    struct notice *out;
    int n;
    enum notice_kind kind;
    enum approval_kind approval;
};

static struct audience *add(struct build *b)
{
    struct notice *n = &b->out[b->n++];
    memset(n, 0, sizeof(*n));
    n->kind = b->kind;
    n->approval = b->approval;
    return &n->to;
}

static void add_account(struct build *b, const struct uuid *account)
{
    if (!uuid_is_nil(account) && !uuid_equal(account, &b->ev->actor))
        add(b)->account = *account;
}

static void add_organ(struct build *b, int32_t organ_id, uint32_t roles)
{
    if (!organ_id)
        return;
    struct audience *to = add(b);
    to->organ_id = organ_id;
    to->roles = roles;
}

enum region_level notice_region_level(int case_level)
{
    if (case_level < 1)
        return LEVEL_COMMUNITY;
    return case_level > 4 ? LEVEL_CITY : (enum region_level)(LEVEL_GRID - case_level);
}

static void add_level(struct build *b, enum region_level level, uint32_t roles)
{
    struct audience *to = add(b);
    to->level = level;
    to->roles = roles;
}

bool notice_holder(enum case_state state, int case_level, int32_t organ_id, struct audience *ret)
{
    static const uint32_t centre[STATE_COUNT] = {
        [STATE_REPORTED] = R(ACCEPTOR) | R(COMMUNITY),
        [STATE_ACCEPTED] = R(DISPATCHER),
        [STATE_FEEDBACK] = R(ACCEPTOR),
        [STATE_REFERRED] = R(ACCEPTOR),
    };
    memset(ret, 0, sizeof(*ret));
    if (state == STATE_DISPATCHED || state == STATE_HANDLING || state == STATE_SUSPENDED) {
        ret->organ_id = organ_id;
        return organ_id != 0;
    }
    if (state == STATE_FACT_CHECK || state == STATE_FIELD_CHECK) {
        ret->level = LEVEL_GRID;
        ret->roles = R(GRID_WORKER);
        return true;
    }
    if (state <= STATE_NONE || state >= STATE_COUNT || !centre[state])
        return false;
    ret->level = notice_region_level(case_level);
    ret->roles = centre[state];
    return true;
}

/* Tells who decides next about what an action asks for. */
static void add_decider(struct build *b, enum action ask, enum role asker_role, bool first)
{
    enum approval_kind kind = approval_asked_by_action(ask);
    const struct approval_rule *r = approval_rule(kind);
    if (!r)
        return;
    b->approval = kind;
    /* An organ's lead who asks himself needs no endorsement of his own. */
    bool endorsed = !first || r->endorser == ROLE_NONE || r->endorser == asker_role;
    enum role who = endorsed ? r->granter : r->endorser;
    if (!endorsed && r->by_organ)
        add_organ(b, b->ev->organ_id, ROLE_BIT(who));
    else
        add_level(b, notice_region_level(b->ev->case_level), ROLE_BIT(who));
}

static void add_reporters(struct build *b)
{
    /* A receipt that brings the case back ends nothing. */
    if (b->ev->action == ACT_RECEIPT && b->ev->to_state != STATE_CLOSED)
        return;
    add_account(b, &b->ev->reporter);
    add(b);
    b->out[b->n - 1].of_merged = true;
}

static void add_row(struct build *b, const struct row *row)
{
    const struct notice_event *ev = b->ev;
    struct audience holder;
    b->kind = row->kind;
    b->approval = APPROVAL_NONE;
    switch (row->to) {
    case TO_NOBODY:
        break;
    case TO_ORGAN:
        add_organ(b, ev->organ_id, row->roles);
        break;
    case TO_ASSIGNEE:
        if (uuid_is_nil(&ev->assignee))
            add_organ(b, ev->organ_id, row->roles);
        else
            add_account(b, &ev->assignee);
        break;
    case TO_ORGANS:
        add_organ(b, ev->organ_id, row->roles);
        for (int i = 0; i < ev->n_co; i++)
            if (ev->co_organ_ids[i] != ev->organ_id)
                add_organ(b, ev->co_organ_ids[i], row->roles);
        break;
    case TO_RECEIVER:
        add_organ(b, ev->receiver_id, row->roles);
        break;
    case TO_ASKER:
        b->approval = approval_asked_by_action(ev->asked_by);
        add_account(b, &ev->asker);
        break;
    case TO_LEVEL:
        add_level(b, notice_region_level(ev->case_level), row->roles);
        break;
    case TO_GRID:
        add_level(b, LEVEL_GRID, R(GRID_WORKER));
        break;
    case TO_HOLDER:
        if (notice_holder(ev->to_state, ev->case_level, ev->organ_id, &holder))
            *add(b) = holder;
        break;
    case TO_ENDORSER:
        add_decider(b, ev->action, ev->actor_role, true);
        break;
    case TO_GRANTER:
        add_decider(b, ev->asked_by, ev->asker_role, false);
        break;
    case TO_REPORTERS:
        add_reporters(b);
        break;
    }
}

int notice_of_event(const struct notice_event *ev, struct notice out[NOTICE_MAX_PER_EVENT])
{
    struct build b = {.ev = ev, .out = out};
    if (ev->action <= ACT_NONE || ev->action >= ACT_COUNT)
        return 0;
    for (int i = 0; i < ROWS_PER_ACTION; i++)
        add_row(&b, &table[ev->action][i]);
    return b.n;
}
