/* SPDX-License-Identifier: MIT */
#include "server/timers/lights.h"

#include <stdlib.h>

#include "common/base/log.h"
#include "server/db/result.h"
#include "server/domain/notice.h"
#include "server/timers/due.h"
#include "sql.h"

struct lights {
    struct job_env env;
    struct service_ctx *ctx;
    struct job *job;
    struct lights_stats stats;
};

struct light_batch {
    struct lights *lights;
    struct due_batch *due;
};

/* Arrays of timer_light: cases, then notices. */
enum { A_ID, A_VERSION, A_STOOD, A_NEXT, A_CASE, A_KIND, A_AT, A_CLOCK, A_DUE, A_ORGAN, A_ROLES, A_GRID, A_LEVEL, A_COUNT };
static const uint32_t array_types[A_COUNT] = {
    DB_OID_UUID, DB_OID_INT4,        DB_OID_TIMESTAMPTZ, DB_OID_TIMESTAMPTZ, DB_OID_UUID, DB_OID_INT2, DB_OID_TIMESTAMPTZ,
    DB_OID_INT2, DB_OID_TIMESTAMPTZ, DB_OID_INT4,        DB_OID_INT4,        DB_OID_INT8, DB_OID_INT4};

static void add_notice(struct db_array *const a[A_COUNT], const struct case_snap *c, enum notice_kind kind, usec_t at,
                       const struct case_clock *k)
{
    struct audience to;
    if (!notice_holder(c->state, c->level, c->organ_id, &to))
        return;
    db_array_bytes(a[A_CASE], c->id.bytes, sizeof c->id.bytes);
    db_array_i16(a[A_KIND], (int16_t)kind);
    db_array_time(a[A_AT], at);
    db_array_i16(a[A_CLOCK], (int16_t)k->kind);
    db_array_time(a[A_DUE], k->due_at);
    if (to.organ_id)
        db_array_i32(a[A_ORGAN], to.organ_id);
    else
        db_array_null(a[A_ORGAN]);
    db_array_i32(a[A_ROLES], (int32_t)to.roles);
    if (to.level) {
        db_array_i64(a[A_GRID], c->grid);
        db_array_i32(a[A_LEVEL], (int32_t)to.level);
    } else {
        db_array_null(a[A_GRID]);
        db_array_null(a[A_LEVEL]);
    }
}

/* What changed from the instant that was noted up to now: of a clock that is red already its yellow is no news. Returns when it
 * changes next. */
static usec_t look_at(struct db_array *const a[A_COUNT], const struct due_batch *due, const struct case_snap *c,
                      const struct case_clock *k)
{
    const struct calendar *cal = directory_calendar_for(due->dir, c->grid);
    struct deadline_lights l;
    deadline_lights(k, cal, &l);
    if (l.red_at != USEC_NONE && l.red_at <= due->now) {
        if (l.red_at >= c->next_light_at)
            add_notice(a, c, NOTICE_OVERDUE, l.red_at, k);
    } else if (l.yellow_at != USEC_NONE && l.yellow_at <= due->now && l.yellow_at >= c->next_light_at) {
        add_notice(a, c, NOTICE_DUE_SOON, l.yellow_at, k);
    }
    return deadline_next_light(k, cal, due->now);
}

static usec_t earlier(usec_t a, usec_t b)
{
    return a == USEC_NONE || (b != USEC_NONE && b < a) ? b : a;
}

enum { UNREADABLE_AGAIN_S = 3600 };

static void look(struct db_array *const a[A_COUNT], const struct due_batch *due, const struct case_row *row)
{
    const struct case_snap *c = &row->snap;
    const struct case_clock *k = c->handle.running_since != USEC_NONE ? &c->handle : &c->stage;
    if (c->next_light_at == USEC_NONE || c->next_light_at > due->now)
        return; /* changed since it was found */
    db_array_bytes(a[A_ID], c->id.bytes, sizeof c->id.bytes);
    db_array_i32(a[A_VERSION], (int32_t)c->version);
    db_array_time(a[A_STOOD], c->next_light_at);
    if (row->unreadable) {
        db_array_time(a[A_NEXT], due->now + UNREADABLE_AGAIN_S * USEC_PER_SEC);
        return;
    }
    usec_t next = look_at(a, due, c, k);
    db_array_time(a[A_NEXT], earlier(next, look_at(a, due, c, &c->overall)));
}

static void on_lit(void *arg, const PGresult *res, const struct err *e)
{
    struct light_batch *b = arg;
    int moved = e->code ? 0 : db_get_i32(res, 0, 0), made = e->code ? 0 : db_get_i32(res, 0, 1);
    b->lights->stats.moved += (uint64_t)moved;
    b->lights->stats.notices += (uint64_t)made;
    if (moved)
        log_event(LOG_DEBUG, "timer.lights", LOG_I("cases", moved), LOG_I("notices", made), LOG_END);
    due_end(b->due, e->code ? e : NULL, moved > 0);
}

static void on_due_cases(struct due_batch *due, void *arg)
{
    struct lights *l = arg;
    struct db_array *arrays[A_COUNT];
    struct light_batch *b;
    struct db_params p;
    struct err e = {0};

    l->stats.lag_us = due->oldest == USEC_NONE || due->oldest > due->now ? 0 : due->now - due->oldest;
    if (due->n == 0) {
        due_end(due, NULL, false);
        return;
    }
    b = arena_alloc(due->arena, sizeof(*b));
    for (int i = 0; i < A_COUNT; i++)
        arrays[i] = db_array_create(due->arena, array_types[i], i < A_CASE ? due->n : 2 * due->n);
    for (int i = 0; i < due->n; i++)
        look(arrays, due, &due->rows[i]);
    db_params_init(&p);
    for (int i = 0; i < A_COUNT; i++)
        if (db_param_array(&p, arrays[i]))
            b = NULL;
    if (b) {
        *b = (struct light_batch){.lights = l, .due = due};
        if (db_execute(due->ctx->db, &sql_timer_light, &p, USEC_NONE, on_lit, b, &e) == 0)
            return;
    } else {
        err_set(&e, ERR_NOMEM, "Out of memory.");
    }
    due_end(due, &e, false);
}

static void run(struct job *job, void *arg)
{
    struct lights *l = arg;
    usec_t now = l->env.clock->now(l->env.clock);
    struct db_params p;
    db_params_init(&p);
    db_param_time(&p, now);
    db_param_i64(&p, DUE_BATCH);
    due_begin(job, l->ctx, now, &sql_timer_due_light, &p, on_due_cases, l);
}

static void on_gone(void *arg)
{
    free(arg);
}

struct lights *lights_create(const struct job_env *env, struct service_ctx *ctx, struct err *e)
{
    static const struct job_ops ops = {.name = "lights", .run = run, .gone = on_gone};
    struct lights *l = calloc(1, sizeof(*l));

    if (!l) {
        err_set(e, ERR_NOMEM, "Out of memory.");
        return NULL;
    }
    l->env = *env;
    l->ctx = ctx;
    l->job = job_create(env, &ops, l, e);
    if (l->job)
        return l;
    free(l);
    return NULL;
}

void lights_destroy(struct lights *l)
{
    if (l)
        job_destroy(l->job);
}

void lights_get_stats(const struct lights *l, struct lights_stats *ret)
{
    *ret = l->stats;
}
