/* SPDX-License-Identifier: MIT */
#include "server/service/case_life.h"

#include "server/domain/approval.h"
#include "server/domain/number.h"
#include "server/service/case_view.h"

bool life_needs_events(const struct case_snap *s)
{
    return s->round > 1 || approval_bits(s) != 0;
}

static Wangge__V1__Approval *pending(Wangge__V1__Case *c, enum approval_kind k)
{
    for (size_t i = 0; k != APPROVAL_NONE && i < c->n_approvals; i++)
        if ((int)c->approvals[i]->kind == (int)k)
            return c->approvals[i];
    return NULL;
}

/* The last ask and the last endorsement of a kind are those that are pending. */
static void name_request(Wangge__V1__Case *c, const struct event_row *row, Wangge__V1__CaseEvent *e)
{
    Wangge__V1__Approval *p = pending(c, row->approval);
    if (!p)
        return;
    if (row->action == approval_rule(row->approval)->ask) {
        p->asked_by = e->actor;
        p->reason = *e->text ? e->text : e->reason_code;
    } else if (row->action == ACT_ENDORSE && p->endorsed_by) {
        p->endorsed_by = e->actor;
    }
}

/* A closing waits in *open until the case is reopened: then that round is an earlier one. */
static bool tell_round(struct arena *a, Wangge__V1__Case *c, const struct event_row *row, Wangge__V1__CaseEvent *e,
                       Wangge__V1__CaseRound **open)
{
    if (row->to_state == STATE_CLOSED && row->from_state != STATE_CLOSED) {
        Wangge__V1__CaseRound *r = arena_alloc(a, sizeof *r);
        if (!r)
            return false;
        wangge__v1__case_round__init(r);
        r->round = (int32_t)c->n_rounds + 1;
        r->closed_at = e->happened_at;
        r->closer = e->actor;
        r->forced_closed = row->action == ACT_FORCE_CLOSE;
        r->self_closed = row->action == ACT_SETTLE;
        *open = r;
    } else if (row->action == ACT_REOPEN && *open) {
        (*open)->reopened_at = e->happened_at;
        c->rounds[c->n_rounds++] = *open;
        *open = NULL;
    }
    return true;
}

bool life_add_events(struct arena *a, const struct directory *dir, const struct view_lens *lens, const struct event_row *rows,
                     int n, Wangge__V1__Case *c)
{
    Wangge__V1__CaseRound *open = NULL;
    c->rounds = arena_alloc(a, ((size_t)c->reopen_count + 1) * sizeof *c->rounds);
    for (int i = 0; c->rounds && i < n; i++) {
        const struct event_row *row = &rows[i];
        bool ends = row->to_state == STATE_CLOSED && row->from_state != STATE_CLOSED;
        if (row->approval == APPROVAL_NONE && row->action != ACT_REOPEN && !ends)
            continue;
        if (row->action == ACT_REOPEN && c->n_rounds >= (size_t)c->reopen_count)
            break; /* reopened since the case was read */
        Wangge__V1__CaseEvent *e = view_event(a, dir, lens, row);
        if (!e || !tell_round(a, c, row, e, &open))
            return false;
        name_request(c, row, e);
    }
    return c->rounds != NULL;
}

bool life_add_co_organs(struct arena *a, const struct directory *dir, const struct case_snap *s, Wangge__V1__Case *c)
{
    if (s->n_co == 0)
        return true;
    c->co_organs = arena_alloc(a, (size_t)s->n_co * sizeof *c->co_organs);
    for (int i = 0; c->co_organs && i < s->n_co; i++) {
        const struct dir_organ *organ = directory_organ_by_id(dir, s->co[i].organ_id);
        Wangge__V1__CoOrgan *o = arena_alloc(a, sizeof *o);
        if (!o)
            return false;
        wangge__v1__co_organ__init(o);
        if (organ) {
            o->organ_code = arena_strdup(a, organ->code);
            o->organ_name = arena_strdup(a, organ->name);
        }
        if (!o->organ_code || !o->organ_name)
            return false;
        o->replied = s->co[i].replied;
        o->lapsed = s->co[i].lapsed;
        o->reply_by = view_time(a, s->co[i].reply_by);
        c->co_organs[c->n_co_organs++] = o;
    }
    return c->co_organs != NULL;
}

bool life_add_links(struct arena *a, const struct link_row *rows, int n, Wangge__V1__Case *c)
{
    if (n == 0)
        return true;
    c->merged_cases = arena_alloc(a, (size_t)n * sizeof *c->merged_cases);
    for (int i = 0; c->merged_cases && i < n; i++) {
        Wangge__V1__CaseLink *l = arena_alloc(a, sizeof *l);
        char *number = arena_alloc(a, NUMBER_TEXT_SIZE);
        if (!l || !number)
            return false;
        wangge__v1__case_link__init(l);
        number_format(rows[i].number, number);
        l->case_id = view_uuid(a, &rows[i].case_id);
        l->number = number;
        l->merged_at = view_time(a, rows[i].merged_at);
        c->merged_cases[c->n_merged_cases++] = l;
    }
    return c->merged_cases != NULL;
}
