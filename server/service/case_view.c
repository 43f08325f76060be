/* SPDX-License-Identifier: MIT */
#include "server/service/case_view.h"

#include <protobuf-c/protobuf-c.h>
#include <string.h>

#include "server/domain/approval.h"
#include "server/domain/number.h"
#include "server/domain/person.h"
#include "server/domain/privacy.h"

/* Everything below builds in an arena; a failed allocation shows as NULL and ends the build. */

static char *str(struct arena *a, const char *s)
{
    return s && *s ? arena_strdup(a, s) : (char *)protobuf_c_empty_string;
}

char *view_uuid(struct arena *a, const struct uuid *u)
{
    if (uuid_is_nil(u))
        return (char *)protobuf_c_empty_string;
    char *s = arena_alloc(a, UUID_TEXT_LEN + 1);
    if (s)
        uuid_format(u, s);
    return s;
}

Google__Protobuf__Timestamp *view_time(struct arena *a, usec_t t)
{
    if (t == USEC_NONE)
        return NULL;
    Google__Protobuf__Timestamp *ts = arena_alloc(a, sizeof *ts);
    if (!ts)
        return NULL;
    google__protobuf__timestamp__init(ts);
    int64_t s = t / USEC_PER_SEC - (t % USEC_PER_SEC < 0);
    ts->seconds = s;
    ts->nanos = (int32_t)(t - s * USEC_PER_SEC) * 1000;
    return ts;
}

bool view_parse_time(const Google__Protobuf__Timestamp *t, usec_t *ret)
{
    /* The range of google.protobuf.Timestamp: 0001-01-01 to 9999-12-31. */
    const int64_t min_s = INT64_C(-62135596800);
    const int64_t max_s = INT64_C(253402300799);
    if (!t) {
        *ret = USEC_NONE;
        return true;
    }
    if (t->seconds < min_s || t->seconds > max_s || t->nanos < 0 || t->nanos > 999999999)
        return false;
    *ret = t->seconds * USEC_PER_SEC + t->nanos / 1000;
    return true;
}

const char *view_receiving_organ(const struct directory *dir, const struct act *act, const struct case_snap *before,
                                 const struct case_snap *after)
{
    struct gate_receiver r;
    gate_receiver_of(act, before, after, &r);
    const struct dir_organ *organ = r.organ_id ? directory_organ_by_id(dir, r.organ_id) : NULL;
    return organ ? organ->code : NULL;
}

const char *view_receiver(struct arena *a, const struct directory *dir, const struct act *act, const struct case_snap *before,
                          const struct case_snap *after)
{
    struct gate_receiver r;
    gate_receiver_of(act, before, after, &r);
    return uuid_is_nil(&r.account) ? view_receiving_organ(dir, act, before, after) : view_uuid(a, &r.account);
}

struct gate_env view_gate_env(const struct service_ctx *ctx, const struct directory *dir, bool import)
{
    return (struct gate_env){.dir = dir, .rules = &ctx->rules, .now = ctx->clock->now(ctx->clock), .import = import};
}

static const char *organ_code(const struct directory *dir, int32_t id)
{
    const struct dir_organ *o = id ? directory_organ_by_id(dir, id) : NULL;
    return o ? o->code : "";
}

/* False: out of memory. */
static bool organ_codes(struct arena *a, const struct directory *dir, const int32_t *ids, int n, char ***codes, size_t *n_codes)
{
    *n_codes = 0;
    if (n == 0)
        return true;
    *codes = arena_alloc(a, (size_t)n * sizeof **codes);
    for (int i = 0; *codes && i < n; i++)
        (*codes)[(*n_codes)++] = str(a, organ_code(dir, ids[i]));
    return *codes != NULL;
}

struct view_lens view_lens_of(const struct actor *who, bool confidential, const struct uuid *reporter)
{
    return (struct view_lens){
        .hide_reporter = privacy_hides_reporter(who, confidential, reporter),
        .mask_texts = !privacy_shows_numbers(who, confidential),
        .reporter = *reporter,
    };
}

char *view_text(struct arena *a, const struct view_lens *lens, const char *s)
{
    if (!s || !lens->mask_texts || !person_text_holds_any(s))
        return str(a, s);
    char *copy = arena_alloc(a, strlen(s) + 1);
    if (copy)
        person_mask_text(s, copy);
    return copy;
}

static bool is_hidden(const struct view_lens *lens, const struct uuid *id)
{
    return lens->hide_reporter && uuid_equal(id, &lens->reporter);
}

Wangge__V1__Actor *view_actor(struct arena *a, const struct view_lens *lens, const struct uuid *id, const char *name,
                              enum role role, const char *organ)
{
    Wangge__V1__Actor *p = arena_alloc(a, sizeof *p);
    if (!p)
        return NULL;
    wangge__v1__actor__init(p);
    /* Not absent: clients that know nothing of it go on. */
    if (is_hidden(lens, id))
        return p;
    p->account_id = view_uuid(a, id);
    p->name = str(a, name);
    p->role = (Wangge__V1__Role)role;
    p->organ_code = str(a, organ);
    return p;
}

/* Names of the set bits of a field mask. */
static char **view_fields(struct arena *a, uint32_t mask, size_t *ret_n)
{
    char **list = arena_alloc(a, ACT_FIELD_COUNT * sizeof *list);
    size_t n = 0;
    for (int i = 0; list && i < ACT_FIELD_COUNT; i++) {
        if (mask & (1u << i))
            list[n++] = (char *)act_field_name((enum act_field)(1 << i));
    }
    *ret_n = n;
    return list;
}

/* Sets *ret (NULL if none) and returns how many. */
static size_t view_options(struct arena *a, const struct service_ctx *ctx, const struct directory *dir, const struct actor *who,
                           const struct case_snap *snap, Wangge__V1__ActionOption ***ret)
{
    struct gate_option options[ACT_COUNT];
    struct gate_env env = view_gate_env(ctx, dir, false);
    size_t n = gate_allowed(&env, who, snap, options, ACT_COUNT);
    Wangge__V1__ActionOption **list = arena_alloc(a, (n + 1) * sizeof(Wangge__V1__ActionOption *));
    for (size_t i = 0; list && i < n; i++) {
        Wangge__V1__ActionOption *o = arena_alloc(a, sizeof *o);
        if (!o)
            return 0;
        wangge__v1__action_option__init(o);
        o->action = (Wangge__V1__Action)options[i].action;
        o->to_state = (Wangge__V1__CaseState)options[i].to_state;
        o->required_fields = view_fields(a, options[i].required, &o->n_required_fields);
        o->optional_fields = view_fields(a, options[i].optional, &o->n_optional_fields);
        o->approvals = options[i].approvals ? arena_alloc(a, APPROVAL_COUNT * sizeof *o->approvals) : NULL;
        for (int k = APPROVAL_EXTEND; o->approvals && k < APPROVAL_COUNT; k++)
            if (options[i].approvals & 1u << k)
                o->approvals[o->n_approvals++] = (Wangge__V1__ApprovalKind)k;
        list[i] = o;
    }
    *ret = list;
    return list ? n : 0;
}

/* What is asked for; the names and the words come with the events (case_life.h). */
static bool view_pending(struct arena *a, const struct view_lens *lens, const struct case_snap *s, Wangge__V1__Case *c)
{
    for (int k = APPROVAL_EXTEND; k < APPROVAL_COUNT; k++) {
        const struct case_approval *from = &s->approval[k];
        if (from->step == STEP_NONE)
            continue;
        if (!c->approvals)
            c->approvals = arena_alloc(a, APPROVAL_COUNT * sizeof *c->approvals);
        Wangge__V1__Approval *p = arena_alloc(a, sizeof *p);
        if (!p || !c->approvals)
            return false;
        wangge__v1__approval__init(p);
        p->kind = (Wangge__V1__ApprovalKind)k;
        p->asked_by = view_actor(a, lens, &from->asked_by, NULL, from->asked_role, "");
        p->asked_at = view_time(a, from->asked_at);
        if (!uuid_is_nil(&from->endorsed_by))
            p->endorsed_by = view_actor(a, lens, &from->endorsed_by, NULL, approval_rule((enum approval_kind)k)->endorser, "");
        p->endorsed_at = view_time(a, from->endorsed_at);
        p->until = view_time(a, from->until);
        c->approvals[c->n_approvals++] = p;
    }
    return true;
}

static void view_clocks(struct arena *a, const struct service_ctx *ctx, const struct directory *dir, const struct case_snap *s,
                        Wangge__V1__Case *c)
{
    const struct calendar *cal = directory_calendar_for(dir, s->grid);
    const struct case_clock *running = s->handle.running_since != USEC_NONE ? &s->handle : &s->stage;
    usec_t now = ctx->clock->now(ctx->clock);
    if (running->running_since != USEC_NONE)
        c->light = (Wangge__V1__Light)deadline_light(running, cal, now);
    c->due_provisional = deadline_is_provisional(running, cal);
    c->overall_due_at = view_time(a, s->overall.due_at);
    if (s->overall.running_since != USEC_NONE)
        c->overall_light = (Wangge__V1__Light)deadline_light(&s->overall, cal, now);
    c->original_due_at = view_time(a, s->original_due_at);
}

Wangge__V1__Case *view_case(struct arena *a, const struct service_ctx *ctx, const struct directory *dir,
                            const struct actor *who, const struct case_row *row, bool with_actions)
{
    const struct case_snap *s = &row->snap;
    const struct view_lens lens = view_lens_of(who, case_has(s, CASE_CONFIDENTIAL), &s->reporter);
    Wangge__V1__Case *c = arena_alloc(a, sizeof *c);
    char *number = arena_alloc(a, NUMBER_TEXT_SIZE);
    char *grid = arena_alloc(a, REGION_TEXT_SIZE);
    char *grid_name = arena_alloc(a, DIRECTORY_FULL_NAME_SIZE);
    if (!c || !number || !grid || !grid_name)
        return NULL;
    wangge__v1__case__init(c);
    number_format(s->number, number);
    region_format(s->grid, grid);
    (void)directory_full_name(dir, s->grid, grid_name, DIRECTORY_FULL_NAME_SIZE);
    c->case_id = view_uuid(a, &s->id);
    c->number = number;
    c->version = s->version;
    c->state = (Wangge__V1__CaseState)s->state;
    c->grid_code = grid;
    c->grid_name = grid_name;
    const struct dir_category *category = directory_category_by_id(dir, s->category_id);
    c->category_code = str(a, category ? category->code : "");
    c->category_name = str(a, category ? category->name : "");
    c->urgency = (Wangge__V1__Urgency)s->urgency;
    c->channel = (Wangge__V1__Channel)s->channel;
    c->description = view_text(a, &lens, row->description);
    c->address = view_text(a, &lens, row->address);
    if (row->has_location) {
        c->location = arena_alloc(a, sizeof *c->location);
        if (!c->location)
            return NULL;
        wangge__v1__point__init(c->location);
        c->location->latitude = row->latitude;
        c->location->longitude = row->longitude;
    }
    c->reported_at = view_time(a, s->reported_at);
    c->arrived_at = view_time(a, row->arrived_at);
    c->reporter = view_actor(a, &lens, &s->reporter, row->reporter_name, ROLE_NONE, "");
    const struct dir_organ *organ = s->organ_id ? directory_organ_by_id(dir, s->organ_id) : NULL;
    c->organ_code = str(a, organ ? organ->code : "");
    c->organ_name = str(a, organ ? organ->name : "");
    int32_t helpers[CASE_MAX_CO_ORGANS];
    for (int i = 0; i < s->n_co; i++)
        helpers[i] = s->co[i].organ_id;
    if (!organ_codes(a, dir, helpers, s->n_co, &c->co_organ_codes, &c->n_co_organ_codes))
        return NULL;
    if (!uuid_is_nil(&s->handler))
        c->handler = view_actor(a, &lens, &s->handler, row->handler_name, ROLE_HANDLER, organ ? organ->code : "");
    if (!uuid_is_nil(&s->assignee))
        c->assignee = view_actor(a, &lens, &s->assignee, row->assignee_name, ROLE_HANDLER, organ ? organ->code : "");
    c->level = s->level;
    c->due_at = view_time(a, s->due_at);
    c->closed_at = view_time(a, s->closed_at);
    c->self_closed = case_has(s, CASE_SELF_CLOSED);
    c->forced_closed = case_has(s, CASE_FORCED);
    c->round = s->round;
    c->return_count = s->return_count;
    c->rework_count = s->rework_count;
    c->merged_into_case_id = view_uuid(a, &s->merged_into);
    c->imported = case_has(s, CASE_IMPORTED);
    c->void_requested = approval_is_pending(s, APPROVAL_VOID);
    if (!view_pending(a, &lens, s, c))
        return NULL;
    view_clocks(a, ctx, dir, s, c);
    c->extension_count = s->extend_count;
    c->reopen_count = s->reopen_count;
    c->suspended_until = view_time(a, s->suspended_until);
    c->card = (Wangge__V1__Card)s->card;
    c->card_reply_by = view_time(a, s->reply_by);
    c->late = case_has(s, CASE_LATE);
    c->late_exempt = case_has(s, CASE_LATE_EXEMPT);
    c->confidential = case_has(s, CASE_CONFIDENTIAL);
    c->reporter_hidden = lens.hide_reporter;
    if (with_actions)
        c->n_allowed_actions = view_options(a, ctx, dir, who, s, &c->allowed_actions);
    return c;
}

Wangge__V1__CaseEvent *view_event(struct arena *a, const struct directory *dir, const struct view_lens *lens,
                                  const struct event_row *row)
{
    Wangge__V1__CaseEvent *e = arena_alloc(a, sizeof *e);
    if (!e)
        return NULL;
    wangge__v1__case_event__init(e);
    e->version = row->version;
    e->case_id = view_uuid(a, &row->case_id);
    e->action = (Wangge__V1__Action)row->action;
    e->from_state = (Wangge__V1__CaseState)row->from_state;
    e->to_state = (Wangge__V1__CaseState)row->to_state;
    e->actor = view_actor(a, lens, &row->actor_id, row->actor_name, row->actor_role, organ_code(dir, row->actor_organ_id));
    e->happened_at = view_time(a, row->happened_at);
    e->arrived_at = view_time(a, row->arrived_at);
    e->actor_hidden = is_hidden(lens, &row->actor_id);
    e->text = view_text(a, lens, row->text);
    e->reason_code = str(a, row->reason_code);
    struct uuid receiver;
    bool receiver_hidden = row->receiver && uuid_parse(row->receiver, &receiver) && is_hidden(lens, &receiver);
    e->receiver = str(a, receiver_hidden ? "" : row->receiver);
    e->check_result = (Wangge__V1__CheckResult)row->check_result;
    e->responded = (Wangge__V1__YesNo)row->responded;
    e->solved = (Wangge__V1__YesNo)row->solved;
    e->imported = row->imported;
    e->request_id = view_uuid(a, &row->request_id);
    e->approval = (Wangge__V1__ApprovalKind)row->approval;
    e->until = view_time(a, row->until);
    e->card = (Wangge__V1__Card)row->card;
    e->target_case_id = view_uuid(a, &row->target_id);
    e->outside_number = str(a, row->outside_number);
    if (!organ_codes(a, dir, row->co_organ_ids, row->n_co, &e->co_organ_codes, &e->n_co_organ_codes))
        return NULL;
    return e->actor ? e : NULL;
}

Wangge__V1__CaseConflict *view_conflict(struct arena *a, const struct service_ctx *ctx, const struct directory *dir,
                                        const struct actor *who, const char *rule, const struct case_snap *now,
                                        const struct event_row *since, int n_since)
{
    Wangge__V1__CaseConflict *c = arena_alloc(a, sizeof *c);
    if (!c)
        return NULL;
    wangge__v1__case_conflict__init(c);
    c->rule = str(a, rule);
    if (now) {
        c->state = (Wangge__V1__CaseState)now->state;
        c->version = now->version;
        c->n_allowed_actions = view_options(a, ctx, dir, who, now, &c->allowed_actions);
    }
    /* Only who can read the case gets as far as to its events. */
    static const struct uuid nobody;
    const struct view_lens lens = view_lens_of(who, !now || case_has(now, CASE_CONFIDENTIAL), now ? &now->reporter : &nobody);
    if (n_since > 0) {
        c->events_since = arena_alloc(a, (size_t)n_since * sizeof *c->events_since);
        for (int i = 0; c->events_since && i < n_since; i++) {
            Wangge__V1__CaseEvent *e = view_event(a, dir, &lens, &since[i]);
            if (!e)
                break;
            c->events_since[c->n_events_since++] = e;
        }
    }
    return c;
}
