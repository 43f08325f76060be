/* SPDX-License-Identifier: MIT */
/* Region codes, case numbers, windows, metrics and rights: the small tables of the domain. */
#include <string.h>

#include "domain_fixture.h"
#include "server/domain/metric.h"
#include "server/domain/number.h"
#include "server/domain/period.h"

static const struct {
    const char *text;
    int64_t code; /* 0: refused */
    enum region_level level;
} codes[] = {
    {"2306", INT64_C(230600000000000), LEVEL_CITY},
    {"230604", INT64_C(230604000000000), LEVEL_COUNTY},
    {"230604001", INT64_C(230604001000000), LEVEL_TOWNSHIP},
    {"230604001001", INT64_C(230604001001000), LEVEL_COMMUNITY},
    {"230604001001999", INT64_C(230604001001999), LEVEL_GRID},
    {"", 0, LEVEL_NONE},
    {"23", 0, LEVEL_NONE},
    {"23060", 0, LEVEL_NONE},
    {"2300", 0, LEVEL_NONE},
    {"0306", 0, LEVEL_NONE},
    {"230600", 0, LEVEL_NONE},
    {"230604000", 0, LEVEL_NONE},
    {"230604001001000", 0, LEVEL_NONE},
    {"230604000001", 0, LEVEL_NONE},
    {"23060A", 0, LEVEL_NONE},
    {" 30604", 0, LEVEL_NONE},
    {"2306040010011", 0, LEVEL_NONE},
    {"230604001001001001", 0, LEVEL_NONE},
};

START_TEST(parses_regions)
{
    int64_t code = -1;
    struct err e = {0};
    int rc = region_parse(codes[_i].text, &code, &e);
    if (!codes[_i].code) {
        ck_assert_msg(rc == ERR_INVALID && code == -1 && e.text[0], "'%s' was taken", codes[_i].text);
        return;
    }
    ck_assert_int_eq(rc, 0);
    ck_assert_int_eq(code, codes[_i].code);
    ck_assert_int_eq(region_level_of(code), codes[_i].level);
    ck_assert_int_eq(region_digits(codes[_i].level), (int)strlen(codes[_i].text));
    char text[REGION_TEXT_SIZE];
    region_format(code, text);
    ck_assert_str_eq(text, codes[_i].text);
}
END_TEST

START_TEST(knows_subtrees)
{
    struct region_span s = region_span_of(INT64_C(230604000000000));
    ck_assert_int_eq(s.lo, INT64_C(230604000000000));
    ck_assert_int_eq(s.hi, INT64_C(230604999999999));
    ck_assert(region_contains(INT64_C(230604000000000), GRID_1));
    ck_assert(region_contains(GRID_1, GRID_1));
    ck_assert(!region_contains(GRID_1, INT64_C(230604000000000)));
    ck_assert(!region_contains(INT64_C(230602000000000), GRID_1));
    ck_assert(!region_contains(0, GRID_1));
    ck_assert(!region_contains(INT64_C(230604000000000), 0));
    ck_assert_int_eq(region_parent(GRID_1, LEVEL_TOWNSHIP), INT64_C(230604001000000));
    ck_assert_int_eq(region_parent(GRID_1, LEVEL_GRID), GRID_1);
    ck_assert_int_eq(region_parent(INT64_C(230604000000000), LEVEL_GRID), 0);
    ck_assert_int_eq(region_parent(7, LEVEL_CITY), 0);
    ck_assert(region_span_contains(region_span_all(), GRID_1));
    ck_assert(!region_span_overlaps(region_span_of(0), region_span_all()));
    ck_assert(region_span_overlaps(region_span_of(GRID_1), region_span_of(INT64_C(230600000000000))));
}
END_TEST

static const struct {
    const char *prefix, *lo, *hi;
} prefixes[] = {
    {"", "A0000", "Z9999"},      {"E", "E0000", "E9999"}, {"E01", "E0100", "E0199"},
    {"E0102", "E0102", "E0102"}, {"e01", NULL, NULL},     {"1", NULL, NULL},
    {"EE", NULL, NULL},          {"E01020", NULL, NULL},  {"E01' or 1=1", NULL, NULL},
};

START_TEST(ranges_category_prefixes)
{
    char lo[6], hi[6];
    int rc = category_prefix_range(prefixes[_i].prefix, lo, hi, NULL);
    if (!prefixes[_i].lo) {
        ck_assert_int_eq(rc, ERR_INVALID);
        return;
    }
    ck_assert_int_eq(rc, 0);
    ck_assert_str_eq(lo, prefixes[_i].lo);
    ck_assert_str_eq(hi, prefixes[_i].hi);
}
END_TEST

static const struct {
    int year, month, day;
    int64_t running;
    const char *text;
} numbers[] = {
    {2021, 9, 17, 1, "2306042109170001"},      {2021, 9, 17, 9999, "2306042109179999"},
    {2021, 9, 17, 10000, "23060421091710000"}, {2021, 12, 31, 999999, "230604211231999999"},
    {2000, 1, 1, 1, "2306040001010001"},
};

START_TEST(writes_case_numbers)
{
    int64_t n = 0, back = 0;
    int32_t day = clock_days_from_civil(numbers[_i].year, numbers[_i].month, numbers[_i].day);
    ck_assert_int_eq(number_make(GRID_1, day, numbers[_i].running, &n, NULL), 0);
    ck_assert_int_eq(n / 1000000, number_series(GRID_1, day));
    char text[NUMBER_TEXT_SIZE];
    number_format(n, text);
    ck_assert_str_eq(text, numbers[_i].text);
    ck_assert_int_eq(number_parse(text, &back, NULL), 0);
    ck_assert_int_eq(back, n);
}
END_TEST

static const char *const bad_numbers[] = {
    "",
    "230604210917001",     /* three digits */
    "2306042109170000",    /* starts at one */
    "2306042113170001",    /* month 13 */
    "2306042102300001",    /* 30 February */
    "2306002109170001",    /* no county */
    "23060421091700001",   /* a zero too many */
    "2306042109171000000", /* too long */
    "230604210917000x",
};

START_TEST(refuses_bad_numbers)
{
    int64_t n = -1;
    ck_assert_msg(number_parse(bad_numbers[_i], &n, NULL) == ERR_INVALID, "'%s' was taken", bad_numbers[_i]);
    ck_assert_int_eq(n, -1);
}
END_TEST

START_TEST(refuses_numbers_out_of_range)
{
    int64_t n;
    int32_t day = clock_days_from_civil(2021, 9, 17);
    ck_assert_int_eq(number_make(GRID_1, day, 0, &n, NULL), ERR_INVALID);
    ck_assert_int_eq(number_make(GRID_1, day, 1000000, &n, NULL), ERR_INVALID);
    ck_assert_int_eq(number_make(INT64_C(230600000000000), day, 1, &n, NULL), ERR_INVALID);
    ck_assert_int_eq(number_make(GRID_1, clock_days_from_civil(1999, 12, 31), 1, &n, NULL), ERR_INVALID);
    char text[NUMBER_TEXT_SIZE] = "x";
    number_format(0, text);
    ck_assert_str_eq(text, "");
}
END_TEST

static const struct {
    const char *name;
    const char *from, *to;
    enum period_unit unit;
    const char *year_from, *year_to;
    const char *prev_from, *prev_to;
} windows[] = {
    {"a year", "2021-01-01", "2021-12-31", PERIOD_MONTHS, "2020-01-01", "2020-12-31", "2020-01-01", "2020-12-31"},
    {"a month", "2021-03-01", "2021-03-31", PERIOD_MONTHS, "2020-03-01", "2020-03-31", "2021-02-01", "2021-02-28"},
    {"February after a leap year", "2021-02-01", "2021-02-28", PERIOD_MONTHS, "2020-02-01", "2020-02-29", "2021-01-01",
     "2021-01-31"},
    {"a quarter", "2021-04-01", "2021-06-30", PERIOD_MONTHS, "2020-04-01", "2020-06-30", "2021-01-01", "2021-03-31"},
    {"the first quarter", "2021-01-01", "2021-03-31", PERIOD_MONTHS, "2020-01-01", "2020-03-31", "2020-10-01", "2020-12-31"},
    {"a half year", "2021-07-01", "2021-12-31", PERIOD_MONTHS, "2020-07-01", "2020-12-31", "2021-01-01", "2021-06-30"},
    {"ten days", "2021-01-05", "2021-01-14", PERIOD_DAYS, "2020-01-05", "2020-01-14", "2020-12-26", "2021-01-04"},
    {"a leap day", "2020-02-29", "2020-02-29", PERIOD_DAYS, "2019-02-28", "2019-02-28", "2020-02-28", "2020-02-28"},
};

static void assert_period(const char *name, struct period p, const char *from, const char *to)
{
    char a[11], b[11];
    clock_format_date(p.first, a);
    clock_format_date(p.last, b);
    ck_assert_msg(strcmp(a, from) == 0 && strcmp(b, to) == 0, "%s: got %s to %s, want %s to %s", name, a, b, from, to);
}

START_TEST(compares_windows)
{
    struct period p;
    ck_assert_int_eq(period_parse(windows[_i].from, windows[_i].to, &p, NULL), 0);
    ck_assert_int_eq(period_unit_of(p), windows[_i].unit);
    assert_period(windows[_i].name, period_year_earlier(p), windows[_i].year_from, windows[_i].year_to);
    assert_period(windows[_i].name, period_previous(p), windows[_i].prev_from, windows[_i].prev_to);
}
END_TEST

static const struct {
    const char *from, *to, *field;
} bad_windows[] = {
    {"2021-13-01", "2021-12-31", "from"}, {"2021-01-01", "", "to"},     {"2021-02-01", "2021-01-31", "to"},
    {"2001-01-01", "2021-01-31", "to"},   {NULL, "2021-01-31", "from"},
};

START_TEST(refuses_bad_windows)
{
    struct period p;
    struct err e;
    ck_assert_int_eq(period_parse(bad_windows[_i].from, bad_windows[_i].to, &p, &e), ERR_INVALID);
    ck_assert_str_eq(e.field, bad_windows[_i].field);
}
END_TEST

START_TEST(knows_when_a_window_is)
{
    struct period p;
    ck_assert_int_eq(period_parse("2021-01-01", "2021-12-31", &p, NULL), 0);
    ck_assert_int_eq(period_begin_us(p, CALENDAR_ZONE_CHINA_S), fx_time(2021, 1, 1, 0, 0));
    ck_assert_int_eq(period_end_us(p, CALENDAR_ZONE_CHINA_S), fx_time(2022, 1, 1, 0, 0));
    ck_assert_int_eq(period_as_of(p, CALENDAR_ZONE_CHINA_S, fx_friday(9, 0)), fx_friday(9, 0));
    ck_assert_int_eq(period_as_of(p, CALENDAR_ZONE_CHINA_S, fx_time(2026, 1, 1, 0, 0)), fx_time(2022, 1, 1, 0, 0));
}
END_TEST

/* The parts of a split together are the window, and the middle is whole months. */
START_TEST(splits_windows_into_months_and_days)
{
    int32_t base = clock_days_from_civil(2019, 12, 20);
    for (int from = 0; from < 50; from++) {
        for (int len = 1; len < 130; len += 3) {
            struct period p = {.first = base + from, .last = base + from + len - 1};
            struct period_split s;
            period_split_of(p, &s);
            int32_t days = 0;
            if (s.head.first <= s.head.last)
                days += s.head.last - s.head.first + 1;
            for (int32_t m = s.month_first; m <= s.month_last; m++) {
                struct period month = period_of_month(m);
                ck_assert_int_ge(month.first, p.first);
                ck_assert_int_le(month.last, p.last);
                days += month.last - month.first + 1;
            }
            if (s.tail.first <= s.tail.last)
                days += s.tail.last - s.tail.first + 1;
            ck_assert_int_eq(days, len);
            ck_assert_int_lt(s.tail.last - s.tail.first + 1, 31);
        }
    }
}
END_TEST

static void check_words(const struct metric *m, const struct metric_variant *v)
{
    const char *const words[] = {m->name_zh, m->name_en, m->definition_zh, m->definition_en,
                                 v->name_zh, v->name_en, v->numerator,     v->numerator_en};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        ck_assert_msg(words[i] && *words[i], "%s %s: a text is missing", m->code, v->code);
    ck_assert_int_eq(!m->exclusions_zh, !m->exclusions_en);
    /* A plain count has no denominator, neither in words nor in terms. */
    ck_assert_int_eq(v->den.n == 0, *v->denominator == '\0');
    ck_assert_int_eq(v->den.n == 0, *v->denominator_en == '\0');
    ck_assert_int_eq(v->den.n == 0, m->code[0] == 'N');
}

START_TEST(defines_metrics)
{
    static const char *const wanted[] = {"K01", "K02", "K03", "K04", "K05", "K06", "K07", "K08", "K09", "K10",
                                         "K11", "K12", "K13", "K14", "K15", "K16", "K17", "K18", "K19", "K20"};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        ck_assert_str_eq(metric_at(i)->code, wanted[i]);
    for (size_t i = 0; i < metric_count(); i++) {
        const struct metric *m = metric_at(i);
        ck_assert_int_ge(m->version, 1);
        ck_assert_ptr_eq(metric_find(m->code), m);
        for (int v = 0; v < m->n_variants; v++) {
            struct metric_part parts[METRIC_MAX_TERMS];
            check_words(m, &m->variants[v]);
            ck_assert_ptr_eq(metric_variant_find(m, m->variants[v].code), &m->variants[v]);
            ck_assert_int_ge(m->variants[v].num.n, 1);
            /* Everything but the change between two windows has a list behind it. */
            ck_assert_int_eq(metric_parts(&m->variants[v].num, parts) > 0, strcmp(m->code, "K20") != 0);
            ck_assert_int_ge(metric_parts(&m->variants[v].den, parts), 0);
        }
    }
    ck_assert_ptr_null(metric_at(metric_count()));
    ck_assert_ptr_eq(metric_find(""), metric_at(0));
    ck_assert_ptr_null(metric_find("K99"));
    ck_assert_ptr_null(metric_variant_find(metric_at(0), "NON_SELF"));
    const struct metric *k16 = metric_find("K16");
    ck_assert_ptr_eq(metric_variant_find(k16, ""), &k16->variants[0]);
    ck_assert_ptr_eq(metric_variant_find(k16, "NON_SELF"), &k16->variants[1]);
}
END_TEST

START_TEST(sums_metrics)
{
    int64_t cohort[MEASURE_COUNT] = {[MEASURE_REPORTED] = 18442, [MEASURE_VALID] = 18400,     [MEASURE_CLOSED] = 14904,
                                     [MEASURE_ON_TIME] = 14000,  [MEASURE_LATE] = 700,        [MEASURE_SELF_CLOSED] = 13414,
                                     [MEASURE_OPEN_LATE] = 20,   [MEASURE_DISPATCHED] = 4000, [MEASURE_RETURNED] = 120};
    int64_t stock[MEASURE_COUNT] = {[MEASURE_VALID] = 900, [MEASURE_CLOSED] = 800};
    int64_t flow[MEASURE_COUNT] = {[MEASURE_CLOSINGS] = 15000, [MEASURE_ACCEPTED] = 18420};
    int64_t due[MEASURE_COUNT] = {[DUE_RUNNING] = 30, [DUE_FED_BACK] = 5};
    const struct metric_sums sums = {
        .of = {[TERM_COHORT_AT_T] = cohort, [TERM_STOCK_AT_A] = stock, [TERM_FLOW_IN_WINDOW] = flow, [TERM_DUE] = due}};
    static const struct {
        const char *metric, *variant;
        int64_t n, d;
    } rows[] = {
        {"K01", "", 14904, 18400}, {"K03", "", 15000, 18520},       {"K04", "", 14904, 18442}, {"K05", "", 14000, 14755},
        {"K16", "", 13414, 14904}, {"K16", "NON_SELF", 1490, 4986}, {"K09", "", 3880, 4000},   {"K15", "", 750, 18400},
        {"N01", "", 18442, 0},     {"K01", "STOCK", 0, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct metric_variant *v = metric_variant_find(metric_find(rows[i].metric), rows[i].variant);
        struct metric_needs needs = {{0}};
        metric_needs_add(&needs, v);
        ck_assert_int_eq(metric_sum_value(&v->num, &sums), rows[i].n);
        ck_assert_int_eq(metric_sum_value(&v->den, &sums), rows[i].d);
        bool period = strcmp(rows[i].metric, "K03") == 0;
        ck_assert_int_eq(needs.of[TERM_FLOW_IN_WINDOW] != 0, period);
        ck_assert_int_eq(needs.of[TERM_STOCK_AT_A] != 0, period);
    }
}
END_TEST

#define R(x) ROLE_BIT(ROLE_##x)

START_TEST(grants_rights_by_role)
{
    static const struct {
        enum permission perm;
        uint32_t roles;
    } rows[] = {
        {PERM_CASE_SUBMIT, R(GRID_WORKER) | R(COMMUNITY) | R(ACCEPTOR) | R(INTEGRATION)},
        {PERM_CASE_IMPORT, R(INTEGRATION)},
        {PERM_DIRECTORY_ADMIN, R(SYSTEM_ADMIN)},
        {PERM_REPORT_FREEZE, R(SUPERVISOR)},
        {PERM_ACCOUNT_ADMIN, R(SECURITY_ADMIN)},
        {PERM_REPORT,
         R(GRID_WORKER) | R(COMMUNITY) | R(ACCEPTOR) | R(DISPATCHER) | R(ORGAN_LEAD) | R(DUTY_CHIEF) | R(SUPERVISOR)},
        {PERM_CASE_READ, R(GRID_WORKER) | R(COMMUNITY) | R(ACCEPTOR) | R(DISPATCHER) | R(HANDLER) | R(ORGAN_LEAD) |
                             R(DUTY_CHIEF) | R(SUPERVISOR) | R(INTEGRATION)},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (enum role r = ROLE_NONE; r < ROLE_COUNT; r++)
            ck_assert_msg(policy_may(r, rows[i].perm) == ((rows[i].roles & ROLE_BIT(r)) != 0), "row %zu, %s", i, role_name(r));
    for (enum role r = ROLE_GRID_WORKER; r < ROLE_COUNT; r++)
        ck_assert(policy_may(r, PERM_SESSION) && policy_may(r, PERM_DIRECTORY_READ));
    ck_assert(!policy_may((enum role)99, PERM_SESSION));
    ck_assert(!policy_may(ROLE_ACCEPTOR, PERM_COUNT));
}
END_TEST

START_TEST(shows_cases_by_role)
{
    static const struct {
        enum who who;
        bool mine, foreign_organ, elsewhere;
    } rows[] = {
        {WHO_WORKER, true, true, false},         {WHO_ACCEPTOR, true, true, false},   {WHO_SUPERVISOR, true, true, true},
        {WHO_HANDLER, true, false, false},       {WHO_LEAD, true, false, false},      {WHO_WATER, true, true, false},
        {WHO_INTEGRATION, true, true, true},     {WHO_MEDIATOR, false, false, false}, {WHO_EXPERT, false, false, false},
        {WHO_SYSTEM_ADMIN, false, false, false}, {WHO_AUDITOR, false, false, false},  {WHO_SERVER, true, true, true},
    };
    struct fx f;
    fx_init(&f);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct case_snap c;
        case_snap_init(&c);
        c.grid = GRID_1;
        c.organ_id = ORGAN_URBAN;
        c.n_co = 1;
        c.co[0].organ_id = ORGAN_WATER;
        c.reporter = f.who[WHO_INTEGRATION].account;
        struct policy_view v;
        policy_view_of(&f.who[rows[i].who], &v);
        ck_assert_msg(policy_sees(&v, &c) == rows[i].mine, "row %zu", i);
        c.organ_id = ORGAN_CITY;
        ck_assert_msg(policy_sees(&v, &c) == rows[i].foreign_organ, "row %zu, another organ", i);
        c.organ_id = ORGAN_URBAN;
        c.grid = GRID_OTHER;
        ck_assert_msg(policy_sees(&v, &c) == rows[i].elsewhere, "row %zu, elsewhere", i);
    }
    struct policy_view v;
    struct actor lead = f.who[WHO_LEAD];
    lead.organ_id = 0;
    policy_view_of(&lead, &v);
    ck_assert(v.nothing);
    fx_fini(&f);
}
END_TEST

#define LOOP(t, test, table) tcase_add_loop_test(t, test, 0, (int)(sizeof(table) / sizeof((table)[0])))

int main(void)
{
    Suite *s = suite_create("domain codes");
    TCase *t = tcase_create("codes");
    LOOP(t, parses_regions, codes);
    tcase_add_test(t, knows_subtrees);
    LOOP(t, ranges_category_prefixes, prefixes);
    LOOP(t, writes_case_numbers, numbers);
    LOOP(t, refuses_bad_numbers, bad_numbers);
    tcase_add_test(t, refuses_numbers_out_of_range);
    LOOP(t, compares_windows, windows);
    LOOP(t, refuses_bad_windows, bad_windows);
    tcase_add_test(t, knows_when_a_window_is);
    tcase_add_test(t, splits_windows_into_months_and_days);
    tcase_add_test(t, defines_metrics);
    tcase_add_test(t, sums_metrics);
    tcase_add_test(t, grants_rights_by_role);
    tcase_add_test(t, shows_cases_by_role);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
