/* SPDX-License-Identifier: MIT */
#include "server/store/case_row.h"

#include <string.h>

#include "server/db/result.h"
#include "server/domain/measure.h"
#include "server/domain/approval.h"

/* Writing and reading big-endian integers into a bounded buffer; overrun is remembered, not followed. */
struct wire {
    unsigned char *out;
    const unsigned char *in;
    size_t pos;
    size_t len;
    bool failed;
};

static void put(struct wire *w, uint64_t v, int bytes)
{
    if (w->len - w->pos < (size_t)bytes) {
        w->failed = true;
        return;
    }
    for (int i = bytes - 1; i >= 0; i--)
        w->out[w->pos++] = (unsigned char)(v >> (8 * i));
}

static uint64_t take(struct wire *w, int bytes)
{
    if (w->len - w->pos < (size_t)bytes) {
        w->failed = true;
        return 0;
    }
    uint64_t v = 0;
    for (int i = 0; i < bytes; i++)
        v = v << 8 | w->in[w->pos++];
    return v;
}

/* Bits beside a clock's unit. */
enum { CLOCK_RULE = 1 << 4, CLOCK_WAS_LATE = 1 << 5, CLOCK_UNIT = CLOCK_RULE - 1 };

static void put_clock(struct wire *w, const struct case_clock *k)
{
    put(w, (uint64_t)k->kind, 1);
    if (k->kind == CLOCK_NONE)
        return;
    put(w, (unsigned)k->unit | (k->rule_id ? CLOCK_RULE : 0u) | (k->was_late ? CLOCK_WAS_LATE : 0u), 1);
    if (k->rule_id)
        put(w, (uint64_t)(uint32_t)k->rule_id, 4);
    put(w, (uint64_t)(uint32_t)k->limit_s, 4);
    put(w, (uint64_t)(uint32_t)k->consumed_s, 4);
    put(w, (uint64_t)k->running_since, 8);
    put(w, (uint64_t)k->due_at, 8);
}

static void take_clock(struct wire *w, struct case_clock *k)
{
    deadline_clear(k);
    k->kind = (enum clock_kind)take(w, 1);
    if (k->kind == CLOCK_NONE)
        return;
    unsigned unit = (unsigned)take(w, 1);
    k->unit = (enum time_unit)(unit & CLOCK_UNIT);
    k->was_late = (unit & CLOCK_WAS_LATE) != 0;
    if (unit & CLOCK_RULE)
        k->rule_id = (int32_t)take(w, 4);
    k->limit_s = (int32_t)take(w, 4);
    k->consumed_s = (int32_t)take(w, 4);
    k->running_since = (usec_t)take(w, 8);
    k->due_at = (usec_t)take(w, 8);
    /* Version 1 did not keep it; a limit that was used up says it. */
    if (k->limit_s > 0 && k->consumed_s > k->limit_s)
        k->was_late = true;
    if (k->kind > CLOCK_OVERALL || k->unit >= UNIT_COUNT)
        w->failed = true;
}

static void put_uuid(struct wire *w, const struct uuid *u)
{
    for (size_t i = 0; i < sizeof u->bytes; i++)
        put(w, u->bytes[i], 1);
}

static struct uuid take_uuid(struct wire *w)
{
    struct uuid u;
    for (size_t i = 0; i < sizeof u.bytes; i++)
        u.bytes[i] = (uint8_t)take(w, 1);
    return u;
}

/* What follows the co-organs in version 2, announced by bits: approvals by kind, then the rest. */
enum {
    MORE_URGE = 1 << 0,
    MORE_EXTENDED = 1 << 5,
    MORE_APPEALED = 1 << 6,
    MORE_FED_BACK = 1 << 7,
    GATE_DATA_VERSION = 2,
    CO_REPLIED = 1,
    CO_LAPSED = 2
};

static void put_more(struct wire *w, const struct case_snap *s)
{
    unsigned more = 0;
    for (int k = APPROVAL_EXTEND; k < APPROVAL_COUNT; k++)
        more |= s->approval[k].step != STEP_NONE ? 1u << k : 0;
    if (s->card != CARD_NONE || s->urged_at != USEC_NONE)
        more |= MORE_URGE;
    if (s->extend_count || s->original_due_at != USEC_NONE)
        more |= MORE_EXTENDED;
    if (s->appeal_count)
        more |= MORE_APPEALED;
    if (s->feedback_due_at != USEC_NONE)
        more |= MORE_FED_BACK;
    put(w, more, 1);
    for (int k = APPROVAL_EXTEND; k < APPROVAL_COUNT; k++) {
        const struct case_approval *a = &s->approval[k];
        if (a->step == STEP_NONE)
            continue;
        put(w, (uint64_t)a->step, 1);
        put(w, (uint64_t)a->asked_role, 1);
        put_uuid(w, &a->asked_by);
        put_uuid(w, &a->endorsed_by);
        put(w, (uint64_t)a->asked_at, 8);
        put(w, (uint64_t)a->endorsed_at, 8);
        put(w, (uint64_t)a->until, 8);
    }
    if (more & MORE_URGE) {
        put(w, (uint64_t)s->card, 1);
        put(w, (uint64_t)s->urged_at, 8);
        put(w, (uint64_t)s->reply_by, 8);
    }
    if (more & MORE_EXTENDED) {
        put(w, (uint64_t)s->extend_count, 2);
        put(w, (uint64_t)s->original_due_at, 8);
    }
    if (more & MORE_APPEALED)
        put(w, (uint64_t)s->appeal_count, 2);
    if (more & MORE_FED_BACK)
        put(w, (uint64_t)s->feedback_due_at, 8);
}

static void take_more(struct wire *w, struct case_snap *s)
{
    unsigned more = (unsigned)take(w, 1);
    for (int k = APPROVAL_EXTEND; k < APPROVAL_COUNT; k++) {
        struct case_approval *a = &s->approval[k];
        if (!(more & 1u << k))
            continue;
        a->step = (enum approval_step)take(w, 1);
        a->asked_role = (enum role)take(w, 1);
        a->asked_by = take_uuid(w);
        a->endorsed_by = take_uuid(w);
        a->asked_at = (usec_t)take(w, 8);
        a->endorsed_at = (usec_t)take(w, 8);
        a->until = (usec_t)take(w, 8);
        if (a->step < STEP_ASKED || a->step > STEP_ENDORSED || a->asked_role >= ROLE_COUNT)
            w->failed = true;
    }
    if (more & MORE_URGE) {
        s->card = (enum card)take(w, 1);
        s->urged_at = (usec_t)take(w, 8);
        s->reply_by = (usec_t)take(w, 8);
        if (s->card >= CARD_COUNT)
            w->failed = true;
    }
    if (more & MORE_EXTENDED) {
        s->extend_count = (int)take(w, 2);
        s->original_due_at = (usec_t)take(w, 8);
    }
    if (more & MORE_APPEALED)
        s->appeal_count = (int)take(w, 2);
    if (more & MORE_FED_BACK)
        s->feedback_due_at = (usec_t)take(w, 8);
}

size_t case_gate_data_encode(const struct case_snap *s, unsigned char out[CASE_GATE_DATA_MAX])
{
    if (s->n_co == 0 && uuid_is_nil(&s->feeder) && s->reopen_count == 0 && s->suspend_count == 0 &&
        s->suspended_until == USEC_NONE && s->stage.kind == CLOCK_NONE && s->handle.kind == CLOCK_NONE &&
        s->overall.kind == CLOCK_NONE && approval_bits(s) == 0 && s->card == CARD_NONE && s->urged_at == USEC_NONE &&
        s->extend_count == 0 && s->appeal_count == 0)
        return 0;
    struct wire w = {.out = out, .len = CASE_GATE_DATA_MAX};
    put(&w, GATE_DATA_VERSION, 1);
    put(&w, (uint64_t)s->reopen_count, 2);
    put(&w, (uint64_t)s->suspend_count, 2);
    put(&w, (uint64_t)s->suspended_until, 8);
    put_uuid(&w, &s->feeder);
    put_clock(&w, &s->stage);
    put_clock(&w, &s->handle);
    put(&w, (uint64_t)s->n_co, 1);
    for (int i = 0; i < s->n_co; i++) {
        put(&w, (uint64_t)(uint32_t)s->co[i].organ_id, 4);
        put(&w, (s->co[i].replied ? CO_REPLIED : 0u) | (s->co[i].lapsed ? CO_LAPSED : 0u), 1);
        put(&w, (uint64_t)s->co[i].reply_by, 8);
    }
    put_clock(&w, &s->overall);
    put_more(&w, s);
    return w.failed ? 0 : w.pos;
}

/* Everything the bytes hold, as in a case that does not exist yet. */
static void forget(struct case_snap *s)
{
    s->reopen_count = s->suspend_count = s->extend_count = s->appeal_count = 0;
    s->suspended_until = s->urged_at = s->reply_by = s->original_due_at = s->feedback_due_at = USEC_NONE;
    s->feeder = (struct uuid){{0}};
    s->card = CARD_NONE;
    s->n_co = 0;
    for (int i = 0; i < CASE_MAX_CO_ORGANS; i++) {
        memset(&s->co[i], 0, sizeof s->co[i]);
        s->co[i].reply_by = USEC_NONE;
    }
    for (int k = 0; k < APPROVAL_COUNT; k++)
        approval_clear(&s->approval[k]);
    deadline_clear(&s->stage);
    deadline_clear(&s->handle);
    deadline_clear(&s->overall);
}

int case_gate_data_decode(const unsigned char *data, size_t len, struct case_snap *s)
{
    forget(s);
    if (!data)
        return 0;
    struct wire w = {.in = data, .len = len};
    uint64_t version = take(&w, 1);
    if (version < 1 || version > GATE_DATA_VERSION)
        return ERR_INTERNAL;
    s->reopen_count = (int)take(&w, 2);
    s->suspend_count = (int)take(&w, 2);
    s->suspended_until = (usec_t)take(&w, 8);
    s->feeder = take_uuid(&w);
    take_clock(&w, &s->stage);
    take_clock(&w, &s->handle);
    uint64_t n = take(&w, 1);
    if (n > CASE_MAX_CO_ORGANS)
        return ERR_INTERNAL;
    for (uint64_t i = 0; i < n; i++) {
        s->co[i].organ_id = (int32_t)take(&w, 4);
        uint64_t bits = take(&w, 1);
        s->co[i].replied = (bits & CO_REPLIED) != 0;
        s->co[i].lapsed = (bits & CO_LAPSED) != 0;
        s->co[i].reply_by = (usec_t)take(&w, 8);
    }
    s->n_co = (int)n;
    if (version >= 2) {
        take_clock(&w, &s->overall);
        take_more(&w, s);
    }
    return w.failed || w.pos != len ? ERR_INTERNAL : 0;
}

void case_row_set_handler(struct case_row *row, const struct case_snap *before, const struct case_snap *after,
                          const char *who_name)
{
    if (uuid_is_nil(&after->assignee))
        row->assignee_name = NULL;
    if (uuid_is_nil(&after->handler))
        row->handler_name = NULL;
    else if (!uuid_equal(&after->handler, &before->handler))
        row->handler_name = who_name;
}

/* Copies a text column; NULL stays NULL. Sets *failed when the arena is full. */
static const char *copy_text(const PGresult *res, int row, int col, struct arena *a, bool *failed)
{
    const char *s = db_get_text(res, row, col);
    if (!s)
        return NULL;
    char *copy = arena_strdup(a, s);
    if (!copy)
        *failed = true;
    return copy;
}

int case_row_read(const PGresult *res, int row, struct arena *a, struct case_row *ret, struct err *e)
{
    int c = 0;
    bool failed = false;
    struct case_snap *s = &ret->snap;
    case_snap_init(s);
    s->id = db_get_uuid(res, row, c++);
    s->number = db_get_i64(res, row, c++);
    s->version = db_get_i64(res, row, c++);
    s->state = (enum case_state)db_get_i32(res, row, c++);
    s->prev_state = (enum case_state)db_get_i32(res, row, c++);
    s->grid = db_get_i64(res, row, c++);
    s->category_id = (int16_t)db_get_i32(res, row, c++);
    s->urgency = (enum urgency)db_get_i32(res, row, c++);
    s->channel = (enum channel)db_get_i32(res, row, c++);
    s->level = db_get_i32(res, row, c++);
    s->organ_id = db_get_i32(res, row, c++);
    c++; /* co_organs: gate_data has them with their replies */
    s->reporter = db_get_uuid(res, row, c++);
    s->handler = db_get_uuid(res, row, c++);
    s->checker = db_get_uuid(res, row, c++);
    s->closer = db_get_uuid(res, row, c++);
    struct uuid void_requested_by = db_get_uuid(res, row, c++);
    s->merged_into = db_get_uuid(res, row, c++);
    s->flags = (uint32_t)db_get_i32(res, row, c++);
    s->round = db_get_i32(res, row, c++);
    s->return_count = db_get_i32(res, row, c++);
    s->rework_count = db_get_i32(res, row, c++);
    ret->cohort_day = db_get_date(res, row, c++);
    s->reported_at = db_get_time(res, row, c++);
    ret->arrived_at = db_get_time(res, row, c++);
    s->last_event_at = db_get_time(res, row, c++);
    s->due_at = db_get_time(res, row, c++);
    s->feedback_at = db_get_time(res, row, c++);
    s->closed_at = db_get_time(res, row, c++);
    size_t len;
    const void *gate_data = db_get_bytes(res, row, c++, &len);
    ret->unreadable = case_gate_data_decode(gate_data, len, s) != 0;
    /* Stored before requests were: who asked for the voiding stood in the column alone. */
    struct case_approval *voiding = &s->approval[APPROVAL_VOID];
    if (!uuid_is_nil(&void_requested_by) && voiding->step == STEP_NONE) {
        voiding->step = STEP_ASKED;
        voiding->asked_by = void_requested_by;
        voiding->asked_at = s->last_event_at;
    }
    ret->has_location = !db_get_is_null(res, row, c);
    ret->latitude = db_get_f64(res, row, c++);
    ret->longitude = db_get_f64(res, row, c++);
    ret->reporter_name = copy_text(res, row, c++, a, &failed);
    ret->handler_name = copy_text(res, row, c++, a, &failed);
    ret->address = copy_text(res, row, c++, a, &failed);
    ret->description = copy_text(res, row, c++, a, &failed);
    s->next_light_at = db_get_time(res, row, c++);
    s->source_id = db_get_i32(res, row, c++);
    s->assignee = db_get_uuid(res, row, c++);
    ret->assignee_name = copy_text(res, row, c++, a, &failed);
    if (failed)
        return err_set(e, ERR_NOMEM, "The answer is too large. Ask for less.");
    return ret->unreadable ? err_set(e, ERR_INTERNAL, "The case cannot be read. Tell the operator its number.") : 0;
}

/* What was answered, from what the step counts as. */
static enum yes_no answer_of(int64_t more, enum measure asked, enum measure yes)
{
    if (!(more >> (asked - MEASURE_CORE) & 1))
        return YES_NO_NONE;
    return more >> (yes - MEASURE_CORE) & 1 ? YES_NO_YES : YES_NO_NO;
}

int event_row_read(const PGresult *res, int row, struct arena *a, struct event_row *ret, struct err *e)
{
    int c = 0;
    bool failed = false;
    ret->case_id = db_get_uuid(res, row, c++);
    ret->version = db_get_i64(res, row, c++);
    ret->request_id = db_get_uuid(res, row, c++);
    ret->happened_at = db_get_time(res, row, c++);
    ret->arrived_at = db_get_time(res, row, c++);
    ret->action = (enum action)db_get_i32(res, row, c++);
    ret->from_state = (enum case_state)db_get_i32(res, row, c++);
    ret->to_state = (enum case_state)db_get_i32(res, row, c++);
    ret->check_result = (enum check_result)db_get_i32(res, row, c++);
    ret->actor_role = (enum role)db_get_i32(res, row, c++);
    ret->imported = db_get_bool(res, row, c++);
    ret->actor_id = db_get_uuid(res, row, c++);
    ret->actor_organ_id = db_get_i32(res, row, c++);
    ret->actor_name = copy_text(res, row, c++, a, &failed);
    ret->text = copy_text(res, row, c++, a, &failed);
    ret->reason_code = copy_text(res, row, c++, a, &failed);
    ret->receiver = copy_text(res, row, c++, a, &failed);
    ret->approval = (enum approval_kind)db_get_i32(res, row, c++);
    ret->card = (enum card)db_get_i32(res, row, c++);
    ret->level = db_get_i32(res, row, c++);
    ret->until = db_get_time(res, row, c++);
    ret->target_id = db_get_uuid(res, row, c++);
    ret->outside_number = copy_text(res, row, c++, a, &failed);
    ret->n_co = db_get_i32_list(res, row, c++, ret->co_organ_ids, CASE_MAX_CO_ORGANS);
    int64_t more = db_get_i64(res, row, c++);
    ret->responded = answer_of(more, MEASURE_RESPONSE_ASKED, MEASURE_RESPONDED);
    ret->solved = answer_of(more, MEASURE_SOLUTION_ASKED, MEASURE_SOLVED);
    return failed ? err_set(e, ERR_NOMEM, "The answer is too large. Ask for less.") : 0;
}
