/* SPDX-License-Identifier: MIT */
/*
 * The demo history, counted again from its messages alone: the events are played through a table of legal moves written down
 * here a second time, and the figures must come out as the demo city promises them.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "client/demo/demo_history.h"
#include "common/base/text.h"

#define STATE(x)  WANGGE__V1__CASE_STATE__CASE_STATE_##x
#define ACTION(x) WANGGE__V1__ACTION__ACTION_##x
#define ROLE(x)   WANGGE__V1__ROLE__ROLE_##x
#define BIT(x)    (1U << (x))

static const struct move {
    Wangge__V1__Action action;
    unsigned from;
    int to; /* 0: stays */
    unsigned roles;
} moves[] = {
    {ACTION(SETTLE), BIT(STATE(REPORTED)), STATE(CLOSED), BIT(ROLE(GRID_WORKER))},
    {ACTION(ORDER_FACT_CHECK), BIT(STATE(REPORTED)), STATE(FACT_CHECK), BIT(ROLE(ACCEPTOR))},
    {ACTION(ANSWER_FACT_CHECK), BIT(STATE(FACT_CHECK)), STATE(REPORTED), BIT(ROLE(GRID_WORKER))},
    {ACTION(ACCEPT), BIT(STATE(REPORTED)), STATE(ACCEPTED), BIT(ROLE(ACCEPTOR)) | BIT(ROLE(COMMUNITY))},
    {ACTION(REFUSE), BIT(STATE(REPORTED)), STATE(NOT_ACCEPTED), BIT(ROLE(ACCEPTOR))},
    {ACTION(DISPATCH), BIT(STATE(ACCEPTED)), STATE(DISPATCHED), BIT(ROLE(DISPATCHER))},
    {ACTION(SIGN), BIT(STATE(DISPATCHED)), STATE(HANDLING), BIT(ROLE(HANDLER)) | BIT(ROLE(ORGAN_LEAD))},
    {ACTION(RETURN), BIT(STATE(DISPATCHED)) | BIT(STATE(HANDLING)), STATE(ACCEPTED), BIT(ROLE(ORGAN_LEAD))},
    {ACTION(REQUEST_SUSPEND), BIT(STATE(HANDLING)), 0, BIT(ROLE(HANDLER))},
    {ACTION(ENDORSE), BIT(STATE(HANDLING)), 0, BIT(ROLE(ORGAN_LEAD))},
    {ACTION(SUSPEND), BIT(STATE(HANDLING)), STATE(SUSPENDED), BIT(ROLE(DISPATCHER))},
    {ACTION(RESUME), BIT(STATE(SUSPENDED)), STATE(HANDLING), BIT(ROLE(DISPATCHER))},
    {ACTION(CO_REPLY), BIT(STATE(HANDLING)), 0, BIT(ROLE(HANDLER))},
    {ACTION(FEED_BACK), BIT(STATE(HANDLING)), STATE(FEEDBACK), BIT(ROLE(HANDLER)) | BIT(ROLE(ORGAN_LEAD))},
    {ACTION(ORDER_FIELD_CHECK), BIT(STATE(FEEDBACK)), STATE(FIELD_CHECK), BIT(ROLE(ACCEPTOR))},
    {ACTION(ANSWER_FIELD_CHECK), BIT(STATE(FIELD_CHECK)), STATE(FEEDBACK), BIT(ROLE(GRID_WORKER))},
    {ACTION(REWORK), BIT(STATE(FEEDBACK)), STATE(HANDLING), BIT(ROLE(ACCEPTOR)) | BIT(ROLE(DISPATCHER))},
    {ACTION(CLOSE), BIT(STATE(FEEDBACK)), STATE(CLOSED), BIT(ROLE(ACCEPTOR))},
    {ACTION(FORCE_CLOSE), BIT(STATE(HANDLING)) | BIT(STATE(SUSPENDED)) | BIT(STATE(FEEDBACK)), STATE(CLOSED),
     BIT(ROLE(DUTY_CHIEF))},
    {ACTION(REVISIT), BIT(STATE(CLOSED)), 0, BIT(ROLE(SUPERVISOR))},
    {ACTION(REOPEN), BIT(STATE(CLOSED)), STATE(ACCEPTED), BIT(ROLE(SUPERVISOR))},
    {ACTION(REQUEST_VOID), 0x3fe, 0, BIT(ROLE(ACCEPTOR))},
    {ACTION(VOID), 0x3fe, STATE(VOIDED), BIT(ROLE(DUTY_CHIEF))},
    {ACTION(MERGE), BIT(STATE(REPORTED)) | BIT(STATE(ACCEPTED)), STATE(MERGED), BIT(ROLE(ACCEPTOR))},
    {ACTION(REFER), BIT(STATE(ACCEPTED)) | BIT(STATE(HANDLING)), STATE(REFERRED), BIT(ROLE(ACCEPTOR))},
    {ACTION(URGE), 0x3fe, 0, BIT(ROLE(SUPERVISOR))},
    {ACTION(NOTE), 0x7ffe, 0, 0x7ffe},
};

static struct demo_city *city;
static struct demo_history *history;

static void setup(void)
{
    struct err e;
    city = demo_city_create(DEMO_SEED, &e);
    ck_assert_msg(city != NULL, "%s", e.text);
    history = demo_history_create(city, DEMO_SEED, demo_years, DEMO_YEARS, &e);
    ck_assert_msg(history != NULL, "%s", e.text);
}

static void teardown(void)
{
    demo_history_destroy(history);
    demo_city_destroy(city);
}

static usec_t usec_of(const Google__Protobuf__Timestamp *t)
{
    return t->seconds * USEC_PER_SEC + t->nanos / 1000;
}

static const struct demo_category *category_of(const char *code)
{
    for (size_t i = 0; i < demo_categories_len; i++) {
        if (strcmp(demo_categories[i].code, code) == 0)
            return &demo_categories[i];
    }
    ck_abort_msg("no category %s", code);
    return NULL;
}

/* What a played history says. */
struct played {
    int state;
    bool accepted;
    bool self_closed;
    int forced;
    int reopened;
    int returned;
    int reworked;
};

/* Plays the events that arrived before t, checking each. */
static struct played play(const Wangge__V1__ImportHistoryRequest *r, usec_t t)
{
    struct played s = {.state = STATE(REPORTED)};
    usec_t last = usec_of(r->case_->happened_at);
    usec_t known = r->arrived_at ? usec_of(r->arrived_at) : last;
    const char *handler = "";
    const char *checker = "";
    const char *organ = "";
    bool passed = false;
    bool void_asked = false;
    const char *asked_by = "";
    usec_t closed_at = 0;
    int co_open = 0;
    ck_assert_int_ge(known, last);
    if (r->case_->settle_text[0]) {
        ck_assert(category_of(r->case_->category_code)->settle_allowed);
        s = (struct played){.state = STATE(CLOSED), .accepted = true, .self_closed = true};
    }
    for (size_t i = 0; i < r->n_events; i++) {
        const Wangge__V1__ImportedEvent *e = r->events[i];
        const Wangge__V1__ActRequest *a = e->act;
        usec_t happened = usec_of(a->happened_at);
        usec_t arrived = e->arrived_at ? usec_of(e->arrived_at) : happened;
        const struct move *m = NULL;
        for (size_t k = 0; k < sizeof moves / sizeof moves[0]; k++) {
            if (moves[k].action == a->action)
                m = &moves[k];
        }
        ck_assert_msg(m != NULL, "case %s: no rule for action %d", r->case_->case_id, a->action);
        ck_assert_msg(m->from & BIT(s.state), "case %s: action %d in state %d", r->case_->case_id, a->action, s.state);
        ck_assert_msg(m->roles & BIT(e->actor->role), "case %s: action %d by role %d", r->case_->case_id, a->action,
                      e->actor->role);
        ck_assert_int_gt(happened, last);
        ck_assert_int_gt(happened, known); /* nobody acts on what he does not know */
        ck_assert_int_ge(arrived, happened);
        last = happened;
        known = arrived;
        if (arrived >= t)
            break;
        const char *who = e->actor->name;
        switch ((int)a->action) {
        case ACTION(SETTLE):
            ck_assert_str_eq(who, r->reporter_name);
            ck_assert(category_of(r->case_->category_code)->settle_allowed);
            s.self_closed = s.accepted = true;
            break;
        case ACTION(ACCEPT):
            s.accepted = true;
            break;
        case ACTION(DISPATCH):
            ck_assert_str_ne(a->organ_code, "");
            organ = a->organ_code;
            co_open = (int)a->n_co_organ_codes;
            if (co_open > 0)
                ck_assert_str_ne(a->co_organ_codes[0], organ);
            break;
        case ACTION(SIGN):
            ck_assert_str_eq(e->actor->organ_code, organ);
            handler = who;
            break;
        case ACTION(CO_REPLY):
            ck_assert_int_gt(co_open, 0);
            ck_assert_str_ne(e->actor->organ_code, organ);
            co_open--;
            break;
        case ACTION(FEED_BACK):
            ck_assert_str_eq(e->actor->organ_code, organ);
            ck_assert_str_ne(a->text, "");
            ck_assert_int_eq(co_open, 0);
            passed = false;
            break;
        case ACTION(RETURN):
            ck_assert_str_eq(e->actor->organ_code, organ);
            s.returned++;
            break;
        case ACTION(ENDORSE):
            ck_assert_int_eq(a->approval, WANGGE__V1__APPROVAL_KIND__APPROVAL_KIND_SUSPEND);
            ck_assert_str_eq(e->actor->organ_code, organ);
            ck_assert_str_ne(who, handler);
            break;
        case ACTION(REQUEST_SUSPEND):
            ck_assert_str_eq(who, handler);
            ck_assert(a->until != NULL);
            ck_assert_int_gt(usec_of(a->until), happened);
            ck_assert_int_le(usec_of(a->until) - happened, INT64_C(366) * 86400 * USEC_PER_SEC);
            ck_assert_str_ne(a->reason_code, "");
            break;
        case ACTION(ANSWER_FIELD_CHECK):
            ck_assert_int_ne(a->check_result, 0);
            checker = who;
            ck_assert_str_ne(checker, handler);
            passed = a->check_result == WANGGE__V1__CHECK_RESULT__CHECK_RESULT_PASS;
            break;
        case ACTION(REWORK):
            ck_assert_str_ne(a->text, "");
            s.reworked++;
            break;
        case ACTION(FORCE_CLOSE):
            s.forced++;
            closed_at = happened;
            ck_assert_str_ne(who, handler);
            ck_assert_str_ne(who, checker);
            break;
        case ACTION(CLOSE):
            ck_assert(passed || category_of(r->case_->category_code)->check_waived);
            ck_assert_str_ne(who, handler);
            ck_assert_str_ne(who, checker);
            closed_at = happened;
            break;
        case ACTION(REOPEN):
            ck_assert_int_le(happened - closed_at, INT64_C(30) * 86400 * USEC_PER_SEC);
            ck_assert_str_ne(a->text, "");
            s.reopened++;
            break;
        case ACTION(REQUEST_VOID):
            void_asked = true;
            asked_by = who;
            break;
        case ACTION(VOID):
            ck_assert(void_asked);
            ck_assert_str_ne(asked_by, who);
            ck_assert_str_ne(a->reason_code, "");
            break;
        case ACTION(REFUSE):
            ck_assert_str_ne(a->reason_code, "");
            break;
        default:
            break;
        }
        if (m->to)
            s.state = m->to;
    }
    return s;
}

struct figures {
    int reported;
    int valid;
    int closed;
    int self_closed;
    int refused;
    int voided;
    int merged;
    int undecided;
    int states[16];
    int forced;
    int reopened;
    int returned;
    int reworked;
};

static int year_of(usec_t t)
{
    struct civil c;
    clock_to_civil(t, 28800, &c);
    return c.year;
}

/* The cohort of a year as known at t. */
static struct figures recount(int year, usec_t t)
{
    struct figures f = {0};
    struct arena *a = arena_create(1 << 20);
    for (size_t i = 0; i < demo_history_len(history); i++) {
        arena_reset(a);
        const Wangge__V1__ImportHistoryRequest *r = demo_history_item(history, i, a);
        ck_assert_ptr_nonnull(r);
        usec_t known = usec_of(r->arrived_at ? r->arrived_at : r->case_->happened_at);
        if (year_of(usec_of(r->case_->happened_at)) != year || known >= t)
            continue;
        struct played s = play(r, t);
        f.reported++;
        f.states[s.state]++;
        f.refused += s.state == STATE(NOT_ACCEPTED);
        f.voided += s.state == STATE(VOIDED);
        f.merged += s.state == STATE(MERGED);
        bool out = s.state == STATE(NOT_ACCEPTED) || s.state == STATE(VOIDED) || s.state == STATE(MERGED);
        f.valid += s.accepted && !out;
        f.undecided += !s.accepted && !out;
        f.closed += s.state == STATE(CLOSED);
        f.self_closed += s.state == STATE(CLOSED) && s.self_closed;
        f.forced += s.forced;
        f.reopened += s.reopened;
        f.returned += s.returned;
        f.reworked += s.reworked;
    }
    arena_destroy(a);
    return f;
}

static usec_t year_end(int year)
{
    return (usec_t)clock_days_from_civil(year + 1, 1, 1) * 86400 * USEC_PER_SEC - 28800 * USEC_PER_SEC;
}

#define FOR_EVER INT64_MAX

START_TEST(test_2021)
{
    struct figures f = recount(2021, year_end(2021));
    ck_assert_int_eq(f.reported, 18442);
    ck_assert_int_eq(f.valid, 18400);
    ck_assert_int_eq(f.closed, 14904);
    ck_assert_int_eq(f.self_closed, 13414);
    ck_assert_int_eq(f.voided, 30);
    ck_assert_int_eq(f.merged, 12);
    ck_assert_int_eq(f.refused, 0);
    ck_assert_int_eq(f.undecided, 0);
    /* Open in diverse states. */
    static const int open[] = {STATE(ACCEPTED), STATE(DISPATCHED),  STATE(HANDLING), STATE(SUSPENDED),
                               STATE(FEEDBACK), STATE(FIELD_CHECK), STATE(REFERRED)};
    int sum = 0;
    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++) {
        ck_assert_int_ge(f.states[open[i]], 50);
        sum += f.states[open[i]];
    }
    ck_assert_int_eq(sum, 18400 - 14904);
    ck_assert_int_ge(f.forced, 5);
    ck_assert_int_ge(f.reopened, 20);
    ck_assert_int_ge(f.returned, 50);
    ck_assert_int_ge(f.reworked, 50);
    /* Nothing of 2021 happened later. */
    struct figures later = recount(2021, FOR_EVER);
    ck_assert_mem_eq(&f, &later, sizeof f);
}
END_TEST

START_TEST(test_2020_then_and_now)
{
    struct figures then = recount(2020, year_end(2020));
    ck_assert_int_eq(then.reported, 16972);
    ck_assert_int_eq(then.valid, 16900);
    ck_assert_int_eq(then.closed, 12980);
    ck_assert_int_eq(then.self_closed, 11682);
    ck_assert_int_eq(then.voided, 24);
    ck_assert_int_eq(then.merged, 10);
    ck_assert_int_eq(then.refused, 38);
    ck_assert_int_eq(then.undecided, 0);
    struct figures now = recount(2020, FOR_EVER);
    ck_assert_int_eq(now.reported, 16972);
    ck_assert_int_eq(now.valid, 16900);
    ck_assert_int_eq(now.closed, 12980 + 2620);
    struct figures between = recount(2020, year_end(2020) + INT64_C(150) * 86400 * USEC_PER_SEC);
    ck_assert_int_gt(between.closed, then.closed + 300);
    ck_assert_int_lt(between.closed, now.closed);
    ck_assert_int_eq(recount(2021, year_end(2020)).reported, 0);
}
END_TEST

static int compare_ids(const void *a, const void *b)
{
    return memcmp(a, b, 16);
}

START_TEST(test_ids_are_unique_version_7)
{
    size_t cap = 400000;
    struct uuid *ids = calloc(cap, sizeof *ids);
    struct arena *a = arena_create(1 << 20);
    size_t n = 0;
    for (size_t i = 0; i < demo_history_len(history); i++) {
        arena_reset(a);
        const Wangge__V1__ImportHistoryRequest *r = demo_history_item(history, i, a);
        usec_t at = usec_of(r->case_->happened_at) / 1000 * 1000;
        ck_assert(n + r->n_events + 2 < cap);
        ck_assert(uuid_parse(r->case_->case_id, &ids[n]));
        ck_assert_int_eq(uuid_version(&ids[n]), 7);
        ck_assert_int_eq(uuid_v7_time(&ids[n++]), at);
        ck_assert(uuid_parse(r->case_->request_id, &ids[n]));
        ck_assert_int_eq(uuid_version(&ids[n]), 7);
        ck_assert_int_eq(uuid_v7_time(&ids[n++]), at);
        for (size_t k = 0; k < r->n_events; k++) {
            ck_assert(uuid_parse(r->events[k]->act->request_id, &ids[n]));
            ck_assert_int_eq(uuid_version(&ids[n]), 7);
            ck_assert_int_eq(ids[n++].bytes[8] & 0xc0, 0x80);
        }
    }
    qsort(ids, n, sizeof *ids, compare_ids);
    for (size_t i = 1; i < n; i++)
        ck_assert(!uuid_equal(&ids[i - 1], &ids[i]));
    arena_destroy(a);
    free(ids);
}
END_TEST

static uint64_t fnv(uint64_t h, const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        h = (h ^ data[i]) * UINT64_C(0x100000001b3);
    return h;
}

static uint64_t digest(const struct demo_history *h, size_t first, size_t n)
{
    uint64_t d = UINT64_C(0xcbf29ce484222325);
    struct arena *a = arena_create(1 << 20);
    uint8_t *packed = malloc(1 << 18);
    for (size_t i = first; i < first + n; i++) {
        arena_reset(a);
        Wangge__V1__ImportHistoryRequest *r = demo_history_item(h, i, a);
        ck_assert_uint_lt(protobuf_c_message_get_packed_size(&r->base), 1 << 18);
        d = fnv(d, packed, protobuf_c_message_pack(&r->base, packed));
    }
    free(packed);
    arena_destroy(a);
    return d;
}

START_TEST(test_same_bytes_everywhere)
{
    struct err e;
    /* A change of these digests means that loading the demo city into a database that has it would double it. */
    ck_assert_uint_eq(digest(history, 0, 1000), UINT64_C(5386967168371965976));
    ck_assert_uint_eq(digest(history, 30000, 1000), UINT64_C(8600005840826420509));
    struct demo_history *other = demo_history_create(city, DEMO_SEED + 1, demo_years, DEMO_YEARS, &e);
    ck_assert_uint_ne(digest(history, 0, 10), digest(other, 0, 10));
    demo_history_destroy(other);
}
END_TEST

START_TEST(test_items_stand_alone)
{
    uint64_t at_once = digest(history, 20000, 1);
    (void)digest(history, 100, 50);
    ck_assert_uint_eq(digest(history, 20000, 1), at_once);
    struct arena *small = arena_create(300);
    ck_assert_ptr_null(demo_history_item(history, 0, small));
    arena_destroy(small);
}
END_TEST

START_TEST(test_limits_of_the_interface)
{
    struct arena *a = arena_create(1 << 20);
    size_t merged = 0;
    for (size_t i = 0; i < demo_history_len(history); i++) {
        arena_reset(a);
        const Wangge__V1__ImportHistoryRequest *r = demo_history_item(history, i, a);
        const Wangge__V1__SubmitCaseRequest *s = r->case_;
        size_t chars = text_chars(s->description, strlen(s->description));
        ck_assert_int_eq(r->sequence, (int64_t)i + 1);
        ck_assert(chars >= 4 && chars <= 200);
        ck_assert(text_is_utf8(s->description, strlen(s->description)));
        ck_assert(!strchr(s->description, '{') && !strchr(s->settle_text, '{'));
        ck_assert(text_is_utf8(s->address, strlen(s->address)));
        ck_assert_uint_le(text_chars(s->address, strlen(s->address)), 60);
        ck_assert_int_ge(demo_city_find_grid(city, s->grid_code), 0);
        ck_assert(demo_category_counted(category_of(s->category_code)));
        ck_assert_str_ne(r->reporter_name, "");
        ck_assert_uint_le(r->n_events, 200);
        if (s->location) {
            const struct demo_box *b = &city->grids[demo_city_find_grid(city, s->grid_code)].box;
            ck_assert(s->location->latitude > b->lat0 / 1e6 && s->location->latitude < b->lat1 / 1e6);
            ck_assert(s->location->longitude > b->lon0 / 1e6 && s->location->longitude < b->lon1 / 1e6);
        }
        for (size_t k = 0; k < r->n_events; k++) {
            const Wangge__V1__ActRequest *act = r->events[k]->act;
            ck_assert_uint_le(strlen(act->reason_code), 32);
            ck_assert_str_ne(r->events[k]->actor->name, "");
            if (act->action != ACTION(MERGE))
                continue;
            /* Its lead case came earlier, well beyond any window of items in flight, and is open. */
            size_t lead = (size_t)demo_history_slot(history, i)->lead;
            ck_assert_uint_lt(lead + 1000, i);
            struct arena *b = arena_create(1 << 20);
            const Wangge__V1__ImportHistoryRequest *l = demo_history_item(history, lead, b);
            ck_assert_str_eq(l->case_->case_id, act->target_case_id);
            ck_assert_int_lt(usec_of(l->case_->happened_at), usec_of(s->happened_at));
            ck_assert_str_eq(l->case_->grid_code, s->grid_code);
            ck_assert_str_eq(l->case_->category_code, s->category_code);
            struct played p = play(l, FOR_EVER);
            ck_assert(p.accepted && p.state < STATE(CLOSED));
            arena_destroy(b);
            merged++;
        }
    }
    ck_assert_uint_eq(merged, 22);
    arena_destroy(a);
}
END_TEST

START_TEST(test_shape_is_plausible)
{
    int by_hour[24] = {0};
    int by_month[12] = {0};
    int by_county[DEMO_COUNTIES] = {0};
    int offline = 0;
    int weekend = 0;
    size_t n = demo_history_len(history);
    struct arena *a = arena_create(1 << 20);
    for (size_t i = 0; i < n; i++) {
        arena_reset(a);
        const Wangge__V1__ImportHistoryRequest *r = demo_history_item(history, i, a);
        struct civil c;
        usec_t at = usec_of(r->case_->happened_at);
        clock_to_civil(at, 28800, &c);
        by_hour[c.hour]++;
        by_month[c.month - 1]++;
        by_county[demo_city_county_of(city, demo_city_find_grid(city, r->case_->grid_code))]++;
        offline += r->arrived_at != NULL;
        weekend += (clock_local_day(at, 28800) + 3) % 7 >= 5;
    }
    arena_destroy(a);
    ck_assert_int_gt(by_hour[9], 20 * by_hour[3]);
    ck_assert_int_gt(by_month[6], by_month[0]);
    ck_assert_int_gt(by_county[2], 2 * by_county[8]);
    for (int i = 0; i < DEMO_COUNTIES; i++)
        ck_assert_int_gt(by_county[i], 700);
    ck_assert(offline > (int)n / 20 && offline < (int)n / 5);
    ck_assert(weekend > (int)n / 20 && weekend < (int)n / 4);
}
END_TEST

START_TEST(test_fresh_incidents)
{
    struct err e;
    struct demo_submits s = {.city = city, .seed = 1, .settled_permille = 900, .region_code = "230604"};
    struct arena *a = arena_create(1 << 20);
    int settled = 0;
    char previous[UUID_TEXT_LEN + 1] = "";
    ck_assert_int_eq(demo_submits_init(&s, &e), 0);
    for (uint64_t i = 0; i < 2000; i++) {
        arena_reset(a);
        usec_t at = INT64_C(1790000000) * USEC_PER_SEC;
        const Wangge__V1__SubmitCaseRequest *r = demo_submit_item(&s, i, at, a);
        ck_assert_ptr_nonnull(r);
        ck_assert_mem_eq(r->grid_code, "230604", 6);
        ck_assert_str_ne(r->case_id, previous);
        ck_assert_str_ne(r->case_id, r->request_id);
        memcpy(previous, r->case_id, sizeof previous);
        ck_assert_int_eq(usec_of(r->happened_at), at);
        ck_assert(!r->settle_text[0] || category_of(r->category_code)->settle_allowed);
        settled += r->settle_text[0] != '\0';
    }
    ck_assert(settled > 1700 && settled < 1900);
    demo_submits_fini(&s);
    s.region_code = "2307";
    ck_assert_int_eq(demo_submits_init(&s, &e), ERR_NOT_FOUND);
    arena_destroy(a);
}
END_TEST

START_TEST(test_names_are_distinct)
{
    char(*names)[DEMO_NAME_SIZE] = calloc(DEMO_PEOPLE, sizeof *names);
    for (uint32_t i = 0; i < DEMO_PEOPLE; i++)
        demo_text_name(i, names[i]);
    qsort(names, DEMO_PEOPLE, sizeof *names, (int (*)(const void *, const void *))strcmp);
    for (uint32_t i = 1; i < DEMO_PEOPLE; i++)
        ck_assert_str_ne(names[i - 1], names[i]);
    free(names);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("demo_history");
    TCase *tc = tcase_create("demo_history");
    tcase_set_timeout(tc, 60);
    tcase_add_unchecked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_2021);
    tcase_add_test(tc, test_2020_then_and_now);
    tcase_add_test(tc, test_ids_are_unique_version_7);
    tcase_add_test(tc, test_same_bytes_everywhere);
    tcase_add_test(tc, test_items_stand_alone);
    tcase_add_test(tc, test_limits_of_the_interface);
    tcase_add_test(tc, test_shape_is_plausible);
    tcase_add_test(tc, test_fresh_incidents);
    tcase_add_test(tc, test_names_are_distinct);
    suite_add_tcase(s, tc);
    SRunner *sr = srunner_create(s);
    srunner_run_all(sr, CK_ENV);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
