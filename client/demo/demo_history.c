/* SPDX-License-Identifier: MIT */
#include "client/demo/demo_history.h"

#include <stdlib.h>
#include <string.h>

enum { STREAM_WORDS = 0x776f7264, STREAM_IDS = 0x75756964, STREAM_SUBMIT = 0x7375626d };

struct demo_history {
    const struct demo_city *city;
    uint64_t seed;
    struct demo_plan plan;
};

struct demo_history *demo_history_create(const struct demo_city *c, uint64_t seed, const struct demo_year *years, int nyears,
                                         struct err *e)
{
    struct demo_history *h = calloc(1, sizeof *h);
    if (!h) {
        (void)err_set(e, ERR_NOMEM, "Not enough memory for the demo history.");
        return NULL;
    }
    h->city = c;
    h->seed = seed;
    if (demo_plan_init(&h->plan, c, seed, years, nyears, e) < 0) {
        free(h);
        return NULL;
    }
    return h;
}

void demo_history_destroy(struct demo_history *h)
{
    if (h)
        demo_plan_fini(&h->plan);
    free(h);
}

size_t demo_history_len(const struct demo_history *h)
{
    return h->plan.nslots;
}

const struct demo_slot *demo_history_slot(const struct demo_history *h, size_t i)
{
    return &h->plan.slots[i];
}

/* Where messages are put together. failed stays set once the arena is full, so callers check once. */
struct maker {
    struct arena *a;
    bool failed;
    struct prng words;
    struct prng ids;
};

static void *make(struct maker *m, size_t size)
{
    void *p = arena_alloc(m->a, size);
    m->failed |= !p;
    return p;
}

static char *text(struct maker *m, const char *s)
{
    /* protobuf-c keeps the empty default by address. */
    if (s[0] == '\0')
        return (char *)protobuf_c_empty_string;
    char *p = arena_strdup(m->a, s);
    m->failed |= !p;
    return p ? p : (char *)protobuf_c_empty_string;
}

/* The hexadecimal form of a UUIDv7 of that instant; the rest is drawn. */
static char *id(struct maker *m, usec_t at)
{
    static const char hex[] = "0123456789abcdef";
    uint8_t bytes[16];
    uint64_t ms = (uint64_t)(at / 1000);
    uint64_t r = prng_next(&m->ids);
    uint64_t s = prng_next(&m->ids);
    for (int i = 0; i < 6; i++)
        bytes[i] = (uint8_t)(ms >> (40 - 8 * i));
    bytes[6] = (uint8_t)(0x70 | (s & 0x0f));
    bytes[7] = (uint8_t)(s >> 8);
    for (int i = 0; i < 8; i++)
        bytes[8 + i] = (uint8_t)(r >> (8 * i));
    bytes[8] = (uint8_t)(0x80 | (bytes[8] & 0x3f));
    char *out = make(m, UUID_TEXT_LEN + 1);
    if (!out)
        return (char *)protobuf_c_empty_string;
    char *at_char = out;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at_char++ = '-';
        *at_char++ = hex[bytes[i] >> 4];
        *at_char++ = hex[bytes[i] & 15];
    }
    *at_char = '\0';
    return out;
}

/* The first id of a slot's stream is its case. */
static char *case_id_of(const struct demo_history *h, const struct demo_slot *slot, struct maker *m)
{
    prng_init(&m->ids, h->seed ^ STREAM_IDS, slot->id);
    return id(m, slot->reported);
}

static Google__Protobuf__Timestamp *timestamp(struct maker *m, usec_t t)
{
    Google__Protobuf__Timestamp *ts = make(m, sizeof *ts);
    if (ts) {
        google__protobuf__timestamp__init(ts);
        ts->seconds = t / USEC_PER_SEC;
        ts->nanos = (int32_t)(t % USEC_PER_SEC) * 1000;
    }
    return ts;
}

static Wangge__V1__SubmitCaseRequest *make_submit(struct maker *m, const struct demo_city *c, const struct demo_slot *slot)
{
    char buf[DEMO_TEXT_SIZE];
    struct demo_scene scene;
    const struct demo_category *cat = &demo_categories[slot->category];
    Wangge__V1__SubmitCaseRequest *s = make(m, sizeof *s);
    if (!s)
        return NULL;
    wangge__v1__submit_case_request__init(s);
    s->category_code = text(m, cat->code);
    s->grid_code = text(m, c->grids[slot->grid].code);
    demo_text_scene(&m->words, c, slot->grid, cat, &scene);
    demo_text_incident(&m->words, &scene, cat, buf);
    s->description = text(m, buf);
    demo_text_address(&m->words, &scene, buf);
    s->address = text(m, buf);
    s->urgency = (Wangge__V1__Urgency)slot->urgency;
    s->channel = (Wangge__V1__Channel)slot->channel;
    s->happened_at = timestamp(m, slot->reported);
    if (prng_permille(&m->words, 720)) {
        s->location = make(m, sizeof *s->location);
        if (s->location)
            demo_city_point_in(c, slot->grid, &m->words, s->location);
    }
    return s;
}

static Wangge__V1__Actor *make_actor(struct maker *m, const struct demo_city *c, const struct demo_step *step)
{
    char name[DEMO_NAME_SIZE];
    Wangge__V1__Actor *actor = make(m, sizeof *actor);
    if (!actor)
        return NULL;
    wangge__v1__actor__init(actor);
    demo_text_name(step->person, name);
    actor->name = text(m, name);
    actor->role = step->role;
    if (step->actor_organ >= 0)
        actor->organ_code = text(m, c->organs[step->actor_organ].code);
    return actor;
}

static void set_step_text(struct maker *m, const struct demo_category *cat, const struct demo_step *step,
                          Wangge__V1__ActRequest *act)
{
    char buf[DEMO_TEXT_SIZE];
    if (step->remark == DEMO_NO_TEXT)
        return;
    if (step->remark == DEMO_RESULT_TEXT)
        demo_text_result(&m->words, cat, buf);
    else
        demo_text_remark(&m->words, (enum demo_remark)step->remark, buf);
    act->text = text(m, buf);
}

static Wangge__V1__ImportedEvent *make_event(struct maker *m, const struct demo_history *h, const struct demo_slot *slot,
                                             const struct demo_step *step)
{
    Wangge__V1__ImportedEvent *event = make(m, sizeof *event);
    Wangge__V1__ActRequest *act = make(m, sizeof *act);
    if (!event || !act)
        return NULL;
    wangge__v1__imported_event__init(event);
    wangge__v1__act_request__init(act);
    event->act = act;
    act->request_id = id(m, step->happened);
    act->action = step->action;
    act->check_result = step->check;
    act->reason_code = text(m, step->reason);
    act->happened_at = timestamp(m, step->happened);
    set_step_text(m, &demo_categories[slot->category], step, act);
    if (step->organ >= 0)
        act->organ_code = text(m, h->city->organs[step->organ].code);
    if (step->co_organ >= 0) {
        act->co_organ_codes = make(m, sizeof *act->co_organ_codes);
        if (act->co_organ_codes) {
            act->co_organ_codes[0] = text(m, h->city->organs[step->co_organ].code);
            act->n_co_organ_codes = 1;
        }
    }
    act->approval = step->approval;
    if (step->until != USEC_NONE)
        act->until = timestamp(m, step->until);
    if (step->action == WANGGE__V1__ACTION__ACTION_MERGE) {
        struct maker of_lead = {.a = m->a};
        act->target_case_id = case_id_of(h, &h->plan.slots[slot->lead], &of_lead);
        m->failed |= of_lead.failed;
    }
    event->actor = make_actor(m, h->city, step);
    if (step->arrived != step->happened)
        event->arrived_at = timestamp(m, step->arrived);
    return event;
}

Wangge__V1__ImportHistoryRequest *demo_history_item(const struct demo_history *h, size_t i, struct arena *a)
{
    const struct demo_slot *slot = &h->plan.slots[i];
    struct demo_walk walk;
    struct maker m = {.a = a};
    char buf[DEMO_TEXT_SIZE];
    demo_walk_make(&walk, h->city, h->seed, slot);
    prng_init(&m.words, h->seed ^ STREAM_WORDS, slot->id);
    Wangge__V1__ImportHistoryRequest *req = make(&m, sizeof *req);
    if (!req)
        return NULL;
    wangge__v1__import_history_request__init(req);
    req->sequence = (int64_t)i + 1;
    req->case_ = make_submit(&m, h->city, slot);
    if (!req->case_)
        return NULL;
    req->case_->case_id = case_id_of(h, slot, &m);
    req->case_->request_id = id(&m, slot->reported);
    bool at_once = walk.nsteps == 0 || walk.steps[0].action != WANGGE__V1__ACTION__ACTION_SETTLE;
    if (slot->fate == FATE_SETTLED && at_once) {
        demo_text_result(&m.words, &demo_categories[slot->category], buf);
        req->case_->settle_text = text(&m, buf);
    }
    char name[DEMO_NAME_SIZE];
    demo_text_name(walk.reporter, name);
    req->reporter_name = text(&m, name);
    if (walk.arrived != slot->reported)
        req->arrived_at = timestamp(&m, walk.arrived);
    if (walk.nsteps > 0) {
        req->events = make(&m, (size_t)walk.nsteps * sizeof *req->events);
        for (int k = 0; k < walk.nsteps && !m.failed; k++)
            req->events[k] = make_event(&m, h, slot, &walk.steps[k]);
        req->n_events = (size_t)walk.nsteps;
    }
    return m.failed ? NULL : req;
}

int demo_submits_init(struct demo_submits *s, struct err *e)
{
    size_t len = strlen(s->region_code);
    s->_first_grid = -1;
    s->_ngrids = 0;
    for (int i = 0; i < s->city->ngrids; i++) {
        if (strncmp(s->city->grids[i].code, s->region_code, len) != 0)
            continue;
        if (s->_first_grid < 0)
            s->_first_grid = i;
        s->_ngrids++;
    }
    if (s->_ngrids == 0)
        return err_set(e, ERR_NOT_FOUND, "The demo city has no grid below %s.", s->region_code);
    s->_mix = demo_mix_create(s->city);
    if (!s->_mix)
        return err_set(e, ERR_NOMEM, "Not enough memory to make incidents.");
    return 0;
}

void demo_submits_fini(struct demo_submits *s)
{
    demo_mix_destroy(s->_mix);
    s->_mix = NULL;
}

Wangge__V1__SubmitCaseRequest *demo_submit_item(const struct demo_submits *s, uint64_t i, usec_t at, struct arena *a)
{
    struct maker m = {.a = a};
    struct demo_slot slot = {.reported = at};
    char buf[DEMO_TEXT_SIZE];
    prng_init(&m.words, s->seed ^ STREAM_SUBMIT, i);
    prng_init(&m.ids, s->seed ^ STREAM_SUBMIT ^ STREAM_IDS, i);
    bool settled = prng_permille(&m.words, s->settled_permille);
    demo_mix_draw(s->_mix, &m.words, settled, &slot);
    /* Drawn from the whole city by weight; folded into the wanted part. */
    if (slot.grid < s->_first_grid || slot.grid >= s->_first_grid + s->_ngrids)
        slot.grid = s->_first_grid + slot.grid % s->_ngrids;
    Wangge__V1__SubmitCaseRequest *req = make_submit(&m, s->city, &slot);
    if (!req)
        return NULL;
    req->case_id = id(&m, at);
    req->request_id = id(&m, at);
    if (settled) {
        demo_text_result(&m.words, &demo_categories[slot.category], buf);
        req->settle_text = text(&m, buf);
    }
    return m.failed ? NULL : req;
}
