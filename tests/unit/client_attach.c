/* SPDX-License-Identifier: MIT */
/* What becomes of names and paths of files: names from outside that are safe on a disk, paths as people type or drop them. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/model/attach.h"
#include "client/model/complete.h"
#include "client/model/evidence.h"
#include "common/base/text.h"

static const struct {
    const char *name, *safe;
} names[] = {
    {"a.jpg", "a.jpg"},
    {"现场 照片.jpg", "现场 照片.jpg"},
    {"../../etc/passwd", "passwd"},
    {"/etc/cron.d/job", "job"},
    {".bashrc", "bashrc"},
    {"...", "file"},
    {"", "file"},
    {"/", "file"},
    {"a\nb\tc.png", "abc.png"},
    {"a\033[2Jb.png", "a[2Jb.png"},
    {"evil\xe2\x80\xaegpj.exe", "evilgpj.exe"}, /* turns the writing direction */
    {"C:\\photos\\a.jpg", "C:photosa.jpg"},
};

START_TEST(test_safe_name)
{
    char out[ATTACH_LOCAL_SIZE];
    attach_safe_name(names[_i].name, out, sizeof out);
    ck_assert_msg(strchr(out, '/') == NULL && out[0] != '.' && out[0] != '\0', "\"%s\" became \"%s\"", names[_i].name, out);
    for (const char *p = out; *p; p++)
        ck_assert_msg((unsigned char)*p >= 0x20 && *p != 0x7f, "a control character is left in \"%s\"", out);
    ck_assert_ptr_null(strstr(out, "\xe2\x80\xae"));
    ck_assert_str_eq(out, names[_i].safe);
}
END_TEST

/* Cut between characters, the ending kept. */
START_TEST(test_long_name)
{
    char name[1200] = "", out[ATTACH_LOCAL_SIZE], wide[ATTACH_NAME_SIZE];
    for (int i = 0; i < 300; i++)
        strncat(name, "照", sizeof name - strlen(name) - 1);
    strncat(name, ".jpeg", sizeof name - strlen(name) - 1);
    attach_safe_name(name, out, sizeof out);
    ck_assert(strlen(out) < sizeof out);
    ck_assert(text_is_utf8(out, strlen(out)));
    ck_assert_str_eq(out + strlen(out) - 5, ".jpeg");
    attach_safe_name(name, wide, sizeof wide);
    ck_assert_int_eq((int)text_chars(wide, strlen(wide)), ATTACH_NAME_CHARS);
    attach_other_name("a.b.jpg", 2, out, sizeof out);
    ck_assert_str_eq(out, "a.b-2.jpg");
    attach_other_name("README", 11, out, sizeof out);
    ck_assert_str_eq(out, "README-11");
}
END_TEST

/* The same person, case, name and bytes are the same upload; anything else is another. */
START_TEST(test_id)
{
    char a[37], b[37];
    attach_id("wangli@h", "c1", "a.jpg", "00ff", 0, a);
    attach_id("wangli@h", "c1", "a.jpg", "00ff", 0, b);
    ck_assert_str_eq(a, b);
    ck_assert_int_eq(a[14], '7');
    static const struct {
        const char *account, *case_id, *name, *hash;
        unsigned again;
    } others[] = {{"wangli@g", "c1", "a.jpg", "00ff", 0},
                  {"wangli@h", "c2", "a.jpg", "00ff", 0},
                  {"wangli@h", "c1", "b.jpg", "00ff", 0},
                  {"wangli@h", "c1", "a.jpg", "00fe", 0},
                  {"wangli@h", "c1", "a.jpg", "00ff", 1}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        attach_id(others[i].account, others[i].case_id, others[i].name, others[i].hash, others[i].again, b);
        ck_assert_str_ne(a, b);
    }
}
END_TEST

START_TEST(test_clean)
{
    static const struct {
        const char *typed, *path;
    } rows[] = {
        {"/tmp/a.jpg", "/tmp/a.jpg"},
        {"  /tmp/a.jpg \n", "/tmp/a.jpg"},
        {"'/tmp/a b.jpg'", "/tmp/a b.jpg"},
        {"\"/tmp/a b.jpg\" ", "/tmp/a b.jpg"},
        {"/tmp/a\\ b\\(1\\).jpg", "/tmp/a b(1).jpg"},
        {"file:///tmp/%E7%85%A7.jpg", "/tmp/照.jpg"},
        {"file://host/tmp/a%20b.jpg", "/tmp/a b.jpg"},
        {"file:///tmp/100%.jpg", "/tmp/100%.jpg"},
        {"~", "/srv/somebody"},
        {"~/a.jpg", "/srv/somebody/a.jpg"},
        {"~other/a.jpg", "~other/a.jpg"},
        {"", ""},
        {"'", "'"},
    };
    char out[PATH_MAX];
    setenv("HOME", "/srv/somebody", 1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        complete_clean(rows[i].typed, out);
        ck_assert_str_eq(out, rows[i].path);
    }
}
END_TEST

static void touch(const char *folder, const char *name)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fclose(f);
}

START_TEST(test_complete)
{
    static const char *const files[] = {"现场一.jpg", "现场二.jpg", "other.pdf", ".hidden"};
    char folder[] = "/tmp/complete-XXXXXX", path[PATH_MAX], out[PATH_MAX], want[PATH_MAX];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        touch(folder, files[i]);
    snprintf(path, sizeof path, "%s/文件夹", folder);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    static const struct {
        const char *typed, *becomes;
        int n;
    } rows[] = {
        {"现", "现场", 2}, /* 一 and 二 share their first bytes: cut between characters */
        {"现场一", "现场一.jpg", 1}, {"o", "other.pdf", 1}, {"文", "文件夹/", 1}, {"x", "x", 0}, {"", "", 4},
        {".h", ".hidden", 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, rows[i].typed);
        snprintf(want, sizeof want, "%s/%s", folder, rows[i].becomes);
        ck_assert_int_eq(complete_path(path, out), rows[i].n);
        ck_assert_str_eq(out, want);
    }
    /* Of several paths the last one. */
    char text[2 * PATH_MAX];
    snprintf(text, sizeof text, "/a.jpg;%s/o", folder);
    ck_assert_int_eq(evidence_complete(text, out, sizeof out), 1);
    snprintf(want, sizeof want, "/a.jpg;%s/other.pdf", folder);
    ck_assert_str_eq(out, want);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/文件夹", folder);
    rmdir(path);
    rmdir(folder);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("client_attach");
    TCase *tc = tcase_create("names");
    tcase_add_loop_test(tc, test_safe_name, 0, (int)(sizeof names / sizeof *names));
    tcase_add_test(tc, test_long_name);
    tcase_add_test(tc, test_id);
    tcase_add_test(tc, test_clean);
    tcase_add_test(tc, test_complete);
    suite_add_tcase(s, tc);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
