/* SPDX-License-Identifier: MIT */
/* ImportDirectory without a database: what is wrong with a row, and the JSON of rows that are right. */
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "server/service/directory_import.h"

/* One row of each list, all right; the cases spoil one thing. */
struct city {
    Wangge__V1__ImportDirectoryRequest req;
    Wangge__V1__Region region, grid, *regions[2];
    Wangge__V1__Point points[3], *border[3];
    Wangge__V1__Category category, *categories[2];
    Wangge__V1__Organ organ, *organs[1];
    Wangge__V1__CalendarDay day, *days[1];
    char *aliases[1];
    int32_t limits[3];
};

static void city_init(struct city *c)
{
    wangge__v1__import_directory_request__init(&c->req);
    wangge__v1__region__init(&c->region);
    wangge__v1__region__init(&c->grid);
    wangge__v1__category__init(&c->category);
    wangge__v1__organ__init(&c->organ);
    wangge__v1__calendar_day__init(&c->day);
    c->region.code = (char *)"230604";
    c->region.name = (char *)"让胡路区";
    c->grid.code = (char *)"230604001001001";
    c->grid.name = (char *)"第\"一\"网格";
    c->grid.initials = (char *)"DYWG";
    c->grid.valid_from = (char *)"2020-01-01";
    for (int i = 0; i < 3; i++) {
        wangge__v1__point__init(&c->points[i]);
        c->points[i].latitude = 46.5 + i;
        c->points[i].longitude = 125.25;
        c->border[i] = &c->points[i];
    }
    c->grid.boundary = c->border;
    c->grid.n_boundary = 3;
    c->category.code = (char *)"E0102";
    c->category.name = (char *)"暴露垃圾";
    c->aliases[0] = (char *)"生活\\垃圾";
    c->category.aliases = c->aliases;
    c->category.n_aliases = 1;
    c->category.active = 1;
    c->organ.code = (char *)"RHL-CG";
    c->organ.name = (char *)"城管局";
    c->organ.kind = WANGGE__V1__ORGAN_KIND__ORGAN_KIND_DEPARTMENT;
    c->organ.region_code = (char *)"230604";
    c->day.date = (char *)"2026-10-01";
    c->day.name = (char *)"国庆节";
    c->regions[0] = &c->region;
    c->regions[1] = &c->grid;
    c->categories[0] = c->categories[1] = &c->category;
    c->organs[0] = &c->organ;
    c->days[0] = &c->day;
    c->req.regions = c->regions;
    c->req.n_regions = 2;
    c->req.categories = c->categories;
    c->req.n_categories = 1;
    c->req.organs = c->organs;
    c->req.n_organs = 1;
    c->req.calendar_days = c->days;
    c->req.n_calendar_days = 1;
}

/* Checks against an empty directory. */
static void check(struct city *c, struct arena *a, struct import_faults *ret)
{
    struct directory_builder *b = directory_builder_create();
    struct directory *dir = NULL;
    struct err e = {0};

    ck_assert_int_eq(directory_builder_finish(b, 1, &dir, &e), 0);
    directory_builder_destroy(b);
    import_check(&c->req, dir, a, ret);
    directory_unref(dir);
}

static const char json[] =
    "{\"regions\":["
    "{\"code\":230604000000000,\"level\":2,\"name\":\"让胡路区\",\"initials\":\"RHLQ\",\"valid_from\":null,\"valid_to\":null,"
    "\"boundary\":null},"
    "{\"code\":230604001001001,\"level\":5,\"name\":\"第\\u0022一\\u0022网格\",\"initials\":\"DYWG\","
    "\"valid_from\":\"2020-01-01\",\"valid_to\":null,\"boundary\":[46.5,125.25,47.5,125.25,48.5,125.25]}],"
    "\"categories\":[{\"code\":\"E0102\",\"name\":\"暴露垃圾\",\"name_en\":\"\",\"top_name\":\"\",\"group_name\":\"\","
    "\"initials\":\"BLLJ\",\"aliases\":[\"生活\\u005c垃圾\"],\"settle_allowed\":false,\"counted\":false,"
    "\"check_waived\":false,\"active\":true,\"evidence_settle\":false,"
    "\"evidence_feedback\":false,\"handle_limit_minutes\":[2400,960,240]}],"
    "\"organs\":[{\"code\":\"RHL-CG\",\"name\":\"城管局\",\"kind\":2,\"region_code\":230604000000000,\"region_level\":2,"
    "\"initials\":\"CGJ\",\"active\":false}],"
    "\"days\":[{\"date\":\"2026-10-01\",\"working\":false,\"name\":\"国庆节\"}]}";

START_TEST(good_rows_become_json)
{
    struct arena *a = arena_create(1 << 20);
    struct import_faults f;
    struct city c;
    struct buf out;
    struct err e = {0};

    city_init(&c);
    check(&c, a, &f);
    ck_assert_msg(f.n == 0, "%s: %s", f.n ? f.violations[0].field : "", f.n ? f.violations[0].description : "");
    buf_init(&out, IMPORT_JSON_MAX);
    ck_assert_int_eq(import_write_json(&c.req, &out, &e), 0);
    ck_assert_str_eq((const char *)buf_data(&out), json);
    buf_fini(&out);
    arena_destroy(a);
}
END_TEST

START_TEST(a_full_buffer_is_an_error)
{
    struct city c;
    struct buf out;
    struct err e;

    city_init(&c);
    for (size_t max = 0; max < sizeof(json) - 1; max += 7) {
        e = (struct err){0};
        buf_init(&out, max);
        ck_assert_int_eq(import_write_json(&c.req, &out, &e), ERR_EXHAUSTED);
        ck_assert_int_eq(e.code, ERR_EXHAUSTED);
        buf_fini(&out);
    }
}
END_TEST

#define LONG41 "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一"

#define SPOIL(fn, ...)                                                                                                         \
    static void fn(struct city *c)                                                                                             \
    {                                                                                                                          \
        __VA_ARGS__;                                                                                                           \
    }
SPOIL(region_code, c->region.code = (char *)"23060")
SPOIL(region_level, c->region.level = WANGGE__V1__REGION_LEVEL__REGION_LEVEL_CITY)
SPOIL(region_no_name, c->region.name = (char *)"")
SPOIL(region_long_name, c->region.name = (char *)LONG41)
SPOIL(region_initials, c->region.initials = (char *)"rhl")
SPOIL(region_date, c->grid.valid_from = (char *)"2021-02-29")
SPOIL(region_order, c->grid.valid_to = (char *)"2019-12-31")
SPOIL(region_border, c->region.boundary = c->border; c->region.n_boundary = 3)
SPOIL(grid_two_points, c->grid.n_boundary = 2)
SPOIL(grid_off_earth, c->points[1].latitude = 91)
SPOIL(region_twice, c->grid = c->region)
SPOIL(category_code, c->category.code = (char *)"e0102")
SPOIL(category_limits, c->category.handle_limit_minutes = c->limits; c->category.n_handle_limit_minutes = 2)
SPOIL(category_limit, c->limits[0] = c->limits[1] = 5; c->category.handle_limit_minutes = c->limits;
      c->category.n_handle_limit_minutes = 3)
SPOIL(category_alias, c->aliases[0] = (char *)"")
SPOIL(category_twice, c->req.n_categories = 2)
SPOIL(organ_code, c->organ.code = (char *)"rhl")
SPOIL(organ_kind, c->organ.kind = (Wangge__V1__OrganKind)8)
SPOIL(organ_no_kind, c->organ.kind = (Wangge__V1__OrganKind)0)
SPOIL(organ_region, c->organ.region_code = (char *)"x")
SPOIL(organ_region_unknown, c->organ.region_code = (char *)"230602")
SPOIL(day_date, c->day.date = (char *)"2026-13-01")
SPOIL(day_range, c->day.date = (char *)"2080-01-01")
SPOIL(day_name, c->day.name = (char *)LONG41)

static const struct {
    void (*spoil)(struct city *c);
    const char *field;
} spoilt[] = {
    {region_code, "regions[0].code"},
    {region_level, "regions[0].level"},
    {region_no_name, "regions[0].name"},
    {region_long_name, "regions[0].name"},
    {region_initials, "regions[0].initials"},
    {region_date, "regions[1].valid_from"},
    {region_order, "regions[1].valid_to"},
    {region_border, "regions[0].boundary"},
    {grid_two_points, "regions[1].boundary"},
    {grid_off_earth, "regions[1].boundary"},
    {region_twice, "regions[1].code"},
    {category_code, "categories[0].code"},
    {category_limits, "categories[0].handle_limit_minutes"},
    {category_limit, "categories[0].handle_limit_minutes"},
    {category_alias, "categories[0].aliases"},
    {category_twice, "categories[1].code"},
    {organ_code, "organs[0].code"},
    {organ_kind, "organs[0].kind"},
    {organ_no_kind, "organs[0].kind"},
    {organ_region, "organs[0].region_code"},
    {organ_region_unknown, "organs[0].region_code"},
    {day_date, "calendar_days[0].date"},
    {day_range, "calendar_days[0].date"},
    {day_name, "calendar_days[0].name"},
};

START_TEST(bad_rows_are_named)
{
    struct arena *a = arena_create(1 << 20);
    struct import_faults f;
    struct city c = {0};
    bool found = false;

    city_init(&c);
    spoilt[_i].spoil(&c);
    check(&c, a, &f);
    for (size_t i = 0; i < f.n; i++)
        found |= strcmp(f.list[i]->field, spoilt[_i].field) == 0 && *f.list[i]->description;
    ck_assert_msg(found, "%s is not named (%zu faults, first %s)", spoilt[_i].field, f.n, f.n ? f.list[0]->field : "none");
    arena_destroy(a);
}
END_TEST

START_TEST(many_faults_are_counted_and_cut)
{
    enum { ROWS = 100 };
    struct arena *a = arena_create(1 << 20);
    Wangge__V1__CalendarDay *days[ROWS];
    struct import_faults f;
    struct city c;

    city_init(&c);
    c.day.date = (char *)"never";
    for (int i = 0; i < ROWS; i++)
        days[i] = &c.day;
    c.req.calendar_days = days;
    c.req.n_calendar_days = ROWS;
    check(&c, a, &f);
    ck_assert_uint_ge(f.n, ROWS);
    ck_assert_str_eq(f.list[IMPORT_MAX_VIOLATIONS - 1]->field, "calendar_days[19].date");
    arena_destroy(a);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("app_import");
    TCase *tc = tcase_create("app_import");
    SRunner *sr;
    int failed;

    tcase_add_test(tc, good_rows_become_json);
    tcase_add_test(tc, a_full_buffer_is_an_error);
    tcase_add_loop_test(tc, bad_rows_are_named, 0, sizeof(spoilt) / sizeof(spoilt[0]));
    tcase_add_test(tc, many_faults_are_counted_and_cut);
    suite_add_tcase(s, tc);
    sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed ? 1 : 0;
}
