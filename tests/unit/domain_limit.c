/* SPDX-License-Identifier: MIT */
/* Limits: which rule wins, from when on, what stands in without one, and what is refused. */
#include <stdlib.h>
#include <string.h>

#include "domain_fixture.h"

static struct limit_rule rule(int32_t id, const char *category, enum urgency u, int64_t region)
{
    struct limit_rule r = {.id = id,
                           .kind = CLOCK_HANDLE,
                           .urgency = u,
                           .region = region,
                           .unit = UNIT_WORKING,
                           .amount = 3600 * id,
                           .valid_from = USEC_NONE,
                           .valid_to = USEC_NONE};
    memcpy(r.category, category, strlen(category));
    return r;
}

static struct limit_set *build(const struct limit_rule *rules, size_t n)
{
    struct limit_set *s;
    struct err e;
    ck_assert_msg(limit_set_create(rules, n, &s, &e) == 0, "%s", e.text);
    return s;
}

static int32_t find(const struct limit_set *s, const char *category, enum urgency u, int64_t region, usec_t at)
{
    const struct limit_rule *r = limit_find(s, CLOCK_HANDLE, category, u, region, at);
    return r ? r->id : 0;
}

START_TEST(the_most_specific_wins)
{
    const struct limit_rule rules[] = {
        rule(1, "", URGENCY_NONE, 0),
        rule(2, "", URGENCY_URGENT, 0),
        rule(3, "", URGENCY_NONE, INT64_C(230604000000000)),
        rule(4, "E", URGENCY_NONE, 0),
        rule(5, "E01", URGENCY_NONE, 0),
        rule(6, "E01", URGENCY_NONE, INT64_C(230600000000000)),
        rule(7, "E01", URGENCY_URGENT, INT64_C(230600000000000)),
        rule(8, "E0102", URGENCY_NONE, 0),
        rule(9, "", URGENCY_CRITICAL, GRID_1),
    };
    const struct {
        const char *category;
        enum urgency urgency;
        int64_t region;
        int32_t id;
    } rows[] = {
        {"H0101", URGENCY_NORMAL, GRID_OTHER, 1},
        {"H0101", URGENCY_URGENT, GRID_OTHER, 2},
        {"H0101", URGENCY_URGENT, GRID_1, 3}, /* region before urgency */
        {"E0201", URGENCY_URGENT, GRID_1, 4}, /* category before both */
        {"E0101", URGENCY_NORMAL, GRID_1, 6},
        {"E0101", URGENCY_URGENT, GRID_1, 7},
        {"E0102", URGENCY_URGENT, GRID_1, 8},
        {"E0101", URGENCY_URGENT, INT64_C(110101001001001), 5},
        {"H0101", URGENCY_CRITICAL, GRID_1, 9},
        {"H0101", URGENCY_CRITICAL, GRID_2, 3},
        {"", URGENCY_NORMAL, 0, 1},
    };
    struct limit_set *s = build(rules, sizeof(rules) / sizeof(rules[0]));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        ck_assert_msg(find(s, rows[i].category, rows[i].urgency, rows[i].region, 0) == rows[i].id, "row %zu: %d, want %d", i,
                      find(s, rows[i].category, rows[i].urgency, rows[i].region, 0), rows[i].id);
    ck_assert_ptr_null(limit_find(s, CLOCK_ACCEPT, "E0102", URGENCY_NORMAL, GRID_1, 0));
    ck_assert_ptr_null(limit_find(s, CLOCK_NONE, "E0102", URGENCY_NORMAL, GRID_1, 0));
    ck_assert_ptr_null(limit_find(NULL, CLOCK_HANDLE, "E0102", URGENCY_NORMAL, GRID_1, 0));
    limit_set_destroy(s);
}
END_TEST

START_TEST(a_change_takes_effect_from_an_instant)
{
    usec_t may = fx_time(2022, 5, 1, 0, 0), july = fx_time(2022, 7, 1, 0, 0), august = fx_time(2022, 8, 1, 0, 0);
    struct limit_rule rules[] = {rule(1, "E", URGENCY_NONE, 0), rule(2, "E", URGENCY_NONE, 0), rule(3, "E", URGENCY_NONE, 0),
                                 rule(4, "E01", URGENCY_NONE, 0)};
    rules[1].valid_from = may;
    rules[2].valid_from = july;
    rules[2].valid_to = august;
    rules[3].valid_from = august;
    struct limit_set *s = build(rules, 4);
    ck_assert_int_eq(find(s, "E0102", URGENCY_NORMAL, GRID_1, may - 1), 1);
    ck_assert_int_eq(find(s, "E0102", URGENCY_NORMAL, GRID_1, may), 2);
    ck_assert_int_eq(find(s, "E0102", URGENCY_NORMAL, GRID_1, july - 1), 2);
    ck_assert_int_eq(find(s, "E0102", URGENCY_NORMAL, GRID_1, july), 3);
    ck_assert_int_eq(find(s, "E0102", URGENCY_NORMAL, GRID_1, august - 1), 3);
    ck_assert_int_eq(find(s, "E0102", URGENCY_NORMAL, GRID_1, august), 4);
    ck_assert_int_eq(find(s, "E0202", URGENCY_NORMAL, GRID_1, august), 2);
    limit_set_destroy(s);
}
END_TEST

static uint64_t next(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *seed >> 33;
}

static const int64_t regions[] = {0,
                                  INT64_C(230600000000000),
                                  INT64_C(230604000000000),
                                  INT64_C(230604001000000),
                                  INT64_C(230604001001000),
                                  GRID_1,
                                  GRID_2,
                                  INT64_C(230602000000000),
                                  GRID_OTHER};
static const char *const prefixes[] = {"", "E", "H", "E01", "E02", "H01", "E0101", "E0102", "E0201", "H0101"};

static int digits_of(int64_t region)
{
    return region ? region_digits(region_level_of(region)) : 0;
}

/* The definition, by trying every rule. */
static const struct limit_rule *slow(const struct limit_rule *rules, size_t n, const char *category, enum urgency u,
                                     int64_t region, usec_t at)
{
    const struct limit_rule *best = NULL;
    for (size_t i = 0; i < n; i++) {
        const struct limit_rule *r = &rules[i];
        if (strncmp(category, r->category, strlen(r->category)) != 0 || (r->urgency && r->urgency != u) ||
            (r->region && !region_contains(r->region, region)) || at < r->valid_from ||
            (r->valid_to != USEC_NONE && at >= r->valid_to))
            continue;
        if (best) {
            int by = (int)strlen(r->category) - (int)strlen(best->category);
            by = by ? by : digits_of(r->region) - digits_of(best->region);
            by = by ? by : (r->urgency != 0) - (best->urgency != 0);
            if (by < 0 || (by == 0 && r->valid_from <= best->valid_from))
                continue;
        }
        best = r;
    }
    return best;
}

START_TEST(finds_what_trying_all_finds)
{
    uint64_t seed = 42;
    for (int round = 0; round < 40; round++) {
        struct limit_rule rules[60];
        size_t n = 0, wanted = 1 + next(&seed) % 60;
        while (n < wanted) {
            struct limit_rule r = rule((int32_t)n + 1, prefixes[next(&seed) % 10], (enum urgency)(next(&seed) % URGENCY_COUNT),
                                       regions[next(&seed) % 9]);
            r.valid_from = (usec_t)(next(&seed) % 50) - 1;
            r.valid_from = r.valid_from < 0 ? USEC_NONE : r.valid_from;
            if (next(&seed) % 3 == 0)
                r.valid_to = (r.valid_from == USEC_NONE ? 0 : r.valid_from) + 1 + (usec_t)(next(&seed) % 30);
            bool doubled = false;
            for (size_t i = 0; i < n; i++)
                doubled |= strcmp(rules[i].category, r.category) == 0 && rules[i].urgency == r.urgency &&
                           rules[i].region == r.region && rules[i].valid_from == r.valid_from;
            if (!doubled)
                rules[n++] = r;
        }
        struct limit_set *s = build(rules, n);
        for (int q = 0; q < 500; q++) {
            const char *category = prefixes[6 + next(&seed) % 4];
            enum urgency u = (enum urgency)(1 + next(&seed) % 3);
            int64_t region = regions[next(&seed) % 9];
            usec_t at = (usec_t)(next(&seed) % 60);
            const struct limit_rule *want = slow(rules, n, category, u, region, at);
            ck_assert_int_eq(find(s, category, u, region, at), want ? want->id : 0);
        }
        limit_set_destroy(s);
    }
}
END_TEST

START_TEST(refuses_bad_rules)
{
    const struct {
        const char *name, *field, *text;
        struct limit_rule change; /* what differs; see below */
    } rows[] = {
        {"zero", "limits[1].amount", "more than zero", {.amount = 0}},
        {"negative", "limits[1].amount", "more than zero", {.amount = -1}},
        {"too long", "limits[1].amount", "at most 3660 days", {.amount = LIMIT_MAX_S + 1}},
        {"too many days", "limits[1].amount", "at most 3660 days", {.amount = 3661, .unit = UNIT_DAY}},
        {"no clock", "limits[1].kind", "one clock", {.amount = 1, .kind = CLOCK_COUNT}},
        {"a bad category", "limits[1].category", "E01, E0102", {.amount = 1, .category = "e"}},
        {"half a category", "limits[1].category", "E01, E0102", {.amount = 1, .category = "E0"}},
        {"a bad region", "limits[1].region", "not a region code", {.amount = 1, .region = 12}},
        {"a bad urgency", "limits[1].urgency", "one urgency", {.amount = 1, .urgency = URGENCY_COUNT}},
        {"a bad unit", "limits[1].unit", "working days", {.amount = 1, .unit = UNIT_COUNT}},
        {"an end before the beginning", "limits[1].valid_to", "ends before", {.amount = 1, .valid_from = 5, .valid_to = 5}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct limit_rule r[2] = {rule(1, "", URGENCY_NONE, 0), rows[i].change};
        r[1].id = 2;
        r[1].kind = r[1].kind ? r[1].kind : CLOCK_HANDLE;
        r[1].valid_from = r[1].valid_from ? r[1].valid_from : USEC_NONE;
        r[1].valid_to = r[1].valid_to ? r[1].valid_to : USEC_NONE;
        struct limit_set *s = NULL;
        struct err e = {0};
        ck_assert_msg(limit_set_create(r, 2, &s, &e) == ERR_INVALID, "%s", rows[i].name);
        ck_assert_ptr_null(s);
        ck_assert_msg(strstr(e.text, rows[i].text), "%s: %s", rows[i].name, e.text);
        ck_assert_str_eq(e.field, rows[i].field);
    }
    struct limit_rule twice[2] = {rule(1, "E01", URGENCY_NONE, 0), rule(2, "E01", URGENCY_NONE, 0)};
    struct limit_set *s = NULL;
    struct err e;
    ck_assert_int_eq(limit_set_create(twice, 2, &s, &e), ERR_INVALID);
    ck_assert_ptr_nonnull(strstr(e.text, "limits"));
    ck_assert_int_eq(limit_set_create(NULL, 0, &s, &e), 0);
    ck_assert_int_eq(find(s, "E0102", URGENCY_NORMAL, GRID_1, 0), 0);
    limit_set_destroy(s);
}
END_TEST

/* The fixture's CAT_SETTLE has a handling limit; the gate's defaults give the other clocks theirs. */
START_TEST(defaults_stand_in)
{
    struct fx f;
    fx_init(&f);
    const struct dir_category *c = directory_category_by_id(f.dir, CAT_SETTLE);
    int32_t handling = c->handle_limit_min[0] * 60;
    ck_assert_int_gt(handling, 0);
    const struct {
        enum clock_kind kind;
        int32_t limit_s;
    } rows[] = {
        {CLOCK_ACCEPT, 900}, {CLOCK_DISPATCH, 900}, {CLOCK_CHECK, 1800}, {CLOCK_HANDLE, handling}, {CLOCK_NONE, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct gate_limit_query q = {.kind = rows[i].kind, .category = c, .urgency = URGENCY_NORMAL, .grid = GRID_1, .at = 0};
        struct limit l = gate_limit(directory_limits(f.dir), NULL, &q);
        ck_assert_int_eq(l.limit_s, rows[i].limit_s);
        ck_assert_int_eq(l.unit, UNIT_WORKING);
        ck_assert_int_eq(l.rule_id, 0);
        q.urgency = URGENCY_CRITICAL;
        ck_assert_int_eq(gate_limit(directory_limits(f.dir), NULL, &q).unit, UNIT_URGENT);
        q.category = NULL;
        ck_assert_int_eq(gate_limit(directory_limits(f.dir), NULL, &q).limit_s, i == 3 ? 0 : rows[i].limit_s);
    }
    struct limit_rule r = rule(4, "", URGENCY_NONE, 0);
    r.unit = UNIT_WORKDAY;
    r.amount = 5;
    struct limit_set *s = build(&r, 1);
    struct gate_limit_query q = {.kind = CLOCK_HANDLE, .category = c, .urgency = URGENCY_NORMAL, .grid = GRID_1, .at = 0};
    struct limit l = gate_limit(s, NULL, &q);
    ck_assert_int_eq(l.unit, UNIT_WORKDAY);
    ck_assert_int_eq(l.limit_s, 5 * 86400);
    ck_assert_int_eq(l.rule_id, 4);
    limit_set_destroy(s);
    fx_fini(&f);
}
END_TEST

/* GRID_1's county begins at 07:00; acceptance there takes an hour, from noon on two; handling in days. */
static void add_county(struct directory_builder *b)
{
    struct calendar_source s = {.region = INT64_C(230604000000000), .utc_offset_s = CALENDAR_ZONE_INHERIT, .own_week = true};
    for (int d = 0; d < 6; d++)
        s.week[d] = (struct calendar_day_plan){1, {{7 * 3600, 15 * 3600}}};
    struct limit_rule rules[3] = {rule(1, "", URGENCY_NONE, s.region), rule(2, "", URGENCY_NONE, s.region),
                                  rule(3, "", URGENCY_NONE, 0)};
    rules[0].kind = rules[1].kind = CLOCK_ACCEPT;
    rules[1].valid_from = fx_friday(12, 0);
    rules[2].unit = UNIT_WORKDAY;
    rules[2].amount = 3;
    struct err e;
    ck_assert_msg(directory_add_calendar(b, &s, &e) == 0, "%s", e.text);
    for (int i = 0; i < 3; i++)
        ck_assert_msg(directory_add_limit(b, &rules[i], &e) == 0, "%s", e.text);
}

START_TEST(the_gate_starts_clocks_by_them)
{
    struct fx f;
    fx_init_with(&f, add_county);
    fx_reset(&f, fx_friday(11, 30));
    fx_must(&f, ACT_SUBMIT, WHO_WORKER);
    ck_assert_int_eq(f.snap.stage.limit_s, 3600);
    ck_assert_int_eq(f.snap.stage.rule_id, 1);
    usec_t due = f.snap.due_at;
    ck_assert_int_eq(due, f.snap.stage.running_since + 3600 * USEC_PER_SEC);
    /* A change takes effect for what starts later; what runs stays. */
    f.env.now = fx_friday(12, 10);
    fx_must(&f, ACT_NOTE, WHO_WORKER);
    ck_assert_int_eq(f.snap.due_at, due);
    fx_reset(&f, fx_friday(14, 30));
    fx_must(&f, ACT_SUBMIT, WHO_WORKER);
    ck_assert_int_eq(f.snap.stage.limit_s, 7200);
    ck_assert_int_eq(f.snap.stage.rule_id, 2);
    /* 14:31 until 15:00, then Saturday from 07:00 by the county's week, before the city's begins. */
    ck_assert_int_eq(f.snap.due_at, fx_time(2021, 9, 18, 8, 31));
    fx_reset(&f, fx_friday(9, 0));
    fx_bring_to(&f, STATE_HANDLING);
    ck_assert_int_eq(f.snap.handle.unit, UNIT_WORKDAY);
    ck_assert_int_eq(f.snap.handle.limit_s, 3 * 86400);
    ck_assert_int_eq(f.snap.handle.rule_id, 3);
    /* Saturday 18 works anyway, Sunday to Tuesday are holidays for everybody. */
    ck_assert_int_eq(f.snap.due_at, fx_time(2021, 9, 23, 15, 0));
    ck_assert_int_eq(f.snap.overall.limit_s, 6 * 86400);
    fx_fini(&f);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("domain limit");
    TCase *t = tcase_create("limit");
    tcase_add_test(t, the_most_specific_wins);
    tcase_add_test(t, a_change_takes_effect_from_an_instant);
    tcase_add_test(t, finds_what_trying_all_finds);
    tcase_add_test(t, refuses_bad_rules);
    tcase_add_test(t, defaults_stand_in);
    tcase_add_test(t, the_gate_starts_clocks_by_them);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
