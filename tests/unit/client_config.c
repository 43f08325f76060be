/* SPDX-License-Identifier: MIT */
/* Settings, session file, labels and language of the client. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <check.h>

#include "client/model/client_config.h"
#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/model/paths.h"
#include "client/model/session.h"

static char home[64];

static void make_home(void)
{
    snprintf(home, sizeof home, "/tmp/wangge-test.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(home));
    setenv("HOME", home, 1);
    unsetenv("XDG_CONFIG_HOME");
    unsetenv("XDG_STATE_HOME");
    unsetenv("XDG_DATA_HOME");
    i18n_init("en");
}

static void drop_home(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", home);
    ck_assert_int_eq(system(command), 0);
}

static void write_file(const char *path, const char *text, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    ck_assert_int_eq(fchmod(fd, mode), 0);
    close(fd);
}

START_TEST(defaults_stand_in_their_own_ranges)
{
    struct client_config c;
    client_config_init(&c);
    for (int k = 0; k < CONFIG_KEYS; k++) {
        char text[CONFIG_TEXT_MAX];
        client_config_get(&c, k, text, sizeof text);
        ck_assert_str_eq(text, client_config_row(k)->standard);
        ck_assert_int_eq(client_config_origin(&c, k), CONFIG_DEFAULT);
    }
}
END_TEST

static const struct {
    const char *name, *text;
    const char *want; /* part of the message; NULL: fine */
} files[] = {
    {"empty", "", NULL},
    {"comment and blanks", "# a\n\n; b\nserver = unix:/run/wangged.sock ; inline\n", NULL},
    {"unknown key", "server = a:1\nsrever = b:2\n", "f, line 2: There is no setting \"srever\""},
    {"section", "[net]\nserver = a:1\n", "line 2: Sections such as [net]"},
    {"twice", "lang = en\nlang = zh_CN\n", "line 2: lang is given twice"},
    {"bad choice", "color = yes\n", "line 1: color must be one of auto|always|never"},
    {"bad number", "page_size = 0\n", "line 1: page_size must be a number from 1 to 500"},
    {"number with tail", "page_size = 5x\n", "not \"5x\""},
    {"bad pin", "pin = 12ab\n", "64 hexadecimal"},
    {"no equals", "server\n", "line 1: not a line"},
    {"empty server", "server =\n", "server must have 1 to 255 bytes"},
    {"not UTF-8", "login = \xff\n", "not UTF-8"},
    {"continued line", "login = a\n  b\n", "line 2: login is given twice"},
};

START_TEST(files_are_read_strictly)
{
    struct client_config c;
    struct err e;
    client_config_init(&c);
    int rc = client_config_parse(&c, files[_i].text, strlen(files[_i].text), "f", CONFIG_USER, &e);
    if (!files[_i].want) {
        ck_assert_msg(rc == 0, "%s: %s", files[_i].name, e.text);
        return;
    }
    ck_assert_msg(rc != 0, "%s was taken", files[_i].name);
    ck_assert_msg(strstr(e.text, files[_i].want) != NULL, "%s: %s", files[_i].name, e.text);
    char server[256];
    client_config_get(&c, CONFIG_SERVER, server, sizeof server);
    ck_assert_str_eq(server, client_config_row(CONFIG_SERVER)->standard); /* nothing of a bad file is used */
}
END_TEST

START_TEST(long_lines_and_nul_are_refused)
{
    struct client_config c;
    struct err e;
    client_config_init(&c);
    char text[400];
    memset(text, 'x', sizeof text);
    memcpy(text, "\nca_file = ", 11);
    ck_assert_int_ne(client_config_parse(&c, text, sizeof text, "f", CONFIG_USER, &e), 0);
    ck_assert_ptr_nonnull(strstr(e.text, "line 2: longer"));
    ck_assert_int_ne(client_config_parse(&c, "a\0b", 3, "f", CONFIG_USER, &e), 0);
    ck_assert_ptr_nonnull(strstr(e.text, "NUL"));
}
END_TEST

START_TEST(stronger_origins_win)
{
    struct client_config c;
    struct err e;
    char path[PATH_MAX];
    client_config_init(&c);
    ck_assert_int_eq(client_config_set(&c, "server", "flag:1", CONFIG_FLAG, &e), 0);
    ck_assert_int_eq(paths_make(PATHS_CONFIG, "config", path, &e), 0);
    write_file(path, "server = file:1\nlogin = file\npage_size = 7\n", 0600);
    setenv("WANGGE_LOGIN", "env", 1);
    ck_assert_int_eq(client_config_load(&c, &e), 0);
    unsetenv("WANGGE_LOGIN");
    ck_assert_str_eq(c.server, "flag:1");
    ck_assert_str_eq(c.login, "env");
    ck_assert_int_eq(c.page_size, 7);
    ck_assert_int_eq(client_config_origin(&c, CONFIG_SERVER), CONFIG_FLAG);
    ck_assert_int_eq(client_config_origin(&c, CONFIG_LOGIN), CONFIG_ENVIRONMENT);
    ck_assert_int_eq(client_config_origin(&c, CONFIG_PAGE_SIZE), CONFIG_USER);
    setenv("WANGGE_PAGE_SIZE", "many", 1);
    ck_assert_int_ne(client_config_load(&c, &e), 0);
    ck_assert_ptr_nonnull(strstr(e.text, "WANGGE_PAGE_SIZE"));
    unsetenv("WANGGE_PAGE_SIZE");
}
END_TEST

static const struct {
    const char *server;
    int tls;
    bool want;
} tls_cases[] = {
    {"unix:/run/w.sock", CONFIG_TLS_AUTO, false}, {"127.0.0.1:1", CONFIG_TLS_AUTO, false},
    {"localhost:1", CONFIG_TLS_AUTO, false},      {"[::1]:1", CONFIG_TLS_AUTO, false},
    {"wg.gov:443", CONFIG_TLS_AUTO, true},        {"localhost.example:1", CONFIG_TLS_AUTO, true},
    {"127.0.0.1:1", CONFIG_TLS_ON, true},         {"wg.gov:443", CONFIG_TLS_OFF, false},
};

START_TEST(tls_is_on_beyond_this_machine)
{
    struct client_config c;
    client_config_init(&c);
    snprintf(c.server, sizeof c.server, "%s", tls_cases[_i].server);
    c.tls = tls_cases[_i].tls;
    ck_assert_int_eq(client_config_tls(&c), tls_cases[_i].want);
}
END_TEST

START_TEST(session_is_private_and_bound_to_its_server)
{
    struct session s, back;
    struct err e;
    char path[PATH_MAX];
    struct stat st;
    ck_assert_int_eq(session_load(&back, &e), ERR_NOT_FOUND);
    Wangge__V1__Account account = WANGGE__V1__ACCOUNT__INIT;
    account.login = (char *)"wangli";
    account.name = (char *)"王\n丽";
    account.role = 1;
    account.region_code = (char *)"230604003007001";
    Wangge__V1__LoginResponse resp = WANGGE__V1__LOGIN_RESPONSE__INIT;
    resp.token = (char *)"abcDEF-_012";
    resp.account = &account;
    ck_assert_int_eq(session_from_login(&resp, "a:1", &s, &e), 0);
    s.expires_at = 100;
    ck_assert_int_eq(session_save(&s, &e), 0);
    ck_assert_int_eq(paths_of(PATHS_STATE, "session", path, &e), 0);
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_eq(st.st_mode & 0777, 0600);
    ck_assert_int_eq(session_load(&back, &e), 0);
    ck_assert_str_eq(back.token, "abcDEF-_012");
    ck_assert_str_eq(back.name, "王 丽");
    ck_assert_int_eq(back.role, 1);
    ck_assert(session_usable(&back, "a:1", 99));
    ck_assert(!session_usable(&back, "a:1", 100));
    ck_assert(!session_usable(&back, "b:1", 99));
    ck_assert_int_eq(chmod(path, 0644), 0);
    ck_assert_int_eq(session_load(&back, &e), ERR_DENIED);
    write_file(path, "token=x\nnonsense\n", 0600);
    ck_assert_int_eq(session_load(&back, &e), ERR_INVALID);
    ck_assert_int_eq(session_remove(&e), 0);
    ck_assert_int_eq(session_remove(&e), 0);
    ck_assert_int_eq(session_load(&back, &e), ERR_NOT_FOUND);
    resp.token = (char *)"bad token\r\nx: y";
    ck_assert_int_eq(session_from_login(&resp, "a:1", &s, &e), ERR_PROTOCOL);
}
END_TEST

START_TEST(every_value_has_a_name_in_both_languages)
{
    static const int last[] = {14, 36, 14, 3, 6, 4, 5};
    for (int lang = 0; lang < 2; lang++) {
        i18n_init(lang ? "zh_CN" : "en");
        ck_assert_int_eq(i18n_chinese(), lang);
        for (int kind = LABELS_STATE; kind <= LABELS_REGION_LEVEL; kind++) {
            for (int v = 1; v <= last[kind]; v++) {
                char buf[LABELS_WORD_MAX], word[LABELS_WORD_MAX];
                int back = 0;
                const char *text = labels_text(kind, v, buf);
                ck_assert_msg(text[0] != '?', "kind %d value %d", kind, v);
                ck_assert_int_eq(lang, (unsigned char)text[0] >= 0x80);
                ck_assert(labels_find(kind, labels_word(kind, v, word), &back));
                ck_assert_int_eq(back, v);
            }
            char buf[LABELS_WORD_MAX];
            ck_assert_str_eq(labels_text(kind, 99, buf), "?99");
        }
    }
    int v;
    ck_assert(labels_find(LABELS_ACTION, "结案", &v) && v == 22);
    ck_assert(labels_find(LABELS_ACTION, "FEED_BACK", &v) && v == 18);
    ck_assert(!labels_find(LABELS_ACTION, "unspecified", &v));
    ck_assert(!labels_find(LABELS_ACTION, "", &v));
    ck_assert(!labels_find(LABELS_ACTION, "no such thing, however long its name may be written here", &v));
}
END_TEST

static const struct {
    const char *lc_all, *lang_option;
    bool chinese;
} languages[] = {
    {"zh_CN.UTF-8", NULL, true}, /* not installed here: C.UTF-8 stands in, LANGUAGE keeps the wish */
    {"zh_CN.GB18030", NULL, true}, {"C", NULL, false},           {"C", "zh_CN", true},     {"POSIX", "zh_CN", true},
    {"C.UTF-8", "zh_CN", true},    {"zh_CN.UTF-8", "en", false}, {"xx_YY", "auto", false},
};

START_TEST(language_survives_wrong_locales)
{
    unsetenv("LANGUAGE");
    unsetenv("LANG");
    setenv("LC_ALL", languages[_i].lc_all, 1);
    i18n_init(languages[_i].lang_option);
    ck_assert_int_gt((int)MB_CUR_MAX, 1);
    ck_assert_int_eq(i18n_chinese(), languages[_i].chinese);
    ck_assert_str_eq(C_("state", "Closed"), languages[_i].chinese ? "已结案" : "Closed");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("client config");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, make_home, drop_home);
    tcase_add_test(t, defaults_stand_in_their_own_ranges);
    tcase_add_loop_test(t, files_are_read_strictly, 0, sizeof files / sizeof *files);
    tcase_add_test(t, long_lines_and_nul_are_refused);
    tcase_add_test(t, stronger_origins_win);
    tcase_add_loop_test(t, tls_is_on_beyond_this_machine, 0, sizeof tls_cases / sizeof *tls_cases);
    tcase_add_test(t, session_is_private_and_bound_to_its_server);
    tcase_add_test(t, every_value_has_a_name_in_both_languages);
    tcase_add_loop_test(t, language_survives_wrong_locales, 0, sizeof languages / sizeof *languages);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
