/* SPDX-License-Identifier: MIT */
/* The configuration table: values, ranges, lines in messages, the sample file; and the addresses to listen on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "server/address.h"
#include "server/config_table.h"

static int parse(struct server_config *c, const char *text, struct err *e)
{
    *e = (struct err){0};
    return config_parse(c, "test.conf", text, strlen(text), e);
}

START_TEST(values_are_taken)
{
    struct server_config c;
    struct err e;

    config_init(&c);
    ck_assert_int_eq(parse(&c,
                           "# comment\n"
                           "listen = 127.0.0.1:0 unix:/tmp/x ; inline\n"
                           "workers=4\n"
                           "log_level = debug\n"
                           "log_format = json\n"
                           "database = host=a\n"
                           "   dbname=b\n"
                           "\n"
                           "plain_text = anywhere",
                           &e),
                     0);
    ck_assert_str_eq(c.listen, "127.0.0.1:0 unix:/tmp/x");
    ck_assert_int_eq(c.workers, 4);
    ck_assert_int_eq(c.log_level, LOG_DEBUG);
    ck_assert_int_eq(c.log_format, LOG_FORMAT_JSON);
    ck_assert_str_eq(c.database, "host=a dbname=b");
    ck_assert_int_eq(c.plain_text, PLAIN_TEXT_ANYWHERE);
    ck_assert_int_eq(c.login_failures, 5);
}
END_TEST

static const struct {
    const char *name, *text, *begins;
} refusals[] = {
    {"unknown key", "workers = 1\n\nlisten_on = x\n", "test.conf:3: There is no key \"listen_on\""},
    {"section", "[server]\nworkers = 1\n", "test.conf:2: Section [server] is unknown"},
    {"below the range", "workers = 0\n", "test.conf:1: workers is a number from 1 to 64"},
    {"above the range", "# x\nworkers = 65\n", "test.conf:2: workers is a number from 1 to 64"},
    {"no number", "drain_s = soon\n", "test.conf:1: drain_s is a number"},
    {"number and more", "drain_s = 3s\n", "test.conf:1: drain_s is a number"},
    {"overflow", "drain_s = 99999999999999999999\n", "test.conf:1: drain_s is a number"},
    {"no choice", "log_level = loud\n", "test.conf:1: log_level is one of debug|info|warn|error"},
    {"part of a choice", "log_level = deb\n", "test.conf:1: log_level is one of"},
    {"twice", "workers = 1\nlog_level = info\nworkers = 2\n", "test.conf:3: workers stands in line 1 already"},
    {"no pair", "workers = 1\nhello\n", "test.conf:2: This is no \"key = value\""},
    {"number goes on", "workers = 1\n 2\n", "test.conf:2: workers stands in line 1 already"},
};

START_TEST(refusals_name_the_line)
{
    struct server_config c, before;
    struct err e;

    config_init(&c);
    before = c;
    ck_assert_int_eq(parse(&c, refusals[_i].text, &e), ERR_INVALID);
    ck_assert_msg(strncmp(e.text, refusals[_i].begins, strlen(refusals[_i].begins)) == 0, "%s: %s", refusals[_i].name, e.text);
    ck_assert_msg(memcmp(&c, &before, sizeof(c)) == 0, "%s changed something", refusals[_i].name);
}
END_TEST

START_TEST(bytes_that_are_no_text_are_refused)
{
    static const char nul[] = "workers = 1\nlisten = a\0b\n";
    struct server_config c;
    struct err e = {0};
    char line[400];

    config_init(&c);
    ck_assert_int_eq(config_parse(&c, "t", nul, sizeof(nul) - 1, &e), ERR_INVALID);
    ck_assert_msg(strstr(e.text, "t:2: ") == e.text, "%s", e.text);
    ck_assert_int_eq(parse(&c, "listen = \xff\n", &e), ERR_INVALID);
    memset(line, 'x', sizeof(line) - 1);
    line[sizeof(line) - 1] = '\0';
    memcpy(line, "listen = ", 9);
    ck_assert_int_eq(parse(&c, line, &e), ERR_INVALID);
    ck_assert_msg(strstr(e.text, "test.conf:1: The line is longer") == e.text, "%s", e.text);
}
END_TEST

/* What is printed by check-config --sample, as one text. Owned. */
static char *sample(size_t *ret_len)
{
    char *text = NULL;
    FILE *f = open_memstream(&text, ret_len);

    ck_assert_ptr_nonnull(f);
    config_print_sample(f);
    fclose(f);
    return text;
}

START_TEST(the_sample_is_all_comments)
{
    struct server_config c, defaults;
    size_t len;
    char *text = sample(&len);
    struct err e = {0};

    config_init(&defaults);
    config_init(&c);
    c.workers = 7;
    ck_assert_int_eq(config_parse(&c, "sample", text, len, &e), 0);
    ck_assert_int_eq(c.workers, 7);
    free(text);
}
END_TEST

START_TEST(the_sample_without_its_marks_gives_the_defaults)
{
    struct server_config c, defaults;
    size_t len, n = 0, keys = 0;
    char *text = sample(&len), *out = malloc(len + 1);
    struct err e = {0};

    /* "#key =" is a key, "# text" a comment. */
    for (size_t i = 0; i < len; i++) {
        bool at_start = i == 0 || text[i - 1] == '\n';
        if (at_start && text[i] == '#' && text[i + 1] >= 'a' && text[i + 1] <= 'z') {
            keys++;
            continue;
        }
        out[n++] = text[i];
    }
    ck_assert_uint_gt(keys, 30);
    config_init(&defaults);
    memset(&c, 0, sizeof(c));
    ck_assert_msg(config_parse(&c, "sample", out, n, &e) == 0, "%s", e.text);
    ck_assert_int_eq(memcmp(&c, &defaults, sizeof(c)), 0);
    free(text);
    free(out);
}
END_TEST

START_TEST(the_sample_file_is_up_to_date)
{
    size_t len, n;
    char *text = sample(&len), *file = calloc(1, CONFIG_FILE_MAX);
    FILE *f = fopen(SAMPLE_FILE, "re");

    ck_assert_ptr_nonnull(f);
    n = fread(file, 1, CONFIG_FILE_MAX, f);
    fclose(f);
    ck_assert_msg(n == len && memcmp(text, file, n) == 0, "write it anew: wangged check-config --sample > dist/wangged.conf");
    free(text);
    free(file);
}
END_TEST

static const struct {
    const char *name, *text, *says; /* says NULL: fine */
} wholes[] = {
    {"embedded", "embedded = /x\n", NULL},
    {"connection", "database = host=/x\n", NULL},
    {"neither", "", "No database is named"},
    {"both", "embedded = /x\ndatabase = y\n", "exclude each other"},
    {"certificate alone", "embedded = /x\ntls_certificate = a\n", "go together"},
    {"client CA alone", "embedded = /x\ntls_client_ca = a\n", "needs tls_certificate"},
    {"idle beyond absolute", "embedded = /x\nsession_idle_s = 1000\nsession_absolute_s = 999\n", "longer than"},
    {"plain outside", "embedded = /x\nlisten = 0.0.0.0:1\n", "without TLS"},
    {"plain outside, insisted", "embedded = /x\nlisten = 0.0.0.0:1\nplain_text = anywhere\n", NULL},
    {"TLS outside", "embedded = /x\nlisten = 0.0.0.0:1\ntls_certificate = a\ntls_key = b\n", NULL},
    {"plain beside TLS outside", "embedded = /x\nlisten = plain:10.0.0.1:1\ntls_certificate = a\ntls_key = b\n", "without TLS"},
    {"plain beside TLS inside", "embedded = /x\nlisten = plain:127.0.0.1:1\ntls_certificate = a\ntls_key = b\n", NULL},
    {"no listener", "embedded = /x\nlisten =\n", "listen is empty"},
    {"metrics outside", "embedded = /x\nmetrics = 0.0.0.0:1\n", "loopback"},
    {"metrics inside", "embedded = /x\nmetrics = [::1]:1\n", NULL},
};

START_TEST(keys_are_checked_together)
{
    struct server_config c;
    struct err e;

    config_init(&c);
    ck_assert_msg(parse(&c, wholes[_i].text, &e) == 0, "%s: %s", wholes[_i].name, e.text);
    if (wholes[_i].says) {
        ck_assert_msg(config_check(&c, &e) == ERR_INVALID, "%s", wholes[_i].name);
        ck_assert_msg(strstr(e.text, wholes[_i].says) != NULL, "%s: %s", wholes[_i].name, e.text);
    } else {
        ck_assert_msg(config_check(&c, &e) == 0, "%s: %s", wholes[_i].name, e.text);
    }
}
END_TEST

START_TEST(a_reload_takes_what_it_may)
{
    struct server_config a, b;
    const char *key;
    size_t pos = 0;
    struct err e;

    config_init(&a);
    b = a;
    ck_assert_int_eq(parse(&b, "workers = 3\nlog_level = warn\nread_lanes = 5\nsession_idle_s = 77\n", &e), 0);
    key = config_next_fixed_change(&a, &b, &pos);
    ck_assert_str_eq(key, "workers");
    key = config_next_fixed_change(&a, &b, &pos);
    ck_assert_str_eq(key, "read_lanes");
    ck_assert_ptr_null(config_next_fixed_change(&a, &b, &pos));
    config_take_reloadable(&a, &b);
    ck_assert_int_eq(a.workers, 1);
    ck_assert_int_eq(a.log_level, LOG_WARN);
    ck_assert_int_eq(a.session_idle_s, 77);
}
END_TEST

static const struct {
    const char *text; /* of the whole list */
    bool tls;
    int n; /* 0: refused */
    const char *first;
    bool first_tls, first_loopback;
} addresses[] = {
    {"127.0.0.1:80", false, 1, "127.0.0.1:80", false, true},
    {"127.0.0.1:80", true, 1, "127.0.0.1:80", true, true},
    {"plain:10.1.2.3:80", true, 1, "10.1.2.3:80", false, false},
    {"[::1]:0", false, 1, "[::1]:0", false, true},
    {"[2001:db8::1]:443, unix:/run/x", true, 2, "[2001:db8::1]:443", true, false},
    {"unix:/run/x", true, 1, "unix:/run/x", false, true},
    {"localhost:1 127.1.2.3:2\t0.0.0.0:3", false, 3, "localhost:1", false, true},
    {"", false, 0, NULL, false, false},
    {" , ", false, 0, NULL, false, false},
    {"127.0.0.1", false, 0, NULL, false, false},
    {"127.0.0.1:65536", false, 0, NULL, false, false},
    {"127.0.0.1:-1", false, 0, NULL, false, false},
    {"127.0.0.1:+1", false, 0, NULL, false, false},
    {":80", false, 0, NULL, false, false},
    {"::1:80", false, 0, NULL, false, false},
    {"example.org:80", false, 0, NULL, false, false},
    {"unix:relative", false, 0, NULL, false, false},
    {"127.0.0.256:1", false, 0, NULL, false, false},
};

START_TEST(addresses_are_read)
{
    struct address_list list;
    char text[ADDRESS_HOST_SIZE + 16];
    struct err e = {0};
    int r = address_list_parse(addresses[_i].text, addresses[_i].tls, &list, &e);

    if (!addresses[_i].n) {
        ck_assert_msg(r == ERR_INVALID && *e.text, "\"%s\" was taken", addresses[_i].text);
        return;
    }
    ck_assert_msg(r == 0, "\"%s\": %s", addresses[_i].text, e.text);
    ck_assert_int_eq(list.n, addresses[_i].n);
    address_format(&list.items[0], text);
    ck_assert_str_eq(text, addresses[_i].first);
    ck_assert_int_eq(list.items[0].tls, addresses[_i].first_tls);
    ck_assert_int_eq(address_is_loopback(&list.items[0]), addresses[_i].first_loopback);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("app_config");
    TCase *tc = tcase_create("app_config");
    SRunner *sr;
    int failed;

    tcase_add_test(tc, values_are_taken);
    tcase_add_loop_test(tc, refusals_name_the_line, 0, sizeof(refusals) / sizeof(refusals[0]));
    tcase_add_test(tc, bytes_that_are_no_text_are_refused);
    tcase_add_test(tc, the_sample_is_all_comments);
    tcase_add_test(tc, the_sample_without_its_marks_gives_the_defaults);
    tcase_add_test(tc, the_sample_file_is_up_to_date);
    tcase_add_loop_test(tc, keys_are_checked_together, 0, sizeof(wholes) / sizeof(wholes[0]));
    tcase_add_test(tc, a_reload_takes_what_it_may);
    tcase_add_loop_test(tc, addresses_are_read, 0, sizeof(addresses) / sizeof(addresses[0]));
    suite_add_tcase(s, tc);
    sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed ? 1 : 0;
}
