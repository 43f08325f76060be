/* SPDX-License-Identifier: MIT */
/* Calendars, limits and borders read from files: what is good, and what is refused with its line. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/cli/calendar_file.h"
#include "client/cli/limit_file.h"
#include "client/model/i18n.h"

#define UNIT(name) WANGGE__V1__TIME_UNIT__TIME_UNIT_##name
#define NOW        (1795000000 * USEC_PER_SEC)

static char path[] = "/tmp/clock_files_XXXXXX";

static void write_file(const char *text)
{
    FILE *f = fopen(path, "we");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(text, 1, strlen(text), f), strlen(text));
    ck_assert_int_eq(fclose(f), 0);
}

START_TEST(reads_a_calendar)
{
    static const char text[] = "\xef\xbb\xbf# of the district\r\n"
                               "calendar rhl 让胡路 区\n"
                               "region   230604\n"
                               "zone\t-03:30\n"
                               "week     1-5,7 08:00-12:00 14:00-18:00\n"
                               "season   05-01 09-30 1-5 08:00-24:00\n"
                               "season   10-01 04-30 6 08:00-09:00\n"
                               "2026-02-17\toff\t春节\n"
                               "2026-02-14 work\n\n"
                               "2026-02-16 班 08:00-12:00 除 夕";
    struct calendar_file f;
    struct err e = {0};
    char shifts[CALENDAR_FILE_SHIFTS_TEXT], zone[8];
    int rc = calendar_file_parse(&f, text, sizeof text - 1, &e);
    const Wangge__V1__Calendar *c = &f.calendar;
    ck_assert_msg(rc == 0, "%s", e.text);
    ck_assert_str_eq(c->code, "rhl");
    ck_assert_str_eq(c->name, "让胡路 区");
    ck_assert_str_eq(c->region_code, "230604");
    ck_assert_str_eq(calendar_zone_format(c->utc_offset_minutes, zone), "-03:30");
    ck_assert_uint_eq(c->n_seasons, 3);
    ck_assert_int_eq(c->seasons[0]->weekdays, 0x5f);
    ck_assert_str_eq(c->seasons[0]->from, "");
    ck_assert_str_eq(calendar_shifts_format(c->seasons[0]->shifts, 2, shifts), "08:00-12:00 14:00-18:00");
    ck_assert_str_eq(c->seasons[2]->to, "04-30");
    ck_assert_uint_eq(c->n_days, 3);
    ck_assert(!c->days[0]->working && c->days[1]->working && c->days[2]->working);
    ck_assert_str_eq(c->days[0]->name, "春节");
    ck_assert_str_eq(c->days[1]->name, "");
    ck_assert_str_eq(c->days[2]->name, "除 夕");
    ck_assert_int_eq(c->days[2]->shifts[0]->to_minute, 720);
    calendar_file_fini(&f);
}
END_TEST

START_TEST(reads_the_published_lists)
{
    struct calendar_file f;
    struct err e = {0};
    int rc = calendar_file_read(&f, HOLIDAYS_TSV, &e);
    ck_assert_msg(rc == 0, "%s", e.text);
    ck_assert_uint_gt(f.calendar.n_days, 300);
    ck_assert_str_eq(f.calendar.days[0]->date, "2018-01-01");
    ck_assert_str_eq(f.calendar.days[0]->name, "元旦");
    ck_assert(!f.has_calendar && !f.has_week);
    calendar_file_fini(&f);
}
END_TEST

static const struct {
    const char *text;
    const char *says;
} bad_calendars[] = {
    {"", "holds no day"},
    {"# nothing\n", "holds no day"},
    {"2026-02-30 off", "Line 1: \"2026-02-30\" is not a date"},
    {"\n\n1989-12-31 off", "Line 3: 1989-12-31 lies outside"},
    {"2026-01-01 off\n2026-01-01 work", "Line 2: 2026-01-01 is there twice"},
    {"2026-01-01 maybe", "neither off nor work"},
    {"2026-01-01", "neither off nor work"},
    {"2026-01-01 off 08:00-12:00", "A holiday has no working"},
    {"2026-01-01 work 12:00-08:00", "ends before it begins"},
    {"2026-01-01 work 25:00-26:00", "no working interval"},
    {"2026-01-01\toff\tname\tmore", "after the name"},
    {"date\tkind\tname\tcolour\n", "Line 1: There is no column \"colour\""},
    {"date\tname\n", "no column \"name\""},
    {"holiday 2026-01-01", "none of calendar, region"},
    {"week 1-5", "no working interval"},
    {"week 0 08:00-12:00", "no working days"},
    {"week 08:00-12:00", "no working days"},
    {"week 1-5 08:00-12:00 11:59-13:00", "overlaps"},
    {"week 1-5 08:00-12:00 12:00-13:00", "touches"},
    {"week 1-5 08:00-08:00", "ends before"},
    {"week 1-5 lunch", "\"lunch\" is no working interval"},
    {"week 1-5 01:00-02:00 03:00-04:00 05:00-06:00 07:00-08:00 09:00-10:00", "at most 4"},
    {"week 1-5 08:00-12:00\nweek 6 08:00-12:00", "Line 2: There is a line \"week\""},
    {"season 05-01 09-30 1-5 08:00-12:00", "no line \"week\""},
    {"season 02-30 09-30 1-5 08:00-12:00", "\"02-30\" is no day"},
    {"season 05-01 1-5 08:00-12:00", "\"1-5\" is no day"},
    {"week 1-5 08:00-12:00\nseason 11-01 02-01 1-5 08:00-09:00\nseason 01-31 03-01 1-5 08:00-09:00",
     "Line 3: The season overlaps the one from 11-01"},
    {"calendar RHL x", "\"RHL\" is no code"},
    {"calendar rhl", "name is missing"},
    {"region 2306045", "no region code"},
    {"zone 8", "no zone"},
    {"zone +15:00", "no zone"},
    {"2026-01-01 off \xff", "Line 1: This is not UTF-8"},
};

START_TEST(refuses_a_calendar)
{
    struct calendar_file f;
    struct err e = {0};
    ck_assert_int_eq(calendar_file_parse(&f, bad_calendars[_i].text, strlen(bad_calendars[_i].text), &e), ERR_INVALID);
    ck_assert_msg(strstr(e.text, bad_calendars[_i].says), "%s: %s", bad_calendars[_i].text, e.text);
    calendar_file_fini(&f);
}
END_TEST

static const struct {
    const char *text;
    int unit; /* -1: none */
    long amount;
    const char *shown;
} amounts[] = {
    {"8h", UNIT(WORKING), 28800, "8 h 00 min"},
    {"30m", UNIT(WORKING), 1800, "0 h 30 min"},
    {"1h30m", UNIT(WORKING), 5400, "1 h 30 min"},
    {"4uh", UNIT(URGENT), 14400, "4 h 00 min"},
    {"1uh05um", UNIT(URGENT), 3900, "1 h 05 min"},
    {"3wd", UNIT(WORKDAY), 3, "3 working days"},
    {"1d", UNIT(DAY), 1, "1 day"},
    {"3660d", UNIT(DAY), 3660, "3660 days"},
    {"3661d", -1, 0, NULL},
    {"0h", -1, 0, NULL},
    {"-1h", -1, 0, NULL},
    {"8", -1, 0, NULL},
    {"", -1, 0, NULL},
    {"h", -1, 0, NULL},
    {"1d2h", -1, 0, NULL},
    {"30m1h", -1, 0, NULL},
    {"1h60m", -1, 0, NULL},
    {"1h5um", -1, 0, NULL},
    {"99999999h", -1, 0, NULL},
    {"8 h", -1, 0, NULL},
};

START_TEST(reads_amounts)
{
    Wangge__V1__TimeUnit unit = UNIT(UNSPECIFIED);
    int64_t amount = 0;
    char text[LIMIT_AMOUNT_MAX];
    bool ok = limit_amount_parse(amounts[_i].text, &unit, &amount);
    ck_assert_msg(ok == (amounts[_i].unit >= 0), "%s", amounts[_i].text);
    if (!ok)
        return;
    ck_assert_int_eq(unit, amounts[_i].unit);
    ck_assert_int_eq(amount, amounts[_i].amount);
    ck_assert_str_eq(limit_amount_format(unit, amount, text), amounts[_i].shown);
}
END_TEST

START_TEST(reads_limits)
{
    struct limit_file *f = calloc(1, sizeof *f);
    struct err e = {0};
    write_file("amount,clock,from,category,urgency,region\n4uh,handle,2026-12-01 08:00,E01,urgent,2306\n\n3wd,accept,,,,\n");
    int rc = limit_file_read(f, path, NOW, &e);
    ck_assert_msg(rc == 0, "%s", e.text);
    ck_assert_uint_eq(f->n, 2);
    const Wangge__V1__Limit *a = f->limits[0], *b = f->limits[1];
    ck_assert_int_eq(a->clock, WANGGE__V1__CLOCK_KIND__CLOCK_KIND_HANDLE);
    ck_assert_int_eq(a->urgency, WANGGE__V1__URGENCY__URGENCY_URGENT);
    ck_assert_int_eq(a->amount, 14400);
    ck_assert_str_eq(a->category_prefix, "E01");
    ck_assert_str_eq(a->region_code, "2306");
    ck_assert_int_eq(a->valid_from->seconds, 1796083200);
    ck_assert_int_eq(b->unit, UNIT(WORKDAY));
    ck_assert_ptr_null(b->valid_from);
    ck_assert_int_eq(f->line[1], 4);
    limit_file_fini(f);
    free(f);
}
END_TEST

static const struct {
    const char *text;
    const char *says;
} bad_limits[] = {
    {"", "holds no row"},
    {"clock,amount\n", "holds no row"},
    {"clock,amount,colour\nhandle,8h,red", "no column \"colour\""},
    {"clock,amount,clock\nhandle,8h,handle", "\"clock\" is there twice"},
    {"clock,amount\nhandle,8h,E01", "Line 2: it has 3 fields"},
    {"clock,amount\nhandle,8h\nlunch,8h", "Line 3: clock: \"lunch\" is none of accept"},
    {"clock,amount\n,8h", "clock is missing"},
    {"clock,amount\nhandle,", "amount is missing"},
    {"clock,amount\nhandle,0", "more than zero"},
    {"clock,amount\nhandle,0h", "more than zero"},
    {"clock,amount\nhandle,08", "none of 8h"},
    {"clock,amount,urgency\nhandle,8h,very", "urgency: \"very\""},
    {"clock,amount,from\nhandle,8h,2020-01-01", "is past"},
    {"clock,amount,from\nhandle,8h,soon", "Line 2: \"soon\" is not a time"},
    {"clock,amount,region\nhandle,8h,town", "region: \"town\""},
    {"clock,amount\n\"handle,8h", "Line 2"},
};

START_TEST(refuses_limits)
{
    struct limit_file *f = calloc(1, sizeof *f);
    struct err e = {0};
    write_file(bad_limits[_i].text);
    ck_assert_int_eq(limit_file_read(f, path, NOW, &e), ERR_INVALID);
    ck_assert_msg(strstr(e.text, bad_limits[_i].says), "%s: %s", bad_limits[_i].text, e.text);
    limit_file_fini(f);
    free(f);
}
END_TEST

#define GRID "230604001001001"

START_TEST(reads_borders)
{
    struct border_file f;
    struct err e = {0};
    write_file("grid,longitude,latitude\n" GRID ",125,46\n" GRID ",125.1,46\n" GRID ",125.1,46.1\n");
    int rc = border_file_read(&f, path, &e);
    ck_assert_msg(rc == 0, "%s", e.text);
    ck_assert_uint_eq(f.n, 1);
    ck_assert_uint_eq(f.borders[0]->n_boundary, 3);
    ck_assert_double_eq(f.borders[0]->boundary[2]->latitude, 46.1);
    border_file_fini(&f);
}
END_TEST

static const struct {
    const char *text;
    const char *says;
} bad_borders[] = {
    {"grid,latitude,longitude\n" GRID ",46,125\n" GRID ",46,126\n", "fewer than 3"},
    {"grid,latitude,longitude\n2306,46,125\n", "Line 2: \"2306\" is no value for grid"},
    {"grid,latitude,longitude\n" GRID ",91,125\n", "for latitude"},
    {"grid,latitude,longitude\n" GRID ",46,x\n", "for longitude"},
    {"grid,latitude,longitude\n" GRID ",46,125\n230604001001002,46,125\n" GRID ",47,125\n", "Line 4: The corners"},
};

START_TEST(refuses_borders)
{
    struct border_file f;
    struct err e = {0};
    write_file(bad_borders[_i].text);
    ck_assert_int_eq(border_file_read(&f, path, &e), ERR_INVALID);
    ck_assert_msg(strstr(e.text, bad_borders[_i].says), "%s: %s", bad_borders[_i].text, e.text);
    border_file_fini(&f);
}
END_TEST

#define COUNT(a) (int)(sizeof(a) / sizeof *(a))

int main(void)
{
    i18n_init("en");
    int fd = mkstemp(path);
    Suite *s = suite_create("clock_files");
    TCase *t = tcase_create("files");
    tcase_add_test(t, reads_a_calendar);
    tcase_add_test(t, reads_the_published_lists);
    tcase_add_loop_test(t, refuses_a_calendar, 0, COUNT(bad_calendars));
    tcase_add_loop_test(t, reads_amounts, 0, COUNT(amounts));
    tcase_add_test(t, reads_limits);
    tcase_add_loop_test(t, refuses_limits, 0, COUNT(bad_limits));
    tcase_add_test(t, reads_borders);
    tcase_add_loop_test(t, refuses_borders, 0, COUNT(bad_borders));
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    if (fd >= 0) {
        close(fd);
        (void)unlink(path);
    }
    return failed > 0;
}
