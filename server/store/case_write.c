/* SPDX-License-Identifier: MIT */
/* The write half of case_store.h: packs gate decisions into the arrays of sql/case_write.sql. */
#include "server/store/case_store.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "common/base/log.h"
#include "server/db/result.h"
#include "server/domain/approval.h"
#include "sql.h"

static void add_uuid(struct db_array *a, const struct uuid *u)
{
    if (uuid_is_nil(u))
        db_array_null(a);
    else
        db_array_bytes(a, u->bytes, sizeof u->bytes);
}

static void add_i32_or_null(struct db_array *a, int32_t v)
{
    if (v == 0)
        db_array_null(a);
    else
        db_array_i32(a, v);
}

static void add_f64(struct db_array *a, bool present, double v)
{
    if (!present) {
        db_array_null(a);
        return;
    }
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    db_array_i64(a, (int64_t)bits);
}

/* PostgreSQL counts dates from 2000-01-01. */
static void add_date(struct db_array *a, int32_t day)
{
    db_array_i32(a, day - 10957);
}

static void add_ids(struct db_array *a, const int32_t *ids, int n)
{
    if (n == 0) {
        db_array_null(a);
        return;
    }
    char text[16 * (CASE_MAX_CO_ORGANS + 1)];
    size_t len = 0;
    for (int i = 0; i < n; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%c%d", i ? ',' : '{', ids[i]);
    (void)snprintf(text + len, sizeof text - len, "}");
    db_array_text(a, text);
}

static void add_co_organs(struct db_array *a, const struct case_snap *s)
{
    int32_t ids[CASE_MAX_CO_ORGANS];
    for (int i = 0; i < s->n_co; i++)
        ids[i] = s->co[i].organ_id;
    add_ids(a, ids, s->n_co);
}

static void add_gate_data(struct db_array *a, const struct case_snap *s)
{
    unsigned char data[CASE_GATE_DATA_MAX];
    size_t len = case_gate_data_encode(s, data);
    if (len == 0)
        db_array_null(a);
    else
        db_array_bytes(a, data, len);
}

static const uint32_t case_types[] = {
    DB_OID_UUID,        DB_OID_INT4,        DB_OID_INT8,        DB_OID_INT4,        DB_OID_INT2,        DB_OID_INT2,
    DB_OID_INT8,        DB_OID_INT2,        DB_OID_INT2,        DB_OID_INT2,        DB_OID_INT2,        DB_OID_INT4,
    DB_OID_TEXT,        DB_OID_UUID,        DB_OID_UUID,        DB_OID_UUID,        DB_OID_UUID,        DB_OID_UUID,
    DB_OID_UUID,        DB_OID_INT4,        DB_OID_INT2,        DB_OID_INT2,        DB_OID_INT2,        DB_OID_DATE,
    DB_OID_TIMESTAMPTZ, DB_OID_TIMESTAMPTZ, DB_OID_TIMESTAMPTZ, DB_OID_TIMESTAMPTZ, DB_OID_TIMESTAMPTZ, DB_OID_TIMESTAMPTZ,
    DB_OID_BYTEA,       DB_OID_FLOAT8,      DB_OID_FLOAT8,      DB_OID_TEXT,        DB_OID_TEXT,        DB_OID_TEXT,
    DB_OID_TEXT,        DB_OID_TIMESTAMPTZ, DB_OID_TIMESTAMPTZ, DB_OID_TIMESTAMPTZ, DB_OID_TIMESTAMPTZ, DB_OID_INT2,
    DB_OID_INT2,        DB_OID_INT4,        DB_OID_UUID,        DB_OID_TEXT,        DB_OID_TIMESTAMPTZ,
};
static const uint32_t event_types[] = {
    DB_OID_INT4,        DB_OID_INT4,        DB_OID_UUID,        DB_OID_INT8, DB_OID_TIMESTAMPTZ, DB_OID_TIMESTAMPTZ,
    DB_OID_INT2,        DB_OID_INT2,        DB_OID_INT4,        DB_OID_INT4, DB_OID_INT2,        DB_OID_INT2,
    DB_OID_INT2,        DB_OID_INT2,        DB_OID_INT4,        DB_OID_INT4, DB_OID_INT4,        DB_OID_INT2,
    DB_OID_BOOL,        DB_OID_UUID,        DB_OID_INT4,        DB_OID_TEXT, DB_OID_TEXT,        DB_OID_TEXT,
    DB_OID_TEXT,        DB_OID_INT2,        DB_OID_INT2,        DB_OID_INT2, DB_OID_TIMESTAMPTZ, DB_OID_UUID,
    DB_OID_TEXT,        DB_OID_TEXT,        DB_OID_INT8,        DB_OID_INT8, DB_OID_INT8,        DB_OID_TIMESTAMPTZ,
    DB_OID_TIMESTAMPTZ, DB_OID_TIMESTAMPTZ, DB_OID_TIMESTAMPTZ,
};
enum {
    N_CASE = sizeof case_types / sizeof case_types[0],
    N_EVENT = sizeof event_types / sizeof event_types[0],
};

static void add_bits(struct db_array *a, int64_t bits)
{
    if (bits)
        db_array_i64(a, bits);
    else
        db_array_null(a);
}

/* A case has at most one of the two, and its measures say which. */
static usec_t handle_due(const usec_t dues[DUE_COUNT])
{
    return dues[DUE_RUNNING] != USEC_NONE ? dues[DUE_RUNNING] : dues[DUE_FED_BACK];
}

/* In the order of the statement's first arrays. */
static void add_case(struct db_array *const a[N_CASE], const struct case_write *w)
{
    const struct case_row *r = w->after;
    const struct case_snap *s = &r->snap;
    bool is_new = w->expected == 0;
    int c = 0;
    add_uuid(a[c++], &s->id);
    db_array_i32(a[c++], (int32_t)w->expected);
    db_array_i64(a[c++], s->number);
    db_array_i32(a[c++], (int32_t)s->version);
    db_array_i16(a[c++], (int16_t)s->state);
    db_array_i16(a[c++], (int16_t)s->prev_state);
    db_array_i64(a[c++], s->grid);
    db_array_i16(a[c++], s->category_id);
    db_array_i16(a[c++], (int16_t)s->urgency);
    db_array_i16(a[c++], (int16_t)s->channel);
    db_array_i16(a[c++], (int16_t)s->level);
    add_i32_or_null(a[c++], s->organ_id);
    add_co_organs(a[c++], s);
    add_uuid(a[c++], &s->reporter);
    add_uuid(a[c++], &s->handler);
    add_uuid(a[c++], &s->checker);
    add_uuid(a[c++], &s->closer);
    add_uuid(a[c++], &s->approval[APPROVAL_VOID].asked_by);
    add_uuid(a[c++], &s->merged_into);
    db_array_i32(a[c++], (int32_t)s->flags);
    db_array_i16(a[c++], (int16_t)s->round);
    db_array_i16(a[c++], (int16_t)s->return_count);
    db_array_i16(a[c++], (int16_t)s->rework_count);
    add_date(a[c++], r->cohort_day);
    db_array_time(a[c++], s->reported_at);
    db_array_time(a[c++], w->n_events ? w->events[0].arrived_at : USEC_NONE);
    db_array_time(a[c++], s->last_event_at);
    db_array_time(a[c++], s->due_at);
    db_array_time(a[c++], s->feedback_at);
    db_array_time(a[c++], s->closed_at);
    add_gate_data(a[c++], s);
    add_f64(a[c++], is_new && r->has_location, r->latitude);
    add_f64(a[c++], is_new && r->has_location, r->longitude);
    db_array_text(a[c++], is_new ? r->reporter_name : NULL);
    db_array_text(a[c++], r->handler_name);
    db_array_text(a[c++], is_new ? r->address : NULL);
    db_array_text(a[c++], is_new ? r->description : NULL);
    db_array_time(a[c++], s->overall.due_at);
    db_array_time(a[c++], s->next_light_at);
    db_array_time(a[c++], case_co_lapse_at(s));
    db_array_time(a[c++], s->suspended_until);
    db_array_i16(a[c++], (int16_t)s->card);
    db_array_i16(a[c++], (int16_t)approval_bits(s));
    add_i32_or_null(a[c++], s->source_id);
    add_uuid(a[c++], &s->assignee);
    db_array_text(a[c++], r->assignee_name);
    usec_t dues[DUE_COUNT];
    measure_dues(s, dues);
    db_array_time(a[c++], handle_due(dues));
    assert(c == N_CASE);
}

static void add_event(struct db_array *const a[N_EVENT], const struct event_write *ev, int member)
{
    int c = 0;
    db_array_i32(a[c++], member);
    db_array_i32(a[c++], (int32_t)ev->version);
    add_uuid(a[c++], &ev->request_id);
    db_array_i64(a[c++], ev->request_hash);
    db_array_time(a[c++], ev->happened_at);
    db_array_time(a[c++], ev->arrived_at);
    db_array_i16(a[c++], ev->category_id);
    db_array_i16(a[c++], ev->prev_category_id);
    add_i32_or_null(a[c++], ev->organ_id);
    add_i32_or_null(a[c++], ev->prev_organ_id);
    db_array_i16(a[c++], (int16_t)ev->action);
    db_array_i16(a[c++], (int16_t)ev->from_state);
    db_array_i16(a[c++], (int16_t)ev->to_state);
    db_array_i16(a[c++], (int16_t)ev->check_result);
    db_array_i32(a[c++], ev->stock_before);
    db_array_i32(a[c++], ev->stock_after);
    db_array_i32(a[c++], ev->flow);
    db_array_i16(a[c++], (int16_t)ev->actor_role);
    db_array_bool(a[c++], ev->imported);
    db_array_bytes(a[c++], ev->actor_id.bytes, sizeof ev->actor_id.bytes); /* of the server itself: zeros */
    add_i32_or_null(a[c++], ev->actor_organ_id);
    db_array_text(a[c++], ev->actor_name);
    db_array_text(a[c++], ev->text);
    db_array_text(a[c++], ev->reason_code);
    db_array_text(a[c++], ev->receiver);
    db_array_i16(a[c++], (int16_t)ev->approval);
    db_array_i16(a[c++], (int16_t)ev->card);
    db_array_i16(a[c++], (int16_t)ev->level);
    db_array_time(a[c++], ev->until);
    add_uuid(a[c++], &ev->target_id);
    db_array_text(a[c++], ev->outside_number);
    add_ids(a[c++], ev->co_organ_ids, ev->n_co);
    add_bits(a[c++], ev->more_before);
    add_bits(a[c++], ev->more_after);
    add_bits(a[c++], ev->more_flow);
    db_array_time(a[c++], handle_due(ev->dues_before));
    db_array_time(a[c++], handle_due(ev->dues_after));
    db_array_time(a[c++], ev->dues_before[DUE_OVERALL]);
    db_array_time(a[c++], ev->dues_after[DUE_OVERALL]);
    assert(c == N_EVENT);
}

/* The arrays behind everything else: whose people, and the people. */
static int pack_people(struct db_write *const *members, int n, struct db_params *p, struct arena *scratch, struct err *e)
{
    struct db_array *people[1 + PEOPLE_ARRAYS];
    int n_people = 0;
    for (int i = 0; i < n; i++)
        n_people += ((const struct case_write *)members[i])->n_people;
    people[0] = db_array_create(scratch, DB_OID_INT4, n_people);
    people_arrays_create(scratch, n_people, people + 1);
    for (int i = 0; i < n; i++) {
        const struct case_write *w = (const struct case_write *)members[i];
        for (int k = 0; k < w->n_people; k++) {
            db_array_i32(people[0], i);
            people_arrays_add(people + 1, &w->people[k]);
        }
    }
    for (int c = 0; c < 1 + PEOPLE_ARRAYS; c++) {
        if (db_param_array(p, people[c]))
            return err_set(e, ERR_NOMEM, "This is too much at once. Send it in smaller parts.");
    }
    return 0;
}

static int pack(struct db_write *const *members, int n, struct db_params *p, struct arena *scratch, struct err *e)
{
    struct db_array *cases[N_CASE];
    struct db_array *events[N_EVENT];
    int n_events = 0;
    for (int i = 0; i < n; i++)
        n_events += ((const struct case_write *)members[i])->n_events;
    for (int c = 0; c < N_CASE; c++)
        cases[c] = db_array_create(scratch, case_types[c], n);
    for (int c = 0; c < N_EVENT; c++)
        events[c] = db_array_create(scratch, event_types[c], n_events);
    usec_t now = USEC_NONE;
    for (int i = 0; i < n; i++) {
        struct case_write *w = (struct case_write *)members[i];
        if (i == 0)
            now = w->clock->now(w->clock);
        w->sent_at = now;
        add_case(cases, w);
        for (int k = 0; k < w->n_events; k++)
            add_event(events, &w->events[k], i);
    }
    for (int c = 0; c < N_CASE; c++) {
        if (db_param_array(p, cases[c]))
            return err_set(e, ERR_NOMEM, "This is too much at once. Send it in smaller parts.");
    }
    for (int c = 0; c < N_EVENT; c++) {
        if (db_param_array(p, events[c]))
            return err_set(e, ERR_NOMEM, "This is too much at once. Send it in smaller parts.");
    }
    db_param_time(p, now);
    return pack_people(members, n, p, scratch, e);
}

/* distinct_keys: the statement joins by case, so a case may stand in a unit only once. */
static const struct db_unit_ops unit_ops = {.stmt = &sql_case_write, .pack = pack, .distinct_keys = true};

static void on_done(struct db_write *dw, const PGresult *res, int row, const struct err *e)
{
    struct case_write *w = (struct case_write *)dw;
    if ((e->code == ERR_EXISTS || e->code == ERR_CONFLICT) && !w->retried) {
        /*
         * The statement saw the database as it was when it began: a neighbour with the same key that committed meanwhile
         * looks like a stranger. A second look, alone, tells a repeat from a conflict.
         */
        w->retried = true;
        struct err again;
        if (db_write_submit(w->db, &unit_ops, &w->write, &again) == 0)
            return;
        w->fn(w->arg, false, 0, &again);
        return;
    }
    if (e->code || !res) {
        w->fn(w->arg, false, 0, e);
        return;
    }
    w->fn(w->arg, db_get_bool(res, row, 2), db_get_i64(res, row, 3), e);
}

int case_store_write(struct case_write *w, struct err *e)
{
    /* Writes on one case go through one lane; the head of a UUIDv7 is time, its tail is random. */
    uint64_t key = 0;
    for (int i = 8; i < 16; i++)
        key = key << 8 | w->after->snap.id.bytes[i];
    w->write.lock_key = key;
    w->write.done = on_done;
    w->retried = false;
    return db_write_submit(w->db, &unit_ops, &w->write, e);
}

static int64_t bits_of(const int8_t *measures, int n)
{
    int64_t bits = 0;
    for (int m = 0; m < n; m++)
        bits |= (int64_t)(measures[m] != 0) << m;
    return bits;
}

void event_write_measures(struct event_write *ev, const struct measure_step *step, const struct case_snap *before,
                          const struct case_snap *after)
{
    int8_t m[MEASURE_COUNT];
    measure_stock(before, m);
    ev->stock_before = (int32_t)bits_of(m, MEASURE_CORE);
    ev->more_before = bits_of(m + MEASURE_CORE, MEASURE_MORE);
    measure_stock(after, m);
    ev->stock_after = (int32_t)bits_of(m, MEASURE_CORE);
    ev->more_after = bits_of(m + MEASURE_CORE, MEASURE_MORE);
    measure_flow(step, before, after, m);
    ev->flow = (int32_t)bits_of(m, MEASURE_CORE);
    ev->more_flow = bits_of(m + MEASURE_CORE, MEASURE_MORE);
    measure_dues(before, ev->dues_before);
    measure_dues(after, ev->dues_after);
    enum action action = step->action;
    ev->category_id = after->category_id;
    ev->prev_category_id = before ? before->category_id : after->category_id;
    ev->organ_id = after->organ_id;
    ev->prev_organ_id = before ? before->organ_id : after->organ_id;
    ev->from_state = before ? before->state : STATE_NONE;
    ev->to_state = after->state;
    ev->action = action;
    ev->version = after->version;
    ev->level = after->level;
}

void event_write_step(struct event_write *ev, const struct actor *who, const struct act *act, const struct case_snap *before,
                      const struct case_snap *after)
{
    ev->check_result = act->check_result;
    ev->actor_role = who->role;
    ev->actor_id = who->account;
    ev->actor_organ_id = who->organ_id;
    ev->actor_name = who->name;
    ev->text = act->text;
    ev->reason_code = gate_reason_code(act);
    ev->approval = gate_approval_of(act);
    ev->card = act->action == ACT_URGE ? act->card : CARD_NONE;
    ev->until = gate_until_of(act, before);
    ev->target_id = gate_target_of(act, before);
    ev->outside_number = act->action == ACT_REFER ? act->outside_number : NULL;
    ev->n_co = act->action == ACT_DISPATCH ? act->n_co : 0;
    memcpy(ev->co_organ_ids, act->co_organ_ids, sizeof ev->co_organ_ids);
    struct measure_step step = {act->action, act->check_result, act->responded, act->solved};
    event_write_measures(ev, &step, before, after);
}
