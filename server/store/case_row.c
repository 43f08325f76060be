/* SPDX-License-Identifier: MIT */
#include "server/store/case_row.h"

#include <string.h>

#include "server/db/result.h"

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

static void put_clock(struct wire *w, const struct case_clock *k)
{
    put(w, (uint64_t)k->kind, 1);
    if (k->kind == CLOCK_NONE)
        return;
    put(w, (uint64_t)k->unit, 1);
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
    k->unit = (enum time_unit)take(w, 1);
    k->limit_s = (int32_t)take(w, 4);
    k->consumed_s = (int32_t)take(w, 4);
    k->running_since = (usec_t)take(w, 8);
    k->due_at = (usec_t)take(w, 8);
    if (k->kind > CLOCK_CHECK || k->unit > UNIT_URGENT)
        w->failed = true;
}

size_t case_gate_data_encode(const struct case_snap *s, unsigned char out[CASE_GATE_DATA_MAX])
{
    if (s->n_co == 0 && uuid_is_nil(&s->feeder) && s->reopen_count == 0 && s->suspend_count == 0 &&
        s->suspended_until == USEC_NONE && s->stage.kind == CLOCK_NONE && s->handle.kind == CLOCK_NONE)
        return 0;
    struct wire w = {.out = out, .len = CASE_GATE_DATA_MAX};
    put(&w, 1, 1);
    put(&w, (uint64_t)s->reopen_count, 2);
    put(&w, (uint64_t)s->suspend_count, 2);
    put(&w, (uint64_t)s->suspended_until, 8);
    for (size_t i = 0; i < sizeof s->feeder.bytes; i++)
        put(&w, s->feeder.bytes[i], 1);
    put_clock(&w, &s->stage);
    put_clock(&w, &s->handle);
    put(&w, (uint64_t)s->n_co, 1);
    for (int i = 0; i < s->n_co; i++) {
        put(&w, (uint64_t)(uint32_t)s->co[i].organ_id, 4);
        put(&w, s->co[i].replied, 1);
        put(&w, (uint64_t)s->co[i].reply_by, 8);
    }
    return w.failed ? 0 : w.pos;
}

int case_gate_data_decode(const unsigned char *data, size_t len, struct case_snap *s)
{
    s->reopen_count = 0;
    s->suspend_count = 0;
    s->suspended_until = USEC_NONE;
    s->feeder = (struct uuid){{0}};
    s->n_co = 0;
    deadline_clear(&s->stage);
    deadline_clear(&s->handle);
    if (!data)
        return 0;
    struct wire w = {.in = data, .len = len};
    if (take(&w, 1) != 1)
        return ERR_INTERNAL;
    s->reopen_count = (int)take(&w, 2);
    s->suspend_count = (int)take(&w, 2);
    s->suspended_until = (usec_t)take(&w, 8);
    for (size_t i = 0; i < sizeof s->feeder.bytes; i++)
        s->feeder.bytes[i] = (uint8_t)take(&w, 1);
    take_clock(&w, &s->stage);
    take_clock(&w, &s->handle);
    uint64_t n = take(&w, 1);
    if (n > CASE_MAX_CO_ORGANS)
        return ERR_INTERNAL;
    for (uint64_t i = 0; i < n; i++) {
        s->co[i].organ_id = (int32_t)take(&w, 4);
        s->co[i].replied = take(&w, 1) != 0;
        s->co[i].reply_by = (usec_t)take(&w, 8);
    }
    s->n_co = (int)n;
    return w.failed || w.pos != len ? ERR_INTERNAL : 0;
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
    s->void_requested_by = db_get_uuid(res, row, c++);
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
    if (case_gate_data_decode(gate_data, len, s))
        return err_set(e, ERR_INTERNAL, "The case cannot be read. Tell the operator its number.");
    ret->has_location = !db_get_is_null(res, row, c);
    ret->latitude = db_get_f64(res, row, c++);
    ret->longitude = db_get_f64(res, row, c++);
    ret->reporter_name = copy_text(res, row, c++, a, &failed);
    ret->handler_name = copy_text(res, row, c++, a, &failed);
    ret->address = copy_text(res, row, c++, a, &failed);
    ret->description = copy_text(res, row, c++, a, &failed);
    return failed ? err_set(e, ERR_NOMEM, "The answer is too large. Ask for less.") : 0;
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
    return failed ? err_set(e, ERR_NOMEM, "The answer is too large. Ask for less.") : 0;
}
