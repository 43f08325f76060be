/* SPDX-License-Identifier: MIT */
/* The demo city: numbers, codes, borders, kinds of incident, office hours, the messages that carry them. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "client/demo/demo_city.h"
#include "client/demo/demo_history.h"
#include "client/demo/prng.h"
#include "common/base/text.h"

static struct demo_city *city;

static void setup(void)
{
    struct err e;
    city = demo_city_create(DEMO_SEED, &e);
    ck_assert_msg(city != NULL, "%s", e.text);
}

static void teardown(void)
{
    demo_city_destroy(city);
}

START_TEST(test_prng_is_the_same_everywhere)
{
    struct prng p;
    prng_init(&p, 1, 2);
    ck_assert_uint_eq(prng_next(&p), UINT64_C(0x9f0b1e7ea7c98bcb));
    ck_assert_uint_eq(prng_next(&p), UINT64_C(0xd54ccb1d83f3af22));
    prng_init(&p, 2, 1);
    uint64_t other = prng_next(&p);
    ck_assert_uint_ne(other, UINT64_C(0x9f0b1e7ea7c98bcb));
}
END_TEST

START_TEST(test_prng_stays_in_range)
{
    struct prng p;
    static const uint32_t sums[] = {0, 5, 5, 6};
    int seen[4] = {0};
    prng_init(&p, 7, 7);
    for (int i = 0; i < 10000; i++) {
        ck_assert_uint_lt(prng_below(&p, 3), 3);
        int32_t v = prng_range(&p, -2, 2);
        ck_assert(v >= -2 && v <= 2);
        v = prng_skewed(&p, 10, 20, 3);
        ck_assert(v >= 10 && v <= 20);
        seen[prng_pick(&p, sums, 4)]++;
    }
    ck_assert_int_eq(seen[0], 0);
    ck_assert_int_eq(seen[2], 0);
    ck_assert_int_gt(seen[1], 8000);
    ck_assert_int_gt(seen[3], 1400);
}
END_TEST

START_TEST(test_numbers)
{
    ck_assert_int_eq(city->ntowns, 66);
    ck_assert_int_ge(city->ncommunities, 250);
    ck_assert_int_le(city->ncommunities, 320);
    ck_assert_int_ge(city->ngrids, 1100);
    ck_assert_int_le(city->ngrids, 1300);
    ck_assert_int_ge(city->norgans, 40);
    ck_assert_int_le(city->norgans, 70);
    ck_assert_int_ge((int)demo_categories_len, 70);
}
END_TEST

static int number_at(const char *code, size_t at)
{
    return (code[at] - '0') * 100 + (code[at + 1] - '0') * 10 + code[at + 2] - '0';
}

START_TEST(test_codes)
{
    for (int i = 0; i < city->ntowns; i++) {
        const struct demo_town *t = &city->towns[i];
        static const int ranges[][2] = {[DEMO_STREET] = {1, 99}, [DEMO_TOWN] = {100, 199}, [DEMO_RURAL] = {200, 399}};
        ck_assert(text_is_digits(t->code, 9));
        ck_assert_mem_eq(t->code, demo_counties[t->county].code, 6);
        int n = number_at(t->code, 6);
        ck_assert(n >= ranges[t->kind][0] && n <= ranges[t->kind][1]);
        ck_assert(i == 0 || strcmp(city->towns[i - 1].code, t->code) < 0);
    }
    for (int i = 0; i < city->ncommunities; i++) {
        const struct demo_community *c = &city->communities[i];
        ck_assert(text_is_digits(c->code, 12));
        ck_assert_mem_eq(c->code, city->towns[c->town].code, 9);
        int n = number_at(c->code, 9);
        ck_assert(c->village ? n >= 200 && n <= 399 : n >= 1 && n <= 199);
        ck_assert(i == 0 || strcmp(city->communities[i - 1].code, c->code) < 0);
        for (int j = 0; j < i; j++)
            ck_assert_str_ne(city->communities[j].name, c->name);
    }
    for (int i = 0; i < city->ngrids; i++) {
        const struct demo_grid *g = &city->grids[i];
        ck_assert(text_is_digits(g->code, 15));
        ck_assert_mem_eq(g->code, city->communities[g->community].code, 12);
        ck_assert_int_ge(number_at(g->code, 12), 1);
        ck_assert(i == 0 || strcmp(city->grids[i - 1].code, g->code) < 0);
        ck_assert_int_eq(demo_city_find_grid(city, g->code), i);
    }
    ck_assert_int_eq(demo_city_find_grid(city, "230604001001999"), -1);
    ck_assert_int_ge(demo_city_find_grid(city, "230604001001003"), 0);
    ck_assert_str_eq(city->communities[city->grids[demo_city_find_grid(city, "230604001001003")].community].name, "庆新社区");
    for (int i = 0; i < city->norgans; i++) {
        ck_assert_uint_le(strspn(city->organs[i].code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"), 32);
        ck_assert_uint_eq(strspn(city->organs[i].code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"), strlen(city->organs[i].code));
        for (int j = 0; j < i; j++)
            ck_assert_str_ne(city->organs[j].code, city->organs[i].code);
    }
}
END_TEST

/* Even-odd rule on the border as it goes into the message. */
static bool border_holds(const Wangge__V1__Region *r, double lat, double lon)
{
    bool inside = false;
    for (size_t i = 0, j = r->n_boundary - 1; i < r->n_boundary; j = i++) {
        const Wangge__V1__Point *a = r->boundary[i];
        const Wangge__V1__Point *b = r->boundary[j];
        if ((a->latitude > lat) != (b->latitude > lat) &&
            lon < (b->longitude - a->longitude) * (lat - a->latitude) / (b->latitude - a->latitude) + a->longitude)
            inside = !inside;
    }
    return inside;
}

START_TEST(test_borders_tile_the_counties)
{
    struct arena *a = arena_create(64 << 20);
    struct prng p;
    struct err e;
    const Wangge__V1__Region *grids[2000];
    int n = 0;
    Wangge__V1__ImportDirectoryRequest *req;
    for (int part = 0; (req = demo_city_part(city, part, a, &e)); part++) {
        for (size_t i = 0; i < req->n_regions; i++) {
            if (req->regions[i]->level != WANGGE__V1__REGION_LEVEL__REGION_LEVEL_GRID) {
                ck_assert_uint_eq(req->regions[i]->n_boundary, 0);
                continue;
            }
            const Wangge__V1__Region *r = req->regions[i];
            ck_assert_uint_ge(r->n_boundary, 3);
            ck_assert_uint_le(r->n_boundary, 200);
            /* Not closed by repetition, and it encloses something. */
            const Wangge__V1__Point *first = r->boundary[0];
            const Wangge__V1__Point *last = r->boundary[r->n_boundary - 1];
            ck_assert(first->latitude != last->latitude || first->longitude != last->longitude);
            double twice_area = 0;
            for (size_t k = 0; k < r->n_boundary; k++) {
                const Wangge__V1__Point *u = r->boundary[k];
                const Wangge__V1__Point *v = r->boundary[(k + 1) % r->n_boundary];
                twice_area += u->longitude * v->latitude - v->longitude * u->latitude;
            }
            ck_assert(twice_area > 1e-9);
            grids[n++] = r;
        }
    }
    ck_assert_int_eq(e.code, 0);
    ck_assert_int_eq(n, city->ngrids);
    prng_init(&p, 5, 0);
    for (int i = 0; i < 3000; i++) {
        const struct demo_county_seed *county = &demo_counties[prng_below(&p, DEMO_COUNTIES)];
        /* Half a millionth off the lattice of the borders: never on one. */
        double lat = (prng_range(&p, county->box.lat0, county->box.lat1 - 1) + 0.5) / 1e6;
        double lon = (prng_range(&p, county->box.lon0, county->box.lon1 - 1) + 0.5) / 1e6;
        int holders = 0;
        for (int g = 0; g < n; g++) {
            if (border_holds(grids[g], lat, lon)) {
                holders++;
                ck_assert_mem_eq(grids[g]->code, county->code, 6);
            }
        }
        ck_assert_msg(holders == 1, "%d grids hold %.7f %.7f", holders, lat, lon);
    }
    for (int g = 0; g < n; g += 7) {
        Wangge__V1__Point point;
        demo_city_point_in(city, g, &p, &point);
        ck_assert(border_holds(grids[g], point.latitude, point.longitude));
    }
    arena_destroy(a);
}
END_TEST

START_TEST(test_parts_are_small_and_whole)
{
    struct arena *a = arena_create(64 << 20);
    struct err e;
    size_t regions = 0;
    size_t categories = 0;
    size_t organs = 0;
    size_t days = 0;
    Wangge__V1__ImportDirectoryRequest *req;
    for (int part = 0; (req = demo_city_part(city, part, a, &e)); part++) {
        ck_assert_uint_lt(protobuf_c_message_get_packed_size(&req->base), 1 << 20);
        regions += req->n_regions;
        categories += req->n_categories;
        organs += req->n_organs;
        days += req->n_calendar_days;
        for (size_t i = 0; i < req->n_regions; i++) {
            size_t chars = text_chars(req->regions[i]->name, strlen(req->regions[i]->name));
            ck_assert(chars >= 1 && chars <= 40);
        }
    }
    ck_assert_int_eq(e.code, 0);
    ck_assert_uint_eq(regions, (size_t)(1 + 9 + city->ntowns + city->ncommunities + city->ngrids));
    ck_assert_uint_eq(categories, demo_categories_len);
    ck_assert_uint_eq(organs, (size_t)city->norgans);
    ck_assert_uint_eq(days, city->calendar.ndays);
    /* An arena without room is an error, not a short directory. */
    struct arena *small = arena_create(4096);
    ck_assert_ptr_null(demo_city_part(city, 0, small, &e));
    ck_assert_int_eq(e.code, ERR_NOMEM);
    arena_destroy(small);
    arena_destroy(a);
}
END_TEST

START_TEST(test_categories)
{
    for (size_t i = 0; i < demo_categories_len; i++) {
        const struct demo_category *c = &demo_categories[i];
        ck_assert_msg(i == 0 || strcmp(demo_categories[i - 1].code, c->code) < 0, "%s is out of order", c->code);
        ck_assert(c->code[0] >= 'A' && c->code[0] <= 'Z' && text_is_digits(c->code + 1, 4));
        ck_assert_msg(demo_group_of(c->code) != NULL, "%s has no group", c->code);
        ck_assert(demo_category_counted(c) == (c->code[0] != 'Z'));
        ck_assert(demo_category_counted(c) || c->weight == 0);
        for (int u = 0; u < 3; u++)
            ck_assert_int_gt(c->limits_min[u], 0);
        ck_assert(c->limits_min[0] >= c->limits_min[1] && c->limits_min[1] >= c->limits_min[2]);
        for (int k = 0; k < DEMO_TEXTS; k++) {
            ck_assert_ptr_nonnull(c->texts[k]);
            /* Slots are one of the five. */
            for (const char *s = strchr(c->texts[k], '{'); s; s = strchr(s + 1, '{'))
                ck_assert_msg(strchr("pnmwt", s[1]) && s[2] == '}', "%s: %s", c->code, c->texts[k]);
        }
    }
}
END_TEST

START_TEST(test_office_hours)
{
    static const struct {
        const char *from;
        int hours;
        const char *to;
    } cases[] = {
        /* The vectors of the field: holidays, make-up days, an exact fit. */
        {"2021-09-17T16:00:00+08:00", 24, "2021-09-23T16:00:00+08:00"},
        {"2021-09-30T17:00:00+08:00", 4, "2021-10-08T11:00:00+08:00"},
        {"2021-10-08T17:00:00+08:00", 16, "2021-10-11T17:00:00+08:00"},
        {"2021-02-10T10:00:00+08:00", 40, "2021-02-23T10:00:00+08:00"},
        {"2021-12-31T15:00:00+08:00", 8, "2022-01-04T15:00:00+08:00"},
        {"2021-03-01T17:00:00+08:00", 1, "2021-03-01T18:00:00+08:00"},
        {"2021-03-01T12:30:00+08:00", 1, "2021-03-01T15:00:00+08:00"},
        {"2021-03-06T03:00:00+08:00", 1, "2021-03-08T09:00:00+08:00"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        usec_t from;
        usec_t to;
        ck_assert(clock_parse_rfc3339(cases[i].from, &from) && clock_parse_rfc3339(cases[i].to, &to));
        ck_assert_int_eq(demo_calendar_add(&city->calendar, from, cases[i].hours * 3600), to);
    }
    int working = 0;
    int32_t first = clock_days_from_civil(2021, 1, 1);
    for (int i = 0; i < 365; i++)
        working += demo_calendar_is_working(&city->calendar, first + i);
    ck_assert_int_eq(working, 250);
}
END_TEST

START_TEST(test_calendar_refuses)
{
    static const struct {
        const char *text;
        const char *says;
    } cases[] = {
        {"2021-01-01\toff\n", "line 1"},
        {"# x\n2021-13-01\toff\tx\n", "line 2"},
        {"2021-01-01\tfree\tx\n", "neither off nor work"},
        {"2021-01-02\toff\tx\n2021-01-01\toff\tx\n", "line 2"},
    };
    struct demo_calendar c;
    struct err e;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_int_eq(demo_calendar_parse(&c, cases[i].text, strlen(cases[i].text), &e), ERR_INVALID);
        ck_assert_msg(strstr(e.text, cases[i].says) != NULL, "%s", e.text);
    }
    ck_assert_int_eq(demo_calendar_parse(&c, "", 0, &e), 0);
    ck_assert_uint_eq(c.ndays, 0);
    ck_assert(demo_calendar_is_working(&c, clock_days_from_civil(2026, 11, 23)));  /* Monday */
    ck_assert(!demo_calendar_is_working(&c, clock_days_from_civil(2026, 11, 22))); /* Sunday */
}
END_TEST

int main(void)
{
    Suite *s = suite_create("demo_city");
    TCase *tc = tcase_create("demo_city");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_prng_is_the_same_everywhere);
    tcase_add_test(tc, test_prng_stays_in_range);
    tcase_add_test(tc, test_numbers);
    tcase_add_test(tc, test_codes);
    tcase_add_test(tc, test_borders_tile_the_counties);
    tcase_add_test(tc, test_parts_are_small_and_whole);
    tcase_add_test(tc, test_categories);
    tcase_add_test(tc, test_office_hours);
    tcase_add_test(tc, test_calendar_refuses);
    suite_add_tcase(s, tc);
    SRunner *sr = srunner_create(s);
    srunner_run_all(sr, CK_ENV);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
