/* SPDX-License-Identifier: MIT */
/* People read from a file. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "client/cli/people_file.h"
#include "client/model/i18n.h"

static int parse(struct people_file *f, const char *text, struct err *e)
{
    memset(f, 0, sizeof *f);
    ck_assert_uint_lt(strlen(text), sizeof f->text);
    strncpy(f->text, text, sizeof f->text - 1);
    return people_file_parse(f, e);
}

START_TEST(reads_people)
{
    static struct people_file f;
    struct err e = {0};
    int rc = parse(&f,
                   " [ {\"kind\":\"reporter\", \"name\" : \"\\u5f20三\\ud842\\udfb7\", \"phone\":\"13812345678\"},\n"
                   "   {\"kind\":\"contact\",\"id_number\":\"E\\/1\\\"2\",\"address\":\"庆新社区\"} ]\n",
                   &e);
    ck_assert_msg(rc == 0, "%s", e.text);
    ck_assert_uint_eq(f.n, 2);
    ck_assert_int_eq(f.list[0]->kind, WANGGE__V1__PERSON_KIND__PERSON_KIND_REPORTER);
    ck_assert_str_eq(f.list[0]->name, "张三𠮷");
    ck_assert_str_eq(f.list[0]->phone, "13812345678");
    ck_assert_str_eq(f.list[0]->address, "");
    ck_assert_int_eq(f.list[1]->kind, WANGGE__V1__PERSON_KIND__PERSON_KIND_CONTACT);
    ck_assert_str_eq(f.list[1]->id_number, "E/1\"2");
    ck_assert_str_eq(f.list[1]->address, "庆新社区");
    ck_assert_int_eq(parse(&f, "[]", &e), 0);
    ck_assert_uint_eq(f.n, 0);
    people_file_wipe(&f);
}
END_TEST

static const struct {
    const char *text;
    const char *says;
} wrong[] = {
    {"", "Line 1"},
    {"{}", "Line 1"},
    {"[{]", "Line 1"},
    {"[{}", "\"]\""},
    {"[{}] x", "follows"},
    {"[\n\n{\"kind\":\"boss\"}]", "Line 3"},
    {"[{\"kind\":1}]", "quotes"},
    {"[{\"nmae\":\"x\"}]", "id_number"},
    {"[{\"name\":\"x}]", "quotes"},
    {"[{\"name\":\"\\u12\"}]", "quotes"},
    {"[{\"name\":\"\\ud842\"}]", "quotes"},
    {"[{\"name\":\"\\u0000\"}]", "quotes"},
    {"[{\"name\":\"\\", "quotes"},
    {"[{\"name\":\"\\ud842\\u", "quotes"},
    {"[{\"name\":\"a\nb\"}]", "quotes"},
    {"[{\"name\" \"x\"}]", "missing"},
    {"[{\"name\":\"x\"},]", "begins"},
    {"[{},{},{},{},{},{},{},{},{}]", "At most 8"},
    {"[\xff]", "UTF-8"},
};

START_TEST(says_what_is_wrong)
{
    static struct people_file f;
    struct err e = {0};
    ck_assert_int_eq(parse(&f, wrong[_i].text, &e), ERR_INVALID);
    ck_assert_msg(strstr(e.text, wrong[_i].says), "%s: %s", wrong[_i].text, e.text);
}
END_TEST

int main(void)
{
    i18n_init("en");
    Suite *s = suite_create("people");
    TCase *t = tcase_create("file");
    tcase_add_test(t, reads_people);
    tcase_add_loop_test(t, says_what_is_wrong, 0, (int)(sizeof wrong / sizeof wrong[0]));
    suite_add_tcase(s, t);
    SRunner *sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed ? 1 : 0;
}
