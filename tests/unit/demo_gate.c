/* SPDX-License-Identifier: MIT */
/* The demo history against the gate itself: every step is let through, and the measures of reports give the promised figures.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "client/demo/demo_history.h"
#include "server/domain/gate.h"
#include "server/domain/measure.h"

static struct demo_city *city;
static struct demo_history *history;
static struct directory *dir;

static int64_t padded(const char *code)
{
    int64_t v = 0;
    struct err e;
    ck_assert_msg(region_parse(code, &v, &e) == 0, "%s", e.text);
    return v;
}

static void add_part(struct directory_builder *b, const Wangge__V1__ImportDirectoryRequest *req)
{
    struct err e;
    for (size_t i = 0; i < req->n_regions; i++) {
        struct dir_region r = {.code = padded(req->regions[i]->code), .name = req->regions[i]->name, .initials = ""};
        ck_assert(clock_parse_date(req->regions[i]->valid_from, &r.valid_from));
        r.valid_to = DAY_NONE;
        ck_assert_msg(directory_add_region(b, &r, &e) == 0, "%s", e.text);
    }
    for (size_t i = 0; i < req->n_categories; i++) {
        const Wangge__V1__Category *row = req->categories[i];
        struct dir_category c = {
            .id = (int16_t)(i + 1),
            .name = row->name,
            .settle_allowed = row->settle_allowed,
            .counted = row->counted,
            .check_waived = row->check_waived,
            .active = row->active,
        };
        memcpy(c.code, row->code, 6);
        memcpy(c.handle_limit_min, row->handle_limit_minutes, sizeof c.handle_limit_min);
        ck_assert_msg(directory_add_category(b, &c, &e) == 0, "%s", e.text);
    }
    for (size_t i = 0; i < req->n_organs; i++) {
        struct dir_organ o = {
            .id = (int32_t)i + 1,
            .code = req->organs[i]->code,
            .name = req->organs[i]->name,
            .kind = (enum organ_kind)req->organs[i]->kind,
            .region = padded(req->organs[i]->region_code),
            .active = true,
        };
        ck_assert_msg(directory_add_organ(b, &o, &e) == 0, "%s", e.text);
    }
    for (size_t i = 0; i < req->n_calendar_days; i++) {
        struct dir_calendar_day d = {.working = req->calendar_days[i]->working, .name = req->calendar_days[i]->name};
        ck_assert(clock_parse_date(req->calendar_days[i]->date, &d.day));
        ck_assert_msg(directory_add_calendar_day(b, &d, &e) == 0, "%s", e.text);
    }
}

static void setup(void)
{
    struct err e;
    struct arena *a = arena_create(64 << 20);
    struct directory_builder *b = directory_builder_create();
    Wangge__V1__ImportDirectoryRequest *req;
    city = demo_city_create(DEMO_SEED, &e);
    ck_assert_msg(city != NULL, "%s", e.text);
    history = demo_history_create(city, DEMO_SEED, demo_years, DEMO_YEARS, &e);
    ck_assert_msg(history != NULL, "%s", e.text);
    for (int part = 0; (req = demo_city_part(city, part, a, &e)); part++)
        add_part(b, req);
    ck_assert_msg(directory_builder_finish(b, 1, &dir, &e) == 0, "%s", e.text);
    directory_builder_destroy(b);
    arena_destroy(a);
}

static void teardown(void)
{
    directory_unref(dir);
    demo_history_destroy(history);
    demo_city_destroy(city);
}

static usec_t usec_of(const Google__Protobuf__Timestamp *t)
{
    return t->seconds * USEC_PER_SEC + t->nanos / 1000;
}

static int32_t organ_id(const char *code)
{
    const struct dir_organ *o = code[0] ? directory_organ_by_code(dir, code) : NULL;
    ck_assert_msg(o || !code[0], "no organ %s", code);
    return o ? o->id : 0;
}

/* Distinct names are distinct people. */
static struct uuid person(const char *name)
{
    uint8_t bytes[16] = {0};
    memcpy(bytes, name, strnlen(name, sizeof bytes));
    return uuid_from_hash(bytes);
}

static struct actor actor_of(const char *name, enum role role, const char *organ)
{
    return (struct actor){
        .account = person(name), .role = role, .region = padded(DEMO_CITY_CODE), .organ_id = organ_id(organ), .name = name};
}

static void decide(const struct actor *who, const struct case_snap *before, const struct act *act, struct case_snap *after,
                   const char *case_id)
{
    struct gate_refusal why;
    struct gate_env env = {.dir = dir, .now = INT64_C(1800000000) * USEC_PER_SEC, .import = true};
    int rc = gate_decide(&env, who, before, act, after, &why);
    ck_assert_msg(rc == 0, "case %s, action %d, state %d: %s %s %s", case_id, act->action, before ? (int)before->state : 0,
                  why.rule, why.field, why.text);
}

static void start(const Wangge__V1__ImportHistoryRequest *r, struct case_snap *c)
{
    const Wangge__V1__SubmitCaseRequest *s = r->case_;
    bool settled = s->settle_text[0] != '\0';
    struct actor who = actor_of(r->reporter_name, settled ? ROLE_GRID_WORKER : ROLE_ACCEPTOR, "");
    struct act act;
    act_init(&act, settled ? ACT_SETTLE : ACT_SUBMIT);
    act.happened_at = usec_of(s->happened_at);
    act.text = settled ? s->settle_text : s->description;
    act.category_id = directory_category_by_code(dir, s->category_code)->id;
    act.grid = padded(s->grid_code);
    act.urgency = (enum urgency)s->urgency;
    act.channel = (enum channel)s->channel;
    ck_assert(uuid_parse(s->case_id, &act.case_id));
    decide(&who, NULL, &act, c, s->case_id);
}

static void follow(const char *case_id, const Wangge__V1__ImportedEvent *e, const struct case_snap *lead, struct case_snap *c)
{
    const Wangge__V1__ActRequest *r = e->act;
    struct actor who = actor_of(e->actor->name, (enum role)e->actor->role, e->actor->organ_code);
    struct act act;
    struct case_snap after;
    act_init(&act, (enum action)r->action);
    act.happened_at = usec_of(r->happened_at);
    act.text = r->text;
    act.reason_code = r->reason_code;
    act.organ_id = organ_id(r->organ_code);
    act.n_co = (int)r->n_co_organ_codes;
    for (int i = 0; i < act.n_co; i++)
        act.co_organ_ids[i] = organ_id(r->co_organ_codes[i]);
    act.check_result = (enum check_result)r->check_result;
    act.approval = (enum approval_kind)r->approval;
    act.target = lead;
    if (r->until)
        act.until = usec_of(r->until);
    decide(&who, c, &act, &after, case_id);
    *c = after;
}

/* Plays item i up to what was known at t. False if nothing was. */
static bool play(size_t i, usec_t t, struct case_snap *c)
{
    struct arena *a = arena_create(1 << 20);
    const Wangge__V1__ImportHistoryRequest *r = demo_history_item(history, i, a);
    struct case_snap lead;
    int32_t lead_at = demo_history_slot(history, i)->lead;
    bool known = usec_of(r->arrived_at ? r->arrived_at : r->case_->happened_at) < t;
    if (lead_at >= 0)
        ck_assert(play((size_t)lead_at, t, &lead));
    if (known)
        start(r, c);
    for (size_t k = 0; known && k < r->n_events; k++) {
        const Wangge__V1__ImportedEvent *e = r->events[k];
        if (usec_of(e->arrived_at ? e->arrived_at : e->act->happened_at) >= t)
            break;
        follow(r->case_->case_id, e, lead_at >= 0 ? &lead : NULL, c);
    }
    arena_destroy(a);
    return known;
}

static usec_t midnight(int year)
{
    return (usec_t)clock_days_from_civil(year, 1, 1) * 86400 * USEC_PER_SEC - 28800 * USEC_PER_SEC;
}

static void sum_up(int year, usec_t t, int sums[MEASURE_COUNT])
{
    memset(sums, 0, MEASURE_COUNT * sizeof *sums);
    for (size_t i = 0; i < demo_history_len(history); i++) {
        const struct demo_slot *slot = demo_history_slot(history, i);
        struct case_snap c;
        int8_t stock[MEASURE_COUNT];
        if (slot->reported < midnight(year) || slot->reported >= midnight(year + 1) || !play(i, t, &c))
            continue;
        measure_stock(&c, stock);
        for (int m = 0; m < MEASURE_COUNT; m++)
            sums[m] += stock[m];
    }
}

START_TEST(test_2021_at_its_end)
{
    int sums[MEASURE_COUNT];
    sum_up(2021, midnight(2022), sums);
    ck_assert_int_eq(sums[MEASURE_REPORTED], 18442);
    ck_assert_int_eq(sums[MEASURE_VALID], 18400);
    ck_assert_int_eq(sums[MEASURE_CLOSED], 14904);
    ck_assert_int_eq(sums[MEASURE_SELF_CLOSED], 13414);
    ck_assert_int_eq(sums[MEASURE_VOIDED], 30);
    ck_assert_int_eq(sums[MEASURE_MERGED], 12);
    ck_assert_int_eq(sums[MEASURE_REFUSED], 0);
    ck_assert_int_gt(sums[MEASURE_LATE], 50);
    ck_assert_int_gt(sums[MEASURE_FORCED], 3);
}
END_TEST

START_TEST(test_2020_then_and_now)
{
    int sums[MEASURE_COUNT];
    sum_up(2020, midnight(2021), sums);
    ck_assert_int_eq(sums[MEASURE_REPORTED], 16972);
    ck_assert_int_eq(sums[MEASURE_VALID], 16900);
    ck_assert_int_eq(sums[MEASURE_CLOSED], 12980);
    ck_assert_int_eq(sums[MEASURE_REFUSED], 38);
    sum_up(2020, INT64_MAX, sums);
    ck_assert_int_eq(sums[MEASURE_VALID], 16900);
    ck_assert_int_eq(sums[MEASURE_CLOSED], 15600);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("demo_gate");
    TCase *tc = tcase_create("demo_gate");
    tcase_set_timeout(tc, 60);
    tcase_add_unchecked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_2021_at_its_end);
    tcase_add_test(tc, test_2020_then_and_now);
    suite_add_tcase(s, tc);
    SRunner *sr = srunner_create(s);
    srunner_run_all(sr, CK_ENV);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
