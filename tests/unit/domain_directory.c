/* SPDX-License-Identifier: MIT */
/* The directory snapshot: look-ups, validity, names, and the grid of a point. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "domain_fixture.h"

START_TEST(finds_rows)
{
    struct fx f;
    fx_init(&f);
    size_t n;
    const struct dir_region *r = directory_regions(f.dir, &n);
    ck_assert_uint_eq(n, 11);
    for (size_t i = 1; i < n; i++)
        ck_assert_int_lt(r[i - 1].code, r[i].code);
    for (size_t i = 0; i < n; i++)
        ck_assert_ptr_eq(directory_region(f.dir, r[i].code), &r[i]);
    ck_assert_ptr_null(directory_region(f.dir, 7));
    ck_assert_str_eq(directory_category_by_code(f.dir, "E0102")->name, "暴露垃圾");
    ck_assert_int_eq(directory_category_by_id(f.dir, CAT_RECORD)->counted, false);
    ck_assert_ptr_null(directory_category_by_code(f.dir, "E0103"));
    ck_assert_ptr_null(directory_category_by_code(f.dir, "E01"));
    ck_assert_ptr_null(directory_category_by_code(f.dir, NULL));
    ck_assert_ptr_null(directory_category_by_id(f.dir, 0));
    ck_assert_str_eq(directory_organ_by_code(f.dir, "RHL-CG")->name, "让胡路城管");
    ck_assert_str_eq(directory_organ_by_id(f.dir, ORGAN_WATER)->code, "RHL-SW");
    ck_assert_ptr_null(directory_organ_by_code(f.dir, "X"));
    ck_assert_ptr_null(directory_organ_by_id(f.dir, 99));
    ck_assert_ptr_nonnull(directory_subtree(f.dir, region_span_of(INT64_C(230604001000000)), &n));
    ck_assert_uint_eq(n, 5);
    ck_assert_ptr_null(directory_subtree(f.dir, region_span_of(INT64_C(230605000000000)), &n));
    ck_assert_uint_eq(n, 0);
    directory_subtree(f.dir, region_span_all(), &n);
    ck_assert_uint_eq(n, 11);
    ck_assert(calendar_is_workday(directory_calendar(f.dir), clock_days_from_civil(2021, 9, 18)));
    directory_unref(directory_ref(f.dir));
    ck_assert_int_eq(directory_revision(f.dir), 1);
    fx_fini(&f);
}
END_TEST

START_TEST(knows_what_was_valid)
{
    struct fx f;
    fx_init(&f);
    ck_assert_ptr_nonnull(directory_region_on(f.dir, GRID_OLD, clock_days_from_civil(2020, 12, 31)));
    ck_assert_ptr_null(directory_region_on(f.dir, GRID_OLD, clock_days_from_civil(2021, 1, 1)));
    ck_assert_ptr_nonnull(directory_region_on(f.dir, GRID_1, clock_days_from_civil(1999, 1, 1)));
    fx_fini(&f);
}
END_TEST

START_TEST(writes_full_names)
{
    static const struct {
        int64_t code;
        const char *name;
    } rows[] = {
        {GRID_2, "庆新街道 / 庆新社区 / 第二网格"},
        {INT64_C(230604001000000), "庆新街道"},
        {INT64_C(230604000000000), "让胡路区"},
        {INT64_C(230600000000000), "大庆市"},
        {INT64_C(230604001001009), "庆新街道 / 庆新社区"},
        {0, ""},
    };
    struct fx f;
    fx_init(&f);
    char text[DIRECTORY_FULL_NAME_SIZE];
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ck_assert_uint_eq(directory_full_name(f.dir, rows[i].code, text, sizeof(text)), strlen(rows[i].name));
        ck_assert_str_eq(text, rows[i].name);
    }
    char small[8];
    directory_full_name(f.dir, GRID_2, small, sizeof(small));
    ck_assert_str_eq(small, "庆新");
    fx_fini(&f);
}
END_TEST

static const struct {
    const char *name;
    struct dir_region region;
    const char *field;
} bad_regions[] = {
    {"no code", {.code = 5, .name = "x", .valid_from = DAY_NONE, .valid_to = DAY_NONE}, "code"},
    {"no name", {.code = GRID_1, .name = "", .valid_from = DAY_NONE, .valid_to = DAY_NONE}, "name"},
    {"ends before it starts", {.code = GRID_1, .name = "x", .valid_from = 10, .valid_to = 9}, "valid_to"},
    {"a border of two points",
     {.code = GRID_1,
      .name = "x",
      .valid_from = DAY_NONE,
      .valid_to = DAY_NONE,
      .nboundary = 2,
      .boundary = (struct dir_point[]){{1, 1}, {2, 2}}},
     "boundary"},
    {"a border off the earth",
     {.code = GRID_1,
      .name = "x",
      .valid_from = DAY_NONE,
      .valid_to = DAY_NONE,
      .nboundary = 3,
      .boundary = (struct dir_point[]){{1, 1}, {2, 2}, {91, 3}}},
     "boundary"},
};

START_TEST(refuses_bad_regions)
{
    struct directory_builder *b = directory_builder_create();
    struct err e;
    ck_assert_msg(directory_add_region(b, &bad_regions[_i].region, &e) == ERR_INVALID, "%s", bad_regions[_i].name);
    ck_assert_str_eq(e.field, bad_regions[_i].field);
    directory_builder_destroy(b);
}
END_TEST

START_TEST(refuses_doubles)
{
    struct dir_region r = {.code = GRID_1, .name = "x", .valid_from = DAY_NONE, .valid_to = DAY_NONE};
    struct dir_organ o = {.id = 1, .code = "A", .name = "x", .kind = ORGAN_POLICE, .region = GRID_1};
    struct dir_category c = {.id = 1, .code = "E0101", .name = "x"};
    for (int what = 0; what < 5; what++) {
        struct directory_builder *b = directory_builder_create();
        struct directory *d = NULL;
        struct err e;
        for (int k = 0; k < 2; k++) {
            if (what == 0)
                ck_assert_int_eq(directory_add_region(b, &r, &e), 0);
            o.id = what == 1 ? 1 + k : 1;
            o.code = what == 2 && k ? "B" : "A";
            if (what == 1 || what == 2)
                ck_assert_int_eq(directory_add_organ(b, &o, &e), 0);
            c.id = what == 3 ? (int16_t)(1 + k) : 1;
            c.code[4] = what == 4 && k ? '2' : '1';
            if (what == 3 || what == 4)
                ck_assert_int_eq(directory_add_category(b, &c, &e), 0);
        }
        ck_assert_int_eq(directory_builder_finish(b, 1, &d, &e), ERR_INVALID);
        ck_assert_ptr_null(d);
        directory_builder_destroy(b);
    }
}
END_TEST

/* A town of SIDE x SIDE square grids of 0.004 x 0.005 degrees (about 445 x 383 m), the last of which is retired. */
enum { SIDE = 20 };
#define LAT0 46.60
#define LON0 125.00
#define DLAT 0.004
#define DLON 0.005

static int64_t grid_at(int row, int col)
{
    return INT64_C(230604001000000) + (row + 1) * 1000 + (col + 1);
}

static struct directory *make_town(void)
{
    struct directory_builder *b = directory_builder_create();
    for (int row = 0; row < SIDE; row++) {
        for (int col = 0; col < SIDE; col++) {
            double lat = LAT0 + row * DLAT, lon = LON0 + col * DLON;
            struct dir_point border[] = {{lat, lon}, {lat + DLAT, lon}, {lat + DLAT, lon + DLON}, {lat, lon + DLON}};
            struct dir_region r = {.code = grid_at(row, col),
                                   .name = "网格",
                                   .valid_from = DAY_NONE,
                                   .valid_to = DAY_NONE,
                                   .boundary = border,
                                   .nboundary = 4};
            if (row == SIDE - 1 && col == SIDE - 1)
                r.valid_to = 1000;
            ck_assert_int_eq(directory_add_region(b, &r, NULL), 0);
        }
    }
    struct directory *d;
    ck_assert_int_eq(directory_builder_finish(b, 1, &d, NULL), 0);
    directory_builder_destroy(b);
    return d;
}

START_TEST(finds_the_grid_of_every_point)
{
    struct directory *d = make_town();
    struct dir_candidate c[DIRECTORY_MAX_CANDIDATES];
    for (int row = 0; row < SIDE; row++) {
        for (int col = 0; col < SIDE; col++) {
            struct dir_point middle = {LAT0 + (row + 0.5) * DLAT, LON0 + (col + 0.5) * DLON};
            size_t n = directory_locate(d, middle, 18000, c, DIRECTORY_MAX_CANDIDATES);
            if (row == SIDE - 1 && col == SIDE - 1) {
                ck_assert_uint_eq(n, 0);
                ck_assert_uint_eq(directory_locate(d, middle, 1000, c, DIRECTORY_MAX_CANDIDATES), 1);
                continue;
            }
            ck_assert_uint_eq(n, 1);
            ck_assert_int_eq(c[0].grid->code, grid_at(row, col));
            ck_assert(c[0].inside);
        }
    }
    directory_unref(d);
}
END_TEST

START_TEST(offers_both_sides_of_a_border)
{
    struct directory *d = make_town();
    struct dir_candidate c[DIRECTORY_MAX_CANDIDATES];
    const double metre = 1 / 111195.08;
    static const struct {
        const char *name;
        double north_m; /* of the border between row 4 and row 5 */
        size_t n;
        int first_row;
    } rows[] = {
        {"25 m south", -25, 1, 4}, {"15 m south", -15, 2, 4},    {"1 m south", -1, 2, 4},
        {"1 m north", 1, 2, 5},    {"19.9 m north", 19.9, 2, 5}, {"20.1 m north", 20.1, 1, 5},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct dir_point p = {LAT0 + 5 * DLAT + rows[i].north_m * metre, LON0 + 3.5 * DLON};
        ck_assert_msg(directory_locate(d, p, 18000, c, DIRECTORY_MAX_CANDIDATES) == rows[i].n, "%s", rows[i].name);
        ck_assert_msg(c[0].grid->code == grid_at(rows[i].first_row, 3) && c[0].inside, "%s", rows[i].name);
        if (rows[i].n == 2)
            ck_assert_msg(!c[1].inside && fabs(c[1].distance_m - fabs(rows[i].north_m)) < 0.01, "%s", rows[i].name);
    }
    /* A corner of four grids; the nearest three if only three are wanted. */
    struct dir_point corner = {LAT0 + 5 * DLAT + 5 * metre, LON0 + 5 * DLON - 3 * metre};
    ck_assert_uint_eq(directory_locate(d, corner, 18000, c, DIRECTORY_MAX_CANDIDATES), 4);
    ck_assert_int_eq(c[0].grid->code, grid_at(5, 4));
    ck_assert_int_eq(c[1].grid->code, grid_at(5, 5));
    ck_assert_int_eq(c[2].grid->code, grid_at(4, 4));
    ck_assert_int_eq(c[3].grid->code, grid_at(4, 5));
    ck_assert_uint_eq(directory_locate(d, corner, 18000, c, 3), 3);
    ck_assert_int_eq(c[2].grid->code, grid_at(4, 4));
    /* Outside the town: near its edge, then far away. */
    ck_assert_uint_eq(directory_locate(d, (struct dir_point){LAT0 - 10 * metre, LON0 + 2.5 * DLON}, 18000, c, 8), 1);
    ck_assert(!c[0].inside);
    ck_assert_uint_eq(directory_locate(d, (struct dir_point){LAT0 - 30 * metre, LON0 + 2.5 * DLON}, 18000, c, 8), 0);
    ck_assert_uint_eq(directory_locate(d, (struct dir_point){-46, 300}, 18000, c, 8), 0);
    ck_assert_uint_eq(directory_locate(d, (struct dir_point){NAN, 125}, 18000, c, 8), 0);
    directory_unref(d);
}
END_TEST

START_TEST(finds_nothing_without_borders)
{
    struct fx f;
    fx_init(&f);
    struct dir_candidate c[1];
    ck_assert_uint_eq(directory_locate(f.dir, (struct dir_point){46.6, 125}, 18000, c, 1), 0);
    fx_fini(&f);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("domain directory");
    TCase *t = tcase_create("directory");
    tcase_add_test(t, finds_rows);
    tcase_add_test(t, knows_what_was_valid);
    tcase_add_test(t, writes_full_names);
    tcase_add_loop_test(t, refuses_bad_regions, 0, sizeof(bad_regions) / sizeof(bad_regions[0]));
    tcase_add_test(t, refuses_doubles);
    tcase_add_test(t, finds_the_grid_of_every_point);
    tcase_add_test(t, offers_both_sides_of_a_border);
    tcase_add_test(t, finds_nothing_without_borders);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
