/* SPDX-License-Identifier: MIT */
#include "server/timers/steps.h"

#include <stdlib.h>
#include <string.h>
#include <sodium.h>

#include "common/base/log.h"
#include "server/timers/due.h"
#include "sql.h"

enum { AGAIN_S = 3600 };

struct steps {
    struct job_env env;
    struct service_ctx *ctx;
    struct job *job;
    enum action action;
    int64_t revisited_s;
    struct steps_stats stats;
};

struct item {
    struct step_batch *batch;
    const struct case_row *before;
    struct case_row after;
    struct act act;
    struct event_write event;
    struct case_write write;
    bool refused;
};

struct step_batch {
    struct steps *steps;
    struct due_batch *due;
    struct item *items;
    int waiting; /* writes that are not answered, and one while they are begun */
    int done;
    int n_refused;
    struct err failed; /* the last write that the database did not take */
};

/* The server is nobody: no account, no role. */
static const struct actor server_actor = {.is_server = true, .name = ""};

static void hash_step(const struct uuid *case_id, enum action action, int64_t version, uint8_t *out, size_t out_len)
{
    uint8_t raw[16 + 1 + 8];
    memcpy(raw, case_id->bytes, 16);
    raw[16] = (uint8_t)action;
    for (int i = 0; i < 8; i++)
        raw[17 + i] = (uint8_t)((uint64_t)version >> (56 - 8 * i));
    crypto_generichash(out, out_len, raw, sizeof raw, NULL, 0);
}

struct uuid steps_request_id(const struct uuid *case_id, enum action action, int64_t version)
{
    uint8_t hash[16];
    hash_step(case_id, action, version, hash, sizeof hash);
    return uuid_from_hash(hash);
}

static int64_t request_hash_of(const struct item *it)
{
    uint8_t hash[32];
    uint64_t v = 0;
    hash_step(&it->before->snap.id, it->act.action, it->before->snap.version, hash, sizeof hash);
    for (int i = 0; i < 8; i++)
        v = v << 8 | hash[i];
    return (int64_t)v;
}

static void end_batch(struct step_batch *b)
{
    struct due_batch *due = b->due;
    struct err why = b->failed;
    bool progress = b->done > 0 || b->n_refused > 0;
    if (b->done || b->n_refused)
        log_event(LOG_INFO, "timer.steps", LOG_S("action", action_name(b->steps->action)), LOG_I("done", b->done),
                  LOG_I("refused", b->n_refused), LOG_I("lag_ms", b->steps->stats.lag_us / 1000), LOG_END);
    due_end(due, why.code ? &why : NULL, progress); /* b lives in its arena */
}

static void on_refusals_noted(void *arg, const PGresult *res, const struct err *e)
{
    struct step_batch *b = arg;
    if (e->code)
        b->failed = *e;
    end_batch(b);
}

static void note_refusals(struct step_batch *b)
{
    struct arena *a = b->due->arena;
    struct db_array *ids = db_array_create(a, DB_OID_UUID, b->n_refused),
                    *versions = db_array_create(a, DB_OID_INT4, b->n_refused);
    struct db_params p;
    for (int i = 0; i < b->due->n; i++) {
        const struct case_snap *c = &b->items[i].before->snap;
        if (!b->items[i].refused)
            continue;
        db_array_bytes(ids, c->id.bytes, sizeof c->id.bytes);
        db_array_i32(versions, (int32_t)c->version);
    }
    db_params_init(&p);
    if (db_param_array(&p, ids) || db_param_array(&p, versions)) {
        err_set(&b->failed, ERR_NOMEM, "Out of memory.");
        end_batch(b);
        return;
    }
    db_param_i64(&p, b->steps->action);
    db_param_time(&p, b->due->now + AGAIN_S * USEC_PER_SEC);
    if (db_execute(b->due->ctx->db, &sql_timer_refuse, &p, USEC_NONE, on_refusals_noted, b, &b->failed))
        end_batch(b);
}

static void one_answered(struct step_batch *b)
{
    if (--b->waiting > 0)
        return;
    if (b->n_refused)
        note_refusals(b);
    else
        end_batch(b);
}

static void on_written(void *arg, bool replayed, int64_t version, const struct err *e)
{
    struct item *it = arg;
    struct step_batch *b = it->batch;
    struct steps_stats *stats = &b->steps->stats;
    if (!e->code && !replayed) {
        b->done++;
        stats->done++;
    } else if (!e->code || e->code == ERR_CONFLICT || e->code == ERR_EXISTS) {
        stats->overtaken++;
    } else {
        b->failed = *e;
    }
    one_answered(b);
}

/* When a suspension ends the clock goes on from then, also if the server looks later; everything else happens when it is done.
 */
static usec_t happens_at(const struct step_batch *b, const struct case_snap *c)
{
    usec_t at = c->suspended_until;
    if (b->steps->action != ACT_RESUME || at == USEC_NONE)
        return USEC_NONE;
    if (at < c->last_event_at)
        at = c->last_event_at;
    return b->due->now - at > b->due->ctx->rules.max_age_s * USEC_PER_SEC ? USEC_NONE : at;
}

static bool decide(struct step_batch *b, struct item *it)
{
    const struct case_snap *before = &it->before->snap;
    struct gate_env env = {.dir = b->due->dir, .rules = &b->due->ctx->rules, .now = b->due->now};
    struct gate_refusal why;
    char id[UUID_TEXT_LEN + 1];

    act_init(&it->act, b->steps->action);
    it->act.expected_version = before->version;
    it->act.happened_at = happens_at(b, before);
    it->after = *it->before;
    if (gate_decide(&env, &server_actor, before, &it->act, &it->after.snap, &why) == 0)
        return true;
    uuid_format(&before->id, id);
    log_event(LOG_INFO, "timer.refused", LOG_S("action", action_name(b->steps->action)), LOG_S("case", id),
              LOG_S("rule", why.rule), LOG_END);
    return false;
}

static void write_step(struct step_batch *b, struct item *it)
{
    struct event_write *ev = &it->event;
    struct err e;

    ev->request_id = steps_request_id(&it->before->snap.id, b->steps->action, it->before->snap.version);
    ev->request_hash = request_hash_of(it);
    ev->happened_at = gate_happened_at(&it->act, &it->after.snap, b->due->now);
    ev->arrived_at = USEC_NONE;
    event_write_step(ev, &server_actor, &it->act, &it->before->snap, &it->after.snap);
    it->write = (struct case_write){
        .db = b->due->ctx->db,
        .clock = b->due->ctx->clock,
        .expected = it->before->snap.version,
        .after = &it->after,
        .n_events = 1,
        .events = ev,
        .fn = on_written,
        .arg = it,
    };
    it->write.write.deadline = USEC_NONE;
    b->waiting++;
    if (case_store_write(&it->write, &e)) {
        b->failed = e;
        b->waiting--;
    }
}

static void on_due_cases(struct due_batch *due, void *arg)
{
    struct steps *s = arg;
    struct step_batch *b = arena_zalloc(due->arena, sizeof(*b));
    struct item *items = b ? arena_zalloc(due->arena, ((size_t)due->n + 1) * sizeof(*items)) : NULL;
    struct err e = {0};

    s->stats.lag_us = due->oldest == USEC_NONE || due->oldest > due->now ? 0 : due->now - due->oldest;
    if (!items) {
        err_set(&e, ERR_NOMEM, "Out of memory.");
        due_end(due, &e, false);
        return;
    }
    *b = (struct step_batch){.steps = s, .due = due, .items = items, .waiting = 1};
    for (int i = 0; i < due->n; i++) {
        struct item *it = &items[i];
        it->batch = b;
        it->before = &due->rows[i];
        if (!it->before->unreadable && decide(b, it)) {
            write_step(b, it);
        } else {
            it->refused = true;
            b->n_refused++;
            s->stats.refused++;
        }
    }
    one_answered(b);
}

static void run(struct job *job, void *arg)
{
    struct steps *s = arg;
    usec_t now = s->env.clock->now(s->env.clock);
    const struct db_stmt *stmt = s->action == ACT_RESUME    ? &sql_timer_due_resume
                                 : s->action == ACT_ARCHIVE ? &sql_timer_due_archive
                                                            : &sql_timer_due_lapse;
    struct db_params p;
    db_params_init(&p);
    db_param_time(&p, now);
    db_param_i64(&p, DUE_BATCH);
    if (s->action == ACT_ARCHIVE) {
        db_param_time(&p, now - s->ctx->rules.archive_s * USEC_PER_SEC);
        db_param_time(&p, now - s->revisited_s * USEC_PER_SEC);
    }
    due_begin(job, s->ctx, now, stmt, &p, on_due_cases, s);
}

static void on_gone(void *arg)
{
    free(arg);
}

struct steps *steps_create(const struct job_env *env, struct service_ctx *ctx, enum action action, int64_t revisited_s,
                           struct err *e)
{
    static const struct job_ops resume = {.name = "resume", .run = run, .gone = on_gone};
    static const struct job_ops archive = {.name = "archive", .run = run, .gone = on_gone};
    static const struct job_ops lapse = {.name = "co_lapse", .run = run, .gone = on_gone};
    struct steps *s = calloc(1, sizeof(*s));

    if (!s) {
        err_set(e, ERR_NOMEM, "Out of memory.");
        return NULL;
    }
    s->env = *env;
    s->ctx = ctx;
    s->action = action;
    s->revisited_s = revisited_s;
    s->job = job_create(env, action == ACT_RESUME ? &resume : action == ACT_ARCHIVE ? &archive : &lapse, s, e);
    if (s->job)
        return s;
    free(s);
    return NULL;
}

void steps_destroy(struct steps *s)
{
    if (s)
        job_destroy(s->job);
}

void steps_get_stats(const struct steps *s, struct steps_stats *ret)
{
    *ret = s->stats;
}
