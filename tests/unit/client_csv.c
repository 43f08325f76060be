/* SPDX-License-Identifier: MIT */
/* The CSV reader: every table below is read in one piece and split at every offset, with the same result. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "client/export/csv_reader.h"

enum { RESULT_MAX = 4096 };

struct result {
    char text[RESULT_MAX];
    size_t at;
    int stop_after;
    int rows;
};

static int on_row(void *arg, const struct csv_row *row)
{
    struct result *r = arg;
    size_t left = sizeof r->text - r->at;
    int n;
    if (row->fault)
        n = snprintf(r->text + r->at, left, "%d:!%d@%d,%d|", (int)row->line, row->fault, (int)row->fault_line,
                     row->fault_column);
    else
        n = snprintf(r->text + r->at, left, "%d:", (int)row->line);
    r->at += (size_t)n;
    for (int i = 0; i < row->n_fields; i++) {
        ck_assert_uint_eq(strlen(row->fields[i].text), row->fields[i].len);
        n = snprintf(r->text + r->at, sizeof r->text - r->at, "[%s]", row->fields[i].text);
        r->at += (size_t)n;
    }
    ck_assert_uint_lt(r->at, sizeof r->text);
    return ++r->rows == r->stop_after ? 7 : 0;
}

static const struct {
    const char *name;
    const char *in;
    const char *want;
} tables[] = {
    {"empty", "", ""},
    {"one field", "a", "1:[a]"},
    {"LF", "a,b\nc,d\n", "1:[a][b]2:[c][d]"},
    {"CRLF", "a,b\r\nc,d\r\n", "1:[a][b]2:[c][d]"},
    {"CR alone", "a\rb\r", "1:[a]2:[b]"},
    {"no end", "a,b\nc,d", "1:[a][b]2:[c][d]"},
    {"empty lines", "\n\na\n\n\nb\n", "3:[a]6:[b]"},
    {"empty fields", ",\n,,\n", "1:[][]2:[][][]"},
    {"quoted", "\"a\",\"b,c\",\"\"\n", "1:[a][b,c][]"},
    {"doubled quotes", "\"a\"\"b\"\"\"\n", "1:[a\"b\"]"},
    {"line end inside", "\"a\nb\",c\nd\n", "1:[a\nb][c]3:[d]"},
    {"CRLF inside", "\"a\r\nb\",c\r\nd\r\n", "1:[a\nb][c]3:[d]"},
    {"quoted empty row", "\"\"\n", "1:[]"},
    {"Chinese", "网格,\"描述,长\"\n", "1:[网格][描述,长]"},
    {"blanks are kept", " a , b\n", "1:[ a ][ b]"},
    {"quote inside", "a,b\"c,d\nok\n", "1:!1@1,2|2:[ok]"},
    {"after quote", "\"a\"x,b\nok\n", "1:!2@1,1|2:[ok]"},
    {"after quote on a later line", "\"a\nb\"x\nok\n", "1:!2@2,1|3:[ok]"},
    {"never closed", "ok\nb,\"c\nd\n", "1:[ok]2:!3@2,2|"},
    {"closed at the end", "\"a\"", "1:[a]"},
    {"not UTF-8", "a,\xff,c\nok\n", "1:!5@1,2|2:[ok]"},
    {"cut character", "a,\xe7\xbd\nok\n", "1:!5@1,2|2:[ok]"},
};

static void read_split(const char *in, size_t len, size_t split, struct result *out)
{
    struct csv_reader *r = csv_reader_create(on_row, out);
    ck_assert_ptr_nonnull(r);
    ck_assert_int_eq(csv_reader_feed(r, in, split), 0);
    ck_assert_int_eq(csv_reader_feed(r, in + split, len - split), 0);
    ck_assert_int_eq(csv_reader_end(r), 0);
    csv_reader_destroy(r);
}

START_TEST(tables_are_read_at_every_split)
{
    size_t len = strlen(tables[_i].in);
    for (size_t split = 0; split <= len; split++) {
        struct result out = {0};
        read_split(tables[_i].in, len, split, &out);
        ck_assert_msg(strcmp(out.text, tables[_i].want) == 0, "%s split at %zu: %s", tables[_i].name, split, out.text);
    }
}
END_TEST

START_TEST(a_nul_is_a_fault_of_its_row)
{
    struct result out = {0};
    read_split("a,b\0c\nok\n", 9, 4, &out);
    ck_assert_str_eq(out.text, "1:!4@1,2|2:[ok]");
}
END_TEST

START_TEST(limits_hold_and_reading_goes_on)
{
    static char big[2 * CSV_ROW_BYTES_MAX];
    struct result out = {0};
    /* a field that is too long */
    memset(big, 'x', sizeof big);
    memcpy(big + CSV_FIELD_BYTES_MAX + 10, "\nok\n", 4);
    read_split(big, CSV_FIELD_BYTES_MAX + 14, 5, &out);
    ck_assert_str_eq(out.text, "1:!7@1,1|2:[ok]");
    /* exactly as long as allowed */
    out = (struct result){0};
    memset(big, 'x', sizeof big);
    struct csv_reader *r = csv_reader_create(on_row, &out);
    ck_assert_int_eq(csv_reader_feed(r, ",\n", 2), 0);
    out.at = 0;
    csv_reader_destroy(r);
    /* a row that is too long though no field is */
    out = (struct result){0};
    for (size_t i = 1000; i < sizeof big; i += 1001)
        big[i] = ',';
    big[sizeof big - 1] = '\n';
    read_split(big, sizeof big, 77, &out);
    ck_assert_int_eq(out.rows, 1);
    ck_assert_ptr_nonnull(strstr(out.text, "1:!"));
    /* an unclosed quote ends at the limit, not at the end of the file */
    out = (struct result){0};
    memset(big, 'x', sizeof big);
    big[0] = '"';
    memcpy(big + CSV_FIELD_BYTES_MAX + 100, "\nok\n", 4);
    read_split(big, CSV_FIELD_BYTES_MAX + 104, 9, &out);
    ck_assert_str_eq(out.text, "1:!3@1,1|2:[ok]");
}
END_TEST

START_TEST(many_columns_are_told)
{
    char in[CSV_FIELDS_MAX + 8];
    struct result out = {0};
    memset(in, ',', sizeof in);
    memcpy(in + CSV_FIELDS_MAX - 1, "\n", 1);
    read_split(in, CSV_FIELDS_MAX, 3, &out);
    ck_assert_int_eq(out.rows, 1);
    ck_assert_ptr_null(strchr(out.text, '!'));
    out = (struct result){0};
    memset(in, ',', sizeof in);
    memcpy(in + CSV_FIELDS_MAX, "\nok\n", 4);
    read_split(in, CSV_FIELDS_MAX + 4, 3, &out);
    ck_assert_str_eq(out.text, "1:!6@1,65|2:[ok]");
}
END_TEST

START_TEST(the_callback_can_stop)
{
    struct result out = {.stop_after = 2};
    struct csv_reader *r = csv_reader_create(on_row, &out);
    ck_assert_int_eq(csv_reader_feed(r, "a\nb\nc\n", 6), 7);
    ck_assert_int_eq(out.rows, 2);
    csv_reader_destroy(r);
}
END_TEST

START_TEST(every_fault_has_words)
{
    for (int f = CSV_QUOTE_INSIDE; f <= CSV_TOO_LONG; f++)
        ck_assert(csv_fault_text(f)[0]);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("csv");
    TCase *t = tcase_create("all");
    tcase_add_loop_test(t, tables_are_read_at_every_split, 0, sizeof tables / sizeof *tables);
    tcase_add_test(t, a_nul_is_a_fault_of_its_row);
    tcase_add_test(t, limits_hold_and_reading_goes_on);
    tcase_add_test(t, many_columns_are_told);
    tcase_add_test(t, the_callback_can_stop);
    tcase_add_test(t, every_fault_has_words);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
