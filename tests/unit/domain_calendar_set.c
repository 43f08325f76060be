/* SPDX-License-Identifier: MIT */
/* Seasons, zones and regions of the working calendar, by hand-computed instants; and every refusal names its row. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain_fixture.h"
#include "server/domain/calendar_set.h"

#define WH   INT64_C(3600)
#define H(h) ((h)*3600)

static const struct calendar_day_plan usual = {2, {{H(8), H(12)}, {H(14), H(18)}}};
static const struct calendar_day_plan summer = {2, {{H(8), H(12)}, {H(15), H(18) + 1800}}};
static const struct calendar_day_plan early = {2, {{H(7), H(11)}, {H(13), H(17)}}};

static void assert_time(const char *name, usec_t got, usec_t want)
{
    char g[25], w[25];
    clock_format_rfc3339(got, g);
    clock_format_rfc3339(want, w);
    ck_assert_msg(got == want, "%s: got %s, want %s", name, g, w);
}

static void fill_week(struct calendar_day_plan week[7], const struct calendar_day_plan *p)
{
    memset(week, 0, 7 * sizeof(*week));
    for (int i = 0; i < 5; i++)
        week[i] = *p;
}

static int32_t day_of(int y, int m, int d)
{
    return clock_days_from_civil(y, m, d);
}

/* 1 May to 30 September at noon longer off; July 2023 earlier still; winter over New Year with Saturday mornings. */
static struct calendar *seasonal(const struct calendar_override *days, size_t n)
{
    struct calendar_season s[3] = {
        {.name = "夏令", .from_md = 501, .to_md = 930},
        {.name = "2023年7月", .dated = true},
        {.name = "冬令", .from_md = 1201, .to_md = 228},
    };
    s[1].from_day = day_of(2023, 7, 1);
    s[1].to_day = day_of(2023, 7, 31);
    fill_week(s[0].week, &summer);
    fill_week(s[1].week, &early);
    fill_week(s[2].week, &usual);
    s[2].week[5] = (struct calendar_day_plan){1, {{H(9), H(11)}}};
    struct calendar_spec spec;
    calendar_spec_default(&spec);
    spec.seasons = s;
    spec.nseasons = 3;
    struct calendar *c;
    struct err e;
    ck_assert_msg(calendar_create(&spec, days, n, &c, &e) == 0, "%s", e.text);
    return c;
}

static const struct {
    const char *name;
    int from[5];
    int minutes;
    int to[5];
} season_vectors[] = {
    {"into the summer", {2022, 4, 29, 17, 0}, 240, {2022, 5, 2, 11, 0}},
    {"out of the summer", {2022, 9, 30, 17, 30}, 480, {2022, 10, 3, 17, 0}},
    {"a whole summer day is seven and a half hours", {2022, 5, 3, 8, 0}, 450, {2022, 5, 3, 18, 30}},
    {"a minute more is the next morning", {2022, 5, 3, 8, 0}, 451, {2022, 5, 4, 8, 1}},
    {"14:30 is the noon break in summer", {2022, 5, 3, 14, 30}, 60, {2022, 5, 3, 16, 0}},
    {"the dated season goes before the recurring one", {2023, 6, 30, 18, 0}, 60, {2023, 7, 3, 7, 30}},
    {"and ends", {2023, 7, 31, 16, 30}, 60, {2023, 8, 1, 8, 30}},
    {"the next July is the usual summer", {2024, 7, 1, 7, 0}, 60, {2024, 7, 1, 9, 0}},
    {"a Saturday morning in winter", {2022, 12, 2, 17, 0}, 180, {2022, 12, 3, 11, 0}},
    {"winter holds over New Year", {2023, 1, 6, 17, 0}, 120, {2023, 1, 7, 10, 0}},
    {"and through the leap day it ends on the 28th", {2024, 2, 29, 17, 0}, 120, {2024, 3, 1, 9, 0}},
    {"a Saturday outside the winter is free", {2022, 11, 25, 17, 0}, 180, {2022, 11, 28, 10, 0}},
    {"a make-up day works the shifts of its season", {2022, 5, 6, 18, 0}, 60, {2022, 5, 7, 8, 30}},
    {"a part day has its own", {2022, 6, 7, 18, 0}, 90, {2022, 6, 8, 11, 0}},
    {"a holiday in the summer", {2022, 6, 2, 18, 0}, 60, {2022, 6, 6, 8, 30}},
};

START_TEST(follows_the_seasons)
{
    const struct calendar_override days[] = {
        {.day = day_of(2022, 5, 7), .working = true, .name = "劳动节"},
        {.day = day_of(2022, 6, 3), .name = "端午节"},
        {.day = day_of(2022, 6, 8), .working = true, .custom = true, .name = "高考", .plan = {1, {{H(10), H(16)}}}},
    };
    struct calendar *c = seasonal(days, 3);
    const int *f = season_vectors[_i].from, *t = season_vectors[_i].to;
    usec_t from = fx_time(f[0], f[1], f[2], f[3], f[4]), to = fx_time(t[0], t[1], t[2], t[3], t[4]);
    assert_time(season_vectors[_i].name, calendar_add(c, from, season_vectors[_i].minutes * 60), to);
    ck_assert_int_eq(calendar_between(c, from, to), season_vectors[_i].minutes * 60);
    calendar_destroy(c);
}
END_TEST

START_TEST(says_why_a_day_is_as_it_is)
{
    const struct calendar_override days[] = {
        {.day = day_of(2022, 5, 7), .working = true, .name = "劳动节"},
        {.day = day_of(2022, 6, 3), .name = "端午节"},
        {.day = day_of(2022, 6, 8), .working = true, .custom = true, .name = "高考", .plan = {1, {{H(10), H(16)}}}},
    };
    static const struct {
        int y, m, d;
        enum calendar_day_kind kind;
        const char *name, *season;
        int32_t length;
    } rows[] = {
        {2022, 5, 7, CALENDAR_DAY_MAKEUP, "劳动节", "夏令", 27000},
        {2022, 6, 3, CALENDAR_DAY_HOLIDAY, "端午节", "夏令", 0},
        {2022, 6, 8, CALENDAR_DAY_PART, "高考", "夏令", 21600},
        {2022, 6, 9, CALENDAR_DAY_WORK, "", "夏令", 27000},
        {2022, 6, 11, CALENDAR_DAY_WEEKEND, "", "夏令", 0},
        {2022, 10, 3, CALENDAR_DAY_WORK, "", "", 28800},
        {2022, 12, 3, CALENDAR_DAY_WORK, "", "冬令", 7200},
        {2023, 7, 3, CALENDAR_DAY_WORK, "", "2023年7月", 28800},
        {2090, 1, 2, CALENDAR_DAY_WEEKEND, "", "", 0},
    };
    struct calendar *c = seasonal(days, 3);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct calendar_day d;
        calendar_day_at(c, day_of(rows[i].y, rows[i].m, rows[i].d), &d);
        ck_assert_int_eq(d.kind, rows[i].kind);
        ck_assert_str_eq(d.name, rows[i].name);
        ck_assert_str_eq(d.season, rows[i].season);
        ck_assert_int_eq(calendar_plan_length(d.plan), rows[i].length);
    }
    assert_time("the end of a summer day", calendar_add_workdays(c, fx_time(2022, 4, 29, 9, 0), 1),
                fx_time(2022, 5, 2, 18, 30));
    assert_time("the end of a part day", calendar_workday_end(c, fx_time(2022, 6, 8, 9, 0)), fx_time(2022, 6, 8, 16, 0));
    assert_time("past it, of the next", calendar_workday_end(c, fx_time(2022, 6, 8, 16, 1)), fx_time(2022, 6, 9, 18, 30));
    assert_time("from a weekend", calendar_workday_end(c, fx_time(2022, 6, 11, 9, 0)), fx_time(2022, 6, 13, 18, 30));
    assert_time("where the second working day begins", calendar_workday_begin(c, fx_time(2022, 6, 10, 9, 0), 2),
                fx_time(2022, 6, 14, 0, 0));
    calendar_destroy(c);
}
END_TEST

#define COUNTY_OWN   INT64_C(230624000000000) /* a festival of its own, another zone */
#define COUNTY_EARLY INT64_C(230621000000000) /* earlier shifts, no festival */
#define TOWN_EARLY   INT64_C(230621100000000) /* below it: a market day */
#define COUNTY_ALONE INT64_C(230602000000000) /* nothing of the city's list */

static struct calendar_set *city(void)
{
    static struct calendar_override national[3], festival[2], market, alone;
    national[0] = (struct calendar_override){.day = day_of(2022, 6, 3), .name = "端午节"};
    national[1] = (struct calendar_override){.day = day_of(2022, 10, 8), .working = true, .name = "国庆节"};
    national[2] = (struct calendar_override){.day = day_of(2022, 10, 3), .name = "国庆节"};
    festival[0] = (struct calendar_override){.day = day_of(2022, 6, 15), .name = "那达慕"};
    festival[1] = (struct calendar_override){.day = day_of(2023, 6, 15), .name = "那达慕"};
    market = (struct calendar_override){
        .day = day_of(2022, 6, 3), .working = true, .custom = true, .name = "大集", .plan = {1, {{H(9), H(11)}}}};
    alone = (struct calendar_override){.day = day_of(2024, 3, 4), .name = "纪念日"};
    struct calendar_source s[] = {
        {.region = TOWN_EARLY, .utc_offset_s = CALENDAR_ZONE_INHERIT, .overrides = &market, .noverrides = 1},
        {.region = COUNTY_OWN, .utc_offset_s = H(6), .overrides = festival, .noverrides = 2},
        {.region = 0, .utc_offset_s = CALENDAR_ZONE_INHERIT, .overrides = national, .noverrides = 3},
        {.region = COUNTY_EARLY, .utc_offset_s = CALENDAR_ZONE_INHERIT, .own_week = true},
        {.region = COUNTY_ALONE,
         .utc_offset_s = CALENDAR_ZONE_INHERIT,
         .own_days_only = true,
         .overrides = &alone,
         .noverrides = 1},
    };
    fill_week(s[3].week, &early);
    struct calendar_set *set;
    struct err e;
    ck_assert_msg(calendar_set_create(s, 5, &set, &e) == 0, "%s", e.text);
    return set;
}

START_TEST(gives_each_region_its_calendar)
{
    static const struct {
        const char *name;
        int64_t region, from_region;
        int from[5];
        int minutes;
        int to[5];
    } rows[] = {
        {"the city", 0, 0, {2022, 6, 2, 17, 0}, 120, {2022, 6, 6, 9, 0}},
        {"a grid without a calendar above", INT64_C(230604001001001), 0, {2022, 6, 2, 17, 0}, 120, {2022, 6, 6, 9, 0}},
        {"no code at all", 17, 0, {2022, 6, 2, 17, 0}, 120, {2022, 6, 6, 9, 0}},
        {"a county's festival", COUNTY_OWN + 1001001, COUNTY_OWN, {2022, 6, 14, 19, 0}, 120, {2022, 6, 16, 11, 0}},
        {"the city has none", 0, 0, {2022, 6, 14, 17, 0}, 120, {2022, 6, 15, 9, 0}},
        {"the county's zone is two hours behind", COUNTY_OWN, COUNTY_OWN, {2022, 6, 14, 8, 0}, 60, {2022, 6, 14, 11, 0}},
        {"and it keeps the city's holidays", COUNTY_OWN, COUNTY_OWN, {2022, 6, 2, 19, 0}, 120, {2022, 6, 6, 11, 0}},
        {"a county's earlier shifts", COUNTY_EARLY, COUNTY_EARLY, {2022, 6, 14, 16, 0}, 120, {2022, 6, 15, 8, 0}},
        {"with the city's make-up day", COUNTY_EARLY, COUNTY_EARLY, {2022, 10, 7, 16, 0}, 120, {2022, 10, 8, 8, 0}},
        {"a town's market day", TOWN_EARLY + 1001, TOWN_EARLY, {2022, 6, 2, 16, 0}, 120, {2022, 6, 3, 10, 0}},
        {"over its county's shifts", TOWN_EARLY + 1001, TOWN_EARLY, {2022, 6, 14, 16, 0}, 120, {2022, 6, 15, 8, 0}},
        {"a county with its own list alone", COUNTY_ALONE, COUNTY_ALONE, {2022, 6, 2, 17, 0}, 120, {2022, 6, 3, 9, 0}},
    };
    struct calendar_set *set = city();
    ck_assert_uint_eq(calendar_set_count(set), 5);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const int *f = rows[i].from, *t = rows[i].to;
        ck_assert_msg(calendar_set_region_of(set, rows[i].region) == rows[i].from_region, "%s", rows[i].name);
        assert_time(
            rows[i].name,
            calendar_add(calendar_set_for(set, rows[i].region), fx_time(f[0], f[1], f[2], f[3], f[4]), rows[i].minutes * 60),
            fx_time(t[0], t[1], t[2], t[3], t[4]));
    }
    /* A county's festival of 2023 does not publish the year's list; a list of its own does. */
    ck_assert_int_eq(calendar_published_to(calendar_set_for(set, 0)), day_of(2022, 12, 31));
    ck_assert_int_eq(calendar_published_to(calendar_set_for(set, COUNTY_OWN)), day_of(2022, 12, 31));
    ck_assert_int_eq(calendar_published_to(calendar_set_for(set, COUNTY_ALONE)), day_of(2024, 12, 31));
    ck_assert_int_eq(calendar_utc_offset_s(calendar_set_for(set, COUNTY_OWN)), H(6));
    calendar_set_destroy(set);
}
END_TEST

START_TEST(builds_the_directory_s_calendars)
{
    struct directory_builder *b = directory_builder_create();
    struct calendar_season s = {.name = "夏令", .from_md = 501, .to_md = 930};
    struct calendar_source all = {.utc_offset_s = CALENDAR_ZONE_INHERIT, .own_week = true, .seasons = &s, .nseasons = 1};
    fill_week(s.week, &summer);
    fill_week(all.week, &usual);
    struct dir_calendar_day days[] = {
        {.day = day_of(2022, 6, 15), .region = COUNTY_OWN, .name = "那达慕"},
        {.day = day_of(2022, 6, 3), .name = "端午节"},
        {.day = day_of(2022, 6, 15), .region = COUNTY_EARLY, .working = true, .custom = true, .plan = {1, {{H(9), H(10)}}}},
    };
    struct limit_rule rule = {
        .id = 7, .kind = CLOCK_HANDLE, .unit = UNIT_WORKDAY, .amount = 3, .valid_from = USEC_NONE, .valid_to = USEC_NONE};
    struct limit_rule zero = rule;
    zero.amount = 0;
    struct err e;
    ck_assert_int_eq(directory_add_calendar(b, &all, &e), 0);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(directory_add_calendar_day(b, &days[i], &e), 0);
    days[0].region = 17;
    ck_assert_int_eq(directory_add_calendar_day(b, &days[0], &e), ERR_INVALID);
    ck_assert_str_eq(e.field, "region");
    ck_assert_int_eq(directory_add_limit(b, &zero, &e), ERR_INVALID);
    ck_assert_str_eq(e.field, "amount");
    ck_assert_int_eq(directory_add_limit(b, &rule, &e), 0);
    struct directory *d;
    ck_assert_msg(directory_builder_finish(b, 1, &d, &e) == 0, "%s", e.text);
    directory_builder_destroy(b);

    usec_t from = fx_time(2022, 6, 14, 18, 0);
    assert_time("city", calendar_add(directory_calendar(d), from, WH), fx_time(2022, 6, 15, 8, 30));
    assert_time("festival", calendar_add(directory_calendar_for(d, COUNTY_OWN + 1001001), from, WH),
                fx_time(2022, 6, 16, 8, 30));
    assert_time("part day", calendar_add(directory_calendar_for(d, COUNTY_EARLY), from, WH), fx_time(2022, 6, 15, 9, 30));
    size_t n;
    const struct calendar_source *sources = directory_calendar_sources(d, &n);
    ck_assert_uint_eq(n, 3);
    ck_assert_int_eq(sources[0].region, 0);
    ck_assert_uint_eq(sources[0].nseasons, 1);
    ck_assert_int_eq(sources[2].region, COUNTY_OWN);
    ck_assert_uint_eq(sources[2].noverrides, 1);
    ck_assert_str_eq(sources[2].overrides[0].name, "那达慕");
    ck_assert_uint_eq(calendar_set_count(directory_calendars(d)), 3);
    ck_assert_int_eq(limit_find(directory_limits(d), CLOCK_HANDLE, "E0102", URGENCY_NORMAL, GRID_1, from)->id, 7);
    directory_unref(d);
}
END_TEST

static const struct {
    const char *name;
    const char *text; /* part of the refusal */
    const char *field;
    int shift; /* which of week[2] is replaced; -1: none; -2: the week is emptied; -3: of season 0 */
    struct calendar_day_plan plan;
    struct calendar_season seasons[2];
    size_t nseasons;
    struct calendar_override days[2];
    size_t ndays;
    int32_t offset;
} bad[] = {
    {"no working interval at all", "weekly pattern has no working interval", "week", .shift = -2},
    {"a reversed shift", "Wednesday: working interval 1 (12:00-08:00) does not end", "week[2].shifts[0]", .shift = 2,
     .plan = {1, {{H(12), H(8)}}}},
    {"an empty shift", "does not end after it begins", "week[2].shifts[0]", .shift = 2, .plan = {1, {{H(8), H(8)}}}},
    {"overlapping shifts", "interval 2 (11:00-15:00) overlaps the one before it (08:00-12:00)", "week[2].shifts[1]", .shift = 2,
     .plan = {2, {{H(8), H(12)}, {H(11), H(15)}}}},
    {"touching shifts", "interval 2 (12:00-15:00) touches", "week[2].shifts[1]", .shift = 2,
     .plan = {2, {{H(8), H(12)}, {H(12), H(15)}}}},
    {"shifts out of order", "interval 2 (08:00-12:00) is earlier than", "week[2].shifts[1]", .shift = 2,
     .plan = {2, {{H(14), H(18)}, {H(8), H(12)}}}},
    {"a shift beyond midnight", "interval 1 leaves its day", "week[2].shifts[0]", .shift = 2, .plan = {1, {{H(8), H(25)}}}},
    {"too many shifts", "has 5 working intervals", "week[2]", .shift = 2, .plan = {5, {{H(8), H(9)}}}},
    {"a season without working time", "The season 夏令 has no working interval", "seasons[0].week", .shift = -1,
     .seasons = {{.name = "夏令", .from_md = 501, .to_md = 930}}, .nseasons = 1},
    {"a bad shift of a season", "The season 夏令, Wednesday: working interval 1", "seasons[0].week[2].shifts[0]", .shift = -3,
     .plan = {1, {{H(12), H(8)}}}, .seasons = {{.name = "夏令", .from_md = 501, .to_md = 930}}, .nseasons = 1},
    {"a season that begins on no day", "from 02-30 to 09-30", "seasons[0].from", .shift = -3, .plan = {1, {{H(8), H(9)}}},
     .seasons = {{.name = "夏令", .from_md = 230, .to_md = 930}}, .nseasons = 1},
    {"a dated season that ends first", "ends before it begins", "seasons[0].from", .shift = -3, .plan = {1, {{H(8), H(9)}}},
     .seasons = {{.dated = true, .from_day = 18010, .to_day = 18000}}, .nseasons = 1},
    {"overlapping seasons", "The season 秋 overlaps the season 夏", "seasons[1].from", .shift = -3, .plan = {1, {{H(8), H(9)}}},
     .seasons = {{.name = "夏", .from_md = 501, .to_md = 930}, {.name = "秋", .from_md = 930, .to_md = 1130}}, .nseasons = 2},
    {"seasons that overlap over New Year", "Season 2 overlaps season 1", "seasons[1].from", .shift = -3,
     .plan = {1, {{H(8), H(9)}}}, .seasons = {{.from_md = 1101, .to_md = 331}, {.from_md = 201, .to_md = 415}}, .nseasons = 2},
    {"overlapping dated seasons", "Season 2 overlaps season 1", "seasons[1].from", .shift = -3, .plan = {1, {{H(8), H(9)}}},
     .seasons = {{.dated = true, .from_day = 18000, .to_day = DAY_NONE}, {.dated = true, .from_day = 17000, .to_day = 18000}},
     .nseasons = 2},
    {"a day twice", "has the day 2019-04-14 twice", "overrides", .shift = -1, .days = {{.day = 18000}, {.day = 18000}},
     .ndays = 2},
    {"a day before the range", "Calendar day 2 lies outside 1990 to 2079", "overrides[1]", .shift = -1,
     .days = {{.day = 18000}, {.day = 0}}, .ndays = 2},
    {"a bad part day", "The calendar day 2019-04-14: working interval 1 (10:00-09:00)", "overrides[0].shifts[0]", .shift = -1,
     .days = {{.day = 18000, .working = true, .custom = true, .plan = {1, {{H(10), H(9)}}}}}, .ndays = 1},
    {"a working day without shifts", "2019-04-14 is a working day without a working interval", "overrides[0]", .shift = -1,
     .days = {{.day = 18000, .working = true, .custom = true}}, .ndays = 1},
    {"a holiday with shifts", "2019-04-14 is a holiday with working intervals", "overrides[0]", .shift = -1,
     .days = {{.day = 18000, .custom = true, .plan = {1, {{H(8), H(9)}}}}}, .ndays = 1},
    {"a zone that is none", "between UTC-12:00 and UTC+14:00", "utc_offset", .shift = -1, .offset = H(15)},
};

START_TEST(refuses_and_names_the_row)
{
    struct calendar_season seasons[2];
    memcpy(seasons, bad[_i].seasons, sizeof(seasons));
    struct calendar_source s = {.region = COUNTY_OWN,
                                .utc_offset_s = bad[_i].offset ? bad[_i].offset : CALENDAR_ZONE_INHERIT,
                                .own_week = true,
                                .seasons = seasons,
                                .nseasons = bad[_i].nseasons,
                                .overrides = bad[_i].days,
                                .noverrides = bad[_i].ndays};
    if (bad[_i].shift != -2)
        fill_week(s.week, &usual);
    if (bad[_i].shift >= 0)
        s.week[bad[_i].shift] = bad[_i].plan;
    for (size_t i = 0; bad[_i].shift == -3 && i < bad[_i].nseasons; i++)
        seasons[i].week[2] = bad[_i].plan;
    struct calendar_spec spec = {.utc_offset_s = bad[_i].offset ? bad[_i].offset : CALENDAR_ZONE_CHINA_S,
                                 .workday = s.workday,
                                 .seasons = seasons,
                                 .nseasons = bad[_i].nseasons};
    memcpy(spec.week, s.week, sizeof(spec.week));
    struct calendar *c = NULL;
    struct err e = {0};
    ck_assert_msg(calendar_create(&spec, s.overrides, s.noverrides, &c, &e) == ERR_INVALID, "%s", bad[_i].name);
    ck_assert_ptr_null(c);
    ck_assert_msg(strstr(e.text, bad[_i].text), "%s: \"%s\" lacks \"%s\"", bad[_i].name, e.text, bad[_i].text);
    ck_assert_str_eq(e.field, bad[_i].field);
    /* In a set the calendar is named too. */
    struct calendar_set *set = NULL;
    ck_assert_int_eq(calendar_set_create(&s, 1, &set, &e), ERR_INVALID);
    ck_assert_ptr_null(set);
    char field[128];
    (void)snprintf(field, sizeof(field), "calendars[0].%s", bad[_i].field);
    ck_assert_str_eq(e.field, field);
    ck_assert_msg(strncmp(e.text, "Calendar of 230624: ", 20) == 0, "%s", e.text);
}
END_TEST

START_TEST(refuses_bad_sets)
{
    struct calendar_source s[2] = {{.region = COUNTY_OWN, .utc_offset_s = CALENDAR_ZONE_INHERIT},
                                   {.region = COUNTY_OWN, .utc_offset_s = CALENDAR_ZONE_INHERIT}};
    struct calendar_set *set = NULL;
    struct err e;
    ck_assert_int_eq(calendar_set_create(s, 2, &set, &e), ERR_INVALID);
    ck_assert_str_eq(e.text, "The region 230624 has two calendars.");
    s[0].region = s[1].region = 0;
    ck_assert_int_eq(calendar_set_create(s, 2, &set, &e), ERR_INVALID);
    s[0].region = 5;
    ck_assert_int_eq(calendar_set_create(s, 2, &set, &e), ERR_INVALID);
    ck_assert_str_eq(e.field, "calendars[0].region");
    s[0].region = -5;
    ck_assert_int_eq(calendar_set_create(s, 2, &set, &e), ERR_INVALID);
    ck_assert_ptr_null(set);
    ck_assert_int_eq(calendar_set_create(NULL, 0, &set, &e), 0);
    assert_time("default", calendar_add(calendar_set_for(set, GRID_1), fx_friday(17, 0), 2 * WH), fx_time(2021, 9, 20, 9, 0));
    calendar_set_destroy(set);
}
END_TEST

START_TEST(reads_and_writes_plans)
{
    static const struct {
        const char *in;
        const char *out; /* NULL: refused */
    } rows[] = {
        {"08:00-12:00 14:00-18:00", "08:00-12:00 14:00-18:00"},
        {"  00:00-24:00 ", "00:00-24:00"},
        {"", "-"},
        {"-", "-"},
        {"08:00-09:00 10:00-11:00 12:00-13:00 14:00-15:00", "08:00-09:00 10:00-11:00 12:00-13:00 14:00-15:00"},
        {"08:00-09:00 10:00-11:00 12:00-13:00 14:00-15:00 16:00-17:00", NULL},
        {"8:00-12:00", NULL},
        {"08:00", NULL},
        {"08:00-12:60", NULL},
        {"08:00-24:01", NULL},
        {"12:00-08:00", NULL},
        {"08:00-12:00 12:00-14:00", NULL},
        {"08:00-12:00,14:00-18:00", NULL},
        {"ab:cd-ef:gh", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct calendar_day_plan p;
        struct err e = {0};
        char text[CALENDAR_PLAN_TEXT_SIZE];
        int rc = calendar_plan_parse(rows[i].in, &p, &e);
        ck_assert_msg((rc == 0) == (rows[i].out != NULL), "\"%s\": %s", rows[i].in, e.text);
        if (rc) {
            ck_assert_int_eq(rc, ERR_INVALID);
            continue;
        }
        calendar_plan_format(&p, text);
        ck_assert_str_eq(text, rows[i].out);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("domain calendar set");
    TCase *t = tcase_create("calendars");
    tcase_add_loop_test(t, follows_the_seasons, 0, sizeof(season_vectors) / sizeof(season_vectors[0]));
    tcase_add_test(t, says_why_a_day_is_as_it_is);
    tcase_add_test(t, gives_each_region_its_calendar);
    tcase_add_test(t, builds_the_directory_s_calendars);
    tcase_add_loop_test(t, refuses_and_names_the_row, 0, sizeof(bad) / sizeof(bad[0]));
    tcase_add_test(t, refuses_bad_sets);
    tcase_add_test(t, reads_and_writes_plans);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
