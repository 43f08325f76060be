/* SPDX-License-Identifier: MIT */
/* The command line without a server: arguments, exit codes, times, tables, the report sheet, rows of an import. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "client/cli/cli.h"
#include "client/cli/import_row.h"
#include "client/cli/instant.h"
#include "client/cli/options.h"
#include "client/cli/report_text.h"
#include "client/export/table.h"
#include "client/model/i18n.h"
#include "common/base/uuid.h"

static void setup(void)
{
    unsetenv("LANGUAGE");
    setenv("LC_ALL", "C.UTF-8", 1);
    i18n_init("en");
}

/* --- Arguments --- */

static const struct {
    const char *line;
    int command; /* -1: refused */
    int n_args;
    const char *want; /* part of the message, or NULL */
} lines[] = {
    {"", COMMAND_NONE, 0, NULL},
    {"whoami", COMMAND_WHOAMI, 0, NULL},
    {"case list --state closed --limit 5", COMMAND_CASE_LIST, 0, NULL},
    {"--server a:1 case show 42", COMMAND_CASE_SHOW, 1, NULL},
    {"case --json=number list", COMMAND_CASE_LIST, 0, NULL},
    {"case act 42 sign -m done", COMMAND_CASE_ACT, 2, NULL},
    {"report", COMMAND_REPORT, 0, NULL},
    {"report K01 --by region", COMMAND_REPORT, 1, NULL},
    {"outbox drop 1 2 3 -y", COMMAND_OUTBOX_DROP, 3, NULL},
    {"case list --help", COMMAND_HELP, 1, NULL},
    {"no-such --help", COMMAND_HELP, 0, NULL},
    {"help case", COMMAND_HELP, 1, NULL},
    {"--version", COMMAND_VERSION, 0, NULL},
    {"case list --version", COMMAND_VERSION, 0, NULL},
    {"case show -- -42", COMMAND_CASE_SHOW, 1, NULL},
    {"frob", -1, 0, "frob"},
    {"case", -1, 0, "second word"},
    {"case frob", -1, 0, "second word"},
    {"case show", -1, 0, "Too few"},
    {"case show 1 2", -1, 0, "\"2\""},
    {"whoami --limit 3", -1, 0, "--limit has no meaning"},
    {"whoami --frob", -1, 0, "--frob"},
    {"whoami -Z", -1, 0, "-Z"},
    {"whoami --quiet=1", -1, 0, "--quiet=1"},
    {"whoami --server", -1, 0, "--server needs"},
    {"whoami --server a:1 --server b:1", -1, 0, "twice"},
};

static int split(char *line, char **argv)
{
    int n = 0;
    argv[n++] = (char *)"wangge";
    for (char *p = line; *p;) {
        argv[n++] = p;
        p += strcspn(p, " ");
        if (*p)
            *p++ = '\0';
    }
    argv[n] = NULL;
    return n;
}

START_TEST(arguments_are_parsed)
{
    char line[256], *argv[64];
    struct options o;
    struct err e;
    snprintf(line, sizeof line, "%s", lines[_i].line);
    int rc = options_parse(split(line, argv), argv, &o, &e);
    if (lines[_i].command < 0) {
        ck_assert_msg(rc != 0, "taken: %s", lines[_i].line);
        ck_assert_msg(strstr(e.text, lines[_i].want) != NULL, "%s: %s", lines[_i].line, e.text);
        return;
    }
    ck_assert_msg(rc == 0, "%s: %s", lines[_i].line, e.text);
    ck_assert_int_eq(o.command, lines[_i].command);
    ck_assert_int_eq(o.n_args, lines[_i].n_args);
}
END_TEST

static void count_text(void *arg, const char *text)
{
    *(size_t *)arg += strlen(text);
    for (const char *line = text; *line;) { /* fits 80 columns unless a name is long */
        size_t n = strcspn(line, "\n");
        ck_assert_uint_lt(n, 160);
        line += n + (line[n] == '\n');
    }
}

START_TEST(every_command_has_help_in_both_languages)
{
    i18n_init(_i ? "zh_CN" : "en");
    for (int c = 0; c <= COMMAND_NONE; c++) {
        size_t n = 0;
        options_help(c, count_text, &n);
        ck_assert_uint_gt(n, 500);
    }
}
END_TEST

START_TEST(numbers_of_options_have_a_range)
{
    struct options o = {.command = COMMAND_CASE_LIST};
    struct err e;
    long n;
    ck_assert_int_eq(options_number(&o, OPTION_LIMIT, 0, 10, 5, &n, &e), 0);
    ck_assert_int_eq(n, 5);
    o.value[OPTION_LIMIT] = "10";
    ck_assert_int_eq(options_number(&o, OPTION_LIMIT, 0, 10, 5, &n, &e), 0);
    ck_assert_int_eq(n, 10);
    o.value[OPTION_LIMIT] = "11";
    ck_assert_int_eq(options_number(&o, OPTION_LIMIT, 0, 10, 5, &n, &e), ERR_INVALID);
    o.value[OPTION_LIMIT] = "1x";
    ck_assert_int_eq(options_number(&o, OPTION_LIMIT, 0, 10, 5, &n, &e), ERR_INVALID);
}
END_TEST

static const int exits[17] = {0, 3, 1, 7, 10, 5, 6, 4, 1, 6, 6, 7, 1, 1, 10, 1, 4};

START_TEST(every_status_has_its_exit_code)
{
    for (int code = 0; code < 17; code++)
        ck_assert_int_eq(cli_exit_of(code), exits[code]);
    ck_assert_int_eq(cli_exit_of(99), 1);
}
END_TEST

/* --- Times --- */

/* 2026-11-23 09:40:00 in the city */
#define NOW (INT64_C(1795398000) * USEC_PER_SEC)

static const struct {
    const char *text;
    const char *want; /* NULL: refused */
} times[] = {
    {"2026-11-23T01:40:00Z", "2026-11-23 09:40"},
    {"2026-11-23 09:40", "2026-11-23 09:40"},
    {"2026-11-23 9:40:05", "2026-11-23 09:40:05"},
    {"2026/11/2 9:05", "2026-11-02 09:05"},
    {"2026-11-23", "2026-11-23 00:00"},
    {"08:15", "2026-11-23 08:15"},
    {"今天 08:15", "2026-11-23 08:15"},
    {"昨天 23:59", "2026-11-22 23:59"},
    {"today", "2026-11-23 00:00"},
    {"yesterday", "2026-11-22 00:00"},
    {"-2h", "2026-11-23 07:40"},
    {"-30m", "2026-11-23 09:10"},
    {"-1d", "2026-11-22 09:40"},
    {"", NULL},
    {"-", NULL},
    {"-2w", NULL},
    {"-99999d", NULL},
    {"2026-02-30", NULL},
    {"2026-13-01", NULL},
    {"24:00", NULL},
    {"09:60", NULL},
    {"9", NULL},
    {"2026-11-23 09:40x", NULL},
    {"2026-11-23 09:40:61", NULL},
    {"soon", NULL},
    {"2026-11-23 -1:40", NULL},
};

START_TEST(times_are_read_as_people_write_them)
{
    usec_t t;
    struct err e;
    char out[INSTANT_TEXT_MAX];
    int rc = instant_parse(times[_i].text, NOW, &t, &e);
    if (!times[_i].want) {
        ck_assert_msg(rc == ERR_INVALID, "%s was taken", times[_i].text);
        return;
    }
    ck_assert_msg(rc == 0, "%s: %s", times[_i].text, e.text);
    ck_assert_str_eq(instant_format(t, out), times[_i].want);
}
END_TEST

START_TEST(time_left_is_short)
{
    char out[INSTANT_TEXT_MAX];
    const usec_t minute = 60 * USEC_PER_SEC;
    ck_assert_str_eq(instant_left(NOW + 200 * minute, NOW, out), "3h20m");
    ck_assert_str_eq(instant_left(NOW - 130 * minute, NOW, out), "-2h10m");
    ck_assert_str_eq(instant_left(NOW - 35 * minute, NOW, out), "-0h35m");
    ck_assert_str_eq(instant_left(NOW + 26 * 60 * minute, NOW, out), "1d02h");
    ck_assert_str_eq(instant_left(USEC_NONE, NOW, out), "--");
}
END_TEST

/* --- Tables --- */

static void collect(void *arg, const char *line)
{
    char *out = arg;
    size_t n = strlen(out);
    snprintf(out + n, 8192 - n, "%s", line);
}

START_TEST(chinese_lines_up)
{
    char out[8192] = "";
    struct table *t = table_create(3);
    table_column(t, 0, "编号", false, false);
    table_column(t, 1, "What", false, true);
    table_column(t, 2, "n", true, false);
    static const char *const cells[] = {"1", "乱倒垃圾", "5", "22222", "x\033[31m\ny", "1,234"};
    for (size_t i = 0; i < 6; i++)
        ck_assert(table_cell(t, cells[i]));
    table_write(t, 0, collect, out);
    ck_assert_str_eq(out, "编号   What          n\n"
                          "1      乱倒垃圾      5\n"
                          "22222  x [31m y  1,234\n");
    out[0] = '\0';
    for (int i = 0; i < 3; i++)
        ck_assert(table_cell(t, "很长很长很长的文字"));
    table_write(t, 60, collect, out);
    ck_assert_ptr_nonnull(strstr(out, "很长很长很长的文字  很长"));
    table_destroy(t);
}
END_TEST

START_TEST(narrow_terminals_cut_only_what_may_give_way)
{
    char out[8192] = "";
    struct table *t = table_create(2);
    table_column(t, 0, NULL, false, false);
    table_column(t, 1, NULL, false, true);
    ck_assert(table_cell(t, "1234567890") && table_cell(t, "庆新五区十二号楼"));
    table_write(t, 22, collect, out);
    ck_assert_str_eq(out, "1234567890  庆新五区~ \n");
    ck_assert_int_eq(table_width("庆新五区~ "), 10);
    table_destroy(t);
}
END_TEST

/* --- The sheet --- */

START_TEST(the_sheet_reads_as_a_supervisor_expects)
{
    char out[8192] = "";
    i18n_init("zh_CN");
    Wangge__V1__MetricQuery q = WANGGE__V1__METRIC_QUERY__INIT;
    Wangge__V1__Metric m = WANGGE__V1__METRIC__INIT;
    Wangge__V1__Counts k = WANGGE__V1__COUNTS__INIT, k0 = WANGGE__V1__COUNTS__INIT;
    Wangge__V1__Figure f = WANGGE__V1__FIGURE__INIT, f0 = WANGGE__V1__FIGURE__INIT, none = WANGGE__V1__FIGURE__INIT;
    Wangge__V1__FigureRow row = WANGGE__V1__FIGURE_ROW__INIT, *rows[] = {&row};
    Wangge__V1__QueryMetricResponse r = WANGGE__V1__QUERY_METRIC_RESPONSE__INIT;
    Google__Protobuf__Timestamp as_of;
    q.metric = (char *)"K01";
    q.from = (char *)"2021-01-01";
    q.to = (char *)"2021-12-31";
    q.region_code = (char *)"2306";
    q.as_of = instant_stamp(&as_of, INT64_C(1640966400) * USEC_PER_SEC);
    m.code = (char *)"K01";
    m.version = 1;
    m.name = (char *)"办结率";
    m.name_en = (char *)"Completion rate";
    m.definition = (char *)"口径文字";
    k.reported = 18442, k.valid = 18400, k.closed = 14904, k.self_closed = 13414, k.voided = 30, k.merged = 12;
    f.numerator = 14904, f.denominator = 18400, f.counts = &k;
    k0.reported = k0.valid = 16900, k0.closed = 12980;
    f0.numerator = 12980, f0.denominator = 16900, f0.counts = &k0;
    f0.from = (char *)"2020-01-01", f0.to = (char *)"2020-12-31";
    row.key = (char *)"230604", row.name = (char *)"让胡路区", row.figure = &none;
    r.query = &q, r.definition = &m, r.total = &f, r.year_earlier = &f0, r.n_rows = 1, r.rows = rows,
    r.pulled_by = (char *)"孙主任";
    ck_assert(report_text_adds_up(&f));
    report_text_write(&r, 0, collect, out);
    static const char *const parts[] = {
        "受理 18,400 (1.84万)  办结 14,904  办结率 81.00 % (14,904/18,400)\n",
        "K01 v1 办结率",
        "口径文字",
        "2021-01-01 至 2021-12-31，截至 2022-01-01 00:00",
        "区域 2306",
        "作废 30，并案 12",
        "自办自结 13,414(占办结 90.00 %)",
        "76.80 %(12,980/16,900)，+4.20 个百分点，受理 +8.88 %",
        "孙主任",
        "让胡路区",
        "—  0/0",
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        ck_assert_msg(strstr(out, parts[i]) != NULL, "no \"%s\" in:\n%s", parts[i], out);
    k.voided = 31;
    ck_assert(!report_text_adds_up(&f));
    k.voided = 30;
    k.self_closed = 20000;
    ck_assert(!report_text_adds_up(&f));
}
END_TEST

/* --- Rows of an import --- */

static struct csv_row make_row(struct csv_field *fields, const char *const *texts, int n)
{
    for (int i = 0; i < n; i++)
        fields[i] = (struct csv_field){texts[i], strlen(texts[i])};
    return (struct csv_row){.line = 2, .row = 1, .n_fields = n, .fields = fields};
}

static const char *const titles[] = {"类别编码", "GRID_CODE", "描述",     "地址",        "纬度",        "经度",
                                     "紧急程度", "channel",   "发生时间", "settle_text", "external_id", "reason"};

static const struct {
    const char *values[12];
    const char *column; /* NULL: fine */
} import_rows[] = {
    {{"E0102", "230604003007001", "x", "", "", "", "紧急", "hotline", "2026-11-01 08:00", "", "", "ignored"}, NULL},
    {{"E0102", "", "x", "", "46.5", "125.1", "", "", "", "", "", ""}, NULL},
    {{" E0102\xe3\x80\x80", "230604003007001", "x", "", "", "", "", "", "", "", "", ""}, NULL},
    {{"e0102", "230604003007001", "x", "", "", "", "", "", "", "", "", ""}, "category_code"},
    {{"E01022", "230604003007001", "x", "", "", "", "", "", "", "", "", ""}, "category_code"},
    {{"E0102", "2.306E+14", "x", "", "", "", "", "", "", "", "", ""}, "grid_code"},
    {{"E0102", "", "x", "", "", "", "", "", "", "", "", ""}, "grid_code"},
    {{"E0102", "230604003007001", "", "", "", "", "", "", "", "", "", ""}, "description"},
    {{"E0102", "", "x", "", "46.5", "", "", "", "", "", "", ""}, "longitude"},
    {{"E0102", "", "x", "", "91", "125", "", "", "", "", "", ""}, "latitude"},
    {{"E0102", "", "x", "", "nan", "125", "", "", "", "", "", ""}, "latitude"},
    {{"E0102", "230604003007001", "x", "", "", "", "very", "", "", "", "", ""}, "urgency"},
    {{"E0102", "230604003007001", "x", "", "", "", "", "", "-2h", "", "", ""}, "happened_at"},
    {{"E0102", "230604003007001", "x", "", "", "", "", "", "09:40", "", "", ""}, "happened_at"},
};

START_TEST(rows_become_requests_or_say_why_not)
{
    struct import_header h;
    struct err e;
    struct csv_field fields[12];
    Wangge__V1__SubmitCaseRequest *req = NULL;
    struct csv_row row = make_row(fields, titles, 12);
    ck_assert_int_eq(import_header_init(&h, &row, &e), 0);
    struct import_seen *seen = import_seen_create();
    struct arena *arena = arena_create(1 << 20);
    row = make_row(fields, import_rows[_i].values, 12);
    int rc = import_row_request(&h, &row, seen, NOW, arena, &req, &e);
    if (import_rows[_i].column) {
        ck_assert_int_eq(rc, ERR_INVALID);
        ck_assert_str_eq(e.field, import_rows[_i].column);
        ck_assert(e.text[0]);
    } else {
        struct uuid u;
        ck_assert_msg(rc == 0, "%s", e.text);
        ck_assert_str_eq(req->category_code, "E0102");
        ck_assert(uuid_parse(req->request_id, &u) && uuid_version(&u) == 7);
        ck_assert(uuid_parse(req->case_id, &u) && uuid_version(&u) == 7);
        ck_assert_str_ne(req->request_id, req->case_id);
        if (req->happened_at)
            ck_assert_int_eq(uuid_v7_time(&u), req->happened_at->seconds * USEC_PER_SEC);
    }
    arena_destroy(arena);
    import_seen_destroy(seen);
    import_header_fini(&h);
}
END_TEST

/* The id that a row of that description gets as the nth in a file. */
static void id_of(struct import_header *h, struct import_seen *seen, const char *text, const char *external, char out[40])
{
    struct csv_field fields[4];
    struct err e;
    const char *values[] = {"E0102", "230604003007001", text, external};
    Wangge__V1__SubmitCaseRequest *req;
    struct csv_row row = make_row(fields, values, 4);
    struct arena *arena = arena_create(1 << 20);
    ck_assert_int_eq(import_row_request(h, &row, seen, NOW, arena, &req, &e), 0);
    snprintf(out, 40, "%s", req->request_id);
    arena_destroy(arena);
}

START_TEST(ids_come_out_the_same_again)
{
    static const char *const names[] = {"category_code", "grid_code", "description", "external_id"};
    struct import_header h;
    struct err e;
    struct csv_field fields[4];
    char a1[40], a2[40], b[40], again[40];
    struct csv_row row = make_row(fields, names, 4);
    ck_assert_int_eq(import_header_init(&h, &row, &e), 0);
    struct import_seen *seen = import_seen_create();
    id_of(&h, seen, "a", "", a1);
    id_of(&h, seen, "b", "", b);
    id_of(&h, seen, "a", "", a2); /* an equal row is another incident */
    ck_assert_str_ne(a1, a2);
    ck_assert_str_ne(a1, b);
    import_seen_destroy(seen);
    seen = import_seen_create(); /* another run, the rows in another order */
    id_of(&h, seen, "b", "", again);
    ck_assert_str_eq(again, b);
    id_of(&h, seen, "a", "", again);
    ck_assert_str_eq(again, a1);
    /* with an id of its own the row may be mended and stays the same incident */
    id_of(&h, seen, "typo", "X-1", a1);
    id_of(&h, seen, "mended", "X-1", a2);
    ck_assert_str_eq(a1, a2);
    /* many rows: the table of rows seen grows */
    for (int i = 0; i < 5000; i++) {
        char text[16];
        snprintf(text, sizeof text, "row %d", i % 4999);
        id_of(&h, seen, text, "", i == 4999 ? a2 : a1);
        if (i == 0)
            snprintf(again, sizeof again, "%s", a1);
    }
    ck_assert_str_ne(a2, again);
    import_seen_destroy(seen);
    import_header_fini(&h);
}
END_TEST

static const struct {
    const char *titles[3];
    const char *want;
} headers[] = {
    {{"category_code", "grid_code", "descripton"}, "descripton"},
    {{"category_code", "grid_code", "类别编码"}, "twice"},
    {{"category_code", "grid_code", "address"}, "description"},
    {{"category_code", "description", "latitude"}, "neither"},
};

START_TEST(titles_are_checked)
{
    struct import_header h;
    struct err e;
    struct csv_field fields[3];
    struct csv_row row = make_row(fields, headers[_i].titles, 3);
    ck_assert_int_eq(import_header_init(&h, &row, &e), ERR_INVALID);
    ck_assert_msg(strstr(e.text, headers[_i].want) != NULL, "%s", e.text);
}
END_TEST

#define LOOP(t, fn, table) tcase_add_loop_test(t, fn, 0, sizeof table / sizeof *table)

int main(void)
{
    Suite *s = suite_create("command line");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, setup, NULL);
    LOOP(t, arguments_are_parsed, lines);
    tcase_add_loop_test(t, every_command_has_help_in_both_languages, 0, 2);
    tcase_add_test(t, numbers_of_options_have_a_range);
    tcase_add_test(t, every_status_has_its_exit_code);
    LOOP(t, times_are_read_as_people_write_them, times);
    tcase_add_test(t, time_left_is_short);
    tcase_add_test(t, chinese_lines_up);
    tcase_add_test(t, narrow_terminals_cut_only_what_may_give_way);
    tcase_add_test(t, the_sheet_reads_as_a_supervisor_expects);
    LOOP(t, rows_become_requests_or_say_why_not, import_rows);
    tcase_add_test(t, ids_come_out_the_same_again);
    LOOP(t, titles_are_checked, headers);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
