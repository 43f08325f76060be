/* SPDX-License-Identifier: MIT */
/* The writers of reports: long ones in constant memory, cut and forged ones known, nothing that a reader could take for a
 * command. */
#include <check.h>
#include <malloc.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/export/report_writer.h"

enum { ROWS = 200000, ROWS_A_PART = 200, GROWTH_MAX = 8 << 20 };

/* A report in the making: what the writer gets, and the digest it must come to. */
struct feeder {
    struct report_writer *writer;
    EVP_MD_CTX *digest;
    int64_t rows;
    struct err e;
    char path[64];
};

static void add(struct feeder *f, Wangge__V1__ReportPart *part)
{
    size_t n = wangge__v1__report_part__get_packed_size(part);
    uint8_t *bytes = malloc(n + 4);
    ck_assert_ptr_nonnull(bytes);
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(n >> (24 - 8 * i));
    wangge__v1__report_part__pack(part, bytes + 4);
    ck_assert_int_eq(EVP_DigestUpdate(f->digest, bytes, n + 4), 1);
    free(bytes);
    ck_assert_msg(report_writer_part(f->writer, part, &f->e) == 0, "%s", f->e.text);
}

static void begin(struct feeder *f, Wangge__V1__ReportFormat format)
{
    Wangge__V1__ReportPart part = WANGGE__V1__REPORT_PART__INIT;
    Wangge__V1__ReportHead head = WANGGE__V1__REPORT_HEAD__INIT;
    *f = (struct feeder){.path = "/tmp/wangge-export-XXXXXX"};
    int fd = mkstemp(f->path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    unlink(f->path);
    struct report_writer_options o = {.format = format, .chinese = true, .path = f->path};
    f->writer = report_writer_create(&o, &f->e);
    ck_assert_msg(f->writer != NULL, "%s", f->e.text);
    f->digest = EVP_MD_CTX_new();
    ck_assert_int_eq(EVP_DigestInit_ex(f->digest, EVP_sha256(), NULL), 1);
    head.code = (char *)"OVERDUE";
    head.title = (char *)"超期清单";
    part.part_case = WANGGE__V1__REPORT_PART__PART_HEAD;
    part.head = &head;
    add(f, &part);
}

static void add_section(struct feeder *f)
{
    Wangge__V1__ReportPart part = WANGGE__V1__REPORT_PART__INIT;
    Wangge__V1__ReportSection section = WANGGE__V1__REPORT_SECTION__INIT;
    Wangge__V1__ReportColumn text = WANGGE__V1__REPORT_COLUMN__INIT, rate = WANGGE__V1__REPORT_COLUMN__INIT;
    Wangge__V1__ReportColumn *columns[] = {&text, &rate};
    text.title = (char *)"地点";
    text.kind = WANGGE__V1__COLUMN_KIND__COLUMN_KIND_TEXT;
    rate.title = (char *)"办结率";
    rate.kind = WANGGE__V1__COLUMN_KIND__COLUMN_KIND_RATE;
    section.title = (char *)"清单";
    section.kind = WANGGE__V1__SECTION_KIND__SECTION_KIND_CASES;
    section.columns = columns;
    section.n_columns = 2;
    part.part_case = WANGGE__V1__REPORT_PART__PART_SECTION;
    part.section = &section;
    add(f, &part);
}

static void add_rows(struct feeder *f, int n, const char *place)
{
    Wangge__V1__ReportPart part = WANGGE__V1__REPORT_PART__INIT;
    Wangge__V1__ReportRows rows = WANGGE__V1__REPORT_ROWS__INIT;
    Wangge__V1__ReportRow row[ROWS_A_PART], *list[ROWS_A_PART];
    Wangge__V1__ReportCell text = WANGGE__V1__REPORT_CELL__INIT, rate = WANGGE__V1__REPORT_CELL__INIT;
    Wangge__V1__ReportCell *cells[] = {&text, &rate};
    Wangge__V1__Ratio ratio = WANGGE__V1__RATIO__INIT;
    text.value_case = WANGGE__V1__REPORT_CELL__VALUE_TEXT;
    text.text = (char *)place;
    ratio.n = 14904;
    ratio.d = 18400;
    rate.value_case = WANGGE__V1__REPORT_CELL__VALUE_RATIO;
    rate.ratio = &ratio;
    for (int i = 0; i < n; i++) {
        wangge__v1__report_row__init(&row[i]);
        row[i].key = (char *)"230604001001001";
        row[i].name = (char *)"一格";
        row[i].cells = cells;
        row[i].n_cells = 2;
        list[i] = &row[i];
    }
    rows.rows = list;
    rows.n_rows = (size_t)n;
    part.part_case = WANGGE__V1__REPORT_PART__PART_ROWS;
    part.rows = &rows;
    add(f, &part);
    f->rows += n;
}

static void add_end(struct feeder *f, int64_t rows, const char *forged)
{
    Wangge__V1__ReportPart part = WANGGE__V1__REPORT_PART__INIT;
    Wangge__V1__ReportEnd end = WANGGE__V1__REPORT_END__INIT;
    unsigned char hash[EVP_MAX_MD_SIZE];
    char hex[2 * EVP_MAX_MD_SIZE + 1];
    unsigned n = 0;
    ck_assert_int_eq(EVP_DigestFinal_ex(f->digest, hash, &n), 1);
    for (unsigned i = 0; i < n; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    end.rows = rows;
    end.digest = forged ? (char *)forged : hex;
    part.part_case = WANGGE__V1__REPORT_PART__PART_END;
    part.end = &end;
    ck_assert_msg(report_writer_part(f->writer, &part, &f->e) == 0, "%s", f->e.text);
}

static bool exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

static int finish(struct feeder *f)
{
    int rc = report_writer_finish(f->writer, &f->e);
    report_writer_destroy(f->writer);
    EVP_MD_CTX_free(f->digest);
    return rc;
}

static void clean(const struct feeder *f)
{
    char part[80];
    (void)snprintf(part, sizeof part, "%s.part", f->path);
    (void)unlink(part);
    (void)unlink(f->path);
}

static const Wangge__V1__ReportFormat formats[] = {
    WANGGE__V1__REPORT_FORMAT__REPORT_FORMAT_TEXT, WANGGE__V1__REPORT_FORMAT__REPORT_FORMAT_CSV,
    WANGGE__V1__REPORT_FORMAT__REPORT_FORMAT_JSON, WANGGE__V1__REPORT_FORMAT__REPORT_FORMAT_XLSX,
    WANGGE__V1__REPORT_FORMAT__REPORT_FORMAT_HTML,
};
enum { FORMATS = sizeof formats / sizeof formats[0] };

START_TEST(long_reports_take_no_more_memory)
{
    struct feeder f;
    begin(&f, formats[_i]);
    add_section(&f);
    add_rows(&f, ROWS_A_PART, "解放路 12 号");
    size_t before = mallinfo2().uordblks;
    size_t most = before;
    while (f.rows < ROWS) {
        add_rows(&f, ROWS_A_PART, "解放路 12 号");
        size_t now = mallinfo2().uordblks;
        most = now > most ? now : most;
    }
    ck_assert_msg(most - before < GROWTH_MAX, "%zu bytes more", most - before);
    add_end(&f, f.rows, NULL);
    ck_assert_msg(finish(&f) == 0, "%s", f.e.text);
    ck_assert(exists(f.path));
    clean(&f);
}
END_TEST

START_TEST(cut_and_forged_reports_are_known)
{
    static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";
    for (int way = 0; way < 4; way++) {
        struct feeder f;
        begin(&f, formats[_i]);
        add_section(&f);
        add_rows(&f, 3, "西苑街口");
        if (way == 1)
            add_end(&f, 3, zeros);
        else if (way == 2)
            add_end(&f, 4, NULL);
        else if (way == 3) /* the control: a whole one */
            add_end(&f, 3, NULL);
        ck_assert_int_eq(finish(&f), way == 3 ? 0 : ERR_PROTOCOL);
        ck_assert_int_eq(exists(f.path), way == 3);
        clean(&f);
    }
}
END_TEST

static char *content(const struct feeder *f)
{
    FILE *in = fopen(f->path, "rb");
    char *text = calloc(1, 65536);
    ck_assert(in && text);
    ck_assert_uint_gt(fread(text, 1, 65535, in), 0);
    (void)fclose(in);
    return text;
}

static char *written(Wangge__V1__ReportFormat format, const char *place)
{
    struct feeder f;
    begin(&f, format);
    add_section(&f);
    add_rows(&f, 1, place);
    add_end(&f, 1, NULL);
    ck_assert_msg(finish(&f) == 0, "%s", f.e.text);
    char *text = content(&f);
    clean(&f);
    return text;
}

START_TEST(texts_stay_texts)
{
    static const struct {
        Wangge__V1__ReportFormat format;
        const char *place;
        const char *has;
        const char *has_not;
    } rows[] = {
        {WANGGE__V1__REPORT_FORMAT__REPORT_FORMAT_CSV, "=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\"", ",="},
        {WANGGE__V1__REPORT_FORMAT__REPORT_FORMAT_CSV, "@SUM(A1)", "\"'@SUM(A1)\"", ",@"},
        {WANGGE__V1__REPORT_FORMAT__REPORT_FORMAT_CSV, "-1+1", "\"'-1+1\"", ",-1"},
        {WANGGE__V1__REPORT_FORMAT__REPORT_FORMAT_CSV, "a,b\nc", "\"a,b\nc\"", "\x01"},
        {WANGGE__V1__REPORT_FORMAT__REPORT_FORMAT_CSV, "解放路", ",解放路,81.00,14904,18400", "\x01"},
        {WANGGE__V1__REPORT_FORMAT__REPORT_FORMAT_HTML, "<script>alert(1)</script>", "&lt;script&gt;", "<script>"},
        {WANGGE__V1__REPORT_FORMAT__REPORT_FORMAT_HTML, "a\"b'c&d", "a&quot;b&#39;c&amp;d", "\x01"},
        {WANGGE__V1__REPORT_FORMAT__REPORT_FORMAT_JSON, "a\"b\\c", "a\\\"b\\\\c", "\x01"},
        {WANGGE__V1__REPORT_FORMAT__REPORT_FORMAT_TEXT, "\033[31mred", "81.00 %", "\033"},
    };
    char *text = written(rows[_i].format, rows[_i].place);
    ck_assert_msg(strstr(text, rows[_i].has) != NULL, "%s is not in:\n%s", rows[_i].has, text);
    ck_assert_msg(strstr(text, rows[_i].has_not) == NULL, "%s is in:\n%s", rows[_i].has_not, text);
    free(text);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("export of reports");
    TCase *tc = tcase_create("writers");
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, long_reports_take_no_more_memory, 0, FORMATS);
    tcase_add_loop_test(tc, cut_and_forged_reports_are_known, 0, FORMATS);
    tcase_add_loop_test(tc, texts_stay_texts, 0, 9);
    suite_add_tcase(s, tc);
    SRunner *sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
